import { sql } from "drizzle-orm";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import type { Role } from "./roles.ts";

/**
 * Puts another account before a session, by its number: one that the session's user is on, or whose master they are on.
 * Answers with the role there; null when there is no such account for them, and then nothing has changed.
 */
export async function viewAccount(
  { db, now }: Deps,
  session: { id: string; userId: string },
  number: string,
): Promise<{ role: Role } | null> {
  const { found } = await readAll(db, {
    found: db
      .select({ id: sql<string>`a.id`, role: sql<Role>`m.role` })
      .from(
        sql`accounts a join memberships m on m.user_id = ${session.userId} and m.account_id in (a.id, a.master_account_id)`,
      )
      .where(sql`a.number = ${number} and m.active_since is not null`)
      .orderBy(sql`m.account_id = a.id desc`)
      .limit(1),
  });
  const account = found[0];
  if (!account) return null;
  const change = {
    key: `account.viewed:${newId("evt", now)}`,
    action: "account.viewed",
    accountId: account.id,
    by: session.userId,
  };
  // Asked again where it counts: the membership may have ended meanwhile.
  const done = await commit(db, now, change, [
    sql`update sessions set account_id = ${account.id} where id = ${session.id} and user_id = ${session.userId}
        and exists (select 1 from accounts a join memberships m on m.account_id in (a.id, a.master_account_id)
          where a.id = ${account.id} and m.user_id = ${session.userId} and m.active_since is not null)`,
    mustHaveChanged("rows_matched"),
  ]);
  return done.result === "done" ? { role: account.role } : null;
}
