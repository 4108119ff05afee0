import { localDate } from "../../src/calendar.ts";
import type { AutopayLetterKind } from "../../src/messaging/promise-letter.ts";
import { dollars } from "../../src/money.ts";
import { dateText, timeText } from "../text/dates.ts";
import { textIn } from "../text/language.ts";
import { methodText } from "../ui.tsx";
import type { LetterIn, LetterWords } from "./letter-page.tsx";

/** What a letter about autopay says: when, how much at most, from what, for which invoices, and how to change that. */
export function autopayWords(facts: LetterIn, kind: AutopayLetterKind): LetterWords {
  switch (kind) {
    case "autopay_authorization":
      return authorization(facts);
    case "autopay_stopped":
      return stopped(facts);
    case "autopay_day_changed":
      return dayChanged(facts);
    case "autopay_kept":
      return kept(facts);
    default:
      return aboutDraft(facts, kind);
  }
}

function authorization(facts: LetterIn): LetterWords {
  const { letters } = textIn(facts.language).autopay;
  const agreement = facts.autopay?.agreement;
  if (!agreement) throw new Error("a copy of an authorization holds what was agreed to");
  const at = timeText(agreement.at, facts.dealer.timeZone, facts.language);
  return {
    subject: letters.autopay_authorization.subject,
    paragraphs: [letters.autopay_authorization.lead(at, agreement.name), agreement.text],
    link: { path: "/autopay/authorization", words: letters.copyButton },
    after: [letters.autopay_authorization.note],
    why: letters.why(facts.settings.name),
  };
}

function stopped(facts: LetterIn): LetterWords {
  const t = textIn(facts.language);
  const { letters } = t.autopay;
  const words = letters.autopay_stopped;
  const { method, account } = facts.autopay ?? {};
  const why = account?.ended && method ? words[account.ended](methodText(method, t)) : words.near;
  return {
    subject: words.subject,
    paragraphs: [
      words.lead(facts.account?.name ?? ""),
      why,
      account?.ended === "cards_off" ? words.noteBank : words.note,
    ],
    link: { path: "/autopay", words: letters.button },
    why: letters.why(facts.settings.name),
  };
}

function dayChanged(facts: LetterIn): LetterWords {
  const { letters } = textIn(facts.language).autopay;
  const words = letters.autopay_day_changed;
  const { newDay, newDayFrom } = facts.autopay?.account ?? {};
  if (!newDay || !newDayFrom) throw new Error("a letter about another draft day names it");
  return {
    subject: words.subject(newDay),
    paragraphs: [
      words.lead(facts.account?.name ?? "", newDay),
      words.from(dateText(newDayFrom, facts.language)),
      words.note(facts.settings.phone),
    ],
    link: { path: "/autopay", words: letters.button },
    why: letters.why(facts.settings.name),
  };
}

/** They wanted it off: what the office says to that, and whom to call. */
function kept(facts: LetterIn): LetterWords {
  const { letters } = textIn(facts.language).autopay;
  const words = letters.autopay_kept;
  const { reason, askedAt } = facts.autopay?.kept ?? {};
  if (!reason || !askedAt) throw new Error("a letter that keeps autopay on says since when and why");
  const on = dateText(localDate(askedAt, facts.dealer.timeZone), facts.language);
  return {
    subject: words.subject,
    paragraphs: [words.lead(on, facts.account?.name ?? ""), words.because(reason), words.drafts],
    link: { path: "/autopay", words: letters.button },
    after: [words.note(facts.settings.phone)],
    why: letters.why(facts.settings.name),
  };
}

/** Why a draft was not made, by the name of its sentence. */
const NOT_MADE: Record<string, "no_notice" | "no_method" | "office" | "bank_only" | "unanswered" | "asked_to_stop"> = {
  no_notice: "no_notice",
  nobody_told: "no_notice",
  unanswered: "unanswered",
  asked_to_stop: "asked_to_stop",
  no_method: "no_method",
  office: "office",
  bank_only: "bank_only",
};

/** Of these the sentence itself says what to do. */
const SAYS_WHAT_TO_DO: string[] = ["bank_only", "asked_to_stop"];

type DraftLetterKind = Exclude<
  AutopayLetterKind,
  "autopay_authorization" | "autopay_stopped" | "autopay_day_changed" | "autopay_kept"
>;

function aboutDraft(facts: LetterIn, kind: DraftLetterKind): LetterWords {
  const { language, lines, payment, settings } = facts;
  const t = textIn(language);
  const { letters } = t.autopay;
  const { draft, method } = facts.autopay ?? {};
  if (!draft) throw new Error(`a letter of the kind ${kind} is about a draft`);
  const amount = dollars(payment?.amountCents ?? draft.maxCents);
  const from = payment ? methodText(payment, t) : method ? methodText(method, t) : t.pay.kinds.other;
  const on = dateText(draft.draftOn, language);
  const button = { path: "/autopay", words: letters.button };
  const shared = {
    table: {
      heads: [t.mail.invoice, t.mail.amount] as [string, string],
      rows: lines.map((line): [string, string] => [line.number, dollars(line.amountCents)]),
      total: [t.mail.total, amount] as [string, string],
    },
    why: letters.why(settings.name),
  };
  switch (kind) {
    case "draft_announced": {
      const words = letters.draft_announced;
      return {
        ...shared,
        subject: words.subject(on, amount),
        paragraphs: [words.lead(on, amount, from), words.note],
        link: button,
        after: [words.stop(settings.phone, dateText(draft.changeUntilOn, language))],
      };
    }
    case "draft_asking": {
      const words = letters.draft_asking;
      return {
        ...shared,
        subject: words.subject(amount, on),
        paragraphs: [words.lead(on, amount, from), words.note],
        link: { path: "/autopay", words: letters.yesButton },
      };
    }
    case "draft_failed": {
      const words = letters.draft_failed;
      const what = draft.next === "wait" ? words.wait(dateText(draft.nextTryOn!, language)) : words[draft.next];
      const links = {
        wait: { path: "/invoices", words: letters.payButton },
        over: { path: "/invoices", words: letters.payButton },
        method: button,
        confirm: { path: "/autopay", words: letters.confirmButton },
      };
      return {
        ...shared,
        subject: words.subject(amount),
        paragraphs: [words.lead(amount, from), what, words.service],
        link: links[draft.next],
      };
    }
    case "draft_unpaid": {
      const words = letters.draft_unpaid;
      const open = dollars(lines.reduce((total, line) => total + line.amountCents, 0));
      return {
        ...shared,
        table: { ...shared.table, total: [t.mail.total, open] },
        subject: words.subject(open),
        paragraphs: [words.lead(on, open), words.note(settings.phone), letters.draft_failed.service],
        link: { path: "/invoices", words: letters.payButton },
      };
    }
    case "draft_not_made": {
      const words = letters.draft_not_made;
      const code = draft.failureCode ?? "";
      const reason = Object.hasOwn(NOT_MADE, code) ? NOT_MADE[code]! : "missed";
      return {
        ...shared,
        subject: words.subject(on),
        paragraphs: [words.lead(on), words[reason], ...(SAYS_WHAT_TO_DO.includes(reason) ? [] : [words.note])],
        link: { path: "/invoices", words: letters.payButton },
      };
    }
  }
}
