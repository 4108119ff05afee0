import { asc, eq, sql } from "drizzle-orm";
import { identities, users } from "../../db/schema.ts";
import { commit, mustHaveChanged, type Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { letterTo } from "../messaging/promise-letter.ts";
import type { Identity, ProviderName } from "../ports.ts";
import { read, type UserScope } from "../reads.ts";

/** Accounts at Google, Microsoft and Apple that sign a user in here. */

/** The ways in of whoever is signed in: identities, and a password or none. */
export const ownIdentities = read((db, user: UserScope) =>
  db
    .select({ provider: identities.provider, email: identities.email, linkedAt: identities.linkedAt })
    .from(identities)
    .where(eq(identities.userId, user))
    .orderBy(asc(identities.provider)),
);

export const ownPassword = read((db, user: UserScope) =>
  db
    .select({ has: sql<boolean>`${users.passwordHash} is not null`.mapWith(Boolean) })
    .from(users)
    .where(eq(users.id, user)),
);

type User = { id: string; email: string };

/** Makes an identity a user's, as writes for the commit that `subjectId` names, and the letter that tells them. */
export function linking(
  deps: Deps,
  user: User,
  identity: Identity,
  subjectId: string,
): { writes: Write[]; announce: () => Promise<void> } {
  const { db, now } = deps;
  const { provider, subject, email } = identity;
  const notice = letterTo(deps, {
    kind: "provider_linked",
    subjectId,
    userId: user.id,
    accountId: null,
    address: user.email,
  });
  return {
    writes: [
      // Who has this very address there now is another account: the one before was closed.
      sql`delete from identities where user_id = ${user.id} and provider = ${provider}
          and email = ${email} and email <> '' and subject <> ${subject}`,
      db.insert(identities).values({ provider, subject, userId: user.id, email, linkedAt: now }),
      notice.promise(),
    ],
    announce: notice.announce,
  };
}

/**
 * Links an identity to somebody who is signed in. `taken`: it is somebody's already, or they have another one of this
 * provider; `stale`: the trip to the provider was used before.
 */
export async function linkProvider(
  deps: Deps,
  user: User,
  identity: Identity,
  tripId: string,
): Promise<{ ok: true } | { ok: false; reason: "taken" | "stale" }> {
  const { db, now } = deps;
  const link = linking(deps, user, identity, tripId);
  const done = await commit(
    db,
    now,
    {
      key: `identity.linked:${tripId}`,
      action: "identity.linked",
      accountId: null,
      by: user.id,
      detail: { provider: identity.provider },
    },
    link.writes,
  );
  if (done.result === "already") return { ok: false, reason: "stale" };
  if (done.result === "refused") return { ok: false, reason: "taken" };
  await link.announce();
  return { ok: true };
}

/** Unlinks a provider, unless it is the last way in: without a password, another identity must stay. */
export async function unlinkProvider(deps: Deps, user: User, provider: ProviderName): Promise<{ ok: boolean }> {
  const { db, now } = deps;
  const id = newId("evt", now);
  const notice = letterTo(deps, {
    kind: "provider_unlinked",
    subjectId: id,
    userId: user.id,
    accountId: null,
    address: user.email,
  });
  const change = {
    key: `identity.unlinked:${id}`,
    action: "identity.unlinked",
    accountId: null,
    by: user.id,
    detail: { provider },
  };
  const done = await commit(db, now, change, [
    sql`delete from identities where user_id = ${user.id} and provider = ${provider} and (
          exists (select 1 from users where id = ${user.id} and password_hash is not null)
          or exists (select 1 from identities other where other.user_id = ${user.id} and other.provider <> ${provider}))`,
    mustHaveChanged("rows_matched"),
    notice.promise(),
  ]);
  if (done.result === "done") await notice.announce();
  return { ok: done.result === "done" };
}
