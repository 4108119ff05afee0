import { describe, expect, test } from "vitest";
import type { ImportReport } from "../../src/office/import.ts";
import { decodeText, openTable } from "../../src/office/import-csv.ts";
import { FILE_ORDER, kindOfFile } from "../../src/office/import-files.ts";
import { plain } from "../../src/office/import-headings.ts";
import { IMPORT_FIELDS } from "../../src/office/import-open.ts";
import { Row, withoutCardNumbers } from "../../src/office/import-row.ts";
import { CUSTOMERS, csv, dealerDatabase, INVOICES, PAYMENTS, sampleExport } from "./import-database.ts";

const reasons = (report: ImportReport) =>
  report.files.flatMap((file) => file.wrongRows.map((row) => `${row.row} ${row.column}: ${row.reason}`));
const customer = csv("customers.csv", CUSTOMERS, "10001,Ada,ada@example.com,1");
const cell = (text: string) => new Row(2, [text], new Map([["it", 0]]));

describe("a CSV file", () => {
  const rowsOf = (text: string) => {
    const table = openTable(text);
    if ("unreadable" in table) throw new Error(table.unreadable);
    const rows: [number, string[], string | null][] = [];
    table.eachRow((...row) => rows.push(row));
    return { headings: table.headings, rows };
  };

  test("is read with byte-order mark, CRLF, quotes and newlines within cells; rows are numbered as a spreadsheet does", () => {
    const read = rowsOf('\uFEFFName,Memo\r\n"Dental, LLC","Thank you,\r\nsee ""you"""\r\n\r\nAda,\r\n');
    expect(read).toEqual({
      headings: ["Name", "Memo"],
      rows: [
        [2, ["Dental, LLC", 'Thank you,\nsee "you"'], null],
        [4, ["Ada", ""], null],
      ],
    });
  });

  test("may have any of the usual newlines and delimiters, and a heading row that is not the first", () => {
    for (const newline of ["\n", "\r\n", "\r"]) {
      for (const delimiter of [",", ";", "\t", "|"]) {
        const text = [`"A, B; C|D"${delimiter}E`, `1${delimiter}"2${delimiter}3"`].join(newline);
        expect(rowsOf(text).rows, JSON.stringify(text)).toEqual([[2, ["1", `2${delimiter}3`], null]]);
      }
    }
    expect(rowsOf("\n\nA,B\n1,2").rows).toEqual([[4, ["1", "2"], null]]);
  });

  test("says which rows have a wrong number of cells; empty ones at the end do no harm", () => {
    expect(rowsOf("A,B\n1\n1,2,3\n1,2,,\n1,2").rows.map(([row, , fault]) => [row, fault])).toEqual([
      [2, "has 1 cell where the heading row has 2"],
      [3, "has 3 cells where the heading row has 2"],
      [4, null],
      [5, null],
    ]);
  });

  test("with a quotation mark that never closes loses no row without a word", async () => {
    const t = await dealerDatabase();
    const report = await t.report([csv("customers.csv", CUSTOMERS, '10001,"Ada,ada@example.com,1', "10002,Ben,,1")]);
    expect(reasons(report)).toEqual([expect.stringContaining("2 : The row has a quotation mark that is never closed")]);
  });

  test("is understood in UTF-8, UTF-16 and Windows-1252", () => {
    const utf16 = (bytes: number[]) =>
      new Uint8Array([
        ...bytes,
        ..."Núñez".split("").flatMap((c) => (bytes[0] === 0xff ? [c.charCodeAt(0), 0] : [0, c.charCodeAt(0)])),
      ]);
    expect(decodeText(new TextEncoder().encode("\uFEFFNguyễn"))).toBe("Nguyễn");
    expect(decodeText(utf16([0xff, 0xfe]))).toBe("Núñez");
    expect(decodeText(utf16([0xfe, 0xff]))).toBe("Núñez");
    expect(decodeText(new Uint8Array([0x4e, 0xfa, 0xf1, 0x65, 0x7a]))).toBe("Núñez");
  });

  test("that is a workbook, something else or nothing is refused with what to do", async () => {
    const t = await dealerDatabase();
    for (const [text, sentence] of [
      ["PK\u0003\u0004rest", "customers.csv is a workbook or an archive; save the sheet as CSV first."],
      ["a\u0000b", "customers.csv is not a text file; save the sheet as CSV first."],
      ["\r\n", "customers.csv is empty."],
    ] as const) {
      expect((await t.refusal([{ name: "customers.csv", text }])).sentences).toEqual([sentence]);
    }
  });
});

