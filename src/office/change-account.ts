import { eq, sql } from "drizzle-orm";
import { accounts } from "../../db/schema.ts";
import { newRegistrationKey } from "../auth/registration-keys.ts";
import { commit, mustHaveChanged } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";

/** What the office changes about an account. */

/** A new registration key; the old one no longer lets anybody register. */
export async function reissueKey({ db, now }: Deps, accountId: string, by: string): Promise<void> {
  const change = {
    key: `registration_key.reissued:${newId("evt", now)}`,
    action: "registration_key.reissued",
    accountId,
    by,
  };
  await commit(db, now, change, [
    db.update(accounts).set({ registrationKey: newRegistrationKey() }).where(eq(accounts.id, accountId)),
  ]);
}

/**
 * Puts an account under a master, by that one's number, or takes it out with an empty one. Refused when there is no such
 * account, when it is the account itself, or when either would be master and sub-account at once.
 */
export async function setMaster(
  { db, now }: Deps,
  accountId: string,
  masterNumber: string,
  by: string,
): Promise<{ ok: boolean }> {
  const change = {
    key: `master.set:${newId("evt", now)}`,
    action: "master.set",
    accountId,
    by,
    detail: { master: masterNumber },
  };
  const number = masterNumber.trim();
  const done = await commit(db, now, change, [
    number === ""
      ? sql`update accounts set master_account_id = null where id = ${accountId}`
      : sql`update accounts set master_account_id = (select id from accounts where number = ${number})
          where id = ${accountId}
            and exists (select 1 from accounts m where m.number = ${number} and m.id <> ${accountId} and m.master_account_id is null)
            and not exists (select 1 from accounts s where s.master_account_id is not null and s.master_account_id = ${accountId})`,
    mustHaveChanged("rows_matched"),
  ]);
  return { ok: done.result === "done" };
}
