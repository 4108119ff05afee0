import type Stripe from "stripe";
import { businessDaysLater, finishRefund } from "./stripe-charges.ts";
import { debitEnded, expireSession } from "./stripe-checkout.ts";
import { dispute } from "./stripe-disputes.ts";
import { wrongState } from "./stripe-failure.ts";
import { clear } from "./stripe-intents.ts";
import { block, testBehind } from "./stripe-methods.ts";
import { awaitsDeposits, endDeposits } from "./stripe-setups.ts";
import { type Bank, type Due, idOf } from "./stripe-state.ts";

/**
 * Ends a bank debit that is on its way: as its test account is meant to (`code` undefined), settled (`null`), or failed
 * for a reason. An account that the bank calls unusable is blocked, and one that is meant to bounce does so a business
 * day later.
 */
export function endDebit(bank: Bank, intent: Stripe.PaymentIntent, code?: string | null): void {
  const methodId = idOf(intent.payment_method) ?? "";
  const fate = bank.book.methods[methodId] ? testBehind(bank, methodId).fate : null;
  const verdict = code !== undefined ? code : fate?.outcome === "fails" ? fate.code : null;
  clear(bank, intent, verdict);
  debitEnded(bank, intent);
  const chargeId = idOf(intent.latest_charge)!;
  if (fate?.outcome === "fails" && verdict === fate.code && fate.networkCode && fate.reason) {
    block(bank, methodId, { network_code: fate.networkCode, reason: fate.reason });
  }
  if (fate?.outcome === "is_disputed" && verdict === null) {
    const at = businessDaysLater(bank.now(), 1);
    bank.book.due.push({ at, does: "dispute", chargeId, reason: fate.reason });
  }
}

/** The customer's bank takes settled money back. */
export function bounce(bank: Bank, intent: Stripe.PaymentIntent, reason: string, amount?: number): Stripe.Dispute {
  const charge = bank.book.charges[idOf(intent.latest_charge) ?? ""];
  if (!charge) throw wrongState("charge_not_disputable", "Nothing was charged.");
  return dispute(bank, charge, reason, amount);
}

/** Does what has come due by itself; requests whose sender has gone are carried out by the caller. */
export function comeDue(bank: Bank, due: Exclude<Due, { does: "request" }>): void {
  switch (due.does) {
    case "clear": {
      const intent = bank.book.intents[due.intentId];
      if (intent?.status === "processing") endDebit(bank, intent);
      return;
    }
    case "dispute": {
      const charge = bank.book.charges[due.chargeId];
      if (charge && !charge.disputed) dispute(bank, charge, due.reason);
      return;
    }
    case "expire": {
      const session = bank.book.sessions[due.sessionId];
      if (session?.status === "open") expireSession(bank, session);
      return;
    }
    case "deposits_expire": {
      const setup = bank.book.setupIntents[due.setupId];
      if (setup && awaitsDeposits(setup)) endDeposits(bank, setup, "payment_method_microdeposit_verification_timeout");
      return;
    }
    case "refund":
      finishRefund(bank, due.refundId);
      return;
  }
}

/** The bank's own sums, in cents. */
export type Totals = { captured: number; refunded: number; disputed: number; processing: number };

/** What was taken, given back, taken back by customers' banks, and is on its way, over one account's whole life. */
export function totals(bank: Bank): Totals {
  const sum = (values: number[]) => values.reduce((total, value) => total + value, 0);
  return {
    captured: sum(Object.values(bank.book.charges).map((charge) => charge.amount_captured)),
    refunded: sum(
      Object.values(bank.book.refunds)
        .filter((refund) => refund.status !== "failed" && refund.status !== "canceled")
        .map((refund) => refund.amount),
    ),
    disputed: sum(Object.values(bank.book.disputes).map((one) => (one.status === "won" ? 0 : one.amount))),
    processing: sum(
      Object.values(bank.book.intents).map((intent) => (intent.status === "processing" ? intent.amount : 0)),
    ),
  };
}
