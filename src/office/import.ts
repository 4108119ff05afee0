import { eq } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import type { ImportCounts } from "../../db/schema/premises.ts";
import { importMappings, imports, settings } from "../../db/schema.ts";
import { commit, readAll, type Write } from "../batch.ts";
import type { Instant } from "../calendar.ts";
import { newId } from "../ids.ts";
import { type Credit, credits } from "./import-credits.ts";
import { openTable, type Table } from "./import-csv.ts";
import { customers, settleCustomers } from "./import-customers.ts";
import { FILE_ORDER, fileName, kindOfFile } from "./import-files.ts";
import { type Columns, type Field, type Mapping, matchHeadings, type Question } from "./import-headings.ts";
import { type MakeId, orderedIds } from "./import-ids.ts";
import { type Invoice, invoices } from "./import-invoices.ts";
import {
  emptyWorld,
  type Item,
  type Kind,
  type KindName,
  type Refused,
  type Run,
  type Settled,
  type World,
} from "./import-kind.ts";
import { type LedgerItems, settleLedger } from "./import-ledger.ts";
import { type Payment, payments } from "./import-payments.ts";
import { type Problem, Row } from "./import-row.ts";
import { settleSites, sites } from "./import-sites.ts";
import { storedFingerprints } from "./import-stored.ts";
import { settleSystems, systems } from "./import-systems.ts";
import { wrongRowsCsv } from "./import-wrong-rows.ts";
import { settleZones, zones } from "./import-zones.ts";

/** Rows of a file in one commit: well under a second, so that nobody who pays waits behind an import. */
const BATCH_ROWS = 500;

/** How often a batch is read and tried again when somebody else changed what it was based on. */
const TRIES = 3;

export type ImportFile = { name: string; text: string };

export type ImportOptions = {
  /** False: nothing is written, the answer is what would be. */
  apply: boolean;
  /** Who loads: for the audit trail. */
  by: string;
  /** What somebody said about headings just now; kept for later imports when this one is applied. */
  mappings?: Mapping[];
  progress?(file: string, rows: number, ofRows: number): void;
  /** Rows in one commit, where it is not 500: a test cuts small exports into many. */
  batchRows?: number;
  /** Puts the file of wrong rows somewhere and answers where, before the import is closed. */
  keepWrongRows?(importId: string, csv: string): Promise<string | null>;
};

/** `column` is the file's own heading; empty when it is the row as a whole. */
export type WrongRow = { row: number; column: string; reason: string };

type FileReport = {
  name: string;
  kind: KindName;
  counts: ImportCounts;
  wrongRows: WrongRow[];
  unused: string[];
};

export type ImportReport = {
  ok: true;
  /** The import's id once it is applied. */
  id: string | null;
  files: FileReport[];
  total: ImportCounts;
  /** Files that hold something else. */
  skipped: string[];
  /** The wrong rows as CSV, with reasons; empty when there are none. */
  wrongRows: string;
};

/** Nothing was done: what has to be said first. `questions` are about headings, `sentences` say everything. */
export type ImportRefusal = { ok: false; sentences: string[]; questions: Question[] };

/**
 * Brings the dealer's exports in: reads them, refuses bad rows one by one with a reason, and compares the good ones with
 * the database. With `apply`, loads new and changed rows in batches that each commit whole; stopped anywhere and run
 * again it ends the same, and run twice it changes nothing. Throws DatabaseTrouble; what was loaded by then stays.
 */
export async function runImport(
  deps: { db: Db; now: Instant; clock?: () => Instant },
  files: ImportFile[],
  options: ImportOptions,
): Promise<ImportReport | ImportRefusal> {
  const { db, now } = deps;
  const known = await readAll(db, {
    mappings: db.select().from(importMappings),
    settings: db.select({ importStatus: settings.importStatus }).from(settings),
  });
  const opened = openFiles(files, [...known.mappings, ...(options.mappings ?? [])]);
  if (!opened.ok) return opened;
  const session: Session = {
    db,
    now,
    newId: orderedIds(now),
    id: options.apply ? newId("imp", now) : null,
    by: options.by,
    importStatus: known.settings[0]?.importStatus ?? "sent",
    world: options.apply ? null : emptyWorld(),
    commits: 0,
    seen: new Map(),
    several: new Set(opened.files.map((file) => file.kind).filter((kind, i, all) => all.indexOf(kind) !== i)),
    waiting: new Map(),
    batchRows: options.batchRows ?? BATCH_ROWS,
    progress: options.progress ?? (() => {}),
  };
  if (session.id) await open(session, options.mappings ?? []);
  const lanes = ledgerLanes();
  for (const file of opened.files) await importFile(file, session, lanes);
  await settleWaiting(session, lanes);
  const reports = opened.files.map(report);
  const total = reports.reduce((sum, file) => add(sum, file.counts), { new: 0, changed: 0, unchanged: 0, wrong: 0 });
  const wrongRows =
    total.wrong === 0 ? "" : wrongRowsCsv(opened.files.map((file, i) => ({ ...reports[i]!, table: file.table })));
  if (session.id) {
    const key = wrongRows === "" ? null : ((await options.keepWrongRows?.(session.id, wrongRows)) ?? null);
    await close(session, reports, key, deps.clock?.() ?? now);
  }
  return { ok: true, id: session.id, files: reports, total, skipped: opened.skipped, wrongRows };
}

