import { createEmulator, type Emulator } from "emulate";
import { afterAll, afterEach, beforeAll, expect, test, vi } from "vitest";
import { type Served, serve } from "../../dev/serve.ts";
import { resendEmail } from "../../src/adapters/resend.ts";

const receipt = {
  id: "msg_receipt_1",
  from: "Cedar Ridge Alarm <billing@cedarridge.example.com>",
  replyTo: "office@cedarridge.example.com",
  to: "dana@example.com",
  subject: "Receipt for $44.95",
  html: "<p>Thank you, Núñez</p>",
  text: "Thank you, Núñez",
};

let resend: Emulator;
let vendor: Served;
let vendorSays: () => Response;

beforeAll(async () => {
  vendor = await serve(() => vendorSays(), 0);
  const free = await serve(() => new Response(), 0);
  await free.close();
  resend = await createEmulator({ service: "resend", port: free.port });
});
afterAll(() => Promise.all([resend.close(), vendor.close()]));
afterEach(() => {
  vi.restoreAllMocks();
  resend.reset();
});

const mailbox = async () => {
  const response = await fetch(`${resend.url}/emails`);
  return ((await response.json()) as { data: Record<string, unknown>[] }).data;
};

const answering = (status: number, name: string, headers: Record<string, string> = {}) => {
  vendorSays = () => Response.json({ statusCode: status, name, message: "No: dana@example.com." }, { status, headers });
  return resendEmail({ key: "re_test", apiBase: vendor.url }).send(receipt);
};

test("a mail arrives with its address, subject, both bodies and where to reply", async () => {
  const result = await resendEmail({ key: "re_test", apiBase: resend.url }).send(receipt);
  const [mail] = await mailbox();
  expect(result).toEqual({ result: "sent", vendorId: mail?.id });
  expect(mail).toMatchObject({
    from: receipt.from,
    to: [receipt.to],
    reply_to: [receipt.replyTo],
    subject: receipt.subject,
    html: receipt.html,
    text: receipt.text,
  });
});

test("the same mail sent twice is one mail", async () => {
  const email = resendEmail({ key: "re_test", apiBase: resend.url });
  const first = await email.send(receipt);
  expect(await email.send(receipt)).toEqual(first);
  expect(await mailbox()).toHaveLength(1);
});

test("an id that was used for another mail is never sent", async () => {
  const email = resendEmail({ key: "re_test", apiBase: resend.url });
  await email.send(receipt);
  const second = await email.send({ ...receipt, subject: "Something else" });
  expect(second).toMatchObject({ result: "never", reason: expect.stringMatching(/^invalid_idempotent_request: /) });
  expect(await mailbox()).toHaveLength(1);
});

test("a mail without a reply address says nothing about one", async () => {
  await resendEmail({ key: "re_test", apiBase: resend.url }).send({ ...receipt, replyTo: null });
  expect((await mailbox())[0]).toMatchObject({ reply_to: [] });
});

test("too many requests: later, and as late as Resend asks", async () => {
  expect(await answering(429, "rate_limit_exceeded", { "retry-after": "7" })).toEqual({
    result: "retry",
    retryInSeconds: 7,
  });
  expect(await answering(429, "daily_quota_exceeded")).toEqual({ result: "retry", retryInSeconds: null });
});

test.each([
  [500, "application_error"],
  [503, "internal_server_error"],
  [409, "concurrent_idempotent_requests"],
  [401, "missing_api_key"],
  [403, "invalid_api_key"],
])("%i %s: later", async (status, name) => {
  expect(await answering(status, name)).toEqual({ result: "retry", retryInSeconds: null });
});

test.each([
  [400, "validation_error"],
  [403, "validation_error"],
  [404, "not_found"],
  [409, "invalid_idempotent_request"],
  [422, "missing_required_field"],
  [451, "security_error"],
])("%i %s: never, with the reason and without the address", async (status, name) => {
  expect(await answering(status, name)).toEqual({ result: "never", reason: `${name}: No: (address)` });
});

test("a gateway's page instead of an answer: later", async () => {
  vendorSays = () => new Response("<h1>Bad gateway</h1>", { status: 502 });
  const result = await resendEmail({ key: "re_test", apiBase: vendor.url }).send(receipt);
  expect(result).toEqual({ result: "retry", retryInSeconds: null });
});

test("a connection that breaks, and an answer that cannot be read: later", async () => {
  const email = resendEmail({ key: "re_test", apiBase: vendor.url });
  vendorSays = () => Response.error();
  expect(await email.send(receipt)).toEqual({ result: "retry", retryInSeconds: null });
  vendorSays = () => new Response("null", { headers: { "content-type": "application/json" } });
  expect(await email.send(receipt)).toEqual({ result: "retry", retryInSeconds: null });
});

test("no answer in time: later", async () => {
  const limit = vi
    .spyOn(AbortSignal, "timeout")
    .mockReturnValue(AbortSignal.abort(new DOMException("", "TimeoutError")));
  const result = await resendEmail({ key: "re_test", apiBase: resend.url }).send(receipt);
  expect(result).toEqual({ result: "retry", retryInSeconds: null });
  expect(limit.mock.calls[0]?.[0]).toBeLessThanOrEqual(20_000);
});
