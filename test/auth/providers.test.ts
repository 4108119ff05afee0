import { describe, expect, test, vi } from "vitest";
import { CAST_PASSWORD } from "../../db/cast.ts";
import { DAY, HOUR, MINUTE } from "../../src/calendar.ts";
import type { ProviderName } from "../../src/ports.ts";
import { everythingIn } from "../house/people.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";
import { claimsOf, tokenOf } from "./provider-stand-in.ts";

const PROVIDERS = ["google", "microsoft", "apple"] as const;
const DANA = "dana@example.com";
const SESSION = "__Host-session";
const TRIP = "__Host-provider";

type Answer = Awaited<ReturnType<TestBrowser["get"]>>;

/** Where an address of ours sends the browser: the provider's page. */
async function setOut(browser: TestBrowser, provider: ProviderName, query = ""): Promise<string> {
  const answer = await browser.get(`/${provider}${query}`);
  expect(answer.status).toBe(303);
  return answer.headers.get("Location")!;
}

/** Brings the provider's answer in as it does: by an address, at Apple by a form that its page posts. */
async function comeBack(browser: TestBrowser, provider: ProviderName, told: Record<string, string>): Promise<Answer> {
  if (provider !== "apple") return browser.get(`/${provider}/callback?${new URLSearchParams(told)}`);
  const foreign = { Origin: "https://appleid.apple.com", "Sec-Fetch-Site": "cross-site" };
  // A form from another site brings no `Lax` cookies along.
  const mine = new Map(browser.cookies);
  browser.cookies.clear();
  const posted = await browser.post("/apple/callback", told, foreign);
  expect([posted.status, posted.headers.getSetCookie()]).toEqual([303, []]);
  for (const [name, value] of mine) browser.cookies.set(name, value);
  return browser.get(posted.headers.get("Location")!);
}

/** The whole way: out to the provider, yes there, and back. */
async function signInWith(
  t: TestPortal,
  browser: TestBrowser,
  provider: ProviderName,
  claims: Record<string, unknown>,
  query = "",
): Promise<Answer> {
  const page = await setOut(browser, provider, query);
  return comeBack(browser, provider, t.providers.consent(page, claims));
}

/** What a page says, without its frame. */
const mainOf = ({ html }: Answer): string => /<main[\s\S]*<\/main>/.exec(html)![0];

const isSignedIn = (browser: TestBrowser): boolean => browser.cookies.has(SESSION);

/** Nothing opened, nothing kept. */
async function expectNothing(t: TestPortal, browser: TestBrowser, answer: Answer, words: string, status = 422) {
  expect(answer.status).toBe(status);
  expect(answer.html.replaceAll("&#39;", "'")).toContain(words);
  expect(isSignedIn(browser)).toBe(false);
  expect(await t.rows("select * from sessions")).toEqual([]);
  expect(await t.rows("select * from identities")).toEqual([]);
  expect(t.logs).toEqual([]);
}

const PLEASE_REGISTER = "We found no sign-in for this address";
const START_AGAIN = "This sign-in was begun in another window";
const NOT_CHECKED = "We could not check what";