type OpenFile = {
  name: string;
  kind: KindName;
  table: Table;
  columns: Columns;
  counts: ImportCounts;
  wrong: Map<number, Problem[]>;
};

type Session = {
  db: Db;
  now: Instant;
  newId: MakeId;
  id: string | null;
  by: string;
  importStatus: "sent" | "unsent";
  world: World | null;
  commits: number;
  batchRows: number;
  /** Where each key stood in earlier files of its kind, as `invoices INV-1`. */
  seen: Map<string, string>;
  /** Kinds of which there is more than one file. */
  several: Set<KindName>;
  /** Refused for now: rows still to come may make room. */
  waiting: Map<Item, { file: OpenFile; refused: Refused; title: string }>;
  progress(file: string, rows: number, ofRows: number): void;
};

/** A kind of file with what settles its items; `waiting` where an item may have to wait for others. */
type Lane<R extends Item> = { kind: Kind<R>; settle(items: R[], run: Run): Promise<Settled>; waiting?: R[] };

type LedgerLanes = { invoices: Lane<Invoice>; payments: Lane<Payment>; credits: Lane<Credit> };

/** What each kind of file may tell; a heading can be mapped to these names. */
export const IMPORT_FIELDS: Record<KindName, Field[]> = {
  customers: customers.fields,
  sites: sites.fields,
  systems: systems.fields,
  zones: zones.fields,
  invoices: invoices.fields,
  payments: payments.fields,
  credits: credits.fields,
};

