import type Stripe from "stripe";
import { emit } from "./stripe-events.ts";
import { missing, StripeFailure, wrongState } from "./stripe-failure.ts";
import { type Bank, idOf, newId } from "./stripe-state.ts";

const DAY = 86_400;
/** The bank will not take a credit for a debit older than this. https://docs.stripe.com/payments/ach-direct-debit */
const BANK_REFUND_WINDOW_SECONDS = 180 * DAY;

/** The same time of day a number of weekdays later; bank holidays are not known here. */
export function businessDaysLater(from: number, days: number): number {
  let at = from;
  for (let left = days; left > 0; ) {
    at += DAY;
    const weekday = new Date(at * 1000).getUTCDay();
    if (weekday !== 0 && weekday !== 6) left -= 1;
  }
  return at;
}

/** One try to take an intent's money with a method. */
export function newCharge(
  bank: Bank,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  status: "succeeded" | "pending" | "failed",
  failure: { code: string; message: string; reason: string | null } | null = null,
): Stripe.Charge {
  const captured = status === "succeeded" && intent.capture_method !== "manual";
  const charge = {
    id: newId(bank, method.type === "card" ? "ch" : "py"),
    object: "charge",
    amount: intent.amount,
    amount_captured: captured ? intent.amount : 0,
    amount_refunded: 0,
    application: null,
    application_fee: null,
    application_fee_amount: null,
    balance_transaction: null,
    billing_details: { ...method.billing_details },
    calculated_statement_descriptor: null,
    captured,
    created: bank.now(),
    currency: intent.currency,
    customer: idOf(intent.customer),
    description: intent.description,
    disputed: false,
    failure_balance_transaction: null,
    failure_code: failure?.code ?? null,
    failure_message: failure?.message ?? null,
    fraud_details: {},
    livemode: false,
    metadata: { ...intent.metadata },
    on_behalf_of: null,
    outcome: {
      advice_code: null,
      network_advice_code: null,
      network_decline_code: null,
      network_status: failure ? "declined_by_network" : "approved_by_network",
      reason: failure?.reason ?? null,
      seller_message: failure ? "The bank did not accept this payment." : "Payment complete.",
      type: failure ? "issuer_declined" : "authorized",
    },
    paid: status === "succeeded",
    payment_intent: intent.id,
    payment_method: method.id,
    payment_method_details: detailsOf(bank, intent, method),
    receipt_email: intent.receipt_email,
    receipt_number: null,
    receipt_url: null,
    refunded: false,
    review: null,
    shipping: null,
    source: null,
    source_transfer: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status,
    transfer_data: null,
    transfer_group: null,
  } satisfies Stripe.Charge;
  bank.book.charges[charge.id] = charge;
  intent.latest_charge = charge.id;
  return charge;
}

function detailsOf(
  bank: Bank,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
): Stripe.Charge.PaymentMethodDetails {
  const { card, us_bank_account: account } = method;
  if (card) {
    return {
      type: "card",
      card: {
        amount_authorized: intent.amount,
        authorization_code: null,
        brand: card.brand,
        checks: card.checks,
        country: card.country,
        electronic_commerce_indicator: null,
        exp_month: card.exp_month,
        exp_year: card.exp_year,
        fingerprint: card.fingerprint ?? null,
        funding: card.funding,
        installments: null,
        last4: card.last4,
        mandate: null,
        network: card.brand,
        network_transaction_id: null,
        regulated_status: "unregulated",
        three_d_secure: null,
        transaction_link_id: null,
        wallet: null,
      },
    };
  }
  return {
    type: "us_bank_account",
    us_bank_account: {
      account_holder_type: "individual",
      account_type: "checking",
      bank_name: account?.bank_name ?? null,
      fingerprint: account?.fingerprint ?? null,
      last4: account?.last4 ?? null,
      mandate: bank.book.mandateOf[method.id],
      payment_reference: null,
      routing_number: account?.routing_number ?? null,
    },
  };
}

const refundsOf = (bank: Bank, charge: Stripe.Charge): number =>
  Object.values(bank.book.refunds)
    .filter((refund) => refund.charge === charge.id && refund.status !== "failed" && refund.status !== "canceled")
    .reduce((sum, refund) => sum + refund.amount, 0);

