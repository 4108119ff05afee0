import { and, asc, desc, eq, isNull, type SQL, sql } from "drizzle-orm";
import { accounts, autopay, holds, invoices, paymentMethods, payments, refunds } from "../../db/schema.ts";
import { type AccountScope, type Given, read } from "../reads.ts";
import { underWay } from "./close-payment.ts";
import { type Cursor, from } from "./invoices.ts";
import { coveredSinceNotice } from "./less-than-announced.ts";

export const PAYMENTS_PER_PAGE = 25;

/** What the word for a payment's state follows from. */
const standing = {
  amountCents: payments.amountCents,
  refundedCents: payments.refundedCents,
  returnedCents: payments.returnedCents,
  state: payments.state,
  stripeCheckoutId: payments.stripeCheckoutId,
  checks: payments.checks,
  reviewReason: payments.reviewReason,
};

/** A payment as lists show it. */
export const listedPayment = {
  id: payments.id,
  number: payments.number,
  paidOn: payments.paidOn,
  kind: payments.kind,
  brand: payments.brand,
  lastFour: payments.lastFour,
  allocatedCents: payments.allocatedCents,
  ...standing,
};

/** Payments, newest first, from a cursor on; one more than a page holds. */
export const paymentHistory = (account: AccountScope, before: Cursor | null, limit = PAYMENTS_PER_PAGE) =>
  paymentsBefore(account, ...from(before), limit + 1);
const paymentsBefore = listedBefore(undefined);

/** The same for payments that have a receipt: settled ones. */
export const receipts = (account: AccountScope, before: Cursor | null) =>
  receiptsBefore(account, ...from(before), PAYMENTS_PER_PAGE + 1);
const receiptsBefore = listedBefore(sql`${payments.state} = 'settled'`);

function listedBefore(condition: SQL | undefined) {
  return read((db, account: AccountScope, on: Given<string>, id: Given<string>, limit: Given<number>) =>
    db
      .select(listedPayment)
      .from(payments)
      .where(
        and(eq(payments.accountId, account), condition, sql`(${payments.paidOn}, ${payments.id}) < (${on}, ${id})`),
      )
      .orderBy(desc(payments.paidOn), desc(payments.id))
      .limit(limit),
  );
}

/** One payment of the account, with what its vendor calls it. */
export const paymentById = read((db, account: AccountScope, id: Given<string>) =>
  db
    .select({
      ...listedPayment,
      accountId: payments.accountId,
      origin: payments.origin,
      failureCode: payments.failureCode,
      startedAt: payments.startedAt,
      closedAt: payments.closedAt,
      returnedAt: sql<
        number | null
      >`(select max(at) from returns where payment_id = ${payments.id} and returns.state <> 'won')`,
      stripePaymentIntentId: payments.stripePaymentIntentId,
      startedBy: payments.startedBy,
      extraCents: underWay.extraCents,
      /** Of a draft: what was announced at most. */
      announcedCents: sql<number | null>`(select d.max_cents from draft_payments t join drafts d on d.id = t.draft_id
        where t.payment_id = ${payments.id})`,
      paidSinceCents: coveredSinceNotice(payments.id, "payment"),
      creditedSinceCents: coveredSinceNotice(payments.id, "credit"),
      accountName: accounts.name,
      accountNumber: accounts.number,
    })
    .from(payments)
    .innerJoin(accounts, eq(accounts.id, payments.accountId))
    .where(and(eq(payments.accountId, account), eq(payments.id, id))),
);

/** What of a payment went back to where it came from, the newest first. */
export const refundsOf = read((db, account: AccountScope, paymentId: Given<string>) =>
  db
    .select({ amountCents: refunds.amountCents, reason: refunds.reason, state: refunds.state, at: refunds.at })
    .from(refunds)
    .innerJoin(payments, eq(payments.id, refunds.paymentId))
    .where(sql`${refunds.paymentId} = ${paymentId} and +${payments.accountId} = ${account}`)
    .orderBy(desc(refunds.at), desc(refunds.id))
    .limit(20),
);

