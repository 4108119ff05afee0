import { describe, expect, test } from "vitest";
import { BLUEBONNET, CAST } from "../../db/cast.ts";
import { composeText, onTelephones } from "../../views/telephone.ts";

/** A secret has 43 letters; the origin is what dealers differ in. */
const linkAt = (origin: string) => `${origin}/pay/${"aB3-_".repeat(9).slice(0, 43)}`;

const facts = {
  language: "en" as const,
  dealer: "Cedar Ridge Alarm",
  number: "INV-40022",
  owedCents: 4798,
  dueOn: "2026-12-05",
  address: linkAt("https://pay.cedarridge.example.com"),
};

describe("a text with a pay link", () => {
  test("says who writes, what for, how to pay and how to stop, in either language", () => {
    expect(composeText({ ...facts, address: "https://a.test/pay/x" })).toBe(
      "Cedar Ridge Alarm: Invoice INV-40022, $47.98, due Dec 5, 2026. Pay: https://a.test/pay/x Reply STOP to stop.",
    );
    expect(composeText({ ...facts, language: "es", address: "https://a.test/pay/x" })).toBe(
      "Cedar Ridge Alarm: Factura INV-40022, $47.98, vence el 5 dic 2026. Pague: https://a.test/pay/x Responda STOP para cancelar.",
    );
  });

  test.for(["en", "es"] as const)(
    "is one message in %s, with the whole link, whatever dealer, invoice and amount",
    (language) => {
      const dealers = [...CAST, BLUEBONNET].map(({ settings }) => settings.name);
      const origins = [
        "https://a.test",
        "https://pay.cedarridge.example.com",
        `https://${"portal.".repeat(6)}example.com`,
      ];
      for (const dealer of [...dealers, "Ñandú & Søn’s “Bestest” Security Systems of Central Ohio, Incorporated"])
        for (const origin of origins)
          for (const number of ["1", "INV-40022", "A-VERY-LONG-NUMBER-OF-AN-INVOICE-0000000000000000000000000000001"])
            for (const owedCents of [1, 1_000_000_000]) {
              const text = composeText({ ...facts, language, dealer, number, owedCents, address: linkAt(origin) });
              expect(text.length, text).toBeLessThanOrEqual(160);
              expect(text).toBe(onTelephones(text));
              expect(text).toContain(` ${linkAt(origin)} `);
              expect(text).toMatch(language === "en" ? / Reply STOP to stop\.$/ : / Responda STOP para cancelar\.$/);
              expect(text.slice(0, 8)).toBe(onTelephones(dealer).slice(0, 8));
            }
    },
  );

  test("drops the date first, then the invoice, then the end of the name", () => {
    const at = (origin: string, dealer = facts.dealer) => composeText({ ...facts, dealer, address: linkAt(origin) });
    const longer = "Cedar Ridge Alarm and Monitoring Company of Ohio";
    expect(at("https://cedar.test")).toContain(": Invoice INV-40022, $47.98, due Dec 5, 2026. Pay: https");
    expect(at("https://portal.cedar.test")).toContain(": Invoice INV-40022, $47.98. Pay: https");
    expect(at("https://portal.cedar.test", "Cedar Ridge Alarm Company of Central Ohio")).toContain(
      ": Pay invoice INV-40022: https",
    );
    expect(at("https://portal.cedar.test", longer)).toBe(
      `${longer}: Pay: ${linkAt("https://portal.cedar.test")} Reply STOP to stop.`,
    );
    expect(at("https://payments.portal.cedarridge.test", longer)).toMatch(
      /^Cedar Ridge Alarm and [A-Za-z ]+: Pay: https/,
    );
  });

  test("is two messages rather than without its sender, where an address leaves no room", () => {
    const text = composeText({ ...facts, address: linkAt(`https://${"pay.".repeat(20)}test`) });
    expect(text).toMatch(/^Cedar Ridg: Pay: https/);
    expect(text).toMatch(/ Reply STOP to stop\.$/);
  });
});

test.for([
  ["Núñez – “Sí”…", 'Nuñez - "Si"...'],
  ["[a] {b} c|d ~ \\ ^ €5", "(a) (b) c/d - / EUR5".replace("/ EUR5", "/  EUR5")],
  ["Zażółć 警報 🔥 Co.", "Zazoc   Co."],
  ["É ñ Ü ß ¿", "É ñ Ü ß ¿"],
])("%o is written %o on a telephone", ([typed, written]) => {
  expect(onTelephones(typed!)).toBe(written);
});
