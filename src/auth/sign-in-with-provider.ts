import { and, eq, isNotNull, or, sql } from "drizzle-orm";
import { identities, users } from "../../db/schema.ts";
import { commit, readAll } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import type { Identity } from "../ports.ts";
import { linking } from "./link-provider.ts";
import { signingIn, startSession } from "./start-session.ts";

export type ProviderSignIn =
  | { ok: true; token: string; staffOnly: boolean }
  /** The second step is still to be taken; `link` is what it makes theirs. */
  | { ok: true; token: null; userId: string; link: Identity | null }
  /** `unknown`: nobody here is known by this; `stale`: the trip to the provider was used before. */
  | { ok: false; reason: "unknown" | "stale" };

/**
 * Signs in the user to whom an identity belongs. Where it belongs to nobody, the user whose e-mail the provider has
 * verified gets it, if they are in already by a password or a membership; it opens nothing that was closed before.
 */
export async function signInWithProvider(
  deps: Deps,
  identity: Identity,
  input: { tripId: string; device: string; oldToken: string | null },
): Promise<ProviderSignIn> {
  const { db, now } = deps;
  const { provider, subject, email } = identity;
  const owner = db
    .select({ id: identities.userId })
    .from(identities)
    .where(and(eq(identities.provider, provider), eq(identities.subject, subject)));
  const { known, named } = await readAll(db, {
    known: signingIn(db).where(eq(users.id, owner)),
    named: signingIn(db).where(and(eq(users.email, email), isIn)),
  });
  const user = known[0] ?? (identity.emailVerified && email ? named[0] : undefined);
  if (!user) return { ok: false, reason: "unknown" };
  const isNew = known.length === 0;
  if (user.twoStepSince !== null) return { ok: true, token: null, userId: user.id, link: isNew ? identity : null };
  const link = isNew ? linking(deps, user, identity, input.tripId) : null;
  const { accountId } = user;
  const { token, writes } = await startSession(deps, { ...input, userId: user.id, accountId, how: provider });
  const change = {
    key: `session.started:${input.tripId}`,
    action: "session.started",
    accountId,
    by: user.id,
    detail: { how: provider, linked: isNew },
  };
  const done = await commit(db, now, change, [...writes, ...(link?.writes ?? [])]);
  if (done.result === "already") return { ok: false, reason: "stale" };
  // They have another identity of this provider, which is the one that signs them in.
  if (done.result === "refused") return { ok: false, reason: "unknown" };
  await link?.announce();
  return { ok: true, token, staffOnly: accountId === null && user.staffRole !== null };
}

/** Somebody who can get in already: an invitation or a registration that was not finished is no way in. */
const isIn = or(
  isNotNull(users.passwordHash),
  sql`exists (select 1 from memberships m where m.user_id = ${users.id} and m.active_since is not null)`,
);
