import { and, asc, desc, eq, sql } from "drizzle-orm";
import { accounts, agreements, autopay, drafts, invoices, moneySettings, paymentMethods } from "../../db/schema.ts";
import { type AccountScope, type Given, read } from "../reads.ts";
import { draftable, methodUsable } from "./drafts.ts";
import { MOST_INVOICES_PER_PAYMENT } from "./invoices.ts";

/** What the autopay page asks. */

/** An account's standing permission, also one that has been stopped, and what it draws on. */
export const autopayRow = read((db, account: AccountScope) =>
  db
    .select({
      methodId: autopay.paymentMethodId,
      draftDay: autopay.draftDay,
      monitoring: autopay.monitoring,
      othersUpToCents: autopay.othersUpToCents,
      askAboveCents: autopay.askAboveCents,
      agreementId: autopay.agreementId,
      firstDraftOn: autopay.firstDraftOn,
      stopRequestedAt: autopay.stopRequestedAt,
      stoppedAt: autopay.stoppedAt,
      flag: autopay.flag,
      kind: paymentMethods.kind,
      brand: paymentMethods.brand,
      lastFour: paymentMethods.lastFour,
    })
    .from(autopay)
    .innerJoin(paymentMethods, eq(paymentMethods.id, autopay.paymentMethodId))
    .where(eq(autopay.accountId, account)),
);
export type AutopayRow = ReturnType<typeof autopayRow>["_"]["result"][number];

/** What the dealer says of autopay, and the office of this account. */
export const autopayRules = read((db, account: AccountScope) =>
  db
    .select({
      draftDayRule: moneySettings.draftDayRule,
      usualDay: moneySettings.draftDay,
      stopping: moneySettings.stoppingAutopay,
      /** The office has set the day for this account. */
      officeDay: accounts.draftDay,
      cardPayments: accounts.cardPayments,
      email: accounts.email,
    })
    .from(accounts)
    .innerJoin(moneySettings, eq(moneySettings.id, 1))
    .where(eq(accounts.id, account)),
);

/** Open invoices, oldest due first, as drafts look at them. */
export const invoicesToDraft = read((db, account: AccountScope) =>
  db
    .select(draftable)
    .from(invoices)
    .innerJoin(accounts, eq(accounts.id, invoices.accountId))
    .where(
      and(
        eq(invoices.accountId, account),
        // The words of the partial index `invoices_open`.
        sql`${invoices.status} = 'sent' and ${invoices.allocatedCents} < ${invoices.totalCents}`,
      ),
    )
    .orderBy(asc(invoices.dueOn), asc(invoices.number))
    .limit(MOST_INVOICES_PER_PAYMENT),
);

/** Months since a day in which recurring charges were invoiced, the latest first. */
export const recurringMonths = read((db, account: AccountScope, since: Given<string>) =>
  db
    .select({
      cents: sql<number>`sum(${invoices.totalCents})`,
      lastIssuedOn: sql<string>`max(${invoices.issuedOn})`,
    })
    .from(invoices)
    .where(
      and(
        eq(invoices.accountId, account),
        sql`${invoices.issuedOn} > ${since} and ${invoices.status} = 'sent' and ${invoices.kind} = 'recurring'`,
      ),
    )
    .groupBy(sql`substr(${invoices.issuedOn}, 1, 7)`)
    .orderBy(sql`max(${invoices.issuedOn}) desc`)
    .limit(2),
);

/** A draft as lists show it. */
export const listedDraft = {
  id: drafts.id,
  draftOn: drafts.draftOn,
  maxCents: drafts.maxCents,
  state: drafts.state,
  tries: drafts.tries,
  nextTryOn: drafts.nextTryOn,
  failureCode: drafts.failureCode,
};

/** What is still open of what a draft was announced for. */
const openCents = sql<number>`(select coalesce(sum(min(t.max_cents, max(i.total_cents - i.allocated_cents - i.held_cents, 0))), 0)
  from draft_items t join invoices i on i.id = t.invoice_id where t.draft_id = ${drafts.id} and i.status = 'sent')`;

/** What is asked about a draft above the customer's ceiling. */
const question = {
  brand: paymentMethods.brand,
  lastFour: paymentMethods.lastFour,
  invoices: sql<number>`(select count(*) from draft_items t where t.draft_id = ${drafts.id})`,
};

/** The draft that waits for its customer's yes, as long as that counts. */
export const openQuestion = read((db, account: AccountScope, today: Given<string>) =>
  db
    .select({
      id: drafts.id,
      draftOn: drafts.draftOn,
      maxCents: drafts.maxCents,
      kind: paymentMethods.kind,
      ...question,
    })
    .from(drafts)
    .innerJoin(paymentMethods, eq(paymentMethods.id, drafts.paymentMethodId))
    .where(
      and(
        eq(drafts.accountId, account),
        sql`${drafts.state} = 'asking' and ${drafts.draftOn} >= ${today} and ${openCents} > 0`,
      ),
    )
    .orderBy(asc(drafts.draftOn))
    .limit(1),
);

/** Drafts since a day, oldest first; `openCents` is what is still open of what was announced. */
export const latestDrafts = read((db, account: AccountScope, since: Given<string>) =>
  db
    .select({
      ...listedDraft,
      kind: paymentMethods.kind,
      /** What it would be taken from can still be charged. */
      usable: methodUsable,
      ...question,
      openCents,
    })
    .from(drafts)
    .innerJoin(paymentMethods, eq(paymentMethods.id, drafts.paymentMethodId))
    .innerJoin(accounts, eq(accounts.id, drafts.accountId))
    .where(and(eq(drafts.accountId, account), sql`${drafts.draftOn} >= ${since}`))
    .orderBy(asc(drafts.draftOn))
    .limit(6),
);
export type LatestDraft = ReturnType<typeof latestDrafts>["_"]["result"][number];

/** What was agreed to about autopay, word for word, the latest first. */
export const autopayAgreements = read((db, account: AccountScope) =>
  db
    .select({
      text: agreements.text,
      language: agreements.language,
      name: agreements.name,
      at: agreements.at,
      kind: paymentMethods.kind,
      brand: paymentMethods.brand,
      lastFour: paymentMethods.lastFour,
    })
    .from(agreements)
    .leftJoin(paymentMethods, eq(paymentMethods.id, agreements.paymentMethodId))
    .where(and(eq(agreements.accountId, account), eq(agreements.kind, "autopay")))
    .orderBy(desc(agreements.at), desc(agreements.id))
    .limit(10),
);
