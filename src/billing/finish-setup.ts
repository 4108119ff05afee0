import { and, asc, eq, gt, lte, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { setups } from "../../db/schema.ts";
import { type Commit, commit, mustHaveChanged, readAll } from "../batch.ts";
import { DAY, HOUR, type Instant, MINUTE } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { letterAboutSetup, mayStillAdd } from "../messaging/promise-method-letter.ts";
import type { SetupOutcome } from "../ports.ts";
import { SWEEP_SIZE } from "./check-payment.ts";
import { detachMethod } from "./remove-method.ts";

/** When to ask again about a setup of unknown outcome. */
const ASK_AGAIN_SECONDS = [2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY, DAY, DAY];
/** While its owner types at the vendor's page, or until the small deposits are typed in. */
const STILL_OPEN_SECONDS = 15 * MINUTE;
/** By then the small deposits have arrived, and there is a week left to type them in. */
const REMIND_AFTER_SECONDS = 3 * DAY;

/** The columns of a setup that its next step depends on. */
export const underWay = {
  id: setups.id,
  accountId: setups.accountId,
  state: setups.state,
  checks: setups.checks,
  stripeCheckoutId: setups.stripeCheckoutId,
};
export type SetupUnderWay = Pick<typeof setups.$inferSelect, keyof typeof underWay>;

/** Setups whose time to be asked about has come, after a cursor. */
export const setupsToCheck = (db: Db, now: Instant, after: string | null) =>
  db
    .select({ id: setups.id })
    .from(setups)
    .where(
      and(
        // The words of the partial index `setups_to_check`: with a `?` in them SQLite would not know it.
        sql`${setups.state} in ('open', 'verifying')`,
        lte(setups.checkAt, now),
        after ? gt(setups.id, after) : undefined,
      ),
    )
    .orderBy(asc(setups.id))
    .limit(SWEEP_SIZE);

/** A setup as its next step needs it, whoever's it is: for jobs and webhooks, which act for nobody. */
export const setupUnderWay = (db: Db, id: string) => db.select(underWay).from(setups).where(eq(setups.id, id));

/** Asks the vendor where a setup stands and brings it there; the sweep then says when to ask next. */
export async function checkSetup(deps: Deps, setupId: string): Promise<void> {
  const { found } = await readAll(deps.db, { found: setupUnderWay(deps.db, setupId) });
  const setup = found[0];
  if (!setup || (setup.state !== "open" && setup.state !== "verifying")) return;
  const state = await lookAtSetup(deps, setup, "sweep");
  if (state === "open" || state === "verifying" || state === "unknown") await askAgain(deps, setup, state);
}

/** The same for a setup that has just been read. Returns where it stands. */
export async function lookAtSetup(deps: Deps, setup: SetupUnderWay, by: string): Promise<SetupOutcome["state"]> {
  if (setup.state === "done" || setup.state === "failed") return setup.state;
  const outcome = await deps.ports.payments.setupOutcome(setup.stripeCheckoutId!);
  await applySetup(deps, setup, outcome, by);
  return outcome.state;
}

/**
 * Brings a setup to where its vendor says it is. Safe in any order and any number of times. A method that was attached
 * after all is kept even when we had given it up: its owner agreed to that, and the vendor holds it.
 */
export async function applySetup(deps: Deps, setup: SetupUnderWay, outcome: SetupOutcome, by: string): Promise<void> {
  switch (outcome.state) {
    case "done":
      return keep(deps, setup, outcome, by);
    case "verifying":
      return verify(deps, setup, outcome, by);
    case "failed":
      return giveUp(deps, setup, outcome.code, by);
    default:
      return;
  }
}

/**
 * The method stands on file. The same card with the same date, or the same account, is the one that stood there before,
 * and the second token for it is given back to the vendor.
 */
async function keep(
  deps: Deps,
  setup: SetupUnderWay,
  { saved }: SetupOutcome & { state: "done" },
  by: string,
): Promise<void> {
  const { db, now } = deps;
  const methodId = newId("pm", now);
  const letter = letterAboutSetup(deps, setup.id, "method_added");
  const kept = sql`(select payment_method_id from setups where id = ${setup.id})`;
  const becomesUsual = sql`((select make_default from setups where id = ${setup.id}) or not exists
    (select 1 from payment_methods where account_id = ${setup.accountId} and is_default = 1))`;
  const change = {
    key: `setup.done:${setup.id}`,
    action: "method.added",
    accountId: setup.accountId,
    by,
    detail: { method: methodId },
  };
  const done: Commit = await commit(db, now, change, [
    sql`update setups set state = 'done', check_at = null, failure_code = null, brand = ${saved.brand}, last_four = ${saved.lastFour},
          payment_method_id = (select id from payment_methods where account_id = ${setup.accountId} and fingerprint = ${saved.fingerprint}
            and expires_month is ${saved.expiresMonth} and expires_year is ${saved.expiresYear}
            and removed_at is null and blocked is null and removal_requested_at is null limit 1)
        where id = ${setup.id} and state <> 'done'`,
    mustHaveChanged("rows_matched"),
    sql`insert into payment_methods (id, account_id, kind, brand, last_four, expires_month, expires_year, fingerprint, stripe_payment_method_id, mandate_id, saved_at, removed_at)
        values (${methodId}, ${setup.accountId}, ${saved.kind}, ${saved.brand}, ${saved.lastFour}, ${saved.expiresMonth}, ${saved.expiresYear},
          ${saved.fingerprint}, ${saved.paymentMethodId}, ${saved.mandateId}, ${now}, iif(${kept} is null, null, ${now}))`,
    sql`update setups set payment_method_id = coalesce(payment_method_id, ${methodId}) where id = ${setup.id}`,
    sql`update agreements set payment_method_id = ${kept}, mandate_id = ${saved.mandateId} where id = (select agreement_id from setups where id = ${setup.id})`,
    sql`update payment_methods set is_default = (id = ${kept})
        where account_id = ${setup.accountId} and (is_default = 1 or id = ${kept}) and ${becomesUsual}`,
    letter.promise(),
  ]);
  if (done.result !== "done") return;
  await letter.announce();
  await detachMethod(deps, methodId);
}

/** Two small deposits are on their way to the account; until its owner has typed them in, nothing can be charged. */
async function verify(
  deps: Deps,
  setup: SetupUnderWay,
  { brand, lastFour }: { brand: string; lastFour: string },
  by: string,
): Promise<void> {
  if (setup.state !== "open") return;
  const { db, now } = deps;
  const letter = letterAboutSetup(deps, setup.id, "method_verifying");
  const change = {
    key: `setup.verifying:${setup.id}`,
    action: "setup.verifying",
    accountId: setup.accountId,
    by,
  };
  const done = await commit(db, now, change, [
    sql`update setups set state = 'verifying', brand = ${brand}, last_four = ${lastFour}, checks = 0, check_at = ${now + DAY}
        where id = ${setup.id} and state = 'open'`,
    mustHaveChanged("rows_matched"),
    letter.promise(),
  ]);
  if (done.result === "done") await letter.announce();
}

/** Nothing was kept. Whoever waited for their deposits is told. */
async function giveUp(deps: Deps, setup: SetupUnderWay, code: string, by: string): Promise<void> {
  if (setup.state === "done" || setup.state === "failed") return;
  const { db, now } = deps;
  const letter = letterAboutSetup(deps, setup.id, "method_not_verified");
  const change = {
    key: `setup.failed:${setup.id}`,
    action: "setup.failed",
    accountId: setup.accountId,
    by,
    detail: { code },
  };
  const done = await commit(db, now, change, [
    letter.promise(sql`s.state = 'verifying'`),
    sql`update setups set state = 'failed', failure_code = ${code}, check_at = null where id = ${setup.id} and state in ('open', 'verifying')`,
    mustHaveChanged("rows_matched"),
  ]);
  if (done.result === "done") await letter.announce();
}

/**
 * Sets when to ask next, and reminds once of small deposits that nobody has typed in. A setup that stays unclear is given
 * up, which loses nobody's money.
 */
async function askAgain(deps: Deps, setup: SetupUnderWay, state: "open" | "verifying" | "unknown"): Promise<void> {
  const { db, now } = deps;
  const wait = state === "unknown" ? ASK_AGAIN_SECONDS[setup.checks] : state === "verifying" ? DAY : STILL_OPEN_SECONDS;
  if (wait === undefined) return giveUp(deps, setup, "unclear", "sweep");
  const change = {
    key: `setup.checked:${setup.id}:${now}`,
    action: "setup.checked",
    accountId: setup.accountId,
    by: "sweep",
    detail: { state },
  };
  const reminder = letterAboutSetup(deps, setup.id, "method_still_verifying");
  const isDue = sql`s.state = 'verifying' and ${mayStillAdd} and exists (select 1 from events
    where key = 'setup.verifying:' || s.id and at <= ${now - REMIND_AFTER_SECONDS})`;
  const done = await commit(db, now, change, [
    sql`update setups set check_at = ${now + wait}, checks = iif(${state === "unknown" ? 1 : 0}, checks + 1, 0)
        where id = ${setup.id} and state in ('open', 'verifying')`,
    ...(state === "verifying" ? [reminder.promise(isDue)] : []),
  ]);
  if (done.result === "done" && state === "verifying") await reminder.announce();
}
