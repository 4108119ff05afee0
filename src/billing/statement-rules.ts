import { daysBetween, type LocalDate, parseDate, plusDays } from "../calendar.ts";
import { type Cents, cents, sum } from "../money.ts";

/** What a statement lists: what is open, or all that happened. */
export type StatementKind = "open_item" | "balance_forward";

export type PeriodProblem = "from_unreadable" | "to_unreadable" | "backwards";

/** The days of a statement, both included. `whole`: up to today, and so all that is in the books by now. */
export type Period = { from: LocalDate; to: LocalDate; whole: boolean };

/**
 * The period that a form asks for. Left empty it ends today and begins with the month before the last; a day to come is
 * today, because nobody knows more than that.
 */
export function readPeriod(
  typed: { from: string; to: string },
  today: LocalDate,
): { ok: true; period: Period } | { ok: false; problem: PeriodProblem } {
  const to = typed.to.trim() === "" ? today : parseDate(typed.to);
  if (to === null) return { ok: false, problem: "to_unreadable" };
  const end = to > today ? today : to;
  const from = typed.from.trim() === "" ? twoMonthsBefore(end) : parseDate(typed.from);
  if (from === null) return { ok: false, problem: "from_unreadable" };
  if (from > to || from > today) return { ok: false, problem: "backwards" };
  return { ok: true, period: { from, to: end, whole: end === today } };
}

function twoMonthsBefore(day: LocalDate): LocalDate {
  const firstOf = (date: LocalDate) => `${date.slice(0, 8)}01` as LocalDate;
  const lastMonth = firstOf(plusDays(firstOf(day), -1));
  return firstOf(plusDays(lastMonth, -1));
}

/** How old an open balance is, by its due date; on the due date itself it is current. */
const AGES = ["current", "1-30", "31-60", "61-90", "90+"] as const;
export type Age = (typeof AGES)[number];

export function ageOf(dueOn: string, on: LocalDate): Age {
  const late = daysBetween(dueOn as LocalDate, on);
  if (late <= 0) return "current";
  if (late <= 30) return "1-30";
  if (late <= 60) return "31-60";
  return late <= 90 ? "61-90" : "90+";
}

/** What is open, summed up by age, every age once. Account credit is in none of them. */
export const ages = (
  days: readonly { dueOn: string; openCents: number }[],
  on: LocalDate,
): { age: Age; cents: Cents }[] =>
  AGES.map((age) => ({
    age,
    cents: sum(days.filter((day) => ageOf(day.dueOn, on) === age).map((day) => day.openCents)),
  }));

/** Gives each entry the balance after it. */
export function running<Entry extends { cents: number }>(
  entries: readonly Entry[],
  broughtForwardCents: number,
): (Entry & { balanceCents: Cents })[] {
  let balance = broughtForwardCents;
  return entries.map((entry) => {
    balance += entry.cents;
    return { ...entry, balanceCents: cents(balance) };
  });
}
