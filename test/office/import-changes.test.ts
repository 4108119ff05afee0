import { describe, expect, test } from "vitest";
import type { ImportReport } from "../../src/office/import.ts";
import {
  CREDITS,
  CUSTOMERS,
  csv,
  type DealerDatabase,
  dealerDatabase,
  INVOICES,
  NOW,
  PAYMENTS,
} from "./import-database.ts";

const customers = (...more: string[]) =>
  csv("customers.csv", CUSTOMERS, "10001,Ada Ito,ada@example.com,44011", "10002,Ben Park,,44012", ...more);
const invoices = (...rows: string[]) => csv("invoices.csv", INVOICES, ...rows);
const payments = (...rows: string[]) => csv("payments.csv", PAYMENTS, ...rows);
const credits = (...rows: string[]) => csv("credits.csv", CREDITS, ...rows);
const invoice = (number: string, dollars: number, of: { customer?: number; status?: string } = {}) =>
  `${number},${of.customer ?? 10001},11/01/2026,11/21/2026,${of.status ?? "Sent"},1,Monitoring,1,${dollars}.00,${dollars}.00,`;
const payment = (number: string, dollars: number, on = "", applied = dollars, customer = 10001) =>
  `${number},${customer},11/02/2026,Check,1044,${dollars}.00,${on},${on === "" ? "" : `${applied}.00`}`;

const reasons = (report: ImportReport) =>
  report.files.flatMap((file) => file.wrongRows.map((row) => `${file.name} ${row.row}: ${row.reason}`));

/** One customer owing 100 and 50, the first paid by an imported check. */
async function paidDealer(): Promise<DealerDatabase> {
  const t = await dealerDatabase();
  await t.load([
    customers(),
    invoices(invoice("INV-1", 100), invoice("INV-2", 50)),
    payments(payment("PM-1", 100, "INV-1")),
  ]);
  expect(await t.balance("10001")).toEqual({ due: 5000, credit: 0 });
  return t;
}

/** A payment made in the portal, settled or still on its way. */
async function portalPayment(t: DealerDatabase, invoiceNumber: string, cents: number, state: "settled" | "processing") {
  const account = "(select id from accounts where number = '10001')";
  const on = `(select id from invoices where number = '${invoiceNumber}')`;
  const settled = state === "settled";
  await t.execute(
    `insert into payments (id, account_id, origin, kind, amount_cents, allocated_cents, state, started_at, paid_on)
     values ('pay_portal', ${account}, 'portal', 'card', ${cents}, ${settled ? cents : 0}, '${state}', ${NOW}, '2026-11-03')`,
  );
  if (settled) {
    await t.execute(
      `insert into events (key, action, by, at) values ('payment.closed:pay_portal', 'payment.closed', 'stripe', ${NOW})`,
    );
    await t.execute(
      `insert into allocations (invoice_id, payment_id, amount_cents, at, event_key) values (${on}, 'pay_portal', ${cents}, ${NOW}, 'payment.closed:pay_portal')`,
    );
    await t.execute(
      `update invoices set allocated_cents = allocated_cents + ${cents} where number = '${invoiceNumber}'`,
    );
  } else {
    await t.execute(`insert into holds (payment_id, invoice_id, amount_cents) values ('pay_portal', ${on}, ${cents})`);
    await t.execute(`update invoices set held_cents = held_cents + ${cents} where number = '${invoiceNumber}'`);
  }
}

const portalRow = async (t: DealerDatabase) =>
  (await t.rows("select amount_cents, allocated_cents, state from payments where id = 'pay_portal'"))[0];

