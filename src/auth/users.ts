import { asc, eq, sql } from "drizzle-orm";
import { memberships, users } from "../../db/schema.ts";
import type { Instant } from "../calendar.ts";
import { type AccountScope, type Given, read } from "../reads.ts";
import { MOST_USERS } from "./invite-user.ts";

/** Where a user stands: since when the account is open to them, else when they were invited and whether that still holds. */
const listed = (now: Given<Instant>) => ({
  id: users.id,
  name: users.name,
  email: users.email,
  role: memberships.role,
  activeSince: memberships.activeSince,
  lastSignInAt: sql<number | null>`(select max(at) from sign_ins where user_id = ${users.id})`,
  invitedAt: sql<number | null>`(select max(created_at) from tokens where user_id = ${users.id}
    and purpose = 'invitation' and account_id = ${memberships.accountId} and ended_at is null and expires_at > ${now})`,
  /** They asked to be let in themselves, and have a link that they have not used. */
  isRegistering:
    sql<boolean>`exists (select 1 from tokens where user_id = ${users.id} and purpose in ('registration', 'temporary')
    and account_id = ${memberships.accountId} and ended_at is null and expires_at > ${now})`.mapWith(Boolean),
});

/** Everybody on the account, owners first, those who have not accepted among them. */
export const usersOf = read((db, account: AccountScope, now: Given<Instant>) =>
  db
    .select(listed(now))
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(eq(memberships.accountId, account))
    .orderBy(sql`${memberships.role} <> 'owner'`, asc(users.email))
    .limit(MOST_USERS + 50),
);

/** One of them. */
export const userOf = read((db, account: AccountScope, userId: Given<string>, now: Given<Instant>) =>
  db
    .select(listed(now))
    .from(memberships)
    .innerJoin(users, eq(users.id, memberships.userId))
    .where(sql`${memberships.userId} = ${userId} and ${memberships.accountId} = ${account}`)
    .limit(1),
);

/** The account that this one belongs to, if there is one: its users see this one too. A row with its id. */
export const masterOf = read((db, account: AccountScope) =>
  db
    .select({ id: sql<string | null>`(select master_account_id from accounts where id = ${account})` })
    .from(sql`(select 1)`),
);
