import { describe, expect, test } from "vitest";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";
import { follow, methodBecomes, readyToPay } from "./customer.ts";
import { day, days, draftsOf, invoice, subjectsTo, tenOn, triesOf } from "./drafting.ts";

const PRIYA = "CR-10052";
const TO_PRIYA = "priya@example.com";
const DANA = "CR-10021";

const methodOf = async (t: TestPortal, number: string) =>
  (
    await t.row<{ id: string }>(
      "select m.id from payment_methods m join accounts a on a.id = m.account_id where a.number = ?",
      number,
    )
  ).id;

const autopayOf = (t: TestPortal, number: string) =>
  t.row<{
    draft_day: number;
    monitoring: number;
    others_up_to_cents: number;
    ask_above_cents: number | null;
    first_draft_on: string;
    agreement_id: string;
    payment_method_id: string;
    stop_requested_at: number | null;
    stopped_at: number | null;
  }>("select o.* from autopay o join accounts a on a.id = o.account_id where a.number = ?", number);

/** Chooses, reads the words, and answers the form as it stands before the last press. */
async function readyToAgree(browser: TestBrowser, choices: Record<string, string>): Promise<URLSearchParams> {
  const page = await browser.get(`/autopay/enrolment?${new URLSearchParams(choices)}`);
  expect(page.status).toBe(200);
  const form = formOn(page.html, "/autopay");
  form.set("agree", "yes");
  form.set("name", "Priya Raman");
  return form;
}

