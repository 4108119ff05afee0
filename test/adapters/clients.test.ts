import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { gzipSync } from "node:zlib";
import { transformSync } from "esbuild";
import Stripe from "stripe";
import { expect, test } from "vitest";
import { ResendClient } from "../../src/adapters/resend-client.gen.js";
import { errors, StripeClient } from "../../src/adapters/stripe-client.gen.js";

const root = resolve(import.meta.dirname, "../..");

/** Asks a client of Stripe's for everything that our adapter asks for, and keeps what was sent and what came of it. */
async function conversation(Client: typeof StripeClient) {
  const said: unknown[] = [];
  const answers = async (url: unknown, init?: RequestInit) => {
    const { method, body, headers } = init!;
    const told = new Headers(headers);
    // It tells of the machine; and a key that nobody chose is by chance.
    told.delete("X-Stripe-Client-User-Agent");
    if (told.get("Idempotency-Key")?.startsWith("stripe-node-retry-")) told.set("Idempotency-Key", "any");
    said.push([String(url), method, String(body ?? ""), [...told]]);
    const declined = { error: { type: "card_error", code: "card_declined", decline_code: "insufficient_funds" } };
    if (String(url).endsWith("/confirm"))
      return Response.json(declined, { status: 402, headers: { "Request-Id": "r" } });
    const data = [{ id: `re_${said.length}`, amount: 1234, metadata: { a: "b" }, currency_conversion: null }];
    return Response.json({
      id: "x",
      object: "list",
      url: "/v1/refunds",
      data,
      has_more: !String(url).includes("starting_after"),
    });
  };
  const httpClient = Client.createFetchHttpClient(answers as typeof fetch);
  const stripe = new Client("sk_test_1", { httpClient, maxNetworkRetries: 0, telemetry: false });
  const once = { idempotencyKey: "pi:1" };
  const asked: (() => unknown)[] = [
    () => stripe.customers.create({ metadata: { account_id: "acc_1" } }, once),
    () => stripe.customers.update("cus_1", { name: "Nguyễn & Söhne" }),
    () => stripe.customers.retrieve("cus_1"),
    () => stripe.paymentIntents.create({ amount: 1, currency: "usd", metadata: { payment_id: "p" } }, once),
    () => stripe.paymentIntents.confirm("pi_1", { off_session: true, expand: ["latest_charge"] }, once),
    () => stripe.paymentIntents.retrieve("pi_1", { expand: ["payment_method", "latest_charge"] }),
    () => stripe.paymentIntents.cancel("pi_1", { cancellation_reason: "abandoned" }),
    () => stripe.paymentIntents.list({ created: { gte: 5 }, limit: 100 }),
    () => stripe.checkout.sessions.create({ mode: "setup", currency: "usd", success_url: "https://a.test/?b=c" }, once),
    () => stripe.checkout.sessions.retrieve("cs_1", { expand: ["payment_intent"] }),
    () => stripe.checkout.sessions.expire("cs_1"),
    () => stripe.checkout.sessions.list({ payment_intent: "pi_1", limit: 1 }),
    () => stripe.setupIntents.retrieve("seti_1"),
    () => stripe.paymentMethods.retrieve("pm_1"),
    () => stripe.paymentMethods.detach("pm_1"),
    () => stripe.mandates.retrieve("mandate_1"),
    () => stripe.charges.retrieve("ch_1"),
    () => stripe.disputes.list({ created: { gte: 5 } }),
    () => stripe.disputes.retrieve("du_1", { expand: ["payment_intent"] }),
    () => stripe.refunds.create({ payment_intent: "pi_1", amount: 5 }, once),
    () => stripe.refunds.retrieve("re_1"),
    () => stripe.refunds.list({ limit: 1 }).autoPagingToArray({ limit: 3 }),
    () => stripe.webhooks.constructEventAsync("{}", "t=1,v1=0", "whsec_1", 300, undefined, 1000),
  ];
  const heard: unknown[] = [];
  for (const ask of asked) {
    try {
      heard.push(await ask());
    } catch (refusal) {
      const { name, message, code, decline_code, statusCode } = refusal as Stripe.errors.StripeCardError;
      heard.push({ name, message, code, decline_code, statusCode });
    }
  }
  return { said, heard };
}

test("what is left of Stripe's client says and hears what the whole of it does", async () => {
  const ours = await conversation(StripeClient);
  expect(ours).toEqual(await conversation(Stripe));
  expect(ours.said).toHaveLength(23);
  expect(ours.heard).toContainEqual(expect.objectContaining({ decline_code: "insufficient_funds", statusCode: 402 }));
});

test("its errors are of the same kinds", () => {
  for (const [name, kind] of Object.entries(Stripe.errors)) {
    expect(errors[name as keyof typeof errors].name, name).toBe(kind.name);
  }
});

test("what was left out cannot be asked for", async () => {
  const stripe = new StripeClient("sk_test_1") as Stripe;
  expect(() => stripe.invoices.list()).toThrow(TypeError);
  expect(() => stripe.notificationHandler("whsec_1", async () => {})).toThrow(/left out by dev\/build-parts/);
  const resend = new ResendClient("re_1") as unknown as import("resend").Resend;
  expect(() => resend.broadcasts.list()).toThrow(TypeError);
  const drawn = { from: "a@a.test", to: "b@b.test", subject: "s", react: "x" };
  await expect(resend.emails.send(drawn)).rejects.toThrow(/Failed to render React/);
});

test.each([
  ["src/adapters/stripe-client.gen.js", 16_000],
  ["src/adapters/resend-client.gen.js", 2_400],
  ["db/drizzle.gen.js", 16_500],
  ["db/hrana.gen.js", 7_200],
])("%s weighs at most %i bytes", (file, most) => {
  const text = readFileSync(join(root, file), "utf8");
  const { length } = gzipSync(transformSync(text, { minify: true, format: "esm" }).code, { level: 9 });
  expect(length).toBeLessThanOrEqual(most);
});
