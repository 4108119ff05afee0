import { Hono } from "hono";
import type Stripe from "stripe";
import { found, ofCustomer, page } from "./stripe-answers.ts";
import { chargeMeant, refund } from "./stripe-charges.ts";
import { expireSession, openSession } from "./stripe-checkout.ts";
import { emit } from "./stripe-events.ts";
import { badParameter, missing, StripeFailure } from "./stripe-failure.ts";
import type { Fields } from "./stripe-fields.ts";
import { cancel, capture, checkAmount, confirm, newIntent } from "./stripe-intents.ts";
import { attachByRequest, detach, mandateGiven, methodNamed } from "./stripe-methods.ts";
import { cancelSetup, confirmSetup, newSetup } from "./stripe-setups.ts";
import { type Bank, idOf, newId } from "./stripe-state.ts";

/** What the front door hands to a route: whose account, and the fields it may read. */
export type Asked = { bank: Bank; fields: Fields; failure?: StripeFailure };

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

const KINDS = ["card", "us_bank_account"] as const;

/**
 * The kinds that may pay: both, or those that are allowed. Since 2026-09-30 they can no longer be listed otherwise.
 * https://docs.stripe.com/changelog/endive/2026-09-30/removes-the-payment-method-types-parameter-from-payment-intents-and-setup-intents
 */
function kinds(fields: Fields): string[] {
  if (fields.list("payment_method_types")) {
    throw badParameter(
      "payment_method_types",
      "payment_method_types is no longer supported. Use allowed_payment_method_types.",
      "payment_method_types_no_longer_supported",
    );
  }
  const allowed = fields.list("allowed_payment_method_types") ?? [...KINDS];
  if (allowed.some((type) => !KINDS.some((kind) => kind === type)) || allowed.length === 0) {
    throw badParameter("allowed_payment_method_types", "The stand-in knows card and us_bank_account.");
  }
  return allowed;
}

function customerNamed(bank: Bank, fields: Fields): string | null {
  const id = fields.text("customer");
  if (!id) return null;
  if (!bank.book.customers[id]) throw missing("customer", id, "customer");
  return id;
}

function usd(fields: Fields): void {
  if (fields.required("currency").toLowerCase() !== "usd") throw badParameter("currency", "Only usd is known here.");
}

// Customers

api.post("/customers", (c) => {
  const { bank, fields } = c.env;
  const customer = {
    id: newId(bank, "cus", 14),
    object: "customer",
    address: null,
    balance: 0,
    created: bank.now(),
    currency: null,
    default_source: null,
    delinquent: false,
    description: fields.text("description") ?? null,
    discount: null,
    email: fields.text("email") ?? null,
    invoice_settings: { custom_fields: null, default_payment_method: null, footer: null, rendering_options: null },
    livemode: false,
    metadata: fields.metadata(),
    name: fields.text("name") ?? null,
    phone: fields.text("phone") ?? null,
    preferred_locales: [],
    shipping: null,
    tax_exempt: "none",
    test_clock: null,
  } satisfies Stripe.Customer;
  fields.done();
  bank.book.customers[customer.id] = customer;
  emit(bank, "customer.created", customer);
  return c.json(customer);
});

api.get("/customers/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.customers, c.req.param("id"), "customer"));
});

api.post("/customers/:id", (c) => {
  const { bank, fields } = c.env;
  const customer = found(bank.book.customers, c.req.param("id"), "customer");
  const changed = {
    description: fields.text("description"),
    email: fields.text("email"),
    name: fields.text("name"),
    phone: fields.text("phone"),
  };
  const metadata = fields.metadata(customer.metadata);
  fields.done();
  for (const [name, value] of Object.entries(changed)) {
    if (value !== undefined) Object.assign(customer, { [name]: value === "" ? null : value });
  }
  customer.metadata = metadata;
  emit(bank, "customer.updated", customer);
  return c.json(customer);
});

api.get("/customers/:id/payment_methods", (c) => {
  const { bank, fields } = c.env;
  const { id } = found(bank.book.customers, c.req.param("id"), "customer");
  const type = fields.text("type");
  const list = page(`/v1/customers/${id}/payment_methods`, bank.book.methods, fields, (method) => {
    return method.customer === id && (type === undefined || method.type === type);
  });
  fields.done();
  return c.json(list);
});

// Payment methods

api.get("/payment_methods", (c) => {
  const { bank, fields } = c.env;
  const customer = fields.required("customer");
  const type = fields.text("type");
  const list = page("/v1/payment_methods", bank.book.methods, fields, (method) => {
    return method.customer === customer && (type === undefined || method.type === type);
  });
  fields.done();
  return c.json(list);
});

