import { describe, expect, test } from "vitest";
import { differing, figuresIn, type OurPayment, sameMoney } from "../../src/billing/reckoning-rules.ts";
import { DAY, HOUR } from "../../src/calendar.ts";
import { run } from "../../src/jobs.ts";
import { cents } from "../../src/money.ts";
import { formOn, portal, type TestPortal } from "../setup.ts";
import { bankTotals } from "./aftermath.ts";
import { invoiceRow, paymentRow } from "./customer.ts";
import { atBank, giveBack, heldByBank, intentOf, moneyOf, OLDEST, priyaPays, work } from "./money-back.ts";

/** A whole night: the queue brings every page. */
async function night(t: TestPortal): Promise<void> {
  t.jobs.push({ type: "payments.reckon", dealer: "cedar-ridge", after: null });
  await t.runJobs();
}

/** Books that were spoiled behind the portal's back: a payment that went through is called failed. */
async function calledFailed(t: TestPortal): Promise<string> {
  const paymentId = await priyaPays(t);
  await t.runJobs();
  await t.db.$client.executeMultiple(`
    delete from allocations where payment_id = '${paymentId}';
    delete from messages where subject_id = '${paymentId}';
    delete from ledger_lines where subject_id = '${paymentId}';
    update invoices set allocated_cents = 0 where number = '${OLDEST}';
    update payments set state = 'failed', allocated_cents = 0, failure_code = 'declined' where id = '${paymentId}';`);
  return paymentId;
}

/** The bank's book as it would be, had something else happened there. */
async function atTheirs(t: TestPortal, paymentId: string, change: (intent: Record<string, unknown>) => void) {
  const id = await intentOf(t, paymentId);
  const state = JSON.parse(t.bank.saveState());
  change(state.books["cedar-ridge"].intents[id]);
  t.bank.loadState(JSON.stringify(state));
}

const differences = async (t: TestPortal) => (await work(t)).filter((one) => one.kind === "reckoning_differs");

