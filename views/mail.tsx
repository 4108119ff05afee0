import type { Letter, LetterFacts } from "../src/messaging/send.ts";
import { linkWords, noticeWords } from "./mail/access-letters.ts";
import { type LetterWords, letterOf } from "./mail/letter-page.tsx";
import { paymentWords } from "./mail/payment-letters.ts";

/** Any letter that the portal sends. */
export const composeLetter = (facts: LetterFacts): Letter => letterOf(facts, wordsOf(facts));

function wordsOf(facts: LetterFacts): LetterWords {
  const { kind } = facts;
  switch (kind) {
    case "receipt":
    case "payment_submitted":
    case "payment_failed":
    case "payment_returned":
      return paymentWords(facts, kind);
    case "registration":
    case "temporary_password":
    case "password_reset":
    case "invitation":
    case "email_confirmation":
      return linkWords(facts, kind);
    case "password_changed":
    case "email_changing":
    case "email_changed":
    case "two_step_on":
    case "two_step_off":
    case "provider_linked":
    case "provider_unlinked":
      return noticeWords(facts, kind);
    default:
      throw new Error(`no letter is written for ${kind satisfies never}`);
  }
}
