import { eq, sql } from "drizzle-orm";
import { accounts, allocations, invoices, payments as paymentsTable } from "../../db/schema.ts";
import { readAll, type Write } from "../batch.ts";
import {
  addCover,
  amount,
  COVER_FIELDS,
  compareFunds,
  coverOf,
  coversTooMuch,
  type Funds,
  type FundsChange,
  fingerprints,
  fundsRows,
  type PreparedFunds,
  referredTo,
} from "./import-funds.ts";
import { invoiceState } from "./import-invoice-changes.ts";
import { type Kind, oneOf, type Run, touched } from "./import-kind.ts";
import { fingerprint, meaningOf, type Row, synonyms } from "./import-row.ts";

type PaidBy = { kind: "card" | "bank" | "check" | "cash" | "other"; brand: string };

export type Payment = Funds & PaidBy & { paidOn: string; lastFour: string };

const PAID_BY: Record<string, PaidBy> = {
  ...synonyms({ kind: "check", brand: "" }, "check cheque paper_check chk"),
  ...synonyms({ kind: "cash", brand: "" }, "cash"),
  ...synonyms(
    { kind: "bank", brand: "" },
    "ach echeck e_check eft bank bank_transfer bank_draft direct_debit checking savings",
  ),
  ...synonyms({ kind: "card", brand: "" }, "card credit_card creditcard debit_card debit cc"),
  ...synonyms({ kind: "card", brand: "visa" }, "visa"),
  ...synonyms({ kind: "card", brand: "mastercard" }, "mastercard master_card mc"),
  ...synonyms({ kind: "card", brand: "amex" }, "amex american_express"),
  ...synonyms({ kind: "card", brand: "discover" }, "discover"),
  ...synonyms({ kind: "card", brand: "diners" }, "diners diners_club"),
  ...synonyms({ kind: "card", brand: "jcb" }, "jcb"),
};

/** Payments, one row for each invoice they cover. */
export const payments: Kind<Payment> = {
  name: "payments",
  keyField: "number",
  fields: [
    {
      name: "number",
      means: "the payment number",
      needed: true,
      words: [
        "payment number",
        "payment",
        "payment id",
        "receipt number",
        "receipt id",
        "transaction number",
        "transaction id",
      ],
    },
    {
      name: "date",
      means: "the payment date",
      needed: true,
      words: [
        "payment date",
        "date",
        "date paid",
        "paid on",
        "paid date",
        "receipt date",
        "date received",
        "transaction date",
      ],
    },
    {
      name: "type",
      means: "the type of payment",
      words: ["payment type", "type", "payment method", "method", "tender", "tender type", "paid by"],
    },
    {
      name: "reference",
      means: "the check or card number",
      words: [
        "check card number",
        "check number",
        "card number",
        "check or card number",
        "reference",
        "reference number",
        "last 4",
        "last four",
        "check card",
      ],
    },
    ...COVER_FIELDS,
  ],
  key: (row) => row.text("number", 40),
  title: (item) => `Payment ${item.number}`,
  read(row, key) {
    const item: Payment = { key, rows: [row.number], hash: "", number: key, ...heading(row), applied: [] };
    addCover(item, row);
    return item;
  },
  add(item, row) {
    item.rows.push(row.number);
    const said = heading(row);
    for (const [field, name] of AGREE) {
      if (said[name] !== item[name])
        row.refuse(field, `differs from row ${item.rows[0]}, which is of the same payment`);
    }
    addCover(item, row);
  },
  finish(item) {
    const { key, rows, hash, applied, ...meaning } = item;
    item.hash = fingerprint([meaning, [...coverOf(item)]]);
    return coversTooMuch(item);
  },
};

const AGREE = [
  ["customer", "customer"],
  ["date", "paidOn"],
  ["type", "kind"],
  ["reference", "lastFour"],
  ["amount", "amountCents"],
] as const;

