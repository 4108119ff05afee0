import { type InStatement, LibsqlError } from "@libsql/client/http";
import { and, eq, gt, isNotNull, type SQL, sql } from "drizzle-orm";
import type { Db } from "../db/client.ts";
import { accounts, events, memberships, sessions, settings, staff, users } from "../db/schema.ts";
import { type Right, type Role, rolesWith } from "./auth/roles.ts";
import { sessionToken, validSession } from "./auth/sessions.ts";
import type { Instant } from "./calendar.ts";
import type { Context } from "./context.ts";
import { formToken } from "./form-token.ts";
import { newId, sha256 } from "./ids.ts";
import {
  type AccountScope,
  type Answers,
  type Given,
  type Guard,
  pageStatement,
  type Read,
  type Reads,
  read,
  type StaffScope,
  statementOf,
  type UserScope,
} from "./reads.ts";

/** The two ways to talk to the database: `load…` reads everything a page shows in one trip, `commit` changes things. */

export type Settings = typeof settings.$inferSelect;

type StaffRole = (typeof staff.$inferSelect)["role"];

type Somebody = {
  user: { id: string; email: string; name: string };
  /** Whether there is another account to look at. */
  hasMoreAccounts: boolean;
  settings: Settings;
  formToken: string;
};

/** Who looks at a page, and on whose behalf. */
export type Viewer = Somebody & {
  account: { id: string; number: string; name: string; status: "active" | "inactive" };
  role: Role;
};

/** Who looks at an office page. */
export type StaffViewer = Somebody & { staffRole: StaffRole };

/** Who looks at what is their own: a customer, a member of staff, or both. `sessionId` is this browser's. */
export type UserViewer = Somebody & {
  account: Viewer["account"] | null;
  role: Role | null;
  staffRole: StaffRole | null;
  sessionId: string;
};

/** Nobody is signed in, or the session has ended. */
export class SignInNeeded extends Error {}
/** Somebody is signed in who may not see this. `home` is where they belong, if that is not here. */
export class NotAllowed extends Error {
  readonly home: string | null;
  constructor(home: string | null = null) {
    super("this sign-in may not see this");
    this.home = home;
  }
}
/** The database gave no answer. A change may or may not have happened. */
export class DatabaseTrouble extends Error {}

/**
 * One trip: who is signed in, and every read of the page, from one snapshot. Rows belong to the account in view
 * because the reads name it through `account`; with a bad session they find nothing. `money` is the same account where
 * the role may see its money, for pages that others see as well.
 * Throws SignInNeeded, NotAllowed (the role lacks the right), DatabaseTrouble.
 */
export async function loadForAccount<R extends Reads>(
  c: Context,
  right: Right,
  build: (account: AccountScope, db: Db, money: AccountScope) => R,
): Promise<Answers<R> & { viewer: Viewer }> {
  const named = build(accountInView, c.var.deps.db, moneyInView);
  const { row, somebody, answers } = await readAs(c, named, (session) => [memberGuard(right, session, c.var.deps.now)]);
  // Whoever has no part in this account may have one in another, or work here.
  if (!row.account || !row.role) throw new NotAllowed(row.staffRole ? "/office" : "/accounts");
  if (!rolesWith(right).includes(row.role)) throw new NotAllowed();
  return { ...answers, viewer: { ...somebody, account: row.account, role: row.role } };
}

/**
 * The same for an office page: rows come only when the session is a staff member's, who has the second step if the
 * dealer wants it. Throws NotAllowed otherwise, leading to where it is set up if that is all that is missing.
 */
export async function loadForStaff<R extends Reads>(
  c: Context,
  build: (staffScope: StaffScope, db: Db) => R,
): Promise<Answers<R> & { viewer: StaffViewer }> {
  const named = build(isStaff, c.var.deps.db);
  const { row, somebody, answers } = await readAs(c, named, (session) => [staffGuard(session, c.var.deps.now)]);
  if (!row.staffRole) throw new NotAllowed();
  if (row.secondStepMissing) throw new NotAllowed("/profile/two-step");
  return { ...answers, viewer: { ...somebody, staffRole: row.staffRole } };
}

/**
 * The same for what is a user's own, whoever they are: `user` is who is signed in, `account` the one in view as far as
 * the role has the right on it. Throws SignInNeeded, DatabaseTrouble.
 */
export async function loadForUser<R extends Reads>(
  c: Context,
  right: Right,
  build: (user: UserScope, account: AccountScope, db: Db) => R,
): Promise<Answers<R> & { viewer: UserViewer }> {
  const { now, db } = c.var.deps;
  const named = build(userInView, accountInView, db);
  const { row, somebody, answers } = await readAs(c, named, (session) => [
    userGuard(session, now),
    memberGuard(right, session, now),
  ]);
  const { account, role, staffRole } = row;
  const member = account !== null && role !== null;
  return {
    ...answers,
    viewer: {
      ...somebody,
      account: member ? account : null,
      role: member ? role : null,
      staffRole,
      sessionId: row.session.id,
    },
  };
}

