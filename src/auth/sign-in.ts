import { and, eq, gt, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { tokens, users } from "../../db/schema.ts";
import { commit, readAll } from "../batch.ts";
import type { Instant } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId, sameText, sha256 } from "../ids.ts";
import { countTries, forgetTries, type Try, takeBack } from "./attempts.ts";
import { passwordMatches } from "./passwords.ts";
import { signingIn, startSession } from "./start-session.ts";
import { linkSecret, temporaryPassword } from "./tokens.ts";

export type SignIn =
  | { ok: true; token: string; staffOnly: boolean }
  /** The password is right; the second step is still to be taken. */
  | { ok: true; token: null; userId: string }
  | { ok: false; reason: "wrong" }
  /** The temporary password of a mail: it opens only the page for choosing one's own, by the secret of its link. */
  | { ok: false; reason: "temporary"; link: string }
  | { ok: false; reason: "too_many"; retryInSeconds: number };

/**
 * Signs a user in: a new session, and the end of the one that the browser held before. Unknown e-mail and wrong password are the same
 * answer in the same time. Every try is counted before the password is looked at, so that a hundred at once are no
 * more than a hundred in a row.
 */
export async function signIn(
  deps: Deps,
  input: { email: string; password: string; address: string; device: string; oldToken: string | null },
): Promise<SignIn> {
  const { db, now } = deps;
  const email = input.email.trim().toLowerCase();
  const byEmail: Try = { limit: "sign-in:email", of: email };
  const byAddress: Try = { limit: "sign-in:address", of: input.address };
  const tried = await countTries(deps, "sign-in", [byEmail, byAddress]);
  if (!tried.ok) return { ok: false, reason: "too_many", retryInSeconds: tried.retryInSeconds };

  const { found, sent } = await readAll(db, {
    found: signingIn(db).where(eq(users.email, email)),
    sent: temporaryFor(db, email, now),
  });
  const user = found[0];
  const right = await passwordMatches(input.password, user?.passwordHash ?? null);
  const link = sent[0] && (await linkIfTemporary(deps, sent[0].id, input.password));
  if (link) return { ok: false, reason: "temporary", link };
  if (!user || !right) return { ok: false, reason: "wrong" };
  if (user.twoStepSince !== null) {
    const first = { key: `session.first_step:${tried.id}`, action: "session.first_step", accountId: null, by: user.id };
    await commit(db, now, first, [await forgetTries([byEmail]), await takeBack(byAddress)]);
    return { ok: true, token: null, userId: user.id };
  }
  const { token, writes } = await startSession(deps, {
    userId: user.id,
    accountId: user.accountId,
    how: "password",
    device: input.device,
    oldToken: input.oldToken,
  });
  const change = {
    key: `session.started:${tried.id}`,
    action: "session.started",
    accountId: user.accountId,
    by: user.id,
  };
  await commit(db, now, change, [...writes, await forgetTries([byEmail]), await takeBack(byAddress)]);
  return { ok: true, token, staffOnly: user.accountId === null && user.staffRole !== null };
}

/** The temporary password that was sent last to somebody who has none of their own, as long as it works. */
const temporaryFor = (db: Db, email: string, now: Instant) =>
  db
    .select({ id: tokens.id })
    .from(tokens)
    .innerJoin(users, eq(users.id, tokens.userId))
    .where(
      and(
        eq(users.email, email),
        isNull(users.passwordHash),
        eq(tokens.purpose, "temporary"),
        isNull(tokens.endedAt),
        gt(tokens.expiresAt, now),
      ),
    )
    .limit(1);

/** It is worked out anew instead of being kept: nothing in the database opens anything. Blanks come with copying. */
async function linkIfTemporary({ signingSecret }: Deps, tokenId: string, typed: string): Promise<string | null> {
  const right = sameText(typed.trim(), temporaryPassword(signingSecret, tokenId));
  return right ? linkSecret(signingSecret, tokenId) : null;
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
