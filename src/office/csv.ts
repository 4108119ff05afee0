/** What a spreadsheet may take for a formula: https://owasp.org/www-community/attacks/CSV_Injection, and the fullwidth twins. */
const FORMULA = /^(?:[\t\r\n]|\s*[=+\-@＝＋－＠])/;
const NUMBER = /^[+-]?\$?\d[\d,]*(?:\.\d+)?%?$/;

/** One cell: quoted where needed; text that a spreadsheet would run gets a leading apostrophe, numbers stay numbers. */
export function csvCell(value: string | number | null): string {
  const text = String(value ?? "");
  const safe = FORMULA.test(text) && !NUMBER.test(text) ? `'${text}` : text;
  return /["\r\n,;\t|]/.test(safe) || safe !== text ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** A whole file as spreadsheets expect it: byte-order mark, headings, CRLF. */
export function csvFile(headings: readonly string[], rows: Iterable<readonly (string | number | null)[]>): string {
  let text = `\uFEFF${headings.map(csvCell).join(",")}\r\n`;
  for (const row of rows) text += `${row.map(csvCell).join(",")}\r\n`;
  return text;
}

/** Takes back the apostrophe that `csvCell` put before a text, so that what left here comes in as it was. */
export const withoutApostrophe = (text: string): string =>
  text[0] === "'" && FORMULA.test(text.slice(1)) ? text.slice(1) : text;
