import { sql } from "drizzle-orm";
import { commit, mustHaveChanged } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { letterAboutAutopay } from "../messaging/promise-letter.ts";

/** What the office changes about autopay. */

/**
 * Gives one account its draft day, above every rule; null leaves it to the rule again. Drafts that are announced keep
 * their day, and each has its notice.
 */
export async function setDraftDay({ db, now }: Deps, accountId: string, day: number | null, by: string): Promise<void> {
  const change = { key: `autopay.day:${newId("evt", now)}`, action: "autopay.day", accountId, by, detail: { day } };
  await commit(db, now, change, [
    sql`update accounts set draft_day = ${day} where id = ${accountId}`,
    sql`update autopay set draft_day = ${day}, first_draft_on = substr(first_draft_on, 1, 8) || '01', changed_at = ${now}
        where account_id = ${accountId} and ${day} is not null`,
  ]);
}

/** Calls one draft off, or its next tries, and tells the customer. False when it is over or being charged. */
export async function cancelDraft(deps: Deps, draftId: string, accountId: string, by: string): Promise<boolean> {
  const { db, now } = deps;
  const letter = letterAboutAutopay(deps, { kind: "draft_not_made", subjectId: draftId, accountId });
  const change = { key: `draft.called_off:${draftId}`, action: "draft.called_off", accountId, by };
  const done = await commit(db, now, change, [
    sql`update drafts set state = 'canceled', next_try_on = null, failure_code = 'office'
        where id = ${draftId} and account_id = ${accountId} and (state in ('announced', 'asking') or state = 'failed' and next_try_on is not null)`,
    mustHaveChanged("rows_matched"),
    letter.promise(),
  ]);
  if (done.result === "done") await letter.announce();
  return done.result === "done";
}
