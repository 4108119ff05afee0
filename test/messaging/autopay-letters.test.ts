import { describe, expect, test } from "vitest";
import { CEDAR_RIDGE } from "../../db/cast.ts";
import type { Settings } from "../../src/batch.ts";
import { dealerOf } from "../../src/dealer.ts";
import type { AutopayLetterKind } from "../../src/messaging/promise-letter.ts";
import type { LetterFacts } from "../../src/messaging/send.ts";
import { composeLetter } from "../../views/mail.tsx";
import { testDealer } from "../templates.ts";

type Autopay = NonNullable<LetterFacts["autopay"]>;
type Draft = NonNullable<Autopay["draft"]>;

const DRAFT: Draft = {
  draftOn: "2027-01-05",
  maxCents: 5265,
  less: null,
  nextTryOn: null,
  failureCode: null,
  changeUntilOn: "2026-12-30" as Draft["changeUntilOn"],
  next: "over",
};

const AUTOPAY: Autopay = {
  account: { draftDay: 5, ended: null, newDay: 17, newDayFrom: "2027-02-17" as Draft["changeUntilOn"] },
  draft: DRAFT,
  agreement: { text: "I authorize this.", name: "Dana Okafor", at: 1_796_137_200, language: "en" },
  method: { kind: "card", brand: "visa", lastFour: "4242" },
  kept: { reason: "Your contract runs until May 2027.", askedAt: 1_796_137_200 },
};

const KINDS: Record<AutopayLetterKind, string> = {
  autopay_authorization: "/autopay/authorization",
  autopay_stopped: "/autopay",
  autopay_day_changed: "/autopay",
  autopay_kept: "/autopay",
  draft_announced: "/autopay",
  draft_asking: "/autopay",
  draft_failed: "/invoices",
  draft_unpaid: "/invoices",
  draft_not_made: "/invoices",
};
const ALL = Object.keys(KINDS) as AutopayLetterKind[];

const letter = (
  kind: AutopayLetterKind,
  more: { language?: "en" | "es"; holder?: string; draft?: Partial<Draft>; ended?: Autopay["account"]["ended"] } = {},
) =>
  composeLetter({
    kind,
    language: more.language ?? "en",
    settings: CEDAR_RIDGE.settings as Settings,
    dealer: dealerOf(testDealer(CEDAR_RIDGE)),
    recipient: more.holder ?? "Dana Okafor",
    account: { name: more.holder ?? "Dana Okafor", number: "CR-10021" },
    payment: null,
    link: null,
    method: null,
    lines: [{ number: "INV-10025", amountCents: 5265 }],
    autopay: {
      ...AUTOPAY,
      account: { ...AUTOPAY.account, ended: more.ended ?? null },
      draft: { ...DRAFT, ...more.draft },
      kept: { ...AUTOPAY.kept, reason: more.holder ?? AUTOPAY.kept.reason },
    },
  } as LetterFacts);

describe("a letter about autopay", () => {
  test.for(ALL)("%s leads where something can be done, in either language, and leaves nothing out", (kind) => {
    for (const language of ["en", "es"] as const) {
      const { subject, text, html } = letter(kind, { language });
      expect(text).toContain(`https://cedar-ridge.test${KINDS[kind]}\n`);
      expect([...html.matchAll(/href="([^"]+)"/g)]).toHaveLength(1);
      expect(`${subject}${text}${html}`).not.toMatch(/undefined|null|NaN|\{\}/);
      expect(html).toContain(`<html lang="${language}">`);
      expect(subject.length).toBeLessThan(78);
    }
    const spanish = letter(kind, { language: "es" }).text.replace(/https:\S+/g, "");
    expect(spanish).not.toMatch(/\b(draft|invoices|Thank you|autopay)\b/);
  });

  test.for(ALL)("%s shows names as they are, whatever is in them", (kind) => {
    const { html, subject } = letter(kind, { holder: `<b onmouseover="alert(1)">Ann</b>\r\nBcc: a@evil.example` });
    expect(html).not.toContain("<b onmouseover");
    expect(subject).not.toMatch(/[\r\n]/);
  });

  test("that announces says when, how much at most, from what, for what, and how to stop", () => {
    expect(letter("draft_announced").text).toBe(`Hello Dana Okafor,

On Jan 5, 2027 we will draft up to $52.65 from Visa ending 4242, for the invoices below.

It is never more than this. What is paid or credited until then is taken off; invoices that come later wait for the next draft.

INV-10025: $52.65
Total: $52.65

See autopay: https://cedar-ridge.test/autopay

To change or stop autopay, use the button or call (614) 555-0100. What you change until Dec 30, 2026 counts for this draft.

Cedar Ridge Alarm & Life Safety · (614) 555-0100
You get this because you have autopay with Cedar Ridge Alarm & Life Safety.`);
  });

  test.for([
    ["wait", "We will try again on Jan 8, 2027.", "/invoices"],
    ["method", "Please choose another card or bank account", "/autopay"],
    ["confirm", "Use the button to confirm with your bank.", "/autopay"],
    ["over", "stop now", "/invoices"],
  ] as const)("that something failed says what follows: %s", ([next, words, path]) => {
    const { text } = letter("draft_failed", { draft: { next, nextTryOn: next === "wait" ? "2027-01-08" : null } });
    expect(text).toContain(words);
    expect(text).toContain(`https://cedar-ridge.test${path}\n`);
    expect(text).toContain("Your alarm service goes on as before.");
  });

  test.for([
    ["no_notice", "could not reach you 10 days before"],
    ["no_method", "can no longer be used"],
    ["bank_only", "paid from a bank account only now"],
    ["office", "Our office has called it off."],
    ["nobody_told", "could not reach you 10 days before"],
    ["unanswered", "your yes did not come in time"],
    ["asked_to_stop", "Its invoices are still open"],
    ["missed", "could not make it on its day"],
    ["constructor", "could not make it on its day"],
  ] as const)("that nothing was drawn says why: %s", ([failureCode, words]) => {
    expect(letter("draft_not_made", { draft: { failureCode } }).text).toContain(words);
  });

  test("that the office has set another day says which, and from when", () => {
    const { subject, text } = letter("autopay_day_changed");
    expect(subject).toBe("Your autopay day is now day 17 of the month");
    expect(text).toContain("The first draft on that day is Feb 17, 2027");
    expect(letter("autopay_day_changed", { language: "es" }).text).toContain("es el 17 feb 2027");
  });

  test("that autopay stays on says since when they asked, why, and whom to call", () => {
    expect(letter("autopay_kept").text).toBe(`Hello Dana Okafor,

You asked on Dec 1, 2026 to turn autopay off for Dana Okafor. We have looked at it, and it stays on for now.

This is why: Your contract runs until May 2027.

Drafts go on, each announced to you before. One that waited for this is made now, as announced.

See autopay: https://cedar-ridge.test/autopay

If you do not agree, or still want autopay off, please call us: (614) 555-0100. You can also pay what is open yourself, and it is not drafted.

Cedar Ridge Alarm & Life Safety · (614) 555-0100
You get this because you have autopay with Cedar Ridge Alarm & Life Safety.`);
  });

  test("that autopay is off says whether the bank wanted that", () => {
    expect(letter("autopay_stopped", { ended: "bank" }).text).toContain("does not let us draft Visa ending 4242");
    expect(letter("autopay_stopped").text).toContain("less than 3 business days away");
  });
});
