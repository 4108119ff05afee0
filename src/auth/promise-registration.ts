import { and, eq, getTableColumns, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { accessSettings, accounts, memberships, users } from "../../db/schema.ts";
import type { Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { letterTo, type PromisedLetter } from "../messaging/promise-letter.ts";
import { read } from "../reads.ts";
import { newLink } from "./tokens.ts";

/** How people get in to this dealer's portal. */
export const waysIn = read((db, _: null) => db.select().from(accessSettings).where(eq(accessSettings.id, 1)));

/** Accounts, each with whoever signs in with its e-mail on file, and whether the account is open to them. */
export const accountsToOpen = (db: Db) =>
  db
    .select({
      ...getTableColumns(accounts),
      email: sql<string | null>`lower(${accounts.email})`,
      userId: users.id,
      hasPassword: sql<boolean>`${users.passwordHash} is not null`.mapWith(Boolean),
      active: sql<boolean>`${memberships.activeSince} is not null`.mapWith(Boolean),
    })
    .from(accounts)
    .leftJoin(users, eq(users.email, sql`lower(${accounts.email})`))
    .leftJoin(memberships, and(eq(memberships.userId, users.id), eq(memberships.accountId, accounts.id)))
    // More accounts than this have no e-mail in common, or it opens those that it does not yet open when asked again.
    .limit(100)
    .$dynamic();

/** An account that is to be opened, and what is known of whoever signs in with the e-mail that it goes by. */
export type ToOpen = {
  id: string;
  name: string;
  firstName: string;
  lastName: string;
  /** Null where nobody signs in with that e-mail yet. */
  userId: string | null;
  hasPassword: boolean;
  active: boolean;
};

/** A letter that is owed: `writes` for the commit that owes it. */
type Promised = { writes: Write[]; letter: PromisedLetter };

/** Whether somebody has no need to register any more: they have a password, and it opens the account. */
export const isRegistered = ({ hasPassword, active }: ToOpen): boolean => hasPassword && active;

/**
 * The letter that lets somebody in, as writes for the commit that grants it. They become the account's owner once they
 * have set a password. Only somebody who has none is sent a temporary one. `alsoOpens` are further accounts of theirs.
 */
export async function promiseRegistration(
  deps: Deps,
  account: ToOpen,
  how: { email: string; firstPassword: "link" | "temporary"; language: "en" | "es" | null; alsoOpens?: string[] },
): Promise<Promised> {
  const { db, now } = deps;
  const { email, language } = how;
  const userId = account.userId ?? newId("usr", now);
  const temporary = how.firstPassword === "temporary" && !account.hasPassword;
  const promised = await promiseLink(deps, { userId, accountId: account.id, email, temporary });
  const name = `${account.firstName} ${account.lastName}`.trim() || account.name;
  const opens = [account.id, ...(how.alsoOpens ?? [])];
  return {
    writes: [
      // Whoever came with an import is a user already, but was never asked what they read.
      db
        .insert(users)
        .values({ id: userId, email, name, language, createdAt: now })
        .onConflictDoUpdate({
          target: users.email,
          set: { language: sql`iif(password_hash is null, coalesce(language, excluded.language), language)` },
        }),
      db
        .insert(memberships)
        .values(opens.map((accountId) => ({ userId, accountId, role: "owner" as const, createdAt: now })))
        .onConflictDoNothing(),
      ...promised.writes,
    ],
    letter: promised.letter,
  };
}

/** The letter alone, for a user who has the account already but for a password. */
export async function promiseLink(
  deps: Deps,
  p: { userId: string; accountId: string | null; email: string; temporary?: boolean },
): Promise<Promised> {
  const { userId, accountId, email, temporary = false } = p;
  const purpose = temporary ? "temporary" : "registration";
  const kind = temporary ? "temporary_password" : "registration";
  const link = await newLink(deps, { purpose, userId, accountId, email });
  const letter = letterTo(deps, { kind, subjectId: link.id, userId, accountId, address: email });
  return { writes: [...link.writes, letter.promise()], letter };
}

/** What whoever is registered already gets instead: a link to a new password, in case the old one was forgotten. */
export async function promiseReset(deps: Deps, userId: string, email: string): Promise<Promised> {
  const link = await newLink(deps, { purpose: "password", userId, accountId: null, email });
  const to = { userId, accountId: null, address: email };
  const letter = letterTo(deps, { kind: "password_reset", subjectId: link.id, ...to });
  return { writes: [...link.writes, letter.promise()], letter };
}
