import { describe, expect, test } from "vitest";
import { FAULT_KINDS } from "../../dev/stripe-faults.ts";
import { giveCredit } from "../../src/billing/give-credit.ts";
import { refundPayment } from "../../src/billing/refund-payment.ts";
import { DAY, HOUR, MINUTE } from "../../src/calendar.ts";
import { newId } from "../../src/ids.ts";
import { cents } from "../../src/money.ts";
import { readPdf } from "../documents/read-pdf.ts";
import { portal, type TestPortal } from "../setup.ts";
import { bankTotals, sweep, timePasses } from "./aftermath.ts";
import { invoiceRow } from "./customer.ts";
import { days } from "./drafting.ts";
import { DATABASE_BLOWS, WorkerDied, World } from "./moments.ts";
import {
  atBank,
  expectSameSums,
  giveBack,
  heldByBank,
  intentOf,
  moneyOf,
  northgatePays,
  OLDEST,
  officeForm,
  priyaPays,
  refundAtBank,
  refundRow,
  refundWish,
  returnedBefore,
  work,
} from "./money-back.ts";

const letters = async (t: TestPortal) => {
  await t.runJobs();
  return t.outbox.map((mail) => mail.subject).filter((subject) => /refund/i.test(subject));
};

describe("a letter about a refund goes to whoever had the receipt, in their language", () => {
  test("of a draft, and of one that did not arrive: to whoever agreed to autopay", async () => {
    const t = await portal();
    await t.rows("update messages set state = 'sent'");
    await t.rows("update accounts set email = 'billing@okafor.example.com' where number = 'CR-10021'");
    await t.rows("update users set language = 'es' where email = 'dana@example.com'");
    await days(t, "2026-12-23", "2027-01-05");
    const { id } = await t.row<{ id: string }>(
      "select p.id from payments p join draft_payments dp on dp.payment_id = p.id where p.state = 'settled'",
    );
    await giveBack(t, id, 1000);
    await t.runJobs();
    await atBank(t, `refunds/${heldByBank(t, "refunds").at(-1)!.id}/fail`);
    await t.webhooks();
    const about = await t.rows<{ kind: string; user: string; address: string }>(
      `select m.kind, u.email user, m.address from messages m left join users u on u.id = m.user_id
        where m.kind in ('receipt', 'refund_made', 'refund_failed') and m.state = 'sent' and m.queued_at >= ? order by m.kind desc`,
      t.clock.now,
    );
    const toDana = { user: "dana@example.com", address: "dana@example.com" };
    expect(about).toEqual(["refund_made", "refund_failed", "receipt"].map((kind) => ({ kind, ...toDana })));
    expect(t.outbox.slice(-2).map((mail) => mail.subject)).toEqual([
      expect.stringContaining("reembolso"),
      expect.stringContaining("reembolso"),
    ]);
  });

  test("of a payment on a later day: to whoever put it off", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await t.rows("update accounts set email = 'billing@natarajan.example.com' where number = 'CR-10052'");
    // As the payment of a later day stands: nobody was there, and the wish names who had it.
    await t.rows(
      `insert into scheduled_payments (id, account_id, user_id, payment_method_id, agreement_id, pay_on, state, payment_id, created_at)
       select 'sch_x', p.account_id, p.started_by, m.id, g.id, '2026-12-01', 'started', p.id, 1
         from payments p, payment_methods m, agreements g where p.id = ? and m.account_id = p.account_id limit 1`,
      paymentId,
    );
    await t.rows(
      "insert into scheduled_items (scheduled_payment_id, invoice_id, amount_cents) select 'sch_x', invoice_id, amount_cents from holds where payment_id = ?",
      paymentId,
    );
    await t.rows("update payments set started_by = null where id = ?", paymentId);
    await giveBack(t, paymentId, 1000);
    expect(await t.rows("select address from messages where kind = 'refund_made'")).toEqual([
      { address: "priya@example.com" },
    ]);
  });
});

