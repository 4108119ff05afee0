import { describe, expect, test } from "vitest";
import { afterFailure, endsPermission } from "../../src/billing/autopay-rules.ts";
import {
  announcedFor,
  dayIn,
  draftDaysToAnnounce,
  firstDraftOn,
  firstDraftToChange,
  lastDayToChange,
  monthOf,
  nextDraftDays,
  noticeAllows,
} from "../../src/billing/draft-day-rules.ts";
import { daysBetween, HOUR, type LocalDate, localDate, localHour, plusDays } from "../../src/calendar.ts";

const on = (date: string) => date as LocalDate;

/** Every hour of a stretch of time, as the cron knows them. */
function* hours(from: string, to: string): Generator<number> {
  const end = Date.parse(`${to}T00:00:00Z`) / 1000;
  for (let now = Date.parse(`${from}T00:07:00Z`) / 1000; now < end; now += HOUR) yield now;
}

const ZONES = ["America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/Puerto_Rico", "America/Adak"];

describe("the first draft of who enrols", () => {
  test.for([
    ["2026-11-03", 5, "2026-12-05"],
    ["2026-12-25", 5, "2027-01-05"],
    ["2026-12-26", 5, "2027-02-05"],
    ["2026-12-31", 28, "2027-01-28"],
    ["2028-01-31", 11, "2028-02-11"],
    ["2028-02-29", 11, "2028-03-11"],
    ["2028-02-29", 10, "2028-04-10"],
  ] as const)("on %s with day %i is on %s", ([enrolled, day, first]) => {
    expect(firstDraftOn(on(enrolled), day)).toBe(first);
  });

  test("is on the chosen day, in a later month, ten full days away, and no later than it must, whenever that is", () => {
    for (let day = 1; day <= 28; day++) {
      for (let date = on("2027-11-20"); date < "2028-04-10"; date = plusDays(date, 1)) {
        const first = firstDraftOn(date, day);
        expect(dayIn(first)).toBe(day);
        expect(monthOf(first) > monthOf(date)).toBe(true);
        expect(daysBetween(date, first)).toBeGreaterThan(10);
        expect(daysBetween(date, first)).toBeLessThan(62);
      }
    }
  });
});

describe("the days on which drafts are announced", () => {
  test("come once for each draft day of every month, in every zone, whatever the clocks do", () => {
    for (const zone of ZONES) {
      // Both clock changes of the United States, and a leap day.
      for (const [from, to] of [
        ["2027-10-01", "2027-12-01"],
        ["2028-02-01", "2028-04-15"],
      ] as const) {
        const first = new Map<string, LocalDate>();
        for (const now of hours(from, to)) {
          if (localHour(now, zone) < 9) continue;
          const today = localDate(now, zone);
          for (const scheduled of draftDaysToAnnounce(today)) {
            if (first.has(scheduled)) continue;
            first.set(scheduled, today);
            if (daysBetween(on(from), today) > 1) expect(daysBetween(today, scheduled)).toBe(13);
          }
        }
        for (const scheduled of first.keys()) expect(dayIn(on(scheduled))).toBeLessThanOrEqual(28);
        const inner = [...first.keys()].filter(
          (date) => monthOf(on(date)) === (from === "2027-10-01" ? "2027-11" : "2028-03"),
        );
        expect(inner.map((date) => dayIn(on(date))).sort((a, b) => a - b)).toEqual(
          Array.from({ length: 28 }, (_, i) => i + 1),
        );
      }
    }
  });

  test("let a missed one be made up for, with as much notice", () => {
    for (let date = on("2028-02-01"); date < "2028-03-20"; date = plusDays(date, 1)) {
      for (const scheduled of draftDaysToAnnounce(date)) {
        const made = announcedFor(date, scheduled);
        expect(noticeAllows(date, made)).toBe(true);
        expect(made >= scheduled).toBe(true);
        expect(dayIn(made)).toBeLessThanOrEqual(28);
        expect(daysBetween(scheduled, made)).toBeLessThanOrEqual(8);
      }
    }
  });

  test("ten full days: the day of the notice and the day of the draft do not count", () => {
    expect(noticeAllows(on("2026-12-25"), on("2027-01-05"))).toBe(true);
    expect(noticeAllows(on("2026-12-26"), on("2027-01-05"))).toBe(false);
  });
});

