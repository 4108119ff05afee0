import type { InStatement } from "@libsql/client/http";
import { BLUEBONNET } from "../../db/cast.ts";
import type { Db } from "../../db/client.ts";
import { settings } from "../../db/schema.ts";
import { type LocalDate, plusDays } from "../../src/calendar.ts";
import { written } from "./customers.ts";

/** Customers with autopay, their last three months' drafts, and the draft or the invoice that comes next. */

const A_BATCH = 2_000;
const EVENT = "bench";
const MONTHS = 3;

export type Crowd = {
  /** The number of the first, which no other crowd of the same database has. */
  from: number;
  count: number;
  today: LocalDate;
  now: number;
  /** `due`: announced, noticed, to be drawn today. `to_announce`: invoiced, and its notice goes out today. */
  next: "due" | "to_announce";
  /** Without an address nobody is written to. */
  addresses: boolean;
};

/** Fills an empty, migrated database with the dealer. */
export async function writeDealer(db: Db, now: number): Promise<void> {
  await db.insert(settings).values({ id: 1, ...BLUEBONNET.settings });
  await db.$client.execute({
    sql: "insert into events (key, action, by, at) values (?, ?, ?, ?)",
    args: [EVENT, EVENT, EVENT, now],
  });
}

/** Adds customers, some thousand to a batch. */
export async function writeCrowd(db: Db, crowd: Crowd): Promise<void> {
  for (let from = crowd.from; from < crowd.from + crowd.count; from += A_BATCH) {
    const count = Math.min(A_BATCH, crowd.from + crowd.count - from);
    await written(db, statements({ ...crowd, from, count }));
  }
}

