import { and, desc, eq, inArray, isNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { memberships, tokens, users } from "../../db/schema.ts";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { letterTo } from "../messaging/promise-letter.ts";
import { countTries, forgetTries } from "./attempts.ts";
import { openAccounts } from "./open-accounts.ts";
import { type PasswordProblem, passwordProblem } from "./password-rules.ts";
import { hashPassword } from "./passwords.ts";
import { promiseLink, promiseReset } from "./promise-registration.ts";
import { endSessions, signingIn, startSession } from "./start-session.ts";
import { type LinkInHand, useLink } from "./tokens.ts";

/** Passwords that are set by a link: forgotten ones, and first ones. */

/**
 * Promises a link to choose a new password to a user who forgot theirs; asking again replaces the link. Whether there is
 * such a user shows neither in the answer nor in the number of trips. `announce` is for after the answer.
 */
export async function forgotPassword(
  deps: Deps,
  input: { email: string; address: string },
): Promise<{ ok: true; announce: () => Promise<void> } | { ok: false; retryInSeconds: number }> {
  const { db, now } = deps;
  const email = input.email.trim().toLowerCase();
  const tried = await countTries(deps, "password.forgotten", [
    { limit: "forgot:address", of: input.address },
    { limit: "forgot:email", of: email },
  ]);
  if (!tried.ok) return tried;
  const { found, begun } = await readAll(db, {
    found: signingIn(db).where(eq(users.email, email)),
    begun: registrationOf(db, email),
  });
  const user = found[0];
  // Whoever never had a password registers first: that is where the dealer says who may come in. Whose link ran out has.
  const promised = user?.passwordHash
    ? await promiseReset(deps, user.id, email)
    : begun[0]
      ? await promiseLink(deps, { userId: begun[0].userId, accountId: begun[0].accountId, email })
      : null;
  const change = {
    key: `password.forgotten:${tried.id}`,
    action: "password.forgotten",
    accountId: null,
    by: user?.id ?? "nobody",
  };
  await commit(db, now, change, promised?.writes ?? []);
  return { ok: true, announce: async () => promised?.letter.announce() };
}

/** The last registration of somebody who has not chosen a password yet. */
const registrationOf = (db: Db, email: string) =>
  db
    .select({ userId: tokens.userId, accountId: tokens.accountId })
    .from(tokens)
    .innerJoin(users, eq(users.id, tokens.userId))
    // Taken off the account meanwhile, nobody comes back to it by an old letter.
    .innerJoin(memberships, and(eq(memberships.userId, users.id), eq(memberships.accountId, tokens.accountId)))
    .where(
      and(eq(users.email, email), isNull(users.passwordHash), inArray(tokens.purpose, ["registration", "temporary"])),
    )
    .orderBy(desc(tokens.createdAt))
    .limit(1);

export type PasswordSet =
  /** `token` is a session's; null where the second step is still to be taken. */
  { ok: true; token: string | null; staffOnly: boolean } | { ok: false; problem: PasswordProblem | "dead" };

/**
 * Sets the password that a link is for and signs its reader in. The link is used up, every other session ends, the tries
 * against this sign-in are forgotten, and where there was a password before, its owner is told. A registration's
 * link also opens its account, and uses the key up where the dealer says so; an invitation's opens the account it is for.
 * `language`, where it is given, is what the user reads from now on.
 */
export async function setPassword(
  deps: Deps,
  link: LinkInHand,
  input: {
    password: string;
    again: string;
    common: ReadonlySet<string>;
    device: string;
    oldToken: string | null;
    language?: "en" | "es";
  },
): Promise<PasswordSet> {
  const { db, now } = deps;
  const problem = passwordProblem(input.password, input.again, link.userEmail, input.common);
  if (problem) return { ok: false, problem };
  const { found } = await readAll(db, { found: signingIn(db).where(eq(users.id, link.userId)) });
  const user = found[0]!;
  const accountId = link.accountId ?? user.accountId;
  const session =
    user.twoStepSince === null
      ? await startSession(deps, { ...input, userId: link.userId, accountId, how: "link" })
      : null;
  const notice = letterTo(deps, {
    kind: "password_changed",
    subjectId: link.id,
    userId: link.userId,
    accountId: null,
    address: link.userEmail,
  });
  const change = { key: `password.set:${link.id}`, action: "password.set", accountId: link.accountId, by: link.userId };
  const done = await commit(db, now, change, [
    ...useLink(now, link.id),
    // An invitation comes from another customer: it gives a first password and never changes one.
    sql`update users set password_hash = ${await hashPassword(input.password)}, language = coalesce(${input.language ?? null}, language)
        where id = ${link.userId}
        and (password_hash is null or ${link.purpose} <> 'invitation')`,
    mustHaveChanged("link_usable"),
    sql`update tokens set ended_at = ${now} where user_id = ${link.userId} and ended_at is null
        and purpose in ('password', 'registration', 'temporary', 'email')`,
    endSessions(link.userId, null),
    await forgetTries([{ limit: "sign-in:email", of: link.userEmail }]),
    ...openAccounts(deps, link),
    ...(link.hasPassword ? [notice.promise()] : []),
    ...(session?.writes ?? []),
  ]);
  if (done.result !== "done") return { ok: false, problem: "dead" };
  if (link.hasPassword) await notice.announce();
  return {
    ok: true,
    token: session?.token ?? null,
    staffOnly: accountId === null && user.staffRole !== null,
  };
}
