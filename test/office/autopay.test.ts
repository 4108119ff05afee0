import { describe, expect, test } from "vitest";
import { day, days, draftsOf, invoice, subjectsTo, tenOn } from "../billing/drafting.ts";
import { formOn, portal, type TestPortal } from "../setup.ts";

const RUTH = "ruth@cedarridge.example.com";
const DANA = "CR-10021";
const HERE = `/office/accounts/${DANA}/autopay`;

const autopayOf = (t: TestPortal, number: string) =>
  t.row<{ draft_day: number; stopped_at: number | null; stop_requested_at: number | null }>(
    "select o.* from autopay o join accounts a on a.id = o.account_id where a.number = ?",
    number,
  );

/** Dana asks to stop on a day, at a dealer's who wants to decide. */
async function danaAsks(on: string): Promise<TestPortal> {
  const t = await portal();
  await t.rows("update money_settings set stopping_autopay = 'request'");
  await day(t, "2026-12-23");
  t.clock.now = tenOn(on);
  const dana = await t.as("dana@example.com");
  await dana.post("/autopay/stopping", { sure: "yes" });
  return t;
}

const openRequests = (t: TestPortal) =>
  t.rows("select 1 from worklist where kind = 'stop_requested' and closed_at is null");

describe("a wish to stop", () => {
  test("that came in time is granted for the draft that was announced, however late the office is", async () => {
    const t = await danaAsks("2026-12-30");
    await days(t, "2027-01-05", "2027-01-06");
    const ruth = await t.as(RUTH);
    const page = await ruth.get("/office/autopay");
    expect(page.html).toContain("Dana Okafor");
    const form = formOn(page.html, `${HERE}/stopping`);
    form.set("decision", "stop");
    expect((await ruth.post(`${HERE}/stopping`, form)).headers.get("Location")).toBe(`${HERE}?said=stopped`);
    await days(t, "2027-01-07", "2027-01-08");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "canceled", tries: 0 }]);
    expect(subjectsTo(t, "dana@example.com")).toContain("Autopay is off");
    expect(await openRequests(t)).toEqual([]);
    expect((await ruth.post(`${HERE}/stopping`, form)).headers.get("Location")).toBe(`${HERE}?said=over`);
  });

  test("that is not granted lets the draft be made, late but noticed", async () => {
    const t = await danaAsks("2026-12-30");
    await day(t, "2027-01-05");
    const ruth = await t.as(RUTH);
    const decide = (reason: string) => ruth.post(`${HERE}/stopping`, { decision: "keep", reason });
    expect((await decide("  ")).headers.get("Location")).toBe(`${HERE}?said=no-reason`);
    expect(await openRequests(t)).toHaveLength(1);
    expect((await decide("Your contract runs until May 2027.")).headers.get("Location")).toBe(`${HERE}?said=kept`);
    expect((await decide("Your contract runs until May 2027.")).headers.get("Location")).toBe(`${HERE}?said=over`);
    expect(await openRequests(t)).toEqual([]);
    expect((await autopayOf(t, DANA)).stop_requested_at).toBeNull();
    await day(t, "2027-01-06");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "settled" }]);
    const letters = t.outbox.filter((mail) => mail.subject === "Autopay stays on for now");
    expect(letters).toHaveLength(1);
    expect(letters[0]).toMatchObject({ to: "dana@example.com" });
    expect(letters[0]!.text).toContain("You asked on Dec 30, 2026 to turn autopay off");
    expect(letters[0]!.text).toContain("This is why: Your contract runs until May 2027.");
    const kept = await t.row<{ detail: string }>("select by, detail from events where action = 'autopay.kept'");
    expect(kept).toMatchObject({ by: expect.stringMatching(/^usr_/), detail: expect.stringContaining("May 2027") });
  });

  test("is written about in Spanish to whoever reads that", async () => {
    const t = await danaAsks("2026-12-30");
    await t.rows("update users set language = 'es' where email = 'dana@example.com'");
    await (await t.as(RUTH)).post(`${HERE}/stopping`, { decision: "keep", reason: "Until May." });
    await day(t, "2026-12-31");
    const letter = t.outbox.find((mail) => mail.subject === "El pago automático sigue activado por ahora")!;
    expect(letter.text).toContain("Este es el motivo: Until May.");
  });

  test("cannot be closed on the worklist, which leads to where it is decided", async () => {
    const t = await danaAsks("2026-12-30");
    const ruth = await t.as(RUTH);
    const [id, path] = [
      (await t.row<{ id: string }>("select id from worklist where kind = 'stop_requested'")).id,
      `href="${HERE}"`,
    ];
    for (const page of ["/office", `/office/worklist/${encodeURIComponent(id)}`]) {
      const { html } = await ruth.get(page);
      expect(html, page).not.toContain(`value="${id}"`);
      expect(html, page).toContain(path);
    }
    await ruth.post("/office/worklist/closing", { id });
    expect(await openRequests(t)).toHaveLength(1);
    expect(await t.rows("select 1 from events where action = 'work.closed'")).toEqual([]);
  });

  test("is found under autopay though it is not on the worklist", async () => {
    const t = await danaAsks("2026-12-30");
    await t.rows("update worklist set closed_at = 1 where kind = 'stop_requested'");
    expect((await (await t.as(RUTH)).get("/office/autopay")).html).toContain("Dana Okafor");
  });

  test("that nobody decides ends the draft it held back, says why, and is on the worklist again", async () => {
    const t = await danaAsks("2026-12-30");
    await t.rows("update worklist set closed_at = 1 where kind = 'stop_requested'");
    await days(t, "2027-01-04", "2027-01-10");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "announced", tries: 0 }]);
    expect(await openRequests(t)).toEqual([]);
    await day(t, "2027-01-11");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "canceled", tries: 0, failure_code: "asked_to_stop" }]);
    const letter = t.outbox.find((mail) => mail.subject === "No autopay draft on Jan 5, 2027")!;
    expect(letter.text).toContain("You asked us to turn autopay off, and we have not decided yet");
    expect(letter.text).not.toContain("is in the next draft");
    expect(await openRequests(t)).toHaveLength(1);
    expect(await t.rows("select 1 from worklist where kind = 'draft_failed' and closed_at is null")).toEqual([]);
  });

  test("that nobody decides lets no other draft be announced; kept on, it is announced within the day", async () => {
    const t = await danaAsks("2026-12-30");
    await invoice(t, DANA, { number: "INV-FEB", cents: 4798, on: "2027-01-10" });
    await days(t, "2027-01-11", "2027-01-24");
    expect(await draftsOf(t, DANA)).toHaveLength(1);
    const ruth = await t.as(RUTH);
    expect((await ruth.get(HERE)).html).toContain("Nothing is announced or drafted until you decide.");
    await ruth.post(`${HERE}/stopping`, { decision: "keep", reason: "Until May." });
    await day(t, "2027-01-25");
    expect(await draftsOf(t, DANA)).toMatchObject([{}, { state: "announced", draft_on: "2027-02-05" }]);
  });

  test("stands with what becomes of the announced draft: held back, or too near and drafted all the same", async () => {
    for (const [on, words] of [
      [
        "2026-12-30",
        "The draft of Jan 5, 2027 (up to $47.98) waits for you until Jan 10, 2027. After that it is not made, and the customer is told.",
      ],
      [
        "2026-12-31",
        "The draft of Jan 5, 2027 (up to $47.98) still goes out: they asked less than 3 business days before it.",
      ],
    ] as const) {
      const t = await danaAsks(on);
      const ruth = await t.as(RUTH);
      for (const page of ["/office/autopay", HERE]) {
        const { html } = await ruth.get(page);
        expect(html, page).toContain(words);
        expect(html, page).toContain("Nothing else is announced or drafted until you decide.");
      }
    }
  });

  test("is named on the customer's dashboard until it is decided", async () => {
    const t = await danaAsks("2026-12-30");
    const dana = await t.as("dana@example.com");
    expect((await dana.get("/")).html).toContain("You asked on Dec 30, 2026 to turn it off.");
    await (await t.as(RUTH)).post(`${HERE}/stopping`, { decision: "stop" });
    expect((await dana.get("/")).html).not.toContain("You asked on");
  });
});

