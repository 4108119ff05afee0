import { expect, test } from "vitest";
import { CEDAR_RIDGE } from "../../db/cast.ts";
import type { Settings } from "../../src/batch.ts";
import { dealerOf } from "../../src/dealer.ts";
import type { MethodLetterKind, SetupLetterKind } from "../../src/messaging/promise-letter.ts";
import { composeLetter } from "../../views/mail.tsx";
import { testDealer } from "../templates.ts";

const KINDS: Record<SetupLetterKind | MethodLetterKind, string> = {
  method_added: "/payment-methods",
  method_verifying: "/payment-methods",
  method_still_verifying: "/payment-methods",
  method_not_verified: "/payment-methods/new",
  method_expiring: "/payment-methods/new?instead=pm_1",
  method_blocked: "/payment-methods/new",
  method_removed: "/payment-methods",
  method_kept: "/payment-methods",
};

const letter = (kind: keyof typeof KINDS, language: "en" | "es" | null, brand: string, holder = "Dana Okafor") =>
  composeLetter({
    kind,
    language,
    settings: CEDAR_RIDGE.settings as Settings,
    dealer: dealerOf(testDealer(CEDAR_RIDGE)),
    recipient: holder,
    account: { name: holder, number: "CR-10021" },
    payment: null,
    link: null,
    autopay: null,
    lines: [],
    method: {
      id: "pm_1",
      kind: "card",
      brand,
      lastFour: "4242",
      lastDay: "2026-12-31" as never,
      terms: "First.\nSecond.",
      agreedAt: 1_796_137_200,
      language: "es",
      holder,
    },
  });

test.for(Object.entries(KINDS) as [keyof typeof KINDS, string][])(
  "%s names the method and leads where something can be done, in either language",
  ([kind, path]) => {
    for (const language of ["en", "es"] as const) {
      const { subject, text, html } = letter(kind, language, "visa");
      expect(subject).toContain("4242");
      expect(text).toContain(`https://cedar-ridge.test${path}\n`);
      expect(`${subject}${text}${html}`).not.toMatch(/undefined|null|NaN|\{\}/);
      expect(html).toContain(`<html lang="${language}">`);
    }
    // Whose language nobody knows is written to in the one they agreed in.
    expect(letter(kind, null, "visa").html).toContain('<html lang="es">');
  },
);

test("what a bank calls itself does no harm", () => {
  for (const kind of Object.keys(KINDS) as (keyof typeof KINDS)[]) {
    const { subject, html } = letter(kind, "en", "Bank\r\nBcc: a@evil.test <script>alert(1)</script>", "<img src=x>");
    expect(subject).not.toMatch(/[\r\n]/);
    expect(html).not.toMatch(/<script>alert|<img src=x>/);
  }
});
