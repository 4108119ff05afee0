import { en } from "./en.ts";
import { es } from "./es.ts";

export type Language = "en" | "es";

/** Every sentence a customer reads. A key missing in one language does not compile. */
export type Text = typeof en;

const TEXTS: Record<Language, Text> = { en, es };

export const textIn = (language: Language): Text => TEXTS[language];

/** The language a browser asks for first among ours; English when it asks for neither. */
export function preferredLanguage(acceptLanguage: string | undefined): Language {
  const wanted = (acceptLanguage ?? "")
    .split(",")
    .map((part) => {
      const [tag = "", q] = part
        .trim()
        .toLowerCase()
        .split(/\s*;\s*q=/);
      return { language: tag.slice(0, 2), weight: q === undefined ? 1 : Number(q) || 0 };
    })
    .filter(({ language, weight }) => (language === "en" || language === "es") && weight > 0)
    .sort((a, b) => b.weight - a.weight);
  return wanted[0]?.language === "es" ? "es" : "en";
}
