import { and, asc, eq, gt, isNull, lte, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { payments } from "../../db/schema.ts";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { openWorklist } from "../office/worklist.ts";
import type { ChargeOutcome } from "../ports.ts";
import { applyOutcome, type PaymentUnderWay, paymentUnderWay } from "./close-payment.ts";
import { GIVE_UP_SECONDS, refOf, returnAddress } from "./pay-invoices.ts";

/** How many payments one sweep hands on at a time. */
export const SWEEP_SIZE = 100;

/** When to ask again about a payment of unknown outcome: as Kill Bill's janitor does, sooner at first. */
const ASK_AGAIN_SECONDS = [2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, DAY, DAY, DAY, DAY, DAY];

/** Payments whose time to be asked about has come, after a cursor. */
export const paymentsToCheck = (db: Db, now: Instant, after: string | null) =>
  db
    .select({ id: payments.id })
    .from(payments)
    .where(
      and(
        // The words of the partial index `payments_to_check`: with a `?` in them SQLite would not know it.
        sql`${payments.state} in ('pending', 'processing')`,
        isNull(payments.reviewReason),
        lte(payments.checkAt, now),
        after ? gt(payments.id, after) : undefined,
      ),
    )
    .orderBy(asc(payments.id))
    .limit(SWEEP_SIZE);

/** Asks the vendor where a payment stands and brings it there. A payment that is over, or not ours, is left alone. */
export async function checkPayment(deps: Deps, paymentId: string, by: string): Promise<void> {
  const { found } = await readAll(deps.db, { found: paymentUnderWay(deps.db, paymentId) });
  if (found[0]) await checkUnderWay(deps, found[0], by);
}

/** The same for a payment that has just been read. Returns where it stands. */
export async function checkUnderWay(deps: Deps, payment: PaymentUnderWay, by: string): Promise<ChargeOutcome["state"]> {
  if (payment.state === "settled" || payment.state === "failed") return payment.state;
  const outcome = await askAndFinish(deps, payment);
  await applyOutcome(deps, payment, outcome, by);
  const over = outcome.state === "settled" || outcome.state === "failed";
  const justProcessing = outcome.state === "processing" && payment.state === "pending";
  // A page that looks again every few seconds must not use up the sweep's times of asking.
  if (by === "sweep" && !over && !justProcessing) await askAgain(deps, payment, outcome);
  return outcome.state;
}

/**
 * A charge left unconfirmed is one that its customer asked for and that a crash interrupted: it is finished within the
 * hour. Later nobody expects it any more, so it is canceled; so is a 3-D Secure page that nobody came back from.
 */
async function askAndFinish(deps: Deps, payment: PaymentUnderWay): Promise<ChargeOutcome> {
  const ports = deps.ports.payments;
  const ref = refOf(payment);
  const outcome = await ports.outcome(ref);
  const old = deps.now - payment.startedAt >= GIVE_UP_SECONDS;
  if (outcome.state === "unconfirmed" && !old && ref.intentId) {
    return ports.confirmCharge({
      paymentId: payment.id,
      intentId: ref.intentId,
      returnTo: payment.startedBy === null ? null : returnAddress(deps, payment.id),
    });
  }
  return old && (outcome.state === "unconfirmed" || outcome.state === "action") ? ports.cancel(ref) : outcome;
}

/** Sets when to ask next. After the last time of asking about an unknown outcome, a person must. */
async function askAgain(deps: Deps, payment: PaymentUnderWay, outcome: ChargeOutcome): Promise<void> {
  const { db, now } = deps;
  const unknown = outcome.state === "unknown";
  const wait = unknown ? ASK_AGAIN_SECONDS[payment.checks] : outcome.state === "processing" ? DAY : 15 * MINUTE;
  const change = {
    key: `payment.checked:${payment.id}:${now}`,
    action: "payment.checked",
    accountId: payment.accountId,
    by: "sweep",
    detail: { state: outcome.state },
  };
  const stillOpen = and(eq(payments.id, payment.id), sql`${payments.state} in ('pending', 'processing')`);
  if (wait === undefined) {
    await commit(db, now, change, [
      db.update(payments).set({ reviewReason: "the vendor gave no clear answer", checkAt: null }).where(stillOpen),
      mustHaveChanged("payment_open"),
      openWorklist(now, "payment_unclear", payment.accountId, payment.id, "asked for a week, no clear answer"),
    ]);
    return;
  }
  await commit(db, now, change, [
    db
      .update(payments)
      .set({ checkAt: now + wait, checks: unknown ? sql`${payments.checks} + 1` : 0 })
      .where(stillOpen),
    mustHaveChanged("payment_open"),
  ]);
}

/**
 * The customer gives up a payment that has not moved money. The truth wins: if it moved after all, that is recorded.
 * Returns whether it is given up.
 */
export async function cancelPayment(deps: Deps, payment: PaymentUnderWay, by: string): Promise<boolean> {
  if (payment.state !== "pending") return payment.state === "failed";
  const outcome = await deps.ports.payments.cancel(refOf(payment));
  await applyOutcome(deps, payment, outcome, by);
  return outcome.state === "failed";
}
