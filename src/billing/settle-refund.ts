import { eq, sql } from "drizzle-orm";
import { refunds } from "../../db/schema.ts";
import { commit, mustHaveChanged, readAll, type Write } from "../batch.ts";
import { DAY } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { letterAboutRefund } from "../messaging/promise-refund-letter.ts";
import { dollars } from "../money.ts";
import { openWorklist } from "../office/worklist.ts";
import type { VendorRefund } from "../ports.ts";
import { moveMoney, movesBack, movesOff, placedMoney, stillHere, takenOff, unchanged } from "./allocations.ts";
import { correctingLine, ledgerLine } from "./ledger-lines.ts";
import { differing } from "./reckoning-rules.ts";

/** A refund as its next step needs it. */
export type Refund = Pick<
  typeof refunds.$inferSelect,
  "id" | "paymentId" | "amountCents" | "state" | "generation" | "stripeRefundId" | "at"
>;

/** `retry`: the books changed meanwhile, or do not know the payment as settled yet. */
type Applied = "done" | "retry";

/** Brings a refund to where its vendor says it is, in any order and any number of times. */
export async function applyRefund(deps: Deps, refund: Refund, vendor: VendorRefund, by: string): Promise<Applied> {
  const { db, now } = deps;
  const { id, paymentId, amountCents, state } = refund;
  if (vendor.state === "failed" && vendor.cents === amountCents) {
    return failRefund(deps, { ...refund, stripeRefundId: vendor.vendorId }, vendor.code ?? "failed", by);
  }
  if (vendor.cents !== amountCents || state === "failed") {
    const had = `${dollars(amountCents)} ${state}`;
    await tell(deps, paymentId, `refund.differs:${id}:${vendor.state}:${vendor.cents}`, {
      books: `the refund ${id} is ${had}`,
      bank: `${dollars(vendor.cents)} ${vendor.state}`,
    });
    return "done";
  }
  if (state === "settled" || (vendor.state === "pending" && refund.stripeRefundId)) return "done";
  const { payment } = await readAll(db, { payment: placedMoney(db, paymentId).payment });
  const accountId = payment[0]!.accountId;
  const letter = letterAboutRefund(deps, id, "refund_made");
  const settled = vendor.state === "settled";
  const action = settled ? "refund.settled" : "refund.accepted";
  const { result } = await commit(db, now, { key: `${action}:${id}`, action, accountId, by }, [
    sql`update refunds set state = ${settled ? "settled" : "pending"}, stripe_refund_id = ${vendor.vendorId},
          check_at = ${settled ? null : now + DAY} where id = ${id} and state = 'pending'`,
    mustHaveChanged("rows_matched"),
    ...(settled ? ledgerLine("refund", id, accountId, amountCents, now) : []),
    letter.promise(),
  ]);
  if (result === "done") await letter.announce();
  return result === "refused" ? "retry" : "done";
}

/**
 * A refund did not arrive, or was never made: its money is here again. It goes back onto the invoices that it came off,
 * as far as they owe it; the rest is account credit. What the customer's bank took meanwhile takes its share first.
 */
export async function failRefund(deps: Deps, refund: Refund, code: string, by: string): Promise<Applied> {
  const { db, now } = deps;
  const { id, paymentId, amountCents } = refund;
  const { payment, taken, off, stored } = await readAll(db, {
    ...placedMoney(db, paymentId),
    off: takenOff(db, paymentId, `refund.started:${id}`),
    stored: db.select({ state: refunds.state }).from(refunds).where(eq(refunds.id, id)),
  });
  const p = payment[0]!;
  const state = stored[0]?.state;
  if (state === undefined || state === "failed") return "done";
  let rest = amountCents;
  const short = taken.flatMap((one) => {
    const cents = one.state === "won" ? 0 : Math.min(rest, one.amountCents - one.takenCents);
    rest -= cents;
    return cents > 0 ? [{ id: one.id, cents }] : [];
  });
  const key = `refund.failed:${id}`;
  const letter = letterAboutRefund(deps, id, "refund_failed");
  const change = { key, action: "refund.failed", accountId: p.accountId, by, detail: { code, cents: amountCents } };
  const { result } = await commit(db, now, change, [
    unchanged(p),
    // Only whoever was told that it is on its way is told that it is not.
    letter.promise(sql`exists (select 1 from messages where dedupe_key = ${`refund_made:${id}`})`),
    sql`update refunds set state = 'failed', failure_code = ${code}, check_at = null,
          stripe_refund_id = coalesce(stripe_refund_id, ${refund.stripeRefundId}) where id = ${id} and state = ${state}`,
    mustHaveChanged("rows_matched"),
    sql`update payments set refunded_cents = refunded_cents - ${amountCents}, returned_cents = returned_cents + ${amountCents - rest}
        where id = ${paymentId}`,
    ...short.flatMap((one) => takeMore(one.id, one.cents, id, p.accountId, now)),
    ...moveMoney(movesBack(paymentId, off, rest), key, now),
    ...(state === "settled" ? correctingLine("refund", id, "failed", p.accountId, amountCents, now) : []),
    openWorklist(now, "refund_failed", p.accountId, id, `${dollars(amountCents)} did not go back: ${code}`),
  ]);
  if (result === "done") await letter.announce();
  return result === "refused" ? "retry" : "done";
}

