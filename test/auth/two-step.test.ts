import { Secret, TOTP } from "otpauth";
import { describe, expect, test } from "vitest";
import { CAST_PASSWORD } from "../../db/cast.ts";
import { LIMITS } from "../../src/auth/attempts.ts";
import { openAppSecret, sealAppSecret } from "../../src/auth/second-step.ts";
import { DAY, HOUR, MINUTE } from "../../src/calendar.ts";
import { asDrawn, everythingIn } from "../house/people.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";
import { claimsOf } from "./provider-stand-in.ts";

const DANA = "dana@example.com";
const RUTH = "ruth@cedarridge.example.com";
const SESSION = "__Host-session";
const TICKET = "__Host-second-step";
const PAGE = "/profile/two-step";
const STEP = "/sign-in/second-step";
const WRONG = "That code is not right, or was used.";

/** What an app on a telephone shows at a time; the library's own build, with its own hash. */
const shown = (secret: string, at: number): string =>
  new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: at * 1000 });

/** The key that the set-up page offers to type. */
const keyOn = (html: string): string => /<code>([A-Z2-7 ]+)<\/code>/.exec(html)![1]!.replaceAll(" ", "");

const codesOn = (html: string): string[] =>
  [...html.matchAll(/<code>([\da-z-]{14})<\/code>/g)].map(([, code]) => code!);

/** Sets the second step up as somebody would, and moves on to the next code. */
async function setUp(t: TestPortal, browser: TestBrowser): Promise<{ secret: string; codes: string[] }> {
  const off = await browser.get(PAGE);
  expect((await browser.post(PAGE, formOn(off.html, PAGE))).status).toBe(303);
  const page = await browser.get(PAGE);
  const secret = keyOn(page.html);
  const form = formOn(page.html, `${PAGE}/confirmation`);
  form.set("code", shown(secret, t.clock.now));
  const on = await browser.post(`${PAGE}/confirmation`, form);
  expect(on.status).toBe(200);
  t.clock.now += 30;
  return { secret, codes: codesOn(on.html) };
}

/** A browser that has given the right password. */
async function firstStep(t: TestPortal, email = DANA, next = "/"): Promise<TestBrowser> {
  const browser = t.browser();
  const answer = await browser.post("/sign-in", { email, password: CAST_PASSWORD, next });
  expect([answer.status, answer.headers.get("Location")]).toEqual([303, STEP]);
  expect(browser.cookies.has(SESSION)).toBe(false);
  return browser;
}

const isSignedIn = (browser: TestBrowser): boolean => browser.cookies.has(SESSION);