describe("a row that changed", () => {
  test("changes what it says, and only that row counts as changed", async () => {
    const t = await paidDealer();
    const report = await t.load([
      customers("10003,New One,new@example.com,44013"),
      invoices(invoice("INV-1", 100), invoice("INV-2", 60)),
    ]);
    expect(report.total).toEqual({ new: 1, changed: 1, unchanged: 3, wrong: 0 });
    expect(await t.balance("10001")).toEqual({ due: 6000, credit: 0 });
    expect(
      await t.rows(
        "select amount_cents from invoice_lines l join invoices i on i.id = l.invoice_id where number = 'INV-2'",
      ),
    ).toEqual([{ amount_cents: 6000 }]);
  });

  test("replaces the lines of its invoice, and what is not in a file is left alone", async () => {
    const t = await dealerDatabase();
    const two = (second: string) =>
      invoices("INV-1,10001,11/01/2026,11/21/2026,Sent,1,Monitoring,1,10.00,10.00,0.73", second);
    await t.load([customers(), two("INV-1,10001,11/01/2026,11/21/2026,Sent,2,Key fob,2,5.00,10.00,")]);
    const report = await t.load([invoices("INV-1,10001,11/01/2026,11/21/2026,Sent,1,Monitoring,1,12.00,12.00,0.87")]);
    expect(report.total).toEqual({ new: 0, changed: 1, unchanged: 0, wrong: 0 });
    expect(await t.rows("select position, description, amount_cents, tax_cents from invoice_lines")).toEqual([
      { position: 1, description: "Monitoring", amount_cents: 1200, tax_cents: 87 },
    ]);
    expect(await t.rows("select count(*) n from accounts")).toEqual([{ n: 2 }]);
  });

  test("leaves edits made here alone as long as the file says the same", async () => {
    const t = await paidDealer();
    await t.execute("update accounts set phone = '+16145550123', email = 'mine@example.com' where number = '10001'");
    const same = await t.load([customers()]);
    expect(same.total.unchanged).toBe(2);
    expect(await t.rows("select phone, email from accounts where number = '10001'")).toEqual([
      { phone: "+16145550123", email: "mine@example.com" },
    ]);
  });

  test("of a customer never changes who may sign in", async () => {
    const t = await paidDealer();
    const users = await t.rows("select email, password_hash from users");
    expect(users).toEqual([{ email: "ada@example.com", password_hash: null }]);
    const report = await t.load([csv("customers.csv", CUSTOMERS, "10001,Ada Ito,Other@example.com,44011")]);
    expect(report.total.changed).toBe(1);
    expect(await t.rows("select email from accounts where number = '10001'")).toEqual([{ email: "Other@example.com" }]);
    expect(await t.rows("select email, password_hash from users")).toEqual(users);
  });
});

describe("who may sign in", () => {
  test("one address is one user, whatever its case, with every new account that has it", async () => {
    const t = await dealerDatabase();
    await t.load([
      csv("customers.csv", CUSTOMERS, "1,One,Same@Example.com,1", "2,Two,same@example.com,1", "3,Three,,1"),
    ]);
    await t.load([csv("customers.csv", CUSTOMERS, "4,Four,SAME@example.com,1")]);
    expect(await t.rows("select email from users")).toEqual([{ email: "same@example.com" }]);
    expect(
      await t.rows("select number, role from memberships m join accounts a on a.id = m.account_id order by 1"),
    ).toEqual(["1", "2", "4"].map((number) => ({ number, role: "owner" })));
  });

  test("a customer without a registration key is given one that is kept", async () => {
    const t = await dealerDatabase();
    await t.load([customers()]);
    const [first, second] = await t.rows("select registration_key from accounts order by number");
    expect(first!.registration_key).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
    expect(first!.registration_key).not.toBe(second!.registration_key);
    await t.load([csv("customers.csv", CUSTOMERS, "10001,Ada Ito-Park,ada@example.com,44011")]);
    expect((await t.rows("select name, registration_key from accounts order by number"))[0]).toEqual({
      name: "Ada Ito-Park",
      ...first,
    });
  });
});

