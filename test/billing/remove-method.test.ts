import { describe, expect, test } from "vitest";
import { DAY, MINUTE } from "../../src/calendar.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";
import { addMethod, atBank, later, methodRows, onFile, removalForm, subjects } from "./adding.ts";
import { sweep } from "./aftermath.ts";
import { follow, readyToPay } from "./customer.ts";

// Harbor Street Dental has nothing on file; Dana's card backs autopay; Priya's card does not.
const PRIYA = "priya@example.com";
const DANA = "dana@example.com";
const RUTH = "ruth@cedarridge.example.com";

const wantsOff = async (browser: TestBrowser, id: string, sure = true) => {
  const form = removalForm((await browser.get("/payment-methods")).html, id);
  if (sure) form.set("sure", "yes");
  return follow(browser, (await browser.post(`/payment-methods/${id}/removal`, form)).headers.get("Location"));
};
const atOnce = (t: TestPortal) => t.rows("update money_settings set customers_remove_methods = 1");

describe("removal that the office does", () => {
  test("is a request: the method is not used any more, and waits on the worklist and the office's page", async () => {
    const t = await portal();
    const priya = await t.as(PRIYA);
    await addMethod(t, priya, "card", "pm_card_amex");
    const [usual, amex] = await onFile(t, "CR-10052");
    const page = await wantsOff(priya, usual!.id);
    expect(page.html).toContain("We have your request.");
    expect(page.html).toContain("Removal requested");
    const after = await onFile(t, "CR-10052");
    expect(after.find((one) => one.id === usual!.id)).toMatchObject({
      is_default: 0,
      removal_requested_at: t.clock.now,
    });
    expect(after.find((one) => one.id === amex!.id)).toMatchObject({ is_default: 1 });
    expect((await priya.get("/invoices")).html).not.toContain("Mastercard ending 4444");
    expect(atBank(t, usual!.stripe_payment_method_id).customer).not.toBeNull();
    expect(await t.rows("select kind, subject_id from worklist")).toEqual([
      { kind: "removal_requested", subject_id: usual!.id },
    ]);
    const again = await priya.post(`/payment-methods/${usual!.id}/removal`, {});
    expect(again.headers.get("Location")).toBe("/payment-methods?said=asked");
    const ruth = await t.as(RUTH);
    expect((await ruth.get("/office/payment-methods")).html).toContain("Mastercard ending 4444");
  });

  test("can be taken back until the office has decided: it is usable and, where it is alone, the usual one again", async () => {
    const t = await portal();
    const priya = await t.as(PRIYA);
    const [card] = await onFile(t, "CR-10052");
    await wantsOff(priya, card!.id);
    const withdrawal = `/payment-methods/${card!.id}/removal/withdrawal`;
    const form = formOn((await priya.get("/payment-methods")).html, withdrawal);
    const stranger = await t.as(DANA);
    expect((await stranger.post(withdrawal, form)).status).not.toBe(303);
    const kept = await follow(priya, (await priya.post(withdrawal, form)).headers.get("Location"));
    expect(kept.html).toContain("It stays on file, and you can use it again.");
    expect(kept.html).not.toContain("Removal requested");
    expect(await onFile(t, "CR-10052")).toMatchObject([{ id: card!.id, is_default: 1, removal_requested_at: null }]);
    expect((await priya.get("/invoices")).html).toContain("Mastercard ending 4444");
    expect(await t.rows("select id from worklist where closed_at is null")).toEqual([]);
    expect((await priya.post(withdrawal, form)).headers.get("Location")).toBe(
      "/payment-methods?said=nothing_to_withdraw",
    );
    const ruth = await t.as(RUTH);
    const late = `/office/payment-methods/${card!.id}/removal`;
    expect((await ruth.get("/office/payment-methods")).html).toContain("Nobody has asked.");
    // The office's page was drawn before: whatever it decides now, there is nothing to decide.
    for (const decision of ["keep", "remove"])
      expect((await ruth.post(late, { decision })).headers.get("Location")).toBe("/office/payment-methods?said=gone");
    await t.runJobs();
    expect(await onFile(t, "CR-10052")).toMatchObject([{ id: card!.id, removed_at: null }]);
    expect(subjects(t).filter((subject) => subject.includes("on file"))).toEqual([]);
    await wantsOff(priya, card!.id);
    expect((await onFile(t, "CR-10052"))[0]).toMatchObject({ removal_requested_at: t.clock.now });
  });

  test("is done by the office: off the books, off the vendor's, off the worklist, and its owner is told", async () => {
    const t = await portal();
    const priya = await t.as(PRIYA);
    const [card] = await onFile(t, "CR-10052");
    await wantsOff(priya, card!.id);
    const ruth = await t.as(RUTH);
    const form = formOn(
      (await ruth.get("/office/payment-methods")).html,
      `/office/payment-methods/${card!.id}/removal`,
    );
    form.set("decision", "remove");
    const done = await follow(
      ruth,
      (await ruth.post(`/office/payment-methods/${card!.id}/removal`, form)).headers.get("Location"),
    );
    expect(done.html).toContain("It is removed, and the customer has been written to.");
    expect(done.html).toContain("Nobody has asked.");
    expect((await methodRows(t, "CR-10052"))[0]).toMatchObject({ removed_at: t.clock.now, detached_at: t.clock.now });
    expect(atBank(t, card!.stripe_payment_method_id).customer).toBeNull();
    expect(await t.rows("select id from worklist where closed_at is null")).toEqual([]);
    await t.webhooks();
    expect(subjects(t)).toEqual(["Mastercard ending 4444 is removed"]);
    expect(t.outbox.at(-1)!.to).toBe(PRIYA);
    const twice = await ruth.post(`/office/payment-methods/${card!.id}/removal`, form);
    expect(twice.headers.get("Location")).toBe("/office/payment-methods?said=gone");
    const { by } = await t.row<{ by: string }>(
      "select u.name by from events e join users u on u.id = e.by where action = 'method.removed'",
    );
    expect(by).toBe("Ruth Calloway");
  });

  test("or is declined: it is the customer's again, and they are asked to call", async () => {
    const t = await portal();
    const priya = await t.as(PRIYA);
    const [card] = await onFile(t, "CR-10052");
    await wantsOff(priya, card!.id);
    const ruth = await t.as(RUTH);
    for (const said of ["kept", "gone"]) {
      const answer = await ruth.post(`/office/payment-methods/${card!.id}/removal`, { decision: "keep" });
      expect(answer.headers.get("Location")).toBe(`/office/payment-methods?said=${said}`);
    }
    expect((await onFile(t, "CR-10052"))[0]).toMatchObject({ is_default: 1, removal_requested_at: null });
    await t.runJobs();
    expect(subjects(t)).toEqual(["Mastercard ending 4444 stays on file for now"]);
    // Asked again later, it waits again.
    t.clock.now += DAY;
    await wantsOff(priya, card!.id);
    expect(await t.rows("select id from worklist where closed_at is null")).toHaveLength(1);
  });

  test("is no customer's business to decide, nor the rule for anybody but the owner to change", async () => {
    const t = await portal();
    const [card] = await onFile(t, "CR-10052");
    const dana = await t.as(DANA);
    const answer = await dana.post(`/office/payment-methods/${card!.id}/removal`, { decision: "remove" });
    expect(answer.status).toBe(404);
    const rule = () => t.row<{ on: number }>(`select customers_remove_methods "on" from money_settings`);
    const ben = await t.as("ben@cedarridge.example.com");
    await ben.post("/office/payment-methods/rule", { at_once: "1" });
    expect(await rule()).toEqual({ on: 0 });
    const ruth = await t.as(RUTH);
    for (const on of [1, 0]) {
      await ruth.post("/office/payment-methods/rule", on ? { at_once: "1" } : {});
      expect(await rule()).toEqual({ on });
    }
  });
});

