import { sql } from "drizzle-orm";
import { commit } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";

/** Takes a thing off the worklist; it comes back if it happens again. */
export async function closeWork({ db, now }: Deps, workId: string, by: string): Promise<void> {
  const change = { key: `work.closed:${newId("evt", now)}`, action: "work.closed", accountId: null, by };
  await commit(db, now, { ...change, detail: { work: workId.slice(0, 300) } }, [
    sql`update worklist set closed_at = ${now} where id = ${workId} and closed_at is null`,
  ]);
}