async function readAs<R extends Reads>(c: Context, named: R, guards: (session: string) => Guard[]) {
  const { deps } = c.var;
  const token = sessionToken(c);
  if (!token) throw new SignInNeeded();
  const session = await sha256(token);
  const reads = [viewerRow(null, session, deps.now), settingsRow(null), ...Object.values(named)];
  const [who, found, ...answers] = await readPage(deps.db, reads, guards(session));
  const row = (who as ViewerRow[])[0];
  if (!row || !(await validSession(c, row.session))) throw new SignInNeeded();
  c.set("language", row.language ?? c.var.language);
  const { user, hasMoreAccounts } = row;
  const settings = settingsOf(found);
  const somebody: Somebody = { user, settings, hasMoreAccounts, formToken: formToken(token) };
  return { row, somebody, answers: zip(named, answers) };
}

/** One trip for a page that anybody may see: the dealer's settings, and whatever else it reads. */
export async function loadPublic<R extends Reads>(
  c: Context,
  build: (db: Db) => R,
): Promise<Answers<R> & { settings: Settings }> {
  const { db } = c.var.deps;
  const named = build(db);
  const [found, ...answers] = await readPage(db, [settingsRow(null), ...Object.values(named)], []);
  return { ...zip(named, answers), settings: settingsOf(found) };
}

/** Reads of a job or a verb, in one trip. Pages use `load…`. Throws DatabaseTrouble. */
export async function readAll<R extends Reads>(db: Db, named: R): Promise<Answers<R>> {
  const statements = Object.values(named).map(statementOf);
  const results = await readBatch(db, statements);
  return zip(
    named,
    results.map((result, i) => statements[i]!.answer(result)),
  );
}

/**
 * The account in view, if there is a good session whose user's role has the right. A role on the account itself goes
 * before one on its master.
 */
const memberGuard = (right: Right, session: string, now: Instant): Guard => ({
  sql: `in_view(account_id, role) as materialized (select * from (select a.id, m.role from sessions s
    join accounts a on a.id = s.account_id join memberships m on m.user_id = s.user_id and m.account_id in (a.id, a.master_account_id)
    where s.id = ? and s.expires_at > ? and m.active_since is not null order by m.account_id = a.id desc limit 1)
    where role in (${rolesWith(right).map(() => "?")}))`,
  args: [session, now, ...rolesWith(right)],
});
const accountInView = sql`(select account_id from in_view)` as AccountScope;
const moneyInView = sql`(select account_id from in_view where role in ${rolesWith("see")})` as AccountScope;

/** A row, if there is a good session of a member of staff, with a second step where the dealer wants one. */
const staffGuard = (session: string, now: Instant): Guard => ({
  sql: `staff_in_view(user_id) as materialized (select f.user_id from sessions s join staff f on f.user_id = s.user_id
    join users u on u.id = s.user_id join access_settings x on x.id = 1
    where s.id = ? and s.expires_at > ? and (x.staff_two_step = 0 or u.two_step_since is not null))`,
  args: [session, now],
});
const isStaff = sql`exists (select 1 from staff_in_view)` as StaffScope;

/** The user of a good session. */
const userGuard = (session: string, now: Instant): Guard => ({
  sql: "user_in_view(user_id) as materialized (select user_id from sessions where id = ? and expires_at > ?)",
  args: [session, now],
});
const userInView = sql`(select user_id from user_in_view)` as UserScope;

// A role on the account itself goes before one on its master.
const viewerRow = read((db, _: null, session: Given<string>, now: Given<Instant>) =>
  db
    .select({
      session: { id: sessions.id, userId: sessions.userId, expiresAt: sessions.expiresAt },
      user: { id: users.id, email: users.email, name: users.name },
      language: users.language,
      account: { id: accounts.id, number: accounts.number, name: accounts.name, status: accounts.status },
      role: memberships.role,
      staffRole: staff.role,
      hasMoreAccounts: sql<boolean>`exists (select 1 from memberships n where n.user_id = ${sessions.userId}
        and n.active_since is not null and (n.account_id is not ${sessions.accountId}
        or exists (select 1 from accounts where master_account_id = n.account_id)))`.mapWith(Boolean),
      secondStepMissing:
        sql<boolean>`${staff.userId} is not null and two_step_since is null and (select staff_two_step from access_settings where id = 1)`.mapWith(
          Boolean,
        ),
    })
    .from(sessions)
    .innerJoin(users, eq(users.id, sessions.userId))
    .leftJoin(accounts, eq(accounts.id, sessions.accountId))
    .leftJoin(
      memberships,
      and(
        eq(memberships.userId, sessions.userId),
        sql`${memberships.accountId} in (${accounts.id}, ${accounts.masterAccountId})`,
        isNotNull(memberships.activeSince),
      ),
    )
    .leftJoin(staff, eq(staff.userId, sessions.userId))
    .where(and(eq(sessions.id, session), gt(sessions.expiresAt, now)))
    .orderBy(sql`${memberships.accountId} = ${accounts.id} desc`)
    .limit(1),
);
type ViewerRow = Answers<{ who: ReturnType<typeof viewerRow> }>["who"][number];

