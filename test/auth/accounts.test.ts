import { describe, expect, test } from "vitest";
import { viewAccount } from "../../src/auth/view-account.ts";
import { dollars } from "../../src/money.ts";
import { asDrawn, everythingIn } from "../house/people.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";

const PRIYA = "priya@example.com";
const DANA = "dana@example.com";

const join = (t: TestPortal, email: string, account: string, role: string) =>
  t.rows(
    `insert into memberships (user_id, account_id, role, created_at, active_since)
     select (select id from users where email = ?), id, ?, 9e9, 0 from accounts where number = ?`,
    email,
    role,
    account,
  );

const setMaster = (t: TestPortal, master: string, ...subs: string[]) =>
  t.rows(
    `update accounts set master_account_id = (select id from accounts where number = ?) where number in (${subs.map(() => "?")})`,
    master,
    ...subs,
  );

const open = (browser: TestBrowser, account: string, back = "/") =>
  browser.post("/accounts/in-view", { account, back });

const plain = (html: string) => html.replace(/<[^>]+>/g, " ").replace(/\s+/g, " ");

/** What the dashboard says is due on the account in view. */
const dueOnHome = async (browser: TestBrowser) =>
  /Balance due<\/h2><p class="figure"><span class="money">([^<]+)/.exec((await browser.get("/")).html)?.[1];

describe("a user of one account", () => {
  test("is offered no other, and may still look at the list", async () => {
    const t = await portal();
    const priya = await t.as(PRIYA);
    expect((await priya.get("/")).html).not.toContain("Switch account");
    const { html, status } = await priya.get("/accounts");
    expect(status).toBe(200);
    expect(html).toContain("CR-10052");
    expect(html).toContain("In view");
    expect(html).not.toContain("/accounts/in-view");
    expect(plain(html)).toContain(`${await dueOnHome(priya)}`);
  });
});