describe("enrolling", () => {
  const choices = async (t: TestPortal, more: Record<string, string> = {}) => ({
    method: await methodOf(t, PRIYA),
    day: "5",
    monitoring: "1",
    others: "",
    ask: "",
    ...more,
  });

  test("shows the real first day and the exact words, with nothing ticked, before anything is agreed to", async () => {
    const t = await portal();
    const priya = await t.as(TO_PRIYA);
    expect((await priya.get("/autopay")).html).toContain("Set up autopay");
    const first = await priya.get("/autopay/enrolment");
    expect(first.html).toContain('name="day"');
    const page = await priya.get(
      `/autopay/enrolment?${new URLSearchParams(await choices(t, { others: "100", ask: "200" }))}`,
    );
    expect(page.html).toContain("Your first draft: Jan 5, 2027");
    expect(page.html).toContain(
      "I authorize Cedar Ridge Alarm &amp; Life Safety to charge my Mastercard ending 4444 on day 5 of each month for what is due on my account: recurring monitoring charges (now about $42.65 per month) and service, equipment and other invoices of up to $100.00 each.",
    );
    expect(page.html).toContain("will ask me first before a charge of more than $200.00.");
    expect(page.html).toContain("at least 10 days before each charge");
    expect(page.html).toContain("Pay the balance now");
    expect(page.html).not.toMatch(/name="agree"[^>]*checked/);
    expect(await t.rows("select 1 from agreements where kind = 'autopay' and at = ?", t.clock.now)).toEqual([]);
  });

  test("keeps the words with how we know, mails the copy, and charges nothing", async () => {
    const t = await portal();
    const priya = await t.as(TO_PRIYA);
    const form = await readyToAgree(priya, await choices(t, { day: "20", others: "100", ask: "200" }));
    const answer = await priya.post("/autopay", form, { "User-Agent": "Lynx/2.9", "CF-Connecting-IP": "203.0.113.7" });
    expect(answer.status).toBe(303);
    const row = await autopayOf(t, PRIYA);
    expect(row).toMatchObject({
      draft_day: 20,
      monitoring: 1,
      others_up_to_cents: 10000,
      ask_above_cents: 20000,
      first_draft_on: "2027-01-20",
    });
    const agreement = await t.row<{ text: string; text_hash: string }>(
      "select * from agreements where id = ?",
      row.agreement_id,
    );
    expect(agreement).toMatchObject({
      name: "Priya Raman",
      language: "en",
      user_agent: "Lynx/2.9",
      address: "203.0.113.7",
      kind: "autopay",
      at: t.clock.now,
      payment_method_id: row.payment_method_id,
    });
    expect(agreement.text).toContain("on Jan 20, 2027 at the earliest");
    await t.runJobs();
    const copy = t.outbox.find((mail) => mail.to === TO_PRIYA && mail.subject === "Your autopay authorization")!;
    expect(copy.text).toContain(agreement.text);
    expect((await priya.get("/autopay/authorization")).html).toContain("day 20 of each month");
    const page = await priya.get("/autopay?said=on");
    expect(page.html).toContain("Autopay is on.");
    expect(page.html).toContain("Jan 20, 2027");
    expect(page.html.match(/<time datetime="\d{4}-\d\d-20">/g)).toHaveLength(12);
    expect((await priya.get("/")).html).toContain("See autopay");
    expect(await t.rows("select 1 from payments where started_at = ?", t.clock.now)).toHaveLength(1);
  });

  test("twice by the same button is once", async () => {
    const t = await portal();
    const priya = await t.as(TO_PRIYA);
    const form = await readyToAgree(priya, await choices(t));
    await Promise.all([priya.post("/autopay", form), priya.post("/autopay", form)]);
    expect((await priya.post("/autopay", form)).status).toBe(303);
    expect(await t.rows("select 1 from agreements where kind = 'autopay' and at = ?", t.clock.now)).toHaveLength(1);
  });

  test.for([
    ["agree", "", "Tick the box"],
    ["name", "   ", "Type your full name"],
    ["words", "0".repeat(64), "Something has changed"],
    ["agreement_id", "agr_x", "Something has changed"],
    ["method", "pm_nobodys", "Choose the card or bank account"],
    ["day", "29", "Choose a day from 1 to 28"],
    ["day", "0", "Choose a day from 1 to 28"],
    ["others", "lots", "for other invoices is not one we can read"],
    ["others", "-5", "for other invoices is not one we can read"],
    ["ask", "0", "ask you above is not one we can read"],
    ["monitoring", "", "Choose what may be drafted"],
  ] as const)("is refused with a plain sentence where %s is %j", async ([field, value, sentence]) => {
    const t = await portal();
    const priya = await t.as(TO_PRIYA);
    const form = await readyToAgree(priya, await choices(t));
    form.set(field, value);
    const answer = await priya.post("/autopay", form);
    expect(answer.status).toBe(422);
    expect(answer.html).toContain(sentence);
    expect(await autopayOf(t, PRIYA)).toBeUndefined();
  });

  test("to other words than were shown is refused: the day has changed over night", async () => {
    const t = await portal({ now: tenOn("2026-12-25") });
    const priya = await t.as(TO_PRIYA);
    const form = await readyToAgree(priya, await choices(t));
    t.clock.now = tenOn("2026-12-26");
    expect((await priya.post("/autopay", form)).html).toContain("Your first draft: Feb 5, 2027");
    expect(await autopayOf(t, PRIYA)).toBeUndefined();
  });

  test("with another account's method is refused", async () => {
    const t = await portal();
    const priya = await t.as(TO_PRIYA);
    const form = await readyToAgree(priya, await choices(t));
    form.set("method", await methodOf(t, DANA));
    expect((await priya.post("/autopay", form)).status).toBe(422);
  });

  test("follows the dealer's day, and the office's before that", async () => {
    const t = await portal();
    await t.rows("update money_settings set draft_day_rule = 'fixed', draft_day = 3");
    const priya = await t.as(TO_PRIYA);
    const page = await priya.get("/autopay/enrolment");
    expect(page.html).not.toContain('name="day"');
    await priya.post("/autopay", await readyToAgree(priya, await choices(t, { day: "17" })));
    expect(await autopayOf(t, PRIYA)).toMatchObject({ draft_day: 3 });
    await t.rows("update accounts set draft_day = 9 where number = ?", PRIYA);
    await priya.post("/autopay", await readyToAgree(priya, await choices(t)));
    expect(await autopayOf(t, PRIYA)).toMatchObject({ draft_day: 9 });
  });

  test("is in Spanish for those who read it, and kept in the words they read", async () => {
    const t = await portal();
    await t.rows("update users set language = 'es' where email = ?", TO_PRIYA);
    const priya = await t.as(TO_PRIYA);
    await priya.post("/autopay", await readyToAgree(priya, await choices(t)));
    const { agreement_id } = await autopayOf(t, PRIYA);
    expect(
      await t.row("select language, substr(text, 1, 11) words from agreements where id = ?", agreement_id),
    ).toEqual({ language: "es", words: "Autorizo a " });
  });

  test("on the last day that notice allows is announced at once, for its own day", async () => {
    const t = await portal({ now: tenOn("2026-12-25") + 8 * 3600 });
    await t.rows("update autopay set stopped_at = 1");
    const priya = await t.as(TO_PRIYA);
    await priya.post("/autopay", await readyToAgree(priya, await choices(t)));
    await t.runJobs();
    expect(await draftsOf(t, PRIYA)).toMatchObject([{ draft_on: "2027-01-05", state: "announced" }]);
  });

  test("without a method leads to adding one", async () => {
    const t = await portal();
    const amara = await t.as("amara@harborstreetdental.example.com");
    expect((await amara.get("/autopay")).html).toContain('href="/payment-methods"');
    expect((await amara.get("/autopay/enrolment")).html).toContain("You need a card or bank account on file first.");
  });
});

