import type Stripe from "stripe";
import { cents } from "../money.ts";
import type { ChargeOutcome, GivenMethod, PaidWith, SavedMethod } from "../ports.ts";

/** Where an intent stands, changing nothing. */
export function standing(intent: Stripe.PaymentIntent): ChargeOutcome {
  switch (intent.status) {
    case "succeeded":
      return { state: "settled", cents: cents(intent.amount_received), with: paidWith(intent), saved: savedBy(intent) };
    case "processing":
      return { state: "processing", with: paidWith(intent), saved: savedBy(intent) };
    case "canceled":
      return failed(intent, "canceled");
    case "requires_action": {
      const { redirect_to_url: redirect, verify_with_microdeposits: deposits } = intent.next_action ?? {};
      const url = redirect?.url ?? deposits?.hosted_verification_url;
      return url ? { state: "action", url } : { state: "unknown" };
    }
    case "requires_confirmation":
      return { state: "unconfirmed" };
    case "requires_payment_method":
      return intent.last_payment_error ? { state: "unknown" } : { state: "unconfirmed" };
    default:
      return { state: "unknown" };
  }
}

/** `failed`, with the bank's own code where there is one. The caller has made sure that no money can move any more. */
export function failed(intent: Stripe.PaymentIntent, otherwise: string): ChargeOutcome {
  const error = intent.last_payment_error;
  return { state: "failed", code: error?.decline_code ?? error?.code ?? otherwise, with: paidWith(intent) };
}

/** The method of the latest try; it is no longer on the intent once the try has failed. */
function methodOf(intent: Stripe.PaymentIntent): Stripe.PaymentMethod | null {
  const method = intent.payment_method ?? intent.last_payment_error?.payment_method;
  return typeof method === "object" ? method : null;
}

function paidWith(intent: Stripe.PaymentIntent): PaidWith | null {
  const { card, us_bank_account: bank } = chargeOf(intent)?.payment_method_details ?? methodOf(intent) ?? {};
  if (card?.last4) return { kind: "card", brand: card.brand ?? "card", lastFour: card.last4 };
  if (bank?.last4) return { kind: "bank", brand: bank.bank_name ?? "bank", lastFour: bank.last4 };
  return null;
}

const chargeOf = (intent: Stripe.PaymentIntent): Stripe.Charge | null =>
  typeof intent.latest_charge === "object" ? intent.latest_charge : null;

/** The method, when this very payment asked to keep it and Stripe has attached it to the customer. */
function savedBy(intent: Stripe.PaymentIntent): GivenMethod | null {
  const method = methodOf(intent);
  if (!method?.customer || intent.setup_future_usage !== "off_session") return null;
  const saved = savedMethodOf(method);
  const mandate = chargeOf(intent)?.payment_method_details?.us_bank_account?.mandate;
  return saved && { ...saved, mandateId: typeof mandate === "string" ? mandate : (mandate?.id ?? null) };
}

/** A method as it is kept; null when it is neither a card nor a bank account. */
export function savedMethodOf(method: Stripe.PaymentMethod): SavedMethod | null {
  const { card, us_bank_account: bank } = method;
  const shared = {
    paymentMethodId: method.id,
    expiresMonth: card?.exp_month ?? null,
    expiresYear: card?.exp_year ?? null,
  };
  if (card) {
    return { ...shared, kind: "card", brand: card.brand, lastFour: card.last4, fingerprint: card.fingerprint ?? null };
  }
  if (!bank?.last4) return null;
  const brand = bank.bank_name ?? "bank";
  return { ...shared, kind: "bank", brand, lastFour: bank.last4, fingerprint: bank.fingerprint };
}