describe.each(PROVIDERS)("signing in with %s", (provider) => {
  const dana = claimsOf(provider, DANA);

  test("links a user by the address that the provider verified, tells them, and knows them from then on", async () => {
    const t = await portal();
    const browser = t.browser("cedar-ridge", { "User-Agent": "Mozilla/5.0 (Android 14; Mobile) Firefox/130.0" });
    const first = await signInWith(t, browser, provider, { ...dana, email: "  Dana@Example.COM " }, "?next=/invoices");
    expect([first.status, first.headers.get("Location")]).toEqual([303, "/invoices"]);
    expect((await browser.get("/")).html).toContain("Dana Okafor");
    expect(browser.cookies.has(TRIP)).toBe(false);
    const [identity] = await t.rows<{ provider: string; subject: string; email: string }>("select * from identities");
    const subject = provider === "microsoft" ? `${dana.tid}:${dana.oid}` : dana.sub;
    expect(identity).toMatchObject({ provider, subject, email: DANA });
    await t.runJobs();
    expect(t.outbox.map(({ to, subject: about }) => [to, about])).toEqual([
      [DANA, "A new way to sign in to Cedar Ridge Alarm & Life Safety"],
    ]);

    // The address may change at the provider, and its word on it too: the identity stays.
    const again = await signInWith(t, t.browser(), provider, {
      ...dana,
      email: "dana@elsewhere.example.com",
      email_verified: false,
      xms_edov: false,
    });
    expect(again.headers.get("Location")).toBe("/");
    await t.runJobs();
    expect(t.outbox.length).toBe(1);
    expect(await t.rows("select how, device from sign_ins order by device desc")).toEqual([
      { how: provider, device: "Firefox on Android" },
      { how: provider, device: "" },
    ]);
  });

  test("asks with a state, a nonce and, where the provider knows it, a hashed verifier, each time anew", async () => {
    const t = await portal();
    const [one, two] = [await setOut(t.browser(), provider), await setOut(t.browser(), provider)].map(
      (page) => new URL(page).searchParams,
    );
    expect(one!.get("redirect_uri")).toBe(`https://cedar-ridge.test/${provider}/callback`);
    expect(one!.get("response_type")).toBe("code");
    expect(one!.get("client_id")).toBe(`${provider}-client`);
    if (provider === "apple") expect(one!.get("response_mode")).toBe("form_post");
    else expect(one!.get("code_challenge_method")).toBe("S256");
    for (const name of ["state", "nonce", ...(provider === "apple" ? [] : ["code_challenge"])]) {
      expect(one!.get(name), name).toMatch(/^[\w-]{43}$/);
      expect(one!.get(name), name).not.toBe(two!.get(name));
    }
  });

  test("keeps the trip in one cookie that no page can read, for ten minutes", async () => {
    const t = await portal();
    const cookies = (await t.browser().get(`/${provider}`)).headers.getSetCookie();
    expect(cookies.length).toBe(1);
    expect(cookies[0]).toMatch(
      /^__Host-provider=[\w-]+\.[\w-]{43}; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
    );
  });

  test("refuses an address that is not verified, and says the same whether or not somebody has it", async () => {
    const t = await portal();
    const words: string[] = [];
    for (const email of [DANA, "nobody@example.com"]) {
      const browser = t.browser();
      const answer = await signInWith(t, browser, provider, claimsOf(provider, email, false));
      await expectNothing(t, browser, answer, PLEASE_REGISTER);
      expect(answer.html).toContain(email);
      words.push(mainOf(answer).replaceAll(email, "…"));
    }
    expect(words[0]).toBe(words[1]);
  });

  test("creates nothing for somebody who is not here, nor for one who has not finished registering", async () => {
    const t = await portal();
    await t.rows(
      "insert into users (id, email, name, created_at) values ('usr_new', 'new@example.com', 'New', ?)",
      t.clock.now,
    );
    await t.rows(
      "insert into memberships (user_id, account_id, role, created_at) select 'usr_new', id, 'viewer', 0 from accounts limit 1",
    );
    const before = await everythingIn(t);
    for (const email of ["stranger@example.com", "new@example.com", ""]) {
      const browser = t.browser();
      const answer = await signInWith(t, browser, provider, claimsOf(provider, email));
      await expectNothing(t, browser, answer, PLEASE_REGISTER);
      expect(answer.html).toContain('href="/register"');
      expect(answer.html).toContain("Call us");
    }
    expect(await everythingIn(t)).toBe(before);
    // Once the office's invitation was accepted, there is a way in already.
    await t.rows("update memberships set active_since = 0 where user_id = 'usr_new'");
    const browser = t.browser();
    expect((await signInWith(t, browser, provider, claimsOf(provider, "new@example.com"))).status).toBe(303);
    expect(isSignedIn(browser)).toBe(true);
  });

  test("refuses a token with another nonce, issuer or audience, one that has run out, and one without any of them", async () => {
    const t = await portal();
    const wrong: Record<string, unknown>[] = [
      { nonce: "another" },
      { nonce: undefined },
      { iss: "https://evil.test" },
      { iss: undefined },
      { iss: `https://login.microsoftonline.com/${crypto.randomUUID()}/v2.0` },
      { iss: ["https://accounts.google.com"] },
      { aud: "another-client" },
      { aud: undefined },
      { aud: [`${provider}-client`, "another-client"] },
      { exp: t.clock.now },
      { exp: t.clock.now - HOUR },
      { exp: "never" },
      { exp: undefined },
      { sub: undefined, oid: undefined },
      { sub: "'; drop table users; --", oid: "'; drop table users; --" },
    ];
    for (const claims of wrong) {
      const browser = t.browser();
      const answer = await signInWith(t, browser, provider, { ...dana, ...claims });
      await expectNothing(t, browser, answer, NOT_CHECKED);
    }
  });

  test("refuses a state that is forged, missing, of another trip or of another provider", async () => {
    const t = await portal();
    const browser = t.browser();
    const told = t.providers.consent(await setOut(browser, provider), dana);
    const foreign = t.providers.consent(await setOut(t.browser(), provider), dana);
    const other = provider === "google" ? "microsoft" : "google";
    for (const state of [foreign.state, "", "x", `${told.state}x`, told.state.slice(1), "\0", "é".repeat(43)])
      await expectNothing(t, browser, await comeBack(browser, provider, { ...told, state }), START_AGAIN);
    await expectNothing(t, browser, await comeBack(browser, provider, { code: told.code }), START_AGAIN);
    await expectNothing(t, browser, await comeBack(browser, other, told), START_AGAIN);
    // Somebody who is sent here with another person's answer has no cookie of that trip.
    await expectNothing(t, t.browser(), await comeBack(t.browser(), provider, told), START_AGAIN);
    expect(t.providers.asked).toEqual([]);
    // None of that has cost the one who is on the way anything.
    expect((await comeBack(browser, provider, told)).status).toBe(303);
  });

  test("refuses a cookie that was changed, is another dealer's, another provider's, or older than ten minutes", async () => {
    const t = await portal();
    const browser = t.browser();
    const told = t.providers.consent(await setOut(browser, provider), dana);
    const good = browser.cookies.get(TRIP)!;
    const [said = "", mac = ""] = good.split(".");
    const trip = JSON.parse(Buffer.from(said, "base64url").toString()) as Record<string, unknown>;
    const longer = Buffer.from(JSON.stringify({ ...trip, until: t.clock.now + DAY })).toString("base64url");
    for (const cookie of [
      `${longer}.${mac}`,
      said,
      `${said}.`,
      `.${mac}`,
      `${said}.${mac.slice(1)}x`,
      "x.y.z",
      "%00",
    ]) {
      browser.cookies.set(TRIP, cookie);
      await expectNothing(t, browser, await comeBack(browser, provider, told), START_AGAIN);
    }
    const elsewhere = t.browser("bluebonnet");
    elsewhere.cookies.set(TRIP, good);
    await expectNothing(t, elsewhere, await comeBack(elsewhere, provider, told), START_AGAIN);
    browser.cookies.set(TRIP, good);
    t.clock.now += 10 * MINUTE;
    await expectNothing(t, browser, await comeBack(browser, provider, told), START_AGAIN);
    t.clock.now -= 1;
    expect((await comeBack(browser, provider, told)).status).toBe(303);
  });

  test("opens once: the same answer again is refused, also with the cookie as it was, also at once", async () => {
    const t = await portal();
    const browser = t.browser();
    const page = await setOut(browser, provider);
    const cookie = browser.cookies.get(TRIP)!;
    const told = t.providers.consent(page, dana);
    expect((await comeBack(browser, provider, told)).status).toBe(303);
    expect((await comeBack(browser, provider, told)).html).toContain(START_AGAIN);
    const thief = t.browser();
    thief.cookies.set(TRIP, cookie);
    expect((await comeBack(thief, provider, told)).html).toContain(NOT_CHECKED);
    // A provider that takes a code twice does not help either: the trip has led to a session.
    t.providers.answer = () => Response.json({ id_token: tokenOf(claimsAgain(page, provider, t.clock.now)) });
    thief.cookies.set(TRIP, cookie);
    expect((await comeBack(thief, provider, told)).html).toContain(START_AGAIN);
    expect(isSignedIn(thief)).toBe(false);
    expect((await t.rows("select * from sessions")).length).toBe(1);
  });

  test("in two tabs goes on in the one that was opened last", async () => {
    const t = await portal();
    const browser = t.browser();
    const [first, second] = [await setOut(browser, provider), await setOut(browser, provider)];
    const late = await comeBack(browser, provider, t.providers.consent(first, dana));
    await expectNothing(t, browser, late, START_AGAIN);
    expect((await comeBack(browser, provider, t.providers.consent(second, dana))).status).toBe(303);
    expect(isSignedIn(browser)).toBe(true);
  });

  test("says so when somebody does not go on there, and lets them try again", async () => {
    const t = await portal();
    const name = { google: "Google", microsoft: "Microsoft", apple: "Apple" }[provider];
    for (const error of ["access_denied", "user_cancelled_authorize", "<script>alert(1)</script>"]) {
      const browser = t.browser();
      const state = new URL(await setOut(browser, provider, "?next=/invoices")).searchParams.get("state")!;
      const answer = await comeBack(browser, provider, { error, error_description: "<b>x</b>", state });
      await expectNothing(t, browser, answer, `You did not go on with ${name}. Nothing was changed.`);
      expect(answer.html).toContain(`href="/${provider}?next=%2Finvoices"`);
      expect(mainOf(answer)).not.toContain(error.startsWith("<") ? "<script>alert" : error);
    }
  });

  test("says so when the provider answers nonsense, nothing, or not in time", async () => {
    const t = await portal();
    const nonsense: (() => Response | Promise<Response>)[] = [
      () => new Response("<html>Sorry</html>", { status: 200 }),
      () => new Response("", { status: 500 }),
      () => Response.json(null),
      () => Response.json([]),
      () => Response.json({}),
      () => Response.json({ id_token: 7 }),
      () => Response.json({ id_token: "no.token" }),
      () => Response.json({ id_token: "a.b.c" }),
      () => Response.json({ id_token: `x.${Buffer.from("null").toString("base64url")}.y` }),
      () => Response.json({ id_token: `x.${Buffer.from("[]").toString("base64url")}.y` }),
      () => Response.json({ error: "temporarily_unavailable" }, { status: 400 }),
      () => Response.json({ error: { no: "text" } }, { status: 400 }),
      () => new Response(null, { status: 302, headers: { Location: "https://evil.test/token" } }),
      () => Promise.reject(new TypeError("fetch failed")),
      () => Promise.reject(new DOMException("The operation timed out.", "TimeoutError")),
    ];
    for (const [i, answer] of nonsense.entries()) {
      const browser = t.browser();
      const told = t.providers.consent(await setOut(browser, provider), dana);
      t.providers.answer = answer;
      const page = await comeBack(browser, provider, told);
      t.providers.answer = null;
      expect([422, 503], `nonsense ${i}`).toContain(page.status);
      await expectNothing(t, browser, page, "Sign in with your password", page.status);
    }
  });

  test("gives up on a provider that does not answer in ten seconds", async () => {
    const t = await portal();
    const browser = t.browser();
    const told = t.providers.consent(await setOut(browser, provider), dana);
    const patience = new AbortController();
    const timeout = vi.spyOn(AbortSignal, "timeout").mockReturnValue(patience.signal);
    t.providers.answer = ({ signal }) =>
      new Promise((_, reject) => {
        signal.addEventListener("abort", () => reject(signal.reason));
        patience.abort(new DOMException("The operation timed out.", "TimeoutError"));
      });
    const answer = await comeBack(browser, provider, told);
    expect(timeout.mock.calls).toEqual([[10_000]]);
    timeout.mockRestore();
    await expectNothing(t, browser, answer, "does not answer as it should", 503);
  });

  test("is an error for us to see when the provider does not take our credentials", async () => {
    const t = await portal();
    const browser = t.browser();
    const told = t.providers.consent(await setOut(browser, provider), dana);
    t.providers.answer = () => Response.json({ error: "invalid_client", error_description: DANA }, { status: 401 });
    expect((await comeBack(browser, provider, told)).status).toBe(500);
    expect(t.logs.map(({ message }) => message)).toEqual([`${provider} says invalid_client`]);
    expect(JSON.stringify(t.logs)).not.toMatch(/dana|secret/i);
  });

  test("leads on within the portal only, and staff to the office", async () => {
    const t = await portal();
    for (const next of ["//evil.test", "https://evil.test", "/\\evil.test", "javascript:alert(1)", "/..//evil.test"]) {
      const answer = await signInWith(t, t.browser(), provider, dana, `?next=${encodeURIComponent(next)}`);
      expect(answer.headers.get("Location"), next).toBe("/");
    }
    const ruth = await signInWith(t, t.browser(), provider, claimsOf(provider, "ruth@cedarridge.example.com"));
    expect(ruth.headers.get("Location")).toBe("/office");
  });

  test("ends the session that the browser held before", async () => {
    const t = await portal();
    const browser = await t.as("priya@example.com");
    const before = browser.cookies.get(SESSION);
    expect((await signInWith(t, browser, provider, dana)).status).toBe(303);
    expect(browser.cookies.get(SESSION)).not.toBe(before);
    expect((await t.rows("select * from sessions")).length).toBe(1);
  });

  test("is one dealer's: an identity linked there opens nothing here", async () => {
    const t = await portal();
    const there = t.browser("bluebonnet");
    expect((await signInWith(t, there, provider, dana)).status).toBe(303);
    const stranger = { ...dana, email: "stranger@example.com" };
    const here = t.browser();
    await expectNothing(t, here, await signInWith(t, here, provider, stranger), PLEASE_REGISTER);
  });

  test("leaves nothing half done when the database gives no answer", async () => {
    const t = await portal();
    // It does nothing, however often it is asked; or it does it, and the answer is lost.
    for (const [moment, times, expected] of [
      ["before", 9, [503, 0, 0]],
      ["after", 1, [303, 1, 1]],
    ] as const) {
      const browser = t.browser();
      const told = t.providers.consent(await setOut(browser, provider), dana);
      let left: number = times;
      t.trouble.database = (statements) => (statements.includes("session.started") && left-- > 0 ? moment : null);
      const answer = await comeBack(browser, provider, told);
      t.trouble.database = null;
      const sessions = (await t.rows("select * from sessions")).length;
      const identities = (await t.rows("select * from identities")).length;
      expect([answer.status, sessions, identities]).toEqual(expected);
    }
  });
});

