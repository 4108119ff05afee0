import { describe, expect, test } from "vitest";
import { readAll } from "../../src/batch.ts";
import { applyOutcome, paymentUnderWay } from "../../src/billing/close-payment.ts";
import { DAY, HOUR, localDate, MINUTE } from "../../src/calendar.ts";
import { dateText } from "../../src/documents/words.ts";
import { cents } from "../../src/money.ts";
import type { ChargeOutcome } from "../../src/ports.ts";
import { readPdf } from "../documents/read-pdf.ts";
import { portal, type TestPortal } from "../setup.ts";
import {
  bankTotals,
  expectBankAndBooksAgree,
  expectNothingLeftOver,
  expectOneReceipt,
  lettersAbout,
  sweep,
  timePasses,
} from "./aftermath.ts";
import { atTheBank, fillIn, follow, invoiceRow, methodBecomes, pay, paymentRow, paymentsOf } from "./customer.ts";

const OLDEST = "INV-40022";

const CONFIRM = "POST /v1/payment_intents/*/confirm";

async function priyaPays(t: TestPortal, wish: Parameters<typeof pay>[1] = { invoices: { [OLDEST]: null } }) {
  const browser = await t.as("priya@example.com");
  const { answer, paymentId } = await pay(browser, wish);
  const page = await follow(browser, answer.headers.get("Location"));
  return { browser, paymentId, page, look: () => browser.get(`/payments/${paymentId}`) };
}

async function bankPays(t: TestPortal, token = "pm_usBankAccount_success") {
  await methodBecomes(t, "CR-10081", token);
  const browser = await t.as("office@northgatestorage.example.com");
  const { answer, paymentId } = await pay(browser, { invoices: { "INV-70024": null } });
  const page = await follow(browser, answer.headers.get("Location"));
  return { browser, paymentId, page };
}

describe("a card that is declined", () => {
  test.for([
    ["pm_card_chargeDeclined", "The bank said no, without saying why."],
    ["pm_card_chargeDeclinedInsufficientFunds", "there is not enough money in the account"],
    ["pm_card_chargeDeclinedLostCard", "The bank did not allow this card."],
    ["pm_card_chargeDeclinedStolenCard", "The bank did not allow this card."],
    ["pm_card_chargeDeclinedExpiredCard", "The card has expired."],
    ["pm_card_chargeDeclinedIncorrectCvc", "The security code did not match."],
    ["pm_card_chargeDeclinedProcessingError", "The bank could not answer just now. Nothing was charged."],
  ])("%s: says why, and opens the invoice again at once", async ([token, sentence]) => {
    const t = await portal();
    const before = bankTotals(t).captured;
    await methodBecomes(t, "CR-10052", token!);
    const { browser, paymentId, page } = await priyaPays(t);
    expect(page.html).toContain("This payment did not go through.");
    expect(page.html).toContain(sentence);
    expect(page.html).not.toMatch(/stolen|lost card/i);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "failed", brand: "mastercard" });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ held_cents: 0, allocated_cents: 0 });
    expect(bankTotals(t).captured).toBe(before);
    // Whoever has read it on the page gets no letter about it, and the webhook changes nothing.
    await timePasses(t);
    expect(await lettersAbout(t, paymentId)).toEqual([]);
    await expectNothingLeftOver(t);

    await methodBecomes(t, "CR-10052", "pm_card_visa");
    const again = await pay(browser, { invoices: { [OLDEST]: null } });
    expect((await follow(browser, again.answer.headers.get("Location"))).html).toContain("We received $42.65.");
    await timePasses(t);
    expect(bankTotals(t).captured).toBe(before + 4265);
    await expectOneReceipt(t, again.paymentId);
  });

  test("has a page and no receipt", async () => {
    const t = await portal();
    await methodBecomes(t, "CR-10052", "pm_card_chargeDeclined");
    const { browser, paymentId } = await priyaPays(t);
    expect((await browser.get(`/receipts/${paymentId}`)).status).toBe(404);
    expect((await browser.get(`/receipts/${paymentId}.pdf`)).status).toBe(404);
    expect((await browser.get("/payments")).html).toContain("Not paid");
    expect((await browser.get("/receipts")).html).not.toContain(paymentId);
  });
});