describe("a refund to a card", () => {
  test("goes back in parts, opens the invoice again with its old due date, and is written about", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    const before = await invoiceRow(t, OLDEST);
    expect(await giveBack(t, paymentId, 1000)).toEqual({ result: "made" });
    expect(await moneyOf(t, paymentId)).toMatchObject({ allocated_cents: 3265, refunded_cents: 1000 });
    expect(await invoiceRow(t, OLDEST)).toEqual({ ...before, allocated_cents: 3265 });
    expect(await giveBack(t, paymentId, 3265)).toEqual({ result: "made" });
    expect(await moneyOf(t, paymentId)).toMatchObject({ allocated_cents: 0, refunded_cents: 4265 });
    expect(bankTotals(t).refunded).toBe(4265);
    expect(await letters(t)).toEqual(["Your refund of $10.00", "Your refund of $32.65"]);
    expect(t.outbox.at(-1)!.text).toContain("Reason: charged twice");
    expect(await work(t)).toEqual([]);
    const priya = await t.as("priya@example.com");
    const payment = await priya.get(`/payments/${paymentId}`);
    expect(payment.html).toContain("Refunded");
    expect(payment.html).toContain("<span>charged twice</span> <span>Sent</span>");
    const invoice = await priya.get(`/invoices/${OLDEST}`);
    expect(invoice.html).toContain("Refunded");
    expect(invoice.html).not.toContain("Taken back by the bank");
    const pdf = await (await priya.get(`/receipts/${paymentId}.pdf`)).arrayBuffer();
    const { text } = await readPdf(new Uint8Array(pdf));
    expect(text).toContain("Refund");
    expect(text).toContain("$32.65");
  });

  test("takes account credit first, then the invoice due last, unless another is chosen", async () => {
    const t = await portal();
    await t.db.$client.execute("update settings set overpayment = 1");
    const paymentId = await priyaPays(t, { total: "160.00" });
    await giveBack(t, paymentId, 500);
    // 4.40 of it had been credit; 0.60 comes from the invoice that is due last.
    expect(await invoiceRow(t, "INV-40025")).toMatchObject({ allocated_cents: 4205 });
    const chosen = await invoiceRow(t, OLDEST);
    await giveBack(t, paymentId, 265, { fromInvoiceId: chosen.id });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4000 });
    expect(await invoiceRow(t, "INV-40025")).toMatchObject({ allocated_cents: 4205 });
  });

  test("from a chosen invoice leaves the account credit where it is", async () => {
    const t = await portal();
    await t.db.$client.execute("update settings set overpayment = 1");
    const paymentId = await priyaPays(t, { total: "160.00" });
    const chosen = await invoiceRow(t, OLDEST);
    await giveBack(t, paymentId, 500, { fromInvoiceId: chosen.id });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 3765 });
    expect(await moneyOf(t, paymentId)).toMatchObject({ allocated_cents: 15060, refunded_cents: 500 });
  });

  test("can leave its invoices paid, by a credit with the same reason", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await giveBack(t, paymentId, 2000, { coverWithCredit: true });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4265 });
    expect(await t.rows("select reason, amount_cents, allocated_cents from credits where by = 'usr_test'")).toEqual([
      { reason: "charged twice", amount_cents: 2000, allocated_cents: 2000 },
    ]);
  });
});

describe("a refund to a bank account", () => {
  test("goes whole, takes three days, and is written about once", async () => {
    const t = await portal();
    const paymentId = await northgatePays(t);
    const { amount_cents } = await moneyOf(t, paymentId);
    const wish = refundWish(t, paymentId, amount_cents);
    expect(await refundPayment(t.deps(), wish)).toEqual({ result: "made" });
    expect(await refundRow(t, wish.refundId)).toMatchObject({ state: "pending" });
    await t.runJobs();
    t.clock.now += 6 * DAY;
    await t.webhooks();
    expect(await refundRow(t, wish.refundId)).toMatchObject({ state: "settled", check_at: null });
    expect((await letters(t)).length).toBe(1);
  });

  test("is found done by the sweep when no webhook comes", async () => {
    const t = await portal();
    t.bank.setDelivery({ mode: "normal" });
    const paymentId = await northgatePays(t);
    t.bank.setDelivery({ mode: "dropped" });
    const wish = refundWish(t, paymentId, (await moneyOf(t, paymentId)).amount_cents);
    await refundPayment(t.deps(), wish);
    t.clock.now += DAY + MINUTE;
    await sweep(t);
    expect(await refundRow(t, wish.refundId)).toMatchObject({ state: "pending" });
    t.clock.now += 5 * DAY;
    await sweep(t);
    expect(await refundRow(t, wish.refundId)).toMatchObject({ state: "settled" });
  });

  test("in part is refused: that part is given as credit; and so is one of a debit half a year old", async () => {
    const t = await portal();
    const paymentId = await northgatePays(t);
    expect(await giveBack(t, paymentId, 100)).toEqual({ result: "refused", refusal: "bank_only_whole" });
    t.clock.now += 181 * DAY;
    const whole = (await moneyOf(t, paymentId)).amount_cents;
    expect(await giveBack(t, paymentId, whole)).toEqual({ result: "refused", refusal: "bank_too_old" });
    expect(bankTotals(t).refunded).toBe(0);
  });
});

