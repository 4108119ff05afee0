import { describe, expect, test } from "vitest";
import { signature } from "../../dev/stripe-events.ts";
import type { DeliveryMode } from "../../dev/stripe-state.ts";
import { SWEEP_SIZE } from "../../src/billing/check-payment.ts";
import { DAY, HOUR, MINUTE } from "../../src/calendar.ts";
import { run } from "../../src/jobs.ts";
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
import { follow, invoiceRow, openInvoicesOf, pay, paymentRow, typeCard } from "./customer.ts";

const OLDEST = "INV-40022";
const URL_OF_HOOK = "https://cedar-ridge.test/webhooks/stripe";

/** Sends an event of our own making, signed as the bank signs. */
async function send(t: TestPortal, event: object, secret = "whsec_cedar_ridge", at = t.clock.now) {
  const body = JSON.stringify(event);
  return t.fetch(
    new Request(URL_OF_HOOK, { method: "POST", body, headers: { "Stripe-Signature": signature(secret, body, at) } }),
  );
}

/** Does a job until it is done, as a queue would, and counts the tries. */
async function persist(t: TestPortal, eventId: string, most = 100): Promise<number> {
  for (let tries = 1; tries <= most; tries++) {
    const verdict = await run(t.deps(), { type: "stripe.event", dealer: "cedar-ridge", eventId });
    if (verdict === "done") return tries;
    if (!("retryInSeconds" in verdict)) throw new Error("gave up");
    t.clock.now += verdict.retryInSeconds;
  }
  throw new Error("never done");
}

const eventsOf = (t: TestPortal) =>
  Object.values<{ id: string; type: string }>(JSON.parse(t.bank.saveState()).books["cedar-ridge"].events);

