import { describe, expect, test } from "vitest";
import { DAY, MINUTE } from "../../src/calendar.ts";
import { formOn, portal, type TestPortal } from "../setup.ts";
import {
  bankTotals,
  expectBankAndBooksAgree,
  expectNothingLeftOver,
  expectOneReceipt,
  lettersAbout,
  sweep,
  timePasses,
} from "./aftermath.ts";
import {
  atTheBank,
  fillIn,
  follow,
  invoiceRow,
  pay,
  paymentRow,
  paymentsOf,
  typeAccount,
  typeCard,
} from "./customer.ts";

// Harbor Street Dental has nothing on file and owes 1,282.50.
const DENTAL = "amara@harborstreetdental.example.com";
const INVOICE = "INV-30003";

const methodsOf = (t: TestPortal, account: string) =>
  t.rows<{ kind: string; last_four: string; is_default: number }>(
    "select kind, last_four, is_default from payment_methods where account_id = (select id from accounts where number = ?) order by saved_at",
    account,
  );

async function atCheckout(t: TestPortal, wish: Parameters<typeof pay>[1] = {}, email = DENTAL) {
  const browser = await t.as(email);
  const { answer, paymentId, form } = await pay(browser, {
    ...(wish.invoices || wish.total ? {} : { invoices: { [INVOICE]: null } }),
    method: "new_card",
    ...wish,
  });
  expect(answer.status).toBe(303);
  return { browser, form, paymentId, url: answer.headers.get("Location")! };
}

const cancelOn = (html: string, paymentId: string) => formOn(html, `/payments/${paymentId}/cancellation`);