describe("a refund is refused", () => {
  test("above what was received, refunded and taken back, and without a reason", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    expect(await giveBack(t, paymentId, 4266)).toEqual({ result: "refused", refusal: "more_than_left" });
    expect(await giveBack(t, paymentId, 0)).toEqual({ result: "refused", refusal: "amount_unreadable" });
    expect(await giveBack(t, paymentId, 1, { reason: "  " })).toEqual({ result: "refused", refusal: "reason_missing" });
    await giveBack(t, paymentId, 4000);
    expect(await giveBack(t, paymentId, 266)).toEqual({ result: "refused", refusal: "more_than_left" });
    expect(bankTotals(t).refunded).toBe(4000);
  });

  test("for payments that were not made here, or have not settled", async () => {
    const t = await portal();
    const imported = await t.row<{ id: string }>("select id from payments where origin = 'import' limit 1");
    const processing = await t.row<{ id: string }>("select id from payments where state = 'processing' limit 1");
    for (const { id } of [imported, processing, { id: "pay_00000000000000000000" }])
      expect(await giveBack(t, id, 1)).toEqual({ result: "refused", refusal: "not_here" });
  });

  test("while the bank takes the payment back", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await atBank(t, `payments/${await intentOf(t, paymentId)}/bounce`, { reason: "fraudulent", amount: "1000" });
    await t.webhooks();
    expect(await giveBack(t, paymentId, 100)).toEqual({ result: "refused", refusal: "taken_back" });
    expect(bankTotals(t).refunded).toBe(0);
  });

  test("by the bank, of which we had not heard: the money is where it was, and a person is told", async () => {
    const t = await portal();
    const seeded = await returnedBefore(t);
    const paymentId = await priyaPays(t);
    t.bank.setDelivery({ mode: "dropped" });
    await atBank(t, `payments/${await intentOf(t, paymentId)}/bounce`, { reason: "fraudulent" });
    const wish = refundWish(t, paymentId, 1000);
    expect(await refundPayment(t.deps(), wish)).toEqual({ result: "failed" });
    expect(await refundRow(t, wish.refundId)).toMatchObject({ state: "failed", failure_code: "charge_disputed" });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4265 });
    expect(await work(t)).toMatchObject([{ kind: "refund_failed" }]);
    // Nobody was told of a refund, so nobody is told that it failed.
    expect(await letters(t)).toEqual([]);
    const at = JSON.parse(t.bank.saveState()).books["cedar-ridge"];
    for (const event of Object.values<{ id: string; type: string }>(at.events))
      if (event.type === "charge.dispute.created") await atBank(t, `events/${event.id}/deliver`);
    await t.runJobs();
    await expectSameSums(t, seeded);
  });

  test("by the database, whatever the code thinks", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    for (const statement of [
      `update payments set refunded_cents = 1 where id = '${paymentId}'`,
      `update payments set allocated_cents = 0, refunded_cents = amount_cents + 1 where id = '${paymentId}'`,
    ])
      await expect(t.db.$client.execute(statement)).rejects.toThrow("payment_not_overallocated");
  });
});

describe("two at once", () => {
  test("the same press is one refund", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    const wish = refundWish(t, paymentId, 1000);
    const results = await Promise.all([refundPayment(t.deps(), wish), refundPayment(t.deps(), wish)]);
    expect(results.map((one) => one.result).sort()).toEqual(["already", "made"]);
    expect((await refundPayment(t.deps(), wish)).result).toBe("already");
    expect(bankTotals(t).refunded).toBe(1000);
  });

  test("two people never give back more than there is", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await Promise.all([giveBack(t, paymentId, 3000), giveBack(t, paymentId, 3000), giveBack(t, paymentId, 3000)]);
    expect(bankTotals(t).refunded).toBe(3000);
    expect(await moneyOf(t, paymentId)).toMatchObject({ refunded_cents: 3000, allocated_cents: 1265 });
  });
});

