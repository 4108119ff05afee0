import type { ImportCounts } from "../../db/schema/premises.ts";
import type { ImportReport, WrongRow } from "./import.ts";

/** A report as programs get it, from the command and from the API alike. */
export type JsonReport = {
  files: Record<string, ImportCounts & { wrongRows: WrongRow[] }>;
  total: ImportCounts;
  skipped: string[];
};

/** Leaves out what only a person at a screen wants. */
export const asJson = ({ files, total, skipped }: ImportReport): JsonReport => ({
  files: Object.fromEntries(files.map(({ name, counts, wrongRows }) => [name, { ...counts, wrongRows }])),
  total,
  skipped,
});
