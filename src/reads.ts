import { Column, fillPlaceholders, getTableName, is, type Placeholder, type SQL, sql } from "drizzle-orm";
import { drizzle } from "drizzle-orm/libsql/http";
import type { RunnableQuery } from "drizzle-orm/runnable-query";

/** What can be asked of the database, and how its SQL is written only once. */

declare const scope: unique symbol;
/** The account in view, as SQL that yields nothing unless the session is good and the role allows it. */
export type AccountScope = SQL & { [scope]: "account" };
/** A condition that is true only for signed-in staff. */
export type StaffScope = SQL & { [scope]: "staff" };
/** The user who is signed in, as SQL that yields nothing unless the session is good. */
export type UserScope = SQL & { [scope]: "user" };

/** Says in SQL, once for all reads of a page, who may look; their scopes refer to it by its table's name. */
export type Guard = { sql: string; args: unknown[] };

// biome-ignore lint/suspicious/noExplicitAny: a read is any drizzle query; its own result type is kept
type Query = RunnableQuery<any, "sqlite">;
type Prepared = {
  getQuery(): { sql: string; params: unknown[] };
  mapResult(result: unknown, isFromBatch: true): unknown;
  /** What the columns are called in an answer, and which tables were joined where they have a row. Not of plain `sql`. */
  fields?: Field[];
  joinsNotNullableMap?: Record<string, boolean>;
};
const prepare = (query: Query): Prepared => (query as unknown as { _prepare(): Prepared })._prepare();

/** A query that was written before, with the values it is asked with now. */
type Written<Result> = { readonly _: { readonly result: Result }; prepared: Prepared; values: unknown[] };

export type Read = Query | Written<unknown>;
export type Reads = Record<string, Read>;
export type Answers<R extends Reads> = { [K in keyof R]: R[K]["_"]["result"] };

/** A value that a read is given each time anew. In its SQL it is a `?`, so the query cannot look at it. */
export type Given<T> = Placeholder<string, T>;

// Writes SQL and sends none: what is kept from one request to the next must know nobody's database.
const pen = drizzle.mock();

/**
 * A read whose SQL is written the first time and remembered, once for each scope: to have drizzle write it for every
 * request costs more than everything else about it. Call it with the scope that `load…` hands out, and the values.
 */
export function read<
  Scope extends AccountScope | UserScope | StaffScope | null,
  Values extends unknown[],
  Q extends Query,
>(
  write: (db: typeof pen, account: Scope, ...given: { [K in keyof Values]: Given<Values[K]> }) => Q,
): (account: Scope, ...values: Values) => Written<Q["_"]["result"]> {
  const known = new Map<Scope, Prepared>();
  return (account, ...values) => {
    let prepared = known.get(account);
    if (!prepared) {
      const given = values.map((_, i) => sql.placeholder(String(i)));
      prepared = prepare(write(pen, account, ...(given as { [K in keyof Values]: Given<Values[K]> })));
      known.set(account, prepared);
    }
    return { prepared, values } as unknown as Written<Q["_"]["result"]>;
  };
}

const preparedOf = (one: Read): { prepared: Prepared; values: unknown[] } =>
  "prepared" in one ? one : { prepared: prepare(one), values: [] };

/** A statement as the database client takes it, and what its answer means. */
export type Asked<Answer> = { sql: string; args: unknown[]; answer: (result: { rows: unknown[] }) => Answer };

/** A read as a statement of its own. */
export function statementOf(one: Read): Asked<unknown> {
  const { prepared, values } = preparedOf(one);
  const { sql: text, params } = prepared.getQuery();
  return {
    sql: text,
    args: fillPlaceholders(params, { ...values }),
    answer: (result) => prepared.mapResult(result, true),
  };
}

/**
 * All reads of a page as one statement: one snapshot, and one row that holds the rows of each read as JSON. The driver
 * names and types every value that it brings, and to take that apart is what a page's processor time would go into.
 * `guards` are the tables that the reads' scopes refer to. Reads must be selects, and their values no blobs.
 */
