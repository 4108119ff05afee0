import { and, asc, desc, eq, type SQL, sql } from "drizzle-orm";
import { accounts, allocations, credits, invoiceLines, invoices, payments, sites } from "../../db/schema.ts";
import { type AccountScope, type Given, read } from "../reads.ts";

/** As many open invoices as one page shows; a page must fit the first burst of a slow line. */
export const INVOICES_PER_PAGE = 25;

/** What "Pay everything" may cover at once; more than this is a telephone call. */
export const MOST_INVOICES_PER_PAYMENT = 500;

/** Exactly the condition of the partial index `invoices_open`, so that paid history costs nothing here. */
const isOpen = sql`(status = 'sent' and allocated_cents < total_cents)`;
const isPaid = sql`(status = 'sent' and allocated_cents >= total_cents)`;
const isSent = sql`${invoices.status} = 'sent'`;

/**
 * What payments under way have spoken for. What a checkout holds that was opened and not finished is on its way nowhere:
 * it is due as before, and a new payment for it gives that checkout up.
 */
export const underWayCents = sql<number>`case when held_cents = 0 then 0 else held_cents - (
  select coalesce(sum(h.amount_cents), 0) from holds h join payments p on p.id = h.payment_id
   where h.invoice_id = invoices.id and p.state = 'pending' and p.stripe_checkout_id is not null and p.checks = 0) end`;

const listed = {
  id: invoices.id,
  number: invoices.number,
  issuedOn: invoices.issuedOn,
  dueOn: invoices.dueOn,
  totalCents: invoices.totalCents,
  allocatedCents: invoices.allocatedCents,
  heldCents: underWayCents,
  cardPayments: invoices.cardPayments,
  siteName: sites.name,
};

/** Open invoices, oldest due first; one more than `limit`, so that the caller sees whether there are more. */
export const openInvoices = (
  account: AccountScope,
  limit: number,
  after: { dueOn: string; number: string } | null = null,
) => openAfter(account, after?.dueOn ?? "", after?.number ?? "", limit + 1);

const openAfter = read((db, account: AccountScope, dueOn: Given<string>, number: Given<string>, limit: Given<number>) =>
  db
    .select(listed)
    .from(invoices)
    .leftJoin(sites, eq(sites.id, invoices.siteId))
    .where(
      and(
        eq(invoices.accountId, account),
        isOpen,
        sql`(${invoices.dueOn}, ${invoices.number}) > (${dueOn}, ${number})`,
      ),
    )
    .orderBy(asc(invoices.dueOn), asc(invoices.number))
    .limit(limit),
);

/** Paid invoices, newest first, from a cursor on. */
export const paidInvoices = (account: AccountScope, before: Cursor | null) => paidBefore(account, ...from(before));
const paidBefore = invoicesBefore(isPaid);

/** All invoices that were sent, newest first, from a cursor on. */
export const sentInvoices = (account: AccountScope, before: Cursor | null) => sentBefore(account, ...from(before));
const sentBefore = invoicesBefore(isSent);

/** Where a page of history ended. */
export type Cursor = { on: string; id: string };

/** A cursor's two values; without one, of a row after all others. */
export const from = (before: Cursor | null): [string, string] => (before ? [before.on, before.id] : ["9999-12-31", ""]);

function invoicesBefore(condition: SQL) {
  return read((db, account: AccountScope, on: Given<string>, id: Given<string>) =>
    db
      .select(listed)
      .from(invoices)
      .leftJoin(sites, eq(sites.id, invoices.siteId))
      .where(
        and(eq(invoices.accountId, account), condition, sql`(${invoices.issuedOn}, ${invoices.id}) < (${on}, ${id})`),
      )
      .orderBy(desc(invoices.issuedOn), desc(invoices.id))
      .limit(INVOICES_PER_PAGE + 1),
  );
}

