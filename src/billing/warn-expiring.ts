import { and, asc, eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { paymentMethods } from "../../db/schema.ts";
import { commit, readAll } from "../batch.ts";
import type { LocalDate } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { letterAboutMethod } from "../messaging/promise-method-letter.ts";
import { SWEEP_SIZE } from "./check-payment.ts";
import { lastDay, monthsToWarn, warningDue } from "./method-rules.ts";

/** Where a page of cards by their date has ended: `2027-01~pm_…`. */
const cursor = sql<string>`printf('%04d-%02d~%s', expires_year, expires_month, id)`;

/** Cards whose last day is near, by that day and after a cursor. */
export function cardsToWarnAbout(db: Db, today: LocalDate, after: string | null) {
  const { from, to } = monthsToWarn(today);
  const [year, month, id] = after ? partsOf(after) : [from.year, from.month, ""];
  return db
    .select({ id: cursor })
    .from(paymentMethods)
    .where(
      and(
        // The words of the partial index `payment_methods_by_expiry`.
        sql`removed_at is null`,
        sql`(expires_year, expires_month, id) > (${year}, ${month}, ${id})`,
        sql`(expires_year, expires_month) <= (${to.year}, ${to.month})`,
      ),
    )
    .orderBy(asc(paymentMethods.expiresYear), asc(paymentMethods.expiresMonth), asc(paymentMethods.id))
    .limit(SWEEP_SIZE);
}

const partsOf = (after: string): [number, number, string] => [
  Number(after.slice(0, 4)),
  Number(after.slice(5, 7)),
  after.slice(8),
];

/** The method's own id in such a cursor. */
export const methodAt = (place: string): string => place.slice(8);

/**
 * Warns a card's owner 30 and 7 days ahead, once each for one date; the office as well, where autopay draws on it. Nobody
 * is warned about a card that they want off or that the bank has blocked.
 */
export async function warnExpiring(deps: Deps, methodId: string): Promise<void> {
  const { db, now, today } = deps;
  const { found } = await readAll(db, {
    found: db.select().from(paymentMethods).where(eq(paymentMethods.id, methodId)),
  });
  const method = found[0];
  if (!method || method.removedAt !== null || method.blocked !== null || method.removalRequestedAt !== null) return;
  const days = warningDue(method, today);
  const last = lastDay(method);
  if (days === null || last === null) return;
  const occasion = `${last}:${days}`;
  const letter = letterAboutMethod(deps, methodId, "method_expiring", occasion);
  const change = {
    key: `method.expiring:${methodId}:${occasion}`,
    action: "method.expiring",
    accountId: method.accountId,
    by: "sweep",
    detail: { last, days },
  };
  const warned = await commit(db, now, change, [
    letter.promise(),
    sql`insert into worklist (id, kind, account_id, subject_id, detail, opened_at)
        select ${`method_expiring:${methodId}`}, 'method_expiring', account_id, payment_method_id, ${`autopay draws on it; its last day is ${last}`}, ${now}
        from autopay where payment_method_id = ${methodId} and stopped_at is null
        on conflict (id) do update set closed_at = null, opened_at = excluded.opened_at, detail = excluded.detail where closed_at is not null`,
  ]);
  if (warned.result === "done") await letter.announce();
}
