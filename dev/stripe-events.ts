import { createHmac } from "node:crypto";
import type Stripe from "stripe";
import { type Bank, type Delivery, type DeliveryMode, newId } from "./stripe-state.ts";

type Happening = Extract<
  Stripe.Event["type"],
  | `payment_intent.${string}`
  | `setup_intent.${string}`
  | `checkout.session.${string}`
  | `payment_method.${string}`
  | `charge.${string}`
  | `refund.${string}`
  | `customer.${string}`
  | "mandate.updated"
>;

/** The version of the API whose shapes this stand-in speaks. */
export const API_VERSION: Stripe.LatestApiVersion = "2026-10-28.endive";

/** Live mode gives up after three days. https://docs.stripe.com/webhooks#retries */
const RETRY_FOR_SECONDS = 3 * 86_400;
const FIRST_RETRY_SECONDS = 60;
const SLOWEST_RETRY_SECONDS = 6 * 3600;

/** Writes an event with the object as it is now and sends it on its way to every endpoint. */
export function emit(bank: Bank, type: Happening, object: { object: string; id: string }): void {
  const event = {
    id: newId(bank, "evt"),
    object: "event",
    api_version: API_VERSION,
    created: bank.now(),
    data: { object: structuredClone(object) },
    livemode: false,
    pending_webhooks: bank.webhooks.length,
    request: { ...bank.request },
    type,
  };
  bank.book.events[event.id] = event as unknown as Stripe.Event;
  for (const endpoint of bank.webhooks.keys()) queue(bank, event.id, endpoint, bank.delivery);
}

function queue(bank: Bank, eventId: string, endpoint: number, delivery: DeliveryMode): void {
  const at = bank.now() + (delivery.mode === "late" ? delivery.seconds : 0);
  const copies = delivery.mode === "twice" ? 2 : 1;
  for (let copy = 0; copy < copies; copy++) {
    bank.book.deliveries.push({
      id: newId(bank, "del", 12),
      eventId,
      endpoint,
      at,
      since: bank.now(),
      attempts: 0,
      state: delivery.mode === "dropped" ? "dropped" : "waiting",
    });
  }
}

/** Sends an event again to every endpoint, at once, whatever the delivery mode. False when there is no such event. */
export function redeliver(bank: Bank, eventId: string): boolean {
  if (!bank.book.events[eventId]) return false;
  for (const endpoint of bank.webhooks.keys()) queue(bank, eventId, endpoint, { mode: "normal" });
  return true;
}

/** `t=…,v1=…` over a raw body. https://docs.stripe.com/webhooks#verify-manually */
export function signature(secret: string, body: string, at: number): string {
  return `t=${at},v1=${createHmac("sha256", secret).update(`${at}.${body}`).digest("hex")}`;
}

/** Delivers one body to one address. */
export type Deliver = (url: string, body: string, signature: string) => Promise<Response>;

/** Posts as Stripe does; gives up on an endpoint after ten seconds. */
export const deliverByHttp: Deliver = (url, body, header) =>
  fetch(url, {
    method: "POST",
    body,
    headers: { "content-type": "application/json; charset=utf-8", "stripe-signature": header },
    signal: AbortSignal.timeout(10_000),
  });

/** Delivers all that is due, and what that causes, until nothing is. Answers how many requests it made. */
export async function deliverDue(bank: Bank, deliver: Deliver): Promise<number> {
  let made = 0;
  for (;;) {
    const due = bank.book.deliveries.filter((one) => one.state === "waiting" && one.at <= bank.now());
    if (due.length === 0) break;
    if (bank.delivery.mode === "out_of_order") due.reverse();
    for (const one of due) {
      await attempt(bank, one, deliver);
      made += 1;
    }
  }
  bank.book.deliveries = bank.book.deliveries.filter((one) => one.state !== "delivered");
  return made;
}

async function attempt(bank: Bank, delivery: Delivery, deliver: Deliver): Promise<void> {
  const endpoint = bank.webhooks[delivery.endpoint];
  const event = bank.book.events[delivery.eventId];
  if (!endpoint || !event) {
    delivery.state = "given up";
    return;
  }
  const body = JSON.stringify(event, null, 2);
  delivery.attempts += 1;
  const taken = await deliver(endpoint.url, body, signature(endpoint.secret, body, bank.now())).then(
    async (response) => {
      await response.arrayBuffer();
      return response.ok;
    },
    () => false,
  );
  if (taken) {
    delivery.state = "delivered";
    event.pending_webhooks = Math.max(0, event.pending_webhooks - 1);
  } else if (bank.now() - delivery.since >= RETRY_FOR_SECONDS) delivery.state = "given up";
  else {
    delivery.at = bank.now() + Math.min(SLOWEST_RETRY_SECONDS, FIRST_RETRY_SECONDS * 2 ** (delivery.attempts - 1));
  }
}
