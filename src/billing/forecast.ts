import { daysBetween, type LocalDate, plusDays } from "../calendar.ts";
import { type Cents, cents, sum } from "../money.ts";
import { dayIn, lastDayOfNotice, monthOf, monthsAfter, nextDraftDays } from "./draft-day-rules.ts";

/** What the coming drafts will probably be. Pure: no clock, no database. */

/** The recurring charges of one month that was invoiced, and the last day of it on which one was. */
export type RecurringMonth = { cents: number; lastIssuedOn: string };

/** What recurs: so much, every so many months, invoiced last on a day. Null where there is nothing to go by. */
export type Usual = { cents: Cents; everyMonths: number | null; lastIssuedOn: LocalDate };

/** Invoices come a few days early or late, so months are counted by their length. */
const monthsBetween = (earlier: string, later: string): number =>
  Math.max(1, Math.round(daysBetween(earlier as LocalDate, later as LocalDate) / 30.44));

/** What an account's invoices of the last year say of its recurring charges; `months` are the latest first. */
export function usualCharges(months: readonly RecurringMonth[]): Usual | null {
  const [last, before] = months;
  if (!last) return null;
  return {
    cents: cents(last.cents),
    everyMonths: before ? monthsBetween(before.lastIssuedOn, last.lastIssuedOn) : null,
    lastIssuedOn: last.lastIssuedOn as LocalDate,
  };
}

/** A coming draft: what is open now will be in it, or what is usual is expected by then; or nothing. */
export type Forecast = { on: LocalDate; cents: Cents; from: "open" | "estimate" | "nothing" };

/** The next drafts with what each will probably be: the first from what is open, the others from what is usual. */
export function forecast(p: {
  today: LocalDate;
  day: number;
  from: LocalDate | null;
  /** Months that have their draft already. */
  taken: readonly string[];
  openCents: number;
  usual: Usual | null;
  count: number;
}): Forecast[] {
  const days = nextDraftDays(p.today, p.day, p.from, p.taken, p.count);
  let since = p.today;
  return days.map((on, i) => {
    const until = lastDayOfNotice(on);
    const expected = p.usual ? expectedCents(p.usual, since, until) : 0;
    if (until > since) since = until;
    const total = cents(expected + (i === 0 ? p.openCents : 0));
    return { on, cents: total, from: total === 0 ? "nothing" : expected > 0 ? "estimate" : "open" };
  });
}

/** What is invoiced after one day and until another, if all goes on as usual. */
function expectedCents({ cents: amount, everyMonths, lastIssuedOn }: Usual, since: LocalDate, until: LocalDate): Cents {
  if (!everyMonths) return cents(0);
  const issued: number[] = [];
  for (let month = monthsAfter(monthOf(lastIssuedOn), everyMonths); ; month = monthsAfter(month, everyMonths)) {
    const on = plusDays(`${month}-01` as LocalDate, Math.min(dayIn(lastIssuedOn), 28) - 1);
    if (on > until) return sum(issued);
    if (on > since) issued.push(amount);
  }
}
