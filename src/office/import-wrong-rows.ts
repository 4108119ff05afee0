import { csvFile } from "./csv.ts";
import type { Table } from "./import-csv.ts";
import { withoutCardNumbers } from "./import-row.ts";

/**
 * The wrong rows of all files as one table to send back: file, row, column and reason first, then the row's own cells
 * under their own headings. Card numbers are struck out: nobody needs them to correct a row.
 */
export function wrongRowsCsv(
  files: { name: string; table: Table; wrongRows: { row: number; column: string; reason: string }[] }[],
): string {
  const wrong = files.filter((file) => file.wrongRows.length > 0);
  const headings = [...new Set(wrong.flatMap((file) => file.table.headings))];
  const rows: (string | number)[][] = [];
  for (const { name, table, wrongRows } of wrong) {
    const reasons = new Map(wrongRows.map((row) => [row.row, row]));
    const at = new Map(table.headings.map((heading, i) => [heading, i]));
    const places = headings.map((heading) => at.get(heading));
    table.eachRow((row, cells) => {
      const why = reasons.get(row);
      if (!why) return;
      rows.push([
        name,
        row,
        why.column,
        why.reason,
        ...places.map((i) => (i === undefined ? "" : withoutCardNumbers(cells[i] ?? ""))),
      ]);
    });
  }
  return csvFile(["File", "Row", "Column", "Wrong because", ...headings], rows);
}