/** What a provider would say once more about a code it should have forgotten. */
function claimsAgain(page: string, provider: ProviderName, now: number): Record<string, unknown> {
  const asked = new URL(page).searchParams;
  const claims = claimsOf(provider, DANA);
  const issuer = {
    google: "https://accounts.google.com",
    microsoft: `https://login.microsoftonline.com/${claims.tid}/v2.0`,
    apple: "https://appleid.apple.com",
  }[provider];
  return { iss: issuer, aud: asked.get("client_id"), nonce: asked.get("nonce"), exp: now + HOUR, ...claims };
}

describe("linking from the profile", () => {
  const PAGE = "/profile/identities";
  const link = (t: TestPortal, browser: TestBrowser, provider: ProviderName, claims: Record<string, unknown>) =>
    signInWith(t, browser, provider, claims, "?link");

  test.each(PROVIDERS)(
    "%s: links also an address that is not verified or another one, and unlinks",
    async (provider) => {
      const t = await portal();
      const browser = await t.as(DANA);
      const elsewhere = claimsOf(provider, "d.okafor@elsewhere.example.com", false);
      expect((await browser.get(PAGE)).html).toContain(`href="/${provider}?link"`);
      const answer = await link(t, browser, provider, elsewhere);
      expect([answer.status, answer.headers.get("Location")]).toEqual([303, `${PAGE}?said=linked`]);
      const page = await browser.get(`${PAGE}?said=linked`);
      expect(page.html).toContain("d.okafor@elsewhere.example.com");
      const anew = t.browser();
      expect((await signInWith(t, anew, provider, elsewhere)).status).toBe(303);
      expect(isSignedIn(anew)).toBe(true);

      const removal = `${PAGE}/${provider}/removal`;
      expect((await browser.post(removal, formOn(page.html, removal))).headers.get("Location")).toBe(
        `${PAGE}?said=removed`,
      );
      expect(await t.rows("select * from identities")).toEqual([]);
      await t.runJobs();
      expect(t.outbox.map(({ to, subject }) => [to, subject])).toEqual([
        [DANA, "A new way to sign in to Cedar Ridge Alarm & Life Safety"],
        [DANA, "A way to sign in to Cedar Ridge Alarm & Life Safety was removed"],
      ]);
      expect((await signInWith(t, t.browser(), provider, elsewhere)).html).toContain(PLEASE_REGISTER);
    },
  );

  test("takes nobody else's identity, and no second one of a provider", async () => {
    const t = await portal();
    const [dana, priya] = [await t.as(DANA), await t.as("priya@example.com")];
    const first = claimsOf("google", "first@elsewhere.example.com");
    expect((await link(t, dana, "google", first)).status).toBe(303);
    for (const [browser, claims] of [
      [priya, first],
      [dana, claimsOf("google", "second@elsewhere.example.com")],
    ] as const) {
      const answer = await link(t, browser, "google", claims);
      expect(answer.status).toBe(422);
      expect(answer.html).toContain("is linked to another sign-in here, or you have linked another one");
    }
    expect((await t.rows("select * from identities")).length).toBe(1);
    // Nor does an address take over what is linked: the second account of that person is not theirs here.
    const another = t.browser();
    expect((await signInWith(t, another, "google", claimsOf("google", DANA))).html).toContain(PLEASE_REGISTER);
  });

  test("an address that has moved to another account there takes the place of the one before", async () => {
    const t = await portal();
    expect((await signInWith(t, t.browser(), "google", claimsOf("google", DANA))).status).toBe(303);
    const other = claimsOf("google", "made anew");
    const anew = { ...other, email: DANA };
    const browser = t.browser();
    expect((await signInWith(t, browser, "google", anew)).status).toBe(303);
    expect(isSignedIn(browser)).toBe(true);
    expect(await t.rows("select subject from identities")).toEqual([{ subject: other.sub }]);
  });

  test("is for whoever began it: signed out, or in as somebody else, nothing is linked", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    const page = await setOut(dana, "google", "?link");
    const told = t.providers.consent(page, claimsOf("google", "x@elsewhere.example.com"));
    const trip = dana.cookies.get(TRIP)!;
    for (const browser of [t.browser(), await t.as("priya@example.com")]) {
      browser.cookies.set(TRIP, trip);
      expect((await comeBack(browser, "google", told)).html).toContain(START_AGAIN);
    }
    expect(t.providers.asked).toEqual([]);
    expect(await t.rows("select * from identities")).toEqual([]);
    expect((await t.browser().get("/google?link")).headers.get("Location")).toBe("/sign-in?next=%2Fgoogle%3Flink");
  });

  test("is used once, also when it comes back twice at once", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    const page = await setOut(dana, "google", "?link");
    const told = t.providers.consent(page, claimsOf("google", "x@elsewhere.example.com"));
    const copies = [told, told].map(() => {
      const copy = t.browser();
      for (const [name, value] of dana.cookies) copy.cookies.set(name, value);
      return comeBack(copy, "google", told);
    });
    const statuses = (await Promise.all(copies)).map(({ status }) => status);
    expect(statuses.sort()).toEqual([303, 422]);
    expect((await t.rows("select * from identities")).length).toBe(1);
  });

  test("the last way in stays: without a password another identity must be left", async () => {
    const t = await portal();
    const browser = await t.as(DANA);
    await link(t, browser, "google", claimsOf("google", DANA));
    await link(t, browser, "apple", claimsOf("apple", DANA));
    await t.rows("update users set password_hash = null where email = ?", DANA);
    const remove = (provider: string) => browser.post(`${PAGE}/${provider}/removal`, {});
    const both = await Promise.all([remove("google"), remove("apple")]);
    expect(both.map(({ status }) => status).sort()).toEqual([303, 422]);
    const [kept] = await t.rows<{ provider: string }>("select provider from identities");
    const refused = await remove(kept!.provider);
    expect(refused.status).toBe(422);
    expect(refused.html).toContain("That is your only way in. Choose a password first.");
    expect((await t.rows("select * from identities")).length).toBe(1);
  });

  test("of somebody else cannot be removed, nor one that does not exist", async () => {
    const t = await portal();
    const browser = await t.as(DANA);
    await link(t, browser, "google", claimsOf("google", DANA));
    const priya = await t.as("priya@example.com");
    for (const provider of ["google", "apple", "facebook", "constructor", "%00"])
      expect((await priya.post(`${PAGE}/${provider}/removal`, {})).headers.get("Location")).toBe(PAGE);
    expect((await t.rows("select * from identities")).length).toBe(1);
    const foreign = { Origin: "https://evil.test", "Sec-Fetch-Site": "cross-site" };
    expect((await browser.post(`${PAGE}/google/removal`, {}, foreign)).status).toBe(403);
  });
});

