import { describe, expect, test } from "vitest";
import { CAST_PASSWORD } from "../../db/cast.ts";
import { LIMITS } from "../../src/auth/attempts.ts";
import { approveRegistration, refuseRegistration } from "../../src/auth/decide-registration.ts";
import { newRegistrationKey } from "../../src/auth/registration-keys.ts";
import { differences, plainNumber, sameKey, sameZip } from "../../src/auth/registration-rules.ts";
import { LIFETIME_SECONDS } from "../../src/auth/tokens.ts";
import { HOUR } from "../../src/calendar.ts";
import { asDrawn, everythingIn } from "../house/people.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";

const IMANI = { by: "key", number: "CR-10105", key: "K8V4G2QRMX", zip: "45003", email: "imani@example.com" };
const NAME = { first_name: "Imani", last_name: "Brooks" };
const GLENN = { by: "key", number: "CR-10068", key: "8HX3V9SGWA", zip: "45004", email: "Glenn@Example.com" };
const PASSWORD = "an umbrella in the hall";

const from = (address: string) => ({ "CF-Connecting-IP": address });

let addresses = 0;
/** Asks from an address that nobody asked from before, so that only what a test is about is counted. */
const ask = (t: TestPortal, form: Record<string, string>, browser: TestBrowser = t.browser()) =>
  browser.post("/register", form, from(`192.0.2.${addresses++ % 250}`));

const set = (t: TestPortal, setting: string, value: string | number) =>
  t.rows(`update access_settings set ${setting} = ?`, value);

/** The letters that went out since, after the answer was given and the queue is empty. */
async function mail(t: TestPortal) {
  await t.settle();
  await t.runJobs();
  return t.outbox.splice(0);
}

const linkIn = (text: string): string => /\/passwords\/[\w-]{43}/.exec(text)![0];

/** Opens a link's page and chooses a password on it, as the form is drawn. */
async function choose(browser: TestBrowser, link: string, password = PASSWORD) {
  const form = formOn((await browser.get(link)).html, link);
  form.set("password", password);
  form.set("again", password);
  return browser.post(link, form);
}

/** Adds an account to the sign-in that somebody has, as the page is drawn. */
async function add(browser: TestBrowser, link: string) {
  const page = await browser.get(link);
  expect(page.html).toContain("Your password stays as it is.");
  expect(page.html).not.toContain('type="password"');
  return browser.post(link, formOn(page.html, link));
}

const count = async (t: TestPortal, table: string): Promise<number> =>
  (await t.row<{ n: number }>(`select count(*) n from ${table}`)).n;

