import Stripe from "stripe";
import { beforeEach, describe, expect, test } from "vitest";
import { type StripeStandIn, stripeStandIn } from "../../dev/stripe.ts";
import type { FaultKind } from "../../dev/stripe-faults.ts";
import { stripePayments } from "../../src/adapters/stripe.ts";
import { DAY, HOUR, MINUTE } from "../../src/calendar.ts";
import { cents } from "../../src/money.ts";
import { type MethodKind, type Payments, VendorTrouble } from "../../src/ports.ts";

const SECRET_KEY = "sk_test_bravo";
const WEBHOOK_SECRET = "whsec_test_secret";
const ORIGIN = "http://stripe.test";
const BACK = "http://portal.test/payments/pay_a";
/** A Monday, 2026-03-09 16:00 UTC. */
const MONDAY = 1_773_072_000;

const CREATE = "POST /v1/payment_intents";
const CONFIRM = "POST /v1/payment_intents/*/confirm";
const CANCEL = "POST /v1/payment_intents/*/cancel";
const OPEN = "POST /v1/checkout/sessions";

type Inbox = { body: string; signature: string }[];

let now: number;
let bank: StripeStandIn;
let inbox: Inbox;
let stripe: Stripe;
let payments: Payments;
let customerId: string;

beforeEach(async () => {
  now = MONDAY;
  inbox = [];
  bank = stripeStandIn({
    now: () => now,
    origin: ORIGIN,
    seed: "adapter",
    accounts: [
      { name: "Bravo", secretKey: SECRET_KEY, webhooks: [{ url: "http://portal.test/hook", secret: WEBHOOK_SECRET }] },
    ],
    async deliver(_url, body, signature) {
      inbox.push({ body, signature });
      return new Response("ok");
    },
  });
  payments = stripePayments({
    secretKey: SECRET_KEY,
    webhookSecret: WEBHOOK_SECRET,
    apiBase: ORIGIN,
    fetch: bank.client,
  });
  stripe = new Stripe(SECRET_KEY, {
    httpClient: Stripe.createFetchHttpClient(bank.client),
    host: "stripe.test",
    protocol: "http",
    maxNetworkRetries: 0,
  });
  customerId = await payments.createCustomer({ accountId: "acc_dana", name: "Dana Dvořák", email: "dana@example.com" });
});

const savedCard = async (token: string) => (await stripe.paymentMethods.attach(token, { customer: customerId })).id;

async function savedAccount(token = "pm_usBankAccount_success") {
  const setup = await stripe.setupIntents.create({
    customer: customerId,
    payment_method: token,
    confirm: true,
    mandate_data: { customer_acceptance: { type: "offline", offline: {} } },
  });
  return String(setup.payment_method);
}

const prepare = (paymentMethodId: string, paymentId = "pay_a", amount = 5000) =>
  payments.prepareCharge({ paymentId, cents: cents(amount), customerId, paymentMethodId, description: "Invoice 1001" });

const confirm = (intentId: string, paymentId = "pay_a") =>
  payments.confirmCharge({ paymentId, intentId, returnTo: BACK });

async function charge(paymentMethodId: string) {
  const { intentId } = await prepare(paymentMethodId);
  return { intentId, ref: { paymentId: "pay_a", intentId, checkoutId: null }, outcome: await confirm(intentId) };
}

async function openCheckout(p: { kinds?: MethodKind[]; save?: boolean; paymentId?: string } = {}) {
  const paymentId = p.paymentId ?? "pay_c";
  const opened = await payments.openCheckout({
    paymentId,
    cents: cents(4495),
    customerId,
    description: "Invoice 1002",
    kinds: p.kinds ?? ["card", "bank"],
    save: p.save ?? false,
    returnTo: BACK,
    language: "en",
    expiresAt: now + HOUR,
  });
  return { ...opened, ref: { paymentId, intentId: null, checkoutId: opened.checkoutId } };
}

