import { eq, sql } from "drizzle-orm";
import type { Db } from "../db/client.ts";
import { accounts, memberships, users } from "../db/schema.ts";
import { hashPassword } from "../src/auth/passwords.ts";
import { commit, readAll } from "../src/batch.ts";
import { newId } from "../src/ids.ts";

/** The shortest password worth trying the portal with. */
const SHORTEST = 8;

/**
 * Lets a customer who was imported sign in, on a developer's machine: gives the user with this e-mail (the account's own
 * when none is given) that password and the account, making the user when there is none. Answers what happened, or why
 * not, in a sentence.
 */
export async function givePassword(
  db: Db,
  now: number,
  asked: { number: string; email: string; password: string },
): Promise<string> {
  const { found } = await readAll(db, {
    found: db.select().from(accounts).where(eq(accounts.number, asked.number)).limit(1),
  });
  const account = found[0];
  if (!account) return `This dealer has no customer ${asked.number}.`;
  const email = (asked.email || account.email || "").toLowerCase();
  if (!email) return `${account.name} has no e-mail on file; give one.`;
  if (asked.password.length < SHORTEST) return `A password has at least ${SHORTEST} characters.`;
  const passwordHash = await hashPassword(asked.password);
  const key = `password.given:${account.id}:${now}:${crypto.randomUUID()}`;
  await commit(db, now, { key, action: "password.given", accountId: account.id, by: "town" }, [
    db
      .insert(users)
      .values({ id: newId("usr", now), email, name: account.name, passwordHash, createdAt: now })
      .onConflictDoUpdate({ target: users.email, set: { passwordHash } }),
    db
      .insert(memberships)
      .values({
        userId: sql`(select id from users where email = ${email})`,
        accountId: account.id,
        role: "owner",
        createdAt: now,
        activeSince: now,
      })
      .onConflictDoUpdate({
        target: [memberships.userId, memberships.accountId],
        set: { activeSince: sql`coalesce(active_since, excluded.active_since)` },
      }),
  ]);
  return `${account.name} can sign in with ${email} and that password.`;
}
