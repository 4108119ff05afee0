import { createHash } from "node:crypto";
import type Stripe from "stripe";
import { emit } from "./stripe-events.ts";
import { badParameter } from "./stripe-failure.ts";
import { type Bank, newId } from "./stripe-state.ts";

/** Stripe takes no less than this. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const LEAST_CENTS = 50;
const MOST_CENTS = 99_999_999;

/** Throws a 400 unless Stripe would take this amount. */
export function checkAmount(amount: number, param: string): void {
  if (amount < LEAST_CENTS) {
    throw badParameter(param, "The amount must be at least $0.50 usd.", "amount_too_small");
  }
  if (amount > MOST_CENTS) throw badParameter(param, "The amount is too large.", "amount_too_large");
}

type IntentWish = {
  amount: number;
  customer: string | null;
  method: string | null;
  types: string[];
  description: string | null;
  metadata: Record<string, string>;
  save: Stripe.PaymentIntent.SetupFutureUsage | null;
  manualCapture: boolean;
  receiptEmail: string | null;
};

/** A PaymentIntent that nobody has confirmed; no money moves. */
export function newIntent(bank: Bank, wish: IntentWish): Stripe.PaymentIntent {
  const id = newId(bank, "pi");
  const intent = {
    id,
    object: "payment_intent",
    allowed_payment_method_types: wish.types,
    amount: wish.amount,
    amount_capturable: 0,
    amount_received: 0,
    application: null,
    application_fee_amount: null,
    automatic_payment_methods: null,
    canceled_at: null,
    cancellation_reason: null,
    capture_method: wish.manualCapture ? "manual" : "automatic",
    client_secret: `${id}_secret_${createHash("sha256").update(id).digest("hex").slice(0, 24)}`,
    confirmation_method: "automatic",
    created: bank.now(),
    currency: "usd",
    customer: wish.customer,
    customer_account: null,
    description: wish.description,
    excluded_payment_method_types: null,
    last_payment_error: null,
    latest_charge: null,
    livemode: false,
    managed_payments: null,
    metadata: wish.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: wish.method,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: wish.types,
    payment_record: null,
    processing: null,
    receipt_email: wish.receiptEmail,
    review: null,
    setup_future_usage: wish.save,
    shipping: null,
    source: null,
    statement_descriptor: null,
    statement_descriptor_suffix: null,
    status: wish.method ? "requires_confirmation" : "requires_payment_method",
    transfer_group: null,
  } satisfies Stripe.PaymentIntent;
  bank.book.intents[id] = intent;
  emit(bank, "payment_intent.created", intent);
  return intent;
}
