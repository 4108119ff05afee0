import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Hono } from "hono";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { openClock, TOWN_BEGINS } from "../../dev/clock.ts";
import { type Mail, openMailbox } from "../../dev/mailbox.ts";
import type { Portal } from "../../dev/portal.ts";
import { runCron } from "../../dev/portal-worker.ts";
import { freePorts } from "../../dev/ports.ts";
import { type Served, serve } from "../../dev/serve.ts";
import { CARRIER, type Outside, startOutside } from "../../dev/stand-ins.ts";
import { openTelephone, type Text } from "../../dev/telephone.ts";
import { townPages } from "../../dev/town.ts";
import { resendEmail } from "../../src/adapters/resend.ts";
import { twilioSms } from "../../src/adapters/sms.ts";
import type { InboundText } from "../../src/ports.ts";

const number = "+16145550100";
const dana = "+16145550121";

let outside: Outside;
let dealer: Served;
let folder: string;
let real: number;
let heard: (InboundText | null)[];
let ran: string[];
let passwords: unknown[];
let portal: Portal;

beforeAll(async () => {
  const ports = await freePorts(1);
  // A portal's doors for machines: the text webhook, answered with TwiML, and wrangler's door for crons.
  dealer = await serve(async (request) => {
    const url = new URL(request.url);
    if (url.pathname === "/cdn-cgi/local/scheduled") {
      ran.push(url.searchParams.get("cron") ?? "");
      return new Response("ok");
    }
    const form = Object.fromEntries(new URLSearchParams(await request.text()));
    const text = await sms().readWebhook(request.url, form, request.headers.get("x-twilio-signature") ?? "");
    heard.push(text);
    if (text?.text === "lost") return new Response(null, { status: 404 });
    return new Response("<Response><Message>You &amp; we are done. It&#39;s over.</Message></Response>");
  }, 0);
  const one = {
    name: "Cedar Ridge",
    url: dealer.url,
    smsNumber: number,
    stripeSecretKey: "sk_test_1",
    stripeWebhookSecret: "whsec_1",
  };
  folder = mkdtempSync(join(tmpdir(), "town-"));
  outside = await startOutside({
    ports,
    dealers: [one],
    people: [],
    bankFile: join(folder, "bank.json"),
    now: () => TOWN_BEGINS,
  });
  const customer = {
    name: "Dana Okafor",
    why: "happy <path>",
    number: "CR-10021",
    email: "dana@example.com",
    password: "word",
    phone: dana,
    zip: "45000",
    registrationKey: "K",
    systems: [],
  };
  portal = {
    town: "http://127.0.0.1:1",
    dealers: [
      {
        name: one.name,
        url: one.url,
        apiKey: "key",
        smsNumber: number,
        smsAuthToken: CARRIER.authToken,
        customers: [customer],
        staff: [],
      },
    ],
  };
});
afterAll(async () => {
  await Promise.all([outside.stop(), dealer.close()]);
  rmSync(folder, { recursive: true });
});

const sms = () => twilioSms({ ...CARRIER, fromNumber: number, apiBase: outside.twilio });
const email = () => resendEmail({ key: "re_town", apiBase: outside.resend });
const mail = (id: string, to: string) => ({
  id,
  from: "billing@example.com",
  replyTo: null,
  to,
  subject: `About ${id}`,
  html: `<p>${id} <script>no</script></p>`,
  text: `text of ${id}`,
});

let town: Hono;
const openTown = () => {
  const clock = openClock(join(folder, "clock.json"), () => real);
  const common = { offsetSeconds: clock.offsetSeconds };
  town = townPages({
    portal,
    clock,
    mailbox: openMailbox({ resend: outside.resend, file: join(folder, "mail.json"), ...common }),
    telephone: openTelephone({
      carrier: { ...CARRIER, url: outside.twilio },
      lines: [{ number, url: dealer.url }],
      file: join(folder, "texts.json"),
      ...common,
    }),
    bank: `${outside.stripe}/_bank`,
    crons: ["*/5 * * * *"],
    runCron: (line) => runCron(dealer.url, line),
    givePassword: async (asked) => {
      passwords.push(asked);
      return "Given.";
    },
  });
};
beforeEach(() => {
  real = Math.floor(Date.now() / 1000);
  [heard, ran, passwords] = [[], [], []];
  for (const name of ["clock", "mail", "texts"]) rmSync(join(folder, `${name}.json`), { force: true });
  openTown();
});

const post = (path: string, form: Record<string, string>, headers: Record<string, string> = {}) =>
  town.request(path, { method: "POST", body: new URLSearchParams(form), headers });
const read = async (path: string) => await (await town.request(path)).text();
const json = async <T>(path: string) => (await (await town.request(path)).json()) as T;

test("the mailbox lists what was sent, newest first, and by address", async () => {
  await email().send(mail("msg_1", "dana@example.com"));
  await email().send(mail("msg_2", "priya@example.com"));
  const mails = await json<Mail[]>("/mail.json");
  expect(mails.slice(0, 2).map(({ subject }) => subject)).toEqual(["About msg_2", "About msg_1"]);
  expect(mails[1]).toMatchObject({ to: "dana@example.com", from: "billing@example.com", text: "text of msg_1" });
  expect(mails[1]?.at).toMatch(/^2026-12-01T1[45]:/);
  const danas = await json<Mail[]>("/mail.json?to=DANA@example.com");
  expect(new Set(danas.map(({ to }) => to))).toEqual(new Set(["dana@example.com"]));
});

