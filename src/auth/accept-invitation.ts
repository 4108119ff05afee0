import { sql } from "drizzle-orm";
import { memberships, tokens } from "../../db/schema.ts";
import { commit, readAll } from "../batch.ts";
import type { Instant } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { sha256 } from "../ids.ts";
import { type Given, read } from "../reads.ts";
import { openAccounts } from "./open-accounts.ts";
import { type LinkInHand, useLink } from "./tokens.ts";

/**
 * What an invitation's link is for, beside what every link says: the role, and who asks; null for the dealer's office,
 * whose people a customer need not know. No row once it was withdrawn.
 */
export const invitationInHand = read((db, _: null, hash: Given<string>, now: Given<Instant>) =>
  db
    .select({
      role: memberships.role,
      inviter: sql<string | null>`(select u.name from events e join users u on u.id = e.by
        where e.key = 'user.invited:' || ${tokens.id} and not exists (select 1 from staff where user_id = u.id))`,
    })
    .from(tokens)
    .innerJoin(
      memberships,
      sql`${memberships.userId} = ${tokens.userId} and ${memberships.accountId} = ${tokens.accountId}`,
    )
    .where(
      sql`${tokens.hash} = ${hash} and ${tokens.purpose} = 'invitation' and ${tokens.endedAt} is null and ${tokens.expiresAt} > ${now}`,
    )
    .limit(1),
);

/**
 * Accepts an invitation, or ends a registration, for a user who has a password already: their sign-in sees the account
 * from now on. A browser that is signed in as that user has it in view at once (`signed_in`); any other must sign in
 * first (`accepted`).
 */
export async function acceptInvitation(
  deps: Deps,
  link: LinkInHand & { accountId: string },
  sessionToken: string | null,
): Promise<"signed_in" | "accepted" | "dead"> {
  const { db, now } = deps;
  const session = sessionToken === null ? "" : await sha256(sessionToken);
  const mine = sql`id = ${session} and user_id = ${link.userId} and expires_at > ${now}`;
  const change = {
    key: `${link.purpose}.accepted:${link.id}`,
    action: `${link.purpose}.accepted`,
    accountId: link.accountId,
    by: link.userId,
  };
  const done = await commit(db, now, change, [
    ...useLink(now, link.id),
    ...openAccounts(deps, link),
    sql`update sessions set account_id = ${link.accountId} where ${mine}`,
  ]);
  if (done.result !== "done") return "dead";
  const { found } = await readAll(db, { found: db.select({ one: sql`1` }).from(sql`sessions`).where(mine) });
  return found.length > 0 ? "signed_in" : "accepted";
}