describe("headings", () => {
  test("are matched by synonyms, whatever their case, order and abbreviation", async () => {
    const t = await dealerDatabase();
    const report = await t.load([
      csv("Accounts 2026-11.csv", "Zip Code,E-Mail,CUSTOMER NAME,Cust. No.", "1,ada@example.com,Ada,10001"),
      csv(
        "AR Invoice Lines.csv",
        "Price,Extended,Qty.,Item,Due,InvoiceDate,Acct No,Inv #",
        "5.00,10.00,2,Key fob,11/21/2026,11/01/2026,10001,INV-1",
      ),
      csv(
        "receipts.csv",
        "Amt,Applied Amt,Applied To,Date Received,Method,Customer ID,Receipt #",
        "10.00,10.00,INV-1,11/02/2026,Visa,10001,R-1",
      ),
    ]);
    expect(report.total).toEqual({ new: 3, changed: 0, unchanged: 0, wrong: 0 });
    expect(await t.balance("10001")).toEqual({ due: 0, credit: 0 });
  });

  test("no two fields of a file answer to one word", () => {
    for (const kind of FILE_ORDER) {
      const words = IMPORT_FIELDS[kind].flatMap((field) => field.words);
      expect(
        words.filter((word, i) => words.indexOf(word) !== i),
        kind,
      ).toEqual([]);
      expect(
        words.filter((word) => plain(word) !== word),
        kind,
      ).toEqual([]);
    }
  });

  test("that are missing are asked for with the file, the field and what it may be; nothing is guessed or written", async () => {
    const t = await dealerDatabase();
    const files = [
      csv(
        "invoices.csv",
        INVOICES.replace("Invoice #", "Rechnung").replace("Amount", "Betrag"),
        "INV-1,10001,11/01/2026,11/21/2026,Sent,1,Monitoring,1,10.00,10.00,",
      ),
    ];
    const refusal = await t.refusal([customer, ...files], { apply: true });
    expect(refusal.questions).toMatchObject([
      {
        file: "invoices.csv",
        kind: "invoices",
        field: "number",
        means: "the invoice number",
        headings: ["Rechnung", "Betrag"],
      },
      {
        file: "invoices.csv",
        kind: "invoices",
        field: "amount",
        means: "the line's amount",
        headings: ["Rechnung", "Betrag"],
      },
    ]);
    expect(refusal.sentences[0]).toBe(
      'invoices.csv has no column that is clearly the invoice number. It may be one of "Rechnung", "Betrag"; say which, as in --map "invoices.csv:Rechnung=number".',
    );
    expect(await t.rows("select * from accounts")).toEqual([]);
    expect(await t.rows("select * from imports")).toEqual([]);
  });

  test("that could both be it are asked for too, and the answer settles it", async () => {
    const t = await dealerDatabase();
    const files = [csv("customers.csv", "Customer #,Account #,Account Name", "10001,A-9,Ada")];
    const refusal = await t.refusal(files);
    expect(refusal.sentences).toEqual([
      'customers.csv has several columns that could be the customer number: "Customer #", "Account #"; say which, as in --map "customers.csv:Customer #=number".',
    ]);
    await t.load(files, { mappings: [{ file: "customers", heading: "Account #", field: "number" }] });
    expect(await t.rows("select number from accounts")).toEqual([{ number: "A-9" }]);
  });

  test("somebody has explained are remembered once that import is applied", async () => {
    const t = await dealerDatabase();
    const files = [csv("customers.csv", "Kundennummer,Account Name", "10001,Ada")];
    const mappings = [{ file: "customers", heading: "Kundennummer", field: "number" }];
    await t.report(files, { mappings });
    await t.refusal(files);
    await t.load(files, { mappings });
    expect((await t.report(files)).total.unchanged).toBe(1);
    expect(await t.rows("select file, heading, field from import_mappings")).toEqual(mappings);
  });

  test("that mean nothing to us are named, those told to be ignored and those of our own file of wrong rows are not", async () => {
    const t = await dealerDatabase();
    const report = await t.report(
      [
        csv(
          "customers.csv",
          "File,Row,Column,Wrong because,Customer #,Name,Shoe Size,Dog",
          "customers.csv,7,Name,is empty,1,Ada,9,Rex",
        ),
      ],
      {
        mappings: [{ file: "customers", heading: "Dog", field: "ignore" }],
      },
    );
    expect(report.files[0]!.unused).toEqual(["Shoe Size"]);
    expect(report.total).toMatchObject({ new: 1, wrong: 0 });
  });
});