/** What is open, summed up for each day that invoices fall due on: those of many sites fall due together. Cents. */
export const openDays = read((db, account: AccountScope) =>
  db
    .select({
      dueOn: invoices.dueOn,
      owedCents: sql<number>`sum(total_cents - allocated_cents)`,
      heldCents: sql<number>`sum(held_cents)`,
      underWayCents: sql<number>`sum(${underWayCents})`,
    })
    .from(invoices)
    .where(and(eq(invoices.accountId, account), isOpen))
    .groupBy(invoices.dueOn),
);

/** Account credit: what settled payments and credits have left over. */
export const accountCredit = read((db, account: AccountScope) =>
  db
    .select({
      cents: sql<number>`
        (select coalesce(sum(amount_cents - allocated_cents - refunded_cents - returned_cents), 0) from ${payments}
          where account_id = ${account} and state = 'settled' and amount_cents > allocated_cents + refunded_cents + returned_cents)
        + (select coalesce(sum(amount_cents - allocated_cents), 0) from ${credits} where account_id = ${account})`,
    })
    .from(sql`(select 1)`),
);

/** One sent invoice of the account, with whose it is and where it was for. */
export const invoiceByNumber = read((db, account: AccountScope, number: Given<string>) =>
  db
    .select({
      ...listed,
      kind: invoices.kind,
      memo: invoices.memo,
      site: {
        number: sites.number,
        name: sites.name,
        line1: sites.line1,
        city: sites.city,
        state: sites.state,
        zip: sites.zip,
      },
      account: {
        number: accounts.number,
        name: accounts.name,
        line1: accounts.line1,
        line2: accounts.line2,
        city: accounts.city,
        state: accounts.state,
        zip: accounts.zip,
        registrationKey: accounts.registrationKey,
      },
    })
    .from(invoices)
    .innerJoin(accounts, eq(accounts.id, invoices.accountId))
    .leftJoin(sites, eq(sites.id, invoices.siteId))
    .where(and(eq(invoices.accountId, account), eq(invoices.number, number), isSent)),
);

/** Its lines, in their order. */
export const linesOf = read((db, account: AccountScope, number: Given<string>) =>
  db
    .select({
      position: invoiceLines.position,
      description: invoiceLines.description,
      serviceFromOn: invoiceLines.serviceFromOn,
      serviceToOn: invoiceLines.serviceToOn,
      quantityThousandths: invoiceLines.quantityThousandths,
      unitCents: invoiceLines.unitCents,
      amountCents: invoiceLines.amountCents,
      taxName: invoiceLines.taxName,
      taxCents: invoiceLines.taxCents,
    })
    .from(invoiceLines)
    .innerJoin(invoices, eq(invoices.id, invoiceLines.invoiceId))
    .where(and(eq(invoices.accountId, account), eq(invoices.number, number), isSent))
    .orderBy(asc(invoiceLines.position))
    .limit(500),
);

/** What has been put on it and taken off again, in the order it happened. */
export const moneyOn = read((db, account: AccountScope, number: Given<string>) =>
  db
    .select({
      amountCents: allocations.amountCents,
      at: allocations.at,
      /** The change that did it: `refund.started`, `payment.returned`, `payment.closed`. */
      change: sql<string>`substr(${allocations.eventKey}, 1, instr(${allocations.eventKey}, ':') - 1)`,
      paymentId: payments.id,
      paidOn: payments.paidOn,
      kind: payments.kind,
      brand: payments.brand,
      lastFour: payments.lastFour,
      creditReason: credits.reason,
      creditOn: credits.issuedOn,
    })
    .from(allocations)
    .innerJoin(invoices, eq(invoices.id, allocations.invoiceId))
    .leftJoin(payments, eq(payments.id, allocations.paymentId))
    .leftJoin(credits, eq(credits.id, allocations.creditId))
    .where(and(eq(invoices.accountId, account), eq(invoices.number, number), isSent))
    .orderBy(asc(allocations.id))
    .limit(500),
);