describe("money received in the portal", () => {
  test("survives the same export again", async () => {
    const t = await paidDealer();
    await portalPayment(t, "INV-2", 5000, "settled");
    const before = await t.everything();
    const report = await t.load([
      customers(),
      invoices(invoice("INV-1", 100), invoice("INV-2", 50)),
      payments(payment("PM-1", 100, "INV-1")),
    ]);
    expect(report.total).toMatchObject({ new: 0, changed: 0, wrong: 0 });
    expect(await t.everything()).toEqual(before);
  });

  test("keeps an invoice from being lowered below it, in words", async () => {
    const t = await paidDealer();
    await portalPayment(t, "INV-2", 5000, "settled");
    for (const [dollars, wrong] of [
      [50, 0],
      [49, 1],
    ] as const) {
      const report = await t.load([
        invoices(`INV-2,10001,11/01/2026,11/21/2026,Sent,1,Less,1,${dollars}.00,${dollars}.00,`),
      ]);
      expect(report.total).toMatchObject({ changed: 1 - wrong, wrong });
      if (wrong)
        expect(reasons(report)).toEqual([
          expect.stringContaining("this would bring invoice INV-2 down to $49.00, but $50.00 has been paid on it"),
        ]);
    }
    expect(await portalRow(t)).toEqual({ amount_cents: 5000, allocated_cents: 5000, state: "settled" });
  });

  test("becomes account credit when the back office voids the invoice", async () => {
    const t = await paidDealer();
    await portalPayment(t, "INV-2", 5000, "settled");
    await t.load([invoices(invoice("INV-2", 50, { status: "Void" }))]);
    expect(await portalRow(t)).toEqual({ amount_cents: 5000, allocated_cents: 0, state: "settled" });
    expect(await t.balance("10001")).toEqual({ due: 0, credit: 5000 });
  });

  test("on its way keeps its invoice from being voided, unsent, lowered or paid by somebody else", async () => {
    const t = await paidDealer();
    await portalPayment(t, "INV-2", 3000, "processing");
    const void_ = await t.load([invoices(invoice("INV-2", 50, { status: "Void" }))]);
    expect(reasons(void_)).toEqual([
      expect.stringContaining("Status cannot be void while a payment of $30.00 made in the portal is on its way"),
    ]);
    const unsent = await t.load([invoices(invoice("INV-2", 50, { status: "Draft" }))]);
    expect(reasons(unsent)).toEqual([expect.stringContaining("Status cannot be unsent while a payment of $30.00")]);
    const lower = await t.load([invoices(invoice("INV-2", 29))]);
    expect(reasons(lower)).toEqual([expect.stringContaining("$0.00 has been paid on it and $30.00 is on its way")]);
    const check = await t.load([payments(payment("PM-2", 21, "INV-2"))]);
    expect(reasons(check)).toEqual([
      "payments.csv 2: $21.00 is more than is owed on invoice INV-2 ($20.00, besides $30.00 that a customer is paying in the portal at this moment)",
    ]);
    expect((await t.load([payments(payment("PM-2", 20, "INV-2"))])).total).toMatchObject({ new: 1, wrong: 0 });
    expect(await portalRow(t)).toEqual({ amount_cents: 3000, allocated_cents: 0, state: "processing" });
  });

  test("that starts between the look and the loading is seen in time", async () => {
    const t = await paidDealer();
    t.line.writes = 0;
    t.line.breaks = async (write) => {
      if (write === 2) await portalPayment(t, "INV-2", 3000, "processing");
      return null;
    };
    const report = await t.load([payments(payment("PM-2", 50, "INV-2"), payment("PM-3", 7))]);
    expect(reasons(report)).toEqual([
      expect.stringContaining("$50.00 is more than is owed on invoice INV-2 ($20.00, besides $30.00"),
    ]);
    expect(report.total).toMatchObject({ new: 1, wrong: 1 });
    expect(await t.rows("select held_cents, allocated_cents from invoices where number = 'INV-2'")).toEqual([
      { held_cents: 3000, allocated_cents: 0 },
    ]);
  });

  test("is not pushed off its invoice by an imported payment, nor by one that changed", async () => {
    const t = await paidDealer();
    await portalPayment(t, "INV-2", 5000, "settled");
    const fresh = await t.load([payments(payment("PM-2", 50, "INV-2"))]);
    expect(reasons(fresh)).toEqual(["payments.csv 2: $50.00 is more than is owed on invoice INV-2 ($0.00)"]);
    const changed = await t.load([payments(payment("PM-1", 100, "INV-2", 50))]);
    expect(changed.total).toMatchObject({ changed: 0, wrong: 1 });
    expect(await t.balance("10001")).toEqual({ due: 0, credit: 0 });
  });

  test("is never touched by a row that has its number", async () => {
    const t = await paidDealer();
    await portalPayment(t, "INV-2", 5000, "settled");
    await t.execute("update payments set number = 'PM-77' where id = 'pay_portal'");
    const report = await t.load([payments(payment("PM-77", 1))]);
    expect(report.total).toMatchObject({ unchanged: 1, changed: 0, wrong: 0 });
    expect(await portalRow(t)).toEqual({ amount_cents: 5000, allocated_cents: 5000, state: "settled" });
  });
});

