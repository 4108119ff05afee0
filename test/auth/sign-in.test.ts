import { describe, expect, test } from "vitest";
import { CAST_PASSWORD } from "../../db/cast.ts";
import { LIMITS } from "../../src/auth/attempts.ts";
import { LONGEST_PASSWORD } from "../../src/auth/password-rules.ts";
import { DAY, MINUTE } from "../../src/calendar.ts";
import type { Bindings } from "../../src/config.ts";
import { safeNext } from "../../src/http.ts";
import { asDrawn, everythingIn } from "../house/people.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";

const TRIES_PER_EMAIL = LIMITS["sign-in:email"].allowed;
const TRIES_PER_ADDRESS = LIMITS["sign-in:address"].allowed;

const DANA = { email: "dana@example.com", password: CAST_PASSWORD };
const COOKIE = "__Host-session";
const WINDOW_SECONDS = 15 * MINUTE;
/** Refused without hashing, which is what costs these tests time where nobody has the e-mail. */
const TOO_LONG = "x".repeat(LONGEST_PASSWORD + 1);

/** Where a browser stands: on the dashboard, or sent to sign in. */
async function isSignedIn(browser: TestBrowser): Promise<boolean> {
  const page = await browser.get("/");
  if (page.status === 200) return true;
  expect(page.headers.get("Location")).toBe("/sign-in");
  return false;
}

const from = (address: string) => ({ "CF-Connecting-IP": address });

/** A second browser that holds the same cookies, as a thief's would. */
function copyOf(t: TestPortal, browser: TestBrowser): TestBrowser {
  const copy = t.browser();
  for (const [name, value] of browser.cookies) copy.cookies.set(name, value);
  return copy;
}

describe("signing in", () => {
  test("leads to the dashboard, by the form as it is drawn", async () => {
    const t = await portal();
    const browser = t.browser();
    const page = await browser.get("/sign-in");
    const form = formOn(page.html, "/sign-in");
    form.set("email", DANA.email);
    form.set("password", DANA.password);
    const answer = await browser.post("/sign-in", form);
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/"]);
    expect((await browser.get("/")).html).toContain("Dana Okafor");
  });

  test("takes the e-mail in any case and with blanks around it, the password exactly", async () => {
    const t = await portal();
    expect((await t.browser().post("/sign-in", { ...DANA, email: "  Dana@EXAMPLE.com " })).status).toBe(303);
    for (const password of [` ${CAST_PASSWORD}`, `${CAST_PASSWORD} `, CAST_PASSWORD.toUpperCase(), "", "\0"])
      expect((await t.browser().post("/sign-in", { ...DANA, password })).status, password).toBe(422);
  });

  test("takes staff to the office", async () => {
    const t = await portal();
    const ruth = { email: "ruth@cedarridge.example.com", password: CAST_PASSWORD };
    expect((await t.browser().post("/sign-in", ruth)).headers.get("Location")).toBe("/office");
    const next = await t.browser().post("/sign-in", { ...ruth, next: "/contact-us" });
    expect(next.headers.get("Location")).toBe("/contact-us");
  });

  test("with script is answered by the header that htmx follows", async () => {
    const t = await portal();
    const answer = await t.browser().post("/sign-in", DANA, { "HX-Request": "true" });
    expect([answer.status, answer.headers.get("HX-Redirect"), answer.html]).toEqual([200, "/", ""]);
  });

  test("is by one dealer's own users: the same e-mail elsewhere is another person's session", async () => {
    const t = await portal();
    const [here, there] = [await t.as(DANA.email), await t.as(DANA.email, "bluebonnet")];
    expect((await here.get("/")).html).toContain("CR-10021");
    expect((await there.get("/")).html).toContain("BB-20001");
    expect((await t.browser("bluebonnet").post("/sign-in", { ...DANA, email: "priya@example.com" })).status).toBe(422);
  });
});

