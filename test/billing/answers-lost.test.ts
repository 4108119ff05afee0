import { describe, expect, test } from "vitest";
import { takeCreditBack } from "../../src/billing/apply-credits.ts";
import { makeUsual } from "../../src/billing/change-method.ts";
import { giveCredit } from "../../src/billing/give-credit.ts";
import { requestRemoval, withdrawRemoval } from "../../src/billing/remove-method.ts";
import { stopAutopay } from "../../src/billing/stop-autopay.ts";
import { cents } from "../../src/money.ts";
import { setMaster } from "../../src/office/change-account.ts";
import { switchCardsForInvoice } from "../../src/office/payment-methods.ts";
import { portal, type TestPortal } from "../setup.ts";

/**
 * A change that stands, but whose answer was lost on its way: whoever asked for it is told that it is done, and its
 * letter is hurried, as if the answer had come.
 */

const idOf = async (t: TestPortal, number: string) =>
  (await t.row<{ id: string }>("select id from accounts where number = ?", number)).id;

/** The first change with this word in its event's key loses its answer. */
function loseAnswer(t: TestPortal, action: string): { lost: number } {
  const seen = { lost: 0 };
  t.trouble.database = (statements) => {
    if (seen.lost > 0 || !statements.includes(`"${action}:`)) return null;
    seen.lost++;
    return "after";
  };
  return seen;
}

type Method = { id: string; account_id: string };
/** A second card that nothing draws on. */
async function methodBeside(t: TestPortal): Promise<Method> {
  const account_id = await idOf(t, "CR-10052");
  await t.rows(
    `insert into payment_methods (id, account_id, kind, brand, last_four, fingerprint, stripe_payment_method_id, is_default, saved_at)
     values ('pm_beside', ?, 'card', 'visa', '1111', 'beside', 'pm_beside', 0, 1)`,
    account_id,
  );
  return { id: "pm_beside", account_id };
}

const BY = "usr_test";

/** What is done, the word of its event, and what says that it stands. */
const CHANGES: [string, (t: TestPortal) => Promise<() => Promise<unknown>>, unknown, string][] = [
  [
    "credit.taken_back",
    async (t) => {
      await t.rows("update money_settings set apply_credit = 'automatic'");
      const accountId = await idOf(t, "CR-10052");
      const creditId = "crd_00000000000000000000";
      await giveCredit(t.deps(), { creditId, accountId, cents: cents(700), reason: "late", by: BY });
      const { invoice_id: invoiceId, amount_cents } = await t.row<{ invoice_id: string; amount_cents: number }>(
        "select invoice_id, amount_cents from allocations where credit_id = ?",
        creditId,
      );
      const source = { kind: "credit" as const, id: creditId };
      return () => takeCreditBack(t.deps(), { accountId, source, invoiceId, cents: cents(amount_cents), by: BY });
    },
    "done",
    "select 1 from allocations where credit_id = 'crd_00000000000000000000' and amount_cents < 0",
  ],
  [
    "autopay.stopped",
    async (t) => {
      const { account_id } = await t.row<Method>("select account_id from autopay where stopped_at is null");
      return () => stopAutopay(t.deps(), account_id, BY);
    },
    true,
    "select 1 from messages where kind = 'autopay_stopped'",
  ],
  [
    "method.usual",
    async (t) => {
      const { id, account_id } = await methodBeside(t);
      return () => makeUsual(t.deps(), { accountId: account_id, methodId: id, by: BY });
    },
    true,
    "select 1 from events where action = 'method.usual'",
  ],
  [
    "method.removal_withdrawn",
    async (t) => {
      const { id, account_id } = await methodBeside(t);
      expect(await requestRemoval(t.deps(), { methodId: id, accountId: account_id, by: BY })).toEqual({ ok: true });
      return () => withdrawRemoval(t.deps(), { methodId: id, accountId: account_id, by: BY });
    },
    true,
    "select 1 from events where action = 'method.removal_withdrawn'",
  ],
  [
    "master.set",
    async (t) => {
      const accountId = await idOf(t, "CR-10052");
      return () => setMaster(t.deps(), accountId, "CR-10021", BY);
    },
    { ok: true },
    "select 1 from accounts where number = 'CR-10052' and master_account_id is not null",
  ],
  [
    "cards.switched_off",
    async (t) => {
      const accountId = await idOf(t, "CR-10052");
      return () => switchCardsForInvoice(t.deps(), { accountId, number: "INV-40022", on: false, by: BY });
    },
    true,
    "select 1 from invoices where number = 'INV-40022' and card_payments = 0",
  ],
];

describe("whoever asked is told that it is done, although the answer was lost", () => {
  test.for(CHANGES)("%s", async ([action, ready, done, stands]) => {
    const t = await portal();
    const act = await ready(t);
    t.jobs.splice(0);
    const seen = loseAnswer(t, action);
    expect(await act()).toEqual(done);
    expect(seen.lost).toBe(1);
    expect(await t.rows(stands)).toHaveLength(1);
    const letters = await t.rows<{ id: string }>("select id from messages where kind = 'autopay_stopped'");
    const hurried = t.jobs.flatMap((job) => (job.type === "message.send" ? [job.messageId] : []));
    expect(hurried).toEqual(action === "autopay.stopped" ? letters.map(({ id }) => id) : []);
  });
});
