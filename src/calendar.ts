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
