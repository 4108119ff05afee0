import { storeStripeEvent } from "./billing/stripe-events.ts";
import type { Env } from "./context.ts";
import { Hono } from "./hono.ts";
import { VendorTrouble } from "./ports.ts";

/** Doors for machines: check the signature on the raw body, keep the id, answer fast; a job obeys. */
export const webhooks = new Hono<Env>();

webhooks.post("/stripe", async (c) => {
  const { deps } = c.var;
  const event = await deps.ports.payments.readWebhook(
    await c.req.text(),
    c.req.header("Stripe-Signature") ?? "",
    deps.now,
  );
  if (!event) return c.text("signature does not match", 400);
  await storeStripeEvent(deps, event);
  try {
    await deps.ports.jobs.send([{ type: "stripe.event", dealer: deps.dealer.slug, eventId: event.id }]);
  } catch (error) {
    // The event is in our books; the sweep brings it to a job.
    if (!(error instanceof VendorTrouble)) throw error;
  }
  return c.text("kept", 200);
});
