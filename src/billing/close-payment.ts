import { eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { payments } from "../../db/schema.ts";
import { type Commit, commit, mustHaveChanged, readAll, type Write } from "../batch.ts";
import { DAY, MINUTE } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { letterAbout, receiptOf } from "../messaging/promise-letter.ts";
import { openWorklist } from "../office/worklist.ts";
import type { ChargeOutcome, GivenMethod, PaidWith } from "../ports.ts";
import { useCreditSoon } from "./apply-credits.ts";
import { draftFailed, draftSettled } from "./close-draft.ts";
import { ledgerLine } from "./ledger-lines.ts";

/** How long a payment may be silent before the sweep asks about it. */
export const FIRST_CHECK_SECONDS = 2 * MINUTE;

/** The columns of a payment that its next step depends on. */
export const underWay = {
  id: payments.id,
  accountId: payments.accountId,
  amountCents: payments.amountCents,
  state: payments.state,
  checks: payments.checks,
  startedAt: payments.startedAt,
  stripePaymentIntentId: payments.stripePaymentIntentId,
  stripeCheckoutId: payments.stripeCheckoutId,
  startedBy: payments.startedBy,
  /** What of it was for no invoice. */
  extraCents: sql<number>`${payments.amountCents} - (select coalesce(sum(x.amount_cents), 0) from holds x where x.payment_id = ${payments.id})`,
};
export type PaymentUnderWay = Pick<typeof payments.$inferSelect, Exclude<keyof typeof underWay, "extraCents">> & {
  extraCents: number;
};

/** A payment as its next step needs it, whoever's it is: for jobs and webhooks, which act for nobody. */
export const paymentUnderWay = (db: Db, id: string) => db.select(underWay).from(payments).where(eq(payments.id, id));

/**
 * Brings a payment to where its vendor says it is. Safe in any order and any number of times; `by` is who asked.
 * An outcome that contradicts what is recorded changes nothing and goes to the worklist.
 */
export async function applyOutcome(
  deps: Deps,
  payment: PaymentUnderWay,
  outcome: ChargeOutcome,
  by: string,
): Promise<void> {
  if (outcome.state === "settled" && outcome.cents !== payment.amountCents) {
    await disagree(deps, payment, `the vendor settled ${outcome.cents} cents of ${payment.amountCents}`);
    return;
  }
  if (outcome.state === "settled") {
    await recorded(deps, payment, "settled", await settle(deps, payment, outcome, by));
  } else if (outcome.state === "failed") {
    await recorded(deps, payment, "failed", await fail(deps, payment, outcome.code, outcome.with, by));
  } else if (outcome.state === "processing") {
    await process(deps, payment, outcome.with, outcome.saved, by);
  } else if (by !== "sweep" && (outcome.state === "unknown") !== payment.checks > 0) {
    await noteClarity(deps, payment, outcome.state === "unknown", by);
  }
}

/** Held becomes allocated, what is left over stays account credit, and the receipt is promised, all in one commit. */
async function settle(
  deps: Deps,
  payment: PaymentUnderWay,
  outcome: { with: PaidWith | null; saved: GivenMethod | null },
  by: string,
): Promise<Commit> {
  const { db, now, today } = deps;
  const key = `payment.closed:${payment.id}`;
  const receipt = receiptOf(deps, payment);
  const result = await commit(
    db,
    now,
    { key, action: "payment.closed", accountId: payment.accountId, by, detail: { state: "settled" } },
    [
      sql`update payments set state = 'settled', closed_at = ${now}, paid_on = ${today}, check_at = null, review_reason = null
          ${paidWith(outcome.with)}, allocated_cents = (select coalesce(sum(amount_cents), 0) from holds where payment_id = ${payment.id})
        where id = ${payment.id} and state in ('pending', 'processing')`,
      mustHaveChanged("payment_open"),
      sql`update invoices set
          held_cents = held_cents - (select amount_cents from holds where payment_id = ${payment.id} and invoice_id = invoices.id),
          allocated_cents = allocated_cents + (select amount_cents from holds where payment_id = ${payment.id} and invoice_id = invoices.id)
        where id in (select invoice_id from holds where payment_id = ${payment.id})`,
      sql`insert into allocations (invoice_id, payment_id, amount_cents, at, event_key)
        select invoice_id, payment_id, amount_cents, ${now}, ${key} from holds where payment_id = ${payment.id} order by invoice_id`,
      ...saveMethod(deps, payment, outcome.saved),
      ...ledgerLine("payment", payment.id, payment.accountId, payment.amountCents, now),
      ...draftSettled(deps, payment),
      ...receipt.writes,
    ],
  );
  if (result.result === "done") {
    await receipt.announce();
    if (payment.extraCents > 0) await useCreditSoon(deps, payment.accountId);
  }
  return result;
}

/**
 * The hold is let go. Whoever was told to wait is owed a letter: for a bank debit, for a payment that we were checking,
 * and for one that they pressed Pay for and a machine found the end of. About a draft that nobody pressed for, the letter
 * says what happens to the draft.
 */
async function fail(
  deps: Deps,
  payment: PaymentUnderWay,
  code: string,
  paid: PaidWith | null,
  by: string,
): Promise<Commit> {
  const { db, now } = deps;
  const change = { key: `payment.closed:${payment.id}`, action: "payment.closed", accountId: payment.accountId, by };
  const letter = letterAbout(deps, payment.id, "payment_failed");
  const byMachine = by === "sweep" || by === "stripe" ? 1 : 0;
  const draft = await draftFailed(deps, payment, code);
  const result = await commit(db, now, { ...change, detail: { state: "failed", code } }, [
    letter.promise(
      sql`not exists (select 1 from draft_payments where payment_id = p.id and p.started_by is null) and (exists (select 1 from scheduled_payments where payment_id = p.id) or p.state = 'processing' or p.checks > 0 or (${byMachine} and p.stripe_checkout_id is null))`,
    ),
    ...(draft?.letter ? [draft.letter.promise()] : []),
    sql`update payments set state = 'failed', closed_at = ${now}, failure_code = ${code}, check_at = null, review_reason = null ${paidWith(paid)}
        where id = ${payment.id} and state in ('pending', 'processing')`,
    mustHaveChanged("payment_open"),
    sql`update invoices set
          held_cents = held_cents - (select amount_cents from holds where payment_id = ${payment.id} and invoice_id = invoices.id)
        where id in (select invoice_id from holds where payment_id = ${payment.id})`,
    ...(draft?.writes ?? []),
  ]);
  if (result.result === "done") {
    await (draft?.letter ?? letter).announce();
    await draft?.announce();
  }
  return result;
}

/** On its way through the banks: the hold stays, and the customer is told how long it takes. */
async function process(
  deps: Deps,
  payment: PaymentUnderWay,
  paid: PaidWith | null,
  saved: GivenMethod | null,
  by: string,
): Promise<void> {
  if (payment.state !== "pending") return;
  const { db, now } = deps;
  const letter = letterAbout(deps, payment.id, "payment_submitted");
  const result = await commit(
    db,
    now,
    { key: `payment.processing:${payment.id}`, action: "payment.processing", accountId: payment.accountId, by },
    [
      sql`update payments set state = 'processing', check_at = ${now + DAY}, checks = 0, review_reason = null ${paidWith(paid)}
        where id = ${payment.id} and state = 'pending'`,
      mustHaveChanged("payment_open"),
      ...saveMethod(deps, payment, saved),
      letter.promise(),
    ],
  );
  if (result.result === "done") await letter.announce();
}

/**
 * Remembers that somebody looked and the vendor could not say, which brings the sweep's next look forward and is what the
 * payment's page tells; or that it can say again. The sweep keeps its own count.
 */
async function noteClarity(deps: Deps, payment: PaymentUnderWay, unclear: boolean, by: string): Promise<void> {
  const { db, now } = deps;
  const action = unclear ? "payment.unclear" : "payment.clear";
  await commit(db, now, { key: `${action}:${payment.id}:${now}`, action, accountId: payment.accountId, by }, [
    unclear
      ? sql`update payments set checks = max(checks, 1), check_at = min(check_at, ${now + FIRST_CHECK_SECONDS})
            where id = ${payment.id} and state in ('pending', 'processing')`
      : sql`update payments set checks = 0 where id = ${payment.id} and state in ('pending', 'processing')`,
  ]);
}

/** A replay is fine while it says the same. If it does not, money may be about to vanish: a person must look. */
async function recorded(
  deps: Deps,
  payment: PaymentUnderWay,
  news: "settled" | "failed",
  result: Commit,
): Promise<void> {
  if (result.result === "done") return;
  const { payment: rows } = await readAll(deps.db, { payment: paymentUnderWay(deps.db, payment.id) });
  const state = rows[0]?.state;
  if (state !== news) await disagree(deps, payment, `recorded as ${state ?? "missing"}, the vendor now says ${news}`);
}

/**
 * Books and vendor contradict each other: nothing is changed until a person has looked, and the payment's page says so.
 * The same contradiction is listed once, another one beside it or after it as well.
 */
export async function disagree(deps: Deps, payment: { id: string; accountId: string }, detail: string): Promise<void> {
  const { db, now } = deps;
  await commit(
    db,
    now,
    {
      key: `payment.disagreed:${payment.id}:${detail}`,
      action: "payment.disagreed",
      accountId: payment.accountId,
      by: "stripe",
      detail: { detail },
    },
    [
      sql`update payments set review_reason = ${detail}, check_at = null where id = ${payment.id}`,
      openWorklist(now, "payment_disagreed", payment.accountId, payment.id, detail),
      sql`update worklist set detail = ${detail} where id = ${`payment_disagreed:${payment.id}`}`,
    ],
  );
}

const paidWith = (paid: PaidWith | null) =>
  paid ? sql`, kind = ${paid.kind}, brand = ${paid.brand}, last_four = ${paid.lastFour}` : sql``;

/** The same card typed again, with the same date on it, is the one we have. */
function saveMethod(deps: Deps, payment: PaymentUnderWay, saved: GivenMethod | null): Write[] {
  if (!saved) return [];
  return [
    sql`insert into payment_methods (id, account_id, kind, brand, last_four, expires_month, expires_year, fingerprint, stripe_payment_method_id, mandate_id, is_default, saved_at)
        select ${newId("pm", deps.now)}, ${payment.accountId}, ${saved.kind}, ${saved.brand}, ${saved.lastFour}, ${saved.expiresMonth},
          ${saved.expiresYear}, ${saved.fingerprint}, ${saved.paymentMethodId}, ${saved.mandateId},
          not exists (select 1 from payment_methods where account_id = ${payment.accountId} and is_default = 1 and removed_at is null), ${deps.now}
        where exists (select 1 from payments where id = ${payment.id} and save_method = 1)
          and not exists (select 1 from payment_methods where account_id = ${payment.accountId} and fingerprint = ${saved.fingerprint}
            and expires_month is ${saved.expiresMonth} and expires_year is ${saved.expiresYear} and removed_at is null
            and blocked is null and removal_requested_at is null)
        on conflict do nothing`,
  ];
}
