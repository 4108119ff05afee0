import Stripe from "stripe";
import { beforeEach, describe, expect, test } from "vitest";
import { type StripeStandIn, stripeStandIn } from "../../dev/stripe.ts";
import { DAY, HOUR, MINUTE } from "../../src/calendar.ts";

const ORIGIN = "http://stripe.test";
/** A Friday, 2026-03-13 16:00 UTC. */
const FRIDAY = 1_773_417_600;

type Delivered = { url: string; type: string; object: string; at: number; signature: string };

let now: number;
let bank: StripeStandIn;
let delivered: Delivered[];
let refuse: number;
let stripe: Stripe;
let customer: string;

const open = () =>
  stripeStandIn({
    now: () => now,
    origin: ORIGIN,
    seed: "stand-in",
    accounts: [
      { name: "Bravo", secretKey: "sk_test_bravo", webhooks: [{ url: "http://bravo.test/hook", secret: "whsec_b" }] },
      { name: "Tango", secretKey: "sk_test_tango", webhooks: [] },
    ],
    async deliver(url, body, signature) {
      if (refuse-- > 0) return new Response("no", { status: 500 });
      const event = JSON.parse(body) as { type: string; data: { object: { id: string } } };
      delivered.push({ url, type: event.type, object: event.data.object.id, at: now, signature });
      return new Response("ok");
    },
  });

const clientOf = (key: string) =>
  new Stripe(key, {
    httpClient: Stripe.createFetchHttpClient(bank.client),
    host: "stripe.test",
    protocol: "http",
    maxNetworkRetries: 0,
  });

beforeEach(async () => {
  now = FRIDAY;
  delivered = [];
  refuse = 0;
  bank = open();
  stripe = clientOf("sk_test_bravo");
  customer = (await stripe.customers.create({ name: "Dana" })).id;
});

const intent = (more: Partial<Stripe.PaymentIntentCreateParams> = {}, idempotencyKey?: string) =>
  stripe.paymentIntents.create(
    { amount: 5000, currency: "usd", customer, payment_method: "pm_card_visa", ...more },
    idempotencyKey ? { idempotencyKey } : {},
  );

const paid = (method = "pm_card_visa") => intent({ payment_method: method, confirm: true });

const account = async (token: string) => {
  const mandate_data = { customer_acceptance: { type: "offline" as const, offline: {} } };
  const setup = await stripe.setupIntents.create({ customer, payment_method: token, confirm: true, mandate_data });
  return String(setup.payment_method);
};

const checkout = (more: Partial<Stripe.Checkout.SessionCreateParams> = {}) =>
  stripe.checkout.sessions.create({
    mode: "payment",
    customer,
    line_items: [
      { quantity: 1, price_data: { currency: "usd", unit_amount: 4495, product_data: { name: "Invoice 7" } } },
    ],
    success_url: "http://portal.test/back?session={CHECKOUT_SESSION_ID}",
    cancel_url: "http://portal.test/cancel",
    ...more,
  });

const post = (path: string, form: Record<string, string> = {}, headers: Record<string, string> = {}) =>
  bank.fetch(new Request(`${ORIGIN}${path}`, { method: "POST", headers, body: new URLSearchParams(form) }));

const raw = (method: string, path: string, headers: Record<string, string>, body?: string) =>
  bank.fetch(new Request(`${ORIGIN}${path}`, { method, headers, ...(body === undefined ? {} : { body }) }));

const BEARER = { authorization: "Bearer sk_test_bravo" };

