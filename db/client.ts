import type { Client } from "@libsql/client/http";
import { createClient } from "@libsql/client/http";
import type { LibSQLDatabase } from "drizzle-orm/libsql";
import { drizzle } from "drizzle-orm/libsql/http";

/** One dealer's database: drizzle for writing queries, `$client` for sending them (only `src/batch.ts` sends). */
export type Db = LibSQLDatabase & { $client: Client };

// A client is kept for all requests of an isolate. With a limit it would let one request wait for another, whose end
// a Worker may not wait for; without one nothing of a request stays in it.
const NO_LIMIT = Number.MAX_SAFE_INTEGER;

/** A database over HTTP, as a Worker reaches Turso. `fetch` lets tests count and break the trips. */
export function openDatabase(url: string, token: string | null, fetch?: typeof globalThis.fetch): Db {
  return databaseOf(createClient({ url, authToken: token ?? undefined, concurrency: NO_LIMIT, fetch }));
}

/**
 * The same `Db` over a client that exists already; tests and scripts bring a file. It is not told the schema: drizzle
 * would work out all relations anew for every request, for a way of asking that pages do not use.
 */
export const databaseOf = (client: Client): Db => drizzle(client);
