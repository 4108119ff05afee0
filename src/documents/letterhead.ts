import { type Ink, leading, PAGE, type Paper } from "./paper.ts";
import { fill, type Language, wordsIn } from "./words.ts";

/** The dealer as its documents show it. `address` is the lines under the name; `accent` its brand colour, `#rrggbb`. */
export type Letterhead = {
  name: string;
  address: readonly string[];
  phone: string;
  licence: string | null;
  accent: string;
};

export type Addressee = { name: string; address: readonly string[] };

/** A named value beside the address: `["Invoice date", "12/01/2026"]`. Null and empty values are left out. */
export type Fact = readonly [label: string, value: string | null];

/** The figure a document is about, in the box at its top right. */
export type Headline = {
  label: string;
  amount: string;
  /** A word or two at the box's corner: `alarm` in white on dark red, `calm` in the accent. */
  flag: { text: string; mood: "alarm" | "calm" } | null;
  /** Sentences under the amount; null and empty ones are left out. */
  notes: readonly (string | null)[];
};

const COLUMN = 338;
const LABEL: Ink = { size: 8 };

// Where an address shows in a #10 window envelope when the sheet is folded in three.
const WINDOW_TOP = 181;

/**
 * The top of a first page: dealer, kind of document, addressee in the envelope's window, headline and facts. Leaves `y`
 * below it. Long names and addresses take more lines and push the rest down.
 */
export function drawLetterhead(
  paper: Paper,
  dealer: Letterhead,
  language: Language,
  top: { kind: string; addressedAs: string; addressee: Addressee; headline: Headline; facts: readonly Fact[] },
): void {
  const { muted, accent } = paper.colors;
  const left = COLUMN - PAGE.left - 20;
  paper.rule(PAGE.left, 42, PAGE.right - PAGE.left, accent, 2.5);

  paper.y = 56;
  paper.paragraph("P", dealer.name, PAGE.left, left, { size: 14, bold: true });
  paper.y += 3;
  const licence = dealer.licence ? fill(wordsIn(language).licence, { licence: dealer.licence }) : "";
  const reach = [dealer.phone, licence].filter((part) => part !== "").join("  ·  ");
  const lines = [...dealer.address, reach].filter((line) => line !== "");
  paper.paragraph("P", lines.join("\n"), PAGE.left, left, { size: 9, color: muted });
  paper.put("H1", {
    text: top.kind,
    x: PAGE.right,
    y: 54,
    ink: { size: 22, bold: true, color: accent },
    align: "right",
  });

  const addressTop = Math.max(paper.y + 26, WINDOW_TOP);
  paper.put("P", { text: top.addressedAs, x: PAGE.left, y: addressTop - 13, ink: { ...LABEL, color: muted } });
  paper.y = addressTop;
  paper.paragraph("P", top.addressee.name, PAGE.left, left, { size: 10, bold: true });
  paper.paragraph("P", top.addressee.address.filter((line) => line !== "").join("\n"), PAGE.left, left, { size: 9.5 });
  const addressFoot = paper.y;

  paper.y = 92;
  drawHeadline(paper, top.headline);
  const ink: Ink = { size: 9, bold: true };
  const labelInk: Ink = { size: 9, color: muted };
  const facts = top.facts.flatMap(([label, value]) => (value ? [{ label, value, labelInk }] : []));
  paper.pairs(facts, COLUMN, PAGE.right, ink, 1.5);
  paper.y = Math.max(paper.y, addressFoot) + 14;
}

function drawHeadline(paper: Paper, headline: Headline): void {
  const { tint, accent, alert, muted } = paper.colors;
  const inner = COLUMN + 12;
  const width = PAGE.right - 12 - inner;
  const amount: Ink = { size: 20, bold: true };
  const note: Ink = { size: 8.5 };
  const notes = headline.notes.flatMap((text) => (text ? paper.wrap(text, width, note) : []));
  const top = paper.y;
  const height = 44 + notes.length * leading(note) + (notes.length > 0 ? 8 : 2);

  paper.box(COLUMN, top, PAGE.right - COLUMN, height, { fill: tint });
  paper.box(COLUMN, top, 3, height, { fill: accent });
  paper.put(
    "P",
    { text: headline.label, x: inner, y: top + 8, ink: { ...LABEL, color: muted } },
    { text: headline.amount, x: inner, y: top + 20, ink: amount },
    ...notes.map((text, index) => ({ text, x: inner, y: top + 47 + index * leading(note), ink: note })),
  );
  if (headline.flag) {
    const ink: Ink = { size: 8.5, bold: true, color: "#ffffff" };
    const text = paper.fit(headline.flag.text.toUpperCase(), width * 0.7, ink);
    const wide = paper.widthOf(text, ink) + 12;
    paper.box(PAGE.right - wide, top, wide, 17, { fill: headline.flag.mood === "alarm" ? alert : accent });
    paper.put("P", { text, x: PAGE.right - wide / 2, y: top + 3.5, ink, align: "center" });
  }
  paper.y = top + height + 10;
}

/** The line at the top of every later page: whose document, which one. */
export function drawRunningHead(paper: Paper, dealerName: string, what: string): void {
  const ink: Ink = { size: 8.5, color: paper.colors.muted };
  paper.furniture(
    { text: paper.fit(dealerName, 280, ink), x: PAGE.left, y: 36, ink },
    { text: paper.fit(what, 190, ink), x: PAGE.right, y: 36, ink, align: "right" },
  );
  paper.rule(PAGE.left, 50, PAGE.right - PAGE.left, paper.colors.accent, 1);
  paper.y = 66;
}

/** The line at the foot of a page at `y`: what the customer needs to register or to call, and the page number. */
export function drawFooter(
  paper: Paper,
  y: number,
  language: Language,
  says: string,
  page: number,
  pages: number,
): void {
  const ink: Ink = { size: 8, color: paper.colors.muted };
  paper.rule(PAGE.left, y - 5, PAGE.right - PAGE.left, paper.colors.hairline, 0.5);
  const place = { text: paper.fit(says, PAGE.right - PAGE.left - 90, ink), x: PAGE.left, y, ink };
  if (page === 1) paper.put("P", place);
  else paper.furniture(place);
  drawPageNumber(paper, y, language, page, pages);
}

/** The page's number at its right edge, as every footer has it. */
export function drawPageNumber(paper: Paper, y: number, language: Language, page: number, pages: number): void {
  const text = fill(wordsIn(language).page, { page, pages });
  const ink: Ink = { size: 8, color: paper.colors.muted };
  paper.furniture({ text, x: PAGE.right, y, ink, align: "right" });
}