describe("an imported payment that changed", () => {
  test("lets go of what it covered and covers what the file says, leaving both in the books", async () => {
    const t = await paidDealer();
    const report = await t.load([
      payments(
        "PM-1,10001,11/02/2026,Check,1044,100.00,INV-1,60.00",
        "PM-1,10001,11/02/2026,Check,1044,100.00,INV-2,30.00",
      ),
    ]);
    expect(report.total).toEqual({ new: 0, changed: 2, unchanged: 0, wrong: 0 });
    expect(await t.balance("10001")).toEqual({ due: 6000, credit: 1000 });
    expect(
      await t.rows(
        "select i.number, a.amount_cents from allocations a join invoices i on i.id = a.invoice_id order by a.id",
      ),
    ).toEqual([
      { number: "INV-1", amount_cents: 10000 },
      { number: "INV-1", amount_cents: -4000 },
      { number: "INV-2", amount_cents: 3000 },
    ]);
  });

  test("may be swapped with another in one go", async () => {
    const t = await paidDealer();
    await t.load([invoices(invoice("INV-3", 100)), payments(payment("PM-3", 100, "INV-3"))]);
    const report = await t.load([payments(payment("PM-1", 100, "INV-3"), payment("PM-3", 100, "INV-1"))], {
      batchRows: 1,
    });
    expect(report.total).toEqual({ new: 0, changed: 2, unchanged: 0, wrong: 0 });
    const { allocations } = await t.records();
    expect(allocations!.map((row) => `${row.payment} ${row.invoice}`)).toEqual(["PM-3 INV-1", "PM-1 INV-3"]);
  });

  test("makes room for others wherever they stand in the files", async () => {
    const t = await paidDealer();
    const files = [
      invoices(invoice("INV-1", 80), invoice("INV-2", 50)),
      payments(payment("PM-0", 30, "INV-1"), payment("PM-1", 100, "INV-1", 40)),
      credits("CR-1,10001,11/03/2026,Courtesy,10.00,INV-1,10.00"),
    ];
    const dry = await t.report(files, { batchRows: 1 });
    expect(reasons(dry)).toEqual([]);
    const report = await t.load(files, { batchRows: 1 });
    expect(report.total).toEqual(dry.total);
    expect(report.total).toEqual({ new: 2, changed: 2, unchanged: 1, wrong: 0 });
    expect(await t.balance("10001")).toEqual({ due: 5000, credit: 6000 });
    expect((await t.load(files)).total).toEqual({ new: 0, changed: 0, unchanged: 5, wrong: 0 });
  });

  test("may move to the customer whose it is", async () => {
    const t = await paidDealer();
    await t.load([invoices(invoice("INV-9", 100, { customer: 10002 }))]);
    const report = await t.load([payments(payment("PM-1", 100, "INV-9", 100, 10002))]);
    expect(report.total).toMatchObject({ changed: 1, wrong: 0 });
    expect(await t.balance("10001")).toEqual({ due: 15000, credit: 0 });
    expect(await t.balance("10002")).toEqual({ due: 0, credit: 0 });
  });

  test("keeps what has been refunded or returned of it", async () => {
    const t = await paidDealer();
    await t.load([payments(payment("PM-2", 40))]);
    await t.execute("update payments set refunded_cents = 1500 where number = 'PM-2'");
    const report = await t.load([payments(payment("PM-2", 40, "INV-2", 26))]);
    expect(reasons(report)).toEqual([
      expect.stringContaining("Amount leaves too little: $15.00 of this payment has been refunded"),
    ]);
    expect((await t.load([payments(payment("PM-2", 40, "INV-2", 25))])).total.changed).toBe(1);
  });
});