describe("removal at once", () => {
  test("asks to make sure, then is done, and the next newest is the usual one", async () => {
    const t = await portal();
    await atOnce(t);
    const priya = await t.as(PRIYA);
    await addMethod(t, priya, "card", "pm_card_amex");
    const [card, amex] = await onFile(t, "CR-10052");
    expect((await wantsOff(priya, card!.id, false)).html).toContain("Tick the box beside Remove to make sure.");
    expect(await onFile(t, "CR-10052")).toHaveLength(2);
    const form = await readyToPay(priya, { invoices: { "INV-40022": null }, method: card!.id });
    expect((await wantsOff(priya, card!.id)).html).toContain("It is removed.");
    expect(await onFile(t, "CR-10052")).toMatchObject([{ id: amex!.id, is_default: 1 }]);
    expect(atBank(t, card!.stripe_payment_method_id).customer).toBeNull();
    // Another tab still had it in its paying form.
    const answer = await priya.post("/payments", form);
    expect(answer.status).toBe(422);
    expect((await priya.post(`/payment-methods/${card!.id}/removal`, { sure: "yes" })).status).toBe(404);
  });

  test("while the vendor is away is done here, and there as soon as it is back", async () => {
    const t = await portal();
    await atOnce(t);
    const priya = await t.as(PRIYA);
    const [card] = await onFile(t, "CR-10052");
    t.bank.faults.add({ match: "*", kind: "down", times: null });
    expect((await wantsOff(priya, card!.id)).html).toContain("It is removed.");
    await sweep(t);
    expect((await methodRows(t, "CR-10052"))[0]!.detached_at).toBeNull();
    t.bank.faults.clear();
    await later(t, 5 * MINUTE);
    expect((await methodRows(t, "CR-10052"))[0]!.detached_at).not.toBeNull();
    expect(atBank(t, card!.stripe_payment_method_id).customer).toBeNull();
  });

  test("of one that the vendor has let go of already is no trouble", async () => {
    const t = await portal();
    await atOnce(t);
    const priya = await t.as(PRIYA);
    const [card] = await onFile(t, "CR-10052");
    await t.deps().ports.payments.detachMethod(card!.stripe_payment_method_id);
    await t.deps().ports.payments.detachMethod(card!.stripe_payment_method_id);
    await wantsOff(priya, card!.id);
    expect((await methodRows(t, "CR-10052"))[0]!.detached_at).not.toBeNull();
  });

  test("twice at once is once", async () => {
    const t = await portal();
    await atOnce(t);
    const priya = await t.as(PRIYA);
    const [card] = await onFile(t, "CR-10052");
    const form = removalForm((await priya.get("/payment-methods")).html, card!.id);
    form.set("sure", "yes");
    const answers = await Promise.all([1, 2, 3].map(() => priya.post(`/payment-methods/${card!.id}/removal`, form)));
    const said = answers.map((answer) => answer.headers.get("Location"));
    expect(said.filter((one) => one === "/payment-methods?said=removed")).toHaveLength(1);
    expect(await t.rows("select key from events where action = 'method.removed'")).toHaveLength(1);
    await t.webhooks();
    expect(subjects(t)).toHaveLength(1);
  });
});

