import { sql } from "drizzle-orm";
import { commit } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { openWorklist } from "../office/worklist.ts";
import { differing, type Figures } from "./reckoning-rules.ts";

/** Puts a disagreement about one thing on the worklist with both figures; the same figures never twice. */
export async function listDifference(
  deps: Deps,
  subjectId: string,
  accountId: string | null,
  figures: Figures,
): Promise<void> {
  const { db, now } = deps;
  const detail = differing(figures);
  const change = {
    key: `reckoning.differs:${subjectId}:${detail}`,
    action: "reckoning.differs",
    accountId,
    by: "sweep",
  };
  await commit(db, now, { ...change, detail: figures }, [
    openWorklist(now, "reckoning_differs", accountId, subjectId, detail),
    sql`update worklist set detail = ${detail} where id = ${`reckoning_differs:${subjectId}`}`,
  ]);
}
