import { dollars, LARGEST_CENTS, sum } from "../money.ts";
import type { InvoiceState, Item, Kind } from "./import-kind.ts";
import { fingerprint, meaningOf, type Problem, quote, type Row, synonyms } from "./import-row.ts";

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