describe("a wrong password and an unknown e-mail", () => {
  test("get the same answer: status, headers and page", async () => {
    const t = await portal();
    const email = "somebody@example.com";
    const wrong = await t.browser().post("/sign-in", { email: DANA.email, password: "wrong" }, from("192.0.2.1"));
    const unknown = await t.browser().post("/sign-in", { email, password: "wrong" }, from("192.0.2.2"));
    const noPassword = await t
      .browser()
      .post("/sign-in", { email: "sam@example.com", password: "" }, from("192.0.2.3"));
    const plain = (html: string, typed: string) => asDrawn(html).replaceAll(typed, "…");
    expect([wrong.status, unknown.status, noPassword.status]).toEqual([422, 422, 422]);
    expect(plain(unknown.html, email)).toBe(plain(wrong.html, DANA.email));
    expect(plain(noPassword.html, "sam@example.com")).toBe(plain(wrong.html, DANA.email));
    const headers = (answer: Response) =>
      [...answer.headers].map(([name, value]) => [
        name,
        name === "set-cookie" ? value.replace(/=[\w-]{43}/, "=…") : value,
      ]);
    expect(headers(unknown)).toEqual(headers(wrong));
    expect(wrong.html).toContain("That e-mail and password do not match.");
  });

  test("cost the same trips and the same hash: nothing tells them apart by time", async () => {
    const t = await portal();
    const trips: number[] = [];
    for (const email of [DANA.email, "somebody@example.com"]) {
      t.trips.count = 0;
      await t.browser().post("/sign-in", { email, password: "wrong" });
      trips.push(t.trips.count);
    }
    expect(trips[1]).toBe(trips[0]);
  });

  test("keep the e-mail in the form and the password out of it", async () => {
    const t = await portal();
    const answer = await t.browser().post("/sign-in", { email: 'x"><b>@example.com', password: "hunter2-hunter2" });
    expect(formOn(answer.html, "/sign-in").get("email")).toContain('x"');
    expect(answer.html).not.toContain("<b>");
    expect(answer.html).not.toContain("hunter2");
  });

  test("leave no trace of what was typed", async () => {
    const t = await portal();
    await t
      .browser()
      .post("/sign-in", { email: "who-is-this@example.com", password: "hunter2-hunter2" }, from("192.0.2.77"));
    const all = await everythingIn(t);
    expect(all).toContain("sign-in:email:");
    expect(all).not.toMatch(/hunter2|who-is-this|192\.0\.2\.77/);
  });
});

