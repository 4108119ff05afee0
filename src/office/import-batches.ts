import type { Db } from "../../db/client.ts";
import { commit, type Write } from "../batch.ts";
import type { Instant } from "../calendar.ts";
import { type Credit, credits } from "./import-credits.ts";
import { customers, settleCustomers } from "./import-customers.ts";
import type { MakeId } from "./import-ids.ts";
import { type Invoice, invoices } from "./import-invoices.ts";
import { readItems, refuse, type Seen } from "./import-items.ts";
import type { Item, Kind, KindName, Refused, Run, Settled, World } from "./import-kind.ts";
import { type LedgerItems, settleLedger } from "./import-ledger.ts";
import type { OpenFile } from "./import-open.ts";
import { type Payment, payments } from "./import-payments.ts";
import { settleSites, sites } from "./import-sites.ts";
import { storedFingerprints } from "./import-stored.ts";
import { settleSystems, systems } from "./import-systems.ts";
import type { Telling } from "./import-telling.ts";
import { settleZones, zones } from "./import-zones.ts";

/** How often a batch is read and tried again when somebody else changed what it was based on. */
const TRIES = 3;

/** One run of the import. */
export type Session = {
  db: Db;
  now: Instant;
  newId: MakeId;
  id: string | null;
  by: string;
  importStatus: "sent" | "unsent";
  telling: Telling | null;
  world: World | null;
  commits: number;
  batchRows: number;
  seen: Record<KindName, Seen>;
  /** Refused for now: rows still to come may make room. */
  waiting: Map<Item, { file: OpenFile; refused: Refused; title: string }>;
  progress(file: string, rows: number, ofRows: number): void;
};

/** A kind of file with what settles its items; `waiting` where an item may have to wait for others. */
type Lane<R extends Item> = { kind: Kind<R>; settle(items: R[], run: Run): Promise<Settled>; waiting?: R[] };

/** The kinds that may have to wait for each other. */
export type LedgerLanes = { invoices: Lane<Invoice>; payments: Lane<Payment>; credits: Lane<Credit> };

/** The lanes of one run, with nobody waiting. */
export function ledgerLanes(): LedgerLanes {
  const settle = async (items: Partial<LedgerItems>, order: Item[], run: Run): Promise<Settled> => {
    const settled = await settleLedger({ invoices: [], payments: [], credits: [], ...items }, run);
    return { verdicts: order.map((item) => settled.verdicts.get(item)!), writes: settled.writes };
  };
  return {
    invoices: { kind: invoices, settle: (items, run) => settle({ invoices: items }, items, run), waiting: [] },
    payments: { kind: payments, settle: (items, run) => settle({ payments: items }, items, run), waiting: [] },
    credits: { kind: credits, settle: (items, run) => settle({ credits: items }, items, run), waiting: [] },
  };
}

/** Brings one file in. */
export function importFile(file: OpenFile, session: Session, lanes: LedgerLanes): Promise<void> {
  switch (file.kind) {
    case "customers":
      return importRows(file, { kind: customers, settle: settleCustomers }, session);
    case "sites":
      return importRows(file, { kind: sites, settle: settleSites }, session);
    case "systems":
      return importRows(file, { kind: systems, settle: settleSystems }, session);
    case "zones":
      return importRows(file, { kind: zones, settle: settleZones }, session);
    case "invoices":
      return importRows(file, lanes.invoices, session);
    case "payments":
      return importRows(file, lanes.payments, session);
    case "credits":
      return importRows(file, lanes.credits, session);
  }
}

/** Reads a file's rows into items and settles them batch by batch. */
async function importRows<R extends Item>(file: OpenFile, lane: Lane<R>, session: Session): Promise<void> {
  const items = readItems(file, lane.kind, session.seen[file.kind]);
  const ofRows = rowsOf(items.values());
  let done = 0;
  for (const batch of batches(items, session.batchRows)) {
    await settleChanged(batch, file, lane, session);
    done += rowsOf(batch);
    session.progress(file.name, done, ofRows);
  }
}

function rowsOf(items: Iterable<Item>): number {
  let rows = 0;
  for (const item of items) rows += item.rows.length;
  return rows;
}

/** Cuts items into batches, and lets go of them: a big file's items must not all stay in memory to the end. */
function* batches<R extends Item>(items: Map<string, R>, batchRows: number): Generator<R[]> {
  let batch: R[] = [];
  let rows = 0;
  for (const [key, item] of items) {
    if (batch.length > 0 && rows + item.rows.length > batchRows) {
      yield batch;
      batch = [];
      rows = 0;
    }
    batch.push(item);
    rows += item.rows.length;
    items.delete(key);
  }
  if (batch.length > 0) yield batch;
}

/** Counts what is as it was, and settles the rest of a batch. */
async function settleChanged<R extends Item>(
  items: R[],
  file: OpenFile,
  lane: Lane<R>,
  session: Session,
): Promise<void> {
  const { name } = lane.kind;
  const keys = items.map((item) => item.key);
  const stored = await storedFingerprints(session.db, name, keys);
  const rest = items.filter(
    (item) => stored.get(item.key) !== item.hash || session.world?.reapplied.has(`${name} ${item.key}`),
  );
  file.counts.unchanged += rowsOf(items) - rowsOf(rest);
  if (rest.length > 0) await settle(rest, file, lane, session, TRIES);
}