describe("an invoice", () => {
  test("that is void gives its money back as credit, and takes it again when it is sent after all", async () => {
    const t = await paidDealer();
    const files = (status: string) => [
      invoices(invoice("INV-1", 100, { status })),
      payments(payment("PM-1", 100, "INV-1")),
    ];
    expect((await t.load([files("Void")[0]!])).total).toMatchObject({ changed: 1, wrong: 0 });
    expect(await t.balance("10001")).toEqual({ due: 5000, credit: 10000 });
    expect((await t.load(files("Void"))).total).toEqual({ new: 0, changed: 0, unchanged: 2, wrong: 0 });
    const dry = await t.report(files("Sent"));
    const report = await t.load(files("Sent"));
    expect(report.total).toEqual(dry.total);
    expect(report.total).toEqual({ new: 0, changed: 2, unchanged: 0, wrong: 0 });
    expect(await t.balance("10001")).toEqual({ due: 5000, credit: 0 });
  });

  test("moves to another customer together with what paid it, or not at all", async () => {
    const t = await paidDealer();
    const moved = invoices(invoice("INV-1", 100, { customer: 10002 }));
    const alone = await t.load([moved]);
    expect(reasons(alone)).toEqual([
      "invoices.csv 2: Customer # was 10001, whose money ($100.00) is on this invoice; take it off first",
    ]);
    const both = await t.load([moved, payments(payment("PM-1", 100, "INV-1", 100, 10002))]);
    expect(both.total).toEqual({ new: 0, changed: 2, unchanged: 0, wrong: 0 });
    expect(await t.balance("10002")).toEqual({ due: 0, credit: 0 });
  });

  test("with no status is what the dealer chose; a later blank leaves the status alone", async () => {
    const t = await dealerDatabase("unsent");
    await t.load([customers(), invoices(invoice("INV-1", 10, { status: " " }))]);
    expect(await t.rows("select status from invoices")).toEqual([{ status: "unsent" }]);
    await t.execute("update invoices set status = 'sent'");
    await t.load([invoices(invoice("INV-1", 12, { status: " " }))]);
    expect(await t.rows("select status, total_cents from invoices")).toEqual([{ status: "sent", total_cents: 1200 }]);
  });

  test("stands or falls with all its lines", async () => {
    const t = await dealerDatabase();
    const report = await t.load([
      customers(),
      invoices(
        "INV-1,10001,11/01/2026,11/21/2026,Sent,1,Monitoring,1,10.00,10.00,",
        "INV-1,10001,11/01/2026,11/22/2026,Sent,2,Key fob,1,5.00,5.00,",
        "INV-1,10001,11/01/2026,11/21/2026,Sent,2,Again,1,5.00,5.00,",
        "INV-2,10001,11/01/2026,11/21/2026,Sent,1,Credit,1,-5.00,-5.00,",
      ),
    ]);
    expect(reasons(report)).toEqual([
      "invoices.csv 2: Invoice INV-1 is refused whole, because of row 3: Due Date differs from row 2, which is of the same invoice",
      "invoices.csv 3: Due Date differs from row 2, which is of the same invoice",
      "invoices.csv 4: line 2 of this invoice stands twice",
      "invoices.csv 5: this invoice comes to -$5.00; money given back is a credit, not an invoice",
    ]);
    expect(await t.rows("select * from invoices")).toEqual([]);
  });
});

test("a line that lacks a cell takes its whole invoice with it", async () => {
  const t = await dealerDatabase();
  const report = await t.load([
    customers(),
    invoices(invoice("INV-1", 10), "INV-1,10001,11/01/2026,11/21/2026,Sent,2,Key fob,1,5.00,5.00"),
  ]);
  expect(reasons(report)).toEqual([
    "invoices.csv 2: Invoice INV-1 is refused whole, because of row 3: The row has 10 cells where the heading row has 11",
    "invoices.csv 3: The row has 10 cells where the heading row has 11",
  ]);
  expect(await t.rows("select * from invoices")).toEqual([]);
});

describe("what a row refers to", () => {
  test("must be in the portal or among the good rows of the same import", async () => {
    const t = await dealerDatabase();
    const files = [
      csv("customers.csv", CUSTOMERS, "10001,Ada,ada@example.com,1", "10002,Bad,nonsense,1"),
      csv("sites.csv", "Customer #,Site #", "10001,10001-1", "10002,10002-1", "777,777-1"),
      csv("systems.csv", "Site #,CS #", "10001-1,H1", "10002-1,H2"),
      csv("zones.csv", "CS #,Zone,Name", "H1,001,Door", "H2,001,Door"),
      csv(
        "invoices.csv",
        `Site #,${INVOICES}`,
        `10001-1,${invoice("INV-1", 10)}`,
        `10002-1,${invoice("INV-2", 10)}`,
        `,${invoice("INV-3", 10, { customer: 10002 })}`,
      ),
      payments(payment("PM-1", 10, "INV-1"), payment("PM-2", 10, "INV-2"), payment("PM-3", 10, "", 0, 10002)),
    ];
    const dry = await t.report(files);
    const report = await t.load(files);
    expect(reasons(dry)).toEqual(reasons(report));
    expect(
      report.files.flatMap((file) => file.wrongRows.map((row) => `${file.name} ${row.row} ${row.column}`)),
    ).toEqual([
      "customers.csv 3 Email",
      "sites.csv 3 Customer #",
      "sites.csv 4 Customer #",
      "systems.csv 3 Site #",
      "zones.csv 3 CS #",
      "invoices.csv 3 Site #",
      "invoices.csv 4 Customer #",
      "payments.csv 3 Invoice #",
      "payments.csv 4 Customer #",
    ]);
  });

  test("must be of the same customer", async () => {
    const t = await paidDealer();
    await t.load([csv("sites.csv", "Customer #,Site #", "10002,10002-1")]);
    const report = await t.load([
      csv("invoices.csv", `Site #,${INVOICES}`, `10002-1,${invoice("INV-7", 10)}`),
      payments(payment("PM-7", 10, "INV-2", 10, 10002)),
    ]);
    expect(reasons(report)).toEqual([
      "invoices.csv 2: site 10002-1 belongs to customer 10002",
      "payments.csv 2: invoice INV-2 is of customer 10001",
    ]);
  });
});

