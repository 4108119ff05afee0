import { describe, expect, test } from "vitest";
import { SWEEP_SIZE } from "../../src/billing/check-payment.ts";
import { HOUR, MINUTE } from "../../src/calendar.ts";
import { run, type Verdict } from "../../src/jobs.ts";
import type { SendResult } from "../../src/ports.ts";
import { runJobsOnce, sweep } from "../billing/aftermath.ts";
import { pay } from "../billing/customer.ts";
import { portal, type TestPortal } from "../setup.ts";

type MessageRow = {
  id: string;
  state: string;
  tries: number;
  lease_until: number | null;
  first_tried_at: number | null;
  sent_at: number | null;
  vendor_id: string | null;
  failure: string | null;
};

/** Priya pays; her receipt is promised and its job lost, so that each test sends it in its own way. */
async function promised(answers: SendResult[] = []) {
  const t = await portal();
  await t.db.$client.execute("update messages set state = 'sent'");
  const priya = await t.as("priya@example.com");
  const { paymentId } = await pay(priya, { invoices: { "INV-40022": null } });
  t.jobs.splice(0);
  const calls: string[] = [];
  const usual = t.mail.answer;
  t.mail.answer = (mail) => {
    calls.push(mail.id);
    return answers.shift() ?? usual(mail);
  };
  const look = () => t.row<MessageRow>("select * from messages where dedupe_key = ?", `receipt:${paymentId}`);
  const { id } = await look();
  const send = (): Promise<Verdict> => run(t.deps(), { type: "message.send", dealer: "cedar-ridge", messageId: id });
  return { t, id, look, send, calls };
}

const worklist = (t: TestPortal) =>
  t.rows<{ kind: string; subject_id: string }>("select kind, subject_id from worklist");

const RETRY: SendResult = { result: "retry", retryInSeconds: null };

describe("a promised letter", () => {
  test("is sent once, and is then done for good", async () => {
    const { t, look, send, calls, id } = await promised();
    expect(await send()).toBe("done");
    expect(await look()).toMatchObject({
      state: "sent",
      tries: 1,
      sent_at: t.clock.now,
      vendor_id: `mail_${id}`,
      lease_until: null,
    });
    for (let i = 0; i < 3; i++) expect(await send()).toBe("done");
    await sweep(t);
    t.clock.now += HOUR;
    await sweep(t);
    expect(calls).toEqual([id]);
  });

  test("goes out once when the queue brings it five times at once", async () => {
    const { send, calls } = await promised();
    await Promise.all([send(), send(), send(), send(), send()]);
    expect(calls).toHaveLength(1);
  });

  test("is sent though its job was lost: the sweep finds it", async () => {
    const { t, look } = await promised();
    await sweep(t);
    expect(await look()).toMatchObject({ state: "sent" });
  });

  test("that nobody promised is nobody's business", async () => {
    const { t } = await promised();
    expect(await run(t.deps(), { type: "message.send", dealer: "cedar-ridge", messageId: "msg_none" })).toBe("done");
  });
});

