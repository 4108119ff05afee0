import { asc, eq, type SQL, sql } from "drizzle-orm";
import { accounts, moneySettings } from "../../db/schema.ts";
import { type Instant, plusDays, startOfDay, zoneShifts } from "../calendar.ts";
import { type AccountScope, type Given, read } from "../reads.ts";
import type { Cursor } from "./invoices.ts";
import type { Period } from "./statement-rules.ts";

/** How much of its history a page shows, and how much a file holds at most. */
export const ENTRIES_PER_PAGE = 25;

/** What the reads of a statement ask with: days for what has a date, instants for what has none. */
export type Asked = { from: string; to: string; end: Instant; shifts: string };

/** Sorts after every day: a statement up to today also holds what is dated later, as the dashboard does. */
const LAST_DAY = "9999-12-31";

export function askedFor(period: Period, timeZone: string, now: Instant): Asked {
  const end = period.whole ? now : startOfDay(plusDays(period.to, 1), timeZone);
  return {
    from: period.from,
    to: period.whole ? LAST_DAY : period.to,
    end: period.whole ? Number.MAX_SAFE_INTEGER : end,
    shifts: JSON.stringify(zoneShifts(timeZone, startOfDay(period.from, timeZone), end)),
  };
}

/** The local day of an instant. */
const dayOf = (at: SQL, shifts: Given<string>): SQL =>
  sql`date(${at} + (select value ->> 1 from json_each(${shifts}) where value ->> 0 <= ${at} order by value ->> 0 desc limit 1), 'unixepoch')`;

/**
 * All that ever changed what the account owes, in cents that raise it, each with its day. `key` puts those of one day in
 * an order: invoices, payments, credits, money given back, money taken back. A refund counts from when it was asked for.
 */
const entries = (account: AccountScope, shifts: Given<string>): SQL => sql`(
  select issued_on as day, '1' || id as key, 'invoice' as kind, id, number, due_on, '' as method, '' as brand, '' as last_four, memo as note, total_cents as cents
    from invoices where account_id = ${account} and status = 'sent'
  union all
  select paid_on, '2' || id, 'payment', id, number, null, kind, brand, last_four, '', -amount_cents
    from payments where account_id = ${account} and state = 'settled'
  union all
  select issued_on, '3' || id, 'credit', id, number, null, '', '', '', reason, -amount_cents
    from credits where account_id = ${account}
  union all
  select ${dayOf(sql`r.at`, shifts)}, '4' || r.id, 'refund', p.id, p.number, null, p.kind, p.brand, p.last_four, '', r.amount_cents
    from payments p join refunds r on r.payment_id = p.id where p.account_id = ${account} and p.refunded_cents > 0 and r.state <> 'failed'
  union all
  select ${dayOf(sql`r.at`, shifts)}, '5' || r.id, 'return', p.id, p.number, null, p.kind, p.brand, p.last_four, '', r.taken_cents
    from payments p join returns r on r.payment_id = p.id where p.account_id = ${account} and p.returned_cents > 0 and r.taken_cents > 0
  ) e`;

type EntryKind = "invoice" | "payment" | "credit" | "refund" | "return";

/** The entries of a period from a cursor on, oldest first; one more than `limit`. */
export const entriesOf = (account: AccountScope, asked: Asked, after: Cursor | null, limit: number) =>
  entriesAfter(account, asked.shifts, asked.from, asked.to, ...cursor(after), limit + 1);

const cursor = (after: Cursor | null): [string, string] => (after ? [after.on, after.id] : ["", ""]);

