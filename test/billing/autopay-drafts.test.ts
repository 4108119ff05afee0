import { describe, expect, test } from "vitest";
import { returnPayment } from "../../src/billing/return-payment.ts";
import { cents } from "../../src/money.ts";
import { readPdf } from "../documents/read-pdf.ts";
import { formOn, portal, type TestPortal } from "../setup.ts";
import { methodBecomes, openInvoicesOf, pay } from "./customer.ts";
import { beat, day, days, doJob, draftsOf, invoice, subjectsTo, tenOn, triesOf, work } from "./drafting.ts";

const DANA = "CR-10021";
const MAYA = "CR-10034";
const TO_DANA = "dana@example.com";

/** Only Dana's autopay, so that nothing else stirs; her open invoice is of December, 47.98. */
async function danaAlone(options: { now?: number } = {}): Promise<TestPortal> {
  const t = await portal(options);
  await t.rows(
    "update autopay set stopped_at = 1 where account_id <> (select id from accounts where number = ?)",
    DANA,
  );
  // What the cast was owed before is no business of these tests.
  await t.rows("update messages set state = 'sent'");
  return t;
}

/** The Ferreiras without the payment that they come with; their open invoice is free again. */
async function mayaFree(): Promise<TestPortal> {
  const t = await portal();
  await t.rows(
    "update autopay set stopped_at = 1 where account_id <> (select id from accounts where number = ?)",
    MAYA,
  );
  await t.rows("update messages set state = 'sent'");
  await t.rows("update payments set state = 'failed', check_at = null where state = 'processing'");
  await t.rows("update invoices set held_cents = 0");
  return t;
}

