import { describe, expect, test } from "vitest";
import { applyCredits, applyCreditTo, takeCreditBack } from "../../src/billing/apply-credits.ts";
import { spreadCredits } from "../../src/billing/credit-rules.ts";
import { giveCredit } from "../../src/billing/give-credit.ts";
import { DAY } from "../../src/calendar.ts";
import { newId } from "../../src/ids.ts";
import { cents } from "../../src/money.ts";
import { formOn, portal, type TestPortal } from "../setup.ts";
import { bankTotals, sweep } from "./aftermath.ts";
import { invoiceRow, openInvoicesOf, pay, paymentRow } from "./customer.ts";
import { atBank, intentOf, OLDEST, officeForm, priyaPays } from "./money-back.ts";

const PRIYAS = "CR-10052";
const accountOf = async (t: TestPortal, number = PRIYAS) =>
  (await t.row<{ id: string }>("select id from accounts where number = ?", number)).id;

const give = async (t: TestPortal, amount: number, more: { creditId?: string; number?: string } = {}) =>
  giveCredit(t.deps(), {
    creditId: more.creditId ?? newId("crd", t.clock.now),
    accountId: await accountOf(t, more.number),
    cents: cents(amount),
    reason: "for your patience",
    by: "usr_test",
  });

/** The cast's own credit is out of the way. */
const noCredit = (t: TestPortal) => t.db.$client.execute("delete from credits where allocated_cents = 0");
const byHand = (t: TestPortal) => t.db.$client.execute("update money_settings set apply_credit = 'by_hand'");
const creditsLeft = (t: TestPortal) =>
  t.rows<{ amount_cents: number; allocated_cents: number }>(
    "select amount_cents, allocated_cents from credits where by = 'usr_test' order by amount_cents desc",
  );

describe("spreading credit", () => {
  const source = (id: string, on: string, restCents: number) => ({ kind: "credit" as const, id, on, restCents });

  test("uses the oldest money for the oldest invoice, each to its end", () => {
    const lines = spreadCredits(
      [source("b", "2026-02-01", 50), source("a", "2026-02-01", 30), source("c", "2026-01-01", 20)],
      [
        { invoiceId: "1", payableCents: 45 },
        { invoiceId: "2", payableCents: 100 },
      ],
    );
    expect(lines.map(({ source: { id }, invoiceId, cents: used }) => [id, invoiceId, used])).toEqual([
      ["c", "1", 20],
      ["a", "1", 25],
      ["a", "2", 5],
      ["b", "2", 50],
    ]);
  });

  test("never uses more than there is, nor more than is payable", () => {
    expect(spreadCredits([], [{ invoiceId: "1", payableCents: 5 }])).toEqual([]);
    expect(spreadCredits([source("a", "x", 5)], [])).toEqual([]);
    const lines = spreadCredits([source("a", "x", 500)], [{ invoiceId: "1", payableCents: 5 }]);
    expect(lines.map((line) => line.cents)).toEqual([5]);
  });
});

