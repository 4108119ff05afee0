import Database from "libsql";

type Statement = {
  raw(raw: boolean): Statement;
  columns(): unknown[];
};

/**
 * From now on each connection of this process prepares a statement once and keeps it. The client prepares anew each time, asks
 * twice for the columns, and finds out by an exception that a statement returns nothing: half of what a test waits for.
 */
export function keepPrepared(): void {
  const kept = new WeakMap<object, Map<string, Statement>>();
  const prepare = Database.prototype.prepare as unknown as (sql: string) => Statement;
  Object.assign(Database.prototype, {
    prepare(this: object, sql: string): Statement {
      const mine = kept.get(this) ?? new Map<string, Statement>();
      kept.set(this, mine);
      const before = mine.get(sql);
      if (before) return before;
      const statement = onceAsked(prepare.call(this, sql));
      mine.set(sql, statement);
      return statement;
    },
  });
}

/** What a statement says of itself does not change. */
function onceAsked(statement: Statement): Statement {
  const raw = statement.raw.bind(statement);
  const columns = statement.columns.bind(statement);
  let refused: unknown = null;
  let found: unknown[] | null = null;
  return Object.assign(statement, {
    raw(on: boolean) {
      if (refused) throw refused;
      try {
        return raw(on);
      } catch (error) {
        refused = error;
        throw error;
      }
    },
    columns() {
      found ??= columns();
      return found;
    },
  });
}
