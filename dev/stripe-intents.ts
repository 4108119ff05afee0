import type Stripe from "stripe";
import { businessDaysLater, newCharge } from "./stripe-charges.ts";
import { dispute } from "./stripe-disputes.ts";
import { emit } from "./stripe-events.ts";
import { badParameter, declined, wrongState } from "./stripe-failure.ts";
import { attach, newMandate, standingMandate, testBehind, traitsOf } from "./stripe-methods.ts";
import { type Bank, idOf } from "./stripe-state.ts";

/** https://docs.stripe.com/payments/ach-direct-debit: success or failure within four business days. */
const CLEARING_BUSINESS_DAYS = 4;

type Confirmation = { offSession: boolean; returnUrl: string | null; mandate: boolean; byCheckout: boolean };

const unexpected = (intent: Stripe.PaymentIntent, message: string) =>
  wrongState("payment_intent_unexpected_state", message, { payment_intent: structuredClone(intent) });

/** Refuses what the API may not do to an intent that belongs to a checkout. */
function notOfCheckout(bank: Bank, intent: Stripe.PaymentIntent, verb: string): void {
  if (bank.book.sessionOf[intent.id]) {
    throw unexpected(
      intent,
      `You cannot ${verb} a PaymentIntent created by Checkout. To cancel, expire the Checkout Session instead.`,
    );
  }
}

/**
 * Tries to take the money with the intent's method. A card succeeds, wants 3-D Secure, or is declined (throws a 402
 * with the intent back at `requires_payment_method`); a bank account goes to `processing`.
 */
export function confirm(bank: Bank, intent: Stripe.PaymentIntent, how: Confirmation): Stripe.PaymentIntent {
  if (!how.byCheckout) notOfCheckout(bank, intent, "confirm");
  if (!["requires_payment_method", "requires_confirmation", "requires_action"].includes(intent.status)) {
    throw unexpected(intent, `This PaymentIntent's status is ${intent.status}; it cannot be confirmed.`);
  }
  const method = bank.book.methods[idOf(intent.payment_method) ?? ""];
  if (!method) {
    throw unexpected(intent, "You cannot confirm this PaymentIntent because it's missing a payment method.");
  }
  checkMethod(bank, intent, method, how);
  const { authentication } = testBehind(bank, method.id);
  const { setUp } = traitsOf(bank, method.id);
  const asks = authentication === "always" || (authentication === "until_set_up" && !(how.offSession && setUp));
  if (!asks) return take(bank, intent, method);
  if (how.offSession) {
    throw decline(bank, intent, method, {
      code: "authentication_required",
      declineCode: "authentication_required",
      message: "Your card was declined. This transaction requires authentication.",
    });
  }
  intent.status = "requires_action";
  const url = `${bank.origin}/3ds/${intent.id}`;
  intent.next_action = how.returnUrl
    ? { type: "redirect_to_url", redirect_to_url: { url, return_url: how.returnUrl } }
    : { type: "use_stripe_sdk", use_stripe_sdk: {} };
  emit(bank, "payment_intent.requires_action", intent);
  return intent;
}

function checkMethod(bank: Bank, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod, how: Confirmation): void {
  if (!intent.payment_method_types.includes(method.type)) {
    throw unexpected(intent, `The PaymentMethod provided (${method.type}) is not allowed for this PaymentIntent.`);
  }
  if (method.customer && method.customer !== intent.customer) {
    throw unexpected(intent, "The PaymentMethod belongs to a Customer other than this PaymentIntent's.");
  }
  if (traitsOf(bank, method.id).usedUp) {
    throw unexpected(intent, "The provided PaymentMethod was used before without a Customer, or was detached.");
  }
  if (method.type !== "us_bank_account") return;
  if (method.us_bank_account?.status_details?.blocked) {
    throw decline(bank, intent, method, {
      code: "bank_account_unusable",
      message: "The bank account cannot be debited. Use another payment method.",
    });
  }
  if (how.mandate) newMandate(bank, method, intent.setup_future_usage !== null, intent.amount);
  else if (!standingMandate(bank, method.id)) {
    throw wrongState(
      "payment_intent_mandate_invalid",
      "This bank account has no active mandate: set it up with a SetupIntent (mandate_data) or Checkout, or send mandate_data.",
      { payment_intent: structuredClone(intent) },
    );
  }
}

/** Charges for certain: 3-D Secure is done or was not asked for. */
function take(bank: Bank, intent: Stripe.PaymentIntent, method: Stripe.PaymentMethod): Stripe.PaymentIntent {
  const { fate } = testBehind(bank, method.id);
  if (method.type === "card" && fate.outcome === "declines") throw decline(bank, intent, method, fate);
  intent.next_action = null;
  intent.last_payment_error = null;
  if (intent.setup_future_usage && intent.customer) {
    traitsOf(bank, method.id).setUp = true;
    attach(bank, method, idOf(intent.customer)!);
  }
  if (!method.customer) traitsOf(bank, method.id).usedUp = true;
  if (method.type === "us_bank_account") {
    intent.status = "processing";
    const charge = newCharge(bank, intent, method, "pending");
    if (fate.outcome !== "stays") {
      const at = businessDaysLater(bank.now(), CLEARING_BUSINESS_DAYS);
      bank.book.due.push({ at, does: "clear", intentId: intent.id });
    }
    emit(bank, "charge.pending", charge);
    emit(bank, "payment_intent.processing", intent);
    return intent;
  }
  const charge = newCharge(bank, intent, method, "succeeded");
  emit(bank, "charge.succeeded", charge);
  if (intent.capture_method === "manual") {
    intent.status = "requires_capture";
    intent.amount_capturable = intent.amount;
    emit(bank, "payment_intent.amount_capturable_updated", intent);
    return intent;
  }
  received(bank, intent, intent.amount);
  if (fate.outcome === "is_disputed") dispute(bank, charge, fate.reason);
  return intent;
}