describe("a month's draft", () => {
  test("is announced with eleven days to go at the least, made on its day, once, with a receipt", async () => {
    const t = await danaAlone();
    await days(t, "2026-12-20", "2026-12-22");
    expect(await draftsOf(t, DANA)).toEqual([]);
    await day(t, "2026-12-23");
    const [draft] = await draftsOf(t, DANA);
    expect(draft).toMatchObject({
      draft_on: "2027-01-05",
      state: "announced",
      max_cents: 4798,
      next_try_on: "2027-01-05",
    });
    expect(draft!.notice_sent_at).toBe(t.clock.now);
    expect(subjectsTo(t, TO_DANA)).toEqual(["Autopay on Jan 5, 2027: up to $47.98"]);
    const notice = t.outbox.find((mail) => mail.to === TO_DANA);
    expect(notice!.text).toContain("On Jan 5, 2027 we will draft up to $47.98 from Visa ending 4242");
    expect(notice!.text).toContain("What you change until Dec 30, 2026 counts for this draft.");
    expect(notice!.text).toContain("https://cedar-ridge.test/autopay");

    await days(t, "2026-12-24", "2027-01-04");
    expect(await triesOf(t, draft!.id)).toEqual([]);
    await day(t, "2027-01-05");
    expect(await triesOf(t, draft!.id)).toMatchObject([
      { amount_cents: 4798, state: "settled", paid_on: "2027-01-05" },
    ]);
    expect((await draftsOf(t, DANA))[0]).toMatchObject({ state: "settled", next_try_on: null, tries: 1 });
    expect(subjectsTo(t, TO_DANA)).toEqual(["Autopay on Jan 5, 2027: up to $47.98", "Receipt: $47.98 received"]);
    await days(t, "2027-01-06", "2027-01-25");
    expect(await draftsOf(t, DANA)).toHaveLength(1);
    expect(subjectsTo(t, TO_DANA)).toHaveLength(2);
  });

  test("with nothing due is nothing: no draft, no letter", async () => {
    const t = await danaAlone();
    await t.rows(
      "update invoices set status = 'unsent' where allocated_cents = 0 and account_id = (select id from accounts where number = ?)",
      DANA,
    );
    await days(t, "2026-12-20", "2027-01-08");
    expect(await draftsOf(t, DANA)).toEqual([]);
    expect(subjectsTo(t, TO_DANA)).toEqual([]);
  });

  test("freezes what was announced: later invoices wait, payments lower it, and the receipt says so", async () => {
    const t = await danaAlone();
    await invoice(t, DANA, { number: "INV-A", cents: 2000, on: "2026-12-10" });
    await day(t, "2026-12-23");
    expect((await draftsOf(t, DANA))[0]).toMatchObject({ max_cents: 6798 });
    await invoice(t, DANA, { number: "INV-B", cents: 9900, on: "2026-12-24" });
    await t.rows("update invoices set total_cents = 1500 where number = 'INV-A'");
    await days(t, "2026-12-26", "2027-01-05");
    const [draft] = await draftsOf(t, DANA);
    expect(await triesOf(t, draft!.id)).toMatchObject([{ amount_cents: 6298, state: "settled" }]);
    const receipt = t.outbox.find((mail) => mail.subject.startsWith("Receipt"))!;
    const said =
      "The notice said up to $67.98. We drafted $62.98, because something was paid, credited or changed by then";
    expect(receipt.text).toContain(said);
    const dana = await t.as("dana@example.com");
    const page = await dana.get(/\/receipts\/\w+/.exec(receipt.text)![0]);
    expect(page.html).toContain(said);
    expect(await t.row("select allocated_cents from invoices where number = 'INV-B'")).toEqual({ allocated_cents: 0 });
    await day(t, "2027-01-23");
    expect((await draftsOf(t, DANA))[1]).toMatchObject({ draft_on: "2027-02-05", max_cents: 9900 });
  });

  test("that was paid by hand meanwhile draws nothing and says nothing", async () => {
    const t = await danaAlone();
    await day(t, "2026-12-23");
    await t.rows(
      "update invoices set status = 'unsent' where allocated_cents < total_cents and account_id = (select id from accounts where number = ?)",
      DANA,
    );
    await days(t, "2027-01-04", "2027-01-06");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "empty", next_try_on: null }]);
    expect(subjectsTo(t, TO_DANA)).toHaveLength(1);
  });

  test("uses credit first", async () => {
    const t = await danaAlone();
    const credit =
      "insert into credits (id, account_id, number, reason, issued_on, amount_cents) select 'crd_x', id, 'CM-X', 'Courtesy', '2026-12-01', 1000 from accounts where number = ?";
    await t.rows(credit, DANA);
    await day(t, "2026-12-23");
    expect((await draftsOf(t, DANA))[0]).toMatchObject({ max_cents: 3798 });
    await t.rows(credit.replaceAll("_x", "_y").replace("CM-X", "CM-Y"), DANA);
    await day(t, "2027-01-05");
    const [draft] = await draftsOf(t, DANA);
    expect(await triesOf(t, draft!.id)).toMatchObject([{ amount_cents: 2798, state: "settled" }]);
    const receipt = t.outbox.find((mail) => mail.subject.startsWith("Receipt"))!;
    expect(receipt.text).toContain(
      "The notice said up to $37.98. We drafted $27.98, because your credit had covered the rest by then.",
    );
  });

  test("says in mail, page and PDF that it is less because the rest had been paid, in the reader's language", async () => {
    const t = await danaAlone();
    const dana = await t.as(TO_DANA);
    await day(t, "2026-12-23");
    t.outbox.splice(0);
    const [open] = await openInvoicesOf(t, DANA);
    await pay(dana, { invoices: { [open!.number]: "10.00" } });
    await work(t);
    const byHand = t.outbox.find((mail) => mail.subject.startsWith("Receipt: $10.00"))!;
    expect(byHand.text).not.toContain("The notice said");
    await day(t, "2027-01-05");
    const receipt = t.outbox.find((mail) => mail.subject.startsWith("Receipt: $37.98"))!;
    const said = "The notice said up to $47.98. We drafted $37.98, because the rest had been paid by then.";
    expect(receipt.text).toContain(said);
    const path = /\/receipts\/\w+/.exec(receipt.text)![0];
    const again = await t.as(TO_DANA);
    expect((await again.get(path)).html).toContain(said);
    const pdf = async () => new Uint8Array(await (await again.get(`${path}.pdf`)).arrayBuffer());
    expect((await readPdf(await pdf())).text).toContain(said);
    await t.rows("update users set language = 'es' where email = ?", TO_DANA);
    expect((await readPdf(await pdf())).text).toContain(
      "El aviso decía hasta $47.98. Cobramos $37.98, porque el resto ya estaba pagado.",
    );
  });

  test("by a bank account is on its way for days, and drawn once", async () => {
    const t = await mayaFree();
    await days(t, "2026-12-30", "2027-01-16");
    const [draft] = await draftsOf(t, MAYA);
    expect(draft).toMatchObject({ draft_on: "2027-01-15", state: "charging" });
    expect(await triesOf(t, draft!.id)).toMatchObject([{ state: "processing" }]);
    await days(t, "2027-01-17", "2027-01-25");
    expect(await draftsOf(t, MAYA)).toMatchObject([{ state: "settled" }]);
    expect(subjectsTo(t, "maya@example.com")[0]).toMatch(/^Pago automático el 15 ene 2027: hasta/);
  });
});

