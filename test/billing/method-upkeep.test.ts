import { describe, expect, test } from "vitest";
import { DAY } from "../../src/calendar.ts";
import { jobsOf } from "../../src/jobs.ts";
import { formOn, portal, type TestPortal } from "../setup.ts";
import { addMethod, later, onFile, subjects } from "./adding.ts";
import { bankTotals, runJobsOnce } from "./aftermath.ts";
import { follow, openInvoicesOf, pay, readyToPay } from "./customer.ts";

// Harbor Street Dental has nothing on file; Dana's card backs autopay; Priya's card does not.
const DENTAL = "amara@harborstreetdental.example.com";
const PRIYA = "priya@example.com";
const DANA = "dana@example.com";
const RUTH = "ruth@cedarridge.example.com";

/** A night's jobs. */
async function night(t: TestPortal): Promise<void> {
  t.jobs.push(...jobsOf("0 8 * * *", ["cedar-ridge"]));
  await runJobsOnce(t);
}

describe("what autopay draws on", () => {
  const cardOf = async (t: TestPortal) => (await onFile(t, "CR-10021"))[0]!;

  test("is spoken of on the dashboard before its last day, after it, and when the bank has blocked it", async () => {
    const t = await portal();
    const dana = await t.as(DANA);
    const { id } = await cardOf(t);
    expect((await dana.get("/")).html).not.toContain("which autopay draws on");
    await t.rows("update payment_methods set expires_year = 2026, expires_month = 12 where id = ?", id);
    expect((await dana.get("/")).html).toContain("Visa ending 4242, which autopay draws on, expires on Dec 31, 2026.");
    await t.rows("update payment_methods set expires_month = 11 where id = ?", id);
    const page = await dana.get("/");
    expect(page.html).toContain("Visa ending 4242, which autopay draws on, has expired.");
    expect(page.html).toContain(`/payment-methods/new?instead=${id}`);
    await t.rows("update payment_methods set blocked = 'x' where id = ?", id);
    expect((await dana.get("/")).html).toContain("cannot be charged any more");
  });
});

describe("a card that ends", () => {
  const ends = (t: TestPortal, account: string, year: number, month: number) =>
    t.rows(
      "update payment_methods set expires_year = ?, expires_month = ? where account_id = (select id from accounts where number = ?)",
      year,
      month,
      account,
    );

  test("is warned of 30 and 7 days ahead, once each, however often the night comes", async () => {
    const t = await portal();
    await ends(t, "CR-10052", 2026, 12);
    // Nov 30: 31 days.
    t.clock.now -= DAY;
    await night(t);
    expect(subjects(t)).toEqual([]);
    t.clock.now += DAY;
    for (let i = 0; i < 3; i++) await night(t);
    await t.runJobs();
    expect(subjects(t)).toEqual(["Mastercard ending 4444 expires soon"]);
    expect(t.outbox[0]!.text).toContain("Mastercard ending 4444 is good through Dec 31, 2026.");
    t.clock.now += 22 * DAY;
    await night(t);
    expect(subjects(t)).toHaveLength(1);
    t.clock.now += DAY;
    for (let i = 0; i < 8; i++) {
      await night(t);
      t.clock.now += DAY;
    }
    expect(subjects(t)).toEqual(["Mastercard ending 4444 expires soon", "Mastercard ending 4444 expires soon"]);
    expect(await t.rows("select id from worklist")).toEqual([]);
  });

  test("is on the office's lists: all of them here, those that autopay draws on as work", async () => {
    const t = await portal();
    await ends(t, "CR-10021", 2026, 12);
    await ends(t, "CR-10052", 2026, 12);
    await night(t);
    expect(await t.rows("select kind, subject_id from worklist")).toEqual([
      { kind: "method_expiring", subject_id: (await onFile(t, "CR-10021"))[0]!.id },
    ]);
    const ruth = await t.as(RUTH);
    const page = await ruth.get("/office/payment-methods");
    expect(page.html).toContain("Dana Okafor (CR-10021)");
    expect(page.html).toContain("Priya Raman (CR-10052)");
    expect(page.html.match(/Autopay draws on it/g)).toHaveLength(1);
    // Closed by hand, it does not come back every night.
    await t.rows("update worklist set closed_at = 1");
    t.clock.now += DAY;
    await night(t);
    expect(await t.rows("select id from worklist where closed_at is null")).toEqual([]);
  });

  test("is not written about when it is blocked, wanted off or gone; nor is a bank account", async () => {
    const t = await portal();
    await ends(t, "CR-10052", 2026, 12);
    for (const why of ["blocked = 'x'", "blocked = null, removal_requested_at = 1"]) {
      await t.rows(`update payment_methods set ${why} where expires_month = 12 and expires_year = 2026`);
      await night(t);
    }
    await t.rows(
      "update payment_methods set is_default = 0, removed_at = 1, detached_at = 1 where expires_month = 12 and expires_year = 2026",
    );
    await night(t);
    expect(subjects(t)).toEqual([]);
  });

  test("goes through many pages of cards, each warned once", async () => {
    const t = await portal();
    for (let n = 0; n < 130; n++)
      await t.rows(
        `insert into payment_methods (id, account_id, kind, brand, last_four, expires_month, expires_year, stripe_payment_method_id, saved_at)
         select ?, id, 'card', 'visa', '0000', ?, ?, ?, 0 from accounts where number = 'CR-10052'`,
        `pm_many${String(n).padStart(4, "0")}`,
        n % 2 ? 1 : 2,
        2027,
        `pm_vendor_${n}`,
      );
    t.clock.now = Date.parse("2027-01-30T15:00:00Z") / 1000;
    await night(t);
    const { warned } = await t.row<{ warned: number }>(
      "select count(*) warned from messages where kind = 'method_expiring'",
    );
    expect(warned).toBe(130);
  });

  test("and is renewed by its bank shows its new date, and the office's work is done", async () => {
    const t = await portal();
    await ends(t, "CR-10021", 2026, 12);
    await night(t);
    const [card] = await onFile(t, "CR-10021");
    await t.bank.fetch(
      new Request(`https://bank.test/_bank/methods/${card!.stripe_payment_method_id}/renewal`, { method: "POST" }),
    );
    await t.webhooks();
    expect((await onFile(t, "CR-10021"))[0]).toMatchObject({
      last_four: "5353",
      expires_year: 2032,
      expires_month: 12,
    });
    expect(await t.rows("select id from worklist where closed_at is null")).toEqual([]);
    expect((await (await t.as(DANA)).get("/payment-methods")).html).toContain("Visa ending 5353");
  });
});

