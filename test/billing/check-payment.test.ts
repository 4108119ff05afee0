import { describe, expect, test } from "vitest";
import { SWEEP_SIZE } from "../../src/billing/check-payment.ts";
import { DAY, HOUR, MINUTE } from "../../src/calendar.ts";
import { run } from "../../src/jobs.ts";
import { portal, type TestPortal } from "../setup.ts";
import { bankTotals, lettersAbout, sweep } from "./aftermath.ts";
import { follow, invoiceRow, pay, paymentRow } from "./customer.ts";

const OLDEST = "INV-40022";

/** A payment whose confirmation was lost, at a bank that is away from then on. */
async function unclear(t: TestPortal) {
  t.bank.faults.add({ match: "POST /v1/payment_intents/*", kind: "down", times: null });
  t.bank.faults.add({ match: "GET *", kind: "down", times: null });
  const browser = await t.as("priya@example.com");
  const { paymentId } = await pay(browser, { invoices: { [OLDEST]: null } });
  return { browser, paymentId };
}

describe("the sweep", () => {
  test("hands payments on a page at a time, and itself for the rest", async () => {
    const t = await portal();
    const insert = `insert into payments (id, account_id, origin, kind, amount_cents, state, started_at, paid_on, check_at)
      select ?, (select id from accounts where number = 'CR-10021'), 'portal', 'card', 100, 'pending', 1000, '2026-11-30', 1000`;
    const count = 2 * SWEEP_SIZE + 1;
    for (let i = 0; i < count; i++) {
      await t.db.$client.execute({ sql: insert, args: [`pay_${String(i).padStart(20, "0")}`] });
    }
    t.jobs.push({ type: "payments.sweep", dealer: "cedar-ridge", after: null });
    const asked = new Set<string>();
    let sweeps = 0;
    for (let job = t.jobs.shift(); job; job = t.jobs.shift()) {
      if (job.type === "payment.check") asked.add(job.paymentId);
      else {
        sweeps++;
        expect(await run(t.deps(), job)).toBe("done");
      }
    }
    expect([sweeps, asked.size]).toEqual([3, count]);
    await t.db.$client.execute("delete from payments where id like 'pay_0000%'");
  });

  test("looks only at what is due, under way and not with a person", async () => {
    const t = await portal();
    const { paymentId } = await unclear(t);
    t.jobs.splice(0);
    const handedOn = async () => {
      t.jobs.push({ type: "payments.sweep", dealer: "cedar-ridge", after: null });
      await run(t.deps(), t.jobs.shift()!);
      return t.jobs.splice(0).map((job) => (job.type === "payment.check" ? job.paymentId : job.type));
    };
    expect(await handedOn()).toEqual([]);
    t.clock.now += 2 * MINUTE;
    expect(await handedOn()).toEqual([paymentId]);
    await t.db.$client.execute("update payments set review_reason = 'x'");
    expect(await handedOn()).toEqual([]);
  });

  test("leaves alone a payment that is over, or that nobody knows", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { paymentId } = await pay(priya, { invoices: { [OLDEST]: null } });
    const before = await paymentRow(t, paymentId);
    for (const id of [paymentId, "pay_00000000000000000000"]) {
      expect(await run(t.deps(), { type: "payment.check", dealer: "cedar-ridge", paymentId: id })).toBe("done");
    }
    expect(await paymentRow(t, paymentId)).toEqual(before);
  });
});