describe("the notice", () => {
  test("that never went out: nothing is drawn, the customer and the office are told", async () => {
    const t = await danaAlone();
    t.mail.answer = () => ({ result: "never", reason: "no such address" });
    await days(t, "2026-12-23", "2027-01-04");
    t.mail.answer = (m) => ({ result: "sent", vendorId: m.id });
    await day(t, "2027-01-05");
    const [draft] = await draftsOf(t, DANA);
    expect(draft).toMatchObject({ state: "canceled", failure_code: "no_notice", notice_sent_at: null });
    expect(await triesOf(t, draft!.id)).toEqual([]);
    expect(subjectsTo(t, TO_DANA)).toEqual(["No autopay draft on Jan 5, 2027"]);
    expect(await t.rows("select kind from worklist where kind = 'draft_failed' and closed_at is null")).toHaveLength(1);
  });

  test("that went out nine days before is none", async () => {
    const t = await danaAlone();
    await day(t, "2026-12-23");
    await t.rows("update drafts set notice_sent_at = ?", tenOn("2026-12-26"));
    await day(t, "2027-01-05");
    expect((await draftsOf(t, DANA))[0]).toMatchObject({ state: "canceled", failure_code: "no_notice" });
  });

  test("of the very amount of the last draft is not what the law asks for", async () => {
    const t = await danaAlone();
    await days(t, "2026-12-23", "2027-01-05");
    await invoice(t, DANA, { number: "INV-C", cents: 4798, on: "2027-01-10" });
    await day(t, "2027-01-23");
    await t.rows("update drafts set notice_sent_at = null where draft_on = '2027-02-05'");
    await day(t, "2027-02-05");
    expect((await draftsOf(t, DANA))[1]).toMatchObject({ state: "settled" });
  });

  test("late by a missed cron puts the draft off by as many days, not the customer", async () => {
    const t = await danaAlone();
    await day(t, "2026-12-28");
    const [draft] = await draftsOf(t, DANA);
    expect(draft).toMatchObject({ draft_on: "2027-01-08", state: "announced" });
    await days(t, "2027-01-05", "2027-01-08");
    expect(await triesOf(t, draft!.id)).toMatchObject([{ state: "settled", paid_on: "2027-01-08" }]);
  });

  test("later than five days is for the next month", async () => {
    const t = await danaAlone();
    await days(t, "2026-12-31", "2027-01-10");
    expect(await draftsOf(t, DANA)).toEqual([]);
  });
});

describe("above the customer's ceiling", () => {
  const ceiling = (t: TestPortal, cents: number) =>
    t.rows("update autopay set ask_above_cents = ? where stopped_at is null", cents);

  test("nothing is drafted without a yes", async () => {
    const t = await danaAlone();
    await ceiling(t, 4797);
    await days(t, "2026-12-23", "2027-01-05");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "asking", next_try_on: null, tries: 0 }]);
    expect(subjectsTo(t, TO_DANA)).toEqual(["May we draft $47.98 on Jan 5, 2027?"]);
    await days(t, "2027-01-06", "2027-01-10");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "canceled", tries: 0 }]);
  });

  test("at the ceiling to the cent nobody is asked", async () => {
    const t = await danaAlone();
    await ceiling(t, 4798);
    await day(t, "2026-12-23");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "announced" }]);
  });
});

