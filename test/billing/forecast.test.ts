import { describe, expect, test } from "vitest";
import { forecast, usualCharges } from "../../src/billing/forecast.ts";
import type { LocalDate } from "../../src/calendar.ts";

const on = (date: string) => date as LocalDate;
const foreseen = (months: { cents: number; lastIssuedOn: string }[], openCents = 0, count = 12) =>
  forecast({
    today: on("2026-12-20"),
    day: 5,
    from: null,
    taken: [],
    openCents,
    usual: usualCharges(months),
    count,
  }).map(({ on, cents, from }) => `${on} ${cents} ${from}`);

describe("the coming drafts", () => {
  test("of who is invoiced each month: the first from what is open, the others as usual", () => {
    const monthly = [
      { cents: 4798, lastIssuedOn: "2026-12-01" },
      { cents: 4798, lastIssuedOn: "2026-10-31" },
    ];
    expect(foreseen(monthly, 4798, 3)).toEqual([
      "2027-01-05 4798 open",
      "2027-02-05 4798 estimate",
      "2027-03-05 4798 estimate",
    ]);
    expect(foreseen(monthly)).toHaveLength(12);
  });

  test("of who is invoiced each quarter: nothing in the months between", () => {
    const quarterly = [
      { cents: 13485, lastIssuedOn: "2026-12-01" },
      { cents: 13485, lastIssuedOn: "2026-09-01" },
    ];
    expect(foreseen(quarterly).map((one) => one.slice(11))).toEqual([
      "0 nothing",
      "0 nothing",
      "0 nothing",
      "13485 estimate",
      "0 nothing",
      "0 nothing",
      "13485 estimate",
      "0 nothing",
      "0 nothing",
      "13485 estimate",
      "0 nothing",
      "0 nothing",
    ]);
  });

  test("of who was invoiced once: only what is open", () => {
    expect(foreseen([{ cents: 4798, lastIssuedOn: "2026-12-01" }], 4798, 2)).toEqual([
      "2027-01-05 4798 open",
      "2027-02-05 0 nothing",
    ]);
    expect(foreseen([], 0, 1)).toEqual(["2027-01-05 0 nothing"]);
  });
});