describe("what kind of file it is", () => {
  const fields = IMPORT_FIELDS;

  test("is told by its name", () => {
    const names = [
      "customers.csv",
      "Sites 2026.CSV",
      "exports/SYSTEMS-20261101.csv",
      "zones.csv",
      "AR_Invoices_2026-11.csv",
      "payments_export.csv",
      "CreditMemos.csv",
    ];
    expect(names.map((name) => kindOfFile(name, [], fields))).toEqual(FILE_ORDER);
    for (const { name, text } of sampleExport()) {
      const table = openTable(text) as { headings: string[] };
      const known = FILE_ORDER.find((kind) => `${kind}.csv` === name) ?? null;
      expect(kindOfFile(name, table.headings, fields), name).toBe(known);
    }
  });

  test("else by headings that fit one kind only", () => {
    for (const { name, text } of sampleExport()) {
      const table = openTable(text) as { headings: string[] };
      const known = FILE_ORDER.find((kind) => `${kind}.csv` === name) ?? null;
      expect(kindOfFile("Book1.csv", table.headings, fields), name).toBe(known);
    }
    expect(kindOfFile("Book1.csv", ["A", "B"], fields)).toBeNull();
  });

  test("a run with nothing to import in it, or the same name twice, says so", async () => {
    const t = await dealerDatabase();
    expect((await t.refusal([csv("signals.csv", "Account,Event", "1,2")])).sentences).toEqual([
      expect.stringContaining("There is nothing to import in signals.csv: name the files customers.csv, sites.csv"),
    ]);
    expect((await t.refusal([customer, customer])).sentences).toEqual(["There are two files called customers.csv."]);
  });

  test("several files of one kind are one; a number may stand in one of them only", async () => {
    const t = await dealerDatabase();
    const payments = (name: string, ...rows: string[]) => csv(name, PAYMENTS, ...rows);
    const files = [
      customer,
      payments("payments 2025.csv", "P-1,10001,11/02/2025,Cash,,5.00,,"),
      payments("payments 2026.csv", "P-2,10001,11/02/2026,Cash,,5.00,,", "P-1,10001,11/02/2025,Cash,,5.00,,"),
    ];
    const report = await t.load(files);
    expect(report.total).toEqual({ new: 3, changed: 0, unchanged: 0, wrong: 1 });
    expect(reasons(report)).toEqual(["3 Payment #: Payment P-1 is in row 2 of payments 2025.csv already"]);
  });
});

