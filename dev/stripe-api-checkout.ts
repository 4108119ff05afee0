import { Hono } from "hono";
import type Stripe from "stripe";
import { found, ofCustomer, page } from "./stripe-answers.ts";
import { type Asked, customerNamed, kinds, usd } from "./stripe-api-fields.ts";
import { expireSession, openSession } from "./stripe-checkout.ts";
import { badParameter } from "./stripe-failure.ts";
import type { Fields } from "./stripe-fields.ts";
import { idOf } from "./stripe-state.ts";

/** Checkout sessions. */
export const checkout = new Hono<{ Bindings: Asked }>();

checkout.post("/checkout/sessions", (c) => {
  const { bank, fields } = c.env;
  const mode = fields.choice("mode", ["payment", "setup"]);
  if (!mode) throw badParameter("mode", "The stand-in knows payment and setup.");
  const customer = customerNamed(bank, fields);
  const intentData = fields.child("payment_intent_data");
  const setupData = fields.child("setup_intent_data");
  if (mode === "setup" ? intentData : setupData) throw badParameter("mode", "The intent data do not fit this mode.");
  const item = mode === "payment" ? lineItem(fields) : null;
  // Known from the allowed kinds; without those, Stripe wants the currency.
  if (mode === "setup" && (fields.list("allowed_payment_method_types") === undefined || fields.text("currency")))
    usd(fields);
  const wish = {
    mode,
    customer,
    amount: item?.amount ?? null,
    types: kinds(fields),
    clientReference: fields.text("client_reference_id") ?? null,
    metadata: fields.metadata(),
    locale: fields.choice("locale", ["auto", "en", "es", "es-419"]) ?? null,
    successUrl: fields.required("success_url"),
    cancelUrl: fields.text("cancel_url") ?? null,
    expiresAt: fields.whole("expires_at") ?? null,
    billingAddress: fields.choice("billing_address_collection", ["auto", "required"]) ?? null,
    setupMetadata: setupData?.metadata() ?? {},
    plan: {
      itemName: item?.name ?? "Save a payment method",
      description: intentData?.text("description") ?? setupData?.text("description") ?? null,
      metadata: intentData?.metadata() ?? {},
      save: intentData?.choice("setup_future_usage", ["off_session", "on_session"]) !== undefined,
    },
  };
  fields.done();
  return c.json(openSession(bank, wish));
});

function lineItem(fields: Fields): { amount: number; name: string } {
  const items = fields.children("line_items").map((line) => {
    const price = line.child("price_data");
    if (!price) throw badParameter("line_items[0][price_data]", "The stand-in keeps no prices: send price_data.");
    usd(price);
    const name = price.child("product_data")?.required("name");
    if (!name) throw badParameter("line_items[0][price_data][product_data]", "Missing required param: product_data.");
    const each = price.whole("unit_amount") ?? 0;
    if (each < 0) throw badParameter("line_items[0][price_data][unit_amount]", "Invalid non-negative integer.");
    return { amount: each * (line.whole("quantity") ?? 1), name };
  });
  const first = items[0];
  if (!first) throw badParameter("line_items", "Missing required param: line_items.", "parameter_missing");
  return { amount: items.reduce((sum, one) => sum + one.amount, 0), name: first.name };
}

checkout.get("/checkout/sessions", (c) => {
  const { bank, fields } = c.env;
  const intent = fields.text("payment_intent");
  const status = fields.text("status");
  const narrowed = ofCustomer<Stripe.Checkout.Session>(fields);
  const list = page("/v1/checkout/sessions", bank.book.sessions, fields, (session) => {
    return (
      narrowed(session) &&
      (intent === undefined || idOf(session.payment_intent) === intent) &&
      (status === undefined || session.status === status)
    );
  });
  fields.done();
  return c.json(list);
});

checkout.get("/checkout/sessions/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.sessions, c.req.param("id"), "checkout.session"));
});

checkout.post("/checkout/sessions/:id/expire", (c) => {
  const { bank, fields } = c.env;
  const session = found(bank.book.sessions, c.req.param("id"), "checkout.session");
  fields.done();
  return c.json(expireSession(bank, session));
});
