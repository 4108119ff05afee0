import { inflateSync } from "node:zlib";
import { encode } from "uqr";
import { expect, test } from "vitest";
import { invoicePdf } from "../../src/documents/invoice.ts";
import { cents } from "../../src/money.ts";
import { count, placesIn, rawPdf, readPdf } from "./read-pdf.ts";
import { day, invoice, longInvoice, noFonts } from "./samples.ts";

const eventful = () =>
  invoice({
    purchaseOrder: "PO 77-A",
    site: { name: "Cabin", address: ["88 Lake Road", "Springvale, OH 45001"] },
    lines: [
      {
        description: "Monitoring",
        servedFrom: day("2026-12-01"),
        servedTo: day("2026-12-31"),
        quantity: "1",
        rateCents: cents(4495),
        amountCents: cents(4495),
      },
      {
        description: "Battery replaced",
        servedFrom: day("2026-11-18"),
        servedTo: day("2026-11-18"),
        quantity: "1.5 h",
        rateCents: cents(9500),
        amountCents: cents(14250),
      },
    ],
    subtotalCents: cents(18745),
    taxes: [
      { jurisdiction: "State of Ohio", rate: "5.75%", amountCents: cents(1078) },
      { jurisdiction: "Clark County", rate: "1.00%", amountCents: cents(187) },
    ],
    totalCents: cents(20010),
    entries: [
      { kind: "payment", on: day("2026-12-03"), note: "Visa ending 4242", amountCents: cents(5000) },
      { kind: "credit", on: day("2026-12-05"), note: "CM-118", amountCents: cents(2500) },
      { kind: "returnedPayment", on: day("2026-12-09"), note: null, amountCents: cents(-5000) },
    ],
    balanceCents: cents(17510),
    pendingCents: cents(4495),
    pastDue: true,
    memo: "The side door sensor was cleaned.\nNo charge.",
  });

test("an invoice says everything it was given", async () => {
  const { text, pages } = await readPdf(await invoicePdf(eventful(), noFonts));
  expect(pages).toHaveLength(1);
  for (const part of [
    "Cedar Ridge Alarm & Life Safety",
    "1200 Demonstration Pkwy",
    "(614) 555-0100",
    "License OH-DEMO-0001",
    "Bill to",
    "Dana Okafor",
    "418 Larkspur Lane",
    "Invoice number INV-20311",
    "Invoice date 12/01/2026",
    "Due date 12/21/2026",
    "Terms Net 20",
    "PO number PO 77-A",
    "Service site Cabin, 88 Lake Road, Springvale, OH 45001",
    "Monitoring 12/01/2026 – 12/31/2026 1 $44.95 $44.95",
    "Battery replaced 11/18/2026 1.5 h $95.00 $142.50",
    "Subtotal $187.45",
    "Tax: State of Ohio 5.75% $10.78",
    "Tax: Clark County 1.00% $1.87",
    "Total $200.10",
    "Payment 12/03/2026, Visa ending 4242 -$50.00",
    "Credit 12/05/2026, CM-118 -$25.00",
    "Returned payment 12/09/2026 $50.00",
    "Balance $175.10",
    "Pending payment -$44.95",
    "Left to pay $130.15",
    "PAST DUE",
    "Pay online at demo.portal.example",
    "The side door sensor was cleaned.",
    "No charge.",
    "Customer number CR-10021",
    "Registration key 7K2M-Q9XTB4",
    "See and pay this online: https://demo.portal.example/register",
    "Page 1 of 1",
  ]) {
    expect(text).toContain(part);
  }
});

test("the stub asks for what is left to pay, and does not carry the registration key away", async () => {
  const { text } = await readPdf(await invoicePdf(eventful(), noFonts));
  const stub = text.slice(text.indexOf("Detach here"));
  expect(stub).toContain("Customer number CR-10021");
  expect(stub).toContain("Invoice number INV-20311");
  expect(stub).toContain("Due date 12/21/2026");
  expect(stub).toContain("Amount due $130.15");
  expect(stub).toContain("Amount enclosed $");
  expect(stub).toContain("Cedar Ridge Alarm & Life Safety 1200 Demonstration Pkwy Springvale, OH 45000");
  expect(stub).not.toContain("7K2M-Q9XTB4");
});

/** The squares of a document's code, as they are drawn: rows of dark and light. */
function codeIn(bytes: Uint8Array): boolean[][] {
  const raw = Buffer.from(bytes);
  const drawn: [x: number, y: number, width: number][] = [];
  for (const { index, 0: head } of raw.toString("latin1").matchAll(/stream\r?\n(?=x)/g)) {
    const from = index + head.length;
    const content = inflateSync(raw.subarray(from, raw.indexOf("endstream", from))).toString("latin1");
    for (const [, x, y, width] of content.matchAll(/^(\d+) (\d+) (\d+) 1 re$/gm))
      drawn.push([Number(x), Number(y), Number(width)]);
  }
  const side = Math.max(...drawn.map(([x, , width]) => x + width));
  return Array.from({ length: side }, (_, row) =>
    Array.from({ length: side }, (_, column) =>
      drawn.some(([x, y, width]) => y === row && x <= column && column < x + width),
    ),
  );
}

test("its code leads to the registration with number and key filled in, and without the ZIP", async () => {
  const bytes = await invoicePdf(invoice({ customerNumber: "CR 10&21" }), noFonts);
  const { data } = encode("https://demo.portal.example/register?customer=CR+10%2621&key=7K2M-Q9XTB4", {
    ecc: "M",
    border: 0,
  });
  expect(codeIn(bytes)).toEqual(data);
  expect(rawPdf(bytes)).toContain("/S /Figure");
});