describe("a refund that comes back", () => {
  test("puts its money where it was, tells the customer and the office", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    const wish = refundWish(t, paymentId, 1000);
    await refundPayment(t.deps(), wish);
    await t.webhooks();
    await atBank(t, `refunds/${heldByBank(t, "refunds").at(-1)!.id}/fail`);
    await t.webhooks();
    expect(await refundRow(t, wish.refundId)).toMatchObject({ state: "failed", failure_code: "lost_or_stolen_card" });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4265 });
    expect(await letters(t)).toEqual(["Your refund of $10.00", "Your refund of $10.00 did not arrive"]);
    expect(await work(t)).toEqual([
      { kind: "refund_failed", subject_id: wish.refundId, detail: "$10.00 did not go back: lost_or_stolen_card" },
    ]);
    expect(await giveBack(t, paymentId, 4265)).toEqual({ result: "made" });
  });

  test("is account credit where the invoice has been paid meanwhile", async () => {
    const t = await portal();
    await t.db.$client.execute("update money_settings set apply_credit = 'by_hand'");
    const paymentId = await priyaPays(t);
    await giveBack(t, paymentId, 1000, { coverWithCredit: true });
    await atBank(t, `refunds/${heldByBank(t, "refunds").at(-1)!.id}/fail`);
    await t.webhooks();
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4265 });
    expect(await moneyOf(t, paymentId)).toMatchObject({ allocated_cents: 3265, refunded_cents: 0 });
  });

  test("after its payment was taken back is what the bank had taken too much", async () => {
    const t = await portal();
    const seeded = await returnedBefore(t);
    const paymentId = await priyaPays(t);
    await giveBack(t, paymentId, 1000);
    await atBank(t, `payments/${await intentOf(t, paymentId)}/bounce`, { reason: "fraudulent" });
    await t.webhooks();
    expect(await moneyOf(t, paymentId)).toMatchObject({ refunded_cents: 1000, returned_cents: 3265 });
    await atBank(t, `refunds/${heldByBank(t, "refunds").at(-1)!.id}/fail`);
    await t.webhooks();
    expect(await moneyOf(t, paymentId)).toMatchObject({ refunded_cents: 0, returned_cents: 4265, allocated_cents: 0 });
    await expectSameSums(t, seeded);
  });
});

describe("a refund made at the bank by hand", () => {
  test("is found in its webhook, or by the night, and recorded once", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    await refundAtBank(t, paymentId, 700);
    await t.webhooks();
    expect(await moneyOf(t, paymentId)).toMatchObject({ refunded_cents: 700, allocated_cents: 3565 });
    t.bank.setDelivery({ mode: "dropped" });
    await refundAtBank(t, paymentId, 300);
    t.jobs.push({ type: "payments.reckon", dealer: "cedar-ridge", after: null });
    await t.runJobs();
    expect(await moneyOf(t, paymentId)).toMatchObject({ refunded_cents: 1000, allocated_cents: 3265 });
    expect(await t.rows("select by, amount_cents, state from refunds order by amount_cents")).toEqual([
      { by: "stripe", amount_cents: 300, state: "settled" },
      { by: "stripe", amount_cents: 700, state: "settled" },
    ]);
    expect(await work(t)).toEqual([]);
  });
});

const CREATE = "POST /v1/refunds";