describe("a user of several accounts", () => {
  test("sees each with its role and what is due, as its own dashboard says, and one total", async () => {
    const t = await portal();
    await join(t, PRIYA, "CR-10021", "viewer");
    await join(t, PRIYA, "CR-10034", "service");
    const priya = await t.as(PRIYA);
    t.trips.count = 0;
    const { html } = await priya.get("/accounts");
    expect(t.trips.count).toBe(1);
    const text = plain(html);
    const dues: number[] = [];
    for (const [account, role] of [
      ["CR-10052", "Owner"],
      ["CR-10021", "Viewer"],
    ]) {
      await open(priya, account!);
      const due = await dueOnHome(priya);
      expect(due).toMatch(/^\$/);
      expect(text).toMatch(new RegExp(`${account} ${role} \\${due} `));
      dues.push(Math.round(Number(due!.replace(/[$,]/g, "")) * 100));
    }
    expect(text).toContain(`All 3 accounts ${dollars(dues[0]! + dues[1]!)}`);
    expect(text).toMatch(/CR-10034 Service Not shown to your role/);
  });

  test("switches by a button, and keeps the page; a page of one account's own becomes its list", async () => {
    const t = await portal();
    await join(t, PRIYA, "CR-10021", "viewer");
    const priya = await t.as(PRIYA);
    const paid = await priya.get("/invoices/paid");
    expect(paid.html).toContain("Switch account");
    const there = /href="(\/accounts\?back=[^"]+)"/.exec(paid.html)![1]!;
    const list = await priya.get(there);
    const form = formOn(list.html, "/accounts/in-view");
    expect(Object.fromEntries(form)).toMatchObject({ account: "CR-10021", back: "/invoices/paid" });
    const answer = await priya.post("/accounts/in-view", form);
    expect([answer.status, answer.headers.get("Location")]).toEqual([303, "/invoices/paid"]);
    expect((await priya.get("/invoices/paid")).html).toContain("Dana Okafor");
    for (const [back, kept] of Object.entries({
      "/invoices": "/invoices",
      "/invoices?after=2026-01-01~x": "/invoices",
      "/invoices/all": "/invoices/all",
      "/invoices/INV-20001": "/invoices",
      "/payments/pay_01kb3x9q0e4m8n2t7w5z": "/payments",
      "/receipts/pay_01kb3x9q0e4m8n2t7w5z": "/receipts",
      "/profile": "/profile",
      "/contact-us": "/contact-us",
      // A viewer does not manage users.
      "/users": "/",
      "/users/usr_00000000000000000000": "/",
      "//evil.test": "/",
      "https://evil.test/": "/",
      "/\\evil.test": "/",
      "": "/",
    }))
      expect((await open(priya, "CR-10021", back)).headers.get("Location"), back).toBe(kept);
    await t.rows("update memberships set role = 'service' where role = 'viewer'");
    expect((await open(priya, "CR-10021", "/invoices")).headers.get("Location")).toBe("/");
    expect((await open(priya, "CR-10052", "/users/x")).headers.get("Location")).toBe("/users");
  });

  test("switches this browser only, and leaves a line in the audit trail", async () => {
    const t = await portal();
    await join(t, PRIYA, "CR-10021", "viewer");
    const [here, there] = [await t.as(PRIYA), await t.as(PRIYA)];
    await open(here, "CR-10021");
    expect((await here.get("/")).html).toContain("CR-10021");
    expect((await there.get("/")).html).toContain("CR-10052");
    expect(await t.rows("select account_id a from events where action = 'account.viewed'")).toEqual([
      { a: (await t.row<{ id: string }>("select id from accounts where number = 'CR-10021'")).id },
    ]);
  });

  test("never reaches a stranger's account, whatever the form says: it is not there", async () => {
    const t = await portal();
    await join(t, PRIYA, "CR-10021", "viewer");
    await t.rows("update memberships set active_since = null where role = 'viewer' and created_at > 8e9");
    const priya = await t.as(PRIYA);
    const { id } = await t.row<{ id: string }>("select id from accounts where number = 'CR-10034'");
    const never = await open(priya, "CR-99999999");
    const before = await everythingIn(t);
    for (const account of ["CR-10034", id, "CR-10021", "BB-20001", "", "%", "' or 1=1 --", "\0", "x".repeat(5000)]) {
      const answer = await open(priya, account);
      expect([account, answer.status]).toEqual([account, 404]);
      expect(asDrawn(answer.html)).toBe(asDrawn(never.html));
    }
    expect((await priya.post("/accounts/in-view", {})).status).toBe(404);
    expect(await everythingIn(t)).toBe(before);
    expect((await priya.get("/")).html).toContain("CR-10052");
  });

  test("who was taken off meanwhile does not get in by a list that is still open, nor between look and change", async () => {
    const t = await portal();
    await join(t, PRIYA, "CR-10021", "viewer");
    const priya = await t.as(PRIYA);
    const form = formOn((await priya.get("/accounts")).html, "/accounts/in-view");
    await t.rows("delete from memberships where role = 'viewer' and created_at > 8e9");
    expect((await priya.post("/accounts/in-view", form)).status).toBe(404);
    await join(t, PRIYA, "CR-10021", "viewer");
    const session = await t.row<{ id: string; user_id: string }>("select id, user_id from sessions");
    const deps = t.deps();
    let gone: Promise<unknown> | null = null;
    t.trouble.database = (sql) => {
      if (sql.includes("update sessions set account_id"))
        gone ??= t.rows("delete from memberships where created_at > 8e9");
      return null;
    };
    await t.rows("select 1");
    const viewed = viewAccount(deps, { id: session.id, userId: session.user_id }, "CR-10021");
    expect(await viewed).toBeNull();
    expect(gone).not.toBeNull();
    t.trouble.database = null;
    expect((await priya.get("/")).html).toContain("CR-10052");
    // Somebody else's session is not switched either.
    await join(t, PRIYA, "CR-10021", "viewer");
    const dana = await t.row<{ id: string }>("select id from users where email = ?", DANA);
    expect(await viewAccount(deps, { id: session.id, userId: dana.id }, "CR-10021")).toBeNull();
  });

  test("who was taken off the account in view is led to the others; with none left, kindly told so", async () => {
    const t = await portal();
    await join(t, PRIYA, "CR-10021", "viewer");
    const priya = await t.as(PRIYA);
    await t.rows(
      "delete from memberships where role = 'owner' and user_id = (select id from users where email = ?)",
      PRIYA,
    );
    for (const address of ["/", "/invoices", "/users", "/invoices/INV-1"])
      expect((await priya.get(address)).headers.get("Location"), address).toBe("/accounts");
    const left = await priya.get("/accounts");
    expect(left.html).toContain("CR-10021");
    expect(left.html).not.toMatch(/CR-10052|In view/);
    await open(priya, "CR-10021");
    expect((await priya.get("/")).status).toBe(200);
    await t.rows("delete from memberships where user_id = (select id from users where email = ?)", PRIYA);
    const none = await priya.get("/accounts");
    expect(none.status).toBe(200);
    expect(none.html).toContain("Your sign-in is not on any account right now.");
    expect(none.html).toContain("(614) 555-0100");
    expect(none.html).not.toMatch(/CR-10|Switch account/);
  });

  test("is read a page at a time when there are many, with the total of all", async () => {
    const t = await portal();
    for (let n = 0; n < 60; n++) {
      const number = `ZZ-${String(n).padStart(3, "0")}`;
      await t.rows(
        "insert into accounts (id, number, name, status, created_at) values (?, ?, ?, 'active', 0)",
        `acc_${n}`,
        number,
        `Site ${n}`,
      );
      await join(t, PRIYA, number, "viewer");
    }
    const priya = await t.as(PRIYA);
    const seen = new Set<string>();
    let next: string | undefined = "/accounts?back=%2Fpayments";
    for (let n = 0; next && n < 5; n++) {
      const { html }: { html: string } = await priya.get(next);
      for (const [number] of html.matchAll(/\b(ZZ-\d{3}|CR-10052)\b/g)) seen.add(number!);
      expect(html).toContain("All 61 accounts");
      expect(html).toContain('name="back" value="/payments"');
      next = /href="(\/accounts\?[^"]*after=[^"]*)"/.exec(html)?.[1]?.replaceAll("&amp;", "&");
    }
    expect(seen.size).toBe(61);
  });
});