describe("an account that its bank has closed", () => {
  test("is blocked, its owner and the office are told, and it is not offered any more", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    await addMethod(t, amara, "bank");
    const [bank] = await onFile(t, "CR-10047");
    const state = JSON.parse(t.bank.saveState());
    state.books["cedar-ridge"].traits[bank!.stripe_payment_method_id].token = "pm_usBankAccount_accountClosed";
    t.bank.loadState(JSON.stringify(state));
    await t.rows(
      `insert into autopay (account_id, payment_method_id, draft_day, started_at) select account_id, id, 5, 0 from payment_methods where id = ?`,
      bank!.id,
    );
    const form = await readyToPay(amara, { invoices: { "INV-30003": null }, method: bank!.id });
    await amara.post("/payments", form);
    for (let day = 0; day < 7; day++) await later(t, DAY);
    expect((await onFile(t, "CR-10047"))[0]).toMatchObject({ blocked: "bank_account_closed" });
    // One letter says both: what cannot be charged, and that autopay, which drew on it, is off.
    expect(subjects(t)).not.toContain("STRIPE TEST BANK account ending 6789 cannot be used any more");
    const letters = t.outbox.filter((mail) => mail.subject === "Autopay is off");
    expect(letters).toHaveLength(1);
    expect(letters[0]!.text).toContain("does not let us draft STRIPE TEST BANK account ending 6789 any more.");
    expect((await amara.get("/autopay")).html).toContain(
      "does not let us draft STRIPE TEST BANK account ending 6789 any more.",
    );
    expect(await t.rows("select id from worklist where kind = 'method_expiring'")).toHaveLength(1);
    expect((await amara.get("/invoices")).html).not.toContain("ending 6789");
    expect((await amara.get("/payment-methods")).html).toContain("Cannot be charged");
    const again = await readyToPay(amara, { invoices: { "INV-30003": null }, method: "new_card" });
    again.set("method", bank!.id);
    expect((await amara.post("/payments", again)).status).toBe(422);
  });

  test("or that was taken off at the vendor is not offered either", async () => {
    const t = await portal();
    const [card] = await onFile(t, "CR-10052");
    await t.deps().ports.payments.detachMethod(card!.stripe_payment_method_id);
    await t.webhooks();
    expect((await onFile(t, "CR-10052"))[0]).toMatchObject({ blocked: "detached" });
    expect(subjects(t)).toContain("Mastercard ending 4444 cannot be used any more");
    expect((await (await t.as(PRIYA)).get("/invoices")).html).not.toContain("Mastercard ending 4444");
  });
});