function statements({ from, count, today, now, next, addresses }: Crowd): InStatement[] {
  const everybody = `with recursive c(n) as (select :from union all select n + 1 from c where n < :from + :count - 1)`;
  // Month 0 is the one that comes next.
  const months = `${everybody}, m(i) as (select 1 union all select i + 1 from m where i < ${MONTHS})`;
  const id = (prefix: string, month = "") => `'${prefix}_' || printf('%020d', c.n)${month && ` || '-' || ${month}`}`;
  const cents = "(4495 + (c.n % 7) * 100)";
  const draftOn = next === "due" ? today : plusDays(today, 13);
  const args = { from, count, now, on: draftOn, day: Number(draftOn.slice(8)) };
  const on = `date(:on, '-' || m.i || ' months')`;
  const draftId = (day: string) => `'drf_' || printf('%020d', c.n) || '_' || substr(${day}, 1, 7)`;
  const told = (
    day: string,
  ) => `(id, dedupe_key, account_id, channel, kind, subject_id, address, state, queued_at, sent_at)
       select 'msg_' || ${draftId(day)}, 'draft_announced:' || ${draftId(day)}, ${id("acc")}, 'email', 'draft_announced', ${draftId(day)},
         'c' || c.n || '@example.com', 'sent', :now, :now`;
  const all = [
    `${everybody} insert into accounts (id, number, name, email, status, registration_key, stripe_customer_id, created_at)
       select ${id("acc")}, 'B-' || c.n, 'Customer ' || c.n, ${addresses ? "'c' || c.n || '@example.com'" : "null"}, 'active',
         'KEY' || c.n, 'cus_' || c.n, :now from c`,
    `${everybody} insert into users (id, email, name, created_at)
       select ${id("usr")}, 'c' || c.n || '@example.com', 'Person ' || c.n, :now from c`,
    `${everybody} insert into memberships (user_id, account_id, role, created_at, active_since)
       select ${id("usr")}, ${id("acc")}, 'owner', :now, ${addresses ? ":now" : "null"} from c`,
    `${everybody} insert into payment_methods (id, account_id, kind, brand, last_four, expires_month, expires_year, stripe_payment_method_id, is_default, saved_at)
       select ${id("pm")}, ${id("acc")}, 'card', 'visa', '4242', 12, 2031, 'pm_' || c.n, 1, :now from c`,
    `${everybody} insert into agreements (id, account_id, user_id, kind, text, text_hash, language, address, user_agent, payment_method_id, at)
       select ${id("agr")}, ${id("acc")}, ${id("usr")}, 'autopay', 'I agree.', 'hash', 'en', '127.0.0.1', 'bench', ${id("pm")}, :now from c`,
    `${everybody} insert into autopay (account_id, payment_method_id, draft_day, agreement_id, started_at)
       select ${id("acc")}, ${id("pm")}, :day, ${id("agr")}, :now from c`,
    `${months} insert into invoices (id, account_id, number, kind, status, issued_on, due_on, total_cents, allocated_cents)
       select ${id("inv", "m.i")}, ${id("acc")}, c.n || '-' || m.i, 'recurring', 'sent', date(${on}, '-20 days'), ${on}, ${cents}, ${cents} from c, m`,
    `${months} insert into payments (id, account_id, origin, number, kind, brand, last_four, payment_method_id, amount_cents, allocated_cents, state, started_at, paid_on, closed_at)
       select ${id("pay", "m.i")}, ${id("acc")}, 'import', 'P' || c.n || '-' || m.i, 'card', 'visa', '4242', ${id("pm")}, ${cents}, ${cents}, 'settled',
         :now, ${on}, :now from c, m`,
    `${months} insert into allocations (invoice_id, payment_id, amount_cents, at, event_key)
       select ${id("inv", "m.i")}, ${id("pay", "m.i")}, ${cents}, :now, '${EVENT}' from c, m`,
    `${months} insert into drafts (id, account_id, draft_on, payment_method_id, max_cents, state, announced_at, notice_sent_at, tries)
       select ${draftId(on)}, ${id("acc")}, ${on}, ${id("pm")}, ${cents}, 'settled', :now - m.i * 2592000, :now - m.i * 2592000, 1 from c, m`,
    `${months} insert into messages ${told(on)} from c, m`,
    `${months} insert into draft_items (draft_id, invoice_id, max_cents) select ${draftId(on)}, ${id("inv", "m.i")}, ${cents} from c, m`,
    `${months} insert into draft_payments (draft_id, try_number, payment_id) select ${draftId(on)}, 1, ${id("pay", "m.i")} from c, m`,
    // What those days came to, so that the next is nothing out of the ordinary.
    `${months} insert into events (key, action, by, at, detail)
       select 'drafts.weighed:' || ${on}, 'drafts.weighed', 'autopay', :now, json_object('cents', sum${cents}) from c, m where true group by m.i
       on conflict (key) do update set detail = json_object('cents', (detail ->> 'cents') + (excluded.detail ->> 'cents'))`,
    `${everybody} insert into invoices (id, account_id, number, kind, status, issued_on, due_on, total_cents)
       select ${id("inv", "0")}, ${id("acc")}, c.n || '-0', 'recurring', 'sent', date(:on, '-20 days'), :on, ${cents} from c`,
    `${everybody} insert into invoice_lines (invoice_id, position, description, quantity_thousandths, unit_cents, amount_cents)
       select ${id("inv", "0")}, 1, 'Monitoring', 1000, ${cents}, ${cents} from c`,
  ];
  if (next === "due") {
    all.push(
      `${everybody} insert into drafts (id, account_id, draft_on, payment_method_id, max_cents, state, announced_at, notice_sent_at, next_try_on)
         select ${draftId(":on")}, ${id("acc")}, :on, ${id("pm")}, ${cents}, 'announced', :now - 1123200, :now - 1123200, :on from c`,
      `${everybody} insert into messages ${told(":on")} from c`,
      `${everybody} insert into draft_items (draft_id, invoice_id, max_cents) select ${draftId(":on")}, ${id("inv", "0")}, ${cents} from c`,
    );
  }
  return all.map((sql) => ({
    sql,
    args: Object.fromEntries(Object.entries(args).filter(([name]) => sql.includes(`:${name}`))),
  }));
}
