import { Hono } from "hono";
import { found, ofCustomer, page } from "./stripe-answers.ts";
import { type Asked, customerNamed, kinds, usd } from "./stripe-api-fields.ts";
import { badParameter } from "./stripe-failure.ts";
import type { Fields } from "./stripe-fields.ts";
import { cancel, capture, confirm } from "./stripe-intents.ts";
import { checkAmount, newIntent } from "./stripe-make-intent.ts";
import { mandateGiven, methodNamed } from "./stripe-methods.ts";
import { cancelSetup, confirmSetup, newSetup } from "./stripe-setups.ts";

/** PaymentIntents and SetupIntents. */
export const intents = new Hono<{ Bindings: Asked }>();

intents.post("/payment_intents", (c) => {
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

intents.get("/payment_intents", (c) => {
  const { bank, fields } = c.env;
  const list = page("/v1/payment_intents", bank.book.intents, fields, ofCustomer(fields));
  fields.done();
  return c.json(list);
});

intents.get("/payment_intents/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.intents, c.req.param("id"), "payment_intent"));
});

intents.post("/payment_intents/:id", (c) => {
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

intents.post("/payment_intents/:id/confirm", (c) => {
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

intents.post("/payment_intents/:id/cancel", (c) => {
  const { bank, fields } = c.env;
  const intent = found(bank.book.intents, c.req.param("id"), "payment_intent");
  const reasons = ["duplicate", "fraudulent", "requested_by_customer", "abandoned"] as const;
  const reason = fields.choice("cancellation_reason", reasons) ?? null;
  fields.done();
  return c.json(cancel(bank, intent, reason));
});

intents.post("/payment_intents/:id/capture", (c) => {
  const { bank, fields } = c.env;
  const intent = found(bank.book.intents, c.req.param("id"), "payment_intent");
  const amount = fields.whole("amount_to_capture");
  fields.done();
  return c.json(capture(bank, intent, amount));
});

const readSetupConfirmation = (fields: Fields) => ({
  returnUrl: fields.text("return_url") ?? null,
  mandate: mandateGiven(fields),
  byCheckout: false,
});

intents.post("/setup_intents", (c) => {
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

intents.get("/setup_intents/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.setupIntents, c.req.param("id"), "setupintent"));
});

intents.post("/setup_intents/:id/confirm", (c) => {
  const { bank, fields } = c.env;
  const setup = found(bank.book.setupIntents, c.req.param("id"), "setupintent");
  const given = fields.text("payment_method");
  const how = readSetupConfirmation(fields);
  fields.done();
  if (given && setup.status.startsWith("requires_")) setup.payment_method = methodNamed(bank, given).id;
  return c.json(confirmSetup(bank, setup, how));
});

intents.post("/setup_intents/:id/cancel", (c) => {
  const { bank, fields } = c.env;
  const setup = found(bank.book.setupIntents, c.req.param("id"), "setupintent");
  const reason = fields.choice("cancellation_reason", ["abandoned", "duplicate", "requested_by_customer"]) ?? null;
  fields.done();
  return c.json(cancelSetup(bank, setup, reason));
});
