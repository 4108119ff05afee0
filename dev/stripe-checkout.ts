import type Stripe from "stripe";
import { emit } from "./stripe-events.ts";
import { badParameter, StripeFailure, wrongState } from "./stripe-failure.ts";
import { cancel, confirm } from "./stripe-intents.ts";
import { checkAmount, newIntent } from "./stripe-make-intent.ts";
import { type Expiry, newMethod } from "./stripe-methods.ts";
import { awaitsDeposits, cancelSetup, confirmSetup, newSetup } from "./stripe-setups.ts";
import { type Bank, idOf, newId, type SessionPlan } from "./stripe-state.ts";
import type { TestMethod } from "./stripe-test-methods.ts";

const SHORTEST_SECONDS = 30 * 60;
const LONGEST_SECONDS = 24 * 3600;

type SessionWish = {
  mode: "payment" | "setup";
  customer: string | null;
  amount: number | null;
  types: string[];
  clientReference: string | null;
  metadata: Record<string, string>;
  locale: string | null;
  successUrl: string;
  cancelUrl: string | null;
  expiresAt: number | null;
  billingAddress: "auto" | "required" | null;
  setupMetadata: Record<string, string>;
  plan: SessionPlan;
};

/**
 * Opens a hosted checkout. Stripe's clock runs on while the request travels, so exactly thirty minutes ahead is refused
 * here, as it is there. A payment's intent is made when the customer first submits, a setup's at once.
 * https://docs.stripe.com/api/checkout/sessions/create
 */
export function openSession(bank: Bank, wish: SessionWish): Stripe.Checkout.Session {
  const expiresAt = wish.expiresAt ?? bank.now() + LONGEST_SECONDS;
  const ahead = expiresAt - bank.now();
  if (ahead <= SHORTEST_SECONDS || ahead > LONGEST_SECONDS) {
    throw badParameter(
      "expires_at",
      "The `expires_at` timestamp must be more than 30 minutes and at most 24 hours from Checkout Session creation.",
    );
  }
  if (wish.amount !== null) checkAmount(wish.amount, "line_items");
  const id = newId(bank, "cs_test", 58);
  const customer = bank.book.customers[wish.customer ?? ""];
  const session = {
    id,
    object: "checkout.session",
    adaptive_pricing: { enabled: false },
    after_expiration: null,
    allow_promotion_codes: null,
    allowed_payment_method_types: wish.types,
    amount_subtotal: wish.amount,
    amount_total: wish.amount,
    automatic_tax: { enabled: false, liability: null, provider: null, status: null },
    billing_address_collection: wish.billingAddress,
    cancel_url: wish.cancelUrl,
    client_reference_id: wish.clientReference,
    client_secret: null,
    collected_information: null,
    consent: null,
    consent_collection: null,
    created: bank.now(),
    currency: "usd",
    currency_conversion: null,
    custom_fields: [],
    custom_text: { after_submit: null, shipping_address: null, submit: null, terms_of_service_acceptance: null },
    customer: wish.customer,
    customer_account: null,
    customer_creation: null,
    customer_details: {
      address: null,
      business_name: null,
      email: customer?.email ?? null,
      individual_name: null,
      name: customer?.name ?? null,
      phone: null,
      tax_exempt: "none",
      tax_ids: [],
    },
    customer_email: null,
    discounts: [],
    expires_at: expiresAt,
    integration_identifier: null,
    invoice: null,
    invoice_creation: null,
    livemode: false,
    locale: wish.locale,
    managed_payments: null,
    metadata: wish.metadata,
    mode: wish.mode,
    origin_context: null,
    payment_intent: null,
    payment_link: null,
    payment_method_collection: "always",
    payment_method_configuration_details: null,
    payment_method_options: {},
    payment_method_types: wish.types,
    payment_status: wish.mode === "setup" ? "no_payment_required" : "unpaid",
    permissions: null,
    recovered_from: null,
    saved_payment_method_options: null,
    setup_intent: null,
    shipping_address_collection: null,
    shipping_cost: null,
    shipping_options: [],
    status: "open",
    submit_type: null,
    subscription: null,
    success_url: wish.successUrl,
    total_details: { amount_discount: 0, amount_shipping: 0, amount_tax: 0 },
    ui_mode: "hosted_page",
    url: `${bank.origin}/c/pay/${id}`,
    wallet_options: null,
  } satisfies Stripe.Checkout.Session;
  const opened: Stripe.Checkout.Session = session;
  bank.book.sessions[id] = opened;
  bank.book.sessionPlans[id] = wish.plan;
  bank.book.due.push({ at: expiresAt, does: "expire", sessionId: id });
  if (wish.mode === "setup") {
    const setup = newSetup(bank, {
      customer: wish.customer,
      method: null,
      types: wish.types,
      usage: "off_session",
      description: wish.plan.description,
      metadata: wish.setupMetadata,
    });
    bank.book.sessionOf[setup.id] = id;
    opened.setup_intent = setup.id;
  }
  return opened;
}

