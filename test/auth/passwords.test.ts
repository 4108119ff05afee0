import { describe, expect, test } from "vitest";
import { CAST_PASSWORD } from "../../db/cast.ts";
import { LIMITS } from "../../src/auth/attempts.ts";
import { LONGEST_PASSWORD, passwordProblem, SHORTEST_PASSWORD } from "../../src/auth/password-rules.ts";
import { LIFETIME_SECONDS, linkSecret, newLink, type Purpose } from "../../src/auth/tokens.ts";
import { commit } from "../../src/batch.ts";
import { HOUR } from "../../src/calendar.ts";
import { asDrawn, everythingIn } from "../house/people.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";

const DANA = { email: "dana@example.com", password: CAST_PASSWORD };
const NEW = "an umbrella in the hall";

const from = (address: string) => ({ "CF-Connecting-IP": address });

/** The letters that went out since, after the answer was given and the queue is empty. */
async function mail(t: TestPortal) {
  await t.settle();
  await t.runJobs();
  return t.outbox.splice(0);
}

const linkIn = (text: string): string => /\/passwords\/[\w-]{43}/.exec(text)![0];

/** The link that somebody is sent who forgot their password. */
async function forgotten(t: TestPortal, email = DANA.email, browser = t.browser()): Promise<string> {
  const form = formOn((await browser.get("/forgot-password")).html, "/forgot-password");
  form.set("email", email);
  expect((await browser.post("/forgot-password", form)).status).toBe(200);
  const letter = (await mail(t)).find(({ to }) => to === email);
  return linkIn(letter!.text);
}

const choose = (browser: TestBrowser, link: string, password = NEW, again = password) =>
  browser.post(link, { password, again });

const signsIn = async (t: TestPortal, password: string, email = DANA.email) =>
  (await t.browser().post("/sign-in", { email, password })).status === 303;

/** A link of any purpose for Dana, as nobody but the database knows it. */
async function link(t: TestPortal, purpose: Purpose, dealer = "cedar-ridge"): Promise<string> {
  const deps = t.depsOf(dealer);
  const { rows } = await t.databases[dealer]!.$client.execute(
    "select user_id, account_id from memberships where user_id = (select id from users where email = 'dana@example.com')",
  );
  const [row] = rows;
  const made = await newLink(deps, {
    purpose,
    userId: String(row!.user_id),
    accountId: purpose === "password" || purpose === "email" ? null : String(row!.account_id),
    email: DANA.email,
  });
  await commit(deps.db, deps.now, { key: made.id, action: "test", accountId: null, by: "test" }, made.writes);
  return `/passwords/${linkSecret(deps.signingSecret, made.id)}`;
}

describe("a password", () => {
  const common = new Set(["correct horse", "password12"]);
  const problem = (password: string, email = "dana@example.com", again = password) =>
    passwordProblem(password, again, email, common);

  test("has ten characters or more, of any kind", () => {
    for (const good of [
      "a b c d e f",
      "ten chars!",
      "пароль и ещё",
      "👩‍👩‍👧 family 1",
      "1234567895x",
      `${"x".repeat(7)}yz1`,
    ])
      expect(problem(good), good).toBeNull();
    for (const short of ["", "123456789", "👩👩👩👩👩👩👩👩👩", "a".repeat(SHORTEST_PASSWORD - 1)])
      expect(problem(short), short).toBe("short");
    expect(problem("ab c".repeat(LONGEST_PASSWORD / 4))).toBeNull();
    expect(problem(`${"ab c".repeat(LONGEST_PASSWORD / 4)}x`)).toBe("long");
  });

  test("is none that anybody would guess, in whatever case and width", () => {
    for (const bad of ["correct horse", "Correct HORSE", "ＰＡＳＳＷＯＲＤ１２", "aaaaaaaaaaaa", "abababababab"])
      expect(problem(bad), bad).toBe("common");
  });

  test("does not hold its owner's e-mail, nor the name in it where that is a word of its own", () => {
    expect(problem("dana@example.com!")).toBe("email");
    expect(problem("I am DANA@Example.com")).toBe("email");
    expect(problem("bandana and scarf")).toBe("email");
    expect(problem("my alarm is on", "al@example.com")).toBeNull();
  });

  test("is typed twice alike, to the letter", () => {
    expect(problem(NEW, DANA.email, `${NEW} `)).toBe("different");
    expect(problem(NEW, DANA.email, NEW.toUpperCase())).toBe("different");
    expect(problem(NEW, DANA.email, "")).toBe("different");
  });
});