describe("cells", () => {
  test("with money: as back offices write it, never through a float", () => {
    const good: [string, number][] = [
      ["$1,234.50", 123450],
      ["1234.5", 123450],
      ["-$12.00", -1200],
      ["(12.00)", -1200],
      ["44.9500", 4495],
      ["($44.9500)", -4495],
      [" 0.29 ", 29],
      ['="1.10"', 110],
      ["'-5.00", -500],
    ];
    for (const [text, cents] of good) expect(cell(text).money("it"), text).toBe(cents);
    for (const text of ["ten", "1.234", "12,34.00", "1.2.3", "$", "1e3", "NaN", "٣", "10000000.01"]) {
      const row = cell(text);
      expect(row.money("it"), text).toBeNull();
      expect(row.problems, text).toHaveLength(1);
    }
  });

  test("with dates: ISO and US, a day that exists, midnight dropped", () => {
    for (const text of [
      "2026-03-01",
      "3/1/2026",
      "03/01/2026",
      "03/01/2026 12:00:00 AM",
      "2026-03-01T00:00:00",
      "2026-03-01 00:00",
    ]) {
      expect(cell(text).date("it"), text).toBe("2026-03-01");
    }
    for (const text of [
      "02/30/2026",
      "2026-13-01",
      "31/12/2026",
      "3/1/26",
      "March 1",
      "03/01/2026 11:59 PM",
      "0/0/0000",
    ]) {
      const row = cell(text);
      expect(row.date("it"), text).toBeNull();
      expect(row.problems, text).toHaveLength(1);
    }
    expect(cell("").date("it")).toBeNull();
  });

  test("with an e-mail address: one, and nothing around it", () => {
    for (const text of ["a@b.co", "First.Last+tag@mail.example.com", "o'neil@example.com", "X@EXAMPLE.COM"]) {
      const row = cell(text);
      expect([row.email("it"), row.problems], text).toEqual([text, []]);
    }
    for (const text of [
      "not-an-email",
      "a@b",
      "a@b.c,evil@x.com",
      '"x" <evil@x.com>',
      "a@-b.com",
      "a..b@c.com",
      "a@b.com\nBcc: c@d.com",
      "ä@b.com",
      "a b@c.com",
      `${"a".repeat(260)}@b.com`,
    ]) {
      const row = cell(text);
      row.email("it");
      expect(row.problems.length, text).toBeGreaterThan(0);
    }
  });

  test("with a telephone number: E.164 where it is a US number, as typed where not, and never a reason to refuse", async () => {
    const t = await dealerDatabase();
    const typed = [
      "(330) 555-0197",
      "330.555.0197",
      "+1 330 555 0197",
      "555-0197",
      "330-555-0197 x12",
      "ask for Bob",
      "",
    ];
    await t.load([csv("customers.csv", "Customer #,Name,Phone", ...typed.map((phone, i) => `${i},N${i},${phone}`))]);
    expect((await t.rows("select phone from accounts order by number")).map((row) => row.phone)).toEqual([
      "+13305550197",
      "+13305550197",
      "+13305550197",
      "555-0197",
      "330-555-0197 x12",
      "ask for Bob",
      null,
    ]);
  });

  test("with quantities: thousandths, and the amount to the half cent", async () => {
    const t = await dealerDatabase();
    const line = (n: number, quantity: string, rate: string, amount: string) =>
      `INV-${n},10001,11/01/2026,11/21/2026,Sent,1,Labor,${quantity},${rate},${amount},`;
    const report = await t.load([
      customer,
      csv(
        "invoices.csv",
        INVOICES,
        line(1, "1.5", "33.33", "50.00"),
        line(2, "1.5", "33.33", "49.99"),
        line(3, "0.333", "100.00", "33.30"),
        line(4, "", "", "12.34"),
        line(5, "2.000", "$5.00", "$10.00"),
        line(6, "-1", "5.00", "0.00"),
        line(7, "1.2345", "1.00", "1.23"),
        line(8, "3", "", "9.00"),
        line(9, "3", "3.00", "9.01"),
        line(10, "1.5", "33.33", "49.98"),
      ),
    ]);
    expect(reasons(report)).toEqual([
      "7 Amount: -1 × $5.00 is -$5.00, not $0.00",
      '8 Qty: "1.2345" is not a quantity (three decimals at most)',
      "9 Rate: Rate is empty",
      "10 Amount: 3 × $3.00 is $9.00, not $9.01",
      "11 Amount: 1.5 × $33.33 is $50.00, not $49.98",
    ]);
    expect(
      await t.rows(
        "select quantity_thousandths q, unit_cents u, amount_cents a from invoice_lines order by rowid limit 4",
      ),
    ).toEqual([
      { q: 1500, u: 3333, a: 5000 },
      { q: 1500, u: 3333, a: 4999 },
      { q: 333, u: 10000, a: 3330 },
      { q: 1000, u: 1234, a: 1234 },
    ]);
  });

  test("with hostile text are kept as text and come out harmless", async () => {
    const t = await dealerDatabase();
    const names = [
      '=HYPERLINK("http://x","y")',
      "<script>alert(1)</script>",
      "Robert'); drop table accounts;--",
      "a\u0007b\u001B[31mc",
      "Łukasz Nguye\u0302\u0303n",
      "__proto__",
      "@SUM(A1)",
    ];
    const quoted = names.map((name, i) => `${i},"${name.replaceAll('"', '""')}"`);
    await t.load([csv("customers.csv", "Customer #,Name", ...quoted)]);
    expect((await t.rows("select name from accounts order by number")).map((row) => row.name)).toEqual([
      ...names.slice(0, 3),
      "ab[31mc",
      "Łukasz Nguyễn",
      ...names.slice(5),
    ]);
  });

  test("that are too long, or of no known word, are refused in words", async () => {
    const t = await dealerDatabase();
    const report = await t.report([
      csv(
        "customers.csv",
        "Customer #,Name,Status",
        `1,${"x".repeat(201)},Active`,
        "2,Ada,Dormant",
        "3,Ben,",
        "3,Ben,Cancelled",
      ),
    ]);
    expect(reasons(report)).toEqual([
      "2 Name: Name is longer than 200 characters",
      '3 Status: "Dormant" is neither Active nor Inactive',
      "5 Customer #: Customer 3 is in row 4 already",
    ]);
  });
});

