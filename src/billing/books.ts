import { sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { commit, readAll } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { openWorklist } from "../office/worklist.ts";

/** Every promise of the ledger as a query that must find nothing; each row names what is wrong. */
export const PROMISES: Record<string, string> = {
  "an invoice's allocated money is the sum of its allocations":
    "select id from invoices i where allocated_cents <> (select coalesce(sum(amount_cents), 0) from allocations where invoice_id = i.id)",
  "an invoice's held money is what payments under way hold":
    "select id from invoices i where held_cents <> (select coalesce(sum(h.amount_cents), 0) from holds h join payments p on p.id = h.payment_id where h.invoice_id = i.id and p.state in ('pending', 'processing'))",
  "an invoice's total is its lines and their tax":
    "select id from invoices i where exists (select 1 from invoice_lines where invoice_id = i.id) and total_cents <> (select sum(amount_cents + tax_cents) from invoice_lines where invoice_id = i.id)",
  "a payment's allocated money is the sum of its allocations":
    "select id from payments p where allocated_cents <> (select coalesce(sum(amount_cents), 0) from allocations where payment_id = p.id)",
  "a credit's allocated money is the sum of its allocations":
    "select id from credits c where allocated_cents <> (select coalesce(sum(amount_cents), 0) from allocations where credit_id = c.id)",
  "a payment's returned money is what its returns have taken":
    "select id from payments p where returned_cents <> (select coalesce(sum(taken_cents), 0) from returns where payment_id = p.id)",
  "a payment's refunded money is the sum of its refunds":
    "select id from payments p where refunded_cents <> (select coalesce(sum(amount_cents), 0) from refunds where payment_id = p.id and state <> 'failed')",
  "no more of a payment goes back than it brought":
    "select id from payments p where (select coalesce(sum(amount_cents), 0) from refunds where payment_id = p.id and state <> 'failed') + (select coalesce(sum(taken_cents), 0) from returns where payment_id = p.id) > amount_cents",
  "no more credit is given instead of a payment's refund than it brought":
    "select p.id from payments p where amount_cents < (select sum(amount_cents) from credits where payment_id = p.id)",
  "a payment holds no more than itself":
    "select payment_id id from holds h group by payment_id having sum(amount_cents) > (select amount_cents from payments where id = h.payment_id)",
  "a settled payment has covered what it held":
    "select id from payments p where origin = 'portal' and state = 'settled' and not exists (select 1 from events where key = 'payment.revived:' || p.id) and (select coalesce(sum(amount_cents), 0) from holds where payment_id = p.id) > (select coalesce(sum(amount_cents), 0) from allocations where payment_id = p.id and amount_cents > 0)",
  // What has been taken off again says nothing: a corrected import may move a payment to the customer it belongs to.
  "money stays within one account":
    "select i.id from (select invoice_id, payment_id, credit_id from allocations group by invoice_id, payment_id, credit_id having sum(amount_cents) <> 0) a join invoices i on i.id = a.invoice_id left join payments p on p.id = a.payment_id left join credits c on c.id = a.credit_id where i.account_id <> coalesce(p.account_id, c.account_id) union all select h.payment_id from holds h join invoices i on i.id = h.invoice_id join payments p on p.id = h.payment_id where i.account_id <> p.account_id",
  "a settled payment of the portal promised exactly one receipt, or the office knows that there is nobody to send it to":
    "select id from payments p where origin = 'portal' and state = 'settled' and (select count(*) from messages where dedupe_key = 'receipt:' || p.id) + exists (select 1 from worklist where id = 'message_failed:' || p.id) <> 1",
  "a draft was announced to somebody":
    "select id from drafts d where (select count(*) from messages where dedupe_key in ('draft_announced:' || d.id, 'draft_asking:' || d.id)) <> 1",
  "a settled payment of the portal has its one line for the dealer's accounting":
    "select id from payments p where origin = 'portal' and state = 'settled' and amount_cents is not (select amount_cents from ledger_lines where kind = 'payment' and subject_id = p.id)",
  "the lines of a refund are what went back by it":
    "select id from refunds r where (case state when 'settled' then -amount_cents else 0 end) <> (select coalesce(sum(amount_cents), 0) from ledger_lines where kind = 'refund' and (subject_id = r.id or subject_id = r.id || ':failed')) union all select subject_id from ledger_lines l where kind = 'refund' and not exists (select 1 from refunds where l.subject_id in (id, id || ':failed'))",
  "the lines of a return are what it has taken":
    "select id from returns r where -taken_cents <> (select coalesce(sum(amount_cents), 0) from ledger_lines where kind = 'return' and substr(subject_id || ':', 1, length(r.id) + 1) = r.id || ':')",
  "a credit that the office gave has its one line for the dealer's accounting":
    "select id from credits c where by is not null and amount_cents is not (select amount_cents from ledger_lines where kind = 'credit' and subject_id = c.id)",
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
    "select r.id from returns r join payments p on p.id = r.payment_id where r.state <> 'won' and r.taken_cents < r.amount_cents and p.refunded_cents + p.returned_cents < p.amount_cents",
  "a draft's payments take no more than was announced, and only one of them does":
    "select dp.draft_id id from draft_payments dp join payments p on p.id = dp.payment_id left join drafts d on d.id = dp.draft_id where p.state <> 'failed' group by dp.draft_id having sum(p.amount_cents) > coalesce(d.max_cents, 0) or count(*) > 1",
  "a draft takes of each invoice no more than was announced":
    "select dp.draft_id id from draft_payments dp join holds h on h.payment_id = dp.payment_id left join draft_items i on i.draft_id = dp.draft_id and i.invoice_id = h.invoice_id where h.amount_cents > coalesce(i.max_cents, 0)",
  "what a draft was announced for is the sum of its invoices":
    "select id from drafts d where max_cents <> (select coalesce(sum(max_cents), 0) from draft_items where draft_id = d.id)",
  "a draft is settled when a payment of it is, and on its way while one is":
    "select id from drafts d where (state = 'settled') <> exists (select 1 from draft_payments dp join payments p on p.id = dp.payment_id where dp.draft_id = d.id and p.state = 'settled') or (state = 'charging') <> exists (select 1 from draft_payments dp join payments p on p.id = dp.payment_id where dp.draft_id = d.id and p.state in ('pending', 'processing'))",
  "a draft waits for a day only while it may be made":
    "select id from drafts where (state = 'announced') <> (next_try_on is not null) and state <> 'failed'",
  "an account has one draft a month, of its own invoices":
    "select id from drafts where id <> 'drf_' || substr(account_id, 5) || substr(id, -8) union all select draft_id from draft_items t join drafts d on d.id = t.draft_id join invoices i on i.id = t.invoice_id where i.account_id <> d.account_id",
  "a payment on a later day takes no more of each invoice than was chosen":
    "select distinct s.id from scheduled_payments s join holds h on h.payment_id = s.payment_id left join scheduled_items i on i.scheduled_payment_id = s.id and i.invoice_id = h.invoice_id where h.amount_cents > coalesce(i.amount_cents, 0)",
  "a payment on a later day has its payment once it was started, and none before":
    "select id from scheduled_payments where (state = 'started') <> (payment_id is not null)",
  "no guard keeps a row": "select rowid id from guards",
};

export type BrokenPromise = { promise: string; ids: string[] };

/** Recomputes the books. Returns each broken promise with what breaks it; an empty list is what every caller hopes for. */
export async function brokenPromises(db: Db): Promise<BrokenPromise[]> {
  const reads = Object.fromEntries(
    Object.entries(PROMISES).map(([promise, query]) => [promise, db.all<{ id: string }>(sql.raw(`${query} limit 20`))]),
  );
  const answers = (await readAll(db, reads)) as Record<string, { id: string }[]>;
  return Object.entries(answers)
    .map(([promise, rows]) => ({ promise, ids: rows.map((row) => row.id) }))
    .filter(({ ids }) => ids.length > 0);
}

/** The nightly look at the books: what is broken goes to the worklist, in the words of the promise. */
export async function checkBooks(deps: Deps): Promise<void> {
  const { db, now, today } = deps;
  for (const { promise, ids } of await brokenPromises(db)) {
    const change = {
      key: `books.wrong:${today}:${promise}`,
      action: "books.wrong",
      accountId: null,
      by: "sweep",
    };
    await commit(db, now, change, [
      openWorklist(now, "books_wrong", null, `${today} ${promise}`, `${promise}: ${ids.join(", ")}`),
    ]);
  }
}
