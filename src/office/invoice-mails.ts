import { eq, sql } from "drizzle-orm";
import { moneySettings } from "../../db/schema.ts";
import { commit } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { read, type StaffScope } from "../reads.ts";

/** Whether new invoices are mailed from here. */
export const invoiceMailRule = read((db, staff: StaffScope) =>
  db.select({ mailInvoices: moneySettings.mailInvoices }).from(moneySettings).where(sql`id = 1 and ${staff}`),
);

/**
 * Has new invoices mailed from now on, or none. What was not mailed while it was off is not made up for: the dealer's own
 * software has mailed that.
 */
export async function changeInvoiceMails({ db, now }: Deps, mailInvoices: boolean, by: string): Promise<void> {
  const change = {
    key: `money_settings.changed:${newId("evt", now)}`,
    action: "money_settings.changed",
    accountId: null,
    by,
    detail: { mailInvoices },
  };
  await commit(db, now, change, [
    db.update(moneySettings).set({ mailInvoices }).where(eq(moneySettings.id, 1)),
    ...(mailInvoices ? [] : [sql`update invoices set announce_at = null where announce_at is not null`]),
  ]);
}