describe("a forgotten password", () => {
  test("is replaced by the link in a mail: the new one works, the old one does not", async () => {
    const t = await portal();
    const browser = t.browser();
    const address = await forgotten(t, DANA.email, browser);
    const page = await browser.get(address);
    expect(page.status).toBe(200);
    expect(page.html).toContain("Capital and small letters matter");
    const form = formOn(page.html, address);
    expect(form.get("email")).toBe(DANA.email);
    form.set("password", NEW);
    form.set("again", NEW);
    const answer = await browser.post(address, form);
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/"]);
    expect((await browser.get("/")).html).toContain("Dana Okafor");
    expect(await signsIn(t, NEW)).toBe(true);
    expect(await signsIn(t, CAST_PASSWORD)).toBe(false);
    expect(await signsIn(t, NEW.toUpperCase())).toBe(false);
    const [notice, ...more] = await mail(t);
    expect(notice).toMatchObject({
      to: DANA.email,
      subject: "Your Cedar Ridge Alarm & Life Safety password was changed",
    });
    expect(notice?.text).toContain("If this was not you, call us at once: (614) 555-0100.");
    expect(more).toEqual([]);
    expect(await t.rows("select count(*) n from sign_ins where how = 'link'")).toEqual([{ n: 1 }]);
  });

  test("ends every session there was, and forgives the tries against the old one", async () => {
    const t = await portal();
    const [phone, thief] = [await t.as(DANA.email), await t.as(DANA.email)];
    for (let n = 0; n < LIMITS["sign-in:email"].allowed; n++)
      await t.browser().post("/sign-in", { email: DANA.email, password: "wrong" });
    expect(await signsIn(t, CAST_PASSWORD)).toBe(false);
    const browser = t.browser();
    await choose(browser, await forgotten(t));
    for (const other of [phone, thief]) expect((await other.get("/")).headers.get("Location")).toBe("/sign-in");
    expect((await browser.get("/")).status).toBe(200);
    expect(await signsIn(t, NEW)).toBe(true);
  });

  test("takes staff to the office", async () => {
    const t = await portal();
    const email = "ruth@cedarridge.example.com";
    const answer = await choose(t.browser(), await forgotten(t, email));
    expect(answer.headers.get("Location")).toBe("/office");
    expect(await signsIn(t, NEW, email)).toBe(true);
  });

  test("of somebody with a second step is replaced, and the second step still asked for", async () => {
    const t = await portal();
    await t.rows("update users set two_step_since = 1, totp_secret = 'x' where email = 'dana@example.com'");
    const browser = t.browser();
    const answer = await choose(browser, await forgotten(t));
    expect(answer.status).toBe(303);
    expect(answer.headers.get("Location")).toMatch(/^\/sign-in/);
    expect((await browser.get("/")).headers.get("Location")).toBe("/sign-in");
    expect(await t.rows("select id from sessions")).toEqual([]);
  });

  test("in Spanish is asked for, written about and chosen in Spanish", async () => {
    const t = await portal();
    await t.rows("update users set language = 'es' where email = 'dana@example.com'");
    const spanish = t.browser("cedar-ridge", { "Accept-Language": "es" });
    const form = formOn((await spanish.get("/forgot-password")).html, "/forgot-password");
    form.set("email", DANA.email);
    expect((await spanish.post("/forgot-password", form)).html).toContain("Mire su correo");
    const [letter] = await mail(t);
    expect(letter?.subject).toContain("Elija una contraseña nueva");
    const address = linkIn(letter!.text);
    expect((await spanish.get(address)).html).toContain("Elija una contraseña");
    expect((await choose(spanish, address, "corta")).html).toContain("Es demasiado corta");
    expect((await choose(spanish, address)).status).toBe(303);
    expect((await mail(t))[0]?.subject).toContain("Se cambió su contraseña");
    expect((await spanish.get(address)).html).toContain("Este enlace ya no sirve");
  });
});

