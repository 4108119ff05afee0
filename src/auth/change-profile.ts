import { eq } from "drizzle-orm";
import { users } from "../../db/schema.ts";
import { commit } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";

/** The longest name that a user may have. */
export const LONGEST_NAME = 100;

/**
 * Writes what somebody changed about themselves: their name, or the language they read (null: whichever the browser asks
 * for). What reads the same already writes nothing.
 */
export async function changeProfile(
  deps: Deps,
  user: { id: string; name: string; language: "en" | "es" | null },
  changed: { name: string } | { language: "en" | "es" | null },
): Promise<void> {
  const { db, now } = deps;
  const same = "name" in changed ? changed.name === user.name : changed.language === user.language;
  if (same) return;
  const change = {
    key: `profile.changed:${newId("evt", now)}`,
    action: "profile.changed",
    accountId: null,
    by: user.id,
    detail: changed,
  };
  await commit(db, now, change, [db.update(users).set(changed).where(eq(users.id, user.id))]);
}
