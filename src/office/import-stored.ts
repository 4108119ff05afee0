import { eq, type SQLWrapper, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { accounts, credits, invoices, payments, sites, systems, zones } from "../../db/schema.ts";
import { readAll } from "../batch.ts";
import { type KindName, oneOf } from "./import-kind.ts";

/**
 * The fingerprints that the database has of these items. Most rows of most imports are as they were: then this is all
 * that is read of them, and not what they refer to.
 */
export async function storedFingerprints(db: Db, kind: KindName, keys: string[]): Promise<Map<string, string | null>> {
  const { rows } = await readAll(db, { rows: fingerprintsOf(db, kind, keys) });
  return new Map(rows.map((row) => [row.key, row.hash]));
}

function fingerprintsOf(db: Db, kind: KindName, keys: string[]) {
  switch (kind) {
    case "customers":
      return select(db, accounts.number, accounts.importHash).from(accounts).where(oneOf(accounts.number, keys));
    case "sites":
      return select(db, sites.number, sites.importHash).from(sites).where(oneOf(sites.number, keys));
    case "systems":
      return select(db, systems.csNumber, systems.importHash).from(systems).where(oneOf(systems.csNumber, keys));
    case "zones":
      return select(db, sql`${systems.csNumber} || char(9) || ${zones.number}`, zones.importHash)
        .from(zones)
        .innerJoin(systems, eq(systems.id, zones.systemId))
        .where(
          oneOf(
            systems.csNumber,
            keys.map((key) => key.split("\t", 1)[0]!),
          ),
        );
    case "invoices":
      return select(db, invoices.number, invoices.importHash).from(invoices).where(oneOf(invoices.number, keys));
    case "payments":
      return select(db, payments.number, payments.importHash).from(payments).where(oneOf(payments.number, keys));
    case "credits":
      return select(db, credits.number, credits.importHash).from(credits).where(oneOf(credits.number, keys));
  }
}

const select = (db: Db, key: SQLWrapper, hash: SQLWrapper) =>
  db.select({ key: sql<string>`${key}`, hash: sql<string | null>`${hash}` });
