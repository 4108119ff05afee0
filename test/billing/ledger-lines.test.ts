import { describe, expect, test } from "vitest";
import { DAY } from "../../src/calendar.ts";
import { deliverLine } from "../../src/office/deliver-line.ts";
import { LINES_PER_FILE } from "../../src/office/export.ts";
import { portal, type TestPortal } from "../setup.ts";
import { runJobsOnce, sweep, timePasses } from "./aftermath.ts";
import { pay, typeCard } from "./customer.ts";

type LineRow = { id: number; kind: string; subject_id: string; amount_cents: number; fetched_at: number | null };

const linesOf = (t: TestPortal, subject: string) =>
  t.rows<LineRow>("select * from ledger_lines where subject_id = ? order by id", subject);

const deliveries = (t: TestPortal) =>
  t.rows<{ state: string; tries: number }>("select state, tries from webhook_deliveries order by ledger_line_id");

/** Priya pays what is oldest with the card on file. */
async function paid(t: TestPortal) {
  const { paymentId, answer } = await pay(await t.as("priya@example.com"), { total: "10.00" });
  expect(answer.status).toBe(303);
  return paymentId;
}

const URL_OF_DEALER = "https://accounting.cedarridge.example.com/hooks";

async function withWebhook(t: TestPortal) {
  await t.rows(
    "update money_settings set webhook_url = ?, webhook_secret = ?",
    URL_OF_DEALER,
    `whsec_${btoa("secret")}`,
  );
}

describe("a line for the dealer's accounting", () => {
  test("is written with the money, once, whoever brings the news and however often", async () => {
    const t = await portal();
    const paymentId = await paid(t);
    expect(await linesOf(t, paymentId)).toMatchObject([{ kind: "payment", amount_cents: 1000, fetched_at: null }]);
    await t.webhooks();
    await timePasses(t);
    expect(await linesOf(t, paymentId)).toHaveLength(1);
  });

  test("is not written for money that does not come", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { paymentId, answer } = await pay(priya, { total: "10.00", method: "new_card" });
    expect(await linesOf(t, paymentId)).toEqual([]);
    await priya.post(`/payments/${paymentId}/cancellation`, {});
    expect(await linesOf(t, paymentId)).toEqual([]);
    expect(answer.status).toBe(303);
  });

  test("of a payment by checkout is written when that settles", async () => {
    const t = await portal();
    const amara = await t.as("amara@harborstreetdental.example.com");
    const { paymentId, answer } = await pay(amara, { total: "25.00", method: "new_card" });
    await typeCard(t, answer.headers.get("Location")!);
    await t.webhooks();
    expect(await linesOf(t, paymentId)).toMatchObject([{ amount_cents: 2500 }]);
  });

  test("the cast's returned payment has both its lines, and they cancel out", async () => {
    const t = await portal();
    const all = await t.rows<LineRow>("select * from ledger_lines order by id");
    const returned = all.filter((line) => line.kind === "return");
    expect(returned.length).toBeGreaterThan(0);
    for (const line of returned) expect(line.amount_cents).toBeLessThan(0);
  });
});

