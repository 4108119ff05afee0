import { createHash } from "node:crypto";
import type Stripe from "stripe";
import { emit } from "./stripe-events.ts";
import { declined, wrongState } from "./stripe-failure.ts";
import { attach, newMandate, testBehind, traitsOf } from "./stripe-methods.ts";
import { type Bank, idOf, newId } from "./stripe-state.ts";

/** A SetupIntent: the customer's consent to keep a method, not yet confirmed. */
export function newSetup(
  bank: Bank,
  wish: {
    customer: string | null;
    method: string | null;
    types: string[];
    usage: "off_session" | "on_session";
    description: string | null;
    metadata: Record<string, string>;
  },
): Stripe.SetupIntent {
  const id = newId(bank, "seti");
  const setup = {
    id,
    object: "setup_intent",
    allowed_payment_method_types: wish.types,
    application: null,
    automatic_payment_methods: null,
    cancellation_reason: null,
    client_secret: `${id}_secret_${createHash("sha256").update(id).digest("hex").slice(0, 24)}`,
    created: bank.now(),
    customer: wish.customer,
    customer_account: null,
    description: wish.description,
    excluded_payment_method_types: null,
    flow_directions: null,
    last_setup_error: null,
    latest_attempt: null,
    livemode: false,
    mandate: null,
    metadata: wish.metadata,
    next_action: null,
    on_behalf_of: null,
    payment_method: wish.method,
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: wish.types,
    single_use_mandate: null,
    status: wish.method ? "requires_confirmation" : "requires_payment_method",
    usage: wish.usage,
  } satisfies Stripe.SetupIntent;
  bank.book.setupIntents[id] = setup;
  emit(bank, "setup_intent.created", setup);
  return setup;
}

/** For how long small deposits may be typed in, and how often wrongly. https://docs.stripe.com/payments/ach-direct-debit */
const DEPOSITS_SECONDS = 10 * 86_400;
const DEPOSITS_ARRIVE_SECONDS = 2 * 86_400;
const MOST_WRONG_DEPOSITS = 3;
/** In test mode these are always the right ones, and these the end of it at once. */
const RIGHT_DEPOSITS = [32, 45];
const HOPELESS_DEPOSITS = [10, 11];

const unexpected = (setup: Stripe.SetupIntent, message: string) =>
  wrongState("setup_intent_unexpected_state", message, { setup_intent: structuredClone(setup) });

/** Keeps the method for its customer, asks for 3-D Secure first where the card wants it, or is declined (402). */
export function confirmSetup(
  bank: Bank,
  setup: Stripe.SetupIntent,
  how: { returnUrl: string | null; mandate: boolean; byCheckout: boolean; deposits?: boolean },
): Stripe.SetupIntent {
  if (!how.byCheckout && bank.book.sessionOf[setup.id]) {
    throw unexpected(setup, "You cannot confirm a SetupIntent created by Checkout.");
  }
  if (!["requires_payment_method", "requires_confirmation", "requires_action"].includes(setup.status)) {
    throw unexpected(setup, `This SetupIntent's status is ${setup.status}; it cannot be confirmed.`);
  }
  const method = bank.book.methods[idOf(setup.payment_method) ?? ""];
  if (!method) throw unexpected(setup, "You cannot confirm this SetupIntent because it's missing a payment method.");
  if (!setup.payment_method_types.includes(method.type)) {
    throw unexpected(setup, `The PaymentMethod provided (${method.type}) is not allowed for this SetupIntent.`);
  }
  if (method.type === "us_bank_account" && !how.mandate) {
    throw wrongState("setup_intent_mandate_invalid", "A bank account needs mandate_data to be set up.", {
      param: "mandate_data",
    });
  }
  const test = testBehind(bank, method.id);
  if (test.refusedOnAttach && test.fate.outcome === "declines") {
    throw refuse(bank, setup, method, test.fate.code, test.fate.declineCode, test.fate.message);
  }
  if (method.type === "us_bank_account" && how.deposits) return sendDeposits(bank, setup);
  if (!test.authentication) return keep(bank, setup, method);
  setup.status = "requires_action";
  setup.next_action = how.returnUrl
    ? {
        type: "redirect_to_url",
        redirect_to_url: { url: `${bank.origin}/3ds/${setup.id}`, return_url: how.returnUrl },
      }
    : { type: "use_stripe_sdk", use_stripe_sdk: {} };
  emit(bank, "setup_intent.requires_action", setup);
  return setup;
}

/** Two small deposits are on their way; who can say how much they were owns the account. */
function sendDeposits(bank: Bank, setup: Stripe.SetupIntent): Stripe.SetupIntent {
  setup.status = "requires_action";
  setup.next_action = {
    type: "verify_with_microdeposits",
    verify_with_microdeposits: {
      arrival_date: bank.now() + DEPOSITS_ARRIVE_SECONDS,
      hosted_verification_url: `${bank.origin}/deposits/${setup.id}`,
      microdeposit_type: "amounts",
    },
  };
  bank.book.due.push({ at: bank.now() + DEPOSITS_SECONDS, does: "deposits_expire", setupId: setup.id });
  emit(bank, "setup_intent.requires_action", setup);
  return setup;
}

