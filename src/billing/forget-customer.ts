import { and, eq, isNull, sql } from "drizzle-orm";
import { accounts, paymentMethods } from "../../db/schema.ts";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { letterAboutMethod } from "../messaging/promise-method-letter.ts";
import { stopAutopayOn } from "./stop-autopay.ts";

/**
 * The vendor has deleted an account's customer, and every method that it kept with it. The account has a new one made
 * when it next needs one; its methods are off the books, but for those that a payment on its way was made with, which
 * cannot be charged again. Whoever kept one is told, and autopay that drew on it goes off. Twice is once.
 */
export async function forgetCustomer(deps: Deps, customerId: string): Promise<void> {
  const { db, now } = deps;
  const { found, methods } = await readAll(db, {
    found: db.select({ id: accounts.id }).from(accounts).where(eq(accounts.stripeCustomerId, customerId)),
    methods: db
      .select({ id: paymentMethods.id, accountId: paymentMethods.accountId })
      .from(paymentMethods)
      .innerJoin(accounts, eq(accounts.id, paymentMethods.accountId))
      .where(and(eq(accounts.stripeCustomerId, customerId), isNull(paymentMethods.removedAt))),
  });
  const account = found[0];
  if (!account) return;
  const stops = methods.map((method) => stopAutopayOn(deps, method, "customer_deleted"));
  const letters = methods.map((method) => letterAboutMethod(deps, method.id, "method_removed", "removed"));
  const ids = JSON.stringify(methods.map((method) => method.id));
  const theirs = sql`id in (select value from json_each(${ids})) and removed_at is null`;
  const onItsWay = sql`exists (select 1 from payments p where p.account_id = ${account.id} and p.payment_method_id = payment_methods.id
    and p.state in ('pending', 'processing'))`;
  const change = {
    key: `customer.deleted:${customerId}`,
    action: "customer.deleted",
    accountId: account.id,
    by: "stripe",
    detail: { methods: methods.length },
  };
  const done = await commit(db, now, change, [
    sql`update accounts set stripe_customer_id = null where id = ${account.id} and stripe_customer_id = ${customerId}`,
    mustHaveChanged("rows_matched"),
    // Who has been told that it cannot be charged, or is told so with autopay's end, need not hear it once more.
    ...letters.map((letter) =>
      letter.promise(sql`m.blocked is null and m.removed_at is null
        and not exists (select 1 from autopay o where o.payment_method_id = m.id and o.stopped_at is null)`),
    ),
    ...stops.flatMap((stop) => stop.writes),
    sql`update payment_methods set blocked = coalesce(blocked, 'customer_deleted') where ${theirs} and ${onItsWay}`,
    sql`update payment_methods set removed_at = ${now}, detached_at = ${now}, is_default = 0 where ${theirs} and not ${onItsWay}`,
    sql`update worklist set closed_at = ${now} where closed_at is null
        and id in (select 'removal_requested:' || value from json_each(${ids}))`,
  ]);
  if (done.result !== "done") return;
  for (const { announce } of [...letters, ...stops]) await announce();
}
