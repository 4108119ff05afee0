import { sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { commit, readAll } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { type Cents, sum } from "../money.ts";
import { VendorTrouble } from "../ports.ts";
import { type Move, moveMoney } from "./allocations.ts";
import { SWEEP_SIZE } from "./check-payment.ts";
import { type CreditSource, type CreditTarget, spreadCredits } from "./credit-rules.ts";

/** How many credits and invoices one commit takes; more go round again. */
const AT_ONCE = 100;
const MOST_ROUNDS = 20;

/**
 * Uses an account's credits, and what its payments have left over, on its open invoices: the oldest money for the
 * oldest invoice. Nothing goes onto what a payment under way holds, nor onto an invoice in dispute. Where the dealer
 * does it by hand, nothing happens unless somebody asked. Answers how much was used.
 */
export async function applyCredits(
  deps: Deps,
  accountId: string,
  by: string,
  asked: "asked" | "by_itself" = "by_itself",
): Promise<Cents> {
  const { db, now } = deps;
  const used: number[] = [];
  for (let round = 0; round < MOST_ROUNDS; round++) {
    const { settings, sources, targets } = await readAll(db, {
      settings: db.all<{ apply_credit: string }>(sql`select apply_credit from money_settings where id = 1`),
      sources: unusedMoney(db, accountId),
      targets: invoicesToCover(db, accountId),
    });
    if (asked === "by_itself" && settings[0]?.apply_credit !== "automatic") break;
    const moves = spreadCredits(sources, targets).map(({ source, invoiceId, cents }) =>
      moveOf(source, invoiceId, cents),
    );
    if (moves.length === 0) break;
    const key = `credit.applied:${newId("use", now)}`;
    const usedCents = sum(moves.map((move) => move.cents));
    const change = { key, action: "credit.applied", accountId, by, detail: { cents: usedCents } };
    // Whoever was faster has taken the room or the money: the CHECKs refuse, and the next round sees what is left.
    const { result } = await commit(db, now, change, [...moveMoney(moves, key, now), stillCoverable(moves)]);
    if (result === "done") used.push(usedCents);
  }
  return sum(used);
}

/** Has an account's credit used by a job. Losing this is harmless: the nightly sweep finds it. */
export async function useCreditSoon({ ports, dealer }: Deps, accountId: string): Promise<void> {
  try {
    await ports.jobs.send([{ type: "credits.apply", dealer: dealer.slug, accountId }]);
  } catch (error) {
    if (!(error instanceof VendorTrouble)) throw error;
  }
}

/** By hand: so much of one credit or payment onto one invoice of the same account. `id` makes a press of the button one. */
export async function applyCreditTo(
  deps: Deps,
  use: {
    id: string;
    accountId: string;
    source: Pick<CreditSource, "kind" | "id">;
    invoiceId: string;
    cents: Cents;
    by: string;
  },
): Promise<"done" | "already" | "refused"> {
  const { db, now } = deps;
  const { accountId, source, invoiceId, cents, by } = use;
  const key = `credit.applied:${use.id}`;
  const moves = [moveOf(source, invoiceId, cents)];
  const change = { key, action: "credit.applied", accountId, by, detail: { cents, invoiceId, from: source.id } };
  const ofAccount = sql`insert into guards (rows_matched) select 0 where not exists
      (select 1 from invoices where id = ${invoiceId} and account_id = ${accountId})
      or not exists (select 1 from credits where id = ${source.id} and account_id = ${accountId}
        union all select 1 from payments where id = ${source.id} and account_id = ${accountId} and state = 'settled')`;
  const { result } = await commit(db, now, change, [ofAccount, ...moveMoney(moves, key, now), stillCoverable(moves)]);
  return result;
}

/**
 * Takes all that a credit or payment covers of an invoice off it again: new rows, the old ones stay. `cents` is what the
 * person has seen there; if it is another amount by now, nothing happens.
 */
export async function takeCreditBack(
  deps: Deps,
  use: { accountId: string; source: Pick<CreditSource, "kind" | "id">; invoiceId: string; cents: Cents; by: string },
): Promise<"done" | "refused"> {
  const { db, now } = deps;
  const { accountId, source, invoiceId, cents, by } = use;
  const key = `credit.taken_back:${newId("use", now)}`;
  const change = { key, action: "credit.taken_back", accountId, by, detail: { cents, invoiceId, from: source.id } };
  const { result } = await commit(db, now, change, [
    sql`insert into guards (rows_matched) select 0 where ${cents} <= 0 or ${cents} <>
        (select coalesce(sum(a.amount_cents), 0) from allocations a join invoices i on i.id = a.invoice_id and i.account_id = ${accountId}
          where a.invoice_id = ${invoiceId} and coalesce(a.payment_id, a.credit_id) = ${source.id})`,
    ...moveMoney([moveOf(source, invoiceId, -cents)], key, now),
  ]);
  return result === "done" ? "done" : "refused";
}

const moveOf = (source: Pick<CreditSource, "kind" | "id">, invoiceId: string, cents: number): Move => ({
  paymentId: source.kind === "payment" ? source.id : null,
  creditId: source.kind === "credit" ? source.id : null,
  invoiceId,
  cents,
});

/** Refuses the commit when one of the invoices is no longer one that a customer is asked to pay. */
const stillCoverable = (moves: readonly Move[]) =>
  sql`insert into guards (rows_matched) select 0 from json_each(${JSON.stringify(moves)})
      where not exists (select 1 from invoices where id = value ->> 'invoiceId' and status = 'sent') limit 1`;

// The words of the partial indexes; nothing of a payment that a person must look at, or whose bank is taking it back.
const unusedMoney = (db: Db, accountId: string) =>
  db.all<CreditSource>(sql`
    select 'credit' kind, id, issued_on "on", amount_cents - allocated_cents "restCents" from credits
     where account_id = ${accountId} and amount_cents > allocated_cents
    union all
    select 'payment', id, paid_on, amount_cents - allocated_cents - refunded_cents - returned_cents from payments indexed by payments_with_credit
     where account_id = ${accountId} and state = 'settled' and amount_cents > allocated_cents + refunded_cents + returned_cents
       and review_reason is null and not exists (select 1 from returns where payment_id = payments.id and returns.state = 'running')
    order by 3, 2 limit ${AT_ONCE}`);

const invoicesToCover = (db: Db, accountId: string) =>
  db.all<CreditTarget>(sql`
    select id "invoiceId", total_cents - allocated_cents - held_cents "payableCents" from invoices
     where account_id = ${accountId} and status = 'sent' and allocated_cents < total_cents
       and total_cents > allocated_cents + held_cents and not ${inDispute}
     order by due_on, number limit ${AT_ONCE}`);

/** The bank has taken this invoice's money and has not said yet whether it comes back. */
const inDispute = sql`exists (select 1 from allocations a join returns r on r.payment_id = a.payment_id
    and r.state = 'running' and a.event_key = 'payment.returned:' || r.id where a.invoice_id = invoices.id)`;

/** A page of accounts that have both unused money and something open, after a cursor. */
export const accountsWithCredit = (db: Db, after: string | null) =>
  db.all<{ id: string }>(sql`
    select account_id id from (
      select account_id from credits where amount_cents > allocated_cents
      union
      select account_id from payments where state = 'settled' and amount_cents > allocated_cents + refunded_cents + returned_cents) credits_left
    where account_id > ${after ?? ""} and exists (select 1 from invoices i where i.account_id = credits_left.account_id
      and i.status = 'sent' and i.allocated_cents < i.total_cents)
    order by account_id limit ${SWEEP_SIZE}`);
