import { describe, expect, test } from "vitest";
import { CAST_PASSWORD } from "../../db/cast.ts";
import { LIMITS } from "../../src/auth/attempts.ts";
import { LIFETIME_SECONDS } from "../../src/auth/tokens.ts";
import { HOUR, MINUTE } from "../../src/calendar.ts";
import { asDrawn, everythingIn } from "../house/people.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";

const DANA = "dana@example.com";
const NEW = "dana.okafor@example.org";
const TAKEN = "priya@example.com";

/** Asks for another address by the form as it is drawn. */
async function ask(browser: TestBrowser, email: string, current = CAST_PASSWORD) {
  const form = formOn((await browser.get("/profile/email")).html, "/profile/email");
  form.set("email", email);
  form.set("current", current);
  return browser.post("/profile/email", form);
}

/** Sends what is promised, and says which letters went where since the last time. */
async function letters(t: TestPortal): Promise<{ to: string; subject: string; text: string }[]> {
  await t.settle();
  await t.runJobs();
  return t.outbox.splice(0);
}

/** Asks, and brings the link from the mail. */
async function linkTo(t: TestPortal, browser: TestBrowser, email = NEW): Promise<string> {
  expect((await ask(browser, email)).status).toBe(303);
  const sent = (await letters(t)).find(({ to }) => to === email);
  return /\/email-addresses\/[\w-]{43}/.exec(sent!.text)![0];
}

const signIn = async (t: TestPortal, email: string) =>
  (await t.browser().post("/sign-in", { email, password: CAST_PASSWORD })).status;

const emailOf = async (t: TestPortal) =>
  (await t.row<{ email: string }>("select email from users where name = 'Dana Okafor'")).email;