describe("a session", () => {
  test("is a new one at every sign-in, whatever the browser held or sent before", async () => {
    const t = await portal();
    const planted = "A".repeat(43);
    const browser = t.browser();
    browser.cookies.set(COOKIE, planted);
    const body = new URLSearchParams({ ...DANA, session: planted, "__Host-session": planted });
    const answer = await browser.post(`/sign-in?session=${planted}`, body);
    expect(answer.status).toBe(303);
    const first = browser.cookies.get(COOKIE);
    expect(first).toMatch(/^[\w-]{43}$/);
    expect(first).not.toBe(planted);
    await browser.post("/sign-in", DANA);
    expect(browser.cookies.get(COOKIE)).not.toBe(first);
    const thief = t.browser();
    thief.cookies.set(COOKIE, planted);
    expect(await isSignedIn(thief)).toBe(false);
  });

  test("ends when somebody signs in again in the same browser", async () => {
    const t = await portal();
    const browser = await t.as(DANA.email);
    const copied = t.browser();
    copied.cookies.set(COOKIE, browser.cookies.get(COOKIE)!);
    expect(await isSignedIn(copied)).toBe(true);
    await browser.post("/sign-in", DANA);
    expect(await isSignedIn(copied)).toBe(false);
    expect(await isSignedIn(browser)).toBe(true);
  });

  test("ends with its browser's sign-out, also for whoever copied the cookie; others go on", async () => {
    const t = await portal();
    const [here, there] = [await t.as(DANA.email), await t.as(DANA.email)];
    const thief = copyOf(t, here);
    expect(await isSignedIn(thief)).toBe(true);
    const answer = await here.post("/sign-out", {});
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/sign-in?signed-out"]);
    expect(here.cookies.has(COOKIE)).toBe(false);
    expect((await here.get("/sign-in?signed-out")).html).toContain("You are signed out.");
    expect(await isSignedIn(thief)).toBe(false);
    expect(await isSignedIn(there)).toBe(true);
  });

  test("ends everywhere when asked to, for this user and nobody else", async () => {
    const t = await portal();
    const [here, there, priya] = [await t.as(DANA.email), await t.as(DANA.email), await t.as("priya@example.com")];
    const page = await here.get("/");
    const form = formOn(page.html, "/sign-out");
    form.set("everywhere", "1");
    await here.post("/sign-out", form);
    expect(await isSignedIn(there)).toBe(false);
    expect(await isSignedIn(priya)).toBe(true);
  });

  test("cannot be ended by a link: a GET changes nothing", async () => {
    const t = await portal();
    const dana = await t.as(DANA.email);
    expect((await dana.get("/sign-out")).status).toBe(404);
    expect(await isSignedIn(dana)).toBe(true);
  });

  test("signing out without one is no trouble", async () => {
    const t = await portal();
    const answer = await t.browser().post("/sign-out", { everywhere: "1" });
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/sign-in?signed-out"]);
  });

  test("ends at thirty days to the second, and is pruned after", async () => {
    const t = await portal();
    const started = t.clock.now;
    const dana = await t.as(DANA.email);
    const thief = copyOf(t, dana);
    t.clock.now = started + 30 * DAY;
    expect(await isSignedIn(dana)).toBe(false);
    t.clock.now = started + 30 * DAY - 1;
    expect(await isSignedIn(thief)).toBe(true);

    const late = await portal();
    const priya = await late.as("priya@example.com");
    late.clock.now += 30 * DAY;
    late.jobs.push({ type: "sessions.prune", dealer: "cedar-ridge" });
    await late.runJobs();
    expect(await late.rows("select * from sessions")).toEqual([]);
    expect(await isSignedIn(priya)).toBe(false);
  });

  test("used in the first half of its life is left as it is: one trip and no write", async () => {
    const t = await portal();
    const dana = await t.as(DANA.email);
    t.clock.now += 15 * DAY - 1;
    t.trips.count = 0;
    const page = await dana.get("/");
    await t.settle();
    expect([page.status, t.trips.count, page.headers.getSetCookie()]).toEqual([200, 1, []]);
  });

  test("used in the second half lasts thirty days from then; the write follows the answer", async () => {
    const t = await portal();
    const dana = await t.as(DANA.email);
    t.clock.now += 15 * DAY + 1;
    const used = t.clock.now;
    t.trips.count = 0;
    const page = await dana.get("/");
    expect(page.status).toBe(200);
    expect(page.headers.getSetCookie().join()).toMatch(/^__Host-session=[\w-]{43}; Max-Age=2592000;/);
    await t.settle();
    expect(t.trips.count).toBe(2);
    const { expires_at } = await t.row<{ expires_at: number }>("select expires_at from sessions");
    expect(Math.abs(expires_at - (used + 30 * DAY))).toBeLessThanOrEqual(1);
    t.clock.now = used + 30 * DAY - 2;
    expect(await isSignedIn(dana)).toBe(true);
  });

  test("ends for a user who was taken off the account: the next request finds nothing", async () => {
    const t = await portal();
    const theo = await t.as("theo@harborstreetdental.example.com");
    await t.rows("delete from memberships where user_id = (select id from users where email like 'theo@%')");
    const page = await theo.get("/");
    expect(`${page.status} ${page.headers.get("Location")}`).toBe("303 /accounts");
    expect(page.html).not.toMatch(/Harbor|INV-/);
  });

  test("leaves only its hash in the database", async () => {
    const t = await portal();
    const dana = await t.as(DANA.email);
    const page = await dana.get("/");
    const token = dana.cookies.get(COOKIE)!;
    const all = await everythingIn(t);
    expect(all).not.toContain(token);
    expect(all).not.toContain(CAST_PASSWORD);
    const { id } = await t.row<{ id: string }>("select id from sessions");
    expect(id).toMatch(/^[0-9a-f]{64}$/);
    expect(page.html).not.toContain(token);
    expect(page.html).not.toContain(id);
    // What lies in the database opens nothing.
    const thief = t.browser();
    thief.cookies.set(COOKIE, id.slice(0, 43));
    expect(await isSignedIn(thief)).toBe(false);
  });

  test("is found among two cookies of one name, or not, but never breaks; nor does a huge or a foreign one", async () => {
    const t = await portal();
    const dana = await t.as(DANA.email);
    const token = dana.cookies.get(COOKIE)!;
    const signedOut = [303, "/sign-in"];
    const look = async (cookie: string) => {
      const page = await t.browser("cedar-ridge", { Cookie: cookie }).get("/");
      return [page.status, page.headers.get("Location")];
    };
    expect(await look(`${COOKIE}=${token}`)).toEqual([200, null]);
    for (const planted of ["x", "A".repeat(43), ""]) {
      for (const cookie of [`${COOKIE}=${planted}; ${COOKIE}=${token}`, `${COOKIE}=${token}; ${COOKIE}=${planted}`])
        expect([JSON.stringify(signedOut), "[200,null]"], cookie).toContain(JSON.stringify(await look(cookie)));
    }
    for (const cookie of [
      `${COOKIE}=${"A".repeat(8192)}`,
      `${COOKIE}=${token}A`,
      `${COOKIE}=${token.slice(1)}`,
      `${COOKIE}=%00%E0%A4%A`,
      `${COOKIE}=\u00e9\u00e8${"A".repeat(41)}`,
      `${COOKIE}="${token.slice(0, 20)}`,
      `=;;${COOKIE};=${token}`,
      `session=${token}`,
      `__host-session=${token}`,
    ])
      expect(await look(cookie), cookie.slice(0, 60)).toEqual(signedOut);
  });
});

