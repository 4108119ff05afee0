import { asc, eq, inArray, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { attempts, memberships, sessions, staff, users } from "../../db/schema.ts";
import { commit, readAll, type Write } from "../batch.ts";
import { type Instant, MINUTE } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId, sha256 } from "../ids.ts";
import { passwordMatches } from "./passwords.ts";
import { newSession } from "./sessions.ts";

/** Wrong passwords for one e-mail, and from one address, within a quarter of an hour. */
export const TRIES_PER_EMAIL = 10;
export const TRIES_PER_ADDRESS = 60;
const WINDOW_SECONDS = 15 * MINUTE;

export type SignIn =
  | { ok: true; token: string; staffOnly: boolean }
  | { ok: false; reason: "wrong" }
  | { ok: false; reason: "too_many"; retryInSeconds: number };

/**
 * Signs a user in: a new session, and the end of the one that the browser held before. Unknown e-mail and wrong password are the same
 * answer in the same time. Every try is counted before the password is looked at, so that a hundred at once are no
 * more than a hundred in a row.
 */
export async function signIn(
  deps: Deps,
  input: { email: string; password: string; address: string; oldToken: string | null },
): Promise<SignIn> {
  const { db, now, dealer } = deps;
  const email = input.email.trim().toLowerCase();
  const emailKey = `sign-in:email:${await sha256(email)}`;
  const addressKey = `sign-in:address:${await sha256(input.address)}`;
  const attempt = newId("try", now);
  const tried = await commit(
    db,
    now,
    { key: `sign-in.tried:${attempt}`, action: "sign-in.tried", accountId: null, by: "nobody" },
    [
      count(emailKey, now),
      count(addressKey, now),
      sql`insert into guards (tries_left) select 0 where exists (select 1 from attempts
          where (key = ${emailKey} and count > ${TRIES_PER_EMAIL}) or (key = ${addressKey} and count > ${TRIES_PER_ADDRESS}))`,
    ],
  );
  const { user: found, ends } = await readAll(db, {
    user: userByEmail(db, email),
    ends: db
      .select({ at: attempts.endsAt })
      .from(attempts)
      .where(inArray(attempts.key, [emailKey, addressKey])),
  });
  if (tried.result === "refused") {
    const until = Math.max(now + MINUTE, ...ends.map((row) => row.at));
    return { ok: false, reason: "too_many", retryInSeconds: until - now };
  }

  const user = found[0];
  const right = await passwordMatches(input.password, user?.passwordHash ?? null);
  if (!user || !right) return { ok: false, reason: "wrong" };
  const oldHash = input.oldToken && (await sha256(input.oldToken));
  const { token, row } = await newSession(dealer, now, user.id, user.accountId);
  const change = {
    key: `session.started:${attempt}`,
    action: "session.started",
    accountId: user.accountId,
    by: user.id,
  };
  await commit(db, now, change, [
    db.insert(sessions).values(row),
    ...(oldHash ? [db.delete(sessions).where(eq(sessions.id, oldHash))] : []),
    db.delete(attempts).where(eq(attempts.key, emailKey)),
    sql`update attempts set count = count - 1 where key = ${addressKey} and count > 0`,
  ]);
  return { ok: true, token, staffOnly: user.accountId === null && user.staffRole !== null };
}

/** Ends this session, or all of its user's. An unknown token is no error: the answer is signed out either way. */
export async function signOut(deps: Deps, token: string, everywhere: boolean): Promise<void> {
  const { db, now } = deps;
  const hash = await sha256(token);
  const ended = everywhere
    ? sql`delete from sessions where user_id = (select user_id from sessions where id = ${hash})`
    : sql`delete from sessions where id = ${hash}`;
  await commit(
    db,
    now,
    {
      key: `session.ended:${newId("end", now)}`,
      action: "session.ended",
      accountId: null,
      by: "user",
      detail: { everywhere },
    },
    [ended],
  );
}

/** Clears away sessions and counters that have run out. */
export async function pruneSessions(deps: Deps): Promise<void> {
  const { db, now, today } = deps;
  await commit(db, now, { key: `sessions.pruned:${today}`, action: "sessions.pruned", accountId: null, by: "sweep" }, [
    sql`delete from sessions where expires_at <= ${now}`,
    sql`delete from attempts where ends_at <= ${now}`,
  ]);
}

const userByEmail = (db: Db, email: string) =>
  db
    .select({ id: users.id, passwordHash: users.passwordHash, accountId: memberships.accountId, staffRole: staff.role })
    .from(users)
    .leftJoin(memberships, eq(memberships.userId, users.id))
    .leftJoin(staff, eq(staff.userId, users.id))
    .where(eq(users.email, email))
    .orderBy(asc(memberships.createdAt), asc(memberships.accountId))
    .limit(1);

const count = (key: string, now: Instant): Write =>
  sql`insert into attempts (key, count, ends_at) values (${key}, 1, ${now + WINDOW_SECONDS})
      on conflict (key) do update set
        count = case when ends_at <= ${now} then 1 else count + 1 end,
        ends_at = case when ends_at <= ${now} then excluded.ends_at else ends_at end`;