describe("another address to sign in with", () => {
  test("is asked for with the password, confirmed by its owner, and the old one is told twice", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    const asked = await ask(dana, "  Dana.Okafor@Example.ORG ");
    expect([asked.status, asked.headers.get("Location")]).toEqual([303, "/profile/email"]);
    expect((await dana.get("/profile/email")).html).toContain(`A link is on its way to ${NEW}.`);
    const sent = await letters(t);
    expect(sent.map(({ to, subject }) => [to, subject])).toEqual([
      [NEW, "Confirm your new e-mail address for Cedar Ridge Alarm & Life Safety"],
      [DANA, "Your Cedar Ridge Alarm & Life Safety sign-in is getting a new e-mail address"],
    ]);
    // Until the link is used nothing has changed.
    expect([await signIn(t, DANA), await signIn(t, NEW)]).toEqual([303, 422]);
    const old = sent.find(({ to }) => to === DANA)!.text;
    expect(old).not.toContain(NEW);
    expect(old).not.toContain("/email-addresses/");

    const link = /\/email-addresses\/[\w-]{43}/.exec(sent.find(({ to }) => to === NEW)!.text)![0];
    const page = await dana.get(link);
    expect(page.html).toContain(`From now on you sign in as ${NEW}.`);
    const done = await dana.post(link, formOn(page.html, link));
    expect(done.status).toBe(200);
    expect(done.html).toContain(`You now sign in as ${NEW}.`);
    expect([await signIn(t, DANA), await signIn(t, NEW)]).toEqual([422, 303]);
    expect((await dana.get("/profile")).html).toContain(NEW);
    expect((await letters(t)).map(({ to, subject }) => [to, subject])).toEqual([
      [DANA, "Your Cedar Ridge Alarm & Life Safety sign-in has a new e-mail address"],
    ]);
  });

  test("is confirmed by the button alone: a scanner that looks three times changes nothing", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    const link = await linkTo(t, dana);
    const before = await everythingIn(t);
    for (let n = 0; n < 3; n++) {
      const page = await t.browser().get(link);
      expect(page.status).toBe(200);
      expect(page.html).not.toContain(DANA);
      await t.browser().send(link, { method: "HEAD" });
    }
    expect(await everythingIn(t)).toBe(before);
    expect((await dana.post(link, {})).status).toBe(200);
    expect(await emailOf(t)).toBe(NEW);
  });

  test("signs out every browser but the one that confirms, if that is the user's", async () => {
    const t = await portal();
    const [here, there, priya] = [await t.as(DANA), await t.as(DANA), await t.as(TAKEN)];
    const link = await linkTo(t, here);
    expect((await there.post(link, {})).status).toBe(200);
    expect([(await here.get("/")).status, (await there.get("/")).status]).toEqual([303, 200]);
    // Confirmed where somebody else is signed in, it opens nothing there and closes nothing of theirs.
    const next = await linkTo(t, there, "third@example.org");
    expect((await priya.post(next, {})).status).toBe(200);
    expect((await there.get("/")).status).toBe(303);
    expect((await priya.get("/profile")).html).toContain(TAKEN);
  });

  test("becomes the one on file where that was the same, and the office is told", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    await t.rows("update accounts set email = 'Dana@Example.com' where number = 'CR-10021'");
    await dana.post(await linkTo(t, dana), {});
    expect(await t.row("select email from accounts where number = 'CR-10021'")).toEqual({ email: NEW });
    expect(await t.rows("select field, before, after from contact_changes")).toEqual([
      { field: "email", before: "Dana@Example.com", after: NEW },
    ]);
    expect(await t.rows("select id, detail from worklist where kind = 'contact_changed'")).toEqual([
      { id: "contact_changed:CR-10021", detail: "email" },
    ]);
  });

  test("leaves alone what was on file otherwise, and what the user may not edit", async () => {
    const t = await portal();
    await t.rows("update accounts set email = 'books@example.com' where number = 'CR-10021'");
    const dana = await t.as(DANA);
    await dana.post(await linkTo(t, dana), {});
    expect(await t.row("select email from accounts where number = 'CR-10021'")).toEqual({ email: "books@example.com" });
    const ines = "ines@harborstreetdental.example.com";
    await t.rows("update accounts set email = ? where number = 'CR-10047'", ines);
    const browser = await t.as(ines);
    await browser.post(await linkTo(t, browser, "ines@example.org"), {});
    expect(await t.row("select email from accounts where number = 'CR-10047'")).toEqual({ email: ines });
    expect(await t.rows("select * from contact_changes")).toEqual([]);
  });

  test("is staff's to change as well", async () => {
    const t = await portal();
    const ruth = await t.as("ruth@cedarridge.example.com");
    expect((await ruth.post(await linkTo(t, ruth, "ruth@example.org"), {})).status).toBe(200);
    expect(await signIn(t, "ruth@example.org")).toBe(303);
  });

  test("ends the links that went to the old one", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    await t.browser().post("/forgot-password", { email: DANA });
    const reset = /\/passwords\/[\w-]{43}/.exec((await letters(t))[0]!.text)![0];
    const { id } = await t.row<{ id: string }>("select id from users where email = ?", DANA);
    for (const [n, email] of [DANA, "Dana@Example.com", "elsewhere@example.com"].entries())
      await t.rows(
        "insert into tokens (id, purpose, hash, user_id, email, created_at, expires_at) values (?, 'registration', ?, ?, ?, 1, 9e9)",
        `tok_${n}`,
        `hash ${n}`,
        id,
        email,
      );
    await dana.post(await linkTo(t, dana), {});
    expect((await t.browser().get(reset)).status).toBe(410);
    expect(await t.rows("select email from tokens where ended_at is null")).toEqual([
      { email: "elsewhere@example.com" },
    ]);
  });
});

