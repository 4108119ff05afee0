import { describe, expect, test } from "vitest";
import { CAST_PASSWORD } from "../../db/cast.ts";
import { LIMITS } from "../../src/auth/attempts.ts";
import { type Contact, contactChanges, emailAddress, oneLine } from "../../src/auth/contact-rules.ts";
import { DAY, MINUTE } from "../../src/calendar.ts";
import { asDrawn, everythingIn } from "../house/people.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";

const DANA = "dana@example.com";
const INES = "ines@harborstreetdental.example.com";
const THEO = "theo@harborstreetdental.example.com";
const AMARA = "amara@harborstreetdental.example.com";
const RUTH = "ruth@cedarridge.example.com";
const NEW_PASSWORD = "a kettle of marbles";

const PHONE =
  "Mozilla/5.0 (iPhone; CPU iPhone OS 17_0 like Mac OS X) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/17.0 Mobile/15E148 Safari/604.1";
const DESK = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:128.0) Gecko/20100101 Firefox/128.0";

/** Texts that people and others type where a word is expected. */
const HOSTILE = [
  `"><script>alert(1)</script>`,
  "<img src=x onerror=alert(1)>",
  "x\r\nBcc: evil@example.com",
  "שלום עולם",
  "👩‍👩‍👧 Ötzi & Søn's",
  "a\u202eb\u0000c",
  "' or 1=1 --",
  "{{7*7}}#{7*7}",
];

/** Signs somebody in with a browser of this name. */
async function signedIn(t: TestPortal, email: string, device = DESK, password = CAST_PASSWORD): Promise<TestBrowser> {
  const browser = t.browser("cedar-ridge", { "User-Agent": device });
  expect((await browser.post("/sign-in", { email, password })).status).toBe(303);
  return browser;
}

const isSignedIn = async (browser: TestBrowser) => (await browser.get("/profile")).status === 200;

/** Sends a page's form as it is drawn, with some of its fields changed. */
async function send(browser: TestBrowser, path: string, changed: Record<string, string>) {
  const form = formOn((await browser.get(path)).html, path);
  for (const [name, value] of Object.entries(changed)) form.set(name, value);
  return browser.post(path, form);
}

const account = (t: TestPortal, number = "CR-10021") =>
  t.row<Record<string, string | number | null>>("select * from accounts where number = ?", number);

describe("the profile", () => {
  test("shows what is the user's own, and the account's as far as the role may see it", async () => {
    const t = await portal();
    const dana = (await (await signedIn(t, DANA)).get("/profile")).html;
    for (const words of ["Dana Okafor", DANA, "Whatever my browser asks for", "(614) 555-0121", "14 Larkspur Ln"])
      expect(dana).toContain(words);
    expect(dana).toContain('href="/profile/contact"');
    for (const email of [INES, THEO]) {
      const page = (await (await signedIn(t, email)).get("/profile")).html;
      expect(page).toContain("210 Harbor St");
      expect(page).toContain("Ask the account&#39;s owner");
      expect(page).not.toContain('href="/profile/contact"');
    }
    await t.rows(
      "update memberships set role = 'service' where user_id = (select id from users where email = ?)",
      INES,
    );
    const service = (await (await signedIn(t, INES)).get("/profile")).html;
    expect(service).toContain(INES);
    expect(service).not.toMatch(/210 Harbor St|555-0147|amara@/);
  });

  test("is staff's too, without any account; the account's own form is not theirs", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    const page = await ruth.get("/profile");
    expect(page.status).toBe(200);
    expect(page.html).toContain(RUTH);
    expect(page.html).not.toContain("Contact details");
    for (const path of ["name", "language", "password", "email", "sessions"])
      expect((await ruth.get(`/profile/${path}`)).status, path).toBe(200);
    expect((await ruth.get("/profile/contact")).headers.get("Location")).toBe("/office");
    expect((await ruth.post("/profile/contact", { phone: "614-555-0100" })).headers.get("Location")).toBe("/office");
    expect((await send(ruth, "/profile/name", { name: "Ruth C." })).status).toBe(303);
    expect((await ruth.get("/office")).html).toContain("Ruth C.");
  });

  test("is one link away from every page", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    for (const path of ["/", "/invoices", "/receipts"])
      expect((await dana.get(path)).html, path).toContain('<a href="/profile">Signed in as Dana Okafor</a>');
  });

  test("looked at three times, every page of it, changes nothing", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    const before = await everythingIn(t);
    for (const path of ["", "/name", "/language", "/password", "/email", "/sessions", "/contact"])
      for (let n = 0; n < 3; n++) expect((await dana.get(`/profile${path}`)).status).toBe(200);
    expect(await everythingIn(t)).toBe(before);
  });
});