function received(bank: Bank, intent: Stripe.PaymentIntent, amount: number): void {
  intent.status = "succeeded";
  intent.amount_received = amount;
  intent.amount_capturable = 0;
  emit(bank, "payment_intent.succeeded", intent);
}

/** Puts the intent back to where a new method may be tried, and answers the 402 to throw. */
function decline(
  bank: Bank,
  intent: Stripe.PaymentIntent,
  method: Stripe.PaymentMethod,
  why: { code: string; declineCode?: string; message: string },
) {
  const charge = newCharge(bank, intent, method, "failed", { ...why, reason: why.declineCode ?? null });
  const error = {
    charge: charge.id,
    code: why.code,
    ...(why.declineCode ? { decline_code: why.declineCode } : {}),
    message: why.message,
    payment_method: structuredClone(method),
  };
  failed(bank, intent, charge, error);
  return declined({ ...error, payment_intent: structuredClone(intent) });
}

/** The end of a try: `requires_payment_method` with the reason, and its events. */
function failed(
  bank: Bank,
  intent: Stripe.PaymentIntent,
  charge: Stripe.Charge | null,
  error: Omit<Stripe.PaymentIntent.LastPaymentError, "type">,
): void {
  intent.status = "requires_payment_method";
  intent.payment_method = null;
  intent.next_action = null;
  intent.last_payment_error = { type: "card_error", ...error };
  if (charge) emit(bank, "charge.failed", charge);
  emit(bank, "payment_intent.payment_failed", intent);
}

/** The customer came back from 3-D Secure. Throws the 402 when the card is declined or the customer failed it. */
export function authenticated(bank: Bank, intent: Stripe.PaymentIntent, passed: boolean): Stripe.PaymentIntent {
  const method = bank.book.methods[idOf(intent.payment_method) ?? ""];
  if (intent.status !== "requires_action" || !method) throw unexpected(intent, "Nothing is waiting for 3-D Secure.");
  if (passed) return take(bank, intent, method);
  const error = {
    code: "payment_intent_authentication_failure",
    message: "We are unable to authenticate your payment method. Please choose a different one and try again.",
    payment_method: structuredClone(method),
  };
  failed(bank, intent, null, error);
  throw declined({ ...error, payment_intent: structuredClone(intent) });
}

/** A processing bank debit reaches its end. `code` null: the money is here. */
export function clear(bank: Bank, intent: Stripe.PaymentIntent, code: string | null): void {
  const charge = bank.book.charges[idOf(intent.latest_charge) ?? ""];
  const method = bank.book.methods[idOf(intent.payment_method) ?? ""];
  if (intent.status !== "processing" || !charge || !method) {
    throw unexpected(intent, `This PaymentIntent's status is ${intent.status}; no bank debit is on its way.`);
  }
  bank.book.due = bank.book.due.filter((one) => one.does !== "clear" || one.intentId !== intent.id);
  if (code === null) {
    Object.assign(charge, { status: "succeeded", paid: true, captured: true, amount_captured: charge.amount });
    emit(bank, "charge.succeeded", charge);
    received(bank, intent, intent.amount);
    return;
  }
  const message = `The bank did not pay: ${code.replaceAll("_", " ")}.`;
  Object.assign(charge, { status: "failed", failure_code: code, failure_message: message });
  failed(bank, intent, charge, { charge: charge.id, code, message, payment_method: structuredClone(method) });
}

/** Ends an intent for good. Only one whose money has not moved and is not moving. */
export function cancel(
  bank: Bank,
  intent: Stripe.PaymentIntent,
  reason: Stripe.PaymentIntent.CancellationReason | null,
  byCheckout = false,
): Stripe.PaymentIntent {
  if (!byCheckout && intent.status !== "requires_capture") notOfCheckout(bank, intent, "cancel");
  if (["succeeded", "processing", "canceled"].includes(intent.status)) {
    throw unexpected(intent, `You cannot cancel this PaymentIntent because it has a status of ${intent.status}.`);
  }
  const charge = bank.book.charges[idOf(intent.latest_charge) ?? ""];
  if (intent.status === "requires_capture" && charge) {
    Object.assign(charge, { refunded: true, amount_refunded: charge.amount });
    emit(bank, "charge.refunded", charge);
  }
  intent.status = "canceled";
  intent.canceled_at = bank.now();
  intent.cancellation_reason = reason;
  intent.amount_capturable = 0;
  intent.next_action = null;
  emit(bank, "payment_intent.canceled", intent);
  return intent;
}

/** Takes what a manual confirmation has reserved, once; what is left of it is released. */
export function capture(bank: Bank, intent: Stripe.PaymentIntent, wanted: number | undefined): Stripe.PaymentIntent {
  const charge = bank.book.charges[idOf(intent.latest_charge) ?? ""];
  if (intent.status !== "requires_capture" || !charge) {
    throw unexpected(intent, `This PaymentIntent's status is ${intent.status}; it cannot be captured.`);
  }
  const amount = wanted ?? intent.amount_capturable;
  if (amount < 1 || amount > intent.amount_capturable) {
    throw badParameter("amount_to_capture", "The amount to capture is more than what is capturable.");
  }
  Object.assign(charge, { captured: true, amount_captured: amount, amount_refunded: charge.amount - amount });
  emit(bank, "charge.captured", charge);
  received(bank, intent, amount);
  return intent;
}
