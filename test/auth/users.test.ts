import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/auth/attempts.ts";
import { changeRole, removeUser } from "../../src/auth/change-user.ts";
import { inviteUser, MOST_USERS } from "../../src/auth/invite-user.ts";
import { newLink } from "../../src/auth/tokens.ts";
import { commit } from "../../src/batch.ts";
import { DAY } from "../../src/calendar.ts";
import { asDrawn, everythingIn } from "../house/people.ts";
import { formOn, portal, type TestPortal } from "../setup.ts";

const AMARA = "amara@harborstreetdental.example.com";
const THEO = "theo@harborstreetdental.example.com";
const INES = "ines@harborstreetdental.example.com";
const PRIYA = "priya@example.com";

const GINA = { email: "gina@harborstreetdental.example.com", name: "Gina Solano", role: "billing" };

const PER_ACCOUNT = LIMITS["invite:account"].allowed;
const PER_ADDRESS = LIMITS["invite:email"].allowed;

const idOf = async (t: TestPortal, email: string) =>
  (await t.row<{ id: string }>("select id from users where email = ?", email)).id;

const harbor = async (t: TestPortal) =>
  (await t.row<{ id: string }>("select id from accounts where number = 'CR-10047'")).id;

const standing = (t: TestPortal, email: string) =>
  t.row<{ role: string; active_since: number | null }>(
    `select role, active_since from memberships where account_id = (select id from accounts where number = 'CR-10047')
     and user_id = (select id from users where email = ?)`,
    email,
  );

/** Sends what was promised, and hands out the letters that are new. */
async function lettersOf(t: TestPortal) {
  const before = t.outbox.length;
  await t.settle();
  await t.runJobs();
  return t.outbox.slice(before);
}

describe("the users of an account", () => {
  test("are listed for its owner: who, what they may do, and where they stand", async () => {
    const t = await portal();
    await t.as(THEO);
    const amara = await t.as(AMARA);
    const { html, status } = await amara.get("/users");
    expect(status).toBe(200);
    for (const words of ["Amara", "(you)", "Theo Marsh", THEO, "Billing", "Ines Duarte", "Viewer", "Active"])
      expect(html).toContain(words);
    expect(html).toContain("Last sign-in Dec 1, 2026");
    // Ines has never signed in.
    expect(html).toContain("Has not signed in yet");
    expect(html).toContain('href="/users"');
    for (const note of ["decides who else may", "Sees and pays invoices", "Sees no money", "pays nothing"])
      expect(html).toContain(note);
  });

  test("who asked to be let in themselves stand there too, until they have used their link", async () => {
    const t = await portal();
    await t.rows("insert into users (id, email, name, created_at) values ('usr_new', 'new@example.com', 'New', 0)");
    await t.rows(
      "insert into memberships (user_id, account_id, role, created_at) values ('usr_new', ?, 'viewer', 0)",
      await harbor(t),
    );
    const deps = t.deps();
    const link = await newLink(deps, {
      purpose: "registration",
      userId: "usr_new",
      accountId: await harbor(t),
      email: "new@example.com",
    });
    await commit(deps.db, deps.now, { key: "test", action: "test", accountId: null, by: "test" }, link.writes);
    const amara = await t.as(AMARA);
    expect((await amara.get("/users")).html).toContain("Is registering");
    t.clock.now += 2 * DAY;
    const { html } = await amara.get("/users");
    expect(html).toContain("Invitation has run out");
    expect(html).not.toContain("Is registering");
  });

  test("are nobody else's business: no link, and no way in", async () => {
    const t = await portal();
    for (const email of [THEO, INES]) {
      const browser = await t.as(email);
      expect((await browser.get("/invoices")).html).not.toContain('href="/users"');
      expect((await browser.get("/users")).status).toBe(403);
      expect((await browser.post("/users", GINA)).status).toBe(403);
      expect((await browser.post(`/users/${await idOf(t, INES)}/removal`, { sure: "yes" })).status).toBe(403);
    }
    expect(await t.rows("select 1 from events where action like 'user.%'")).toEqual([]);
  });

  test("of another account are not there", async () => {
    const t = await portal();
    const amara = await t.as(AMARA);
    const before = await everythingIn(t);
    const priya = await idOf(t, PRIYA);
    const nobody = await amara.get("/users/usr_00000000000000000000");
    for (const path of ["", "/role", "/invitation", "/removal"]) {
      const address = `/users/${priya}${path}`;
      const answer = path ? await amara.post(address, { role: "viewer", sure: "yes" }) : await amara.get(address);
      expect([path, answer.status, asDrawn(answer.html)]).toEqual([path, 404, asDrawn(nobody.html)]);
    }
    expect(await everythingIn(t)).toBe(before);
  });
});