api.get("/payment_methods/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.methods, c.req.param("id"), "PaymentMethod"));
});

api.post("/payment_methods/:id/attach", (c) => {
  const { bank, fields } = c.env;
  const customer = fields.required("customer");
  fields.done();
  return c.json(attachByRequest(bank, methodNamed(bank, c.req.param("id"), "id"), customer));
});

api.post("/payment_methods/:id/detach", (c) => {
  const { bank, fields } = c.env;
  fields.done();
  return c.json(detach(bank, found(bank.book.methods, c.req.param("id"), "PaymentMethod")));
});

// Payment intents

api.post("/payment_intents", (c) => {
  const { bank, fields } = c.env;
  const amount = fields.whole("amount") ?? Number(fields.required("amount"));
  checkAmount(amount, "amount");
  usd(fields);
  const customer = customerNamed(bank, fields);
  const given = fields.text("payment_method");
  const confirmNow = fields.flag("confirm");
  const how = readConfirmation(fields);
  if (!confirmNow && how.offSession) {
    throw badParameter("off_session", "off_session can only be used with confirm=true.");
  }
  const wish = {
    amount,
    customer,
    types: kinds(fields),
    description: fields.text("description") ?? null,
    metadata: fields.metadata(),
    save: fields.choice("setup_future_usage", ["off_session", "on_session"]) ?? null,
    manualCapture: fields.choice("capture_method", ["automatic", "automatic_async", "manual"]) === "manual",
    receiptEmail: fields.text("receipt_email") ?? null,
  };
  fields.done();
  const method = given ? methodNamed(bank, given).id : null;
  const intent = newIntent(bank, { ...wish, method });
  if (confirmNow) confirm(bank, intent, how);
  return c.json(intent);
});

const readConfirmation = (fields: Fields) => ({
  offSession: fields.flag("off_session"),
  returnUrl: fields.text("return_url") ?? null,
  mandate: mandateGiven(fields),
  byCheckout: false,
});

api.get("/payment_intents", (c) => {
  const { bank, fields } = c.env;
  const list = page("/v1/payment_intents", bank.book.intents, fields, ofCustomer(fields));
  fields.done();
  return c.json(list);
});

api.get("/payment_intents/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.intents, c.req.param("id"), "payment_intent"));
});

api.post("/payment_intents/:id", (c) => {
  const { bank, fields } = c.env;
  const intent = found(bank.book.intents, c.req.param("id"), "payment_intent");
  const amount = fields.whole("amount");
  const given = fields.text("payment_method");
  const description = fields.text("description");
  const metadata = fields.metadata(intent.metadata);
  fields.done();
  if (amount !== undefined || given) {
    if (!["requires_payment_method", "requires_confirmation", "requires_action"].includes(intent.status)) {
      throw badParameter("amount", `A PaymentIntent with status ${intent.status} cannot be changed this way.`);
    }
  }
  if (amount !== undefined) {
    checkAmount(amount, "amount");
    intent.amount = amount;
  }
  if (given) {
    intent.payment_method = methodNamed(bank, given).id;
    intent.status = "requires_confirmation";
    intent.next_action = null;
  }
  if (description !== undefined) intent.description = description || null;
  intent.metadata = metadata;
  return c.json(intent);
});

api.post("/payment_intents/:id/confirm", (c) => {
  const { bank, fields } = c.env;
  const intent = found(bank.book.intents, c.req.param("id"), "payment_intent");
  const given = fields.text("payment_method");
  const how = readConfirmation(fields);
  const save = fields.choice("setup_future_usage", ["off_session", "on_session"]);
  fields.done();
  const open = ["requires_payment_method", "requires_confirmation", "requires_action"].includes(intent.status);
  if (given && open) intent.payment_method = methodNamed(bank, given).id;
  if (save && open) intent.setup_future_usage = save;
  return c.json(confirm(bank, intent, how));
});

api.post("/payment_intents/:id/cancel", (c) => {
  const { bank, fields } = c.env;
  const intent = found(bank.book.intents, c.req.param("id"), "payment_intent");
  const reasons = ["duplicate", "fraudulent", "requested_by_customer", "abandoned"] as const;
  const reason = fields.choice("cancellation_reason", reasons) ?? null;
  fields.done();
  return c.json(cancel(bank, intent, reason));
});