describe("a method that something needs stays, whoever asks and however the dealer has it", () => {
  const NEEDS: Record<string, { sentence: string; sql: string; over: string }> = {
    autopay: {
      sentence: "Autopay draws on it, so it stays for now.",
      sql: "insert into autopay (account_id, payment_method_id, draft_day, started_at) select account_id, id, 5, 0 from payment_methods where id = ?",
      over: "update autopay set stopped_at = 1 where payment_method_id = ?",
    },
    "a payment under way": {
      sentence: "A payment from it is on its way",
      sql: "insert into payments (id, account_id, origin, kind, payment_method_id, amount_cents, state, started_at, paid_on, check_at) select 'pay_x', account_id, 'portal', 'card', id, 100, 'pending', 1000, '2026-11-30', 99999999999 from payment_methods where id = ?",
      over: "update payments set state = 'failed', check_at = null where payment_method_id = ?",
    },
    "an announced draft": {
      sentence: "A payment from it is on its way or has been announced",
      sql: "insert into drafts (id, account_id, draft_on, payment_method_id, max_cents, state, announced_at) select 'dra_x', account_id, '2026-12-20', id, 100, 'announced', 0 from payment_methods where id = ?",
      over: "update drafts set state = 'canceled', next_try_on = null where payment_method_id = ?",
    },
    "a draft that is tried again": {
      sentence: "A payment from it is on its way or has been announced",
      sql: "insert into drafts (id, account_id, draft_on, payment_method_id, max_cents, state, announced_at, next_try_on) select 'dra_x', account_id, '2026-12-20', id, 100, 'failed', 0, '2026-12-23' from payment_methods where id = ?",
      over: "update drafts set next_try_on = null where payment_method_id = ?",
    },
    "a planned payment": {
      sentence: "A payment that you planned draws on it.",
      sql: "insert into scheduled_payments (id, account_id, user_id, payment_method_id, agreement_id, pay_on, created_at) select 'sch_x', m.account_id, u.id, m.id, 'agr_x', '2026-12-20', 0 from payment_methods m join users u on u.email = 'priya@example.com' where m.id = ?",
      over: "update scheduled_payments set state = 'canceled' where payment_method_id = ?",
    },
  };

  test.for(Object.entries(NEEDS))("%s", async ([, { sentence, sql, over }]) => {
    const t = await portal();
    const priya = await t.as(PRIYA);
    const ruth = await t.as(RUTH);
    const [card] = await onFile(t, "CR-10052");
    await t.rows(
      "insert into agreements (id, account_id, user_id, kind, text, text_hash, language, address, user_agent, at) select 'agr_x', a.id, u.id, 'scheduled', '', '', 'en', '', '', 0 from accounts a join users u on u.email = 'priya@example.com' where a.number = 'CR-10052'",
    );
    const form = removalForm((await priya.get("/payment-methods")).html, card!.id);
    form.set("sure", "yes");
    await t.rows("pragma foreign_keys = off");
    await t.rows(sql, card!.id);
    for (const atOnce of [0, 1]) {
      await t.rows("update money_settings set customers_remove_methods = ?", atOnce);
      const answer = await priya.post(`/payment-methods/${card!.id}/removal`, form);
      expect((await follow(priya, answer.headers.get("Location"))).html).toContain(sentence);
    }
    const office = await ruth.post(`/office/payment-methods/${card!.id}/removal`, { decision: "remove" });
    expect(office.headers.get("Location")).toMatch(/said=(autopay|payment|scheduled)$/);
    expect((await onFile(t, "CR-10052"))[0]).toMatchObject({
      removal_requested_at: null,
      removed_at: null,
      is_default: 1,
    });
    expect(await t.rows("select id from worklist")).toEqual([]);
    // Once that is over, it goes.
    await t.rows(over, card!.id);
    await priya.post(`/payment-methods/${card!.id}/removal`, form);
    expect(await onFile(t, "CR-10052")).toEqual([]);
    for (const table of ["drafts", "scheduled_payments"])
      await t.rows(`delete from ${table} where id in ('dra_x', 'sch_x')`);
  });

  test("autopay's own card has no such button", async () => {
    const t = await portal();
    const [card] = await onFile(t, "CR-10021");
    const page = await (await t.as(DANA)).get("/payment-methods");
    expect(page.html).toContain("Autopay draws on it.");
    expect(page.html).not.toContain(`/payment-methods/${card!.id}/removal`);
  });
});
