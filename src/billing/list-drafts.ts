import { and, asc, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { drafts } from "../../db/schema.ts";
import { readAll } from "../batch.ts";
import { type LocalDate, localHour } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import type { Job } from "../jobs.ts";
import { draftDaysToAnnounce } from "./draft-day-rules.ts";
import { accountsToAnnounce, DRAFTS_PER_PAGE } from "./drafts.ts";
import { haltUnusualDays, isHalted } from "./halt-drafts.ts";
import { bankPace, sendPaced, WITHIN_THE_HOUR_SECONDS } from "./pace.ts";

/** Finds what is due, by pages; the work itself is a job for each customer. Finding it twice is harmless. */

/** Nobody's telephone tells of a charge at night: the dealer's morning begins the day's work. */
const MORNING_HOUR = 9;

/**
 * What an hour's cron sets off for a dealer once it is morning there: a list for each draft day that is now announced,
 * one of the drafts to be made, and one of the questions that nobody has answered. It looks for what is due and not for the hour, so hours that were missed are made up.
 */
export async function listDrafts(deps: Deps): Promise<void> {
  const dealer = deps.dealer.slug;
  if (localHour(deps.now, deps.dealer.timeZone) < MORNING_HOUR) return;
  await deps.ports.jobs.send([
    ...draftDaysToAnnounce(deps.today).map(
      (draftOn): Job => ({ type: "announcements.page", dealer, draftOn, after: "" }),
    ),
    { type: "drafts.page", dealer, on: "", after: "" },
    { type: "drafts.unanswered", dealer, after: null },
  ]);
}

/** One page of the accounts with a draft day: a job for each that has something due, and the next page. */
export async function listAnnouncements(deps: Deps, page: Extract<Job, { type: "announcements.page" }>): Promise<void> {
  const { dealer } = page;
  const draftOn = page.draftOn as LocalDate;
  const { rows } = await readAll(deps.db, { rows: accountsToAnnounce(deps.db, deps.today, draftOn, page.after) });
  const jobs: Job[] = rows
    .filter((row) => row.due)
    .map((row) => ({ type: "draft.announce", dealer, accountId: row.id, draftOn }));
  if (rows.length === DRAFTS_PER_PAGE) jobs.push({ ...page, after: rows.at(-1)!.id });
  if (jobs.length > 0) await deps.ports.jobs.send(jobs);
}

/** A page of drafts whose day has come, or whose next try, and is not halted, after the day and the id of the last one. */
const draftsToMake = (db: Db, today: LocalDate, after: { on: string; id: string }) =>
  db
    .select({ id: drafts.id, on: drafts.nextTryOn })
    .from(drafts)
    .where(
      and(
        // The words of the partial index `drafts_to_make`: with a `?` in them SQLite would not know it.
        sql`state in ('announced', 'failed') and next_try_on is not null`,
        sql`${drafts.nextTryOn} <= ${today} and (${drafts.nextTryOn}, ${drafts.id}) > (${after.on}, ${after.id})`,
        sql`not (${isHalted(sql`${drafts.nextTryOn}`, today)})`,
      ),
    )
    .orderBy(asc(drafts.nextTryOn), asc(drafts.id))
    .limit(DRAFTS_PER_PAGE);

/**
 * One page of the drafts whose day has come, or whose next try: a job for each, at the bank's pace, and the next page. The
 * first looks at what the days come to, and none has any of a halted one.
 */
export async function listDraftsToMake(deps: Deps, page: Extract<Job, { type: "drafts.page" }>): Promise<void> {
  const { dealer } = page;
  if (page.on === "") await haltUnusualDays(deps);
  const { rows, pace } = await readAll(deps.db, {
    rows: draftsToMake(deps.db, deps.today, { on: page.on, id: page.after }),
    pace: bankPace(deps.db),
  });
  const jobs: Job[] = rows.map((row) => ({ type: "draft.make", dealer, draftId: row.id }));
  const last = rows.at(-1);
  const next = last && rows.length === DRAFTS_PER_PAGE ? { ...page, on: last.on!, after: last.id } : null;
  await sendPaced(deps, jobs, next, { ...pace[0]!, lastsSeconds: WITHIN_THE_HOUR_SECONDS });
}
