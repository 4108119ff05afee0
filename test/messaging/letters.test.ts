import { describe, expect, test } from "vitest";
import { CEDAR_RIDGE } from "../../db/cast.ts";
import type { Settings } from "../../src/batch.ts";
import { dealerOf } from "../../src/dealer.ts";
import type { LetterKind, PaymentLetterKind } from "../../src/messaging/promise-letter.ts";
import type { LetterFacts } from "../../src/messaging/send.ts";
import { composeLetter } from "../../views/mail.tsx";
import { testDealer } from "../templates.ts";

const PAYMENT = {
  id: "pay_01kb3x9q0e4m8n2t7w5z",
  kind: "card",
  brand: "visa",
  lastFour: "4242",
  amountCents: 5265,
  state: "settled",
  paidOn: "2026-12-01",
} as NonNullable<LetterFacts["payment"]>;

const letter = (kind: LetterKind, more: Partial<LetterFacts> = {}) =>
  composeLetter({
    kind,
    language: "en",
    settings: CEDAR_RIDGE.settings as Settings,
    dealer: dealerOf(testDealer(CEDAR_RIDGE)),
    recipient: "Priya Raman",
    account: { name: "Priya Raman", number: "CR-10052" },
    payment: PAYMENT,
    link: null,
    method: null,
    autopay: null,
    lines: [
      { number: "INV-40022", amountCents: 4265 },
      { number: "INV-40023", amountCents: 1000 },
    ],
    ...more,
  });

const KINDS: PaymentLetterKind[] = ["receipt", "payment_submitted", "payment_failed", "payment_returned"];

/** What a reader of the HTML part sees, words and amounts only. */
const readable = (html: string) =>
  html
    .replace(/<title>.*?<\/title>/s, "")
    .replace(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ");

describe("a receipt", () => {
  test("says the amount, the day, the method, and each invoice it covered", () => {
    const { subject, text } = letter("receipt");
    expect(subject).toBe("Receipt: $52.65 received");
    expect(text).toBe(`Hello Priya Raman,

Thank you. We received $52.65 on Dec 1, 2026 by Visa ending 4242.

INV-40022: $42.65
INV-40023: $10.00
Total: $52.65

See your receipt: https://cedar-ridge.test/receipts/pay_01kb3x9q0e4m8n2t7w5z

Cedar Ridge Alarm & Life Safety · (614) 555-0100
You get this because you pay Cedar Ridge Alarm & Life Safety online.`);
  });

  test("says what stays as credit, and adds up", () => {
    const { text } = letter("receipt", { payment: { ...PAYMENT, amountCents: 6000 } });
    expect(text).toContain("To account credit: $7.35\nTotal: $60.00");
    expect(
      letter("payment_failed", { payment: { ...PAYMENT, amountCents: 6000, state: "failed" } }).text,
    ).not.toContain("credit");
  });

  test("of a bank account says so", () => {
    const payment = { ...PAYMENT, kind: "bank", brand: "STRIPE TEST BANK", lastFour: "6789" } as const;
    expect(letter("receipt", { payment }).text).toContain("by STRIPE TEST BANK account ending 6789.");
  });
});

describe("every letter", () => {
  test.for(KINDS)("%s says the same in both its parts, and links to this dealer's portal only", (kind) => {
    for (const language of ["en", "es"] as const) {
      const { html, text } = letter(kind, { language });
      const seen = readable(html);
      for (const line of text.split("\n").filter((one) => one !== "" && !one.includes("https://"))) {
        for (const part of line.split(/: (?=\$)/)) expect(seen).toContain(part.trim());
      }
      const links = [...html.matchAll(/href="([^"]+)"/g)].map((match) => match[1]!);
      expect(links).toHaveLength(1);
      expect(links[0]).toMatch(/^https:\/\/cedar-ridge\.test\//);
      expect(text).toContain(links[0]);
      expect(html).toContain(`<html lang="${language}"`);
      expect(html).not.toMatch(/<img|<script|src=/);
    }
  });

  test.for(KINDS)("%s is in Spanish for those who read Spanish", (kind) => {
    const { subject, text } = letter(kind, { language: "es" });
    expect(`${subject} ${text}`).not.toMatch(/\b(payment|received|invoice|Thank you|See your|Hello)\b/);
    expect(text).toContain("Hola");
    expect(text).toContain("$52.65");
  });

  test.for(KINDS)("%s shows names as they are, whatever is in them", (kind) => {
    const hostile = `<b onmouseover="alert(1)">Dvořák & "Söhne"</b>\r\nBcc: a@evil.example`;
    const { html, subject } = letter(kind, {
      recipient: hostile,
      settings: { ...CEDAR_RIDGE.settings, name: hostile } as Settings,
      lines: [{ number: "<script>1</script>", amountCents: 5265 }],
    });
    expect(html).not.toMatch(/<b onmouseover|<script>/);
    expect(html).toContain("&lt;b onmouseover");
    expect(html).toContain("Dvořák &amp; ");
    expect(subject).not.toMatch(/[\r\n]/);
  });

  test("has a subject of one line", () => {
    for (const kind of KINDS) {
      for (const language of ["en", "es"] as const) {
        const { subject } = letter(kind, { language });
        expect(subject).not.toMatch(/\p{Cc}/u);
        expect(subject.length).toBeLessThan(78);
        expect(subject).toContain("$52.65");
      }
    }
  });

  test("about money that went back says what to do", () => {
    expect(letter("payment_failed").text).toContain("The invoices are open again.");
    expect(letter("payment_failed").text).toContain("https://cedar-ridge.test/invoices");
    expect(letter("payment_returned").text).toContain("with their old due dates");
    expect(letter("payment_submitted").text).toContain("usually clears in 4 business days");
  });
});
