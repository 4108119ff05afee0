import { sql } from "drizzle-orm";
import { commit } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { endSessions } from "./start-session.ts";

/** Signs one other browser of a user out. */
export async function endSession(deps: Deps, userId: string, sessionId: string): Promise<void> {
  await commit(deps.db, deps.now, ended(deps, userId, "one"), [
    sql`delete from sessions where id = ${sessionId} and user_id = ${userId}`,
  ]);
}

/** Signs every browser of a user out but the one that asks. */
export async function endOtherSessions(deps: Deps, userId: string, sessionId: string): Promise<void> {
  await commit(deps.db, deps.now, ended(deps, userId, "others"), [endSessions(userId, sessionId)]);
}

const ended = ({ now }: Deps, userId: string, which: string) => ({
  key: `session.ended:${newId("end", now)}`,
  action: "session.ended",
  accountId: null,
  by: userId,
  detail: { which },
});
