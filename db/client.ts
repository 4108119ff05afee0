import type { Client } from "@libsql/client/http";
import { createClient } from "@libsql/client/http";
import type { LibSQLDatabase } from "drizzle-orm/libsql";
import { drizzle } from "drizzle-orm/libsql/http";

/** One dealer's database: drizzle for writing queries, `$client` for sending them (only `src/batch.ts` sends). */
export type Db = LibSQLDatabase & { $client: Client };

/** A database over HTTP, as a Worker reaches Turso. `fetch` lets tests count and break the trips. */
export function openDatabase(url: string, token: string | null, fetch?: typeof globalThis.fetch): Db {
  return databaseOf(createClient({ url, authToken: token ?? undefined, fetch }));
}

/**
 * The same `Db` over a client that exists already; tests and scripts bring a file. It is not told the schema: drizzle
 * would work out all relations anew for every request, for a way of asking that pages do not use.
 */
export const databaseOf = (client: Client): Db => drizzle(client);
