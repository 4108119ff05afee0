import { and, asc, eq, isNotNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { memberships, sessions, signIns, staff, users } from "../../db/schema.ts";
import type { Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId, sha256 } from "../ids.ts";
import { newSession } from "./sessions.ts";

/** Somebody who may sign in, the account they see first, and whether a second step is theirs to take. */
export const signingIn = (db: Db) =>
  db
    .select({
      id: users.id,
      email: users.email,
      name: users.name,
      passwordHash: users.passwordHash,
      twoStepSince: users.twoStepSince,
      accountId: memberships.accountId,
      staffRole: staff.role,
    })
    .from(users)
    .leftJoin(memberships, and(eq(memberships.userId, users.id), isNotNull(memberships.activeSince)))
    .leftJoin(staff, eq(staff.userId, users.id))
    .orderBy(asc(memberships.createdAt), asc(memberships.accountId))
    .limit(1)
    .$dynamic();

export type How = (typeof signIns.$inferSelect)["how"];

/**
 * A session for somebody who has proven who they are, as writes for the commit of that proof: the row, the line in their
 * sign-in activity, and the end of the session that this browser held before. `token` goes into the cookie.
 */
export async function startSession(
  deps: Deps,
  p: { userId: string; accountId: string | null; how: How; device: string; oldToken: string | null },
): Promise<{ token: string; writes: Write[] }> {
  const { db, dealer, now } = deps;
  const { token, row } = await newSession(dealer, now, p.userId, p.accountId);
  const oldHash = p.oldToken && (await sha256(p.oldToken));
  return {
    token,
    writes: [
      db.insert(sessions).values({ ...row, device: p.device }),
      db.insert(signIns).values({ id: newId("sgn", now), userId: p.userId, at: now, how: p.how, device: p.device }),
      ...(oldHash ? [db.delete(sessions).where(eq(sessions.id, oldHash))] : []),
    ],
  };
}

/** Ends every session of a user but this one: after a change that whoever else was signed in must not outlive. */
export const endSessions = (userId: string, exceptId: string | null): Write =>
  sql`delete from sessions where user_id = ${userId} and id is not ${exceptId}`;
