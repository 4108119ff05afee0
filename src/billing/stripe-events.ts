import { and, asc, eq, gt, isNull, lt, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { stripeEvents } from "../../db/schema.ts";
import { commit, readAll } from "../batch.ts";
import { HOUR, type Instant, MINUTE } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import type { Verdict } from "../jobs.ts";
import { openWorklist } from "../office/worklist.ts";
import { type MethodNews, type PaymentNews, VendorTrouble } from "../ports.ts";
import { methodUnusable, refreshMethod } from "./change-method.ts";
import { checkUnderWay, SWEEP_SIZE } from "./check-payment.ts";
import { applyOutcome, paymentUnderWay } from "./close-payment.ts";
import { applySetup, setupUnderWay } from "./finish-setup.ts";
import { forgetCustomer } from "./forget-customer.ts";
import { returnPayment } from "./return-payment.ts";
import { applyRefunds } from "./settle-refund.ts";

/** Keeps a webhook's id, once. The caller answers the vendor and lets a job obey it. Throws DatabaseTrouble. */
export async function storeStripeEvent(
  deps: Deps,
  event: { id: string; type: string; objectId: string },
): Promise<void> {
  const { db, now } = deps;
  const { id, type, objectId } = event;
  await commit(
    db,
    now,
    { key: `stripe.event:${id}`, action: "stripe.event", accountId: null, by: "stripe", detail: { type } },
    [db.insert(stripeEvents).values({ id, type, objectId, receivedAt: now })],
  );
}

/** Events that were stored but not obeyed a while later: their nudge was lost. */
export const eventsToApply = (db: Db, now: Instant, after: string | null) =>
  db
    .select({ id: stripeEvents.id })
    .from(stripeEvents)
    .where(
      and(
        isNull(stripeEvents.appliedAt),
        lt(stripeEvents.receivedAt, now - 2 * MINUTE),
        after ? gt(stripeEvents.id, after) : undefined,
      ),
    )
    .orderBy(asc(stripeEvents.id))
    .limit(SWEEP_SIZE);

/** Obeys a stored event: asks the vendor afresh what it is about, and brings our payment there. */
export async function applyStripeEvent(deps: Deps, eventId: string): Promise<Verdict> {
  const { db, now } = deps;
  const { found } = await readAll(db, { found: db.select().from(stripeEvents).where(eq(stripeEvents.id, eventId)) });
  const event = found[0];
  if (!event || event.appliedAt !== null) return "done";
  let news: PaymentNews | null;
  let methodNews: MethodNews | null;
  try {
    news = await deps.ports.payments.news(event);
    methodNews = news ? null : await deps.ports.payments.methodNews(event);
  } catch (error) {
    if (error instanceof VendorTrouble) return { retryInSeconds: MINUTE };
    throw error;
  }
  const verdict = news
    ? await obey(deps, news, event.receivedAt)
    : methodNews
      ? await obeyMethod(deps, methodNews, event.receivedAt)
      : "done";
  if (verdict === "done") {
    await commit(
      db,
      now,
      { key: `stripe.applied:${eventId}`, action: "stripe.applied", accountId: null, by: "stripe" },
      [sql`update stripe_events set applied_at = ${now} where id = ${eventId}`],
    );
  }
  return verdict;
}

/** A webhook can overtake our own commit here too; a setup that never appears was never anybody's. */
async function obeyMethod(deps: Deps, news: MethodNews, receivedAt: Instant): Promise<Verdict> {
  if (news.kind === "refreshed") await refreshMethod(deps, news.saved, news.blocked);
  else if (news.kind === "unusable") await methodUnusable(deps, news.paymentMethodId, news.reason);
  else if (news.kind === "customer_gone") await forgetCustomer(deps, news.customerId);
  else {
    const { found } = await readAll(deps.db, { found: setupUnderWay(deps.db, news.setupId) });
    if (found[0]) await applySetup(deps, found[0], news.outcome, "stripe");
    else if (deps.now - receivedAt < HOUR) return { retryInSeconds: MINUTE };
  }
  return "done";
}

/** Brings our payment to where fresh news say it is; `receivedAt` is when they came. */
export async function obey(deps: Deps, news: PaymentNews, receivedAt: Instant): Promise<Verdict> {
  const { found } = await readAll(deps.db, { found: paymentUnderWay(deps.db, news.paymentId) });
  const payment = found[0];
  if (!payment) return unknownPayment(deps, news, receivedAt);
  if (news.kind === "outcome") {
    await applyOutcome(deps, payment, news.outcome, "stripe");
    return "done";
  }
  const apply = () =>
    news.kind === "returned" ? returnPayment(deps, news, receivedAt) : applyRefunds(deps, news.paymentId, news.refunds);
  let result = await apply();
  if (result === "retry") {
    await checkUnderWay(deps, payment, "stripe");
    result = await apply();
  }
  return result === "retry" ? { retryInSeconds: 5 * MINUTE } : "done";
}

/** A webhook can overtake our own commit. Money for a payment that never appears is a person's business. */
async function unknownPayment(deps: Deps, news: PaymentNews, receivedAt: Instant): Promise<Verdict> {
  const { db, now } = deps;
  if (now - receivedAt < HOUR) return { retryInSeconds: MINUTE };
  if (news.kind !== "outcome" || news.outcome.state === "settled" || news.outcome.state === "processing") {
    await commit(
      db,
      now,
      { key: `payment.unknown:${news.paymentId}`, action: "payment.unknown", accountId: null, by: "stripe" },
      [
        openWorklist(
          now,
          "payment_disagreed",
          null,
          news.paymentId,
          "the vendor has moved money for a payment that is not in our books",
        ),
      ],
    );
  }
  return "done";
}