function heading(row: Row) {
  const typed = row.text("type", 60);
  const paidBy = meaningOf(PAID_BY, typed) ?? { kind: "other" as const, brand: typed };
  return {
    customer: row.needed("customer"),
    paidOn: row.neededDate("date"),
    ...paidBy,
    lastFour: lastFour(paidBy.kind, row.text("reference")),
    amountCents: amount(row),
  };
}

/** A check's own number; of anything else the last four digits at most, whatever the export says. */
function lastFour(kind: PaidBy["kind"], reference: string): string {
  if (kind === "check" && /^[\w-]{1,11}$/.test(reference)) return reference;
  return kind === "cash" ? "" : reference.replace(/\D/g, "").slice(-4);
}

/** Compares a batch with the database, without asking yet whether the invoices still owe what is applied to them. */
export async function preparePayments(items: Payment[], run: Run): Promise<PreparedFunds<Payment>> {
  const { db } = run;
  const answers = await readAll(db, {
    ...referredTo(items, run),
    found: db
      .select({
        id: paymentsTable.id,
        number: sql<string>`${paymentsTable.number}`,
        importHash: paymentsTable.importHash,
        ours: sql<number>`${paymentsTable.origin} = 'portal'`,
        allocatedCents: paymentsTable.allocatedCents,
        goneCents: sql<number>`${paymentsTable.refundedCents} + ${paymentsTable.returnedCents}`,
      })
      .from(paymentsTable)
      .where(
        oneOf(
          paymentsTable.number,
          items.map((item) => item.number),
        ),
      ),
    covered: db
      .select({
        number: sql<string>`${paymentsTable.number}`,
        invoice: invoiceState,
        cents: sql<number>`sum(${allocations.amountCents})`,
      })
      .from(sql`json_each(${fingerprints("payments", items, run)}) given`)
      .innerJoin(
        paymentsTable,
        sql`${paymentsTable.number} = given.value ->> 0 and ${paymentsTable.importHash} is not (given.value ->> 1)`,
      )
      .innerJoin(allocations, eq(allocations.paymentId, paymentsTable.id))
      .innerJoin(invoices, eq(invoices.id, allocations.invoiceId))
      .innerJoin(accounts, eq(accounts.id, invoices.accountId))
      .groupBy(paymentsTable.number, invoices.id)
      .having(sql`sum(${allocations.amountCents}) <> 0`),
  });
  return compareFunds("payments", items, run, answers);
}

/** The statements that write a batch's payments; what they cover is written by the ledger. */
export function paymentWrites(changes: FundsChange<Payment>[], run: Run): Write[] {
  const fresh = changes.filter((change) => change.was === null);
  const changed = changes.filter((change) => change.was !== null);
  const writes: Write[] = [];
  if (fresh.length > 0) {
    writes.push(
      sql`insert into payments (id, account_id, origin, number, kind, brand, last_four, amount_cents, allocated_cents, state,
          started_at, paid_on, closed_at, import_hash)
        select value ->> 'id', value ->> 'accountId', 'import', value ->> 'number', value ->> 'kind', value ->> 'brand',
          value ->> 'lastFour', value ->> 'amountCents', value ->> 'allocatedCents', 'settled', ${run.now}, value ->> 'paidOn',
          ${run.now}, value ->> 'hash'
        from json_each(${fundsRows(fresh)})`,
    );
  }
  if (changed.length > 0) {
    writes.push(
      sql`update payments set account_id = value ->> 'accountId', kind = value ->> 'kind', brand = value ->> 'brand',
          last_four = value ->> 'lastFour', amount_cents = value ->> 'amountCents', allocated_cents = value ->> 'allocatedCents',
          paid_on = value ->> 'paidOn', import_hash = value ->> 'hash'
        from json_each(${fundsRows(changed)})
        where payments.id = value ->> 'id' and payments.origin = 'import' and payments.import_hash is (value ->> 'wasHash')
          and payments.allocated_cents = value ->> 'wasAllocatedCents'`,
      touched(changed.length),
    );
  }
  return writes;
}