describe("whatever breaks at the bank", () => {
  test.for(FAULT_KINDS)("%s: one refund in the end, and the books say so", async (kind) => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    t.bank.faults.add({ match: CREATE, kind, seconds: 150 });
    const wish = refundWish(t, paymentId, 1000);
    await refundPayment(t.deps(), wish);
    for (const wait of [3 * MINUTE, 3 * MINUTE, 10 * MINUTE, HOUR, 3 * HOUR]) {
      t.clock.now += wait;
      await t.bank.tick();
      await sweep(t);
    }
    expect(await refundRow(t, wish.refundId)).toMatchObject({ state: "settled" });
    expect(bankTotals(t).refunded).toBe(1000);
    expect(heldByBank(t, "refunds")).toHaveLength(1);
  });

  test("a key is given up only after an error that the bank keeps, and when nothing came of it", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    t.bank.faults.add({ match: CREATE, kind: "saved_500" });
    const wish = refundWish(t, paymentId, 1000);
    expect(await refundPayment(t.deps(), wish)).toEqual({ result: "unclear" });
    expect(await refundRow(t, wish.refundId)).toMatchObject({ state: "pending", generation: 0 });
    t.clock.now += 3 * MINUTE;
    await sweep(t);
    expect(await refundRow(t, wish.refundId)).toMatchObject({ state: "pending", generation: 1 });
    t.clock.now += 3 * MINUTE;
    await sweep(t);
    expect(await refundRow(t, wish.refundId)).toMatchObject({ state: "settled", generation: 1 });
  });

  test("one that could never be asked for is called so after a day, and its money is where it was", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    t.bank.faults.add({ match: CREATE, kind: "down", times: null });
    const wish = refundWish(t, paymentId, 1000);
    expect(await refundPayment(t.deps(), wish)).toEqual({ result: "unclear" });
    for (let hours = 0; hours < 30; hours++) {
      t.clock.now += HOUR;
      await sweep(t);
      if (hours === 20) expect(await refundRow(t, wish.refundId)).toMatchObject({ state: "pending" });
    }
    // Asked again every so often, twice as long each time; the last look may be a day later.
    t.clock.now += DAY;
    await sweep(t);
    expect(await refundRow(t, wish.refundId)).toMatchObject({ state: "failed", failure_code: "never_made" });
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4265 });
    t.bank.faults.clear();
    await sweep(t);
    expect(bankTotals(t).refunded).toBe(0);
  });
});

/** A refund from the press of the button until all is quiet. */
async function live(plan: { call: number; blow: string } | null) {
  const t = await portal();
  const paymentId = await priyaPays(t);
  await t.webhooks();
  // Nobody tells: the sweep alone has to find out.
  t.bank.setDelivery({ mode: "dropped" });
  const world = new World(t);
  const wish = refundWish(t, paymentId, 1000);
  world.begin(plan as Parameters<World["begin"]>[0]);
  const press = () =>
    world
      .alive(() => refundPayment(t.deps(), wish))
      .catch((error) => {
        if (!(error instanceof WorkerDied) && (error as Error).name !== "Error") throw error;
        return null;
      });
  await press();
  const personCalls = world.calls.length;
  world.end();
  t.clock.now += 3 * MINUTE;
  await press();
  await timePasses(t, false);
  for (let days = 0; days < 3; days++) {
    t.clock.now += 8 * HOUR;
    await sweep(t);
  }
  return { t, world, personCalls, paymentId, wish };
}

const { world, personCalls } = await live(null);
const moments = world.calls.slice(0, personCalls).flatMap(({ to, name }, i) => {
  const blows = to === "database" ? DATABASE_BLOWS : [...FAULT_KINDS, "dies_before", "dies_after"];
  return blows.map((blow) => ({ call: i + 1, name, blow }));
});

describe("at every moment", () => {
  test.for(moments)("$name: $blow", async (plan) => {
    const { t, paymentId, wish } = await live(plan);
    expect(await refundRow(t, wish.refundId)).toMatchObject({ state: "settled" });
    expect(bankTotals(t).refunded).toBe(1000);
    expect(await moneyOf(t, paymentId)).toMatchObject({ refunded_cents: 1000, allocated_cents: 3265 });
    expect(await letters(t)).toEqual(["Your refund of $10.00"]);
  });
});

