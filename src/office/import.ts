import { eq } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import type { ImportCounts } from "../../db/schema/premises.ts";
import { importMappings, imports, settings } from "../../db/schema.ts";
import { commit, readAll, type Write } from "../batch.ts";
import type { Instant } from "../calendar.ts";
import { newId } from "../ids.ts";
import { importFile, ledgerLanes, type Session, settleWaiting } from "./import-batches.ts";
import { FILE_ORDER } from "./import-files.ts";
import type { Mapping } from "./import-headings.ts";
import { orderedIds } from "./import-ids.ts";
import { headingOf, said } from "./import-items.ts";
import { emptyWorld, type KindName } from "./import-kind.ts";
import { type ImportFile, type ImportRefusal, type OpenFile, openFiles } from "./import-open.ts";
import type { Problem } from "./import-row.ts";
import { bringsNews, tellingFrom } from "./import-telling.ts";
import { wrongRowsCsv } from "./import-wrong-rows.ts";

/** Rows of a file in one commit: well under a second, so that nobody who pays waits behind an import. */
const BATCH_ROWS = 500;

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
    telling: bringsNews(db),
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
    telling: known.telling[0]?.news ? tellingFrom(now) : null,
    world: options.apply ? null : emptyWorld(),
    commits: 0,
    seen: seenIn(opened.files),
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

const seenIn = (files: OpenFile[]): Session["seen"] =>
  Object.fromEntries(
    FILE_ORDER.map((kind) => [
      kind,
      { several: files.filter((file) => file.kind === kind).length > 1, where: new Map() },
    ]),
  ) as Session["seen"];

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
      reason: [said(file, problems[0]!), ...problems.slice(1).map((problem) => saidOf(file, problem))].join("; "),
    }));
  return {
    name: file.name,
    kind: file.kind,
    counts: { ...file.counts, wrong: wrongRows.length },
    wrongRows,
    unused: file.columns.unused,
  };
}

/** A reason that stands behind another, and so has to say which cell it is about. */
function saidOf(file: OpenFile, problem: Problem): string {
  const [heading, sentence] = [headingOf(file, problem.field), said(file, problem)];
  return sentence.startsWith(heading) ? sentence : `${heading}: ${sentence}`;
}

const add = (a: ImportCounts, b: ImportCounts): ImportCounts => ({
  new: a.new + b.new,
  changed: a.changed + b.changed,
  unchanged: a.unchanged + b.unchanged,
  wrong: a.wrong + b.wrong,
});