export function pageStatement(reads: Read[], guards: Guard[]): Asked<unknown[]> {
  const args: unknown[] = guards.flatMap((guard) => guard.args);
  const all = reads.map(preparedOf);
  const columns = all.map(({ prepared, values }, i) => {
    const { sql: text, params } = prepared.getQuery();
    args.push(...fillPlaceholders(params, { ...values }));
    // Unnamed, a column is called by its whole text, and all of that would come back with the answer.
    return `(select group_concat(r) from (${rowsAsJson(text)})) as r${i}`;
  });
  return {
    sql: `${guards.length > 0 ? `with ${guards.map((guard) => guard.sql).join(", ")} ` : ""}select ${columns.join(", ")}`,
    args,
    answer: ({ rows }) =>
      all.map(({ prepared }, i) => {
        const found = (rows[0] as (string | null)[])[i] ?? "";
        return toAnswers(prepared)(JSON.parse(`[${found}]`));
      }),
  };
}

type Decoder = { mapFromDriverValue(value: unknown): unknown };
type Field = { path: string[]; field: Column | SQL };
type Row = Record<string, unknown>;
const answersOf = new WeakMap<Prepared, (rows: unknown[][]) => unknown[]>();

/**
 * How rows become what drizzle makes of them, worked out once for each query: drizzle asks anew for every value what its
 * column is, which was a tenth of a page's processor time.
 */
function toAnswers(prepared: Prepared): (rows: unknown[][]) => unknown[] {
  const known = answersOf.get(prepared);
  if (known) return known;
  const { fields, joinsNotNullableMap: joined } = prepared;
  const made = fields
    ? answersFrom(fields, joined)
    : (rows: unknown[][]) => prepared.mapResult({ rows }, true) as unknown[];
  answersOf.set(prepared, made);
  return made;
}

function answersFrom(fields: Field[], joined: Record<string, boolean> | undefined): (rows: unknown[][]) => unknown[] {
  const columns = fields.map(({ path, field }) => {
    if (path.length > 2) throw new Error(`a read has no columns in objects in objects: ${path.join(".")}`);
    const decoder = is(field, Column) ? field : (field as unknown as { decoder: Decoder }).decoder;
    return { object: path.length === 2 ? path[0]! : null, name: path.at(-1)!, decoder };
  });
  const missing = joined ? objectsThatMayBeMissing(fields, joined) : [];
  return (rows) =>
    rows.map((row) => {
      const answer: Row = {};
      columns.forEach(({ object, name, decoder }, i) => {
        if (object !== null) answer[object] ??= {};
        const into = object === null ? answer : (answer[object] as Row);
        into[name] = row[i] === null ? null : decoder.mapFromDriverValue(row[i]);
      });
      for (const { object, name } of missing) if ((answer[object] as Row)[name] === null) answer[object] = null;
      return answer;
    });
}

/** Objects of one table alone whose row a join may not find: drizzle takes them for not found by their first column. */
function objectsThatMayBeMissing(fields: Field[], joined: Record<string, boolean>) {
  const first = new Map<string, { name: string; table: string | null }>();
  for (const { path, field } of fields) {
    if (path.length !== 2 || !is(field, Column)) continue;
    const [object, name] = path as [string, string];
    const table = getTableName(field.table);
    const known = first.get(object);
    if (!known) first.set(object, { name, table });
    else if (known.table !== table) known.table = null;
  }
  return [...first].flatMap(([object, { name, table }]) =>
    table !== null && !joined[table] ? [{ object, name }] : [],
  );
}

/** The same select with its columns as one, `r`: a JSON array. Naming each column would cost the database more than the rows. */
function rowsAsJson(select: string): string {
  let depth = 0;
  for (const { 0: found, index } of select.matchAll(/'[^']*'|"[^"]*"|[()]|\bfrom\b/g)) {
    if (found === "(") depth++;
    else if (found === ")") depth--;
    else if (found === "from" && depth === 0)
      return `select json_array(${select.slice("select ".length, index)}) as r ${select.slice(index)}`;
  }
  throw new Error("a page reads from tables, by select");
}