describe("asking", () => {
  test("with a wrong password, for no address or for the same is refused with what was typed but the password", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    const cases: [email: string, current: string, words: string][] = [
      [NEW, "not-the-password", "That is not your password."],
      [NEW, "", "That is not your password."],
      ["dana", CAST_PASSWORD, "That is no e-mail address."],
      ["", CAST_PASSWORD, "That is no e-mail address."],
      [`${DANA}, ${NEW}`, CAST_PASSWORD, "That is no e-mail address."],
      [`${NEW}\r\nBcc: evil@example.com`, CAST_PASSWORD, "That is no e-mail address."],
      [`"><script>alert(1)</script>@example.com`, CAST_PASSWORD, "That is no e-mail address."],
      ["\u202emoc.elpmaxe@anad", CAST_PASSWORD, "That is no e-mail address."],
      ["👩‍👩‍👧@example.com", CAST_PASSWORD, "That is no e-mail address."],
      [`${"a".repeat(100_000)}@example.com`, CAST_PASSWORD, "That is no e-mail address."],
      [DANA.toUpperCase(), CAST_PASSWORD, "That is the address you have."],
    ];
    for (const [email, current, words] of cases) {
      const answer = await dana.post("/profile/email", { email, current });
      expect([answer.status, words, email.slice(0, 30)]).toEqual([422, words, email.slice(0, 30)]);
      expect(answer.html).toContain(words);
      expect(answer.html).not.toMatch(/<script>alert|not-the-password|porch-light/);
    }
    expect(formOn((await dana.post("/profile/email", { email: NEW })).html, "/profile/email").get("email")).toBe(NEW);
    expect((await dana.post("/profile/email", {})).status).toBe(422);
    expect(await t.rows("select * from tokens where purpose = 'email'")).toEqual([]);
    expect(await letters(t)).toEqual([]);
  });

  test("is no way to guess the password: ten tries, also with the right one after", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    for (let n = 0; n < LIMITS["sign-in:email"].allowed; n++)
      expect((await dana.post("/profile/email", { email: `x${n}@example.org`, current: `no ${n}` })).status).toBe(422);
    const refused = await dana.post("/profile/email", { email: NEW, current: CAST_PASSWORD });
    expect([refused.status, refused.headers.get("Retry-After")]).toEqual([429, String(15 * MINUTE)]);
    expect(refused.html).toContain("Too many tries.");
    expect(await letters(t)).toEqual([]);
  });

  test("is no way to fill somebody's mailbox", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    for (let n = 0; n < LIMITS["forgot:email"].allowed; n++) expect((await ask(dana, NEW)).status).toBe(303);
    expect((await ask(dana, NEW)).status).toBe(429);
    const sent = await letters(t);
    expect(sent.filter(({ to }) => to === NEW)).toHaveLength(LIMITS["forgot:email"].allowed);
    t.clock.now += HOUR;
    expect((await ask(dana, NEW)).status).toBe(303);
  });

  test("for an address that is another user's says the same, shows the same, tells the old address the same, and sends nothing there", async () => {
    const t = await portal();
    const [dana, again] = [await t.as(DANA), await t.as(DANA)];
    const answers: string[] = [];
    const told: string[] = [];
    for (const email of [NEW, TAKEN]) {
      t.trips.count = 0;
      const asked = await dana.post("/profile/email", { email, current: CAST_PASSWORD });
      const trips = t.trips.count;
      const page = asDrawn((await again.get("/profile/email")).html).replaceAll(email, "the address");
      answers.push(`${asked.status} ${asked.headers.get("Location")} ${trips}\n${page}`);
      const sent = await letters(t);
      told.push(sent.find(({ to }) => to === DANA)!.text);
      expect(sent.filter(({ to }) => to === email)).toHaveLength(email === NEW ? 1 : 0);
    }
    expect(answers[1]).toBe(answers[0]);
    expect(told[1]).toBe(told[0]);
  });

  test("by somebody without a password says to set one first", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    await t.rows("update users set password_hash = null where email = ?", DANA);
    const answer = await ask(dana, NEW);
    expect(answer.status).toBe(422);
    expect(answer.html).toContain("Set a password first.");
    expect(await letters(t)).toEqual([]);
  });

  test("again replaces the link that was asked for before", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    const first = await linkTo(t, dana);
    const second = await linkTo(t, dana, "other@example.org");
    expect((await dana.post(first, {})).status).toBe(410);
    expect(await emailOf(t)).toBe(DANA);
    expect((await dana.post(second, {})).status).toBe(200);
    expect(await emailOf(t)).toBe("other@example.org");
  });

  test("while the database is away promises nothing", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    t.trouble.database = (statements) => (statements.includes("email.asked") ? "before" : null);
    expect((await ask(dana, NEW)).status).toBe(503);
    t.trouble.database = null;
    expect(await letters(t)).toEqual([]);
    let lost = 0;
    t.trouble.database = (statements) => (statements.includes("email.asked") && lost++ === 0 ? "after" : null);
    expect((await ask(dana, NEW)).status).toBe(303);
    t.trouble.database = null;
    expect(await letters(t)).toHaveLength(2);
  });
});

