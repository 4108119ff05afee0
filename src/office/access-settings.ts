import { and, eq, sql } from "drizzle-orm";
import { accessSettings } from "../../db/schema.ts";
import { commit } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { read, type StaffScope } from "../reads.ts";

export type AccessSettings = Omit<typeof accessSettings.$inferSelect, "id">;

/** How people get in to this dealer's portal. */
export const accessSettingsOf = read((db, staff: StaffScope) =>
  db
    .select()
    .from(accessSettings)
    .where(and(eq(accessSettings.id, 1), sql`${staff}`)),
);

/** Changes how people get in from now on; what is under way stays as it is. */
export async function changeAccessSettings({ db, now }: Deps, to: AccessSettings, by: string): Promise<void> {
  const change = {
    key: `access_settings.changed:${newId("evt", now)}`,
    action: "access_settings.changed",
    accountId: null,
    by,
    detail: to,
  };
  await commit(db, now, change, [db.update(accessSettings).set(to).where(eq(accessSettings.id, 1))]);
}
