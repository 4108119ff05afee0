import { readFile } from "node:fs/promises";
import type { LocalDate } from "../../src/calendar.ts";
import type { InvoiceDocument } from "../../src/documents/invoice.ts";
import type { Letterhead } from "../../src/documents/letterhead.ts";
import type { ReceiptDocument } from "../../src/documents/receipt.ts";
import type { Fonts } from "../../src/documents/typeface.ts";
import { type Cents, cents, sum } from "../../src/money.ts";

export const day = (text: string): LocalDate => text as LocalDate;

const font = async (weight: string) =>
  new Uint8Array(await readFile(`${import.meta.dirname}/../../static/fonts/noto-sans-${weight}.ttf`));

/** The fonts as the Worker would get them from its assets. */
export const fonts: Fonts = async () => ({ regular: await font("regular"), bold: await font("bold") });

/** For documents that must not need any. */
export const noFonts: Fonts = () => Promise.reject(new Error("this document asked for fonts"));

const cedarRidge: Letterhead = {
  name: "Cedar Ridge Alarm & Life Safety",
  address: ["1200 Demonstration Pkwy", "Springvale, OH 45000"],
  phone: "(614) 555-0100",
  licence: "OH-DEMO-0001",
  accent: "#0f766e",
};

/** Dana's December: one line, one tax, nothing paid. */
export function invoice(changes: Partial<InvoiceDocument> = {}): InvoiceDocument {
  return {
    language: "en",
    dealer: cedarRidge,
    remitTo: ["Cedar Ridge Alarm & Life Safety", "1200 Demonstration Pkwy", "Springvale, OH 45000"],
    portal: "demo.portal.example",
    billTo: { name: "Dana Okafor", address: ["418 Larkspur Lane", "Springvale, OH 45000"] },
    customerNumber: "CR-10021",
    registrationKey: "7K2M-Q9XTB4",
    registerAt: "https://demo.portal.example/register",
    number: "INV-20311",
    invoiceOn: day("2026-12-01"),
    dueOn: day("2026-12-21"),
    terms: "Net 20",
    purchaseOrder: null,
    site: { name: "Home", address: ["418 Larkspur Lane", "Springvale, OH 45000"] },
    lines: [
      {
        description: "Monitoring",
        servedFrom: day("2026-12-01"),
        servedTo: day("2026-12-31"),
        quantity: "1",
        rateCents: cents(4495),
        amountCents: cents(4495),
      },
    ],
    subtotalCents: cents(4495),
    taxes: [{ jurisdiction: "Ohio state and Clark County", rate: "6.75%", amountCents: cents(303) }],
    totalCents: cents(4798),
    entries: [],
    balanceCents: cents(4798),
    pendingCents: cents(0),
    pastDue: false,
    memo: null,
    issuedAt: 1_796_101_200,
    ...changes,
  };
}

/** An invoice of `count` different lines, its sums worked out. */
export function longInvoice(count: number, description: (index: number) => string): InvoiceDocument {
  const lines = Array.from({ length: count }, (_, index) => {
    const amountCents = cents(1000 + index * 137);
    return {
      description: description(index + 1),
      servedFrom: null,
      servedTo: null,
      quantity: "1",
      rateCents: amountCents,
      amountCents,
    };
  });
  const subtotalCents: Cents = sum(lines.map((line) => line.amountCents));
  return invoice({ lines, subtotalCents, taxes: [], totalCents: subtotalCents, balanceCents: subtotalCents });
}

/** Dana's card payment of one invoice, settled. */
export function receipt(changes: Partial<ReceiptDocument> = {}): ReceiptDocument {
  return {
    language: "en",
    dealer: cedarRidge,
    receivedFrom: { name: "Dana Okafor", address: ["418 Larkspur Lane", "Springvale, OH 45000"] },
    customerNumber: "CR-10021",
    number: "R-8F3K2M",
    paidOn: day("2026-12-03"),
    method: "Visa ending 4242",
    amountCents: cents(4798),
    status: { state: "settled" },
    refunds: [],
    invoices: [{ number: "INV-20311", dueOn: day("2026-12-21"), appliedCents: cents(4798), remainingCents: cents(0) }],
    creditCents: cents(0),
    note: null,
    issuedAt: 1_796_274_000,
    ...changes,
  };
}