/** Fills in a hosted page as a browser without JavaScript does, and follows nothing. */
async function submit(url: string, form: Record<string, string>) {
  const response = await bank.fetch(new Request(url, { method: "POST", body: new URLSearchParams(form) }));
  return { status: response.status, location: response.headers.get("location") };
}

const payByCard = (url: string, number: string) => submit(url, { kind: "card", card_number: number, card_case: "" });
const payByBank = (url: string, account: string) =>
  submit(url, { kind: "us_bank_account", routing_number: "110000000", account_number: account, account_case: "" });

/** Everything delivered since the last time, through our own door. */
async function received() {
  await bank.drainWebhooks();
  const events = await Promise.all(inbox.splice(0).map((one) => payments.readWebhook(one.body, one.signature, now)));
  return events.map((event) => event!);
}

const VISA = { kind: "card", brand: "visa", lastFour: "4242" };
const ACCOUNT = { kind: "bank", brand: "STRIPE TEST BANK", lastFour: "6789" };

describe("customers", () => {
  test("the same account is the same customer, even after its name has changed", async () => {
    const again = await payments.createCustomer({ accountId: "acc_dana", name: "Dana Núñez", email: null });
    expect(again).toBe(customerId);
    const customer = await stripe.customers.retrieve(customerId);
    expect(customer).toMatchObject({
      name: "Dana Núñez",
      email: "dana@example.com",
      metadata: { account_id: "acc_dana" },
    });
  });

  test.each<FaultKind>(["saved_500", "acted_500"])(
    "a 500 that Stripe keeps (%s) does not lock an account out",
    async (kind) => {
      bank.faults.add({ match: "POST /v1/customers", kind });
      const made = await payments.createCustomer({ accountId: "acc_new", name: "New", email: null });
      expect(await payments.createCustomer({ accountId: "acc_new", name: "New", email: null })).toBe(made);
    },
  );

  test("trouble is thrown, not guessed away", async () => {
    bank.faults.add({ match: "POST /v1/customers", kind: "down" });
    const asked = payments.createCustomer({ accountId: "acc_new", name: "New", email: null });
    await expect(asked).rejects.toThrow(VendorTrouble);
  });
});