describe("guessing", () => {
  const wrong = { email: DANA.email, password: "wrong" };

  test("one e-mail's password stops after ten tries, from wherever they come, also with the right one", async () => {
    const t = await portal();
    for (let n = 1; n <= TRIES_PER_EMAIL; n++)
      expect((await t.browser().post("/sign-in", wrong, from(`192.0.2.${n}`))).status, `try ${n}`).toBe(422);
    const refused = await t.browser().post("/sign-in", wrong, from("192.0.2.99"));
    expect(refused.status).toBe(429);
    expect(refused.headers.get("Retry-After")).toBe(String(WINDOW_SECONDS));
    expect(refused.html).toContain("Too many tries. Wait 15 minutes");
    const right = await t.browser().post("/sign-in", DANA, from("192.0.2.100"));
    expect(right.status).toBe(429);
    // Somebody else is not held up, and the refusal says the same of an e-mail that nobody has.
    expect((await t.browser().post("/sign-in", { ...DANA, email: "priya@example.com" })).status).toBe(303);
    const somebody = { email: "somebody@example.com", password: TOO_LONG };
    for (let n = 0; n < TRIES_PER_EMAIL; n++) await t.browser().post("/sign-in", somebody, from(`198.51.100.${n}`));
    const unknown = await t.browser().post("/sign-in", somebody);
    const plain = (html: string) => asDrawn(html).replaceAll("somebody@example.com", DANA.email);
    expect(plain(unknown.html)).toBe(plain(refused.html));
  });

  test("begins again when the window is over, to the second", async () => {
    const t = await portal();
    for (let n = 0; n < TRIES_PER_EMAIL; n++) await t.browser().post("/sign-in", wrong);
    t.clock.now += WINDOW_SECONDS - 1;
    const last = await t.browser().post("/sign-in", DANA);
    expect(last.status).toBe(429);
    t.clock.now += 1;
    expect((await t.browser().post("/sign-in", DANA)).status).toBe(303);
  });

  test("refused tries do not keep the door shut: the window ends when it said it would", async () => {
    const t = await portal();
    for (let n = 0; n < TRIES_PER_EMAIL; n++) await t.browser().post("/sign-in", wrong);
    for (let n = 0; n < 14; n++) {
      t.clock.now += MINUTE;
      expect((await t.browser().post("/sign-in", wrong)).status).toBe(429);
    }
    t.clock.now += MINUTE;
    expect((await t.browser().post("/sign-in", DANA)).status).toBe(303);
  });

  test("a sign-in that succeeds forgives the tries before it", async () => {
    const t = await portal();
    for (let round = 0; round < 3; round++) {
      for (let n = 1; n < TRIES_PER_EMAIL; n++) expect((await t.browser().post("/sign-in", wrong)).status).toBe(422);
      expect((await t.browser().post("/sign-in", DANA, from(`192.0.2.${round}`))).status).toBe(303);
    }
  });

  test("many e-mails from one address stops after sixty tries, and only for that address", async () => {
    const t = await portal();
    const users = await t.rows<{ email: string }>("select email from users where password_hash is not null");
    expect(users.length * (TRIES_PER_EMAIL - 1)).toBeGreaterThan(TRIES_PER_ADDRESS);
    for (let n = 0; n < TRIES_PER_ADDRESS; n++) {
      const { email } = users[n % users.length]!;
      const answer = await t.browser().post("/sign-in", { ...wrong, email }, from("192.0.2.1"));
      expect(answer.status, `try ${n + 1}`).toBe(422);
    }
    expect((await t.browser().post("/sign-in", DANA, from("192.0.2.1"))).status).toBe(429);
    expect((await t.browser().post("/sign-in", DANA, from("192.0.2.2"))).status).toBe(303);
  });

  test("thirty at once counts as thirty: no more than ten passwords are looked at", async () => {
    const t = await portal();
    const tries = Array.from({ length: 30 }, (_, n) => t.browser().post("/sign-in", wrong, from(`192.0.2.${n}`)));
    const statuses = (await Promise.all(tries)).map((answer) => answer.status);
    expect(statuses.filter((status) => status === 422).length).toBe(TRIES_PER_EMAIL);
    expect(statuses.filter((status) => status === 429).length).toBe(30 - TRIES_PER_EMAIL);
  });

  test("is stopped by the edge's own limiter before anything is asked or hashed", async () => {
    const t = await portal();
    const asked: string[] = [];
    const bindings = {
      SIGN_IN_LIMIT: {
        limit: async ({ key }: { key: string }) => {
          asked.push(key);
          return { success: false };
        },
      },
    } as unknown as Bindings;
    t.trips.count = 0;
    const request = new Request("https://cedar-ridge.test/sign-in", {
      method: "POST",
      headers: { Origin: "https://cedar-ridge.test", ...from("192.0.2.9"), "X-Forwarded-For": "192.0.2.10" },
      body: new URLSearchParams(DANA),
    });
    const answer = await t.app.fetch(request, bindings);
    expect(answer.status).toBe(429);
    expect(await answer.text()).toContain("Too many tries. Wait 1 minute,");
    expect(asked).toEqual(["192.0.2.9"]);
    expect(t.trips.count).toBe(1);
    expect(await t.rows("select * from attempts")).toEqual([]);
  });
});

