import type { ScheduledLetterKind } from "../../src/messaging/promise-letter.ts";
import { dollars } from "../../src/money.ts";
import { dateText, timeText } from "../text/dates.ts";
import { textIn } from "../text/language.ts";
import { methodText } from "../ui.tsx";
import type { LetterIn, LetterWords } from "./letter-page.tsx";

/** What a letter says about a payment that was put off: what was agreed to, or that it did not come about. */
export function scheduledWords(facts: LetterIn, kind: ScheduledLetterKind): LetterWords {
  const { scheduled, settings, language } = facts;
  if (!scheduled) throw new Error(`a letter of the kind ${kind} is about a payment on a later day`);
  const t = textIn(language);
  const { letters } = t.scheduled;
  const on = dateText(scheduled.payOn, language);
  const why = t.mail.why(settings.name);
  if (kind !== "scheduled_authorization") {
    const words = letters[kind];
    return {
      subject: words.subject,
      paragraphs: [words.lead(on)],
      link: { path: "/invoices", words: letters.button },
      after: kind === "scheduled_canceled" ? [t.methods.mail.notYou(settings.phone)] : [],
      why,
    };
  }
  const words = letters.scheduled_authorization;
  const { agreement, method } = scheduled;
  const amount = dollars(facts.lines.reduce((total, line) => total + line.amountCents, 0));
  return {
    subject: words.subject(amount, on),
    paragraphs: [words.lead(on, amount, method ? methodText(method, t) : t.pay.kinds.other)],
    table: {
      heads: [t.mail.invoice, t.mail.amount],
      rows: facts.lines.map((line) => [line.number, dollars(line.amountCents)]),
      total: [t.mail.total, amount],
    },
    link: { path: "/payments", words: words.button },
    after: [
      words.agreedOn(timeText(agreement.at, facts.dealer.timeZone, language)),
      agreement.text,
      t.methods.mail.notYou(settings.phone),
    ],
    why,
  };
}
