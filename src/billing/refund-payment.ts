import { and, asc, eq, gt, lte, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { refunds } from "../../db/schema.ts";
import { commit, DatabaseTrouble, readAll, type Write } from "../batch.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { type Cents, cents } from "../money.ts";
import { openWorklist } from "../office/worklist.ts";
import type { ChargeRef } from "../ports.ts";
import { type Move, moveMoney, movesOff, noMoreThanBrought, placedMoney, unchanged } from "./allocations.ts";
import { SWEEP_SIZE } from "./check-payment.ts";
import { creditWrites } from "./give-credit.ts";
import { type RefundRefusal, refundRefusal } from "./refund-rules.ts";
import { applyRefund, failRefund, type Refund } from "./settle-refund.ts";

/** How soon the sweep asks about a refund whose sender has died. */
const FIRST_CHECK_SECONDS = 2 * MINUTE;
/** The vendor keeps a key for a day; an hour before that, nothing is sent under it any more. */
const SEND_FOR_SECONDS = 23 * HOUR;
/** And what was sent last has long ended by then. */
const NEVER_MADE_SECONDS = 26 * HOUR;
/** A bank takes three business days. After this a person must ask. */
const OVERDUE_SECONDS = 7 * DAY;

export type RefundWish = {
  refundId: string;
  paymentId: string;
  cents: Cents | null;
  /** What the customer reads. */
  reason: string;
  /** The invoice that it comes off first; otherwise account credit goes first, then the invoice due last. */
  fromInvoiceId: string | null;
  /** Whether a credit keeps the invoices paid that the money comes off; else they are due again. */
  coverWithCredit: boolean;
  by: string;
};

/**
 * `made`: the vendor has it. `unclear`: we cannot say yet; the sweep will. `already`: this very refund was made before.
 * `refused`: nothing has changed; `changed` means that the payment did, meanwhile. `failed`: the vendor said no, and the
 * money is back where it was.
 */
export type RefundResult =
  | { result: "made" | "unclear" | "already" | "failed" }
  | { result: "refused"; refusal: RefundRefusal | "changed" };

/**
 * Gives a payment's money back to where it came from: first in our books, so that it cannot be given twice, then at the
 * vendor. More than there is the database refuses, whoever else is at it.
 */
export async function refundPayment(deps: Deps, wish: RefundWish): Promise<RefundResult> {
  const { db, now, today } = deps;
  const { refundId, paymentId, reason, by } = wish;
  const { payment, covered, taken, before } = await readAll(db, {
    ...placedMoney(db, paymentId),
    before: refundById(db, refundId),
  });
  if (before[0]) return { result: "already" };
  const p = payment[0];
  if (!p) return { result: "refused", refusal: "not_here" };
  const standing = taken.some((one) => one.state !== "won");
  const refusal = refundRefusal(p, standing, wish, now);
  if (refusal) return { result: "refused", refusal };

  const amount = cents(wish.cents ?? 0);
  const first = (line: { invoiceId: string }) => (line.invoiceId === wish.fromInvoiceId ? 0 : 1);
  const inOrder = [...covered].sort((a, b) => first(a) - first(b));
  const free = p.amountCents - p.allocatedCents - p.refundedCents - p.returnedCents;
  // What is to come off a chosen invoice leaves the account credit where it is.
  const chosen = covered.find((line) => line.invoiceId === wish.fromInvoiceId)?.amountCents ?? 0;
  const off = movesOff(p, inOrder, free + Math.max(amount - free, Math.min(amount, chosen)));
  const key = `refund.started:${refundId}`;
  const cover = wish.coverWithCredit ? coveredBy(off, newId("crd", now)) : [];
  const change = {
    key,
    action: "refund.started",
    accountId: p.accountId,
    by,
    detail: { cents: amount, reason, paymentId },
  };
  const writes: Write[] = [
    unchanged(p),
    sql`insert into guards (rows_matched) select 0 where exists
        (select 1 from returns where payment_id = ${paymentId} and state <> 'won')`,
    sql`insert into refunds (id, payment_id, amount_cents, reason, state, check_at, by, at)
        values (${refundId}, ${paymentId}, ${amount}, ${reason}, 'pending', ${now + FIRST_CHECK_SECONDS}, ${by}, ${now})`,
    ...moveMoney(off, key, now),
    sql`update payments set refunded_cents = refunded_cents + ${amount} where id = ${paymentId}`,
    noMoreThanBrought(paymentId),
  ];
  if (cover.length > 0) {
    const creditId = cover[0]!.creditId!;
    const total = cents(cover.reduce((all, move) => all + move.cents, 0));
    writes.push(...creditWrites({ creditId, accountId: p.accountId, cents: total, reason, by }, today, now));
    writes.push(...moveMoney(cover, key, now));
  }
  const started = await commit(db, now, change, writes);
  if (started.result === "already") return { result: "already" };
  if (started.result === "refused") return { result: "refused", refusal: "changed" };

  const refund: Refund = {
    id: refundId,
    paymentId,
    amountCents: amount,
    state: "pending",
    generation: 0,
    stripeRefundId: null,
    at: now,
  };
  try {
    const state = await send(deps, refund, chargeOf(p), by);
    return { result: state === "made" ? "made" : state === "refused" ? "failed" : "unclear" };
  } catch (error) {
    if (!(error instanceof DatabaseTrouble)) throw error;
    // The money may have gone. It stands in our books as going, and the sweep says what became of it.
    return { result: "unclear" };
  }
}

const coveredBy = (off: readonly Move[], creditId: string): Move[] =>
  off.map(({ invoiceId, cents }) => ({ paymentId: null, creditId, invoiceId, cents: -cents }));

const chargeOf = (p: {
  id: string;
  stripePaymentIntentId: string | null;
  stripeCheckoutId: string | null;
}): ChargeRef => ({ paymentId: p.id, intentId: p.stripePaymentIntentId, checkoutId: p.stripeCheckoutId });

/** Asks the vendor for the refund under this generation's key, and records what it says. */
async function send(deps: Deps, refund: Refund, charge: ChargeRef, by: string) {
  const { id, generation, amountCents } = refund;
  const outcome = await deps.ports.payments.refund({ refundId: id, generation, charge, cents: cents(amountCents) });
  if (outcome.state === "made") await applyRefund(deps, refund, outcome.refund, by);
  else if (outcome.state === "refused") await failRefund(deps, refund, outcome.code, by);
  else if (outcome.state === "spent") await nextGeneration(deps, refund);
  return outcome.state;
}

/** The key is spent on an error, and nothing was made under it: only then is there another. */
async function nextGeneration(deps: Deps, refund: Refund): Promise<void> {
  const { db, now } = deps;
  const { id, generation, paymentId } = refund;
  const change = { key: `refund.again:${id}:${generation + 1}`, action: "refund.again", accountId: null, by: "sweep" };
  await commit(db, now, { ...change, detail: { paymentId } }, [
    sql`update refunds set generation = ${generation + 1}, check_at = ${now + FIRST_CHECK_SECONDS}
        where id = ${id} and state = 'pending' and generation = ${generation}`,
  ]);
}

const refundById = (db: Db, id: string) =>
  db
    .select({
      id: refunds.id,
      paymentId: refunds.paymentId,
      amountCents: refunds.amountCents,
      state: refunds.state,
      generation: refunds.generation,
      stripeRefundId: refunds.stripeRefundId,
      at: refunds.at,
    })
    .from(refunds)
    .where(eq(refunds.id, id));

/** Refunds whose time to be asked about has come, after a cursor. */
export const refundsToCheck = (db: Db, now: Instant, after: string | null) =>
  db
    .select({ id: refunds.id })
    .from(refunds)
    // The words of the partial index `refunds_to_check`.
    .where(and(sql`${refunds.state} = 'pending'`, lte(refunds.checkAt, now), after ? gt(refunds.id, after) : undefined))
    .orderBy(asc(refunds.id))
    .limit(SWEEP_SIZE);

/**
 * Asks the vendor where a refund stands and brings it there. One that never arrived is sent again while its key holds;
 * later, when it can no longer be on its way, it is called never made.
 */
export async function checkRefund(deps: Deps, refundId: string): Promise<void> {
  const { db, now } = deps;
  const { refund: found } = await readAll(db, { refund: refundById(db, refundId) });
  const refund = found[0];
  if (refund?.state !== "pending") return;
  const { payment } = await readAll(db, { payment: placedMoney(db, refund.paymentId).payment });
  const charge = chargeOf(payment[0]!);
  const age = now - refund.at;
  const outcome = await deps.ports.payments.refundOutcome({ refundId, vendorId: refund.stripeRefundId, charge });
  if (outcome.state === "made") {
    await applyRefund(deps, refund, outcome.refund, "sweep");
    if (outcome.refund.state !== "pending") return;
  } else if (outcome.state === "absent" && age < SEND_FOR_SECONDS) {
    if ((await send(deps, refund, charge, "sweep")) !== "unknown") return;
  } else if (outcome.state === "absent" && age >= NEVER_MADE_SECONDS) {
    await failRefund(deps, refund, "never_made", "sweep");
    return;
  }
  await askAgain(deps, refund, payment[0]!.accountId);
}

/** The longer it takes, the more seldom it is asked about; a day at most. */
async function askAgain(deps: Deps, refund: Refund, accountId: string): Promise<void> {
  const { db, now } = deps;
  const age = now - refund.at;
  const wait = Math.max(FIRST_CHECK_SECONDS, Math.min(DAY, age));
  const change = { key: `refund.checked:${refund.id}:${now}`, action: "refund.checked", accountId, by: "sweep" };
  await commit(db, now, change, [
    sql`update refunds set check_at = ${now + wait} where id = ${refund.id} and state = 'pending'`,
    ...(age >= OVERDUE_SECONDS
      ? [
          openWorklist(
            now,
            "refund_failed",
            accountId,
            refund.id,
            "on its way for more than a week; ask the card company",
          ),
        ]
      : []),
  ]);
}
