import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import { portal as buildPortal } from "../../src/app.tsx";
import type { Bindings } from "../../src/config.ts";
import { portal, type TestPortal } from "../setup.ts";
import { DOORS, rightOf } from "./doors.ts";
import { addPeople, knock, NOBODYS, PEOPLE, type Person, samplesOf, signedIn } from "./people.ts";

type Answer = Response & { html: string };

/** What every answer carries, page or not, good or bad. */
const ALWAYS: Record<string, string> = {
  "strict-transport-security": "max-age=31536000; includeSubDomains",
  "x-content-type-options": "nosniff",
  "x-frame-options": "DENY",
  "referrer-policy": "same-origin",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-resource-policy": "same-origin",
  "permissions-policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
  "cache-control": "private, no-store",
};

/** What an answer's headers get wrong, as sentences; none is what we hope for. */
function wrongHeaders(answer: Answer, inPlace = false): string[] {
  const wrong: string[] = [];
  const has = (name: string) => answer.headers.get(name);
  for (const [name, value] of Object.entries(ALWAYS)) {
    if (has(name) !== value) wrong.push(`${name} is ${has(name)}, not ${value}`);
  }
  for (const name of ["server", "x-powered-by", "access-control-allow-origin", "access-control-allow-credentials"]) {
    if (has(name) !== null) wrong.push(`${name} is sent`);
  }
  const csp = has("content-security-policy") ?? "";
  // A PDF is drawn by the browser's own page, to which our policy would apply; it runs nothing of ours.
  const directives = [
    "frame-ancestors 'none'",
    ...(has("content-type") === "application/pdf" ? [] : ["default-src 'none'"]),
  ];
  for (const directive of directives) {
    if (!csp.split("; ").includes(directive)) wrong.push(`the CSP lacks ${directive}`);
  }
  if (/unsafe-|\*|http:\/\//.test(csp)) wrong.push(`the CSP opens a door: ${csp}`);
  const type = has("content-type") ?? "";
  if (/^text\/|json/.test(type) && !/charset=utf-8/i.test(type) && !type.startsWith("application/json"))
    wrong.push(`${type} names no charset`);
  if (type.startsWith("text/html")) wrong.push(...wrongStyles(answer.html, csp, inPlace));
  for (const cookie of answer.headers.getSetCookie()) {
    if (!/^__Host-[a-z-]+=[\w.-]*;/.test(cookie)) wrong.push(`a cookie is not __Host-: ${cookie}`);
    for (const part of ["Path=/", "HttpOnly", "Secure", "SameSite=Lax"])
      if (!cookie.split("; ").includes(part)) wrong.push(`a cookie lacks ${part}`);
    if (/domain=/i.test(cookie)) wrong.push("a cookie names a domain");
  }
  return wrong;
}

/** A page that the script puts in place of another brings no style: the policy of the one around it holds. */
function wrongStyles(html: string, csp: string, inPlace: boolean): string[] {
  const allowed = new Set(/style-src ([^;]*)/.exec(csp)?.[1]?.split(" "));
  if (inPlace && !allowed.delete("'none'")) return ["the CSP of what goes into a page allows a style"];
  const styles = [...html.matchAll(/<style>([\s\S]*?)<\/style>/g)].map(
    ([, css]) => `'sha256-${createHash("sha256").update(css!).digest("base64")}'`,
  );
  const wrong: string[] = [];
  if (styles.length === 0 && !inPlace) wrong.push("the page has no style");
  if (styles.some((hash) => !allowed.has(hash))) wrong.push("a style is not the one that the CSP names");
  if (allowed.size !== styles.length) wrong.push("the CSP allows a style that the page does not have");
  for (const directive of ["script-src 'self'", "connect-src 'self'", "base-uri 'none'", "img-src 'self' data:"])
    if (!csp.split("; ").includes(directive)) wrong.push(`the CSP lacks ${directive}`);
  if (!/form-action 'self' https:\/\/[\w.-]+(;|$)/.test(csp)) wrong.push("the CSP lacks form-action");
  if (/<[^>]+\sstyle=|<script(?![^>]*\ssrc=)|\son\w+="/.test(html)) wrong.push("the page holds what its CSP blocks");
  return wrong;
}

/** Nothing of how we are built: no stack, no SQL, no key, no address of a vendor. */
const INSIDES =
  /\bat .*\.(ts|js):\d+|node_modules|\bselect .* from\b|\binsert into\b|SQLITE|libsql|drizzle|LibsqlError|TypeError|fetch failed|no such table|sk_(test|live)|whsec_|re_test|bank\.test/i;

/** Whoever is not signed in. */
const NOBODY: Person = { is: "nobody", email: "", role: null, account: null, isStaff: false, accounts: [] };

describe("every answer", () => {
  test.each([...PEOPLE, NOBODY])("of every door carries the headers: $is", async (person) => {
    const t = await portal();
    await addPeople(t);
    const samples = await samplesOf(t, "CR-10021");
    let browser = t.browser();
    for (const [name, door] of Object.entries(DOORS)) {
      if (browser.cookies.size === 0 && person.email) browser = await signedIn(t, person);
      for (const named of door.names ? [samples, NOBODYS] : [samples]) {
        const answer = await knock(browser, name, door, named);
        expect(wrongHeaders(answer), `${name} for ${person.is}: ${answer.status}`).toEqual([]);
      }
    }
  });

  test("also when it is a refusal, and then says nothing of how we are built", async () => {
    const t = await portal();
    const dana = await t.as("dana@example.com");
    const form = { email: "dana@example.com", password: "x" };
    const answers: Record<string, [Answer, number]> = {
      "no such page": [await dana.get("/no-such-page"), 404],
      "no such file": [await dana.get("/assets/no-such-file.js"), 404],
      "no such method": [await dana.send("/", { method: "DELETE", headers: { Origin: dana.origin } }), 404],
      "a foreign form": [await dana.post("/sign-in", form, { Origin: "https://evil.test" }), 403],
      "a form of a megabyte": [await dana.post("/sign-in", { ...form, password: "x".repeat(1_000_000) }), 413],
      "a wrong password": [await dana.post("/sign-in", form), 422],
      "an unsigned webhook": [await dana.post("/webhooks/stripe", {}), 400],
      "the API without a key": [await dana.post("/api/v1/imports", {}), 401],
      "no such page of the API": [await dana.get("/webhooks/nobody"), 404],
      "a broken cookie": [await t.browser("cedar-ridge", { Cookie: "__Host-session=%E0%A4%A;;=;a" }).get("/"), 303],
      "an unknown host": [await t.browser("nobody").get("/"), 404],
    };
    for (const [name, [answer, status]] of Object.entries(answers)) {
      expect(answer.status, name).toBe(status);
      expect(wrongHeaders(answer), name).toEqual([]);
      expect(answer.html, name).not.toMatch(INSIDES);
    }
  });

  test("also when the database is away: 503, when to try again, and a number to quote", async () => {
    const t = await portal();
    const dana = await t.as("dana@example.com");
    t.trouble.database = () => "before";
    const ray = { "CF-Ray": "8f00-RAY" };
    const page = await dana.get("/", ray);
    const form = await dana.post("/payments", { payment_id: "pay_01kb3x9q0e4m8n2t7w5z" }, ray);
    const fragment = await dana.post("/payments", { payment_id: "pay_01kb3x9q0e4m8n2t7w5z" }, { "HX-Request": "true" });
    const signIn = await t.browser().get("/sign-in", ray);
    t.trouble.database = null;
    for (const answer of [page, form, fragment, signIn]) {
      expect(answer.status).toBe(503);
      expect(answer.headers.get("Retry-After")).toBe("60");
      expect(wrongHeaders(answer, answer === fragment)).toEqual([]);
      expect(answer.html).not.toMatch(INSIDES);
    }
    expect(page.html).toContain("8f00-RAY");
    expect(form.html).toContain("do not pay again yet");
    expect(t.logs.map(({ request_id, error }) => [request_id, error]).slice(0, 2)).toEqual([
      ["8f00-RAY", "Error"],
      ["8f00-RAY", "Error"],
    ]);
  });

  test("also when we have a bug: 500 and a number; what went wrong is in the log alone, and names nobody", async () => {
    const t = await portal();
    const dana = await t.as("dana@example.com");
    await t.rows("alter table credits rename to credits_gone");
    const page = await dana.get("/", { "CF-Ray": "8f01-RAY" });
    await t.rows("alter table credits_gone rename to credits");
    expect(page.status).toBe(500);
    expect(wrongHeaders(page)).toEqual([]);
    expect(page.html).not.toMatch(INSIDES);
    expect(page.html).toContain("8f01-RAY");
    expect(t.logs.length).toBe(1);
    expect(t.logs[0]).toMatchObject({ level: "error", request_id: "8f01-RAY", path: "/", dealer: "cedar-ridge" });
    expect(JSON.stringify(t.logs)).not.toMatch(/dana|okafor|CR-10021|INV-/i);
  });

  test("also when the request cannot even be wired", async () => {
    const logs: object[] = [];
    const app = buildPortal(
      async () => {
        throw new Error("sk_live_secret: no clock today");
      },
      (entry) => logs.push(entry),
    );
    const response = await app.fetch(new Request("https://cedar-ridge.test/invoices"), {} as Bindings);
    const answer = Object.assign(response, { html: await response.clone().text() });
    expect(answer.status).toBe(500);
    expect(wrongHeaders(answer)).toEqual([]);
    expect(answer.html).not.toMatch(INSIDES);
    expect(logs.length).toBe(1);
  });
});

describe("the session's cookie", () => {
  const cookieOf = (answer: Response) => answer.headers.getSetCookie().filter((cookie) => /session=/.test(cookie));

  test("is __Host-, for this host alone, for thirty days, and out of reach of scripts", async () => {
    const t = await portal();
    const signedIn = await signIn(t);
    expect(cookieOf(signedIn)).toEqual([
      expect.stringMatching(/^__Host-session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
  });

  test("has a plain name where there is no https, so that a text browser on a developer's machine keeps it", async () => {
    const t = await portal();
    t.config.dealers[0]!.origin = "http://cedar-ridge.test";
    const signedIn = await signIn(t, "http://cedar-ridge.test");
    expect(cookieOf(signedIn)).toEqual([
      expect.stringMatching(/^session=[\w-]{43}; Max-Age=2592000; Path=\/; HttpOnly; SameSite=Lax$/),
    ]);
  });

  test("is all that is set: no page sets another, and a signed-in page sets none", async () => {
    const t = await portal();
    const dana = await t.as("dana@example.com");
    for (const [name, door] of Object.entries(DOORS)) {
      if (!rightOf(door) && door.who !== "user") continue;
      const answer = await knock(dana, name, door, await samplesOf(t, "CR-10021"));
      expect(answer.headers.getSetCookie(), name).toEqual([]);
    }
    const before = await t.browser().get("/sign-in");
    expect(before.headers.getSetCookie()).toEqual([
      expect.stringMatching(/^__Host-form=[\w-]{43}; Path=\/; HttpOnly; Secure; SameSite=Lax$/),
    ]);
  });
});

/** Signs Dana in without the browser's help, from a page at this address. */
const signIn = (t: TestPortal, origin = "https://cedar-ridge.test"): Promise<Response> =>
  t.fetch(
    new Request(`${origin}/sign-in`, {
      method: "POST",
      redirect: "manual",
      headers: { Origin: origin },
      body: new URLSearchParams({ email: "dana@example.com", password: "porch-light-42" }),
    }),
  );
