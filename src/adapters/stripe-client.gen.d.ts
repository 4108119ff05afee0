import type Stripe from "stripe";

/** What `dev/build-parts.ts` leaves of Stripe's client: asking it for a resource that is not there does not compile. */
export type StripeClient = Pick<
  Stripe,
  | "charges"
  | "checkout"
  | "customers"
  | "disputes"
  | "mandates"
  | "paymentIntents"
  | "paymentMethods"
  | "refunds"
  | "setupIntents"
  | "webhooks"
>;

export const StripeClient: {
  new (...configured: ConstructorParameters<typeof Stripe>): StripeClient;
  createFetchHttpClient: typeof Stripe.createFetchHttpClient;
};

export const errors: typeof Stripe.errors;
