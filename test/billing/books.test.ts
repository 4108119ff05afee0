import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createClient } from "@libsql/client";
import { afterEach, describe, expect, inject, test } from "vitest";
import { CEDAR_RIDGE } from "../../db/cast.ts";
import { type Db, databaseOf } from "../../db/client.ts";
import { brokenPromises, PROMISES } from "../../src/billing/books.ts";
import { dealerOf, depsFor } from "../../src/dealer.ts";
import { run } from "../../src/jobs.ts";
import { dollars } from "../../src/money.ts";
import { TEST_NOW, testDealer } from "../templates.ts";

const opened: (() => void)[] = [];
afterEach(() => {
  for (const close of opened.splice(0)) close();
});

/** Cedar Ridge's books by themselves: here they may be left wrong. */
function books() {
  const folder = mkdtempSync(join(tmpdir(), "keyholder-books-"));
  copyFileSync(join(inject("templates"), "cedar-ridge.db"), join(folder, "books.db"));
  const client = createClient({ url: `file:${join(folder, "books.db")}` });
  opened.push(() => {
    client.close();
    rmSync(folder, { recursive: true, force: true });
  });
  return databaseOf(client);
}

/** Cedar Ridge's books with a row in them that the ledger's own constraints would refuse: a disk, a bug or a hand. */
async function spoiled(statement: string) {
  const db = books();
  await db.$client.execute("pragma foreign_keys = off");
  await db.$client.execute("pragma ignore_check_constraints = on");
  const { rowsAffected } = await db.$client.execute(statement);
  expect(rowsAffected).toBeGreaterThan(0);
  return db;
}

const DANAS = "(select id from accounts where number = 'CR-10021')";
const A_PAYMENT =
  "(select id from payments where origin = 'portal' and state = 'settled' and started_by is not null limit 1)";
const AN_INVOICE = `(select id from invoices where account_id = ${DANAS} and allocated_cents > 0 limit 1)`;

/** A draft by a wrong name, of nothing. */
const A_DRAFT = (state: string) =>
  `insert into drafts (id, account_id, draft_on, payment_method_id, max_cents, state, announced_at) select 'drf_x', id, '2027-01-05', '', 1, '${state}', 1 from accounts limit 1`;

