import { describe, expect, test } from "vitest";
import { HOUR, MINUTE } from "../../src/calendar.ts";
import { runImport } from "../../src/office/import.ts";
import { csv } from "../office/import-database.ts";
import { formOn, portal, type TestPortal } from "../setup.ts";
import { expectBankAndBooksAgree } from "./aftermath.ts";
import { follow, invoiceRow, typeCard } from "./customer.ts";
import { beat } from "./drafting.ts";

const HEAD = "Invoice #,Customer #,Type,Invoice Date,Due Date,Status,Line,Description,Qty,Rate,Amount,Tax";
type Line = { customer?: string; type?: string; on?: string; status?: string; amount?: string; what?: string };
const line = (number: string, of: Line = {}) => {
  const amount = of.amount ?? "44.95";
  const when = `${of.on ?? "11/30/2026"},12/20/2026`;
  return `${number},${of.customer ?? "CR-10047"},${of.type ?? "Service"},${when},${of.status ?? "Sent"},1,${of.what ?? "Battery replaced"},1,${amount},${amount},`;
};

/** What the dealer's back office exports, loaded. */
async function load(t: TestPortal, ...lines: string[]): Promise<void> {
  const { db, now } = t.deps();
  const report = await runImport({ db, now }, [csv("invoices.csv", HEAD, ...lines)], { apply: true, by: "import" });
  if (!report.ok) throw new Error(report.sentences.join("\n"));
  expect(report.total.wrong).toBe(0);
}

/** A quarter of an hour and a beat of the cron later; then the mail goes out. */
async function later(t: TestPortal): Promise<void> {
  t.clock.now += 16 * MINUTE;
  await beat(t, "*/5 * * * *");
  await beat(t, "*/5 * * * *");
}

const mails = (t: TestPortal, number: string) => t.outbox.filter((mail) => mail.subject.includes(number));

/** The town without what it already owes. */
async function quietPortal(options: Parameters<typeof portal>[0] = {}) {
  const t = await portal(options);
  await t.rows("update messages set state = 'sent'");
  return t;
}

