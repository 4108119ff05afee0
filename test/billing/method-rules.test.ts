import { describe, expect, test } from "vitest";
import { expiry, kindsTaken, lastDay, monthsToWarn, warningDue } from "../../src/billing/method-rules.ts";
import { daysBetween, type LocalDate, plusDays } from "../../src/calendar.ts";

const card = (year: number, month: number) => ({ expiresYear: year, expiresMonth: month });
const on = (date: string) => date as LocalDate;
const BANK = { expiresYear: null, expiresMonth: null };

describe("a card's last day", () => {
  test("is the last of its month, in leap years too; a bank account has none", () => {
    expect(lastDay(card(2026, 12))).toBe("2026-12-31");
    expect(lastDay(card(2027, 2))).toBe("2027-02-28");
    expect(lastDay(card(2028, 2))).toBe("2028-02-29");
    expect(lastDay(card(2027, 4))).toBe("2027-04-30");
    expect(lastDay(BANK)).toBeNull();
  });

  test("is near from 30 days before it, and past on the day after", () => {
    expect(expiry(card(2026, 12), on("2026-11-30"))).toBe("fine");
    expect(expiry(card(2026, 12), on("2026-12-01"))).toBe("expiring");
    expect(expiry(card(2026, 12), on("2026-12-31"))).toBe("expiring");
    expect(expiry(card(2026, 12), on("2027-01-01"))).toBe("expired");
    expect(expiry(BANK, on("2099-01-01"))).toBe("fine");
  });

  test("is warned of 30 and 7 days ahead, also when nights were missed, and not after it", () => {
    expect(warningDue(card(2026, 12), on("2026-11-30"))).toBeNull();
    expect(warningDue(card(2026, 12), on("2026-12-01"))).toBe(30);
    expect(warningDue(card(2026, 12), on("2026-12-23"))).toBe(30);
    expect(warningDue(card(2026, 12), on("2026-12-24"))).toBe(7);
    expect(warningDue(card(2026, 12), on("2026-12-31"))).toBe(7);
    expect(warningDue(card(2026, 12), on("2027-01-01"))).toBeNull();
    expect(warningDue(BANK, on("2026-12-31"))).toBeNull();
  });
});

test("the months that are looked through hold every card that is due for a warning, on every day of five years", () => {
  const missed: string[] = [];
  for (let day = on("2026-01-01"); day < "2031-01-01"; day = plusDays(day, 1)) {
    const { from, to } = monthsToWarn(day);
    for (let ahead = -2; ahead < 40; ahead += 3) {
      const month = plusDays(day, ahead);
      const [year, number] = [Number(month.slice(0, 4)), Number(month.slice(5, 7))];
      const looked = inside({ year, month: number }, from, to);
      if ((warningDue(card(year, number), day) !== null) !== looked) missed.push(`${day} ${month}`);
    }
    expect(daysBetween(day, lastDay(card(to.year, to.month))!)).toBeLessThanOrEqual(30);
  }
  expect(missed).toEqual([]);
});

type Month = { year: number; month: number };
const inside = (one: Month, from: Month, to: Month) => {
  const number = ({ year, month }: Month) => year * 12 + month;
  return number(one) >= number(from) && number(one) <= number(to);
};

test("cards are taken unless the dealer, the customer or one of the invoices says no", () => {
  const both = { cardPayments: true, bankPayments: true };
  const yes = { cardPayments: true };
  const no = { cardPayments: false };
  expect(kindsTaken(both, yes)).toEqual(["card", "bank"]);
  expect(kindsTaken(both, yes, [yes, yes])).toEqual(["card", "bank"]);
  expect(kindsTaken(both, yes, [yes, no])).toEqual(["bank"]);
  expect(kindsTaken(both, no, [yes])).toEqual(["bank"]);
  expect(kindsTaken({ cardPayments: false, bankPayments: true }, yes)).toEqual(["bank"]);
  expect(kindsTaken({ cardPayments: true, bankPayments: false }, yes)).toEqual(["card"]);
  expect(kindsTaken({ cardPayments: true, bankPayments: false }, no)).toEqual([]);
});
