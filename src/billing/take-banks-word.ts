import { sql } from "drizzle-orm";
import { holds, invoices } from "../../db/schema.ts";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { receiptOf } from "../messaging/promise-letter.ts";
import { VendorTrouble } from "../ports.ts";
import { moveMoney, movesBack } from "./allocations.ts";
import { applyCredits } from "./apply-credits.ts";
import { checkPayment } from "./check-payment.ts";
import { paymentUnderWay } from "./close-payment.ts";
import { ledgerLine } from "./ledger-lines.ts";
import { refOf } from "./pay-invoices.ts";
import { compare } from "./reckon.ts";
import { applyRefunds } from "./settle-refund.ts";

/** `agreed`: both say the same now. `differs`: what is left needs a person's hands. `away`: the bank gave no answer. */
export type BanksWord = "agreed" | "differs" | "away" | "unknown";

/**
 * Asks the vendor afresh about a payment and records what it says, where that takes nothing away from anybody: an
 * outcome that we did not know, refunds that it has made, and money that is here although it was called failed. A
 * disagreement that is over by that is closed.
 */
export async function takeBanksWord(deps: Deps, paymentId: string, by: string): Promise<BanksWord> {
  const { db, now } = deps;
  const { found } = await readAll(db, { found: paymentUnderWay(db, paymentId) });
  const payment = found[0];
  if (!payment) return "unknown";
  try {
    await checkPayment(deps, paymentId, by);
    const vendor = await deps.ports.payments.look(refOf(payment));
    if (!vendor) return "differs";
    if (payment.state === "failed" && vendor.state === "settled" && vendor.cents === payment.amountCents) {
      await revive(deps, paymentId, payment.accountId, payment.amountCents, by);
    }
    await applyRefunds(deps, paymentId, vendor.refunds);
    const agreed = await compare(deps, [vendor]);
    if (!agreed.has(paymentId)) return "differs";
  } catch (error) {
    if (error instanceof VendorTrouble) return "away";
    throw error;
  }
  const change = {
    key: `reckoning.settled:${paymentId}:${now}`,
    action: "reckoning.settled",
    accountId: payment.accountId,
    by,
  };
  await commit(db, now, change, [
    sql`update payments set review_reason = null where id = ${paymentId} and state in ('settled', 'failed')`,
    sql`update worklist set closed_at = ${now} where closed_at is null
        and id in (${`payment_disagreed:${paymentId}`}, ${`payment_unclear:${paymentId}`}, ${`reckoning_differs:${paymentId}`})`,
  ]);
  return "agreed";
}

/** Money that was called failed is here after all: onto the invoices that it was for, as far as they still owe it. */
async function revive(
  deps: Deps,
  paymentId: string,
  accountId: string,
  amountCents: number,
  by: string,
): Promise<void> {
  const { db, now, today } = deps;
  const { held } = await readAll(db, {
    held: db
      .select({
        invoiceId: holds.invoiceId,
        cents: holds.amountCents,
        roomCents: sql<number>`case ${invoices.status} when 'sent' then ${invoices.totalCents} - ${invoices.allocatedCents} - ${invoices.heldCents} else 0 end`,
      })
      .from(holds)
      .innerJoin(invoices, sql`${invoices.id} = ${holds.invoiceId}`)
      .where(sql`${holds.paymentId} = ${paymentId}`)
      .orderBy(invoices.dueOn, invoices.number),
  });
  const key = `payment.revived:${paymentId}`;
  const receipt = receiptOf(deps, { id: paymentId, accountId });
  const { result } = await commit(db, now, { key, action: "payment.revived", accountId, by }, [
    sql`update payments set state = 'settled', failure_code = null, closed_at = ${now}, paid_on = ${today}, review_reason = null
        where id = ${paymentId} and state = 'failed'`,
    mustHaveChanged("rows_matched"),
    ...moveMoney(movesBack(paymentId, held, amountCents), key, now),
    ...ledgerLine("payment", paymentId, accountId, amountCents, now),
    ...receipt.writes,
  ]);
  if (result !== "done") return;
  await receipt.announce();
  await applyCredits(deps, accountId, by);
}