describe("the file of wrong rows", () => {
  test("has every wrong row with its own cells, its place and the reason, harmless in a spreadsheet", async () => {
    const t = await dealerDatabase();
    const report = await t.report([
      csv("customers.csv", CUSTOMERS, "1,=1+1,nonsense,2", "2,Ben,,3"),
      csv("payments.csv", PAYMENTS, "P-1,9,11/02/2026,Visa,4111 1111 1111 1111,-$5.00,,"),
    ]);
    const table = openTable(report.wrongRows) as Exclude<ReturnType<typeof openTable>, { unreadable: string }>;
    expect(table.headings).toEqual([
      "File",
      "Row",
      "Column",
      "Wrong because",
      ...CUSTOMERS.split(","),
      ...PAYMENTS.split(",").filter((h) => h !== "Customer #"),
    ]);
    const rows: string[][] = [];
    table.eachRow((_row, cells) => rows.push(cells));
    expect(rows).toEqual([
      [
        "customers.csv",
        "2",
        "Email",
        '"nonsense" is not an e-mail address',
        "1",
        "'=1+1",
        "nonsense",
        "2",
        "",
        "",
        "",
        "",
        "",
        "",
        "",
      ],
      [
        "payments.csv",
        "2",
        "Amount",
        "Amount has to be more than $0.00",
        "9",
        "",
        "",
        "",
        "P-1",
        "11/02/2026",
        "Visa",
        "************1111",
        "-$5.00",
        "",
        "",
      ],
    ]);
    expect((await t.report([customer])).wrongRows).toBe("");
  });

  test("card numbers are struck out wherever they stand, other numbers are not", () => {
    expect(withoutCardNumbers("paid by 4242 4242 4242 4242, thanks")).toBe("paid by ************4242, thanks");
    expect(withoutCardNumbers("5555-5555-5555-4444")).toBe("************4444");
    for (const text of ["4242424242424241", "INV-100000", "(330) 555-0197", "021000021 123456789012", "20261101120000"])
      expect(withoutCardNumbers(text)).toBe(text);
  });
});

test("names from outside that mean something to JavaScript are names like any other", async () => {
  const t = await dealerDatabase();
  const report = await t.load([
    csv(
      "customers.csv",
      "Customer #,Name,constructor,__proto__",
      "__proto__,Ada,1,2",
      "constructor,Ben,1,2",
      "toString,Cid,1,2",
    ),
    csv(
      "invoices.csv",
      INVOICES,
      "__proto__,__proto__,11/01/2026,11/21/2026,valueOf,1,x,1,1.00,1.00,",
      "constructor,constructor,11/01/2026,11/21/2026,Sent,1,x,1,1.00,1.00,",
    ),
    csv("payments.csv", PAYMENTS, "__proto__,constructor,11/02/2026,constructor,,1.00,constructor,1.00"),
  ]);
  expect(reasons(report)).toEqual(['2 Status: "valueOf" is none of Sent, Unsent and Void']);
  expect(report.files[0]!.unused).toEqual(["constructor", "__proto__"]);
  expect(await t.balance("constructor")).toEqual({ due: 0, credit: 0 });
});