function ledgerLanes(): LedgerLanes {
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

function importFile(file: OpenFile, session: Session, lanes: LedgerLanes): Promise<void> {
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

/** Opens every file and matches its headings before anything is done, so that all questions come at once. */
function openFiles(
  files: ImportFile[],
  mappings: Mapping[],
): { ok: true; files: OpenFile[]; skipped: string[] } | ImportRefusal {
  const open: OpenFile[] = [];
  const skipped: string[] = [];
  const sentences: string[] = [];
  const questions: Question[] = [];
  for (const { name: path, text } of files) {
    const name = fileName(path);
    const table = openTable(text);
    if ("unreadable" in table) {
      sentences.push(`${name} ${table.unreadable}.`);
      continue;
    }
    const kind = kindOfFile(name, table.headings, IMPORT_FIELDS);
    if (!kind) {
      skipped.push(name);
      continue;
    }
    const matched = matchHeadings({ name, kind }, table.headings, IMPORT_FIELDS[kind], mappings);
    questions.push(...matched.questions);
    const counts = { new: 0, changed: 0, unchanged: 0, wrong: 0 };
    open.push({ name, kind, table, columns: matched.columns, counts, wrong: new Map() });
  }
  sentences.push(...questions.map((question) => question.sentence));
  const twice = open.find((file, i) => open.findIndex((other) => other.name === file.name) !== i);
  if (twice) sentences.push(`There are two files called ${twice.name}.`);
  if (open.length === 0 && sentences.length === 0) sentences.push(nothingKnown(skipped));
  if (sentences.length > 0) return { ok: false, sentences, questions };
  open.sort((a, b) => FILE_ORDER.indexOf(a.kind) - FILE_ORDER.indexOf(b.kind) || (a.name < b.name ? -1 : 1));
  return { ok: true, files: open, skipped };
}

const nothingKnown = (skipped: string[]): string =>
  `There is nothing to import${skipped.length > 0 ? ` in ${skipped.join(", ")}` : ""}: name the files ${FILE_ORDER.map((kind) => `${kind}.csv`).join(", ")}.`;

/** Reads a file's rows into items and settles them batch by batch. */
async function importRows<R extends Item>(file: OpenFile, lane: Lane<R>, session: Session): Promise<void> {
  const items = readItems(file, lane.kind, session);
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

/** The good items of a file. Bad rows go to `file.wrong`; an item with a bad row is wrong in all its rows. */
function readItems<R extends Item>(file: OpenFile, kind: Kind<R>, session: Session): Map<string, R> {
  const items = new Map<string, R>();
  const bad = new Map<R, Map<number, Problem[]>>();
  file.table.eachRow((number, cells, fault) => {
    const row = new Row(number, cells, file.columns.at);
    if (fault) return void file.wrong.set(number, [{ field: "", reason: fault }]);
    const key = kind.key(row);
    if (key === "") return void file.wrong.set(number, [{ field: kind.keyField, reason: "is empty" }]);
    let item = items.get(key);
    const before = item && !kind.add ? `row ${item.rows[0]}` : session.seen.get(`${kind.name} ${key}`);
    if (before !== undefined) {
      const title = kind.title(item ?? kind.read(row, key));
      return void file.wrong.set(number, [{ field: kind.keyField, reason: `${title} is in ${before} already` }]);
    }
    if (item) kind.add!(item, row);
    else {
      item = kind.read(row, key);
      items.set(key, item);
    }
    if (row.problems.length > 0) bad.set(item, (bad.get(item) ?? new Map()).set(number, row.problems));
  });
  for (const [key, item] of items) {
    if (session.several.has(kind.name)) session.seen.set(`${kind.name} ${key}`, `row ${item.rows[0]} of ${file.name}`);
    const problems = bad.get(item) ?? new Map<number, Problem[]>();
    const whole = problems.size === 0 ? kind.finish(item) : [];
    if (whole.length > 0) problems.set(item.rows[0]!, whole);
    if (problems.size === 0) continue;
    refuseItem(file, item, kind.title(item), problems);
    items.delete(key);
  }
  return items;
}

/** Marks every row of an item wrong: those that are, with their reason, and the others by pointing at the first of them. */
function refuseItem(file: OpenFile, item: Item, title: string, problems: Map<number, Problem[]>): void {
  const [first, [because]] = [...problems][0] as [number, [Problem]];
  const pointing = { field: "", reason: `${title} is refused whole, because of row ${first}: ${said(file, because)}` };
  for (const row of item.rows) file.wrong.set(row, problems.get(row) ?? [pointing]);
}

/** A reason as a sentence: what is said of a cell gets the cell's heading before it. */
const said = (file: OpenFile, { field, reason }: Problem): string =>
  /^(is|has|was|cannot|differs|leaves) /.test(reason) ? `${headingOf(file, field) || "The row"} ${reason}` : reason;

const headingOf = (file: OpenFile, field: string): string => {
  const at = file.columns.at.get(field);
  return at === undefined ? "" : file.table.headings[at]!;
};

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

const refuse = (file: OpenFile, item: Item, title: string, { row, field, reason }: Refused): void =>
  refuseItem(file, item, title, new Map([[row ?? item.rows[0]!, [{ field, reason }]]]));

const nextRun = (session: Session): Run => ({
  db: session.db,
  now: session.now,
  newId: session.newId,
  importStatus: session.importStatus,
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
async function settleWaiting(session: Session, lanes: LedgerLanes): Promise<void> {
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

async function open({ db, now, id, by }: Session, mappings: Mapping[]): Promise<void> {
  const writes: Write[] = [db.insert(imports).values({ id: id!, by, startedAt: now })];
  for (const mapping of mappings) {
    const row = { ...mapping, savedAt: now };
    writes.push(
      db
        .insert(importMappings)
        .values(row)
        .onConflictDoUpdate({
          target: [importMappings.file, importMappings.heading],
          set: { field: row.field, savedAt: now },
        }),
    );
  }
  await commit(db, now, { key: `import.started:${id}`, action: "import.started", accountId: null, by }, writes);
}

async function close(
  { db, now, id, by }: Session,
  files: FileReport[],
  wrongRowsKey: string | null,
  finishedAt: Instant,
): Promise<void> {
  const counts = Object.fromEntries(files.map((file) => [file.name, file.counts]));
  const change = { key: `import.finished:${id}`, action: "import.finished", accountId: null, by };
  await commit(db, now, change, [
    db.update(imports).set({ finishedAt, counts, wrongRowsKey }).where(eq(imports.id, id!)),
  ]);
}

function report(file: OpenFile): FileReport {
  const wrongRows = [...file.wrong]
    .sort(([a], [b]) => a - b)
    .map(([row, problems]) => ({
      row,
      column: headingOf(file, problems[0]!.field),
      reason: problems.map((problem) => said(file, problem)).join("; "),
    }));
  return {
    name: file.name,
    kind: file.kind,
    counts: { ...file.counts, wrong: wrongRows.length },
    wrongRows,
    unused: file.columns.unused,
  };
}

const add = (a: ImportCounts, b: ImportCounts): ImportCounts => ({
  new: a.new + b.new,
  changed: a.changed + b.changed,
  unchanged: a.unchanged + b.unchanged,
  wrong: a.wrong + b.wrong,
});
