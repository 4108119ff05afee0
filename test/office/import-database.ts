import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { type Client, createClient } from "@libsql/client";
import { migrate } from "drizzle-orm/libsql/migrator";
import { afterAll, afterEach, expect } from "vitest";
import { databaseOf } from "../../db/client.ts";
import { settings } from "../../db/schema.ts";
import { type ImportOptions, type ImportReport, runImport } from "../../src/office/import.ts";
import { decodeText } from "../../src/office/import-csv.ts";
import type { ImportFile, ImportRefusal } from "../../src/office/import-open.ts";

export const NOW = 1_795_000_000;

type Row = Record<string, string | number | null>;

/** What goes wrong on the way of the n-th write, if anything; it may also do something of its own just before. */
type Breaks = (write: number) => "before" | "after" | null | Promise<null>;

const open: { close(): Promise<void> }[] = [];
/** Every import leaves books that add up. */
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

/** A dealer's database in a file of its own, with settings and nothing else, and what a test does with it. */
export async function dealerDatabase(importStatus: "sent" | "unsent" = "sent") {
  const folder = mkdtempSync(join(tmpdir(), "keyholder-import-"));
  const url = `file:${join(folder, "dealer.db")}`;
  copyFileSync(await emptyDatabase(), join(folder, "dealer.db"));
  const client = createClient({ url });
  const line: { breaks: Breaks | null; writes: number } = {
    breaks: null,
    writes: 0,
  };
  const db = databaseOf(lined(client, line));
  await db.insert(settings).values({
    id: 1,
    name: "Cedar",
    phone: "(614) 555-0100",
    email: "office@example.com",
    line1: "1 Elm St",
    city: "Springvale",
    state: "OH",
    zip: "45000",
    remitTo: "Cedar",
    importStatus,
  });
  const rows = async (query: string): Promise<Row[]> =>
    (await client.execute(query)).rows.map((row) => ({ ...row }) as Row);
  const run = (files: ImportFile[], options: Partial<ImportOptions> = {}) =>
    runImport({ db, now: NOW }, files, { apply: false, by: "import", ...options });
  const t = {
    db,
    url,
    folder,
    line,
    rows,
    run,
    execute: (query: string) => client.execute(query),
    /** An import that must be readable. */
    async report(files: ImportFile[], options: Partial<ImportOptions> = {}): Promise<ImportReport> {
      const report = await run(files, options);
      if (!report.ok) throw new Error(report.sentences.join("\n"));
      return report;
    },
    load: (files: ImportFile[], options: Partial<ImportOptions> = {}) => t.report(files, { apply: true, ...options }),
    async refusal(files: ImportFile[], options: Partial<ImportOptions> = {}): Promise<ImportRefusal> {
      const refusal = await run(files, options);
      if (refusal.ok) throw new Error("it was let through");
      return refusal;
    },
    /** Every row of every table but the record of imports itself. */
    async everything(): Promise<Record<string, Row[]>> {
      const tables = (
        await rows("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%'")
      ).map((table) => String(table.name));
      const all: Record<string, Row[]> = {};
      for (const table of tables.filter((name) => !["imports", "__drizzle_migrations"].includes(name))) {
        const but = table === "events" ? "where action not in ('import.started', 'import.finished')" : "";
        all[table] = await rows(`select * from ${table} ${but} order by rowid`);
      }
      return all;
    },
    /** The dealer's records in the dealer's own numbers: what two imports must agree on, whatever ids they made. */
    async records(): Promise<Record<string, Row[]>> {
      return Object.fromEntries(
        await Promise.all(Object.entries(RECORDS).map(async ([name, query]) => [name, await rows(query)])),
      );
    },
    balance: async (customer: string) =>
      (
        await rows(`select
          (select coalesce(sum(total_cents - allocated_cents), 0) from invoices where account_id = a.id and status = 'sent') due,
          (select coalesce(sum(amount_cents - allocated_cents), 0) from payments where account_id = a.id and state = 'settled')
            + (select coalesce(sum(amount_cents - allocated_cents), 0) from credits where account_id = a.id) credit
          from accounts a where number = '${customer}'`)
      )[0] as { due: number; credit: number },
    async close() {
      line.breaks = null;
      try {
        for (const [promise, query] of Object.entries(BOOKS)) expect(await rows(query), promise).toEqual([]);
      } finally {
        client.close();
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
  open.push(t);
  return t;
}

/** Migrated once for each file of tests, and copied from then on. */
let template: Promise<string> | null = null;
const emptyDatabase = (): Promise<string> => {
  template ??= (async () => {
    const folder = mkdtempSync(join(tmpdir(), "keyholder-import-template-"));
    const client = createClient({ url: `file:${join(folder, "dealer.db")}` });
    await migrate(databaseOf(client), { migrationsFolder: "db/migrations" });
    client.close();
    return join(folder, "dealer.db");
  })();
  return template;
};
afterAll(async () => {
  if (template) rmSync(dirname(await template), { recursive: true, force: true });
});

export type DealerDatabase = Awaited<ReturnType<typeof dealerDatabase>>;

/** The small export that is kept beside this file; `make.mjs` of the design notes wrote it, wrong rows and all. */
export const sampleExport = (): ImportFile[] =>
  readdirSync("test/office/export")
    .filter((name) => name.endsWith(".csv"))
    .map((name) => ({ name, text: decodeText(readFileSync(join("test/office/export", name))) }));

/** A CSV file of a test, written as it is read. */
export const csv = (name: string, ...lines: string[]): ImportFile => ({ name, text: `${lines.join("\r\n")}\r\n` });

export const CUSTOMERS = "Customer #,Account Name,Email,Zip";
export const INVOICES = "Invoice #,Customer #,Invoice Date,Due Date,Status,Line,Description,Qty,Rate,Amount,Tax";
export const PAYMENTS = "Payment #,Customer #,Payment Date,Payment Type,Check/Card #,Amount,Invoice #,Applied";
export const CREDITS = "Credit #,Customer #,Date,Reason,Amount,Invoice #,Applied";

/** Breaks the line to the database at its n-th write, before the database acted or after, until it is mended. */
function lined(client: Client, line: { breaks: Breaks | null; writes: number }): Client {
  return new Proxy(client, {
    get(target, name) {
      if (name !== "batch") return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return async (statements: never, mode: string) => {
        const moment = mode === "write" ? ((await line.breaks?.(++line.writes)) ?? null) : null;
        if (moment === "before") throw new TypeError("fetch failed");
        const answer = await target.batch(statements, mode as "read");
        if (moment === "after") throw new TypeError("fetch failed");
        return answer;
      };
    },
  });
}

const BOOKS: Record<string, string> = {
  "an invoice's allocated money is the sum of its allocations":
    "select number from invoices i where allocated_cents <> (select coalesce(sum(amount_cents), 0) from allocations where invoice_id = i.id)",
  "a payment's allocated money is the sum of its allocations":
    "select number from payments p where allocated_cents <> (select coalesce(sum(amount_cents), 0) from allocations where payment_id = p.id)",
  "a credit's allocated money is the sum of its allocations":
    "select number from credits c where allocated_cents <> (select coalesce(sum(amount_cents), 0) from allocations where credit_id = c.id)",
  "an invoice's total is its lines and their tax":
    "select number from invoices i where exists (select 1 from invoice_lines where invoice_id = i.id) and total_cents <> (select coalesce(sum(amount_cents + tax_cents), 0) from invoice_lines where invoice_id = i.id)",
  "money stays within one account":
    "select i.number from allocations a join invoices i on i.id = a.invoice_id left join payments p on p.id = a.payment_id left join credits c on c.id = a.credit_id where i.account_id <> coalesce(p.account_id, c.account_id) group by a.invoice_id, a.payment_id, a.credit_id having sum(a.amount_cents) <> 0",
  "no guard keeps a row": "select rowid from guards",
  "every reference leads somewhere": "pragma foreign_key_check",
};

const RECORDS: Record<string, string> = {
  accounts:
    "select number, name, first_name, last_name, email, phone, mobile, line1, line2, city, state, zip, status, salesperson_email, registration_key, import_hash from accounts order by number",
  users: "select email, name, password_hash from users order by email",
  memberships:
    "select u.email, a.number, m.role from memberships m join users u on u.id = m.user_id join accounts a on a.id = m.account_id order by 1, 2",
  sites:
    "select a.number customer, s.number, s.name, s.line1, s.city, s.state, s.zip, s.phone, s.permit_number, s.permit_expires_on, s.import_hash from sites s join accounts a on a.id = s.account_id order by 2",
  systems:
    "select s.number site, y.cs_number, y.kind, y.panel, y.installed_on, y.monitored_since_on, y.services, y.communication, y.warranty_until_on, y.import_hash from systems y join sites s on s.id = y.site_id order by 2",
  zones:
    "select y.cs_number, z.number, z.name, z.kind, z.import_hash from zones z join systems y on y.id = z.system_id order by 1, 2",
  invoices:
    "select i.number, a.number customer, s.number site, i.kind, i.status, i.issued_on, i.due_on, i.total_cents, i.allocated_cents, i.held_cents, i.memo, i.import_hash from invoices i join accounts a on a.id = i.account_id left join sites s on s.id = i.site_id order by 1",
  lines:
    "select i.number, l.position, l.description, l.service_from_on, l.service_to_on, l.quantity_thousandths, l.unit_cents, l.amount_cents, l.tax_name, l.tax_cents from invoice_lines l join invoices i on i.id = l.invoice_id order by 1, 2",
  payments:
    "select p.number, a.number customer, p.origin, p.kind, p.brand, p.last_four, p.amount_cents, p.allocated_cents, p.state, p.paid_on, p.import_hash from payments p join accounts a on a.id = p.account_id order by 1",
  credits:
    "select c.number, a.number customer, c.reason, c.issued_on, c.amount_cents, c.allocated_cents, c.import_hash from credits c join accounts a on a.id = c.account_id order by 1",
  allocations:
    "select i.number invoice, p.number payment, c.number credit, sum(x.amount_cents) cents from allocations x join invoices i on i.id = x.invoice_id left join payments p on p.id = x.payment_id left join credits c on c.id = x.credit_id group by 1, 2, 3 having sum(x.amount_cents) <> 0 order by 1, 2, 3",
};
