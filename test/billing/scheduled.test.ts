import { describe, expect, test } from "vitest";
import { makeScheduled } from "../../src/billing/make-scheduled.ts";
import { DAY, HOUR } from "../../src/calendar.ts";
import { jobsOf } from "../../src/jobs.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";
import { expectBankAndBooksAgree, runJobsOnce, timePasses } from "./aftermath.ts";
import { fillIn, follow, methodBecomes, openInvoicesOf, paymentsOf, readyToPay } from "./customer.ts";

const ACCOUNT = "CR-10052";

type Row = { id: string; state: string; pay_on: string; payment_id: string | null; agreement_id: string };
const scheduledRows = (t: TestPortal) => t.rows<Row>("select * from scheduled_payments order by id");

/** Fills in the form for a later day and looks at what would be agreed to. */
async function words(browser: TestBrowser, payOn: string, total = "10.00") {
  const form = await readyToPay(browser, { total });
  form.set("pay_on", payOn);
  const answer = await browser.post("/payments", form);
  expect(answer.status).toBe(303);
  expect(answer.headers.get("Location")).toContain("/scheduled-payments/new");
  const page = await browser.get(answer.headers.get("Location")!);
  expect(page.status).toBe(200);
  return { page, form: formOn(page.html, "/scheduled-payments") };
}

/** Priya puts ten dollars off to a later day. */
async function putOff(t: TestPortal, payOn = "2026-12-10", total = "10.00") {
  const priya = await t.as("priya@example.com");
  const { form } = await words(priya, payOn, total);
  const answer = await priya.post("/scheduled-payments", form);
  expect(answer.headers.get("Location")).toBe("/payments?said=scheduled");
  return { priya, form, id: form.get("scheduled_id")! };
}

/** Noon of a day, and what the hour brings. */
async function at(t: TestPortal, day: string): Promise<void> {
  t.clock.now = Date.parse(`${day}T17:07:00Z`) / 1000;
  t.jobs.push(...jobsOf("7 * * * *", ["cedar-ridge"]));
  await runJobsOnce(t);
}

/** What has been taken from Priya in all, in cents. */
const takenFrom = async (t: TestPortal): Promise<number> =>
  (await paymentsOf(t, ACCOUNT)).reduce((total, one) => total + (one.state === "settled" ? one.amount_cents : 0), 0);

const paymentsMade = (t: TestPortal) => paymentsOf(t, ACCOUNT).then((rows) => rows.length);

