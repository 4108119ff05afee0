import { and, asc, eq, gt, lte, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { accounts, invoices, paymentMethods, scheduledItems, scheduledPayments, users } from "../../db/schema.ts";
import { rolesWith } from "../auth/roles.ts";
import type { LocalDate } from "../calendar.ts";
import { type AccountScope, read } from "../reads.ts";
import { SWEEP_SIZE } from "./check-payment.ts";

/** Payments that were put off to a later day. */

/** One as lists show it: when, how much, from what. */
export const scheduledPayment = {
  id: scheduledPayments.id,
  payOn: scheduledPayments.payOn,
  kind: paymentMethods.kind,
  brand: paymentMethods.brand,
  lastFour: paymentMethods.lastFour,
  amountCents: sql<number>`(select sum(amount_cents) from scheduled_items where scheduled_payment_id = ${scheduledPayments.id})`,
};

/** Those of an account that wait for their day, the next first. */
export const scheduledOf = read((db, account: AccountScope) =>
  db
    .select(scheduledPayment)
    .from(scheduledPayments)
    .innerJoin(paymentMethods, eq(paymentMethods.id, scheduledPayments.paymentMethodId))
    .where(and(eq(scheduledPayments.accountId, account), sql`${scheduledPayments.state} = 'waiting'`))
    .orderBy(asc(scheduledPayments.payOn), asc(scheduledPayments.id))
    .limit(20),
);

/** Those whose day has come, after a cursor. */
export const scheduledToMake = (db: Db, today: LocalDate, after: string | null) =>
  db
    .select({ id: scheduledPayments.id })
    .from(scheduledPayments)
    .where(
      and(
        // The words of the partial index `scheduled_payments_to_make`: with a `?` in them SQLite would not know it.
        sql`${scheduledPayments.state} = 'waiting'`,
        lte(scheduledPayments.payOn, today),
        after ? gt(scheduledPayments.id, after) : undefined,
      ),
    )
    .orderBy(asc(scheduledPayments.id))
    .limit(SWEEP_SIZE);

/** One of them with all that making it needs; `mayPay` is whether whoever put it off may still pay for the account. */
export const scheduledById = (db: Db, id: string) =>
  db
    .select({
      scheduled: scheduledPayments,
      method: {
        id: paymentMethods.id,
        kind: paymentMethods.kind,
        brand: paymentMethods.brand,
        lastFour: paymentMethods.lastFour,
        stripePaymentMethodId: paymentMethods.stripePaymentMethodId,
      },
      usable: sql<boolean>`${paymentMethods.removedAt} is null and ${paymentMethods.blocked} is null
        and ${paymentMethods.removalRequestedAt} is null`.mapWith(Boolean),
      mayPay: sql<boolean>`exists (select 1 from memberships m where m.user_id = ${scheduledPayments.userId}
        and m.account_id in (${accounts.id}, ${accounts.masterAccountId}) and m.active_since is not null
        and m.role in ${rolesWith("pay")})`.mapWith(Boolean),
      account: {
        id: accounts.id,
        name: accounts.name,
        email: accounts.email,
        stripeCustomerId: accounts.stripeCustomerId,
      },
      cards: accounts.cardPayments,
      language: users.language,
    })
    .from(scheduledPayments)
    .innerJoin(paymentMethods, eq(paymentMethods.id, scheduledPayments.paymentMethodId))
    .innerJoin(accounts, eq(accounts.id, scheduledPayments.accountId))
    .innerJoin(users, eq(users.id, scheduledPayments.userId))
    .where(eq(scheduledPayments.id, id));

/** What it is for, oldest due first: as much of each invoice as was chosen, and as is still open and not being paid. */
export const scheduledLines = (db: Db, id: string) =>
  db
    .select({
      invoiceId: invoices.id,
      number: invoices.number,
      cards: invoices.cardPayments,
      cents: sql<number>`case ${invoices.status} when 'sent' then max(0, min(${scheduledItems.amountCents},
        ${invoices.totalCents} - ${invoices.allocatedCents} - ${invoices.heldCents})) else 0 end`,
    })
    .from(scheduledItems)
    .innerJoin(invoices, eq(invoices.id, scheduledItems.invoiceId))
    .where(eq(scheduledItems.scheduledPaymentId, id))
    .orderBy(asc(invoices.dueOn), asc(invoices.number));
