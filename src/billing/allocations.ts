import { desc, eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { allocations, invoices, payments, returns } from "../../db/schema.ts";
import type { Write } from "../batch.ts";
import type { Instant } from "../calendar.ts";
import { reversals } from "./rules.ts";

/** Money of a payment or a credit that goes onto an invoice, or off it again where `cents` is below zero. */
export type Move = { paymentId: string | null; creditId: string | null; invoiceId: string; cents: number };

/** Makes moves, in the commit whose event key they bear. Invoices and sources follow, so their CHECKs refuse too much. */
export function moveMoney(moves: readonly Move[], eventKey: string, at: Instant): Write[] {
  if (moves.length === 0) return [];
  const given = JSON.stringify(moves);
  const add = (table: string, id: string): Write =>
    sql`update ${sql.identifier(table)} set allocated_cents = allocated_cents + moved.cents
        from (select value ->> ${id} id, sum(value ->> 'cents') cents from json_each(${given}) group by 1) moved
        where ${sql.identifier(table)}.id = moved.id`;
  return [
    sql`insert into allocations (invoice_id, payment_id, credit_id, amount_cents, at, event_key)
        select value ->> 'invoiceId', value ->> 'paymentId', value ->> 'creditId', value ->> 'cents', ${at}, ${eventKey}
        from json_each(${given})`,
    add("invoices", "invoiceId"),
    add("payments", "paymentId"),
    add("credits", "creditId"),
  ];
}

/** What was given as credit instead of refunds of a payment. */
export const creditedCents = sql<number>`(select coalesce(sum(c.amount_cents), 0) from credits c where c.payment_id = payments.id)`;

/** Refuses the commit when with it more of a payment has gone back, as money or as credit, than it has brought by now. */
export const noMoreThanBrought = (paymentId: string): Write =>
  sql`insert into guards (rows_matched) select 0 where exists
      (select 1 from payments p where p.id = ${paymentId}
        and iif(p.state = 'settled', p.amount_cents, 0) < p.refunded_cents + p.returned_cents
        + (select coalesce(sum(c.amount_cents), 0) from credits c where c.payment_id = p.id))`;

/** A payment and where its money is: what goes back is planned on this. `covered` is what it covers, due last first. */
export const placedMoney = (db: Db, paymentId: string) => ({
  payment: db
    .select({
      id: payments.id,
      accountId: payments.accountId,
      origin: payments.origin,
      kind: payments.kind,
      state: payments.state,
      amountCents: payments.amountCents,
      allocatedCents: payments.allocatedCents,
      refundedCents: payments.refundedCents,
      returnedCents: payments.returnedCents,
      creditedCents,
      closedAt: payments.closedAt,
      stripePaymentIntentId: payments.stripePaymentIntentId,
      stripeCheckoutId: payments.stripeCheckoutId,
    })
    .from(payments)
    .where(eq(payments.id, paymentId)),
  covered: db
    .select({ invoiceId: allocations.invoiceId, amountCents: sql<number>`sum(${allocations.amountCents})` })
    .from(allocations)
    .innerJoin(invoices, eq(invoices.id, allocations.invoiceId))
    .where(eq(allocations.paymentId, paymentId))
    .groupBy(allocations.invoiceId)
    .having(sql`sum(${allocations.amountCents}) > 0`)
    .orderBy(desc(invoices.dueOn), desc(invoices.number)),
  taken: db.select().from(returns).where(eq(returns.paymentId, paymentId)).orderBy(returns.at, returns.id),
});

export type PlacedPayment = {
  id: string;
  amountCents: number;
  allocatedCents: number;
  refundedCents: number;
  returnedCents: number;
};

/** What of a payment has neither been refunded nor taken back. */
export const stillHere = (p: PlacedPayment): number => p.amountCents - p.refundedCents - p.returnedCents;

/** What comes off invoices when so much of a payment goes: account credit first, then in the order that `covered` has. */
export const movesOff = (
  p: PlacedPayment,
  covered: readonly { invoiceId: string; amountCents: number }[],
  goingCents: number,
): Move[] =>
  reversals(covered, goingCents - (stillHere(p) - p.allocatedCents)).map((line) => ({
    paymentId: p.id,
    creditId: null,
    invoiceId: line.invoiceId,
    cents: -line.amountCents,
  }));

/** Refuses the commit when the payment has changed since it was read. */
export const unchanged = (p: PlacedPayment): Write =>
  sql`insert into guards (rows_matched) select 0 where not exists
      (select 1 from payments where id = ${p.id} and state = 'settled' and allocated_cents = ${p.allocatedCents}
        and refunded_cents = ${p.refundedCents} and returned_cents = ${p.returnedCents})`;

/** What a change took off invoices of a payment, with the room that they have for it now, due first first. */
export const takenOff = (db: Db, paymentId: string, eventKey: string) =>
  db
    .select({
      invoiceId: allocations.invoiceId,
      cents: sql<number>`-${allocations.amountCents}`,
      roomCents: sql<number>`case ${invoices.status} when 'sent' then ${invoices.totalCents} - ${invoices.allocatedCents} - ${invoices.heldCents} else 0 end`,
    })
    .from(allocations)
    .innerJoin(invoices, eq(invoices.id, allocations.invoiceId))
    .where(
      sql`${allocations.paymentId} = ${paymentId} and ${allocations.eventKey} = ${eventKey} and ${allocations.amountCents} < 0`,
    )
    .orderBy(invoices.dueOn, invoices.number);

/** Puts money back where it was, as far as the invoices still owe it; the rest is account credit. */
export function movesBack(
  paymentId: string,
  off: readonly { invoiceId: string; cents: number; roomCents: number }[],
  comingCents: number,
): Move[] {
  let rest = comingCents;
  return off.flatMap(({ invoiceId, cents, roomCents }) => {
    const back = Math.min(rest, cents, roomCents);
    if (back <= 0) return [];
    rest -= back;
    return [{ paymentId, creditId: null, invoiceId, cents: back }];
  });
}
