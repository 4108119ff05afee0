import { describe, expect, test } from "vitest";
import { returnPayment } from "../../src/billing/return-payment.ts";
import { DAY, HOUR, MINUTE } from "../../src/calendar.ts";
import { run } from "../../src/jobs.ts";
import { cents } from "../../src/money.ts";
import { portal, type TestPortal } from "../setup.ts";
import { bankTotals, lettersAbout, runJobsOnce, sweep } from "./aftermath.ts";
import { invoiceRow, pay } from "./customer.ts";
import {
  atBank,
  expectSameSums,
  giveBack,
  heldByBank,
  intentOf,
  moneyOf,
  northgatePays,
  OLDEST,
  priyaPays,
  refundAtBank,
  returnedBefore,
  work,
} from "./money-back.ts";

const bounce = async (t: TestPortal, paymentId: string, reason = "fraudulent", amount = "") =>
  atBank(t, `payments/${await intentOf(t, paymentId)}/bounce`, { reason, amount });
const decide = (t: TestPortal, verdict: "won" | "lost") =>
  atBank(t, `disputes/${heldByBank(t, "disputes").at(-1)!.id}/${verdict}`);
const returnsOf = (t: TestPortal, paymentId: string) =>
  t.rows("select amount_cents, taken_cents, state from returns where payment_id = ? order by at, id", paymentId);

