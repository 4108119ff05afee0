import { type SQL, sql } from "drizzle-orm";
import { describe, expect, test } from "vitest";
import type { Db } from "../../db/client.ts";
import { readAll } from "../../src/batch.ts";
import { accountCredit, openDays } from "../../src/billing/invoices.ts";
import {
  askedFor,
  balanceNow,
  balancesOf,
  entriesOf,
  openDaysOf,
  setAsideOf,
  sumsOf,
} from "../../src/billing/statement.ts";
import { ageOf, ages, readPeriod, running } from "../../src/billing/statement-rules.ts";
import { type LocalDate, localDate, plusDays } from "../../src/calendar.ts";
import { dollars, sum } from "../../src/money.ts";
import type { AccountScope, Reads } from "../../src/reads.ts";
import { readPdf } from "../documents/read-pdf.ts";
import { dealerDatabase, NOW, sampleExport } from "../office/import-database.ts";
import { portal, type TestPortal } from "../setup.ts";
import { TEST_NOW } from "../templates.ts";

const ZONE = "America/New_York";
const TODAY = "2026-12-01" as LocalDate;

type Rows = <T>(query: string) => Promise<T[]>;
type Money = { account: string; on: string; cents: number };
type Covered = { account: string; invoice: string; source_on: string; at: number; by_import: number; cents: number };
type Owed = { id: string; account: string; on: string; due_on: string; cents: number; sent: number };

/** What is in the books, read by another road than the portal's: plain rows, put together here. */
async function booksOf(rows: Rows) {
  return {
    invoices: await rows<Owed>(
      "select id, account_id account, issued_on 'on', due_on, total_cents cents, status = 'sent' sent from invoices where status <> 'void'",
    ),
    received: await rows<Money>(
      "select account_id account, paid_on 'on', amount_cents cents from payments where state = 'settled' union all select account_id, issued_on, amount_cents from credits",
    ),
    gone: await rows<{ account: string; at: number; cents: number }>(
      "select p.account_id account, r.at, r.amount_cents cents from refunds r join payments p on p.id = r.payment_id where r.state <> 'failed' union all select p.account_id, r.at, r.taken_cents from returns r join payments p on p.id = r.payment_id",
    ),
    covered: await rows<Covered>(
      "select coalesce(p.account_id, c.account_id) account, l.invoice_id invoice, coalesce(p.paid_on, c.issued_on) source_on, l.at, l.event_key like 'import.%' by_import, l.amount_cents cents from allocations l left join payments p on p.id = l.payment_id left join credits c on c.id = l.credit_id",
    ),
  };
}
type Books = Awaited<ReturnType<typeof booksOf>>;

/** Where an account stands at the end of a day. */
function standing(books: Books, on: string, today: string) {
  const known = (day: string) => on >= today || day <= on;
  const happened = (at: number) => known(localDate(at, ZONE));
  const sent = books.invoices.filter((one) => one.sent && known(one.on));
  const covered = books.covered.filter((one) => known(one.source_on) && (one.by_import || happened(one.at)));
  const open = sent.map((invoice) => ({
    dueOn: invoice.due_on,
    openCents: invoice.cents - sum(covered.filter((one) => one.invoice === invoice.id).map((one) => one.cents)),
  }));
  const received = sum(books.received.filter((one) => known(one.on)).map((one) => one.cents));
  const gone = sum(books.gone.filter((one) => happened(one.at)).map((one) => one.cents));
  return {
    closingCents: sum(sent.map((one) => one.cents)) - received + gone,
    openCents: sum(open.map((one) => one.openCents)),
    creditCents: received - gone - sum(covered.map((one) => one.cents)),
    ages: ages(
      open.filter((one) => one.openCents !== 0),
      on as LocalDate,
    ),
  };
}

const scopeOf = (id: string) => sql`${sql.raw(`'${id}'`)}` as SQL as AccountScope;