describe("with the invoice in hand", () => {
  test("key, number and ZIP lead by one mail to a password and the invoice", async () => {
    const t = await portal();
    const browser = t.browser();
    const page = await browser.get("/register?customer=CR-10105&key=K8V4G2QRMX");
    const form = formOn(page.html.slice(page.html.indexOf('aria-labelledby="by-key"') - 60), "/register");
    expect([form.get("by"), form.get("number"), form.get("key"), form.get("zip")]).toEqual([
      "key",
      "CR-10105",
      "K8V4G2QRMX",
      "",
    ]);
    for (const [name, value] of Object.entries({ ...IMANI, ...NAME })) form.set(name, value);
    const answer = await browser.post("/register", form);
    expect(answer.status).toBe(200);
    expect(answer.html).toContain("Look in your mail");
    const [letter, ...more] = await mail(t);
    expect(more).toEqual([]);
    expect([letter?.to, letter?.subject]).toEqual([
      "imani@example.com",
      "See your Cedar Ridge Alarm & Life Safety account online",
    ]);
    const done = await choose(browser, linkIn(letter!.text));
    expect([done.status, done.headers.get("Location")]).toEqual([303, "/"]);
    const invoices = await browser.get("/invoices");
    expect(invoices.html).toContain("INV-");
    expect((await t.browser().post("/sign-in", { email: "imani@example.com", password: PASSWORD })).status).toBe(303);
    expect(await t.rows("select state, differs from registrations")).toEqual([{ state: "sent", differs: "" }]);
    expect(await count(t, "worklist")).toBe(0);
  });

  test("whatever case, blanks and dashes it is typed in, and with O for 0 and I or L for 1", async () => {
    for (const [stored, typed] of [
      ["K8V4G2QRMX", " k8v4-g2qr mx "],
      ["K8V4G2QRMX", "K8V4 – G2QRMX"],
      ["10V4G0QRM1", "IOV4GoQRMl"],
      ["lOV4", "10v4"],
    ] as const)
      expect(sameKey(stored, typed), typed).toBe(true);
    for (const [stored, typed] of [
      ["K8V4G2QRMX", "K8V4G2QRM"],
      ["K8V4G2QRMX", ""],
      ["", ""],
      ["-", " "],
      [null, ""],
    ] as const)
      expect(sameKey(stored, typed), String(typed)).toBe(false);
    expect(sameZip("45003-1234", "45003")).toBe(true);
    expect(sameZip("45003", " 45003-9999")).toBe(true);
    expect(sameZip("45003", "4500")).toBe(false);
    expect(sameZip("", "")).toBe(false);
    for (const number of ["cr10105", "CR 10105", "Cr–10105 "]) expect(plainNumber(number)).toBe("CR10105");
    const t = await portal();
    await ask(t, { ...IMANI, ...NAME, number: " cr 10105", key: "k8v4-g2qr-mx", zip: "45003-0000" });
    expect((await mail(t)).map(({ to }) => to)).toEqual(["imani@example.com"]);
  });

  test("a nickname lets in all the same, and is a note for the office", async () => {
    const t = await portal();
    await set(t, "register_asks_phone", 1);
    const typed = { first_name: "Immy", last_name: "Brooks", phone: "(614) 555-0199", email: "immy@example.com" };
    await ask(t, { ...IMANI, ...typed });
    expect((await mail(t)).map(({ to }) => to)).toEqual(["imani@example.com"]);
    const [asked] = await t.rows<{ id: string }>("select * from registrations");
    expect(asked).toMatchObject({
      email: "immy@example.com",
      name: "Immy Brooks",
      phone: "(614) 555-0199",
      differs: "name, phone, e-mail",
      state: "sent",
    });
    expect(await t.rows("select id, kind, detail, closed_at from worklist")).toEqual([
      {
        id: `registration_differs:${asked!.id}`,
        kind: "registration_differs",
        detail: "name, phone, e-mail",
        closed_at: null,
      },
    ]);
  });

  test("case, accents, blanks, punctuation and the order of names are no difference", () => {
    const onFile = {
      name: "García Household",
      firstName: "José-Luis",
      lastName: "García",
      phone: "+16145550105",
      mobile: "+16145550177",
      email: "Jose@Example.com",
    };
    const same = { name: "jose luis garcia", phone: "614.555.0105", email: "jose@example.com" };
    expect(differences(onFile, same)).toEqual([]);
    expect(differences(onFile, { ...same, name: "GARCÍA, José Luis" })).toEqual([]);
    expect(differences(onFile, { ...same, name: "Garcia household" })).toEqual([]);
    expect(differences(onFile, { ...same, phone: "1-614-555-0177" })).toEqual([]);
    expect(differences(onFile, { name: "", phone: "", email: "" })).toEqual([]);
    expect(differences({ ...onFile, phone: null, mobile: null }, { ...same, phone: "1" })).toEqual([]);
    expect(differences(onFile, { name: "Pepe Garcia", phone: "6145550106", email: "pepe@example.com" })).toEqual([
      "name",
      "phone",
      "e-mail",
    ]);
    expect(differences(onFile, { ...same, name: "加西亚" })).toEqual(["name"]);
  });

  test("where the dealer matches strictly, another name is answered like a wrong key, and nothing is sent", async () => {
    const t = await portal();
    await set(t, "strict_name_match", 1);
    const nickname = await ask(t, { ...IMANI, first_name: "Immy", last_name: "Brooks" });
    const wrongKey = await ask(t, { ...IMANI, first_name: "Immy", last_name: "Brooks", key: "K8V4G2QRMY" });
    expect(await mail(t)).toEqual([]);
    expect([nickname.status, wrongKey.status]).toEqual([200, 200]);
    expect(asDrawn(nickname.html)).toBe(asDrawn(wrongKey.html).replaceAll("K8V4G2QRMY", "K8V4G2QRMX"));
    expect(await count(t, "registrations")).toBe(0);
    // Another e-mail does not decide: the letter goes to the one on file.
    await ask(t, { ...IMANI, ...NAME, email: "someone@example.com" });
    expect((await mail(t)).map(({ to }) => to)).toEqual(["imani@example.com"]);
  });

  test("the key is used up where the dealer wants that, once the password is set and not before", async () => {
    for (const once of [0, 1]) {
      const t = await portal();
      await set(t, "key_used_once", once);
      const key = async () =>
        (await t.row<{ key: string }>("select registration_key key from accounts where number = 'CR-10105'")).key;
      await ask(t, { ...IMANI, ...NAME });
      expect(await key()).toBe(IMANI.key);
      await choose(t.browser(), linkIn((await mail(t))[0]!.text));
      expect((await key()) === IMANI.key).toBe(once === 0);
    }
  });

  test("with no e-mail on file the office decides: nothing is sent before", async () => {
    const t = await portal();
    const onFile = await ask(t, { ...IMANI, first_name: "Glenn", last_name: "Abbott", email: "glenn@example.com" });
    expect((await mail(t)).length).toBe(1);
    const answer = await ask(t, { ...GLENN, first_name: "Glenn", last_name: "Abbott" });
    expect(await mail(t)).toEqual([]);
    const plain = (html: string) => asDrawn(html).replace(/CR-\d+|[A-Z0-9]{10}|4500\d|glenn@example.com/gi, "…");
    expect(plain(answer.html)).toBe(plain(onFile.html));
    await ask(t, { ...GLENN, first_name: "Glenn", last_name: "Abbott", email: "glenn@example.com" });
    const asked = await t.rows<{ id: string }>("select * from registrations where state = 'waiting'");
    expect(asked).toMatchObject([{ email: "glenn@example.com", name: "Glenn Abbott", state: "waiting" }]);
    expect(await t.rows("select id, detail from worklist where kind = 'registration_waiting'")).toEqual([
      { id: `registration_waiting:${asked[0]!.id}`, detail: "glenn@example.com" },
    ]);
    expect(await t.rows("select id from users where email = 'glenn@example.com'")).toEqual([]);
  });
});