describe("the name", () => {
  test("is changed, and greets from then on; saved as it was, it writes nothing", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    const answer = await send(dana, "/profile/name", { name: "  Dana   Okafor-Reyes " });
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/profile?said=saved"]);
    expect((await dana.get("/profile?said=saved")).html).toMatch(/Saved\.[\s\S]*Dana Okafor-Reyes/);
    const before = await everythingIn(t);
    expect((await send(dana, "/profile/name", {})).status).toBe(303);
    expect(await everythingIn(t)).toBe(before);
    // The account's own name is the dealer's to change.
    expect((await account(t)).name).toBe("Dana Okafor");
  });

  test("that is empty or long is refused with what was typed", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    const before = await everythingIn(t);
    for (const name of ["", "   ", "\u0000\u202e", "n".repeat(101), "x".repeat(100_000)]) {
      const answer = await dana.post("/profile/name", { name });
      expect(answer.status).toBe(422);
      expect(answer.html).toContain("at most 100 characters");
    }
    expect((await dana.post("/profile/name", { name: "n".repeat(101) })).html).toContain("n".repeat(101));
    expect((await dana.post("/profile/name", {})).status).toBe(422);
    expect(await everythingIn(t)).toBe(before);
  });

  test("may be any text, and stands on pages and in letters as it is", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    for (const name of HOSTILE) {
      expect((await send(dana, "/profile/name", { name })).status, name).toBe(303);
      const { name: kept } = await t.row<{ name: string }>("select name from users where email = ?", DANA);
      expect(kept).toBe(oneLine(name));
      expect(kept).not.toMatch(/[\p{Cc}\u202e]/u);
      for (const path of ["/profile", "/profile/name", "/"]) {
        const { html } = await dana.get(path);
        expect(html).not.toMatch(/<script>alert|<img src=x/);
        expect(html).toContain(
          kept
            .replace(/&/g, "&amp;")
            .replace(/</g, "&lt;")
            .replace(/>/g, "&gt;")
            .replace(/"/g, "&quot;")
            .replace(/'/g, "&#39;"),
        );
      }
    }
  });
});

