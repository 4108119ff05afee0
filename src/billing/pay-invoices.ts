import { sql } from "drizzle-orm";
import { commit, DatabaseTrouble, readAll, type Write } from "../batch.ts";
import { HOUR, type Instant, MINUTE } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { type Cents, dollars } from "../money.ts";
import { type ChargeRef, type MethodKind, VendorTrouble } from "../ports.ts";
import { applyOutcome, FIRST_CHECK_SECONDS, type PaymentUnderWay, paymentUnderWay } from "./close-payment.ts";
import { type PaymentRefusal, type Plan, refusalOf } from "./rules.ts";

/** The least a hosted checkout stays open, and with it the hold on its invoices. The vendor's own least is 30 minutes. */
const CHECKOUT_SECONDS = 35 * MINUTE;
/** Checkouts end on these, so that the button pressed twice asks for the very same one. */
const CHECKOUT_ENDS_EVERY_SECONDS = 10 * MINUTE;

/** When a hosted checkout that is opened now ends. */
export const checkoutEnd = (now: Instant): Instant =>
  Math.ceil((now + CHECKOUT_SECONDS) / CHECKOUT_ENDS_EVERY_SECONDS) * CHECKOUT_ENDS_EVERY_SECONDS;

/** What the money is to come from: a method on file, or one to be typed at the vendor's checkout. */
export type ChosenMethod =
  | { saved: { id: string; kind: MethodKind; brand: string; lastFour: string; stripePaymentMethodId: string } }
  | { new: MethodKind; save: boolean };

export type PayInvoices = {
  paymentId: string;
  plan: Plan;
  method: ChosenMethod;
  account: { id: string; name: string; email: string | null; stripeCustomerId: string | null };
  /** Who has pressed Pay; null when nobody is there: then the method is one on file that may be charged without them. */
  userId: string | null;
  language: "en" | "es";
  /** The pay link that somebody without a session pays by, and where the vendor sends them back to. */
  link?: { id: string; returnTo: string };
  /** The payment on a later day that is made now, with nobody there. */
  scheduledId?: string;
  /** What else the commit says that holds the invoices; what it refuses, by `rows_matched`, was done before. */
  also?: Write[];
  /** Checkouts of the account that were opened, not finished, and hold some of these invoices. */
  unfinished: PaymentUnderWay[];
};

/**
 * `started`: look at `/payments/:id`, whatever became of it. `elsewhere`: the customer must visit `url` to go on.
 * `at_bank`: the customer's bank wants to see them first; `/payments/:id` leads there.
 * `already`: this very payment was started before. `paying`: an earlier one turned out to be paid or under way.
 * `refused`: nothing was started and nothing charged. `unclear`: we cannot say yet; the sweep will.
 */
export type PayResult =
  | { result: "started" }
  | { result: "elsewhere"; url: string }
  | { result: "at_bank" }
  | { result: "already" }
  | { result: "paying"; paymentId: string }
  | { result: "refused"; refusal: PaymentRefusal | "vendor_away" | "records_away" }
  | { result: "unclear" };

/**
 * Pays invoices: prepare at the vendor (moves no money), hold in one commit, confirm, close.
 * The order is what makes a crash at any point harmless: an unconfirmed charge cannot move money, its id is stored
 * before it is confirmed, and whatever is then left open the sweep finishes.
 */
