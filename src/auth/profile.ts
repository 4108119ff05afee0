import { and, desc, eq, gt, isNull, sql } from "drizzle-orm";
import { accounts, sessions, signIns, tokens, users } from "../../db/schema.ts";
import type { Instant } from "../calendar.ts";
import { type AccountScope, type Given, read, type UserScope } from "../reads.ts";
import type { Contact } from "./contact-rules.ts";

/** How many sign-ins their owner is shown. */
const SHOWN = 20;

/** Whoever is signed in, as they see themselves. */
export const ownUser = read((db, user: UserScope) =>
  db
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      language: users.language,
      twoStepSince: users.twoStepSince,
      hasPassword: sql<boolean>`${users.passwordHash} is not null`.mapWith(Boolean),
    })
    .from(users)
    .where(eq(users.id, user)),
);

/** The browsers in which the user is signed in, the newest first. */
export const ownSessions = read((db, user: UserScope, now: Given<Instant>) =>
  db
    .select({ id: sessions.id, device: sessions.device, createdAt: sessions.createdAt })
    .from(sessions)
    .where(and(eq(sessions.userId, user), gt(sessions.expiresAt, now)))
    .orderBy(desc(sessions.createdAt))
    .limit(50),
);

/** The user's last sign-ins. */
export const ownSignIns = read((db, user: UserScope) =>
  db
    .select({ at: signIns.at, how: signIns.how, device: signIns.device })
    .from(signIns)
    .where(eq(signIns.userId, user))
    .orderBy(desc(signIns.at), desc(signIns.id))
    .limit(SHOWN),
);

/** The address that the user wants to sign in with and has not confirmed yet. */
export const addressToConfirm = read((db, user: UserScope, now: Given<Instant>) =>
  db
    .select({ email: tokens.email })
    .from(tokens)
    .where(and(eq(tokens.userId, user), eq(tokens.purpose, "email"), isNull(tokens.endedAt), gt(tokens.expiresAt, now)))
    .limit(1),
);

/** The contact details of the account in view. */
export const contactOf = read((db, account: AccountScope) =>
  db
    .select({
      phone: sql<string>`coalesce(${accounts.phone}, '')`,
      mobile: sql<string>`coalesce(${accounts.mobile}, '')`,
      email: sql<string>`coalesce(${accounts.email}, '')`,
      line1: accounts.line1,
      line2: accounts.line2,
      city: accounts.city,
      state: accounts.state,
      zip: accounts.zip,
      paperless: sql<string>`iif(${accounts.paperless}, 'yes', 'no')`,
    } satisfies Record<keyof Contact, unknown>)
    .from(accounts)
    .where(eq(accounts.id, account)),
);

/** How a form names one of a user's browsers: enough of the session's id to tell it from the others, too little to be it. */
export const sessionHandle = (id: string): string => id.slice(0, 16);
