import { expect, test } from "vitest";
import { palette } from "../../src/colours.ts";
import { invoicePdf } from "../../src/documents/invoice.ts";
import { receiptPdf } from "../../src/documents/receipt.ts";
import { cents } from "../../src/money.ts";
import { rawPdf, readPdf } from "./read-pdf.ts";
import { fonts, invoice, longInvoice, noFonts, receipt } from "./samples.ts";

const NAMES = [
  "Nguyễn Thị Phượng",
  "Antonín Dvořák",
  "José Núñez",
  "Łukasz Żółć",
  "Siobhán Ó Briain",
  "Ελένη Παπαδοπούλου",
  "Иван Щербаков",
  "Gülşah Iğdır",
  "Ștefan Țepeș",
  "Adébáyọ̀ Ọláìyá",
];

const person = (name: string) => ({ name, address: ["1 Main Street"] });

test.each(NAMES)("%s comes out of both documents as it went in, bold and plain", async (name) => {
  const memo = `Dear ${name},`;
  const bill = await readPdf(await invoicePdf(invoice({ billTo: person(name), memo }), fonts));
  const paid = await readPdf(await receiptPdf(receipt({ receivedFrom: person(name), method: `${name}, cash` }), fonts));
  expect(bill.text).toContain(`Bill to ${name} 1 Main Street`);
  expect(bill.text).toContain(memo);
  expect(bill.text).toContain(`Payment stub ${name}`);
  expect(paid.text).toContain(`Received from ${name} 1 Main Street`);
});

test("a name decomposed into letters and accents is the same name", async () => {
  const { text } = await readPdf(
    await invoicePdf(invoice({ billTo: person("Nguyễn Dvořák".normalize("NFD")) }), fonts),
  );
  expect(text).toContain("Nguyễn Dvořák");
});

test("the names do not depend on what was printed before them", async () => {
  const make = () => invoicePdf(invoice({ billTo: person("eễ ́Ēḗ aặ") }), fonts);
  const first = await make();
  for (const name of NAMES) await invoicePdf(invoice({ billTo: person(name) }), fonts);
  expect(rawPdf(await make())).toBe(rawPdf(first));
});

test("a document in WinAnsi letters carries no font, asks for none and stays small", async () => {
  const bytes = await invoicePdf(invoice({ billTo: person("José Núñez – “Zoë” Œuvre €5") }), noFonts);
  expect(rawPdf(bytes)).not.toMatch(/FontFile|TrueType|CIDFont/);
  expect(rawPdf(bytes)).toContain("/BaseFont /Helvetica-Bold");
  // The code for a camera is two of these kilobytes.
  expect(bytes.length).toBeLessThan(10 * 1024);
  expect((await receiptPdf(receipt(), noFonts)).length).toBeLessThan(8 * 1024);
});

test("a document in other letters carries only those it uses", async () => {
  const bytes = await invoicePdf(invoice({ billTo: person(NAMES.join(" ")), memo: NAMES.join(", ") }), fonts);
  expect(rawPdf(bytes)).toMatch(/FontFile2/);
  expect(rawPdf(bytes)).not.toContain("/BaseFont /Helvetica");
  expect(bytes.length).toBeLessThan(40 * 1024);
});

test("letters the fonts lack are replaced one for one, and kept in the properties and for screen readers", async () => {
  const name = "李小龙 مرحبا 🙏🏽";
  const bytes = await receiptPdf(receipt({ receivedFrom: person(name) }), fonts);
  const { text, info } = await readPdf(bytes);
  expect(text).toContain("Received from ◌◌◌ ◌◌◌◌◌ ◌ 1 Main Street");
  expect(info.Keywords).toBe(name);
  const utf16 = Buffer.from(`\ufeff${name}`, "utf16le").swap16().toString("latin1");
  expect(rawPdf(bytes)).toContain(`/ActualText (${utf16.replace(/[\\()]/g, "\\$&")})`);
});

test("letters with a plain form are written plainly", async () => {
  const { text, info } = await readPdf(await receiptPdf(receipt({ method: "Ｖｉｓａ ﬁrst №① 𝐁𝐨𝐥𝐝 ẋ̧" }), fonts));
  expect(text).toContain("Payment method Visa first №1 Bold");
  expect(info.Keywords).toContain("Ｖｉｓａ");
});