describe("a credit", () => {
  test("is used at once, oldest invoice first, where the dealer has that done by itself", async () => {
    const t = await portal();
    await noCredit(t);
    const before = await openInvoicesOf(t, PRIYAS);
    expect(await give(t, 5000)).toBe("done");
    const [first, second] = await openInvoicesOf(t, PRIYAS);
    expect(await invoiceRow(t, before[0]!.number)).toMatchObject({ allocated_cents: before[0]!.total_cents });
    const left = 5000 - (before[0]!.total_cents - before[0]!.allocated_cents);
    expect(first).toMatchObject({ number: before[1]!.number, allocated_cents: before[1]!.allocated_cents + left });
    expect(second).toEqual(before[2]);
  });

  test("given twice is given once", async () => {
    const t = await portal();
    const creditId = newId("crd", t.clock.now);
    const results = await Promise.all([give(t, 700, { creditId }), give(t, 700, { creditId })]);
    expect(results.sort()).toEqual(["already", "done"]);
    expect(await creditsLeft(t)).toEqual([{ amount_cents: 700, allocated_cents: 700 }]);
  });

  test("used by two at once is used once", async () => {
    const t = await portal();
    await noCredit(t);
    await byHand(t);
    await give(t, 5000);
    await give(t, 3000);
    const account = await accountOf(t);
    const used = await Promise.all([1, 2, 3].map(() => applyCredits(t.deps(), account, "usr_test", "asked")));
    expect(used.reduce((sum, one) => sum + one, 0)).toBe(8000);
    expect(await creditsLeft(t)).toEqual([
      { amount_cents: 5000, allocated_cents: 5000 },
      { amount_cents: 3000, allocated_cents: 3000 },
    ]);
  });

  test("waits for a hand where the dealer wants that", async () => {
    const t = await portal();
    await byHand(t);
    await give(t, 1000);
    const account = await accountOf(t);
    expect(await applyCredits(t.deps(), account, "sweep")).toBe(0);
    const [, second] = await openInvoicesOf(t, PRIYAS);
    const credit = await t.row<{ id: string }>("select id from credits where by = 'usr_test'");
    const use = {
      id: newId("use", t.clock.now),
      accountId: account,
      source: { kind: "credit" as const, id: credit.id },
      invoiceId: second!.id,
      cents: cents(400),
      by: "usr_test",
    };
    expect(await applyCreditTo(t.deps(), use)).toBe("done");
    expect(await applyCreditTo(t.deps(), use)).toBe("already");
    expect(await invoiceRow(t, second!.number)).toMatchObject({ allocated_cents: second!.allocated_cents + 400 });
    const again = { ...use, id: newId("use", t.clock.now) };
    expect(await applyCreditTo(t.deps(), { ...again, cents: cents(601) })).toBe("refused");
    expect(await applyCreditTo(t.deps(), { ...again, cents: cents(100_000) })).toBe("refused");
    const foreign = await t.row<{ id: string }>(
      "select id from invoices where account_id <> ? and status = 'sent' and allocated_cents < total_cents limit 1",
      account,
    );
    expect(await applyCreditTo(t.deps(), { ...again, invoiceId: foreign.id })).toBe("refused");
    expect(await applyCreditTo(t.deps(), { ...again, source: { kind: "credit", id: "crd_nobodys" } })).toBe("refused");
  });

  test("is taken off again by a new row, of the amount that was seen", async () => {
    const t = await portal();
    await give(t, 1000);
    const account = await accountOf(t);
    const invoice = await invoiceRow(t, (await openInvoicesOf(t, PRIYAS))[0]!.number);
    const credit = await t.row<{ id: string }>("select id from credits where by = 'usr_test'");
    const use = {
      accountId: account,
      source: { kind: "credit" as const, id: credit.id },
      invoiceId: invoice.id,
      by: "u",
    };
    expect(await takeCreditBack(t.deps(), { ...use, cents: cents(999) })).toBe("refused");
    expect(await takeCreditBack(t.deps(), { ...use, accountId: "acc_other", cents: cents(1000) })).toBe("refused");
    expect(await takeCreditBack(t.deps(), { ...use, cents: cents(1000) })).toBe("done");
    expect(await takeCreditBack(t.deps(), { ...use, cents: cents(1000) })).toBe("refused");
    expect(await takeCreditBack(t.deps(), { ...use, cents: cents(0) })).toBe("refused");
    expect(await t.rows("select amount_cents from allocations where credit_id = ? order by id", credit.id)).toEqual([
      { amount_cents: 1000 },
      { amount_cents: -1000 },
    ]);
    expect(await invoiceRow(t, invoice.number)).toMatchObject({ allocated_cents: invoice.allocated_cents - 1000 });
  });

  test("does not touch what a payment under way holds", async () => {
    const t = await portal();
    const northgate = await t.as("office@northgatestorage.example.com");
    await pay(northgate, { invoices: { "INV-70024": null } });
    const held = await invoiceRow(t, "INV-70024");
    expect(held.held_cents).toBeGreaterThan(0);
    await give(t, 100, { number: "CR-10081" });
    expect(await invoiceRow(t, "INV-70024")).toEqual(held);
  });

  test("does not go onto an invoice in dispute", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await atBank(t, `payments/${await intentOf(t, paymentId)}/bounce`, { reason: "fraudulent" });
    await t.webhooks();
    await give(t, 1000);
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 0 });
  });

  test("is used in the night for an invoice that came meanwhile, page by page", async () => {
    const t = await portal();
    await noCredit(t);
    const account = await accountOf(t);
    const open = await openInvoicesOf(t, PRIYAS);
    for (const one of open) await give(t, one.total_cents - one.allocated_cents);
    await give(t, 900);
    expect(await openInvoicesOf(t, PRIYAS)).toEqual([]);
    await t.db.$client.execute(
      `insert into invoices (id, account_id, number, kind, status, issued_on, due_on, total_cents) values ('inv_new', '${account}', 'INV-NEW', 'recurring', 'sent', '2026-12-01', '2026-12-21', 2000)`,
    );
    t.jobs.push({ type: "credits.sweep", dealer: "cedar-ridge", after: null });
    await t.runJobs();
    expect(await invoiceRow(t, "INV-NEW")).toMatchObject({ allocated_cents: 900 });
  });
});

