import { sql } from "drizzle-orm";
import { commit, mustHaveChanged, type Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { letterTo } from "../messaging/promise-letter.ts";
import { countTries, forgetTries, type Try } from "./attempts.ts";
import { codeFrom, newRecoveryCodes, type SecondStep, sealAppSecret, useCode } from "./second-step.ts";
import { endSessions } from "./start-session.ts";

/** Turning the second step on and off. */

type User = { id: string; email: string };

export type CodeRefused = { ok: false; reason: "wrong" } | { ok: false; reason: "too_many"; retryInSeconds: number };

/** The one limit for codes, wherever they are typed. */
export const codeTry = (userId: string): Try => ({ limit: "second-step:user", of: userId });

/** A secret for an app, which counts once a code of it was typed. Asking again replaces it; one that counts stays. */
export async function startTwoStep(deps: Deps, userId: string): Promise<void> {
  const { db, now } = deps;
  const { newAppSecret } = await import("./one-time-codes.ts");
  const secret = await sealAppSecret(deps, userId, newAppSecret());
  const change = {
    key: `two_step.started:${newId("evt", now)}`,
    action: "two_step.started",
    accountId: null,
    by: userId,
  };
  await commit(db, now, change, [
    sql`update users set totp_secret = ${secret}, totp_step = null where id = ${userId} and two_step_since is null`,
  ]);
}

/**
 * Turns the second step on with the app's first code. Other devices are signed out, the user is told, and gets the
 * recovery codes: this once, nobody can read them again.
 */
export async function turnOnTwoStep(
  deps: Deps,
  user: User,
  second: SecondStep,
  sessionId: string,
  code: string,
): Promise<{ ok: true; codes: string[] } | CodeRefused> {
  if (second.since !== null) return { ok: false, reason: "wrong" };
  const { codes, writes } = await newRecoveryCodes(deps, user.id);
  const refused = await changeByCode(deps, user, second, code, "two_step.on", [
    sql`update users set two_step_since = ${deps.now} where id = ${user.id} and two_step_since is null`,
    mustHaveChanged("rows_matched"),
    ...writes,
    endSessions(user.id, sessionId),
  ]);
  return refused ?? { ok: true, codes };
}

/** Turns the second step off with a code of either kind; other devices are signed out, and the user is told. */
export async function turnOffTwoStep(
  deps: Deps,
  user: User,
  second: SecondStep,
  sessionId: string,
  code: string,
): Promise<{ ok: true } | CodeRefused> {
  if (second.since === null) return { ok: true };
  const refused = await changeByCode(deps, user, second, code, "two_step.off", [
    sql`update users set totp_secret = null, two_step_since = null, totp_step = null where id = ${user.id}`,
    sql`delete from recovery_codes where user_id = ${user.id}`,
    endSessions(user.id, sessionId),
  ]);
  return refused ?? { ok: true };
}

/**
 * Turns off the second step of a customer who has lost telephone and paper, and has told the office by other means who they
 * are. They are signed out everywhere, and told. Not of a member of staff: nobody in the office opens a colleague's door.
 */
export async function liftTwoStep(
  deps: Deps,
  p: { userId: string; email: string; accountId: string; by: string },
): Promise<{ ok: boolean }> {
  const { db, now } = deps;
  const { userId, accountId, by } = p;
  const id = newId("evt", now);
  const notice = letterTo(deps, { kind: "two_step_off", subjectId: id, userId, accountId: null, address: p.email });
  const done = await commit(db, now, { key: `two_step.lifted:${id}`, action: "two_step.lifted", accountId, by }, [
    sql`update users set totp_secret = null, two_step_since = null, totp_step = null
        where id = ${userId} and two_step_since is not null
          and exists (select 1 from memberships where user_id = ${userId} and account_id = ${accountId})
          and not exists (select 1 from staff where user_id = ${userId})`,
    mustHaveChanged("rows_matched"),
    sql`delete from recovery_codes where user_id = ${userId}`,
    endSessions(userId, null),
    await forgetTries([codeTry(userId)]),
    notice.promise(),
  ]);
  if (done.result === "done") await notice.announce();
  return { ok: done.result === "done" };
}

/** Ten new recovery codes in the place of the old ones, for a code of either kind. */
export async function renewRecoveryCodes(
  deps: Deps,
  user: User,
  second: SecondStep,
  code: string,
): Promise<{ ok: true; codes: string[] } | CodeRefused> {
  if (second.since === null) return { ok: false, reason: "wrong" };
  const { codes, writes } = await newRecoveryCodes(deps, user.id);
  const refused = await changeByCode(deps, user, second, code, "two_step.new_codes", writes);
  return refused ?? { ok: true, codes };
}

/** Makes a change if the code is right; null when it was. */
async function changeByCode(
  deps: Deps,
  user: User,
  second: SecondStep,
  typed: string,
  action: "two_step.on" | "two_step.off" | "two_step.new_codes",
  writes: Write[],
): Promise<CodeRefused | null> {
  const { db, now } = deps;
  const code = codeFrom(typed);
  if (!code) return { ok: false, reason: "wrong" };
  const tried = await countTries(deps, "second-step", [codeTry(user.id)]);
  if (!tried.ok) return { ok: false, reason: "too_many", retryInSeconds: tried.retryInSeconds };
  const used = await useCode(deps, second, code);
  if (!used) return { ok: false, reason: "wrong" };
  const notice =
    action === "two_step.new_codes"
      ? null
      : letterTo(deps, {
          kind: action === "two_step.on" ? "two_step_on" : "two_step_off",
          subjectId: tried.id,
          userId: user.id,
          accountId: null,
          address: user.email,
        });
  const done = await commit(db, now, { key: `${action}:${tried.id}`, action, accountId: null, by: user.id }, [
    ...used,
    ...writes,
    await forgetTries([codeTry(user.id)]),
    ...(notice ? [notice.promise()] : []),
  ]);
  if (done.result !== "done") return { ok: false, reason: "wrong" };
  await notice?.announce();
  return null;
}
