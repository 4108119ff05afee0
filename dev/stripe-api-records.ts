import { Hono } from "hono";
import { found, page } from "./stripe-answers.ts";
import type { Asked } from "./stripe-api-fields.ts";
import { chargeMeant, refund } from "./stripe-charges.ts";

/** Charges, refunds, disputes, mandates and events. */
export const records = new Hono<{ Bindings: Asked }>();

records.get("/charges/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.charges, c.req.param("id"), "charge"));
});

records.post("/refunds", (c) => {
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

records.get("/refunds", (c) => {
  const { bank, fields } = c.env;
  const charge = fields.text("charge");
  const intent = fields.text("payment_intent");
  const list = page("/v1/refunds", bank.book.refunds, fields, (one) => {
    return (charge === undefined || one.charge === charge) && (intent === undefined || one.payment_intent === intent);
  });
  fields.done();
  return c.json(list);
});

records.get("/refunds/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.refunds, c.req.param("id"), "refund"));
});

records.get("/disputes", (c) => {
  const { bank, fields } = c.env;
  const charge = fields.text("charge");
  const intent = fields.text("payment_intent");
  const list = page("/v1/disputes", bank.book.disputes, fields, (one) => {
    return (charge === undefined || one.charge === charge) && (intent === undefined || one.payment_intent === intent);
  });
  fields.done();
  return c.json(list);
});

records.get("/disputes/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.disputes, c.req.param("id"), "dispute"));
});

records.get("/mandates/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.mandates, c.req.param("id"), "mandate"));
});

records.get("/events", (c) => {
  const { bank, fields } = c.env;
  const type = fields.text("type");
  const types = fields.list("types");
  const list = page("/v1/events", bank.book.events, fields, (event) => {
    return (type === undefined || event.type === type) && (types === undefined || types.includes(event.type));
  });
  fields.done();
  return c.json(list);
});

records.get("/events/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.events, c.req.param("id"), "event"));
});