describe("the office's page of a customer's money", () => {
  const at = `/office/accounts/${PRIYAS}/money`;
  const posts = `/office/accounts/${PRIYAS}`;

  test("gives a credit, uses it by hand and takes it back", async () => {
    const t = await portal();
    await noCredit(t);
    await byHand(t);
    const ruth = await t.as("ruth@cedarridge.example.com");
    const page = await ruth.get(at);
    const credit = officeForm(page.html, `${posts}/credits`, { amount: "12.00", reason: "  late\u0000 visit <i>" });
    expect((await ruth.post(`${posts}/credits`, credit)).headers.get("Location")).toBe(`${at}?said=credit_given`);
    await ruth.post(`${posts}/credits`, credit);
    expect(await t.rows("select reason, amount_cents from credits where reason like 'late%'")).toEqual([
      { reason: "late visit <i>", amount_cents: 1200 },
    ]);
    const [oldest] = await openInvoicesOf(t, PRIYAS);
    const given = await t.row<{ id: string }>("select id from credits where reason like 'late%'");
    const more = await ruth.get(at);
    expect(more.html).toContain("late visit &lt;i&gt;");
    const use = officeForm(more.html, `${posts}/credit-uses`, {
      source: `credit:${given.id}`,
      invoice: oldest!.id,
      amount: "5.00",
    });
    expect((await ruth.post(`${posts}/credit-uses`, use)).headers.get("Location")).toBe(`${at}?said=credit_used`);
    expect(await invoiceRow(t, oldest!.number)).toMatchObject({ allocated_cents: oldest!.allocated_cents + 500 });
    const used = await ruth.get(at);
    const taken = await ruth.post(`${posts}/credit-uses/removal`, formOn(used.html, `${posts}/credit-uses/removal`));
    expect(taken.headers.get("Location")).toBe(`${at}?said=credit_taken_back`);
    expect(await invoiceRow(t, oldest!.number)).toMatchObject({ allocated_cents: oldest!.allocated_cents });
    const everything = officeForm((await ruth.get(at)).html, `${posts}/credit-uses`, { everything: "1" });
    await ruth.post(`${posts}/credit-uses`, everything);
    expect(await invoiceRow(t, oldest!.number)).toMatchObject({ allocated_cents: oldest!.allocated_cents + 1200 });
  });

  test.for([
    [{ amount: "none", reason: "x" }, "amount_unreadable"],
    [{ amount: "-5.00", reason: "x" }, "amount_unreadable"],
    [{ amount: "5.00", reason: " " }, "reason_missing"],
    [{ amount: "5.00", reason: "x", credit_id: "crd_1" }, "changed"],
  ] as const)("refuses %o", async ([fields, said]) => {
    const t = await portal();
    const ruth = await t.as("ruth@cedarridge.example.com");
    const form = officeForm((await ruth.get(at)).html, `${posts}/credits`, fields);
    expect((await ruth.post(`${posts}/credits`, form)).headers.get("Location")).toBe(`${at}?said=${said}`);
    expect((await ruth.get(`${at}?said=${said}`)).html).toContain("notice problem");
  });
});