describe("a saved card", () => {
  test("is prepared without moving money, and the same payment id is the same charge", async () => {
    const method = await savedCard("pm_card_visa");
    const first = await prepare(method);
    const second = await prepare(method);
    expect(second).toEqual(first);
    expect(await payments.outcome({ paymentId: "pay_a", intentId: first.intentId, checkoutId: null })).toEqual({
      state: "unconfirmed",
    });
    expect(bank.totals(SECRET_KEY).captured).toBe(0);
    const intent = await stripe.paymentIntents.retrieve(first.intentId);
    expect(intent).toMatchObject({ amount: 5000, description: "Invoice 1001", metadata: { payment_id: "pay_a" } });
  });

  test("settles", async () => {
    const { outcome, ref } = await charge(await savedCard("pm_card_visa"));
    expect(outcome).toEqual({ state: "settled", cents: 5000, with: VISA, saved: null });
    expect(await payments.outcome(ref)).toEqual(outcome);
    expect(bank.totals(SECRET_KEY).captured).toBe(5000);
  });

  test("confirmed twice is charged once", async () => {
    const { outcome, intentId } = await charge(await savedCard("pm_card_mastercard"));
    expect(await confirm(intentId)).toEqual(outcome);
    now += 2 * DAY;
    expect(await confirm(intentId)).toEqual(outcome);
    expect(bank.totals(SECRET_KEY).captured).toBe(5000);
  });

  test("declined is canceled first, then called failed with the bank's code", async () => {
    const { outcome, intentId, ref } = await charge(await savedCard("pm_card_chargeCustomerFail"));
    const declined = {
      state: "failed",
      code: "generic_decline",
      with: { kind: "card", brand: "visa", lastFour: "0341" },
    };
    expect(outcome).toEqual(declined);
    expect((await stripe.paymentIntents.retrieve(intentId)).status).toBe("canceled");
    expect(await payments.outcome(ref)).toEqual(declined);
    expect(await payments.cancel(ref)).toEqual(declined);
    expect(await confirm(intentId)).toEqual(declined);
  });

  test.each([
    ["pm_card_chargeDeclinedInsufficientFunds", "insufficient_funds"],
    ["pm_card_chargeDeclinedExpiredCard", "expired_card"],
    ["pm_card_chargeDeclined", "generic_decline"],
  ])("%s fails with %s", async (token, code) => {
    const { outcome } = await charge(token);
    expect(outcome).toMatchObject({ state: "failed", code });
    expect(bank.totals(SECRET_KEY)).toMatchObject({ captured: 0 });
  });

  test("asks for 3-D Secure and settles once the customer has completed it", async () => {
    const { outcome, intentId, ref } = await charge(await savedCard("pm_card_authenticationRequired"));
    expect(outcome).toEqual({ state: "action", url: `${ORIGIN}/3ds/${intentId}` });
    const back = await submit(`${ORIGIN}/3ds/${intentId}`, { result: "complete" });
    expect(back.location).toMatch(`${BACK}?payment_intent=${intentId}`);
    expect(back.location).toMatch("redirect_status=succeeded");
    const settled = {
      state: "settled",
      cents: 5000,
      with: { kind: "card", brand: "visa", lastFour: "3184" },
      saved: null,
    };
    expect(await payments.outcome(ref)).toEqual(settled);
    // Within the day Stripe replays "requires action" for this key; that is no longer true.
    expect(await confirm(intentId)).toEqual(settled);
  });

  test("fails when the customer fails 3-D Secure", async () => {
    const { intentId, ref } = await charge(await savedCard("pm_card_authenticationRequired"));
    const back = await submit(`${ORIGIN}/3ds/${intentId}`, { result: "fail" });
    expect(back.location).toMatch("redirect_status=failed");
    expect(await payments.outcome(ref)).toMatchObject({
      state: "failed",
      code: "payment_intent_authentication_failure",
    });
  });

  test("taken away before confirming fails for certain", async () => {
    const method = await savedCard("pm_card_visa");
    const { intentId } = await prepare(method);
    await stripe.paymentMethods.detach(method);
    expect(await confirm(intentId)).toMatchObject({ state: "failed", code: "payment_intent_unexpected_state" });
    expect((await stripe.paymentIntents.retrieve(intentId)).status).toBe("canceled");
  });
});

describe("a saved bank account", () => {
  test("is processing for four business days, then settles", async () => {
    const { outcome, ref } = await charge(await savedAccount());
    expect(outcome).toEqual({ state: "processing", with: ACCOUNT, saved: null });
    now += 4 * DAY - 1;
    expect(await payments.outcome(ref)).toEqual(outcome);
    now += 1;
    expect(await payments.outcome(ref)).toEqual({ state: "settled", cents: 5000, with: ACCOUNT, saved: null });
  });

  test("may fail days later; then it is canceled and called failed", async () => {
    const { intentId, ref } = await charge(await savedAccount("pm_usBankAccount_insufficientFunds"));
    now += 4 * DAY;
    expect(await payments.outcome(ref)).toMatchObject({ state: "failed", code: "insufficient_funds" });
    expect((await stripe.paymentIntents.retrieve(intentId)).status).toBe("canceled");
  });

  test("cannot be canceled while the debit is on its way", async () => {
    const { outcome, ref } = await charge(await savedAccount());
    expect(await payments.cancel(ref)).toEqual(outcome);
  });

  test("comes back after it settled, told as returned with the dispute's id, amount and reason", async () => {
    const { intentId } = await charge(await savedAccount());
    now += 4 * DAY;
    await received();
    await bank.fetch(new Request(`${ORIGIN}/_bank/payments/${intentId}/bounce`, { method: "POST" }));
    const events = await received();
    const news = await Promise.all(events.map((event) => payments.news(event)));
    const [dispute] = (await stripe.disputes.list({ payment_intent: intentId })).data;
    const returned = {
      paymentId: "pay_a",
      kind: "returned",
      returnId: dispute!.id,
      cents: 5000,
      code: "insufficient_funds",
      // A bank's word about its own debit is final.
      state: "lost",
    };
    expect(events.map((event) => event.type)).toEqual([
      "charge.dispute.created",
      "charge.dispute.funds_withdrawn",
      "charge.dispute.closed",
      "mandate.updated",
    ]);
    expect(news).toEqual([returned, returned, returned, null]);
  });

  test("whose mandate ended with a return fails for certain, without being tried", async () => {
    const account = await savedAccount();
    const { intentId } = await charge(account);
    now += 4 * DAY;
    await bank.fetch(new Request(`${ORIGIN}/_bank/payments/${intentId}/bounce`, { method: "POST" }));
    const next = await prepare(account, "pay_b");
    expect(await confirm(next.intentId, "pay_b")).toMatchObject({
      state: "failed",
      code: "payment_intent_mandate_invalid",
    });
  });
});

