import type { Instant, LocalDate } from "../calendar.ts";
import { type Cents, cents, dollars, sum } from "../money.ts";
import {
  type Addressee,
  drawFooter,
  drawLetterhead,
  drawRunningHead,
  type Headline,
  type Letterhead,
} from "./letterhead.ts";
import { type Column, type Ink, PAGE, type Pair, type Paper } from "./paper.ts";
import { pdfBytes } from "./pdf.ts";
import type { Fonts } from "./typeface.ts";
import { dateText, fill, type Language, wordsIn } from "./words.ts";

/** Where the money is. `processing` is a bank debit on its way; `reason` is the bank's, in plain words. */
type ReceiptDocumentStatus =
  | { state: "settled" }
  | { state: "processing" }
  | { state: "returned"; on: LocalDate; reason: string | null };

/** Everything a receipt shows, worked out: amount = applied + account credit. */
export type ReceiptDocument = {
  language: Language;
  dealer: Letterhead;
  receivedFrom: Addressee;
  customerNumber: string;
  /** The payment's id in its short form. */
  number: string;
  paidOn: LocalDate;
  /** `Visa ending 4242`, in the document's language. */
  method: string;
  amountCents: Cents;
  status: ReceiptDocumentStatus;
  refunds: readonly { on: LocalDate; amountCents: Cents }[];
  /** `remainingCents` is what is left to pay on the invoice after this payment. */
  invoices: readonly { number: string; dueOn: LocalDate | null; appliedCents: Cents; remainingCents: Cents }[];
  /** The part of the payment that covers no invoice. */
  creditCents: Cents;
  /** What is to be said about the amount, in the document's language. */
  note: string | null;
  /** Becomes the file's creation date. */
  issuedAt: Instant;
};

const BODY: Ink = { size: 9.5 };

/**
 * The receipt for one payment as a PDF: what was paid and how, where it stands, and which invoices it covers.
 * The same props give the same bytes. Rejects only when `fonts` does.
 */
export function receiptPdf(receipt: ReceiptDocument, fonts: Fonts): Promise<Uint8Array<ArrayBuffer>> {
  const { language, dealer } = receipt;
  const words = wordsIn(language);
  const outline = {
    title: fill(words.receiptTitle, { number: receipt.number, dealer: dealer.name }),
    author: dealer.name,
    language,
    accent: dealer.accent,
    issuedAt: receipt.issuedAt,
    props: receipt,
  };
  return pdfBytes(
    outline,
    fonts,
    (paper) => {
      paper.runningHead = () => drawRunningHead(paper, dealer.name, `${words.receipt} ${receipt.number}`);
      drawLetterhead(paper, dealer, language, {
        kind: words.receipt,
        addressedAs: words.receivedFrom,
        addressee: receipt.receivedFrom,
        headline: headline(receipt),
        facts: [
          [words.receiptNumber, receipt.number],
          [words.paidOn, dateText(receipt.paidOn, language)],
          [words.method, receipt.method],
        ],
      });
      paper.y += 8;
      if (receipt.status.state === "returned") {
        paper.paragraph("P", words.putBack, PAGE.left, PAGE.right - PAGE.left, BODY);
        paper.y += 8;
      }
      if (receipt.note) {
        paper.paragraph("P", receipt.note, PAGE.left, PAGE.right - PAGE.left, BODY);
        paper.y += 8;
      }
      drawCovered(paper, receipt);
      drawSums(paper, receipt);
      drawThanks(paper, receipt);
    },
    (paper, page, pages) => {
      drawFooter(paper, PAGE.footer, language, `${words.customerNumber} ${receipt.customerNumber}`, page, pages);
    },
  );
}

const refundedCents = (receipt: ReceiptDocument): Cents => sum(receipt.refunds.map((refund) => refund.amountCents));

function headline(receipt: ReceiptDocument): Headline {
  const words = wordsIn(receipt.language);
  const { status } = receipt;
  const label = status.state === "settled" ? words.amountPaid : words.paymentAmount;
  const base = { label, amount: dollars(receipt.amountCents) };
  if (status.state === "returned") {
    const on = fill(words.returnedOn, { date: dateText(status.on, receipt.language) });
    const flag = { text: words.returned, mood: "alarm" as const };
    return { ...base, flag, notes: [status.reason ? `${on}: ${status.reason}` : on] };
  }
  if (status.state === "processing") return { ...base, flag: null, notes: [words.processing, words.clears] };
  const refunded = refundedCents(receipt);
  if (refunded === 0) return { ...base, flag: { text: words.settled, mood: "calm" }, notes: [] };
  const text = refunded < receipt.amountCents ? words.refundedPart : words.refundedAll;
  return { ...base, flag: { text, mood: "calm" }, notes: [] };
}

function drawCovered(paper: Paper, receipt: ReceiptDocument): void {
  if (receipt.invoices.length === 0) return;
  const words = wordsIn(receipt.language);
  const columns: Column[] = [
    { heading: words.appliedTo, x: PAGE.left, width: 160 },
    { heading: words.dueOn, x: 233, width: 104 },
    { heading: words.remaining, x: 345, width: 94, align: "right" },
    { heading: words.applied, x: 447, width: PAGE.right - 447, align: "right" },
  ];
  const rows = receipt.invoices.map((invoice) => [
    invoice.number,
    invoice.dueOn ? dateText(invoice.dueOn, receipt.language) : "",
    dollars(invoice.remainingCents),
    dollars(invoice.appliedCents),
  ]);
  paper.table(columns, rows, BODY, 3);
}

function drawSums(paper: Paper, receipt: ReceiptDocument): void {
  const words = wordsIn(receipt.language);
  const strong: Ink = { size: 11, bold: true };
  const pairs: Pair[] = [];
  if (receipt.creditCents > 0) pairs.push({ label: words.accountCredit, value: dollars(receipt.creditCents) });
  pairs.push({
    label: receipt.status.state === "settled" ? words.amountPaid : words.paymentAmount,
    value: dollars(receipt.amountCents),
    ink: strong,
    rule: pairs.length > 0 ? "accent" : undefined,
  });
  for (const refund of receipt.refunds) {
    const label = fill(words.refundedOn, { date: dateText(refund.on, receipt.language) });
    pairs.push({ label, value: dollars(0 - refund.amountCents) });
  }
  if (receipt.refunds.length > 0) {
    const kept = cents(receipt.amountCents - refundedCents(receipt));
    pairs.push({ label: words.kept, value: dollars(kept), ink: { ...BODY, bold: true }, rule: "hairline" });
  }
  paper.pairs(pairs, 300, PAGE.right, BODY, 3);
}

function drawThanks(paper: Paper, receipt: ReceiptDocument): void {
  const words = wordsIn(receipt.language);
  const { state } = receipt.status;
  const thanks = state === "settled" ? words.thanks : state === "processing" ? words.thanksProcessing : "";
  const questions = receipt.dealer.phone && fill(words.questions, { phone: receipt.dealer.phone });
  paper.y += 18;
  paper.paragraph("P", [thanks, questions].filter(Boolean).join(" "), PAGE.left, PAGE.right - PAGE.left, { size: 10 });
}