/** The invoices a payment of ours was started for, and for an imported one those it covers. */
export const invoicesOf = read((db, account: AccountScope, paymentId: Given<string>) =>
  db
    .select({
      invoiceId: invoices.id,
      number: invoices.number,
      dueOn: invoices.dueOn,
      totalCents: invoices.totalCents,
      allocatedCents: invoices.allocatedCents,
      heldCents: invoices.heldCents,
      amountCents: sql<number>`covered.amount_cents`,
    })
    .from(
      sql`(select invoice_id, amount_cents from holds where payment_id = ${paymentId}
           union all
           select invoice_id, sum(amount_cents) from allocations
            where payment_id = ${paymentId} and not exists (select 1 from holds where payment_id = ${paymentId})
            group by invoice_id having sum(amount_cents) > 0) covered`,
    )
    .innerJoin(invoices, sql`${invoices.id} = covered.invoice_id`)
    // The plus keeps SQLite from walking through all invoices of the account. https://www.sqlite.org/optoverview.html
    .where(sql`+${invoices.accountId} = ${account}`)
    .orderBy(asc(invoices.dueOn), asc(invoices.number))
    .limit(500),
);

/** Exactly the condition of the partial index `payments_under_way`. */
const isUnderWay = sql`${payments.state} in ('pending', 'processing')`;

/** Payments that wait for their customer or for word from the vendor, oldest first. */
export const pendingPayments = read((db, account: AccountScope) =>
  db
    .select({ id: payments.id, ...standing })
    .from(payments)
    .where(and(eq(payments.accountId, account), isUnderWay, sql`${payments.state} = 'pending'`))
    .orderBy(asc(payments.startedAt), asc(payments.id))
    .limit(20),
);

/** Checkouts that were opened and not finished, once for each invoice they hold. A new payment for it gives them up. */
export const unfinishedCheckouts = read((db, account: AccountScope) =>
  db
    .select({ ...underWay, invoiceId: holds.invoiceId })
    .from(payments)
    .innerJoin(holds, eq(holds.paymentId, payments.id))
    .where(
      and(
        eq(payments.accountId, account),
        isUnderWay,
        sql`${payments.state} = 'pending' and ${payments.stripeCheckoutId} is not null and ${payments.checks} = 0`,
      ),
    )
    .limit(500),
);

/** Saved methods that can be charged, the usual one first. */
export const savedMethods = read((db, account: AccountScope) =>
  db
    .select({
      id: paymentMethods.id,
      kind: paymentMethods.kind,
      brand: paymentMethods.brand,
      lastFour: paymentMethods.lastFour,
      expiresMonth: paymentMethods.expiresMonth,
      expiresYear: paymentMethods.expiresYear,
      stripePaymentMethodId: paymentMethods.stripePaymentMethodId,
      isDefault: paymentMethods.isDefault,
    })
    .from(paymentMethods)
    .where(
      and(
        eq(paymentMethods.accountId, account),
        isNull(paymentMethods.removedAt),
        isNull(paymentMethods.blocked),
        isNull(paymentMethods.removalRequestedAt),
      ),
    )
    .orderBy(desc(paymentMethods.isDefault), desc(paymentMethods.savedAt), asc(paymentMethods.id))
    .limit(20),
);

/** Who is billed, as the vendor needs to know. */
export const billedAccount = read((db, account: AccountScope) =>
  db
    .select({
      id: accounts.id,
      name: accounts.name,
      email: accounts.email,
      stripeCustomerId: accounts.stripeCustomerId,
      cardPayments: accounts.cardPayments,
    })
    .from(accounts)
    .where(eq(accounts.id, account)),
);

/** The standing permission, or how it ended. */
export const autopayOf = read((db, account: AccountScope) =>
  db
    .select({
      draftDay: autopay.draftDay,
      kind: paymentMethods.kind,
      brand: paymentMethods.brand,
      lastFour: paymentMethods.lastFour,
      methodId: paymentMethods.id,
      expiresMonth: paymentMethods.expiresMonth,
      expiresYear: paymentMethods.expiresYear,
      blocked: paymentMethods.blocked,
      stopRequestedAt: autopay.stopRequestedAt,
      stoppedAt: autopay.stoppedAt,
      flag: autopay.flag,
    })
    .from(autopay)
    .innerJoin(paymentMethods, eq(paymentMethods.id, autopay.paymentMethodId))
    .where(eq(autopay.accountId, account)),
);
