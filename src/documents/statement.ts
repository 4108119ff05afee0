import type { Instant, LocalDate } from "../calendar.ts";
import { type Cents, cents, dollars } from "../money.ts";
import { type Addressee, drawFooter, drawLetterhead, drawRunningHead, type Letterhead } from "./letterhead.ts";
import { type Column, type Ink, PAGE, type Pair, type Paper } from "./paper.ts";
import { pdfBytes } from "./pdf.ts";
import { drawRemittanceStub, STUB_TOP } from "./remittance-stub.ts";
import type { Fonts } from "./typeface.ts";
import { dateText, fill, type Language, wordsIn } from "./words.ts";

/** Everything a statement shows, worked out: closing = opening + entries = ages - account credit. */
export type StatementDocument = {
  language: Language;
  dealer: Letterhead;
  remitTo: readonly string[];
  /** The portal's host name. */
  portal: string;
  billTo: Addressee;
  customerNumber: string;
  from: LocalDate;
  to: LocalDate;
  /** All that happened with the balance after it, or the invoices that are open. */
  lists:
    | {
        kind: "balance_forward";
        openingCents: Cents;
        entries: readonly { on: LocalDate; what: string; cents: Cents; balanceCents: Cents }[];
      }
    | {
        kind: "open_item";
        items: readonly {
          number: string;
          issuedOn: LocalDate;
          dueOn: LocalDate;
          age: string;
          totalCents: Cents;
          openCents: Cents;
        }[];
      };
  closingCents: Cents;
  unappliedCents: Cents;
  setAsideCents: Cents;
  underWayCents: Cents;
  ages: readonly { label: string; cents: Cents }[];
  pastDue: boolean;
  issuedAt: Instant;
};

const BODY: Ink = { size: 9.5 };
const FOOTER_ABOVE_STUB = STUB_TOP - 17;

/**
 * A statement as a PDF: letterhead, what happened or what is open, the sums, what is open by age, and on the first page a
 * remittance stub unless nothing is left to pay. The same props give the same bytes. Rejects only when `fonts` does.
 */
export function statementPdf(statement: StatementDocument, fonts: Fonts): Promise<Uint8Array<ArrayBuffer>> {
  const { language, dealer, customerNumber } = statement;
  const words = wordsIn(language);
  const dueCents = cents(statement.closingCents - statement.underWayCents);
  const stubbed = dueCents > 0;
  const to = dateText(statement.to, language);
  const outline = {
    title: fill(words.statementTitle, { date: to, dealer: dealer.name }),
    author: dealer.name,
    language,
    accent: dealer.accent,
    issuedAt: statement.issuedAt,
    props: statement,
  };
  return pdfBytes(
    outline,
    fonts,
    (paper) => {
      paper.runningHead = () => drawRunningHead(paper, dealer.name, `${words.statement} ${to}`);
      paper.foot = stubbed ? FOOTER_ABOVE_STUB - 14 : PAGE.bottom;
      drawTop(paper, statement, dueCents);
      if (statement.lists.kind === "open_item") drawItems(paper, statement.lists.items, language);
      else drawEntries(paper, statement.lists, statement);
      drawSums(paper, statement, dueCents);
      drawAges(paper, statement);
    },
    (paper, page, pages) => {
      const first = page === 1;
      const footer = first && stubbed ? FOOTER_ABOVE_STUB : PAGE.footer;
      drawFooter(paper, footer, language, `${words.customerNumber} ${customerNumber}`, page, pages);
      if (!first || !stubbed) return;
      drawRemittanceStub(
        paper,
        {
          dealerName: dealer.name,
          customerName: statement.billTo.name,
          customerNumber,
          about: [[words.statementOn, to]],
          amountDue: dollars(dueCents),
          remitTo: statement.remitTo,
        },
        language,
      );
    },
  );
}

function drawTop(paper: Paper, statement: StatementDocument, dueCents: Cents): void {
  const words = wordsIn(statement.language);
  const { language } = statement;
  const owes = dueCents > 0;
  drawLetterhead(paper, statement.dealer, language, {
    kind: words.statement,
    addressedAs: words.billTo,
    addressee: statement.billTo,
    headline: {
      label: dueCents < 0 ? words.creditBalance : words.balanceDue,
      amount: dollars(Math.abs(dueCents)),
      flag: owes && statement.pastDue ? { text: words.pastDue, mood: "alarm" } : null,
      notes: owes ? [fill(words.payOnline, { portal: statement.portal })] : [],
    },
    facts: [
      [words.from, dateText(statement.from, language)],
      [words.to, dateText(statement.to, language)],
      [words.customerNumber, statement.customerNumber],
    ],
  });
}