describe("asking for a link", () => {
  const ask = async (t: TestPortal, email: string, address = "192.0.2.1") => {
    t.trips.count = 0;
    const answer = await t.browser().post("/forgot-password", { email }, from(address));
    return { answer, trips: t.trips.count, ...answerOf(answer) };
  };
  const answerOf = (answer: Response & { html: string }) => ({
    status: answer.status,
    page: asDrawn(answer.html),
    headers: JSON.stringify([...answer.headers].filter(([name]) => name !== "set-cookie")),
  });

  test("tells nobody whether there is such a sign-in: same page, headers and trips, and nothing announced yet", async () => {
    const t = await portal();
    const known = await ask(t, DANA.email);
    expect(t.outbox).toEqual([]);
    // Nobody, somebody whose first password is still to be set, another dealer's, and what is no address at all.
    for (const email of [
      "nobody@example.com",
      "imani@example.com",
      "owner@bluebonnet.example.com",
      "not an address",
      "",
    ]) {
      const { answer: _, ...unknown } = await ask(t, email);
      const { answer: __, ...same } = known;
      expect(unknown, email).toEqual(same);
    }
    expect((await mail(t)).map(({ to }) => to)).toEqual([DANA.email]);
    expect(await everythingIn(t)).not.toContain("nobody@example.com");
  });

  test("again replaces the link: only the newest works, and each mail is sent once", async () => {
    const t = await portal();
    const links = [await forgotten(t), await forgotten(t, "dana@example.com"), await forgotten(t)];
    for (const old of links.slice(0, 2)) {
      expect((await t.browser().get(old)).status).toBe(410);
      expect((await choose(t.browser(), old)).status).toBe(410);
    }
    expect((await choose(t.browser(), links[2]!)).status).toBe(303);
  });

  test("is let be after five times an hour for one e-mail and twenty for one address, whoever it is", async () => {
    const t = await portal();
    for (const email of [DANA.email, "nobody@example.com"]) {
      for (let n = 0; n < LIMITS["forgot:email"].allowed; n++)
        expect((await ask(t, email, `198.51.100.${n}`)).status).toBe(200);
      const refused = await ask(t, ` ${email.toUpperCase()} `, "198.51.100.99");
      expect([refused.status, refused.answer.headers.get("Retry-After")]).toEqual([429, String(HOUR)]);
      expect(refused.page).toContain("Too many tries. Wait 60 minutes");
    }
    expect((await mail(t)).length).toBe(LIMITS["forgot:email"].allowed);
    for (let n = 0; n < LIMITS["forgot:address"].allowed; n++)
      expect((await ask(t, `n${n}@example.com`, "203.0.113.1")).status).toBe(200);
    expect((await ask(t, "priya@example.com", "203.0.113.1")).status).toBe(429);
    expect((await ask(t, "priya@example.com", "203.0.113.2")).status).toBe(200);
    t.clock.now += HOUR;
    expect((await ask(t, DANA.email)).status).toBe(200);
  });

  test("is answered whatever is typed, and comes out harmless", async () => {
    const t = await portal();
    for (const email of [
      "a".repeat(5_000),
      "<script>alert(1)</script>@example.com",
      "dana@example.com\r\nBcc: evil@example.com",
      "dana@example.com, evil@example.com",
      "\u202eמשהו@example.com",
      "👩‍👩‍👧@example.com",
      "' or 1=1 --",
      "\u0000",
    ]) {
      const { answer } = await ask(t, email);
      expect(answer.status, email.slice(0, 30)).toBe(200);
      expect(answer.html).not.toContain("<script>alert");
    }
    expect(await mail(t)).toEqual([]);
    expect(t.logs).toEqual([]);
  });

  test("promises nothing while the database is away", async () => {
    const t = await portal();
    t.trouble.database = (statements) => (statements.includes("password.forgotten:") ? "before" : null);
    const answer = await t.browser().post("/forgot-password", { email: DANA.email });
    expect(answer.status).toBe(503);
    t.trouble.database = null;
    expect(await mail(t)).toEqual([]);
  });
});