describe("changing", () => {
  test("before three business days moves an announced draft to the new method; later says that it does not", async () => {
    for (const [when, moved] of [
      ["2026-12-30", true],
      ["2026-12-31", false],
    ] as const) {
      const t = await portal();
      await day(t, "2026-12-23");
      await t.rows(
        "insert into payment_methods (id, account_id, kind, brand, last_four, stripe_payment_method_id, saved_at) select 'pm_second', account_id, kind, 'mastercard', '5100', 'pm_x', saved_at from payment_methods where id = ?",
        await methodOf(t, DANA),
      );
      t.clock.now = tenOn(when);
      const dana = await t.as("dana@example.com");
      const page = await dana.get("/autopay");
      expect(page.html).toContain(
        moved ? "Changes until Dec 30, 2026 count" : "is too near to change: that was possible until Dec 30, 2026.",
      );
      await dana.post(
        "/autopay",
        await readyToAgree(dana, { method: "pm_second", day: "5", monitoring: "1", others: "", ask: "" }),
      );
      expect((await draftsOf(t, DANA))[0]!.payment_method_id === "pm_second").toBe(moved);
      expect((await autopayOf(t, DANA)).payment_method_id).toBe("pm_second");
    }
  });

  test("of the day leaves what is announced, and gives no month two drafts", async () => {
    const t = await portal();
    await day(t, "2026-12-23");
    const dana = await t.as("dana@example.com");
    await dana.post(
      "/autopay",
      await readyToAgree(dana, { method: await methodOf(t, DANA), day: "20", monitoring: "1", others: "", ask: "" }),
    );
    await invoice(t, DANA, { number: "INV-N", cents: 1000, on: "2026-12-28" });
    await days(t, "2026-12-24", "2027-01-25");
    expect((await draftsOf(t, DANA)).map((draft) => draft.draft_on)).toEqual(["2027-01-05"]);
    await days(t, "2027-02-05", "2027-02-20");
    expect((await draftsOf(t, DANA)).map((draft) => draft.draft_on)).toEqual(["2027-01-05", "2027-02-20"]);
  });

  test("of the ceiling asks about what is announced, and raising it answers", async () => {
    const t = await portal();
    await day(t, "2026-12-23");
    const dana = await t.as("dana@example.com");
    const choices = { method: await methodOf(t, DANA), day: "5", monitoring: "1", others: "" };
    await dana.post("/autopay", await readyToAgree(dana, { ...choices, ask: "40" }));
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "asking", next_try_on: null }]);
    await dana.post("/autopay", await readyToAgree(dana, { ...choices, ask: "50" }));
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "announced", next_try_on: "2027-01-05" }]);
  });
});