function drawItems(
  paper: Paper,
  items: Extract<StatementDocument["lists"], { kind: "open_item" }>["items"],
  language: Language,
): void {
  const words = wordsIn(language);
  if (items.length === 0) {
    drawNothing(paper, words.nothingOpen);
    return;
  }
  const columns: Column[] = [
    { heading: words.invoiceNumber, x: PAGE.left, width: 98 },
    { heading: words.invoiceOn, x: 171, width: 66 },
    { heading: words.dueOn, x: 245, width: 66 },
    { heading: words.age, x: 319, width: 78 },
    { heading: words.original, x: 405, width: 67, align: "right" },
    { heading: words.open, x: 480, width: PAGE.right - 480, align: "right" },
  ];
  const rows = items.map((item) => [
    item.number,
    dateText(item.issuedOn, language),
    dateText(item.dueOn, language),
    item.age,
    dollars(item.totalCents),
    dollars(item.openCents),
  ]);
  paper.table(columns, rows, BODY, 3);
}

function drawEntries(
  paper: Paper,
  lists: Extract<StatementDocument["lists"], { kind: "balance_forward" }>,
  { language, from }: StatementDocument,
): void {
  const words = wordsIn(language);
  const columns: Column[] = [
    { heading: words.date, x: PAGE.left, width: 70 },
    { heading: words.entry, x: 143, width: 230 },
    { heading: words.amount, x: 381, width: 78, align: "right" },
    { heading: words.balance, x: 467, width: PAGE.right - 467, align: "right" },
  ];
  const rows = lists.entries.map((entry) => [
    dateText(entry.on, language),
    entry.what,
    dollars(entry.cents),
    dollars(entry.balanceCents),
  ]);
  const opening = ["", fill(words.opening, { date: dateText(from, language) }), "", dollars(lists.openingCents)];
  paper.table(columns, [opening, ...rows], BODY, 3);
  if (lists.entries.length === 0) drawNothing(paper, words.nothing);
}

function drawNothing(paper: Paper, sentence: string): void {
  paper.paragraph("P", sentence, PAGE.left, PAGE.right - PAGE.left, BODY);
  paper.y += 6;
}

function drawSums(paper: Paper, statement: StatementDocument, dueCents: Cents): void {
  const words = wordsIn(statement.language);
  const pairs: Pair[] = [];
  const off = (label: string, value: Cents) => {
    if (value !== 0) pairs.push({ label, value: dollars(0 - value) });
  };
  // Where all that happened is listed, the balance has come to include them.
  if (statement.lists.kind === "open_item") {
    off(words.unapplied, statement.unappliedCents);
    off(words.setAside, statement.setAsideCents);
  }
  pairs.push({
    label: fill(words.closing, { date: dateText(statement.to, statement.language) }),
    value: dollars(statement.closingCents),
    ink: { size: 11, bold: true },
    rule: "accent",
  });
  off(words.underWay, statement.underWayCents);
  if (statement.underWayCents !== 0)
    pairs.push({ label: words.toPay, value: dollars(dueCents), ink: { ...BODY, bold: true } });
  paper.pairs(pairs, 300, PAGE.right, BODY, 2);
}

/** Five columns side by side: what is open, by how late it is. */
function drawAges(paper: Paper, { ages, language }: StatementDocument): void {
  paper.y += 12;
  const width = (PAGE.right - PAGE.left - 8 * (ages.length - 1)) / ages.length;
  const columns = ages.map(
    ({ label }, index): Column => ({ heading: label, x: PAGE.left + index * (width + 8), width, align: "right" }),
  );
  paper.room(64);
  paper.paragraph("H2", wordsIn(language).aging, PAGE.left, PAGE.right - PAGE.left, { size: 9.5, bold: true });
  paper.y += 2;
  paper.table(columns, [ages.map((age) => dollars(age.cents))], BODY, 3);
}