describe("the office", () => {
  test("sets a day for one customer above every rule, and takes it back", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    await ruth.post(`${HERE}/day`, { day: "17" });
    expect(await autopayOf(t, DANA)).toMatchObject({ draft_day: 17 });
    expect((await ruth.get(HERE)).html).toContain('value="17"');
    expect((await ruth.post(`${HERE}/day`, { day: "29" })).headers.get("Location")).toBe(`${HERE}?said=no-day`);
    await ruth.post(`${HERE}/day`, { day: "" });
    expect(await t.row("select draft_day from accounts where number = ?", DANA)).toEqual({ draft_day: null });
    expect(await autopayOf(t, DANA)).toMatchObject({ draft_day: 17 });
    await days(t, "2027-01-04", "2027-01-05");
    expect(await draftsOf(t, DANA)).toMatchObject([{ draft_on: "2027-01-17" }]);
  });

  test("sets no day by which a draft comes sooner than the customer agreed to, and writes which day and from when", async () => {
    const t = await portal();
    await t.rows("update messages set state = 'sent'");
    // Dana agreed to a first draft on February 20, and the office wants the 3rd.
    await t.rows(
      "update autopay set draft_day = 20, first_draft_on = '2027-02-20' where account_id = (select id from accounts where number = ?)",
      DANA,
    );
    await t.rows("update users set language = 'es' where email = 'dana@example.com'");
    t.clock.now = tenOn("2026-12-28");
    const ruth = await t.as(RUTH);
    await ruth.post(`${HERE}/day`, { day: "3" });
    await ruth.post(`${HERE}/day`, { day: "3" });
    await t.runJobs();
    const letters = t.outbox.filter((mail) => mail.to === "dana@example.com");
    expect(letters.map((mail) => mail.subject)).toEqual(["Su pago automático es ahora el día 3 del mes"]);
    expect(letters[0]!.text).toContain("El primer cobro en ese día es el 3 mar 2027");
    await days(t, "2026-12-29", "2027-03-03");
    expect(await draftsOf(t, DANA)).toMatchObject([{ draft_on: "2027-03-03" }]);
  });

  test("writes to nobody where no draft changes its day", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    await ruth.post("/office/accounts/CR-10105/autopay/day", { day: "3" });
    await ruth.post(`${HERE}/day`, { day: "" });
    expect(await t.rows("select 1 from messages where kind = 'autopay_day_changed'")).toEqual([]);
  });

  test("calls a draft off, once, and the customer is told", async () => {
    const t = await portal();
    await day(t, "2026-12-23");
    const ruth = await t.as(RUTH);
    const form = formOn((await ruth.get(HERE)).html, `${HERE}/draft`);
    expect((await ruth.post(`${HERE}/draft`, form)).headers.get("Location")).toBe(`${HERE}?said=called-off`);
    expect((await ruth.post(`${HERE}/draft`, form)).headers.get("Location")).toBe(`${HERE}?said=over`);
    await days(t, "2027-01-05", "2027-01-06");
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "canceled", tries: 0 }]);
    const letter = t.outbox.find((mail) => mail.subject === "No autopay draft on Jan 5, 2027")!;
    expect(letter.text).toContain("Our office has called it off.");
  });

  test("cannot call off another customer's draft by this one's page", async () => {
    const t = await portal();
    await day(t, "2026-12-23");
    const [draft] = await draftsOf(t, DANA);
    const ruth = await t.as(RUTH);
    await ruth.post("/office/accounts/CR-10052/autopay/draft", { draft: draft!.id });
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "announced" }]);
  });

  test("stops autopay for a customer who telephones", async () => {
    const t = await portal();
    await day(t, "2026-12-23");
    const ruth = await t.as(RUTH);
    await ruth.post(`${HERE}/stopping`, { decision: "stop" });
    expect((await autopayOf(t, DANA)).stopped_at).toBe(t.clock.now);
    expect(await draftsOf(t, DANA)).toMatchObject([{ state: "canceled" }]);
    expect(await t.rows("select by from events where action = 'autopay.stopped' and by like 'usr_%'")).toHaveLength(1);
  });

  test("'s owner sets the rules; the others only read them", async () => {
    const t = await portal();
    const ben = await t.as("ben@cedarridge.example.com");
    expect((await ben.get("/office/autopay")).html).toContain("Only the owner can change these.");
    const rules = { rule: "fixed", day: "3", stopping: "request" };
    await ben.post("/office/autopay/rules", rules);
    const now = () => t.row("select draft_day_rule, draft_day, stopping_autopay from money_settings");
    expect(await now()).toEqual({ draft_day_rule: "customer", draft_day: 1, stopping_autopay: "switch" });
    const ruth = await t.as(RUTH);
    await ruth.post("/office/autopay/rules", { ...rules, day: "31" });
    expect(await now()).toMatchObject({ draft_day_rule: "customer" });
    await ruth.post("/office/autopay/rules", rules);
    expect(await now()).toEqual({ draft_day_rule: "fixed", draft_day: 3, stopping_autopay: "request" });
  });

  test("sees the next drafts, the failing ones among them", async () => {
    const t = await portal();
    await day(t, "2026-12-23");
    const ruth = await t.as(RUTH);
    const page = await ruth.get("/office/autopay");
    expect(page.html).toContain("Jan 5, 2027");
    expect(page.html).toContain("$47.98");
    expect((await ruth.get("/office/accounts/CR-10105/autopay")).html).toContain("None yet.");
  });
});