export async function payInvoices(deps: Deps, input: PayInvoices): Promise<PayResult> {
  const paid = await giveUpUnfinished(deps, input);
  if (paid) return { result: "paying", paymentId: paid };

  let prepared: Prepared;
  try {
    prepared = await prepare(deps, input);
  } catch (error) {
    // With nobody there, nobody reads that nothing was charged: the same payment is tried again later.
    if (error instanceof VendorTrouble && (input.userId !== null || input.link)) return neverStarted(deps, input);
    throw error;
  }

  const ref: ChargeRef = { paymentId: input.paymentId, intentId: prepared.intentId, checkoutId: prepared.checkoutId };
  let held: Awaited<ReturnType<typeof hold>>;
  try {
    held = await hold(deps, input, prepared);
  } catch (error) {
    if (!(error instanceof DatabaseTrouble)) throw error;
    // Perhaps the hold stands, perhaps not. With the charge canceled, nothing can be taken either way.
    const outcome = await deps.ports.payments.cancel(ref);
    return outcome.state === "failed" ? { result: "refused", refusal: "records_away" } : { result: "unclear" };
  }
  if (held.result === "already") {
    const before = await startedBefore(deps, input);
    // Nobody's: the id was spent on a press that came to nothing, and so does this one.
    if (before.result === "refused") await deps.ports.payments.cancel(ref);
    return before;
  }
  if (held.result === "refused") {
    await deps.ports.payments.cancel(ref);
    if (input.also && held.constraint === "rows_matched") return { result: "already" };
    const refusal = refusalOf(held.constraint);
    if (!refusal) throw new Error(`starting a payment broke ${held.constraint}`);
    return { result: "refused", refusal };
  }
  if (prepared.url) return { result: "elsewhere", url: prepared.url };

  const outcome = await deps.ports.payments.confirmCharge({
    paymentId: input.paymentId,
    intentId: prepared.intentId!,
    returnTo: input.userId === null ? null : returnAddress(deps, input.paymentId),
  });
  try {
    await applyOutcome(deps, asUnderWay(deps.now, input, prepared), outcome, by(input));
  } catch (error) {
    if (!(error instanceof DatabaseTrouble)) throw error;
    // The money may have moved. The payment's page says that we are checking; webhook and sweep close it.
  }
  return { result: outcome.state === "action" ? "at_bank" : "started" };
}

type Prepared = {
  customerId: string;
  intentId: string | null;
  checkoutId: string | null;
  url: string | null;
  checkAt: Instant;
};

/** A checkout that was left lying would hold its invoices for half an hour. A new payment for them replaces it. */
async function giveUpUnfinished(deps: Deps, input: PayInvoices): Promise<string | null> {
  for (const payment of input.unfinished) {
    const outcome = await deps.ports.payments.cancel(refOf(payment));
    await applyOutcome(deps, payment, outcome, by(input));
    if (outcome.state !== "failed") return payment.id;
  }
  return null;
}

async function prepare(deps: Deps, input: PayInvoices): Promise<Prepared> {
  const { payments } = deps.ports;
  const { account, plan, paymentId } = input;
  const customerId =
    account.stripeCustomerId ??
    (await payments.createCustomer({ accountId: account.id, name: account.name, email: account.email }));
  const covered = plan.lines.map((line) => line.number).join(", ") || "Payment ahead";
  const description = `${covered} (${dollars(plan.totalCents)})`.slice(0, 500);
  if ("saved" in input.method) {
    const { intentId } = await payments.prepareCharge({
      paymentId,
      cents: plan.totalCents,
      customerId,
      paymentMethodId: input.method.saved.stripePaymentMethodId,
      description,
    });
    return { customerId, intentId, checkoutId: null, url: null, checkAt: deps.now + FIRST_CHECK_SECONDS };
  }
  const expiresAt = checkoutEnd(deps.now);
  const { checkoutId, url } = await payments.openCheckout({
    paymentId,
    cents: plan.totalCents,
    customerId,
    description,
    kinds: [input.method.new],
    save: input.method.save,
    returnTo: input.link?.returnTo ?? returnAddress(deps, paymentId),
    language: input.language,
    expiresAt,
  });
  return { customerId, intentId: null, checkoutId, url, checkAt: expiresAt + MINUTE };
}

const startOf = (input: PayInvoices) => ({
  key: `payment.started:${input.paymentId}`,
  accountId: input.account.id,
  by: by(input),
});

const by = (input: PayInvoices): string => input.userId ?? input.link?.id ?? input.scheduledId ?? "autopay";

/**
 * Before anybody reads that nothing was charged, the payment's id is spent: no other press of the same button, perhaps
 * still on its way to the vendor, can start it then.
 */
async function neverStarted(deps: Deps, input: PayInvoices): Promise<PayResult> {
  const spent = await commit(deps.db, deps.now, { ...startOf(input), action: "payment.not_started" }, []);
  return spent.result === "done" ? { result: "refused", refusal: "vendor_away" } : startedBefore(deps, input);
}

/** What became of a payment id that was used before. */
async function startedBefore(deps: Deps, input: PayInvoices): Promise<PayResult> {
  const { found } = await readAll(deps.db, { found: paymentUnderWay(deps.db, input.paymentId) });
  if (found[0]?.accountId !== input.account.id) return { result: "refused", refusal: "payment_over" };
  await nudge(deps, input.paymentId);
  return { result: "already" };
}