describe("the office", () => {
  const by = "usr_office";
  /** Glenn has asked and waits. */
  async function waiting(t: TestPortal): Promise<string> {
    await ask(t, { ...GLENN, first_name: "Glenn", last_name: "Abbott" });
    return (await t.row<{ id: string }>("select id from registrations")).id;
  }

  test("approves: the e-mail is the account's from then on, and the link goes there", async () => {
    const t = await portal();
    const registrationId = await waiting(t);
    expect(await approveRegistration(t.deps(), { registrationId, by })).toBe("done");
    const [letter] = await mail(t);
    expect(letter?.to).toBe("glenn@example.com");
    const browser = t.browser();
    expect((await choose(browser, linkIn(letter!.text))).headers.get("Location")).toBe("/");
    expect((await browser.get("/")).html).toContain("CR-10068");
    expect(await t.row("select email from accounts where number = 'CR-10068'")).toEqual({ email: "glenn@example.com" });
    expect(await t.row("select state, decided_by, decided_at from registrations")).toEqual({
      state: "approved",
      decided_by: by,
      decided_at: t.clock.now,
    });
    expect(await t.rows("select id from worklist where closed_at is null")).toEqual([]);
    expect(await t.rows("select field, before, after from contact_changes")).toEqual([
      { field: "email", before: "", after: "glenn@example.com" },
    ]);
    expect(await t.rows("select by from events where action = 'registration.approved'")).toEqual([{ by }]);
  });

  test("decides once: twice at once, again, or against itself is told so and sends nothing more", async () => {
    const t = await portal();
    const registrationId = await waiting(t);
    const deps = t.deps();
    const results = await Promise.all([
      approveRegistration(deps, { registrationId, by }),
      approveRegistration(deps, { registrationId, by }),
    ]);
    expect(results.sort()).toEqual(["decided", "done"]);
    expect(await refuseRegistration(deps, { registrationId, by })).toBe("decided");
    expect(await approveRegistration(deps, { registrationId: "reg_nobody", by })).toBe("decided");
    expect((await mail(t)).length).toBe(1);
  });

  test("refuses: nothing is sent and nothing opens", async () => {
    const t = await portal();
    const registrationId = await waiting(t);
    expect(await refuseRegistration(t.deps(), { registrationId, by })).toBe("done");
    expect(await approveRegistration(t.deps(), { registrationId, by })).toBe("decided");
    expect(await mail(t)).toEqual([]);
    expect(await t.row("select state from registrations")).toEqual({ state: "refused" });
    expect(await t.rows("select id from worklist where closed_at is null")).toEqual([]);
    expect(await t.rows("select id from users where email = 'glenn@example.com'")).toEqual([]);
  });

  test("approving whoever signs in already opens the account for the same sign-in", async () => {
    const t = await portal();
    await ask(t, { ...GLENN, first_name: "Dana", last_name: "Okafor", email: "dana@example.com" });
    const { id } = await t.row<{ id: string }>("select id from registrations");
    await approveRegistration(t.deps(), { registrationId: id, by });
    const [letter] = await mail(t);
    expect(letter?.subject).toContain("account online");
    const dana = await t.as("dana@example.com");
    expect((await add(dana, linkIn(letter!.text))).headers.get("Location")).toBe("/");
    expect((await dana.get("/")).html).toContain("CR-10068");
    expect(
      await count(
        t,
        "memberships where active_since is not null and user_id = (select id from users where email = 'dana@example.com')",
      ),
    ).toBe(2);
  });
});

