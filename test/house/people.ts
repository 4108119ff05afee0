import { expect } from "vitest";
import type { Role } from "../../src/auth/roles.ts";
import { linkSecret, newLink, type Purpose } from "../../src/auth/tokens.ts";
import { commit } from "../../src/batch.ts";
import type { TestBrowser, TestPortal } from "../setup.ts";
import { addressOf, type Door, methodOf, namedBy } from "./doors.ts";

/** Somebody at the door: what they may do, and on which account of Cedar Ridge. */
export type Person = {
  is: string;
  email: string;
  /** The role on the account in view; null for whoever has none there. */
  role: Role | null;
  account: string | null;
  isStaff: boolean;
  /** Every account that they may see, the one in view among them. */
  accounts: string[];
};

const member = (is: string, email: string, role: Role, account: string, more: string[] = []): Person => ({
  is,
  email,
  role,
  account,
  isStaff: false,
  accounts: [account, ...more],
});

const without = (is: string, email: string, isStaff = false): Person => ({
  is,
  email,
  role: null,
  account: null,
  isStaff,
  accounts: [],
});

/** Every kind of people who can be signed in. Those whom the cast has none of are added by `addPeople`. */
export const PEOPLE: Person[] = [
  member("owner", "dana@example.com", "owner", "CR-10021"),
  member("billing", "theo@harborstreetdental.example.com", "billing", "CR-10047"),
  member("viewer", "ines@harborstreetdental.example.com", "viewer", "CR-10047"),
  member("service", "sam@example.com", "service", "CR-10021"),
  member("owner of another account", "priya@example.com", "owner", "CR-10052"),
  member("user with two accounts", "nils@example.com", "viewer", "CR-10047", ["CR-10073"]),
  member("owner of a master account, a sub-account in view", "mara@example.com", "owner", "CR-10068", ["CR-10900"]),
  without("user who was removed", "rosa@example.com"),
  without("user who has not accepted yet", "ivor@example.com"),
  without("staff, owner", "ruth@cedarridge.example.com", true),
  without("staff, office", "ben@cedarridge.example.com", true),
];

export const DANA = PEOPLE[0]!;

/** The people of the table that nobody in the cast is. */
const ADDED: { id: string; email: string; name: string; on: { account: string; role: Role; active: boolean }[] }[] = [
  // Sam sees to Dana's panel and has no business with her money.
  {
    id: "usr_sam",
    email: "sam@example.com",
    name: "Sam Ostrander",
    on: [{ account: "CR-10021", role: "service", active: true }],
  },
  {
    id: "usr_nils",
    email: "nils@example.com",
    name: "Nils Vandermeer",
    on: [
      { account: "CR-10047", role: "viewer", active: true },
      { account: "CR-10073", role: "billing", active: true },
    ],
  },
  // Glenn's account belongs to Mara's, and nobody else sees to it.
  {
    id: "usr_mara",
    email: "mara@example.com",
    name: "Mara Whitlock",
    on: [{ account: "CR-10900", role: "owner", active: true }],
  },
  {
    id: "usr_greta",
    email: "greta@example.com",
    name: "Greta Lindholm",
    on: [{ account: "CR-10068", role: "viewer", active: true }],
  },
  { id: "usr_rosa", email: "rosa@example.com", name: "Rosa Quintero", on: [] },
  {
    id: "usr_ivor",
    email: "ivor@example.com",
    name: "Ivor Pemberton",
    on: [{ account: "CR-10021", role: "owner", active: false }],
  },
];

/** Adds the people whom the cast lacks, all with the cast's password, and the master account that one of them owns. */
export async function addPeople(t: TestPortal): Promise<void> {
  const now = t.clock.now;
  await t.rows(
    "insert into accounts (id, number, name, status, created_at) values ('acc_master', 'CR-10900', 'Whitlock Properties', 'active', ?)",
    now,
  );
  await t.rows("update accounts set master_account_id = 'acc_master' where number = 'CR-10068'");
  for (const { id, email, name, on } of ADDED) {
    await t.rows(
      "insert into users (id, email, name, password_hash, created_at) select ?, ?, ?, password_hash, ? from users where email = 'dana@example.com'",
      id,
      email,
      name,
      now,
    );
    for (const [i, { account, role, active }] of on.entries())
      await t.rows(
        `insert into memberships (user_id, account_id, role, created_at, active_since)
         select ?, id, ?, ?, ${active ? "created_at" : "null"} from accounts where number = ?`,
        id,
        role,
        now + i,
        account,
      );
  }
}

