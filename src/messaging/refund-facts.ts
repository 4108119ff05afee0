import { eq, sql } from "drizzle-orm";
import { payments, refunds } from "../../db/schema.ts";
import { type Given, read } from "../reads.ts";

/** What a letter about a refund names: how much, why, and where it went. */
export type LetterRefund = {
  paymentId: string;
  amountCents: number;
  reason: string;
  kind: string;
  brand: string;
  lastFour: string;
};

/** The refund that a message is about. No row for other messages. */
export const refundOfMessage = read((db, _: null, messageId: Given<string>) =>
  db
    .select({
      paymentId: refunds.paymentId,
      amountCents: refunds.amountCents,
      reason: refunds.reason,
      kind: sql<string>`${payments.kind}`,
      brand: payments.brand,
      lastFour: payments.lastFour,
    })
    .from(refunds)
    .innerJoin(payments, eq(payments.id, refunds.paymentId))
    .where(sql`${refunds.id} = (select subject_id from messages where id = ${messageId})`),
);
