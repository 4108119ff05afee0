import { and, eq, isNotNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { accounts, memberships } from "../../db/schema.ts";
import { commit, readAll, type Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { letterTo } from "../messaging/promise-letter.ts";
import { contactWrites, officeWrites } from "./change-contact.ts";
import { emailAddress } from "./contact-rules.ts";
import { currentPassword } from "./current-password.ts";
import { endSessions } from "./start-session.ts";
import { type LinkInHand, newLink, useLink } from "./tokens.ts";

export type EmailChangeAsked =
  /** `announce` is for after the answer. */
  | { ok: true; announce: () => Promise<void> }
  | { ok: false; problem: "unreadable" | "same" | "wrong" | "none" }
  | { ok: false; problem: "too_many"; retryInSeconds: number };

/**
 * Promises a link to the address that a user wants to sign in with from now on, and tells the one they have. Where another
 * user has that address nothing goes there; the answer, the trips and what the old address is told are the same.
 */
export async function askForEmailChange(
  deps: Deps,
  user: { id: string; email: string },
  input: { email: string; password: string; address: string },
): Promise<EmailChangeAsked> {
  const { db, now } = deps;
  const email = emailAddress(input.email);
  if (email === null) return { ok: false, problem: "unreadable" };
  if (email === user.email) return { ok: false, problem: "same" };
  const proof = await currentPassword(deps, user, input.password, [
    { limit: "forgot:address", of: input.address },
    { limit: "forgot:email", of: email },
  ]);
  if (!proof.ok) return proof;
  const link = await newLink(deps, { purpose: "email", userId: user.id, accountId: null, email });
  const about = { subjectId: link.id, userId: user.id, accountId: null };
  const confirmation = letterTo(deps, { ...about, kind: "email_confirmation", address: email });
  const notice = letterTo(deps, { ...about, kind: "email_changing", address: user.email });
  const change = { key: `email.asked:${proof.id}`, action: "email.asked", accountId: null, by: user.id };
  await commit(db, now, change, [
    ...link.writes,
    confirmation.promise(sql`not exists (select 1 from users where email = ${email})`),
    notice.promise(),
    proof.forgiven,
  ]);
  return {
    ok: true,
    async announce() {
      await confirmation.announce();
      await notice.announce();
    },
  };
}

/** `dead`: the link was used or replaced meanwhile. `taken`: the address became another user's; nothing has changed. */
export type EmailChanged = { ok: true } | { ok: false; problem: "dead" | "taken" };

/**
 * Makes the address that a link went to the one that its user signs in with. The old address is told, every browser but
 * the asking one is signed out, and accounts of theirs that had the old address on file have the new one.
 */
export async function changeEmail(deps: Deps, link: LinkInHand, sessionId: string | null): Promise<EmailChanged> {
  const { db, now } = deps;
  const { onFile } = await readAll(db, { onFile: withAddressOnFile(db, link.userId, link.userEmail) });
  const notice = letterTo(deps, {
    kind: "email_changed",
    subjectId: link.id,
    userId: link.userId,
    accountId: null,
    address: link.userEmail,
  });
  const writes: Write[] = [
    ...useLink(now, link.id),
    sql`update users set email = ${link.email} where id = ${link.userId}`,
    // What was sent to the old address must not open what is now the new one's.
    sql`update tokens set ended_at = ${now}
        where user_id = ${link.userId} and (lower(email) = ${link.userEmail} or purpose = 'email') and ended_at is null`,
    endSessions(link.userId, sessionId),
    ...onFile.flatMap((account) => [
      ...contactWrites(deps, link.userId, account.id, "email", link.email),
      ...officeWrites(deps, account),
    ]),
    notice.promise(),
  ];
  const change = { key: `email.changed:${link.id}`, action: "email.changed", accountId: null, by: link.userId };
  const done = await commit(db, now, change, writes);
  if (done.result === "refused") return { ok: false, problem: done.constraint === "users.email" ? "taken" : "dead" };
  await notice.announce();
  return { ok: true };
}

const withAddressOnFile = (db: Db, userId: string, email: string) =>
  db
    .select({ id: accounts.id, number: accounts.number })
    .from(memberships)
    .innerJoin(accounts, eq(accounts.id, memberships.accountId))
    .where(
      and(
        eq(memberships.userId, userId),
        eq(memberships.role, "owner"),
        isNotNull(memberships.activeSince),
        sql`lower(${accounts.email}) = ${email}`,
      ),
    );