describe("the language", () => {
  const languageOf = (page: { html: string }) => /<html lang="(\w+)"/.exec(page.html)?.[1];

  test("that is chosen is kept for the user, wherever they sign in, and their letters are in it", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    expect((await send(dana, "/profile/language", { language: "es" })).status).toBe(303);
    expect(languageOf(await dana.get("/profile"))).toBe("es");
    const elsewhere = await signedIn(t, DANA, PHONE);
    expect(languageOf(await elsewhere.get("/", { "Accept-Language": "en" }))).toBe("es");
    await send(elsewhere, "/profile/password", { current: CAST_PASSWORD, password: NEW_PASSWORD, again: NEW_PASSWORD });
    await t.runJobs();
    expect(t.outbox.at(-1)!.text).toMatch(/^Hola, Dana Okafor:/);
    expect(t.outbox.at(-1)!.text).not.toContain("Hello");
    await send(elsewhere, "/profile/language", { language: "" });
    expect(languageOf(await elsewhere.get("/profile", { "Accept-Language": "en" }))).toBe("en");
    expect(languageOf(await elsewhere.get("/profile", { "Accept-Language": "es-MX" }))).toBe("es");
  });

  test("that is none of ours, or the one it is, writes nothing", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    const before = await everythingIn(t);
    for (const language of ["fr", "EN", "<script>", "e".repeat(10_000), "", "null"])
      expect((await dana.post("/profile/language", { language })).status, language.slice(0, 20)).toBe(303);
    expect((await dana.post("/profile/language", {})).status).toBe(303);
    expect(await everythingIn(t)).toBe(before);
  });

  test("is asked for by a link before sign-in, and remembered by the browser until a profile says otherwise", async () => {
    const t = await portal();
    const browser = t.browser();
    const page = await browser.get("/sign-in?next=%2Finvoices%3Fa%3D1");
    const link = /<a href="([^"]+)" lang="es">Español<\/a>/.exec(page.html)![1]!.replaceAll("&amp;", "&");
    const spanish = await browser.get(`/sign-in${link}`);
    expect(languageOf(spanish)).toBe("es");
    expect(formOn(spanish.html, "/sign-in").get("next")).toBe("/invoices?a=1");
    expect(spanish.html).toContain('lang="en">English</a>');
    expect(languageOf(await browser.get("/contact-us"))).toBe("es");
    await browser.post("/sign-in", { email: DANA, password: CAST_PASSWORD });
    expect(languageOf(await browser.get("/"))).toBe("es");
    expect((await browser.get("/")).html).not.toContain(">English<");
    await send(browser, "/profile/language", { language: "en" });
    expect(languageOf(await browser.get("/?lang=es"))).toBe("en");
    for (const lang of ["fr", "<script>", "es;Path=/x", ""]) {
      const fresh = await t.browser().get(`/sign-in?lang=${encodeURIComponent(lang)}`);
      expect(languageOf(fresh), lang).toBe("en");
      expect(fresh.headers.getSetCookie().join(), lang).not.toContain("language=");
      expect(fresh.html).not.toContain("<script>alert");
    }
  });
});