describe("payments and credits", () => {
  test("cover what the file says and nothing else; the rest is account credit", async () => {
    const t = await dealerDatabase();
    await t.load([
      customers(),
      invoices(invoice("INV-1", 100), invoice("INV-2", 50)),
      payments(
        "PM-1,10001,11/02/2026,Visa,4111 1111 1111 1111,120.00,INV-2,50.00",
        "PM-1,10001,11/02/2026,Visa,4111 1111 1111 1111,120.00,INV-1,20.00",
      ),
      credits("CR-1,10001,11/03/2026,Prepaid,25.00,,"),
    ]);
    expect(await t.balance("10001")).toEqual({ due: 8000, credit: 7500 });
    expect(await t.rows("select kind, brand, last_four, state, origin, paid_on from payments")).toEqual([
      { kind: "card", brand: "visa", last_four: "1111", state: "settled", origin: "import", paid_on: "2026-11-02" },
    ]);
  });

  test("are refused in words where they do not add up", async () => {
    const t = await dealerDatabase();
    const report = await t.load([
      customers(),
      invoices(invoice("INV-1", 100), invoice("INV-V", 5, { status: "Voided" })),
      payments(
        payment("PM-1", 10, "INV-1", 11),
        "PM-2,10001,11/02/2026,Cash,,0.00,,",
        "PM-3,10001,11/02/2026,Cash,,5.00,INV-1,",
        "PM-4,10001,11/02/2026,Cash,,5.00,,5.00",
        payment("PM-5", 5, "INV-V"),
        payment("PM-6", 100, "INV-1"),
        payment("PM-7", 1, "INV-1"),
      ),
    ]);
    expect(reasons(report)).toEqual([
      "payments.csv 2: $11.00 is applied, but the amount is $10.00",
      "payments.csv 3: Amount has to be more than $0.00",
      "payments.csv 4: Applied is empty, though invoice INV-1 is named",
      "payments.csv 5: Invoice # is empty, though $5.00 is applied",
      "payments.csv 6: invoice INV-V is void",
      "payments.csv 8: $1.00 is more than is owed on invoice INV-1 ($0.00)",
    ]);
  });

  test("are known by what they were paid with, and of a card never more than four digits are kept", async () => {
    const t = await dealerDatabase();
    const typed = [
      "Check,1044",
      "cash,1",
      "MasterCard,************4444",
      "e-Check,021000021 123456789",
      "ACH,",
      "Money Order,55512",
      "check,4111111111111111",
    ];
    await t.load([customers(), payments(...typed.map((text, i) => `PM-${i},10001,11/02/2026,${text},5.00,,`))]);
    expect(await t.rows("select kind || ',' || brand || ',' || last_four p from payments order by number")).toEqual(
      [
        "check,,1044",
        "cash,,",
        "card,mastercard,4444",
        "bank,,6789",
        "bank,,",
        "other,Money Order,5512",
        "check,,1111",
      ].map((p) => ({ p })),
    );
  });
});

test("a row that only the database refuses is found and named, and the rest of its batch is loaded", async () => {
  const t = await dealerDatabase();
  await t.execute("create unique index one_permit on sites (permit_number)");
  const sites = Array.from({ length: 37 }, (_, i) => `10001,S-${i},P-${i === 29 ? 3 : i}`);
  const report = await t.load([customers(), csv("sites.csv", "Customer #,Site #,Alarm Permit", ...sites)]);
  expect(reasons(report)).toEqual([
    "sites.csv 31: The row was refused by the database (sites.permit_number); nothing of it was loaded",
  ]);
  expect(await t.rows("select count(*) n from sites")).toEqual([{ n: 36 }]);
});