/** Whether a setup waits for its small deposits to be typed in. */
export const awaitsDeposits = (setup: Stripe.SetupIntent): boolean =>
  setup.status === "requires_action" && setup.next_action?.type === "verify_with_microdeposits";

/** Two amounts in cents are typed in. Answers whether they were right; too many wrong ones end the setup. */
export function typeDeposits(bank: Bank, setup: Stripe.SetupIntent, amounts: readonly number[]): boolean {
  const method = bank.book.methods[idOf(setup.payment_method) ?? ""];
  if (!awaitsDeposits(setup) || !method) throw unexpected(setup, "No deposits are waiting to be typed in.");
  const are = (wanted: readonly number[]) => [...amounts].sort((a, b) => a - b).join() === wanted.join();
  if (are(RIGHT_DEPOSITS)) {
    keep(bank, setup, method);
    return true;
  }
  const traits = traitsOf(bank, method.id);
  traits.wrongDeposits = (traits.wrongDeposits ?? 0) + 1;
  if (are(HOPELESS_DEPOSITS) || traits.wrongDeposits >= MOST_WRONG_DEPOSITS)
    endDeposits(bank, setup, "payment_method_microdeposit_verification_attempts_exceeded");
  return false;
}

/** The deposits were not typed in in time, or too often wrongly: the account is not kept. */
export function endDeposits(
  bank: Bank,
  setup: Stripe.SetupIntent,
  code:
    | "payment_method_microdeposit_verification_attempts_exceeded"
    | "payment_method_microdeposit_verification_timeout",
): void {
  const method = bank.book.methods[idOf(setup.payment_method) ?? ""];
  setup.status = "requires_payment_method";
  setup.payment_method = null;
  setup.next_action = null;
  setup.last_setup_error = {
    type: "invalid_request_error",
    code,
    message: "The bank account could not be verified.",
    ...(method ? { payment_method: structuredClone(method) } : {}),
  };
  emit(bank, "setup_intent.setup_failed", setup);
}

function keep(bank: Bank, setup: Stripe.SetupIntent, method: Stripe.PaymentMethod): Stripe.SetupIntent {
  if (setup.customer) attach(bank, method, idOf(setup.customer)!);
  traitsOf(bank, method.id).setUp = true;
  if (method.type === "us_bank_account") setup.mandate = newMandate(bank, method, true, 0).id;
  setup.status = "succeeded";
  setup.next_action = null;
  setup.last_setup_error = null;
  emit(bank, "setup_intent.succeeded", setup);
  return setup;
}

function refuse(
  bank: Bank,
  setup: Stripe.SetupIntent,
  method: Stripe.PaymentMethod,
  code: string,
  declineCode: string | undefined,
  message: string,
) {
  const error = { code, message, ...(declineCode ? { decline_code: declineCode } : {}) };
  setup.status = "requires_payment_method";
  setup.payment_method = null;
  setup.next_action = null;
  setup.last_setup_error = { type: "card_error", ...error, payment_method: structuredClone(method) };
  emit(bank, "setup_intent.setup_failed", setup);
  return declined({ ...error, setup_intent: structuredClone(setup) });
}

/** The customer came back from 3-D Secure. Throws the 402 when they failed it. */
export function setupAuthenticated(bank: Bank, setup: Stripe.SetupIntent, passed: boolean): Stripe.SetupIntent {
  const method = bank.book.methods[idOf(setup.payment_method) ?? ""];
  if (setup.status !== "requires_action" || awaitsDeposits(setup) || !method)
    throw unexpected(setup, "Nothing is waiting for 3-D Secure.");
  if (passed) return keep(bank, setup, method);
  throw refuse(
    bank,
    setup,
    method,
    "setup_intent_authentication_failure",
    undefined,
    "We are unable to authenticate your payment method. Please choose a different one and try again.",
  );
}

/** Ends a SetupIntent that has not succeeded. */
export function cancelSetup(
  bank: Bank,
  setup: Stripe.SetupIntent,
  reason: "abandoned" | "duplicate" | "requested_by_customer" | null,
  byCheckout = false,
): Stripe.SetupIntent {
  if (!byCheckout && bank.book.sessionOf[setup.id]) {
    throw unexpected(
      setup,
      "You cannot cancel a SetupIntent created by Checkout. Expire the Checkout Session instead.",
    );
  }
  if (["succeeded", "canceled", "processing"].includes(setup.status)) {
    throw unexpected(setup, `You cannot cancel this SetupIntent because it has a status of ${setup.status}.`);
  }
  setup.status = "canceled";
  setup.cancellation_reason = reason;
  setup.next_action = null;
  emit(bank, "setup_intent.canceled", setup);
  return setup;
}