/**
 * Signs one of the table in, with the account in view that the table says; whoever has none tries Dana's. What others
 * tried before is forgotten: every one of them knocks at every door.
 */
export async function signedIn(t: TestPortal, person: Person): Promise<TestBrowser> {
  await t.rows("delete from attempts");
  const browser = await t.as(person.email);
  if (person.isStaff) return browser;
  const [session] = await t.rows(
    `update sessions set account_id = (select id from accounts where number = ?)
     where user_id = (select id from users where email = ?) returning id`,
    person.account ?? DANA.account!,
    person.email,
  );
  expect(session).toBeDefined();
  return browser;
}

/** What the addresses of an account hold: its number, an invoice's, the id of a payment that has a receipt, a user's id. */
export type Samples = Record<NonNullable<Door["names"]>, string>;

export const NOBODYS: Samples = {
  account: "CR-99999",
  invoice: "INV-99999999",
  payment: "pay_00000000000000000000",
  user: "usr_00000000000000000000",
};

export async function samplesOf(t: TestPortal, account: string): Promise<Samples> {
  const [sample] = await t.rows<Samples>(
    `select number account, (select number from invoices where account_id = a.id and status = 'sent' order by issued_on desc limit 1) invoice,
       (select id from payments where account_id = a.id and state = 'settled' order by paid_on desc, id desc limit 1) payment,
       coalesce((select user_id from memberships where account_id = a.id order by role desc, user_id limit 1), '${NOBODYS.user}') user
     from accounts a where number = ?`,
    account,
  );
  return sample!;
}

/** The same at the other dealer, under a number that no invoice of Cedar Ridge has. */
export async function samplesAcross(t: TestPortal): Promise<Samples> {
  const { $client: bluebonnet } = t.databases.bluebonnet!;
  await bluebonnet.execute(
    "update invoices set number = 'INV-77001' where id = (select id from invoices where status = 'sent' order by id limit 1)",
  );
  const { rows } = await bluebonnet.execute(
    "select (select id from payments where state = 'settled' order by id limit 1) payment, (select user_id from memberships limit 1) user",
  );
  return { account: "BB-20001", invoice: "INV-77001", payment: String(rows[0]!.payment), user: String(rows[0]!.user) };
}

/** The secret of a link for Dana that works, at either dealer. */
export async function liveLink(t: TestPortal, purpose: Purpose, dealer = "cedar-ridge"): Promise<string> {
  const deps = t.depsOf(dealer);
  const { rows } = await t.databases[dealer]!.$client.execute(
    `select user_id, account_id from memberships where user_id = (select id from users where email = '${DANA.email}')`,
  );
  const { user_id: userId, account_id: accountId } = rows[0]!;
  const link = await newLink(deps, {
    purpose,
    userId: String(userId),
    accountId: purpose === "registration" || purpose === "invitation" ? String(accountId) : null,
    email: purpose === "email" ? "dana.okafor@example.com" : DANA.email,
  });
  const change = { key: `test:${link.id}`, action: "test", accountId: null, by: "test" };
  expect(await commit(deps.db, deps.now, change, link.writes)).toEqual({ result: "done" });
  return linkSecret(deps.signingSecret, link.id);
}

/** Knocks at a door as a browser would, with what its parameter names. */
export function knock(browser: TestBrowser, name: string, door: Door, samples: Samples, query = "") {
  const address = addressOf(name, namedBy(door, samples)) + query;
  return methodOf(name) === "GET" ? browser.get(address) : browser.post(address, door.form ?? {});
}

/** A page without what is minted for each view: form tokens, the next payment's id, the request's number. */
export const asDrawn = (html: string): string =>
  html
    .replace(/(name="form_token" value=")[^"]*/g, "$1…")
    .replace(/(name="(?:payment|setup)_id" value=")[^"]*/g, "$1…")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "…");

/** Everything both dealers' databases hold, as one text to compare: what is equal was not written to. */
export async function everythingIn(t: TestPortal): Promise<string> {
  const held: unknown[] = [];
  for (const { $client } of Object.values(t.databases)) {
    const tables = await $client.execute("select name from sqlite_master where type = 'table' order by name");
    for (const { name } of tables.rows) held.push(name, (await $client.execute(`select * from "${name}"`)).rows);
  }
  return JSON.stringify(held);
}