/** What the statement says on each of some days, asked all at once. */
async function statementsOn(db: Db, account: string, days: LocalDate[], now: number) {
  const scope = scopeOf(account);
  const today = localDate(now, ZONE);
  const named: Reads = {};
  for (const day of days) {
    const asked = askedFor({ from: plusDays(day, -30), to: day, whole: day === today }, ZONE, now);
    named[`sums ${day}`] = sumsOf(scope, asked, null);
    named[`balance ${day}`] = balanceNow(scope);
    named[`days ${day}`] = openDaysOf(scope, asked);
    named[`aside ${day}`] = setAsideOf(scope, asked);
    if (day.endsWith("1")) named[`entries ${day}`] = entriesOf(scope, asked, null, 10_000);
  }
  const answers = (await readAll(db, named)) as Record<string, never[]>;
  return days.map((day) => {
    const [sums] = answers[`sums ${day}`] as unknown as Parameters<typeof balancesOf>[0][];
    const [balance] = answers[`balance ${day}`] as unknown as [{ cents: number }];
    const { openingCents, closingCents } = balancesOf(sums!, balance.cents);
    const open = answers[`days ${day}`] as unknown as { dueOn: string; openCents: number }[];
    const [aside] = answers[`aside ${day}`] as unknown as [{ cents: number }];
    const entries = answers[`entries ${day}`] as unknown as { cents: number }[] | undefined;
    const openCents = sum(open.map((one) => one.openCents));
    return {
      day,
      closingCents,
      openCents,
      creditCents: openCents - aside.cents - closingCents,
      asideCents: aside.cents,
      ages: ages(open, day),
      /** Of every tenth day or so; to list all of them would only take long. */
      lastBalance: entries && (running(entries, openingCents).at(-1)?.balanceCents ?? openingCents),
    };
  });
}

const YEARS = 2;
const BATCH = 40;

/** Every account on every day of two years: the statement's figures are those of the rows, and today the dashboard's. */
async function expectAgreement(db: Db, rows: Rows, now: number, only = "true") {
  const all = await booksOf(rows);
  const today = localDate(now, ZONE);
  const days = Array.from({ length: YEARS * 366 }, (_, ago) => plusDays(today, -ago));
  for (const { id } of await rows<{ id: string }>(`select id from accounts where ${only} order by id`)) {
    const own = <Row extends { account: string }>(list: Row[]) => list.filter((one) => one.account === id);
    const books = {
      invoices: own(all.invoices),
      received: own(all.received),
      gone: own(all.gone),
      covered: own(all.covered),
    };
    for (let from = 0; from < days.length; from += BATCH) {
      for (const said of await statementsOn(db, id, days.slice(from, from + BATCH), now)) {
        const { openCents, creditCents, closingCents, ages: aged } = standing(books, said.day, today);
        const where = `${id} on ${said.day}`;
        expect(said.closingCents, where).toBe(closingCents);
        expect(said.lastBalance ?? closingCents, where).toBe(closingCents);
        expect(said.openCents, where).toBe(openCents);
        expect(said.creditCents, where).toBe(creditCents);
        expect(said.creditCents, where).toBeGreaterThanOrEqual(0);
        expect(said.ages, where).toEqual(aged);
        expect(sum(aged.map((one) => one.cents)), where).toBe(openCents);
      }
    }
    const scope = scopeOf(id);
    const [said] = await statementsOn(db, id, [today], now);
    const { due, credit } = await readAll(db, { due: openDays(scope), credit: accountCredit(scope) });
    expect(said!.openCents, id).toBe(sum(due.map((one) => one.owedCents)));
    expect(said!.creditCents, id).toBe(credit[0]!.cents);
  }
}

