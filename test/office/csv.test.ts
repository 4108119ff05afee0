import { expect, test } from "vitest";
import { csvCell, csvFile, withoutApostrophe } from "../../src/office/csv.ts";

const HOSTILE = [
  "=1+1",
  "+1+cmd|' /C calc'!A0",
  "-2+3",
  "@SUM(A1)",
  "\t=1",
  "\r=1",
  "＝1+1",
  "＋1",
  "－1",
  "＠A1",
  '=HYPERLINK("http://x","y")',
  "  =1+1",
  "-",
];

test("a text that a spreadsheet would run gets an apostrophe, and quotes", () => {
  for (const text of HOSTILE) expect(csvCell(text), text).toBe(`"'${text.replaceAll('"', '""')}"`);
});

test("numbers stay numbers", () => {
  for (const text of ["-12.00", "-$1,234.50", "+15", "12%", "0", "-0.5"])
    expect(csvCell(text)).toBe(text.includes(",") ? `"${text}"` : text);
  expect(csvCell(-5)).toBe("-5");
  expect(csvCell(null)).toBe("");
});

test("commas, quotes and newlines are quoted, and plain text is left alone", () => {
  expect(
    csvFile(
      ["A", "B, C"],
      [
        ["plain", 'say "hi"\nthere'],
        ["Nguyễn", "x'y"],
      ],
    ),
  ).toBe('\uFEFFA,"B, C"\r\nplain,"say ""hi""\nthere"\r\nNguyễn,x\'y\r\n');
});

test("what left here comes in as it was", () => {
  for (const text of HOSTILE) expect(withoutApostrophe(`'${text}`)).toBe(text);
  expect(withoutApostrophe("'tis the season")).toBe("'tis the season");
});