describe("the password", () => {
  const change = (current: string, password = NEW_PASSWORD, again = password) => ({ current, password, again });

  test("is changed by whoever knows it: other browsers are out, this one is in, and the owner is told", async () => {
    const t = await portal();
    const [here, there] = [await signedIn(t, DANA), await signedIn(t, DANA, PHONE)];
    const answer = await send(here, "/profile/password", change(CAST_PASSWORD));
    expect(answer.headers.get("Location")).toBe("/profile?said=password");
    expect((await here.get("/profile?said=password")).html).toContain("Your new password is saved.");
    expect(await isSignedIn(here)).toBe(true);
    expect(await isSignedIn(there)).toBe(false);
    expect((await t.browser().post("/sign-in", { email: DANA, password: CAST_PASSWORD })).status).toBe(422);
    await signedIn(t, DANA, DESK, NEW_PASSWORD);
    await t.runJobs();
    expect(t.outbox.map(({ to, subject }) => [to, subject])).toEqual([
      [DANA, "Your Cedar Ridge Alarm & Life Safety password was changed"],
    ]);
    expect(await t.rows("select by from events where action = 'password.changed'")).toHaveLength(1);
    expect(await everythingIn(t)).not.toContain(NEW_PASSWORD);
  });

  test("that is wrong is refused; neither it nor the new one stands on the page", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    const { password_hash: before } = await t.row<{ password_hash: string }>(
      "select * from users where email = ?",
      DANA,
    );
    const wrong = await send(dana, "/profile/password", change("not-the-password"));
    expect(wrong.status).toBe(422);
    expect(wrong.html).toContain("That is not your password now.");
    expect(wrong.html).not.toMatch(/not-the-password|a kettle of marbles/);
    const problems = {
      "at least 10 characters": change(CAST_PASSWORD, "short"),
      "at most 256": change(CAST_PASSWORD, "ab1 ".repeat(100)),
      "first that anybody would guess": change(CAST_PASSWORD, "aaaaaaaaaaaa"),
      "must not contain your e-mail": change(CAST_PASSWORD, `x ${DANA}`),
      "not the same": change(CAST_PASSWORD, NEW_PASSWORD, "another"),
    };
    for (const [words, form] of Object.entries(problems)) {
      const answer = await send(dana, "/profile/password", form);
      expect([answer.status, words]).toEqual([422, words]);
      expect(answer.html).toContain(words);
    }
    expect((await dana.post("/profile/password", {})).status).toBe(422);
    const { password_hash: after } = await t.row<{ password_hash: string }>(
      "select * from users where email = ?",
      DANA,
    );
    expect(after).toBe(before);
    await t.runJobs();
    expect(t.outbox).toEqual([]);
  });

  test("cannot be guessed by whoever sits at the browser: ten tries, counted with those to sign in", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    const { allowed } = LIMITS["sign-in:email"];
    for (let n = 0; n < allowed; n++)
      expect((await dana.post("/profile/password", change(`wrong ${n}`))).status).toBe(422);
    const refused = await dana.post("/profile/password", change(CAST_PASSWORD));
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, String(15 * MINUTE)]);
    expect((await t.browser().post("/sign-in", { email: DANA, password: CAST_PASSWORD })).status).toBe(429);
    t.clock.now += 15 * MINUTE;
    expect((await dana.post("/profile/password", change(CAST_PASSWORD))).status).toBe(303);
    expect(await t.rows("select * from attempts where key like 'sign-in:email:%'")).toEqual([]);
  });

  test("changed ends the links that were on their way, whoever asked for them", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    await t.browser().post("/forgot-password", { email: DANA });
    await dana.post("/profile/email", { email: "thief@example.com", current: CAST_PASSWORD });
    await t.settle();
    await t.runJobs();
    const links = t.outbox.flatMap(({ text }) => text.match(/\/(?:passwords|email-addresses)\/[\w-]{43}/g) ?? []);
    expect(new Set(links).size).toBe(2);
    for (const link of links) expect((await t.browser().get(link)).status).toBe(200);
    expect((await dana.post("/profile/password", change(CAST_PASSWORD))).status).toBe(303);
    for (const link of links) {
      expect((await t.browser().get(link)).status).toBe(410);
      expect((await t.browser().post(link, change("", "another long one"))).status).toBe(410);
    }
    expect(await isSignedIn(dana)).toBe(true);
  });

  test("is set for the first time by whoever only ever came in another way", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    await t.rows("update users set password_hash = null where email = ?", DANA);
    const page = await dana.get("/profile/password");
    expect(page.html).toContain("Set a password");
    expect(page.html).not.toContain('name="current"');
    expect((await send(dana, "/profile/password", change(""))).status).toBe(303);
    await signedIn(t, DANA, DESK, NEW_PASSWORD);
  });

  test("stays as it was when the database is away", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    t.trouble.database = (statements) => (statements.includes("password_hash = ") ? "before" : null);
    expect((await dana.post("/profile/password", change(CAST_PASSWORD))).status).toBe(503);
    t.trouble.database = null;
    await signedIn(t, DANA);
    // The answer is lost, the change is not: the same batch is sent again and finds itself made.
    let lost = 0;
    t.trouble.database = (statements) => (statements.includes("password_hash = ") && lost++ === 0 ? "after" : null);
    expect((await dana.post("/profile/password", change(CAST_PASSWORD))).status).toBe(303);
    t.trouble.database = null;
    await signedIn(t, DANA, DESK, NEW_PASSWORD);
    await t.runJobs();
    expect(t.outbox).toHaveLength(1);
  });
});

