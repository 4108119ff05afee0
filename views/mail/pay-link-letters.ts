import { dollars } from "../../src/money.ts";
import { dateText } from "../text/dates.ts";
import { textIn } from "../text/language.ts";
import type { LetterIn, LetterWords } from "./letter-page.tsx";

/** What a letter with a pay link says: which invoice, how much, and that the link opens nothing else. */
export function payLinkWords({ payLink, settings, language }: LetterIn): LetterWords {
  if (!payLink) throw new Error("a letter of the kind invoice_link has a link");
  const words = textIn(language).payLink.letter;
  return {
    subject: words.subject(payLink.number, settings.name),
    paragraphs: [words.lead(payLink.number, dollars(payLink.owedCents), dateText(payLink.dueOn, language))],
    link: { path: `/pay/${payLink.secret}`, words: words.button },
    after: [words.keep],
    why: words.why(settings.name),
  };
}
