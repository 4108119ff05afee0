import type { Palette } from "../colours.ts";
import { clean, type Typeface } from "./typeface.ts";

/**
 * US Letter in points. The left edge is where an address shows in the window of a #10 envelope however the sheet slides
 * (window: 0.875 in from the left, 0.5 in from the bottom, 4.5 by 1.125 in; the envelope is 1 in wider than the sheet).
 */
export const PAGE = { width: 612, height: 792, left: 65, right: 547, top: 54, bottom: 734, footer: 748 } as const;

type Align = "left" | "right" | "center";

/** How a text looks; `color` defaults to the palette's ink, `size` is in points. */
export type Ink = { size: number; bold?: boolean; color?: string };

/** One line of text: `x` is its left edge, right edge or middle, as `align` says; `y` its top. */
export type Piece = { text: string; x: number; y: number; ink: Ink; align?: Align };

/** A column of a table; `x` and `width` are the box its cells wrap in. */
export type Column = { heading: string; x: number; width: number; align?: "left" | "right" };

/** A label at the left and its value at the right; `rule` draws a line above them: a hairline, or the accent for a sum. */
export type Pair = { label: string; value: string; ink?: Ink; labelInk?: Ink; rule?: "hairline" | "accent" };

/** A document being laid out from top to bottom: `y` is where the next thing goes, `foot` where the page's content ends. */
export class Paper {
  y: number = PAGE.top;
  foot: number = PAGE.bottom;
  readonly colors: Palette;
  /** Drawn at the top of every page after the first; it moves `y` below itself. */
  runningHead: (paper: Paper) => void = () => {};
  readonly #document: PDFKit.PDFDocument;
  readonly #face: Typeface;
  #parent: PDFKit.PDFStructureElement;
  #pages = 1;

