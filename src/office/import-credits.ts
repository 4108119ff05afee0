import { eq, sql } from "drizzle-orm";
import { accounts, allocations, credits as creditsTable, invoices } from "../../db/schema.ts";
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
import { fingerprint, type Row } from "./import-row.ts";

export type Credit = Funds & { issuedOn: string; reason: string };

/** Credits, one row for each invoice they cover. */
export const credits: Kind<Credit> = {
  name: "credits",
  keyField: "number",
  fields: [
    {
      name: "number",
      means: "the credit number",
      needed: true,
      words: ["credit number", "credit", "credit id", "credit memo number", "credit memo", "credit note number"],
    },
    {
      name: "date",
      means: "the date of the credit",
      needed: true,
      words: ["date", "credit date", "issued", "issued on", "issue date"],
    },
    { name: "reason", means: "the reason", words: ["reason", "credit reason", "description", "memo", "type"] },
    ...COVER_FIELDS,
  ],
  key: (row) => row.text("number", 40),
  title: (item) => `Credit ${item.number}`,
  read(row, key) {
    const item: Credit = { key, rows: [row.number], hash: "", number: key, ...heading(row), applied: [] };
    addCover(item, row);
    return item;
  },
  add(item, row) {
    item.rows.push(row.number);
    const said = heading(row);
    for (const [field, name] of AGREE) {
      if (said[name] !== item[name]) row.refuse(field, `differs from row ${item.rows[0]}, which is of the same credit`);
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
  ["date", "issuedOn"],
  ["reason", "reason"],
  ["amount", "amountCents"],
] as const;

const heading = (row: Row) => ({
  customer: row.needed("customer"),
  issuedOn: row.neededDate("date"),
  reason: row.freeText("reason"),
  amountCents: amount(row),
});

/** Compares a batch with the database, without asking yet whether the invoices still owe what is applied to them. */
export async function prepareCredits(items: Credit[], run: Run): Promise<PreparedFunds<Credit>> {
  const { db } = run;
  const answers = await readAll(db, {
    ...referredTo(items, run),
    found: db
      .select({
        id: creditsTable.id,
        number: sql<string>`${creditsTable.number}`,
        importHash: creditsTable.importHash,
        ours: sql<number>`0`,
        allocatedCents: creditsTable.allocatedCents,
        goneCents: sql<number>`0`,
      })
      .from(creditsTable)
      .where(
        oneOf(
          creditsTable.number,
          items.map((item) => item.number),
        ),
      ),
    covered: db
      .select({
        number: sql<string>`${creditsTable.number}`,
        invoice: invoiceState,
        cents: sql<number>`sum(${allocations.amountCents})`,
      })
      .from(sql`json_each(${fingerprints("credits", items, run)}) given`)
      .innerJoin(
        creditsTable,
        sql`${creditsTable.number} = given.value ->> 0 and ${creditsTable.importHash} is not (given.value ->> 1)`,
      )
      .innerJoin(allocations, eq(allocations.creditId, creditsTable.id))
      .innerJoin(invoices, eq(invoices.id, allocations.invoiceId))
      .innerJoin(accounts, eq(accounts.id, invoices.accountId))
      .groupBy(creditsTable.number, invoices.id)
      .having(sql`sum(${allocations.amountCents}) <> 0`),
  });
  return compareFunds("credits", items, run, answers);
}

/** The statements that write a batch's credits; what they cover is written by the ledger. */
export function creditWrites(changes: FundsChange<Credit>[]): Write[] {
  const fresh = changes.filter((change) => change.was === null);
  const changed = changes.filter((change) => change.was !== null);
  const writes: Write[] = [];
  if (fresh.length > 0) {
    writes.push(
      sql`insert into credits (id, account_id, number, reason, issued_on, amount_cents, allocated_cents, import_hash)
        select value ->> 'id', value ->> 'accountId', value ->> 'number', value ->> 'reason', value ->> 'issuedOn',
          value ->> 'amountCents', value ->> 'allocatedCents', value ->> 'hash'
        from json_each(${fundsRows(fresh)})`,
    );
  }
  if (changed.length > 0) {
    writes.push(
      sql`update credits set account_id = value ->> 'accountId', reason = value ->> 'reason', issued_on = value ->> 'issuedOn',
          amount_cents = value ->> 'amountCents', allocated_cents = value ->> 'allocatedCents', import_hash = value ->> 'hash'
        from json_each(${fundsRows(changed)})
        where credits.id = value ->> 'id' and credits.import_hash is (value ->> 'wasHash')
          and credits.allocated_cents = value ->> 'wasAllocatedCents'`,
      touched(changed.length),
    );
  }
  return writes;
}