describe("a sender that dies", () => {
  test("between the claim and the send: two minutes later another sends", async () => {
    const { t, look, send, calls, id } = await promised();
    t.mail.answer = () => {
      throw new Error("the Worker is gone");
    };
    await expect(send()).rejects.toThrow("the Worker is gone");
    expect(await look()).toMatchObject({ state: "sending", tries: 1 });
    const sent: string[] = [];
    t.mail.answer = (mail) => {
      sent.push(mail.id);
      return { result: "sent", vendorId: "v" };
    };
    // While the first may still be at it, nobody else is.
    await sweep(t);
    t.clock.now += 2 * MINUTE;
    await sweep(t);
    expect(sent).toEqual([]);
    t.clock.now += 1;
    await sweep(t);
    expect(sent).toEqual([id]);
    expect(calls).toEqual([]);
    expect(await look()).toMatchObject({ state: "sent", tries: 2 });
  });

  test("after the send, before it is written down: the repeat has the same id, so the vendor sends none", async () => {
    const { t, look, send, calls, id } = await promised();
    t.trouble.database = (statements) => (statements.includes("message.sent:") ? "before" : null);
    await expect(send()).rejects.toThrow();
    t.trouble.database = null;
    t.clock.now += 3 * MINUTE;
    await sweep(t);
    expect(calls).toEqual([id, id]);
    expect(t.outbox.filter((mail) => mail.id === id)).toHaveLength(1);
    expect(await look()).toMatchObject({ state: "sent" });
  });

  test.for(["before", "after"] as const)("with the database away %s the claim sends nothing yet", async (moment) => {
    const { t, look, send, calls, id } = await promised();
    t.trouble.database = (statements) => (statements.includes("message.tried:") ? moment : null);
    await send().catch(() => {});
    t.trouble.database = null;
    expect(calls).toEqual([]);
    t.clock.now += 3 * MINUTE;
    await sweep(t);
    expect(calls).toEqual([id]);
    expect(await look()).toMatchObject({ state: "sent" });
  });
});

describe("a vendor in trouble", () => {
  test("is asked again, later and later, always with the same id", async () => {
    const { t, look, send, calls, id } = await promised([RETRY, RETRY, RETRY]);
    const waits: number[] = [];
    for (let tries = 0; tries < 3; tries++) {
      const verdict = await send();
      if (verdict === "done" || !("retryInSeconds" in verdict)) throw new Error("should be asked again");
      expect(await look()).toMatchObject({ state: "waiting", tries: tries + 1 });
      // Coming too early changes nothing.
      expect(await send()).toBe("done");
      waits.push(verdict.retryInSeconds);
      t.clock.now += verdict.retryInSeconds;
    }
    expect(waits).toEqual([31, 61, 121]);
    expect(await send()).toBe("done");
    expect(calls).toEqual([id, id, id, id]);
    expect(await look()).toMatchObject({ state: "sent", tries: 4 });
    expect(t.outbox.filter((mail) => mail.id === id)).toHaveLength(1);
  });

  test("that says how long to wait is left alone for so long", async () => {
    const { t, send, calls } = await promised([{ result: "retry", retryInSeconds: 600 }]);
    expect(await send()).toEqual({ retryInSeconds: 601 });
    t.clock.now += 600;
    await sweep(t);
    expect(calls).toHaveLength(1);
    t.clock.now += 1;
    await sweep(t);
    expect(calls).toHaveLength(2);
  });

  test("for longer than it remembers our id: a person decides instead of a repeat", async () => {
    const { t, look, calls, id } = await promised(Array<SendResult>(100).fill(RETRY));
    for (let beat = 0; beat < 300; beat++) {
      await sweep(t);
      t.clock.now += 5 * MINUTE;
    }
    expect(await look()).toMatchObject({ state: "unclear", failure: "no clear answer for 23 hours" });
    expect(await worklist(t)).toEqual([{ kind: "message_failed", subject_id: id }]);
    const { first_tried_at } = await look();
    expect(t.clock.now - first_tried_at!).toBeGreaterThan(24 * HOUR);
    const before = calls.length;
    await sweep(t);
    expect(calls).toHaveLength(before);
  });

  test("23 hours after the first try is still asked, a second later no more", async () => {
    for (const [after, state] of [
      [23 * HOUR, "sent"],
      [23 * HOUR + 1, "unclear"],
    ] as const) {
      const { t, look, send } = await promised([RETRY]);
      await send();
      t.clock.now += after;
      await send();
      expect(await look()).toMatchObject({ state });
    }
  });

  test("that refuses the letter for good is not asked again, and a person is told", async () => {
    const { t, look, send, calls, id } = await promised([{ result: "never", reason: "validation_error: bad address" }]);
    expect(await send()).toBe("done");
    expect(await look()).toMatchObject({ state: "failed", failure: "validation_error: bad address", sent_at: null });
    expect(await worklist(t)).toEqual([{ kind: "message_failed", subject_id: id }]);
    t.clock.now += HOUR;
    await sweep(t);
    expect(calls).toHaveLength(1);
  });
});

