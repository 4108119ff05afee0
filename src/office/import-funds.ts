import { eq } from "drizzle-orm";
import { accounts, invoices } from "../../db/schema.ts";
import { dollars, sum } from "../money.ts";
import type { Field } from "./import-headings.ts";
import { invoiceState } from "./import-invoice-changes.ts";
import { type InvoiceState, type Item, oneOf, type Run, type Verdict } from "./import-kind.ts";
import type { Problem, Row } from "./import-row.ts";
import { notKnown } from "./import-sites.ts";

/** What payments and credits have in common: an amount of one customer, and the invoices that it covers. */
export type Funds = Item & {
  number: string;
  customer: string;
  amountCents: number;
  applied: { invoice: string; cents: number; row: number }[];
};

type FundsKind = "payments" | "credits";

/** New or changed funds: what the database has of them, and what they cover there now. */
export type FundsChange<R extends Funds = Funds> = {
  item: R;
  id: string;
  kind: FundsKind;
  /** `goneCents` has been refunded or returned. */
  was: { importHash: string | null; allocatedCents: number; goneCents: number } | null;
  covered: { invoice: InvoiceState; cents: number }[];
  accountId: string;
};

/** The columns of a file that say which invoices are covered. */
export const COVER_FIELDS: Field[] = [
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
    name: "amount",
    means: "the amount",
    needed: true,
    words: ["amount", "total", "total amount", "payment amount", "credit amount"],
  },
  {
    name: "invoice",
    means: "the invoice it is applied to",
    needed: true,
    words: ["invoice number", "invoice", "invoice id", "applied to", "applied to invoice", "applied invoice"],
  },
  {
    name: "applied",
    means: "the amount applied to that invoice",
    needed: true,
    words: ["applied", "applied amount", "amount applied"],
  },
];

/** The amount of a row; money taken is a payment's business, money given back is not. */
export function amount(row: Row): number {
  const cents = row.neededMoney("amount");
  if (row.problems.every((problem) => problem.field !== "amount") && cents <= 0)
    row.refuse("amount", "has to be more than $0.00");
  return cents;
}

/** Adds the invoice that a row says is covered. A row may name none: then the money stays on account. */
export function addCover(item: Funds, row: Row): void {
  const invoice = row.text("invoice", 40);
  const cents = row.money("applied");
  const unread = row.problems.some((problem) => problem.field === "applied");
  if (unread || (invoice === "" && !cents)) return;
  if (invoice === "") row.refuse("invoice", `is empty, though ${dollars(cents ?? 0)} is applied`);
  else if (cents === null) row.refuse("applied", `is empty, though invoice ${invoice} is named`);
  else if (cents < 0) row.refuse("applied", "has to be more than $0.00");
  else if (cents > 0) item.applied.push({ invoice, cents, row: row.number });
}

/** Whether the whole covers no more than there is. */
export function coversTooMuch(item: Funds): Problem[] {
  const applied = sum(item.applied.map((cover) => cover.cents));
  if (applied <= item.amountCents) return [];
  return [
    { field: "applied", reason: `${dollars(applied)} is applied, but the amount is ${dollars(item.amountCents)}` },
  ];
}

/** Cents per invoice number, after a change. */
export function coverOf(item: Funds): Map<string, number> {
  const cover = new Map<string, number>();
  for (const { invoice, cents } of item.applied) cover.set(invoice, (cover.get(invoice) ?? 0) + cents);
  return cover;
}

export type PreparedFunds<R extends Funds> = {
  verdicts: Map<R, Verdict>;
  changes: FundsChange<R>[];
  /** Every invoice that these funds cover or are to cover, as it stands in the database. */
  invoices: InvoiceState[];
};

/** The reads of what a batch refers to. */
export const referredTo = (items: Funds[], { db }: Run) => ({
  owners: db
    .select({ id: accounts.id, number: accounts.number })
    .from(accounts)
    .where(
      oneOf(
        accounts.number,
        items.map((item) => item.customer),
      ),
    ),
  owed: db
    .select(invoiceState)
    .from(invoices)
    .innerJoin(accounts, eq(accounts.id, invoices.accountId))
    .where(
      oneOf(
        invoices.number,
        items.flatMap((item) => item.applied.map((cover) => cover.invoice)),
      ),
    ),
});

/**
 * Numbers with fingerprints, as JSON: what a row covers is read only where its fingerprint differs, because the others
 * are left alone.
 */
export const fingerprints = (kind: FundsKind, items: Funds[], run: Run): string =>
  JSON.stringify(items.map((item) => [item.number, appliesAgain(kind, item, run) ? "" : item.hash]));

const appliesAgain = (kind: FundsKind, item: Funds, run: Run): boolean =>
  run.world?.reapplied.has(`${kind} ${item.number}`) ?? false;

type Found = {
  id: string;
  number: string;
  importHash: string | null;
  ours: number;
  allocatedCents: number;
  goneCents: number;
};
type Covered = { number: string; invoice: InvoiceState; cents: number };

/** Sorts a batch by what the database has of it. What was received here (`ours`) is never touched. */
export function compareFunds<R extends Funds>(
  kind: FundsKind,
  items: R[],
  run: Run,
  answers: { owners: { id: string; number: string }[]; owed: InvoiceState[]; found: Found[]; covered: Covered[] },
): PreparedFunds<R> {
  const accountId = new Map(answers.owners.map((account) => [account.number, account.id]));
  const byNumber = new Map(answers.found.map((row) => [row.number, row]));
  const covered = new Map<string, Covered[]>();
  for (const row of answers.covered) covered.set(row.number, [...(covered.get(row.number) ?? []), row]);
  const changes: FundsChange<R>[] = [];
  const verdicts = new Map<R, Verdict>();
  for (const item of items) {
    const was = byNumber.get(item.number) ?? null;
    if (!accountId.has(item.customer) && !run.world?.accounts.has(item.customer)) {
      verdicts.set(item, notKnown("customer", "Customer", item.customer));
    } else if (was?.ours || (was?.importHash === item.hash && !appliesAgain(kind, item, run))) {
      verdicts.set(item, "unchanged");
    } else {
      verdicts.set(item, was ? "changed" : "new");
      changes.push({
        item,
        kind,
        id: was?.id ?? run.newId(kind === "payments" ? "pay" : "crd"),
        was,
        covered: (covered.get(item.number) ?? []).filter((row) => !run.world?.voided.has(row.invoice.number)),
        accountId: accountId.get(item.customer) ?? "",
      });
    }
  }
  return { verdicts, changes, invoices: [...answers.owed, ...answers.covered.map((row) => row.invoice)] };
}

/** What the statements that write payments and credits are given, as JSON. */
export const fundsRows = (changes: FundsChange[]): string =>
  JSON.stringify(
    changes.map(({ item: { applied, rows, ...item }, id, was, accountId }) => ({
      ...item,
      id,
      accountId,
      allocatedCents: sum(applied.map((cover) => cover.cents)),
      wasHash: was?.importHash ?? null,
      wasAllocatedCents: was?.allocatedCents ?? 0,
    })),
  );