describe("every figure", () => {
  test("of the cast is the rows', on every day of two years, and today the dashboard's", async () => {
    const t = await portal();
    await expectAgreement(t.db, (query) => t.rows(query), TEST_NOW);
  }, 240_000);

  test("of the imported sample is the rows', on every day of two years, and today the dashboard's", async () => {
    const t = await dealerDatabase();
    await t.load(sampleExport());
    await expectAgreement(t.db, async (query) => (await t.rows(query)) as never, NOW);
  }, 240_000);

  test("is still so with money set aside, given back, taken back at the turn of a day, and dated tomorrow", async () => {
    const t = await portal();
    const { id } = await t.row<{ id: string }>("select id from accounts where number = 'CR-10105'");
    await t.db.$client.batch(
      [
        "insert into events (key, action, by, at) values ('test', 'test', 'test', 1)",
        `insert into invoices (id, account_id, number, kind, status, issued_on, due_on, total_cents, allocated_cents) values
          ('inv_a', '${id}', 'A', 'other', 'unsent', '2026-11-05', '2026-11-25', 5000, 3000),
          ('inv_b', '${id}', 'B', 'other', 'sent', '2027-01-01', '2027-01-21', 700, 0),
          ('inv_c', '${id}', 'C', 'other', 'sent', '2026-02-01', '2026-02-21', 4000, 1000)`,
        `insert into payments (id, account_id, origin, number, kind, amount_cents, allocated_cents, refunded_cents, returned_cents, state, started_at, paid_on) values
          ('pay_a', '${id}', 'import', 'A', 'check', 3000, 3000, 0, 0, 'settled', 1, '2026-11-03'),
          ('pay_b', '${id}', 'import', 'B', 'card', 9000, 1000, 2500, 4000, 'settled', 1, '2026-02-20')`,
        // Half an hour before midnight in New York, in winter and in summer, and half an hour after.
        ...[
          ["ref_a", 2000, "2026-03-08T04:30:00Z"],
          ["ref_b", 500, "2026-07-02T03:30:00Z"],
        ].map(
          ([ref, cents, at]) =>
            `insert into refunds (id, payment_id, amount_cents, reason, state, by, at) values ('${ref}', 'pay_b', ${cents}, '', 'pending', 'x', unixepoch('${at}'))`,
        ),
        "insert into returns (id, payment_id, amount_cents, taken_cents, code, state, at) values ('ret_a', 'pay_b', 4000, 4000, 'R01', 'lost', unixepoch('2026-11-01T04:30:00Z'))",
        `insert into allocations (invoice_id, payment_id, amount_cents, at, event_key) values
          ('inv_a', 'pay_a', 3000, unixepoch('2026-11-03T12:00:00Z'), 'test'),
          ('inv_c', 'pay_b', 4000, unixepoch('2026-02-20T12:00:00Z'), 'test'),
          ('inv_c', 'pay_b', -3000, unixepoch('2026-11-01T04:30:00Z'), 'test')`,
      ],
      "write",
    );
    await expectAgreement(t.db, (query) => t.rows(query), TEST_NOW, "number = 'CR-10105'");
    const said = async (from: string, to: string) => {
      const asked = askedFor({ from: from as LocalDate, to: to as LocalDate, whole: to === TODAY }, ZONE, TEST_NOW);
      const { found } = await readAll(t.db, { found: entriesOf(scopeOf(id), asked, null, 100) });
      return found.filter((one) => ["refund", "return"].includes(one.kind)).map((one) => [one.kind, one.on, one.cents]);
    };
    expect(await said("2026-01-01", TODAY)).toEqual([
      ["refund", "2026-03-07", 2000],
      ["refund", "2026-07-01", 500],
      ["return", "2026-11-01", 4000],
    ]);
    expect(await said("2026-03-08", "2026-06-30")).toEqual([]);
    await t.db.$client.execute("delete from refunds"); // What the books promise is not what is tried here.
    await t.db.$client.batch(
      [
        "delete from allocations where event_key = 'test'",
        "delete from returns where id = 'ret_a'",
        "delete from payments where id in ('pay_a', 'pay_b')",
        "delete from invoices where id in ('inv_a', 'inv_b', 'inv_c')",
      ],
      "write",
    );
  });
});

describe("the period", () => {
  test("is from the month before the last to today, where nobody says", () => {
    const read = readPeriod({ from: "", to: "" }, TODAY);
    expect(read).toEqual({ ok: true, period: { from: "2026-10-01", to: TODAY, whole: true } });
  });

  test("ends today at the latest, and is read as people write days", () => {
    expect(readPeriod({ from: "3/1/2026", to: "2027-05-01" }, TODAY)).toEqual({
      ok: true,
      period: { from: "2026-03-01", to: TODAY, whole: true },
    });
    expect(readPeriod({ from: "2026-03-01", to: "03/01/2026" }, TODAY)).toEqual({
      ok: true,
      period: { from: "2026-03-01", to: "2026-03-01", whole: false },
    });
  });

  test("that cannot be is said to be so", () => {
    expect(readPeriod({ from: "2026-02-30", to: "" }, TODAY)).toEqual({ ok: false, problem: "from_unreadable" });
    expect(readPeriod({ from: "", to: "' or 1=1" }, TODAY)).toEqual({ ok: false, problem: "to_unreadable" });
    expect(readPeriod({ from: "2026-03-02", to: "2026-03-01" }, TODAY)).toEqual({ ok: false, problem: "backwards" });
    expect(readPeriod({ from: "2026-12-02", to: "2027-01-01" }, TODAY)).toEqual({ ok: false, problem: "backwards" });
  });

  test("puts each balance in one age, with the edges where they belong", () => {
    const edges = {
      "0": "current",
      "1": "1-30",
      "30": "1-30",
      "31": "31-60",
      "60": "31-60",
      "61": "61-90",
      "90": "61-90",
      "91": "90+",
    };
    for (const [late, age] of Object.entries(edges))
      expect(ageOf(plusDays(TODAY, -Number(late)), TODAY), late).toBe(age);
    expect(ageOf("2027-01-01", TODAY)).toBe("current");
  });
});

