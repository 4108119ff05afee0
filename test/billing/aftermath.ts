import { expect } from "vitest";
import { DAY, HOUR, MINUTE } from "../../src/calendar.ts";
import { jobsOf, run } from "../../src/jobs.ts";
import type { TestPortal } from "../setup.ts";

/** What the bank holds for Cedar Ridge, in cents. */
export const bankTotals = (t: TestPortal) => t.bank.totals("sk_test_cedar_ridge");

/** Does every waiting job; one that fails or asks to come again is lost, as in the worst of queues. */
export async function runJobsOnce(t: TestPortal): Promise<void> {
  for (let job = t.jobs.shift(); job; job = t.jobs.shift()) {
    try {
      await run(t.depsOf(job.dealer), job);
    } catch {
      // The queue would bring it again; here only the sweeps may.
    }
  }
}

/** One beat of the cron that runs every five minutes, and all that it sets off. */
export async function sweep(t: TestPortal): Promise<void> {
  t.jobs.push(...jobsOf("*/5 * * * *", ["cedar-ridge"]));
  await runJobsOnce(t);
}

// Two minutes, the ask-again schedule's first steps, the end of a checkout, then days for the banks.
const LATER = [
  0,
  3 * MINUTE,
  12 * MINUTE,
  30 * MINUTE,
  HOUR,
  HOUR,
  7 * HOUR,
  DAY,
  5 * DAY,
  ...Array<number>(6).fill(DAY),
];

/** Time passes and nobody does anything: webhooks arrive, sweeps run, until nothing is under way. Two weeks at most. */
export async function timePasses(t: TestPortal, webhooks = true): Promise<void> {
  for (const wait of LATER) {
    t.clock.now += wait;
    await t.bank.tick();
    if (webhooks) await t.bank.drainWebhooks();
    await sweep(t);
    if (await isQuiet(t)) return;
  }
}

/** The Ferreiras come with a bank payment under way, which is no test's business but its own. */
const NOT_THEIRS = "account_id <> (select id from accounts where number = 'CR-10034')";

async function isQuiet(t: TestPortal): Promise<boolean> {
  const { busy } = await t.row<{ busy: number }>(
    `select (select count(*) from payments where state in ('pending', 'processing') and review_reason is null and ${NOT_THEIRS})
          + (select count(*) from messages where state in ('waiting', 'sending'))
          + (select count(*) from stripe_events where applied_at is null) busy`,
  );
  return busy === 0;
}

/** The bank and the books say the same: what was captured is what is settled, and each receipt was sent exactly once. */
export async function expectBankAndBooksAgree(t: TestPortal): Promise<void> {
  const { settled } = await t.row<{ settled: number }>(
    "select coalesce(sum(amount_cents), 0) settled from payments where origin = 'portal' and state = 'settled'",
  );
  expect(bankTotals(t).captured).toBe(settled);
  const { underWay } = await t.row<{ underWay: number }>(
    "select coalesce(sum(amount_cents), 0) underWay from payments where state = 'processing'",
  );
  expect(bankTotals(t).processing).toBe(underWay);
}

/** Nothing is left hanging: no hold, no payment under way, no letter unsent, nothing for a person to look at. */
export async function expectNothingLeftOver(t: TestPortal): Promise<void> {
  const underWay = `select id, state from payments where state in ('pending', 'processing') and ${NOT_THEIRS}`;
  expect(await t.rows(underWay)).toEqual([]);
  expect(await t.rows(`select number, held_cents from invoices where held_cents <> 0 and ${NOT_THEIRS}`)).toEqual([]);
  expect(await t.rows("select dedupe_key, state from messages where state <> 'sent'")).toEqual([]);
  expect(await t.rows("select kind, detail from worklist")).toEqual([]);
}

/** A receipt for each of these payments was promised once and arrived once. */
export async function expectOneReceipt(t: TestPortal, paymentId: string): Promise<void> {
  const promised = await t.rows<{ id: string }>("select id from messages where dedupe_key = ?", `receipt:${paymentId}`);
  expect(promised).toHaveLength(1);
  expect(t.outbox.filter((mail) => mail.text.includes(`/receipts/${paymentId}`))).toHaveLength(1);
}

/** The subjects of the letters that have gone out about a payment, in their order. */
export async function lettersAbout(t: TestPortal, paymentId: string): Promise<string[]> {
  const promised = await t.rows<{ id: string }>("select id from messages where subject_id = ?", paymentId);
  return t.outbox.filter((mail) => promised.some(({ id }) => id === mail.id)).map((mail) => mail.subject);
}
