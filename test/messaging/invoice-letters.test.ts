import { describe, expect, test } from "vitest";
import { CEDAR_RIDGE } from "../../db/cast.ts";
import type { Settings } from "../../src/batch.ts";
import { dealerOf } from "../../src/dealer.ts";
import type { LetterPayLink } from "../../src/messaging/pay-link-facts.ts";
import type { LetterFacts } from "../../src/messaging/send.ts";
import { composeLetter } from "../../views/mail.tsx";
import { testDealer } from "../templates.ts";

const INVOICE: LetterPayLink = {
  number: "INV 7/1",
  dueOn: "2026-12-20",
  owedCents: 17526,
  heldCents: 0,
  totalCents: 17526,
  lines: [
    { description: "Battery replaced", cents: 4495 },
    { description: "", cents: 12750 },
  ],
  moreLines: 0,
  taxCents: 281,
  draft: null,
  secret: "s".repeat(43),
};

const letter = (
  more: Partial<LetterPayLink> = {},
  language: "en" | "es" | null = "en",
  name = "Harbor Street Dental",
) =>
  composeLetter({
    kind: "invoice_sent",
    language,
    settings: CEDAR_RIDGE.settings as Settings,
    dealer: dealerOf(testDealer(CEDAR_RIDGE)),
    recipient: "Theo Marsh",
    account: { name, number: "CR-10047" },
    payment: null,
    lines: [],
    link: null,
    method: null,
    autopay: null,
    payLink: { ...INVOICE, ...more },
  } satisfies LetterFacts);

const DRAFT = { on: "2027-01-05", method: { kind: "card", brand: "visa", lastFour: "4242" } } as LetterPayLink["draft"];

describe("a letter with a new invoice", () => {
  test("says how much, by when, what for, and leads to paying it", () => {
    const { subject, text } = letter();
    expect(subject).toBe("Invoice INV 7/1 from Cedar Ridge Alarm & Life Safety: $175.26, due Dec 20, 2026");
    expect(text).toBe(`Hello Theo Marsh,

Here is invoice INV 7/1 for Harbor Street Dental: $175.26, due on Dec 20, 2026.

Battery replaced: $44.95
What for: $127.50
Tax: $2.81
Total: $175.26

Pay this invoice: https://cedar-ridge.test/pay/${INVOICE.secret}

Or sign in to see it with all the others: https://cedar-ridge.test/invoices/INV%207%2F1

The link is for this invoice only. Whoever has this mail can see and pay the invoice, and nothing else of yours.

Cedar Ridge Alarm & Life Safety · (614) 555-0100
Cedar Ridge Alarm & Life Safety sent you this because you pay for the account of Harbor Street Dental.`);
  });

  test.for([
    ["autopay draws it", { draft: DRAFT }, "autopay will draft it on Jan 5, 2027 from Visa ending 4242."],
    ["it is paid", { owedCents: 0 }, "It is paid already."],
    ["a payment is on its way", { heldCents: 17526 }, "A payment for it is on its way."],
  ] as const)("asks for nothing where %s", ([_, more, words]) => {
    const { subject, text, html } = letter(more);
    expect(text).toContain(words);
    expect(text).toContain("need not do anything");
    expect(subject).toContain("$175.26");
    expect(`${text}${html}`).not.toContain("/pay/");
  });

  test("shows what is left of one that is partly paid, and figures that add up to it", () => {
    const { text } = letter({ owedCents: 10000 });
    expect(text).toContain("Paid or credited: -$75.26\nTo pay: $100.00");
    const many = letter({ lines: [{ description: "A", cents: 4495 }], moreLines: 1 }).text;
    expect(many).toContain("A: $44.95\n1 more line: $127.50\nTax: $2.81\nTotal: $175.26");
  });

  test("is in the reader's language, in both where nobody knows it, and never in a mixture", () => {
    expect(letter({}, "es").text.replace(/https:\S+/g, "")).not.toMatch(/\b(invoice|Pay|due|sign in)\b/i);
    expect(letter({ draft: DRAFT }, "es").text).toContain("No tiene que hacer nada");
    const both = letter({}, null);
    expect(both.text).toContain("Pay this invoice:");
    expect(both.text).toContain("Pagar esta factura:");
    for (const language of ["en", "es", null] as const)
      expect(JSON.stringify(letter({}, language))).not.toMatch(/undefined|NaN|\[object/);
  });

  test("shows names and descriptions as they are, whatever is in them", () => {
    const hostile = `<script>alert(1)</script>\r\nBcc: a@evil.example "مرحبا" 🔔`;
    const { subject, html } = letter({ lines: [{ description: hostile, cents: 17526 }], taxCents: 0 }, "en", hostile);
    expect(html).not.toContain("<script>");
    expect(html).toContain("&lt;script&gt;");
    expect(letter({ number: hostile }).subject).not.toMatch(/[\r\n]/);
    expect(subject).not.toMatch(/[\r\n]/);
  });
});