describe("what is configured", () => {
  test("is offered on the sign-in page, with where one was going; what is not, is not there", async () => {
    const t = await portal();
    const page = await t.browser().get("/sign-in?next=%2Finvoices%2Fpaid");
    for (const provider of PROVIDERS) expect(page.html).toContain(`href="/${provider}?next=%2Finvoices%2Fpaid"`);
    const spanish = await t.browser("cedar-ridge", { "Accept-Language": "es" }).get("/sign-in");
    expect(spanish.html).toContain("Entrar con Google");
    t.config.providers = { microsoft: t.config.providers.microsoft! };
    const one = await t.browser().get("/sign-in");
    expect([...one.html.matchAll(/Sign in with (\w+)/g)].map(([, name]) => name)).toEqual(["Microsoft"]);
    for (const address of ["/google", "/google/callback", "/apple/callback?state=x"])
      expect((await t.browser().get(address)).status).toBe(404);
    t.config.providers = {};
    expect((await t.browser().get("/sign-in")).html).not.toContain("Sign in with");
    const own = await (await t.as(DANA)).get("/profile/identities");
    expect(own.html).toContain("Your alarm company offers sign-in by e-mail and password.");
  });

  test("for one Microsoft directory takes nobody of another", async () => {
    const t = await portal();
    const tenant = crypto.randomUUID();
    const { identityProviders } = await import("../../src/adapters/identity-providers.ts");
    const person = claimsOf("microsoft", DANA);
    const claims = { ...person, aud: "c", nonce: "n", exp: t.clock.now + 60 };
    const answers = (more: object) =>
      identityProviders(
        { microsoft: { clientId: "c", clientSecret: "s", tenant, apiBase: null } },
        () => t.clock.now,
        (async () => Response.json({ id_token: tokenOf({ ...claims, ...more }) })) as typeof fetch,
      ).whoConsented({ provider: "microsoft", returnTo: "https://x.test", nonce: "n", verifier: "v", code: "c" });
    expect(await answers({ iss: `https://login.microsoftonline.com/${person.tid}/v2.0` })).toBeNull();
    const own = { tid: tenant, iss: `https://login.microsoftonline.com/${tenant}/v2.0` };
    expect(await answers(own)).toMatchObject({ subject: `${tenant}:${person.oid}`, emailVerified: true });
  });

  test("signs Apple's secret with our key, for Apple, for five minutes", async () => {
    const t = await portal();
    const browser = t.browser();
    await signInWith(t, browser, "apple", claimsOf("apple", DANA));
    const [head = "", claims = "", signature = ""] = t.providers.asked[0]!.form.get("client_secret")!.split(".");
    const part = (text: string) => JSON.parse(Buffer.from(text, "base64url").toString()) as unknown;
    expect(part(head)).toEqual({ alg: "ES256", kid: "KEY" });
    expect(part(claims)).toEqual({
      iss: "TEAM",
      sub: "apple-client",
      aud: "https://appleid.apple.com",
      iat: t.clock.now,
      exp: t.clock.now + 5 * MINUTE,
    });
    const { createPrivateKey, createPublicKey, verify } = await import("node:crypto");
    const key = createPrivateKey({
      key: Buffer.from(t.config.providers.apple!.privateKey, "base64"),
      format: "der",
      type: "pkcs8",
    });
    const signed = Buffer.from(`${head}.${claims}`);
    const checked = verify(
      "sha256",
      signed,
      { key: createPublicKey(key), dsaEncoding: "ieee-p1363" },
      Buffer.from(signature, "base64url"),
    );
    expect(checked).toBe(true);
  });

  test("leaves a password's sign-in as it was", async () => {
    const t = await portal();
    const answer = await t.browser().post("/sign-in", { email: DANA, password: CAST_PASSWORD });
    expect(answer.headers.get("Location")).toBe("/");
  });
});
