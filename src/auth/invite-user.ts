import { and, eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { memberships, users } from "../../db/schema.ts";
import { commit, readAll, type Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { letterTo } from "../messaging/promise-letter.ts";
import { countTries } from "./attempts.ts";
import { emailAddress, oneLine } from "./contact-rules.ts";
import { ROLES, type Role } from "./roles.ts";
import { newLink } from "./tokens.ts";

/** As many users as one account has, those who have not accepted yet among them. */
export const MOST_USERS = 50;

const LONGEST_NAME = 80;

export type InviteProblem =
  | "email"
  | "name"
  | "web_address"
  | "role"
  | "self"
  | "active"
  | "full"
  | "too_many"
  | "changed";

export type Invited =
  /** `announce` is for after the answer. */
  { ok: true; userId: string; email: string; announce: () => Promise<void> } | { ok: false; problem: InviteProblem };

/**
 * Invites somebody to an account by e-mail: they are its user from now on, and it opens to them once they accept. Asking
 * again replaces the link, and the role. `by` is the user's id of whoever asks. `role` is what the form says, `language`
 * what a new user's letter is in. At most as many a day as LIMITS says, for one account and for one address.
 * A user who exists keeps their own name, and whoever invites them does not read it before they accept.
 */
export async function inviteUser(
  deps: Deps,
  invitation: {
    accountId: string;
    email: string;
    name: string;
    role: string;
    by: string;
    language?: "en" | "es" | null;
  },
): Promise<Invited> {
  const read = readInvitation(invitation);
  if ("problem" in read) return { ok: false, problem: read.problem };
  const tried = await countTries(deps, "user.invited", [
    { limit: "invite:account", of: invitation.accountId },
    { limit: "invite:email", of: read.email },
  ]);
  if (!tried.ok) return { ok: false, problem: "too_many" };
  const whole = { ...invitation, ...read };
  // Somebody else may make the same new user between the look and the commit; then there is one.
  return (await tryToInvite(deps, whole)) ?? (await tryToInvite(deps, whole)) ?? { ok: false, problem: "changed" };
}

type Invitation = {
  accountId: string;
  email: string;
  name: string;
  role: Role;
  by: string;
  language?: "en" | "es" | null;
};

/** What a form says, as it is kept. */
function readInvitation(p: {
  email: string;
  name: string;
  role: string;
}): { email: string; name: string; role: Role } | { problem: InviteProblem } {
  const email = emailAddress(p.email);
  const name = oneLine(p.name);
  const role = ROLES.find((one) => one === p.role);
  if (!email) return { problem: "email" };
  if (name === "" || [...name].length > LONGEST_NAME) return { problem: "name" };
  // The letter greets by this name, and must not carry a stranger's link.
  if (/[<>@/\\]|\bwww\.|\w\.[a-z]{2}/.test(name)) return { problem: "web_address" };
  if (!role) return { problem: "role" };
  return { email, name, role };
}

/** Null when another commit made the user first. */
async function tryToInvite(deps: Deps, invitation: Invitation): Promise<Invited | null> {
  const { db, now } = deps;
  const { accountId, email, name, role, by, language = null } = invitation;
  const { found } = await readAll(db, { found: userOn(db, accountId, email) });
  const user = found[0];
  if (user?.id === by) return { ok: false, problem: "self" };
  if (user?.activeSince != null) return { ok: false, problem: "active" };
  const userId = user?.id ?? newId("usr", now);
  const link = await newLink(deps, { purpose: "invitation", userId, accountId, email });
  const letter = letterTo(deps, { kind: "invitation", subjectId: link.id, userId, accountId, address: email });
  const newUser: Write[] = user ? [] : [db.insert(users).values({ id: userId, email, name, language, createdAt: now })];
  const change = {
    key: `user.invited:${link.id}`,
    action: "user.invited",
    accountId,
    by,
    detail: { user: userId, role },
  };
  const done = await commit(db, now, change, [
    ...newUser,
    sql`insert into memberships (user_id, account_id, role, created_at) values (${userId}, ${accountId}, ${role}, ${now})
        on conflict (user_id, account_id) do update set role = excluded.role where active_since is null`,
    sql`insert into guards (rows_matched) select 0
        where (select count(*) from memberships where account_id = ${accountId}) > ${MOST_USERS}`,
    ...link.writes,
    letter.promise(),
  ]);
  if (done.result === "refused" && done.constraint === "users.email") return null;
  if (done.result === "refused") return { ok: false, problem: "full" };
  return { ok: true, userId, email, announce: letter.announce };
}

const userOn = (db: Db, accountId: string, email: string) =>
  db
    .select({ id: users.id, activeSince: memberships.activeSince })
    .from(users)
    .leftJoin(memberships, and(eq(memberships.userId, users.id), eq(memberships.accountId, accountId)))
    .where(eq(users.email, email))
    .limit(1);
