import { sql } from "drizzle-orm";
import { commit, mustHaveChanged } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";

/** What a customer waits for an answer to: it leaves the list when it is decided, on a page of its own, and no other way. */
const TO_DECIDE = ["stop_requested", "removal_requested"];

/** Whether a thing of a kind is closed by saying so. */
export const mayClose = (kind: string): boolean => !TO_DECIDE.includes(kind);

/** Takes a thing off the worklist that may be closed; it comes back if it happens again. */
export async function closeWork({ db, now }: Deps, workId: string, by: string): Promise<void> {
  const change = { key: `work.closed:${newId("evt", now)}`, action: "work.closed", accountId: null, by };
  await commit(db, now, { ...change, detail: { work: workId.slice(0, 300) } }, [
    sql`update worklist set closed_at = ${now} where id = ${workId} and closed_at is null
        and kind not in (select value from json_each(${JSON.stringify(TO_DECIDE)}))`,
    mustHaveChanged("rows_matched"),
  ]);
}