describe("the link", () => {
  test("works once: replayed, and pressed twice at once, it is dead", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    const link = await linkTo(t, dana);
    const both = await Promise.all([dana.post(link, {}), t.browser().post(link, {})]);
    expect(both.map(({ status }) => status)).toContain(200);
    expect((await dana.post(link, {})).status).toBe(410);
    const dead = await dana.get(link);
    expect(dead.status).toBe(410);
    expect(dead.html).toContain("Sign in to ask for a new link.");
    expect((await letters(t)).filter(({ subject }) => subject.includes("has a new"))).toHaveLength(1);
    expect(await t.rows("select * from events where action = 'email.changed'")).toHaveLength(1);
  });

  test("works for a day, to the second", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    const link = await linkTo(t, dana);
    t.clock.now += LIFETIME_SECONDS.email - 1;
    expect((await t.browser().get(link)).status).toBe(200);
    t.clock.now += 1;
    const before = await everythingIn(t);
    expect((await t.browser().get(link)).status).toBe(410);
    expect((await t.browser().post(link, {})).status).toBe(410);
    expect(await everythingIn(t)).toBe(before);
    expect((await dana.get("/profile/email")).html).not.toContain("on its way");
  });

  test("altered, of another purpose, another dealer's or made up is dead, and changes nothing", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    const link = await linkTo(t, dana);
    await t.browser().post("/forgot-password", { email: DANA });
    const secret = /\/passwords\/([\w-]{43})/.exec((await letters(t))[0]!.text)![1]!;
    const altered = link.slice(0, -1) + (link.endsWith("A") ? "B" : "A");
    const before = await everythingIn(t);
    for (const path of [
      altered,
      link.slice(0, -1),
      `${link}A`,
      `/email-addresses/${secret}`,
      `/email-addresses/${"A".repeat(43)}`,
      "/email-addresses/%00",
      "/email-addresses/%3Cscript%3Ealert(1)%3C%2Fscript%3E",
      `/email-addresses/${"x".repeat(5000)}`,
    ]) {
      const page = await t.browser().get(path);
      expect(page.status, path.slice(0, 60)).toBe(410);
      expect(page.html).not.toContain("<script>alert");
      expect((await t.browser().post(path, {})).status, path.slice(0, 60)).toBe(410);
    }
    expect((await t.browser("bluebonnet").get(link)).status).toBe(410);
    expect((await t.browser("bluebonnet").post(link, {})).status).toBe(410);
    expect((await t.browser().post(link.replace("email-addresses", "passwords"), {})).status).toBe(410);
    expect(await everythingIn(t)).toBe(before);
  });

  test("to an address that became another user's meanwhile changes nothing, and says nothing of them", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    const link = await linkTo(t, dana);
    await t.rows("update users set email = ? where email = ?", NEW, TAKEN);
    const before = await everythingIn(t);
    const answer = await dana.post(link, {});
    expect(answer.status).toBe(409);
    expect(answer.html).toContain("This address cannot be used. Your old one stays.");
    expect(answer.html).not.toMatch(/Priya|another user|already|taken/i);
    expect(await everythingIn(t)).toBe(before);
    expect((await dana.get("/")).status).toBe(200);
  });

  test("while the database is away changes nothing; when the answer is lost, it is used once", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    const link = await linkTo(t, dana);
    t.trouble.database = (statements) => (statements.includes("email.changed") ? "before" : null);
    expect((await dana.post(link, {})).status).toBe(503);
    t.trouble.database = null;
    expect(await emailOf(t)).toBe(DANA);
    expect((await t.browser().get(link)).status).toBe(200);
    let lost = 0;
    t.trouble.database = (statements) => (statements.includes("email.changed") && lost++ === 0 ? "after" : null);
    expect((await dana.post(link, {})).status).toBe(200);
    t.trouble.database = null;
    expect(await emailOf(t)).toBe(NEW);
    expect((await dana.get(link)).status).toBe(410);
    expect((await letters(t)).filter(({ subject }) => subject.includes("has a new"))).toHaveLength(1);
  });
});
