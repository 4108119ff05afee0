import { eq, sql } from "drizzle-orm";
import { setups } from "../../db/schema.ts";
import { commit, DatabaseTrouble, readAll } from "../batch.ts";
import { MINUTE } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId, sha256 } from "../ids.ts";
import { type MethodKind, VendorTrouble } from "../ports.ts";
import { checkoutEnd } from "./pay-invoices.ts";

export type AddMethod = {
  setupId: string;
  kind: MethodKind;
  makeDefault: boolean;
  account: { id: string; name: string; email: string | null; stripeCustomerId: string | null };
  userId: string;
  language: "en" | "es";
  /** What was agreed to, word for word, and where from. */
  terms: string;
  address: string;
  userAgent: string;
};

/**
 * `elsewhere`: the customer types the number on the vendor's page at `url`. `over`: this very form was sent before and has
 * come to its end. `refused`: nothing was started.
 */
export type AddResult =
  | { result: "elsewhere"; url: string }
  | { result: "over" }
  | { result: "refused"; refusal: "vendor_away" | "records_away" };

/** More than this of a browser's own description says nothing more. */
const LONGEST_USER_AGENT = 300;

/**
 * Opens the vendor's page for a new card or bank account. The agreement and the setup are written before anybody learns
 * the page's address, so that whatever comes of it is known to us; a page that nobody learns of expires.
 */
export async function addMethod(deps: Deps, input: AddMethod): Promise<AddResult> {
  const { db, now, ports } = deps;
  const { account, setupId } = input;
  const expiresAt = checkoutEnd(now);
  try {
    const customerId =
      account.stripeCustomerId ??
      (await ports.payments.createCustomer({ accountId: account.id, name: account.name, email: account.email }));
    const opened = await ports.payments.openSetup({
      setupId,
      customerId,
      kind: input.kind,
      returnTo: `${deps.dealer.origin}/payment-methods/${setupId}/return`,
      language: input.language,
      expiresAt,
    });
    const agreementId = newId("agr", now);
    const change = {
      key: `setup.started:${setupId}`,
      action: "setup.started",
      accountId: account.id,
      by: input.userId,
      detail: { kind: input.kind },
    };
    const started = await commit(db, now, change, [
      sql`insert into agreements (id, account_id, user_id, kind, text, text_hash, language, address, user_agent, at)
          values (${agreementId}, ${account.id}, ${input.userId}, 'method', ${input.terms}, ${await sha256(input.terms)},
            ${input.language}, ${input.address}, ${input.userAgent.slice(0, LONGEST_USER_AGENT)}, ${now})`,
      sql`insert into setups (id, account_id, user_id, agreement_id, stripe_checkout_id, stripe_setup_intent_id, make_default, started_at, check_at)
          values (${setupId}, ${account.id}, ${input.userId}, ${agreementId}, ${opened.checkoutId}, ${opened.setupIntentId},
            ${input.makeDefault ? 1 : 0}, ${now}, ${expiresAt + MINUTE})`,
      ...(account.stripeCustomerId === null
        ? [
            sql`update accounts set stripe_customer_id = coalesce(stripe_customer_id, ${customerId}) where id = ${account.id}`,
          ]
        : []),
    ]);
    if (started.result === "refused") throw new Error(`adding a method broke ${started.constraint}`);
    return started.result === "done" ? { result: "elsewhere", url: opened.url } : startedBefore(deps, input);
  } catch (error) {
    // An earlier press of the same button may have come through, and what it has opened is still there.
    if (error instanceof VendorTrouble) return startedBefore(deps, input);
    if (error instanceof DatabaseTrouble) return { result: "refused", refusal: "records_away" };
    throw error;
  }
}

/** The page that an earlier press of the same button has opened, while it is open. */
async function startedBefore(deps: Deps, input: AddMethod): Promise<AddResult> {
  const away = { result: "refused", refusal: "vendor_away" } as const;
  const { found } = await readAll(deps.db, {
    found: deps.db
      .select({ accountId: setups.accountId, state: setups.state, checkoutId: setups.stripeCheckoutId })
      .from(setups)
      .where(eq(setups.id, input.setupId)),
  });
  const setup = found[0];
  if (setup?.accountId !== input.account.id || !setup.checkoutId) return away;
  if (setup.state !== "open") return { result: "over" };
  const outcome = await deps.ports.payments.setupOutcome(setup.checkoutId);
  if (outcome.state === "open") return { result: "elsewhere", url: outcome.url };
  return outcome.state === "unknown" ? away : { result: "over" };
}