describe("where a sign-in leads on to", () => {
  test("is the page that asked for it, with its query", async () => {
    const t = await portal();
    const browser = t.browser();
    const asked = await browser.get("/invoices/paid?before=2026-01-01~x");
    const address = asked.headers.get("Location")!;
    expect(address).toBe("/sign-in?next=%2Finvoices%2Fpaid%3Fbefore%3D2026-01-01~x");
    const page = await browser.get(address);
    expect(page.html).toContain("Please sign in to go on.");
    const form = formOn(page.html, "/sign-in");
    form.set("email", DANA.email);
    form.set("password", "wrong");
    const again = formOn((await browser.post("/sign-in", form)).html, "/sign-in");
    again.set("password", DANA.password);
    expect((await browser.post("/sign-in", again)).headers.get("Location")).toBe("/invoices/paid?before=2026-01-01~x");
  });

  test("is never another site, however it is spelled", async () => {
    const hostile = [
      "//evil.test",
      "/\\evil.test",
      "\\/evil.test",
      "///evil.test",
      "/\t/evil.test",
      "/%09/evil.test\n",
      "https:evil.test",
      "https://evil.test",
      "https:/evil.test",
      "javascript:alert(1)",
      "@evil.test",
      ".evil.test",
      "evil.test",
      "/\r\nSet-Cookie: a=b",
      "/a\\..\\evil",
      "/..//evil.test",
      "/a/../..//evil.test",
      "/.//evil.test",
      "/%2e%2e//evil.test",
      " //evil.test",
      "",
    ];
    for (const next of hostile) expect(safeNext(next), JSON.stringify(next)).toBe("/");
    expect(safeNext(undefined)).toBe("/");
    for (const next of [
      "/%09/evil.test",
      "/%2F/evil.test",
      "/..//evil.test",
      "/./\u2028/x",
      "/@evil.test",
      "/é?q=ü#top",
    ]) {
      const led = new URL(safeNext(next), "https://cedar-ridge.test");
      expect(led.origin, next).toBe("https://cedar-ridge.test");
      expect(safeNext(next), next).toMatch(/^\/(?![/\\])/);
    }
    const t = await portal();
    for (const next of hostile) {
      const answer = await t.browser().post("/sign-in", { ...DANA, next });
      expect(answer.headers.get("Location"), JSON.stringify(next)).toBe("/");
    }
  });

  test("drops a form that was lost on the way: it is not sent again", async () => {
    const t = await portal();
    const answer = await t.browser().post("/payments", { payment_id: "pay_01kb3x9q0e4m8n2t7w5z" });
    expect(answer.headers.get("Location")).toBe("/sign-in");
  });
});

