import { sql } from "drizzle-orm";
import { events } from "../../db/schema.ts";
import { type Given, read, type StaffScope } from "../reads.ts";

/** A day whose drafts were halted: what they came to then, what was usual, and what the office did about it. */
export const haltedDay = read((db, staff: StaffScope, on: Given<string>) =>
  db
    .select({
      cents: sql<number>`${events.detail} ->> 'cents'`,
      mostCents: sql<number>`${events.detail} ->> 'mostCents'`,
      count: sql<number>`${events.detail} ->> 'count'`,
      haltedAt: events.at,
      letGo: {
        at: sql<number | null>`(select at from events where key = 'drafts.let_go:' || ${on})`,
        by: sql<
          string | null
        >`(select coalesce((select name from users where id = e."by"), e."by") from events e where key = 'drafts.let_go:' || ${on})`,
      },
    })
    .from(events)
    .where(sql`${staff} and ${events.key} = 'drafts.halted:' || ${on}`),
);
