import { eq } from "drizzle-orm";
import { users } from "../../db/schema.ts";
import { readAll, type Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { countTries, forgetTries, type Try } from "./attempts.ts";
import { passwordMatches } from "./passwords.ts";
import { signingIn } from "./start-session.ts";

export type CurrentPassword =
  /** `forgiven` takes back what was counted, in the commit of what the password was asked for. */
  | { ok: true; id: string; forgiven: Write }
  | { ok: false; problem: "wrong" }
  /** There is no password, because its owner has only ever signed in another way. */
  | { ok: false; problem: "none" }
  | { ok: false; problem: "too_many"; retryInSeconds: number };

/**
 * Whether somebody who is signed in knows their password, as what could lock them out asks once more. Counted with the
 * tries to sign in, before the password is looked at; `more` is what else to count.
 */
export async function currentPassword(
  deps: Deps,
  user: { id: string; email: string },
  password: string,
  more: Try[] = [],
): Promise<CurrentPassword> {
  const byEmail: Try = { limit: "sign-in:email", of: user.email };
  const tried = await countTries(deps, "password.asked", [byEmail, ...more]);
  if (!tried.ok) return { ok: false, problem: "too_many", retryInSeconds: tried.retryInSeconds };
  const { found } = await readAll(deps.db, { found: signingIn(deps.db).where(eq(users.id, user.id)) });
  const hash = found[0]?.passwordHash ?? null;
  if (hash === null) return { ok: false, problem: "none" };
  if (!(await passwordMatches(password, hash))) return { ok: false, problem: "wrong" };
  return { ok: true, id: tried.id, forgiven: await forgetTries([byEmail]) };
}