  constructor(document: PDFKit.PDFDocument, face: Typeface, colors: Palette) {
    this.#document = document;
    this.#face = face;
    this.colors = colors;
    document.registerFont("regular", face.regular).registerFont("bold", face.bold);
    this.#parent = document.struct("Document");
    document.addStructure(this.#parent);
  }

  /** How many pages there are so far. */
  get pages(): number {
    return this.#pages;
  }

  /** Width in points of a text on one line. */
  widthOf(text: string, ink: Ink): number {
    return this.#width(this.#face.printable(text), ink);
  }

  /** The text on one line, cut with an ellipsis where it would be wider than `width`. */
  fit(text: string, width: number, ink: Ink): string {
    const line = oneLine(this.#face.printable(text));
    if (this.#width(line, ink) <= width) return line;
    const [head] = this.#broken(line, width - this.#width("…", ink), ink);
    return `${head}…`;
  }

  /** The text in lines no wider than `width`: broken at spaces, inside a word only when the word alone is too wide. */
  wrap(text: string, width: number, ink: Ink): string[] {
    const lines: string[] = [];
    for (const paragraph of this.#face.printable(text).trim().split("\n")) {
      let line = "";
      for (const word of paragraph.split(/ +/).flatMap((word) => this.#broken(word, width, ink))) {
        const longer = line === "" ? word : `${line} ${word}`;
        if (line !== "" && this.#width(longer, ink) > width) {
          lines.push(line);
          line = word;
        } else line = longer;
      }
      lines.push(line);
    }
    return lines;
  }

  /** Puts lines of text at fixed places as one tagged element (`P`, `H1`, …); `y` stays. */
  put(tag: string, ...pieces: Piece[]): void {
    const shown = pieces.filter((piece) => piece.text !== "");
    if (shown.length === 0) return;
    this.#element(tag, shown.map((piece) => piece.text).join(" ")).add(() => {
      for (const piece of shown) this.#print(piece);
    });
  }

  /** Flowing text in a column, wrapped, across pages when it must; moves `y` below it. */
  paragraph(tag: string, text: string, x: number, width: number, ink: Ink): void {
    if (text === "") return;
    const lines = this.wrap(text, width, ink);
    this.room(Math.min(lines.length, 3) * leading(ink));
    const element = this.#element(tag, text);
    for (let at = 0; at < lines.length; ) {
      this.room(leading(ink));
      const fitting = Math.max(1, Math.floor((this.foot - this.y + 0.01) / leading(ink)));
      const here = lines.slice(at, at + fitting);
      element.add(() => {
        for (const line of here) {
          this.#print({ text: line, x, y: this.y, ink });
          this.y += leading(ink);
        }
      });
      at += here.length;
    }
  }

  /** A table from `y` down, `gap` points between its rows. Headings repeat on every page; long rows flow over pages. */
  table(columns: readonly Column[], rows: readonly (readonly string[])[], ink: Ink, gap: number): void {
    this.room(leading(ink) * 3);
    this.group("Table", () => {
      this.group("TR", () => {
        const cells = columns.map((column) => this.#element("TH", column.heading, "Column"));
        this.#headings(columns, ink, cells);
      });
      for (const row of rows) this.#row(columns, row, ink, gap);
    });
    this.rule(columns[0]!.x, this.y, PAGE.right - columns[0]!.x, this.colors.hairline, 0.5);
    this.y += 5;
  }

  /**
   * Labels and values between `x` and `right`, from `y` down, `gap` points apart; kept on one page where one can hold them.
   * Returns where on that page they begin.
   */
  pairs(pairs: readonly Pair[], x: number, right: number, ink: Ink, gap: number): number {
    const laid = pairs.map((pair) => {
      const own = pair.ink ?? ink;
      const labelInk = pair.labelInk ?? own;
      const taken = Math.min(this.widthOf(pair.value, own), (right - x) * 0.6);
      const values = this.wrap(pair.value, taken + 0.01, own);
      const labels = this.wrap(pair.label, right - x - taken - 12, labelInk);
      const height = Math.max(labels.length, values.length) * leading(own);
      return { ...pair, own, labelInk, labels, values, height };
    });
    const all = laid.reduce((total, pair) => total + pair.height + gap * (pair.rule ? 2 : 1), -gap);
    if (all < (PAGE.bottom - PAGE.top) * 0.9) this.room(all);
    const top = this.y;
    for (const { own, labelInk, labels, values, height, rule } of laid) {
      this.room(height);
      if (rule) {
        const { accent, hairline } = this.colors;
        this.rule(x, this.y, right - x, rule === "accent" ? accent : hairline, rule === "accent" ? 1 : 0.5);
        this.y += gap;
      }
      const line = (index: number) => this.y + index * leading(own);
      this.put(
        "P",
        ...labels.map((text, index) => ({ text, x, y: line(index), ink: labelInk })),
        ...values.map((text, index) => ({ text, x: right, y: line(index), ink: own, align: "right" as const })),
      );
      this.y += height + gap;
    }
    return top;
  }

  /** Everything `draw` puts down becomes children of one tagged element. */
  group(tag: string, draw: () => void): void {
    const outer = this.#parent;
    this.#parent = this.#element(tag, "");
    draw();
    this.#parent = outer;
  }

  /** Turns the page when fewer than `height` points are left on it. True when it did. */
  room(height: number): boolean {
    if (this.y + height <= this.foot + 0.01) return false;
    this.#document.addPage();
    this.#pages += 1;
    this.y = PAGE.top;
    this.foot = PAGE.bottom;
    this.runningHead(this);
    return true;
  }

  /** A horizontal line; decoration, not content. */
  rule(x: number, y: number, width: number, color: string, weight: number, dashed = false): void {
    this.#artifact("Layout", () => {
      const line = this.#document.lineWidth(weight).strokeColor(color);
      if (dashed) line.dash(3, { space: 3 });
      line
        .moveTo(x, y)
        .lineTo(x + width, y)
        .stroke();
      if (dashed) line.undash();
    });
  }

  /** A box filled with `fill`, or outlined in `stroke`; decoration, not content. */
  box(x: number, y: number, width: number, height: number, paint: { fill: string } | { stroke: string }): void {
    this.#artifact("Layout", () => {
      const box = this.#document.rect(x, y, width, height);
      if ("fill" in paint) box.fill(paint.fill);
      else box.lineWidth(0.75).strokeColor(paint.stroke).stroke();
    });
  }

  /** A square of dark and light squares for a camera, `side` points wide; `says` is what it means to a screen reader. */
  code(rows: readonly (readonly boolean[])[], x: number, y: number, side: number, says: string): void {
    const element = this.#document.struct("Figure", { alt: clean(says) });
    this.#parent.add(element);
    element.add(() => {
      // Whole numbers in a scaled space are a third of the bytes.
      this.#document
        .save()
        .translate(x, y)
        .scale(side / rows.length);
      for (const [down, row] of rows.entries()) {
        for (let from = 0; from < row.length; from++) {
          if (!row[from]) continue;
          // Neighbours as one: seams between them would show.
          const start = from;
          while (row[from + 1]) from++;
          this.#document.rect(start, down, from - start + 1, 1);
        }
      }
      this.#document.fill("#000000").restore();
    });
  }

  /** Text that is not part of what a reader reads: running heads, page numbers. Fixed place, like `put`. */
  furniture(...pieces: Piece[]): void {
    this.#artifact("Pagination", () => {
      for (const piece of pieces) this.#print(piece);
    });
  }

  /** Calls `draw` once per page, the page being the current one. */
  eachPage(draw: (paper: Paper, page: number, pages: number) => void): void {
    for (let page = 1; page <= this.#pages; page++) {
      this.#document.switchToPage(page - 1);
      draw(this, page, this.#pages);
    }
  }

  #headings(columns: readonly Column[], ink: Ink, elements?: PDFKit.PDFStructureElement[]): void {
    const small: Ink = { size: ink.size - 1.5, bold: true, color: this.colors.muted };
    const pieces = columns.map(({ heading, x, width, align = "left" }): Piece => {
      return { text: this.fit(heading, width, small), x: x + width * SHIFT[align], y: this.y, ink: small, align };
    });
    if (elements) {
      for (const [index, element] of elements.entries()) element.add(() => this.#print(pieces[index]!));
    } else this.furniture(...pieces);
    this.y += leading(small) + 2;
    const left = columns[0]!.x;
    this.rule(left, this.y, PAGE.right - left, this.colors.accent, 1);
    this.y += 5;
  }

  #row(columns: readonly Column[], row: readonly string[], ink: Ink, gap: number): void {
    const cells = columns.map((column, index) => this.wrap(row[index] ?? "", column.width, ink));
    const height = Math.max(...cells.map((lines) => lines.length));
    // A short row moves to the next page whole, a long one is divided.
    if (this.room(Math.min(height, 8) * leading(ink))) this.#headings(columns, ink);
    this.group("TR", () => {
      const elements = columns.map((_, index) => this.#element("TD", row[index] ?? ""));
      for (let line = 0; line < height; line++) {
        if (this.room(leading(ink))) this.#headings(columns, ink);
        for (const [index, { x, width, align = "left" }] of columns.entries()) {
          const text = cells[index]![line];
          if (!text) continue;
          elements[index]!.add(() => this.#print({ text, x: x + width * SHIFT[align], y: this.y, ink, align }));
        }
        this.y += leading(ink);
      }
    });
    this.y += gap;
  }

  #artifact(type: "Layout" | "Pagination", draw: () => void): void {
    this.#document.markContent("Artifact", { type });
    draw();
    this.#document.endMarkedContent();
  }

  /** A new element of the reading order. What the fonts cannot print is told to screen readers as it was written. */
  #element(tag: string, text: string, scope?: "Column"): PDFKit.PDFStructureElement {
    const original = clean(text);
    const actual = this.#face.printable(original) === original ? undefined : original;
    const element = this.#document.struct(tag, { ...(scope && { scope }), ...(actual && { actual }) });
    this.#parent.add(element);
    return element;
  }

  #print({ text, x, y, ink, align = "left" }: Piece): void {
    // No-break spaces have done their work by now; copied text should have plain ones.
    const line = oneLine(this.#face.printable(text)).replaceAll("\u00a0", " ");
    const left = align === "left" ? x : x - this.#width(line, ink) * SHIFT[align];
    // The space after it keeps the words of two lines apart for screen readers and in copied text.
    this.#inked(ink)
      .fillColor(ink.color ?? this.colors.ink)
      .text(`${line} `, left, y + ink.size * 0.95, { lineBreak: false, baseline: "alphabetic" });
  }

  #inked(ink: Ink): PDFKit.PDFDocument {
    return this.#document.font(ink.bold ? "bold" : "regular").fontSize(ink.size);
  }

  /** Width of a text that is printable already. */
  #width(line: string, ink: Ink): number {
    return this.#inked(ink).widthOfString(line);
  }

  #broken(word: string, width: number, ink: Ink): string[] {
    if (this.#width(word, ink) <= width) return [word];
    const parts: string[] = [];
    let part = "";
    let used = 0;
    for (const char of word) {
      const wide = this.#width(char, ink);
      if (part !== "" && used + wide > width) {
        parts.push(part);
        part = "";
        used = 0;
      }
      part += char;
      used += wide;
    }
    return [...parts, part];
  }
}

/** Points from one line to the next; the same for both typefaces, so that a page breaks where it always did. */
export const leading = (ink: Ink): number => ink.size * 1.3;

const SHIFT = { left: 0, center: 0.5, right: 1 } as const;

/** Line breaks become spaces. */
export const oneLine = (text: string): string => text.replaceAll("\n", " ").trim();
