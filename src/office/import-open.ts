import type { ImportCounts } from "../../db/schema/premises.ts";
import { credits } from "./import-credits.ts";
import { openTable, type Table } from "./import-csv.ts";
import { customers } from "./import-customers.ts";
import { FILE_ORDER, fileName, kindOfFile } from "./import-files.ts";
import { type Columns, type Field, type Mapping, matchHeadings, type Question } from "./import-headings.ts";
import { invoices } from "./import-invoices.ts";
import type { KindName } from "./import-kind.ts";
import { payments } from "./import-payments.ts";
import type { Problem } from "./import-row.ts";
import { sites } from "./import-sites.ts";
import { systems } from "./import-systems.ts";
import { zones } from "./import-zones.ts";

export type ImportFile = { name: string; text: string };

/** Nothing was done: what has to be said first. `questions` are about headings, `sentences` say everything. */
export type ImportRefusal = { ok: false; sentences: string[]; questions: Question[] };

/** A file whose kind and columns are known. `wrong` and `counts` fill while its rows are read and settled. */
export type OpenFile = {
  name: string;
  kind: KindName;
  table: Table;
  columns: Columns;
  counts: ImportCounts;
  wrong: Map<number, Problem[]>;
};

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

/** Opens every file and matches its headings before anything is done, so that all questions come at once. */
export function openFiles(
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