const entriesAfter = read(
  (
    db,
    account: AccountScope,
    shifts: Given<string>,
    from: Given<string>,
    to: Given<string>,
    on: Given<string>,
    key: Given<string>,
    limit: Given<number>,
  ) =>
    db
      .select({
        on: sql<string>`e.day`,
        key: sql<string>`e.key`,
        kind: sql<EntryKind>`e.kind`,
        id: sql<string>`e.id`,
        number: sql<string | null>`e.number`,
        dueOn: sql<string | null>`e.due_on`,
        method: { kind: sql<string>`e.method`, brand: sql<string>`e.brand`, lastFour: sql<string>`e.last_four` },
        note: sql<string>`e.note`,
        cents: sql<number>`e.cents`,
      })
      .from(entries(account, shifts))
      .where(sql`e.day between ${from} and ${to} and (e.day, e.key) > (${on}, ${key})`)
      .orderBy(sql`e.day`, sql`e.key`)
      .limit(limit),
);

/**
 * What has changed the balance since the period began, in it, and in it up to the page; and what was billed, paid and
 * credited in it. Cents. From today's balance, which is at hand, they tell every earlier one: so nothing before the period
 * is read.
 */
export const sumsOf = (account: AccountScope, asked: Asked, after: Cursor | null) =>
  sums(account, asked.shifts, asked.from, asked.to, ...cursor(after));

const sums = read(
  (
    db,
    account: AccountScope,
    shifts: Given<string>,
    from: Given<string>,
    to: Given<string>,
    on: Given<string>,
    key: Given<string>,
  ) => {
    const within = (condition: SQL) =>
      sql<number>`coalesce(sum(e.cents) filter (where e.day <= ${to} and ${condition}), 0)`;
    return db
      .select({
        sinceCents: sql<number>`coalesce(sum(e.cents), 0)`,
        changedCents: within(sql`true`),
        beforePageCents: within(sql`(e.day, e.key) <= (${on}, ${key})`),
        billedCents: within(sql`e.kind = 'invoice'`),
        paidCents: within(sql`e.kind in ('payment', 'refund', 'return')`),
        creditedCents: within(sql`e.kind = 'credit'`),
      })
      .from(entries(account, shifts))
      .where(sql`e.day >= ${from}`);
  },
);

/** The balances of a statement, from the balance today. Cents. */
export function balancesOf(
  sums: { sinceCents: number; changedCents: number; beforePageCents: number },
  todayCents: number,
): { openingCents: number; broughtCents: number; closingCents: number } {
  const openingCents = todayCents - sums.sinceCents;
  return {
    openingCents,
    broughtCents: openingCents + sums.beforePageCents,
    closingCents: openingCents + sums.changedCents,
  };
}

/**
 * What covers an invoice by the end of a period. What the back office's books say was so from the day of the money on,
 * whenever they were loaded; what happened here, from when it happened.
 */
const covered = (
  to: Given<string>,
  end: Given<Instant>,
): SQL => sql`(select coalesce(sum(l.amount_cents), 0) from allocations l
  left join payments p on p.id = l.payment_id left join credits c on c.id = l.credit_id
  where l.invoice_id = i.id and coalesce(p.paid_on, c.issued_on) <= ${to} and (l.at < ${end} or l.event_key like 'import.%'))`;

/** Invoices with what was open of them at the end of a day that is past. */
const openAt = (account: AccountScope, to: Given<string>, end: Given<Instant>): SQL => sql`(
  select i.number, i.issued_on, i.due_on, i.total_cents, i.total_cents - ${covered(to, end)} as open_cents
    from invoices i where i.account_id = ${account} and i.status = 'sent' and i.issued_on <= ${to}) o`;

/** The same of those that are open now. */
const openNow = (account: AccountScope): SQL => sql`(
  select i.number, i.issued_on, i.due_on, i.total_cents, i.total_cents - i.allocated_cents as open_cents
    from invoices i where i.account_id = ${account} and i.status = 'sent' and i.allocated_cents < i.total_cents) o`;

const openItem = {
  number: sql<string>`o.number`,
  issuedOn: sql<string>`o.issued_on`,
  dueOn: sql<string>`o.due_on`,
  totalCents: sql<number>`o.total_cents`,
  openCents: sql<number>`o.open_cents`,
};