describe("what may be drafted", () => {
  test.for([
    { monitoring: 1, others: 0, expected: 4798 },
    { monitoring: 0, others: 5000, expected: 3000 },
    { monitoring: 1, others: 3000, expected: 7798 },
    { monitoring: 1, others: 2999, expected: 4798 },
    { monitoring: 1, others: 9000, expected: 16798 },
  ])("monitoring $monitoring, others up to $others: $expected", async ({ monitoring, others, expected }) => {
    const t = await danaAlone();
    await t.rows(
      "update autopay set monitoring = ?, others_up_to_cents = ? where stopped_at is null",
      monitoring,
      others,
    );
    await invoice(t, DANA, { number: "INV-S", cents: 3000, on: "2026-12-02", kind: "service" });
    await invoice(t, DANA, { number: "INV-I", cents: 9000, on: "2026-12-02", kind: "install" });
    await day(t, "2026-12-23");
    expect(await draftsOf(t, DANA)).toMatchObject([{ max_cents: expected }]);
  });

  test("a narrower consent given later holds for what was announced", async () => {
    const t = await danaAlone();
    await t.rows("update autopay set others_up_to_cents = 5000 where stopped_at is null");
    await invoice(t, DANA, { number: "INV-S", cents: 3000, on: "2026-12-02", kind: "service" });
    await day(t, "2026-12-23");
    await t.rows("update autopay set others_up_to_cents = 0 where stopped_at is null");
    await day(t, "2027-01-05");
    const [draft] = await draftsOf(t, DANA);
    expect(await triesOf(t, draft!.id)).toMatchObject([{ amount_cents: 4798, state: "settled" }]);
  });

  test("an invoice that no card may pay waits for its customer", async () => {
    const t = await danaAlone();
    await t.rows("update invoices set card_payments = 0 where allocated_cents = 0");
    await day(t, "2026-12-23");
    expect(await draftsOf(t, DANA)).toEqual([]);
  });
});

describe("what was declined", () => {
  const declined = async (token: string, account = DANA) => {
    const t = await danaAlone();
    await day(t, "2026-12-23");
    await methodBecomes(t, account, token);
    return t;
  };

  test("of a card is tried on day 3, 7 and 14, then no more, and the office sees it", async () => {
    const t = await declined("pm_card_chargeCustomerFail");
    await days(t, "2027-01-05", "2027-01-20");
    const [draft] = await draftsOf(t, DANA);
    expect((await triesOf(t, draft!.id)).map((one) => one.paid_on)).toEqual([
      "2027-01-05",
      "2027-01-08",
      "2027-01-12",
      "2027-01-19",
    ]);
    expect(draft).toMatchObject({ state: "failed", next_try_on: null, failure_code: "generic_decline", tries: 4 });
    const letters = t.outbox.filter((mail) => mail.subject.includes("did not go through"));
    expect(letters).toHaveLength(4);
    expect(letters[0]!.text).toContain("We will try again on Jan 8, 2027.");
    expect(letters[3]!.text).toContain("stop now");
    expect(await t.row("select stopped_at, flag from autopay where draft_day = 5")).toEqual({
      stopped_at: null,
      flag: "generic_decline",
    });
    expect(await t.rows("select detail from worklist where kind = 'draft_failed'")).toEqual([
      { detail: "generic_decline" },
    ]);
  });

  test("of a card that nobody has seen to is brought up once more on day 15, as far as it is still open", async () => {
    for (const [aside, said] of [
      ["INV-A", ["Still to pay: $47.98"]],
      ["%", []],
    ] as const) {
      const t = await danaAlone();
      await invoice(t, DANA, { number: "INV-A", cents: 2000, on: "2026-12-10" });
      await day(t, "2026-12-23");
      await methodBecomes(t, DANA, "pm_card_chargeCustomerFail");
      for (const date of ["2027-01-05", "2027-01-08", "2027-01-12", "2027-01-19"]) await day(t, date);
      const broughtUp = () => subjectsTo(t, TO_DANA).filter((subject) => subject.startsWith("Still to pay"));
      expect(broughtUp()).toEqual([]);
      await t.rows(
        `update invoices set status = 'unsent' where allocated_cents = 0 and number like '${aside}' and account_id = (select id from accounts where number = ?)`,
        DANA,
      );
      for (const date of ["2027-01-20", "2027-01-21"]) await day(t, date);
      expect(broughtUp()).toEqual(said);
      expect(await t.rows("select 1 from messages where kind = 'draft_unpaid' and state = 'waiting'")).toEqual([]);
    }
  });

  test("once and then taken is settled, and nothing stays flagged", async () => {
    const t = await declined("pm_card_chargeCustomerFail");
    await day(t, "2027-01-05");
    await methodBecomes(t, DANA, "pm_card_visa");
    await days(t, "2027-01-06", "2027-01-08");
    const [draft] = await draftsOf(t, DANA);
    expect((await triesOf(t, draft!.id)).map((one) => one.state)).toEqual(["failed", "settled"]);
    expect(draft).toMatchObject({ state: "settled", failure_code: null });
  });

  test.for(["pm_card_chargeDeclinedLostCard", "pm_card_chargeDeclinedExpiredCard"])(
    "by %s is never tried again, and another method is asked for at once",
    async (token) => {
      const t = await declined(token);
      await days(t, "2027-01-05", "2027-01-20");
      const [draft] = await draftsOf(t, DANA);
      expect(await triesOf(t, draft!.id)).toHaveLength(1);
      expect(t.outbox.at(-1)!.text).toContain("Please choose another card or bank account");
      expect(await t.rows("select 1 from worklist where kind = 'draft_failed'")).toHaveLength(1);
    },
  );

  test("because the bank wants to see the customer is not tried without them", async () => {
    const t = await declined("pm_card_authenticationRequired");
    await days(t, "2027-01-05", "2027-01-20");
    const [draft] = await draftsOf(t, DANA);
    expect(await triesOf(t, draft!.id)).toMatchObject([{ state: "failed", failure_code: "authentication_required" }]);
    expect(t.outbox.at(-1)!.text).toContain("Confirm with your bank: https://cedar-ridge.test/autopay");
  });

  test("of a bank account without money is tried once more, five days later", async () => {
    const t = await mayaFree();
    await day(t, "2027-01-02");
    await methodBecomes(t, MAYA, "pm_usBankAccount_insufficientFunds");
    await days(t, "2027-01-15", "2027-02-10");
    const [draft] = await draftsOf(t, MAYA);
    const tries = await triesOf(t, draft!.id);
    expect(tries.map((one) => one.failure_code)).toEqual(["insufficient_funds", "insufficient_funds"]);
    expect(draft).toMatchObject({ state: "failed", next_try_on: null });
    expect(await t.row("select stopped_at from autopay where draft_day = 15")).toEqual({ stopped_at: null });
  });

  test("because debits are not authorized switches autopay off", async () => {
    const t = await mayaFree();
    await day(t, "2027-01-02");
    await methodBecomes(t, MAYA, "pm_usBankAccount_debitNotAuthorized");
    await days(t, "2027-01-15", "2027-01-25");
    expect(await t.row("select stopped_at is not null off, flag from autopay where draft_day = 15")).toEqual({
      off: 1,
      flag: "debit_not_authorized",
    });
    expect(subjectsTo(t, "maya@example.com")).toContain("El pago automático está desactivado");
  });
});

