import type { Language } from "./language.ts";

const LOCALE: Record<Language, string> = { en: "en-US", es: "es-US" };
const formats = new Map<string, Intl.DateTimeFormat>();

function format(language: Language, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = `${language} ${JSON.stringify(options)}`;
  let found = formats.get(key);
  if (!found) {
    found = new Intl.DateTimeFormat(LOCALE[language], options);
    formats.set(key, found);
  }
  return found;
}

/** A local date as people write it: `Mar 1, 2026`, `1 mar 2026`. */
export const dateText = (date: string, language: Language): string =>
  format(language, { timeZone: "UTC", year: "numeric", month: "short", day: "numeric" }).format(
    Date.parse(`${date}T12:00:00Z`),
  );

/** An instant in the dealer's zone, with its time: `Mar 1, 2026, 2:05 PM`. */
export const timeText = (at: number, timeZone: string, language: Language): string =>
  format(language, { timeZone, dateStyle: "medium", timeStyle: "short" }).format(at * 1000);
