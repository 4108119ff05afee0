import { sql } from "drizzle-orm";
import { commit, mustHaveChanged, type Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { ROLES, type Role } from "./roles.ts";

/** What is changed about a user of an account by those who manage it. */

export type ChangeProblem = "last_owner" | "role" | "gone";

export type UserChanged = { ok: true } | { ok: false; problem: ChangeProblem };

type Whom = { accountId: string; userId: string; by: string };

/**
 * Gives a user another role on an account, also one who has not accepted yet. Refused for the last owner, also when two
 * owners do it to each other at once.
 */
export async function changeRole({ db, now }: Deps, whom: Whom & { role: string }): Promise<UserChanged> {
  const { accountId, userId, by } = whom;
  const role = ROLES.find((one): one is Role => one === whom.role);
  if (!role) return { ok: false, problem: "role" };
  const done = await commit(
    db,
    now,
    {
      key: `user.role_changed:${newId("evt", now)}`,
      action: "user.role_changed",
      accountId,
      by,
      detail: { user: userId, role },
    },
    [
      ...(role === "owner" ? [] : [anotherOwnerLeft(whom)]),
      sql`update memberships set role = ${role} where user_id = ${userId} and account_id = ${accountId}`,
      mustHaveChanged("rows_matched"),
    ],
  );
  return verdict(done);
}

/**
 * Takes a user off an account, or an invitation back: with the membership end the user's sessions there and every link
 * that would open it. Refused for the last owner, also when two owners do it to each other at once.
 */
export async function removeUser({ db, now }: Deps, whom: Whom): Promise<UserChanged> {
  const { accountId, userId, by } = whom;
  const done = await commit(
    db,
    now,
    {
      key: `user.removed:${newId("evt", now)}`,
      action: "user.removed",
      accountId,
      by,
      detail: { user: userId },
    },
    [
      anotherOwnerLeft(whom),
      sql`delete from memberships where user_id = ${userId} and account_id = ${accountId}`,
      mustHaveChanged("rows_matched"),
      sql`delete from sessions where user_id = ${userId} and account_id = ${accountId}`,
      sql`update tokens set ended_at = ${now} where user_id = ${userId} and account_id = ${accountId} and ended_at is null`,
    ],
  );
  return verdict(done);
}

/** Rolls back unless the account has another owner than this user, or this user is none. */
const anotherOwnerLeft = ({ accountId, userId }: Whom): Write =>
  sql`insert into guards (owner_left) select 0
      where exists (select 1 from memberships where user_id = ${userId} and account_id = ${accountId}
          and role = 'owner' and active_since is not null)
        and not exists (select 1 from memberships where user_id <> ${userId} and account_id = ${accountId}
          and role = 'owner' and active_since is not null)`;

const verdict = (done: Awaited<ReturnType<typeof commit>>): UserChanged =>
  done.result === "refused"
    ? { ok: false, problem: done.constraint === "owner_left" ? "last_owner" : "gone" }
    : { ok: true };