describe("a draft that its bank takes back", () => {
  test.for([
    ["R10", true],
    ["R02", true],
    ["debit_not_authorized", true],
    ["R01", false],
    ["insufficient_funds", false],
  ] as const)("for %s: autopay off is %s, with the drafts that were to come", async ([code, off]) => {
    const t = await danaAlone();
    await days(t, "2026-12-23", "2027-01-05");
    await invoice(t, DANA, { number: "INV-J", cents: 4798, on: "2027-01-10" });
    await day(t, "2027-01-23");
    const { id } = await t.row<{ id: string }>("select payment_id id from draft_payments");
    const back = { paymentId: id, returnId: "dp_x", cents: cents(4798), code, state: "lost" } as const;
    for (let i = 0; i < 2; i++) await returnPayment(t.deps(), back);
    await work(t);
    const now = await t.row("select stopped_at is not null off, flag from autopay where draft_day = 5");
    expect({ ...now }).toMatchObject(off ? { off: 1, flag: code } : { off: 0, flag: null });
    expect((await draftsOf(t, DANA))[1]!.state).toBe(off ? "canceled" : "announced");
    expect(subjectsTo(t, TO_DANA).filter((subject) => subject === "Autopay is off")).toHaveLength(off ? 1 : 0);
  });

  test("leaves autopay on where it was paid from another method than autopay's", async () => {
    const t = await danaAlone();
    await days(t, "2026-12-23", "2027-01-05");
    const { id } = await t.row<{ id: string }>("select payment_id id from draft_payments");
    await t.rows("update payments set payment_method_id = null where id = ?", id);
    await returnPayment(t.deps(), { paymentId: id, returnId: "dp_x", cents: cents(4798), code: "R10", state: "lost" });
    expect(await t.row("select stopped_at from autopay where draft_day = 5")).toEqual({ stopped_at: null });
  });
});