/** Closes an open checkout: nobody can pay through it any more, and its intent is canceled. */
export function expireSession(bank: Bank, session: Stripe.Checkout.Session): Stripe.Checkout.Session {
  if (session.status !== "open") {
    const message = `Only Checkout Sessions with a status in ["open"] can be expired. This Checkout Session has a status of \`${session.status}\`.`;
    throw new StripeFailure(400, { type: "invalid_request_error", message }, true);
  }
  const intent = bank.book.intents[idOf(session.payment_intent) ?? ""];
  const setup = bank.book.setupIntents[idOf(session.setup_intent) ?? ""];
  if (intent) cancel(bank, intent, "expired", true);
  if (setup) cancelSetup(bank, setup, null, true);
  session.status = "expired";
  session.url = null;
  emit(bank, "checkout.session.expired", session);
  return session;
}

/**
 * The customer submits a card or account on the hosted page. Afterwards the session is complete, or its intent waits
 * for 3-D Secure. Throws the 402 of a decline; the session then stays open for another try.
 */
export function submit(
  bank: Bank,
  session: Stripe.Checkout.Session,
  test: TestMethod,
  typed: { expiry?: Expiry; address?: Stripe.Address; deposits?: boolean } = {},
): Stripe.Checkout.Session {
  if (session.status !== "open") {
    throw wrongState("checkout_session_unexpected_state", `This Checkout Session is ${session.status}.`);
  }
  const method = newMethod(bank, test, typed.expiry);
  const customer = bank.book.customers[idOf(session.customer) ?? ""];
  method.billing_details = {
    ...method.billing_details,
    name: customer?.name ?? null,
    email: customer?.email ?? null,
    address: typed.address ?? null,
  };
  const returnUrl = session.success_url?.replaceAll("{CHECKOUT_SESSION_ID}", session.id) ?? null;
  if (session.mode === "setup") {
    const setup = bank.book.setupIntents[idOf(session.setup_intent)!]!;
    setup.payment_method = method.id;
    confirmSetup(bank, setup, { returnUrl, mandate: true, byCheckout: true, deposits: typed.deposits });
    if (setup.status === "succeeded" || awaitsDeposits(setup)) completeSession(bank, session);
    return session;
  }
  const plan = bank.book.sessionPlans[session.id]!;
  const intent = bank.book.intents[idOf(session.payment_intent) ?? ""] ?? intentFor(bank, session, plan);
  intent.payment_method = method.id;
  confirm(bank, intent, { offSession: false, returnUrl, mandate: true, byCheckout: true });
  if (intent.status !== "requires_action") completeSession(bank, session);
  return session;
}

function intentFor(bank: Bank, session: Stripe.Checkout.Session, plan: SessionPlan): Stripe.PaymentIntent {
  const intent = newIntent(bank, {
    amount: session.amount_total!,
    customer: idOf(session.customer),
    method: null,
    types: session.payment_method_types,
    description: plan.description,
    metadata: { ...plan.metadata },
    save: plan.save ? "off_session" : null,
    manualCapture: false,
    receiptEmail: null,
  });
  bank.book.sessionOf[intent.id] = session.id;
  session.payment_intent = intent.id;
  return intent;
}

/** The customer is done with the hosted page; a bank debit may still be on its way. */
export function completeSession(bank: Bank, session: Stripe.Checkout.Session): void {
  const intent = bank.book.intents[idOf(session.payment_intent) ?? ""];
  session.status = "complete";
  session.url = null;
  if (intent?.status === "succeeded") session.payment_status = "paid";
  emit(bank, "checkout.session.completed", session);
}

/** Tells the session that its bank debit has cleared or failed. */
export function debitEnded(bank: Bank, intent: Stripe.PaymentIntent): void {
  const session = bank.book.sessions[bank.book.sessionOf[intent.id] ?? ""];
  if (!session) return;
  if (intent.status === "succeeded") session.payment_status = "paid";
  emit(
    bank,
    intent.status === "succeeded"
      ? "checkout.session.async_payment_succeeded"
      : "checkout.session.async_payment_failed",
    session,
  );
}
