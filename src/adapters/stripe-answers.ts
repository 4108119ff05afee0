import type Stripe from "stripe";
import { VendorTrouble } from "../ports.ts";
import { errors } from "./stripe-client.gen.js";

/** Preparing takes Stripe well under a second. */
const BUSY_WAITS_MS = [400, 800];

/** A definite no to this request (declined, or the state does not allow it), as opposed to no clear answer. */
export const isRefusal = (problem: unknown): problem is Stripe.errors.StripeError =>
  problem instanceof errors.StripeCardError || problem instanceof errors.StripeInvalidRequestError;

/** Stripe knows no object of that id (any more). */
export const isMissing = (problem: unknown): boolean =>
  problem instanceof errors.StripeInvalidRequestError && problem.code === "resource_missing";

/** The seconds that Stripe asks to be left alone for; null when it does not say. https://docs.stripe.com/rate-limits */
function retryAfter(trouble: unknown): number | null {
  const seconds = trouble instanceof errors.StripeError ? Number(trouble.headers?.["retry-after"]) : Number.NaN;
  return seconds > 0 ? Math.ceil(seconds) : null;
}

/**
 * The answer, or VendorTrouble. While the very same request is still being worked on, the button was pressed twice:
 * its answer, which will be this one's too, is worth a short wait.
 */
export async function clear<T>(request: () => Promise<T>, waits = BUSY_WAITS_MS): Promise<T> {
  try {
    return await request();
  } catch (trouble) {
    const [wait, ...later] = waits;
    const busy = trouble instanceof errors.StripeError && trouble.statusCode === 409;
    if (!busy || wait === undefined) throw new VendorTrouble("stripe", trouble, retryAfter(trouble));
    await new Promise((resolve) => setTimeout(resolve, wait));
    return clear(request, later);
  }
}
