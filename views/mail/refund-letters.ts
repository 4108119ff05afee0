import type { RefundLetterKind } from "../../src/messaging/promise-letter.ts";
import { dollars } from "../../src/money.ts";
import { textIn } from "../text/language.ts";
import { methodText } from "../ui.tsx";
import type { LetterIn, LetterWords } from "./letter-page.tsx";

/** What a letter about money that goes back says: how much, where to, why, and how long the banks take. */
export function refundWords(facts: LetterIn, kind: RefundLetterKind): LetterWords {
  const { refund, settings } = facts;
  if (!refund) throw new Error(`a letter of the kind ${kind} is about a refund`);
  const t = textIn(facts.language);
  const words = t.refunds.letters[kind];
  const amount = dollars(refund.amountCents);
  const why = refund.reason === "" ? [] : [t.refunds.letters.reason(refund.reason)];
  return {
    subject: words.subject(amount),
    paragraphs: [words.lead(amount, methodText(refund, t)), ...why, words.note(settings.phone)],
    link: { path: `/payments/${refund.paymentId}`, words: t.mail.paymentButton },
    why: t.mail.why(settings.name),
  };
}
