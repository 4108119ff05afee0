import { describe, expect, test } from "vitest";
import { formOn, portal, type TestPortal } from "../setup.ts";
import {
  bankTotals,
  expectBankAndBooksAgree,
  expectNothingLeftOver,
  expectOneReceipt,
  timePasses,
} from "./aftermath.ts";
import {
  follow,
  invoiceRow,
  meetAtTheBank,
  openInvoicesOf,
  pay,
  paymentsOf,
  readyToPay,
  typeCard,
} from "./customer.ts";

const OLDEST = "INV-40022";

/** Sends one form several times at once, as impatient fingers do. */
async function pressed(t: TestPortal, times: number, email: string, wish: Parameters<typeof readyToPay>[1]) {
  const browser = await t.as(email);
  const form = await readyToPay(browser, wish);
  const before = bankTotals(t).captured;
  const answers = await Promise.all(Array.from({ length: times }, () => browser.post("/payments", form)));
  return { browser, answers, paymentId: form.get("payment_id")!, charged: () => bankTotals(t).captured - before };
}

describe("one payment, however often the button is pressed", () => {
  test.for([2, 5])("%i times at once, with the card on file", async (times) => {
    const t = await portal();
    const { browser, answers, paymentId, charged } = await pressed(t, times, "priya@example.com", {
      invoices: { [OLDEST]: "10.00" },
    });
    // Whichever answer the browser shows, it leads to the one payment.
    for (const answer of answers) {
      expect(answer.status).toBe(303);
      expect(answer.headers.get("Location")).toBe(`/payments/${paymentId}`);
      expect((await follow(browser, answer.headers.get("Location"))).status).toBe(200);
    }
    await timePasses(t);
    expect(charged()).toBe(1000);
    expect(await paymentsOf(t, "CR-10052")).toHaveLength(1);
    await expectBankAndBooksAgree(t);
    await expectNothingLeftOver(t);
    await expectOneReceipt(t, paymentId);
  });

  test.for([2, 5])("%i times at once, on the way to a checkout", async (times) => {
    const t = await portal();
    const { browser, answers, paymentId, charged } = await pressed(t, times, "priya@example.com", {
      invoices: { [OLDEST]: null },
      method: "new_card",
    });
    const ways = new Set(answers.map((answer) => answer.headers.get("Location")!));
    const checkout = [...ways].filter((way) => way.startsWith("https://bank.test/c/pay/"));
    expect(checkout).toHaveLength(1);
    expect([...ways].every((way) => way === checkout[0] || way === `/payments/${paymentId}`)).toBe(true);
    await follow(browser, await typeCard(t, checkout[0]!));
    await timePasses(t);
    expect(charged()).toBe(4265);
    expect(await paymentsOf(t, "CR-10052")).toHaveLength(1);
    await expectOneReceipt(t, paymentId);
  });

  test("a second apart, on the way to a checkout", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const form = await readyToPay(priya, { invoices: { [OLDEST]: null }, method: "new_card" });
    // The clock ticks whenever somebody looks at it, so no two requests have the same second.
    const start = t.clock.now;
    let looks = 0;
    Object.defineProperty(t.clock, "now", { get: () => start + looks++ });
    const answers = await Promise.all([priya.post("/payments", form), priya.post("/payments", form)]);
    expect(answers.map((answer) => answer.status)).toEqual([303, 303]);
    expect(await paymentsOf(t, "CR-10052")).toHaveLength(1);
    for (const answer of answers)
      expect(answer.headers.get("Location")).toMatch(/^https:\/\/bank\.test\/c\/pay|^\/payments\//);
  });

  test("twice at once while the vendor stumbles: who reads that nothing was charged can rely on it", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const form = await readyToPay(priya, { invoices: { [OLDEST]: "10.00" } });
    const before = bankTotals(t).captured;
    t.bank.faults.add({ match: "POST /v1/payment_intents", kind: "refused_500" });
    const answers = await Promise.all([priya.post("/payments", form), priya.post("/payments", form)]);
    const refused = answers.find((answer) => answer.status === 503);
    expect(refused?.html).toContain("Nothing was charged.");
    const other = answers.find((answer) => answer !== refused)!;
    expect((await follow(priya, other.headers.get("Location"))).html).toContain("Nothing more was charged.");
    await timePasses(t);
    expect(bankTotals(t).captured).toBe(before);
    // The form that came back has a new id, and pays.
    await priya.post("/payments", formOn(refused!.html, "/payments"));
    expect(bankTotals(t).captured).toBe(before + 1000);
    await timePasses(t);
    await expectNothingLeftOver(t);
  });

  test("reloaded, or sent again from the page before", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { form, paymentId, answer } = await pay(priya, { invoices: { [OLDEST]: "10.00" } });
    const before = bankTotals(t).captured;
    for (let i = 0; i < 3; i++) {
      const again = await priya.post("/payments", form);
      expect([again.status, again.headers.get("Location")]).toEqual([303, answer.headers.get("Location")]);
    }
    form.set("shown_total", "12.00");
    form.set(`amount_${form.get("pay")}`, "12.00");
    expect((await priya.post("/payments", form)).headers.get("Location")).toBe(`/payments/${paymentId}`);
    expect(bankTotals(t).captured).toBe(before);
    expect(await paymentsOf(t, "CR-10052")).toHaveLength(1);
  });

  test("reloaded after it was refused: nothing of the old press is left to happen", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const form = await readyToPay(priya, { invoices: { [OLDEST]: null } });
    t.bank.faults.add({ match: "POST /v1/payment_intents", kind: "down", times: 3 });
    const refused = await priya.post("/payments", form);
    expect(refused.status).toBe(503);
    expect(refused.html).toContain("Nothing was charged. Try again in a few minutes.");
    t.bank.faults.clear();
    const again = await priya.post("/payments", form);
    const page = await follow(priya, again.headers.get("Location"));
    expect(page.html).toContain("That payment is already over. Nothing more was charged.");
    expect(await paymentsOf(t, "CR-10052")).toEqual([]);
    await timePasses(t);
    await expectBankAndBooksAgree(t);
    await expectNothingLeftOver(t);
  });
});

