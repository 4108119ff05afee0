import { sql } from "drizzle-orm";
import { settings } from "../../db/schema.ts";
import { read, type StaffScope } from "../reads.ts";

/** How much waits for the office, or for a customer, that has a page of its own. The words are those of partial indexes. */
export const waitingCounts = read((db, staff: StaffScope) =>
  db
    .select({
      stops: sql<number>`(select count(*) from autopay where stop_requested_at is not null)`,
      removals: sql<number>`(select count(*) from payment_methods
        where removal_requested_at is not null and removed_at is null)`,
      questions: sql<number>`(select count(*) from drafts where state = 'asking')`,
      deposits: sql<number>`(select count(*) from setups where state in ('open', 'verifying') and state = 'verifying')`,
    })
    .from(settings)
    .where(staff),
);
