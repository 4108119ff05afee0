import { asc, desc, eq, sql } from "drizzle-orm";
import { accounts, allocations, credits, invoices, payments, refunds, returns } from "../../db/schema.ts";
import { creditedCents } from "../billing/allocations.ts";
import { listedPayment } from "../billing/payments.ts";
import { type Given, read, type StaffScope } from "../reads.ts";

/** How many payments and credits the page of an account's money shows, the newest of them. */
const SHOWN = 30;
const INVOICES_SHOWN = 100;

/** An account's payments, the newest first. */
export const paymentsForOffice = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select(listedPayment)
    .from(payments)
    .where(
      sql`${staff} and ${payments.accountId} = (select id from accounts where number = ${number})
        and (${payments.paidOn}, ${payments.id}) < ('9999-12-31', '')`,
    )
    .orderBy(desc(payments.paidOn), desc(payments.id))
    .limit(SHOWN),
);

/** An account's credits, the newest first. */
export const creditsForOffice = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select({
      id: credits.id,
      number: credits.number,
      reason: credits.reason,
      issuedOn: credits.issuedOn,
      amountCents: credits.amountCents,
      allocatedCents: credits.allocatedCents,
      by: sql<string>`coalesce((select u.name from users u where u.id = credits.by), 'Back office')`,
    })
    .from(credits)
    .where(sql`${staff} and ${credits.accountId} = (select id from accounts where number = ${number})`)
    .orderBy(desc(credits.issuedOn), desc(credits.id))
    .limit(SHOWN),
);

/** What those credits cover. */
export const creditUsesForOffice = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select({
      creditId: sql<string>`${credits.id}`,
      invoiceId: sql<string>`${invoices.id}`,
      invoice: sql<string>`${invoices.number}`,
      cents: sql<number>`sum(${allocations.amountCents})`,
    })
    .from(credits)
    .innerJoin(allocations, eq(allocations.creditId, credits.id))
    .innerJoin(invoices, eq(invoices.id, allocations.invoiceId))
    .where(sql`${staff} and ${credits.accountId} = (select id from accounts where number = ${number})`)
    .groupBy(credits.id, invoices.id)
    .having(sql`sum(${allocations.amountCents}) > 0`)
    .limit(INVOICES_SHOWN),
);

/** An account's open invoices, oldest due first. */
export const openForOffice = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select({
      id: invoices.id,
      number: invoices.number,
      dueOn: invoices.dueOn,
      totalCents: invoices.totalCents,
      allocatedCents: invoices.allocatedCents,
      heldCents: invoices.heldCents,
    })
    .from(invoices)
    // The words of the partial index.
    .where(
      sql`${staff} and ${invoices.accountId} = (select id from accounts where number = ${number})
        and (status = 'sent' and allocated_cents < total_cents)`,
    )
    .orderBy(asc(invoices.dueOn), asc(invoices.number))
    .limit(INVOICES_SHOWN),
);

/** One payment as the office sees it. */
export const paymentForOffice = read((db, staff: StaffScope, id: Given<string>) =>
  db
    .select({
      ...listedPayment,
      accountId: payments.accountId,
      accountNumber: accounts.number,
      accountName: accounts.name,
      origin: payments.origin,
      creditedCents,
      closedAt: payments.closedAt,
      failureCode: payments.failureCode,
    })
    .from(payments)
    .innerJoin(accounts, eq(accounts.id, payments.accountId))
    .where(sql`${staff} and ${payments.id} = ${id}`),
);

/** The invoices that a payment covers now. */
export const coveredForOffice = read((db, staff: StaffScope, id: Given<string>) =>
  db
    .select({
      invoiceId: sql<string>`${invoices.id}`,
      invoice: sql<string>`${invoices.number}`,
      dueOn: invoices.dueOn,
      cents: sql<number>`sum(${allocations.amountCents})`,
    })
    .from(allocations)
    .innerJoin(invoices, eq(invoices.id, allocations.invoiceId))
    .where(sql`${staff} and ${allocations.paymentId} = ${id}`)
    .groupBy(invoices.id)
    .having(sql`sum(${allocations.amountCents}) > 0`)
    .orderBy(asc(invoices.dueOn), asc(invoices.number))
    .limit(INVOICES_SHOWN),
);

/** A payment's refunds, the newest first. */
export const refundsForOffice = read((db, staff: StaffScope, id: Given<string>) =>
  db
    .select({
      id: refunds.id,
      amountCents: refunds.amountCents,
      reason: refunds.reason,
      state: refunds.state,
      failureCode: refunds.failureCode,
      at: refunds.at,
      by: sql<string>`coalesce((select u.name from users u where u.id = refunds.by), refunds.by)`,
    })
    .from(refunds)
    .where(sql`${staff} and ${refunds.paymentId} = ${id}`)
    .orderBy(desc(refunds.at), desc(refunds.id))
    .limit(SHOWN),
);

/** What a payment's bank has taken back, or given back again. */
export const returnsForOffice = read((db, staff: StaffScope, id: Given<string>) =>
  db
    .select({
      amountCents: returns.amountCents,
      code: returns.code,
      state: returns.state,
      at: returns.at,
    })
    .from(returns)
    .where(sql`${staff} and ${returns.paymentId} = ${id}`)
    .orderBy(desc(returns.at))
    .limit(SHOWN),
);
