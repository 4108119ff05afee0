import Papa from "papaparse";

/** A CSV file, opened: its headings, and its rows to walk through as often as needed. */
export type Table = {
  headings: string[];
  /** `row` is the number a spreadsheet shows, the heading row being 1; a cell of several lines makes one row. */
  eachRow(visit: (row: number, cells: string[], fault: string | null) => void): void;
};

/**
 * The text of a file as back offices save it: UTF-8, UTF-16 with its mark, else Windows-1252 (whatever is not UTF-8).
 */
export function decodeText(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder("utf-16le").decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder("utf-16be").decode(bytes);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: false }).decode(bytes);
  } catch {
    return new TextDecoder("windows-1252").decode(bytes);
  }
}

/** Opens a CSV file. What cannot be one at all comes back as a sentence. */
export function openTable(source: string): Table | { unreadable: string } {
  if (source.startsWith("PK\u0003\u0004"))
    return { unreadable: "is a workbook or an archive; save the sheet as CSV first" };
  if (source.slice(0, 4000).includes("\u0000"))
    return { unreadable: "is not a text file; save the sheet as CSV first" };
  const text = source.replace(/^\uFEFF/, "").replace(/\r\n?/g, "\n");
  const delimiter = delimiterOf(text);
  let headingRow = 0;
  let first: string[] = [];
  walk(text, delimiter, (row, cells) => {
    headingRow = row;
    first = cells;
    return "stop";
  });
  if (headingRow === 0) return { unreadable: "is empty" };
  while (first.length > 1 && first.at(-1)!.trim() === "") first.pop();
  const width = first.length;
  return {
    headings: distinct(
      first.map(
        (cell, i) =>
          cell
            .replace(/\p{Cc}+/gu, " ")
            .trim()
            .slice(0, 100) || `Column ${i + 1}`,
      ),
    ),
    eachRow(visit) {
      walk(text, delimiter, (row, cells, unclosed) => {
        if (row > headingRow) visit(row, cells.slice(0, width), unclosed ? UNCLOSED : wrongWidth(cells, width));
      });
    },
  };
}

const UNCLOSED = "has a quotation mark that is never closed, so that everything after it is one cell";

/** Visits every row that is not blank. One row at a time: a file of 30 MB must not stand in memory cut into cells. */
function walk(
  text: string,
  delimiter: string,
  visit: (row: number, cells: string[], unclosed: boolean) => unknown,
): void {
  let row = 0;
  Papa.parse<string[]>(text, {
    delimiter,
    newline: "\n",
    fastMode: false,
    step({ data, errors }, parser) {
      row++;
      if (data.every((cell) => cell.trim() === "")) return;
      const unclosed = errors.some((error) => error.code === "MissingQuotes");
      if (visit(row, data, unclosed) === "stop") parser.abort();
    },
  });
}

const counted = (cells: number): string => (cells === 1 ? "1 cell" : `${cells} cells`);

const wrongWidth = (cells: string[], width: number): string | null => {
  if (cells.length < width) return `has ${counted(cells.length)} where the heading row has ${width}`;
  const surplus = cells.slice(width).some((cell) => cell.trim() !== "");
  return surplus ? `has ${counted(cells.length)} where the heading row has ${width}` : null;
};

/** Whichever of the usual ones stands most often in the heading row, outside quotes. */
function delimiterOf(text: string): string {
  const line = text
    .replace(/^\n+/, "")
    .split("\n", 1)[0]!
    .replace(/"[^"]*"/g, "");
  const counted = [",", "\t", ";", "|"].map((delimiter) => ({ delimiter, count: line.split(delimiter).length }));
  return counted.reduce((best, next) => (next.count > best.count ? next : best)).delimiter;
}

/** A heading that stands twice gets a number, so that each column can be named. */
function distinct(headings: string[]): string[] {
  const times = new Map<string, number>();
  return headings.map((heading) => {
    const n = (times.get(heading) ?? 0) + 1;
    times.set(heading, n);
    return n === 1 ? heading : `${heading} (${n})`;
  });
}