test("coming drafts leave out months that have theirs, and days before the arrangement", () => {
  expect(nextDraftDays(on("2026-12-20"), 5, null, [], 3)).toEqual(["2027-01-05", "2027-02-05", "2027-03-05"]);
  expect(nextDraftDays(on("2026-12-26"), 5, null, [], 1)).toEqual(["2027-02-05"]);
  expect(nextDraftDays(on("2026-12-20"), 5, null, ["2027-01"], 2)).toEqual(["2027-02-05", "2027-03-05"]);
  expect(nextDraftDays(on("2026-12-20"), 5, on("2027-03-01"), [], 1)).toEqual(["2027-03-05"]);
});

describe("three business days", () => {
  test.for([
    ["2026-12-04", "2026-12-01", "Friday, from Tuesday"],
    ["2026-12-05", "2026-12-02", "Saturday, from Wednesday"],
    ["2026-12-07", "2026-12-02", "Monday, over the weekend"],
    ["2026-12-28", "2026-12-22", "over Christmas, a Friday"],
    ["2027-01-05", "2026-12-30", "over New Year, a Friday"],
    ["2026-11-27", "2026-11-23", "over Thanksgiving and Columbus long gone"],
    ["2027-07-07", "2027-07-01", "over a Fourth of July that is kept on Monday"],
    ["2027-06-01", "2027-05-26", "over Memorial Day"],
    ["2027-01-20", "2027-01-14", "over Martin Luther King's day"],
    ["2027-06-22", "2027-06-17", "a holiday on a Saturday is not made up for"],
  ] as const)("before a draft on %s is %s: %s", ([draftOn, last]) => {
    expect(lastDayToChange(on(draftOn))).toBe(last);
  });

  test("say of every day which draft is the first to change", () => {
    for (let today = on("2026-11-15"); today < "2027-02-15"; today = plusDays(today, 1)) {
      const first = firstDraftToChange(today);
      expect(lastDayToChange(first) >= today).toBe(true);
      expect(lastDayToChange(plusDays(first, -1)) < today).toBe(true);
    }
  });
});

describe("the ladder", () => {
  test.for([
    ["card", "generic_decline", [3, 4, 7, "over"]],
    ["card", "insufficient_funds", [3, 4, 7, "over"]],
    ["card", "a code of next year's", [3, 4, 7, "over"]],
    ["card", "stolen_card", ["method"]],
    ["card", "transaction_not_allowed", ["method"]],
    ["card", "revocation_of_authorization", ["method"]],
    ["card", "authentication_required", ["confirm"]],
    ["bank", "insufficient_funds", [5, "over"]],
    ["bank", "R01", [5, "over"]],
    ["bank", "R09", [5, "over"]],
    ["bank", "no_account", ["method"]],
    ["bank", "R08", ["method"]],
    ["card", "canceled", [1, 1]],
  ] as const)("of a %s for %s", ([kind, code, steps]) => {
    for (const [i, step] of steps.entries()) {
      const after = afterFailure(kind, code, i + 1);
      expect(after.next === "wait" ? after.days : after.next).toBe(step);
    }
  });

  test("ends the permission for the codes that the networks say, and not for want of money", () => {
    for (const code of "R02 R03 R04 R05 R07 R08 R10 R11 R16 R20 R29 R31".split(" "))
      expect(endsPermission(code)).toBe(true);
    for (const code of ["R01", "R09", "insufficient_funds", "generic_decline", ""])
      expect(endsPermission(code)).toBe(false);
  });
});
