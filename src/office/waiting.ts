import { sql } from "drizzle-orm";
import { settings } from "../../db/schema.ts";
import { read, type StaffScope } from "../reads.ts";

const many = (counted: string) => sql<number>`(select count(*) from ${sql.raw(counted)})`;

/** How much waits for the office, or for a customer, that has a page of its own. The words are those of partial indexes. */
export const waitingCounts = read((db, staff: StaffScope) =>
  db
    .select({
      stops: many("autopay where stop_requested_at is not null"),
      removals: many("payment_methods where removal_requested_at is not null and removed_at is null"),
      questions: many("drafts where state = 'asking'"),
      deposits: many("setups where state in ('open', 'verifying') and state = 'verifying'"),
    })
    .from(settings)
    .where(staff),
);
