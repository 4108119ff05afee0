import { createEmulator, type Emulator } from "emulate";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Served, serve } from "../../dev/serve.ts";
import { twilioSms } from "../../src/adapters/sms.ts";

const account = { accountSid: "AC00000000000000000000000000000001", authToken: "12345", fromNumber: "+16145550100" };
const text = { id: "msg_text_1", to: "+16145550121", text: "Cedar Ridge: Núñez, your visit is today", statusTo: null };

let twilio: Emulator;
let portal: Served;
let portalHears: (request: Request) => void;
let vendor: Served;
let vendorSays: () => Response;

beforeAll(async () => {
  vendor = await serve(() => vendorSays(), 0);
  portal = await serve((request) => {
    portalHears(request);
    return new Response("<Response/>", { headers: { "content-type": "text/xml" } });
  }, 0);
  const free = await serve(() => new Response(), 0);
  await free.close();
  twilio = await createEmulator({
    service: "twilio",
    port: free.port,
    seed: {
      twilio: {
        account: { sid: account.accountSid, auth_token: account.authToken },
        phone_numbers: [{ phone_number: account.fromNumber, sms_url: `${portal.url}/webhooks/sms?dealer=1` }],
      },
    },
  });
});
afterAll(() => Promise.all([twilio.close(), portal.close(), vendor.close()]));
afterEach(() => void vi.restoreAllMocks());

const ours = () => twilioSms({ ...account, apiBase: twilio.url });
const headers = { authorization: `Basic ${btoa(`${account.accountSid}:${account.authToken}`)}` };

const answering = (status: number, body: unknown, after?: string) => {
  vendorSays = () => Response.json(body, { status, headers: after ? { "retry-after": after } : {} });
  return twilioSms({ ...account, apiBase: vendor.url }).send(text);
};

test("a text goes out from the dealer's number", async () => {
  const result = await ours().send(text);
  const list = await fetch(`${twilio.url}/2010-04-01/Accounts/${account.accountSid}/Messages.json`, { headers });
  const { messages } = (await list.json()) as { messages: Record<string, unknown>[] };
  expect(messages[0]).toMatchObject({ from: account.fromNumber, to: text.to, body: text.text });
  expect(result).toEqual({ result: "sent", vendorId: messages[0]?.sid });
});

test("the carrier is told where to report what became of a text", async () => {
  const heard = new Promise<string>((resolve) => {
    portalHears = (request) => resolve(request.url);
  });
  await ours().send({ ...text, statusTo: `${portal.url}/webhooks/sms-status?message=msg_text_1` });
  expect(await heard).toBe(`${portal.url}/webhooks/sms-status?message=msg_text_1`);
});

test("a number that is no telephone: never, with the carrier's code", async () => {
  expect(await ours().send({ ...text, to: "not a number" })).toEqual({ result: "never", reason: "21201" });
});

test.each([
  [400, { code: 21610, message: "Attempt to send to unsubscribed recipient" }, "21610"],
  [404, { code: 20404 }, "20404"],
  [403, "Forbidden", "http 403"],
])("%i: never", async (status, body, reason) => {
  expect(await answering(status, body)).toEqual({ result: "never", reason });
});

test("too many requests: later, and as late as the carrier asks", async () => {
  expect(await answering(429, { code: 20429 }, "3")).toEqual({ result: "retry", retryInSeconds: 3 });
  expect(await answering(429, { code: 20429 })).toEqual({ result: "retry", retryInSeconds: null });
});

test("credentials that the carrier does not take: later", async () => {
  const result = await twilioSms({ ...account, authToken: "wrong", apiBase: twilio.url }).send(text);
  expect(result).toEqual({ result: "retry", retryInSeconds: null });
});

test.each([500, 503])("%i: unclear, so it is never repeated", async (status) => {
  expect(await answering(status, { code: 20500 })).toEqual({ result: "never", reason: "unclear" });
});

test("an answer that cannot be read or never comes is unclear", async () => {
  const unclear = { result: "never", reason: "unclear" };
  const sms = twilioSms({ ...account, apiBase: vendor.url });
  vendorSays = () => new Response("<h1>Hello</h1>");
  expect(await sms.send(text)).toEqual(unclear);
  vendorSays = () => Response.error();
  expect(await sms.send(text)).toEqual(unclear);
  const limit = vi
    .spyOn(AbortSignal, "timeout")
    .mockReturnValue(AbortSignal.abort(new DOMException("", "TimeoutError")));
  expect(await ours().send(text)).toEqual(unclear);
  expect(limit.mock.calls[0]?.[0]).toBeLessThanOrEqual(20_000);
});

test("Twilio's own example of a signature is accepted", async () => {
  const form = {
    Digits: "1234",
    To: "+18005551212",
    From: "+14158675309",
    Caller: "+14158675309",
    CallSid: "CA1234567890ABCDE",
  };
  const body = { ...form, MessageSid: "SM1", Body: "" };
  const url = "https://mycompany.com/myapp.php?foo=1&bar=2";
  // The example is a call, not a text, so it is no inbound text; with a text's fields the signature is another.
  expect(await ours().readWebhook(url, form, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")).toBeNull();
  expect(await ours().readWebhook(url, body, "RSOYDt4T1cUTdK1PDd93/VVr8B8=")).toBeNull();
});

test("a text that came in through the carrier is read, and only with its signature", async () => {
  const heard = new Promise<Request>((resolve) => {
    portalHears = resolve;
  });
  const inbound = new URLSearchParams({ To: account.fromNumber, From: text.to, Body: " STOP – ¡ya! " });
  await fetch(`${twilio.url}/_twilio/simulate/inbound-message`, { method: "POST", headers, body: inbound });
  const request = await heard;
  const form = Object.fromEntries(new URLSearchParams(await request.text()));
  const signature = request.headers.get("x-twilio-signature") ?? "";
  const url = `${portal.url}/webhooks/sms?dealer=1`;

  expect(await ours().readWebhook(url, form, signature)).toEqual({
    id: form.MessageSid,
    from: text.to,
    to: account.fromNumber,
    text: " STOP – ¡ya! ",
  });
  expect(await ours().readWebhook(url, { ...form, Body: "START" }, signature)).toBeNull();
  expect(await ours().readWebhook(`${url}&more=1`, form, signature)).toBeNull();
  expect(await ours().readWebhook(url, form, "")).toBeNull();
  expect(await ours().readWebhook(url, form, "%%%")).toBeNull();
  expect(
    await twilioSms({ ...account, authToken: "54321", apiBase: null }).readWebhook(url, form, signature),
  ).toBeNull();
});