const settingsRow = read((db, _: null) => db.select().from(settings));

function settingsOf(found: unknown): Settings {
  const row = (found as Settings[])[0];
  if (!row) throw new Error("this dealer's database has no settings row");
  return row;
}

const zip = <R extends Reads>(named: R, answers: unknown[]): Answers<R> =>
  Object.fromEntries(Object.keys(named).map((name, i) => [name, answers[i]])) as Answers<R>;

/** One statement is one snapshot by itself, so it is sent without the transaction that a batch would put around it. */
async function readPage(db: Db, reads: Read[], guards: Guard[]): Promise<unknown[]> {
  const { answer, ...statement } = pageStatement(reads, guards);
  return answer(await asked(db.$client.execute(statement as InStatement)));
}

/** What drizzle's own `db.batch` does, with the mode that it leaves out (it sends every batch as `deferred`). */
const readBatch = (db: Db, statements: { sql: string; args: unknown[] }[]) =>
  asked(db.$client.batch(statements as InStatement[], "read"));

async function asked<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer;
  } catch (error) {
    throw troubleOr(error);
  }
}

/** A statement of a commit: a drizzle insert or update, or plain `sql`. */
export type Write = SQL | { toSQL(): { sql: string; params: unknown[] } };

/** The row of the audit trail that a state change leaves. `key` names the change; doing it again collides. */
export type Change = {
  key: string;
  action: string;
  accountId: string | null;
  by: string;
  detail?: Record<string, string | number | boolean | null>;
};

/** `already`: this very change was made before, by another call, and nothing ran. `refused`: a named constraint said no; nothing ran. */
export type Commit = { result: "done" } | { result: "already" } | { result: "refused"; constraint: string };

/** Somebody else is writing, or the server tidies up: nothing was done. It takes sqld some ten milliseconds. */
const isBusy = (error: unknown): boolean => error instanceof LibsqlError && error.code.startsWith("SQLITE_BUSY");
const BUSY_WAITS_MS = [20, 100, 400];

/**
 * Makes one change whole or not at all, in one trip, leaving its event. Throws DatabaseTrouble when there was no
 * answer, also to a second try, or the database stayed busy: then it may have happened, and only looking tells.
 */
export async function commit(db: Db, now: number, change: Change, writes: Write[]): Promise<Commit> {
  const callId = newId("call", now);
  const event = db.insert(events).values({ ...change, at: now, detail: change.detail ?? null, callId });
  const statements = [event, ...writes].map((write) => statement(db, write));
  const send = () => db.$client.batch(statements as never, "write");
  let lost = false;
  for (let sent = 1; ; sent++) {
    try {
      await send();
      return { result: "done" };
    } catch (error) {
      // Where the answer was lost, the change need not be. The event's key makes the same batch safe to send again.
      if (!(error instanceof LibsqlError) && sent < 2) {
        lost = true;
        continue;
      }
      const wait = isBusy(error) ? BUSY_WAITS_MS[sent - 1] : undefined;
      if (wait === undefined) {
        const said = verdict(error);
        return lost && said.result === "already" && (await madeBy(db, change.key, callId)) ? { result: "done" } : said;
      }
      await new Promise((later) => setTimeout(later, wait));
    }
  }
}

/** Whether the change that stands under a key is this call's own, made by the try whose answer was lost. */
async function madeBy(db: Db, key: string, callId: string): Promise<boolean> {
  const { made } = await readAll(db, {
    made: db.select({ callId: events.callId }).from(events).where(eq(events.key, key)),
  });
  return made[0]?.callId === callId;
}

/** Rolls the batch back unless the statement before it changed exactly one row. */
export const mustHaveChanged = (guard: "payment_open" | "rows_matched" | "link_usable"): Write =>
  sql`insert into guards (${sql.identifier(guard)}) select 0 where changes() <> 1`;

function verdict(error: unknown): Commit {
  const constraint = constraintOf(error);
  if (constraint === null) throw troubleOr(error);
  return constraint === "events.key" ? { result: "already" } : { result: "refused", constraint };
}

/** The name of the constraint that refused: a CHECK's own name, `table.column` for UNIQUE and NOT NULL. */
function constraintOf(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const named = /(?:CHECK|UNIQUE|NOT NULL) constraint failed: ([\w.]+)/.exec(error.message);
  if (named) return named[1]!;
  return error.message.includes("FOREIGN KEY constraint failed") ? "foreign_key" : null;
}

/** Trouble on the way to the database, as against a statement that it calls wrong: that is a bug and stays one. */
function troubleOr(error: unknown): unknown {
  const bug = error instanceof LibsqlError && /^SQLITE_(ERROR|MISMATCH|RANGE|MISUSE)/.test(error.code);
  return bug ? error : new DatabaseTrouble("the database gave no answer", { cause: error });
}

function statement(db: Db, write: Write): { sql: string; args: unknown[] } {
  const query =
    "toSQL" in write
      ? write.toSQL()
      : (db.run(write) as unknown as { getQuery(): { sql: string; params: unknown[] } }).getQuery();
  return { sql: query.sql, args: query.params };
}