/** One commit: the payment, what it is for, and the hold on each invoice; or nothing, when one of them cannot be held. */
function hold(deps: Deps, input: PayInvoices, prepared: Prepared) {
  const { db, now, today } = deps;
  const { account, paymentId, plan, method } = input;
  const saved = "saved" in method ? method.saved : null;
  const kind = "saved" in method ? method.saved.kind : method.new;
  const lines = JSON.stringify(plan.lines.map((line) => [line.invoiceId, line.amountCents]));
  const writes: Write[] = [
    sql`insert into payments (id, account_id, origin, kind, brand, last_four, payment_method_id, amount_cents, state,
          stripe_payment_intent_id, stripe_checkout_id, save_method, started_by, started_at, paid_on, check_at)
        values (${paymentId}, ${account.id}, 'portal', ${kind}, ${saved?.brand ?? ""}, ${saved?.lastFour ?? ""}, ${saved?.id ?? null},
          ${plan.totalCents}, 'pending', ${prepared.intentId}, ${prepared.checkoutId},
          ${"new" in method && method.save ? 1 : 0}, ${input.userId}, ${now}, ${today}, ${prepared.checkAt})`,
    sql`insert into holds (payment_id, invoice_id, amount_cents)
        select ${paymentId}, i.id, json_extract(j.value, '$[1]') from json_each(${lines}) j
        join invoices i on i.id = json_extract(j.value, '$[0]') and i.account_id = ${account.id} and i.status = 'sent'
        join accounts a on a.id = i.account_id and (${kind} = 'bank' or (a.card_payments = 1 and i.card_payments = 1))`,
    sql`insert into guards (invoice_payable) select 0 where (select count(*) from holds where payment_id = ${paymentId}) <> ${plan.lines.length}`,
    sql`update invoices set held_cents = held_cents + (select amount_cents from holds where payment_id = ${paymentId} and invoice_id = invoices.id)
        where id in (select invoice_id from holds where payment_id = ${paymentId})`,
    // One that we had is not written back: it may have been deleted at the vendor meanwhile.
    ...(account.stripeCustomerId === null
      ? [
          sql`update accounts set stripe_customer_id = coalesce(stripe_customer_id, ${prepared.customerId}) where id = ${account.id}`,
        ]
      : []),
  ];
  if (saved) {
    writes.push(
      sql`insert into guards (method_usable) select 0 where not exists
          (select 1 from payment_methods where id = ${saved.id} and account_id = ${account.id} and removed_at is null
             and blocked is null and removal_requested_at is null)`,
    );
  }
  writes.push(...(input.also ?? []));
  const change = { ...startOf(input), action: "payment.started", detail: { cents: plan.totalCents } };
  return commit(db, now, change, writes);
}

/** A payment that nobody has heard of for this long is given up, if the vendor lets us. */
export const GIVE_UP_SECONDS = HOUR;

/** Where the vendor sends the customer back to. */
export const returnAddress = (deps: Deps, paymentId: string): string =>
  `${deps.dealer.origin}/payments/${paymentId}/return`;

export const refOf = (payment: PaymentUnderWay): ChargeRef => ({
  paymentId: payment.id,
  intentId: payment.stripePaymentIntentId,
  checkoutId: payment.stripeCheckoutId,
});

/** Has the payment looked at again soon, in case its first try died. Losing this is harmless: the sweep finds it. */
async function nudge(deps: Deps, paymentId: string): Promise<void> {
  try {
    await deps.ports.jobs.send([{ type: "payment.check", dealer: deps.dealer.slug, paymentId }]);
  } catch (error) {
    if (!(error instanceof VendorTrouble)) throw error;
  }
}

const asUnderWay = (now: Instant, input: PayInvoices, prepared: Prepared): PaymentUnderWay => ({
  id: input.paymentId,
  accountId: input.account.id,
  amountCents: input.plan.totalCents as Cents,
  state: "pending",
  checks: 0,
  startedAt: now,
  stripePaymentIntentId: prepared.intentId,
  stripeCheckoutId: prepared.checkoutId,
  startedBy: input.userId,
  extraCents: input.plan.extraCents,
});