test("a mail is read as HTML, by itself and without its scripts, and as text", async () => {
  await email().send(mail("msg_3", "dana@example.com"));
  const [newest] = await json<Mail[]>("/mail.json");
  const page = await read(`/mail/${newest?.id}`);
  expect(page).toContain("text of msg_3");
  expect(page).not.toContain("<script>");
  const alone = await town.request(`/mail/${newest?.id}/html`);
  expect(alone.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(await alone.text()).toContain("<p>msg_3");
  expect((await town.request("/mail/none")).status).toBe(404);
});

test("mails keep their dates when the clock is moved and when the town starts again", async () => {
  await email().send(mail("msg_4", "glenn@example.com"));
  await post("/clock", { step: "5" });
  openTown();
  const [kept] = await json<Mail[]>("/mail.json?to=glenn@example.com");
  expect(kept?.at).toMatch(/^2026-12-01T/);
  await email().send(mail("msg_5", "glenn@example.com"));
  expect((await json<Mail[]>("/mail.json?to=glenn@example.com"))[0]?.at).toMatch(/^2026-12-06T/);
});

test("a text that was sent stands on the telephone, and the customer's reply reaches the portal signed", async () => {
  await sms().send({ id: "msg_6", to: dana, text: "Your invoice is due", statusTo: null });
  const answer = await post("/telephone", { from: dana, to: number, text: "STOP" });
  expect([answer.status, answer.headers.get("location")]).toEqual([303, "/telephone"]);
  expect(heard).toEqual([{ id: expect.stringMatching(/^SM[0-9a-f]{32}$/), from: dana, to: number, text: "STOP" }]);
  const texts = await json<Text[]>(`/texts.json?to=${encodeURIComponent(dana)}`);
  expect(texts.map(({ text }) => text)).toEqual(["You & we are done. It's over.", "Your invoice is due"]);
  const page = await read("/telephone");
  expect(page).toContain("Your invoice is due");
  expect(page).toContain("STOP");
});

test("a text that the portal does not take is said so", async () => {
  const answer = await post("/telephone", { from: dana, to: number, text: "lost" });
  expect(decodeURIComponent(answer.headers.get("location") ?? "")).toContain("The portal answered 404 to this text.");
  const nobody = await post("/telephone", { from: dana, to: "+16145550199", text: "hello" });
  expect(decodeURIComponent(nobody.headers.get("location") ?? "")).toContain("No dealer has the number +16145550199.");
});

test("the clock is served, set, stepped and reset", async () => {
  const offset = async () => (await json<{ offset_seconds: number }>("/clock")).offset_seconds;
  expect(await offset()).toBe(TOWN_BEGINS - real);
  await post("/clock", { step: "1" });
  expect(await offset()).toBe(TOWN_BEGINS - real + 86_400);
  await post("/clock", { at: "2026-12-24T09:30" });
  expect(new Date((real + (await offset())) * 1000).toISOString()).toBe("2026-12-24T14:30:00.000Z");
  const refused = await post("/clock", { at: "soon" });
  expect(decodeURIComponent(refused.headers.get("location") ?? "")).toContain('"soon" is not a date and time');
  await post("/clock", {});
  expect(await offset()).toBe(TOWN_BEGINS - real);
});

test("a cron line runs in the portal; one that is not in wrangler.toml does not", async () => {
  await post("/cron", { line: "*/5 * * * *" });
  expect(ran).toEqual(["*/5 * * * *"]);
  expect((await post("/cron", { line: "* * * * *" })).status).toBe(404);
  expect(ran).toHaveLength(1);
});

test("a password is asked for in whole", async () => {
  const asked = { dealer: "Cedar Ridge", number: "CR-10105", email: "imani@example.com", password: "a long password" };
  const answer = await post("/passwords", asked);
  expect(passwords).toEqual([asked]);
  expect(answer.headers.get("location")).toContain("Given.");
});

test("the first page says where everything is and who can sign in, and escapes it", async () => {
  const page = await read("/");
  for (const words of [
    dealer.url,
    "Tuesday, December 1, 2026",
    "/bank",
    "/mail",
    "/telephone",
    "dana@example.com",
    "happy &lt;path&gt;",
  ]) {
    expect(page).toContain(words);
  }
});

test("the bank is where the Stripe stand-in says its pages are", async () => {
  const { status, headers } = await town.request("/bank");
  expect([status, headers.get("location")]).toEqual([302, `${outside.stripe}/_bank`]);
  expect((await fetch(`${outside.stripe}/_bank`)).status).toBe(200);
});

test("another site cannot move the clock", async () => {
  const answer = await post("/clock", { step: "1" }, { "sec-fetch-site": "cross-site" });
  expect(answer.status).toBe(403);
  expect((await json<{ offset_seconds: number }>("/clock")).offset_seconds).toBe(TOWN_BEGINS - real);
});
