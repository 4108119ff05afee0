import type { ImportReport } from "../src/office/import.ts";

/** How many wrong rows of a file are shown; all of them go to the file of wrong rows. */
const SHOWN = 20;

/** What became of each file's rows, as a table for a terminal. */
export function table({ files, total }: ImportReport): string {
  const lines = [
    ["File", "New", "Changed", "Unchanged", "Wrong"],
    ...[...files, { name: "Total", counts: total }].map(({ name, counts }) => [
      name,
      ...[counts.new, counts.changed, counts.unchanged, counts.wrong].map(number),
    ]),
  ];
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines
    .map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]! + 2))).join(""))
    .join("\n");
}

const number = (value: number): string => value.toLocaleString("en-US");

/** The wrong rows with their reasons, and what was left aside; empty when there is nothing to say. */
export function remarks({ files, skipped }: ImportReport): string {
  const parts: string[] = [];
  for (const { name, wrongRows } of files) {
    if (wrongRows.length === 0) continue;
    const shown = wrongRows
      .slice(0, SHOWN)
      .map(
        ({ row, column, reason }) =>
          `  row ${row}${column === "" || reason.startsWith(column) ? "" : `, ${column}`}: ${reason}`,
      );
    const more = wrongRows.length > SHOWN ? [`  and ${number(wrongRows.length - SHOWN)} more`] : [];
    parts.push([`\nWrong in ${name} (the heading row is row 1):`, ...shown, ...more].join("\n"));
  }
  for (const { name, unused } of files)
    if (unused.length > 0) parts.push(`\nColumns of ${name} that nothing is done with: ${unused.join(", ")}.`);
  if (skipped.length > 0) parts.push(`\nFiles that are not part of this import: ${skipped.join(", ")}.`);
  return parts.join("\n");
}

/** Says how far it is: on a terminal in one line that is written over, elsewhere every five seconds. */
export function progressOn(stream: Pick<NodeJS.WriteStream, "isTTY" | "write">, doing: string) {
  const every = stream.isTTY ? 100 : 5_000;
  let last = Date.now();
  return {
    rows(file: string, rows: number, ofRows: number): void {
      if (Date.now() - last < every) return;
      last = Date.now();
      const text = `${doing} ${file}: ${number(rows)} of ${number(ofRows)} rows`;
      stream.write(stream.isTTY ? `\r\u001B[K${text}` : `${text}\n`);
    },
    end(): void {
      if (stream.isTTY) stream.write("\r\u001B[K");
    },
  };
}
