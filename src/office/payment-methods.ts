import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";
import { accounts, autopay, invoices, paymentMethods, scheduledPayments, setups } from "../../db/schema.ts";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import { listedMethod, ownersMethod } from "../billing/payment-methods.ts";
import { methodUses } from "../billing/remove-method.ts";
import { scheduledPayment } from "../billing/scheduled-payments.ts";
import { stopAutopayOn } from "../billing/stop-autopay.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { type Given, read, type StaffScope } from "../reads.ts";

/** Customers' cards and bank accounts as the office sees them. */

const shown = { ...listedMethod, accountNumber: accounts.number, accountName: accounts.name };

/** Methods whose owners want them off, the longest waiting first. */
export const removalsWaiting = read((db, staff: StaffScope) =>
  db
    .select({ ...shown, requestedAt: sql<number>`${paymentMethods.removalRequestedAt}` })
    .from(paymentMethods)
    .innerJoin(accounts, eq(accounts.id, paymentMethods.accountId))
    // The words of the partial index `payment_methods_to_remove`.
    .where(sql`removal_requested_at is not null and removed_at is null and ${staff}`)
    .orderBy(asc(paymentMethods.removalRequestedAt), asc(paymentMethods.id))
    .limit(100),
);

/** Bank accounts that wait for their small deposits to be typed in, the longest waiting first. */
export const setupsVerifying = read((db, staff: StaffScope) =>
  db
    .select({
      accountNumber: accounts.number,
      accountName: accounts.name,
      brand: setups.brand,
      lastFour: setups.lastFour,
      startedAt: setups.startedAt,
    })
    .from(setups)
    .innerJoin(accounts, eq(accounts.id, setups.accountId))
    // The words of the partial index `setups_to_check`.
    .where(sql`${staff} and ${setups.state} in ('open', 'verifying') and ${setups.state} = 'verifying'`)
    .orderBy(asc(setups.id))
    .limit(100),
);

/** Cards by the month in which they end, from one month to another, both included: those that end first come first. */
export const cardsEnding = read(
  (
    db,
    staff: StaffScope,
    fromYear: Given<number>,
    fromMonth: Given<number>,
    toYear: Given<number>,
    toMonth: Given<number>,
  ) =>
    db
      .select(shown)
      .from(paymentMethods)
      .innerJoin(accounts, eq(accounts.id, paymentMethods.accountId))
      .where(
        sql`removed_at is null and (expires_year, expires_month) >= (${fromYear}, ${fromMonth})
          and (expires_year, expires_month) <= (${toYear}, ${toMonth}) and ${staff}`,
      )
      .orderBy(asc(paymentMethods.expiresYear), asc(paymentMethods.expiresMonth), asc(paymentMethods.id))
      .limit(100),
);

const accountNumbered = (number: Given<string>) => sql`(select id from accounts where number = ${number})`;

/** What one account has on file, the usual one first, each with what keeps it there. */
export const methodsForOffice = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select({ ...ownersMethod, ...methodUses })
    .from(paymentMethods)
    .where(and(staff, eq(paymentMethods.accountId, accountNumbered(number)), isNull(paymentMethods.removedAt)))
    .orderBy(desc(paymentMethods.isDefault), desc(paymentMethods.savedAt), asc(paymentMethods.id))
    .limit(30),
);

/** What somebody has begun to add to one account and that is not on file yet, the newest first. */
export const setupsForOffice = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select({
      id: setups.id,
      state: setups.state,
      brand: setups.brand,
      lastFour: setups.lastFour,
      startedAt: setups.startedAt,
    })
    .from(setups)
    .where(and(staff, eq(setups.accountId, accountNumbered(number)), sql`${setups.state} in ('open', 'verifying')`))
    .orderBy(desc(setups.startedAt), desc(setups.id))
    .limit(10),
);

/** One account's payments that wait for their day, the next first. */
export const scheduledForOffice = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select(scheduledPayment)
    .from(scheduledPayments)
    .innerJoin(paymentMethods, eq(paymentMethods.id, scheduledPayments.paymentMethodId))
    .where(
      and(staff, eq(scheduledPayments.accountId, accountNumbered(number)), sql`${scheduledPayments.state} = 'waiting'`),
    )
    .orderBy(asc(scheduledPayments.payOn), asc(scheduledPayments.id))
    .limit(20),
);

/** Open invoices of an account that are paid from a bank account only. */
export const bankOnlyInvoices = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select({ number: invoices.number })
    .from(invoices)
    .where(
      // The words of the partial index `invoices_open`.
      sql`account_id = (select id from accounts where number = ${number}) and status = 'sent' and allocated_cents < total_cents
        and card_payments = 0 and ${staff}`,
    )
    .orderBy(asc(invoices.dueOn), asc(invoices.number))
    .limit(50),
);

/**
 * Switches cards on or off for a customer. What is under way stays as it is; autopay that drew on a card goes off with
 * them, and its customer is written to. On again, it stays off until the customer turns it on.
 */
export async function switchCards(deps: Deps, accountId: string, on: boolean, by: string): Promise<void> {
  const { db, now } = deps;
  const action = on ? "cards.switched_on" : "cards.switched_off";
  const { drawn } = await readAll(db, {
    drawn: db
      .select({ id: autopay.paymentMethodId, accountId: autopay.accountId })
      .from(autopay)
      .innerJoin(paymentMethods, eq(paymentMethods.id, autopay.paymentMethodId))
      .where(and(eq(autopay.accountId, accountId), isNull(autopay.stoppedAt), eq(paymentMethods.kind, "card"))),
  });
  const stop = !on && drawn[0] ? stopAutopayOn(deps, drawn[0], "cards_off") : null;
  await commit(db, now, { key: `${action}:${newId("evt", now)}`, action, accountId, by }, [
    db.update(accounts).set({ cardPayments: on }).where(eq(accounts.id, accountId)),
    ...(stop?.writes ?? []),
  ]);
  await stop?.announce();
}

/** The same for one invoice of the customer, by its number. False when they have none of that number. */
export async function switchCardsForInvoice(
  { db, now }: Deps,
  { accountId, number, on, by }: { accountId: string; number: string; on: boolean; by: string },
): Promise<boolean> {
  const action = on ? "cards.switched_on" : "cards.switched_off";
  const change = { key: `${action}:${newId("evt", now)}`, action, accountId, by, detail: { invoice: number } };
  const done = await commit(db, now, change, [
    sql`update invoices set card_payments = ${on ? 1 : 0} where number = ${number} and account_id = ${accountId} and status = 'sent'`,
    mustHaveChanged("rows_matched"),
  ]);
  return done.result === "done";
}