describe("setting it up", () => {
  test("shows a key and its QR code, takes the app's code, shows ten recovery codes once, and tells the user", async () => {
    const t = await portal();
    const browser = await t.as(DANA);
    expect((await browser.get(PAGE)).html).toContain("Two-step sign-in is off.");
    await browser.post(PAGE, {});
    const page = await browser.get(PAGE);
    expect(page.html).toContain("otpauth://totp/Cedar%20Ridge%20Alarm%20%26%20Life%20Safety:dana%40example.com?");
    expect(page.html).toMatch(/<svg class="qr" viewBox="0 0 \d+ \d+"[^>]*role="img" aria-label="QR code/);
    expect(page.html).not.toContain("style=");
    expect((await browser.get(PAGE)).html).toContain(keyOn(page.html).slice(0, 4));
    const { codes } = await setUp(t, browser);
    expect(new Set(codes).size).toBe(10);
    const after = await browser.get(PAGE);
    expect(after.html).toContain("Two-step sign-in is on.");
    expect(after.html).toContain("10 recovery codes are left.");
    expect(codesOn(after.html)).toEqual([]);
    await t.runJobs();
    expect(t.outbox.map(({ to, subject }) => [to, subject])).toEqual([
      [DANA, "Two-step sign-in is on for Cedar Ridge Alarm & Life Safety"],
    ]);
  });

  test("draws a QR code that says what the key says", async () => {
    const t = await portal();
    const browser = await t.as(DANA);
    await browser.post(PAGE, {});
    const page = await browser.get(PAGE);
    const { encode } = await import("uqr");
    const address = /href="(otpauth:[^"]*)"/.exec(page.html)![1]!.replaceAll("&amp;", "&");
    expect(new URL(address).searchParams.get("secret")).toBe(keyOn(page.html));
    const { size, data } = encode(address, { ecc: "L", border: 4 });
    const drawn = Array.from({ length: size }, () => Array.from({ length: size }, () => false));
    for (const [, x, y, run] of page.html.matchAll(/M(\d+) (\d+)h(\d+)v1h-\3z/g))
      for (let i = 0; i < Number(run); i++) drawn[Number(y)]![Number(x) + i] = true;
    expect(drawn).toEqual(data);
  });

  test("does not count before a right code was typed: signing in stays as it was", async () => {
    const t = await portal();
    const browser = await t.as(DANA);
    await browser.post(PAGE, {});
    const secret = keyOn((await browser.get(PAGE)).html);
    const wrong = shown(secret, t.clock.now + HOUR);
    for (const code of [wrong, "", "12345", "1234567", "abcdef", "\0", "１２３４５６", "<script>alert(1)</script>"]) {
      const answer = await browser.post(`${PAGE}/confirmation`, { code });
      expect(answer.status, code).toBe(422);
      expect(answer.html, code).toContain(WRONG);
      expect(answer.html, code).not.toContain("<script>alert");
      expect(keyOn(answer.html)).toBe(secret);
    }
    expect((await t.as(DANA)).cookies.has(SESSION)).toBe(true);
    expect(await t.rows("select * from recovery_codes")).toEqual([]);
    // A new key takes the old one's place.
    await browser.post(PAGE, {});
    expect(keyOn((await browser.get(PAGE)).html)).not.toBe(secret);
    expect((await browser.post(`${PAGE}/confirmation`, { code: shown(secret, t.clock.now) })).status).toBe(422);
  });

  test("signs the other devices out, and takes a code that its user spaces", async () => {
    const t = await portal();
    const [here, there] = [await t.as(DANA), await t.as(DANA)];
    await here.post(PAGE, {});
    const code = shown(keyOn((await here.get(PAGE)).html), t.clock.now);
    const spaced = ` ${code.slice(0, 3)} ${code.slice(3)} `;
    expect((await here.post(`${PAGE}/confirmation`, { code: spaced })).status).toBe(200);
    expect((await here.get("/")).status).toBe(200);
    expect((await there.get("/")).headers.get("Location")).toBe("/sign-in");
  });

  test("keeps the secret under our own key, for this user alone, and the recovery codes as hashes", async () => {
    const t = await portal();
    const browser = await t.as(DANA);
    const { secret, codes } = await setUp(t, browser);
    const all = await everythingIn(t);
    for (const word of [secret, ...codes, ...codes.map((code) => code.replaceAll("-", ""))])
      expect(all).not.toContain(word);
    const kept = await t.row<{ id: string; totp_secret: string }>(
      "select id, totp_secret from users where email = ?",
      DANA,
    );
    const deps = t.deps();
    expect(await openAppSecret(deps, kept.id, kept.totp_secret)).toBe(secret);
    expect(await openAppSecret(deps, "usr_other", kept.totp_secret)).toBeNull();
    expect(await openAppSecret(t.depsOf("bluebonnet"), kept.id, kept.totp_secret)).toBeNull();
    for (const broken of ["", ".", "x.y", kept.totp_secret.slice(1), `${kept.totp_secret}A`, "%.%"])
      expect(await openAppSecret(deps, kept.id, broken), broken).toBeNull();
    expect(await sealAppSecret(deps, kept.id, secret)).not.toBe(kept.totp_secret);
  });

  test("twice at once turns it on once, with the codes of one", async () => {
    const t = await portal();
    const browser = await t.as(DANA);
    await browser.post(PAGE, {});
    const code = shown(keyOn((await browser.get(PAGE)).html), t.clock.now);
    const both = await Promise.all([0, 1].map(() => browser.post(`${PAGE}/confirmation`, { code })));
    expect(both.map(({ status }) => status).sort()).toEqual([200, 422]);
    expect((await t.rows("select * from recovery_codes")).length).toBe(10);
  });

  test("cannot be started over while it is on: the key stays", async () => {
    const t = await portal();
    const browser = await t.as(DANA);
    await setUp(t, browser);
    const before = await t.row("select totp_secret, two_step_since, totp_step from users where email = ?", DANA);
    await browser.post(PAGE, {});
    expect(await t.row("select totp_secret, two_step_since, totp_step from users where email = ?", DANA)).toEqual(
      before,
    );
    const again = await browser.post(`${PAGE}/confirmation`, { code: "123456" });
    expect(again.status).toBe(422);
  });
});