describe("hosted checkout", () => {
  test("is one per payment, names the payment everywhere, and is an action until it is paid", async () => {
    const first = await openCheckout();
    expect(await openCheckout()).toEqual(first);
    expect(first.url).toBe(`${ORIGIN}/c/pay/${first.checkoutId}`);
    expect(await payments.outcome(first.ref)).toEqual({ state: "action", url: first.url });
    const session = await stripe.checkout.sessions.retrieve(first.checkoutId);
    expect(session).toMatchObject({
      amount_total: 4495,
      client_reference_id: "pay_c",
      customer: customerId,
      expires_at: now + HOUR,
      locale: "en",
      metadata: { payment_id: "pay_c" },
      payment_method_types: ["card", "us_bank_account"],
    });
    await payByCard(first.url, "4242 4242 4242 4242");
    const paid = await stripe.checkout.sessions.retrieve(first.checkoutId, { expand: ["payment_intent"] });
    expect(paid.payment_intent).toMatchObject({ metadata: { payment_id: "pay_c" }, setup_future_usage: null });
  });

  test("settles with a new card, and keeps nothing unless asked", async () => {
    const { url, ref } = await openCheckout();
    expect((await payByCard(url, "4242 4242 4242 4242")).location).toBe(BACK);
    expect(await payments.outcome(ref)).toEqual({ state: "settled", cents: 4495, with: VISA, saved: null });
    expect((await stripe.paymentMethods.list({ customer: customerId })).data).toEqual([]);
  });

  test("keeps the card when the customer asked, and it can be charged again", async () => {
    const { url, ref } = await openCheckout({ save: true });
    await payByCard(url, "5555 5555 5555 4444");
    const outcome = await payments.outcome(ref);
    const [method] = (await stripe.paymentMethods.list({ customer: customerId })).data;
    expect(outcome).toMatchObject({
      state: "settled",
      saved: {
        kind: "card",
        brand: "mastercard",
        lastFour: "4444",
        paymentMethodId: method!.id,
        fingerprint: method!.card!.fingerprint,
        expiresMonth: 12,
        expiresYear: 2029,
      },
    });
    expect((await charge(method!.id)).outcome).toMatchObject({ state: "settled" });
  });

  test("keeps the bank account while its debit is on its way, and a later debit needs no new mandate", async () => {
    const { url, ref } = await openCheckout({ save: true });
    await payByBank(url, "000123456789");
    const outcome = await payments.outcome(ref);
    expect(outcome).toMatchObject({
      state: "processing",
      with: ACCOUNT,
      saved: { kind: "bank", brand: "STRIPE TEST BANK", lastFour: "6789", expiresMonth: null, expiresYear: null },
    });
    const [method] = (await stripe.paymentMethods.list({ customer: customerId })).data;
    expect((await charge(method!.id)).outcome).toMatchObject({ state: "processing" });
    now += 4 * DAY;
    expect(await payments.outcome(ref)).toMatchObject({ state: "settled", cents: 4495 });
  });

  test("stays open after a decline, so that is not a failure", async () => {
    const { url, ref } = await openCheckout();
    expect((await payByCard(url, "4000 0000 0000 9995")).location).toBe(`/c/pay/${ref.checkoutId}`);
    const page = await bank.fetch(new Request(url));
    expect(await page.text()).toMatch("Your card has insufficient funds.");
    expect(await payments.outcome(ref)).toEqual({ state: "action", url });
    for (const event of await received()) {
      const news = await payments.news(event);
      if (news) expect(news).toEqual({ paymentId: "pay_c", kind: "outcome", outcome: { state: "action", url } });
    }
    await payByCard(url, "4242424242424242");
    expect(await payments.outcome(ref)).toMatchObject({ state: "settled", cents: 4495 });
  });

  test("goes through 3-D Secure", async () => {
    const { url, ref } = await openCheckout();
    const { location } = await payByCard(url, "4000 0025 0000 3155");
    expect(await payments.outcome(ref)).toEqual({ state: "action", url });
    const back = await submit(`${ORIGIN}${location}`, { result: "complete" });
    expect(back.location).toBe(BACK);
    expect(await payments.outcome(ref)).toMatchObject({ state: "settled" });
  });

  test("whose bank debit fails later has failed for certain", async () => {
    const { url, ref } = await openCheckout({ kinds: ["bank"] });
    await payByBank(url, "000111111113");
    await received();
    now += 4 * DAY;
    const failed = {
      state: "failed",
      code: "account_closed",
      with: { kind: "bank", brand: "STRIPE TEST BANK", lastFour: "1113" },
    };
    expect(await payments.outcome(ref)).toEqual(failed);
    expect(await payments.cancel(ref)).toEqual(failed);
    const events = await received();
    const told = events.filter((event) => /payment_failed/.test(event.type));
    expect(told.map((event) => event.type)).toEqual([
      "payment_intent.payment_failed",
      "checkout.session.async_payment_failed",
    ]);
    for (const event of told) {
      expect(await payments.news(event)).toEqual({ paymentId: "pay_c", kind: "outcome", outcome: failed });
    }
  });

  test("expires by itself", async () => {
    const { ref, url } = await openCheckout();
    await payByCard(url, "4000 0000 0000 0002");
    now += HOUR;
    expect(await payments.outcome(ref)).toEqual({ state: "failed", code: "checkout_expired", with: null });
    expect(bank.totals(SECRET_KEY).captured).toBe(0);
    expect((await payByCard(url, "4242424242424242")).location).toBe(`/c/pay/${ref.checkoutId}`);
    expect(bank.totals(SECRET_KEY).captured).toBe(0);
  });

  test("is expired when canceled, unless it was paid meanwhile", async () => {
    const open = await openCheckout();
    expect(await payments.cancel(open.ref)).toEqual({ state: "failed", code: "checkout_expired", with: null });
    expect(await payments.cancel(open.ref)).toEqual({ state: "failed", code: "checkout_expired", with: null });
    const paid = await openCheckout({ paymentId: "pay_d" });
    await payByCard(paid.url, "4242424242424242");
    expect(await payments.cancel(paid.ref)).toMatchObject({ state: "settled", cents: 4495 });
  });
});