describe("inviting somebody", () => {
  test("by the form as it is drawn makes them a user to whom nothing is open yet, and sends one letter", async () => {
    const t = await portal();
    const amara = await t.as(AMARA);
    const form = formOn((await amara.get("/users")).html, "/users");
    for (const [name, value] of Object.entries({ ...GINA, email: " Gina@HarborStreetDental.example.com " }))
      form.set(name, value);
    const answer = await amara.post("/users", form);
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/users?said=invited"]);
    expect(await standing(t, GINA.email)).toEqual({ role: "billing", active_since: null });
    const [letter, ...more] = await lettersOf(t);
    expect(more).toEqual([]);
    expect(letter).toMatchObject({ to: GINA.email, subject: expect.stringContaining("Cedar Ridge") });
    expect(letter!.text).toContain("Harbor Street Dental");
    expect(letter!.text).toMatch(/https:\/\/cedar-ridge\.test\/invitations\/[\w-]{43}/);
    const page = await amara.get("/users?said=invited");
    expect(page.html).toContain("The invitation is on its way.");
    expect(page.html).toContain("Invited Dec 1, 2026");
    expect(page.html).toContain(GINA.email);
    expect(await t.rows("select action, by, detail from events where action = 'user.invited'")).toEqual([
      {
        action: "user.invited",
        by: await idOf(t, AMARA),
        detail: JSON.stringify({ user: await idOf(t, GINA.email), role: "billing" }),
      },
    ]);
    // The invited cannot sign in: there is no password, and no account.
    expect((await t.browser().post("/sign-in", { email: GINA.email, password: "" })).status).toBe(422);
  });

  test("twice replaces the link and the role; once more from their own page does too", async () => {
    const t = await portal();
    const amara = await t.as(AMARA);
    await amara.post("/users", GINA);
    expect((await amara.post("/users", { ...GINA, role: "viewer" })).status).toBe(303);
    expect(await standing(t, GINA.email)).toEqual({ role: "viewer", active_since: null });
    const id = await idOf(t, GINA.email);
    expect((await amara.post(`/users/${id}/invitation`, {})).headers.get("Location")).toBe("/users?said=invited");
    const letters = await lettersOf(t);
    expect(letters.length).toBe(3);
    const links = letters.map((letter) => /\/invitations\/[\w-]{43}/.exec(letter.text)![0]);
    const statuses = [];
    for (const link of links) statuses.push((await t.browser().get(link)).status);
    expect(statuses).toEqual([410, 410, 200]);
    expect((await t.rows("select 1 from users where email = ?", GINA.email)).length).toBe(1);
    expect(await t.row("select name from users where email = ?", GINA.email)).toEqual({ name: GINA.name });
  });

  test("tells nobody whose address it is: a user of another account stands there by address alone", async () => {
    const t = await portal();
    const amara = await t.as(AMARA);
    await amara.post("/users", { email: PRIYA, name: "Somebody Else", role: "viewer" });
    const { html } = await amara.get("/users");
    expect(html).toContain(PRIYA);
    expect(html).not.toMatch(/Raman|Somebody Else/);
    const one = await amara.get(`/users/${await idOf(t, PRIYA)}`);
    expect(one.html).not.toMatch(/Raman|Somebody Else/);
    expect(await t.row("select name from users where email = ?", PRIYA)).toEqual({ name: "Priya Raman" });
    // Her own accounts are as they were.
    const priya = await t.as(PRIYA);
    expect((await priya.get("/")).html).toContain("CR-10052");
    expect((await priya.get("/accounts")).html).not.toContain("CR-10047");
  });

  test("says kindly why not: oneself, somebody who sees it already, no address, no name, no role", async () => {
    const t = await portal();
    const amara = await t.as(AMARA);
    const before = await t.rows("select * from memberships");
    const said: [Record<string, string>, string][] = [
      [{ ...GINA, email: AMARA.toUpperCase() }, "That is your own address."],
      [{ ...GINA, email: THEO }, "sees the account already"],
      [{ ...GINA, email: "" }, "Check the e-mail address"],
      [{ ...GINA, email: "gina" }, "Check the e-mail address"],
      [{ ...GINA, email: "gina@x.test\r\nBcc: all@x.test" }, "Check the e-mail address"],
      [{ ...GINA, email: '"gina"@example.com' }, "Check the e-mail address"],
      [{ ...GINA, email: `${"g".repeat(300)}@example.com` }, "Check the e-mail address"],
      [{ ...GINA, name: "" }, "Type a name"],
      [{ ...GINA, name: " \u202e\r\n " }, "Type a name"],
      [{ ...GINA, name: "x".repeat(81) }, "Type a name"],
      [{ ...GINA, name: "You won! https://evil.test" }, "Type the name alone"],
      [{ ...GINA, name: "Go to www.evil" }, "Type the name alone"],
      [{ ...GINA, name: "prize.evil.com" }, "Type the name alone"],
      [{ ...GINA, name: "<b>Gina</b>" }, "Type the name alone"],
      [{ ...GINA, role: "" }, "Choose what they may do"],
      [{ ...GINA, role: "king" }, "Choose what they may do"],
      [{ ...GINA, role: "constructor" }, "Choose what they may do"],
      [{}, "Check the e-mail address"],
    ];
    for (const [form, words] of said) {
      const answer = await amara.post("/users", form);
      expect([answer.status, JSON.stringify(form)]).toEqual([422, JSON.stringify(form)]);
      expect(answer.html, JSON.stringify(form)).toContain(words);
      expect(answer.html).not.toContain("<b>Gina");
    }
    const kept = formOn((await amara.post("/users", { ...GINA, email: "gina@" })).html, "/users");
    expect([kept.get("email"), kept.get("name"), kept.get("role")]).toEqual(["gina@", GINA.name, "billing"]);
    expect(await t.rows("select * from memberships")).toEqual(before);
    expect(await lettersOf(t)).toEqual([]);
  });

  test("takes names as people have them, in any script, on one line in every header", async () => {
    const t = await portal();
    const amara = await t.as(AMARA);
    const names = {
      "רות בן־דוד": "רות בן־דוד",
      "José  Ángel\r\nBcc: evil\u0000": "José Ángel Bcc: evil",
      "👩‍👩‍👧 Núñez": "👩‍👩‍👧 Núñez",
      "J. D. O'Neil-Smith Jr.": "J. D. O'Neil-Smith Jr.",
      "a\u202eb": "a b",
    };
    let n = 0;
    for (const name of Object.keys(names))
      expect((await amara.post("/users", { ...GINA, email: `g${n++}@example.com`, name })).status, name).toBe(303);
    const kept = await t.rows<{ name: string }>(
      "select name from users where email like 'g_@example.com' order by email",
    );
    expect(kept.map(({ name }) => name)).toEqual(Object.values(names));
    for (const letter of await lettersOf(t)) {
      expect(letter.subject).not.toMatch(/\p{Cc}/u);
      expect(letter.to).toMatch(/^g\d@example\.com$/);
      expect(letter.html).not.toMatch(/<script|\u202e/);
    }
  });

  test("stops after as many letters a day as LIMITS says, for an account and for an address", async () => {
    const t = await portal();
    const amara = await t.as(AMARA);
    for (let n = 0; n < PER_ADDRESS; n++) expect((await amara.post("/users", GINA)).status).toBe(303);
    const once = await amara.post("/users", GINA);
    expect(once.status).toBe(422);
    expect(once.html).toContain("enough invitations for one day");
    for (let n = PER_ADDRESS; n < PER_ACCOUNT; n++)
      expect((await amara.post("/users", { ...GINA, email: `g${n}@example.com` })).status, `${n}`).toBe(303);
    expect((await amara.post("/users", { ...GINA, email: "last@example.com" })).status).toBe(422);
    expect((await lettersOf(t)).length).toBe(PER_ACCOUNT);
    // The office sees which account it was.
    expect(await t.row("select about from attempts where key like 'invite:account:%'")).toEqual({ about: "CR-10047" });
    t.clock.now += DAY;
    expect((await amara.post("/users", GINA)).status).toBe(303);
  });

  test(`never makes more than ${MOST_USERS} users of one account, also when two come at once`, async () => {
    const t = await portal();
    const account = await harbor(t);
    for (let n = 0; n < MOST_USERS - 4; n++) {
      await t.rows("insert into users (id, email, name, created_at) values (?, ?, 'N', 0)", `usr_${n}`, `n${n}@x.test`);
      await t.rows(
        "insert into memberships (user_id, account_id, role, created_at) values (?, ?, 'viewer', 0)",
        `usr_${n}`,
        account,
      );
    }
    const by = await idOf(t, AMARA);
    const one = (n: number) =>
      inviteUser(t.deps(), { accountId: account, email: `last${n}@example.com`, name: "L", role: "viewer", by });
    const results = await Promise.all([one(1), one(2), one(3)]);
    expect(results.map((result) => (result.ok ? "ok" : result.problem)).sort()).toEqual(["full", "full", "ok"]);
    expect((await t.rows("select 1 from memberships where account_id = ?", account)).length).toBe(MOST_USERS);
    const amara = await t.as(AMARA);
    expect((await amara.post("/users", GINA)).html).toContain("This account has 50 users");
    expect((await amara.get("/users")).status).toBe(200);
  });

  test("the same new address to two accounts at once is one user with two invitations", async () => {
    const t = await portal();
    const [account, other] = [
      await harbor(t),
      (await t.row<{ id: string }>("select id from accounts where number = 'CR-10081'")).id,
    ];
    const by = await idOf(t, AMARA);
    const results = await Promise.all(
      [account, other].map((accountId) => inviteUser(t.deps(), { ...GINA, accountId, by })),
    );
    expect(results.map(({ ok }) => ok)).toEqual([true, true]);
    expect((await t.rows("select 1 from users where email = ?", GINA.email)).length).toBe(1);
    expect((await t.rows("select 1 from tokens where purpose = 'invitation' and ended_at is null")).length).toBe(2);
  });

  test("serves the office too, in whose name the letter then comes", async () => {
    const t = await portal();
    const ruth = await idOf(t, "ruth@cedarridge.example.com");
    const imani = await t.row<{ id: string }>("select id from accounts where number = 'CR-10105'");
    const invited = await inviteUser(t.deps(), { ...GINA, accountId: imani.id, role: "owner", by: ruth });
    expect(invited).toMatchObject({ ok: true, email: GINA.email });
    if (invited.ok) await invited.announce();
    const [letter] = await lettersOf(t);
    const page = await t.browser().get(/\/invitations\/[\w-]{43}/.exec(letter!.text)![0]);
    expect(page.html).toContain("Cedar Ridge Alarm &amp; Life Safety invites you");
    expect(page.html).not.toContain("Ruth");
  });

  test("leaves nothing half done when the database does not answer, and once when the answer is lost", async () => {
    const t = await portal();
    const amara = await t.as(AMARA);
    t.trouble.database = (sql) => (sql.includes("insert into memberships") ? "before" : null);
    expect((await amara.post("/users", GINA)).status).toBe(503);
    t.trouble.database = null;
    expect(await t.rows("select 1 from users where email = ?", GINA.email)).toEqual([]);
    let lost = 0;
    t.trouble.database = (sql) => (sql.includes("insert into memberships") && lost++ === 0 ? "after" : null);
    expect((await amara.post("/users", GINA)).status).toBe(303);
    t.trouble.database = null;
    expect((await lettersOf(t)).length).toBe(1);
    expect((await t.rows("select 1 from events where action = 'user.invited'")).length).toBe(1);
  });
});

