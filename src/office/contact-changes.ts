import { and, asc, desc, eq, gt, lte, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { accounts, contactChanges, users } from "../../db/schema.ts";
import { type Instant, isoTime, MINUTE } from "../calendar.ts";
import { isId } from "../ids.ts";
import { type Given, read, type StaffScope } from "../reads.ts";

/** What customers changed about how they are reached: for the office to read, and for its software to fetch. */

/** How many the office sees at once. */
export const CHANGES_PER_PAGE = 50;

/** How many a file for a spreadsheet holds at most. */
const CHANGES_PER_FILE = 10_000;

/** How many the office's software gets at once. */
const CHANGES_PER_ANSWER = 500;

/**
 * Two changes of one second are in no order, and the one may be committed after the other was fetched. A minute later
 * all have come in, and a program that goes on after the last id misses none.
 */
const SETTLED_SECONDS = MINUTE;

const columns = {
  id: contactChanges.id,
  number: accounts.number,
  name: accounts.name,
  field: contactChanges.field,
  before: contactChanges.before,
  after: contactChanges.after,
  at: contactChanges.at,
  by: users.email,
};

/** The latest before a cursor (an id), newest first, and one more to tell whether there are any. */
const latestContactChanges = read((db, staff: StaffScope, before: Given<string>, limit: Given<number>) =>
  db
    .select(columns)
    .from(contactChanges)
    .innerJoin(accounts, eq(accounts.id, contactChanges.accountId))
    .leftJoin(users, eq(users.id, contactChanges.userId))
    .where(and(sql`${contactChanges.id} < ${before}`, staff))
    .orderBy(desc(contactChanges.id))
    .limit(limit),
);

/** The read for a page of the office. Anything that is no cursor begins with the latest. */
export const pageOfContactChanges = (staff: StaffScope, before: string | undefined) =>
  latestContactChanges(staff, before && isId("con", before) ? before : LAST, CHANGES_PER_PAGE + 1);

/** The read for a file of the office. */
export const fileOfContactChanges = (staff: StaffScope) => latestContactChanges(staff, LAST, CHANGES_PER_FILE);

/** Sorts after every id. */
const LAST = "con_~";

/** Those that the office's software has not fetched yet, oldest first. `after` is the last id that it has. */
export const contactChangesAfter = (db: Db, after: string, now: Instant) =>
  db
    .select(columns)
    .from(contactChanges)
    .innerJoin(accounts, eq(accounts.id, contactChanges.accountId))
    .leftJoin(users, eq(users.id, contactChanges.userId))
    .where(and(gt(contactChanges.id, after), lte(contactChanges.at, now - SETTLED_SECONDS)))
    .orderBy(asc(contactChanges.id))
    .limit(CHANGES_PER_ANSWER + 1);

type ContactChange = Awaited<ReturnType<typeof contactChangesAfter>>[number];

/** What the office's software is answered: the changes, from where to go on, and whether there are more already. */
export function asAnswer(found: ContactChange[], after: string) {
  const changes = found.slice(0, CHANGES_PER_ANSWER);
  return {
    changes: changes.map(({ id, number, field, before, after, at }) => ({
      id,
      customer_number: number,
      field,
      before,
      after,
      at: isoTime(at),
    })),
    next: changes.at(-1)?.id ?? after,
    more: found.length > changes.length,
  };
}

/** The columns of the office's file, and a change as one row of it. */
export const FILE_HEADINGS = ["Changed at (UTC)", "Customer number", "Customer", "Field", "Before", "After", "By"];
export const asRow = (change: ContactChange): (string | null)[] => [
  isoTime(change.at),
  change.number,
  change.name,
  change.field,
  change.before,
  change.after,
  change.by,
];
