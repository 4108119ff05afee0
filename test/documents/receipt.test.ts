import { expect, test } from "vitest";
import { receiptPdf } from "../../src/documents/receipt.ts";
import { cents } from "../../src/money.ts";
import { readPdf } from "./read-pdf.ts";
import { day, noFonts, receipt } from "./samples.ts";

test("a receipt says who paid what, how, when, and for which invoices", async () => {
  const several = receipt({
    amountCents: cents(20000),
    invoices: [
      { number: "INV-20311", dueOn: day("2026-12-21"), appliedCents: cents(4798), remainingCents: cents(0) },
      { number: "INV-20250", dueOn: null, appliedCents: cents(12702), remainingCents: cents(350) },
    ],
    creditCents: cents(2500),
  });
  const { text, pages } = await readPdf(await receiptPdf(several, noFonts));
  expect(pages).toHaveLength(1);
  for (const part of [
    "Cedar Ridge Alarm & Life Safety",
    "Received from",
    "Dana Okafor",
    "PAYMENT RECEIVED",
    "Receipt number R-8F3K2M",
    "Paid on 12/03/2026",
    "Payment method Visa ending 4242",
    "Invoice Due date Still to pay Applied",
    "INV-20311 12/21/2026 $0.00 $47.98",
    "INV-20250 $3.50 $127.02",
    "Added to your account credit $25.00",
    "Amount paid $200.00",
    "Thank you for your payment. Questions? Call (614) 555-0100.",
    "Customer number CR-10021",
  ]) {
    expect(text).toContain(part);
  }
});

test("a plain receipt has no empty rows", async () => {
  const { text } = await readPdf(await receiptPdf(receipt({ invoices: [] }), noFonts));
  for (const label of ["credit", "Refund", "Still to pay", "Returned", "null"]) expect(text).not.toContain(label);
  expect(text).toContain("Amount paid $47.98");
});

test("a bank debit on its way is not called paid", async () => {
  const { text } = await readPdf(await receiptPdf(receipt({ status: { state: "processing" } }), noFonts));
  expect(text).toContain("Bank debit processing");
  expect(text).toContain("Usually clears in 4 business days");
  expect(text).toContain("Payment amount $47.98");
  expect(text).not.toContain("Amount paid");
  expect(text).not.toContain("PAYMENT RECEIVED");
});

test("a returned payment says when and why, and does not thank", async () => {
  const returned = receipt({
    status: { state: "returned", on: day("2026-12-09"), reason: "not enough money in the account" },
    invoices: [
      { number: "INV-20311", dueOn: day("2026-12-21"), appliedCents: cents(4798), remainingCents: cents(4798) },
    ],
  });
  const { text } = await readPdf(await receiptPdf(returned, noFonts));
  expect(text).toContain("RETURNED BY THE BANK");
  expect(text).toContain("Returned 12/09/2026: not enough money in the account");
  expect(text).toContain("INV-20311 12/21/2026 $47.98 $47.98");
  expect(text).not.toContain("Thank you");
  expect(text).not.toContain("Amount paid");
});

test.each([
  ["one cent less than the payment", 4797, "PARTLY REFUNDED", "Paid after refunds $0.01"],
  ["the whole payment", 4798, "REFUNDED", "Paid after refunds $0.00"],
])("a refund of %s", async (_, refunded, flag, kept) => {
  const refunds = [
    { on: day("2026-12-10"), amountCents: cents(1000) },
    { on: day("2026-12-11"), amountCents: cents(refunded - 1000) },
  ];
  const { text } = await readPdf(await receiptPdf(receipt({ refunds }), noFonts));
  expect(text).toMatch(new RegExp(`(^| )${flag} `));
  expect(text.includes("PARTLY")).toBe(flag.startsWith("PARTLY"));
  expect(text).toContain("Refunded 12/10/2026 -$10.00");
  expect(text).toContain("Refunded 12/11/2026 -$37.9");
  expect(text).toContain(kept);
});

test("a receipt in Spanish has Spanish words", async () => {
  const { text } = await readPdf(
    await receiptPdf(receipt({ language: "es", method: "Visa terminada en 4242" }), noFonts),
  );
  for (const part of ["Recibo", "Recibido de", "PAGO RECIBIDO", "Fecha de pago 3 dic 2026", "Gracias por su pago."]) {
    expect(text).toContain(part);
  }
  for (const english of ["Receipt", "Paid", "Thank", "Page "]) expect(text).not.toContain(english);
});