describe("with the e-mail on file", () => {
  test("one e-mail, one link, one password", async () => {
    const t = await portal();
    const browser = t.browser("cedar-ridge", { "Accept-Language": "es-MX" });
    await t.rows("update accounts set email = 'Imani@Example.COM' where number = 'CR-10105'");
    expect((await ask(t, { by: "email", email: " IMANI@example.com " }, browser)).status).toBe(200);
    const [letter] = await mail(t);
    expect(letter?.to).toBe("imani@example.com");
    // She is written to in the language of the browser that she asked with.
    expect(letter?.subject).toContain("Vea su cuenta");
    expect((await choose(browser, linkIn(letter!.text))).headers.get("Location")).toBe("/");
    expect((await browser.get("/")).html).toContain("CR-10105");
  });

  test("opens every account that has it on file, also to somebody who signs in already", async () => {
    const t = await portal();
    await t.rows("update accounts set email = 'dana@example.com' where number in ('CR-10068', 'CR-10105')");
    await ask(t, { by: "email", email: "dana@example.com" });
    const [letter] = await mail(t);
    expect(letter?.text).toMatch(/Imani Brooks|Glenn Abbott/);
    const added = await add(t.browser(), linkIn(letter!.text));
    expect(added.headers.get("Location")).toBe("/sign-in?accepted&next=%2Faccounts");
    // The link opened no session: whoever only has the mailbox still needs the password.
    expect(await count(t, "sessions")).toBe(0);
    expect((await t.browser().post("/sign-in", { email: "dana@example.com", password: CAST_PASSWORD })).status).toBe(
      303,
    );
    expect((await t.browser().get(linkIn(letter!.text))).status).toBe(410);
    const open = await t.rows<{ number: string }>(
      "select a.number from memberships m join accounts a on a.id = m.account_id join users u on u.id = m.user_id where u.email = 'dana@example.com' and active_since is not null order by 1",
    );
    expect(open.map(({ number }) => number)).toEqual(["CR-10021", "CR-10068", "CR-10105"]);
  });

  test("whoever is registered gets a letter to choose a new password instead", async () => {
    const t = await portal();
    const { zip } = await t.row<{ zip: string }>("select zip from accounts where number = 'CR-10021'");
    for (const form of [
      { by: "email", email: "dana@example.com" },
      { ...IMANI, ...NAME, number: "CR-10021", key: "7KQ2M9XPAT", zip },
      // Nobody's account has it on file, and yet it is a sign-in.
      { by: "email", email: "theo@harborstreetdental.example.com" },
    ]) {
      await ask(t, form);
      const [letter, ...more] = await mail(t);
      expect(letter?.subject).toBe("Choose a new password for Cedar Ridge Alarm & Life Safety");
      expect(more).toEqual([]);
    }
    expect(await count(t, "registrations")).toBe(0);
    // The old password goes on until the new one is chosen.
    expect((await t.browser().post("/sign-in", { email: "dana@example.com", password: CAST_PASSWORD })).status).toBe(
      303,
    );
  });
});

describe("a way in that the dealer closed", () => {
  test("is not on the page, and its form is answered as if nothing agreed", async () => {
    const t = await portal();
    await set(t, "register_by_email", 0);
    expect((await t.browser().get("/register")).html).not.toContain("by-email");
    await ask(t, { by: "email", email: "imani@example.com" });
    await set(t, "register_by_key", 0);
    const page = await t.browser().get("/register");
    expect(page.html).toContain("by invitation");
    expect(page.html).not.toContain("<form");
    await ask(t, { ...IMANI, ...NAME });
    expect(await mail(t)).toEqual([]);
  });

  test("the key alone opens the one account that it is for", async () => {
    const t = await portal();
    await set(t, "register_by_email", 0);
    await t.rows("update accounts set email = 'imani@example.com' where number = 'CR-10068'");
    await t.rows(
      "insert into memberships (user_id, account_id, role, created_at) select u.id, a.id, 'owner', 0 from users u, accounts a where u.email = 'imani@example.com' and a.number = 'CR-10068'",
    );
    await ask(t, { ...IMANI, ...NAME });
    await choose(t.browser(), linkIn((await mail(t))[0]!.text));
    expect(
      await t.rows(
        "select a.number from memberships m join accounts a on a.id = m.account_id join users u on u.id = m.user_id where u.email = 'imani@example.com' and active_since is not null",
      ),
    ).toEqual([{ number: "CR-10105" }]);
  });
});

