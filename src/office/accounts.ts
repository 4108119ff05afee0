import { asc, desc, eq, sql } from "drizzle-orm";
import { accounts, events, memberships, registrations, users } from "../../db/schema.ts";
import type { Instant } from "../calendar.ts";
import { type Given, read, type StaffScope } from "../reads.ts";

/** How many accounts a search shows; more means to type more. */
export const FOUND_AT_MOST = 50;

/** Accounts whose name, number or e-mail holds what was typed, by name. */
export const accountsFound = read((db, staff: StaffScope, words: Given<string>) =>
  db
    .select({ number: accounts.number, name: accounts.name, email: accounts.email, status: accounts.status })
    .from(accounts)
    .where(
      sql`${staff} and instr(lower(${accounts.name} || ' ' || ${accounts.number} || ' ' || coalesce(${accounts.email}, '')), lower(${words})) > 0`,
    )
    .orderBy(asc(accounts.name), asc(accounts.number))
    .limit(FOUND_AT_MOST + 1),
);

/** One account as the office sees it, by its number. */
export const accountForOffice = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select({
      id: accounts.id,
      number: accounts.number,
      name: accounts.name,
      status: accounts.status,
      email: accounts.email,
      phone: accounts.phone,
      line1: accounts.line1,
      line2: accounts.line2,
      city: accounts.city,
      state: accounts.state,
      zip: accounts.zip,
      paperless: accounts.paperless,
      cardPayments: accounts.cardPayments,
      registrationKey: accounts.registrationKey,
      masterNumber: sql<string | null>`(select m.number from accounts m where m.id = accounts.master_account_id)`,
    })
    .from(accounts)
    .where(sql`${staff} and ${accounts.number} = ${number}`)
    .limit(1),
);

/** Who may see an account: since when, and when they last signed in. */
export const usersForOffice = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select({
      id: users.id,
      name: users.name,
      email: users.email,
      role: memberships.role,
      activeSince: memberships.activeSince,
      hasPassword: sql<boolean>`${users.passwordHash} is not null`.mapWith(Boolean),
      twoStep: sql<boolean>`${users.twoStepSince} is not null`.mapWith(Boolean),
      lastSignInAt: sql<number | null>`(select max(at) from sign_ins where user_id = ${users.id})`,
      invitedAt: sql<
        number | null
      >`(select max(created_at) from tokens where user_id = ${users.id} and purpose in ('invitation', 'registration', 'temporary') and account_id = ${memberships.accountId} and ended_at is null)`,
    })
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(sql`${staff} and ${memberships.accountId} = (select id from accounts where number = ${number})`)
    .orderBy(asc(memberships.createdAt), asc(users.email))
    .limit(100),
);

/** The accounts that an account is the master of. */
export const subAccounts = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select({ number: accounts.number, name: accounts.name })
    .from(accounts)
    // The words of the partial index.
    .where(
      sql`${staff} and master_account_id is not null and ${accounts.masterAccountId} = (select id from accounts m where m.number = ${number})`,
    )
    .limit(200),
);

/** What was done about an account until now, newest first, but for the portal's own tries and questions. */
export const eventsOf = read((db, staff: StaffScope, number: Given<string>, now: Given<Instant>) =>
  db
    .select({
      action: events.action,
      at: events.at,
      by: events.by,
      byName: sql<string | null>`(select u.name from users u where u.id = events.by)`,
      detail: events.detail,
      aboutUser: sql<string | null>`(select u.name from users u where u.id = events.detail ->> 'user')`,
    })
    .from(events)
    .where(
      sql`${staff} and ${events.accountId} = (select id from accounts where number = ${number}) and ${events.at} <= ${now}
        and ${events.action} not in ('message.tried', 'message.waits', 'payment.checked', 'refund.checked', 'setup.checked')`,
    )
    .orderBy(desc(events.at))
    .limit(20),
);

/** Who asked to be let in: those that wait for the office first, then the newest. */
export const registrationsForOffice = read((db, staff: StaffScope) =>
  db
    .select({
      id: registrations.id,
      number: accounts.number,
      accountName: accounts.name,
      onFile: accounts.email,
      email: registrations.email,
      name: registrations.name,
      phone: registrations.phone,
      differs: registrations.differs,
      state: registrations.state,
      createdAt: registrations.createdAt,
    })
    .from(registrations)
    .innerJoin(accounts, eq(accounts.id, registrations.accountId))
    .where(sql`${staff}`)
    .orderBy(desc(registrations.createdAt), desc(registrations.id))
    .limit(100),
);

/** Those that wait, oldest first. */
export const registrationsWaiting = read((db, staff: StaffScope) =>
  db
    .select({
      id: registrations.id,
      number: accounts.number,
      accountName: accounts.name,
      email: registrations.email,
      name: registrations.name,
      phone: registrations.phone,
      differs: registrations.differs,
      createdAt: registrations.createdAt,
    })
    .from(registrations)
    .innerJoin(accounts, eq(accounts.id, registrations.accountId))
    .where(sql`registrations.state = 'waiting' and ${staff}`)
    .orderBy(asc(registrations.createdAt), asc(registrations.id))
    .limit(100),
);