describe("a draft above the ceiling", () => {
  test("is made after a yes, once however often it is said, and not after its day", async () => {
    const t = await portal();
    await t.rows("update autopay set ask_above_cents = 100");
    await day(t, "2026-12-23");
    const dana = await t.as("dana@example.com");
    const page = await dana.get("/autopay");
    expect(page.html).toContain("Yes, draft $47.98");
    for (let i = 0; i < 2; i++) {
      const answer = await dana.post(
        "/autopay/drafts/2027-01/agreement",
        formOn(page.html, "/autopay/drafts/2027-01/agreement"),
      );
      expect(answer.headers.get("Location")).toBe("/autopay?said=yes");
    }
    await day(t, "2027-01-05");
    const [draft] = await draftsOf(t, DANA);
    expect(await triesOf(t, draft!.id)).toMatchObject([{ state: "settled", amount_cents: 4798 }]);
  });

  test("whose day has passed is over", async () => {
    const t = await portal();
    await t.rows("update autopay set ask_above_cents = 100");
    await day(t, "2026-12-23");
    t.clock.now = tenOn("2027-01-06");
    const dana = await t.as("dana@example.com");
    const answer = await dana.post("/autopay/drafts/2027-01/agreement", {});
    expect(answer.headers.get("Location")).toBe("/autopay?said=passed");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "asking" }]);
  });

  test("is nobody else's to agree to", async () => {
    const t = await portal();
    await t.rows("update autopay set ask_above_cents = 100");
    await day(t, "2026-12-23");
    const priya = await t.as(TO_PRIYA);
    expect((await priya.post("/autopay/drafts/2027-01/agreement", {})).headers.get("Location")).toBe(
      "/autopay?said=passed",
    );
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "asking" }]);
  });
});

describe("stopping", () => {
  test("in time cancels the announced draft; too late it still goes out, and the page says so", async () => {
    for (const [when, state] of [
      ["2026-12-30", "canceled"],
      ["2026-12-31", "settled"],
    ] as const) {
      const t = await portal();
      await day(t, "2026-12-23");
      t.clock.now = tenOn(when);
      const dana = await t.as("dana@example.com");
      const form = formOn((await dana.get("/autopay")).html, "/autopay/stopping");
      form.set("sure", "yes");
      const answer = await dana.post("/autopay/stopping", form);
      const page = await follow(dana, answer.headers.get("Location"));
      expect(page.html).toContain("Autopay is off.");
      if (state === "settled") expect(page.html).toContain("It still goes out as announced.");
      await days(t, "2027-01-04", "2027-01-06");
      expect(await draftsOf(t, DANA)).toMatchObject([{ state }]);
      expect(subjectsTo(t, "dana@example.com")).toContain("Autopay is off");
    }
  });

  test("needs the box ticked", async () => {
    const t = await portal();
    const dana = await t.as("dana@example.com");
    await dana.post("/autopay/stopping", {});
    expect((await autopayOf(t, DANA)).stopped_at).toBeNull();
  });

  test("is a request where the dealer says so: nothing is drawn meanwhile", async () => {
    const t = await portal();
    await t.rows("update money_settings set stopping_autopay = 'request'");
    await day(t, "2026-12-23");
    const dana = await t.as("dana@example.com");
    const answer = await dana.post("/autopay/stopping", { sure: "yes" });
    expect((await follow(dana, answer.headers.get("Location"))).html).toContain("You asked to turn autopay off");
    await dana.post("/autopay/stopping", { sure: "yes" });
    expect(await t.rows("select kind from worklist where kind = 'stop_requested' and closed_at is null")).toHaveLength(
      1,
    );
    await days(t, "2027-01-05", "2027-01-07");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "announced", tries: 0 }]);
  });

  test("and starting again later is a new arrangement, with a first draft of its own", async () => {
    const t = await portal();
    const dana = await t.as("dana@example.com");
    await dana.post("/autopay/stopping", { sure: "yes" });
    await dana.post(
      "/autopay",
      await readyToAgree(dana, { method: await methodOf(t, DANA), day: "5", monitoring: "1", others: "", ask: "" }),
    );
    expect(await autopayOf(t, DANA)).toMatchObject({ first_draft_on: "2027-01-05", stopped_at: null });
  });
});

