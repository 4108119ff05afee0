import { sql } from "drizzle-orm";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import { HOUR, type Instant, localDate } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import type { VendorPayment } from "../ports.ts";
import { checkPayment } from "./check-payment.ts";
import { type CreditTarget, spreadCredits } from "./credit-rules.ts";
import { compare, type ReckoningStep, reckon } from "./reckon.ts";

/** What brings the books up to date after the database was put back to an earlier instant. Run while the dealer is halted. */

/** What a vendor's clock and ours, and what was under way at that instant, may be apart. */
const BEFORE_SECONDS = HOUR;

export type Recovered = {
  /** Payments that the books had lost and that are in them again. */
  payments: number;
  /** Letters of which nobody can say whether they went out: a person decides. */
  unclear: number;
  /** What bank and books still disagree about: on the worklist, with both figures. */
  differences: number;
  /** The last line for the dealer's accounting that was put back; later ones were handed out under numbers that come again. */
  lastLine: number;
};

/**
 * Records the payments that the vendor has taken since an hour before and the books have lost, reckons everything, and
 * sets aside every letter that waits: it may have gone out in the time that is gone. Doing it again changes nothing more.
 * Throws VendorTrouble.
 */
export async function recoverRecords(deps: Deps, restoredTo: Instant): Promise<Recovered> {
  const { db } = deps;
  const { lines } = await readAll(db, {
    lines: db.all<{ last: number }>(sql`select coalesce(max(id), 0) last from ledger_lines where at <= ${restoredTo}`),
  });
  const payments = await recoverPayments(deps, restoredTo - BEFORE_SECONDS);
  for (let step: ReckoningStep | null = await reckon(deps, null); step; ) step = await reckon(deps, step);
  const unclear = await setLettersAside(deps);
  const { open } = await readAll(db, {
    open: db.all<{ count: number }>(
      sql`select count(*) count from worklist where kind = 'reckoning_differs' and closed_at is null`,
    ),
  });
  return { payments, unclear, differences: open[0]!.count, lastLine: lines[0]!.last };
}

async function recoverPayments(deps: Deps, since: Instant): Promise<number> {
  const { payments } = deps.ports;
  let recovered = 0;
  for (let cursor: string | null = null, more = true; more; more = cursor !== null) {
    const { found, next } = await payments.listPayments(since, cursor);
    for (const one of found) {
      const moved = one.state === "settled" || one.state === "processing";
      if (moved && (await record(deps, one))) {
        await checkPayment(deps, one.paymentId, "restore");
        recovered++;
      }
    }
    await compare(deps, found);
    cursor = next;
  }
  return recovered;
}

/**
 * A payment of which only the vendor knows, as one that is under way: for the invoices that it was described with, then
 * the oldest open ones, as far as they owe it. What is left over is account credit. False when it is in the books, or of
 * nobody whom they know: that is for the worklist.
 */
async function record(deps: Deps, one: VendorPayment): Promise<boolean> {
  const { db, now, dealer } = deps;
  const { accounts, targets } = await readAll(db, {
    accounts: db.all<{ id: string }>(sql`select id from accounts where stripe_customer_id = ${one.customerId}
      and not exists (select 1 from payments where id = ${one.paymentId})`),
    targets: db.all<CreditTarget>(sql`
      select i.id "invoiceId", total_cents - allocated_cents - held_cents "payableCents" from invoices i
        join accounts a on a.id = i.account_id
       where a.stripe_customer_id = ${one.customerId} and i.status = 'sent' and allocated_cents < total_cents
         and total_cents > allocated_cents + held_cents
       order by instr(${one.description}, i.number) = 0, due_on, i.number`),
  });
  const account = accounts[0];
  if (!account) return false;
  const on = localDate(one.startedAt, dealer.timeZone);
  const source = { kind: "payment" as const, id: one.paymentId, on, restCents: one.cents };
  const holds = JSON.stringify(spreadCredits([source], targets).map(({ invoiceId, cents }) => [invoiceId, cents]));
  const held = sql`(select value ->> '$[0]' invoice_id, value ->> '$[1]' cents from json_each(${holds}))`;
  const change = {
    key: `payment.recovered:${one.paymentId}`,
    action: "payment.recovered",
    accountId: account.id,
    by: "restore",
    detail: { cents: one.cents, intent: one.intentId },
  };
  const { result } = await commit(db, now, change, [
    sql`insert into payments (id, account_id, origin, kind, amount_cents, state, stripe_payment_intent_id, started_at, paid_on, check_at)
        values (${one.paymentId}, ${account.id}, 'portal', 'card', ${one.cents}, 'pending', ${one.intentId}, ${one.startedAt}, ${on}, ${now})`,
    mustHaveChanged("rows_matched"),
    sql`insert into holds (payment_id, invoice_id, amount_cents) select ${one.paymentId}, invoice_id, cents from ${held}`,
    sql`update invoices set held_cents = held_cents + h.cents from ${held} h where invoices.id = h.invoice_id`,
  ]);
  return result === "done";
}

/** Nobody can say of a letter that waits whether it went out: it is not sent by itself. One that was not due yet is. */
async function setLettersAside({ db, now }: Deps): Promise<number> {
  const { waiting } = await readAll(db, {
    waiting: db.all<{ id: string }>(
      sql`select id from messages where state in ('waiting', 'sending') and coalesce(lease_until, 0) <= ${now}`,
    ),
  });
  if (waiting.length === 0) return 0;
  const ids = sql`(select value from json_each(${JSON.stringify(waiting.map(({ id }) => id))}))`;
  const why =
    "the records were put back to an earlier time: it may have gone out already. Send it by hand if it did not";
  const change = {
    key: `messages.set_aside:${newId("evt", now)}`,
    action: "messages.set_aside",
    accountId: null,
    by: "restore",
  };
  await commit(db, now, { ...change, detail: { count: waiting.length } }, [
    sql`insert into worklist (id, kind, account_id, subject_id, detail, opened_at)
        select 'message_failed:' || id, 'message_failed', account_id, id, ${why}, ${now} from messages where id in ${ids}
        on conflict (id) do update set closed_at = null, opened_at = excluded.opened_at, detail = excluded.detail`,
    sql`update messages set state = 'unclear', failure = ${why}, lease_until = null where id in ${ids}`,
  ]);
  return waiting.length;
}
