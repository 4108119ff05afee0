import { sql } from "drizzle-orm";
import { accounts } from "../../db/schema.ts";
import type { LocalDate } from "../calendar.ts";
import { type Given, read, type UserScope } from "../reads.ts";
import { type Role, rolesWith } from "./roles.ts";

/** The accounts that one sign-in sees: its own, and those that its master accounts have. */

/** As many as one page lists. */
export const ACCOUNTS_PER_PAGE = 25;

// A role on the account itself goes before one on its master, and `min` picks its row.
const seen = (user: UserScope) => sql`(
  select account_id, role, min(via) via from (
    select account_id, role, 0 via from memberships where user_id = ${user} and active_since is not null
    union all
    select s.id, m.role, 1 from memberships m join accounts s on s.master_account_id = m.account_id
     where m.user_id = ${user} and m.active_since is not null)
  group by account_id)`;

const mayBeShown = sql`seen.role in ${rolesWith("see")}`;

// The same as the dashboard's balance: what is in an unfinished checkout is due as before.
const open = sql`status = 'sent' and allocated_cents < total_cents`;
const underWay = sql`case when held_cents = 0 then 0 else held_cents - (
  select coalesce(sum(h.amount_cents), 0) from holds h join payments p on p.id = h.payment_id
   where h.invoice_id = i.id and p.state = 'pending' and p.stripe_checkout_id is not null and p.checks = 0) end`;
const dueOf = (account: ReturnType<typeof sql>) => sql<number>`(
  select coalesce(sum(total_cents - allocated_cents - ${underWay}), 0) from invoices i where account_id = ${account} and ${open})`;
const pastDueOf = (account: ReturnType<typeof sql>, today: Given<LocalDate>) => sql<number>`(
  select coalesce(sum(total_cents - allocated_cents - ${underWay}), 0) from invoices i
   where account_id = ${account} and ${open} and due_on < ${today})`;

/** Each account with what is due there, by number from a cursor on; the money is null where the role may not see it. */
export const accountsSeen = read(
  (db, user: UserScope, today: Given<LocalDate>, after: Given<string>, limit: Given<number>) =>
    db
      .select({
        id: accounts.id,
        number: accounts.number,
        name: accounts.name,
        role: sql<Role>`seen.role`,
        dueCents: sql<number | null>`case when ${mayBeShown} then ${dueOf(sql`${accounts.id}`)} end`,
        pastDueCents: sql<number | null>`case when ${mayBeShown} then ${pastDueOf(sql`${accounts.id}`, today)} end`,
        masterName: sql<
          string | null
        >`case when seen.via then (select m.name from accounts m where m.id = ${accounts.masterAccountId}) end`,
      })
      .from(sql`${seen(user)} seen`)
      .innerJoin(accounts, sql`${accounts.id} = seen.account_id`)
      .where(sql`${accounts.number} > ${after}`)
      .orderBy(sql`${accounts.number}`)
      .limit(limit),
);

/** All of them summed up, as far as the user may see money. */
export const accountsTotal = read((db, user: UserScope, today: Given<LocalDate>) =>
  db
    .select({
      count: sql<number>`count(*)`,
      withMoney: sql<number>`coalesce(sum(${mayBeShown}), 0)`,
      dueCents: sql<number>`coalesce(sum(case when ${mayBeShown} then ${dueOf(sql`seen.account_id`)} end), 0)`,
      pastDueCents: sql<number>`coalesce(sum(case when ${mayBeShown} then ${pastDueOf(sql`seen.account_id`, today)} end), 0)`,
    })
    .from(sql`${seen(user)} seen`),
);
