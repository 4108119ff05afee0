import { createHash } from "node:crypto";
import type Stripe from "stripe";
import { emit } from "./stripe-events.ts";
import { badParameter, declined, missing, wrongState } from "./stripe-failure.ts";
import type { Fields } from "./stripe-fields.ts";
import { type Bank, newId, type Traits } from "./stripe-state.ts";
import { TEST_ROUTING_NUMBER, type TestMethod, testMethod } from "./stripe-test-methods.ts";

const NOBODY = { address: null, email: null, name: null, phone: null, tax_id: null };

/** The month and year on a card. */
export type Expiry = { month: number; year: number };

/** A new payment method with a test card or account behind it, attached to nobody. A card lasts three years more. */
export function newMethod(bank: Bank, test: TestMethod, expiry?: Expiry): Stripe.PaymentMethod {
  const fingerprint = createHash("sha256").update(`${bank.name}:${test.number}`).digest("hex").slice(0, 16);
  const method = {
    id: newId(bank, "pm"),
    object: "payment_method",
    allow_redisplay: "unspecified",
    billing_details: { ...NOBODY },
    created: bank.now(),
    customer: null,
    customer_account: null,
    livemode: false,
    metadata: {},
    type: test.kind,
    ...(test.kind === "card"
      ? {
          card: cardOf(
            test,
            fingerprint,
            expiry ?? { month: 12, year: new Date(bank.now() * 1000).getUTCFullYear() + 3 },
          ),
        }
      : { us_bank_account: accountOf(test, fingerprint) }),
  } satisfies Stripe.PaymentMethod;
  bank.book.methods[method.id] = method;
  bank.book.traits[method.id] = { token: test.token, setUp: false, usedUp: false, bounces: 0 };
  return method;
}

const cardOf = (test: TestMethod, fingerprint: string, expiry: Expiry) =>
  ({
    brand: test.brand,
    checks: { address_line1_check: null, address_postal_code_check: null, cvc_check: "pass" },
    country: "US",
    display_brand: test.brand,
    exp_month: expiry.month,
    exp_year: expiry.year,
    fingerprint,
    funding: test.funding,
    generated_from: null,
    last4: test.number.slice(-4),
    networks: { available: [test.brand], preferred: null },
    regulated_status: "unregulated",
    three_d_secure_usage: { supported: true },
    wallet: null,
  }) satisfies Stripe.PaymentMethod.Card;

const accountOf = (test: TestMethod, fingerprint: string) =>
  ({
    account_holder_type: "individual",
    account_type: "checking",
    bank_name: test.brand,
    financial_connections_account: null,
    fingerprint,
    last4: test.number.slice(-4),
    networks: { preferred: "ach", supported: ["ach"] },
    routing_number: TEST_ROUTING_NUMBER,
    status_details: {},
  }) satisfies Stripe.PaymentMethod.UsBankAccount;

/** The method that a parameter names: an existing one, or a new one for a magic id such as `pm_card_visa`. */
export function methodNamed(bank: Bank, id: string, param = "payment_method"): Stripe.PaymentMethod {
  const test = testMethod(id);
  const method = test ? newMethod(bank, test) : bank.book.methods[id];
  if (!method) throw missing("PaymentMethod", id, param);
  return method;
}

export const traitsOf = (bank: Bank, methodId: string): Traits => bank.book.traits[methodId]!;

/** The test card or account behind a method. */
export const testBehind = (bank: Bank, methodId: string): TestMethod => testMethod(traitsOf(bank, methodId).token)!;

/** Attaches a method to a customer; to the same one again is fine, to another is refused. */
export function attach(bank: Bank, method: Stripe.PaymentMethod, customerId: string): Stripe.PaymentMethod {
  if (!bank.book.customers[customerId]) throw missing("customer", customerId, "customer");
  if (method.customer === customerId) return method;
  if (method.customer || traitsOf(bank, method.id).usedUp) {
    throw wrongState(
      "payment_method_unexpected_state",
      "This PaymentMethod was used or attached before and may not be attached to this customer. Use a new one.",
    );
  }
  method.customer = customerId;
  emit(bank, "payment_method.attached", method);
  return method;
}