const figure = (html: string, name: string): string | undefined =>
  new RegExp(`<dt>${name}</dt><dd>(?:<b>)?<span class="money">([^<]*)</span>`).exec(html)?.[1];

/** What the page says, page after page. */
async function wholeHistory(t: TestPortal, first: string) {
  const dana = await t.as("dana@example.com");
  const texts: string[] = [];
  for (let path: string | undefined = first; path; ) {
    const { html, status }: { html: string; status: number } = await dana.get(path);
    expect(status).toBe(200);
    texts.push(html);
    path = /href="([^"]*)" rel="next"/.exec(html)?.[1]?.replaceAll("&amp;", "&");
  }
  return texts;
}

const manyInvoices = (t: TestPortal, count: number) =>
  t.rows(
    `insert into invoices (id, account_id, number, kind, status, issued_on, due_on, total_cents)
     select 'inv_m' || value, (select id from accounts where number = 'CR-10021'), 'M-' || printf('%03d', value), 'other', 'sent',
       date('2026-09-01', (value / 3) || ' days'), '2026-12-20', 100 + value from generate_series(1, ${count})`.replace(
      `generate_series(1, ${count})`,
      `(with recursive n(value) as (select 1 union all select value + 1 from n where value < ${count}) select value from n)`,
    ),
  );

describe("the page", () => {
  test("shows what is open, or what happened with the balance after each, as the dealer has it or as one chooses", async () => {
    const t = await portal();
    const dana = await t.as("dana@example.com");
    const trips = t.trips.count;
    const open = await dana.get("/statement");
    expect(t.trips.count - trips).toBe(1);
    expect(open.html).toContain("Balance on Dec 1, 2026");
    expect(open.html).toContain('<option value="open_item" selected');
    const home = (await dana.get("/")).html;
    const balance = figure(open.html, "Balance on Dec 1, 2026")!;
    expect(home).toContain(balance);
    const all = await dana.get("/statement?from=2026-01-01&to=2026-12-01&kind=balance_forward");
    expect(figure(all.html, "Balance on Dec 1, 2026")).toBe(balance);
    expect(all.html).toContain("Balance before Jan 1, 2026");
    await t.rows("update money_settings set statement_kind = 'balance_forward'");
    expect((await dana.get("/statement")).html).toContain('<option value="balance_forward" selected');
  });

  test("goes through a long history in pages whose balances run on", async () => {
    const t = await portal();
    await manyInvoices(t, 70);
    const pages = await wholeHistory(t, "/statement?from=2026-09-01&to=2026-12-01&kind=balance_forward");
    expect(pages.length).toBeGreaterThanOrEqual(3);
    const numbers = pages.flatMap((html) => [...html.matchAll(/>Invoice (M-\d+)</g)].map((match) => match[1]));
    expect(new Set(numbers).size).toBe(70);
    expect(numbers).toHaveLength(70);
    const runs = pages.map((html) =>
      [...html.matchAll(/data-label="Balance"><span class="money">([^<]*)</g)].map((match) => match[1]),
    );
    for (let i = 1; i < runs.length; i++) expect(runs[i]![0]).toBe(runs[i - 1]!.at(-1));
    expect(runs.at(-1)!.at(-1)).toBe(figure(pages[0]!, "Balance on Dec 1, 2026"));
    const open = await wholeHistory(t, "/statement?kind=open_item");
    const items = open.flatMap((html) => [...html.matchAll(/>(M-\d+)</g)].map((match) => match[1]));
    expect(new Set(items).size).toBe(70);
    expect(items).toHaveLength(70);
  });

  test("says kindly what is wrong with the days, and keeps what was typed", async () => {
    const t = await portal();
    const dana = await t.as("dana@example.com");
    for (const [query, sentence] of [
      ["from=soon&to=2026-03-01", "We cannot read the first day"],
      ["from=2026-03-01&to=%3Cscript%3E", "We cannot read the last day"],
      ["from=2026-03-02&to=2026-03-01", "The first day has to come before the last"],
    ]) {
      for (const file of ["", ".pdf", ".csv"]) {
        const answer = await dana.get(`/statement${file}?${query}`);
        expect(answer.status).toBe(422);
        expect(answer.html).toContain(sentence);
        expect(answer.html).not.toContain("<script>");
      }
    }
  });

  test("is for those who may see money, each their own", async () => {
    const t = await portal();
    const ines = await t.as("ines@harborstreetdental.example.com");
    expect((await ines.get("/statement.csv?from=2020-01-01&to=2026-12-01")).html).not.toContain("INV-40022");
    expect((await t.browser().get("/statement.csv")).status).toBe(303);
    await t.rows(
      "update memberships set role = 'service' where user_id = (select id from users where email = 'ines@harborstreetdental.example.com')",
    );
    expect((await ines.get("/statement")).status).toBe(403);
  });

  test("is in Spanish for whoever reads it", async () => {
    const t = await portal();
    await t.rows("update users set language = 'es' where email = 'dana@example.com'");
    const dana = await t.as("dana@example.com");
    expect((await dana.get("/statement")).html).toContain("Estado de cuenta");
    expect((await dana.get("/statement.csv?kind=balance_forward")).html).toContain("Descripción");
  });
});

