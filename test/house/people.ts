import type { TestBrowser, TestPortal } from "../setup.ts";
import { addressOf, type Door, methodOf } from "./doors.ts";

/** Somebody at the door: what role they have on which account of Cedar Ridge, or on its staff. */
export type Person = {
  email: string;
  is: "owner" | "billing" | "viewer" | "service" | "staff";
  account: string | null;
};

export const PEOPLE: Person[] = [
  { email: "dana@example.com", is: "owner", account: "CR-10021" },
  { email: "theo@harborstreetdental.example.com", is: "billing", account: "CR-10047" },
  { email: "ines@harborstreetdental.example.com", is: "viewer", account: "CR-10047" },
  { email: "sam@example.com", is: "service", account: "CR-10021" },
  { email: "ruth@cedarridge.example.com", is: "staff", account: null },
];

export const DANA = PEOPLE[0]!;

/** Sam sees to Dana's panel and has no business with her money; nobody in the cast is one of those. */
export async function addSam(t: TestPortal): Promise<void> {
  const now = t.clock.now;
  await t.rows(
    "insert into users (id, email, name, password_hash, created_at) select 'usr_sam', 'sam@example.com', 'Sam Ostrander', password_hash, ? from users where email = 'dana@example.com'",
    now,
  );
  await t.rows(
    "insert into memberships (user_id, account_id, role, created_at, active_since) select 'usr_sam', id, 'service', ?, 0 from accounts where number = 'CR-10021'",
    now,
  );
}

/** What the addresses of an account hold: an invoice's number, and the id of a payment that has a receipt. */
export type Samples = { invoice: string; payment: string };

export const NOBODYS: Samples = { invoice: "INV-99999999", payment: "pay_00000000000000000000" };

export async function samplesOf(t: TestPortal, account: string): Promise<Samples> {
  const [sample] = await t.rows<Samples>(
    `select (select number from invoices where account_id = a.id and status = 'sent' order by issued_on desc limit 1) invoice,
       (select id from payments where account_id = a.id and state = 'settled' order by paid_on desc, id desc limit 1) payment
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
  const { rows } = await bluebonnet.execute("select id from payments where state = 'settled' order by id limit 1");
  return { invoice: "INV-77001", payment: String(rows[0]!.id) };
}

/** Knocks at a door as a browser would, with what its parameter names. */
export function knock(browser: TestBrowser, name: string, door: Door, samples: Samples, query = "") {
  const address = addressOf(name, door.names ? samples[door.names] : "x") + query;
  return methodOf(name) === "GET" ? browser.get(address) : browser.post(address, door.form ?? {});
}

/** A page without what is minted for each view: form tokens, the next payment's id, the request's number. */
export const asDrawn = (html: string): string =>
  html
    .replace(/(name="form_token" value=")[^"]*/g, "$1…")
    .replace(/(name="payment_id" value=")[^"]*/g, "$1…")
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