describe("signing in with it", () => {
  test("asks for a code after the password, and leads on to where one was going", async () => {
    const t = await portal();
    const { secret } = await setUp(t, await t.as(DANA));
    const browser = await firstStep(t, DANA, "/invoices/paid");
    expect((await browser.get("/")).headers.get("Location")).toBe("/sign-in");
    const page = await browser.get(STEP);
    expect(page.status).toBe(200);
    expect(page.html).not.toMatch(/Dana|CR-10021/);
    const form = formOn(page.html, STEP);
    form.set("code", shown(secret, t.clock.now));
    const answer = await browser.post(STEP, form);
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/invoices/paid"]);
    expect((await browser.get("/")).html).toContain("Dana Okafor");
    expect(browser.cookies.has(TICKET)).toBe(false);
    expect((await t.row<{ how: string }>("select how from sign_ins order by at desc limit 1")).how).toBe("password");
  });

  test("takes a code that is one step early or late, and no further", async () => {
    const t = await portal();
    const { secret } = await setUp(t, await t.as(DANA));
    t.clock.now += HOUR;
    for (const [off, status] of [
      [-60, 422],
      [60, 422],
      [-30, 303],
      [30, 303],
    ] as const) {
      const browser = await firstStep(t);
      const answer = await browser.post(STEP, { code: shown(secret, t.clock.now + off) });
      expect(answer.status, `${off} seconds`).toBe(status);
    }
  });

  test("goes by the world's clock, which telephones have, wherever ours was moved", async () => {
    const t = await portal();
    t.world.aheadSeconds = -9 * DAY;
    const browser = await t.as(DANA);
    await browser.post(PAGE, {});
    const secret = keyOn((await browser.get(PAGE)).html);
    const confirm = (at: number) => browser.post(`${PAGE}/confirmation`, { code: shown(secret, at) });
    expect((await confirm(t.clock.now)).status).toBe(422);
    expect((await confirm(t.clock.now - 9 * DAY)).status).toBe(200);
    const identity = claimsOf("apple", DANA);
    const page = (await browser.get("/apple?link")).headers.get("Location")!;
    const told = new URLSearchParams(t.providers.consent(page, identity));
    expect((await browser.get(`/apple/callback?${told}`)).headers.get("Location")).toBe(
      "/profile/identities?said=linked",
    );
  });

  test("takes each code once, also from two browsers at once, and none older than the last", async () => {
    const t = await portal();
    const { secret } = await setUp(t, await t.as(DANA));
    const code = shown(secret, t.clock.now);
    const both = [await firstStep(t), await firstStep(t)];
    const answers = await Promise.all(both.map((browser) => browser.post(STEP, { code })));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 422]);
    const again = await firstStep(t);
    expect((await again.post(STEP, { code })).html).toContain(WRONG);
    expect((await again.post(STEP, { code: shown(secret, t.clock.now - 30) })).status).toBe(422);
    expect(isSignedIn(again)).toBe(false);
    expect((await again.post(STEP, { code: shown(secret, t.clock.now + 30) })).status).toBe(303);
  });

  test("does not take the code that turned it on", async () => {
    const t = await portal();
    const browser = await t.as(DANA);
    const { secret } = await setUp(t, browser);
    t.clock.now -= 30;
    const other = await firstStep(t);
    expect((await other.post(STEP, { code: shown(secret, t.clock.now) })).status).toBe(422);
  });

  test("takes each recovery code once, in any case, with its dashes or without", async () => {
    const t = await portal();
    const { codes } = await setUp(t, await t.as(DANA));
    const typed = [
      codes[0]!,
      codes[1]!.toUpperCase(),
      codes[2]!.replaceAll("-", ""),
      ` ${codes[3]!.replaceAll("-", " ")} `,
    ];
    for (const code of typed) expect((await (await firstStep(t)).post(STEP, { code })).status, code).toBe(303);
    for (const code of typed) {
      const browser = await firstStep(t);
      expect((await browser.post(STEP, { code })).status, code).toBe(422);
      expect(isSignedIn(browser)).toBe(false);
    }
    const twice = [await firstStep(t), await firstStep(t)];
    const answers = await Promise.all(twice.map((browser) => browser.post(STEP, { code: codes[4]! })));
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 422]);
    const last = twice.find(isSignedIn)!;
    expect((await last.get(PAGE)).html).toContain("5 recovery codes are left.");
  });

  test("takes no code of somebody else", async () => {
    const t = await portal();
    await setUp(t, await t.as(DANA));
    const priya = await setUp(t, await t.as("priya@example.com"));
    const browser = await firstStep(t);
    for (const code of [shown(priya.secret, t.clock.now), priya.codes[0]!])
      expect((await browser.post(STEP, { code })).status).toBe(422);
    expect(isSignedIn(browser)).toBe(false);
  });

  test("is closed after ten wrong codes, from wherever they come, and opens when the window is over", async () => {
    const t = await portal();
    const { secret } = await setUp(t, await t.as(DANA));
    const { allowed, seconds } = LIMITS["second-step:user"];
    for (let n = 0; n < allowed; n++) {
      const browser = n % 3 === 0 ? await firstStep(t) : null;
      const answer = await (browser ?? (await firstStep(t))).post(STEP, { code: String(n).padStart(6, "0") });
      expect(answer.status, `try ${n + 1}`).toBe(422);
    }
    const browser = await firstStep(t);
    const right = () => ({ code: shown(secret, t.clock.now) });
    const closed = await browser.post(STEP, right());
    expect([closed.status, closed.headers.get("Retry-After")]).toEqual([429, String(seconds)]);
    expect(closed.html).toContain("Too many tries. Wait 15 minutes");
    expect(isSignedIn(browser)).toBe(false);
    expect(await t.row("select about from attempts where key like 'second-step:user:%'")).toEqual({ about: DANA });
    t.clock.now += seconds;
    expect((await (await firstStep(t)).post(STEP, right())).status).toBe(303);
    expect(await t.rows("select * from attempts where key like 'second-step:user:%'")).toEqual([]);
  });

  test("thirty codes at once are thirty tries: no more than ten are looked at", async () => {
    const t = await portal();
    await setUp(t, await t.as(DANA));
    const browser = await firstStep(t);
    const tries = Array.from({ length: 30 }, (_, n) => browser.post(STEP, { code: String(n).padStart(6, "0") }));
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 422).length).toBe(LIMITS["second-step:user"].allowed);
    expect(statuses.filter((status) => status === 429).length).toBe(20);
  });

  test("knows no ticket that was changed, is another dealer's or for another purpose, has run out, or was used", async () => {
    const t = await portal();
    const { secret } = await setUp(t, await t.as(DANA));
    const browser = await firstStep(t);
    const good = browser.cookies.get(TICKET)!;
    const [said = "", mac = ""] = good.split(".");
    const first = JSON.parse(Buffer.from(said, "base64url").toString()) as Record<string, unknown>;
    const priya = await t.row<{ id: string }>("select id from users where email = 'priya@example.com'");
    const forged = Buffer.from(JSON.stringify({ ...first, userId: priya.id })).toString("base64url");
    const knock = async (other: TestBrowser, cookie: string) => {
      other.cookies.set(TICKET, cookie);
      const [looked, typed] = [await other.get(STEP), await other.post(STEP, { code: shown(secret, t.clock.now) })];
      expect([looked.headers.get("Location"), typed.headers.get("Location")], cookie).toEqual(["/sign-in", "/sign-in"]);
      expect(isSignedIn(other)).toBe(false);
    };
    for (const cookie of [
      `${forged}.${mac}`,
      said,
      `.${mac}`,
      `${said}.${mac.slice(0, -1)}`,
      "x",
      "",
      "%E0%A4%A",
      "a.b.c",
    ])
      await knock(t.browser(), cookie);
    await knock(t.browser("bluebonnet"), good);
    const onTrip = t.browser();
    await onTrip.get("/google");
    await knock(t.browser(), onTrip.cookies.get("__Host-provider")!);
    t.clock.now += 10 * MINUTE;
    await knock(t.browser(), good);
    t.clock.now -= 1;
    expect((await browser.post(STEP, { code: shown(secret, t.clock.now) })).status).toBe(303);
    t.clock.now -= 5 * MINUTE;
    // Another code would be right; this first step has led to a session already.
    const thief = t.browser();
    thief.cookies.set(TICKET, good);
    t.clock.now += 4 * MINUTE + 59;
    await t.rows("update users set totp_step = null where email = ?", DANA);
    const again = await thief.post(STEP, { code: shown(secret, t.clock.now) });
    expect([again.headers.get("Location"), isSignedIn(thief)]).toEqual(["/sign-in", false]);
  });

  test("the first step opens nothing by itself, and forgives the wrong passwords before it", async () => {
    const t = await portal();
    await setUp(t, await t.as(DANA));
    const before = await t.rows("select id from sessions");
    for (let n = 1; n < LIMITS["sign-in:email"].allowed; n++)
      expect((await t.browser().post("/sign-in", { email: DANA, password: "wrong" })).status).toBe(422);
    for (let n = 0; n < 12; n++) await firstStep(t);
    expect(await t.rows("select id from sessions")).toEqual(before);
    expect(await t.rows("select * from attempts where key like 'sign-in:email:%'")).toEqual([]);
  });

  test("a wrong password says the same whether or not there is a second step", async () => {
    const t = await portal();
    const wrong = { email: DANA, password: "wrong" };
    const without = await t.browser().post("/sign-in", wrong);
    await setUp(t, await t.as(DANA));
    expect(asDrawn((await t.browser().post("/sign-in", wrong)).html)).toBe(asDrawn(without.html));
  });

  test("is asked after a provider too, which links only once the code is right", async () => {
    const t = await portal();
    const { secret } = await setUp(t, await t.as(DANA));
    const claims = claimsOf("google", DANA);
    for (const code of ["000000", shown(secret, t.clock.now)]) {
      const browser = t.browser();
      const page = (await browser.get("/google?next=/invoices")).headers.get("Location")!;
      const back = await browser.get(`/google/callback?${new URLSearchParams(t.providers.consent(page, claims))}`);
      expect([back.headers.get("Location"), isSignedIn(browser)]).toEqual([STEP, false]);
      expect(await t.rows("select * from identities")).toEqual([]);
      const answer = await browser.post(STEP, { code });
      if (code === "000000") expect(answer.status).toBe(422);
      else expect(answer.headers.get("Location")).toBe("/invoices");
    }
    expect(await t.rows("select provider, email from identities")).toEqual([{ provider: "google", email: DANA }]);
    expect((await t.row<{ how: string }>("select how from sign_ins order by at desc limit 1")).how).toBe("google");
  });

  test("is asked after a new password too", async () => {
    const t = await portal();
    await setUp(t, await t.as(DANA));
    const browser = t.browser();
    await browser.post("/forgot-password", { email: DANA });
    await t.settle();
    await t.runJobs();
    const link = /\/passwords\/[\w-]{43}/.exec(t.outbox.at(-1)!.text)![0];
    const fresh = "seven tall lanterns";
    const answer = await browser.post(link, { password: fresh, again: fresh });
    expect([answer.headers.get("Location"), isSignedIn(browser)]).toEqual(["/sign-in?password-set", false]);
    const next = await browser.post("/sign-in", { email: DANA, password: fresh });
    expect([next.headers.get("Location"), isSignedIn(browser)]).toEqual([STEP, false]);
  });

  test("with a secret that cannot be read any more takes the recovery codes, and is no error", async () => {
    const t = await portal();
    const { secret, codes } = await setUp(t, await t.as(DANA));
    await t.rows("update users set totp_secret = 'x.y' where email = ?", DANA);
    const browser = await firstStep(t);
    expect((await browser.post(STEP, { code: shown(secret, t.clock.now) })).status).toBe(422);
    expect((await browser.post(STEP, { code: codes[0]! })).status).toBe(303);
    expect(t.logs).toEqual([]);
  });

  test("leaves nothing half done when the database gives no answer", async () => {
    const t = await portal();
    const { secret } = await setUp(t, await t.as(DANA));
    const browser = await firstStep(t);
    const code = shown(secret, t.clock.now);
    t.trouble.database = (statements) => (statements.includes("session.started") ? "before" : null);
    expect((await browser.post(STEP, { code })).status).toBe(503);
    t.trouble.database = null;
    expect(isSignedIn(browser)).toBe(false);
    expect((await browser.post(STEP, { code })).status).toBe(303);
  });
});