describe("the office", () => {
  test("refunds from the payment's page, and gives credit instead", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    const ruth = await t.as("ruth@cedarridge.example.com");
    const at = `/office/payments/${paymentId}`;
    const form = () => ruth.get(at).then((page) => page.html);
    const post = async (fields: Record<string, string>) =>
      ruth.post(`${at}/refunds`, officeForm(await form(), `${at}/refunds`, fields));
    expect((await post({ amount: "10.00", reason: "<b>twice</b> & more", to: "method" })).headers.get("Location")).toBe(
      `${at}?said=refund_made`,
    );
    const page = await ruth.get(`${at}?said=refund_made`);
    expect(page.html).toContain("&lt;b&gt;twice&lt;/b&gt;");
    expect(bankTotals(t).refunded).toBe(1000);
    // The box was ticked: a credit keeps the invoice paid.
    expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4265 });
    expect((await post({ amount: "99.00", reason: "x", to: "method" })).headers.get("Location")).toBe(
      `${at}?said=more_than_left`,
    );
    expect((await post({ amount: "5.00", reason: "sorry", to: "credit" })).headers.get("Location")).toBe(
      `${at}?said=credit_given`,
    );
    expect(bankTotals(t).refunded).toBe(1000);
    expect(await t.row("select amount_cents from credits where reason = 'sorry'")).toEqual({ amount_cents: 500 });
    expect(
      await t.row(
        "select count(*) n from events where action = 'refund.started' and by = (select id from users where email = 'ruth@cedarridge.example.com')",
      ),
    ).toEqual({ n: 1 });
  });

  test("gives no credit for a payment that has brought nothing yet, whatever form is sent, nor does the database", async () => {
    const t = await portal();
    const { id, account_id: accountId } = await t.row<{ id: string; account_id: string }>(
      "select id, account_id from payments where state = 'processing'",
    );
    const ruth = await t.as("ruth@cedarridge.example.com");
    const refundId = newId("ref", t.clock.now);
    const sent = { refund_id: refundId, amount: "1.00", reason: "sorry", to: "credit" };
    const answer = await ruth.post(`/office/payments/${id}/refunds`, sent);
    expect(answer.headers.get("Location")).toBe(`/office/payments/${id}?said=not_settled`);
    expect((await ruth.get(answer.headers.get("Location")!)).html).toContain("Nothing was done");
    const credit = { creditId: "crd_x", accountId, cents: cents(100), reason: "sorry", by: "usr_x", paymentId: id };
    expect(await giveCredit(t.deps(), credit)).toBe("refused");
    expect(await t.rows("select 1 from credits where payment_id is not null")).toEqual([]);
  });

  test("gives back no more of a payment than it brought, in money and credit together", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    const ruth = await t.as("ruth@cedarridge.example.com");
    const at = `/office/payments/${paymentId}`;
    const form = async (amount: string, to: string) => {
      const { html } = await ruth.get(at);
      return officeForm(html, `${at}/refunds`, { amount, to, reason: "sorry" });
    };
    const saidTo = async (fields: URLSearchParams) =>
      (await ruth.post(`${at}/refunds`, fields)).headers.get("Location")?.replace(`${at}?said=`, "");
    expect(await saidTo(await form("30.00", "credit"))).toBe("credit_given");
    expect(await saidTo(await form("12.66", "credit"))).toBe("more_than_left");
    expect(await saidTo(await form("12.66", "method"))).toBe("more_than_left");
    expect(bankTotals(t).refunded).toBe(0);
    expect((await ruth.get(at)).html).toContain("At most 12.65");
    expect(await saidTo(await form("12.65", "method"))).toBe("refund_made");
    const { html } = await ruth.get(at);
    expect(html).not.toContain("As account credit instead");
    expect(html).toContain("Given as credit instead");
    expect(await t.rows("select amount_cents from credits where payment_id = ?", paymentId)).toEqual([
      { amount_cents: 3000 },
    ]);
  });

  test("nor when two people give it back at the same moment", async () => {
    const t = await portal();
    const paymentId = await priyaPays(t);
    const { account_id: accountId } = await t.row<{ account_id: string }>(
      "select * from payments where id = ?",
      paymentId,
    );
    const give = () =>
      giveCredit(t.deps(), {
        creditId: newId("crd", t.clock.now),
        accountId,
        cents: cents(3000),
        reason: "sorry",
        by: "usr_test",
        paymentId,
      });
    // Whoever is second has seen the payment as it was before.
    expect(await Promise.all([give(), give()])).toEqual(["done", "refused"]);
    expect(await giveBack(t, paymentId, 1266)).toEqual({ result: "refused", refusal: "more_than_left" });
    expect(await giveBack(t, paymentId, 1265)).toEqual({ result: "made" });
  });

  test("cannot refund a bank debit in part, and is shown the other way", async () => {
    const t = await portal();
    const paymentId = await northgatePays(t);
    const ruth = await t.as("ruth@cedarridge.example.com");
    const at = `/office/payments/${paymentId}`;
    const page = await ruth.get(at);
    expect(page.html).toContain("As account credit instead");
    const answer = await ruth.post(
      `${at}/refunds`,
      officeForm(page.html, `${at}/refunds`, { amount: "1.00", reason: "x", to: "method" }),
    );
    expect((await ruth.get(answer.headers.get("Location")!)).html).toContain(
      "A bank debit can only be refunded whole.",
    );
    expect(cents(bankTotals(t).refunded)).toBe(0);
  });
});
