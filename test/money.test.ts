import { describe, expect, test } from "vitest";
import { cents, dollars, LARGEST_CENTS, parseCents, plainAmount, sum } from "../src/money.ts";

describe("an amount that somebody wrote", () => {
  test("is read in every way that back offices and people write one", () => {
    const amounts: Record<string, number> = {
      "44.95": 4495,
      "$44.95": 4495,
      " $ 44.95 ": 4495,
      "44.9": 4490,
      "44": 4400,
      "0": 0,
      "0.01": 1,
      "1,234.50": 123450,
      "$1,234,567.89": 123456789,
      "1234567.89": 123456789,
      "-12.00": -1200,
      "-$12.00": -1200,
      "(12.00)": -1200,
      "($1,234.50)": -123450,
      "( 12.00 )": -1200,
      "007.50": 750,
      "\u00a044.95\u00a0": 4495,
    };
    for (const [text, value] of Object.entries(amounts)) expect(parseCents(text), text).toBe(value);
  });

  test("is nothing when it is not clearly one amount", () => {
    for (const text of [
      "",
      " ",
      "$",
      ".",
      ".50",
      "44.",
      "44.955",
      "44,95",
      "1,23.00",
      "12,34,567.00",
      ",123.00",
      "1,2345.00",
      "1.234,50",
      "12 34",
      "1e3",
      "0x10",
      "NaN",
      "Infinity",
      "--5",
      "-(5.00)",
      "(-5.00)",
      "(5.00",
      "5.00)",
      "((5.00))",
      "5-",
      "$-5",
      "€5.00",
      "$$5",
      "5.00 USD",
      "٤٤.٩٥",
      "４４.９５",
      "44．95",
      "5\n6",
      "12345678901",
    ])
      expect(parseCents(text), JSON.stringify(text)).toBeNull();
  });

  test("is nothing above ten million dollars: a slip of the finger", () => {
    expect(parseCents("10000000.00")).toBe(LARGEST_CENTS);
    expect(parseCents("-10,000,000.00")).toBe(-LARGEST_CENTS);
    expect(parseCents("10000000.01")).toBeNull();
    expect(parseCents("9999999999.99")).toBeNull();
  });

  test("is never minus nothing", () => {
    for (const text of ["-0", "-0.00", "(0.00)", "-$0"]) expect(Object.is(parseCents(text), 0), text).toBe(true);
  });

  test("comes back as it was written, for every cent up to two thousand dollars", () => {
    for (let value = -200_000; value <= 200_000; value++) {
      if (parseCents(plainAmount(value)) !== value || parseCents(dollars(value)) !== value)
        expect.fail(`${value} became ${plainAmount(value)} and ${dollars(value)}`);
    }
  });
});

test("amounts are written to the cent", () => {
  expect([dollars(0), dollars(5), dollars(123450), dollars(-1200)]).toEqual(["$0.00", "$0.05", "$1,234.50", "-$12.00"]);
  expect([plainAmount(0), plainAmount(5), plainAmount(123450), plainAmount(-5)]).toEqual([
    "0.00",
    "0.05",
    "1234.50",
    "-0.05",
  ]);
});

test("cents are whole, or a bug", () => {
  for (const value of [0.5, 1e16, Number.NaN, Number.POSITIVE_INFINITY, 4495.0000001])
    expect(() => cents(value), String(value)).toThrow(RangeError);
  expect(cents(-4495)).toBe(-4495);
});

test("a sum is exact where floats are not", () => {
  expect(sum([])).toBe(0);
  expect(sum(Array.from({ length: 1000 }, () => cents(10)))).toBe(10_000);
  expect(() => sum([0.1, 0.2])).toThrow(RangeError);
});
