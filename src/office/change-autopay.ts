import { sql } from "drizzle-orm";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import { nextDraftDays } from "../billing/draft-day-rules.ts";
import type { LocalDate } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { letterAboutAutopay } from "../messaging/promise-letter.ts";

/** What the office changes about autopay. */

/**
 * Gives one account its draft day, above every rule; null leaves it to the rule again. No draft comes sooner than the
 * first that the customer agreed to, and drafts that are announced keep their day. Whoever has autopay is written to.
 */
export async function setDraftDay(deps: Deps, accountId: string, day: number | null, by: string): Promise<void> {
  const { db, now, today } = deps;
  const { found } = await readAll(db, {
    found: db.all<{ from: LocalDate | null; taken: string }>(sql`
      select first_draft_on "from", (select json_group_array(substr(id, -7)) from drafts where account_id = ${accountId}) taken
        from autopay where account_id = ${accountId} and stopped_at is null and draft_day <> ${day}`),
  });
  const changing = found[0];
  const setting = newId("evt", now);
  const change = { key: `autopay.day:${setting}`, action: "autopay.day", accountId, by };
  const account = sql`update accounts set draft_day = ${day} where id = ${accountId}`;
  if (day === null || !changing) {
    await commit(db, now, { ...change, detail: { day } }, [account]);
    return;
  }
  const [from = null] = nextDraftDays(today, day, changing.from, JSON.parse(changing.taken) as string[], 1);
  const letter = letterAboutAutopay(deps, { kind: "autopay_day_changed", subjectId: setting, accountId });
  const done = await commit(db, now, { ...change, detail: { day, from } }, [
    account,
    sql`update autopay set draft_day = ${day}, changed_at = ${now} where account_id = ${accountId}`,
    letter.promise(),
  ]);
  if (done.result === "done") await letter.announce();
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