describe("a new method is typed at the vendor's checkout", () => {
  test("a card pays at once, and is forgotten unless the box was ticked", async () => {
    const t = await portal();
    const { browser, paymentId, url } = await atCheckout(t);
    expect(url).toMatch(/^https:\/\/bank\.test\/c\/pay\//);
    const hosted = await (await t.bank.fetch(new Request(url))).text();
    expect(hosted).toContain("$1,282.50");
    expect(hosted).not.toContain("saved for later");
    const page = await follow(browser, await typeCard(t, url));
    expect(page.html).toContain("We received $1,282.50.");
    expect(page.html).toContain("Visa ending 4242");
    expect(await methodsOf(t, "CR-10047")).toEqual([]);
    await t.runJobs();
    await expectOneReceipt(t, paymentId);
    await t.webhooks();
    await expectBankAndBooksAgree(t);
  });

  test("a card that is to be kept pays by itself the next time", async () => {
    const t = await portal();
    const { browser, url } = await atCheckout(t, { invoices: { [INVOICE]: "500.00" }, save: true });
    expect(await (await t.bank.fetch(new Request(url))).text()).toContain("saved for later");
    await follow(browser, await typeCard(t, url));
    await t.webhooks();
    expect(await methodsOf(t, "CR-10047")).toEqual([{ kind: "card", last_four: "4242", is_default: 1 }]);
    const { answer } = await pay(browser, { invoices: { [INVOICE]: "100.00" } });
    expect((await follow(browser, answer.headers.get("Location"))).html).toContain("We received $100.00.");
    expect(await methodsOf(t, "CR-10047")).toHaveLength(1);
  });

  test("a card that is kept twice is listed once", async () => {
    const t = await portal();
    for (const amount of ["500.00", "100.00"]) {
      const { browser, url } = await atCheckout(t, { invoices: { [INVOICE]: amount }, method: "new_card", save: true });
      await follow(browser, await typeCard(t, url));
    }
    expect(await methodsOf(t, "CR-10047")).toHaveLength(1);
  });

  test("the box stays as it was when the form comes back", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    const form = fillIn((await amara.get("/invoices")).html, { method: "new_card", save: true });
    const answer = await amara.post("/payments", form);
    expect(answer.status).toBe(422);
    expect(formOn(answer.html, "/payments").get("save")).toBe("1");
    expect(formOn(answer.html, "/payments").get("method")).toBe("new_card");
  });

  test("a bank account is on its way for days, then paid, and kept if that was wished", async () => {
    const t = await portal();
    const { browser, paymentId, url } = await atCheckout(t, { method: "new_bank", save: true });
    const page = await follow(browser, await typeAccount(t, url));
    expect(page.html).toContain("We have your bank payment of $1,282.50.");
    expect(await invoiceRow(t, INVOICE)).toMatchObject({ held_cents: 128250, allocated_cents: 0 });
    await t.runJobs();
    await t.webhooks();
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "processing" });
    await timePasses(t);
    expect(await invoiceRow(t, INVOICE)).toMatchObject({ held_cents: 0, allocated_cents: 128250 });
    expect(await methodsOf(t, "CR-10047")).toEqual([{ kind: "bank", last_four: "6789", is_default: 1 }]);
    expect(await lettersAbout(t, paymentId)).toEqual([
      "We have your bank payment of $1,282.50",
      "Receipt: $1,282.50 received",
    ]);
    await expectNothingLeftOver(t);
    const { answer } = await pay(await t.as("priya@example.com"), { invoices: { "INV-40022": null } });
    expect(answer.status).toBe(303);
  });

  test("a bank account that says no days later opens the invoice again, with a letter", async () => {
    const t = await portal();
    const { url, paymentId } = await atCheckout(t, { method: "new_bank" });
    await typeAccount(t, url, "pm_usBankAccount_insufficientFunds");
    await timePasses(t);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "failed", failure_code: "insufficient_funds" });
    expect(await invoiceRow(t, INVOICE)).toMatchObject({ held_cents: 0, allocated_cents: 0 });
    expect((await lettersAbout(t, paymentId)).at(-1)).toBe("Your payment of $1,282.50 did not go through");
  });

  test("a declined card leaves the checkout open for another", async () => {
    const t = await portal();
    const { browser, paymentId, url } = await atCheckout(t);
    expect(await typeCard(t, url, "pm_card_chargeDeclined")).toBe(url);
    await t.webhooks();
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "pending" });
    expect((await follow(browser, `/payments/${paymentId}/return`)).html).toContain("Continue to payment");
    const page = await follow(browser, await typeCard(t, url));
    expect(page.html).toContain("We received $1,282.50.");
  });

  test("a card that wants 3-D Secure is confirmed there", async () => {
    const t = await portal();
    const { browser, url } = await atCheckout(t);
    const bank = await typeCard(t, url, "pm_card_authenticationRequired");
    expect(bank).toMatch(/\/3ds\//);
    const page = await follow(browser, await atTheBank(t, bank, { result: "complete" }));
    expect(page.html).toContain("We received $1,282.50.");
  });

  test("is in the customer's language", async () => {
    const t = await portal();
    await t.db.$client.execute("update users set language = 'es' where email = 'amara@harborstreetdental.example.com'");
    const { url } = await atCheckout(t);
    expect(await (await t.bank.fetch(new Request(url))).text()).toContain('<html lang="es">');
  });
});

