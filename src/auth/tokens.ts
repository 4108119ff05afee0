import { and, eq, gt, isNull, sql } from "drizzle-orm";
import { accounts, tokens, users } from "../../db/schema.ts";
import { mustHaveChanged, type Write } from "../batch.ts";
import { DAY, type Instant } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { fromBase64url, hmac, inFours, legible, newId, sha256 } from "../ids.ts";
import { type Given, read } from "../reads.ts";

/** Links in mails: each lets its reader do one thing, once, for a while. */

export type Purpose = (typeof tokens.$inferSelect)["purpose"];

/** How long a link works. */
export const LIFETIME_SECONDS: Record<Purpose, number> = {
  registration: DAY,
  temporary: 3 * DAY,
  password: DAY,
  invitation: 14 * DAY,
  email: DAY,
};

/** The secret that stands in a link: made from the id and our own secret, so that a mail can be written from ids alone. */
export const linkSecret = (signingSecret: string, tokenId: string): string => hmac(signingSecret, `link ${tokenId}`);

/** A password to be typed off a mail once: three groups of four, 60 bits, made as the link is. */
export function temporaryPassword(signingSecret: string, tokenId: string): string {
  const made = fromBase64url(hmac(signingSecret, `temporary password ${tokenId}`))!;
  return inFours(legible(made.slice(0, 12)));
}

/**
 * A new link for a user and, where the purpose is about one, an account. Its writes end the older ones of the same kind:
 * asking again replaces. `userId` may be SQL that finds the user within the same commit.
 */
export async function newLink(
  deps: Deps,
  link: { purpose: Purpose; userId: string; accountId: string | null; email: string },
): Promise<{ id: string; writes: Write[] }> {
  const { db, now, signingSecret } = deps;
  const id = newId("tok", now);
  const hash = await sha256(linkSecret(signingSecret, id));
  return {
    id,
    writes: [
      endLinks(now, link),
      db.insert(tokens).values({ id, hash, createdAt: now, expiresAt: now + LIFETIME_SECONDS[link.purpose], ...link }),
    ],
  };
}

/** Ends the links of one kind that a user has for one account, unused as they are. */
const endLinks = (
  now: Instant,
  { purpose, userId, accountId }: { purpose: Purpose; userId: string; accountId: string | null },
): Write =>
  sql`update tokens set ended_at = ${now} where user_id = ${userId} and purpose = ${purpose}
      and account_id is ${accountId} and ended_at is null`;

/** The link that a secret belongs to, as long as it works, with whom and what it is for. */
export const linkInHand = read((db, _: null, hash: Given<string>, now: Given<Instant>) =>
  db
    .select({
      id: tokens.id,
      purpose: tokens.purpose,
      email: tokens.email,
      userId: tokens.userId,
      userEmail: users.email,
      userName: users.name,
      twoStepSince: users.twoStepSince,
      hasPassword: sql<boolean>`${users.passwordHash} is not null`.mapWith(Boolean),
      accountId: tokens.accountId,
      accountName: accounts.name,
      accountNumber: accounts.number,
    })
    .from(tokens)
    .innerJoin(users, eq(users.id, tokens.userId))
    .leftJoin(accounts, eq(accounts.id, tokens.accountId))
    .where(and(eq(tokens.hash, hash), isNull(tokens.endedAt), gt(tokens.expiresAt, now)))
    .limit(1),
);

export type LinkInHand = {
  id: string;
  purpose: Purpose;
  email: string;
  userId: string;
  userEmail: string;
  userName: string;
  twoStepSince: number | null;
  hasPassword: boolean;
  accountId: string | null;
  accountName: string | null;
  accountNumber: string | null;
};

/** Uses a link up, in the commit of what it is for; when it was used, ended or has run out, nothing of that happens. */
export const useLink = (now: Instant, id: string): Write[] => [
  sql`update tokens set ended_at = ${now} where id = ${id} and ended_at is null and expires_at > ${now}`,
  mustHaveChanged("link_usable"),
];