describe("a payment of unknown outcome", () => {
  test("is asked about less and less often, and after a week is given to a person", async () => {
    const t = await portal();
    const { browser, paymentId } = await unclear(t);
    const waits: number[] = [];
    for (let tries = 0; tries < 20; tries++) {
      const { check_at } = await paymentRow(t, paymentId);
      if (check_at === null) break;
      waits.push(check_at - t.clock.now);
      t.clock.now = check_at;
      await sweep(t);
    }
    expect(waits.slice(0, 5)).toEqual([2 * MINUTE, 10 * MINUTE, HOUR, 6 * HOUR, DAY]);
    expect(waits.slice(5).every((wait) => wait === DAY)).toBe(true);
    const total = waits.reduce((sum, wait) => sum + wait, 0);
    expect(total).toBeGreaterThan(6 * DAY);
    expect(total).toBeLessThan(8 * DAY);
    expect(await t.rows("select kind, subject_id from worklist")).toEqual([
      { kind: "payment_unclear", subject_id: paymentId },
    ]);
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ held_cents: 4265 });
    const page = await browser.get(`/payments/${paymentId}`);
    expect(page.html).toContain("This payment needs a person to look at it.");
    expect(page.html).toContain("Do not pay again.");
    expect(page.html).not.toContain('http-equiv="refresh"');
  });

  test("is not used up by a page that looks again every few seconds", async () => {
    const t = await portal();
    const { browser, paymentId } = await unclear(t);
    for (let looks = 0; looks < 30; looks++) {
      t.clock.now += 8;
      await browser.get(`/payments/${paymentId}/return`);
    }
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "pending", review_reason: null, checks: 1 });
    expect(await t.rows("select kind from worklist")).toEqual([]);
    t.bank.faults.clear();
    await sweep(t);
    expect((await browser.get(`/payments/${paymentId}`)).html).toContain("We received $42.65.");
  });

  test("that is with a person is still recorded when its truth comes out", async () => {
    const t = await portal();
    t.bank.faults.add({ match: "POST /v1/payment_intents/*/confirm", kind: "cut_after" });
    t.bank.faults.add({ match: "GET *", kind: "down", times: null });
    const browser = await t.as("priya@example.com");
    const { paymentId } = await pay(browser, { invoices: { [OLDEST]: null } });
    for (let tries = 0; tries < 15; tries++) {
      t.clock.now += DAY + MINUTE;
      await sweep(t);
    }
    expect(await paymentRow(t, paymentId)).toMatchObject({ check_at: null });
    t.bank.faults.clear();
    await browser.get(`/payments/${paymentId}/return`);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "settled", review_reason: null });
    expect((await browser.get(`/payments/${paymentId}`)).html).toContain("We received $42.65.");
  });

  test("is asked about soon again when the vendor can say that it still waits", async () => {
    const t = await portal();
    const tomas = await t.as("tomas@example.com");
    const { paymentId } = await pay(tomas, { invoices: { "INV-60025": null } });
    t.bank.faults.add({ match: "GET *", kind: "down" });
    await tomas.get(`/payments/${paymentId}/return`);
    expect(await paymentRow(t, paymentId)).toMatchObject({ checks: 1 });
    expect((await follow(tomas, `/payments/${paymentId}/return`)).html).toContain("Continue to your bank");
    expect(await paymentRow(t, paymentId)).toMatchObject({ checks: 0 });
  });
});

describe("a charge that nobody confirmed", () => {
  /** The Worker died between the hold and the confirmation. */
  const died = async (t: TestPortal) => {
    const { paymentId, browser } = await unclear(t);
    t.bank.faults.clear();
    return { paymentId, browser };
  };

  test("is finished within the hour, for its customer asked for it", async () => {
    const t = await portal();
    const before = bankTotals(t).captured;
    const { paymentId } = await died(t);
    t.clock.now += HOUR - 1;
    await sweep(t);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "settled" });
    expect(bankTotals(t).captured).toBe(before + 4265);
  });

  test("is canceled after the hour, for nobody expects it any more, and its customer is told", async () => {
    const t = await portal();
    const before = bankTotals(t).captured;
    const { paymentId, browser } = await died(t);
    t.clock.now += HOUR;
    await sweep(t);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "failed" });
    expect(bankTotals(t).captured).toBe(before);
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ held_cents: 0 });
    await sweep(t);
    expect(await lettersAbout(t, paymentId)).toEqual(["Your payment of $42.65 did not go through"]);
    expect((await browser.get("/invoices")).html).toContain(OLDEST);
  });
});
