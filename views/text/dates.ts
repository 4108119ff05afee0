import type { Language } from "./language.ts";

const LOCALE: Record<Language, string> = { en: "en-US", es: "es-US" };
const times = new Map<string, Intl.DateTimeFormat>();

/** A local date as people write it: `Mar 1, 2026`, `1 mar 2026`. */
export function dateText(date: string, language: Language): string {
  const [year, month, day] = date.split("-").map(Number) as [number, number, number];
  const name = monthNames(language)[month - 1]!;
  return language === "es" ? `${day} ${name} ${year}` : `${name} ${day}, ${year}`;
}

// A page of invoices holds fifty dates, and Intl takes its time over each: it is asked for the names only, once.
const months: Partial<Record<Language, string[]>> = {};
function monthNames(language: Language): string[] {
  months[language] ??= Array.from({ length: 12 }, (_, month) =>
    new Intl.DateTimeFormat(LOCALE[language], { timeZone: "UTC", month: "short" }).format(Date.UTC(2026, month, 15)),
  );
  return months[language];
}

/** An instant in the dealer's zone, with its time: `Mar 1, 2026, 2:05 PM`. */
export function timeText(at: number, timeZone: string, language: Language): string {
  const key = `${language} ${timeZone}`;
  let time = times.get(key);
  if (!time) {
    time = new Intl.DateTimeFormat(LOCALE[language], { timeZone, dateStyle: "medium", timeStyle: "short" });
    times.set(key, time);
  }
  return time.format(at * 1000);
}