describe("a card's dispute", () => {
  test("opens the invoice with its old due date, tells the customer and the office", async () => {
    const t = await portal();
    const before = await invoiceRow(t, OLDEST);
    const paymentId = await priyaPays(t);
    await bounce(t, paymentId);
    await t.webhooks();
    expect(await invoiceRow(t, OLDEST)).toEqual(before);
    expect(await returnsOf(t, paymentId)).toEqual([{ amount_cents: 4265, taken_cents: 4265, state: "running" }]);
    expect(await work(t)).toEqual([
      {
        kind: "payment_returned",
        subject_id: paymentId,
        detail: "$42.65: fraudulent; can still be answered at the card company",
      },
    ]);
    expect(await lettersAbout(t, paymentId)).toContain("Your bank took back a payment of $42.65");
    const priya = await t.as("priya@example.com");
    expect((await priya.get(`/payments/${paymentId}`)).html).toContain("Your bank took this payment back.");
  });

  test("that is lost stays taken", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await bounce(t, paymentId);
    await t.webhooks();
    await decide(t, "lost");
    await t.webhooks();
    expect(await returnsOf(t, paymentId)).toEqual([{ amount_cents: 4265, taken_cents: 4265, state: "lost" }]);
    expect(await moneyOf(t, paymentId)).toMatchObject({ returned_cents: 4265, allocated_cents: 0 });
  });

  test("that comes again, for a part, once it was won has its own letters, each with its own amount", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await bounce(t, paymentId);
    await t.webhooks();
    await decide(t, "won");
    await t.webhooks();
    t.clock.now += MINUTE;
    // The stand-in takes a charge back once; networks may do it again for another reason.
    const again = { returnId: "du_again", paymentId, cents: cents(1000), code: "product_not_received" };
    for (let i = 0; i < 2; i++) await returnPayment(t.deps(), { ...again, state: "running" });
    await t.runJobs();
    const letters = (await lettersAbout(t, paymentId)).filter((subject) => !subject.startsWith("Receipt"));
    expect(letters).toEqual([
      "Your bank took back a payment of $42.65",
      "Your payment of $42.65 counts again",
      "Your bank took back a payment of $10.00",
    ]);
    const last = t.outbox.findLast((mail) => mail.subject.endsWith("$10.00"))!;
    expect(last.text).not.toContain("$42.65");
    expect(await returnsOf(t, paymentId)).toEqual([
      { amount_cents: 4265, taken_cents: 0, state: "won" },
      { amount_cents: 1000, taken_cents: 1000, state: "running" },
    ]);
    expect(await work(t)).toMatchObject([{ kind: "payment_returned", subject_id: paymentId }]);
  });

  test("that is won brings the money back to where it was, and says so", async () => {
    const t = await portal();
    const seeded = await returnedBefore(t);
    const paymentId = await priyaPays(t);
    const before = await invoiceRow(t, OLDEST);
    await bounce(t, paymentId);
    await t.webhooks();
    await decide(t, "won");
    await t.webhooks();
    expect(await invoiceRow(t, OLDEST)).toEqual(before);
    expect(await returnsOf(t, paymentId)).toEqual([{ amount_cents: 4265, taken_cents: 0, state: "won" }]);
    expect(await lettersAbout(t, paymentId)).toContain("Your payment of $42.65 counts again");
    expect(await work(t)).toEqual([]);
    await expectSameSums(t, seeded);
    const priya = await t.as("priya@example.com");
    const page = await priya.get(`/payments/${paymentId}`);
    expect(page.html).toContain("We received $42.65.");
    expect((await priya.get(`/receipts/${paymentId}`)).html).not.toContain("Returned by the bank");
    // What was won can be refunded like any other.
    expect(await giveBack(t, paymentId, 4265)).toEqual({ result: "made" });
  });

  test("that is won after its invoice was paid again is account credit", async () => {
    const t = await portal();
    await t.db.$client.execute("update money_settings set apply_credit = 'by_hand'");
    const paymentId = await priyaPays(t);
    await bounce(t, paymentId);
    await t.webhooks();
    await priyaPays(t);
    await decide(t, "won");
    await t.webhooks();
    expect(await moneyOf(t, paymentId)).toMatchObject({ allocated_cents: 0, returned_cents: 0, refunded_cents: 0 });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4265 });
  });

  test("over a part takes that part", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await bounce(t, paymentId, "duplicate", "1000");
    await t.webhooks();
    expect(await moneyOf(t, paymentId)).toMatchObject({ returned_cents: 1000, allocated_cents: 3265 });
  });

  test("that was won before we heard of it changes nothing", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await bounce(t, paymentId);
    await decide(t, "won");
    await t.webhooks();
    expect(await returnsOf(t, paymentId)).toEqual([{ amount_cents: 4265, taken_cents: 0, state: "won" }]);
    expect(await moneyOf(t, paymentId)).toMatchObject({ allocated_cents: 4265, returned_cents: 0 });
    expect(await work(t)).toEqual([]);
  });

  test("that is lost after it was won is never dropped: a person is told", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await bounce(t, paymentId);
    await decide(t, "won");
    await t.webhooks();
    const { returnPayment } = await import("../../src/billing/return-payment.ts");
    const [dispute] = heldByBank<{ id: string; amount: number }>(t, "disputes").slice(-1);
    const news = { paymentId, returnId: dispute!.id, cents: 4265 as never, code: "fraudulent", state: "lost" as const };
    // Perhaps it was only overtaken: first it is asked about again.
    expect(await returnPayment(t.deps(), news)).toBe("retry");
    expect(await work(t)).toEqual([]);
    expect(await returnPayment(t.deps(), news, t.clock.now - HOUR)).toBe("done");
    expect(await work(t)).toMatchObject([{ kind: "payment_disagreed", subject_id: paymentId }]);
    expect(await moneyOf(t, paymentId)).toMatchObject({ allocated_cents: 4265 });
  });

  test("that contradicts the books another time is told again, also after a person has closed the first", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await bounce(t, paymentId);
    await decide(t, "won");
    await t.webhooks();
    const { returnPayment } = await import("../../src/billing/return-payment.ts");
    const { disagree } = await import("../../src/billing/close-payment.ts");
    const [payment] = (await t.rows("select id, account_id accountId from payments where id = ?", paymentId)) as {
      id: string;
      accountId: string;
    }[];
    await disagree(t.deps(), payment!, "recorded as settled, the vendor now says failed");
    await t.rows("update worklist set closed_at = 1 where subject_id = ?", paymentId);
    expect(await work(t)).toEqual([]);
    const [dispute] = heldByBank<{ id: string; amount: number }>(t, "disputes").slice(-1);
    const news = { paymentId, returnId: dispute!.id, cents: 4265 as never, code: "fraudulent", state: "lost" as const };
    expect(await returnPayment(t.deps(), news, t.clock.now - HOUR)).toBe("done");
    expect(await work(t)).toMatchObject([{ kind: "payment_disagreed", subject_id: paymentId }]);
    // The very same once more is not news.
    await t.rows("update worklist set closed_at = 1 where subject_id = ?", paymentId);
    expect(await returnPayment(t.deps(), news, t.clock.now - HOUR)).toBe("done");
    expect(await work(t)).toEqual([]);
  });
});

