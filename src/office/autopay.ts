import { and, asc, desc, eq, sql } from "drizzle-orm";
import { accounts, autopay, drafts, paymentMethods } from "../../db/schema.ts";
import { listedDraft } from "../billing/autopay.ts";
import { inTimeFor, lastDayToDraft } from "../billing/draft-day-rules.ts";
import type { LocalDate } from "../calendar.ts";
import { type Given, read, type StaffScope } from "../reads.ts";

/** What the office sees of autopay. */

/** A draft that will be made or tried again on a day, unless something keeps it from that. */
type ComingDraft = { draftOn: string; maxCents: number; nextTryOn: string };

/** What a wish to stop means for a draft that was to come: held back until a day, or out of its reach. */
export function whileUndecided(draft: ComingDraft, wishedOn: LocalDate) {
  const held = inTimeFor(draft.draftOn as LocalDate, wishedOn);
  return { ...draft, heldUntil: held ? lastDayToDraft(draft.nextTryOn as LocalDate) : null };
}

/** Wishes to stop that wait for the office, oldest first, with what would be drafted. */
export const stopRequests = read((db, staff: StaffScope) =>
  db
    .select({
      accountNumber: accounts.number,
      accountName: accounts.name,
      requestedAt: sql<number>`${autopay.stopRequestedAt}`,
      coming: sql<
        ComingDraft[]
      >`(select json_group_array(json_object('draftOn', draft_on, 'maxCents', max_cents, 'nextTryOn', next_try_on)) || ''
        from drafts where account_id = ${autopay.accountId} and state in ('announced', 'failed') and next_try_on is not null)`.mapWith(
        (value: string): ComingDraft[] => JSON.parse(value),
      ),
    })
    .from(autopay)
    .innerJoin(accounts, eq(accounts.id, autopay.accountId))
    // The words of the partial index `autopay_to_stop`.
    .where(sql`stop_requested_at is not null and ${autopay.stoppedAt} is null and ${staff}`)
    .orderBy(asc(autopay.stopRequestedAt), asc(autopay.accountId))
    .limit(100),
);

/** Drafts above their customers' ceilings that wait for a yes, the nearest first. */
export const draftsAsked = read((db, staff: StaffScope) =>
  db
    .select({
      accountNumber: accounts.number,
      accountName: accounts.name,
      on: drafts.draftOn,
      maxCents: drafts.maxCents,
    })
    .from(drafts)
    .innerJoin(accounts, eq(accounts.id, drafts.accountId))
    // The words of the partial index `drafts_to_answer`.
    .where(sql`${staff} and ${drafts.state} = 'asking'`)
    .orderBy(asc(drafts.draftOn), asc(drafts.id))
    .limit(100),
);

/** Drafts that will be made or tried again, the next ones first. */
export const comingDrafts = read((db, staff: StaffScope) =>
  db
    .select({
      accountNumber: accounts.number,
      accountName: accounts.name,
      on: sql<string>`${drafts.nextTryOn}`,
      maxCents: drafts.maxCents,
      state: drafts.state,
      tries: drafts.tries,
      failureCode: drafts.failureCode,
    })
    .from(drafts)
    .innerJoin(accounts, eq(accounts.id, drafts.accountId))
    .where(
      and(
        staff,
        // The words of the partial index `drafts_to_make`.
        sql`${drafts.state} in ('announced', 'failed') and ${drafts.nextTryOn} is not null and ${drafts.nextTryOn} > ''`,
      ),
    )
    .orderBy(asc(drafts.nextTryOn), asc(drafts.id))
    .limit(100),
);

/** One account with its autopay; the latter null where it never had any. */
export const autopayForOffice = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select({
      id: accounts.id,
      number: accounts.number,
      name: accounts.name,
      officeDay: accounts.draftDay,
      draftDay: autopay.draftDay,
      startedAt: autopay.startedAt,
      stopRequestedAt: autopay.stopRequestedAt,
      stoppedAt: autopay.stoppedAt,
      flag: autopay.flag,
      kind: paymentMethods.kind,
      brand: paymentMethods.brand,
      lastFour: paymentMethods.lastFour,
    })
    .from(accounts)
    .leftJoin(autopay, eq(autopay.accountId, accounts.id))
    .leftJoin(paymentMethods, eq(paymentMethods.id, autopay.paymentMethodId))
    .where(sql`${staff} and ${accounts.number} = ${number}`)
    .limit(1),
);

/** Its drafts, the latest first. */
export const draftsForOffice = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select({ ...listedDraft, noticeSentAt: drafts.noticeSentAt })
    .from(drafts)
    .where(sql`${staff} and ${drafts.accountId} = (select id from accounts where number = ${number})`)
    .orderBy(desc(drafts.draftOn))
    .limit(24),
);
