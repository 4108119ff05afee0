import { and, asc, eq, lte, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { moneySettings, webhookDeliveries } from "../../db/schema.ts";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import { SWEEP_SIZE } from "../billing/check-payment.ts";
import { HOUR, type Instant, MINUTE } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { asJson, lineById } from "./export.ts";
import { openWorklist } from "./worklist.ts";

/** When to try again, as Standard Webhooks proposes; after the last, three days later, a person is told. */
const TRY_AGAIN_SECONDS = [
  MINUTE,
  5 * MINUTE,
  30 * MINUTE,
  2 * HOUR,
  5 * HOUR,
  10 * HOUR,
  14 * HOUR,
  20 * HOUR,
  20 * HOUR,
];

/** Deliveries whose time has come, after a cursor. */
export const deliveriesToMake = (db: Db, now: Instant, after: string | null) =>
  db
    .select({ id: sql<string>`cast(${webhookDeliveries.ledgerLineId} as text)` })
    .from(webhookDeliveries)
    .where(
      and(
        // The words of the partial index `webhook_deliveries_to_send`: with a `?` in them SQLite would not know it.
        sql`${webhookDeliveries.state} = 'waiting'`,
        lte(webhookDeliveries.nextTryAt, now),
        after ? sql`${webhookDeliveries.ledgerLineId} > cast(${after} as integer)` : undefined,
      ),
    )
    .orderBy(asc(webhookDeliveries.ledgerLineId))
    .limit(SWEEP_SIZE);

/**
 * Tells the dealer's software of one line. It may hear of a line twice, always by the same id, and in any order. A receiver
 * that does not take it is tried for three days.
 */
export async function deliverLine(deps: Deps, lineId: number): Promise<void> {
  const { db, now, dealer } = deps;
  const { delivery, line, to } = await readAll(db, {
    delivery: db.select().from(webhookDeliveries).where(eq(webhookDeliveries.ledgerLineId, lineId)),
    line: lineById(db, lineId),
    to: webhookOf(db),
  });
  const [row] = delivery;
  const { url, secret } = to[0]!;
  if (row?.state !== "waiting" || row.nextTryAt > now || !line[0] || !url || !secret) return;
  const answer = await deps.ports.outgoing.post({
    url,
    secret,
    id: `ledger_line_${lineId}`,
    at: now,
    body: JSON.stringify({
      type: `ledger.${line[0].kind}`,
      timestamp: line[0].at,
      data: asJson(line[0], dealer.timeZone),
    }),
  });
  const tries = row.tries + 1;
  const wait = TRY_AGAIN_SECONDS[row.tries];
  const state = answer.result === "taken" ? "sent" : wait === undefined ? "failed" : "waiting";
  const change = {
    key: `webhook.tried:${lineId}:${newId("evt", now)}`,
    action: "webhook.tried",
    accountId: null,
    by: "sweep",
    detail: { line: lineId, state, reason: answer.result === "taken" ? "" : answer.reason },
  };
  await commit(db, now, change, [
    sql`update webhook_deliveries set state = ${state}, tries = ${tries}, next_try_at = ${now + (wait ?? 0)}
        where ledger_line_id = ${lineId} and state = 'waiting' and tries = ${row.tries}`,
    mustHaveChanged("rows_matched"),
    ...(state === "failed" && answer.result === "refused"
      ? [openWorklist(now, "webhook_failed", null, "deliveries", `tried for three days: ${answer.reason}`)]
      : []),
  ]);
}

/** Where the dealer's software hears of money. */
const webhookOf = (db: Db) =>
  db
    .select({ url: moneySettings.webhookUrl, secret: moneySettings.webhookSecret })
    .from(moneySettings)
    .where(eq(moneySettings.id, 1));

/** Begins anew with the deliveries that were given up. */
export async function deliverFailedAgain({ db, now }: Deps, by: string): Promise<void> {
  const change = { key: `webhook.again:${newId("evt", now)}`, action: "webhook.again", accountId: null, by };
  await commit(db, now, change, [
    sql`update webhook_deliveries set state = 'waiting', tries = 0, next_try_at = ${now} where state = 'failed'`,
    sql`update worklist set closed_at = ${now} where id = 'webhook_failed:deliveries' and closed_at is null`,
  ]);
}