describe("a master account", () => {
  test("has its sub-accounts in one list for its users: balances, a total, and each to open", async () => {
    const t = await portal();
    await setMaster(t, "CR-10021", "CR-10052", "CR-10068");
    const dana = await t.as(DANA);
    expect((await dana.get("/")).html).toContain("Switch account");
    const text = plain((await dana.get("/accounts")).html);
    expect(text).toMatch(/CR-10052 Part of Dana Okafor Owner \$/);
    expect(text).toMatch(/CR-10068 Part of Dana Okafor Owner \$/);
    expect(text).toMatch(/All 3 accounts \$/);
    await open(dana, "CR-10052");
    expect((await dana.get("/invoices")).html).toContain("Priya Raman");
    expect((await dana.get("/users")).status).toBe(200);
    // Not the other way round: a sub-account's users see neither master nor sister.
    const priya = await t.as(PRIYA);
    const own = await priya.get("/accounts");
    expect(own.html).not.toMatch(/CR-10021|CR-10068|Dana|Switch account/);
    expect((await open(priya, "CR-10021")).status).toBe(404);
    expect((await open(priya, "CR-10068")).status).toBe(404);
    // But they are told that somebody else sees it too.
    expect((await priya.get("/users")).html).toContain("belongs to a master account");
  });

  test("shows no balances to its service users, and asks for none", async () => {
    const t = await portal();
    await setMaster(t, "CR-10021", "CR-10052");
    await t.rows(
      "update memberships set role = 'service' where user_id = (select id from users where email = ?)",
      DANA,
    );
    const dana = await t.as(DANA);
    const { html } = await dana.get("/accounts");
    expect(html).toContain("CR-10052");
    expect(html).not.toMatch(/\$\d/);
    expect((await open(dana, "CR-10052", "/invoices")).headers.get("Location")).toBe("/");
    expect((await dana.get("/invoices")).status).toBe(403);
    const home = await dana.get("/");
    expect(home.html).toContain("Customer number");
    expect(home.html).not.toMatch(/\$\d|href="\/invoices|href="\/payments/);
  });

  test("does not widen a role on the account itself", async () => {
    const t = await portal();
    await setMaster(t, "CR-10021", "CR-10052");
    await join(t, DANA, "CR-10052", "service");
    const dana = await t.as(DANA);
    const list = plain((await dana.get("/accounts")).html);
    expect(list).toMatch(/CR-10052 Service Not shown to your role/);
    await open(dana, "CR-10052");
    expect((await dana.get("/invoices")).status).toBe(403);
    expect((await dana.get("/")).html).not.toMatch(/\$\d/);
  });

  test("that is one no more closes its sub-accounts with the next page", async () => {
    const t = await portal();
    await setMaster(t, "CR-10021", "CR-10052");
    const dana = await t.as(DANA);
    const form = formOn((await dana.get("/accounts")).html, "/accounts/in-view");
    await open(dana, "CR-10052");
    await t.rows("update accounts set master_account_id = null");
    expect((await dana.get("/invoices")).headers.get("Location")).toBe("/accounts");
    expect((await dana.post("/accounts/in-view", form)).status).toBe(404);
    const { html } = await dana.get("/accounts");
    expect(html).not.toContain("CR-10052");
    await open(dana, "CR-10021");
    expect((await dana.get("/")).html).toContain("CR-10021");
  });
});

describe("whoever sees no money", () => {
  test("is sent none: nothing of it leaves the database for the dashboard", async () => {
    const t = await portal();
    const [{ id }] = (await t.rows<{ id: string }>("select id from users where email = ?", PRIYA)) as [{ id: string }];
    const priya = await t.as(PRIYA);
    const answers: string[] = [];
    const { $client } = t.db as unknown as {
      $client: { execute: (...args: unknown[]) => Promise<{ rows: unknown[] }> };
    };
    const execute = $client.execute.bind($client);
    t.db.$client = new Proxy(t.db.$client, {
      get: (target, name) =>
        name === "execute"
          ? async (...args: unknown[]) => {
              const answer = await execute(...args);
              answers.push(JSON.stringify(answer.rows));
              return answer;
            }
          : Reflect.get(target, name),
    });
    await priya.get("/");
    expect(answers.join()).toMatch(/pay_\w{20}/);
    answers.length = 0;
    await t.rows("update memberships set role = 'service' where user_id = ?", id);
    expect((await priya.get("/")).status).toBe(200);
    expect(answers.length).toBe(1);
    expect(answers.join()).not.toMatch(/pay_|inv_|\d{4}-\d\d-\d\d/);
  });
});