describe("no more than is owed, however many pay", () => {
  test("ten payments of 10.00 at once against 30.00: three succeed, seven are not charged", async () => {
    const t = await portal();
    await t.db.$client.execute(`update invoices set total_cents = 3000 where number = '${OLDEST}'`);
    await t.db.$client.execute(
      `update invoice_lines set amount_cents = 3000, tax_cents = 0 where invoice_id = (select id from invoices where number = '${OLDEST}')`,
    );
    const priya = await t.as("priya@example.com");
    const forms = [];
    for (let i = 0; i < 10; i++) forms.push(await readyToPay(priya, { invoices: { [OLDEST]: "10.00" } }));
    const before = bankTotals(t).captured;
    meetAtTheBank(t, 10);
    const answers = await Promise.all(forms.map((form) => priya.post("/payments", form)));
    const ways = answers.map((answer) => answer.headers.get("Location") ?? String(answer.status));
    expect(ways.filter((way) => way.startsWith("/payments/"))).toHaveLength(3);
    expect(ways.filter((way) => way === "/invoices?said=invoice_changed")).toHaveLength(7);
    await timePasses(t);
    expect(bankTotals(t).captured - before).toBe(3000);
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 3000, held_cents: 0 });
    await expectNothingLeftOver(t);
  });

  test("two tabs, each with everything: one is paid, the other told why not", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const forms = [await readyToPay(priya, { everything: true }), await readyToPay(priya, { everything: true })];
    const before = bankTotals(t).captured;
    meetAtTheBank(t, 2);
    const answers = await Promise.all(forms.map((form) => priya.post("/payments", form)));
    const ways = answers.map((answer) => answer.headers.get("Location")!).sort();
    expect(ways[0]).toBe("/invoices?said=invoice_changed");
    expect(ways[1]).toMatch(/^\/payments\/pay_/);
    expect(bankTotals(t).captured - before).toBe(15560);
    expect(await openInvoicesOf(t, "CR-10052")).toEqual([]);
  });

  test("a bank payment under way cannot be paid a second time", async () => {
    const t = await portal();
    const northgate = await t.as("office@northgatestorage.example.com");
    await pay(northgate, { invoices: { "INV-70024": "150.00" } });
    const page = await northgate.get("/invoices");
    expect(page.html).toContain("$150.00 on its way");
    const form = await readyToPay(northgate, { invoices: { "INV-70024": "51.76" } });
    form.set(`amount_${form.get("pay")}`, "51.77");
    form.set("shown_total", "51.77");
    expect((await northgate.post("/payments", form)).status).toBe(422);
    await pay(northgate, { invoices: { "INV-70024": "51.76" } });
    expect((await northgate.get("/invoices")).html).toContain("Payment processing");
    await timePasses(t);
    expect(await invoiceRow(t, "INV-70024")).toMatchObject({ allocated_cents: 20176, held_cents: 0 });
  });
});
