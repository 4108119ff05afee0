import type { Item, Kind, Refused } from "./import-kind.ts";
import type { OpenFile } from "./import-open.ts";
import { type Problem, Row } from "./import-row.ts";

/** Numbers that earlier files of a kind brought, where there are several. */
export type Seen = {
  /** Whether the kind has more files than one. */
  several: boolean;
  /** Where each number stood, as `row 7 of payments.csv`. */
  where: Map<string, string>;
};

/** The good items of a file. Bad rows go to `file.wrong`; an item with a bad row is wrong in all its rows. */
export function readItems<R extends Item>(file: OpenFile, kind: Kind<R>, seen: Seen): Map<string, R> {
  const items = new Map<string, R>();
  const bad = new Map<R, Map<number, Problem[]>>();
  file.table.eachRow((number, cells, fault) => {
    const row = new Row(number, cells, file.columns.at);
    const key = kind.key(row);
    const broken = fault === null ? null : [{ field: "", reason: fault }];
    if (key === "") return void file.wrong.set(number, broken ?? [{ field: kind.keyField, reason: "is empty" }]);
    let item = items.get(key);
    const before = item && !kind.add ? `row ${item.rows[0]}` : seen.where.get(key);
    if (before !== undefined) {
      const title = kind.title(item ?? kind.read(row, key));
      return void file.wrong.set(number, [{ field: kind.keyField, reason: `${title} is in ${before} already` }]);
    }
    if (item) kind.add!(item, row);
    else {
      item = kind.read(row, key);
      items.set(key, item);
    }
    const problems = broken ?? row.problems;
    if (problems.length > 0) bad.set(item, (bad.get(item) ?? new Map()).set(number, problems));
  });
  for (const [key, item] of items) {
    if (seen.several) seen.where.set(key, `row ${item.rows[0]} of ${file.name}`);
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

/** Marks an item wrong that its own rows did not give away. */
export const refuse = (file: OpenFile, item: Item, title: string, { row, field, reason }: Refused): void =>
  refuseItem(file, item, title, new Map([[row ?? item.rows[0]!, [{ field, reason }]]]));

/** A reason as a sentence: what is said of a cell gets the cell's heading before it. */
export const said = (file: OpenFile, { field, reason }: Problem): string =>
  /^(is|has|was|cannot|differs|leaves) /.test(reason) ? `${headingOf(file, field) || "The row"} ${reason}` : reason;

/** A field's heading in this file; empty when it has none. */
export const headingOf = (file: OpenFile, field: string): string => {
  const at = file.columns.at.get(field);
  return at === undefined ? "" : file.table.headings[at]!;
};