describe("changing it", () => {
  test("new recovery codes end the old ones, and need a code", async () => {
    const t = await portal();
    const browser = await t.as(DANA);
    const { secret, codes } = await setUp(t, browser);
    const renew = (code: string) => browser.post(`${PAGE}/recovery-codes`, { code });
    for (const code of ["", "123", shown(secret, t.clock.now + HOUR)]) expect((await renew(code)).status).toBe(422);
    const fresh = codesOn((await renew(shown(secret, t.clock.now))).html);
    expect(fresh.length).toBe(10);
    expect((await (await firstStep(t)).post(STEP, { code: codes[0]! })).status).toBe(422);
    expect((await (await firstStep(t)).post(STEP, { code: fresh[0]! })).status).toBe(303);
  });

  test("turning it off needs a code of either kind, ends other sessions, forgets everything, and tells the user", async () => {
    const t = await portal();
    for (const kind of ["app", "paper"] as const) {
      const browser = await t.as(DANA);
      const { secret, codes } = await setUp(t, browser);
      const other = await firstStep(t);
      await other.post(STEP, { code: codes[9]! });
      expect(isSignedIn(other)).toBe(true);
      const form = formOn((await browser.get(PAGE)).html, `${PAGE}/recovery-codes`);
      form.set("code", "000000");
      expect((await browser.post(`${PAGE}/removal`, form)).status).toBe(422);
      form.set("code", kind === "app" ? shown(secret, t.clock.now) : codes[0]!);
      const off = await browser.post(`${PAGE}/removal`, form);
      expect(off.headers.get("Location")).toBe(`${PAGE}?off`);
      expect((await browser.get(`${PAGE}?off`)).html).toContain(
        "Two-step sign-in is off. Other devices are signed out.",
      );
      expect((await other.get("/")).headers.get("Location")).toBe("/sign-in");
      expect(await t.row("select totp_secret, two_step_since, totp_step from users where email = ?", DANA)).toEqual({
        totp_secret: null,
        two_step_since: null,
        totp_step: null,
      });
      expect(await t.rows("select * from recovery_codes")).toEqual([]);
    }
    await t.runJobs();
    expect(t.outbox.filter(({ subject }) => subject.startsWith("Two-step sign-in is off")).length).toBe(2);
    expect(isSignedIn(await t.as(DANA))).toBe(true);
  });

  test("guesses on these pages count with those at the door", async () => {
    const t = await portal();
    const browser = await t.as(DANA);
    const { secret } = await setUp(t, browser);
    for (let n = 0; n < LIMITS["second-step:user"].allowed; n++) {
      const page = n % 2 === 0 ? "removal" : "recovery-codes";
      expect((await browser.post(`${PAGE}/${page}`, { code: String(n).padStart(6, "0") })).status).toBe(422);
    }
    const code = shown(secret, t.clock.now);
    expect((await browser.post(`${PAGE}/removal`, { code })).status).toBe(429);
    expect((await (await firstStep(t)).post(STEP, { code })).status).toBe(429);
  });

  test("is no other site's to ask for", async () => {
    const t = await portal();
    const browser = await t.as(DANA);
    const { secret } = await setUp(t, browser);
    const foreign = { Origin: "https://evil.test", "Sec-Fetch-Site": "cross-site" };
    for (const path of ["", "/confirmation", "/recovery-codes", "/removal"])
      expect((await browser.post(PAGE + path, { code: shown(secret, t.clock.now) }, foreign)).status).toBe(403);
    expect((await browser.post(STEP, { code: shown(secret, t.clock.now) }, foreign)).status).toBe(403);
  });
});