describe("the language", () => {
  const languageOf = (page: { html: string }) => /<html lang="(\w+)"/.exec(page.html)?.[1];

  test("is the browser's before sign-in, and the user's own after", async () => {
    const t = await portal();
    const spanish = t.browser("cedar-ridge", { "Accept-Language": "es-MX,es;q=0.9,en;q=0.8" });
    const before = await spanish.get("/sign-in");
    expect(languageOf(before)).toBe("es");
    expect(before.html).toContain("Correo electrónico");
    const maya = await t.as("maya@example.com");
    expect(languageOf(await maya.get("/", { "Accept-Language": "en" }))).toBe("es");
    await spanish.post("/sign-in", DANA);
    // Dana has not said what she reads, so her browser's word goes on.
    expect(languageOf(await spanish.get("/"))).toBe("es");
  });

  test("is English for a browser that asks for neither, or says nonsense", async () => {
    const t = await portal();
    const asked = { fr: "en", "es;q=0": "en", "en,es": "en", "*": "en", ";;;q=x": "en", "de,en;q=0.3,es;q=0.2": "en" };
    const spanish = { es: "es", "ES-mx": "es", "de,es;q=0.3,en;q=0.2": "es", [",".repeat(4000)]: "en" };
    for (const [words, language] of Object.entries({ ...asked, ...spanish })) {
      const page = await t.browser("cedar-ridge", { "Accept-Language": words }).get("/sign-in");
      expect(languageOf(page), words).toBe(language);
    }
  });
});

describe("whatever is typed", () => {
  test("is answered: long, empty, right to left, emoji, control characters, another form's fields", async () => {
    const t = await portal();
    const texts = [
      "",
      " ",
      "a".repeat(100_000),
      "\u202eרעות@example.com",
      "👩‍👩‍👧@example.com",
      "x\r\nBcc: evil@example.com",
      "x\u0000y@example.com",
      "' or 1=1 --",
      "\ud800",
      "%00%ff",
      "<script>alert(1)</script>",
    ];
    for (const text of texts) {
      const name = JSON.stringify(text).slice(0, 40);
      const email = await t.browser().post("/sign-in", { email: text, password: TOO_LONG });
      expect(email.status, name).toBe(422);
      expect(email.html, name).not.toContain("<script>alert");
      const password = await t
        .browser()
        .post("/sign-in", { email: `u${texts.indexOf(text)}@example.com`, password: text });
      expect(password.status, name).toBe(422);
      t.clock.now += WINDOW_SECONDS;
    }
    expect((await t.browser().post("/sign-in", {})).status).toBe(422);
    const raw = await t.browser().send("/sign-in", {
      method: "POST",
      body: new Uint8Array([0xff, 0xfe, 0x00, 0x25, 0x3d]),
      headers: { Origin: "https://cedar-ridge.test", "Content-Type": "application/x-www-form-urlencoded" },
    });
    expect(raw.status).toBe(422);
    expect(t.logs).toEqual([]);
  });

  test("is refused above 128 KB before it is read, whether or not the request says how long it is", async () => {
    const t = await portal();
    t.trips.count = 0;
    const megabyte = "x".repeat(1_000_000);
    const said = await t.browser().post("/sign-in", { ...DANA, password: megabyte });
    expect(said.status).toBe(413);
    const chunked = await t.browser().send("/sign-in", {
      method: "POST",
      body: new Blob([`email=dana%40example.com&password=${megabyte}`]).stream(),
      duplex: "half",
      headers: { Origin: "https://cedar-ridge.test", "Content-Type": "application/x-www-form-urlencoded" },
    } as RequestInit & { headers: Record<string, string> });
    expect(chunked.status).toBe(413);
    const tokenless = await t.browser().send("/sign-in", { method: "POST", body: megabyte });
    expect(tokenless.status).toBe(413);
    expect(t.trips.count).toBe(0);
  });

  test("with two e-mails or two passwords signs in by the first, never by a mixture", async () => {
    const t = await portal();
    const both = new URLSearchParams([
      ["email", "priya@example.com"],
      ["email", DANA.email],
      ["password", CAST_PASSWORD],
      ["password", "wrong"],
    ]);
    const browser = t.browser();
    expect((await browser.post("/sign-in", both)).status).toBe(303);
    expect((await browser.get("/")).html).toContain("Priya Raman");
  });
});
