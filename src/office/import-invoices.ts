import { eq, sql } from "drizzle-orm";
import { accounts, invoices as invoicesTable, sites } from "../../db/schema.ts";
import { readAll, type Write } from "../batch.ts";
import { dollars, LARGEST_CENTS, sum } from "../money.ts";
import { type InvoiceState, type Item, type Kind, oneOf, type Run, touched, type Verdict } from "./import-kind.ts";
import { fingerprint, meaningOf, type Problem, quote, type Row, synonyms } from "./import-row.ts";
import { notKnown } from "./import-sites.ts";

type InvoiceKind = "recurring" | "service" | "install" | "late_fee" | "other";

type InvoiceLine = {
  position: number;
  description: string;
  serviceFromOn: string | null;
  serviceToOn: string | null;
  quantityThousandths: number;
  unitCents: number;
  amountCents: number;
  taxName: string | null;
  taxCents: number;
};

type Heading = {
  customer: string;
  site: string;
  kind: InvoiceKind;
  issuedOn: string;
  dueOn: string;
  /** Null when the export does not say. */
  status: InvoiceState["status"] | null;
};

export type Invoice = Item & Heading & { number: string; memo: string; totalCents: number; lines: InvoiceLine[] };

const STATUS: Record<string, InvoiceState["status"]> = {
  ...synonyms(
    "sent",
    "sent open posted issued final paid unpaid partial partially_paid past_due overdue closed printed emailed",
  ),
  ...synonyms("unsent", "unsent draft not_sent unposted"),
  ...synonyms("void", "void voided cancelled canceled deleted"),
};

const KIND: Record<string, InvoiceKind> = {
  ...synonyms("recurring", "recurring rmr cycle monitoring monthly subscription"),
  ...synonyms("service", "service repair service_call"),
  ...synonyms("install", "install installation job sale"),
  ...synonyms("late_fee", "late_fee late_charge finance_charge"),
};

/** Invoices, one row a line; all rows of an invoice stand or fall together. */
export const invoices: Kind<Invoice> = {
  name: "invoices",
  keyField: "number",
  fields: [
    {
      name: "number",
      means: "the invoice number",
      needed: true,
      words: ["invoice number", "invoice", "invoice id", "document number"],
    },
    {
      name: "customer",
      means: "the customer number",
      needed: true,
      words: [
        "customer number",
        "customer",
        "customer id",
        "customer code",
        "account number",
        "account id",
        "subscriber number",
      ],
    },
    {
      name: "site",
      means: "the site number",
      words: ["site number", "site", "site id", "site code", "location number", "location id"],
    },
    { name: "type", means: "the type of invoice", words: ["type", "invoice type", "kind"] },
    {
      name: "date",
      means: "the invoice date",
      needed: true,
      words: ["invoice date", "date of invoice", "issued", "issue date", "issued on", "bill date", "billing date"],
    },
    {
      name: "due",
      means: "the due date",
      needed: true,
      words: ["due date", "due", "due on", "date due", "payment due"],
    },
    { name: "status", means: "the status", words: ["status", "invoice status"] },
    { name: "line", means: "the line number", words: ["line", "line number", "line item number", "item number"] },
    {
      name: "description",
      means: "the line's description",
      needed: true,
      words: ["description", "line description", "item description", "item", "line item"],
    },
    {
      name: "from",
      means: "the beginning of the service period",
      words: ["service from", "service start", "period from", "period start", "from", "from date", "service from date"],
    },
    {
      name: "to",
      means: "the end of the service period",
      words: [
        "service to",
        "service end",
        "service through",
        "period to",
        "period end",
        "to",
        "through",
        "to date",
        "service to date",
      ],
    },
    { name: "quantity", means: "the quantity", words: ["quantity", "units", "hours"] },
    {
      name: "rate",
      means: "the price of one",
      words: ["rate", "price", "unit price", "unit rate", "unit amount", "price each"],
    },
    {
      name: "amount",
      means: "the line's amount",
      needed: true,
      words: ["amount", "line amount", "line total", "extended", "extended amount", "extended price", "net amount"],
    },
    {
      name: "tax_name",
      means: "the name of the tax",
      words: ["tax name", "tax code", "tax description", "tax group", "jurisdiction"],
    },
    { name: "tax", means: "the line's tax", words: ["tax", "tax amount", "sales tax", "line tax"] },
    { name: "memo", means: "the memo", words: ["memo", "note", "notes", "comment", "comments", "message"] },
  ],
  key: (row) => row.text("number", 40),
  title: (item) => `Invoice ${item.number}`,
  read(row, key) {
    const item = {
      key,
      rows: [row.number],
      hash: "",
      number: key,
      ...heading(row),
      memo: row.freeText("memo"),
      totalCents: 0,
      lines: [],
    };
    addLine(item, row);
    return item;
  },
  add(item, row) {
    item.rows.push(row.number);
    const said = heading(row);
    for (const [field, name] of AGREE) {
      if (said[name] !== item[name])
        row.refuse(field, `differs from row ${item.rows[0]}, which is of the same invoice`);
    }
    const memo = row.freeText("memo");
    if (memo !== "" && !item.memo.includes(memo))
      item.memo = [item.memo, memo].filter((text) => text !== "").join("\n");
    // The type may differ from line to line; the first line's is the invoice's.
    if (addLine(item, row) < Math.min(...item.lines.slice(0, -1).map((line) => line.position))) item.kind = said.kind;
  },
  finish(item) {
    item.lines.sort((a, b) => a.position - b.position);
    item.totalCents = sum(item.lines.map((line) => line.amountCents + line.taxCents));
    const { key, rows, hash, ...meaning } = item;
    item.hash = fingerprint(meaning);
    return total(item.totalCents);
  },
};