describe("a draft that did not go through", () => {
  const failing = async (token: string) => {
    const t = await portal();
    await day(t, "2026-12-23");
    await methodBecomes(t, DANA, token);
    await day(t, "2027-01-05");
    const dana = await t.as("dana@example.com");
    return { t, dana, page: await dana.get("/autopay") };
  };
  const press = (dana: TestBrowser, html: string) =>
    dana.post("/autopay/drafts/2027-01/payment", formOn(html, "/autopay/drafts/2027-01/payment"));

  test("because the bank wants to see the customer is confirmed by them on their bank's page", async () => {
    const { t, dana, page } = await failing("pm_card_authenticationRequired");
    expect(page.html).toContain("Confirm with your bank");
    const answer = await press(dana, page.html);
    expect(answer.headers.get("Location")).toMatch(/^\/payments\/pay_\w+\?at=bank$/);
    const payment = await follow(dana, answer.headers.get("Location"));
    const bank = await dana.get(/href="(\/payments\/\w+\/continuation)"/.exec(payment.html)![1]!);
    const url = bank.headers.get("Location")!;
    const done = await t.bank.fetch(
      new Request(url, { method: "POST", body: new URLSearchParams({ result: "complete" }) }),
    );
    await follow(dana, new URL(done.headers.get("Location")!, url).href);
    const [draft] = await draftsOf(t, DANA);
    expect(draft).toMatchObject({ state: "settled" });
    expect((await triesOf(t, draft!.id)).map((one) => one.state)).toEqual(["failed", "settled"]);
  });

  test("is tried again by its customer's press, once for however many presses", async () => {
    const { t, dana, page } = await failing("pm_card_chargeCustomerFail");
    await methodBecomes(t, DANA, "pm_card_visa");
    await Promise.all([press(dana, page.html), press(dana, page.html)]);
    await press(dana, page.html);
    const [draft] = await draftsOf(t, DANA);
    expect((await triesOf(t, draft!.id)).map((one) => one.state)).toEqual(["failed", "settled"]);
    expect((await dana.get("/autopay")).html).not.toContain("did not go through");
  });

  test("asks no more of its customer once the invoices are paid another way", async () => {
    const { t, dana, page } = await failing("pm_card_chargeCustomerFail");
    await methodBecomes(t, DANA, "pm_card_visa");
    const form = await readyToPay(dana, { everything: true });
    await dana.post("/payments", form);
    expect((await dana.get("/autopay")).html).not.toContain("did not go through");
    expect((await press(dana, page.html)).headers.get("Location")).toBe("/autopay?said=nothing");
    await day(t, "2027-01-08");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "empty" }]);
  });

  test("says that the vendor is away when it is, and may be pressed again", async () => {
    const { t, dana, page } = await failing("pm_card_chargeCustomerFail");
    await methodBecomes(t, DANA, "pm_card_visa");
    t.bank.faults.add({ match: "POST /v1/payment_intents", kind: "down", times: null });
    expect((await press(dana, page.html)).headers.get("Location")).toBe("/autopay?said=vendor_away");
    t.bank.faults.clear();
    await press(dana, (await dana.get("/autopay")).html);
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "settled" }]);
  });
});