describe("the lists", () => {
  test("hand on who has something due, each as a job of their own, and page by page", async () => {
    const t = await danaAlone();
    t.clock.now = tenOn("2026-12-23");
    for (const [table, columns, values] of [
      ["accounts", "id, number, name, status, created_at", "'acc_many' || value, 'M-' || value, 'Many', 'active', 0"],
      [
        "payment_methods",
        "id, account_id, kind, brand, last_four, stripe_payment_method_id, saved_at",
        "'pm_many' || value, 'acc_many' || value, 'card', 'visa', '4242', 'pm_many' || value, 0",
      ],
      [
        "autopay",
        "account_id, payment_method_id, draft_day, started_at",
        "'acc_many' || value, 'pm_many' || value, 5, 0",
      ],
    ])
      await t.rows(
        `with recursive n(value) as (select 1 union all select value + 1 from n where value < 1100)
         insert into ${table} (${columns}) select ${values} from n`,
      );
    await invoice(t, "M-7", { number: "INV-M7", cents: 1000, on: "2026-12-01" });
    await invoice(t, "M-8", { number: "INV-M8", cents: 1000, on: "2026-12-01", kind: "service" });
    const page = { type: "announcements.page", dealer: "cedar-ridge", draftOn: "2027-01-05", after: "" } as const;
    let pages = 0;
    const handedOn: string[] = [];
    t.jobs.push(page);
    for (let job = t.jobs.shift(); job; job = t.jobs.shift()) {
      if (job.type === "draft.announce") handedOn.push(job.accountId);
      else {
        pages++;
        await doJob(t, job);
      }
    }
    expect(pages).toBe(3);
    const dana = await t.row<{ id: string }>("select id from accounts where number = ?", DANA);
    expect(handedOn.sort()).toEqual([dana.id, "acc_many7"].sort());
    await day(t, "2026-12-23");
    t.jobs.push(page);
    await doJob(t, t.jobs.shift()!);
    expect(t.jobs.filter((job) => job.type === "draft.announce")).toEqual([]);
  });

  test("begin nobody before their first day", async () => {
    const t = await danaAlone();
    await t.rows("update autopay set first_draft_on = '2027-02-05' where stopped_at is null");
    await days(t, "2026-12-23", "2027-01-06");
    expect(await draftsOf(t, DANA)).toEqual([]);
  });
});

describe("every zone, whatever the clocks do", () => {
  test.for(["America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/Puerto_Rico", "America/Adak"])(
    "%s: one draft a month, announced ten full days before, though the cron fires twice and misses hours",
    async (zone) => {
      // The clocks change on 2027-03-14 and 2027-11-07; 2028 has a leap day.
      for (const [draftDay, draftOn] of [
        [14, "2027-03-14"],
        [7, "2027-11-07"],
        [28, "2028-02-28"],
        [10, "2028-03-10"],
      ] as const) {
        const t = await danaAlone();
        t.config.dealers[0]!.time_zone = zone;
        await t.rows("update autopay set draft_day = ?", draftDay);
        const start = Date.parse(`${draftOn}T00:07:00Z`) / 1000;
        for (const [from, to] of [
          [-14, -10],
          [-1, 3],
        ] as const) {
          for (let now = start + from * 86_400; now < start + to * 86_400; now += 3600) {
            t.clock.now = now;
            const hour = ((now / 3600) % 24) | 0;
            if (hour % 3 === 0) continue;
            await beat(t, "7 * * * *");
            if (hour % 5 === 0) await beat(t, "7 * * * *");
          }
        }
        const drafts = await draftsOf(t, DANA);
        expect(drafts, draftOn).toMatchObject([{ draft_on: draftOn, state: "settled", tries: 1 }]);
        const [one] = await triesOf(t, drafts[0]!.id);
        expect(one, draftOn).toMatchObject({ paid_on: draftOn, state: "settled" });
        const midnight = await t.row<{ at: number }>(
          "select started_at at from payments where id in (select payment_id from draft_payments)",
        );
        expect(midnight.at - drafts[0]!.notice_sent_at!).toBeGreaterThan(10 * 86_400);
      }
    },
  );
});

