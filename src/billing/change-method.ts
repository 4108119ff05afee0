import { eq, sql } from "drizzle-orm";
import { paymentMethods } from "../../db/schema.ts";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { letterAboutMethod } from "../messaging/promise-method-letter.ts";
import type { SavedMethod } from "../ports.ts";
import { stopAutopayOn } from "./stop-autopay.ts";

/** Makes one method of an account its usual one. False when it cannot be charged, or is not on file (any more). */
export async function makeUsual(
  { db, now }: Deps,
  { accountId, methodId, by }: { accountId: string; methodId: string; by: string },
): Promise<boolean> {
  const change = {
    key: `method.usual:${newId("evt", now)}`,
    action: "method.usual",
    accountId,
    by,
    detail: { method: methodId },
  };
  const usable = sql`id = ${methodId} and removed_at is null and blocked is null and removal_requested_at is null`;
  const done = await commit(db, now, change, [
    sql`update payment_methods set is_default = 0 where account_id = ${accountId} and is_default = 1 and id <> ${methodId}`,
    sql`update payment_methods set is_default = 1 where account_id = ${accountId} and ${usable}`,
    mustHaveChanged("rows_matched"),
  ]);
  return done.result === "done";
}

/**
 * What the vendor has learnt about a method: a new date or number on the card, or that the bank allows no more debits, and
 * why; of that its owner is told. A method that is none of ours, or off our books, is left alone.
 */
export async function refreshMethod(deps: Deps, saved: SavedMethod, blocked: string | null): Promise<void> {
  const { db, now } = deps;
  const found = await methodCalled(deps, saved.paymentMethodId);
  if (!found || found.removedAt !== null) return;
  if (blocked !== null) return block(deps, found, blocked);
  const shown = [saved.brand, saved.lastFour, saved.expiresMonth, saved.expiresYear].join();
  const before = [found.brand, found.lastFour, found.expiresMonth, found.expiresYear].join();
  if (shown === before) return;
  const change = {
    key: `method.refreshed:${found.id}:${newId("evt", now)}`,
    action: "method.refreshed",
    accountId: found.accountId,
    by: "stripe",
    detail: { before, after: shown },
  };
  await commit(db, now, change, [
    sql`update payment_methods set brand = ${saved.brand}, last_four = ${saved.lastFour}, expires_month = ${saved.expiresMonth},
          expires_year = ${saved.expiresYear} where id = ${found.id} and removed_at is null`,
    // The date that the office was told of is no longer the card's.
    sql`update worklist set closed_at = ${now} where id = ${`method_expiring:${found.id}`} and closed_at is null`,
  ]);
}

/** The vendor will not charge a method any more: its mandate has ended, or it was taken off there. */
export async function methodUnusable(deps: Deps, token: string, reason: string): Promise<void> {
  const found = await methodCalled(deps, token);
  if (found && found.removedAt === null) await block(deps, found, reason);
}

type Found = typeof paymentMethods.$inferSelect;

async function methodCalled({ db }: Deps, token: string): Promise<Found | undefined> {
  const { found } = await readAll(db, {
    found: db.select().from(paymentMethods).where(eq(paymentMethods.stripePaymentMethodId, token)),
  });
  return found[0];
}

async function block(deps: Deps, method: Found, reason: string): Promise<void> {
  if (method.blocked !== null) return;
  const { db, now } = deps;
  const letter = letterAboutMethod(deps, method.id, "method_blocked", "blocked");
  const autopay = stopAutopayOn(deps, method, reason);
  const change = {
    key: `method.blocked:${method.id}`,
    action: "method.blocked",
    accountId: method.accountId,
    by: "stripe",
    detail: { reason },
  };
  const done = await commit(db, now, change, [
    sql`update payment_methods set blocked = ${reason} where id = ${method.id} and removed_at is null and blocked is null`,
    mustHaveChanged("rows_matched"),
    // Where autopay drew on it, the letter about that says so too.
    letter.promise(sql`not exists (select 1 from autopay o where o.payment_method_id = m.id and o.stopped_at is null)`),
    ...autopay.writes,
  ]);
  if (done.result !== "done") return;
  await letter.announce();
  await autopay.announce();
}
