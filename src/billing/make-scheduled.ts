import { sql } from "drizzle-orm";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import { daysBetween, type LocalDate } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { idFor } from "../ids.ts";
import { letterAboutScheduled } from "../messaging/promise-letter.ts";
import { cents, sum } from "../money.ts";
import { payInvoices } from "./pay-invoices.ts";
import { LEAST_CHARGE_CENTS } from "./rules.ts";
import { scheduledById, scheduledLines } from "./scheduled-payments.ts";

/** Nobody expects a payment any more that is so many days late. */
const MOST_DAYS_LATE = 5;

/**
 * Makes a payment whose day has come, by the same way as any payment, with nobody there: what was chosen, as far as it is
 * still open. Twice is once. Where nothing is left to pay, or it cannot be made, whoever put it off gets a letter. Throws
 * DatabaseTrouble and VendorTrouble: then it is tried again as the same payment.
 */
export async function makeScheduled(deps: Deps, id: string): Promise<void> {
  const { db, today } = deps;
  const { found, lines } = await readAll(db, { found: scheduledById(db, id), lines: scheduledLines(db, id) });
  const row = found[0];
  if (row?.scheduled.state !== "waiting" || row.scheduled.payOn > today) return;
  const { scheduled, method } = row;
  const open = lines.filter((line) => line.cents > 0);
  const totalCents = sum(open.map((line) => line.cents));
  if (totalCents < LEAST_CHARGE_CENTS) return over(deps, scheduled, "canceled", "scheduled_not_needed");
  const cardsOff = method.kind === "card" && (!row.cards || open.some((line) => !line.cards));
  const late = daysBetween(scheduled.payOn as LocalDate, today) > MOST_DAYS_LATE;
  if (late || cardsOff || !row.usable || !row.mayPay) return over(deps, scheduled, "failed", "scheduled_not_made");
  const paymentId = await idFor("pay", scheduled.createdAt, `${id}:${totalCents}`);
  const result = await payInvoices(deps, {
    paymentId,
    plan: {
      lines: open.map((line) => ({ invoiceId: line.invoiceId, number: line.number, amountCents: cents(line.cents) })),
      extraCents: cents(0),
      totalCents,
    },
    method: { saved: method },
    account: row.account,
    userId: null,
    scheduledId: id,
    language: row.language ?? "en",
    unfinished: [],
    also: [
      sql`update scheduled_payments set state = 'started', payment_id = ${paymentId} where id = ${id} and state = 'waiting'`,
      mustHaveChanged("rows_matched"),
    ],
  });
  // Whatever else it came to: what was not started is listed again within the hour.
  if (result.result === "refused" && result.refusal === "method_gone")
    await over(deps, scheduled, "failed", "scheduled_not_made");
}

async function over(
  deps: Deps,
  { id, accountId }: { id: string; accountId: string },
  state: "canceled" | "failed",
  kind: "scheduled_not_needed" | "scheduled_not_made",
): Promise<void> {
  const { db, now } = deps;
  const letter = letterAboutScheduled(deps, id, kind);
  const done = await commit(
    db,
    now,
    { key: `scheduled.over:${id}`, action: `scheduled.${state}`, accountId, by: "sweep" },
    [
      sql`update scheduled_payments set state = ${state} where id = ${id} and state = 'waiting'`,
      mustHaveChanged("rows_matched"),
      letter.promise(),
    ],
  );
  if (done.result === "done") await letter.announce();
}