api.post("/payment_intents/:id/capture", (c) => {
  const { bank, fields } = c.env;
  const intent = found(bank.book.intents, c.req.param("id"), "payment_intent");
  const amount = fields.whole("amount_to_capture");
  fields.done();
  return c.json(capture(bank, intent, amount));
});

// Setup intents

const readSetupConfirmation = (fields: Fields) => ({
  returnUrl: fields.text("return_url") ?? null,
  mandate: mandateGiven(fields),
  byCheckout: false,
});

api.post("/setup_intents", (c) => {
  const { bank, fields } = c.env;
  const customer = customerNamed(bank, fields);
  const given = fields.text("payment_method");
  const confirmNow = fields.flag("confirm");
  const how = readSetupConfirmation(fields);
  const wish = {
    customer,
    types: kinds(fields),
    usage: fields.choice("usage", ["off_session", "on_session"]) ?? "off_session",
    description: fields.text("description") ?? null,
    metadata: fields.metadata(),
  };
  fields.done();
  const setup = newSetup(bank, { ...wish, method: given ? methodNamed(bank, given).id : null });
  if (confirmNow) confirmSetup(bank, setup, how);
  return c.json(setup);
});

api.get("/setup_intents/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.setupIntents, c.req.param("id"), "setupintent"));
});

api.post("/setup_intents/:id/confirm", (c) => {
  const { bank, fields } = c.env;
  const setup = found(bank.book.setupIntents, c.req.param("id"), "setupintent");
  const given = fields.text("payment_method");
  const how = readSetupConfirmation(fields);
  fields.done();
  if (given && setup.status.startsWith("requires_")) setup.payment_method = methodNamed(bank, given).id;
  return c.json(confirmSetup(bank, setup, how));
});

api.post("/setup_intents/:id/cancel", (c) => {
  const { bank, fields } = c.env;
  const setup = found(bank.book.setupIntents, c.req.param("id"), "setupintent");
  const reason = fields.choice("cancellation_reason", ["abandoned", "duplicate", "requested_by_customer"]) ?? null;
  fields.done();
  return c.json(cancelSetup(bank, setup, reason));
});

// Charges, refunds, disputes, mandates, events

api.get("/charges/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.charges, c.req.param("id"), "charge"));
});

api.post("/refunds", (c) => {
  const { bank, fields } = c.env;
  const charge = chargeMeant(bank, fields.text("charge"), fields.text("payment_intent"));
  const wanted = {
    amount: fields.whole("amount"),
    reason: fields.choice("reason", ["duplicate", "fraudulent", "requested_by_customer"]),
    metadata: fields.metadata(),
  };
  fields.done();
  return c.json(refund(bank, charge, wanted));
});

api.get("/refunds", (c) => {
  const { bank, fields } = c.env;
  const charge = fields.text("charge");
  const intent = fields.text("payment_intent");
  const list = page("/v1/refunds", bank.book.refunds, fields, (one) => {
    return (charge === undefined || one.charge === charge) && (intent === undefined || one.payment_intent === intent);
  });
  fields.done();
  return c.json(list);
});

api.get("/refunds/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.refunds, c.req.param("id"), "refund"));
});

api.get("/disputes", (c) => {
  const { bank, fields } = c.env;
  const charge = fields.text("charge");
  const intent = fields.text("payment_intent");
  const list = page("/v1/disputes", bank.book.disputes, fields, (one) => {
    return (charge === undefined || one.charge === charge) && (intent === undefined || one.payment_intent === intent);
  });
  fields.done();
  return c.json(list);
});

api.get("/disputes/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.disputes, c.req.param("id"), "dispute"));
});

api.get("/mandates/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.mandates, c.req.param("id"), "mandate"));
});

api.get("/events", (c) => {
  const { bank, fields } = c.env;
  const type = fields.text("type");
  const types = fields.list("types");
  const list = page("/v1/events", bank.book.events, fields, (event) => {
    return (type === undefined || event.type === type) && (types === undefined || types.includes(event.type));
  });
  fields.done();
  return c.json(list);
});

api.get("/events/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.events, c.req.param("id"), "event"));
});

// Checkout

api.post("/checkout/sessions", (c) => {
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

api.get("/checkout/sessions", (c) => {
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

api.get("/checkout/sessions/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.sessions, c.req.param("id"), "checkout.session"));
});

api.post("/checkout/sessions/:id/expire", (c) => {
  const { bank, fields } = c.env;
  const session = found(bank.book.sessions, c.req.param("id"), "checkout.session");
  fields.done();
  return c.json(expireSession(bank, session));
});