describe("a temporary password", () => {
  const temporaryIn = (text: string): string => /^[0-9a-z]{4}-[0-9a-z]{4}-[0-9a-z]{4}$/m.exec(text)![0];
  const signIn = (t: TestPortal, password: string, email = "imani@example.com", browser = t.browser()) =>
    browser.post("/sign-in", { email, password });

  async function sent(t: TestPortal): Promise<string> {
    await set(t, "first_password", "temporary");
    await ask(t, { ...IMANI, ...NAME });
    const [letter] = await mail(t);
    expect(letter?.subject).toContain("Your temporary password");
    expect(letter?.text).not.toContain("/passwords/");
    return temporaryIn(letter!.text);
  }

  test("opens only the page where one's own is chosen, and works once", async () => {
    const t = await portal();
    const temporary = await sent(t);
    const browser = t.browser();
    const answer = await signIn(t, ` ${temporary} `, "Imani@example.com", browser);
    const link = answer.headers.get("Location")!;
    expect(answer.status).toBe(303);
    expect(link).toMatch(/^\/passwords\/[\w-]{43}$/);
    expect(await count(t, "sessions")).toBe(0);
    expect((await browser.get("/")).headers.get("Location")).toBe("/sign-in");
    expect((await choose(browser, link)).headers.get("Location")).toBe("/");
    expect((await browser.get("/")).html).toContain("CR-10105");
    expect((await signIn(t, temporary)).status).toBe(422);
    expect((await signIn(t, PASSWORD)).status).toBe(303);
    // It was never a password of theirs, so nothing was changed that they would have to be warned of.
    expect(await mail(t)).toEqual([]);
  });

  test("is in no table, is exact, runs out, and is replaced by asking again", async () => {
    const t = await portal();
    const first = await sent(t);
    expect(await everythingIn(t)).not.toContain(first);
    for (const wrong of [first.toUpperCase(), first.slice(1), `${first}x`, "", "0000-0000-0000"])
      expect((await signIn(t, wrong)).status, wrong).toBe(422);
    t.clock.now += 10;
    const second = await sent(t);
    expect(second).not.toBe(first);
    expect((await signIn(t, first)).status).toBe(422);
    expect((await signIn(t, second)).status).toBe(303);
    t.clock.now += LIFETIME_SECONDS.temporary;
    expect((await signIn(t, second)).status).toBe(422);
  });

  test("is nobody else's, here or at another dealer, and costs the same trips as a wrong password", async () => {
    const t = await portal();
    const temporary = await sent(t);
    expect((await signIn(t, temporary, "glenn@example.com")).status).toBe(422);
    expect((await signIn(t, temporary, "imani@example.com", t.browser("bluebonnet"))).status).toBe(422);
    const trips: number[] = [];
    for (const [email, password] of [
      ["imani@example.com", "wrong"],
      ["nobody@example.com", "wrong"],
    ] as const) {
      t.trips.count = 0;
      await signIn(t, password, email);
      trips.push(t.trips.count);
    }
    expect(trips[1]).toBe(trips[0]);
  });

  test("is never sent to somebody who has a password: theirs stays", async () => {
    const t = await portal();
    await set(t, "first_password", "temporary");
    await t.rows("update accounts set email = 'dana@example.com' where number = 'CR-10105'");
    await ask(t, { ...IMANI, ...NAME });
    const [letter] = await mail(t);
    expect(letter?.subject).toContain("account online");
    expect((await signIn(t, CAST_PASSWORD, "dana@example.com")).status).toBe(303);
    await add(t.browser(), linkIn(letter!.text));
    expect((await signIn(t, CAST_PASSWORD, "dana@example.com")).status).toBe(303);
  });
});

describe("a link that ran out", () => {
  test("is sent anew by asking for it on its own page, where the registration was begun", async () => {
    const t = await portal();
    await ask(t, { ...IMANI, ...NAME });
    const [letter] = await mail(t);
    t.clock.now += LIFETIME_SECONDS.registration;
    const dead = await t.browser().get(linkIn(letter!.text));
    expect(dead.status).toBe(410);
    expect(dead.html).toContain('href="/register"');
    const form = formOn(dead.html, "/forgot-password");
    form.set("email", "imani@example.com");
    await t.browser().post("/forgot-password", form);
    const [again] = await mail(t);
    expect(again?.subject).toContain("account online");
    const browser = t.browser();
    await choose(browser, linkIn(again!.text));
    expect((await browser.get("/")).html).toContain("CR-10105");
  });

  test("is not sent anew to somebody who never began, or who was taken off the account", async () => {
    const t = await portal();
    await t.browser().post("/forgot-password", { email: "imani@example.com" });
    expect(await mail(t)).toEqual([]);
    await ask(t, { ...IMANI, ...NAME });
    expect((await mail(t)).length).toBe(1);
    await t.rows("delete from memberships where user_id = (select id from users where email = 'imani@example.com')");
    await t.browser().post("/forgot-password", { email: "imani@example.com" });
    expect(await mail(t)).toEqual([]);
  });

  test("asking again replaces it: only the newest works", async () => {
    const t = await portal();
    const links: string[] = [];
    for (let n = 0; n < 3; n++) {
      await ask(t, { ...IMANI, ...NAME });
      links.push(linkIn((await mail(t))[0]!.text));
    }
    const browser = t.browser();
    for (const link of links.slice(0, 2)) expect((await browser.get(link)).status).toBe(410);
    expect((await choose(browser, links[2]!)).status).toBe(303);
  });
});

