import { daysBetween, type LocalDate, plusDays } from "../calendar.ts";

/** What a card or a bank account on file may be used for, and until when. Pure. */

type Kind = "card" | "bank";

/**
 * The kinds that an account may pay with: what the dealer takes, less cards where they are switched off for this customer
 * or for one of the invoices.
 */
export function kindsTaken(
  settings: { cardPayments: boolean; bankPayments: boolean },
  account: { cardPayments: boolean },
  invoices: readonly { cardPayments: boolean }[] = [],
): Kind[] {
  const cards = settings.cardPayments && account.cardPayments && invoices.every((invoice) => invoice.cardPayments);
  return [...(cards ? (["card"] as const) : []), ...(settings.bankPayments ? (["bank"] as const) : [])];
}

/** How many days before a card's last day its owner is told, the first time and the second. */
export const WARNING_DAYS = [30, 7] as const;

type Dated = { expiresMonth: number | null; expiresYear: number | null };

/** The last day on which a card can be charged: cards live to the end of their month. Null for what never expires. */
export function lastDay({ expiresMonth, expiresYear }: Dated): LocalDate | null {
  if (expiresMonth === null || expiresYear === null) return null;
  const next = expiresMonth === 12 ? [expiresYear + 1, 1] : [expiresYear, expiresMonth + 1];
  return plusDays(`${next[0]}-${String(next[1]).padStart(2, "0")}-01` as LocalDate, -1);
}

/** Whether a card is past its last day, or nearer to it than the first warning. `today` is the dealer's local date. */
export function expiry(method: Dated, today: LocalDate): "fine" | "expiring" | "expired" {
  const last = lastDay(method);
  if (last === null) return "fine";
  const left = daysBetween(today, last);
  return left < 0 ? "expired" : left <= WARNING_DAYS[0] ? "expiring" : "fine";
}

/** Which warning a card is due for: the nearest whose time has come, so that a night missed is made up for. */
export function warningDue(method: Dated, today: LocalDate): (typeof WARNING_DAYS)[number] | null {
  const last = lastDay(method);
  const left = last === null ? -1 : daysBetween(today, last);
  return left < 0 ? null : (WARNING_DAYS.findLast((days) => left <= days) ?? null);
}

/** The months, both included, whose cards are due for a warning: this one, to the last one that ends in time. */
export function monthsToWarn(today: LocalDate): { from: Month; to: Month } {
  const from = monthOf(today);
  const beyond = monthOf(plusDays(today, WARNING_DAYS[0] + 1));
  const to = beyond.month === 1 ? { year: beyond.year - 1, month: 12 } : { year: beyond.year, month: beyond.month - 1 };
  return { from, to };
}

type Month = { year: number; month: number };
const monthOf = (date: LocalDate): Month => ({ year: Number(date.slice(0, 4)), month: Number(date.slice(5, 7)) });
