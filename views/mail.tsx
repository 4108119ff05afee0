import type { Letter, LetterFacts } from "../src/messaging/send.ts";
import { linkWords, noticeWords } from "./mail/access-letters.ts";
import { autopayWords } from "./mail/autopay-letters.ts";
import { type LetterIn, type LetterWords, letterOf } from "./mail/letter-page.tsx";
import { methodWords } from "./mail/method-letters.ts";
import { invoiceWords, payLinkWords } from "./mail/pay-link-letters.ts";
import { paymentWords } from "./mail/payment-letters.ts";
import { refundWords } from "./mail/refund-letters.ts";
import { scheduledWords } from "./mail/scheduled-letters.ts";
import type { Language } from "./text/language.ts";

/** Any letter that the portal sends. */
export const composeLetter = (facts: LetterFacts): Letter =>
  letterOf(
    facts,
    languagesOf(facts).map((language) => ({ language, words: wordsOf({ ...facts, language }) })),
  );

/** Whoever pays has seen the portal in the language they want; the first letter finds people who have seen nothing yet. */
function languagesOf({ language, payment, method, scheduled, autopay }: LetterFacts): Language[] {
  const agreedIn = method?.language ?? scheduled?.agreement.language;
  return language ? [language] : agreedIn ? [agreedIn] : payment || autopay?.agreement ? ["en"] : ["en", "es"];
}

function wordsOf(facts: LetterIn): LetterWords {
  const { kind } = facts;
  switch (kind) {
    case "receipt":
    case "payment_submitted":
    case "payment_failed":
    case "payment_returned":
    case "payment_restored":
      return paymentWords(facts, kind);
    case "invoice_link":
      return payLinkWords(facts);
    case "invoice_sent":
      return invoiceWords(facts);
    case "scheduled_authorization":
    case "scheduled_canceled":
    case "scheduled_not_needed":
    case "scheduled_not_made":
      return scheduledWords(facts, kind);
    case "refund_made":
    case "refund_failed":
      return refundWords(facts, kind);
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
    case "autopay_authorization":
    case "autopay_stopped":
    case "autopay_day_changed":
    case "autopay_kept":
    case "draft_announced":
    case "draft_asking":
    case "draft_failed":
    case "draft_unpaid":
    case "draft_not_made":
      return autopayWords(facts, kind);
    case "method_added":
    case "method_verifying":
    case "method_still_verifying":
    case "method_not_verified":
    case "method_expiring":
    case "method_blocked":
    case "method_removed":
    case "method_kept":
      return methodWords(facts, kind);
    default:
      throw new Error(`no letter is written for ${kind satisfies never}`);
  }
}
