import { type SQLWrapper, sql } from "drizzle-orm";

/** Why a draft has taken less than its notice said. */

/** What covered the invoices of a payment's draft otherwise, from the notice to the draft. 0 where it is no draft's. */
export const coveredSinceNotice = (paymentId: SQLWrapper, by: "payment" | "credit") =>
  sql<number>`(select coalesce(sum(a.amount_cents), 0) from draft_payments dp join drafts d on d.id = dp.draft_id
    join draft_items i on i.draft_id = d.id join allocations a on a.invoice_id = i.invoice_id
    join payments made on made.id = dp.payment_id
    where dp.payment_id = ${paymentId} and a.at between d.announced_at and made.started_at
      and a.payment_id is not dp.payment_id and a.credit_id is ${by === "credit" ? sql`not null` : sql`null`})`;

/** A draft that has taken less than was announced, and why. */
export type Less = {
  because: "paid" | "credited" | "both" | "other";
  announcedCents: number;
  amountCents: number;
};

/** Null where the payment was no draft's, or took what was announced. */
export function lessThanAnnounced(p: {
  amountCents: number;
  announcedCents: number | null;
  paidSinceCents: number;
  creditedSinceCents: number;
}): Less | null {
  const { amountCents, announcedCents, paidSinceCents, creditedSinceCents } = p;
  if (announcedCents === null || amountCents >= announcedCents) return null;
  const explained = paidSinceCents + creditedSinceCents >= announcedCents - amountCents;
  const because = !explained ? "other" : creditedSinceCents === 0 ? "paid" : paidSinceCents === 0 ? "credited" : "both";
  return { because, announcedCents, amountCents };
}