// For each promise of the books, one row that breaks it and nothing else.
const BROKEN: Record<string, string> = {
  "an invoice's allocated money is the sum of its allocations":
    "update invoices set allocated_cents = allocated_cents + 1 where number = 'INV-40023'",
  "an invoice's held money is what payments under way hold":
    "update invoices set held_cents = held_cents - 1 where number = 'INV-20009'",
  "an invoice's total is its lines and their tax":
    "update invoices set total_cents = total_cents + 1 where number = 'INV-40025'",
  "a payment's allocated money is the sum of its allocations": `update payments set allocated_cents = allocated_cents - 1 where id = ${A_PAYMENT}`,
  "a credit's allocated money is the sum of its allocations":
    "update credits set allocated_cents = 1 where id = (select id from credits limit 1)",
  "a payment's returned money is what its returns have taken": "update returns set taken_cents = taken_cents - 1",
  "a payment's refunded money is the sum of its refunds": `update payments set refunded_cents = 1 where id = ${A_PAYMENT}`,
  "no more of a payment goes back than it brought": `insert into refunds (id, payment_id, amount_cents, reason, state, stripe_refund_id, by, at) select 'ref_x', id, amount_cents + 1, '', 'settled', 're_x', '', 1 from payments where id = ${A_PAYMENT}`,
  "no more credit is given instead of a payment's refund than it brought": `insert into credits (id, account_id, reason, by, payment_id, issued_on, amount_cents) select 'crd_x', account_id, '', 'usr', id, '2026-12-01', amount_cents + 1 from payments where id = ${A_PAYMENT}`,
  "a payment holds no more than itself": `update holds set amount_cents = amount_cents + 1 where payment_id = ${A_PAYMENT}`,
  "a settled payment has covered what it held": `delete from allocations where amount_cents > 0 and payment_id = ${A_PAYMENT}`,
  "money stays within one account": `update payments set account_id = (select id from accounts where number = 'CR-10034') where id = (select payment_id from allocations where invoice_id = ${AN_INVOICE})`,
  "a settled payment of the portal promised exactly one receipt, or the office knows that there is nobody to send it to": `delete from messages where kind = 'receipt' and subject_id = ${A_PAYMENT}`,
  "a settled payment of the portal has its one line for the dealer's accounting": `delete from ledger_lines where kind = 'payment' and subject_id = ${A_PAYMENT}`,
  "the lines of a refund are what went back by it": `insert into refunds (id, payment_id, amount_cents, reason, state, stripe_refund_id, by, at) values ('ref_x', ${A_PAYMENT}, 1, '', 'settled', 're_x', '', 1)`,
  "a refund is asked about until it is over": `insert into refunds (id, payment_id, amount_cents, reason, state, by, at) values ('ref_x', ${A_PAYMENT}, 1, '', 'pending', '', 1)`,
  "a settled refund is known to the vendor": `insert into refunds (id, payment_id, amount_cents, reason, state, by, at) values ('ref_x', ${A_PAYMENT}, 1, '', 'settled', '', 1)`,
  "what a return could not take had been refunded": `insert into returns (id, payment_id, amount_cents, code, at) select 'dp_x', id, 1, '', 1 from payments where state = 'settled' and returned_cents = 0 limit 1`,
  "the lines of a return are what it has taken":
    "update ledger_lines set amount_cents = amount_cents + 1 where kind = 'return'",
  "a credit that the office gave has its one line for the dealer's accounting":
    "update credits set by = 'usr_x' where id = (select id from credits limit 1)",
  "an account has at most one usual method, and that one is on file":
    "update payment_methods set removed_at = 1 where id = (select id from payment_methods where is_default = 1 and id not in (select payment_method_id from autopay) and id not in (select coalesce(payment_method_id, '') from payments) limit 1)",
  "a method that is off the books backs neither autopay nor a payment under way": `update payment_methods set removed_at = 1, is_default = 0 where account_id = ${DANAS} and id in (select payment_method_id from autopay)`,
  "a method that was added here stands in its agreement, and both are of one account": `insert into setups (id, account_id, user_id, agreement_id, state, started_at) select 'set_x', 'acc_x', user_id, id, 'failed', 1 from agreements limit 1`,
  "a setup is asked about until it is over": `insert into setups (id, account_id, user_id, agreement_id, state, started_at) select 'set_x', account_id, user_id, id, 'open', 1 from agreements limit 1`,
  "a draft's payments take no more than was announced, and only one of them does": `insert into draft_payments (draft_id, try_number, payment_id) select 'drf_x', 1, ${A_PAYMENT}`,
  "a draft takes of each invoice no more than was announced": `insert into draft_payments (draft_id, try_number, payment_id) select 'drf_x', 1, ${A_PAYMENT}`,
  "a draft was announced to somebody": A_DRAFT("canceled"),
  "what a draft was announced for is the sum of its invoices": A_DRAFT("asking"),
  "a draft is settled when a payment of it is, and on its way while one is": A_DRAFT("settled"),
  "a draft waits for a day only while it may be made": A_DRAFT("announced"),
  "an account has one draft a month, of its own invoices": A_DRAFT("empty"),
  "a payment on a later day takes no more of each invoice than was chosen": `insert into scheduled_payments (id, account_id, user_id, payment_method_id, agreement_id, pay_on, state, payment_id, created_at) values ('sch_x', 'x', 'x', 'x', 'x', '2026-12-01', 'started', ${A_PAYMENT}, 1)`,
  "a payment on a later day has its payment once it was started, and none before":
    "insert into scheduled_payments (id, account_id, user_id, payment_method_id, agreement_id, pay_on, state, created_at) values ('sch_x', 'x', 'x', 'x', 'x', '2026-12-01', 'started', 1)",
  "no guard keeps a row": "insert into guards (rows_matched) values (0)",
};

