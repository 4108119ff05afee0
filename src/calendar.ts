/** A calendar day in the dealer's time zone, `2026-03-01`. Compares correctly as text. */
export type LocalDate = string & { readonly __unit: "local date" };

/** Seconds since 1970, UTC. */
export type Instant = number;

export const MINUTE = 60;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

const dayIn = new Map<string, Intl.DateTimeFormat>();

/** The calendar day that it is at an instant in an IANA time zone. */
export function localDate(at: Instant, timeZone: string): LocalDate {
  let format = dayIn.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", { timeZone, year: "numeric", month: "2-digit", day: "2-digit" });
    dayIn.set(timeZone, format);
  }
  return format.format(at * 1000) as LocalDate;
}

const hourIn = new Map<string, Intl.DateTimeFormat>();

/** The hour of the day, 0 to 23, that it is at an instant in an IANA time zone. */
export function localHour(at: Instant, timeZone: string): number {
  let format = hourIn.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("en-CA", { timeZone, hour: "2-digit", hourCycle: "h23" });
    hourIn.set(timeZone, format);
  }
  return Number(format.format(at * 1000));
}

/** A date a person or an export wrote (`2026-03-01`, `3/1/2026`, `03/01/2026`), or null when there is no such day. */
export function parseDate(text: string): LocalDate | null {
  const trimmed = text.trim();
  const iso = /^(\d{4})-(\d{2})-(\d{2})$/.exec(trimmed);
  const us = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(trimmed);
  const [year, month, day] = iso
    ? [Number(iso[1]), Number(iso[2]), Number(iso[3])]
    : us
      ? [Number(us[3]), Number(us[1]), Number(us[2])]
      : [0, 0, 0];
  if (year < 1970 || year > 2100) return null;
  const utc = new Date(Date.UTC(year, month - 1, day));
  if (utc.getUTCMonth() !== month - 1 || utc.getUTCDate() !== day) return null;
  return utc.toISOString().slice(0, 10) as LocalDate;
}

const noon = (date: LocalDate): number => Date.parse(`${date}T12:00:00Z`);

/** The day `days` after (or, when negative, before) a date. */
export const plusDays = (date: LocalDate, days: number): LocalDate =>
  new Date(noon(date) + days * DAY * 1000).toISOString().slice(0, 10) as LocalDate;

/** Whole days from one date to a later one; negative when it is earlier. */
export const daysBetween = (from: LocalDate, to: LocalDate): number =>
  Math.round((noon(to) - noon(from)) / (DAY * 1000));

/** `2026-03-01T17:00:00Z`: an instant as machines write it. */
export const isoTime = (at: Instant): string => new Date(at * 1000).toISOString().replace(".000Z", "Z");

const clockIn = new Map<string, Intl.DateTimeFormat>();

/** How many seconds the clocks of an IANA time zone are ahead of UTC at an instant; behind is below zero. */
function aheadOf(at: Instant, timeZone: string): number {
  let format = clockIn.get(timeZone);
  if (!format) {
    format = new Intl.DateTimeFormat("sv-SE", { timeZone, dateStyle: "short", timeStyle: "medium" });
    clockIn.set(timeZone, format);
  }
  return Date.parse(`${format.format(at * 1000).replace(" ", "T")}Z`) / 1000 - at;
}

/** The first instant of a calendar day in a time zone. */
export function startOfDay(date: LocalDate, timeZone: string): Instant {
  const utc = Date.parse(`${date}T00:00:00Z`) / 1000;
  // The second look counts where the clocks change between the two.
  return utc - aheadOf(utc - aheadOf(utc, timeZone), timeZone);
}

/** No row of ours that has an instant and no date is older. */
const FIRST_SHIFT = Date.parse("2020-01-01T00:00:00Z") / 1000;

/** Clocks that change do so months apart. */
const BETWEEN_SHIFTS = 30 * DAY;

/**
 * How far a zone's clocks are ahead of UTC from when on, oldest first, for the instants from one to another: what SQL needs
 * to tell the local day of each. The first holds for all before it as well.
 */
export function zoneShifts(timeZone: string, from: Instant, to: Instant): [since: Instant, aheadSeconds: number][] {
  const start = Math.max(from, FIRST_SHIFT);
  const shifts: [Instant, number][] = [[0, aheadOf(start, timeZone)]];
  for (let at = start; at < to; at += BETWEEN_SHIFTS) {
    let [before, after] = [at, Math.min(at + BETWEEN_SHIFTS, to)];
    const ahead = aheadOf(after, timeZone);
    if (ahead === aheadOf(before, timeZone)) continue;
    while (after - before > 1) {
      const middle = Math.floor((before + after) / 2);
      if (aheadOf(middle, timeZone) === ahead) after = middle;
      else before = middle;
    }
    shifts.push([after, ahead]);
  }
  return shifts;
}