describe("webhooks", () => {
  const MODES: DeliveryMode[] = [
    { mode: "normal" },
    { mode: "twice" },
    { mode: "out_of_order" },
    { mode: "late", seconds: 2 * HOUR },
    { mode: "dropped" },
  ];

  test.for(MODES)("that travel $mode bring every payment to the same end", async (mode) => {
    const t = await portal();
    t.bank.setDelivery(mode);
    const priya = await t.as("priya@example.com");
    const one = await pay(priya, { invoices: { [OLDEST]: null } });
    // Paid at the checkout by someone who then closes the browser.
    const two = await pay(priya, { invoices: { "INV-40024": null }, method: "new_card" });
    await typeCard(t, two.answer.headers.get("Location")!);
    const northgate = await t.as("office@northgatestorage.example.com");
    const three = await pay(northgate, { invoices: { "INV-70024": null } });
    await timePasses(t);
    for (const { paymentId } of [one, two, three]) {
      expect(await paymentRow(t, paymentId)).toMatchObject({ state: "settled" });
      await expectOneReceipt(t, paymentId);
    }
    expect((await openInvoicesOf(t, "CR-10052")).map((invoice) => invoice.number)).toEqual(["INV-40023", "INV-40025"]);
    await expectBankAndBooksAgree(t);
    await expectNothingLeftOver(t);
  });

  test("fifty times the same is one effect", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { answer, paymentId } = await pay(priya, { invoices: { [OLDEST]: null }, method: "new_card" });
    await typeCard(t, answer.headers.get("Location")!);
    const done = eventsOf(t).find((event) => event.type === "checkout.session.completed")!;
    for (let i = 0; i < 50; i++) expect((await send(t, done)).status).toBe(200);
    await t.runJobs();
    expect(await t.rows("select id from stripe_events where id = ?", done.id)).toHaveLength(1);
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4265, held_cents: 0 });
    await expectOneReceipt(t, paymentId);
  });

  test("a month old change nothing", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { paymentId } = await pay(priya, { invoices: { [OLDEST]: null } });
    await t.webhooks();
    const before = await paymentRow(t, paymentId);
    t.clock.now += 30 * DAY;
    for (const event of eventsOf(t)) {
      // Again under its own id, and under one that was never seen: the bank may make two of one thing.
      expect((await send(t, event)).status).toBe(200);
      expect((await send(t, { ...event, id: `${event.id}b` })).status).toBe(200);
    }
    await t.runJobs();
    expect(await paymentRow(t, paymentId)).toEqual(before);
    expect(await lettersAbout(t, paymentId)).toHaveLength(1);
    expect(await t.rows("select kind from worklist")).toEqual([]);
  });

  test("of a kind that we do not know are kept, and left alone", async () => {
    const t = await portal();
    for (const [id, type, object] of [
      ["evt_1", "customer.tax_id.created", { id: "txi_1" }],
      ["evt_2", "payment_intent.succeeded", { id: "pi_nobodys" }],
      ["evt_3", "checkout.session.completed", {}],
      ["evt_4", "", null],
    ] as const) {
      const answer = await send(t, { id, type, object: "event", data: { object } });
      expect(answer.status).toBe(200);
    }
    await t.runJobs();
    expect(await t.rows("select id from stripe_events where applied_at is null")).toEqual([]);
  });

  test("that nobody signed, or somebody else, are refused and not kept", async () => {
    const t = await portal();
    const event = { id: "evt_x", object: "event", type: "payment_intent.succeeded", data: { object: { id: "pi_x" } } };
    for (const answer of [
      await send(t, event, "whsec_bluebonnet"),
      await send(t, event, "whsec_cedar_ridge", t.clock.now - 301),
      await t.fetch(new Request(URL_OF_HOOK, { method: "POST", body: JSON.stringify(event) })),
    ]) {
      expect(answer.status).toBe(400);
    }
    expect(await t.rows("select id from stripe_events where id = 'evt_x'")).toEqual([]);
    expect(t.jobs).toEqual([]);
  });

  test("that cannot be kept are not acknowledged, so that the bank sends them again", async () => {
    const t = await portal();
    t.trouble.database = () => "before";
    const event = { id: "evt_y", object: "event", type: "x", data: { object: { id: "y" } } };
    expect((await send(t, event)).status).toBe(503);
    t.trouble.database = null;
    expect((await send(t, event)).status).toBe(200);
  });

  test("whose job was lost are found by the sweep", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { answer, paymentId } = await pay(priya, { invoices: { [OLDEST]: null }, method: "new_card" });
    await typeCard(t, answer.headers.get("Location")!);
    await t.bank.drainWebhooks();
    t.jobs.splice(0);
    await sweep(t);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "pending" });
    t.clock.now += 3 * MINUTE;
    await sweep(t);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "settled" });
  });

  test("in great number are handed on a page at a time", async () => {
    const t = await portal();
    for (let i = 0; i <= SWEEP_SIZE; i++) {
      await t.db.$client.execute({
        sql: "insert into stripe_events (id, type, object_id, received_at) values (?, 'x', 'y', 1000)",
        args: [`evt_${String(i).padStart(4, "0")}`],
      });
    }
    await sweep(t);
    expect(await t.rows("select id from stripe_events where applied_at is null")).toEqual([]);
  });

  test("are fetched afresh: what stands in the event itself is not believed", async () => {
    const t = await portal();
    const northgate = await t.as("office@northgatestorage.example.com");
    const { paymentId } = await pay(northgate, { invoices: { "INV-70024": null } });
    const { stripe_payment_intent_id: id } = await paymentRow(t, paymentId);
    await send(t, {
      id: "evt_lie",
      object: "event",
      type: "payment_intent.succeeded",
      data: {
        object: {
          id,
          object: "payment_intent",
          status: "succeeded",
          amount_received: 20176,
          metadata: { payment_id: paymentId },
        },
      },
    });
    await t.runJobs();
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "processing" });
    expect(await invoiceRow(t, "INV-70024")).toMatchObject({ allocated_cents: 0, held_cents: 20176 });
  });

  test("wait while the bank is away, and are obeyed when it is back", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { answer, paymentId } = await pay(priya, { invoices: { [OLDEST]: null }, method: "new_card" });
    await typeCard(t, answer.headers.get("Location")!);
    await t.bank.drainWebhooks();
    const { id } = await t.row<{ id: string }>(
      "select id from stripe_events where type = 'checkout.session.completed'",
    );
    t.bank.faults.add({ match: "GET *", kind: "refused_500", times: 3 });
    expect(await persist(t, id)).toBe(4);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "settled" });
    expect(await persist(t, id)).toBe(1);
  });
});

