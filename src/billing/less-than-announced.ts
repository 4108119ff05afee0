import { type SQLWrapper, sql } from "drizzle-orm";

/** Why a draft has taken less than its notice said. */

/** What covered the invoices of a payment's draft otherwise, from the notice to the draft. 0 where it is no draft's. */
export const coveredSinceNotice = (paymentId: SQLWrapper, by: "payment" | "credit") =>
  sql<number>`(select coalesce(sum(a.amount_cents), 0) from draft_payments dp join drafts d on d.id = dp.draft_id
    join draft_items i on i.draft_id = d.id join allocations a on a.invoice_id = i.invoice_id
    join payments made on made.id = dp.payment_id
    where dp.payment_id = ${paymentId} and a.at between d.announced_at and made.started_at
      and a.payment_id is not dp.payment_id and a.credit_id is ${by === "credit" ? sql`not null` : sql`null`})`;

/** A payment with what its draft was announced for; null where it is none of a draft. */
export type Drafted = {
  amountCents: number;
  announcedCents: number | null;
  paidSinceCents: number;
  creditedSinceCents: number;
};

export type LessBecause = "paid" | "credited" | "both" | "other";

/** Null where it was no draft, or took what was announced. */
export function lessBecause(p: Drafted): LessBecause | null {
  const less = (p.announcedCents ?? 0) - p.amountCents;
  if (less <= 0) return null;
  if (p.paidSinceCents + p.creditedSinceCents < less) return "other";
  if (p.creditedSinceCents === 0) return "paid";
  return p.paidSinceCents === 0 ? "credited" : "both";
}
