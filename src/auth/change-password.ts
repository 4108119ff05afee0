import { sql } from "drizzle-orm";
import { commit } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { letterTo } from "../messaging/promise-letter.ts";
import { type CurrentPassword, currentPassword } from "./current-password.ts";
import { type PasswordProblem, passwordProblem } from "./password-rules.ts";
import { hashPassword } from "./passwords.ts";
import { endSessions } from "./start-session.ts";

export type PasswordChanged =
  | { ok: true }
  | { ok: false; problem: PasswordProblem | "wrong" }
  | Extract<CurrentPassword, { problem: "too_many" }>;

/**
 * Changes the password of somebody who is signed in and knows the one they have; whoever has none yet sets a first one.
 * Other browsers are signed out, links that were on their way end, and the owner is told.
 */
export async function changePassword(
  deps: Deps,
  user: { id: string; email: string },
  sessionId: string,
  input: { current: string; password: string; again: string; common: ReadonlySet<string> },
): Promise<PasswordChanged> {
  const { db, now } = deps;
  const problem = passwordProblem(input.password, input.again, user.email, input.common);
  if (problem) return { ok: false, problem };
  const proof = await currentPassword(deps, user, input.current);
  if (!proof.ok && proof.problem !== "none") return proof;
  const id = newId("evt", now);
  const notice = letterTo(deps, {
    kind: "password_changed",
    subjectId: id,
    userId: user.id,
    accountId: null,
    address: user.email,
  });
  await commit(db, now, { key: `password.changed:${id}`, action: "password.changed", accountId: null, by: user.id }, [
    sql`update users set password_hash = ${await hashPassword(input.password)} where id = ${user.id}`,
    // Whoever asked for these may be the one that the new password is to keep out.
    sql`update tokens set ended_at = ${now}
        where user_id = ${user.id} and purpose in ('password', 'email') and ended_at is null`,
    endSessions(user.id, sessionId),
    ...(proof.ok ? [proof.forgiven] : []),
    notice.promise(),
  ]);
  await notice.announce();
  return { ok: true };
}
