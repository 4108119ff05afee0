import { describe, expect, test } from "vitest";
import { addMethod, methodRows, onFile, startAdding, subjects, typeNewAccount } from "../billing/adding.ts";
import { runJobsOnce } from "../billing/aftermath.ts";
import { follow, pay, readyToPay } from "../billing/customer.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";

const RUTH = "ruth@cedarridge.example.com";
const PRIYA = "CR-10052";
const HERE = `/office/accounts/${PRIYA}`;
const REMOVAL = `${HERE}/payment-methods/removal`;
const CANCELLATION = `${HERE}/scheduled-payments/cancellation`;

/** Priya puts ten dollars off to a later day, from her card. */
async function putOff(t: TestPortal, payOn: string): Promise<TestBrowser> {
  const priya = await t.as("priya@example.com");
  const form = await readyToPay(priya, { total: "10.00" });
  form.set("pay_on", payOn);
  const words = await priya.get((await priya.post("/payments", form)).headers.get("Location")!);
  await priya.post("/scheduled-payments", formOn(words.html, "/scheduled-payments"));
  return priya;
}

/** The office sends a form of the customer's page, with a reason. */
async function send(ruth: TestBrowser, action: string, reason = "She called and asked for it") {
  const form = formOn((await ruth.get(HERE)).html, action);
  form.set("reason", reason);
  return follow(ruth, (await ruth.post(action, form)).headers.get("Location"));
}

describe("a customer who telephones", () => {
  test("has a card taken off at once: the office says why, the customer is written to, the vendor lets go", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    const page = await ruth.get(HERE);
    expect(page.html).toContain("Mastercard ending 4444");
    expect(page.html).toContain("Works");
    expect((await send(ruth, REMOVAL, "  ")).html).toContain("Say why");
    expect(await onFile(t, PRIYA)).toHaveLength(1);
    expect((await send(ruth, REMOVAL)).html).toContain("It is removed, and the customer is written to.");
    expect(await methodRows(t, PRIYA)).toMatchObject([{ removed_at: t.clock.now, detached_at: t.clock.now }]);
    await t.webhooks();
    expect(subjects(t)).toEqual(["Mastercard ending 4444 is removed"]);
    expect(t.outbox.at(-1)!.to).toBe("priya@example.com");
    const event = await t.row<{ by: string; detail: string }>(
      "select u.name by, e.detail from events e join users u on u.id = e.by where action = 'method.removed'",
    );
    expect(event).toMatchObject({ by: "Ruth Calloway" });
    expect(JSON.parse(event.detail)).toEqual({ reason: "She called and asked for it" });
    expect((await ruth.get(HERE)).html).toContain("None on file.");
  });

  test("has one taken off whose removal they had requested: the wish is off the worklist too", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const [card] = await onFile(t, PRIYA);
    await priya.post(`/payment-methods/${card!.id}/removal`, {});
    const ruth = await t.as(RUTH);
    expect((await ruth.get(HERE)).html).toContain("Removal requested");
    await send(ruth, REMOVAL);
    expect(await onFile(t, PRIYA)).toEqual([]);
    expect(await t.rows("select 1 from worklist where closed_at is null")).toEqual([]);
  });

  test("keeps what autopay draws on, in words and however the form is made", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    const dana = "/office/accounts/CR-10021";
    const page = await ruth.get(dana);
    expect(page.html).toContain("Autopay draws on it, so it cannot be removed.");
    expect(page.html).not.toContain(`action="${dana}/payment-methods/removal"`);
    const [card] = await onFile(t, "CR-10021");
    const crafted = { method: card!.id, reason: "no matter" };
    const answer = await follow(
      ruth,
      (await ruth.post(`${dana}/payment-methods/removal`, crafted)).headers.get("Location"),
    );
    expect(answer.html).toContain("Stop autopay first");
    // Nor does another customer's page take it.
    expect((await ruth.post(REMOVAL, crafted)).headers.get("Location")).toBe(`${HERE}?said=not-removed-gone`);
    expect(await onFile(t, "CR-10021")).toHaveLength(1);
  });

  test("keeps what a payment under way comes from until that is over", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    await addMethod(t, priya, "bank");
    const bank = (await onFile(t, PRIYA)).find((one) => one.kind === "bank")!;
    await pay(priya, { total: "10.00", method: bank.id });
    const ruth = await t.as(RUTH);
    expect((await ruth.get(HERE)).html).toContain("A payment from it is on its way or announced");
    const answer = await ruth.post(REMOVAL, { method: bank.id, reason: "no matter" });
    expect(answer.headers.get("Location")).toBe(`${HERE}?said=not-removed-payment`);
  });

  test("has a payment on a later day canceled, is written to, and then the card may go", async () => {
    const t = await portal();
    await putOff(t, "2026-12-10");
    const ruth = await t.as(RUTH);
    const page = await ruth.get(HERE);
    expect(page.html).toMatch(/Dec 10, 2026<\/time>: <span class="money">\$10\.00/);
    expect(page.html).toContain("Cancel that below first.");
    const [card] = await onFile(t, PRIYA);
    const early = await ruth.post(REMOVAL, { method: card!.id, reason: "no matter" });
    expect(early.headers.get("Location")).toBe(`${HERE}?said=not-removed-scheduled`);
    expect((await send(ruth, CANCELLATION)).html).toContain("It is canceled, nothing is taken");
    expect(await t.rows("select state from scheduled_payments")).toEqual([{ state: "canceled" }]);
    await t.runJobs();
    const letter = t.outbox.find((mail) => mail.subject === "A payment to come is canceled")!;
    expect(letter.to).toBe("priya@example.com");
    expect(letter.text).toContain("Our office has canceled the payment that you had put off to Dec 10, 2026");
    const { detail } = await t.row<{ detail: string }>("select detail from events where action = 'scheduled.canceled'");
    expect(JSON.parse(detail)).toEqual({ reason: "She called and asked for it" });
    expect((await send(ruth, REMOVAL)).html).toContain("It is removed");
  });

  test("is too late to have it canceled on its day, and the page says so", async () => {
    const t = await portal();
    await putOff(t, "2026-12-02");
    const ruth = await t.as(RUTH);
    const form = formOn((await ruth.get(HERE)).html, CANCELLATION);
    form.set("reason", "late");
    t.clock.now = Date.parse("2026-12-02T13:00:00Z") / 1000;
    const again = await t.as(RUTH);
    expect((await again.get(HERE)).html).toContain("Its day has come");
    expect((await again.post(CANCELLATION, form)).headers.get("Location")).toBe(`${HERE}?said=too-late`);
    await runJobsOnce(t);
    expect(t.outbox.filter((mail) => mail.subject.includes("canceled"))).toEqual([]);
  });

  test("is told what waits for small deposits, by whoever has the page before them", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { url } = await startAdding(priya, "bank");
    const ruth = await t.as(RUTH);
    expect((await ruth.get(HERE)).html).toContain("Not finished");
    await priya.get(await typeNewAccount(t, url, "deposits"));
    const page = await ruth.get(HERE);
    expect(page.html).toContain("Waits for small deposits");
    expect(page.html).toContain("STRIPE TEST BANK account ending 6789");
  });
});