/** Open invoices at the end of a period, oldest due first, from a cursor (due date and number) on; one more than `limit`. */
export const openItemsOf = (account: AccountScope, asked: Asked, after: Cursor | null, limit: number) =>
  asked.to === LAST_DAY
    ? openItemsNow(account, ...cursor(after), limit + 1)
    : openItems(account, asked.to, asked.end, ...cursor(after), limit + 1);

const openItemsNow = read(
  (db, account: AccountScope, dueOn: Given<string>, number: Given<string>, limit: Given<number>) =>
    db
      .select(openItem)
      .from(openNow(account))
      .where(sql`(o.due_on, o.number) > (${dueOn}, ${number})`)
      .orderBy(sql`o.due_on`, sql`o.number`)
      .limit(limit),
);

const openItems = read(
  (
    db,
    account: AccountScope,
    to: Given<string>,
    end: Given<Instant>,
    dueOn: Given<string>,
    number: Given<string>,
    limit: Given<number>,
  ) =>
    db
      .select(openItem)
      .from(openAt(account, to, end))
      .where(sql`o.open_cents > 0 and (o.due_on, o.number) > (${dueOn}, ${number})`)
      .orderBy(sql`o.due_on`, sql`o.number`)
      .limit(limit),
);

/** The same summed up for each due date. Cents. */
export const openDaysOf = (account: AccountScope, asked: Asked) =>
  asked.to === LAST_DAY ? openDaysNow(account) : openDaysAt(account, asked.to, asked.end);

const openDay = { dueOn: sql<string>`o.due_on`, openCents: sql<number>`sum(o.open_cents)` };

const openDaysNow = read((db, account: AccountScope) =>
  db.select(openDay).from(openNow(account)).groupBy(sql`o.due_on`).orderBy(sql`o.due_on`),
);

const openDaysAt = read((db, account: AccountScope, to: Given<string>, end: Given<Instant>) =>
  db
    .select(openDay)
    .from(openAt(account, to, end))
    .groupBy(sql`o.due_on`)
    .orderBy(sql`o.due_on`),
);

/** Money that the back office has put on invoices which it has not sent yet: neither owed nor credit. Cents. */
export const setAsideOf = (account: AccountScope, asked: Asked) => setAside(account, asked.to, asked.end);

const setAside = read((db, account: AccountScope, to: Given<string>, end: Given<Instant>) =>
  db
    .select({ cents: sql<number>`coalesce(sum(${covered(to, end)}), 0)` })
    .from(sql`invoices i`)
    .where(sql`i.account_id = ${account} and i.status = 'unsent' and i.allocated_cents > 0`),
);

/** The balance today: what is open, less account credit and what is set aside. Cents. */
export const balanceNow = read((db, account: AccountScope) =>
  db
    .select({
      cents: sql<number>`(select coalesce(sum(total_cents - allocated_cents), 0) from invoices
          where account_id = ${account} and status = 'sent' and allocated_cents < total_cents)
        - (select coalesce(sum(amount_cents - allocated_cents - refunded_cents - returned_cents), 0) from payments
          where account_id = ${account} and state = 'settled' and amount_cents > allocated_cents + refunded_cents + returned_cents)
        - (select coalesce(sum(amount_cents - allocated_cents), 0) from credits
          where account_id = ${account} and amount_cents > allocated_cents)
        - (select coalesce(sum(allocated_cents), 0) from invoices
          where account_id = ${account} and status = 'unsent' and allocated_cents > 0)`,
    })
    .from(sql`(select 1)`),
);

/** To whom it is addressed, and how the dealer's statements are by themselves. */
export const addressedTo = read((db, account: AccountScope) =>
  db
    .select({
      name: accounts.name,
      number: accounts.number,
      line1: accounts.line1,
      line2: accounts.line2,
      city: accounts.city,
      state: accounts.state,
      zip: accounts.zip,
      kind: moneySettings.statementKind,
    })
    .from(accounts)
    .innerJoin(moneySettings, eq(moneySettings.id, 1))
    .where(eq(accounts.id, account))
    .orderBy(asc(accounts.id)),
);