describe("the sweep", () => {
  test("hands letters on a page at a time", async () => {
    const { t, calls } = await promised();
    const { rows } = await t.db.$client.execute("select subject_id from messages where state = 'waiting'");
    for (let i = 0; i < SWEEP_SIZE; i++) {
      await t.db.$client.execute({
        sql: "insert into messages (id, dedupe_key, channel, kind, subject_id, address, queued_at) values (?, ?, 'email', 'payment_submitted', ?, 'x@example.com', 1)",
        args: [`msg_${String(i).padStart(20, "0")}`, `more:${i}`, rows[0]!.subject_id as string],
      });
    }
    await sweep(t);
    expect(new Set(calls).size).toBe(SWEEP_SIZE + 1);
    expect(await t.rows("select id from messages where state <> 'sent'")).toEqual([]);
  });
});

describe("a letter's address", () => {
  test("is the sign-in of whoever paid, not of the account", async () => {
    const t = await portal();
    await t.db.$client.execute(
      "insert into payment_methods (id, account_id, kind, brand, last_four, stripe_payment_method_id, saved_at) select 'pm_x', id, 'card', 'visa', '4242', 'pm_card_visa', 1 from accounts where number = 'CR-10047'",
    );
    const theo = await t.as("theo@harborstreetdental.example.com");
    await pay(theo, { invoices: { "INV-30003": "10.00" }, method: "pm_x" });
    await t.runJobs();
    expect(t.outbox.at(-1)).toMatchObject({
      to: "theo@harborstreetdental.example.com",
      replyTo: "help@cedarridge.example.com",
    });
    expect(t.outbox.at(-1)!.text).toContain("Hello Theo Marsh,");
  });

  test("may be nobody's: then the payment settles all the same, and the office hands the receipt over", async () => {
    const t = await portal();
    await t.db.$client.execute("update messages set state = 'sent'");
    const tomas = await t.as("tomas@example.com");
    const { paymentId } = await pay(tomas, { invoices: { "INV-60025": null } });
    // An account with no address and no users; a payment of its that no user started has nobody to write to.
    await t.db.$client.execute({ sql: "update payments set started_by = null where id = ?", args: [paymentId] });
    await t.db.$client.execute("update accounts set email = null where number = 'CR-10073'");
    const url = (await tomas.get(`/payments/${paymentId}/continuation`)).headers.get("Location")!;
    await t.db.$client.execute(
      "delete from memberships where account_id = (select id from accounts where number = 'CR-10073')",
    );
    await t.bank.fetch(new Request(url, { method: "POST", body: new URLSearchParams({ result: "complete" }) }));
    await t.bank.drainWebhooks();
    await runJobsOnce(t);
    expect(await t.row("select state from payments where id = ?", paymentId)).toMatchObject({ state: "settled" });
    expect(await t.rows("select id from messages where subject_id = ?", paymentId)).toEqual([]);
    expect(await t.rows("select id from worklist where closed_at is null and subject_id = ?", paymentId)).toEqual([
      { id: `message_failed:${paymentId}` },
    ]);
    expect(t.outbox).toEqual([]);
  });

  test("is of one dealer: its name, its domain, and an answer to its office", async () => {
    const t = await portal();
    await t.db.$client.execute(`update settings set name = 'Smith, Jones "Best" <b@evil.example>'`);
    const priya = await t.as("priya@example.com");
    await pay(priya, { invoices: { "INV-40022": null } });
    await t.runJobs();
    expect(t.outbox.at(-1)!.from).toMatch(/^"Smith, Jones[^"\\\r\n]*" <billing@cedar-ridge\.example\.com>$/);
  });
});