describe("a bank debit", () => {
  test.for([
    ["pm_usBankAccount_noAccount", "The bank could not find this account."],
    ["pm_usBankAccount_accountClosed", "This bank account is closed."],
    ["pm_usBankAccount_insufficientFunds", "there is not enough money in the account"],
    ["pm_usBankAccount_debitNotAuthorized", "Your bank did not allow this debit."],
    ["pm_usBankAccount_weeklyLimitExceeded", "This is more than your bank allows at once."],
  ])("%s: is told as on its way, and days later why not, by letter and page", async ([token, sentence]) => {
    const t = await portal();
    const { browser, paymentId, page } = await bankPays(t, token);
    expect(page.html).toContain("We have your bank payment of $201.76.");
    expect(await invoiceRow(t, "INV-70024")).toMatchObject({ held_cents: 20176 });
    await timePasses(t);
    const failed = await browser.get(`/payments/${paymentId}`);
    expect(failed.html).toContain("This payment did not go through.");
    expect(failed.html).toContain(sentence);
    expect(await invoiceRow(t, "INV-70024")).toMatchObject({ held_cents: 0, allocated_cents: 0 });
    expect(await lettersAbout(t, paymentId)).toEqual([
      "We have your bank payment of $201.76",
      "Your payment of $201.76 did not go through",
    ]);
    expect((await browser.get("/invoices")).html).toContain("Past due");
    await expectBankAndBooksAgree(t);
  });

  test.for([true, false])("clears later, whether webhooks come (%s) or not", async (webhooks) => {
    const t = await portal();
    const { paymentId } = await bankPays(t);
    if (!webhooks) t.bank.setDelivery({ mode: "dropped" });
    await timePasses(t, webhooks);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "settled", allocated_cents: 20176 });
    expect(await invoiceRow(t, "INV-70024")).toMatchObject({ held_cents: 0, allocated_cents: 20176 });
    await expectOneReceipt(t, paymentId);
    await expectBankAndBooksAgree(t);
    await expectNothingLeftOver(t);
  });

  test("is dated when the money came, not when it was sent", async () => {
    const t = await portal();
    const { browser, paymentId } = await bankPays(t);
    await timePasses(t);
    const { paid_on } = await t.row<{ paid_on: string }>("select paid_on from payments where id = ?", paymentId);
    expect(paid_on > "2026-12-04").toBe(true);
    expect((await browser.get(`/receipts/${paymentId}`)).html).toContain(paid_on);
  });

  test("that its bank blocked is offered no more, and could not be charged if it were", async () => {
    const t = await portal();
    await bankPays(t, "pm_usBankAccount_accountClosed");
    await timePasses(t);
    const northgate = await t.as("office@northgatestorage.example.com");
    const { id, blocked } = await t.row<{ id: string; blocked: string }>(
      "select m.id, blocked from payment_methods m join accounts a on a.id = m.account_id where a.number = 'CR-10081'",
    );
    expect(blocked).toBeTruthy();
    const due = await northgate.get("/invoices");
    expect(due.html).not.toContain(`value="${id}"`);
    const form = fillIn(due.html, { invoices: { "INV-70024": null }, method: id });
    const check = await northgate.post("/payments", form);
    expect(check.html).not.toContain(`value="${id}"`);
    expect(await invoiceRow(t, "INV-70024")).toMatchObject({ held_cents: 0 });
  });
});

