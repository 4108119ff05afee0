import { desc, eq, type SQL, sql } from "drizzle-orm";
import { events, staff as staffTable, users } from "../../db/schema.ts";
import { type Given, read, type StaffScope } from "../reads.ts";

/** The audit trail as the office reads it, newest first. */

/** How many stand on a page, and in a file for a spreadsheet. */
export const EVENTS_PER_PAGE = 50;
export const EVENTS_PER_FILE = 10_000;

/**
 * How many events are looked through for those that are asked for, so that a page costs the same however long the trail
 * has become; the next page goes on from there.
 */
export const LOOKED_THROUGH = 20_000;
export const LOOKED_THROUGH_FOR_FILE = 200_000;

/** Between which two events a page begins: rows are numbered as they come. */
export type Place = { at: number; row: number };

/** A place as an address has it; anything else is the one before the newest. */
export function placeIn(text: string | undefined): Place {
  const match = /^(\d{1,12})~(\d{1,15})$/.exec(text ?? "");
  return match
    ? { at: Number(match[1]), row: Number(match[2]) }
    : { at: Number.MAX_SAFE_INTEGER, row: Number.MAX_SAFE_INTEGER };
}

export const placeText = ({ at, row }: Place): string => `${at}~${row}`;

/**
 * Which events are asked for. `actions`: a JSON list of them, empty for all. `who`: `staff`, `customers`, `machine`, one
 * user's id or machine's name, or nothing for all.
 */
const asked = (actions: Given<string>, who: Given<string>) => sql`
  (${actions} = '[]' or e.action in (select value from json_each(${actions})))
  and case ${who} when '' then 1
    when 'staff' then exists (select 1 from staff f where f.user_id = e.by)
    when 'customers' then substr(e.by, 1, 4) = 'usr_' and not exists (select 1 from staff f where f.user_id = e.by)
    when 'machine' then substr(e.by, 1, 4) <> 'usr_'
    else e.by = ${who} end`;

const shown = {
  row: sql<number>`e.row`,
  key: sql<string>`e.key`,
  action: sql<string>`e.action`,
  at: sql<number>`e.at`,
  by: sql<string>`e.by`,
  byName: sql<string | null>`u.name`,
  detail: sql`e.detail`.mapWith(events.detail),
  aboutUser: sql<string | null>`(select name from users where id = e.detail ->> 'user')`,
  number: sql<string | null>`a.number`,
  name: sql<string | null>`a.name`,
};

const joined = (looked: SQL) =>
  sql`(${looked}) e left join accounts a on a.id = e.account_id left join users u on u.id = e.by`;

const everybodys = (row: Given<number>, through: Given<number>) =>
  sql`select rowid as row, * from events where rowid < ${row} order by rowid desc limit ${through}`;

const accounts = (number: Given<string>, at: Given<number>, row: Given<number>, through: Given<number>) =>
  sql`select rowid as row, * from events where account_id = (select id from accounts where number = ${number})
      and (at, rowid) < (${at}, ${row}) order by at desc, rowid desc limit ${through}`;

const allEvents = read(
  (
    db,
    staff: StaffScope,
    row: Given<number>,
    actions: Given<string>,
    who: Given<string>,
    limit: Given<number>,
    through: Given<number>,
  ) =>
    db
      .select(shown)
      .from(joined(everybodys(row, through)))
      .where(sql`${staff} and ${asked(actions, who)}`)
      .orderBy(sql`e.row desc`)
      .limit(limit),
);

const eventsOfAccount = read(
  (
    db,
    staff: StaffScope,
    number: Given<string>,
    at: Given<number>,
    row: Given<number>,
    actions: Given<string>,
    who: Given<string>,
    limit: Given<number>,
    through: Given<number>,
  ) =>
    db
      .select(shown)
      .from(joined(accounts(number, at, row, through)))
      .where(sql`${staff} and ${asked(actions, who)}`)
      .orderBy(sql`e.at desc, e.row desc`)
      .limit(limit),
);

/** The last of the events that are looked through, where there may be more behind it. */
const lastOfAll = read((db, staff: StaffScope, row: Given<number>, skip: Given<number>) =>
  db
    .select({ at: events.at, row: sql<number>`rowid` })
    .from(events)
    .where(sql`${staff} and rowid < ${row}`)
    .orderBy(sql`rowid desc`)
    .limit(1)
    .offset(skip),
);

const lastOfAccount = read(
  (db, staff: StaffScope, number: Given<string>, at: Given<number>, row: Given<number>, skip: Given<number>) =>
    db
      .select({ at: events.at, row: sql<number>`rowid` })
      .from(events)
      .where(
        sql`${staff} and account_id = (select id from accounts where number = ${number}) and (at, rowid) < (${at}, ${row})`,
      )
      .orderBy(desc(events.at), sql`rowid desc`)
      .limit(1)
      .offset(skip),
);

export type Filter = { actions: readonly string[]; number: string; who: string };

/** The reads of one page or file: the events, and how far was looked for them. */
export function auditReads(
  staff: StaffScope,
  { actions, number, who }: Filter,
  before: Place,
  { limit, through }: { limit: number; through: number },
) {
  const of = JSON.stringify(actions);
  const { at, row } = before;
  return number === ""
    ? { found: allEvents(staff, row, of, who, limit, through), last: lastOfAll(staff, row, through - 1) }
    : {
        found: eventsOfAccount(staff, number, at, row, of, who, limit, through),
        last: lastOfAccount(staff, number, at, row, through - 1),
      };
}

/** Who works here, to choose from. */
export const staffNames = read((db, staff: StaffScope) =>
  db
    .select({ id: users.id, name: users.name })
    .from(staffTable)
    .innerJoin(users, eq(users.id, staffTable.userId))
    .where(sql`${staff}`)
    .orderBy(users.name)
    .limit(100),
);
