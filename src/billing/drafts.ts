import { and, asc, eq, gt, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { accounts, agreements, autopay, draftItems, drafts, invoices, paymentMethods } from "../../db/schema.ts";
import type { LocalDate } from "../calendar.ts";
import { someoneToTell } from "../messaging/promise-letter.ts";
import { type Given, read } from "../reads.ts";
import { SWEEP_SIZE } from "./check-payment.ts";
import { dayIn, lastDayOfNotice, monthOf, noticeAllows } from "./draft-day-rules.ts";
import { MOST_INVOICES_PER_PAYMENT } from "./invoices.ts";

/** What the machine asks about drafts: it acts for nobody, by an account's id. */

/** How many accounts or drafts one listing job hands on; more go to another. */
export const DRAFTS_PER_PAGE = 500;

/** An account has one draft a month, by this name: announced twice it is the same one. */
export const draftIdOf = (accountId: string, month: string): string => `drf_${accountId.slice(4)}_${month}`;

/**
 * A page of accounts whose draft day a date is, after a cursor; `due` where they have something open that may be
 * drafted and no draft of that month. What was invoiced too late to be announced in time is not due. Whoever has asked to
 * stop is left alone until that is decided.
 */
export function accountsToAnnounce(db: Db, today: LocalDate, scheduledOn: LocalDate, after: string) {
  const until = noticeAllows(today, scheduledOn) ? "9999-12-31" : lastDayOfNotice(scheduledOn);
  return db
    .select({
      id: autopay.accountId,
      // Written out: drizzle leaves the table's name off, and within the subqueries the column would be theirs.
      due: sql<boolean>`not exists (select 1 from drafts where id = 'drf_' || substr(autopay.account_id, 5) || ${`_${monthOf(scheduledOn)}`})
        and exists (select 1 from invoices i where i.account_id = autopay.account_id and i.status = 'sent'
          and i.allocated_cents < i.total_cents and i.allocated_cents + i.held_cents < i.total_cents and i.issued_on <= ${until}
          and ((i.kind = 'recurring' and autopay.monitoring) or (i.kind <> 'recurring' and i.total_cents <= autopay.others_up_to_cents)))`.mapWith(
        Boolean,
      ),
    })
    .from(autopay)
    .where(
      and(
        isNull(autopay.stoppedAt),
        isNull(autopay.stopRequestedAt),
        eq(autopay.draftDay, dayIn(scheduledOn)),
        gt(autopay.accountId, after),
        sql`coalesce(${autopay.firstDraftOn}, '') <= ${scheduledOn}`,
      ),
    )
    .orderBy(asc(autopay.accountId))
    .limit(DRAFTS_PER_PAGE);
}

/** A page of drafts whose customer was asked and has not answered, and whose day is over. */
export const unansweredDrafts = (db: Db, today: LocalDate, after: string | null) =>
  db
    .select({ id: drafts.id })
    .from(drafts)
    .where(
      and(
        // The words of the partial index `drafts_to_answer`.
        sql`state = 'asking'`,
        sql`${drafts.draftOn} < ${today}`,
        after ? gt(drafts.id, after) : undefined,
      ),
    )
    .orderBy(asc(drafts.id))
    .limit(SWEEP_SIZE);

/** An invoice as drafts look at it, with whether a card may pay it: of `invoices` joined to `accounts`. */
export const draftable = {
  id: invoices.id,
  number: invoices.number,
  kind: invoices.kind,
  issuedOn: invoices.issuedOn,
  totalCents: invoices.totalCents,
  payableCents: sql<number>`max(total_cents - allocated_cents - held_cents, 0)`,
  cardPayments: sql<boolean>`${invoices.cardPayments} and ${accounts.cardPayments}`.mapWith(Boolean),
};

/** Whether a method can be charged with nobody there, for the account beside it. */
export const methodUsable =
  sql<boolean>`${paymentMethods.removedAt} is null and ${paymentMethods.removalRequestedAt} is null
    and ${paymentMethods.blocked} is null and (${paymentMethods.kind} = 'bank' or ${accounts.cardPayments})`.mapWith(
    Boolean,
  );

const method = {
  id: paymentMethods.id,
  kind: paymentMethods.kind,
  brand: paymentMethods.brand,
  lastFour: paymentMethods.lastFour,
  stripePaymentMethodId: paymentMethods.stripePaymentMethodId,
  usable: methodUsable,
};

const billed = {
  id: accounts.id,
  name: accounts.name,
  email: accounts.email,
  stripeCustomerId: accounts.stripeCustomerId,
  /** Whether there is money of theirs that no invoice has used yet. */
  hasCredit:
    sql<boolean>`exists (select 1 from credits c where c.account_id = accounts.id and c.amount_cents > c.allocated_cents)
    or exists (select 1 from payments p where p.account_id = accounts.id and p.state = 'settled'
      and p.amount_cents > p.allocated_cents + p.refunded_cents + p.returned_cents)`.mapWith(Boolean),
};

/** An account's autopay with its method, as an announcement needs it. */
export const autopayToAnnounce = (db: Db, accountId: string) =>
  db
    .select({ autopay, method, billed, told: someoneToTell(accounts.id) })
    .from(autopay)
    .innerJoin(paymentMethods, eq(paymentMethods.id, autopay.paymentMethodId))
    .innerJoin(accounts, eq(accounts.id, autopay.accountId))
    .where(and(eq(autopay.accountId, accountId), isNull(autopay.stoppedAt), isNull(autopay.stopRequestedAt)));

/** An account's open invoices, oldest due first, as drafts look at them. */
export const draftableInvoices = (db: Db, accountId: string) =>
  db
    .select(draftable)
    .from(invoices)
    .innerJoin(accounts, eq(accounts.id, invoices.accountId))
    .where(
      and(
        eq(invoices.accountId, accountId),
        sql`${invoices.status} = 'sent' and ${invoices.allocatedCents} < ${invoices.totalCents}`,
      ),
    )
    .orderBy(asc(invoices.dueOn), asc(invoices.number))
    .limit(MOST_INVOICES_PER_PAYMENT);

/** A draft with all that its making depends on. */
export const draftToMake = read((db, _: null, draftId: Given<string>) =>
  db
    .select({
      draft: drafts,
      autopay,
      method,
      billed,
      language: sql<"en" | "es">`coalesce(${agreements.language}, 'en')`,
      /** Its notice was owed to somebody. */
      announced:
        sql<boolean>`exists (select 1 from messages where dedupe_key in ('draft_announced:' || ${drafts.id}, 'draft_asking:' || ${drafts.id}))`.mapWith(
          Boolean,
        ),
      /** What was taken the last time. */
      lastCents: sql<number | null>`(select p.amount_cents from drafts d join draft_payments dp on dp.draft_id = d.id
        join payments p on p.id = dp.payment_id where d.account_id = ${drafts.accountId} and p.state in ('settled', 'processing')
        order by d.draft_on desc limit 1)`,
    })
    .from(drafts)
    .innerJoin(autopay, eq(autopay.accountId, drafts.accountId))
    .innerJoin(paymentMethods, eq(paymentMethods.id, drafts.paymentMethodId))
    .innerJoin(accounts, eq(accounts.id, drafts.accountId))
    .leftJoin(agreements, eq(agreements.id, autopay.agreementId))
    .where(eq(drafts.id, draftId)),
);

/** What a draft was announced for, as that stands now. */
export const announcedInvoices = read((db, _: null, draftId: Given<string>) =>
  db
    .select({ ...draftable, maxCents: draftItems.maxCents })
    .from(draftItems)
    .innerJoin(invoices, eq(invoices.id, draftItems.invoiceId))
    .innerJoin(accounts, eq(accounts.id, invoices.accountId))
    .where(and(eq(draftItems.draftId, draftId), sql`${invoices.status} = 'sent'`))
    .orderBy(asc(invoices.dueOn), asc(invoices.number)),
);