describe("the dealer's software", () => {
  test("is not told where the dealer has named no address", async () => {
    const t = await portal();
    await paid(t);
    expect(await deliveries(t)).toEqual([]);
  });

  test("is told of each line once it is written, by the next sweep, signed, and once it has taken it no more", async () => {
    const t = await portal();
    await withWebhook(t);
    const heard: { headers: Headers; body: string; url: string }[] = [];
    t.receiver.answer = async (request) => {
      heard.push({ headers: request.headers, body: await request.text(), url: request.url });
      return new Response(null, { status: 204 });
    };
    const paymentId = await paid(t);
    await sweep(t);
    await sweep(t);
    expect(heard).toHaveLength(1);
    const [line] = await linesOf(t, paymentId);
    expect(heard[0]!.url).toBe(URL_OF_DEALER);
    expect(heard[0]!.headers.get("webhook-id")).toBe(`ledger_line_${line!.id}`);
    expect(JSON.parse(heard[0]!.body)).toMatchObject({
      type: "ledger.payment",
      data: {
        id: line!.id,
        customer_number: "CR-10052",
        amount_cents: 1000,
        method: "card",
        invoices: expect.any(Array),
      },
    });
    expect(await deliveries(t)).toEqual([{ state: "sent", tries: 1 }]);
  });

  test("that does not take it is tried for three days, then a person is told, and can have it sent again", async () => {
    const t = await portal();
    await withWebhook(t);
    let calls = 0;
    t.receiver.answer = () => {
      calls++;
      return new Response("no", { status: 500 });
    };
    await paid(t);
    const started = t.clock.now;
    const times: number[] = [];
    for (let n = 0; n < 4 * 24 * 12 && (await deliveries(t))[0]!.state === "waiting"; n++) {
      const before = calls;
      await sweep(t);
      if (calls > before) times.push(t.clock.now - started);
      const { next_try_at: next } = await t.row<{ next_try_at: number }>("select next_try_at from webhook_deliveries");
      t.clock.now = Math.max(t.clock.now, next);
    }
    expect(calls).toBe(10);
    expect(times.at(-1)!).toBeGreaterThan(2.5 * DAY);
    expect(times.at(-1)!).toBeLessThanOrEqual(3 * DAY);
    expect(await t.rows("select kind, detail from worklist where kind = 'webhook_failed'")).toEqual([
      { kind: "webhook_failed", detail: "tried for three days: answered 500" },
    ]);
    t.receiver.answer = () => new Response("taken");
    const ruth = await t.as("ruth@cedarridge.example.com");
    expect((await ruth.get("/office/export")).html).toContain("did not take 1 of them");
    await ruth.post("/office/export/deliveries", {});
    await sweep(t);
    expect(await deliveries(t)).toEqual([{ state: "sent", tries: 1 }]);
    expect(await t.rows("select 1 from worklist where kind = 'webhook_failed' and closed_at is null")).toEqual([]);
  });

  test("hears of it twice by one id when our own note of it is lost, and twice at once does no harm", async () => {
    const t = await portal();
    await withWebhook(t);
    const ids: (string | null)[] = [];
    t.receiver.answer = (request) => {
      ids.push(request.headers.get("webhook-id"));
      return new Response("taken");
    };
    const [line] = await linesOf(t, await paid(t));
    t.trouble.database = (statements) => (statements.includes("update webhook_deliveries") ? "before" : null);
    await runJobsOnce(t);
    await expect(deliverLine(t.deps(), line!.id)).rejects.toThrow();
    t.trouble.database = null;
    await Promise.all([deliverLine(t.deps(), line!.id), deliverLine(t.deps(), line!.id)]);
    expect(new Set(ids)).toEqual(new Set([`ledger_line_${line!.id}`]));
    expect(await deliveries(t)).toEqual([{ state: "sent", tries: 1 }]);
    const calls = ids.length;
    await deliverLine(t.deps(), line!.id);
    expect(ids).toHaveLength(calls);
  });
});