describe("where a user is signed in", () => {
  const handles = (html: string) => [...html.matchAll(/name="end" value="([0-9a-f]{16})"/g)].map((match) => match[1]!);

  test("shows each browser by name and since when, this one marked, and how they signed in", async () => {
    const t = await portal();
    const here = await signedIn(t, DANA);
    t.clock.now += 2 * DAY;
    await signedIn(t, DANA, PHONE);
    await signedIn(t, DANA, "");
    const { html } = await here.get("/profile/sessions");
    expect(html).toMatch(/Firefox on Windows<\/b>[\s\S]{0,120}This device/);
    expect(html).toContain("Safari on iPhone");
    expect(html).toContain("Unknown device");
    expect(html).toContain("since Dec 3, 2026");
    expect(handles(html)).toHaveLength(2);
    expect([...html.matchAll(/<td>Password<\/td>/g)]).toHaveLength(3);
    for (const { id } of await t.rows<{ id: string }>("select id from sessions")) expect(html).not.toContain(id);
    expect((await here.get("/profile")).html).toContain("Signed in on 3");
  });

  test("shows the last twenty sign-ins", async () => {
    const t = await portal();
    const here = await signedIn(t, DANA);
    await t.rows(
      `insert into sign_ins (id, user_id, at, how, device)
       with recursive n(n) as (select 1 union all select n + 1 from n where n < 40)
       select 'sgn_' || n, (select id from users where email = ?), ? - n, 'link', 'Opera on Mac' from n`,
      DANA,
      t.clock.now,
    );
    const { html } = await here.get("/profile/sessions");
    expect([...html.matchAll(/<td>(Password|Link in a mail)<\/td>/g)]).toHaveLength(20);
  });

  test("ends one of them, and no other", async () => {
    const t = await portal();
    const [here, phone, desk] = [
      await signedIn(t, DANA),
      await signedIn(t, DANA, PHONE),
      await signedIn(t, DANA, "Lynx/2.9"),
    ];
    const { html } = await here.get("/profile/sessions");
    const handle = /Safari on iPhone[\s\S]*?value="([0-9a-f]{16})"/.exec(html)![1]!;
    const answer = await here.post("/profile/sessions", { end: handle });
    expect(answer.headers.get("Location")).toBe("/profile/sessions?ended");
    expect((await here.get("/profile/sessions?ended")).html).toContain("Signed out there.");
    expect([await isSignedIn(here), await isSignedIn(phone), await isSignedIn(desk)]).toEqual([true, false, true]);
    const before = await everythingIn(t);
    await here.post("/profile/sessions", { end: handle });
    expect(await everythingIn(t)).toBe(before);
  });

  test("ends all the others at once", async () => {
    const t = await portal();
    const [here, phone, amara] = [await signedIn(t, DANA), await signedIn(t, DANA, PHONE), await signedIn(t, AMARA)];
    expect((await here.post("/profile/sessions", { end: "others" })).status).toBe(303);
    expect([await isSignedIn(here), await isSignedIn(phone), await isSignedIn(amara)]).toEqual([true, false, true]);
    const { html } = await here.get("/profile/sessions");
    expect(html).not.toContain("Sign out everywhere else");
    const before = await everythingIn(t);
    await here.post("/profile/sessions", { end: "others" });
    expect(await everythingIn(t)).toBe(before);
  });

  test("is no way to sign somebody else out, nor this browser, nor anybody by nonsense", async () => {
    const t = await portal();
    const [here, amara] = [await signedIn(t, DANA), await signedIn(t, AMARA)];
    await signedIn(t, DANA, PHONE);
    const ids = await t.rows<{ id: string; mine: number }>(
      "select s.id, u.email = ? mine from sessions s join users u on u.id = s.user_id order by s.created_at",
      AMARA,
    );
    const amaras = ids.find(({ mine }) => mine === 1)!.id;
    const dana = await here.get("/profile/sessions");
    const own = ids.map(({ id }) => id).find((id) => id !== amaras && !handles(dana.html).includes(id.slice(0, 16)))!;
    const before = await everythingIn(t);
    for (const end of [amaras, amaras.slice(0, 16), own, own.slice(0, 16), "", "%", "_".repeat(16), "0", ...HOSTILE])
      expect((await here.post("/profile/sessions", { end })).status, end).toBe(303);
    expect(await everythingIn(t)).toBe(before);
    expect([await isSignedIn(here), await isSignedIn(amara)]).toEqual([true, true]);
  });
});