/** Settles a batch: counts it, and with `apply` commits it. A refusal by the database is read again, then narrowed down. */
async function settle<R extends Item>(
  items: R[],
  file: OpenFile,
  lane: Lane<R>,
  session: Session,
  tries: number,
): Promise<void> {
  const run = nextRun(session);
  const settled = await lane.settle(items, run);
  const refusedBy = await write(session, run, settled.writes, file.name, items);
  if (refusedBy === null) {
    for (const [i, verdict] of settled.verdicts.entries()) {
      const item = items[i]!;
      if (typeof verdict === "string") file.counts[verdict] += item.rows.length;
      else if (verdict.mayPass && lane.waiting) {
        lane.waiting.push(item);
        session.waiting.set(item, { file, refused: verdict, title: lane.kind.title(item) });
      } else refuse(file, item, lane.kind.title(item), verdict);
    }
  } else if (tries > 1) await settle(items, file, lane, session, tries - 1);
  else if (items.length === 1)
    refuse(file, items[0]!, lane.kind.title(items[0]!), { field: "", reason: refusedByDatabase(refusedBy) });
  else {
    const half = Math.ceil(items.length / 2);
    await settle(items.slice(0, half), file, lane, session, 1);
    await settle(items.slice(half), file, lane, session, 1);
  }
}

const nextRun = (session: Session): Run => ({
  db: session.db,
  now: session.now,
  newId: session.newId,
  importStatus: session.importStatus,
  telling: session.telling,
  world: session.world,
  eventKey: `import.applied:${session.id}:${++session.commits}`,
});

/** Commits a batch; a dry run never gets past the first line. Null when it stands (or there was nothing to write), else the constraint that refused. */
async function write(session: Session, run: Run, writes: Write[], file: string, items: Item[]): Promise<string | null> {
  if (session.id === null || writes.length === 0) return null;
  const change = {
    key: run.eventKey,
    action: "import.applied",
    accountId: null,
    by: session.by,
    detail: { file, items: items.length },
  };
  const outcome = await commit(session.db, session.now, change, writes);
  return outcome.result === "refused" ? outcome.constraint : null;
}

/** The sentence for a constraint that no check of ours foresaw. */
const refusedByDatabase = (constraint: string): string =>
  `was refused by the database (${constraint}); nothing of it was loaded`;

/**
 * What had to wait for the rest of the run is tried again, customer by customer and all kinds together, as long as that
 * helps somebody; what is left then is wrong.
 */
export async function settleWaiting(session: Session, lanes: LedgerLanes): Promise<void> {
  for (let before = Number.POSITIVE_INFINITY; session.waiting.size > 0 && session.waiting.size < before; ) {
    before = session.waiting.size;
    for (const batch of byCustomer(lanes, session.batchRows)) await settleTogether(batch, session, TRIES);
    lanes.invoices.waiting = lanes.invoices.waiting!.filter((item) => session.waiting.has(item));
    lanes.payments.waiting = lanes.payments.waiting!.filter((item) => session.waiting.has(item));
    lanes.credits.waiting = lanes.credits.waiting!.filter((item) => session.waiting.has(item));
  }
  for (const [item, { file, refused, title }] of session.waiting) refuse(file, item, title, refused);
}

async function settleTogether(batch: LedgerItems, session: Session, tries: number): Promise<void> {
  const run = nextRun(session);
  const settled = await settleLedger(batch, run);
  const refusedBy = await write(session, run, settled.writes, "together", [...settled.verdicts.keys()]);
  if (refusedBy !== null && tries > 1) return settleTogether(batch, session, tries - 1);
  if (refusedBy !== null) return;
  for (const [item, verdict] of settled.verdicts) {
    const waiting = session.waiting.get(item)!;
    if (typeof verdict !== "string") waiting.refused = verdict;
    else {
      waiting.file.counts[verdict] += item.rows.length;
      session.waiting.delete(item);
    }
  }
}

/** Everything that waits, in batches that never part a customer's items. */
function byCustomer(lanes: LedgerLanes, batchRows: number): LedgerItems[] {
  const customer = new Map<string, LedgerItems>();
  const of = (number: string): LedgerItems => {
    if (!customer.has(number)) customer.set(number, { invoices: [], payments: [], credits: [] });
    return customer.get(number)!;
  };
  for (const item of lanes.invoices.waiting!) of(item.customer).invoices.push(item);
  for (const item of lanes.payments.waiting!) of(item.customer).payments.push(item);
  for (const item of lanes.credits.waiting!) of(item.customer).credits.push(item);
  const batches: LedgerItems[] = [];
  let rows = batchRows;
  for (const items of customer.values()) {
    const more = rowsOf([...items.invoices, ...items.payments, ...items.credits]);
    if (rows + more > batchRows) {
      batches.push({ invoices: [], payments: [], credits: [] });
      rows = 0;
    }
    rows += more;
    const batch = batches.at(-1)!;
    batch.invoices.push(...items.invoices);
    batch.payments.push(...items.payments);
    batch.credits.push(...items.credits);
  }
  return batches;
}
