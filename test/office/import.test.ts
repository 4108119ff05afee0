import { describe, expect, test } from "vitest";
import { DatabaseTrouble } from "../../src/batch.ts";
import { dealerDatabase, sampleExport } from "./import-database.ts";

const SMALL = { batchRows: 20 };

describe("the export of an alarm company, wrong rows and all", () => {
  test("exactly its wrong rows are refused, each with file, row, column and a reason", async () => {
    const t = await dealerDatabase();
    const report = await t.report(sampleExport());
    const wrong = report.files.flatMap((file) =>
      file.wrongRows.map((row) => [file.name, row.row, row.column, row.reason]),
    );
    expect(wrong).toEqual([
      ["customers.csv", 14, "Customer #", "Customer # is empty"],
      ["customers.csv", 15, "Email", '"not-an-email" is not an e-mail address'],
      ["invoices.csv", 50, "Customer #", expect.stringContaining("Customer 00000 is not known")],
      ["invoices.csv", 51, "Invoice Date", "there is no day 02/30/2026"],
      ["invoices.csv", 52, "Amount", '"ten" is not an amount of money; Rate: "ten" is not an amount of money'],
      ["invoices.csv", 53, "Amount", "2 × $10.00 is $20.00, not $10.00"],
      [
        "payments.csv",
        29,
        "Applied",
        expect.stringMatching(/^\$1,000,000\.00 is more than is owed on invoice INV-100000/),
      ],
    ]);
    expect(report.skipped).toEqual(["call_list.csv", "proposals.csv", "signals.csv", "work_orders.csv"]);
    expect(report.files.map((file) => file.name)).toEqual(
      ["customers", "sites", "systems", "zones", "invoices", "payments", "credits"].map((kind) => `${kind}.csv`),
    );
  });

  test("counts are of rows as a spreadsheet has them, invoice lines too", async () => {
    const t = await dealerDatabase();
    const report = await t.report(sampleExport());
    const rows = Object.fromEntries(sampleExport().map(({ name, text }) => [name, cells(text).length - 1]));
    for (const { name, counts } of report.files) {
      expect(counts.new + counts.wrong, name).toBe(rows[name]);
      expect(counts, name).toMatchObject({ changed: 0, unchanged: 0 });
    }
    expect(report.total).toMatchObject({ wrong: 7 });
  });

  test("a dry run says the same as the loading and writes nothing", async () => {
    const t = await dealerDatabase();
    const before = await t.everything();
    const dry = await t.report(sampleExport(), SMALL);
    expect(await t.everything()).toEqual(before);
    expect(await t.rows("select * from imports")).toEqual([]);
    const loaded = await t.load(sampleExport(), SMALL);
    expect({ files: loaded.files, total: loaded.total }).toEqual({ files: dry.files, total: dry.total });
  });

  test("a second run finds everything unchanged and leaves every row as it was", async () => {
    const t = await dealerDatabase();
    const first = await t.load(sampleExport());
    const before = await t.everything();
    const second = await t.load([...sampleExport()].reverse());
    expect(second.total).toEqual({ new: 0, changed: 0, unchanged: first.total.new, wrong: 7 });
    expect(await t.everything()).toEqual(before);
  });

  test("what is loaded is what the files say", async () => {
    const t = await dealerDatabase();
    await t.load(sampleExport());
    const [heading, ...rows] = cells(sampleExport().find((file) => file.name === "customers.csv")!.text);
    const { accounts, users, memberships, systems } = await t.records();
    const said = rows.slice(0, 12).map((row) => Object.fromEntries(heading!.map((name, i) => [name, row[i]!])));
    expect(accounts).toHaveLength(12);
    for (const [i, row] of said.entries()) {
      expect(accounts![i]).toMatchObject({
        number: row["Customer #"],
        name: row["Account Name"],
        email: row.Email || null,
        phone: `+1${row.Phone!.replace(/\D/g, "")}`,
        zip: row.Zip,
        registration_key: row["Registration Key"],
      });
    }
    const emails = said.map((row) => row.Email!).filter((email) => email !== "");
    expect(users!.map((user) => user.email)).toEqual(emails.sort());
    expect(memberships).toHaveLength(emails.length);
    expect(systems!.every((system) => Array.isArray(JSON.parse(String(system.services))))).toBe(true);
    expect(systems!.map((system) => JSON.parse(String(system.services)).length)).toContain(2);
  });

  test("every customer's balance is what an independent sum over the files says", async () => {
    const t = await dealerDatabase();
    await t.load(sampleExport());
    const sums = independentSums(new Set(["INV-999001", "INV-999002", "INV-999003", "INV-999004", "PM-999001"]));
    expect(sums.size).toBe(12);
    for (const [customer, { due, credit }] of sums)
      expect(await t.balance(customer), customer).toEqual({ due, credit });
    expect([...sums.values()].some((sum) => sum.due > 0)).toBe(true);
    expect([...sums.values()].some((sum) => sum.credit > 0)).toBe(true);
  });

  test("unsent invoices are kept out of sight, void ones stay void and owe nothing", async () => {
    const t = await dealerDatabase();
    await t.load(sampleExport());
    const statuses = await t.rows(
      "select status, count(*) n, sum(allocated_cents) paid from invoices group by status order by 1",
    );
    expect(statuses.map((row) => row.status)).toEqual(["sent", "unsent", "void"]);
    expect(statuses.filter((row) => row.status !== "sent").every((row) => row.paid === 0)).toBe(true);
  });

  test("an applied run is recorded with its counts and times, and every batch is an event", async () => {
    const t = await dealerDatabase();
    const report = await t.load(sampleExport(), { by: "key_1" });
    const [record] = await t.rows("select id, by, started_at, finished_at, counts, wrong_rows_key from imports");
    expect(record).toMatchObject({ id: report.id, by: "key_1", wrong_rows_key: null });
    expect(JSON.parse(String(record!.counts))["invoices.csv"]).toEqual(report.files[4]!.counts);
    const events = await t.rows("select action, count(*) n from events group by 1 order by 1");
    expect(events).toEqual([
      { action: "import.applied", n: 7 },
      { action: "import.finished", n: 1 },
      { action: "import.started", n: 1 },
    ]);
  });
});

