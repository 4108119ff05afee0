import type { ScheduledLetterKind } from "../../src/messaging/promise-letter.ts";
import { dateText } from "../text/dates.ts";
import { textIn } from "../text/language.ts";
import type { LetterIn, LetterWords } from "./letter-page.tsx";

/** What a letter says about a payment that was put off and did not come about. */
export function scheduledWords({ scheduledOn, settings, language }: LetterIn, kind: ScheduledLetterKind): LetterWords {
  if (!scheduledOn) throw new Error(`a letter of the kind ${kind} is about a payment on a later day`);
  const t = textIn(language);
  const words = t.scheduled.letters[kind];
  return {
    subject: words.subject,
    paragraphs: [words.lead(dateText(scheduledOn, language))],
    link: { path: "/invoices", words: t.scheduled.letters.button },
    why: t.mail.why(settings.name),
  };
}
