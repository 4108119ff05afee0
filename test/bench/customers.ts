import { setTimeout as wait } from "node:timers/promises";
import type { InStatement } from "@libsql/client/http";
import { BLUEBONNET } from "../../db/cast.ts";
import type { Db } from "../../db/client.ts";
import { settings } from "../../db/schema.ts";
import { sha256 } from "../../src/ids.ts";

/** A customer with a number of invoices over two years, some of them open, and a session that is signed in. */
export type Customer = { name: string; number: string; invoices: number; open: number; token: string };

const MONTHS = 24;
const CROWD = 1_000;
/** sqld takes the right to write away after five seconds. */
const AT_ONCE = 100;
const EVENT = "bench";

const customer = (index: number, invoices: number, open: number): Customer => ({
  name: open === invoices ? `${invoices} open` : `${invoices}, ${open} open`,
  number: `B-${String(index).padStart(5, "0")}`,
  invoices,
  open,
  token: String(index).padStart(43, "A"),
});

/** Those whose pages are measured: few and many invoices, nearly all paid and all open. */
export const MEASURED: Customer[] = [24, 240, 2400].flatMap((invoices, i) => [
  customer(2 * i + 1, invoices, 3),
  customer(2 * i + 2, invoices, invoices),
]);

/** Whoever of them has so many invoices, and so many of them open. */
export const measured = (invoices: number, open: number): Customer =>
  MEASURED.find((one) => one.invoices === invoices && one.open === open)!;

/**
 * Fills an empty, migrated database with one dealer, the customers above and a thousand others with 24 invoices, all with
 * sites, lines, payments and allocations that add up. A customer with more invoices has more sites, billed every month.
 */
export async function writeCustomers(db: Db, now: number): Promise<void> {
  const crowd = Array.from({ length: CROWD }, (_, i) => customer(100 + i, MONTHS, i % 3));
  const all = [...MEASURED, ...crowd];
  const sessions = await Promise.all(MEASURED.map(async ({ token }) => sha256(token)));
  const rows = all.map(({ number, invoices, open }, i) => [
    number,
    invoices,
    open,
    invoices / MONTHS,
    sessions[i] ?? `crowd ${number}`,
  ]);
  await db.insert(settings).values({ id: 1, ...BLUEBONNET.settings });
  const event = "insert into events (key, action, by, at) values (?, ?, ?, ?)";
  await db.$client.execute(event, [EVENT, EVENT, EVENT, now]);
  for (let i = 0; i < rows.length; i += AT_ONCE) {
    await written(db, statements(JSON.stringify(rows.slice(i, i + AT_ONCE)), now));
  }
}

/** What the database is too busy for is sent again: its checkpoints keep writers out. */
export async function written(db: Db, batch: InStatement[], again = 20): Promise<void> {
  try {
    await db.$client.batch(batch, "write");
  } catch (error) {
    if (again === 0 || !String(error).includes("SQLITE_BUSY")) throw error;
    await wait(100);
    await written(db, batch, again - 1);
  }
}

function statements(rows: string, now: number): InStatement[] {
  const people = `(select value->>0 number, value->>1 invoices, value->>2 open, value->>3 sites, value->>4 session from json_each(:rows)) p`;
  const counted = `with recursive n(i) as (select 0 union all select i + 1 from n where i < 2399)`;
  const each = `from ${people} join n on n.i < p.invoices`;
  const id = (prefix: string) => `'${prefix}_' || substr('00000000000000' || p.number || '-' || n.i, -20)`;
  const issued = `date(:now, 'unixepoch', 'start of month', '-' || (n.i / p.sites) || ' months')`;
  const cents = "(4495 + (n.i % 7) * 100)";
  const paid = "n.i >= p.open";
  return [
    `insert into accounts (id, number, name, line1, city, state, zip, status, registration_key, stripe_customer_id, created_at)
       select 'acc_' || p.number, p.number, 'Customer ' || p.number, '1 Example St', 'Springvale', 'OH', '45000', 'active',
         'KEY' || p.number, 'cus_' || p.number, :now from ${people}`,
    `insert into users (id, email, name, created_at)
       select 'usr_' || p.number, lower(p.number) || '@example.com', 'Person ' || p.number, :now from ${people}`,
    `insert into memberships (user_id, account_id, role, created_at, active_since)
       select 'usr_' || p.number, 'acc_' || p.number, 'owner', :now, :now from ${people}`,
    `insert into sessions (id, user_id, account_id, created_at, expires_at)
       select p.session, 'usr_' || p.number, 'acc_' || p.number, :now, :now + 30 * 86400 from ${people}`,
    `insert into payment_methods (id, account_id, kind, brand, last_four, expires_month, expires_year, stripe_payment_method_id, is_default, saved_at)
       select 'pm_' || p.number, 'acc_' || p.number, 'card', 'visa', '4242', 12, 2031, 'pm_' || p.number, 1, :now from ${people}`,
    `${counted} insert into sites (id, account_id, number, name, line1, city, state, zip)
       select ${id("site")}, 'acc_' || p.number, p.number || '-' || n.i, 'Store ' || (n.i + 1), (n.i + 1) || ' Example St', 'Springvale', 'OH', '45000'
       from ${people} join n on n.i < p.sites`,
    `${counted} insert into invoices (id, account_id, site_id, number, kind, status, issued_on, due_on, total_cents, allocated_cents)
       select ${id("inv")}, 'acc_' || p.number, ${id("site").replace("n.i", "(n.i % p.sites)")}, p.number || '-' || n.i, 'recurring', 'sent',
         ${issued}, date(${issued}, '+20 days'), ${cents}, case when ${paid} then ${cents} else 0 end ${each}`,
    `${counted} insert into invoice_lines (invoice_id, position, description, quantity_thousandths, unit_cents, amount_cents)
       select ${id("inv")}, 1, 'Monitoring', 1000, ${cents}, ${cents} ${each}`,
    `${counted} insert into payments (id, account_id, origin, number, kind, brand, last_four, amount_cents, allocated_cents, state, started_at, paid_on, closed_at)
       select ${id("pay")}, 'acc_' || p.number, 'import', 'P' || p.number || '-' || n.i, 'card', 'visa', '4242', ${cents}, ${cents}, 'settled',
         :now, date(${issued}, '+9 days'), :now ${each} where ${paid}`,
    `${counted} insert into allocations (invoice_id, payment_id, amount_cents, at, event_key)
       select ${id("inv")}, ${id("pay")}, ${cents}, :now, '${EVENT}' ${each} where ${paid}`,
  ].map((sql) => ({
    sql,
    args: { ...(sql.includes(":rows") ? { rows } : {}), ...(sql.includes(":now") ? { now } : {}) },
  }));
}
