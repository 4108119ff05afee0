import { and, asc, eq, gt, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { paymentMethods } from "../../db/schema.ts";
import { commit, mustHaveChanged, readAll, type Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { letterAboutMethod } from "../messaging/promise-method-letter.ts";
import { openWorklist } from "../office/worklist.ts";
import { VendorTrouble } from "../ports.ts";
import { SWEEP_SIZE } from "./check-payment.ts";

/** What still needs a method, and so keeps it on file. */
type MethodUse = "autopay" | "payment" | "scheduled";

/** `gone`: it is not on file (any more). `asked`: its removal waits for the office already. */
export type RemovalResult = { ok: true } | { ok: false; problem: MethodUse | "gone" | "asked" };

/**
 * Whose method it is, where a customer asks, or telephones and the office does it with a reason. Without an account only
 * what its owner wants off is removed.
 */
type Which = { methodId: string; accountId: string | null; by: string; reason?: string };

const backsAutopay = (id: string | SQL) =>
  sql`exists (select 1 from autopay where payment_method_id = ${id} and stopped_at is null)`;
const paysNow = (id: string | SQL) => sql`(
  exists (select 1 from payments p where p.account_id = payment_methods.account_id and p.state in ('pending', 'processing') and p.payment_method_id = ${id})
  or exists (select 1 from drafts d where d.account_id = payment_methods.account_id and d.payment_method_id = ${id}
    and (d.state in ('announced', 'asking', 'charging') or (d.state = 'failed' and d.next_try_on is not null))))`;
const paysLater = (id: string | SQL) =>
  sql`exists (select 1 from scheduled_payments s where s.account_id = payment_methods.account_id and s.payment_method_id = ${id} and s.state = 'waiting')`;

/** What keeps a method on file, as columns of a read of methods. */
export const methodUses = {
  inAutopay: backsAutopay(sql`payment_methods.id`).mapWith(Boolean),
  inPayment: paysNow(sql`payment_methods.id`).mapWith(Boolean),
  inScheduled: paysLater(sql`payment_methods.id`).mapWith(Boolean),
};

/** The row, as long as nothing needs it: the database's own word, whatever the page said a moment ago. */
const free = ({ methodId, accountId }: Which) =>
  sql`id = ${methodId} and removed_at is null
    and ${accountId === null ? sql`removal_requested_at is not null` : sql`account_id = ${accountId}`}
    and not ${backsAutopay(methodId)} and not ${paysNow(methodId)} and not ${paysLater(methodId)}`;

/** The customer asks the office to take a method off. It is not charged any more, and not theirs to use. */
export async function requestRemoval(deps: Deps, which: Which & { accountId: string }): Promise<RemovalResult> {
  const { db, now } = deps;
  const { methodId, accountId, by } = which;
  const change = {
    key: `method.removal_requested:${methodId}:${newId("evt", now)}`,
    action: "method.removal_requested",
    accountId,
    by,
  };
  const asked = await commit(db, now, change, [
    sql`update payment_methods set removal_requested_at = ${now} where removal_requested_at is null and ${free(which)}`,
    mustHaveChanged("rows_matched"),
    ...anotherUsual(methodId),
    openWorklist(now, "removal_requested", accountId, methodId, "decide under Cards and accounts"),
  ]);
  return asked.result === "done" ? { ok: true } : whyNot(deps, which);
}

/** The customer wants to keep it after all, while the office has not taken it off. False where there is nothing to take back. */
export async function withdrawRemoval(deps: Deps, which: Which & { accountId: string }): Promise<boolean> {
  const { db, now } = deps;
  const { methodId, accountId, by } = which;
  const change = {
    key: `method.removal_withdrawn:${methodId}:${newId("evt", now)}`,
    action: "method.removal_withdrawn",
    accountId,
    by,
  };
  const kept = await commit(db, now, change, [
    sql`update payment_methods set removal_requested_at = null
        where id = ${methodId} and account_id = ${accountId} and removed_at is null and removal_requested_at is not null`,
    mustHaveChanged("rows_matched"),
    ...anotherUsual(methodId),
    closeWorkAbout(now, methodId),
  ]);
  return kept.result === "done";
}

/** Takes a method off for good: first from our books, then at the vendor, who is asked until it has happened. */
export async function removeMethod(deps: Deps, which: Which): Promise<RemovalResult> {
  const { db, now } = deps;
  const { methodId, by, reason } = which;
  const letter = letterAboutMethod(deps, methodId, "method_removed", "removed");
  const accountId = which.accountId ?? (await accountOf(deps, methodId));
  const detail = reason === undefined ? {} : { detail: { reason } };
  const change = { key: `method.removed:${methodId}`, action: "method.removed", accountId, by, ...detail };
  const removed = await commit(db, now, change, [
    sql`update payment_methods set removed_at = ${now} where ${free(which)}`,
    mustHaveChanged("rows_matched"),
    ...anotherUsual(methodId),
    closeWorkAbout(now, methodId),
    letter.promise(),
  ]);
  if (removed.result !== "done") return whyNot(deps, which);
  await letter.announce();
  await detachMethod(deps, methodId);
  return { ok: true };
}

/** The office keeps a method that its owner wanted off, and tells them so. */
export async function declineRemoval(deps: Deps, methodId: string, by: string): Promise<RemovalResult> {
  const { db, now } = deps;
  const occasion = newId("evt", now);
  const letter = letterAboutMethod(deps, methodId, "method_kept", occasion);
  const accountId = await accountOf(deps, methodId);
  const change = {
    key: `method.removal_declined:${methodId}:${occasion}`,
    action: "method.removal_declined",
    accountId,
    by,
  };
  const kept = await commit(db, now, change, [
    sql`update payment_methods set removal_requested_at = null where id = ${methodId} and removed_at is null and removal_requested_at is not null`,
    mustHaveChanged("rows_matched"),
    ...anotherUsual(methodId),
    closeWorkAbout(now, methodId),
    letter.promise(),
  ]);
  if (kept.result !== "done") return { ok: false, problem: "gone" };
  await letter.announce();
  return { ok: true };
}

/** One method of an account is its usual one: this one no longer where it is going, the newest that is left instead. */
function anotherUsual(methodId: string): Write[] {
  const account = sql`(select account_id from payment_methods where id = ${methodId})`;
  const usable = sql`removed_at is null and removal_requested_at is null`;
  return [
    sql`update payment_methods set is_default = 0 where id = ${methodId} and not (${usable})`,
    sql`update payment_methods set is_default = 1 where id = (
          select id from payment_methods where account_id = ${account} and ${usable} order by blocked is not null, saved_at desc, id desc limit 1)
        and not exists (select 1 from payment_methods where account_id = ${account} and is_default = 1)`,
  ];
}

const closeWorkAbout = (now: number, methodId: string): Write =>
  sql`update worklist set closed_at = ${now}
      where id in (${`removal_requested:${methodId}`}, ${`method_expiring:${methodId}`}) and closed_at is null`;

async function accountOf({ db }: Deps, methodId: string): Promise<string | null> {
  const { found } = await readAll(db, {
    found: db
      .select({ accountId: paymentMethods.accountId })
      .from(paymentMethods)
      .where(eq(paymentMethods.id, methodId)),
  });
  return found[0]?.accountId ?? null;
}

/** Why nothing was removed, in the order in which a customer can do something about it. */
async function whyNot({ db }: Deps, { methodId, accountId }: Which): Promise<RemovalResult> {
  const { found } = await readAll(db, {
    found: db
      .select({
        asked: sql<number>`removal_requested_at is not null`,
        autopay: sql<number>`${backsAutopay(methodId)}`,
        payment: sql<number>`${paysNow(methodId)}`,
        scheduled: sql<number>`${paysLater(methodId)}`,
      })
      .from(paymentMethods)
      .where(
        sql`id = ${methodId} and (${accountId} is null or account_id = ${accountId}) and ${paymentMethods.removedAt} is null`,
      ),
  });
  const [method] = found;
  if (!method) return { ok: false, problem: "gone" };
  const use = (["autopay", "payment", "scheduled"] as const).find((name) => method[name]);
  // Its owner has taken the wish back.
  if (!use && accountId === null && !method.asked) return { ok: false, problem: "gone" };
  // What was in the way a moment ago is over: asked again, it goes.
  return { ok: false, problem: use ?? (method.asked ? "asked" : "payment") };
}

/** Removed methods that the vendor has not let go of yet, after a cursor. */
export const methodsToDetach = (db: Db, after: string | null) =>
  db
    .select({ id: paymentMethods.id })
    .from(paymentMethods)
    .where(
      and(
        // The words of the partial index `payment_methods_to_detach`.
        sql`removed_at is not null and detached_at is null`,
        after ? gt(paymentMethods.id, after) : undefined,
      ),
    )
    .orderBy(asc(paymentMethods.id))
    .limit(SWEEP_SIZE);

/** Has the vendor forget a removed method. While it is away nothing happens here: the sweep asks again. */
export async function detachMethod(deps: Deps, methodId: string): Promise<void> {
  const { db, now, ports } = deps;
  const { found } = await readAll(db, {
    found: db
      .select({ token: paymentMethods.stripePaymentMethodId, accountId: paymentMethods.accountId })
      .from(paymentMethods)
      .where(and(eq(paymentMethods.id, methodId), sql`removed_at is not null and detached_at is null`)),
  });
  const method = found[0];
  if (!method) return;
  try {
    await ports.payments.detachMethod(method.token);
  } catch (error) {
    if (error instanceof VendorTrouble) return;
    throw error;
  }
  const change = {
    key: `method.detached:${methodId}`,
    action: "method.detached",
    accountId: method.accountId,
    by: "sweep",
  };
  await commit(db, now, change, [sql`update payment_methods set detached_at = ${now} where id = ${methodId}`]);
}