describe("an import that is cut", () => {
  test("before any batch, and run again, ends as if it had not been", async () => {
    const whole = await dealerDatabase();
    await whole.load(sampleExport(), SMALL);
    const end = await whole.records();
    const writes = (await whole.rows("select count(*) n from events"))[0]!.n as number;
    expect(writes).toBeGreaterThan(12);
    for (let cut = 1; cut <= writes; cut++) {
      const t = await dealerDatabase();
      t.line.breaks = (write) => (write >= cut ? "before" : null);
      await expect(t.load(sampleExport(), SMALL), `cut at ${cut}`).rejects.toThrow(DatabaseTrouble);
      t.line.breaks = null;
      const again = await t.load(sampleExport(), SMALL);
      expect(again.total.wrong).toBe(7);
      expect(await t.records(), `cut at ${cut}`).toEqual(end);
    }
  }, 60_000);

  test("whose answers are lost goes on: each batch is there once", async () => {
    const whole = await dealerDatabase();
    await whole.load(sampleExport(), SMALL);
    const t = await dealerDatabase();
    t.line.breaks = (write) => (write % 2 === 1 ? "after" : null);
    const report = await t.load(sampleExport(), SMALL);
    expect(report.total.wrong).toBe(7);
    expect(await t.records()).toEqual(await whole.records());
  });
});

test("two imports at once end as one", async () => {
  const whole = await dealerDatabase();
  const once = await whole.load(sampleExport(), SMALL);
  const t = await dealerDatabase();
  const [a, b] = await Promise.all([t.load(sampleExport(), SMALL), t.load(sampleExport(), SMALL)]);
  expect([a!.total.wrong, b!.total.wrong]).toEqual([7, 7]);
  expect(a!.total.new + b!.total.new, "each row is new to one of them").toBe(once.total.new);
  expect(a!.total.changed + b!.total.changed).toBe(0);
  expect(await t.records()).toEqual(await whole.records());
});

/** A parser of this test's own: the one in the product is what is being tested. */
function cells(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = "";
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const at = text[i]!;
    if (quoted && at === '"' && text[i + 1] === '"') cell += text[++i];
    else if (at === '"') quoted = !quoted;
    else if (quoted) cell += at;
    else if (at === ",") {
      row.push(cell.trim());
      cell = "";
    } else if (at === "\n") {
      rows.push([...row, cell.trim()]);
      row = [];
      cell = "";
    } else cell += at;
  }
  return rows;
}

/** Due and credit per customer in cents, added up from the files alone. */
function independentSums(wrong: Set<string>): Map<string, { due: number; credit: number }> {
  const read = (name: string) => {
    const [heading, ...rows] = cells(
      sampleExport()
        .find((file) => file.name === name)!
        .text.replace("\uFEFF", ""),
    );
    return rows.filter((row) => !wrong.has(row[0]!)).map((row) => (column: string) => row[heading!.indexOf(column)]!);
  };
  const cents = (text: string) => Math.round(Number(text.replace(/[$,]/g, "") || 0) * 100);
  const sums = new Map(
    read("customers.csv")
      .filter((of) => /^1\d{4}$/.test(of("Customer #")))
      .map((of) => [of("Customer #"), { due: 0, credit: 0 }]),
  );
  const sent = new Set<string>();
  for (const of of read("invoices.csv")) {
    if (of("Status") !== "Sent") continue;
    sent.add(of("Invoice #"));
    sums.get(of("Customer #"))!.due += cents(of("Amount")) + cents(of("Tax"));
  }
  for (const of of [...read("payments.csv"), ...read("credits.csv")]) {
    const sum = sums.get(of("Customer #"))!;
    sum.credit += cents(of("Amount")) - cents(of("Applied"));
    if (sent.has(of("Invoice #"))) sum.due -= cents(of("Applied"));
  }
  return sums;
}