const HOSTILE = [
  "%PDF-1.7 %%EOF",
  "((())",
  "\\(\\)\\\\ \\n \\101",
  "endstream endobj 1 0 obj << /Type /Catalog >>",
  "<script>alert(1)</script> & ]]> -->",
  "/JS /OpenAction /URI /Launch",
  "{portal} {number} $& $1",
  "__proto__",
  "' OR 1=1--",
  '../../x" onload=',
];

test.each(HOSTILE)("hostile text is printed as it is: %s", async (text) => {
  const everywhere = invoice({
    dealer: { ...invoice().dealer, name: text, accent: text },
    billTo: person(text),
    terms: text,
    memo: text,
    taxes: [{ jurisdiction: text, rate: text, amountCents: cents(303) }],
  });
  const bytes = await invoicePdf(everywhere, noFonts);
  const read = await readPdf(bytes);
  const shown = text.replace(/\s+/g, " ");
  expect(read.text.startsWith(`${shown} 1200 Demonstration Pkwy`)).toBe(true);
  expect(read.text).toContain(`Bill to ${shown} 1 Main Street`);
  expect(read.info.Author).toBe(text);
  expect(read.info.Title).toBe(`Invoice INV-20311, ${text}`);
  expect(read.metadata.get("dc:title")).toBe(`Invoice INV-20311, ${text}`);
  const names = rawPdf(bytes)
    .replace(/\((?:\\.|[^\\()])*\)/gs, "")
    .replace(/<\?xpacket[\s\S]*?end="w"\?>/, "");
  expect(names).not.toMatch(/\/(JS|JavaScript|OpenAction|AA|URI|Launch|Annots)\b/);
});

test("characters without ink, and those that turn the order around, are left out", async () => {
  const name = "Da\u202Ena\u0000 \u0007Oka\u00ADfor\u200B\u2066\uFEFF";
  const { text } = await readPdf(await receiptPdf(receipt({ receivedFrom: person(name) }), noFonts));
  expect(text).toContain("Received from Dana Okafor 1 Main Street");
});

test("line breaks in a one-line field become spaces or lines, and half a surrogate pair does no harm", async () => {
  const odd = receipt({ number: "R\r\nX: y", method: "Cash\ttill\u2028two", receivedFrom: person("half \ud83d pair") });
  const { text } = await readPdf(await receiptPdf(odd, fonts));
  expect(text).toContain("Receipt number R X: y");
  expect(text).toContain("Payment method Cash till two");
  expect(text).toContain("half \ufffd pair");
});

test("very long unbroken text is broken inside its column, none of it lost", async () => {
  const name = "x".repeat(700);
  const long = { ...longInvoice(1, () => "W".repeat(5000)), billTo: person(name), number: "9".repeat(90) };
  const { text, pages } = await readPdf(await invoicePdf(long, noFonts));
  expect(text.match(/W/g)).toHaveLength(5000);
  expect(text.match(/x{10,}/g)!.join("").length).toBeGreaterThanOrEqual(700);
  expect(pages.length).toBeLessThan(6);
});

test("the same props give the same bytes, and another instant others", async () => {
  const bytes = rawPdf(await invoicePdf(invoice(), noFonts));
  expect(rawPdf(await invoicePdf(invoice(), noFonts))).toBe(bytes);
  expect(rawPdf(await invoicePdf(invoice({ issuedAt: 1_796_101_201 }), noFonts))).not.toBe(bytes);
  expect(bytes).toContain("(D:20261201050000Z)");
});

test("a document is tagged, titled and in its language", async () => {
  const raw = rawPdf(await invoicePdf(invoice(), noFonts));
  expect(raw).toContain("/Marked true");
  expect(raw).toContain("/Lang (en-US)");
  expect(raw).toContain("/DisplayDocTitle true");
  for (const tag of ["Document", "H1", "Table", "TR", "TH", "TD", "P"]) expect(raw).toContain(`/S /${tag}\n`);
});

test.each([
  ["#0f766e", "#0f766e"],
  ["#FFEE00", /^#[0-9a-f]{6}$/],
  ["red; /JS", "#0f766e"],
  ["", "#0f766e"],
])("an accent of %s is a colour that can be read", (accent, expected) => {
  const { accent: used, tint } = palette(accent);
  expect(used).toMatch(expected);
  expect(used).not.toBe("#ffee00");
  expect(tint).toMatch(/^#[ef][0-9a-f][ef][0-9a-f][ef][0-9a-f]$/);
});