describe("paper and file", () => {
  test("say what the page says", async () => {
    const t = await portal();
    const dana = await t.as("dana@example.com");
    for (const kind of ["open_item", "balance_forward"]) {
      const query = `from=2026-01-01&to=2026-12-01&kind=${kind}`;
      const balance = figure((await dana.get(`/statement?${query}`)).html, "Balance on Dec 1, 2026")!;
      const pdf = await dana.get(`/statement.pdf?${query}`);
      expect(pdf.headers.get("Content-Type")).toBe("application/pdf");
      const { text } = await readPdf(new Uint8Array(await pdf.arrayBuffer()));
      expect(text).toContain(balance);
      expect(text).toContain("CR-10021");
      expect(text).toContain("Open by age");
      const csv = await dana.get(`/statement.csv?${query}`);
      expect(csv.headers.get("Content-Disposition")).toContain("statement-CR-10021-2026-12-01.csv");
      const last = csv.html.trimEnd().split("\r\n").at(-1)!;
      expect(dollars(Math.round(Number(/(-?[\d.]+),?$/.exec(last)![1]) * 100))).toBe(balance);
    }
  });

  test("bring a stub to mail with a check, as long as something is owed", async () => {
    const t = await portal();
    await manyInvoices(t, 1);
    const dana = await t.as("dana@example.com");
    const { text } = await readPdf(new Uint8Array(await (await dana.get("/statement.pdf")).arrayBuffer()));
    expect(text).toContain("Detach here and mail with your payment");
    expect(text).toContain("Statement date");
    await t.rows("delete from invoices where id like 'inv_m%'");
  });

  test("hold nothing that a spreadsheet would run", async () => {
    const t = await portal();
    const { id } = await t.row<{ id: string }>("select id from accounts where number = 'CR-10021'");
    await t.rows(
      "insert into credits (id, account_id, number, reason, issued_on, amount_cents) values ('crd_x', ?, '=1+1', '=cmd|calc', '2026-11-30', 100)",
      id,
    );
    const dana = await t.as("dana@example.com");
    const { html } = await dana.get("/statement.csv?kind=balance_forward");
    expect(html).toContain('"\'=1+1"');
    expect(html).toContain("Credit: =cmd|calc");
  });

  test("that would be too long are refused with a sentence", async () => {
    const t = await portal();
    await manyInvoices(t, 1001);
    const dana = await t.as("dana@example.com");
    const refused = await dana.get("/statement.pdf?from=2026-01-01&to=2026-12-01&kind=balance_forward");
    expect(refused.status).toBe(422);
    expect(refused.html).toContain("more than 1000 entries");
    const csv = await dana.get("/statement.csv?from=2026-01-01&to=2026-12-01&kind=balance_forward");
    expect(csv.html.split("\r\n").length).toBeGreaterThan(1001);
  });
});
