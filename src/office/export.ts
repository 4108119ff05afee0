import { asc, eq, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { accounts, credits, ledgerLines, payments } from "../../db/schema.ts";
import { commit } from "../batch.ts";
import { paymentNumber } from "../billing/rules.ts";
import { isoTime, localDate } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { plainAmount } from "../money.ts";
import { type Given, read, type StaffScope } from "../reads.ts";

/** What the dealer's accounting is told of money that moved here: each line once, in order, with when it was fetched. */

export const LINES_PER_PAGE = 50;

/** How many lines a file holds at most, and how many the dealer's software gets at once unless it asks for fewer. */
export const LINES_PER_FILE = 10_000;
export const LINES_PER_ANSWER = 500;

/** The row that a line is about: a correction names the line that it corrects, a colon and what happened. */
const subject = sql`substr(${ledgerLines.subjectId}, 1, instr(${ledgerLines.subjectId} || ':', ':') - 1)`;

/** The payment that a line is about, if it is about one. */
const paymentOfLine = sql`case ${ledgerLines.kind} when 'payment' then ${subject}
  when 'refund' then (select payment_id from refunds where id = ${subject})
  when 'return' then (select payment_id from returns where id = ${subject}) end`;

const columns = {
  id: ledgerLines.id,
  kind: ledgerLines.kind,
  subjectId: ledgerLines.subjectId,
  cents: ledgerLines.amountCents,
  at: ledgerLines.at,
  fetchedAt: ledgerLines.fetchedAt,
  fetchId: ledgerLines.fetchId,
  customer: accounts.number,
  name: accounts.name,
  paymentId: payments.id,
  paymentNumber: payments.number,
  method: payments.kind,
  brand: payments.brand,
  lastFour: payments.lastFour,
  creditNumber: credits.number,
  reason: sql<
    string | null
  >`coalesce(${credits.reason}, case ${ledgerLines.kind} when 'refund' then (select reason from refunds where id = ${subject})
    when 'return' then (select code from returns where id = ${subject}) end)`,
  // As text: what is known to be JSON would come apart in the JSON that a page's rows are read as.
  invoices: sql<
    string | null
  >`case ${ledgerLines.kind} when 'payment' then (select json_group_array(json_array(i.number, h.amount_cents)) || ''
    from holds h join invoices i on i.id = h.invoice_id where h.payment_id = ${ledgerLines.subjectId}) end`,
};

const lines = (db: Pick<Db, "select">) =>
  db
    .select(columns)
    .from(ledgerLines)
    .innerJoin(accounts, eq(accounts.id, ledgerLines.accountId))
    .leftJoin(payments, sql`${payments.id} = ${paymentOfLine}`)
    .leftJoin(credits, sql`${ledgerLines.kind} = 'credit' and ${credits.id} = ${subject}`);

export type Line = Awaited<ReturnType<typeof linesAfter>>[number];

/** Lines after a cursor, oldest first. */
export const linesAfter = (db: Db, after: number, limit: number) =>
  lines(db).where(sql`${ledgerLines.id} > ${after}`).orderBy(asc(ledgerLines.id)).limit(limit);

/** One line, as the dealer's software is told it. */
export const lineById = (db: Db, id: number) => lines(db).where(eq(ledgerLines.id, id));

/** The newest lines before a cursor, for the office. */
export const latestLines = read((db, staff: StaffScope, before: Given<number>, limit: Given<number>) =>
  lines(db as never)
    .where(sql`${ledgerLines.id} < ${before} and ${staff}`)
    .orderBy(sql`${ledgerLines.id} desc`)
    .limit(limit as never),
);

/** The lines that one fetch handed out, oldest first. */
export const linesOfFetch = read((db, staff: StaffScope, fetchId: Given<string>, limit: Given<number>) =>
  lines(db as never)
    .where(sql`${ledgerLines.fetchId} = ${fetchId} and ${staff}`)
    .orderBy(asc(ledgerLines.id))
    .limit(limit as never),
);

/** Nobody has fetched it: the index finds it by the first of these. */
const waiting = sql`fetch_id is null and fetched_at is null`;

/** How many lines nobody has fetched, as far as one file holds. */
export const linesWaiting = read((db, staff: StaffScope, most: Given<number>) =>
  db
    .select({
      count: sql<number>`(select count(*) from (select 1 from ledger_lines where ${waiting} and ${staff} limit ${most}))`,
      failed: sql<number>`(select count(*) from webhook_deliveries where state = 'failed' and ${staff})`,
    })
    .from(sql`(select 1)`),
);

/**
 * Notes that lines were fetched, those after `after` up to `last` that had not been before. Fetching the same again
 * changes nothing.
 */
export async function markFetched(
  deps: Pick<Deps, "db" | "now">,
  fetched: { after: number; last: number; by: string },
): Promise<void> {
  const { after, last, by } = fetched;
  await fetchLines(deps, sql`id > ${after} and id <= ${last} and ${waiting}`, by, { after, last });
}

/** Takes all that nobody has fetched, as much as a file holds. Returns the fetch, by which the file is asked for, also later. */
export const fetchWaiting = (deps: Pick<Deps, "db" | "now">, by: string): Promise<string> =>
  fetchLines(
    deps,
    sql`id in (select id from ledger_lines where ${waiting} order by id limit ${LINES_PER_FILE})`,
    by,
    {},
  );

/** Marks lines with one fetch of their own, so that each line is in just one. */
async function fetchLines(
  { db, now }: Pick<Deps, "db" | "now">,
  which: SQL,
  by: string,
  detail: Record<string, number>,
): Promise<string> {
  const fetchId = newId("fet", now);
  const change = { key: `ledger.fetched:${fetchId}`, action: "ledger.fetched", accountId: null, by };
  await commit(db, now, { ...change, detail }, [
    sql`update ledger_lines set fetched_at = ${now}, fetch_id = ${fetchId} where ${which}`,
  ]);
  return fetchId;
}

/** The number that people know what a line is about by. */
const numberOf = (line: Line): string | null =>
  line.paymentId ? paymentNumber({ id: line.paymentId, number: line.paymentNumber }) : line.creditNumber;

const invoicesOf = (line: Line): { number: string; amount_cents: number }[] =>
  (JSON.parse(line.invoices ?? "[]") as [string, number][]).map(([number, cents]) => ({ number, amount_cents: cents }));

/** A line as the dealer's software gets it, by the API and by webhook. Cents above zero lower what the customer owes. */
export const asJson = (line: Line, timeZone: string) => ({
  id: line.id,
  kind: line.kind,
  reference: line.subjectId,
  number: numberOf(line),
  customer_number: line.customer,
  amount_cents: line.cents,
  at: isoTime(line.at),
  on: localDate(line.at, timeZone),
  method: line.method,
  brand: line.brand || null,
  last_four: line.lastFour || null,
  reason: line.reason || null,
  invoices: invoicesOf(line),
});

/** The columns of the office's file, and a line as one row of it. */
export const FILE_HEADINGS = [
  "Line",
  "Date",
  "Kind",
  "Number",
  "Customer number",
  "Customer",
  "Amount",
  "Method",
  "Last four",
  "Invoices",
  "Reason",
  "Fetched at (UTC)",
];
export const asRow = (line: Line, timeZone: string): (string | number | null)[] => [
  line.id,
  localDate(line.at, timeZone),
  line.kind,
  numberOf(line),
  line.customer,
  line.name,
  plainAmount(line.cents),
  line.method,
  line.lastFour,
  invoicesOf(line)
    .map((one) => `${one.number}: ${plainAmount(one.amount_cents)}`)
    .join("; "),
  line.reason,
  line.fetchedAt && isoTime(line.fetchedAt),
];
