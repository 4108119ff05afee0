import { describe, expect, test } from "vitest";
import {
  DAY,
  daysBetween,
  HOUR,
  type LocalDate,
  localDate,
  parseDate,
  plusDays,
  startOfDay,
  zoneShifts,
} from "../src/calendar.ts";

const at = (utc: string): number => Date.parse(utc) / 1000;
const day = (text: string): LocalDate => parseDate(text)!;

describe("the day it is", () => {
  test("is the dealer's own, which changes at the dealer's midnight", () => {
    const zones = {
      "America/New_York": ["2026-11-30", "2026-12-01"],
      "America/Chicago": ["2026-11-30", "2026-11-30"],
      UTC: ["2026-12-01", "2026-12-01"],
    };
    for (const [zone, [before, after]] of Object.entries(zones)) {
      expect(localDate(at("2026-12-01T04:59:59Z"), zone), zone).toBe(before);
      expect(localDate(at("2026-12-01T05:00:00Z"), zone), zone).toBe(after);
    }
  });

  test("is right on the days that have 23 and 25 hours", () => {
    // Clocks go forward on March 8 and back on November 1, 2026.
    for (const [from, hours, date] of [
      ["2026-03-08T05:00:00Z", 23, "2026-03-08"],
      ["2026-11-01T04:00:00Z", 25, "2026-11-01"],
    ] as const) {
      expect(localDate(at(from) - 1, "America/New_York")).toBe(plusDays(day(date), -1));
      for (let hour = 0; hour < hours; hour++)
        expect(localDate(at(from) + hour * HOUR, "America/New_York"), `${date} hour ${hour}`).toBe(date);
      expect(localDate(at(from) + hours * HOUR, "America/New_York")).toBe(plusDays(day(date), 1));
    }
  });
});

describe("a local day", () => {
  test("begins at the dealer's midnight, also where the clocks change on it or the day before", () => {
    for (const zone of ["America/New_York", "America/Chicago", "UTC", "Pacific/Auckland"]) {
      for (let date = day("2026-01-01"); date < "2027-01-01"; date = plusDays(date, 1)) {
        const start = startOfDay(date, zone);
        expect(localDate(start, zone), `${date} in ${zone}`).toBe(date);
        expect(localDate(start - 1, zone), `${date} in ${zone}`).toBe(plusDays(date, -1));
      }
    }
  });

  test("of any instant follows from when the zone's clocks were changed", () => {
    expect(zoneShifts("America/New_York", at("2026-01-01T00:00:00Z"), at("2026-12-01T00:00:00Z"))).toEqual([
      [0, -5 * HOUR],
      [at("2026-03-08T07:00:00Z"), -4 * HOUR],
      [at("2026-11-01T06:00:00Z"), -5 * HOUR],
    ]);
    expect(zoneShifts("America/Phoenix", at("2020-01-01T00:00:00Z"), at("2026-12-01T00:00:00Z"))).toEqual([
      [0, -7 * HOUR],
    ]);
    const shifts = zoneShifts("America/Chicago", at("1990-01-01T00:00:00Z"), at("2026-12-01T00:00:00Z"));
    for (let instant = at("2020-01-01T00:00:00Z"); instant < at("2026-12-01T00:00:00Z"); instant += 5 * HOUR + 7) {
      const [, ahead] = shifts.findLast(([since]) => since <= instant)!;
      const said = new Date((instant + ahead) * 1000).toISOString().slice(0, 10);
      expect(said).toBe(localDate(instant, "America/Chicago"));
    }
  });
});

describe("a date that somebody wrote", () => {
  test("is read as written here or in an export", () => {
    for (const text of ["2026-03-01", "3/1/2026", "03/01/2026", " 03/1/2026 "])
      expect(day(text), text).toBe("2026-03-01");
    expect(day("2/29/2028")).toBe("2028-02-29");
  });

  test("is nothing when there is no such day, or more than one way to read it", () => {
    for (const text of [
      "",
      "2026-02-29",
      "2/29/2026",
      "2026-13-01",
      "13/1/2026",
      "2026-00-10",
      "2026-1-1",
      "0/0/2026",
      "4/31/2026",
      "1969-12-31",
      "2101-01-01",
      "3/1/26",
      "2026/03/01",
      "1.3.2026",
      "March 1, 2026",
      "2026-03-01T00:00:00Z",
      "20260301",
      "２０２６-03-01",
    ])
      expect(parseDate(text), JSON.stringify(text)).toBeNull();
  });
});

describe("days", () => {
  test("count one by one through two hundred years of leap days and clock changes", () => {
    const first = day("1970-01-01");
    let date = first;
    for (let n = 0; date < "2100-12-31"; n++) {
      const next = plusDays(date, 1);
      const utc = new Date((n + 1) * DAY * 1000).toISOString().slice(0, 10);
      if (next !== utc || plusDays(next, -1) !== date || daysBetween(first, next) !== n + 1 || !(next > date))
        expect.fail(`after ${date} came ${next}`);
      date = next;
    }
    expect(date).toBe("2100-12-31");
  });

  test("between two dates are whole, and negative the other way round", () => {
    expect(daysBetween(day("2026-03-07"), day("2026-03-09"))).toBe(2);
    expect(daysBetween(day("2026-11-02"), day("2026-10-31"))).toBe(-2);
    expect(daysBetween(day("2026-12-01"), day("2026-12-01"))).toBe(0);
    expect(plusDays(day("2026-12-01"), 31)).toBe("2027-01-01");
    expect(plusDays(day("2028-03-01"), -1)).toBe("2028-02-29");
  });
});