describe("changing a user", () => {
  test("gives another role, which counts with the next page", async () => {
    const t = await portal();
    const [amara, ines] = [await t.as(AMARA), await t.as(INES)];
    const id = await idOf(t, INES);
    const form = formOn((await amara.get(`/users/${id}`)).html, `/users/${id}/role`);
    expect(form.get("role")).toBe("viewer");
    form.set("role", "service");
    const answer = await amara.post(`/users/${id}/role`, form);
    expect(answer.headers.get("Location")).toBe("/users?said=changed");
    expect((await ines.get("/invoices")).status).toBe(403);
    expect((await ines.get("/")).html).not.toMatch(/\$\d|\/invoices/);
    expect(await t.rows("select detail from events where action = 'user.role_changed'")).toEqual([
      { detail: JSON.stringify({ user: id, role: "service" }) },
    ]);
  });

  test("takes somebody off: signed out at once, links dead, and the next sign-in finds no account", async () => {
    const t = await portal();
    const [amara, theo] = [await t.as(AMARA), await t.as(THEO)];
    const id = await idOf(t, THEO);
    const unsure = await amara.post(`/users/${id}/removal`, {});
    expect(unsure.status).toBe(422);
    expect(unsure.html).toContain("Tick the box");
    const answer = await amara.post(`/users/${id}/removal`, { sure: "yes" });
    expect(answer.headers.get("Location")).toBe("/users?said=removed");
    expect((await theo.get("/invoices")).headers.get("Location")).toBe("/sign-in?next=%2Finvoices");
    expect((await amara.get("/users")).html).not.toContain("Theo");
    const again = await t.as(THEO);
    expect((await again.get("/")).headers.get("Location")).toBe("/accounts");
    expect((await again.get("/accounts")).html).toContain("not on any account");
    // A second tab with the same form.
    expect((await amara.post(`/users/${id}/removal`, { sure: "yes" })).status).toBe(404);
  });

  test("leaves a user of two accounts signed in on the other", async () => {
    const t = await portal();
    await t.rows(
      `insert into memberships (user_id, account_id, role, created_at, active_since)
       select (select id from users where email = ?), id, 'viewer', 9e9, 0 from accounts where number = 'CR-10052'`,
      THEO,
    );
    const [amara, here, there] = [await t.as(AMARA), await t.as(THEO), await t.as(THEO)];
    expect((await there.post("/accounts/in-view", { account: "CR-10052" })).status).toBe(303);
    await amara.post(`/users/${await idOf(t, THEO)}/removal`, { sure: "yes" });
    expect((await here.get("/")).headers.get("Location")).toBe("/sign-in");
    expect((await there.get("/")).html).toContain("CR-10052");
  });

  test("takes an invitation back: the link is dead", async () => {
    const t = await portal();
    const amara = await t.as(AMARA);
    await amara.post("/users", GINA);
    const [letter] = await lettersOf(t);
    const link = /\/invitations\/[\w-]{43}/.exec(letter!.text)![0];
    const id = await idOf(t, GINA.email);
    const form = formOn((await amara.get(`/users/${id}`)).html, `/users/${id}/removal`);
    expect((await amara.post(`/users/${id}/removal`, form)).status).toBe(303);
    expect((await t.browser().get(link)).status).toBe(410);
    expect((await t.browser().post(link, {})).status).toBe(410);
    // Whoever was withdrawn can be invited anew.
    expect((await amara.post("/users", GINA)).status).toBe(303);
  });

  test("never leaves an account without an owner: not removed, not demoted, not by an invited one", async () => {
    const t = await portal();
    const amara = await t.as(AMARA);
    const id = await idOf(t, AMARA);
    await amara.post("/users", { ...GINA, role: "owner" });
    const before = await t.rows("select * from memberships");
    for (const [path, form] of [
      ["role", { role: "billing" }],
      ["role", { role: "viewer" }],
      ["removal", { sure: "yes" }],
    ] as const) {
      const answer = await amara.post(`/users/${id}/${path}`, form);
      expect(answer.status).toBe(422);
      expect(answer.html).toContain("This is the only owner.");
    }
    expect(await t.rows("select * from memberships")).toEqual(before);
    // To stay an owner is no change that could be refused.
    expect((await amara.post(`/users/${id}/role`, { role: "owner" })).status).toBe(303);
  });

  test("two owners who remove or demote each other at once: one of them stays", async () => {
    for (const how of ["remove", "demote"] as const) {
      const t = await portal();
      const accountId = await harbor(t);
      const [amara, theo] = [await idOf(t, AMARA), await idOf(t, THEO)];
      await t.rows("update memberships set role = 'owner' where user_id = ?", theo);
      const done = await Promise.all(
        [
          [amara, theo],
          [theo, amara],
        ].map(([by, userId]) =>
          how === "remove"
            ? removeUser(t.deps(), { accountId, userId: userId!, by: by! })
            : changeRole(t.deps(), { accountId, userId: userId!, by: by!, role: "viewer" }),
        ),
      );
      expect(done.filter(({ ok }) => ok).length, how).toBe(1);
      expect(done).toContainEqual({ ok: false, problem: "last_owner" });
      const owners = await t.rows("select 1 from memberships where account_id = ? and role = 'owner'", accountId);
      expect(owners.length, how).toBe(1);
    }
  });

  test("an owner who leaves or steps down, with another there, is led to where they belong", async () => {
    const t = await portal();
    const amara = await t.as(AMARA);
    const id = await idOf(t, AMARA);
    await amara.post(`/users/${await idOf(t, THEO)}/role`, { role: "owner" });
    expect((await amara.post(`/users/${id}/role`, { role: "billing" })).headers.get("Location")).toBe("/");
    expect((await amara.get("/users")).status).toBe(403);
    const theo = await t.as(THEO);
    await theo.post(`/users/${id}/role`, { role: "owner" });
    expect((await theo.post(`/users/${await idOf(t, THEO)}/removal`, { sure: "yes" })).headers.get("Location")).toBe(
      "/accounts",
    );
    expect((await amara.get("/users")).status).toBe(200);
  });
});