describe("the contact details", () => {
  test("that are changed are the account's; before and after are kept, and the office is told", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    const form = formOn((await dana.get("/profile/contact")).html, "/profile/contact");
    expect(form.get("phone")).toBe("(614) 555-0121");
    for (const [name, value] of Object.entries({ phone: "614.555.0199", zip: "45004-1234", paperless: "yes" }))
      form.set(name, value);
    t.trips.count = 0;
    const answer = await dana.post("/profile/contact", form);
    expect([answer.status, answer.headers.get("Location"), t.trips.count]).toEqual([303, "/profile?said=contact", 2]);
    expect(await account(t)).toMatchObject({
      phone: "+16145550199",
      zip: "45004-1234",
      paperless: 1,
      city: "Springvale",
    });
    const { id } = await t.row<{ id: string }>("select id from users where email = ?", DANA);
    expect(await t.rows("select field, before, after, user_id, at from contact_changes order by field")).toEqual([
      { field: "paperless", before: "no", after: "yes", user_id: id, at: t.clock.now },
      { field: "phone", before: "+16145550121", after: "+16145550199", user_id: id, at: t.clock.now },
      { field: "zip", before: "45001", after: "45004-1234", user_id: id, at: t.clock.now },
    ]);
    const page = (await dana.get("/profile?said=contact")).html;
    for (const words of ["Our office is told.", "(614) 555-0199", "45004-1234", "Paperless"])
      expect(page).toContain(words);
    const office = (await (await t.as(RUTH)).get("/office")).html;
    expect(office).toContain("A customer changed their contact details");
    expect(office).toMatch(/CR-10021[\s\S]*phone/);
    expect(await t.rows("select action, by, detail from events where action = 'contact.changed'")).toEqual([
      { action: "contact.changed", by: id, detail: '{"fields":"phone zip paperless"}' },
    ]);
  });

  test("saved as they are write nothing, also however the telephone is typed", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    const before = await everythingIn(t);
    for (const phone of ["(614) 555-0121", "6145550121", "+1 614 555 0121", " 1-614-555-0121 "])
      expect((await send(dana, "/profile/contact", { phone, state: "oh", email: DANA.toUpperCase() })).status).toBe(
        303,
      );
    expect((await dana.post("/profile/contact", {})).status).toBe(303);
    expect(await everythingIn(t)).toBe(before);
  });

  test("in a second tab lose nothing: each field is its last writer's, and an old form writes only what it changed", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    const [first, second] = [
      formOn((await dana.get("/profile/contact")).html, "/profile/contact"),
      formOn((await dana.get("/profile/contact")).html, "/profile/contact"),
    ];
    first.set("line1", "1 First St");
    first.set("city", "Firstville");
    second.set("line1", "2 Second St");
    second.set("zip", "45009");
    expect((await dana.post("/profile/contact", first)).status).toBe(303);
    expect((await dana.post("/profile/contact", second)).status).toBe(303);
    expect(await account(t)).toMatchObject({ line1: "2 Second St", city: "Firstville", zip: "45009" });
    expect(await t.rows("select before, after from contact_changes where field = 'line1' order by id")).toHaveLength(2);
    const changes = await t.rows<{ before: string; after: string }>(
      "select before, after from contact_changes where field = 'line1'",
    );
    expect(changes).toContainEqual({ before: "1 First St", after: "2 Second St" });
    // Twice the same form, as from an impatient finger, tells it once.
    await dana.post("/profile/contact", second);
    expect(await t.rows("select * from contact_changes")).toHaveLength(4);
  });

  test("stand on the office's list once until somebody has seen to them, with all that changed since", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    const item = () => t.rows("select id, detail, closed_at from worklist where kind = 'contact_changed'");
    await send(dana, "/profile/contact", { zip: "45009" });
    t.clock.now += 60;
    await send(dana, "/profile/contact", { city: "Elsewhere" });
    const [one] = await item();
    expect(one).toMatchObject({ id: "contact_changed:CR-10021", closed_at: null });
    expect(
      String((one as unknown as { detail: string }).detail)
        .split(",")
        .sort(),
    ).toEqual(["city", "zip"]);
    await t.rows("update worklist set closed_at = ?", t.clock.now);
    t.clock.now += 60;
    await send(dana, "/profile/contact", { phone: "" });
    expect(await item()).toEqual([{ id: "contact_changed:CR-10021", detail: "phone", closed_at: null }]);
    expect((await account(t)).phone).toBe(null);
  });

  test("that cannot be read are refused with a sentence each and all that was typed; nothing is written", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    const before = await everythingIn(t);
    const cases: [Partial<Contact>, string][] = [
      [{ phone: "555-0100" }, "with its area code"],
      [{ mobile: "call me" }, "with its area code"],
      [{ mobile: "1".repeat(39) }, "with its area code"],
      [{ email: "dana@" }, "no e-mail address"],
      [{ email: "a@example.com, b@example.com" }, "no e-mail address"],
      [{ email: "a@example.com\r\nBcc: b@example.com" }, "no e-mail address"],
      [{ line1: "" }, "cannot be empty"],
      [{ city: "  " }, "cannot be empty"],
      [{ line2: "x".repeat(101) }, "too long"],
      [{ line1: "👩‍👩‍👧".repeat(500) }, "too long"],
      [{ state: "Ohio" }, "two letters"],
      [{ state: "" }, "two letters"],
      [{ zip: "4500" }, "five digits"],
      [{ zip: "45003-12" }, "five digits"],
      [{ zip: "４５００３" }, "five digits"],
      [{ email: "", paperless: "yes" }, "need an e-mail address"],
    ];
    for (const [typed, words] of cases) {
      const answer = await send(dana, "/profile/contact", typed);
      expect([answer.status, words]).toEqual([422, words]);
      expect(answer.html).toContain(words);
      expect(answer.html).toContain('aria-invalid="true"');
    }
    const all = await send(dana, "/profile/contact", { phone: "12", state: "Ohio", zip: "x", line2: "Apt. 4" });
    const again = formOn(all.html, "/profile/contact");
    expect([again.get("phone"), again.get("state"), again.get("zip"), again.get("line2")]).toEqual([
      "12",
      "Ohio",
      "x",
      "Apt. 4",
    ]);
    expect(await everythingIn(t)).toBe(before);
    // Put right in the refused page, the form still knows what it showed at first.
    for (const [name, value] of Object.entries({ phone: "(614) 555-0121", state: "OH", zip: "45001" }))
      again.set(name, value);
    expect((await dana.post("/profile/contact", again)).status).toBe(303);
    expect(await t.rows("select field, after from contact_changes")).toEqual([{ field: "line2", after: "Apt. 4" }]);
  });

  test("may be any text where people write freely, and come out as they are", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    const ruth = await t.as(RUTH);
    for (const line1 of HOSTILE) {
      expect((await send(dana, "/profile/contact", { line1 })).status, line1).toBe(303);
      expect((await account(t)).line1).toBe(oneLine(line1));
      for (const page of [
        await dana.get("/profile"),
        await dana.get("/profile/contact"),
        await ruth.get("/office/contact-changes"),
      ])
        expect(page.html, line1).not.toMatch(/<script>alert|<img src=x/);
    }
  });

  test("of records that were never as we would have them stand in nobody's way", async () => {
    const t = await portal();
    await t.rows(
      "update accounts set phone = 'ask Bob', state = 'Ohio', zip = '', line1 = '', email = null, paperless = 1 where number = 'CR-10021'",
    );
    const dana = await signedIn(t, DANA);
    expect((await send(dana, "/profile/contact", { city: "Newtown" })).status).toBe(303);
    expect(await account(t)).toMatchObject({ phone: "ask Bob", state: "Ohio", zip: "", city: "Newtown", paperless: 1 });
    expect((await send(dana, "/profile/contact", { mobile: "614-555-0100 ext. 12", state: "oh" })).status).toBe(303);
    expect(await account(t)).toMatchObject({ mobile: "614-555-0100 ext. 12", state: "OH" });
  });

  test("are changed by an owner only, and only of the account in view, whatever the form says", async () => {
    const t = await portal();
    const before = await everythingIn(t);
    for (const email of [THEO, INES]) {
      const browser = await signedIn(t, email);
      expect((await browser.get("/profile/contact")).status).toBe(403);
      expect((await browser.post("/profile/contact", { zip: "45009" })).status).toBe(403);
    }
    expect((await t.browser().post("/profile/contact", { zip: "45009" })).headers.get("Location")).toBe("/sign-in");
    expect((await account(t, "CR-10047")).zip).toBe("45003");
    expect(JSON.parse(before).length).toBeGreaterThan(0);
    const dana = await signedIn(t, DANA);
    const { id } = await account(t, "CR-10047");
    const form = {
      zip: "45009",
      account_id: String(id),
      id: String(id),
      number: "CR-10047",
      user_id: "x",
      status: "inactive",
    };
    expect((await dana.post("/profile/contact", form)).status).toBe(303);
    expect((await account(t, "CR-10047")).zip).toBe("45003");
    expect(await account(t)).toMatchObject({ zip: "45009", status: "active", number: "CR-10021" });
  });

  test("are written whole or not at all", async () => {
    const t = await portal();
    const dana = await signedIn(t, DANA);
    const before = await everythingIn(t);
    t.trouble.database = (statements) => (statements.includes("insert into contact_changes") ? "before" : null);
    expect((await send(dana, "/profile/contact", { zip: "45009", city: "X" })).status).toBe(503);
    t.trouble.database = null;
    expect(await everythingIn(t)).toBe(before);
    let lost = 0;
    t.trouble.database = (statements) =>
      statements.includes("insert into contact_changes") && lost++ === 0 ? "after" : null;
    expect((await send(dana, "/profile/contact", { zip: "45009" })).status).toBe(303);
    t.trouble.database = null;
    expect(await t.rows("select field, before, after from contact_changes")).toEqual([
      { field: "zip", before: "45001", after: "45009" },
    ]);
  });
});

