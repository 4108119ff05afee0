import { sql } from "drizzle-orm";
import { type Commit, commit, type Write } from "../batch.ts";
import type { Instant, LocalDate } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import type { Cents } from "../money.ts";
import { noMoreThanBrought } from "./allocations.ts";
import { applyCredits } from "./apply-credits.ts";
import { ledgerLine } from "./ledger-lines.ts";

export type GiveCredit = {
  creditId: string;
  accountId: string;
  cents: Cents;
  reason: string;
  by: string;
  /** The payment instead of whose refund it is given: then no more than is left of that. */
  paymentId?: string | null;
};

/**
 * Gives an account a credit, once for each id, and uses it at once where the dealer has that done by itself. The reason
 * is what the customer reads.
 */
export async function giveCredit(deps: Deps, credit: GiveCredit): Promise<Commit["result"]> {
  const { db, now, today } = deps;
  const { creditId, accountId, cents, reason, by, paymentId = null } = credit;
  const change = {
    key: `credit.given:${creditId}`,
    action: "credit.given",
    accountId,
    by,
    detail: { cents, reason, paymentId },
  };
  const { result } = await commit(db, now, change, creditWrites(credit, today, now));
  if (result === "done") await applyCredits(deps, accountId, by);
  return result;
}

/** The rows of a credit that the office gives: itself, and its line for the dealer's accounting. */
export const creditWrites = (
  { creditId, accountId, cents, reason, by, paymentId = null }: GiveCredit,
  today: LocalDate,
  now: Instant,
): Write[] => [
  sql`insert into credits (id, account_id, reason, by, payment_id, issued_on, amount_cents)
      values (${creditId}, ${accountId}, ${reason}, ${by}, ${paymentId}, ${today}, ${cents})`,
  ...(paymentId ? [noMoreThanBrought(paymentId)] : []),
  ...ledgerLine("credit", creditId, accountId, cents, now),
];