const AGREE = [
  ["customer", "customer"],
  ["site", "site"],
  ["date", "issuedOn"],
  ["due", "dueOn"],
  ["status", "status"],
] as const;

function total(totalCents: number): Problem[] {
  if (totalCents < 0)
    return [
      {
        field: "amount",
        reason: `this invoice comes to ${dollars(totalCents)}; money given back is a credit, not an invoice`,
      },
    ];
  if (totalCents > LARGEST_CENTS)
    return [
      { field: "amount", reason: `this invoice comes to ${dollars(totalCents)}, more than an invoice here may be` },
    ];
  return [];
}

/** A due date before the invoice date is let through: monitoring is often billed for a day that has passed. */
function heading(row: Row): Heading {
  const status = row.text("status");
  const known = meaningOf(STATUS, status);
  if (status !== "" && !known) row.refuse("status", `${quote(status)} is none of Sent, Unsent and Void`);
  return {
    customer: row.needed("customer"),
    site: row.text("site"),
    kind: meaningOf(KIND, row.text("type")) ?? "other",
    issuedOn: row.neededDate("date"),
    dueOn: row.neededDate("due"),
    status: known ?? null,
  };
}

/** Adds a row's line and answers its position. */
function addLine(item: Invoice, row: Row): number {
  const number = row.text("line");
  const position = number === "" ? item.lines.length + 1 : Number(number);
  if (!/^\d{0,5}$/.test(number)) row.refuse("line", `${quote(number)} is not the number of a line`);
  if (item.lines.some((line) => line.position === position))
    row.refuse("line", `line ${position} of this invoice stands twice`);
  const amountCents = row.neededMoney("amount");
  const line = {
    position,
    description: row.freeText("description"),
    serviceFromOn: row.date("from"),
    serviceToOn: row.date("to"),
    ...price(row, amountCents),
    amountCents,
    taxName: row.text("tax_name") || null,
    taxCents: row.money("tax") ?? 0,
  };
  if (line.serviceFromOn && line.serviceToOn && line.serviceToOn < line.serviceFromOn)
    row.refuse("to", "is before the beginning of the service period");
  item.lines.push(line);
  return position;
}

/** Quantity and rate, and whether they make the amount (to the half cent that rounding may take). */
function price(row: Row, amountCents: number): { quantityThousandths: number; unitCents: number } {
  const written = row.text("quantity");
  const quantityThousandths = written === "" ? 1000 : thousandths(written);
  if (quantityThousandths === null) {
    row.refuse("quantity", `${quote(written)} is not a quantity (three decimals at most)`);
    return { quantityThousandths: 1000, unitCents: 0 };
  }
  const rate = row.money("rate");
  if (rate === null && quantityThousandths !== 1000) row.refuse("rate", "is empty");
  const unitCents = rate ?? amountCents;
  const exact = quantityThousandths * unitCents;
  if (row.problems.length === 0 && Math.abs(exact - amountCents * 1000) > 500) {
    row.refuse(
      "amount",
      `${written || "1"} × ${dollars(unitCents)} is ${dollars(Math.round(exact / 1000))}, not ${dollars(amountCents)}`,
    );
  }
  return { quantityThousandths, unitCents };
}

