import { desc, eq, sql } from "drizzle-orm";
import { allocations, credits, invoices, moneySettings, payments } from "../../db/schema.ts";
import { type LocalDate, plusDays } from "../calendar.ts";
import { type AccountScope, type Given, read } from "../reads.ts";

/** As many as the page of credits shows, the newest of them. */
const SHOWN = 25;

/** Credits that the account was given, the newest first. */
export const creditsOf = read((db, account: AccountScope) =>
  db
    .select({
      id: credits.id,
      reason: credits.reason,
      on: credits.issuedOn,
      amountCents: credits.amountCents,
      restCents: sql<number>`${credits.amountCents} - ${credits.allocatedCents}`,
    })
    .from(credits)
    .where(eq(credits.accountId, account))
    .orderBy(desc(credits.issuedOn), desc(credits.id))
    .limit(SHOWN),
);

/**
 * Payments since a day of which something was left over, or is: what was paid ahead, what is on no invoice any more.
 * `amountCents` is what had no invoice of its own, as far as it is still here.
 */
export const leftOvers = read((db, account: AccountScope, since: Given<string>) =>
  db
    .select({
      id: payments.id,
      on: payments.paidOn,
      kind: payments.kind,
      brand: payments.brand,
      lastFour: payments.lastFour,
      amountCents: sql<number>`amount_cents - refunded_cents - returned_cents`,
      restCents: sql<number>`amount_cents - allocated_cents - refunded_cents - returned_cents`,
    })
    .from(payments)
    .where(
      sql`${payments.accountId} = ${account} and ${payments.paidOn} > ${since} and state = 'settled'
        and (amount_cents > allocated_cents + refunded_cents + returned_cents
          or (origin = 'portal' and amount_cents - refunded_cents - returned_cents >
            (select coalesce(sum(h.amount_cents), 0) from holds h where h.payment_id = payments.id)))`,
    )
    .orderBy(desc(payments.paidOn), desc(payments.id))
    .limit(SHOWN),
);

/** What the account's credits were used for, invoice by invoice. */
export const creditUses = read((db, account: AccountScope) =>
  db
    .select({
      sourceId: sql<string>`${credits.id}`,
      invoice: sql<string>`${invoices.number}`,
      cents: sql<number>`sum(${allocations.amountCents})`,
    })
    .from(credits)
    .innerJoin(allocations, eq(allocations.creditId, credits.id))
    .innerJoin(invoices, eq(invoices.id, allocations.invoiceId))
    .where(eq(credits.accountId, account))
    .groupBy(credits.id, invoices.id)
    .having(sql`sum(${allocations.amountCents}) > 0`)
    .orderBy(invoices.number)
    .limit(200),
);

/** The same of payments since a day that had something left over. */
export const leftOverUses = read((db, account: AccountScope, since: Given<string>) =>
  db
    .select({
      sourceId: sql<string>`${payments.id}`,
      invoice: sql<string>`${invoices.number}`,
      cents: sql<number>`sum(${allocations.amountCents})`,
    })
    .from(payments)
    .innerJoin(allocations, eq(allocations.paymentId, payments.id))
    .innerJoin(invoices, eq(invoices.id, allocations.invoiceId))
    .where(
      sql`${payments.accountId} = ${account} and ${payments.paidOn} > ${since} and ${payments.state} = 'settled'
        and ${payments.amountCents} > (select coalesce(sum(h.amount_cents), 0) from holds h where h.payment_id = payments.id)`,
    )
    .groupBy(payments.id, invoices.id)
    .having(sql`sum(${allocations.amountCents}) > 0`)
    .orderBy(invoices.number)
    .limit(200),
);

/** Whether the dealer has credit used by itself. */
export const creditRule = read((db, _: null) =>
  db.select({ applyCredit: moneySettings.applyCredit }).from(moneySettings).where(eq(moneySettings.id, 1)),
);

/** A cycle that is longer than a year is none. */
export const cycleSince = (today: LocalDate): LocalDate => plusDays(today, -400);

/**
 * What a usual cycle comes to: the monitoring charges of the latest day, since a day, on which there were some. No row
 * where there were none.
 */
export const usualCycle = read((db, account: AccountScope, since: Given<string>) =>
  db
    .select({ cents: sql<number>`sum(${invoices.totalCents})` })
    .from(invoices)
    .where(
      sql`${invoices.accountId} = ${account} and ${invoices.issuedOn} > ${since} and ${invoices.kind} = 'recurring' and ${invoices.status} = 'sent'`,
    )
    .groupBy(invoices.issuedOn)
    .orderBy(desc(invoices.issuedOn))
    .limit(1),
);
