import { type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { drafts, moneySettings } from "../../db/schema.ts";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import type { LocalDate } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { dollars } from "../money.ts";
import { openWorklist } from "../office/worklist.ts";
import { firstDayStillDrafted, isOutOfTheOrdinary, tooLateToDraft } from "./draft-day-rules.ts";

/**
 * A bug or a doubled import must not charge everybody: a day whose drafts come to much more than any lately waits until
 * the office lets it go. What each day came to is an event of its own, so nothing is added up twice.
 */

/** The most that one day came to in the three months before a day; a halted one counts where it was let go. */
const mostBefore = (on: SQL) => sql<number>`coalesce((select max(detail ->> 'cents') from (
  select detail from events where key >= 'drafts.weighed:' || date(${on}, '-3 months') and key < 'drafts.weighed:' || ${on}
  union all
  select detail from events h where key >= 'drafts.halted:' || date(${on}, '-3 months') and key < 'drafts.halted:' || ${on} and ${letGo})), 0)`;

/** Whether the day that the event `h` has halted was let go. */
const letGo = sql`exists (select 1 from events where key = 'drafts.let_go:' || substr(h.key, 15))`;

const has = (action: string) =>
  sql<boolean>`exists (select 1 from events where key = ${`${action}:`} || ${drafts.nextTryOn})`.mapWith(Boolean);

/** The days that are due and still drafted, what each comes to by now, and what is usual. Reads the index alone. */
const daysDue = (db: Db, today: LocalDate) =>
  db
    .select({
      on: sql<LocalDate>`${drafts.nextTryOn}`,
      count: sql<number>`count(*)`,
      cents: sql<number>`sum(${drafts.maxCents})`,
      mostCents: mostBefore(sql`${drafts.nextTryOn}`),
      ordinaryCents: moneySettings.ordinaryDayCents,
      weighed: has("drafts.weighed"),
      halted: has("drafts.halted"),
    })
    .from(drafts)
    .innerJoin(moneySettings, sql`${moneySettings.id} = 1`)
    .where(
      // The words of the partial index `drafts_to_make`.
      sql`state in ('announced', 'failed') and next_try_on is not null
        and ${drafts.nextTryOn} between ${firstDayStillDrafted(today)} and ${today}`,
    )
    .groupBy(drafts.nextTryOn);

/** A condition on a day: it is halted, and nobody has let it go. Older days are past drafting, and end as missed. */
export const isHalted = (on: SQL, today: LocalDate): SQL =>
  sql`${on} in (select substr(h.key, 15) from events h
    where h.key between ${`drafts.halted:${firstDayStillDrafted(today)}`} and ${`drafts.halted:${today}`} and not ${letGo})`;

/**
 * Weighs each day that is due against the most of the last three months, before any of it is listed, and halts what is
 * out of the ordinary: nothing of it is drawn, and the office is told both figures. Once halted it stays so, however
 * little of it is left. Throws DatabaseTrouble: then nothing is listed either.
 */
export async function haltUnusualDays({ db, now, today }: Deps): Promise<void> {
  const { days } = await readAll(db, { days: daysDue(db, today) });
  for (const { on, count, cents, mostCents, ordinaryCents, ...before } of days) {
    if (before.halted) continue;
    const halted = isOutOfTheOrdinary(cents, mostCents, ordinaryCents);
    if (!halted && before.weighed) continue;
    const action = halted ? "drafts.halted" : "drafts.weighed";
    const change = {
      key: `${action}:${on}`,
      action,
      accountId: null,
      by: "autopay",
      detail: { cents, mostCents, count },
    };
    const work = openWorklist(now, "drafts_halted", null, on, inWords(on, cents, mostCents));
    await commit(db, now, change, halted ? [work] : []);
  }
}

const dayInWords = new Intl.DateTimeFormat("en-US", { month: "long", day: "numeric", timeZone: "UTC" });

const inWords = (on: LocalDate, cents: number, mostCents: number): string =>
  `${dollars(cents)} would be drawn on ${dayInWords.format(Date.parse(on))}; ${
    mostCents === 0
      ? "nothing was in the last three months"
      : `the most in the last three months was ${dollars(mostCents)}`
  }`;

/**
 * Lets a halted day's drafts go, which the next hour's list then finds. Twice is once. False where that day is not
 * halted, or so long ago that its drafts are not made any more.
 */
export async function letDraftsGo({ db, now, today }: Deps, day: { on: string; by: string }): Promise<boolean> {
  const { on, by } = day;
  if (tooLateToDraft(on as LocalDate, today)) return false;
  const change = { key: `drafts.let_go:${on}`, action: "drafts.let_go", accountId: null, by };
  const done = await commit(db, now, change, [
    sql`update worklist set closed_at = coalesce(closed_at, ${now}) where id = ${`drafts_halted:${on}`}`,
    mustHaveChanged("rows_matched"),
  ]);
  return done.result !== "refused";
}
