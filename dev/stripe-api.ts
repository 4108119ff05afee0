import { Hono } from "hono";
import { checkout } from "./stripe-api-checkout.ts";
import { customers } from "./stripe-api-customers.ts";
import type { Asked } from "./stripe-api-fields.ts";
import { intents } from "./stripe-api-intents.ts";
import { records } from "./stripe-api-records.ts";
import { StripeFailure } from "./stripe-failure.ts";

/**
 * The part of Stripe's v1 API that the portal uses. Answers are stored objects, unexpanded; the front door expands.
 * A StripeFailure is left in `env.failure`, so that the front door knows whether to save it.
 */
export const api = new Hono<{ Bindings: Asked }>().basePath("/v1");

api.onError((error, c) => {
  if (!(error instanceof StripeFailure)) throw error;
  c.env.failure = error;
  return c.json({ error: error.body }, error.status as 400);
});

api.notFound((c) => {
  const message = `Unrecognized request URL (${c.req.method}: ${new URL(c.req.url).pathname}). The stand-in does not do this.`;
  return c.json({ error: { type: "invalid_request_error", message } }, 404);
});

for (const routes of [customers, intents, records, checkout]) api.route("/", routes);
