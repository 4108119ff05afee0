import { and, eq, sql } from "drizzle-orm";
import { moneySettings } from "../../db/schema.ts";
import { commit } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { read, type StaffScope } from "../reads.ts";

/** How money moves by itself at this dealer; where its software hears of it is `webhookSettings`. */
export const moneySettingsOf = read((db, staff: StaffScope) =>
  db
    .select({
      customersRemoveMethods: moneySettings.customersRemoveMethods,
      draftDayRule: moneySettings.draftDayRule,
      draftDay: moneySettings.draftDay,
      stoppingAutopay: moneySettings.stoppingAutopay,
      applyCredit: moneySettings.applyCredit,
      statementKind: moneySettings.statementKind,
      bankRequestsPerSecond: moneySettings.bankRequestsPerSecond,
      mailInvoices: moneySettings.mailInvoices,
      ordinaryDayCents: moneySettings.ordinaryDayCents,
    })
    .from(moneySettings)
    .where(and(eq(moneySettings.id, 1), sql`${staff}`)),
);

export type MoneySettings = ReturnType<typeof moneySettingsOf>["_"]["result"][number];

/**
 * Changes some of it from now on; what customers have agreed to, and what is announced or under way, stays as it is. What
 * was not mailed while invoice mails were off is not made up for: the dealer's own software has mailed that.
 */
export async function changeMoneySettings({ db, now }: Deps, to: Partial<MoneySettings>, by: string): Promise<void> {
  const change = {
    key: `money_settings.changed:${newId("evt", now)}`,
    action: "money_settings.changed",
    accountId: null,
    by,
    detail: to,
  };
  await commit(db, now, change, [
    db.update(moneySettings).set(to).where(eq(moneySettings.id, 1)),
    ...(to.mailInvoices === false ? [sql`update invoices set announce_at = null where announce_at is not null`] : []),
  ]);
}