describe("the office", () => {
  const at = (number: string) => `/office/accounts/${number}`;
  const idOf = async (t: TestPortal, email: string) =>
    (await t.row<{ id: string }>("select id from users where email = ?", email)).id;

  test("turns it off for a customer who has lost telephone and paper; they are signed out, and told", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    await setUp(t, dana);
    const locked = await firstStep(t);
    for (let n = 0; n < 11; n++) await locked.post(STEP, { code: String(n).padStart(6, "0") });
    const ruth = await t.as(RUTH);
    const form = formOn((await ruth.get(at("CR-10021"))).html, `${at("CR-10021")}/two-step-removal`);
    const answer = await ruth.post(`${at("CR-10021")}/two-step-removal`, form);
    expect(answer.headers.get("Location")).toBe(`${at("CR-10021")}?said=two-step`);
    const page = await ruth.get(`${at("CR-10021")}?said=two-step`);
    expect(page.html).toContain("Their two-step sign-in is off.");
    expect(page.html).toContain("Two-step sign-in taken off by the office");
    expect((await dana.get("/")).headers.get("Location")).toBe("/sign-in");
    expect(isSignedIn(await t.as(DANA))).toBe(true);
    // The first step that was under way opens nothing by itself.
    expect((await locked.post(STEP, { code: "123456" })).headers.get("Location")).toBe("/sign-in");
    expect(isSignedIn(locked)).toBe(false);
    await t.runJobs();
    expect(t.outbox.map(({ to, subject }) => [to, subject]).at(-1)).toEqual([
      DANA,
      "Two-step sign-in is off for Cedar Ridge Alarm & Life Safety",
    ]);
  });

  test("not for somebody of another account, for a colleague, or for one who has none", async () => {
    const t = await portal();
    await setUp(t, await t.as(DANA));
    const ruth = await t.as(RUTH);
    const lift = async (number: string, user: string) =>
      (await ruth.post(`${at(number)}/two-step-removal`, { user })).headers.get("Location");
    const no = (number: string) => `${at(number)}?said=no-two-step`;
    expect(await lift("CR-10047", await idOf(t, DANA))).toBe(no("CR-10047"));
    expect(await lift("CR-10047", await idOf(t, "theo@harborstreetdental.example.com"))).toBe(no("CR-10047"));
    expect(await lift("CR-10021", "")).toBe(no("CR-10021"));
    // Dana begins to work here.
    await t.rows("insert into staff (user_id, role) values (?, 'office')", await idOf(t, DANA));
    expect(await lift("CR-10021", await idOf(t, DANA))).toBe(no("CR-10021"));
    expect(
      (await t.row<{ since: number }>("select two_step_since since from users where email = ?", DANA)).since,
    ).toBeTruthy();
    expect((await ruth.get(no("CR-10021"))).html).toContain("they work here and turn it off themselves");
    expect((await ruth.post(`${at("CR-99999")}/two-step-removal`, { user: await idOf(t, DANA) })).status).toBe(404);
  });
});