describe("a checkout that was opened and left", () => {
  test("says what we know, and leads back to it", async () => {
    const t = await portal();
    const { browser, paymentId, url } = await atCheckout(t);
    const page = await browser.get(`/payments/${paymentId}`);
    expect(page.html).toContain("As far as we know, you have not finished this payment.");
    expect(page.html).toContain("Nothing is charged until you do.");
    expect((await browser.get(`/payments/${paymentId}/continuation`)).headers.get("Location")).toBe(url);
    expect((await browser.get("/")).html).toContain("You started a payment of $1,282.50");
  });

  test("neither lowers what is due nor counts as money on its way", async () => {
    const t = await portal();
    const { browser } = await atCheckout(t);
    const home = await browser.get("/");
    expect(home.html).toContain("$1,282.50");
    expect(home.html).not.toContain("is in a payment on its way");
    const due = await browser.get("/invoices");
    expect(due.html).toContain("You started to pay these before and did not finish. Paying now replaces that.");
    expect(due.html).toContain("Pay everything: $1,282.50");
    for (const path of ["/invoices", "/invoices/all", `/invoices/${INVOICE}`]) {
      expect((await browser.get(path)).html).not.toMatch(/on its way|Payment processing/);
    }
  });

  test("is replaced by a new payment: the old one is expired first", async () => {
    const t = await portal();
    const { browser, paymentId, url } = await atCheckout(t);
    const second = await pay(browser, { invoices: { [INVOICE]: null }, method: "new_card" });
    expect(second.answer.headers.get("Location")).toMatch(/^https:\/\/bank\.test\/c\/pay\//);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "failed", failure_code: "checkout_expired" });
    // The old tab is still open.
    const dead = await t.bank.fetch(
      new Request(url, { method: "POST", body: new URLSearchParams({ kind: "card", card_case: "pm_card_visa" }) }),
    );
    expect(dead.headers.get("Location")).not.toContain("/payments/");
    await follow(browser, await typeCard(t, second.answer.headers.get("Location")!));
    await timePasses(t);
    expect(await invoiceRow(t, INVOICE)).toMatchObject({ allocated_cents: 128250, held_cents: 0 });
    expect((await paymentsOf(t, "CR-10047")).map((payment) => payment.state).sort()).toEqual(["failed", "settled"]);
    await expectBankAndBooksAgree(t);
    await expectNothingLeftOver(t);
  });

  test("and turns out to be paid after all is not charged again", async () => {
    const t = await portal();
    const { browser, paymentId, url } = await atCheckout(t);
    // Paid, but the browser never came back, and no webhook has come yet.
    await typeCard(t, url);
    const before = bankTotals(t).captured;
    const second = await pay(browser, { invoices: { [INVOICE]: null }, method: "new_card" });
    expect(second.answer.headers.get("Location")).toBe(`/payments/${paymentId}`);
    expect((await follow(browser, `/payments/${paymentId}`)).html).toContain("We received $1,282.50.");
    expect(bankTotals(t).captured).toBe(before);
    expect(await paymentsOf(t, "CR-10047")).toHaveLength(1);
    await timePasses(t);
    await expectBankAndBooksAgree(t);
  });

  test("and that cannot be expired just now blocks a new payment, with a true word", async () => {
    const t = await portal();
    const { browser, paymentId } = await atCheckout(t);
    t.bank.faults.add({ match: "*", kind: "down", times: null });
    const second = await pay(browser, { invoices: { [INVOICE]: null }, method: "new_card" });
    expect(second.answer.headers.get("Location")).toBe(`/payments/${paymentId}`);
    const page = await follow(browser, `/payments/${paymentId}`);
    expect(page.html).toContain("We are checking this payment.");
    expect(page.html).not.toMatch(/Nothing (was|is|has been) charged/);
    t.bank.faults.clear();
    await timePasses(t);
    expect(await invoiceRow(t, INVOICE)).toMatchObject({ allocated_cents: 0, held_cents: 0 });
    await expectNothingLeftOver(t);
  });

  test("is over when its time is, by webhook or, without one, by the sweep", async () => {
    for (const webhooks of [true, false]) {
      const t = await portal();
      const { browser, paymentId, url } = await atCheckout(t);
      t.clock.now += 50 * MINUTE;
      if (webhooks) await t.webhooks();
      else await sweep(t);
      expect(await paymentRow(t, paymentId)).toMatchObject({ state: "failed", failure_code: "checkout_expired" });
      expect(await invoiceRow(t, INVOICE)).toMatchObject({ allocated_cents: 0, held_cents: 0 });
      const page = await browser.get(`/payments/${paymentId}`);
      expect(page.html).toContain("You left before the payment was finished. Nothing was charged.");
      expect(await (await t.bank.fetch(new Request(url))).text()).toContain("This checkout has expired.");
      // Nobody is written to about a shop that they walked out of.
      await timePasses(t, webhooks);
      expect(await lettersAbout(t, paymentId)).toEqual([]);
    }
  });

  test("can be canceled, which lets go of its invoices at once", async () => {
    const t = await portal();
    const { browser, paymentId, url } = await atCheckout(t);
    const page = await browser.get(`/payments/${paymentId}`);
    const canceled = await browser.post(`/payments/${paymentId}/cancellation`, cancelOn(page.html, paymentId));
    expect(canceled.headers.get("Location")).toBe("/invoices");
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "failed" });
    expect(await (await t.bank.fetch(new Request(url))).text()).toContain("This checkout has expired.");
    const again = await browser.post(`/payments/${paymentId}/cancellation`, cancelOn(page.html, paymentId));
    expect(again.headers.get("Location")).toBe("/invoices");
  });

  test("cannot be canceled once it is paid: the payment's page says so", async () => {
    const t = await portal();
    const { browser, paymentId, url } = await atCheckout(t);
    const page = await browser.get(`/payments/${paymentId}`);
    await typeCard(t, url);
    const canceled = await browser.post(`/payments/${paymentId}/cancellation`, cancelOn(page.html, paymentId));
    expect(canceled.headers.get("Location")).toBe(`/payments/${paymentId}`);
    expect((await browser.get(`/payments/${paymentId}`)).html).toContain("We received $1,282.50.");
  });

  test("and canceled while the vendor is away is being checked, not called over", async () => {
    const t = await portal();
    const { browser, paymentId } = await atCheckout(t);
    const page = await browser.get(`/payments/${paymentId}`);
    t.bank.faults.add({ match: "*", kind: "down", times: null });
    const canceled = await browser.post(`/payments/${paymentId}/cancellation`, cancelOn(page.html, paymentId));
    expect(canceled.headers.get("Location")).toBe(`/payments/${paymentId}`);
    expect((await browser.get(`/payments/${paymentId}`)).html).toContain("We are checking this payment.");
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "pending" });
  });

  test("and finished while the vendor is away is never called unfinished", async () => {
    const t = await portal();
    const { browser, paymentId, url } = await atCheckout(t);
    const back = await typeCard(t, url);
    t.bank.faults.add({ match: "*", kind: "down", times: null });
    const page = await follow(browser, back);
    expect(page.html).toContain("We are checking this payment.");
    expect(page.html).not.toMatch(/not finished|Nothing (was|is|has been) charged/);
    expect((await browser.get("/")).html).toContain("We are checking a payment of $1,282.50");
    expect((await browser.get("/invoices")).html).not.toContain('name="pay"');
    t.bank.faults.clear();
    t.clock.now += 3 * MINUTE;
    await sweep(t);
    expect((await browser.get(`/payments/${paymentId}`)).html).toContain("We received $1,282.50.");
  });

  test("among many others under way is still found and given up", async () => {
    const t = await portal();
    for (let i = 10; i < 35; i++) {
      await t.db.$client.execute(
        `insert into payments (id, account_id, origin, kind, amount_cents, state, started_at, paid_on, check_at) select 'pay_old${i}', id, 'portal', 'bank', 100, 'processing', 1000, '2026-11-30', 99999999999 from accounts where number = 'CR-10047'`,
      );
    }
    const { browser } = await atCheckout(t);
    const second = await pay(browser, { invoices: { [INVOICE]: null }, method: "new_card" });
    expect(second.answer.headers.get("Location")).toMatch(/^https:\/\/bank\.test\/c\/pay\//);
    await t.db.$client.execute("delete from payments where id like 'pay_old%'");
  });

  test("for one invoice does not stand in the way of paying another", async () => {
    const t = await portal();
    const { browser, paymentId } = await atCheckout(t, { invoices: { "INV-40022": null } }, "priya@example.com");
    const { id } = await t.row<{ id: string }>(
      "select id from payment_methods where account_id = (select id from accounts where number = 'CR-10052')",
    );
    const other = await pay(browser, { invoices: { "INV-40024": null }, method: id });
    expect((await follow(browser, other.answer.headers.get("Location"))).html).toContain("We received $42.65.");
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "pending" });
  });
});

describe("a checkout's hold lasts as long as the checkout", () => {
  test("at least 35 minutes, and never a day", async () => {
    const t = await portal();
    for (const offset of [0, 1, 299, 599]) {
      t.clock.now += offset;
      const { url } = await atCheckout(t, {});
      const id = url.split("/").at(-1)!;
      const session = JSON.parse(t.bank.saveState()).books["cedar-ridge"].sessions[id];
      expect(session.expires_at - t.clock.now).toBeGreaterThanOrEqual(35 * MINUTE);
      expect(session.expires_at - t.clock.now).toBeLessThan(45 * MINUTE);
    }
    t.clock.now += DAY;
    await timePasses(t);
    await expectNothingLeftOver(t);
  });
});