describe("the nightly reckoning", () => {
  test("finds nothing wrong with the whole cast, and marks what it has seen", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    t.clock.now += 2 * HOUR;
    await night(t);
    expect(await differences(t)).toEqual([]);
    expect(await t.row("select reckoned_at from payments where id = ?", paymentId)).toEqual({
      reckoned_at: t.clock.now,
    });
  });

  test("names both figures of a payment that failed here and went through there, once for the same figures", async () => {
    const t = await portal();
    const paymentId = await calledFailed(t);
    const intent = await intentOf(t, paymentId);
    await night(t);
    const item = {
      kind: "reckoning_differs",
      subject_id: paymentId,
      detail: `Bank: $42.65 settled, ${intent}.\nBooks: $42.65 failed.`,
    };
    expect(await differences(t)).toEqual([item]);
    t.clock.now += DAY;
    await night(t);
    expect(await differences(t)).toEqual([item]);
    // Whoever closed it has seen these figures; only others are news.
    await t.db.$client.execute("update worklist set closed_at = 1");
    t.clock.now += DAY;
    await night(t);
    expect(await differences(t)).toEqual([]);
    await atTheirs(t, paymentId, (one) => Object.assign(one, { amount_received: 4000 }));
    await night(t);
    expect(await differences(t)).toMatchObject([{ detail: `Bank: $40.00 settled, ${intent}.\nBooks: $42.65 failed.` }]);
  });

  test("names an amount that differs, a state that differs, and what either side does not know", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await atTheirs(t, paymentId, (one) => Object.assign(one, { amount_received: 4264 }));
    await night(t);
    expect(await differences(t)).toMatchObject([{ detail: expect.stringContaining("Bank: $42.64 settled") }]);
    await atTheirs(t, paymentId, (one) => Object.assign(one, { amount_received: 4265 }));
    await night(t);
    // They agree again, so nobody need look any more.
    expect(await differences(t)).toEqual([]);

    await atTheirs(t, paymentId, (one) => Object.assign(one, { status: "canceled" }));
    await night(t);
    expect(await differences(t)).toMatchObject([{ detail: expect.stringContaining("Bank: $42.65 failed") }]);

    await atTheirs(t, paymentId, (one) =>
      Object.assign(one, { status: "succeeded", metadata: { payment_id: "pay_00000000000000000000" } }),
    );
    t.clock.now += 2 * HOUR;
    await night(t);
    expect(await differences(t)).toMatchObject([
      { subject_id: "pay_00000000000000000000", detail: expect.stringContaining("Books: no such payment.") },
      { subject_id: paymentId },
    ]);
  });

  test("names a payment of ours that the bank does not know", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    const id = await intentOf(t, paymentId);
    const state = JSON.parse(t.bank.saveState());
    delete state.books["cedar-ridge"].intents[id];
    t.bank.loadState(JSON.stringify(state));
    t.clock.now += 2 * HOUR;
    await night(t);
    expect(await differences(t)).toEqual([
      {
        kind: "reckoning_differs",
        subject_id: paymentId,
        detail: "Bank: no such payment.\nBooks: $42.65 settled.",
      },
    ]);
  });

  test("asks about what is under way instead of reckoning it, also where the sweep gave up", async () => {
    const t = await portal();
    t.bank.setDelivery({ mode: "dropped" });
    t.bank.faults.add({ match: "POST /v1/payment_intents/*/confirm", kind: "cut_after" });
    const paymentId = await priyaPays(t);
    await t.db.$client.execute({
      sql: "update payments set review_reason = 'asked for a week', check_at = null where id = ?",
      args: [paymentId],
    });
    await night(t);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "settled", review_reason: null });
    expect(await differences(t)).toEqual([]);
  });

  test("records what no webhook told: a dispute", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    t.bank.setDelivery({ mode: "dropped" });
    await atBank(t, `payments/${await intentOf(t, paymentId)}/bounce`, { reason: "fraudulent" });
    await night(t);
    expect(await moneyOf(t, paymentId)).toMatchObject({ returned_cents: 4265, allocated_cents: 0 });
    expect(await differences(t)).toEqual([]);
  });

  test.for(["refunds", "disputes"] as const)(
    "names one of our %s that the bank does not list, with both figures, once, until it does",
    async (what) => {
      const t = await portal();
      const paymentId = await priyaPays(t);
      if (what === "refunds") await giveBack(t, paymentId, 1000);
      else await atBank(t, `payments/${await intentOf(t, paymentId)}/bounce`, { reason: "fraudulent" });
      await t.webhooks();
      const theirs = heldByBank(t, what).at(-1)!;
      const before = t.bank.saveState();
      const books = await moneyOf(t, paymentId);
      t.clock.now += 2 * HOUR;
      await night(t);
      expect(await differences(t)).toEqual([]);

      const state = JSON.parse(before);
      delete state.books["cedar-ridge"][what][theirs.id];
      t.bank.loadState(JSON.stringify(state));
      for (let i = 0; i < 2; i++) {
        t.clock.now += DAY;
        await night(t);
      }
      const told = await differences(t);
      expect(told).toMatchObject([
        what === "refunds"
          ? { detail: `Bank: no such refund, ${theirs.id}.\nBooks: $10.00 refunded, settled.` }
          : {
              subject_id: theirs.id,
              detail: `Bank: no such dispute, ${theirs.id}.\nBooks: $42.65 taken back, running.`,
            },
      ]);
      // Asking once more cannot settle that, and nothing is changed by itself.
      const ruth = await t.as("ruth@cedarridge.example.com");
      const here = `/office/worklist/${encodeURIComponent(`reckoning_differs:${told[0]!.subject_id}`)}`;
      const page = await ruth.get(here);
      expect(page.html).toContain(`href="/office/payments/${paymentId}"`);
      expect(page.html).not.toContain("Take the card company");
      expect((await ruth.post(`${here}/bank`, formOn(page.html, "/office/worklist/closing"))).status).toBe(404);
      expect(await moneyOf(t, paymentId)).toEqual(books);

      t.bank.loadState(before);
      t.clock.now += DAY;
      await night(t);
      expect(await differences(t)).toEqual([]);
    },
  );

  test("records what no webhook told, though it began weeks ago: a refund that came back", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    expect(await giveBack(t, paymentId, 1000)).toEqual({ result: "made" });
    t.bank.setDelivery({ mode: "dropped" });
    t.clock.now += 21 * DAY;
    await atBank(t, `refunds/${heldByBank(t, "refunds")[0]!.id}/fail`);
    await night(t);
    expect(bankTotals(t).refunded).toBe(0);
    expect(await moneyOf(t, paymentId)).toMatchObject({ refunded_cents: 0 });
  });

  test("goes through more than one page, each a job of its own, and comes again when the bank is away", async () => {
    const t = await portal();
    const paymentId = await calledFailed(t);
    const state = JSON.parse(t.bank.saveState());
    const { intents } = state.books["cedar-ridge"];
    const [like] = Object.values<{ created: number }>(intents).slice(-1);
    for (let n = 0; n < 150; n++) intents[`pi_more${n}`] = { ...like, id: `pi_more${n}`, metadata: {} };
    t.bank.loadState(JSON.stringify(state));
    t.jobs.push({ type: "payments.reckon", dealer: "cedar-ridge", after: null });
    const steps: string[] = [];
    for (let job = t.jobs.shift(); job; job = t.jobs.shift()) {
      if (job.type === "payments.reckon") steps.push(job.after?.of ?? "first");
      expect(await run(t.deps(), job)).toBe("done");
    }
    expect(steps).toEqual(["first", "returns", "payments", "payments", "ours", "our_refunds", "our_returns"]);
    expect(await differences(t)).toMatchObject([{ subject_id: paymentId }]);
    t.bank.faults.add({ match: "GET /v1/refunds", kind: "down" });
    await expect(run(t.deps(), { type: "payments.reckon", dealer: "cedar-ridge", after: null })).rejects.toThrow(
      "stripe",
    );
  });
});