describe("a link in a mail", () => {
  const dead = async (t: TestPortal, address: string, browser = t.browser()) => {
    const looked = await browser.get(address);
    const tried = await choose(browser, address);
    expect([looked.status, tried.status]).toEqual([410, 410]);
    expect(looked.html).toContain("This link no longer works");
    // There is a way on from here, and it is the same page whatever was wrong.
    expect(formOn(looked.html, "/forgot-password").has("email")).toBe(true);
    return asDrawn(looked.html);
  };

  test("may be looked at three times by every scanner and changes nothing; the button still works", async () => {
    const t = await portal();
    const address = await forgotten(t);
    const before = await everythingIn(t);
    for (const method of ["GET", "HEAD", "GET", "HEAD", "GET", "HEAD"]) {
      const scanner = t.browser("cedar-ridge", { "User-Agent": "Mozilla/5.0 (compatible; LinkScanner/1.0)" });
      expect((await scanner.send(address, { method })).status).toBe(200);
    }
    expect(await everythingIn(t)).toBe(before);
    expect((await choose(t.browser(), address)).status).toBe(303);
  });

  test("works once: again, in a second tab, or twice at the same moment, it is over", async () => {
    const t = await portal();
    const address = await forgotten(t);
    const [first, second] = [t.browser(), t.browser()];
    for (const tab of [first, second]) expect((await tab.get(address)).status).toBe(200);
    const answers = await Promise.all([choose(first, address, NEW), choose(second, address, "another umbrella")]);
    expect(answers.map(({ status }) => status).sort()).toEqual([303, 410]);
    const [won] = answers[0]!.status === 303 ? [NEW] : ["another umbrella"];
    expect(await signsIn(t, won!)).toBe(true);
    expect(await t.rows("select count(*) n from sign_ins where how = 'link'")).toEqual([{ n: 1 }]);
    await dead(t, address);
    expect((await mail(t)).length).toBe(1);
  });

  test("ends when it says, to the second", async () => {
    const t = await portal();
    const address = await forgotten(t);
    t.clock.now += LIFETIME_SECONDS.password - 1;
    expect((await t.browser().get(address)).status).toBe(200);
    t.clock.now += 1;
    await dead(t, address);
    expect(await signsIn(t, CAST_PASSWORD)).toBe(true);
  });

  test("that was opened in time and used too late is over, and says so", async () => {
    const t = await portal();
    const address = await forgotten(t);
    const browser = t.browser();
    const form = formOn((await browser.get(address)).html, address);
    form.set("password", NEW);
    form.set("again", NEW);
    t.clock.now += LIFETIME_SECONDS.password;
    expect((await browser.post(address, form)).status).toBe(410);
  });

  test("that was altered, cut, made up, or is another dealer's or another purpose's opens nothing, all alike", async () => {
    const t = await portal();
    const good = await forgotten(t);
    const id = await t.row<{ id: string; hash: string }>("select id, hash from tokens");
    const swapped = (at: number) => good.slice(0, at) + (good[at] === "A" ? "B" : "A") + good.slice(at + 1);
    const pages = new Set<string>();
    const before = await everythingIn(t);
    for (const bad of [
      swapped(11),
      swapped(good.length - 2),
      good.slice(0, -1),
      `${good}A`,
      `/passwords/${good.slice(11).toUpperCase()}`,
      `/passwords/${id.id}`,
      `/passwords/${id.hash}`,
      "/passwords/x",
      `/passwords/${"A".repeat(43)}`,
      "/passwords/%00%ff",
      `/passwords/${encodeURIComponent("' or 1=1 --")}`,
      `/passwords/${"a".repeat(3_000)}`,
    ]) {
      expect(bad).not.toBe(good);
      pages.add(await dead(t, bad));
    }
    expect(await dead(t, good, t.browser("bluebonnet"))).toContain("Bluebonnet");
    expect(await everythingIn(t)).toBe(before);
    expect(pages.size).toBe(1);
    for (const purpose of ["invitation", "email"] as const) pages.add(await dead(t, await link(t, purpose)));
    expect(pages.size).toBe(1);
    expect(await signsIn(t, CAST_PASSWORD)).toBe(true);
    expect((await t.browser().get(good)).status).toBe(200);
  });

  test("of one purpose ends with the others that set a password: an old one in the inbox resets nothing", async () => {
    const t = await portal();
    const links = [await link(t, "registration"), await link(t, "temporary"), await link(t, "password")];
    for (const address of links) expect((await t.browser().get(address)).status).toBe(200);
    expect((await choose(t.browser(), links[2]!)).status).toBe(303);
    for (const address of links) await dead(t, address);
  });

  test("is in no table as it stands in the mail", async () => {
    const t = await portal();
    const secret = (await forgotten(t)).split("/").at(-1)!;
    expect(await everythingIn(t)).not.toContain(secret);
    await choose(t.browser(), `/passwords/${secret}`);
    const all = await everythingIn(t);
    expect(all).not.toContain(secret);
    expect(all).not.toContain(NEW);
    expect(t.logs).toEqual([]);
  });

  test("leads whoever is signed in as somebody else to the sign-in that it is for", async () => {
    const t = await portal();
    const address = await forgotten(t);
    const priya = await t.as("priya@example.com");
    expect((await priya.get(address)).html).toContain("This is for dana@example.com.");
    expect((await choose(priya, address)).status).toBe(303);
    expect((await priya.get("/")).html).toContain("Dana Okafor");
    expect(await t.rows("select count(*) n from sessions")).toEqual([{ n: 1 }]);
  });
});