describe("canceling", () => {
  test("ends a prepared charge for good", async () => {
    const { intentId } = await prepare(await savedCard("pm_card_visa"));
    const ref = { paymentId: "pay_a", intentId, checkoutId: null };
    const canceled = { state: "failed", code: "canceled", with: null };
    expect(await payments.cancel(ref)).toMatchObject({ state: "failed", code: "canceled" });
    expect(await payments.outcome(ref)).toMatchObject({ state: "failed", code: "canceled" });
    expect(await confirm(intentId)).toMatchObject({ state: "failed", code: "canceled" });
    expect(await payments.cancel({ paymentId: "pay_z", intentId: null, checkoutId: null })).toEqual(canceled);
    expect(bank.totals(SECRET_KEY).captured).toBe(0);
  });

  test("ends one that waits for 3-D Secure", async () => {
    const { ref, intentId } = await charge(await savedCard("pm_card_authenticationRequired"));
    expect(await payments.cancel(ref)).toMatchObject({ state: "failed" });
    expect((await submit(`${ORIGIN}/3ds/${intentId}`, { result: "complete" })).status).toBe(404);
    expect(bank.totals(SECRET_KEY).captured).toBe(0);
  });

  test("tells the truth about one that has settled", async () => {
    const { ref, outcome } = await charge(await savedCard("pm_card_visa"));
    expect(await payments.cancel(ref)).toEqual(outcome);
  });

  test.each<FaultKind>(["down", "refused_500", "rate_limited", "conflict", "cut_after"])(
    "is unknown on %s, and certain when asked again",
    async (kind) => {
      const { intentId } = await prepare(await savedCard("pm_card_visa"));
      const ref = { paymentId: "pay_a", intentId, checkoutId: null };
      bank.faults.add({ match: CANCEL, kind });
      expect(await payments.cancel(ref)).toEqual({ state: "unknown" });
      expect(await payments.cancel(ref)).toMatchObject({ state: "failed", code: "canceled" });
    },
  );
});