describe("money that our books do not expect", () => {
  /** A payment as the bank knows it, forgotten by our books: as after a restore to an hour ago. */
  const forgotten = async (forget: string[]) => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { paymentId } = await pay(priya, { invoices: { [OLDEST]: null } });
    await t.bank.drainWebhooks();
    t.jobs.splice(0);
    for (const statement of forget)
      await t.db.$client.execute({ sql: statement.replaceAll("?1", `'${paymentId}'`), args: [] });
    const { id } = await t.row<{ id: string }>("select id from stripe_events where type = 'payment_intent.succeeded'");
    return { t, paymentId, id };
  };
  const FORGET_ALL = [
    "delete from messages where subject_id = ?1",
    "update invoices set allocated_cents = 0 where id in (select invoice_id from holds where payment_id = ?1)",
    "delete from allocations where payment_id = ?1",
    "delete from holds where payment_id = ?1",
    "delete from payments where id = ?1",
  ];

  test("for a payment that is not in the books is waited for an hour, then a person's business", async () => {
    const { t, paymentId, id } = await forgotten(FORGET_ALL);
    const start = t.clock.now;
    await persist(t, id);
    expect(t.clock.now - start).toBeGreaterThanOrEqual(HOUR - MINUTE);
    expect(await t.rows("select kind, subject_id, account_id from worklist")).toEqual([
      { kind: "payment_disagreed", subject_id: paymentId, account_id: null },
    ]);
  });

  test("a webhook that overtook our own commit finds the payment a minute later", async () => {
    const { t, paymentId, id } = await forgotten([
      "delete from messages where subject_id = ?1",
      "delete from ledger_lines where subject_id = ?1",
      "update invoices set allocated_cents = 0 where id in (select invoice_id from holds where payment_id = ?1)",
      "delete from allocations where payment_id = ?1",
      "delete from events where key = 'payment.closed:' || ?1",
      "update payments set state = 'pending', allocated_cents = 0, closed_at = null, check_at = 99999999999 where id = ?1",
    ]);
    // The row that the commit has yet to write.
    const rows = await t.rows<Record<string, string | number | null>>("select * from payments where id = ?", paymentId);
    const holds = await t.rows<Record<string, string | number | null>>(
      "select * from holds where payment_id = ?",
      paymentId,
    );
    await t.db.$client.execute({ sql: "delete from holds where payment_id = ?", args: [paymentId] });
    await t.db.$client.execute({ sql: "delete from payments where id = ?", args: [paymentId] });
    expect(await run(t.deps(), { type: "stripe.event", dealer: "cedar-ridge", eventId: id })).toEqual({
      retryInSeconds: 60,
    });
    for (const [table, [row]] of [
      ["payments", rows],
      ["holds", holds],
    ] as const) {
      const names = Object.keys(row!);
      await t.db.$client.execute({
        sql: `insert into ${table} (${names.map((name) => `"${name}"`).join(", ")}) values (${names.map(() => "?").join(", ")})`,
        args: Object.values(row!),
      });
    }
    await t.db.$client.execute(`update invoices set held_cents = 4265 where number = '${OLDEST}'`);
    t.clock.now += 60;
    expect(await run(t.deps(), { type: "stripe.event", dealer: "cedar-ridge", eventId: id })).toBe("done");
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "settled" });
  });

  test("for a payment that is recorded as failed goes to the worklist, and stays out of the books", async () => {
    const { t, paymentId, id } = await forgotten([
      "delete from messages where subject_id = ?1",
      "update invoices set allocated_cents = 0 where id in (select invoice_id from holds where payment_id = ?1)",
      "delete from allocations where payment_id = ?1",
      "update payments set state = 'failed', allocated_cents = 0 where id = ?1",
    ]);
    expect(await persist(t, id)).toBe(1);
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "failed", allocated_cents: 0 });
    expect(await t.rows("select kind, subject_id from worklist")).toEqual([
      { kind: "payment_disagreed", subject_id: paymentId },
    ]);
  });

  test.for([
    ["failed", ["update payments set state = 'failed', allocated_cents = 0 where id = ?1"]],
    ["nowhere", ["delete from holds where payment_id = ?1", "delete from payments where id = ?1"]],
  ] as const)("and that is taken back from a payment recorded as %s is a person's business", async ([, forget]) => {
    const { t, paymentId } = await forgotten([
      "delete from messages where subject_id = ?1",
      "update invoices set allocated_cents = 0 where id in (select invoice_id from holds where payment_id = ?1)",
      "delete from allocations where payment_id = ?1",
      ...forget,
    ]);
    const known: { id: string; payment_id: string }[] = await (
      await t.bank.fetch(new Request("https://bank.test/_bank/payments"))
    ).json();
    const { id } = known.find((one) => one.payment_id === paymentId)!;
    await t.bank.fetch(new Request(`https://bank.test/_bank/payments/${id}/bounce`, { method: "POST" }));
    await t.bank.drainWebhooks();
    t.jobs.splice(0);
    const { id: eventId } = await t.row<{ id: string }>(
      "select id from stripe_events where type = 'charge.dispute.created'",
    );
    await persist(t, eventId);
    expect(await t.rows("select kind, subject_id from worklist")).toEqual([
      { kind: "payment_disagreed", subject_id: paymentId },
    ]);
  });

  test("a return that is heard of before its payment has settled settles it first", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    t.bank.faults.add({ match: "POST /v1/payment_intents/*/confirm", kind: "cut_after" });
    const { paymentId } = await pay(priya, { invoices: { [OLDEST]: null } });
    const { stripe_payment_intent_id: intent } = await paymentRow(t, paymentId);
    await t.bank.fetch(new Request(`https://bank.test/_bank/payments/${intent}/bounce`, { method: "POST" }));
    await t.bank.drainWebhooks();
    t.jobs.splice(0);
    const { id } = await t.row<{ id: string }>("select id from stripe_events where type = 'charge.dispute.created'");
    expect(await persist(t, id)).toBe(1);
    expect(await paymentRow(t, paymentId)).toMatchObject({
      state: "settled",
      returned_cents: 4265,
      allocated_cents: 0,
    });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 0, held_cents: 0 });
    expect((await follow(priya, `/payments/${paymentId}`)).html).toContain("Your bank took this payment back.");
    expect(bankTotals(t).disputed).toBeGreaterThanOrEqual(4265);
    await timePasses(t);
    expect(await paymentRow(t, paymentId)).toMatchObject({ returned_cents: 4265 });
  });
});