/** A return takes so much more of its payment, or less where `cents` is below zero, because of a refund. */
const takeMore = (returnId: string, cents: number, refundId: string, accountId: string, now: number): Write[] => [
  sql`update returns set taken_cents = taken_cents + ${cents} where id = ${returnId}`,
  ...correctingLine("return", returnId, refundId, accountId, -cents, now),
];

/** Applies what the vendor says of a payment's refunds. One that we did not ask for was made there by hand: it is recorded. */
export async function applyRefunds(deps: Deps, paymentId: string, vendors: readonly VendorRefund[]): Promise<Applied> {
  const { known } = await readAll(deps.db, {
    known: deps.db.select().from(refunds).where(eq(refunds.paymentId, paymentId)),
  });
  let all: Applied = "done";
  for (const vendor of vendors) {
    const mine = known.find(
      (one) =>
        one.stripeRefundId === vendor.vendorId ||
        (one.id === vendor.refundId && one.stripeRefundId === null && one.state !== "failed"),
    );
    const applied = mine
      ? await applyRefund(deps, mine, vendor, "stripe")
      : vendor.state === "failed"
        ? "done"
        : await recordForeign(deps, paymentId, vendor);
    if (applied === "retry") all = "retry";
  }
  return all;
}

async function recordForeign(deps: Deps, paymentId: string, vendor: VendorRefund): Promise<Applied> {
  const { db, now } = deps;
  const { payment, covered, taken } = await readAll(db, placedMoney(db, paymentId));
  const p = payment[0];
  if (p?.state !== "settled") return "retry";
  const id = vendor.vendorId;
  // A return that was recorded before has taken what this refund had given back already.
  const standing = taken.filter((one) => one.state !== "won" && one.takenCents > 0);
  let short = Math.max(0, vendor.cents - stillHere(p));
  const less = standing.flatMap((one) => {
    const cents = Math.min(short, one.takenCents);
    short -= cents;
    return cents > 0 ? [{ id: one.id, cents }] : [];
  });
  if (short > 0) {
    await tell(deps, paymentId, `refund.differs:${id}`, {
      books: `${dollars(stillHere(p))} of this payment are left`,
      bank: `${dollars(vendor.cents)} given back`,
    });
    return "done";
  }
  const lessCents = less.reduce((total, one) => total + one.cents, 0);
  const after = { ...p, returnedCents: p.returnedCents - lessCents };
  const key = `refund.started:${id}`;
  const settled = vendor.state === "settled";
  const letter = letterAboutRefund(deps, id, "refund_made");
  const change = {
    key,
    action: "refund.found",
    accountId: p.accountId,
    by: "stripe",
    detail: { cents: vendor.cents, paymentId },
  };
  const { result } = await commit(db, now, change, [
    unchanged(p),
    sql`insert into refunds (id, payment_id, amount_cents, reason, state, check_at, stripe_refund_id, by, at)
        values (${id}, ${paymentId}, ${vendor.cents}, '', ${vendor.state}, ${settled ? null : now + DAY}, ${id}, 'stripe', ${now})`,
    ...less.flatMap((one) => takeMore(one.id, -one.cents, id, p.accountId, now)),
    ...moveMoney(movesOff(after, covered, vendor.cents), key, now),
    sql`update payments set refunded_cents = refunded_cents + ${vendor.cents}, returned_cents = returned_cents - ${lessCents}
        where id = ${paymentId}`,
    ...(settled ? ledgerLine("refund", id, p.accountId, vendor.cents, now) : []),
    ...(lessCents > 0
      ? [
          openWorklist(
            now,
            "payment_disagreed",
            p.accountId,
            paymentId,
            `refunded ${dollars(vendor.cents)} and taken back by the bank as well`,
          ),
        ]
      : []),
    letter.promise(),
  ]);
  if (result === "done") await letter.announce();
  return result === "refused" ? "retry" : "done";
}

/** Books and vendor contradict each other about a refund: a person must look. The same words are told once. */
async function tell(deps: Deps, paymentId: string, key: string, say: { books: string; bank: string }): Promise<void> {
  const { db, now } = deps;
  const { payment } = await readAll(db, { payment: placedMoney(db, paymentId).payment });
  const accountId = payment[0]?.accountId ?? null;
  await commit(db, now, { key, action: "refund.differs", accountId, by: "stripe", detail: say }, [
    openWorklist(now, "payment_disagreed", accountId, paymentId, differing(say)),
  ]);
}