describe("autopay", () => {
  const autopayOf = (t: TestPortal) =>
    t.row<{ stopped_at: number | null }>(
      "select stopped_at from autopay where account_id = (select id from accounts where number = 'CR-10081')",
    );

  // For want of money a permission would stand; but what a bank takes back ends the mandate at Stripe, whatever the reason.
  test.for([
    ["insufficient_funds", ["mandate_ended"]],
    ["debit_not_authorized", ["debit_not_authorized", "mandate_ended"]],
  ] as const)("a debit taken back for %s stops it, by %s, with one letter", async ([reason, flags]) => {
    const t = await portal();
    const paymentId = await northgatePays(t);
    await t.db.$client.execute(
      `insert into autopay (account_id, payment_method_id, draft_day, started_at) select account_id, payment_method_id, 5, 1 from payments where id = '${paymentId}'
       on conflict (account_id) do update set payment_method_id = excluded.payment_method_id, stopped_at = null`,
    );
    await bounce(t, paymentId, reason);
    await t.webhooks();
    expect((await autopayOf(t)).stopped_at).not.toBeNull();
    const { flag } = await t.row<{ flag: string }>(
      "select flag from autopay where account_id = (select id from accounts where number = 'CR-10081')",
    );
    expect(flags).toContain(flag);
    expect(await t.rows("select 1 from messages where kind = 'autopay_stopped'")).toHaveLength(1);
  });
});