describe("the machine that draws", () => {
  test("does it once though cron and queue bring everything twice, late and out of order", async () => {
    const t = await danaAlone();
    t.clock.now = tenOn("2026-12-23");
    for (let i = 0; i < 3; i++) await beat(t, "7 * * * *");
    const [draft] = await draftsOf(t, DANA);
    t.clock.now = tenOn("2027-01-05");
    const make = { type: "draft.make", dealer: "cedar-ridge", draftId: draft!.id } as const;
    await Promise.all([doJob(t, make), doJob(t, make)]);
    await doJob(t, make);
    await doJob(t, {
      type: "draft.announce",
      dealer: "cedar-ridge",
      accountId: draft!.account_id,
      draftOn: "2027-01-05",
    });
    t.clock.now = tenOn("2027-01-09");
    await doJob(t, make);
    await work(t);
    expect(await triesOf(t, draft!.id)).toMatchObject([{ state: "settled" }]);
    expect(t.outbox).toHaveLength(2);
  });

  test("draws nothing before the day, whatever brings the job early", async () => {
    const t = await danaAlone();
    await day(t, "2026-12-23");
    const [draft] = await draftsOf(t, DANA);
    t.clock.now = tenOn("2027-01-04");
    await doJob(t, { type: "draft.make", dealer: "cedar-ridge", draftId: draft!.id });
    expect(await triesOf(t, draft!.id)).toEqual([]);
  });

  test("makes up for missed days up to five, then asks a person", async () => {
    const t = await danaAlone();
    await day(t, "2026-12-23");
    await day(t, "2027-01-10");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "settled" }]);
    const u = await danaAlone();
    await day(u, "2026-12-23");
    await day(u, "2027-01-11");
    expect(await draftsOf(u, DANA)).toMatchObject([{ state: "canceled", failure_code: "missed" }]);
    expect(subjectsTo(u, TO_DANA).at(-1)).toBe("No autopay draft on Jan 5, 2027");
  });

  test("sleeps until it is morning at the dealer's", async () => {
    const t = await danaAlone();
    for (const [time, jobs] of [
      ["13:07", 0],
      ["14:07", 1],
    ] as const) {
      t.clock.now = Date.parse(`2026-12-23T${time}:00Z`) / 1000;
      await beat(t, "7 * * * *");
      expect(await draftsOf(t, DANA)).toHaveLength(jobs);
    }
  });

  test("tries the same payment again when the vendor was away", async () => {
    const t = await danaAlone();
    await day(t, "2026-12-23");
    t.clock.now = tenOn("2027-01-05");
    t.bank.faults.add({ match: "POST /v1/payment_intents", kind: "down", times: null });
    await beat(t, "7 * * * *");
    t.bank.faults.clear();
    t.clock.now += 3600;
    await beat(t, "7 * * * *");
    await beat(t, "*/5 * * * *");
    const [draft] = await draftsOf(t, DANA);
    expect(await triesOf(t, draft!.id)).toMatchObject([{ state: "settled" }]);
  });
});