/** Gives money back: never more than was taken, never while disputed; a bank debit only whole, in three days. */
export function refund(
  bank: Bank,
  charge: Stripe.Charge,
  wanted: { amount: number | undefined; reason: string | undefined; metadata: Record<string, string> },
): Stripe.Refund {
  if (charge.status !== "succeeded" || !charge.captured) {
    throw wrongState("charge_not_refundable", `The charge ${charge.id} has not succeeded and cannot be refunded.`);
  }
  if (Object.values(bank.book.disputes).some((one) => idOf(one.charge) === charge.id && one.status !== "won"))
    throw wrongState("charge_disputed", `Charge ${charge.id} has been charged back; it cannot be refunded.`);
  const left = charge.amount_captured - refundsOf(bank, charge);
  if (left === 0) throw wrongState("charge_already_refunded", `Charge ${charge.id} has already been refunded.`);
  const amount = wanted.amount ?? left;
  if (amount < 1) throw wrongState("parameter_invalid_integer", "Invalid positive integer", { param: "amount" });
  if (amount > left) {
    throw wrongState(
      "amount_too_large",
      `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`,
      { param: "amount" },
    );
  }
  const byBank = charge.payment_method_details?.type === "us_bank_account";
  if (byBank && amount !== charge.amount_captured) {
    throw wrongState("charge_not_refundable", "Bank debits can only be refunded whole.", { param: "amount" });
  }
  if (byBank && bank.now() - charge.created > BANK_REFUND_WINDOW_SECONDS) {
    throw wrongState("charge_not_refundable", "Bank debits can be refunded for 180 days.");
  }
  const made = {
    id: newId(bank, "re"),
    object: "refund",
    amount,
    balance_transaction: null,
    charge: charge.id,
    created: bank.now(),
    currency: charge.currency,
    customer: idOf(charge.customer),
    customer_account: null,
    metadata: wanted.metadata,
    payment_intent: idOf(charge.payment_intent),
    payment_method: charge.payment_method,
    reason: wanted.reason ?? null,
    receipt_number: null,
    source_transfer_reversal: null,
    status: byBank ? "pending" : "succeeded",
    transfer_reversal: null,
  } satisfies Stripe.Refund;
  bank.book.refunds[made.id] = made;
  sumUp(bank, charge);
  if (byBank) bank.book.due.push({ at: businessDaysLater(bank.now(), 3), does: "refund", refundId: made.id });
  emit(bank, "refund.created", made);
  emit(bank, "charge.refunded", charge);
  return made;
}

function sumUp(bank: Bank, charge: Stripe.Charge): void {
  charge.amount_refunded = charge.amount - charge.amount_captured + refundsOf(bank, charge);
  charge.refunded = charge.amount_refunded === charge.amount;
}

/** A refund to a bank account arrives. */
export function finishRefund(bank: Bank, refundId: string): void {
  const made = bank.book.refunds[refundId];
  if (made?.status !== "pending") return;
  made.status = "succeeded";
  emit(bank, "refund.updated", made);
}

/** A refund comes back: the account is gone. A card's can too, days after it had succeeded. https://docs.stripe.com/refunds#failed-refunds */
export function failRefund(bank: Bank, refundId: string, reason: string): Stripe.Refund {
  const made = bank.book.refunds[refundId];
  if (!made || made.status === "failed") throw wrongState("refund_over", "There is no such refund that could fail.");
  made.status = "failed";
  made.failure_reason = reason;
  const charge = bank.book.charges[idOf(made.charge) ?? ""];
  if (charge) sumUp(bank, charge);
  emit(bank, "refund.updated", made);
  emit(bank, "refund.failed", made);
  return made;
}

/** The charge that a refund request means, by its id or its intent's. */
export function chargeMeant(bank: Bank, chargeId: string | undefined, intentId: string | undefined): Stripe.Charge {
  if ((chargeId === undefined) === (intentId === undefined)) {
    throw new StripeFailure(
      400,
      { type: "invalid_request_error", message: "One of the params must be provided: charge or payment_intent." },
      false,
    );
  }
  const intent = intentId === undefined ? undefined : bank.book.intents[intentId];
  if (intentId !== undefined && !intent) throw missing("payment_intent", intentId, "payment_intent");
  const id = chargeId ?? idOf(intent?.latest_charge);
  const charge = bank.book.charges[id ?? ""];
  if (charge) return charge;
  if (chargeId !== undefined) throw missing("charge", chargeId, "charge");
  throw wrongState("charge_not_refundable", "This PaymentIntent does not have a successful charge to refund.");
}