describe("the books", () => {
  test("of the whole cast keep every promise", async () => {
    expect(await brokenPromises(books())).toEqual([]);
  });

  test("have a test for each promise", () => {
    expect(Object.keys(BROKEN).sort()).toEqual(Object.keys(PROMISES).sort());
  });

  test.for(Object.entries(BROKEN))("notice when it is not so that %s", async ([promise, statement]) => {
    const broken = await brokenPromises(await spoiled(statement));
    expect(broken.map((one) => one.promise)).toContain(promise);
    expect(broken.find((one) => one.promise === promise)!.ids).toHaveLength(1);
  });

  const nightOf = async (db: Db, now: number) => {
    const deps = depsFor(dealerOf(testDealer(CEDAR_RIDGE)), db, {} as never, "unused", now);
    expect(await run(deps, { type: "books.check", dealer: "cedar-ridge" })).toBe("done");
  };
  const listed = async (db: Db) =>
    (
      await db.$client.execute(
        "select detail, number, opened_at, closed_at from worklist w left join accounts a on a.id = w.account_id where kind = 'books_wrong' order by w.id",
      )
    ).rows.map((row) => ({ ...row }));
  const DAY = 86_400;

  test("that are wrong are on the worklist once, by number and with both figures, open until they are right", async () => {
    const promise = "an invoice's total is its lines and their tax";
    const db = await spoiled(BROKEN[promise]!);
    const spoilt = (
      await db.$client.execute(
        "select a.number, total_cents from invoices i join accounts a on a.id = i.account_id where i.number = 'INV-40025'",
      )
    ).rows[0] as unknown as { number: string; total_cents: number };
    await nightOf(db, TEST_NOW);
    const item = {
      detail: `Invoice INV-40025, customer ${spoilt.number}. It should be so that ${promise}: here ${dollars(spoilt.total_cents)} is written down, and ${dollars(spoilt.total_cents - 1)} is what it comes to`,
      number: spoilt.number,
      opened_at: TEST_NOW,
      closed_at: null,
    };
    expect(await listed(db)).toEqual([item]);
    for (const night of [TEST_NOW, TEST_NOW + DAY]) {
      await nightOf(db, night);
      expect(await listed(db)).toEqual([item]);
    }
    // Somebody closed it, and it still stands.
    await db.$client.execute("update worklist set closed_at = 1 where kind = 'books_wrong'");
    await nightOf(db, TEST_NOW + 2 * DAY);
    expect(await listed(db)).toEqual([{ ...item, opened_at: TEST_NOW + 2 * DAY }]);
    // Two promises about one thing are one thing to look at, with the figures of today.
    await db.$client.execute("update invoices set held_cents = held_cents + 5 where number = 'INV-40025'");
    await nightOf(db, TEST_NOW + 3 * DAY);
    const [both, ...others] = await listed(db);
    expect(others).toEqual([]);
    expect(both!.detail).toMatch(
      /held money .*here \$0\.05 is written down, and \$0\.00 is what it comes to\. .*its lines/,
    );
    await db.$client.execute(
      "update invoices set held_cents = held_cents - 5, total_cents = total_cents - 1 where number = 'INV-40025'",
    );
    await nightOf(db, TEST_NOW + 4 * DAY);
    expect(await listed(db)).toMatchObject([{ closed_at: TEST_NOW + 4 * DAY }]);
  });

  test.for(Object.entries(BROKEN))(
    "name what people know, and no id of ours, when it is not so that %s",
    async ([promise, statement]) => {
      const db = await spoiled(statement);
      await nightOf(db, TEST_NOW);
      const details = (await listed(db)).map((one) => String(one.detail));
      const about = details.filter((words) => words.includes(promise));
      expect(about).toHaveLength(1);
      expect(details.join()).not.toMatch(/\b(inv|pay|crd|ref|dp|drf|sch|set|pm|acc)_/);
      if (/money|take|more|total|sum/.test(promise) && promise !== "money stays within one account")
        expect(about[0]).toMatch(
          /(\$\d+\.\d\d|nothing) is written down, and (-?\$\d+\.\d\d|nothing) is what it comes to/,
        );
    },
  );
});