function thousandths(text: string): number | null {
  const match = /^(-?)(\d{1,3}(?:,\d{3})+|\d{1,7})(?:\.(\d{1,3})0*)?$/.exec(text);
  if (!match) return null;
  const size = Number(match[2]!.replaceAll(",", "")) * 1000 + Number((match[3] ?? "").padEnd(3, "0"));
  return match[1] && size !== 0 ? -size : size;
}

/** An invoice that is new or changed: what stood there, and what it becomes. */
export type InvoiceChange = {
  item: Invoice;
  id: string;
  was: (InvoiceState & { importHash: string | null }) | null;
  status: InvoiceState["status"];
  accountId: string;
  siteId: string | null;
};

export type PreparedInvoices = { verdicts: Map<Invoice, Verdict>; changes: InvoiceChange[] };

/** Compares a batch with the database, without asking yet whether the money on the invoices allows it. */
export async function prepareInvoices(items: Invoice[], run: Run): Promise<PreparedInvoices> {
  const { owners, places, found } = await readAll(run.db, {
    owners: run.db
      .select({ id: accounts.id, number: accounts.number })
      .from(accounts)
      .where(
        oneOf(
          accounts.number,
          items.map((item) => item.customer),
        ),
      ),
    places: run.db
      .select({ id: sites.id, number: sites.number, customer: accounts.number })
      .from(sites)
      .innerJoin(accounts, eq(accounts.id, sites.accountId))
      .where(
        oneOf(
          sites.number,
          items.map((item) => item.site).filter((site) => site !== ""),
        ),
      ),
    found: run.db
      .select({ ...invoiceState, importHash: invoicesTable.importHash })
      .from(invoicesTable)
      .innerJoin(accounts, eq(accounts.id, invoicesTable.accountId))
      .where(
        oneOf(
          invoicesTable.number,
          items.map((item) => item.number),
        ),
      ),
  });
  const accountId = new Map(owners.map((account) => [account.number, account.id]));
  const site = new Map(places.map((place) => [place.number, place]));
  const byNumber = new Map(found.map((invoice) => [invoice.number, invoice]));
  const changes: InvoiceChange[] = [];
  const verdicts = new Map<Invoice, Verdict>();
  for (const item of items) {
    const was = byNumber.get(item.number) ?? null;
    const refused = reference(
      item,
      (number) => accountId.has(number) || Boolean(run.world?.accounts.has(number)),
      (number) => run.world?.sites.get(number) ?? site.get(number)?.customer,
    );
    if (refused) verdicts.set(item, refused);
    else if (was?.importHash === item.hash) verdicts.set(item, "unchanged");
    else {
      verdicts.set(item, was ? "changed" : "new");
      changes.push({
        item,
        id: was?.id ?? run.newId("inv"),
        was,
        status: item.status ?? was?.status ?? run.importStatus,
        accountId: accountId.get(item.customer) ?? "",
        siteId: site.get(item.site)?.id ?? null,
      });
    }
  }
  return { verdicts, changes };
}

/** The columns of an InvoiceState; the query joins `accounts`. */
export const invoiceState = {
  id: invoicesTable.id,
  number: invoicesTable.number,
  customer: accounts.number,
  status: invoicesTable.status,
  totalCents: invoicesTable.totalCents,
  allocatedCents: invoicesTable.allocatedCents,
  heldCents: invoicesTable.heldCents,
};

function reference(
  item: Invoice,
  knows: (customer: string) => boolean,
  ownerOf: (site: string) => string | undefined,
): Problem | null {
  if (!knows(item.customer)) return notKnown("customer", "Customer", item.customer);
  if (item.site === "") return null;
  const owner = ownerOf(item.site);
  if (owner === undefined) return notKnown("site", "Site", item.site);
  return owner === item.customer ? null : { field: "site", reason: `site ${item.site} belongs to customer ${owner}` };
}

