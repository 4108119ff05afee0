import { and, desc, eq, gt, sql } from "drizzle-orm";
import { attempts } from "../../db/schema.ts";
import { commit } from "../batch.ts";
import type { Instant } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { type Given, read, type StaffScope } from "../reads.ts";

/** What nobody may try at the moment, because it was tried too often; newest first. */
export const lockouts = read((db, staff: StaffScope, now: Given<Instant>) =>
  db
    .select({ key: attempts.key, about: attempts.about, count: attempts.count, endsAt: attempts.endsAt })
    .from(attempts)
    // The words of the partial index.
    .where(and(sql`count >= allowed`, gt(attempts.endsAt, now), sql`${staff}`))
    .orderBy(desc(attempts.endsAt))
    .limit(100),
);

/** Lets somebody try again at once. Lifting what is no longer locked is no error. */
export async function liftLockout({ db, now }: Deps, key: string, by: string): Promise<void> {
  const change = { key: `lockout.lifted:${newId("evt", now)}`, action: "lockout.lifted", accountId: null, by };
  await commit(db, now, { ...change, detail: { lockout: key.slice(0, 100) } }, [
    db.delete(attempts).where(eq(attempts.key, key)),
  ]);
}