describe("the office", () => {
  const pageOf = (paymentId: string) => `/office/worklist/${encodeURIComponent(`reckoning_differs:${paymentId}`)}`;

  test("sees both figures, and takes the bank's word: the money is here after all", async () => {
    const t = await portal();
    const paymentId = await calledFailed(t);
    await night(t);
    const ruth = await t.as("ruth@cedarridge.example.com");
    expect((await ruth.get("/office")).html).toContain(`href="${pageOf(paymentId)}"`);
    const page = await ruth.get(pageOf(paymentId));
    expect(page.html).toMatch(/The card company says<\/dt><dd>\$42\.65 settled/);
    expect(page.html).toMatch(/Our books say<\/dt><dd>\$42\.65 failed/);
    const answer = await ruth.post(`${pageOf(paymentId)}/bank`, formOn(page.html, `${pageOf(paymentId)}/bank`));
    expect(answer.headers.get("Location")).toBe(`${pageOf(paymentId)}?said=bank_agreed`);
    expect((await ruth.get(answer.headers.get("Location")!)).html).toContain("Both say the same now.");
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "settled", failure_code: null });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4265 });
    expect(await t.rows("select state from messages where dedupe_key = ?", `receipt:${paymentId}`)).toHaveLength(1);
    expect(await work(t)).toEqual([]);
    await night(t);
    expect(await work(t)).toEqual([]);
  });

  test("finds money whose invoice has been paid since as account credit", async () => {
    const t = await portal();
    await t.db.$client.execute("update money_settings set apply_credit = 'by_hand'");
    const paymentId = await calledFailed(t);
    await priyaPays(t);
    await night(t);
    const ruth = await t.as("ruth@cedarridge.example.com");
    const page = await ruth.get(pageOf(paymentId));
    await ruth.post(`${pageOf(paymentId)}/bank`, formOn(page.html, `${pageOf(paymentId)}/bank`));
    expect(await moneyOf(t, paymentId)).toMatchObject({ amount_cents: 4265, allocated_cents: 0 });
    expect(bankTotals(t).captured).toBeGreaterThanOrEqual(2 * 4265);
  });

  test("is told when they still differ, and when the bank gives no answer; nothing changes", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await atTheirs(t, paymentId, (one) => Object.assign(one, { amount_received: 4264 }));
    await night(t);
    const ruth = await t.as("ruth@cedarridge.example.com");
    const page = await ruth.get(pageOf(paymentId));
    const press = async () =>
      (await ruth.post(`${pageOf(paymentId)}/bank`, formOn(page.html, `${pageOf(paymentId)}/bank`))).headers.get(
        "Location",
      );
    expect(await press()).toBe(`${pageOf(paymentId)}?said=bank_differs`);
    t.bank.faults.add({ match: "GET *", kind: "down", times: null });
    expect(await press()).toBe(`${pageOf(paymentId)}?said=bank_away`);
    t.bank.faults.clear();
    expect(await moneyOf(t, paymentId)).toMatchObject({ amount_cents: 4265, allocated_cents: 4265 });
    expect(await differences(t)).toHaveLength(1);
  });
});

describe("what is the same", () => {
  const ours = (more: Partial<OurPayment> = {}): OurPayment => ({
    id: "pay",
    accountId: "acc",
    state: "settled",
    amountCents: 100,
    refundedCents: 0,
    intentId: "pi",
    unsent: 0,
    ...more,
  });
  const theirs = (more: Partial<Parameters<typeof sameMoney>[0]> = {}) => ({
    intentId: "pi",
    state: "settled" as const,
    cents: cents(100),
    refundedCents: cents(0),
    ...more,
  });

  test.for([
    [theirs(), ours(), true],
    [theirs(), null, false],
    [theirs({ state: "open" }), null, true],
    [theirs({ cents: cents(99) }), ours(), false],
    [theirs({ refundedCents: cents(1) }), ours(), false],
    [theirs(), ours({ refundedCents: 1 }), false],
    [theirs(), ours({ refundedCents: 1, unsent: 1 }), true],
    [theirs({ intentId: "pi_2" }), ours(), false],
    [theirs({ intentId: "pi_2", state: "failed" }), ours(), true],
    [theirs({ state: "failed" }), ours(), false],
    [theirs({ state: "failed" }), ours({ intentId: null }), true],
    [theirs({ state: "failed" }), ours({ state: "failed" }), true],
    [theirs(), ours({ state: "failed" }), false],
    [theirs({ state: "processing" }), ours({ state: "failed" }), false],
    [theirs({ state: "processing" }), ours({ state: "processing" }), true],
    [theirs({ state: "processing" }), ours(), false],
    [theirs(), ours({ state: "pending" }), false],
    [theirs({ state: "processing" }), ours({ state: "pending" }), true],
  ] as const)("%o and %o: %s", ([vendor, mine, same]) => {
    expect(sameMoney(vendor, mine)).toBe(same);
  });

  test("figures are read back as they were written, and nothing else is", () => {
    const figures = { bank: "$1.00 settled, pi_x", books: "$1.00 failed" };
    expect(figuresIn(differing(figures))).toEqual(figures);
    expect(figuresIn("asked for a week, no clear answer")).toBeNull();
  });
});
