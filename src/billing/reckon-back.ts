import { sql } from "drizzle-orm";
import { commit, readAll } from "../batch.ts";
import type { Instant } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { dollars } from "../money.ts";
import type { PaymentNews } from "../ports.ts";
import { listDifference } from "./list-difference.ts";

/** Money that went back, as far as the vendor's lists and ours should name the same. */

const PAGE = 100;

export type Back = "refunds" | "returns";

/** Remembers which of our refunds, or returns, the vendor has just listed; what was said of one that was not is over. */
export async function markListed({ db, now }: Deps, of: Back, listed: readonly PaymentNews[]): Promise<void> {
  const ids = JSON.stringify(
    listed.flatMap((news) =>
      news.kind === "refunded"
        ? news.refunds.map((refund) => refund.vendorId)
        : news.kind === "returned"
          ? [news.returnId]
          : [],
    ),
  );
  if (ids === "[]") return;
  const named = sql`(select value from json_each(${ids}))`;
  const ours = of === "refunds" ? sql`(select id from refunds where stripe_refund_id in ${named})` : named;
  const change = {
    key: `${of}.reckoned:${newId("rec", now)}`,
    action: `${of}.reckoned`,
    accountId: null,
    by: "sweep",
  };
  await commit(db, now, change, [
    sql`update ${sql.identifier(of)} set reckoned_at = ${now} where id in ${ours}`,
    sql`update worklist set closed_at = ${now} where closed_at is null and kind = 'reckoning_differs' and subject_id in ${ours}`,
  ]);
}

type Row = { id: string; at: number; accountId: string; cents: number; state: string; vendorId: string };

/**
 * A page of our refunds, or returns, between two instants that the vendor has not listed since a night began: each is
 * asked for by itself, and one that the vendor does not know goes to the worklist with both figures. Answers where to go
 * on, null when all is done. Throws VendorTrouble.
 */
export async function unlistedBack(
  deps: Deps,
  of: Back,
  night: { began: Instant; from: Instant; to: Instant },
  cursor: string | null,
): Promise<string | null> {
  const { db } = deps;
  const [at, id] = cursor === null ? [night.from, ""] : (JSON.parse(cursor) as [number, string]);
  const page = sql`(b.at, b.id) > (${at}, ${id}) and b.at < ${night.to} and coalesce(b.reckoned_at, 0) < ${night.began}
    order by b.at, b.id limit ${PAGE}`;
  const { rows } = await readAll(db, {
    rows: db.all<Row>(
      of === "refunds"
        ? sql`select b.id, b.at, p.account_id "accountId", b.amount_cents cents, b.state, b.stripe_refund_id "vendorId"
              from refunds b join payments p on p.id = b.payment_id
              where b.state <> 'failed' and b.stripe_refund_id is not null and ${page}`
        : sql`select b.id, b.at, p.account_id "accountId", b.amount_cents cents, b.state, b.id "vendorId"
              from returns b join payments p on p.id = b.payment_id where ${page}`,
    ),
  });
  for (const row of rows) {
    const type = of === "refunds" ? "refund.updated" : "charge.dispute.updated";
    const news = await deps.ports.payments.news({ type, objectId: row.vendorId });
    if (news) await markListed(deps, of, [news]);
    else await listDifference(deps, row.id, row.accountId, figuresOfBack(of, row));
  }
  const last = rows.at(-1);
  return last && rows.length === PAGE ? JSON.stringify([last.at, last.id]) : null;
}

const figuresOfBack = (of: Back, { vendorId, cents, state }: Row) =>
  of === "refunds"
    ? { bank: `no such refund, ${vendorId}`, books: `${dollars(cents)} refunded, ${state}` }
    : { bank: `no such dispute, ${vendorId}`, books: `${dollars(cents)} taken back, ${state}` };