describe("cards that are switched off", () => {
  const cards = async (t: TestPortal, fields: Record<string, string>) => {
    const ruth = await t.as(RUTH);
    const answer = await ruth.post("/office/accounts/CR-10052/card-payments", fields);
    return (await ruth.get(answer.headers.get("Location")!)).html;
  };

  test("for a customer: no card is offered, added or taken, and bank accounts are", async () => {
    const t = await portal();
    const priya = await t.as(PRIYA);
    const form = await readyToPay(priya, { invoices: { "INV-40022": null } });
    expect(await cards(t, { cards: "off" })).toContain("This customer pays from a bank account only from now on.");
    expect(await t.rows("select action from events where action like 'cards.%'")).toEqual([
      { action: "cards.switched_off" },
    ]);
    const page = await priya.get("/invoices");
    expect(page.html).not.toContain("Mastercard ending 4444");
    expect(page.html).not.toContain('value="new_card"');
    expect(page.html).toContain('value="new_bank"');
    for (const method of [form.get("method")!, "new_card"]) {
      form.set("method", method);
      const answer = await priya.post("/payments", form);
      expect(answer.status).toBe(422);
      expect(answer.html).toContain("This account pays from a bank account only.");
    }
    const adding = await priya.get("/payment-methods/new");
    expect(adding.html).not.toContain('value="card"');
    const add = formOn(adding.html, "/payment-methods");
    expect(add.get("kind")).toBe("bank");
    add.set("kind", "card");
    add.set("agree", "yes");
    expect((await priya.post("/payment-methods", add)).status).toBe(422);
    expect((await priya.get("/payment-methods")).html).toContain("Cards are switched off for this account.");
    await addMethod(t, priya, "bank");
    const bank = (await onFile(t, "CR-10052")).at(-1)!;
    const { answer } = await pay(priya, { invoices: { "INV-40022": null }, method: bank.id });
    expect((await follow(priya, answer.headers.get("Location"))).html).toContain("We have your bank payment");
    expect(await cards(t, { cards: "on" })).toContain("This customer may pay by card again.");
    expect((await priya.get("/invoices")).html).toContain("Mastercard ending 4444");
  });

  test("for one invoice: it says so, a card is refused by its name, and the others still go by card", async () => {
    const t = await portal();
    const [invoice, other] = await openInvoicesOf(t, "CR-10052");
    expect(await cards(t, { cards: "off", invoice: invoice!.number })).toContain(invoice!.number);
    expect(await cards(t, { cards: "off", invoice: "INV-30003" })).toContain("This customer has no such invoice.");
    const priya = await t.as(PRIYA);
    expect((await priya.get("/invoices")).html).toContain("Bank account only");
    const both = await readyToPay(priya, { invoices: { [invoice!.number]: null, [other!.number]: null } });
    const refused = await priya.post("/payments", both);
    expect(refused.status).toBe(422);
    expect(refused.html).toContain(`${invoice!.number} can be paid from a bank account only.`);
    const { answer } = await pay(priya, { invoices: { [other!.number]: null } });
    expect((await follow(priya, answer.headers.get("Location"))).html).toContain("We received");
  });

  test("between the form and the charge: the hold refuses, and nothing is taken", async () => {
    const t = await portal();
    const priya = await t.as(PRIYA);
    const [invoice] = await openInvoicesOf(t, "CR-10052");
    for (const [off, on] of [
      ["update accounts set card_payments = 0", "update accounts set card_payments = 1"],
      ["update invoices set card_payments = 0", "update invoices set card_payments = 1"],
    ] as const) {
      const form = await readyToPay(priya, { invoices: { [invoice!.number]: null } });
      const before = bankTotals(t).captured;
      // Between the page's read and the hold: the charge is being prepared at the vendor.
      const { client } = t.bank;
      t.bank.client = async (input, init) => {
        await t.rows(off);
        return client(input, init);
      };
      const answer = await priya.post("/payments", form);
      t.bank.client = client;
      expect(answer.headers.get("Location")).toBe("/invoices?said=invoice_changed");
      expect(bankTotals(t).captured).toBe(before);
      await t.rows(on);
    }
  });
});