/** Attaching by request: the card network is asked first, and declining cards are refused with a 402. */
export function attachByRequest(bank: Bank, method: Stripe.PaymentMethod, customerId: string): Stripe.PaymentMethod {
  const { fate, refusedOnAttach } = testBehind(bank, method.id);
  if (refusedOnAttach && fate.outcome === "declines") {
    throw declined({ code: fate.code, decline_code: fate.declineCode, message: fate.message });
  }
  return attach(bank, method, customerId);
}

/** Takes a method away from its customer for good: it can never be attached or charged again. */
export function detach(bank: Bank, method: Stripe.PaymentMethod): Stripe.PaymentMethod {
  if (!method.customer) {
    throw wrongState(
      "payment_method_unexpected_state",
      "The payment method you provided is not attached to a customer so detachment is impossible.",
    );
  }
  method.customer = null;
  traitsOf(bank, method.id).usedUp = true;
  emit(bank, "payment_method.detached", method);
  return method;
}

/**
 * The card's bank has issued a new one under the same account, and the networks tell: another number, three more years.
 * https://docs.stripe.com/payments/cards/overview#automatic-card-updates
 */
export function renewCard(bank: Bank, method: Stripe.PaymentMethod): Stripe.PaymentMethod {
  const { card } = method;
  if (!card) throw wrongState("payment_method_unexpected_state", "Only a card is renewed.");
  card.exp_year += 3;
  card.last4 = String((Number(card.last4) + 1111) % 10_000).padStart(4, "0");
  emit(bank, "payment_method.automatically_updated", method);
  return method;
}

/** Reads `mandate_data`: whether the customer's acceptance came with the request. */
export function mandateGiven(fields: Fields): boolean {
  const acceptance = fields.child("mandate_data")?.child("customer_acceptance");
  if (!acceptance) return false;
  const type = acceptance.choice("type", ["online", "offline"]);
  if (!type) throw badParameter("mandate_data[customer_acceptance][type]", "Missing required param.");
  acceptance.whole("accepted_at");
  const online = acceptance.child("online");
  if (type === "online") {
    online?.required("ip_address");
    online?.required("user_agent");
    if (!online) throw badParameter("mandate_data[customer_acceptance][online]", "Missing required param.");
  } else acceptance.child("offline");
  return true;
}

/** Writes down that the customer allowed debits of a bank account. */
export function newMandate(bank: Bank, method: Stripe.PaymentMethod, reuse: boolean, amount: number): Stripe.Mandate {
  const mandate = {
    id: newId(bank, "mandate"),
    object: "mandate",
    customer_acceptance: {
      accepted_at: bank.now(),
      online: { ip_address: "127.0.0.1", user_agent: "Stripe stand-in" },
      type: "online",
    },
    livemode: false,
    ...(reuse ? { multi_use: {} } : { single_use: { amount, currency: "usd" } }),
    payment_method: method.id,
    payment_method_details: { type: "us_bank_account", us_bank_account: {} },
    status: "active",
    type: reuse ? "multi_use" : "single_use",
  } satisfies Stripe.Mandate;
  bank.book.mandates[mandate.id] = mandate;
  bank.book.mandateOf[method.id] = mandate.id;
  return mandate;
}

/** The mandate under which a method may be debited again, or null. */
export function standingMandate(bank: Bank, methodId: string): Stripe.Mandate | null {
  const mandate = bank.book.mandates[bank.book.mandateOf[methodId] ?? ""];
  return mandate?.type === "multi_use" && mandate.status === "active" ? mandate : null;
}

/** Ends a method's mandate, as the first return of a debit does. */
export function endMandate(bank: Bank, methodId: string): void {
  const mandate = bank.book.mandates[bank.book.mandateOf[methodId] ?? ""];
  if (mandate?.status !== "active") return;
  mandate.status = "inactive";
  emit(bank, "mandate.updated", mandate);
}

/**
 * Blocks a bank account after a return that says it is unusable, or after its second dispute.
 * https://docs.stripe.com/payments/ach-direct-debit/blocked-bank-accounts
 */
export function block(
  bank: Bank,
  methodId: string,
  blocked: Stripe.PaymentMethod.UsBankAccount.StatusDetails.Blocked,
): void {
  const method = bank.book.methods[methodId];
  if (!method?.us_bank_account) return;
  method.us_bank_account.status_details = { blocked };
  emit(bank, "payment_method.automatically_updated", method);
}