describe("the office", () => {
  test("names the address, sees its secret, sends a test, makes a new secret and turns it off", async () => {
    const t = await portal();
    const ruth = await t.as("ruth@cedarridge.example.com");
    const refused = await ruth.post("/office/webhook", { url: "https://10.0.0.7/hooks" });
    expect(refused.status).toBe(422);
    expect(refused.html).toContain("https://10.0.0.7/hooks");
    expect((await ruth.post("/office/webhook", { url: URL_OF_DEALER })).status).toBe(303);
    const page = (await ruth.get("/office/webhook?said=saved")).html;
    const secret = /whsec_[\w+/=]{44}/.exec(page)![0];
    let type = "";
    t.receiver.answer = async (request) => {
      ({ type } = await request.json<{ type: string }>());
      return new Response("taken");
    };
    expect((await ruth.post("/office/webhook/test", {})).html).toContain("It was taken.");
    expect(type).toBe("test");
    t.receiver.answer = () => new Response("", { status: 302, headers: { Location: "https://elsewhere.example.com" } });
    expect((await ruth.post("/office/webhook/test", {})).html).toContain("It was not taken: answered 302.");
    await ruth.post("/office/webhook/secret", {});
    expect((await ruth.get("/office/webhook")).html).not.toContain(secret);
    await paid(t);
    expect(await deliveries(t)).toHaveLength(1);
    await ruth.post("/office/webhook", { url: "" });
    expect(await deliveries(t)).toEqual([]);
  });

  test("shows neither secret nor button to staff who are not the owner", async () => {
    const t = await portal();
    await withWebhook(t);
    await t.rows("update staff set role = 'office'");
    const ruth = await t.as("ruth@cedarridge.example.com");
    expect((await ruth.get("/office/webhook")).html).not.toContain("whsec_");
    await ruth.post("/office/webhook", { url: "https://other.example.com/" });
    await ruth.post("/office/webhook/secret", {});
    expect(await t.row("select webhook_url, webhook_secret from money_settings")).toEqual({
      webhook_url: URL_OF_DEALER,
      webhook_secret: `whsec_${btoa("secret")}`,
    });
  });

  test("fetches what is new as a file, once, and can have the same file again", async () => {
    const t = await portal();
    const ruth = await t.as("ruth@cedarridge.example.com");
    const first = await ruth.post("/office/export", {});
    await paid(t);
    t.clock.now += 60;
    const { count } = await t.row<{ count: number }>(
      "select count(*) count from ledger_lines where fetched_at is null",
    );
    expect(count).toBe(1);
    expect((await ruth.get("/office/export")).html).toContain("Fetch what is new (1)");
    const location = (await ruth.post("/office/export", {})).headers.get("Location")!;
    for (let n = 0; n < 2; n++) {
      const file = (await ruth.get(location)).html.trimEnd().split("\r\n");
      expect(file).toHaveLength(2);
      expect(file[1]).toContain("CR-10052");
      expect(file[1]).toContain(",10.00,");
    }
    expect((await ruth.get(first.headers.get("Location")!)).html).not.toContain(",10.00,");
    expect((await ruth.get("/office/export")).html).toContain("Nothing new to fetch");
  });

  test("fetches each line once, also twice in a second and more than a file holds", async () => {
    const t = await portal();
    const ruth = await t.as("ruth@cedarridge.example.com");
    await t.rows(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < ?)
       insert into ledger_lines (kind, subject_id, account_id, amount_cents, at)
       select 'payment', 'pay_of_old' || i, (select id from accounts where number = 'CR-10052'), 100, 1 from n`,
      LINES_PER_FILE,
    );
    const all = (await t.rows<{ id: number }>("select id from ledger_lines order by id")).map(({ id }) => id);
    expect(all.length).toBeGreaterThan(LINES_PER_FILE);
    const files: string[] = [];
    const fetched: number[] = [];
    for (let n = 0; n < 3; n++) {
      files.push((await ruth.post("/office/export", {})).headers.get("Location")!);
      const rows = (await ruth.get(files[n]!)).html.trimEnd().split("\r\n").slice(1);
      expect(rows.length).toBe([LINES_PER_FILE, all.length - LINES_PER_FILE, 0][n]);
      fetched.push(...rows.map((row) => Number.parseInt(row, 10)));
    }
    expect(fetched).toEqual(all);
    expect(new Set(files).size).toBe(3);
    // Each file can be had again, and its link stands beside its lines.
    expect((await ruth.get(files[1]!)).html.trimEnd().split("\r\n")).toHaveLength(1 + all.length - LINES_PER_FILE);
    expect((await ruth.get("/office/export")).html).toContain(`href="${files[1]}"`);
  });

  test("hands out nothing of another fetch for an address that somebody typed", async () => {
    const t = await portal();
    const ruth = await t.as("ruth@cedarridge.example.com");
    await ruth.post("/office/export", {});
    const file = await ruth.get("/office/export.csv?fetch=fet_00000000000000000000");
    expect(file.html.trimEnd().split("\r\n")).toHaveLength(1);
  });
});