describe("a payment that its bank takes back", () => {
  test("opens its invoices with their own due dates, writes, and says so everywhere", async () => {
    const t = await portal();
    const { browser, paymentId } = await bankPays(t, "pm_usBankAccount_dispute");
    await timePasses(t);
    t.clock.now += 4 * DAY;
    await t.webhooks();
    await t.runJobs();
    expect(await paymentRow(t, paymentId)).toMatchObject({
      state: "settled",
      returned_cents: 20176,
      allocated_cents: 0,
    });
    expect(await invoiceRow(t, "INV-70024")).toMatchObject({ allocated_cents: 0, held_cents: 0, due_on: "2026-11-21" });
    expect((await lettersAbout(t, paymentId)).at(-1)).toBe("Your bank took back a payment of $201.76");
    const page = await browser.get(`/payments/${paymentId}`);
    expect(page.html).toContain("Your bank took this payment back.");
    expect((await browser.get("/invoices")).html).toContain("INV-70024");
    const receipt = await browser.get(`/receipts/${paymentId}`);
    expect(receipt.html).toContain("Returned by the bank");
    expect(receipt.html).toContain("-$201.76");
    const invoice = await browser.get("/invoices/INV-70024");
    expect(invoice.html).toContain("Taken back by the bank");
    expect((await browser.get("/payments")).html).toContain("Returned by the bank");
    await timePasses(t);
    expect(await lettersAbout(t, paymentId)).toHaveLength(3);
    t.clock.now += 20 * DAY;
    const { at } = await t.row<{ at: number }>("select at from returns where payment_id = ?", paymentId);
    const again = await t.as("office@northgatestorage.example.com");
    const pdf = await (await again.get(`/receipts/${paymentId}.pdf`)).arrayBuffer();
    const on = dateText(localDate(at, "America/New_York"), "en");
    expect((await readPdf(new Uint8Array(pdf))).text).toContain(`Returned ${on}`);
  });

  test("takes account credit first, then the invoice due last", async () => {
    const t = await portal();
    await t.db.$client.execute("update settings set overpayment = 1");
    const { paymentId } = await priyaPays(t, { total: "160.00" });
    const deps = t.deps();
    const { returnPayment } = await import("../../src/billing/return-payment.ts");
    expect(
      await returnPayment(deps, {
        paymentId,
        returnId: "dp_1",
        cents: cents(500),
        code: "fraudulent",
        state: "running",
      }),
    ).toBe("done");
    // 4.40 of it had been credit; 0.60 comes from the invoice that is due last.
    expect(await invoiceRow(t, "INV-40025")).toMatchObject({ allocated_cents: 4205 });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4265 });
    expect(
      await returnPayment(deps, {
        paymentId,
        returnId: "dp_1",
        cents: cents(500),
        code: "fraudulent",
        state: "running",
      }),
    ).toBe("done");
    expect(await invoiceRow(t, "INV-40025")).toMatchObject({ allocated_cents: 4205 });
    expect(
      await returnPayment(deps, {
        paymentId,
        returnId: "dp_2",
        cents: cents(99_999),
        code: "fraudulent",
        state: "running",
      }),
    ).toBe("done");
    expect(await paymentRow(t, paymentId)).toMatchObject({ returned_cents: 16000, allocated_cents: 0 });
    expect(await t.rows("select kind, detail from worklist order by kind")).toEqual([
      { kind: "payment_disagreed", detail: "returned 99999 cents, only 15500 were left" },
      { kind: "payment_returned", detail: "$5.00: fraudulent; can still be answered at the card company" },
    ]);
  });

  test("can be paid again afterwards", async () => {
    const t = await portal();
    const { browser, paymentId } = await bankPays(t, "pm_usBankAccount_dispute");
    await timePasses(t);
    t.clock.now += 4 * DAY;
    await t.webhooks();
    const { answer } = await pay(browser, { invoices: { "INV-70024": null }, method: "new_card" });
    const { typeCard } = await import("./customer.ts");
    await follow(browser, await typeCard(t, answer.headers.get("Location")!));
    expect(await invoiceRow(t, "INV-70024")).toMatchObject({ allocated_cents: 20176 });
    expect((await browser.get(`/receipts/${paymentId}`)).html).toContain("Returned by the bank");
    await t.webhooks();
  });
});