describe("an invoice that the back office has newly sent", () => {
  test("is mailed once to each who pays for the account, with what it is for and a link that pays it", async () => {
    const t = await quietPortal();
    await load(t, line("INV-77001"));
    await beat(t, "*/5 * * * *");
    expect(mails(t, "INV-77001")).toEqual([]);
    await later(t);
    const sent = mails(t, "INV-77001");
    expect(sent.map((mail) => mail.to).sort()).toEqual([
      "amara@harborstreetdental.example.com",
      "theo@harborstreetdental.example.com",
    ]);
    const [mail] = sent;
    expect(mail!.subject).toBe("Invoice INV-77001 from Cedar Ridge Alarm & Life Safety: $44.95, due Dec 20, 2026");
    for (const words of ["Harbor Street Dental", "$44.95, due on Dec 20, 2026", "Battery replaced: $44.95", "sign in"])
      expect(mail!.text).toContain(words);
    const path = new URL(/Pay this invoice: (\S+)/.exec(mail!.text)![1]!).pathname;
    expect(path).toMatch(/^\/pay\/[\w-]{43}$/);
    expect(mail!.html).toContain(path);
    expect(sent[1]!.text).toContain(path);

    const stranger = t.browser();
    const form = formOn((await stranger.get(path)).html, path);
    form.set("method", "card");
    const answer = await stranger.post(path, form);
    await follow(stranger, await typeCard(t, answer.headers.get("Location")!));
    expect(await invoiceRow(t, "INV-77001")).toMatchObject({ allocated_cents: 4495 });
    await t.webhooks();
    await expectBankAndBooksAgree(t);
  });

  test("stays told however often it is imported, changed, set aside and sent again", async () => {
    const t = await quietPortal();
    await load(t, line("INV-77001"));
    await later(t);
    await load(t, line("INV-77001"));
    await later(t);
    await load(t, line("INV-77001", { amount: "50.00" }));
    await later(t);
    await load(t, line("INV-77001", { status: "Unsent" }));
    await later(t);
    await load(t, line("INV-77001"));
    await later(t);
    expect(mails(t, "INV-77001").length).toBe(2);
    expect((await t.rows("select 1 from pay_links")).length).toBe(1);
    expect(await t.rows("select 1 from invoices where announce_at is not null")).toEqual([]);
  });

  test("is told when it becomes Sent, not before", async () => {
    const t = await quietPortal();
    await load(t, line("INV-77001", { status: "Unsent" }));
    await later(t);
    expect(mails(t, "INV-77001")).toEqual([]);
    await load(t, line("INV-77001"));
    await later(t);
    expect(mails(t, "INV-77001").length).toBe(2);
  });

  test("goes to the address on file, in both languages, where nobody has a sign-in; to nobody where there is none", async () => {
    const t = await quietPortal();
    await load(t, line("INV-77001", { customer: "CR-10105" }), line("INV-77002", { customer: "CR-10068" }));
    await later(t);
    const [mail, ...others] = mails(t, "INV-77001");
    expect(others).toEqual([]);
    expect(mail!.to).toBe("imani@example.com");
    expect(mail!.text).toContain("Pay this invoice: https://");
    expect(mail!.text).toContain("Pagar esta factura: https://");
    expect(mails(t, "INV-77002")).toEqual([]);
    expect((await t.rows("select 1 from pay_links")).length).toBe(1);
  });

  test("is history where it is old, and nobody hears of it", async () => {
    const t = await quietPortal();
    await load(t, line("INV-77001", { on: "11/10/2026" }), line("INV-77002", { on: "12/15/2026" }));
    await later(t);
    expect(mails(t, "INV-77001")).toEqual([]);
    expect(mails(t, "INV-77002").length).toBe(2);
  });

  test("is history in the very first load, also when that has to begin again", async () => {
    const t = await quietPortal();
    const was = await t.rows("select * from imports");
    expect(was).toEqual([]);
    await t.rows("insert into imports (id, by, started_at) values ('imp_cut', 'import', 1)");
    await load(t, line("INV-77001"));
    await later(t);
    expect(mails(t, "INV-77001")).toEqual([]);
    await load(t, line("INV-77001"), line("INV-77002"));
    await later(t);
    expect(mails(t, "INV-77001")).toEqual([]);
    expect(mails(t, "INV-77002").length).toBe(2);
  });

  test("is not mailed where the office has switched that off, also not later", async () => {
    const t = await quietPortal();
    const ruth = await t.as("ruth@cedarridge.example.com");
    await load(t, line("INV-77001"));
    const page = await ruth.get("/office/money-settings");
    expect(page.html).toMatch(/name="mail"[^>]*checked/);
    await ruth.post("/office/money-settings", formWithout(page.html, "mail"));
    await later(t);
    await load(t, line("INV-77002"));
    const off = await ruth.get("/office/money-settings");
    expect(off.html).not.toMatch(/name="mail"[^>]*checked/);
    const on = formOn(off.html, "/office/money-settings");
    on.set("mail", "1");
    await ruth.post("/office/money-settings", on);
    await later(t);
    expect(mails(t, "INV-7700")).toEqual([]);
    await load(t, line("INV-77003"));
    await later(t);
    expect(mails(t, "INV-77003").length).toBe(2);
    expect(
      await t.rows("select detail from events where action = 'money_settings.changed' order by at, key"),
    ).toHaveLength(2);
  });

  test("cannot be switched off by who is not the owner", async () => {
    const t = await quietPortal();
    const ben = await t.as("ben@cedarridge.example.com");
    const page = await ben.get("/office/money-settings");
    expect(page.html).toContain("Only the owner can change these.");
    await ben.post("/office/money-settings", formWithout(page.html, "mail"));
    expect(await t.row("select mail_invoices from money_settings")).toMatchObject({ mail_invoices: 1 });
  });

  test("that was paid, voided or set aside meanwhile is not mailed; waiting credit counts first", async () => {
    const t = await quietPortal();
    const { id, owed } = await t.row<{ id: string; owed: number }>(
      `select a.id, (select coalesce(sum(total_cents - allocated_cents), 0) from invoices where account_id = a.id and status = 'sent') owed
       from accounts a where number = 'CR-10105'`,
    );
    await t.rows(
      `insert into credits (id, account_id, reason, issued_on, amount_cents) values ('cre_t', '${id}', 'test', '2026-11-30', ${owed + 4495})`,
    );
    await load(t, line("INV-77001", { customer: "CR-10105" }), line("INV-77002"), line("INV-77003"));
    await load(t, line("INV-77002", { status: "Void" }), line("INV-77003", { status: "Unsent" }));
    await later(t);
    for (const number of ["INV-77001", "INV-77002", "INV-77003"]) expect(mails(t, number), number).toEqual([]);
    expect(await invoiceRow(t, "INV-77001")).toMatchObject({ allocated_cents: 4495 });
    expect(await t.rows("select 1 from invoices where announce_at is not null")).toEqual([]);
  });

  test("that is withdrawn between promise and mail is not mailed, and the link opens nothing", async () => {
    const t = await quietPortal();
    await load(t, line("INV-77001"));
    t.clock.now += 16 * MINUTE;
    t.jobs.push({ type: "invoices.announce", dealer: "cedar-ridge", after: null });
    await t.runJobs();
    expect((await t.rows("select 1 from messages where kind = 'invoice_sent'")).length).toBe(2);
    await load(t, line("INV-77001", { status: "Void" }));
    await beat(t, "*/5 * * * *");
    expect(mails(t, "INV-77001")).toEqual([]);
    expect(await t.rows("select 1 from messages where kind = 'invoice_sent'")).toEqual([]);
    expect(await t.rows("select 1 from worklist where kind = 'message_failed'")).toEqual([]);
  });

  test("says that nothing is to do, and when, where autopay draws it; else asks as of everybody", async () => {
    const t = await quietPortal();
    await load(
      t,
      line("INV-77001", { customer: "CR-10021", type: "Recurring", what: "Monitoring" }),
      line("INV-77002", { customer: "CR-10021", type: "Install", amount: "900.00" }),
    );
    await later(t);
    const [drafted] = mails(t, "INV-77001");
    expect(drafted!.to).toBe("dana@example.com");
    const [, date] = /autopay will draft it on (\w+ \d+, 202\d) from Visa ending \d{4}/.exec(drafted!.text)!;
    expect(drafted!.text).not.toContain("/pay/");
    expect(drafted!.text).toContain("https://cedar-ridge.test/invoices/INV-77001");
    expect(mails(t, "INV-77002")[0]!.text).toContain("Pay this invoice: https://cedar-ridge.test/pay/");
    const dana = await t.as("dana@example.com");
    expect((await dana.get("/autopay")).html).toContain(date);
  });

  test("asks for payment while a wish to stop autopay waits, or its card cannot be charged, or they want to be asked", async () => {
    for (const trouble of [
      "update autopay set stop_requested_at = 1",
      "update payment_methods set blocked = 'bank_account_closed'",
      "update autopay set ask_above_cents = 100",
      "update accounts set card_payments = 0",
    ]) {
      const t = await quietPortal();
      await t.rows(trouble);
      await load(t, line("INV-77001", { customer: "CR-10021", type: "Recurring" }));
      await later(t);
      expect(mails(t, "INV-77001")[0]!.text, trouble).toContain("/pay/");
    }
  });
});