describe("a payment on a later day", () => {
  test("is agreed to word for word, made on its day with nobody there, once, and acknowledged", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const had = await paymentsMade(t);
    const { page, form } = await words(priya, "12/10/2026");
    const terms = /<p>(I allow [^<]*)<\/p>/.exec(page.html)![1]!.replaceAll("&amp;", "&");
    expect(terms).toContain("$10.00 once, on or just after Dec 10, 2026");
    await priya.post("/scheduled-payments", form);
    const agreed = await t.row<{ text: string; kind: string; user_agent: string }>(
      "select * from agreements where kind = 'scheduled'",
    );
    expect(agreed.text).toBe(terms);
    expect((await priya.get("/")).html).toContain("Payments to come");
    expect((await priya.get("/payments")).html).toContain("Cancel it");
    await at(t, "2026-12-09");
    expect(await paymentsMade(t)).toBe(had);
    await at(t, "2026-12-10");
    await at(t, "2026-12-10");
    const [row] = await scheduledRows(t);
    expect(row).toMatchObject({ state: "started" });
    const made = (await paymentsOf(t, ACCOUNT)).filter((one) => one.id === row!.payment_id);
    expect(made).toMatchObject([{ state: "settled", amount_cents: 1000 }]);
    expect(await paymentsMade(t)).toBe(had + 1);
    expect((await priya.get("/payments")).html).not.toContain("Payments to come");
    await timePasses(t);
    const letters = t.outbox.filter((mail) => mail.text.includes(row!.payment_id!));
    expect(letters.map((mail) => mail.to)).toEqual(["priya@example.com"]);
    await expectBankAndBooksAgree(t);
  });

  test("sends a copy of what was agreed to, word for word, once, with the invoices and the way to cancel", async () => {
    for (const language of ["en", "es"] as const) {
      const t = await portal();
      await t.rows("update messages set state = 'sent'");
      await t.rows(`update users set language = '${language}' where email = 'priya@example.com'`);
      const { id, form, priya } = await putOff(t);
      await priya.post("/scheduled-payments", form);
      await t.runJobs();
      await timePasses(t);
      const { text } = await t.row<{ text: string }>("select text from agreements where kind = 'scheduled'");
      const copies = t.outbox.filter((mail) => mail.text.includes(text));
      expect(copies.map((mail) => mail.to)).toEqual(["priya@example.com"]);
      const [copy] = copies;
      expect(copy!.subject).toContain(language === "en" ? "$10.00 on Dec 10, 2026" : "$10.00 el 10 dic 2026");
      for (const { number } of await t.rows<{ number: string }>(
        "select number from scheduled_items join invoices on id = invoice_id where scheduled_payment_id = ?",
        id,
      ))
        expect(copy!.text).toContain(`${number}: $`);
      expect(copy!.text).toContain("https://cedar-ridge.test/payments\n");
      expect(copy!.html).toContain(text.replaceAll("&", "&amp;"));
    }
  });

  test("pressed twice, or twice at once, is put off once", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { form } = await words(priya, "2026-12-10");
    const answers = await Promise.all([
      priya.post("/scheduled-payments", form),
      priya.post("/scheduled-payments", form),
    ]);
    answers.push(await priya.post("/scheduled-payments", form));
    for (const answer of answers) expect(answer.headers.get("Location")).toBe("/payments?said=scheduled");
    expect(await scheduledRows(t)).toHaveLength(1);
    expect(await t.rows("select 1 from agreements where kind = 'scheduled'")).toHaveLength(1);
  });

  test("takes the lesser of what was chosen and what is still open", async () => {
    const t = await portal();
    const [invoice] = await openInvoicesOf(t, ACCOUNT);
    const owed = invoice!.total_cents - invoice!.allocated_cents - invoice!.held_cents;
    const { priya } = await putOff(t, "2026-12-10", (owed / 100).toFixed(2));
    const form = await readyToPay(priya, { invoices: { [invoice!.number]: ((owed - 500) / 100).toFixed(2) } });
    expect((await priya.post("/payments", form)).status).toBe(303);
    await at(t, "2026-12-10");
    const [row] = await scheduledRows(t);
    expect(await t.row("select amount_cents, state from payments where id = ?", row!.payment_id!)).toEqual({
      amount_cents: 500,
      state: "settled",
    });
    await timePasses(t);
    await expectBankAndBooksAgree(t);
  });

  test("takes nothing where nothing is left, and says so by letter", async () => {
    const t = await portal();
    const { priya } = await putOff(t);
    const form = fillIn((await priya.get("/invoices")).html, { everything: true });
    expect((await priya.post("/payments", form)).status).toBe(303);
    const captured = await takenFrom(t);
    await at(t, "2026-12-10");
    await at(t, "2026-12-11");
    expect(await scheduledRows(t)).toMatchObject([{ state: "canceled", payment_id: null }]);
    expect(await takenFrom(t)).toBe(captured);
    expect(t.outbox.filter((mail) => mail.subject === "Nothing was taken: your invoices are paid")).toHaveLength(1);
  });

  test("that is declined lets go of the invoices and brings a letter, once", async () => {
    const t = await portal();
    await putOff(t);
    await methodBecomes(t, ACCOUNT, "pm_card_chargeDeclinedInsufficientFunds");
    await at(t, "2026-12-10");
    await timePasses(t);
    const [row] = await scheduledRows(t);
    expect(await t.row("select state from payments where id = ?", row!.payment_id!)).toEqual({ state: "failed" });
    expect(
      await t.rows(
        "select number from invoices where held_cents > 0 and account_id = (select id from accounts where number = ?)",
        ACCOUNT,
      ),
    ).toEqual([]);
    const owed = "select m.kind, m.state, m.address from messages m where m.subject_id = ?";
    expect(await t.rows(owed, row!.payment_id!)).toEqual([
      { kind: "payment_failed", state: "sent", address: "priya@example.com" },
    ]);
  });

  test("is not made with a card that is gone, by somebody who may no longer pay, or a week late; a letter says so", async () => {
    for (const change of [
      "update payment_methods set removed_at = 1, is_default = 0 where account_id = (select id from accounts where number = 'CR-10052')",
      "update payment_methods set blocked = 'lost_card' where account_id = (select id from accounts where number = 'CR-10052')",
      "update accounts set card_payments = 0 where number = 'CR-10052'",
      "update memberships set role = 'viewer' where account_id = (select id from accounts where number = 'CR-10052')",
      "late",
    ]) {
      const t = await portal();
      await putOff(t);
      if (change !== "late") await t.rows(change);
      const captured = await takenFrom(t);
      await at(t, change === "late" ? "2026-12-17" : "2026-12-10");
      expect(await scheduledRows(t), change).toMatchObject([{ state: "failed", payment_id: null }]);
      expect(await takenFrom(t), change).toBe(captured);
      expect(
        t.outbox.filter((mail) => mail.subject === "Your payment was not made"),
        change,
      ).toHaveLength(1);
      await t.rows("update accounts set card_payments = 1 where number = 'CR-10052'");
    }
  });

  test("can be canceled until the day before, by its own account only", async () => {
    const t = await portal();
    const { priya, id } = await putOff(t);
    const dana = await t.as("dana@example.com");
    expect((await dana.post(`/scheduled-payments/${id}/cancellation`, {})).headers.get("Location")).toContain(
      "too_late",
    );
    expect(await scheduledRows(t)).toMatchObject([{ state: "waiting" }]);
    t.clock.now = Date.parse("2026-12-10T12:00:00Z") / 1000;
    expect((await priya.get("/payments")).html).not.toContain("Cancel it");
    expect((await priya.post(`/scheduled-payments/${id}/cancellation`, {})).headers.get("Location")).toContain(
      "too_late",
    );
    t.clock.now -= DAY;
    expect((await priya.post(`/scheduled-payments/${id}/cancellation`, {})).headers.get("Location")).toContain(
      "canceled",
    );
    await at(t, "2026-12-10");
    expect(await scheduledRows(t)).toMatchObject([{ state: "canceled" }]);
  });

  test("is refused for a day that cannot be, with a new card, and for what has changed since", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    for (const day of ["2026-12-01", "2026-11-30", "2027-03-01", "soon", "' or 1=1"]) {
      const form = await readyToPay(priya, { total: "10.00" });
      form.set("pay_on", day);
      const answer = await priya.post("/payments", form);
      expect(answer.status, day).toBe(422);
      expect(answer.html, day).toContain("Choose a day from");
    }
    const form = await readyToPay(priya, { total: "10.00", method: "new_card" });
    form.set("pay_on", "2026-12-10");
    expect((await priya.post("/payments", form)).html).toContain("needs a saved card");
    const agreed = await words(priya, "2026-12-10");
    const dearer = new URLSearchParams(agreed.form);
    dearer.set("shown_total", "11.00");
    expect((await priya.post("/scheduled-payments", dearer)).headers.get("Location")).toBe(
      "/invoices?said=invoice_changed",
    );
    const others = await t.row<{ id: string }>(
      "select id from payment_methods where account_id <> (select id from accounts where number = ?) limit 1",
      ACCOUNT,
    );
    const foreign = new URLSearchParams(agreed.form);
    foreign.set("method", others.id);
    expect((await priya.post("/scheduled-payments", foreign)).headers.get("Location")).toBe(
      "/invoices?said=method_gone",
    );
    expect((await follow(priya, "/invoices?said=method_gone")).status).toBe(200);
    expect(await scheduledRows(t)).toEqual([]);
  });

  test("is made once whatever breaks: vendor away, database struck at every call, two queues at once", async () => {
    for (const moment of ["before", "after"] as const) {
      for (let call = 0; call < 6; call++) {
        const t = await portal();
        const { id } = await putOff(t);
        t.clock.now = Date.parse("2026-12-10T17:07:00Z") / 1000;
        const had = await takenFrom(t);
        let n = 0;
        t.trouble.database = () => (n++ >= call && n <= call + 2 ? moment : null);
        await makeScheduled(t.deps(), id).catch(() => undefined);
        t.trouble.database = null;
        for (let hour = 0; hour < 3; hour++) {
          t.clock.now += HOUR;
          t.jobs.push(...jobsOf("7 * * * *", ["cedar-ridge"]));
          await timePasses(t);
        }
        const [row] = await scheduledRows(t);
        const taken = (await takenFrom(t)) - had;
        const state =
          row!.payment_id &&
          (await t.row<{ state: string }>("select state from payments where id = ?", row!.payment_id)).state;
        expect([row!.state, state, taken], `${moment} ${call}`).toEqual(
          state === "failed" ? ["started", "failed", 0] : ["started", "settled", 1000],
        );
        await expectBankAndBooksAgree(t);
      }
    }
    const t = await portal();
    const { id } = await putOff(t);
    t.clock.now = Date.parse("2026-12-10T17:07:00Z") / 1000;
    const had = await takenFrom(t);
    t.bank.faults.add({ match: "POST /v1/payment_intents", kind: "down", times: 1 });
    await makeScheduled(t.deps(), id).catch(() => undefined);
    t.bank.faults.clear();
    await Promise.all(
      [makeScheduled(t.deps(), id), makeScheduled(t.deps(), id)].map((one) => one.catch(() => undefined)),
    );
    await timePasses(t);
    expect((await takenFrom(t)) - had).toBe(1000);
  }, 120_000);
});
