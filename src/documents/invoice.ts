import type { Instant, LocalDate } from "../calendar.ts";
import { type Cents, cents, dollars } from "../money.ts";
import {
  type Addressee,
  drawFooter,
  drawLetterhead,
  drawPageNumber,
  drawRunningHead,
  type Letterhead,
} from "./letterhead.ts";
import { type Column, type Ink, leading, PAGE, type Pair, type Paper } from "./paper.ts";
import { pdfBytes } from "./pdf.ts";
import { drawRegistration, REGISTRATION } from "./registration.ts";
import { drawRemittanceStub, STUB_TOP } from "./remittance-stub.ts";
import type { Fonts } from "./typeface.ts";
import { dateText, fill, type Language, wordsIn } from "./words.ts";

type InvoiceDocumentLine = {
  description: string;
  /** The days of service this line pays for, both included. */
  servedFrom: LocalDate | null;
  servedTo: LocalDate | null;
  /** As it shall be printed: `1`, `2.5 h`. */
  quantity: string;
  rateCents: Cents;
  amountCents: Cents;
};

/** Money that changed what is owed; `amountCents` is positive when it lowers the balance. */
type InvoiceDocumentEntry = {
  kind: "payment" | "credit" | "returnedPayment" | "refund";
  on: LocalDate;
  /** `Visa ending 4242`, `CM-118`. */
  note: string | null;
  amountCents: Cents;
};

/** Everything an invoice shows, worked out: total = subtotal + taxes, balance = total - entries. */
export type InvoiceDocument = {
  language: Language;
  dealer: Letterhead;
  /** Where payments by mail go: the addressee, then the address lines. */
  remitTo: readonly string[];
  /** The portal's host name, `demo.portal.example`. */
  portal: string | null;
  billTo: Addressee;
  customerNumber: string;
  /** Printed while the customer has not registered; null afterwards. */
  registrationKey: string | null;
  /** Where the customer registers with it, `https://demo.portal.example/register`; a code to scan leads there. */
  registerAt: string | null;
  number: string;
  invoiceOn: LocalDate;
  dueOn: LocalDate;
  terms: string | null;
  purchaseOrder: string | null;
  site: Addressee | null;
  lines: readonly InvoiceDocumentLine[];
  subtotalCents: Cents;
  /** One per jurisdiction; `rate` as printed, `6.75%`. */
  taxes: readonly { jurisdiction: string; rate: string | null; amountCents: Cents }[];
  totalCents: Cents;
  entries: readonly InvoiceDocumentEntry[];
  balanceCents: Cents;
  /** How much of the balance is spoken for by payments that are still processing. */
  pendingCents: Cents;
  pastDue: boolean;
  memo: string | null;
  /** Becomes the file's creation date. */
  issuedAt: Instant;
};

const BODY: Ink = { size: 9.5 };
const FOOTER_ABOVE_STUB = STUB_TOP - 17;

const SUMS = 300;

const LINE_COLUMNS = { description: 65, quantity: 330, rate: 392, amount: 470 } as const;

/**
 * The invoice as a PDF: letterhead, lines, totals, and on the first page a remittance stub unless nothing is left to pay.
 * The same props give the same bytes. Rejects only when `fonts` does.
 */
export function invoicePdf(invoice: InvoiceDocument, fonts: Fonts): Promise<Uint8Array<ArrayBuffer>> {
  const { language, dealer } = invoice;
  const words = wordsIn(language);
  const dueCents = cents(invoice.balanceCents - invoice.pendingCents);
  const stubbed = dueCents > 0;
  const outline = {
    title: fill(words.invoiceTitle, { number: invoice.number, dealer: dealer.name }),
    author: dealer.name,
    language,
    accent: dealer.accent,
    issuedAt: invoice.issuedAt,
    props: invoice,
  };
  const { customerNumber, registrationKey, registerAt } = invoice;
  const keys = [
    `${words.customerNumber} ${customerNumber}`,
    registrationKey ? `${words.registrationKey} ${registrationKey}` : "",
  ];
  const says = keys.filter((part) => part !== "").join("   ·   ");
  const registers = registrationKey !== null && registerAt !== null;
  const footer = stubbed ? FOOTER_ABOVE_STUB : PAGE.footer;
  const foot = stubbed ? FOOTER_ABOVE_STUB - 14 : PAGE.bottom;
  const leftFoot = registers ? footer - REGISTRATION.height : foot;

  return pdfBytes(
    outline,
    fonts,
    (paper) => {
      paper.runningHead = () => drawRunningHead(paper, dealer.name, `${words.invoice} ${invoice.number}`);
      paper.foot = leftFoot;
      drawTop(paper, invoice, dueCents);
      drawLines(paper, invoice);
      // The sums stand at the right and may go down beside what is at the left of the first page's foot.
      if (paper.pages === 1) paper.foot = foot;
      drawSums(paper, invoice, dueCents, leftFoot);
    },
    (paper, page, pages) => {
      const first = page === 1;
      if (first && registers) {
        drawRegistration(paper, footer, { customerNumber, registrationKey, registerAt }, language);
        drawPageNumber(paper, footer, language, page, pages);
      } else drawFooter(paper, first ? footer : PAGE.footer, language, says, page, pages);
      if (!first || !stubbed) return;
      drawRemittanceStub(
        paper,
        {
          dealerName: dealer.name,
          customerName: invoice.billTo.name,
          customerNumber: invoice.customerNumber,
          about: [
            [words.invoiceNumber, invoice.number],
            [words.dueOn, dateText(invoice.dueOn, language)],
          ],
          amountDue: dollars(dueCents),
          remitTo: invoice.remitTo,
        },
        language,
      );
    },
  );
}