describe("a bank that wants to see its customer", () => {
  const toTheBank = async (t: TestPortal) => {
    const browser = await t.as("tomas@example.com");
    const { answer, paymentId } = await pay(browser, { invoices: { "INV-60025": null } });
    expect(answer.headers.get("Location")).toBe(`/payments/${paymentId}?at=bank`);
    const page = await browser.get(answer.headers.get("Location")!);
    expect(page.html).toContain("Your bank wants to make sure it is you.");
    expect(page.html).toContain("Nothing is charged until you have done that.");
    const bank = await browser.get(`/payments/${paymentId}/continuation`);
    return { browser, paymentId, url: bank.headers.get("Location")! };
  };

  test("is satisfied, and the payment settles", async () => {
    const t = await portal();
    const { browser, paymentId, url } = await toTheBank(t);
    const page = await follow(browser, await atTheBank(t, url, { result: "complete" }));
    expect(page.html).toContain("We received $53.32.");
    await timePasses(t);
    await expectOneReceipt(t, paymentId);
    await expectNothingLeftOver(t);
  });

  test("is not, and the payment fails with its reason", async () => {
    const t = await portal();
    const { browser, paymentId, url } = await toTheBank(t);
    const page = await follow(browser, await atTheBank(t, url, { result: "fail" }));
    expect(page.html).toContain("Your bank could not make sure it was you.");
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "failed" });
    expect(await invoiceRow(t, "INV-60025")).toMatchObject({ held_cents: 0, allocated_cents: 0 });
    await timePasses(t);
    await expectNothingLeftOver(t);
  });

  test("is left waiting: within the hour the payment is given up, and its invoice is open again", async () => {
    const t = await portal();
    const { browser, paymentId, url } = await toTheBank(t);
    expect(await invoiceRow(t, "INV-60025")).toMatchObject({ held_cents: 5332 });
    for (let beat = 0; beat < 20; beat++) {
      t.clock.now += 5 * MINUTE;
      await t.bank.drainWebhooks();
      await sweep(t);
    }
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "failed" });
    expect(await invoiceRow(t, "INV-60025")).toMatchObject({ held_cents: 0 });
    expect((await browser.get(`/payments/${paymentId}`)).html).toContain("You left before the payment was finished.");
    expect((await t.bank.fetch(new Request(url))).status).toBe(404);
    expect(await lettersAbout(t, paymentId)).toEqual(["Your payment of $53.32 did not go through"]);
  });

  test("can be given up at once", async () => {
    const t = await portal();
    const { browser, paymentId } = await toTheBank(t);
    const canceled = await browser.post(`/payments/${paymentId}/cancellation`, {});
    expect(canceled.headers.get("Location")).toBe("/invoices");
    expect(await invoiceRow(t, "INV-60025")).toMatchObject({ held_cents: 0 });
    await timePasses(t);
    expect(await lettersAbout(t, paymentId)).toEqual([]);
  });

  test("is reached again from the dashboard", async () => {
    const t = await portal();
    const { browser, paymentId } = await toTheBank(t);
    expect((await browser.get("/")).html).toContain(`href="/payments/${paymentId}"`);
    const back = await follow(browser, `/payments/${paymentId}/return`);
    expect(back.html).toContain("Continue to your bank");
  });
});

describe("an outcome that nobody can tell", () => {
  test("is being checked, never called failed, and blocks a second payment", async () => {
    const t = await portal();
    t.bank.faults.add({ match: CONFIRM, kind: "cut_after" });
    t.bank.faults.add({ match: "GET *", kind: "down", times: null });
    const { browser, page, paymentId, look } = await priyaPays(t);
    for (const shown of [page, await look()]) {
      expect(shown.html).toContain("We are checking this payment.");
      expect(shown.html).toContain("Do not pay again.");
      expect(shown.html).not.toMatch(/did not go through|Nothing (was|is|has been) charged|try again/i);
      expect(shown.html).toMatch(new RegExp(`http-equiv="refresh"[^>]*/payments/${paymentId}/return`));
    }
    expect((await browser.get("/")).html).toContain("We are checking a payment of $42.65");
    expect((await browser.get("/invoices")).html).toContain("Payment processing");
    await timePasses(t, false);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "pending" });
    t.bank.faults.clear();
    expect((await follow(browser, `/payments/${paymentId}/return`)).html).toContain("We received $42.65.");
    await timePasses(t);
    await expectOneReceipt(t, paymentId);
    await expectBankAndBooksAgree(t);
  });

  test("and is found settled by the sweep, with a receipt", async () => {
    const t = await portal();
    t.bank.faults.add({ match: CONFIRM, kind: "cut_after" });
    const { paymentId, look } = await priyaPays(t);
    t.clock.now += 3 * MINUTE;
    await sweep(t);
    expect((await look()).html).toContain("We received $42.65.");
    await expectOneReceipt(t, paymentId);
  });

  test("and is found failed by the sweep, with a letter, as the page had promised", async () => {
    const t = await portal();
    await methodBecomes(t, "CR-10052", "pm_card_chargeDeclined");
    t.bank.faults.add({ match: CONFIRM, kind: "cut_after" });
    const { page, look, paymentId } = await priyaPays(t);
    expect(page.html).toContain("we will e-mail you when we know");
    t.clock.now += 3 * MINUTE;
    await sweep(t);
    expect((await look()).html).toContain("This payment did not go through.");
    expect(await lettersAbout(t, paymentId)).toEqual(["Your payment of $42.65 did not go through"]);
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ held_cents: 0 });
  });

  test("that takes effect late is never charged twice", async () => {
    const t = await portal();
    const before = bankTotals(t).captured;
    t.bank.faults.add({ match: CONFIRM, kind: "late", seconds: 15 * MINUTE });
    const { paymentId } = await priyaPays(t);
    for (let beat = 0; beat < 8; beat++) {
      t.clock.now += 5 * MINUTE;
      await sweep(t);
    }
    expect(bankTotals(t).captured).toBe(before + 4265);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "settled" });
    await timePasses(t);
    await expectBankAndBooksAgree(t);
  });

  test("that takes effect only after it was given up is not charged at all", async () => {
    const t = await portal();
    const before = bankTotals(t).captured;
    t.bank.faults.add({ match: CONFIRM, kind: "late", seconds: 5 * HOUR });
    const { paymentId } = await priyaPays(t);
    await timePasses(t);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "failed" });
    t.clock.now += 6 * HOUR;
    await t.bank.tick();
    expect(bankTotals(t).captured).toBe(before);
  });
});

