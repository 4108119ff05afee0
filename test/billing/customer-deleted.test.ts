import { describe, expect, test } from "vitest";
import { forgetCustomer } from "../../src/billing/forget-customer.ts";
import { portal, type TestPortal } from "../setup.ts";
import { addMethod, onFile } from "./adding.ts";
import { expectBankAndBooksAgree, timePasses } from "./aftermath.ts";
import { follow, pay, typeCard } from "./customer.ts";
import { beat, invoice, subjectsTo, work } from "./drafting.ts";

const DANA = "CR-10021";
const PRIYA = "CR-10052";

const customerOf = async (t: TestPortal, number: string) =>
  (await t.row<{ id: string | null }>("select stripe_customer_id id from accounts where number = ?", number)).id;

/** Somebody deletes a customer in the card company's own dashboard. */
async function deleted(t: TestPortal, id: string): Promise<void> {
  const request = new Request(`https://bank.test/v1/customers/${id}`, {
    method: "DELETE",
    headers: { Authorization: "Bearer sk_test_cedar_ridge" },
  });
  expect((await t.bank.fetch(request)).status).toBe(200);
}

async function quiet(): Promise<TestPortal> {
  const t = await portal();
  await t.rows("update messages set state = 'sent'");
  return t;
}

describe("a customer who was deleted at the card company", () => {
  test("loses the methods and autopay, hears of it once, and pays with a new card as a new customer", async () => {
    // Heard of in the order of Stripe's events, and by the deletion alone.
    for (const alone of [false, true]) {
      const t = await quiet();
      const old = (await customerOf(t, DANA))!;
      await deleted(t, old);
      if (alone) {
        await forgetCustomer(t.deps(), old);
        await forgetCustomer(t.deps(), old);
      }
      await t.webhooks();
      await work(t);
      expect(await customerOf(t, DANA)).toBeNull();
      expect(await onFile(t, DANA)).toEqual([]);
      expect(
        await t.rows(
          "select 1 from payment_methods where removed_at is null and stripe_payment_method_id in (select stripe_payment_method_id from payment_methods m join accounts a on a.id = m.account_id where a.number = ?)",
          DANA,
        ),
      ).toEqual([]);
      expect(subjectsTo(t, "dana@example.com")).toEqual(["Autopay is off"]);
      expect(t.outbox[0]!.text).toContain("It drew on Visa ending 4242, which can no longer be charged.");
      expect(
        await t.rows("select kind from worklist where closed_at is null and kind = 'method_expiring'"),
      ).toHaveLength(1);
      const dana = await t.as("dana@example.com");
      expect((await dana.get("/autopay")).html).toContain("Autopay went off by itself.");

      await invoice(t, DANA, { number: "INV-NEW", cents: 2000, on: "2026-12-01" });
      const { answer } = await pay(dana, { invoices: { "INV-NEW": null }, method: "new_card", save: true });
      const done = await follow(dana, await typeCard(t, answer.headers.get("Location")!));
      expect(done.html).toContain("We received");
      const fresh = await customerOf(t, DANA);
      expect(fresh).toMatch(/^cus_/);
      expect(fresh).not.toBe(old);
      expect(await onFile(t, DANA)).toHaveLength(1);
    }
  });

  test("twice in a day is made anew twice, whatever Stripe still answers to its key", async () => {
    const t = await quiet();
    const priya = await t.as("priya@example.com");
    const seen = new Set<string>();
    for (let i = 0; i < 3; i++) {
      const id = (await customerOf(t, PRIYA))!;
      seen.add(id);
      await deleted(t, id);
      await t.webhooks();
      expect(await customerOf(t, PRIYA)).toBeNull();
      await addMethod(t, priya, "card");
    }
    seen.add((await customerOf(t, PRIYA))!);
    expect(seen.size).toBe(4);
    // The first had no autopay: its owner is told of each card that went.
    expect(
      subjectsTo(t, "priya@example.com").filter((subject) => subject.includes("cannot be used any more")),
    ).toHaveLength(3);
  });

  test("keeps a method that a payment on its way was made with on the books, as one that cannot be charged", async () => {
    const t = await quiet();
    const [bank] = await t.rows<{ id: string; customer: string; number: string }>(
      `select m.id, a.stripe_customer_id customer, a.number from payments p join payment_methods m on m.id = p.payment_method_id
       join accounts a on a.id = m.account_id where p.state = 'processing'`,
    );
    await deleted(t, bank!.customer);
    await forgetCustomer(t.deps(), bank!.customer);
    expect(await onFile(t, bank!.number)).toMatchObject([{ id: bank!.id, blocked: "customer_deleted" }]);
    await t.webhooks();
    await timePasses(t);
    await expectBankAndBooksAgree(t);
  });

  test("who is none of ours, or was not deleted after all, changes nothing", async () => {
    const t = await quiet();
    const before = await customerOf(t, DANA);
    await forgetCustomer(t.deps(), "cus_of_somebody_else");
    expect(await t.deps().ports.payments.methodNews({ type: "customer.deleted", objectId: before! })).toBeNull();
    expect(await t.deps().ports.payments.methodNews({ type: "customer.deleted", objectId: "cus_unknown" })).toBeNull();
    await beat(t, "*/5 * * * *");
    expect(await customerOf(t, DANA)).toBe(before);
    expect(await t.rows("select 1 from events where action = 'customer.deleted'")).toEqual([]);
  });
});
