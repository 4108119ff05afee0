import type Stripe from "stripe";
import { cents } from "../money.ts";
import {
  type ChargeRef,
  type PaymentNews,
  type Payments,
  type RefundOutcome,
  type VendorPayment,
  type VendorRefund,
  VendorTrouble,
} from "../ports.ts";
import { isMissing, isRefusal } from "./stripe-answers.ts";
import { errors, type StripeClient } from "./stripe-client.gen.js";

/** As many as Stripe lists at once. https://docs.stripe.com/api/pagination */
const LISTED = 100;

type Refunding = Pick<Payments, "refund" | "refundOutcome" | "look" | "listPayments" | "listNews"> & {
  /** What an event says about money that went back, fresh. Null when it says nothing, or is of no payment of ours. */
  backNews: (type: string, objectId: string) => Promise<PaymentNews | null>;
};

/**
 * Money that goes back through Stripe: refunds under the key `re:` with our id and generation, what the customer's bank
 * takes, and the lists that the nightly reckoning goes by. https://docs.stripe.com/refunds
 */
export function stripeRefunds(stripe: StripeClient): Refunding {
  /** The charge's intent; a checkout's own is known only to its session. */
  async function intentOf({ intentId, checkoutId }: ChargeRef): Promise<string | null> {
    if (intentId || !checkoutId) return intentId;
    const { payment_intent: intent } = await stripe.checkout.sessions.retrieve(checkoutId);
    return typeof intent === "string" ? intent : (intent?.id ?? null);
  }

  /** The refund that carries our id, exactly, among those of its charge. */
  async function byOurId(refundId: string, intentId: string): Promise<RefundOutcome> {
    for await (const refund of stripe.refunds.list({ payment_intent: intentId, limit: LISTED })) {
      if (refund.metadata?.refund_id === refundId) return { state: "made", refund: ours(refund) };
    }
    return { state: "absent" };
  }

  async function give(intentId: string, p: Parameters<Payments["refund"]>[0]): Promise<RefundOutcome> {
    const { refundId, generation, cents: amount, charge } = p;
    const metadata = { refund_id: refundId, payment_id: charge.paymentId };
    try {
      const made = await stripe.refunds.create(
        { payment_intent: intentId, amount, metadata },
        { idempotencyKey: `re:${refundId}:${generation}` },
      );
      return { state: "made", refund: ours(made) };
    } catch (trouble) {
      // What a key already answers need not be what is true now, so the list has the last word.
      const found = await byOurId(refundId, intentId);
      if (found.state === "made") return found;
      if (isRefusal(trouble) && trouble.statusCode !== 409 && trouble.statusCode !== 429) {
        return { state: "refused", code: trouble.code ?? "refused" };
      }
      const kept = trouble instanceof errors.StripeError && trouble.headers?.["idempotent-replayed"] === "true";
      return { state: kept ? "spent" : "unknown" };
    }
  }

  async function newsOfIntent(intentId: string | null, refunds: VendorRefund[] | null): Promise<PaymentNews | null> {
    if (!intentId) return null;
    const { metadata } = await stripe.paymentIntents.retrieve(intentId);
    if (!metadata.payment_id) return null;
    if (refunds) return { kind: "refunded", paymentId: metadata.payment_id, refunds };
    const all = await stripe.refunds.list({ payment_intent: intentId, limit: LISTED });
    return { kind: "refunded", paymentId: metadata.payment_id, refunds: all.data.map(ours) };
  }

  return {
    refund: (p) =>
      honest(async () => {
        const intentId = await intentOf(p.charge);
        return intentId ? give(intentId, p) : { state: "refused", code: "nothing_charged" };
      }),

    refundOutcome: ({ refundId, vendorId, charge }) =>
      honest(async () => {
        if (vendorId) return { state: "made", refund: ours(await stripe.refunds.retrieve(vendorId)) };
        const intentId = await intentOf(charge);
        return intentId ? byOurId(refundId, intentId) : { state: "absent" };
      }),

    look: (charge) =>
      listed(async () => {
        try {
          const intentId = await intentOf(charge);
          if (!intentId) return null;
          const intent = await stripe.paymentIntents.retrieve(intentId, { expand: ["latest_charge"] });
          const refunds = await stripe.refunds.list({ payment_intent: intentId, limit: LISTED });
          return { ...paymentOf(intent), refunds: refunds.data.map(ours) };
        } catch (trouble) {
          if (isMissing(trouble)) return null;
          throw trouble;
        }
      }),

    async listPayments(since, cursor) {
      const list = await listed(() =>
        stripe.paymentIntents.list({ ...pageOf(since, cursor), expand: ["data.latest_charge"] }),
      );
      const found = list.data.flatMap((intent) => (intent.metadata.payment_id ? [paymentOf(intent)] : []));
      return { found, next: nextOf(list) };
    },

    async listNews(of, since, cursor) {
      const asked = { ...pageOf(since, cursor), expand: ["data.payment_intent"] };
      if (of === "returns") {
        const list = await listed(() => stripe.disputes.list(asked));
        return { found: list.data.flatMap((dispute) => returnOf(dispute) ?? []), next: nextOf(list) };
      }
      const list = await listed(() => stripe.refunds.list(asked));
      const found = list.data.flatMap((refund): PaymentNews[] => {
        const paymentId = paymentBehind(refund.payment_intent);
        return paymentId ? [{ kind: "refunded", paymentId, refunds: [ours(refund)] }] : [];
      });
      return { found, next: nextOf(list) };
    },

    async backNews(type, objectId) {
      if (type.startsWith("charge.dispute.")) {
        return returnOf(await stripe.disputes.retrieve(objectId, { expand: ["payment_intent"] }));
      }
      if (type === "charge.refunded") {
        return newsOfIntent(idOf((await stripe.charges.retrieve(objectId)).payment_intent), null);
      }
      if (!type.startsWith("refund.")) return null;
      const refund = await stripe.refunds.retrieve(objectId);
      return newsOfIntent(idOf(refund.payment_intent), [ours(refund)]);
    },
  };
}