describe("the rules of contact details", () => {
  const shown: Contact = {
    phone: "+16145550121",
    mobile: "",
    email: "dana@example.com",
    line1: "14 Larkspur Ln",
    line2: "",
    city: "Springvale",
    state: "OH",
    zip: "45001",
    paperless: "no",
  };

  test("take for changed what differs from what was shown", () => {
    expect(contactChanges({}, shown)).toEqual({ changes: {}, problems: {} });
    expect(contactChanges(shown, shown)).toEqual({ changes: {}, problems: {} });
    expect(contactChanges({ email: " Dana.O@Example.COM ", line2: "", mobile: "614 555 0100" }, shown).changes).toEqual(
      {
        email: "dana.o@example.com",
        mobile: "+16145550100",
      },
    );
    expect(contactChanges({ paperless: "maybe" }, { ...shown, paperless: "yes" }).changes).toEqual({ paperless: "no" });
    expect(contactChanges({ mobile: "+44 20 7946 0958" }, shown).changes).toEqual({ mobile: "+44 20 7946 0958" });
  });

  test("let nobody go without paper whom mail does not reach", () => {
    const paperless = { ...shown, paperless: "yes" };
    expect(contactChanges({ email: "" }, shown)).toEqual({ changes: { email: "" }, problems: {} });
    expect(contactChanges({ email: "" }, paperless).problems).toEqual({ email: "paperless" });
    expect(contactChanges({ email: "", paperless: "no" }, paperless).problems).toEqual({});
    expect(contactChanges({ zip: "45009" }, { ...paperless, email: "" }).problems).toEqual({});
  });

  test("know an e-mail address when they see one", () => {
    for (const good of [
      "a@example.com",
      "First.Last+tag@mail.example.co.uk",
      "o'neil@example.com",
      "_x-1@a-b.example.com",
    ])
      expect(emailAddress(` ${good} `)).toBe(good.toLowerCase());
    for (const bad of [
      "",
      "a",
      "a@b",
      "a@@example.com",
      "a b@example.com",
      "a@example.com>",
      "<a@example.com>",
      '"a"@example.com',
      "a@example.com\nBcc: b@example.com",
      "a@example.com\u0000",
      "ä@example.com",
      "a@exämple.com",
      "a@-example.com",
      ".a@example.com",
      "a.@example.com",
      `${"a".repeat(250)}@example.com`,
    ])
      expect(emailAddress(bad), bad.slice(0, 30)).toBe(null);
  });
});

test("what is minted anew is all that differs between two looks at the profile", async () => {
  const t = await portal();
  const dana = await signedIn(t, DANA);
  for (const path of ["/profile", "/profile/contact", "/profile/sessions"])
    expect(asDrawn((await dana.get(path)).html)).toBe(asDrawn((await dana.get(path)).html));
});