describe("what autopay draws on", () => {
  const announced = async () => {
    const t = await danaAlone();
    await day(t, "2026-12-23");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "announced" }]);
    t.outbox.splice(0);
    return t;
  };
  const cards = async (t: TestPortal, way: "on" | "off") => {
    const ruth = await t.as("ruth@cedarridge.example.com");
    expect((await ruth.post(`/office/accounts/${DANA}/card-payments`, { cards: way })).status).toBe(303);
    await work(t);
  };
  const stopped = async (t: TestPortal, words: string, worked: string) => {
    expect(subjectsTo(t, TO_DANA)).toEqual(["Autopay is off"]);
    expect(t.outbox[0]!.text).toContain(words);
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "canceled", next_try_on: null }]);
    expect(
      await t.rows("select kind, detail from worklist where closed_at is null and kind = 'method_expiring'"),
    ).toEqual([{ kind: "method_expiring", detail: `autopay drew on it and is off now: ${worked}` }]);
    const dana = await t.as(TO_DANA);
    expect((await dana.get("/autopay")).html).toContain(words);
    await days(t, "2027-01-04", "2027-01-06");
    expect(subjectsTo(t, TO_DANA)).toHaveLength(1);
    expect(await triesOf(t, (await draftsOf(t, DANA))[0]!.id)).toEqual([]);
  };

  test("is a card when the office switches cards off: autopay goes off, its customer and the office know", async () => {
    const t = await announced();
    await cards(t, "off");
    await cards(t, "off");
    await stopped(t, "It drew on Visa ending 4242, and this account no longer pays by card.", "cards off");
    await cards(t, "on");
    expect(
      await t.row(
        "select stopped_at is null working from autopay where account_id = (select id from accounts where number = ?)",
        DANA,
      ),
    ).toEqual({ working: 0 });
  });

  test("was taken off at the vendor: the same", async () => {
    const t = await announced();
    const { token } = await t.row<{ token: string }>(
      "select stripe_payment_method_id token from payment_methods m join accounts a on a.id = m.account_id where number = ?",
      DANA,
    );
    await t.deps().ports.payments.detachMethod(token);
    await t.webhooks();
    await stopped(t, "It drew on Visa ending 4242, which can no longer be charged.", "detached");
  });

  test("a bank account stays, whatever is switched off for cards", async () => {
    const t = await mayaFree();
    const ruth = await t.as("ruth@cedarridge.example.com");
    await ruth.post(`/office/accounts/${MAYA}/card-payments`, { cards: "off" });
    await work(t);
    expect(subjectsTo(t, "maya@example.com")).toEqual([]);
    await day(t, "2027-01-02");
    expect(await draftsOf(t, MAYA)).toMatchObject([{ state: "announced" }]);
  });

  test("is a card, and the office has every announced invoice paid from a bank account only: it is said", async () => {
    const t = await announced();
    await t.rows(
      "update invoices set card_payments = 0 where account_id = (select id from accounts where number = ?)",
      DANA,
    );
    await day(t, "2027-01-05");
    expect(subjectsTo(t, TO_DANA)).toEqual(["No autopay draft on Jan 5, 2027"]);
    expect(t.outbox.at(-1)!.text).toContain("They are paid from a bank account only now");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "canceled", failure_code: "bank_only" }]);
    expect(await t.rows("select detail from worklist where kind = 'draft_failed'")).toEqual([
      { detail: "its invoices are paid from a bank account only, and autopay draws on a card" },
    ]);
  });

  test("is not offered for another try, nor tried, once it cannot be charged", async () => {
    const t = await announced();
    await methodBecomes(t, DANA, "pm_card_chargeDeclinedLostCard");
    await day(t, "2027-01-05");
    const dana = await t.as(TO_DANA);
    const path = "/autopay/drafts/2027-01/payment";
    const before = await dana.get("/autopay");
    const form = formOn(before.html, path);
    expect(before.html).toContain("Try this draft again now");
    await cards(t, "off");
    const page = await dana.get("/autopay");
    expect(page.html).toContain("did not go through");
    expect(page.html).not.toContain("Try this draft again now");
    expect((await dana.post(path, form)).headers.get("Location")).toBe("/autopay?said=method_gone");
    expect(await triesOf(t, (await draftsOf(t, DANA))[0]!.id)).toHaveLength(1);
    expect(t.outbox.at(-1)!.text).toContain("turn autopay on again with a bank account.");
  });

  test("found unusable only when a draft is due: nothing is announced, and autopay ends with a letter, not in silence", async () => {
    for (const trouble of [
      "update accounts set card_payments = 0 where number = 'CR-10021'",
      "update payment_methods set blocked = 'x' where account_id = (select id from accounts where number = 'CR-10021')",
    ]) {
      const t = await danaAlone();
      await t.rows(trouble);
      await days(t, "2026-12-23", "2026-12-24");
      expect(subjectsTo(t, TO_DANA), trouble).toEqual(["Autopay is off"]);
      expect(await draftsOf(t, DANA)).toEqual([]);
      expect(await t.rows("select 1 from worklist where kind = 'method_expiring'")).toHaveLength(1);
    }
  });

  test("found unusable on the day of an announced draft: it is not made, and said", async () => {
    const t = await announced();
    await t.rows("update accounts set card_payments = 0 where number = 'CR-10021'");
    await day(t, "2027-01-05");
    expect(subjectsTo(t, TO_DANA)).toEqual(["No autopay draft on Jan 5, 2027"]);
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "canceled" }]);
  });
});

test("where who agreed has left and the account has no address, its owner is told of notice and draft", async () => {
  const t = await danaAlone();
  await days(t, "2026-12-20", "2027-01-06");
  const before = t.outbox.length;
  await t.rows("update accounts set email = null where number = ?", DANA);
  await t.rows(
    `insert into memberships (user_id, account_id, role, created_at, active_since)
     select u.id, a.id, 'owner', 1, 1 from users u, accounts a where u.email = 'priya@example.com' and a.number = ?`,
    DANA,
  );
  await t.rows("delete from memberships where user_id = (select id from users where email = ?)", TO_DANA);
  await invoice(t, DANA, { number: "INV-NEXT", cents: 4798, on: "2027-01-10" });
  await days(t, "2027-01-07", "2027-02-06");
  const [draft] = (await draftsOf(t, DANA)).slice(-1);
  expect(draft!.state).toBe("settled");
  expect(draft!.notice_sent_at).not.toBeNull();
  const told = t.outbox.slice(before).filter((mail) => mail.to === "priya@example.com");
  expect(told.length).toBeGreaterThanOrEqual(2);
});