describe("what the vendor says is recorded, in whatever order it is heard", () => {
  const hear = async (t: TestPortal, paymentId: string, outcome: ChargeOutcome) => {
    const { found } = await readAll(t.db, { found: paymentUnderWay(t.db, paymentId) });
    await applyOutcome(t.deps(), found[0]!, outcome, "stripe");
  };
  const SETTLED = { state: "settled", cents: cents(4265), with: null, saved: null } as const;
  const FAILED = { state: "failed", code: "generic_decline", with: null } as const;
  const PROCESSING = { state: "processing", with: null, saved: null } as const;

  const unclear = async () => {
    const t = await portal();
    t.bank.faults.add({ match: CONFIRM, kind: "down" });
    const { paymentId, look } = await priyaPays(t);
    return { t, paymentId, look };
  };

  test("settled twice, or settled and then processing, is settled once", async () => {
    const { t, paymentId } = await unclear();
    for (const outcome of [SETTLED, SETTLED, PROCESSING, SETTLED]) await hear(t, paymentId, outcome);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "settled", allocated_cents: 4265 });
    expect(await t.rows("select 1 from allocations where payment_id = ?", paymentId)).toHaveLength(1);
    expect(await t.rows("select kind from messages where subject_id = ?", paymentId)).toHaveLength(1);
    expect(await t.rows("select kind from worklist")).toEqual([]);
  });

  test.for([
    ["settled", "failed", [FAILED, SETTLED]],
    ["failed", "settled", [SETTLED, FAILED]],
  ] as const)("%s after %s changes nothing and is a person's business", async ([news, recorded, outcomes]) => {
    const { t, paymentId, look } = await unclear();
    for (const outcome of outcomes) await hear(t, paymentId, outcome);
    await hear(t, paymentId, outcomes[1]);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: recorded });
    expect(await t.rows("select kind, subject_id, detail from worklist")).toEqual([
      {
        kind: "payment_disagreed",
        subject_id: paymentId,
        detail: `recorded as ${recorded}, the vendor now says ${news}`,
      },
    ]);
    // Neither of the two is said to the customer before somebody has looked.
    const page = await look();
    expect(page.html).toContain("This payment needs a person to look at it.");
    expect(page.html).not.toMatch(/did not go through|Nothing (was|is|has been) charged|We received/);
    const priya = await t.as("priya@example.com");
    expect((await priya.get("/payments")).html).not.toContain("Not paid");
  });

  test("another amount than was asked for is not booked", async () => {
    const { t, paymentId, look } = await unclear();
    await hear(t, paymentId, { ...SETTLED, cents: cents(4264) });
    await hear(t, paymentId, { ...SETTLED, cents: cents(4264) });
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "pending", check_at: null });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ held_cents: 4265, allocated_cents: 0 });
    expect(await t.rows("select kind, detail from worklist")).toEqual([
      { kind: "payment_disagreed", detail: "the vendor settled 4264 cents of 4265" },
    ]);
    expect((await look()).html).toContain("This payment needs a person to look at it.");
  });

  test("unconfirmed and waiting for its customer move nothing", async () => {
    const { t, paymentId } = await unclear();
    await hear(t, paymentId, { state: "unconfirmed" });
    await hear(t, paymentId, { state: "action", url: "https://bank.test/x" });
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "pending" });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ held_cents: 4265 });
  });

  test("the same news ten times at once is one change", async () => {
    const { t, paymentId } = await unclear();
    await Promise.all(Array.from({ length: 10 }, () => hear(t, paymentId, SETTLED)));
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ held_cents: 0, allocated_cents: 4265 });
    expect(await paymentsOf(t, "CR-10052")).toHaveLength(1);
  });
});