/** The statements that write a batch's invoices and their lines. Money on an invoice that becomes void goes back first. */
export function invoiceWrites(changes: InvoiceChange[], run: Run): Write[] {
  const fresh = changes.filter((change) => change.was === null);
  const changed = changes.filter((change) => change.was !== null);
  const writes: Write[] = [];
  if (fresh.length > 0) {
    writes.push(
      sql`insert into invoices (id, account_id, site_id, number, kind, status, issued_on, due_on, total_cents, memo, import_hash)
        select value ->> 'id', value ->> 'accountId', value ->> 'siteId', value ->> 'number', value ->> 'kind', value ->> 'status',
          value ->> 'issuedOn', value ->> 'dueOn', value ->> 'totalCents', value ->> 'memo', value ->> 'hash'
        from json_each(${rows(fresh)})`,
    );
  }
  const voided = changed.filter(({ status, was }) => status === "void" && was!.status !== "void");
  if (voided.length > 0) writes.push(...giveBack(JSON.stringify(voided.map((change) => change.id)), run));
  const revived = changed.filter(({ status, was }) => status !== "void" && was!.status === "void");
  if (revived.length > 0) writes.push(...applyAgain(JSON.stringify(revived.map((change) => change.id))));
  if (changed.length > 0) {
    writes.push(
      sql`update invoices set account_id = value ->> 'accountId', site_id = value ->> 'siteId', kind = value ->> 'kind',
          status = value ->> 'status', issued_on = value ->> 'issuedOn', due_on = value ->> 'dueOn', total_cents = value ->> 'totalCents',
          memo = value ->> 'memo', import_hash = value ->> 'hash'
        from json_each(${rows(changed)}) where invoices.id = value ->> 'id' and invoices.import_hash is (value ->> 'was')`,
      touched(changed.length),
      sql`delete from invoice_lines where invoice_id in (select value from json_each(${JSON.stringify(changed.map((change) => change.id))}))`,
    );
  }
  const lines = changes.flatMap(({ id, item }) => item.lines.map((line) => ({ ...line, id })));
  if (lines.length > 0) {
    writes.push(
      sql`insert into invoice_lines (invoice_id, position, description, service_from_on, service_to_on, quantity_thousandths,
          unit_cents, amount_cents, tax_name, tax_cents)
        select value ->> 'id', value ->> 'position', value ->> 'description', value ->> 'serviceFromOn', value ->> 'serviceToOn',
          value ->> 'quantityThousandths', value ->> 'unitCents', value ->> 'amountCents', value ->> 'taxName', value ->> 'taxCents'
        from json_each(${JSON.stringify(lines)})`,
    );
  }
  return writes;
}

const rows = (changes: InvoiceChange[]): string =>
  JSON.stringify(
    changes.map(({ item: { lines, rows, ...item }, id, was, status, accountId, siteId }) => ({
      ...item,
      id,
      was: was?.importHash ?? null,
      status,
      accountId,
      siteId,
    })),
  );

/** Takes all money off invoices again, whatever it came from; it becomes credit of the accounts it came from. */
const giveBack = (ids: string, run: Run): Write[] => [
  sql`update payments set allocated_cents = allocated_cents - covered.cents
    from (select payment_id, sum(amount_cents) cents from allocations
      where invoice_id in (select value from json_each(${ids})) and payment_id is not null group by payment_id) covered
    where payments.id = covered.payment_id`,
  sql`update credits set allocated_cents = allocated_cents - covered.cents
    from (select credit_id, sum(amount_cents) cents from allocations
      where invoice_id in (select value from json_each(${ids})) and credit_id is not null group by credit_id) covered
    where credits.id = covered.credit_id`,
  sql`insert into allocations (invoice_id, payment_id, credit_id, amount_cents, at, event_key)
    select invoice_id, payment_id, credit_id, -sum(amount_cents), ${run.now}, ${run.eventKey} from allocations
    where invoice_id in (select value from json_each(${ids})) group by invoice_id, payment_id, credit_id having sum(amount_cents) <> 0`,
  sql`update invoices set allocated_cents = 0 where id in (select value from json_each(${ids}))`,
];

/** An invoice that comes back from void takes back what the file says of it: its payments count as changed next. */
const applyAgain = (ids: string): Write[] => [
  sql`update payments set import_hash = null where origin = 'import' and id in
    (select payment_id from allocations where invoice_id in (select value from json_each(${ids})))`,
  sql`update credits set import_hash = null where id in
    (select credit_id from allocations where invoice_id in (select value from json_each(${ids})))`,
];
