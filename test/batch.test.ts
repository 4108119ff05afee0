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

/** The same database; so many changes lose their answer, or, where somebody else is at it `meanwhile`, never arrive. */
function losingAnswers(db: Db, times: number, meanwhile?: () => Promise<unknown>): Db {
  let left = times;
  const batch: Db["$client"]["batch"] = async (...asked) => {
    if (asked[1] !== "write" || left-- <= 0) return db.$client.batch(...asked);
    await (meanwhile?.() ?? db.$client.batch(...asked)).catch(() => {});
    throw new TypeError("fetch failed");
  };
  return databaseOf(
    new Proxy(db.$client, { get: (client, name) => (name === "batch" ? batch : Reflect.get(client, name)) }),
  );
}

test("a change whose answer was lost is done, although the second try finds it made", async () => {
  const t = await portal();
  expect(await commit(losingAnswers(t.db, 1), t.clock.now, change, [])).toEqual({ result: "done" });
  expect(await commit(losingAnswers(t.db, 1), t.clock.now, change, [])).toEqual({ result: "already" });
});

test("one that never arrived, while somebody else made it, is theirs", async () => {
  const t = await portal();
  const theirs = () => commit(t.db, t.clock.now, change, []);
  expect(await commit(losingAnswers(t.db, 1, theirs), t.clock.now, change, [])).toEqual({ result: "already" });
});

test("one whose second answer is lost as well is trouble: only looking tells", async () => {
  const t = await portal();
  await expect(commit(losingAnswers(t.db, 2), t.clock.now, change, [])).rejects.toThrow(DatabaseTrouble);
  expect(await t.rows("select key from events where key = ?", change.key)).toHaveLength(1);
});