describe("the form of a new password", () => {
  test("comes back empty with one sentence for each thing that is wrong, and the link still works", async () => {
    const t = await portal();
    const address = await forgotten(t);
    const browser = t.browser();
    const before = await everythingIn(t);
    for (const [password, again, sentence] of [
      ["short", "short", "That is too short."],
      ["", "", "That is too short."],
      ["x y".repeat(200), "x y".repeat(200), "That is too long."],
      ["1234567890", "1234567890", "among the first that anybody would guess"],
      ["Password123", "Password123", "among the first that anybody would guess"],
      ["dana@example.com", "dana@example.com", "must not contain your e-mail address"],
      [NEW, "an umbrella in the hail", "The two are not the same."],
    ] as const) {
      const answer = await choose(browser, address, password, again);
      expect(answer.status, sentence).toBe(422);
      expect(answer.html, sentence).toContain(sentence);
      expect(answer.html).not.toMatch(/type="password"[^>]*value=/);
    }
    expect(await everythingIn(t)).toBe(before);
    expect((await choose(browser, address)).status).toBe(303);
  });

  test("takes any letters there are: spaces, emoji, script, right to left", async () => {
    const t = await portal();
    for (const password of [
      "  spaces around it  ",
      "👩‍👩‍👧 and a horse",
      "<script>alert(1)</script>",
      "סיסמה ארוכה מאוד",
      "naïve café crème",
      "50% off & more + more",
    ]) {
      expect((await choose(t.browser(), await link(t, "password"), password)).status, password).toBe(303);
      expect(await signsIn(t, password), password).toBe(true);
      expect(await signsIn(t, password.trim().slice(0, -1)), password).toBe(false);
      await t.rows("delete from attempts");
    }
    // The same letters, composed differently by another keyboard.
    await choose(t.browser(), await link(t, "password"), "naïve café crème");
    expect(await signsIn(t, "naïve café crème".normalize("NFD"))).toBe(true);
  });

  test("is not lost where the answer is: sent again after trouble, the link is over and the new password works", async () => {
    const t = await portal();
    const address = await forgotten(t);
    let lost = 0;
    t.trouble.database = (statements) => (statements.includes("password.set:") && lost++ < 2 ? "before" : null);
    expect((await choose(t.browser(), address)).status).toBe(503);
    expect(await signsIn(t, CAST_PASSWORD)).toBe(true);
    expect((await choose(t.browser(), address)).status).toBe(303);
    t.trouble.database = null;
    expect(await signsIn(t, NEW)).toBe(true);
  });
});
