import { localDate, plusDays } from "../../src/calendar.ts";
import type { MethodLetterKind, SetupLetterKind } from "../../src/messaging/promise-letter.ts";
import { dateText, timeText } from "../text/dates.ts";
import { textIn } from "../text/language.ts";
import { methodText } from "../ui.tsx";
import type { LetterIn, LetterWords } from "./letter-page.tsx";

/** How long the vendor waits for the small deposits. https://docs.stripe.com/payments/ach-direct-debit/set-up-payment */
const DAYS_TO_VERIFY = 10;

/** What a letter about a card or bank account says: which it is, what has happened to it, and where to go. */
export function methodWords(facts: LetterIn, kind: SetupLetterKind | MethodLetterKind): LetterWords {
  const { method, settings, language, dealer } = facts;
  if (!method) throw new Error(`a letter of the kind ${kind} is about a payment method`);
  const t = textIn(language);
  const { mail } = t.methods;
  const name = methodText(method, t);
  const seeAll = { path: "/payment-methods", words: mail.button };
  const addAnother = { path: "/payment-methods/new", words: t.methods.add };
  const why = mail.why(settings.name);
  switch (kind) {
    case "method_added": {
      const agreed = timeText(method.agreedAt, dealer.timeZone, language);
      return {
        subject: mail.method_added.subject(name),
        paragraphs: [mail.method_added.lead(name, settings.name)],
        link: seeAll,
        after: [mail.agreedOn(agreed, method.holder), ...method.terms.split("\n"), mail.notYou(settings.phone)],
        why,
      };
    }
    case "method_verifying": {
      const words = mail.method_verifying;
      return {
        subject: words.subject(name),
        paragraphs: [words.lead(name)],
        link: { ...seeAll, words: words.button },
        after: [mail.notYou(settings.phone)],
        why,
      };
    }
    case "method_still_verifying": {
      const words = mail.method_still_verifying;
      const until = plusDays(localDate(method.agreedAt, dealer.timeZone), DAYS_TO_VERIFY);
      return {
        subject: words.subject(name),
        paragraphs: [words.lead(name, dateText(until, language)), words.note],
        link: { ...seeAll, words: mail.method_verifying.button },
        after: [mail.notYou(settings.phone)],
        why,
      };
    }
    case "method_not_verified": {
      const words = mail.method_not_verified;
      return { subject: words.subject(name), paragraphs: [words.lead(name), words.note], link: addAnother, why };
    }
    case "method_expiring": {
      const words = mail.method_expiring;
      const last = dateText(method.lastDay ?? "", language);
      return {
        subject: words.subject(name),
        paragraphs: [words.lead(name, last), words.note],
        link: { path: `/payment-methods/new?instead=${method.id}`, words: words.button },
        why,
      };
    }
    case "method_blocked": {
      const words = mail.method_blocked;
      return { subject: words.subject(name), paragraphs: [words.lead(name), words.note], link: addAnother, why };
    }
    case "method_removed": {
      const words = mail.method_removed;
      return {
        subject: words.subject(name),
        paragraphs: [words.lead(name, settings.name), mail.notYou(settings.phone)],
        link: seeAll,
        why,
      };
    }
    case "method_kept": {
      const words = mail.method_kept;
      return {
        subject: words.subject(name),
        paragraphs: [words.lead(name), words.note(settings.phone)],
        link: seeAll,
        why,
      };
    }
  }
}