describe("the ledger refuses", () => {
  const PRIYAS = "(select id from accounts where number = 'CR-10052')";
  const INVOICE =
    "insert into invoices (id, account_id, number, kind, status, issued_on, due_on, total_cents, allocated_cents, held_cents)";
  const PAYMENT =
    "insert into payments (id, account_id, origin, kind, amount_cents, allocated_cents, refunded_cents, returned_cents, state, started_at, paid_on)";
  const invoice = (values: string) => `${INVOICE} values ('x', ${PRIYAS}, 'X', ${values})`;
  const payment = (values: string) => `${PAYMENT} values ('x', ${PRIYAS}, 'portal', ${values}, 1, '2026-12-01')`;
  const days = "'2026-12-01', '2026-12-21'";

  test.for([
    ["invoice_not_overpaid", invoice(`'other', 'sent', ${days}, 100, 60, 41`)],
    ["invoice_not_overpaid", invoice(`'other', 'sent', ${days}, 100, -1, 0`)],
    ["invoice_not_overpaid", invoice(`'other', 'sent', ${days}, 100, 0, -1`)],
    ["invoice_not_overpaid", "update invoices set total_cents = allocated_cents - 1 where number = 'INV-40023'"],
    ["invoice_whole_cents", invoice(`'other', 'sent', ${days}, 10.5, 0, 0`)],
    ["invoice_void_is_empty", "update invoices set status = 'void' where number = 'INV-40023'"],
    ["invoice_void_is_empty", "update invoices set status = 'void' where number = 'INV-20009'"],
    ["invoice_unsent_is_empty", "update invoices set status = 'unsent' where number = 'INV-20009'"],
    ["invoice_status_known", invoice(`'other', 'paid', ${days}, 100, 0, 0`)],
    ["invoice_kind_known", invoice(`'gift', 'sent', ${days}, 100, 0, 0`)],
    ["invoices.number", invoice(`'other', 'sent', ${days}, 100, 0, 0`).replace("'X'", "'INV-40022'")],
    ["invoice_line_whole_cents", "update invoice_lines set tax_cents = 0.5 where position = 1"],
    ["payment_positive", payment("'card', 0, 0, 0, 0, 'pending'")],
    ["payment_positive", payment("'card', 1.5, 0, 0, 0, 'pending'")],
    ["payment_not_overallocated", payment("'card', 100, 50, 25, 26, 'settled'")],
    ["payment_not_overallocated", payment("'card', 100, -1, 0, 0, 'settled'")],
    ["payment_moves_money_once_settled", payment("'card', 100, 1, 0, 0, 'pending'")],
    ["payment_moves_money_once_settled", payment("'card', 100, 0, 0, 1, 'failed'")],
    ["payment_state_known", payment("'card', 100, 0, 0, 0, 'lost'")],
    ["payment_kind_known", payment("'gold', 100, 0, 0, 0, 'pending'")],
    [
      "payments.stripe_payment_intent_id",
      "update payments set stripe_payment_intent_id = 'pi_same' where origin = 'portal'",
    ],
    ["hold_positive", "update holds set amount_cents = 0"],
    ["credit_positive", "update credits set amount_cents = 0, allocated_cents = 0"],
    ["credit_not_overallocated", "update credits set allocated_cents = amount_cents + 1"],
    ["allocation_not_zero", "update allocations set amount_cents = 0"],
    ["allocation_has_one_source", "update allocations set payment_id = null"],
    ["allocation_has_one_source", "update allocations set credit_id = (select id from credits limit 1)"],
    ["return_positive", "update returns set amount_cents = 0, taken_cents = 0"],
    ["return_takes_no_more_than_itself", "update returns set taken_cents = amount_cents + 1"],
    ["return_won_is_back", "update returns set state = 'won'"],
    ["return_state_known", "update returns set state = 'open'"],
    [
      "refund_positive",
      "insert into refunds (id, payment_id, amount_cents, reason, state, by, at) select 'r', id, 0, '', 'pending', '', 1 from payments limit 1",
    ],
    [
      "refund_state_known",
      "insert into refunds (id, payment_id, amount_cents, reason, state, by, at) select 'r', id, 1, '', 'gone', '', 1 from payments limit 1",
    ],
    ["payment_method_kind_known", "update payment_methods set kind = 'cash'"],
    ["payment_methods.stripe_payment_method_id", "update payment_methods set stripe_payment_method_id = 'pm_same'"],
    ["autopay_draft_day", "update autopay set draft_day = 29"],
    ["settings_minimum_payment", "update settings set minimum_payment_cents = 49"],
    ["messages.dedupe_key", "update messages set dedupe_key = 'same'"],
    ["message_state_known", "update messages set state = 'lost'"],
    ["invoice_payable", "insert into guards (invoice_payable) values (0)"],
    ["payment_open", "insert into guards (payment_open) values (0)"],
    ["method_usable", "insert into guards (method_usable) values (0)"],
    ["rows_matched", "insert into guards (rows_matched) values (0)"],
    ["FOREIGN KEY", "delete from accounts where number = 'CR-10052'"],
    ["FOREIGN KEY", "delete from invoices where number = 'INV-40023'"],
    ["FOREIGN KEY", `delete from payments where id = ${A_PAYMENT}`],
  ] as const)("by %s: %s", async ([constraint, statement]) => {
    await expect(books().$client.execute(statement)).rejects.toThrow(constraint);
  });
});