describe("the mails about many invoices", () => {
  test("take a handful of trips for each fifty, wherever they are struck", async () => {
    const t = await quietPortal();
    const numbers = Array.from({ length: 120 }, (_, i) => `INV-7${1000 + i}`);
    await load(t, ...numbers.map((number) => line(number)));
    t.clock.now += 16 * MINUTE;
    const announce = async () => {
      t.jobs.push({ type: "invoices.announce", dealer: "cedar-ridge", after: null });
      await t.runJobs();
    };
    // Struck before and after the commits that owe the mails; what is lost the next beat finds.
    for (const moment of ["before", "after"] as const) {
      t.trouble.database = (statements) => (statements.includes("insert into pay_links") ? moment : null);
      t.trips.count = 0;
      await announce().catch(() => {});
      t.jobs.splice(0);
      const told = await t.rows("select 1 from pay_links");
      expect(told.length, moment).toBe(moment === "before" ? 0 : 120);
      // Two reads, a commit that is sent again because its answer was lost, and a look whose it is, for each fifty.
      expect(t.trips.count).toBeLessThanOrEqual(3 * 5);
    }
    t.trouble.database = null;
    const owed = await t.rows("select 1 from messages where kind = 'invoice_sent'");
    expect(owed.length).toBe(240);
    expect((await t.rows("select 1 from pay_links")).length).toBe(120);
    await announce();
    t.clock.now += HOUR;
    await announce();
    expect((await t.rows("select 1 from messages where kind = 'invoice_sent'")).length).toBe(240);
  });
});

function formWithout(html: string, name: string): URLSearchParams {
  const form = formOn(html, "/office/money-settings");
  form.delete(name);
  return form;
}
