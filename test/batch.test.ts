import { LibsqlError } from "@libsql/client";
import { expect, test } from "vitest";
import { type Db, databaseOf } from "../db/client.ts";
import { commit, DatabaseTrouble } from "../src/batch.ts";
import { portal } from "./setup.ts";

/** The same database, which is busy for so many batches first. */
function busyFor(db: Db, times: number): Db {
  let left = times;
  const batch: Db["$client"]["batch"] = async (...asked) => {
    if (left-- > 0) throw new LibsqlError("SQLite error: database is locked", "SQLITE_BUSY");
    return db.$client.batch(...asked);
  };
  return databaseOf(
    new Proxy(db.$client, { get: (client, name) => (name === "batch" ? batch : Reflect.get(client, name)) }),
  );
}

const change = { key: "tried:1", action: "tried", accountId: null, by: "test" };

test.each([0, 1, 3])("a change that finds the database busy %i times is made once", async (times) => {
  const t = await portal();
  expect(await commit(busyFor(t.db, times), t.clock.now, change, [])).toEqual({ result: "done" });
  expect(await commit(t.db, t.clock.now, change, [])).toEqual({ result: "already" });
});

test("a database that stays busy is trouble, and nothing was done", async () => {
  const t = await portal();
  await expect(commit(busyFor(t.db, 4), t.clock.now, change, [])).rejects.toThrow(DatabaseTrouble);
  expect(await t.rows("select key from events where key = ?", change.key)).toEqual([]);
});