describe("what an answer tells", () => {
  /** The same question about what is there and what is not. */
  const questions: Record<string, Record<string, string>> = {
    "all agrees": { ...IMANI, ...NAME },
    "no such account": { ...IMANI, ...NAME, number: "CR-99999" },
    "wrong key": { ...IMANI, ...NAME, key: "K8V4G2QRMY" },
    "wrong ZIP": { ...IMANI, ...NAME, zip: "45999" },
    "registered already": { ...IMANI, ...NAME, number: "CR-10021", key: "7KQ2M9XPAT" },
    "no e-mail on file": { ...IMANI, ...NAME, ...GLENN, zip: "45003" },
    "another dealer's": { ...IMANI, ...NAME, number: "BB-20001", key: "H3N7T5CKWE" },
  };
  const typed = /CR-\d+|BB-\d+|[0-9A-Z]{10}(?=["&<])|45\d{3}|imani@example.com|Glenn@Example.com/g;

  test("is nothing about accounts: same page, status, headers and trips, in both ways", async () => {
    const t = await portal();
    await t.rows("update accounts set zip = '45003'");
    const seen = new Set<string>();
    const byEmail = [
      "imani@example.com",
      "dana@example.com",
      "nobody@example.com",
      "theo@harborstreetdental.example.com",
    ];
    for (const [name, form] of Object.entries(questions)) {
      t.trips.count = 0;
      const answer = await ask(t, form);
      const headers = [...answer.headers].filter(([header]) => header !== "set-cookie");
      seen.add(JSON.stringify([answer.status, t.trips.count, headers, asDrawn(answer.html).replace(typed, "…")]));
      expect(seen.size, name).toBe(1);
      await t.rows("delete from attempts");
    }
    expect([...seen][0]).toContain("[200,4,");
    const others = new Set<string>();
    for (const email of byEmail) {
      t.trips.count = 0;
      const answer = await ask(t, { by: "email", email });
      others.add(JSON.stringify([answer.status, t.trips.count, asDrawn(answer.html).replaceAll(email, "…")]));
    }
    expect(others.size).toBe(1);
    expect([...others][0]).toContain("[200,4,");
  });

  test("also where passwords are temporary, none of which is hashed on the way", async () => {
    const t = await portal();
    await set(t, "first_password", "temporary");
    const spent: Record<string, number[]> = { known: [], unknown: [] };
    for (let n = 0; n < 5; n++) {
      for (const [name, form] of [
        ["known", questions["all agrees"]!],
        ["unknown", questions["no such account"]!],
      ] as const) {
        const before = performance.now();
        await ask(t, form);
        spent[name]!.push(performance.now() - before);
        await t.rows("delete from attempts");
      }
    }
    // Hashing one takes a tenth of a second: nothing that long may stand between the two.
    expect(Math.min(...spent.known!) - Math.min(...spent.unknown!)).toBeLessThan(60);
  });

  test("comes before the letter is announced: a queue that takes its time tells nothing", async () => {
    const t = await portal();
    await ask(t, { ...IMANI, ...NAME });
    expect(t.outbox).toEqual([]);
    expect((await mail(t)).length).toBe(1);
  });
});

test("an account is found by its index, however its number is typed and whatever case its e-mail is in", async () => {
  const t = await portal();
  const asked: { sql: string; args: (string | number)[] }[] = [];
  t.trouble.database = (statements) => {
    asked.push(...[JSON.parse(statements)].flat());
    return null;
  };
  await ask(t, { ...IMANI, ...NAME, number: "cr 10105" });
  await ask(t, { by: "email", email: "IMANI@example.com" });
  t.trouble.database = null;
  const reads = asked.filter(({ sql }) => /^\s*(with|select)\b/i.test(sql));
  expect(reads.length).toBeGreaterThan(6);
  for (const { sql, args } of reads) {
    const plan = await t.rows<{ detail: string }>(`explain query plan ${sql}`, ...args);
    expect(plan.filter(({ detail }) => /^SCAN (?!CONSTANT|settings|\(subquery)/.test(detail))).toEqual([]);
  }
});

describe("guessing", () => {
  const guess = () => ({ ...IMANI, ...NAME, key: newRegistrationKey() });

  test("1,000 keys from one address: ten are looked at, and another address is not held up", async () => {
    const t = await portal();
    let looked = 0;
    for (let n = 0; n < 1000; n++) {
      const form = { ...guess(), number: `CR-${20_000 + (n % 400)}`, email: `guess${n}@example.com` };
      const answer = await t.browser().post("/register", form, from("198.51.100.7"));
      if (answer.status === 200) looked++;
      else expect([answer.status, answer.headers.get("Retry-After")]).toEqual([429, String(HOUR)]);
    }
    expect(looked).toBe(LIMITS["register:address"].allowed);
    expect((await ask(t, { ...IMANI, ...NAME })).status).toBe(200);
    expect((await mail(t)).length).toBe(1);
  }, 60_000);

  test("1,000 keys from a thousand addresses at one account: five are looked at, with the right one too late", async () => {
    const t = await portal();
    let looked = 0;
    const numbers = ["CR-10105", "cr10105", "CR 10105", "Cr–10105"];
    for (let n = 0; n < 1000; n++) {
      const form = { ...guess(), number: numbers[n % numbers.length]!, email: `guess${n}@example.com` };
      const answer = await t.browser().post("/register", form, from(`10.0.${n >> 8}.${n & 255}`));
      if (answer.status === 200) looked++;
      else expect(answer.status).toBe(429);
    }
    expect(looked).toBe(LIMITS["register:account"].allowed);
    expect((await ask(t, { ...IMANI, ...NAME })).status).toBe(429);
    expect(await mail(t)).toEqual([]);
    // The office sees which account it was; an address is nobody's that it knows.
    expect(await t.rows("select distinct about from attempts where count >= allowed")).toEqual([{ about: "CR-10105" }]);
    t.clock.now += HOUR;
    expect((await ask(t, { ...IMANI, ...NAME })).status).toBe(200);
    expect((await mail(t)).length).toBe(1);
  }, 60_000);

  test("in a day one address tries 240 keys, and a thousand addresses 120 of one account", async () => {
    const t = await portal();
    const day = { address: 0, account: 0 };
    for (let hour = 0; hour < 24; hour++) {
      for (let n = 0; n <= LIMITS["register:address"].allowed; n++) {
        const form = { ...guess(), number: `CR-${30_000 + n}`, email: `a${hour}-${n}@example.com` };
        const answer = await t.browser().post("/register", form, from("198.51.100.8"));
        if (answer.status === 200) day.address++;
      }
      for (let n = 0; n <= LIMITS["register:account"].allowed; n++) {
        const form = { ...guess(), email: `b${hour}-${n}@example.com` };
        const answer = await t.browser().post("/register", form, from(`10.1.${hour}.${n}`));
        if (answer.status === 200) day.account++;
      }
      t.clock.now += HOUR;
    }
    expect(day).toEqual({ address: 240, account: 120 });
  }, 60_000);

  test("one e-mail can be written to five times an hour, however it is asked", async () => {
    const t = await portal();
    for (let n = 0; n < LIMITS["register:email"].allowed; n++)
      expect((await ask(t, { by: "email", email: "imani@example.com" })).status).toBe(200);
    const refused = await ask(t, { by: "email", email: "Imani@example.com" });
    expect(refused.status).toBe(429);
    expect(refused.html).toContain("Too many tries. Wait 60 minutes");
    expect(formOn(refused.html, "/register").get("email")).toBe("Imani@example.com");
    expect((await mail(t)).length).toBe(LIMITS["register:email"].allowed);
  });

  test("thirty at once are no more than five of one account", async () => {
    const t = await portal();
    const tries = Array.from({ length: 30 }, (_, n) =>
      t.browser().post("/register", { ...guess(), email: `g${n}@example.com` }, from(`10.2.0.${n}`)),
    );
    const statuses = (await Promise.all(tries)).map(({ status }) => status);
    expect(statuses.filter((status) => status === 200).length).toBe(LIMITS["register:account"].allowed);
  });
});

describe("a form that cannot be read as it is", () => {
  test("comes back as it was typed, with one sentence, and counts as no try", async () => {
    const t = await portal();
    const whole = { ...IMANI, ...NAME };
    for (const [field, sentence] of [
      ["number", "Type your customer number."],
      ["key", "Type your registration key."],
      ["zip", "Type the ZIP code"],
      ["email", "Type your whole e-mail address"],
      ["first_name", "Type your first name."],
      ["last_name", "Type your last name."],
    ] as const) {
      const answer = await ask(t, { ...whole, [field]: " " });
      expect(answer.status, field).toBe(422);
      expect(answer.html, field).toContain(sentence);
      expect(answer.html, field).toMatch(new RegExp(`name="${field}"[^>]*aria-invalid="true"`));
      if (field !== "number") expect(answer.html).toContain('value="CR-10105"');
    }
    expect((await ask(t, { by: "email", email: "imani" })).status).toBe(422);
    expect((await ask(t, {})).status).toBe(422);
    expect(await t.rows("select * from attempts")).toEqual([]);
    await set(t, "register_asks_name", 0);
    await set(t, "register_asks_phone", 1);
    expect((await ask(t, { ...IMANI })).html).toContain("Type your phone number");
    expect((await ask(t, { ...IMANI, phone: "614 555 0105" })).status).toBe(200);
  });

  test("is harmless whatever is in it: script, headers, right to left, emoji, very long", async () => {
    const t = await portal();
    const texts = [
      "<script>alert(1)</script>",
      '"><img src=x onerror=alert(1)>',
      "x\r\nBcc: evil@example.com",
      "\u202eרעות",
      "👩‍👩‍👧",
      "a".repeat(5_000),
      "' or 1=1 --",
      "%00%ff\u0000",
      "\ud800",
    ];
    for (const text of texts) {
      const name = JSON.stringify(text).slice(0, 40);
      const all = { number: text, key: text, zip: text, first_name: text, last_name: text, phone: text };
      for (const form of [
        { by: "key", ...all, email: "x@example.com" },
        { ...IMANI, first_name: text, last_name: text },
        { by: "key", ...all, email: text },
        { by: "email", email: text },
        { by: text, email: text },
      ]) {
        const answer = await ask(t, form);
        expect([200, 422], name).toContain(answer.status);
        expect(answer.html, name).not.toMatch(/<script>alert|<img/);
        await t.rows("delete from attempts");
      }
    }
    for (const email of ["a@b.com, evil@example.com", "a@b.com\nBcc: evil@example.com", "<a@b.com>", '"a b"@c.com'])
      expect((await ask(t, { by: "email", email })).status, email).toBe(422);
    for (const letter of await mail(t)) {
      expect(letter.to).toBe("imani@example.com");
      expect(letter.html).not.toContain("<script>alert");
    }
    const scanned = await t
      .browser()
      .get(`/register?customer=${encodeURIComponent(texts[1]!)}&key=%00${"k".repeat(900)}`);
    expect(scanned.status).toBe(200);
    expect(scanned.html).not.toContain("<img");
    expect(t.logs).toEqual([]);
  });

  test("in Spanish is answered in Spanish", async () => {
    const t = await portal();
    const spanish = t.browser("cedar-ridge", { "Accept-Language": "es" });
    expect((await spanish.get("/register")).html).toContain("Con su factura");
    expect((await ask(t, { ...IMANI, ...NAME, zip: "" }, spanish)).html).toContain("Escriba el código postal");
    expect((await ask(t, { ...IMANI, ...NAME }, spanish)).html).toContain("Mire su correo");
  });

  test("is a page that changes nothing, however often it is looked at", async () => {
    const t = await portal();
    const before = await everythingIn(t);
    for (const method of ["GET", "HEAD", "GET"])
      await t.browser().send("/register?customer=CR-10105&key=K8V4G2QRMX", { method });
    expect(await everythingIn(t)).toBe(before);
  });
});

describe("when the database is in trouble", () => {
  test("nobody is told that a mail is on its way; asking again works", async () => {
    const t = await portal();
    t.trouble.database = (statements) => (statements.includes("registration.asked") ? "before" : null);
    const away = await ask(t, { ...IMANI, ...NAME });
    expect(away.status).toBe(503);
    expect(away.html).not.toContain("Look in your mail");
    t.trouble.database = null;
    expect(await mail(t)).toEqual([]);
    expect((await ask(t, { ...IMANI, ...NAME })).status).toBe(200);
    expect((await choose(t.browser(), linkIn((await mail(t))[0]!.text))).status).toBe(303);
  });

  test("an answer that was lost once is asked for again, and one letter goes out", async () => {
    const t = await portal();
    let lost = 0;
    t.trouble.database = (statements) => (statements.includes("registration.asked") && lost++ === 0 ? "after" : null);
    expect((await ask(t, { ...IMANI, ...NAME })).status).toBe(200);
    t.trouble.database = null;
    expect((await mail(t)).length).toBe(1);
    expect(await count(t, "registrations")).toBe(1);
  });

  test("two forms at once make one user, and a link that works", async () => {
    const t = await portal();
    await t.rows("delete from memberships where user_id = (select id from users where email = 'imani@example.com')");
    await t.rows("delete from users where email = 'imani@example.com'");
    const answers = await Promise.all([ask(t, { ...IMANI, ...NAME }), ask(t, { by: "email", email: IMANI.email })]);
    expect(answers.map(({ status }) => status)).toEqual([200, 200]);
    const letters = await mail(t);
    expect(await count(t, "users where email = 'imani@example.com'")).toBe(1);
    expect((await choose(t.browser(), linkIn(letters.at(-1)!.text))).status).toBe(303);
  });
});