const idOf = (value: string | { id: string } | null): string | null =>
  typeof value === "string" ? value : (value?.id ?? null);

const paymentBehind = (intent: string | Stripe.PaymentIntent | null): string | null =>
  (typeof intent === "object" && intent?.metadata.payment_id) || null;

/** https://docs.stripe.com/api/refunds/object#refund_object-status */
const ours = (refund: Stripe.Refund): VendorRefund => ({
  vendorId: refund.id,
  refundId: refund.metadata?.refund_id ?? null,
  cents: cents(refund.amount),
  state:
    refund.status === "succeeded"
      ? "settled"
      : refund.status === "failed" || refund.status === "canceled"
        ? "failed"
        : "pending",
  code: refund.failure_reason ?? (refund.status === "canceled" ? "canceled" : null),
});

/** An inquiry has taken nothing, and neither has what was prevented. https://docs.stripe.com/api/disputes/object */
function returnOf(dispute: Stripe.Dispute): PaymentNews | null {
  const paymentId = paymentBehind(dispute.payment_intent);
  if (!paymentId || dispute.status.startsWith("warning_") || dispute.status === "prevented") return null;
  return {
    kind: "returned",
    paymentId,
    returnId: dispute.id,
    cents: cents(dispute.amount),
    code: dispute.reason,
    state: dispute.status === "won" ? "won" : dispute.status === "lost" ? "lost" : "running",
  };
}

function paymentOf(intent: Stripe.PaymentIntent): VendorPayment {
  const charge = typeof intent.latest_charge === "object" ? intent.latest_charge : null;
  return {
    paymentId: intent.metadata.payment_id!,
    intentId: intent.id,
    customerId: typeof intent.customer === "string" ? intent.customer : (intent.customer?.id ?? null),
    description: intent.description ?? "",
    startedAt: intent.created,
    state:
      intent.status === "succeeded"
        ? "settled"
        : intent.status === "processing"
          ? "processing"
          : intent.status === "canceled"
            ? "failed"
            : "open",
    cents: cents(intent.status === "succeeded" ? intent.amount_received : intent.amount),
    refundedCents: cents(charge?.amount_refunded ?? 0),
  };
}

const pageOf = (since: number, cursor: string | null) => ({
  created: { gte: since },
  limit: LISTED,
  ...(cursor ? { starting_after: cursor } : {}),
});

const nextOf = (list: { has_more: boolean; data: { id: string }[] }): string | null =>
  list.has_more ? (list.data.at(-1)?.id ?? null) : null;

async function listed<T>(question: () => Promise<T>): Promise<T> {
  try {
    return await question();
  } catch (trouble) {
    throw new VendorTrouble("stripe", trouble);
  }
}

async function honest(question: () => Promise<RefundOutcome>): Promise<RefundOutcome> {
  try {
    return await question();
  } catch {
    return { state: "unknown" };
  }
}