test("neither lines nor memo run into it, whatever their length", async () => {
  for (const lines of [10, 11, 12, 13, 14]) {
    const memo = Array.from({ length: 12 }, (_, n) => `Note ${n}.`).join("\n");
    const long = { ...longInvoice(lines, (line) => `Line <${line}>`), memo };
    const places = await placesIn(await invoicePdf(long, noFonts));
    const code = places.find(({ text }) => text.startsWith("See and pay"))!;
    const above = places.filter(({ text }) => /^(Line <|Note )/.test(text));
    // A page's points count from its foot up; what stands at the right of it is the sums.
    for (const { text, y, page } of above) if (page === 1) expect(y, text).toBeGreaterThan(code.y + 8);
    expect(above.length).toBe(lines + 12);
  }
});

test("what an invoice does not have leaves no label behind", async () => {
  const bare = invoice({
    dealer: { ...invoice().dealer, licence: null },
    portal: null,
    registrationKey: null,
    registerAt: null,
    terms: null,
    site: null,
    taxes: [],
    totalCents: cents(4495),
    balanceCents: cents(4495),
  });
  const { text } = await readPdf(await invoicePdf(bare, noFonts));
  for (const label of [
    "License",
    "Pay online",
    "Registration",
    "See and pay",
    "Terms",
    "Service site",
    "Tax",
    "Subtotal",
    "PO number",
  ]) {
    expect(text).not.toContain(label);
  }
  for (const word of ["null", "undefined", "PAST DUE", "Pending", "Payment 1"]) expect(text).not.toContain(word);
  expect(text).toContain("Total $44.95");
});

test("a paid invoice says so and asks for nothing", async () => {
  const paid = invoice({
    entries: [{ kind: "payment", on: day("2026-12-03"), note: null, amountCents: cents(4798) }],
    balanceCents: cents(0),
    pastDue: true,
  });
  const { text } = await readPdf(await invoicePdf(paid, noFonts));
  expect(text).toContain("PAID IN FULL");
  expect(text).toContain("Balance due $0.00");
  for (const ask of ["Detach", "Amount enclosed", "Pay online", "PAST DUE"]) expect(text).not.toContain(ask);
});

test("an invoice whose balance is all in a pending payment asks for nothing more", async () => {
  const { text } = await readPdf(await invoicePdf(invoice({ pendingCents: cents(4798), pastDue: true }), noFonts));
  expect(text).toContain("Left to pay $0.00");
  for (const ask of ["Detach", "PAST DUE", "PAID IN FULL"]) expect(text).not.toContain(ask);
});

test("an invoice of 100 lines has headings on every page, every line once, one stub and one total", async () => {
  const long = longInvoice(100, (line) => `Contact no. ${line} of the upper floor`);
  const { pages, text } = await readPdf(await invoicePdf(long, noFonts));
  expect(pages.length).toBeGreaterThan(2);
  for (const [index, page] of pages.entries()) {
    expect(page).toContain("Description Qty Rate Amount");
    expect(page).toContain(`Page ${index + 1} of ${pages.length}`);
    expect(page).toContain("Customer number CR-10021");
  }
  for (const page of pages.slice(1)) expect(page).toContain("Invoice INV-20311");
  for (let line = 1; line <= 100; line++) expect(count(text, `Contact no. ${line} of the`)).toBe(1);
  expect(count(text, "Amount enclosed")).toBe(1);
  expect(pages[0]).toContain("Amount enclosed");
  expect(count(text, "Total $7,781.50")).toBe(1);
  expect(pages.at(-1)).toContain("Total $7,781.50");
});

test.each([12, 13, 14, 15, 24, 25, 48])("no line is lost where a page ends: %i lines", async (lines) => {
  const { text } = await readPdf(
    await invoicePdf(
      longInvoice(lines, (line) => `Line <${line}>`),
      noFonts,
    ),
  );
  for (let line = 1; line <= lines; line++) expect(count(text, `Line <${line}>`)).toBe(1);
  expect(count(text, "Balance due $")).toBe(2);
});

test("a description longer than a page flows on and keeps its amount", async () => {
  const words = Array.from({ length: 1500 }, (_, index) => `w${index}.`);
  const { pages, text } = await readPdf(
    await invoicePdf(
      longInvoice(1, () => words.join(" ")),
      noFonts,
    ),
  );
  expect(pages.length).toBeGreaterThan(2);
  expect(words.filter((word) => !text.includes(word))).toEqual([]);
  expect(count(text, "1 $10.00 $10.00")).toBe(1);
});

test("an invoice in Spanish has Spanish words and dates that cannot be misread", async () => {
  const spanish = invoice({
    language: "es",
    pastDue: true,
    entries: [{ kind: "credit", on: day("2026-01-05"), note: null, amountCents: cents(100) }],
  });
  const bytes = await invoicePdf(spanish, noFonts);
  const { text } = await readPdf(bytes);
  for (const part of [
    "Factura",
    "Facturar a",
    "Número de factura INV-20311",
    "Fecha de vencimiento 21 dic 2026",
    "Descripción",
    "1 dic 2026 – 31 dic 2026",
    "Impuesto: Ohio state and Clark County 6.75% $3.03",
    "Crédito 5 ene 2026 -$1.00",
    "VENCIDA",
    "Clave de registro",
    "Pague en línea en demo.portal.example",
    "Talón de pago",
    "Página 1 de 1",
  ]) {
    expect(text).toContain(part);
  }
  for (const english of ["Invoice", "Due", "Payment", "Customer", "Page "]) expect(text).not.toContain(english);
  expect(rawPdf(bytes)).toContain("/Lang (es-US)");
});
