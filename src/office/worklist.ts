import { and, asc, desc, isNull } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { imports, worklist } from "../../db/schema.ts";
import type { StaffScope } from "../reads.ts";

/** What waits for a person, oldest first. */
export const openWork = (db: Db, staff: StaffScope) =>
  db
    .select()
    .from(worklist)
    .where(and(isNull(worklist.closedAt), staff))
    .orderBy(asc(worklist.openedAt), asc(worklist.id))
    .limit(100);

/** The last deliveries of the dealer's records. */
export const latestImports = (db: Db, staff: StaffScope) =>
  db.select().from(imports).where(staff).orderBy(desc(imports.startedAt)).limit(10);