describe("when Stripe gives no clear answer", () => {
  test("preparing waits a moment for the very same request, which somebody else has just sent", async () => {
    const method = await savedCard("pm_card_visa");
    bank.faults.add({ match: CREATE, kind: "conflict" });
    await prepare(method);
    expect((await stripe.paymentIntents.list({ customer: customerId })).data).toHaveLength(1);
  });

  test.each<FaultKind>(["down", "refused_500", "rate_limited", "conflict", "cut_after"])(
    "preparing throws on %s, and the same charge is found by asking again",
    async (kind) => {
      const method = await savedCard("pm_card_visa");
      bank.faults.add({ match: CREATE, kind, times: kind === "conflict" ? 3 : 1 });
      await expect(prepare(method)).rejects.toThrow(VendorTrouble);
      await prepare(method);
      expect((await stripe.paymentIntents.list({ customer: customerId })).data).toHaveLength(1);
    },
  );

  test.each<FaultKind>([
    "down",
    "refused_500",
    "saved_500",
    "acted_500",
    "cut_after",
    "late",
    "rate_limited",
    "conflict",
  ])("confirming is not clear on %s, never failed, and never charges twice", async (kind) => {
    const { intentId } = await prepare(await savedCard("pm_card_visa"));
    const ref = { paymentId: "pay_a", intentId, checkoutId: null };
    bank.faults.add({ match: CONFIRM, kind, seconds: 60 });
    expect(await confirm(intentId)).toEqual({ state: kind === "rate_limited" ? "unconfirmed" : "unknown" });
    const acted = kind === "acted_500" || kind === "cut_after";
    expect(await payments.outcome(ref)).toMatchObject({ state: acted ? "settled" : "unconfirmed" });
    now += 5 * MINUTE;
    await confirm(intentId);
    now += 2 * DAY;
    expect(await confirm(intentId)).toMatchObject({ state: "settled", cents: 5000 });
    expect(bank.totals(SECRET_KEY).captured).toBe(5000);
  });

  test("a late confirmation after we canceled moves no money", async () => {
    const { intentId } = await prepare(await savedCard("pm_card_visa"));
    bank.faults.add({ match: CONFIRM, kind: "late", seconds: 600 });
    expect(await confirm(intentId)).toEqual({ state: "unknown" });
    expect(await confirm(intentId)).toEqual({ state: "unknown" });
    expect(await payments.cancel({ paymentId: "pay_a", intentId, checkoutId: null })).toMatchObject({
      state: "failed",
    });
    now += HOUR;
    await bank.tick();
    expect(bank.totals(SECRET_KEY).captured).toBe(0);
    expect((await stripe.paymentIntents.retrieve(intentId)).status).toBe("canceled");
  });

  test("a decline whose cancellation is lost is unknown until the cancellation is certain", async () => {
    const { intentId } = await prepare(await savedCard("pm_card_chargeCustomerFail"));
    bank.faults.add({ match: CANCEL, kind: "down" });
    expect(await confirm(intentId)).toEqual({ state: "unknown" });
    expect(await payments.outcome({ paymentId: "pay_a", intentId, checkoutId: null })).toMatchObject({
      state: "failed",
      code: "generic_decline",
    });
  });

  test.each<FaultKind>(["down", "refused_500", "cut_after", "conflict"])(
    "opening a checkout throws on %s, and asking again opens the same one",
    async (kind) => {
      bank.faults.add({ match: OPEN, kind, times: kind === "conflict" ? 3 : 1 });
      await expect(openCheckout()).rejects.toThrow(VendorTrouble);
      await openCheckout();
      expect((await stripe.checkout.sessions.list()).data).toHaveLength(1);
    },
  );

  test("everything down is unknown, a wrong key too, and news are asked for again", async () => {
    const { ref } = await charge(await savedCard("pm_card_visa"));
    const [event] = (await received()).filter((one) => one.type === "payment_intent.succeeded");
    bank.faults.add({ match: "*", kind: "down", times: null });
    expect(await payments.outcome(ref)).toEqual({ state: "unknown" });
    expect(await payments.cancel(ref)).toEqual({ state: "unknown" });
    await expect(payments.news(event!)).rejects.toThrow(VendorTrouble);
    bank.faults.clear();
    const stranger = stripePayments({
      secretKey: "sk_test_other",
      webhookSecret: "x",
      apiBase: ORIGIN,
      fetch: bank.client,
    });
    expect(await stranger.outcome(ref)).toEqual({ state: "unknown" });
    expect(await payments.news(event!)).toMatchObject({ outcome: { state: "settled" } });
  });
});

