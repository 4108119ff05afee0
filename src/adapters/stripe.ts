import type Stripe from "stripe";
import { type ChargeOutcome, type ChargeRef, type PaymentNews, type Payments, VendorTrouble } from "../ports.ts";
import { clear, isMissing, isRefusal } from "./stripe-answers.ts";
import { errors, StripeClient } from "./stripe-client.gen.js";
import { stripeMethods, TYPES } from "./stripe-methods.ts";
import { failed, standing } from "./stripe-outcome.ts";
import { stripeRefunds } from "./stripe-refunds.ts";

/** Confirming a card takes Stripe a few seconds; past this the outcome is asked for later. */
const TIMEOUT_MS = 20_000;
const CUSTOMER_KEYS = ["cus", "cus2", "cus3"];
/** https://docs.stripe.com/webhooks#replay-prevention */
const SIGNATURE_TOLERANCE_SECONDS = 300;

const INTENT_PARTS = ["payment_method", "latest_charge"];
const SESSION_PARTS = ["payment_intent.payment_method", "payment_intent.latest_charge"];

/**
 * Money through Stripe: PaymentIntents for saved methods, hosted Checkout for new ones, one Stripe account per dealer.
 * Keys: `cus:`, `pi:`, `cf:`, `cs:`, `ss:`, `re:` and our id. Canceling and expiring carry none: doing them twice is harmless, while a
 * 500 saved under a key would be replayed for a day. Every intent and checkout holds `payment_id` in its metadata.
 * `apiBase` is a stand-in's origin, or null for Stripe. https://docs.stripe.com/api/idempotent_requests
 */
