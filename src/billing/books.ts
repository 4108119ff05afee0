import { sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { readAll } from "../batch.ts";

/** So many rows of each are named: where there are more, one cause has broken them all. */
export const ROWS_OF_EACH = 20;

/** Rows whose two figures contradict each other: `stored`, or what was allowed, and `counted`, from what it is made of. */
const figures = (from: string, stored: string, counted: string, wrong = "stored is not counted"): string =>
  `select * from (select id, ${stored} stored, ${counted} counted from ${from}) where ${wrong}`;

/**
 * Every promise of the ledger as a query that must find nothing; each row names what is wrong, with both figures where
 * it is about money.
 */
export const PROMISES: Record<string, string> = {
  "an invoice's allocated money is the sum of its allocations": figures(
    "invoices t",
    "allocated_cents",
    "(select coalesce(sum(amount_cents), 0) from allocations where invoice_id = t.id)",
  ),
  "an invoice's held money is what payments under way hold": figures(
    "invoices t",
    "held_cents",
    "(select coalesce(sum(h.amount_cents), 0) from holds h join payments p on p.id = h.payment_id where h.invoice_id = t.id and p.state in ('pending', 'processing'))",
  ),
  "an invoice's total is its lines and their tax": figures(
    "invoices t",
    "total_cents",
    "(select sum(amount_cents + tax_cents) from invoice_lines where invoice_id = t.id)",
    "stored <> counted",
  ),
  "a payment's allocated money is the sum of its allocations": figures(
    "payments t",
    "allocated_cents",
    "(select coalesce(sum(amount_cents), 0) from allocations where payment_id = t.id)",
  ),
  "a credit's allocated money is the sum of its allocations": figures(
    "credits t",
    "allocated_cents",
    "(select coalesce(sum(amount_cents), 0) from allocations where credit_id = t.id)",
  ),
  "a payment's returned money is what its returns have taken": figures(
    "payments t",
    "returned_cents",
    "(select coalesce(sum(taken_cents), 0) from returns where payment_id = t.id)",
  ),
  "a payment's refunded money is the sum of its refunds": figures(
    "payments t",
    "refunded_cents",
    "(select coalesce(sum(amount_cents), 0) from refunds where payment_id = t.id and state <> 'failed')",
  ),
  "no more of a payment goes back than it brought": figures(
    "payments t",
    "amount_cents",
    "(select coalesce(sum(amount_cents), 0) from refunds where payment_id = t.id and state <> 'failed') + (select coalesce(sum(taken_cents), 0) from returns where payment_id = t.id)",
    "counted > stored",
  ),
  "no more credit is given instead of a payment's refund than it brought": figures(
    "payments t",
    "iif(state = 'settled', amount_cents, 0)",
    "(select sum(amount_cents) from credits where payment_id = t.id)",
    "counted > stored",
  ),
  "a payment holds no more than itself": figures(
    "payments t",
    "amount_cents",
    "(select sum(amount_cents) from holds where payment_id = t.id)",
    "counted > stored",
  ),
  "a settled payment has covered what it held": figures(
    "payments t where origin = 'portal' and state = 'settled' and not exists (select 1 from events where key = 'payment.revived:' || t.id)",
    "(select coalesce(sum(amount_cents), 0) from holds where payment_id = t.id)",
    "(select coalesce(sum(amount_cents), 0) from allocations where payment_id = t.id and amount_cents > 0)",
    "stored > counted",
  ),
  // What has been taken off again says nothing: a corrected import may move a payment to the customer it belongs to.
  "money stays within one account":
    "select i.id from (select invoice_id, payment_id, credit_id from allocations group by invoice_id, payment_id, credit_id having sum(amount_cents) <> 0) a join invoices i on i.id = a.invoice_id left join payments p on p.id = a.payment_id left join credits c on c.id = a.credit_id where i.account_id <> coalesce(p.account_id, c.account_id) union all select h.payment_id from holds h join invoices i on i.id = h.invoice_id join payments p on p.id = h.payment_id where i.account_id <> p.account_id",
  "a settled payment of the portal promised exactly one receipt, or the office knows that there is nobody to send it to":
    "select id from payments p where origin = 'portal' and state = 'settled' and (select count(*) from messages where dedupe_key = 'receipt:' || p.id) + exists (select 1 from worklist where id = 'message_failed:' || p.id) <> 1",
  "a draft was announced to somebody":
    "select id from drafts d where (select count(*) from messages where dedupe_key in ('draft_announced:' || d.id, 'draft_asking:' || d.id)) <> 1",
  "a settled payment of the portal has its one line for the dealer's accounting": figures(
    "payments t where origin = 'portal' and state = 'settled'",
    "amount_cents",
    "(select amount_cents from ledger_lines where kind = 'payment' and subject_id = t.id)",
  ),
  "the lines of a refund are what went back by it": `${figures("refunds t", "case state when 'settled' then -amount_cents else 0 end", "(select coalesce(sum(amount_cents), 0) from ledger_lines where kind = 'refund' and (subject_id = t.id or subject_id = t.id || ':failed'))")} union all select subject_id, 0, amount_cents from ledger_lines l where kind = 'refund' and not exists (select 1 from refunds where l.subject_id in (id, id || ':failed'))`,
  "the lines of a return are what it has taken": figures(
    "returns t",
    "-taken_cents",
    "(select coalesce(sum(amount_cents), 0) from ledger_lines where kind = 'return' and substr(subject_id || ':', 1, length(t.id) + 1) = t.id || ':')",
  ),
  "a credit that the office gave has its one line for the dealer's accounting": figures(
    "credits t where by is not null",
    "amount_cents",
    "(select amount_cents from ledger_lines where kind = 'credit' and subject_id = t.id)",
  ),
  "an account has at most one usual method, and that one is on file":
    "select account_id id from payment_methods where is_default = 1 group by account_id having count(*) > 1 union all select id from payment_methods where is_default = 1 and removed_at is not null",
  "a method that is off the books backs neither autopay nor a payment under way":
    "select m.id from payment_methods m where removed_at is not null and (exists (select 1 from autopay where payment_method_id = m.id and stopped_at is null) or exists (select 1 from payments where payment_method_id = m.id and state in ('pending', 'processing')))",
  "a method that was added here stands in its agreement, and both are of one account":
    "select s.id from setups s join agreements g on g.id = s.agreement_id left join payment_methods m on m.id = s.payment_method_id where g.account_id <> s.account_id or (s.state = 'done') <> (m.id is not null) or (s.state = 'done' and (m.account_id <> s.account_id or g.payment_method_id is not m.id))",
  "a setup is asked about until it is over":
    "select id from setups where (state in ('open', 'verifying')) <> (check_at is not null)",
  "a refund is asked about until it is over":
    "select id from refunds where (state = 'pending') <> (check_at is not null)",
  "a settled refund is known to the vendor":
    "select id from refunds where state = 'settled' and stripe_refund_id is null",
  "what a return could not take had been refunded":
    "select r.id, taken_cents stored, r.amount_cents counted from returns r join payments p on p.id = r.payment_id where r.state <> 'won' and r.taken_cents < r.amount_cents and p.refunded_cents + p.returned_cents < p.amount_cents",
  "a draft's payments take no more than was announced, and only one of them does":
    "select dp.draft_id id, coalesce(d.max_cents, 0) stored, sum(p.amount_cents) counted from draft_payments dp join payments p on p.id = dp.payment_id left join drafts d on d.id = dp.draft_id where p.state <> 'failed' group by dp.draft_id having sum(p.amount_cents) > coalesce(d.max_cents, 0) or count(*) > 1",
  "a draft takes of each invoice no more than was announced":
    "select dp.draft_id id, coalesce(i.max_cents, 0) stored, h.amount_cents counted from draft_payments dp join holds h on h.payment_id = dp.payment_id left join draft_items i on i.draft_id = dp.draft_id and i.invoice_id = h.invoice_id where counted > stored",
  "what a draft was announced for is the sum of its invoices": figures(
    "drafts t",
    "max_cents",
    "(select coalesce(sum(max_cents), 0) from draft_items where draft_id = t.id)",
  ),
  "a draft is settled when a payment of it is, and on its way while one is":
    "select id from drafts d where (state = 'settled') <> exists (select 1 from draft_payments dp join payments p on p.id = dp.payment_id where dp.draft_id = d.id and p.state = 'settled') or (state = 'charging') <> exists (select 1 from draft_payments dp join payments p on p.id = dp.payment_id where dp.draft_id = d.id and p.state in ('pending', 'processing'))",
  "a draft waits for a day only while it may be made":
    "select id from drafts where (state = 'announced') <> (next_try_on is not null) and state <> 'failed'",
  "an account has one draft a month, of its own invoices":
    "select id from drafts where id <> 'drf_' || substr(account_id, 5) || substr(id, -8) union all select draft_id from draft_items t join drafts d on d.id = t.draft_id join invoices i on i.id = t.invoice_id where i.account_id <> d.account_id",
  "a payment on a later day takes no more of each invoice than was chosen":
    "select s.id, coalesce(i.amount_cents, 0) stored, h.amount_cents counted from scheduled_payments s join holds h on h.payment_id = s.payment_id left join scheduled_items i on i.scheduled_payment_id = s.id and i.invoice_id = h.invoice_id where counted > stored group by s.id",
  "a payment on a later day has its payment once it was started, and none before":
    "select id from scheduled_payments where (state = 'started') <> (payment_id is not null)",
  "no guard keeps a row": "select rowid id from guards",
};

/** What breaks a promise: a row's id, and both figures in cents where the promise is about money. */
export type Broken = { promise: string; id: string; stored?: number | null; counted?: number | null };

/** Recomputes the books. Returns what breaks each promise, twenty rows of each at most; hopefully nothing. */
export async function brokenRows(db: Db): Promise<Broken[]> {
  const reads = Object.fromEntries(
    Object.entries(PROMISES).map(([promise, query]) => [
      promise,
      db.all<Omit<Broken, "promise">>(sql.raw(`${query} limit ${ROWS_OF_EACH}`)),
    ]),
  );
  const answers = (await readAll(db, reads)) as Record<string, Omit<Broken, "promise">[]>;
  return Object.entries(answers).flatMap(([promise, rows]) => rows.map((row) => ({ promise, ...row })));
}

/** The same by promise, with the ids of what breaks it. */
export async function brokenPromises(db: Db): Promise<{ promise: string; ids: string[] }[]> {
  const broken = await brokenRows(db);
  return [...new Set(broken.map((one) => one.promise))].map((promise) => ({
    promise,
    ids: broken.filter((one) => one.promise === promise).map((one) => one.id),
  }));
}
