import { sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { commit, readAll } from "../batch.ts";
import { DAY, HOUR, type Instant } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { idsSince, newId } from "../ids.ts";
import type { VendorPayment } from "../ports.ts";
import { checkPayment } from "./check-payment.ts";
import { listDifference } from "./list-difference.ts";
import { markListed, unlistedBack } from "./reckon-back.ts";
import { figuresOf, type OurPayment, sameMoney } from "./reckoning-rules.ts";
import { obey } from "./stripe-events.ts";

/**
 * How far back lists are gone through, by when a thing was made. The vendor's own refunds and returns further: a refund
 * may come back after weeks, and a dispute is decided after months.
 */
const LOOK_BACK_SECONDS = 10 * DAY;
const LOOK_BACK_AT_DECISIONS_SECONDS = 120 * DAY;
/** Ours of the first hour may stand before the vendor's list begins, and those of the last may be on their way. */
const EDGE_SECONDS = HOUR;
const PAGE = 100;

/**
 * Where a night's reckoning stands: the vendor's refunds and returns are gone through first, because they are recorded
 * as if just heard of; then its payments against ours; then ours that it did not
 * list, of payments, refunds and returns.
 */
export type ReckoningStep = {
  of: "refunds" | "returns" | "payments" | "ours" | "our_refunds" | "our_returns";
  began: Instant;
  cursor: string | null;
};

const NEXT = {
  refunds: "returns",
  returns: "payments",
  payments: "ours",
  ours: "our_refunds",
  our_refunds: "our_returns",
  our_returns: null,
} as const;

/**
 * One page of the nightly reckoning; answers where to go on, null when all is done. What was missed is recorded as by
 * its webhook; what then still differs is put on the worklist, once for the same two figures. Throws VendorTrouble.
 */
export async function reckon(deps: Deps, at: ReckoningStep | null): Promise<ReckoningStep | null> {
  const step = at ?? { of: "refunds", began: deps.now, cursor: null };
  const next = await onePage(deps, step);
  if (next !== null) return { ...step, cursor: next };
  const of = NEXT[step.of];
  return of && { ...step, of, cursor: null };
}

async function onePage(deps: Deps, { of, began, cursor }: ReckoningStep): Promise<string | null> {
  const { payments } = deps.ports;
  const decided = of === "refunds" || of === "returns";
  const since = began - (decided ? LOOK_BACK_AT_DECISIONS_SECONDS : LOOK_BACK_SECONDS);
  if (of === "ours") return unlisted(deps, began, since, cursor);
  if (of === "our_refunds" || of === "our_returns") {
    const night = { began, from: since + EDGE_SECONDS, to: began - EDGE_SECONDS };
    return unlistedBack(deps, of === "our_refunds" ? "refunds" : "returns", night, cursor);
  }
  if (of === "payments") {
    const { found, next } = await payments.listPayments(since, cursor);
    await compare(deps, found);
    return next;
  }
  const { found, next } = await payments.listNews(of, since, cursor);
  // A list is the truth of this moment: what contradicts it is not merely late.
  for (const news of found) await obey(deps, news, deps.now - HOUR);
  await markListed(deps, of, found);
  return next;
}

/** Holds payments as the vendor has them against the books. Answers the ids of those that agree. */
export async function compare(deps: Deps, vendors: readonly VendorPayment[]): Promise<Set<string>> {
  const { db, now } = deps;
  const ids = vendors.map((one) => one.paymentId);
  let ours = await booksOf(db, ids);
  // One that is under way is not reckoned but asked about, also where the sweep has given up.
  const late = vendors.filter(({ paymentId, state }) => {
    const mine = ours.get(paymentId);
    return (
      mine && (mine.state === "pending" || mine.state === "processing") && mine.state !== state && state !== "open"
    );
  });
  for (const { paymentId } of late) await checkPayment(deps, paymentId, "stripe");
  if (late.length > 0) ours = await booksOf(db, ids);
  const agreed = new Set<string>();
  const charged = new Set<string>();
  for (const vendor of vendors) {
    const mine = ours.get(vendor.paymentId) ?? null;
    const moved = vendor.state === "settled" || vendor.state === "processing";
    const twice = moved && charged.has(vendor.paymentId);
    if (moved) charged.add(vendor.paymentId);
    if (!twice && sameMoney(vendor, mine)) {
      if (mine && (moved || mine.state === "failed")) agreed.add(mine.id);
    } else {
      await listDifference(deps, vendor.paymentId, mine?.accountId ?? null, figuresOf(vendor, mine, twice));
    }
  }
  if (agreed.size > 0) {
    const given = JSON.stringify([...agreed]);
    const key = `payments.reckoned:${newId("rec", now)}`;
    await commit(db, now, { key, action: "payments.reckoned", accountId: null, by: "sweep" }, [
      sql`update payments set reckoned_at = ${now} where id in (select value from json_each(${given}))`,
      sql`update worklist set closed_at = ${now} where closed_at is null
          and id in (select 'reckoning_differs:' || value from json_each(${given}))`,
    ]);
  }
  return agreed;
}

/** Ours that the vendor did not list: it is asked about each by itself. */
async function unlisted(deps: Deps, began: Instant, since: Instant, cursor: string | null): Promise<string | null> {
  const { rows } = await readAll(deps.db, {
    rows: deps.db.all<{ id: string; account_id: string; intent: string | null; checkout: string | null }>(sql`
      select id, account_id, stripe_payment_intent_id intent, stripe_checkout_id checkout from payments
       where id > ${cursor ?? idsSince("pay", since + EDGE_SECONDS)} and id < ${idsSince("pay", began - EDGE_SECONDS)}
         and origin = 'portal' and state in ('settled', 'processing') and coalesce(reckoned_at, 0) < ${began}
       order by id limit ${PAGE}`),
  });
  for (const { id, account_id: accountId, intent, checkout } of rows) {
    const vendor = await deps.ports.payments.look({ paymentId: id, intentId: intent, checkoutId: checkout });
    if (vendor) await compare(deps, [vendor]);
    else {
      const mine = (await booksOf(deps.db, [id])).get(id) ?? null;
      await listDifference(deps, id, accountId, figuresOf(null, mine, false));
    }
  }
  return rows.length === PAGE ? rows.at(-1)!.id : null;
}

/** What the books say of payments, by their ids. */
async function booksOf(db: Db, ids: readonly string[]): Promise<Map<string, OurPayment>> {
  const { rows } = await readAll(db, {
    rows: db.all<OurPayment>(sql`
      select id, account_id "accountId", state, amount_cents "amountCents", refunded_cents "refundedCents",
             stripe_payment_intent_id "intentId",
             (select count(*) from refunds where payment_id = payments.id and state = 'pending' and stripe_refund_id is null) "unsent"
        from payments where id in (select value from json_each(${JSON.stringify(ids)}))`),
  });
  return new Map(rows.map((row) => [row.id, row]));
}