export function stripePayments(config: {
  secretKey: string;
  webhookSecret: string;
  apiBase: string | null;
  fetch?: typeof fetch;
}): Payments {
  const stripe = new StripeClient(config.secretKey, {
    httpClient: StripeClient.createFetchHttpClient(config.fetch),
    maxNetworkRetries: 0,
    timeout: TIMEOUT_MS,
    telemetry: false,
    ...(config.apiBase ? addressOf(config.apiBase) : {}),
  });

  const retrieveIntent = (id: string) => stripe.paymentIntents.retrieve(id, { expand: INTENT_PARTS });

  /**
   * Created from the id alone, so that a changed name or address never mismatches the key. A 500 may be saved under its
   * key for a day; then the next key is asked, in the same row for everybody, so that an account has one customer.
   */
  async function customerOf(accountId: string, [key, ...more]: string[]): Promise<Stripe.Customer> {
    try {
      const idempotencyKey = `${key}:${accountId}`;
      return await stripe.customers.create({ metadata: { account_id: accountId } }, { idempotencyKey });
    } catch (trouble) {
      if (!(trouble instanceof errors.StripeAPIError) || more.length === 0) throw trouble;
      return customerOf(accountId, more);
    }
  }

  /** Where an intent of ours stands. A declined one is canceled here, before it is called failed. */
  async function ofIntent(intent: Stripe.PaymentIntent): Promise<ChargeOutcome> {
    if (intent.status !== "requires_payment_method" || !intent.last_payment_error) return standing(intent);
    return giveUp(intent, "declined");
  }

  /** Cancels an intent, and only then calls it failed, for the reason it had before. */
  async function giveUp(intent: Stripe.PaymentIntent, code: string): Promise<ChargeOutcome> {
    try {
      await stripe.paymentIntents.cancel(intent.id, { cancellation_reason: "abandoned" });
    } catch (refusal) {
      if (!isRefusal(refusal)) throw refusal;
      return standing(await retrieveIntent(intent.id));
    }
    return failed(intent, code);
  }

  /** A checkout's own intent can be neither confirmed nor canceled through the API, so here the session decides. */
  function ofSession(session: Stripe.Checkout.Session): ChargeOutcome {
    const intent = typeof session.payment_intent === "object" ? session.payment_intent : null;
    if (session.status === "open") return session.url ? { state: "action", url: session.url } : { state: "unknown" };
    if (intent && intent.status !== "requires_payment_method" && intent.status !== "canceled") return standing(intent);
    if (session.status === "expired") return { state: "failed", code: "checkout_expired", with: null };
    return session.status === "complete" && intent ? failed(intent, "declined") : { state: "unknown" };
  }

  async function ask({ intentId, checkoutId }: ChargeRef): Promise<ChargeOutcome> {
    if (checkoutId) return ofSession(await stripe.checkout.sessions.retrieve(checkoutId, { expand: SESSION_PARTS }));
    if (intentId) return ofIntent(await retrieveIntent(intentId));
    // Ids are stored before anything can be confirmed or visited, so nothing is under way.
    return { state: "unconfirmed" };
  }

  async function end(ref: ChargeRef): Promise<ChargeOutcome> {
    const { intentId, checkoutId } = ref;
    try {
      if (checkoutId) return ofSession(await stripe.checkout.sessions.expire(checkoutId, { expand: SESSION_PARTS }));
      if (intentId) {
        const canceled = { cancellation_reason: "abandoned" as const, expand: INTENT_PARTS };
        return standing(await stripe.paymentIntents.cancel(intentId, canceled));
      }
    } catch (refusal) {
      if (isRefusal(refusal)) return ask(ref);
      throw refusal;
    }
    return { state: "failed", code: "canceled", with: null };
  }

  async function intentNews(intentId: string): Promise<PaymentNews | null> {
    const intent = await retrieveIntent(intentId);
    const paymentId = intent.metadata.payment_id;
    if (!paymentId) return null;
    if (intent.status !== "requires_payment_method") return { paymentId, kind: "outcome", outcome: standing(intent) };
    const sessions = await stripe.checkout.sessions.list({ payment_intent: intentId, limit: 1 });
    const checkoutId = sessions.data[0]?.id ?? null;
    return { paymentId, kind: "outcome", outcome: await ask({ paymentId, intentId, checkoutId }) };
  }

  async function checkoutNews(checkoutId: string): Promise<PaymentNews | null> {
    const session = await stripe.checkout.sessions.retrieve(checkoutId, { expand: SESSION_PARTS });
    const paymentId = session.metadata?.payment_id;
    if (!paymentId || session.mode !== "payment") return null;
    return { paymentId, kind: "outcome", outcome: ofSession(session) };
  }

  const { backNews, ...refunds } = stripeRefunds(stripe);

  return {
    ...stripeMethods(stripe),
    ...refunds,

    async createCustomer({ accountId, name, email }) {
      for (const [i, key] of CUSTOMER_KEYS.entries()) {
        const customer = await clear(() => customerOf(accountId, CUSTOMER_KEYS.slice(i)));
        try {
          await clear(() => stripe.customers.update(customer.id, { name, ...(email ? { email } : {}) }));
          return customer.id;
        } catch (trouble) {
          // The customer whom this key still answers with has been deleted since.
          const gone = trouble instanceof VendorTrouble && isMissing(trouble.cause);
          if (!gone || key === CUSTOMER_KEYS.at(-1)) throw trouble;
        }
      }
      throw new Error("there are no keys for customers");
    },

    async prepareCharge({ paymentId, cents, customerId, paymentMethodId, description }) {
      const intent = await clear(() =>
        stripe.paymentIntents.create(
          {
            amount: cents,
            currency: "usd",
            customer: customerId,
            payment_method: paymentMethodId,
            allowed_payment_method_types: ["card", "us_bank_account"],
            description,
            metadata: { payment_id: paymentId },
          },
          { idempotencyKey: `pi:${paymentId}` },
        ),
      );
      return { intentId: intent.id };
    },

    confirmCharge: ({ paymentId, intentId, returnTo }) =>
      honest(async () => {
        try {
          const intent = await stripe.paymentIntents.confirm(
            intentId,
            { ...(returnTo ? { return_url: returnTo } : { off_session: true }), expand: INTENT_PARTS },
            { idempotencyKey: `cf:${paymentId}:${intentId}` },
          );
          // A replayed answer is what was true the first time; since then the customer may have been to 3-D Secure.
          const replayed = new Headers(intent.lastResponse.headers).get("idempotent-replayed") === "true";
          return await ofIntent(replayed ? await retrieveIntent(intentId) : intent);
        } catch (refusal) {
          // Turned away at the door, before anything was looked at. https://docs.stripe.com/rate-limits
          if (refusal instanceof errors.StripeRateLimitError) return { state: "unconfirmed" };
          if (!isRefusal(refusal)) throw refusal;
          const now = await retrieveIntent(intentId);
          // Not even tried: the method was detached, or the bank account's mandate has ended.
          return now.status === "requires_confirmation" ? giveUp(now, codeOf(refusal)) : ofIntent(now);
        }
      }),

    async openCheckout({ paymentId, cents, customerId, description, kinds, save, returnTo, language, expiresAt }) {
      const session = await clear(() =>
        stripe.checkout.sessions.create(
          {
            mode: "payment",
            customer: customerId,
            client_reference_id: paymentId,
            allowed_payment_method_types: kinds.map((kind) => TYPES[kind]),
            line_items: [
              { quantity: 1, price_data: { currency: "usd", unit_amount: cents, product_data: { name: description } } },
            ],
            payment_intent_data: {
              description,
              metadata: { payment_id: paymentId },
              ...(save ? { setup_future_usage: "off_session" } : {}),
            },
            metadata: { payment_id: paymentId },
            locale: language,
            success_url: returnTo,
            cancel_url: returnTo,
            expires_at: expiresAt,
          },
          { idempotencyKey: `cs:${paymentId}` },
        ),
      );
      if (!session.url) throw new VendorTrouble("stripe", new Error("a checkout without an address"));
      return { checkoutId: session.id, url: session.url };
    },

    outcome: (ref) => honest(() => ask(ref)),

    cancel: (ref) => honest(() => end(ref)),

    async readWebhook(body, signature, now) {
      try {
        const event = await stripe.webhooks.constructEventAsync(
          body,
          signature,
          config.webhookSecret,
          SIGNATURE_TOLERANCE_SECONDS,
          undefined,
          now * 1000,
        );
        // Signed is from Stripe, whatever is in it; an event about nothing has no news.
        const object = event.data?.object;
        return { id: event.id, type: event.type ?? "", objectId: object && "id" in object ? (object.id ?? "") : "" };
      } catch {
        return null;
      }
    },

    async news({ type, objectId }) {
      try {
        const news = await newsOf(type, objectId);
        if (news?.kind === "outcome" && news.outcome.state === "unknown") throw new Error("no clear outcome yet");
        return news;
      } catch (trouble) {
        if (isMissing(trouble)) return null;
        throw new VendorTrouble("stripe", trouble);
      }
    },
  };

  async function newsOf(type: string, objectId: string): Promise<PaymentNews | null> {
    if (objectId === "") return null;
    switch (type) {
      case "payment_intent.processing":
      case "payment_intent.succeeded":
      case "payment_intent.payment_failed":
      case "payment_intent.canceled":
        return intentNews(objectId);
      case "checkout.session.completed":
      case "checkout.session.async_payment_succeeded":
      case "checkout.session.async_payment_failed":
      case "checkout.session.expired":
        return checkoutNews(objectId);
      default:
        return backNews(type, objectId);
    }
  }
}

function addressOf(apiBase: string) {
  const { protocol, hostname, port } = new URL(apiBase);
  return { protocol: protocol === "http:" ? ("http" as const) : ("https" as const), host: hostname, port };
}

const codeOf = (refusal: Stripe.errors.StripeError): string => refusal.decline_code || refusal.code || "declined";

/** The answer, or `unknown` whatever went wrong: money may have moved, so nothing is thrown at the caller. */
async function honest(question: () => Promise<ChargeOutcome>): Promise<ChargeOutcome> {
  try {
    return await question();
  } catch {
    return { state: "unknown" };
  }
}
