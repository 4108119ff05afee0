import { daysBetween, type LocalDate, plusDays } from "../calendar.ts";

/** When drafts are announced and made, in the dealer's calendar. Pure: no clock, no database. */

/** So many whole days lie between the day of a notice and the day of its draft: 12 CFR 1005.10(d)(1). */
const FULL_DAYS_OF_NOTICE = 10;
/** Announced two days before that is due, so that a cron that was missed or a slow mail costs nobody their draft. */
const ANNOUNCED_DAYS_BEFORE = FULL_DAYS_OF_NOTICE + 3;
/** A draft that was announced late is put off by at most this; after that its invoices wait for the next month. */
const LATE_BY_AT_MOST_DAYS = 5;
/** A change counts for a draft that is so many business days away, as a stop order at the bank does: 12 CFR 1005.10(c). */
const BUSINESS_DAYS_TO_CHANGE = 3;

/** Whether a notice that goes out on a day is early enough for a draft. */
export const noticeAllows = (noticeOn: LocalDate, draftOn: LocalDate): boolean =>
  daysBetween(noticeOn, draftOn) > FULL_DAYS_OF_NOTICE;

/** The last day on which a try is still made that was planned for a day. */
export const lastDayToDraft = (plannedOn: LocalDate): LocalDate => plusDays(plannedOn, LATE_BY_AT_MOST_DAYS);

/** Whether a try that was planned for a day has been missed for so long that a person must look. */
export const tooLateToDraft = (plannedOn: LocalDate, today: LocalDate): boolean =>
  daysBetween(plannedOn, today) > LATE_BY_AT_MOST_DAYS;

/** The first of the days whose drafts are still made. */
export const firstDayStillDrafted = (today: LocalDate): LocalDate => plusDays(today, -LATE_BY_AT_MOST_DAYS);

/**
 * Whether the drafts of a day come to so much more than those of any lately that a person must look before they are made:
 * over one and a half times the most, and over what is always ordinary.
 */
export const isOutOfTheOrdinary = (cents: number, mostCents: number, ordinaryCents: number): boolean =>
  cents > ordinaryCents && 2 * cents > 3 * mostCents;

/** The month of a day: `2026-03`. A draft belongs to the month that its draft day is in, whenever it is made. */
export const monthOf = (date: LocalDate): string => date.slice(0, 7);

/** The day of the month. */
export const dayIn = (date: LocalDate): number => Number(date.slice(8));

/** A month's draft day. Days are 1 to 28, which every month has. */
const dayOf = (month: string, day: number): LocalDate => `${month}-${String(day).padStart(2, "0")}` as LocalDate;

/** The month that comes so many after one. */
export function monthsAfter(month: string, count: number): string {
  const months = Number(month.slice(0, 4)) * 12 + Number(month.slice(5)) - 1 + count;
  return `${Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, "0")}`;
}

/** The first draft of whoever enrols: their day in the month after, or a month later where notice needs it. */
export function firstDraftOn(enrolledOn: LocalDate, day: number): LocalDate {
  const first = dayOf(monthsAfter(monthOf(enrolledOn), 1), day);
  return noticeAllows(enrolledOn, first) ? first : dayOf(monthsAfter(monthOf(first), 1), day);
}

/**
 * The days of the next drafts that can still be announced: no sooner than `from`, and none in a month that has its
 * draft already.
 */
export function nextDraftDays(
  today: LocalDate,
  day: number,
  from: LocalDate | null,
  taken: readonly string[],
  count: number,
): LocalDate[] {
  const days: LocalDate[] = [];
  for (let month = monthOf(today); days.length < count; month = monthsAfter(month, 1)) {
    const on = dayOf(month, day);
    if (noticeAllows(today, on) && (from === null || on >= from) && !taken.includes(month)) days.push(on);
  }
  return days;
}

/** How near a draft day may be at which it is still announced, for a later day then. */
const NEAREST_DAYS_BEFORE = FULL_DAYS_OF_NOTICE + 1 - LATE_BY_AT_MOST_DAYS;

/** The last day on which a month's draft is announced; after that its invoices wait for the next month. */
export const lastDayToAnnounce = (scheduledOn: LocalDate): LocalDate => plusDays(scheduledOn, -NEAREST_DAYS_BEFORE);

/** The draft days that are announced on a day: the one whose turn it is, and those before it, in case they were missed. */
export function draftDaysToAnnounce(today: LocalDate): LocalDate[] {
  const count = ANNOUNCED_DAYS_BEFORE - NEAREST_DAYS_BEFORE + 1;
  const days = Array.from({ length: count }, (_, i) => plusDays(today, NEAREST_DAYS_BEFORE + i));
  return days.filter((date) => dayIn(date) <= 28);
}

/** The day on which a draft is made that is announced today: its own, or the first that the notice allows. */
export function announcedFor(today: LocalDate, scheduledOn: LocalDate): LocalDate {
  if (noticeAllows(today, scheduledOn)) return scheduledOn;
  const later = plusDays(today, FULL_DAYS_OF_NOTICE + 1);
  return dayIn(later) <= 28 ? later : dayOf(monthsAfter(monthOf(later), 1), 1);
}

/** The last day on which a draft could have been announced in time: of later invoices it takes none. */
export const lastDayOfNotice = (draftOn: LocalDate): LocalDate => plusDays(draftOn, -FULL_DAYS_OF_NOTICE - 1);

/** Sunday is 0. */
const weekday = (date: LocalDate): number => new Date(`${date}T12:00:00Z`).getUTCDay();

/** The first, second, … of a weekday in a month. */
function nth(which: number, day: number, month: string): LocalDate {
  const first = dayOf(month, 1);
  return plusDays(first, ((7 + day - weekday(first)) % 7) + 7 * (which - 1));
}

/** The days on which the Federal Reserve moves no money. https://www.frbservices.org/about/holiday-schedules */
function bankHolidays(year: string): LocalDate[] {
  const fixed = ["01-01", "06-19", "07-04", "11-11", "12-25"].map((day) => {
    const on = `${year}-${day}` as LocalDate;
    // One on a Sunday is kept on the Monday; one on a Saturday is not made up for.
    return weekday(on) === 0 ? plusDays(on, 1) : on;
  });
  return [
    ...fixed,
    nth(3, 1, `${year}-01`),
    nth(3, 1, `${year}-02`),
    plusDays(nth(1, 1, `${year}-06`), -7),
    nth(1, 1, `${year}-09`),
    nth(2, 1, `${year}-10`),
    nth(4, 4, `${year}-11`),
  ];
}

const isBusinessDay = (date: LocalDate): boolean =>
  weekday(date) % 6 !== 0 && !bankHolidays(date.slice(0, 4)).includes(date);

/** The last day on which a change still counts for a draft. */
export function lastDayToChange(draftOn: LocalDate): LocalDate {
  let day = draftOn;
  for (let left = BUSINESS_DAYS_TO_CHANGE; left > 0; ) {
    day = plusDays(day, -1);
    if (isBusinessDay(day)) left--;
  }
  return day;
}

/** Whether a wish of a day came in time for a draft. */
export const inTimeFor = (draftOn: LocalDate, wishedOn: LocalDate): boolean => wishedOn <= lastDayToChange(draftOn);

/** The first draft for which a change still counts that is made today. */
export function firstDraftToChange(today: LocalDate): LocalDate {
  let day = today;
  while (lastDayToChange(day) < today) day = plusDays(day, 1);
  return day;
}
