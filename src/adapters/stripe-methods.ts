import type Stripe from "stripe";
import { type MethodKind, type MethodNews, type Payments, type SetupOutcome, VendorTrouble } from "../ports.ts";
import { clear, isMissing, isRefusal } from "./stripe-answers.ts";
import type { StripeClient } from "./stripe-client.gen.js";
import { savedMethodOf } from "./stripe-outcome.ts";

/** What Stripe calls our kinds of methods. */
export const TYPES: Record<MethodKind, "card" | "us_bank_account"> = { card: "card", bank: "us_bank_account" };

const SETUP_PARTS = ["payment_method"];
const SESSION_PARTS = ["setup_intent.payment_method"];

/**
 * Methods kept for later: Checkout in setup mode, whose intent is for use off session unless told otherwise. Bank accounts
 * are verified at once, or by small deposits for whoever would rather not sign in to their bank there. Every session and
 * intent holds `setup_id` in its metadata. https://docs.stripe.com/payments/save-and-reuse
 */
export function stripeMethods(
  stripe: StripeClient,
): Pick<Payments, "openSetup" | "setupOutcome" | "detachMethod" | "methodNews"> {
  const retrieveSession = (id: string) => stripe.checkout.sessions.retrieve(id, { expand: SESSION_PARTS });

  async function setupNews(intentId: string): Promise<MethodNews | null> {
    const intent = await stripe.setupIntents.retrieve(intentId, { expand: SETUP_PARTS });
    const setupId = intent.metadata?.setup_id;
    if (!setupId) return null;
    const outcome = ofIntent(intent);
    // While its page is open, a declined card may be followed by another: only the page's own end tells.
    const undecided = outcome.state === "unknown" || (outcome.state === "failed" && !isAboutDeposits(outcome.code));
    return undecided ? null : { kind: "setup", setupId, outcome };
  }

  async function sessionNews(checkoutId: string): Promise<MethodNews | null> {
    const session = await retrieveSession(checkoutId);
    const setupId = session.metadata?.setup_id;
    return setupId ? { kind: "setup", setupId, outcome: ofSession(session) } : null;
  }

  async function keptNews(paymentMethodId: string): Promise<MethodNews | null> {
    const method = await stripe.paymentMethods.retrieve(paymentMethodId);
    if (!method.customer) return { kind: "unusable", paymentMethodId, reason: "detached" };
    const saved = savedMethodOf(method);
    const block = method.us_bank_account?.status_details?.blocked;
    return saved && { kind: "refreshed", saved, blocked: block ? (block.reason ?? "bank_account_unusable") : null };
  }

  async function mandateNews(mandateId: string): Promise<MethodNews | null> {
    const mandate = await stripe.mandates.retrieve(mandateId);
    const { payment_method: method } = mandate;
    // A card needs none, and a pending one may still become active.
    if (mandate.status !== "inactive" || mandate.type !== "multi_use") return null;
    return {
      kind: "unusable",
      paymentMethodId: typeof method === "string" ? method : method.id,
      reason: "mandate_ended",
    };
  }

  /** A customer who has been deleted is still told of, with nothing but that. */
  async function customerNews(customerId: string): Promise<MethodNews | null> {
    const customer = await stripe.customers.retrieve(customerId);
    return customer.deleted ? { kind: "customer_gone", customerId } : null;
  }

  function newsOf(type: string, objectId: string): Promise<MethodNews | null> | null {
    switch (type) {
      case "setup_intent.succeeded":
      case "setup_intent.setup_failed":
      case "setup_intent.requires_action":
      case "setup_intent.canceled":
        return setupNews(objectId);
      case "checkout.session.completed":
      case "checkout.session.expired":
        return sessionNews(objectId);
      case "payment_method.automatically_updated":
      case "payment_method.updated":
      case "payment_method.detached":
        return keptNews(objectId);
      case "customer.deleted":
        return customerNews(objectId);
      case "mandate.updated":
        return mandateNews(objectId);
      default:
        return null;
    }
  }

  return {
    async openSetup({ setupId, customerId, kind, returnTo, language, expiresAt }) {
      const session = await clear(() =>
        stripe.checkout.sessions.create(
          {
            mode: "setup",
            customer: customerId,
            client_reference_id: setupId,
            currency: "usd",
            allowed_payment_method_types: [TYPES[kind]],
            billing_address_collection: "required",
            setup_intent_data: { metadata: { setup_id: setupId } },
            metadata: { setup_id: setupId },
            locale: language,
            success_url: returnTo,
            cancel_url: returnTo,
            expires_at: expiresAt,
          },
          { idempotencyKey: `ss:${setupId}` },
        ),
      );
      if (!session.url) throw new VendorTrouble("stripe", new Error("a checkout without an address"));
      const intent = session.setup_intent;
      const setupIntentId = typeof intent === "string" ? intent : (intent?.id ?? null);
      return { checkoutId: session.id, setupIntentId, url: session.url };
    },

    async setupOutcome(checkoutId) {
      try {
        return ofSession(await retrieveSession(checkoutId));
      } catch {
        return { state: "unknown" };
      }
    },

    async detachMethod(paymentMethodId) {
      try {
        await clear(() => stripe.paymentMethods.detach(paymentMethodId));
      } catch (trouble) {
        // It is attached to nobody, or unknown there: what was wanted.
        if (!(trouble instanceof VendorTrouble && isRefusal(trouble.cause))) throw trouble;
      }
    },

    async methodNews({ type, objectId }) {
      if (objectId === "") return null;
      try {
        const news = await newsOf(type, objectId);
        if (news?.kind === "setup" && news.outcome.state === "unknown") throw new Error("no clear outcome yet");
        return news;
      } catch (trouble) {
        if (isMissing(trouble)) return null;
        throw new VendorTrouble("stripe", trouble);
      }
    },
  };
}

const isAboutDeposits = (code: string): boolean =>
  code === "canceled" || code.startsWith("payment_method_microdeposit");

/** While the page is open, it decides; its intent does once the customer has left it. */
function ofSession(session: Stripe.Checkout.Session): SetupOutcome {
  if (session.status === "open") return session.url ? { state: "open", url: session.url } : { state: "unknown" };
  const intent = typeof session.setup_intent === "object" ? session.setup_intent : null;
  if (session.status === "complete" && intent) return ofIntent(intent);
  return session.status === "expired" ? { state: "failed", code: "checkout_expired" } : { state: "unknown" };
}

function ofIntent(intent: Stripe.SetupIntent): SetupOutcome {
  const method = typeof intent.payment_method === "object" ? intent.payment_method : null;
  switch (intent.status) {
    case "succeeded": {
      const saved = method && savedMethodOf(method);
      const { mandate } = intent;
      const mandateId = typeof mandate === "string" ? mandate : (mandate?.id ?? null);
      return saved ? { state: "done", saved: { ...saved, mandateId } } : { state: "unknown" };
    }
    case "requires_action": {
      const url = intent.next_action?.verify_with_microdeposits?.hosted_verification_url;
      const bank = method?.us_bank_account;
      if (!url) return { state: "unknown" };
      return { state: "verifying", url, brand: bank?.bank_name ?? "", lastFour: bank?.last4 ?? "" };
    }
    case "canceled":
      return { state: "failed", code: "canceled" };
    case "requires_payment_method":
      return intent.last_setup_error
        ? { state: "failed", code: intent.last_setup_error.code ?? "declined" }
        : { state: "unknown" };
    default:
      return { state: "unknown" };
  }
}