function drawTop(paper: Paper, invoice: InvoiceDocument, dueCents: Cents): void {
  const words = wordsIn(invoice.language);
  const dueOn = dateText(invoice.dueOn, invoice.language);
  const open = dueCents > 0;
  const flag = invoice.pastDue && open ? { text: words.pastDue, mood: "alarm" as const } : null;
  drawLetterhead(paper, invoice.dealer, invoice.language, {
    kind: words.invoice,
    addressedAs: words.billTo,
    addressee: invoice.billTo,
    headline: {
      label: invoice.pendingCents > 0 ? words.toPay : words.balanceDue,
      amount: dollars(dueCents),
      flag: invoice.balanceCents <= 0 ? { text: words.paidInFull, mood: "calm" } : flag,
      notes: open
        ? [`${words.dueOn} ${dueOn}`, invoice.portal && fill(words.payOnline, { portal: invoice.portal })]
        : [],
    },
    facts: [
      [words.invoiceNumber, invoice.number],
      [words.invoiceOn, dateText(invoice.invoiceOn, invoice.language)],
      [words.terms, invoice.terms],
      [words.dueOn, open ? null : dueOn],
      [words.purchaseOrder, invoice.purchaseOrder],
    ],
  });
  if (!invoice.site) return;
  const site = [invoice.site.name, ...invoice.site.address].filter((part) => part !== "").join(", ");
  const label: Ink = { size: 8, color: paper.colors.muted };
  const x = PAGE.left + paper.widthOf(words.serviceAt, label) + 12;
  paper.put("P", { text: words.serviceAt, x: PAGE.left, y: paper.y + 1, ink: label });
  paper.paragraph("P", site, x, PAGE.right - x, { size: 9 });
  paper.y += 12;
}

function drawLines(paper: Paper, invoice: InvoiceDocument): void {
  const words = wordsIn(invoice.language);
  const at = LINE_COLUMNS;
  const columns: Column[] = [
    { heading: words.description, x: at.description, width: at.quantity - at.description - 8 },
    { heading: words.quantity, x: at.quantity, width: at.rate - at.quantity - 8, align: "right" },
    { heading: words.rate, x: at.rate, width: at.amount - at.rate - 8, align: "right" },
    { heading: words.amount, x: at.amount, width: PAGE.right - at.amount, align: "right" },
  ];
  const rows = invoice.lines.map((line) => [
    [line.description, periodText(line, invoice.language)].filter((part) => part !== "").join(" "),
    line.quantity,
    dollars(line.rateCents),
    dollars(line.amountCents),
  ]);
  paper.table(columns, rows, BODY, 3);
}

/** `12/01/2026 – 12/31/2026`, held together on one line by no-break spaces. */
function periodText(line: InvoiceDocumentLine, language: Language): string {
  const days = [line.servedFrom, line.servedTo].filter((day) => day !== null);
  return [...new Set(days)]
    .map((day) => dateText(day, language))
    .join(" – ")
    .replaceAll(" ", "\u00a0");
}

function drawSums(paper: Paper, invoice: InvoiceDocument, dueCents: Cents, leftFoot: number): void {
  const words = wordsIn(invoice.language);
  const pairs: Pair[] = [];

  // Without tax the total says what the subtotal would.
  if (invoice.taxes.length > 0) pairs.push({ label: words.subtotal, value: dollars(invoice.subtotalCents) });
  for (const tax of invoice.taxes) {
    const jurisdiction = [tax.jurisdiction, tax.rate].filter(Boolean).join(" ");
    pairs.push({ label: fill(words.tax, { jurisdiction }), value: dollars(tax.amountCents) });
  }
  pairs.push({
    label: words.total,
    value: dollars(invoice.totalCents),
    ink: { ...BODY, bold: true },
    rule: pairs.length > 0 ? "hairline" : undefined,
  });
  for (const entry of invoice.entries) {
    const what = `${words[entry.kind]} ${dateText(entry.on, invoice.language)}`;
    pairs.push({ label: [what, entry.note].filter(Boolean).join(", "), value: dollars(0 - entry.amountCents) });
  }
  if (invoice.pendingCents > 0) {
    pairs.push({ label: words.balance, value: dollars(invoice.balanceCents), rule: "hairline" });
    pairs.push({ label: words.pending, value: dollars(0 - invoice.pendingCents) });
  }
  pairs.push({
    label: invoice.pendingCents > 0 ? words.toPay : words.balanceDue,
    value: dollars(dueCents),
    ink: { size: 11, bold: true },
    rule: "accent",
  });
  const top = paper.pairs(pairs, SUMS, PAGE.right, BODY, 2);
  if (!invoice.memo) return;
  if (paper.pages === 1) paper.foot = leftFoot;
  drawMemo(paper, invoice.memo, top);
}

/** The memo stands to the left of the sums when it is no taller than they are, else below them. */
function drawMemo(paper: Paper, memo: string, sumsTop: number): void {
  const ink: Ink = { size: 9 };
  const beside = SUMS - PAGE.left - 24;
  const below = paper.y;
  if (paper.wrap(memo, beside, ink).length * leading(ink) <= Math.min(below, paper.foot) - sumsTop) {
    paper.y = sumsTop;
    paper.paragraph("P", memo, PAGE.left, beside, ink);
    paper.y = below;
  } else {
    paper.y += 12;
    paper.paragraph("P", memo, PAGE.left, PAGE.right - PAGE.left, ink);
  }
}
