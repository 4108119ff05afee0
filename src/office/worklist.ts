import { and, asc, desc, eq, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { accounts, imports, worklist } from "../../db/schema.ts";
import type { Write } from "../batch.ts";
import { type Given, read, type StaffScope } from "../reads.ts";

/** A thing on the worklist as lists show it. */
const listed = {
  id: worklist.id,
  kind: worklist.kind,
  subjectId: worklist.subjectId,
  detail: worklist.detail,
  openedAt: worklist.openedAt,
  accountNumber: accounts.number,
};

/** What waits for a person, oldest first. */
export const openWork = (db: Db, staff: StaffScope) =>
  db
    .select(listed)
    .from(worklist)
    .leftJoin(accounts, eq(accounts.id, worklist.accountId))
    .where(and(isNull(worklist.closedAt), staff))
    .orderBy(asc(worklist.openedAt), asc(worklist.id))
    .limit(100);

/** One thing on the worklist, open or closed, with the payment that it is about. */
export const workItem = read((db, staff: StaffScope, id: Given<string>) =>
  db
    .select({
      ...listed,
      closedAt: worklist.closedAt,
      paymentId: sql<string | null>`coalesce((select id from payments where id = worklist.subject_id),
        (select payment_id from refunds where id = worklist.subject_id), (select payment_id from returns where id = worklist.subject_id))`,
    })
    .from(worklist)
    .leftJoin(accounts, eq(accounts.id, worklist.accountId))
    .where(sql`${staff} and ${worklist.id} = ${id}`),
);

/** The last deliveries of the dealer's records. */
export const latestImports = (db: Db, staff: StaffScope) =>
  db.select().from(imports).where(staff).orderBy(desc(imports.startedAt)).limit(10);

/**
 * A thing for a person on staff to look at. The same thing is listed once; one that was closed and recurs is open again.
 * `when` is a condition on the books as they stand in the commit by then.
 */
export const openWorklist = (
  now: number,
  kind: string,
  accountId: string | null,
  subjectId: string,
  detail: string,
  when = sql`true`,
): Write =>
  sql`insert into worklist (id, kind, account_id, subject_id, detail, opened_at)
      select ${`${kind}:${subjectId}`}, ${kind}, ${accountId}, ${subjectId}, ${detail}, ${now} where ${when}
      on conflict (id) do update set closed_at = null, opened_at = excluded.opened_at, detail = excluded.detail
        where closed_at is not null`;
