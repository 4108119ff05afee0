import { Hono } from "hono";
import type Stripe from "stripe";
import { found, page } from "./stripe-answers.ts";
import type { Asked } from "./stripe-api-fields.ts";
import { emit } from "./stripe-events.ts";
import { attachByRequest, detach, methodNamed } from "./stripe-methods.ts";
import { newId } from "./stripe-state.ts";

/** Customers, and the methods they keep. */
export const customers = new Hono<{ Bindings: Asked }>();

customers.post("/customers", (c) => {
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

customers.get("/customers/:id", (c) => {
  c.env.fields.done();
  const id = c.req.param("id");
  if (c.env.bank.book.deletedCustomers?.[id]) return c.json(deleted(id));
  return c.json(found(c.env.bank.book.customers, id, "customer"));
});

const deleted = (id: string): Stripe.DeletedCustomer => ({ id, object: "customer", deleted: true });

/** For good: what the customer kept is detached, and can never be charged again. https://docs.stripe.com/api/customers/delete */
customers.delete("/customers/:id", (c) => {
  const { bank, fields } = c.env;
  fields.done();
  const customer = found(bank.book.customers, c.req.param("id"), "customer");
  for (const method of Object.values(bank.book.methods)) if (method.customer === customer.id) detach(bank, method);
  delete bank.book.customers[customer.id];
  bank.book.deletedCustomers = { ...bank.book.deletedCustomers, [customer.id]: true };
  emit(bank, "customer.deleted", customer);
  return c.json(deleted(customer.id));
});

customers.post("/customers/:id", (c) => {
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

customers.get("/customers/:id/payment_methods", (c) => {
  const { bank, fields } = c.env;
  const { id } = found(bank.book.customers, c.req.param("id"), "customer");
  const type = fields.text("type");
  const list = page(`/v1/customers/${id}/payment_methods`, bank.book.methods, fields, (method) => {
    return method.customer === id && (type === undefined || method.type === type);
  });
  fields.done();
  return c.json(list);
});

customers.get("/payment_methods", (c) => {
  const { bank, fields } = c.env;
  const customer = fields.required("customer");
  const type = fields.text("type");
  const list = page("/v1/payment_methods", bank.book.methods, fields, (method) => {
    return method.customer === customer && (type === undefined || method.type === type);
  });
  fields.done();
  return c.json(list);
});

customers.get("/payment_methods/:id", (c) => {
  c.env.fields.done();
  return c.json(found(c.env.bank.book.methods, c.req.param("id"), "PaymentMethod"));
});

customers.post("/payment_methods/:id/attach", (c) => {
  const { bank, fields } = c.env;
  const customer = fields.required("customer");
  fields.done();
  return c.json(attachByRequest(bank, methodNamed(bank, c.req.param("id"), "id"), customer));
});

customers.post("/payment_methods/:id/detach", (c) => {
  const { bank, fields } = c.env;
  fields.done();
  return c.json(detach(bank, found(bank.book.methods, c.req.param("id"), "PaymentMethod")));
});