describe("idempotency keys", () => {
  test("replay the answer, marked as a replay, without doing anything again", async () => {
    const first = await intent({ confirm: true }, "k1");
    const again = await intent({ confirm: true }, "k1");
    expect(again.id).toBe(first.id);
    expect(new Headers(again.lastResponse.headers).get("idempotent-replayed")).toBe("true");
    expect(bank.totals("sk_test_bravo").captured).toBe(5000);
  });

  test("refuse other parameters, and another path", async () => {
    await intent({}, "k1");
    await expect(intent({ amount: 5001 }, "k1")).rejects.toMatchObject({
      rawType: "idempotency_error",
      statusCode: 400,
    });
    const other = stripe.customers.create({ name: "Dana" }, { idempotencyKey: "k1" });
    await expect(other).rejects.toMatchObject({ rawType: "idempotency_error" });
  });

  test("replay a saved decline, so that a new method needs a new key", async () => {
    const { id } = await intent({ payment_method: "pm_card_chargeCustomerFail" });
    const first = stripe.paymentIntents.confirm(id, {}, { idempotencyKey: "k1" });
    await expect(first).rejects.toMatchObject({
      statusCode: 402,
      code: "card_declined",
      decline_code: "generic_decline",
    });
    await stripe.paymentIntents.update(id, { payment_method: "pm_card_visa" });
    await expect(stripe.paymentIntents.confirm(id, {}, { idempotencyKey: "k1" })).rejects.toMatchObject({
      statusCode: 402,
    });
    expect((await stripe.paymentIntents.confirm(id, {}, { idempotencyKey: "k2" })).status).toBe("succeeded");
  });

  test("replay a saved 500, whether or not the work was done", async () => {
    for (const [kind, done] of [
      ["saved_500", 0],
      ["acted_500", 1],
    ] as const) {
      bank.faults.add({ match: "POST /v1/payment_intents", kind });
      await expect(intent({ confirm: true }, kind)).rejects.toMatchObject({ statusCode: 500 });
      await expect(intent({ confirm: true }, kind)).rejects.toMatchObject({ statusCode: 500 });
      expect((await stripe.paymentIntents.list({ customer })).data).toHaveLength(done);
    }
    now += DAY;
    expect((await intent({ confirm: true }, "acted_500")).status).toBe("succeeded");
    expect(bank.totals("sk_test_bravo").captured).toBe(10_000);
  });

  test("save nothing for an invalid request", async () => {
    await expect(intent({ amount: 49 }, "k1")).rejects.toMatchObject({ code: "amount_too_small", statusCode: 400 });
    expect((await intent({}, "k1")).amount).toBe(5000);
  });

  test("are in use while the first request is at work", async () => {
    const both = await Promise.allSettled([intent({ confirm: true }, "k1"), intent({ confirm: true }, "k1")]);
    expect(both.map((one) => one.status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(both.find((one) => one.status === "rejected")?.reason).toMatchObject({
      statusCode: 409,
      code: "idempotency_key_in_use",
    });
    bank.faults.add({ match: "POST /v1/payment_intents", kind: "late", seconds: 600 });
    await expect(intent({ confirm: true }, "k2")).rejects.toMatchObject({ type: "StripeConnectionError" });
    await expect(intent({ confirm: true }, "k2")).rejects.toMatchObject({ statusCode: 409 });
    expect(bank.totals("sk_test_bravo").captured).toBe(5000);
    now += 600;
    expect((await intent({ confirm: true }, "k2")).status).toBe("succeeded");
    expect(bank.totals("sk_test_bravo").captured).toBe(10_000);
  });

  test("are forgotten after a day, and a repeat then executes again", async () => {
    const first = await intent({}, "k1");
    now += DAY - 1;
    expect((await intent({}, "k1")).id).toBe(first.id);
    now += 1;
    expect((await intent({}, "k1")).id).not.toBe(first.id);
  });
});

describe("a payment intent", () => {
  test("succeeds at most once", async () => {
    const { id } = await paid();
    await expect(stripe.paymentIntents.confirm(id)).rejects.toMatchObject({ code: "payment_intent_unexpected_state" });
    await expect(stripe.paymentIntents.cancel(id)).rejects.toMatchObject({ code: "payment_intent_unexpected_state" });
    await expect(stripe.paymentIntents.capture(id)).rejects.toMatchObject({ code: "payment_intent_unexpected_state" });
    expect(bank.totals("sk_test_bravo").captured).toBe(5000);
  });

  test("declined may be confirmed again with another method, until it is canceled", async () => {
    const { id } = await intent({ payment_method: "pm_card_chargeDeclined" });
    await expect(stripe.paymentIntents.confirm(id)).rejects.toMatchObject({ statusCode: 402 });
    const after = await stripe.paymentIntents.retrieve(id);
    expect(after).toMatchObject({
      status: "requires_payment_method",
      payment_method: null,
      last_payment_error: {
        code: "card_declined",
        decline_code: "generic_decline",
        payment_method: { card: { last4: "0002" } },
      },
    });
    expect((await stripe.paymentIntents.confirm(id, { payment_method: "pm_card_visa" })).status).toBe("succeeded");
    const other = await intent();
    await stripe.paymentIntents.cancel(other.id);
    const late = stripe.paymentIntents.confirm(other.id, { payment_method: "pm_card_visa" });
    await expect(late).rejects.toMatchObject({ code: "payment_intent_unexpected_state" });
  });

  test("off session is declined where 3-D Secure is asked for, unless the card was set up", async () => {
    const confirmed = { confirm: true, off_session: true };
    const always = (await stripe.paymentMethods.attach("pm_card_authenticationRequired", { customer })).id;
    await expect(intent({ payment_method: always, ...confirmed })).rejects.toMatchObject({
      code: "authentication_required",
    });
    const setup = await stripe.setupIntents.create({
      customer,
      payment_method: "pm_card_authenticationRequiredOnSetup",
      confirm: true,
      return_url: "http://portal.test/x",
    });
    expect(setup.status).toBe("requires_action");
    await expect(intent({ payment_method: String(setup.payment_method), ...confirmed })).rejects.toMatchObject({
      statusCode: 402,
    });
    const back = await post(`/3ds/${setup.id}`, { result: "complete" });
    expect(back.headers.get("location")).toMatch(`http://portal.test/x?setup_intent=${setup.id}`);
    expect((await intent({ payment_method: String(setup.payment_method), ...confirmed })).status).toBe("succeeded");
  });

  test("reserved by hand is captured once, in part, and the rest is released", async () => {
    const { id } = await intent({ capture_method: "manual", confirm: true });
    expect(bank.totals("sk_test_bravo").captured).toBe(0);
    await expect(stripe.paymentIntents.capture(id, { amount_to_capture: 5001 })).rejects.toMatchObject({
      statusCode: 400,
    });
    expect(await stripe.paymentIntents.capture(id, { amount_to_capture: 3000 })).toMatchObject({
      amount_received: 3000,
    });
    await expect(stripe.paymentIntents.capture(id)).rejects.toMatchObject({ code: "payment_intent_unexpected_state" });
    await expect(stripe.refunds.create({ payment_intent: id, amount: 3001 })).rejects.toMatchObject({
      code: "amount_too_large",
    });
    expect(bank.totals("sk_test_bravo")).toMatchObject({ captured: 3000, refunded: 0 });
  });

  test("cannot use another customer's method, nor one used up", async () => {
    const other = (await stripe.customers.create({})).id;
    const theirs = (await stripe.paymentMethods.attach("pm_card_visa", { customer: other })).id;
    await expect(intent({ payment_method: theirs, confirm: true })).rejects.toMatchObject({ statusCode: 400 });
    const once = await paid();
    await expect(intent({ payment_method: String(once.payment_method), confirm: true })).rejects.toMatchObject({
      statusCode: 400,
    });
    await expect(stripe.paymentMethods.attach(String(once.payment_method), { customer })).rejects.toMatchObject({
      statusCode: 400,
    });
  });

  test("cards that are refused outright cannot even be attached", async () => {
    const attached = stripe.paymentMethods.attach("pm_card_chargeDeclinedExpiredCard", { customer });
    await expect(attached).rejects.toMatchObject({ statusCode: 402, code: "expired_card" });
  });
});

describe("refunds", () => {
  test("never give back more than was taken", async () => {
    const { id } = await paid();
    const first = await stripe.refunds.create({ payment_intent: id, amount: 2000, metadata: { refund_id: "r1" } });
    expect(first).toMatchObject({ status: "succeeded", amount: 2000, metadata: { refund_id: "r1" } });
    await expect(stripe.refunds.create({ payment_intent: id, amount: 3001 })).rejects.toMatchObject({
      code: "amount_too_large",
    });
    await stripe.refunds.create({ payment_intent: id });
    await expect(stripe.refunds.create({ payment_intent: id, amount: 1 })).rejects.toMatchObject({
      code: "charge_already_refunded",
    });
    expect(bank.totals("sk_test_bravo")).toMatchObject({ captured: 5000, refunded: 5000 });
    expect((await stripe.refunds.list({ payment_intent: id })).data.map((one) => one.amount)).toEqual([3000, 2000]);
  });

  test("of a bank debit wait for it to clear, are whole, and take three business days", async () => {
    const { id } = await paid(await account("pm_usBankAccount_success"));
    await expect(stripe.refunds.create({ payment_intent: id })).rejects.toMatchObject({
      code: "charge_not_refundable",
    });
    await post(`/_bank/payments/${id}/settle`);
    await expect(stripe.refunds.create({ payment_intent: id, amount: 100 })).rejects.toMatchObject({ param: "amount" });
    const refund = await stripe.refunds.create({ payment_intent: id });
    expect(refund.status).toBe("pending");
    now += 5 * DAY;
    expect((await stripe.refunds.retrieve(refund.id)).status).toBe("succeeded");
  });

  test("are refused while the payment is disputed", async () => {
    const { id } = await paid("pm_card_createDispute");
    await expect(stripe.refunds.create({ payment_intent: id })).rejects.toMatchObject({ code: "charge_disputed" });
    expect(bank.totals("sk_test_bravo").disputed).toBe(5000);
  });
});

describe("bank debits", () => {
  test("clear on the fourth business day: Friday's on Thursday", async () => {
    const { id } = await paid(await account("pm_usBankAccount_success"));
    now += 6 * DAY - 1;
    expect((await stripe.paymentIntents.retrieve(id)).status).toBe("processing");
    now += 1;
    expect((await stripe.paymentIntents.retrieve(id)).status).toBe("succeeded");
  });

  test("come back a business day later where the account is meant to, at the time they were due", async () => {
    const { id } = await paid(await account("pm_usBankAccount_dispute"));
    now += 30 * DAY;
    const [dispute] = (await stripe.disputes.list({ payment_intent: id })).data;
    expect(dispute).toMatchObject({
      reason: "insufficient_funds",
      status: "lost",
      amount: 5000,
      created: FRIDAY + 7 * DAY,
    });
    expect(bank.totals("sk_test_bravo")).toEqual({ captured: 5000, refunded: 0, disputed: 5000, processing: 0 });
    await expect(stripe.refunds.create({ payment_intent: id })).rejects.toMatchObject({ code: "charge_disputed" });
  });

  test("need a mandate: the first return ends it, the second blocks the account", async () => {
    const attached = (await stripe.paymentMethods.attach("pm_usBankAccount_success", { customer })).id;
    await expect(paid(attached)).rejects.toMatchObject({ code: "payment_intent_mandate_invalid" });
    const method = await account("pm_usBankAccount_success");
    const mandate_data = {
      customer_acceptance: { type: "online" as const, online: { ip_address: "127.0.0.1", user_agent: "x" } },
    };
    for (const expected of ["payment_intent_mandate_invalid", "bank_account_unusable"]) {
      const { id } = await intent({ payment_method: method, confirm: true, mandate_data });
      await post(`/_bank/payments/${id}/settle`);
      await post(`/_bank/payments/${id}/bounce`);
      await expect(paid(method)).rejects.toMatchObject({ code: expected });
    }
  });

  test("to an account that does not exist fail and block it", async () => {
    const method = await account("pm_usBankAccount_noAccount");
    const { id } = await paid(method);
    now += 6 * DAY;
    const failed = await stripe.paymentIntents.retrieve(id, { expand: ["latest_charge"] });
    expect(failed).toMatchObject({
      status: "requires_payment_method",
      last_payment_error: { code: "no_account" },
      latest_charge: { status: "failed", failure_code: "no_account" },
    });
    expect((await stripe.paymentMethods.retrieve(method)).us_bank_account?.status_details?.blocked).toEqual({
      network_code: "R03",
      reason: "bank_account_invalid_details",
    });
    await expect(paid(method)).rejects.toMatchObject({ statusCode: 402, code: "bank_account_unusable" });
  });

  test("meant to stay never clear, but can be failed by hand", async () => {
    const { id } = await paid(await account("pm_usBankAccount_processing"));
    now += 300 * DAY;
    expect((await stripe.paymentIntents.retrieve(id)).status).toBe("processing");
    await post(`/_bank/payments/${id}/fail`, { code: "debit_not_authorized" });
    expect((await stripe.paymentIntents.retrieve(id)).last_payment_error?.code).toBe("debit_not_authorized");
    expect((await post(`/_bank/payments/${id}/settle`)).status).toBe(409);
  });
});

describe("checkout", () => {
  test("is open for more than 30 minutes and at most a day, and expires at its time", async () => {
    await expect(checkout({ expires_at: now + 30 * MINUTE })).rejects.toMatchObject({ param: "expires_at" });
    await expect(checkout({ expires_at: now + DAY + 1 })).rejects.toMatchObject({ param: "expires_at" });
    const { id } = await checkout({ expires_at: now + 31 * MINUTE });
    now += 31 * MINUTE;
    await bank.drainWebhooks();
    expect(await stripe.checkout.sessions.retrieve(id)).toMatchObject({ status: "expired", url: null });
    expect(delivered.at(-1)).toMatchObject({ type: "checkout.session.expired", object: id });
    const page = await bank.fetch(new Request(`${ORIGIN}/c/pay/${id}`));
    expect(await page.text()).toMatch("This checkout has expired.");
  });

  test("owns its intent: that can be neither canceled nor confirmed, and is canceled with it", async () => {
    const session = await checkout();
    expect(session.payment_intent).toBeNull();
    await post(`/c/pay/${session.id}`, { kind: "card", card_number: "4000000000000002" });
    const owned = String((await stripe.checkout.sessions.retrieve(session.id)).payment_intent);
    for (const refused of [
      stripe.paymentIntents.cancel(owned),
      stripe.paymentIntents.confirm(owned, { payment_method: "pm_card_visa" }),
    ]) {
      await expect(refused).rejects.toMatchObject({ code: "payment_intent_unexpected_state" });
    }
    await stripe.checkout.sessions.expire(session.id);
    expect((await stripe.paymentIntents.retrieve(owned)).status).toBe("canceled");
    await expect(stripe.checkout.sessions.expire(session.id)).rejects.toMatchObject({ statusCode: 400 });
  });

  test("paid twice by Back and resubmit is charged once", async () => {
    const { id } = await checkout();
    const first = await post(`/c/pay/${id}`, { kind: "card", card_case: "pm_card_visa" });
    expect(first.headers.get("location")).toBe(`http://portal.test/back?session=${id}`);
    await post(`/c/pay/${id}`, { kind: "card", card_case: "pm_card_visa" });
    expect(bank.totals("sk_test_bravo").captured).toBe(4495);
  });

  test("shows the amount, the kinds offered and where to cancel; a number that is no test number is refused", async () => {
    const { id } = await checkout({ allowed_payment_method_types: ["card"] });
    const page = await (await bank.fetch(new Request(`${ORIGIN}/c/pay/${id}`))).text();
    for (const shown of [
      "$44.95",
      "Invoice 7",
      "no real money",
      'value="4242 4242 4242 4242"',
      "http://portal.test/cancel",
    ]) {
      expect(page).toContain(shown);
    }
    expect(page).not.toContain("Routing number");
    expect(page).not.toContain("<script");
    expect((await post(`/c/pay/${id}`, { kind: "card", card_number: "4111111111111111" })).status).toBe(422);
    expect(
      (await post(`/c/pay/${id}`, { kind: "us_bank_account", account_case: "pm_usBankAccount_success" })).status,
    ).toBe(422);
  });

  test("in setup mode keeps a method, after 3-D Secure where asked", async () => {
    const session = await checkout({ mode: "setup", line_items: undefined, allowed_payment_method_types: ["card"] });
    const { headers } = await post(`/c/pay/${session.id}`, { kind: "card", card_number: "4000002500003155" });
    expect(headers.get("location")).toBe(`/3ds/${session.setup_intent}`);
    await post(`/3ds/${session.setup_intent}`, { result: "fail" });
    expect((await stripe.checkout.sessions.retrieve(session.id)).status).toBe("open");
    await post(`/c/pay/${session.id}`, { kind: "card", card_number: "4242424242424242" });
    const done = await stripe.checkout.sessions.retrieve(session.id, { expand: ["setup_intent.payment_method"] });
    expect(done).toMatchObject({
      status: "complete",
      payment_status: "no_payment_required",
      setup_intent: { status: "succeeded", payment_method: { card: { last4: "4242" }, customer } },
    });
  });
});

describe("events", () => {
  test("arrive signed, once, and can be fetched and listed", async () => {
    const { id } = await paid();
    expect(await bank.drainWebhooks()).toBe(4);
    expect(delivered.map((one) => one.type)).toEqual([
      "customer.created",
      "payment_intent.created",
      "charge.succeeded",
      "payment_intent.succeeded",
    ]);
    expect(delivered[0]?.signature).toMatch(new RegExp(`^t=${now},v1=[0-9a-f]{64}$`));
    expect(await bank.drainWebhooks()).toBe(0);
    const [event] = (await stripe.events.list({ type: "payment_intent.succeeded" })).data;
    expect((await stripe.events.retrieve(event!.id)).data.object).toMatchObject({ id, status: "succeeded" });
  });

  test("travel as told: twice, out of order, late, dropped, and again on request", async () => {
    await bank.drainWebhooks();
    const types = async (mode: Parameters<StripeStandIn["setDelivery"]>[0]) => {
      bank.setDelivery(mode);
      delivered = [];
      await paid();
      await bank.drainWebhooks();
      return delivered.map((one) => one.type.replace("payment_intent.", ""));
    };
    expect(await types({ mode: "twice" })).toEqual([
      "created",
      "created",
      "charge.succeeded",
      "charge.succeeded",
      "succeeded",
      "succeeded",
    ]);
    expect(await types({ mode: "out_of_order" })).toEqual(["succeeded", "charge.succeeded", "created"]);
    expect(await types({ mode: "dropped" })).toEqual([]);
    const [dropped] = (await stripe.events.list({ limit: 1 })).data;
    await post(`/_bank/events/${dropped!.id}/deliver`);
    expect(delivered.map((one) => one.type)).toEqual([dropped!.type]);
    expect(await types({ mode: "late", seconds: HOUR })).toEqual([]);
    now += HOUR;
    await bank.drainWebhooks();
    expect(delivered).toHaveLength(3);
  });

  test("are sent again after a refusal, ever slower, and given up after three days", async () => {
    refuse = 1;
    await bank.drainWebhooks();
    expect(delivered).toHaveLength(0);
    now += MINUTE;
    await bank.drainWebhooks();
    expect(delivered).toHaveLength(1);
    refuse = 1000;
    await paid();
    for (let hours = 0; hours < 80; hours++) {
      await bank.drainWebhooks();
      now += HOUR;
    }
    refuse = 0;
    await bank.drainWebhooks();
    expect(delivered).toHaveLength(1);
  });
});

describe("the door", () => {
  test("keeps accounts apart by key and refuses unknown keys", async () => {
    const { id } = await paid();
    const tango = clientOf("sk_test_tango");
    await expect(tango.paymentIntents.retrieve(id)).rejects.toMatchObject({
      statusCode: 404,
      code: "resource_missing",
    });
    expect(bank.totals("sk_test_tango").captured).toBe(0);
    await expect(clientOf("sk_test_nobody").customers.create()).rejects.toMatchObject({ statusCode: 401 });
    expect((await raw("GET", "/v1/events", {})).status).toBe(401);
  });

  test("deletes a customer for good, with what they kept, and tells of it", async () => {
    const kept = await stripe.paymentMethods.attach("pm_card_visa", { customer });
    expect(await stripe.customers.del(customer)).toEqual({ id: customer, object: "customer", deleted: true });
    expect(await stripe.customers.retrieve(customer)).toMatchObject({ id: customer, deleted: true });
    expect((await stripe.paymentMethods.retrieve(kept.id)).customer).toBeNull();
    await expect(stripe.customers.update(customer, { name: "Dana" })).rejects.toMatchObject({
      code: "resource_missing",
    });
    await expect(stripe.customers.del(customer)).rejects.toMatchObject({ code: "resource_missing" });
  });

  test("answers 404 for what it does not do, 400 for fields it does not know", async () => {
    for (const [method, path] of [
      ["GET", "/v1/invoices"],
      ["POST", "/v1/subscriptions"],
      ["DELETE", "/v1/payment_intents/pi_none"],
    ] as const) {
      const response = await raw(method, path, BEARER);
      expect(response.status).toBe(404);
      expect(await response.json()).toMatchObject({ error: { type: "invalid_request_error" } });
    }
    const form = { ...BEARER, "content-type": "application/x-www-form-urlencoded" };
    const unknown = await raw("POST", "/v1/customers", form, "nam=Dana");
    expect(await unknown.json()).toMatchObject({ error: { code: "parameter_unknown", param: "nam" } });
    const types = await raw(
      "POST",
      "/v1/payment_intents",
      form,
      "amount=5000&currency=usd&payment_method_types[]=card",
    );
    expect(await types.json()).toMatchObject({ error: { code: "payment_method_types_no_longer_supported" } });
    await expect(stripe.paymentIntents.retrieve("pi_none")).rejects.toMatchObject({ code: "resource_missing" });
    await expect(stripe.paymentIntents.list({ expand: ["data.nothing"] })).resolves.toMatchObject({ data: [] });
    await expect(stripe.customers.retrieve(customer, { expand: ["nothing"] })).rejects.toMatchObject({
      param: "expand",
    });
  });

  test("expands what is asked and pages through lists", async () => {
    for (let made = 0; made < 5; made++) {
      await intent({ metadata: { n: String(made) } });
      now += 60;
    }
    const all = await stripe.paymentIntents.list({ customer, limit: 2 }).autoPagingToArray({ limit: 10 });
    expect(all.map((one) => one.metadata.n)).toEqual(["4", "3", "2", "1", "0"]);
    const some = await stripe.paymentIntents.list({
      created: { gte: FRIDAY + 60, lt: FRIDAY + 180 },
      expand: ["data.payment_method"],
    });
    expect(some.data.map((one) => one.metadata.n)).toEqual(["2", "1"]);
    expect(some.data[0]?.payment_method).toMatchObject({ card: { last4: "4242" } });
    const { latest_charge } = await paid();
    const charge = await stripe.charges.retrieve(String(latest_charge), { expand: ["payment_intent.payment_method"] });
    expect(charge.payment_intent).toMatchObject({ payment_method: { object: "payment_method" } });
  });

  test("remembers everything across a restart, plans and promises included", async () => {
    const { id } = await intent({ payment_method: await account("pm_usBankAccount_success"), confirm: true }, "k1");
    bank.faults.add({ match: "POST /v1/refunds", kind: "refused_500" });
    const saved = bank.saveState();
    bank = open();
    bank.loadState(saved);
    stripe = clientOf("sk_test_bravo");
    expect(bank.faults.list()).toHaveLength(1);
    const method = String((await stripe.paymentIntents.retrieve(id)).payment_method);
    expect((await intent({ payment_method: method, confirm: true }, "k1")).id).toBe(id);
    now += 6 * DAY;
    expect((await stripe.paymentIntents.retrieve(id)).status).toBe("succeeded");
    expect((await intent()).id).not.toBe(id);
  });
});

describe("the control page", () => {
  test("lists payments and totals, and plans faults and delivery by form or JSON", async () => {
    const { id } = await paid(await account("pm_usBankAccount_success"));
    const payments = await (await raw("GET", "/_bank/payments", {})).json();
    expect(payments).toMatchObject([
      { account: "Bravo", id, status: "processing", amount: 5000, kind: "us_bank_account" },
    ]);
    const json = { "content-type": "application/json" };
    await raw("POST", "/_bank/faults", json, JSON.stringify({ match: "POST /v1/refunds", kind: "down", times: null }));
    expect(bank.faults.list()).toEqual([{ match: "POST /v1/refunds", kind: "down", times: null, seconds: 60 }]);
    await expect(stripe.refunds.create({ payment_intent: id })).rejects.toMatchObject({
      type: "StripeConnectionError",
    });
    expect((await raw("DELETE", "/_bank/faults", {})).status).toBe(200);
    expect(bank.faults.list()).toEqual([]);
    expect((await post("/_bank/delivery", { mode: "sideways" })).status).toBe(400);
    const form = await post("/_bank/delivery", { mode: "dropped" }, { accept: "text/html" });
    expect([form.status, form.headers.get("location")]).toEqual([303, "/_bank"]);
    expect((await post(`/_bank/payments/${id}/settle`)).status).toBe(200);
    expect(await (await raw("GET", "/_bank/totals", {})).json()).toMatchObject([
      { account: "Bravo", captured: 5000 },
      { account: "Tango" },
    ]);
    expect(await (await raw("GET", "/_bank", {})).text()).toContain("Bounce");
  });
});
