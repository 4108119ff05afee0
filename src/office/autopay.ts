import { and, asc, desc, eq, sql } from "drizzle-orm";
import { accounts, autopay, drafts, paymentMethods, worklist } from "../../db/schema.ts";
import { listedDraft } from "../billing/autopay.ts";
import { type Given, read, type StaffScope } from "../reads.ts";

/** What the office sees of autopay. */

/** Wishes to stop that wait for the office, oldest first. */
export const stopRequests = read((db, staff: StaffScope) =>
  db
    .select({
      accountNumber: accounts.number,
      accountName: accounts.name,
      requestedAt: sql<number>`${autopay.stopRequestedAt}`,
    })
    .from(worklist)
    .innerJoin(autopay, eq(autopay.accountId, worklist.accountId))
    .innerJoin(accounts, eq(accounts.id, worklist.accountId))
    .where(
      and(
        staff,
        sql`${worklist.closedAt} is null and ${worklist.kind} = 'stop_requested' and ${autopay.stopRequestedAt} is not null`,
      ),
    )
    .orderBy(asc(worklist.openedAt), asc(worklist.id))
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