describe("webhooks", () => {
  const BODY = '{"id":"evt_test_1","object":"event"}';
  const V1 = "b1a80e1d8e705e412b4eaae4714d9e6427cb6df66fdc2d9a079066d2f9d8d6bf";
  const AT = 1_763_782_800;

  const event = (id: string) =>
    JSON.stringify({ id, object: "event", type: "charge.updated", data: { object: { id: "ch_1" } } });
  const signed = (payload: string, secret = WEBHOOK_SECRET, timestamp = now) =>
    stripe.webhooks.generateTestHeaderStringAsync({ payload, secret, timestamp });

  test("the documented vector is read, and refused after five minutes", async () => {
    expect(await signed(BODY, WEBHOOK_SECRET, AT)).toBe(`t=${AT},v1=${V1}`);
    const read = { id: "evt_test_1", type: "", objectId: "" };
    expect(await payments.readWebhook(BODY, `t=${AT},v1=${V1}`, AT)).toEqual(read);
    expect(await payments.readWebhook(BODY, `t=${AT},v1=${V1}`, AT + 300)).toEqual(read);
    expect(await payments.readWebhook(BODY, `t=${AT},v1=${V1}`, AT + 301)).toBeNull();
  });

  test("a good signature is read, on the raw body and within five minutes", async () => {
    const body = event("evt_1");
    const header = await signed(body);
    const read = { id: "evt_1", type: "charge.updated", objectId: "ch_1" };
    expect(await payments.readWebhook(body, header, now)).toEqual(read);
    expect(await payments.readWebhook(body, `${header},v1=00`, now + 300)).toEqual(read);
  });

  test("a wrong secret, a changed body, an old timestamp and nonsense are refused", async () => {
    const body = event("evt_1");
    const header = await signed(body);
    expect(await payments.readWebhook(body, await signed(body, "whsec_other"), now)).toBeNull();
    expect(await payments.readWebhook(body.replace("evt_1", "evt_2"), header, now)).toBeNull();
    expect(await payments.readWebhook(body, header, now + 301)).toBeNull();
    expect(await payments.readWebhook(body, header.replace(`t=${now}`, `t=${now + 301}`), now + 301)).toBeNull();
    expect(await payments.readWebhook(body, "", now)).toBeNull();
    expect(await payments.readWebhook("", header, now)).toBeNull();
  });

  test("a replay reads as the same event, and its news are what is true now", async () => {
    const { intentId } = await charge(await savedAccount());
    await bank.drainWebhooks();
    const early = inbox.find((one) => one.body.includes('"payment_intent.processing"'))!;
    const first = await payments.readWebhook(early.body, early.signature, now);
    const again = await payments.readWebhook(early.body, early.signature, now + 60);
    expect(again).toEqual(first);
    expect(await payments.news(first!)).toMatchObject({ paymentId: "pay_a", outcome: { state: "processing" } });
    now += 4 * DAY;
    expect(await payments.news(first!)).toMatchObject({ paymentId: "pay_a", outcome: { state: "settled" } });
    expect(first).toMatchObject({ type: "payment_intent.processing", objectId: intentId });
  });

  test("the events of every outcome lead to it", async () => {
    const { url } = await openCheckout();
    await payByCard(url, "4242424242424242");
    const { intentId } = await prepare(await savedCard("pm_card_visa"));
    await payments.cancel({ paymentId: "pay_a", intentId, checkoutId: null });
    await openCheckout({ paymentId: "pay_x" });
    now += HOUR;
    const news = await Promise.all(
      (await received()).map(async (one) => ({ type: one.type, news: await payments.news(one) })),
    );
    const told = news
      .filter((one) => one.news)
      .map(({ type, news }) => [type, news!.paymentId, news!.kind === "outcome" && news!.outcome.state]);
    expect(told).toEqual([
      ["payment_intent.succeeded", "pay_c", "settled"],
      ["checkout.session.completed", "pay_c", "settled"],
      ["payment_intent.canceled", "pay_a", "failed"],
      ["checkout.session.expired", "pay_x", "failed"],
    ]);
  });

  test("what is none of ours has no news", async () => {
    const foreign = await stripe.paymentIntents.create({
      amount: 1000,
      currency: "usd",
      payment_method: "pm_card_visa",
      confirm: true,
    });
    const setup = await stripe.checkout.sessions.create({
      mode: "setup",
      currency: "usd",
      customer: customerId,
      success_url: BACK,
    });
    expect(await payments.news({ type: "payment_intent.succeeded", objectId: foreign.id })).toBeNull();
    expect(await payments.news({ type: "checkout.session.completed", objectId: setup.id })).toBeNull();
    expect(await payments.news({ type: "payment_intent.succeeded", objectId: "pi_elsewhere" })).toBeNull();
    expect(await payments.news({ type: "customer.created", objectId: customerId })).toBeNull();
  });

  test("a card dispute takes money back, one that is won gives it back, and an inquiry is no dispute yet", async () => {
    const { url } = await openCheckout();
    await payByCard(url, "4000000000000259");
    const [dispute] = (await stripe.disputes.list()).data;
    const told = { type: "charge.dispute.funds_withdrawn", objectId: dispute!.id };
    const returned = {
      paymentId: "pay_c",
      kind: "returned",
      returnId: dispute!.id,
      cents: 4495,
      code: "fraudulent",
    };
    expect(await payments.news(told)).toEqual({ ...returned, state: "running" });
    for (const [status, news] of [
      ["warning_needs_response", null],
      ["won", { ...returned, state: "won" }],
    ] as const) {
      bank.loadState(
        bank.saveState().replace(/"status":"(needs_response|warning_needs_response)"/, `"status":"${status}"`),
      );
      expect((await stripe.disputes.retrieve(dispute!.id)).status).toBe(status);
      expect(await payments.news(told)).toEqual(news);
    }
  });
});