describe("staff, where the dealer asks it of them", () => {
  const demand = (t: TestPortal) => t.rows("update access_settings set staff_two_step = 1");

  test("are led to set it up, and see nothing of the office before", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    await demand(t);
    const away = await ruth.get("/office");
    expect([away.status, away.headers.get("Location"), away.html]).toEqual([303, PAGE, ""]);
    const page = await ruth.get(PAGE);
    expect(page.html).toContain("asks everybody in the office for two-step sign-in");
    await setUp(t, ruth);
    expect((await ruth.get("/office")).status).toBe(200);
    expect((await ruth.get(PAGE)).html).not.toContain("asks everybody in the office");
  });

  test("are led on to the office after the second step", async () => {
    const t = await portal();
    await demand(t);
    const { secret } = await setUp(t, await t.as(RUTH));
    const ruth = await firstStep(t, RUTH);
    const answer = await ruth.post(STEP, { code: shown(secret, t.clock.now) });
    expect(answer.headers.get("Location")).toBe("/office");
    expect((await ruth.get("/office")).status).toBe(200);
  });

  test("are nobody else: customers sign in as before", async () => {
    const t = await portal();
    await demand(t);
    const dana = await t.as(DANA);
    expect((await dana.get("/")).status).toBe(200);
    expect((await dana.get(PAGE)).html).not.toContain("asks everybody in the office");
  });
});
