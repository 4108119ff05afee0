import { type SQL, sql } from "drizzle-orm";
import type { SQLiteColumn } from "drizzle-orm/sqlite-core";
import type { Db } from "../../db/client.ts";
import type { Write } from "../batch.ts";
import type { Instant } from "../calendar.ts";
import type { Field } from "./import-headings.ts";
import type { MakeId } from "./import-ids.ts";
import type { Problem, Row } from "./import-row.ts";
import type { Telling } from "./import-telling.ts";

export type KindName = "customers" | "sites" | "systems" | "zones" | "invoices" | "payments" | "credits";

/** One thing of the dealer's records, made of one or more rows of a file. */
export type Item = {
  /** Its number within its kind, the dealer's own. */
  key: string;
  rows: number[];
  /** Fingerprint of what the rows say. */
  hash: string;
};

/** How the rows of one kind of file become items. */
export type Kind<R extends Item> = {
  name: KindName;
  fields: Field[];
  /** The field that names an item; a row without it is nobody's. */
  keyField: string;
  key(row: Row): string;
  /** How a person would name it: "Customer 10001". */
  title(item: R): string;
  read(row: Row, key: string): R;
  /** Takes a further row of the same item; null where an item is one row. */
  add: ((item: R, row: Row) => void) | null;
  /** Once all rows are in: sets the hash, and says what is wrong with the whole. */
  finish(item: R): Problem[];
};

export type Refused = Problem & { row?: number /** Later rows of this run may change that. */; mayPass?: true };
export type Verdict = "new" | "changed" | "unchanged" | Refused;

/** What a batch of items comes to, and the statements that make it so. */
export type Settled = { verdicts: Verdict[]; writes: Write[] };

/** What a dry run would have written so far: the earlier rows that later rows refer to. */
export type World = {
  accounts: Set<string>;
  /** Site number to customer number. */
  sites: Map<string, string>;
  systems: Set<string>;
  invoices: Map<string, InvoiceState>;
  /** Numbers of invoices voided in this run: nothing is allocated to them any more. */
  voided: Set<string>;
  /** Payments and credits whose invoice came back from void, as `payments PM-1`: to be applied again. */
  reapplied: Set<string>;
};

/** An invoice as far as money is concerned. `customer` is the customer's number. */
export type InvoiceState = {
  id: string;
  number: string;
  customer: string;
  status: "unsent" | "sent" | "void";
  totalCents: number;
  allocatedCents: number;
  heldCents: number;
};

/** One run of the import, as the kinds see it. */
export type Run = {
  db: Db;
  now: Instant;
  newId: MakeId;
  /** What a blank invoice status means. */
  importStatus: "sent" | "unsent";
  /** Which of its invoices customers are told of; null: of none. */
  telling: Telling | null;
  /** Null when the rows before really are in the database. */
  world: World | null;
  /** The key of the commit that the statements will be part of. */
  eventKey: string;
};

/** What a dry run knows before its first row. */
export const emptyWorld = (): World => ({
  accounts: new Set(),
  sites: new Map(),
  systems: new Set(),
  invoices: new Map(),
  voided: new Set(),
  reapplied: new Set(),
});

/** `column in (…)` for any number of texts, as one parameter. */
export const oneOf = (column: SQLiteColumn, values: Iterable<string>): SQL =>
  sql`${column} in (select value from json_each(${JSON.stringify([...new Set(values)])}))`;

/** Rolls the batch back unless the statement before touched exactly this many rows. */
export const touched = (rows: number): SQL =>
  sql`insert into guards (rows_matched) select 0 where changes() <> ${rows}`;

type Was = { importHash: string | null };

/**
 * Sorts a batch by what is in the database already: equal fingerprints are left alone, so that edits made here survive.
 */
export function sortOut<R extends Item, W extends Was>(
  items: R[],
  was: (item: R) => W | undefined,
  refuse: (item: R) => Refused | null,
): { verdicts: Verdict[]; fresh: R[]; changed: { item: R; was: W }[] } {
  const fresh: R[] = [];
  const changed: { item: R; was: W }[] = [];
  const verdicts = items.map((item): Verdict => {
    const refused = refuse(item);
    if (refused) return refused;
    const before = was(item);
    if (before?.importHash === item.hash) return "unchanged";
    if (before) changed.push({ item, was: before });
    else fresh.push(item);
    return before ? "changed" : "new";
  });
  return { verdicts, fresh, changed };
}
