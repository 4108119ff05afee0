import { describe, expect, test } from "vitest";
import { removeMethod } from "../../src/billing/remove-method.ts";
import { stopAutopay } from "../../src/billing/stop-autopay.ts";
import { formOn, portal, type TestPortal } from "../setup.ts";
import { pay } from "./customer.ts";
import { beat, day, days, draftsOf, subjectsTo, tenOn, triesOf } from "./drafting.ts";

const DANA = "CR-10021";
const TO_DANA = "dana@example.com";
const YES = "/autopay/drafts/2027-01/agreement";

/** Dana alone is on autopay, and wants to be asked above a dollar; by a day in December she has been asked. */
async function danaIsAsked(): Promise<TestPortal> {
  const t = await portal();
  await t.rows(
    "update autopay set stopped_at = 1 where account_id <> (select id from accounts where number = ?)",
    DANA,
  );
  await t.rows("update messages set state = 'sent'");
  await t.rows("update autopay set ask_above_cents = 100");
  await day(t, "2026-12-23");
  expect(await draftsOf(t, DANA)).toMatchObject([{ state: "asking", draft_on: "2027-01-05" }]);
  return t;
}

const draftOf = async (t: TestPortal) => (await draftsOf(t, DANA))[0]!;
const openWork = (t: TestPortal) => t.rows("select kind from worklist where closed_at is null");

describe("a question that nobody answers", () => {
  test("waits until its day is over, and then ends with a letter and nothing for the office to do", async () => {
    const t = await danaIsAsked();
    await days(t, "2026-12-24", "2027-01-05");
    expect(await draftOf(t)).toMatchObject({ state: "asking" });
    const before = await openWork(t);
    await day(t, "2027-01-06");
    expect(await draftOf(t)).toMatchObject({ state: "canceled", failure_code: "unanswered", next_try_on: null });
    expect(await triesOf(t, (await draftOf(t)).id)).toEqual([]);
    expect(await openWork(t)).toEqual(before);
    const letter = t.outbox.find((mail) => mail.subject === "No autopay draft on Jan 5, 2027")!;
    expect(letter).toMatchObject({ to: TO_DANA });
    expect(letter.text).toContain("You wanted to be asked first, and your yes did not come in time.");
    expect(letter.text).toContain("Please pay them another way.");
    await days(t, "2027-01-07", "2027-01-09");
    expect(subjectsTo(t, TO_DANA).filter((subject) => subject.startsWith("No autopay draft"))).toHaveLength(1);
  });

  test("ends in the morning, not at night", async () => {
    const t = await danaIsAsked();
    t.clock.now = Date.parse("2027-01-06T05:07:00Z") / 1000;
    await beat(t, "7 * * * *");
    expect(await draftOf(t)).toMatchObject({ state: "asking" });
  });

  test("says nothing where its invoices were paid meanwhile, and does not ask any more", async () => {
    const t = await danaIsAsked();
    const dana = await t.as(TO_DANA);
    await pay(dana, { everything: true });
    await t.webhooks();
    expect((await dana.get("/autopay")).html).not.toContain(YES);
    expect((await dana.get("/")).html).not.toContain(YES);
    await days(t, "2027-01-05", "2027-01-06");
    expect(await draftOf(t)).toMatchObject({ state: "empty" });
    expect(subjectsTo(t, TO_DANA)).not.toContain("No autopay draft on Jan 5, 2027");
  });

  test("has no button once its day is over, and a press of an old one is answered", async () => {
    const t = await danaIsAsked();
    t.clock.now = tenOn("2027-01-05");
    const dana = await t.as(TO_DANA);
    const page = (await dana.get("/autopay")).html;
    expect(page).toContain(YES);
    t.clock.now = Date.parse("2027-01-06T06:00:00Z") / 1000;
    expect((await dana.get("/autopay")).html).not.toContain(YES);
    const answer = await dana.post(YES, formOn(page, YES));
    expect(answer.headers.get("Location")).toBe("/autopay?said=passed");
    expect((await dana.get("/autopay?said=passed")).html).toContain("That question is over");
    expect(await draftOf(t)).toMatchObject({ state: "asking" });
  });

  test("is over with autopay, whatever its day, and its card can be removed", async () => {
    for (const on of ["2026-12-24", "2027-01-04", "2027-01-06"]) {
      const t = await danaIsAsked();
      t.clock.now = tenOn(on);
      const { account_id: accountId, payment_method_id: methodId } = await draftOf(t);
      expect(await stopAutopay(t.deps(), accountId, "usr_x")).toBe(true);
      expect(await draftOf(t), on).toMatchObject({ state: "canceled" });
      expect(await removeMethod(t.deps(), { methodId, accountId, by: "usr_x" }), on).toEqual({ ok: true });
    }
  });
});

describe("a question that waits", () => {
  test("stands on the dashboard and under autopay: how much, from what, by when, and the button", async () => {
    const t = await danaIsAsked();
    const dana = await t.as(TO_DANA);
    for (const path of ["/", "/autopay"]) {
      const { html } = await dana.get(path);
      expect(html, path).toContain(
        "On Jan 5, 2027 we would draft up to $47.98 from Visa ending 4242, for one open invoice.",
      );
      expect(html, path).toContain("Please answer by then.");
      expect(html, path).toContain("Yes, draft $47.98");
    }
    const form = formOn((await dana.get("/")).html, YES);
    expect((await dana.post(YES, form)).headers.get("Location")).toBe("/autopay?said=yes");
    expect((await dana.get("/")).html).not.toContain(YES);
  });

  test("is not for those who may not pay to answer, but they see it", async () => {
    const t = await danaIsAsked();
    await t.rows(
      "update memberships set role = 'viewer' where account_id = (select id from accounts where number = ?)",
      DANA,
    );
    const dana = await t.as(TO_DANA);
    for (const path of ["/", "/autopay"]) {
      const { html } = await dana.get(path);
      expect(html, path).toContain("we would draft up to $47.98");
      expect(html, path).not.toContain(YES);
    }
  });
});