describe("the customer's page of credits", () => {
  test("names reasons, what is left, and what it was used for", async () => {
    const t = await portal();
    await give(t, 5000);
    const priya = await t.as("priya@example.com");
    const page = await priya.get("/credits");
    expect(page.html).toContain("for your patience");
    expect(page.html).toContain(`/invoices/${OLDEST}`);
    expect(page.html).not.toContain("usr_test");
    expect((await priya.get("/")).html).toContain('href="/credits"');
    expect((await priya.get("/statement?kind=balance_forward")).html).toContain(`href="/credits"`);
  });
});

describe("paying ahead", () => {
  /** Priya owes nothing any more, and the dealer takes money ahead. */
  const clear = async (t: TestPortal) => {
    await t.db.$client.execute("update settings set overpayment = 1");
    await noCredit(t);
    const browser = await t.as("priya@example.com");
    await pay(browser, { everything: true });
    return browser;
  };

  test("is offered when nothing is due, and waits as credit for the next invoice", async () => {
    const t = await portal();
    const browser = await clear(t);
    const before = bankTotals(t).captured;
    const page = await browser.get("/invoices");
    expect(page.html).toContain("Nothing is due now. You can pay ahead");
    const form = formOn(page.html, "/payments");
    form.set("total", "30.00");
    const check = await browser.post("/payments", form);
    expect(check.html).toContain("Your total is $30.00. Nothing has been charged yet.");
    const answer = await browser.post("/payments", formOn(check.html, "/payments"));
    const paymentId = form.get("payment_id")!;
    expect(answer.headers.get("Location")).toBe(`/payments/${paymentId}`);
    expect(bankTotals(t).captured).toBe(before + 3000);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "settled", allocated_cents: 0 });
    expect((await browser.get("/credits")).html).toContain("Left over from a payment: Mastercard ending 4444");
    const account = await accountOf(t);
    await t.db.$client.execute(
      `insert into invoices (id, account_id, number, kind, status, issued_on, due_on, total_cents) values ('inv_new', '${account}', 'INV-NEW', 'recurring', 'sent', '2026-12-02', '2026-12-22', 4265)`,
    );
    t.clock.now += DAY;
    t.jobs.push({ type: "credits.sweep", dealer: "cedar-ridge", after: null });
    await t.runJobs();
    expect(await invoiceRow(t, "INV-NEW")).toMatchObject({ allocated_cents: 3000 });
    const credits = await browser.get("/credits");
    expect(credits.html).toContain("INV-NEW");
    await sweep(t);
  });

  test("is limited to what a usual cycle comes to", async () => {
    const t = await portal();
    const browser = await clear(t);
    const page = await browser.get("/invoices");
    const most = /At most (\$[\d.]+) at a time/.exec(page.html)![1]!;
    const form = formOn(page.html, "/payments");
    form.set("total", "400.00");
    const answer = await browser.post("/payments", form);
    expect(answer.status).toBe(422);
    expect(answer.html).toContain(`The most you can pay now is ${most}.`);
    expect(answer.html).toContain('value="400.00"');
    for (const [total, words] of [
      ["0.10", "The smallest payment is"],
      ["abc", "The total is not one we can read."],
      ["", "Tick at least one invoice"],
    ] as const) {
      form.set("total", total);
      expect((await browser.post("/payments", form)).html).toContain(words);
    }
  });

  test("is not offered where the dealer does not want it, nor to whoever only looks", async () => {
    const t = await portal();
    const browser = await clear(t);
    await t.db.$client.execute("update settings set overpayment = 0");
    expect((await browser.get("/invoices")).html).not.toContain("pay ahead");
    const form = new URLSearchParams({
      payment_id: newId("pay", t.clock.now),
      total: "30.00",
      shown_total: "30.00",
      method: "new_card",
    });
    expect((await browser.post("/payments", form)).status).toBe(422);
  });
});