/** The same numbers from the same seed. https://gist.github.com/tommyettinger/46a874533244883189143505d203312c */
function random(seed: number): () => number {
  let a = seed;
  return () => {
    a = (a + 0x6d2b79f5) | 0;
    let t = Math.imul(a ^ (a >>> 15), 1 | a);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const shuffled = <T>(list: readonly T[], chance: () => number): T[] =>
  list
    .map((value) => ({ value, at: chance() }))
    .sort((a, b) => a.at - b.at)
    .map(({ value }) => value);

/** Everything about money that the books say, without the times and ids of this run. */
const books = async (t: TestPortal) => ({
  payments: await t.rows(
    "select state, amount_cents, allocated_cents, refunded_cents, returned_cents, review_reason from payments where origin = 'portal' order by amount_cents, refunded_cents, returned_cents, allocated_cents",
  ),
  invoices: await t.rows("select number, allocated_cents, held_cents from invoices order by number"),
  refunds: await t.rows("select amount_cents, state, failure_code from refunds order by amount_cents, state"),
  returns: await t.rows(
    "select amount_cents, taken_cents, code, state from returns order by amount_cents, taken_cents, code, state",
  ),
  letters: await t.rows("select kind, count(*) n from messages group by kind order by kind"),
  lines: await t.rows("select kind, sum(amount_cents) cents from ledger_lines group by kind order by kind"),
});

/** A day on which money goes back and forth; nobody hears of it until the day is over. */
async function aDay(t: TestPortal, seed: number): Promise<void> {
  const chance = random(seed);
  t.bank.setDelivery({ mode: "normal" });
  const priya = await t.as("priya@example.com");
  const paid: string[] = [];
  for (const number of ["INV-40022", "INV-40023", "INV-40024", "INV-40025"]) {
    const { paymentId } = await pay(priya, { invoices: { [number]: null } });
    paid.push(paymentId);
  }
  for (const paymentId of paid) {
    t.clock.now += MINUTE;
    const { amount_cents } = await moneyOf(t, paymentId);
    const part = 100 + Math.floor(chance() * (amount_cents - 200));
    const what = Math.floor(chance() * 6);
    if (what === 0) await giveBack(t, paymentId, part);
    if (what === 1) await refundAtBank(t, paymentId, part);
    if (what === 2 || what === 3) {
      await (chance() < 0.5 ? giveBack(t, paymentId, part) : refundAtBank(t, paymentId, part));
      await bounce(t, paymentId);
    }
    if (what === 3 || what === 4) {
      if (what === 4) await giveBack(t, paymentId, part);
      await atBank(t, `refunds/${heldByBank(t, "refunds").at(-1)!.id}/fail`);
    }
    if (what === 5) {
      await bounce(t, paymentId);
      if (chance() < 0.7) await decide(t, chance() < 0.5 ? "won" : "lost");
    }
  }
}

/** Hands the day's events over in an order, and lets the queue bring again what asks for it. */
async function hear(t: TestPortal, ids: readonly string[]): Promise<void> {
  const { signature } = await import("../../dev/stripe-events.ts");
  const all: Record<string, object> = JSON.parse(t.bank.saveState()).books["cedar-ridge"].events;
  for (const [i, id] of ids.entries()) {
    // The second time under an id of its own: the bank may make two events of one thing.
    const again = ids.indexOf(id) < i;
    const body = JSON.stringify(again ? { ...all[id], id: `${id}_${i}` } : all[id]);
    await t.fetch(
      new Request("https://cedar-ridge.test/webhooks/stripe", {
        method: "POST",
        body,
        headers: { "Stripe-Signature": signature("whsec_cedar_ridge", body, t.clock.now) },
      }),
    );
    await runJobsOnce(t);
  }
  for (let beat = 0; beat < 3; beat++) {
    t.clock.now += 20 * MINUTE;
    await sweep(t);
  }
}

describe("any day's webhooks", () => {
  test.for(Array.from({ length: 16 }, (_, seed) => seed))(
    "shuffled and doubled leave the same books as in order: seed %i",
    async (seed) => {
      const tell = async (order: (ids: string[]) => string[]) => {
        const t = await portal();
        const seeded = await returnedBefore(t);
        const known = new Set(Object.keys(JSON.parse(t.bank.saveState()).books["cedar-ridge"].events));
        await aDay(t, seed);
        const ids = Object.keys(JSON.parse(t.bank.saveState()).books["cedar-ridge"].events);
        await hear(t, order(ids.filter((id) => !known.has(id))));
        await expectSameSums(t, seeded);
        return books(t);
      };
      const inOrder = await tell((ids) => ids);
      const chance = random(seed + 1000);
      const mixed = await tell((ids) => shuffled([...ids, ...ids.filter(() => chance() < 0.5)], chance));
      expect(mixed).toEqual(inOrder);
    },
  );

  test("that never come are made up for in the night", async () => {
    for (const seed of [1, 2, 3, 4, 5, 6]) {
      const t = await portal();
      const seeded = await returnedBefore(t);
      await aDay(t, seed);
      t.clock.now += DAY;
      t.jobs.push({ type: "payments.reckon", dealer: "cedar-ridge", after: null });
      await runJobsOnce(t);
      await expectSameSums(t, seeded);
      expect(await t.rows("select id from worklist where kind = 'reckoning_differs'")).toEqual([]);
      expect(bankTotals(t).captured).toBeGreaterThan(0);
    }
  });

  test("about money of a payment that has not settled here yet wait for it", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await bounce(t, paymentId);
    await t.db.$client.executeMultiple(`
      delete from allocations where payment_id = '${paymentId}';
      delete from messages where subject_id = '${paymentId}';
      delete from ledger_lines where subject_id = '${paymentId}';
      delete from events where key = 'payment.closed:${paymentId}';
      update invoices set allocated_cents = 0, held_cents = 4265 where number = '${OLDEST}';
      update payments set state = 'pending', allocated_cents = 0, closed_at = null where id = '${paymentId}';`);
    await t.bank.drainWebhooks();
    for (let job = t.jobs.shift(); job; job = t.jobs.shift()) await run(t.deps(), job);
    expect(await moneyOf(t, paymentId)).toMatchObject({ returned_cents: 4265, allocated_cents: 0 });
  });
});
