import { sql } from "drizzle-orm";
import { index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { accounts } from "./people.ts";

/** Protected premises. `number` is the dealer's. */
export const sites = sqliteTable(
  "sites",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    number: text("number").notNull(),
    name: text("name").notNull(),
    line1: text("line1").notNull().default(""),
    city: text("city").notNull().default(""),
    state: text("state").notNull().default(""),
    zip: text("zip").notNull().default(""),
    phone: text("phone"),
    permitNumber: text("permit_number"),
    permitExpiresOn: text("permit_expires_on"),
    importHash: text("import_hash"),
  },
  (t) => [uniqueIndex("site_number_unique").on(t.number), index("sites_by_account").on(t.accountId)],
);

/** One panel at a site; `csNumber` is its number at the central station. */
export const systems = sqliteTable(
  "systems",
  {
    id: text("id").primaryKey(),
    siteId: text("site_id")
      .notNull()
      .references(() => sites.id),
    csNumber: text("cs_number").notNull(),
    kind: text("kind").notNull().default(""),
    panel: text("panel").notNull().default(""),
    installedOn: text("installed_on"),
    monitoredSinceOn: text("monitored_since_on"),
    /** A JSON list of words: `["Burglary","Fire"]`. */
    services: text("services", { mode: "json" }).$type<string[]>().notNull().default(sql`'[]'`),
    communication: text("communication").notNull().default(""),
    warrantyUntilOn: text("warranty_until_on"),
    importHash: text("import_hash"),
  },
  (t) => [uniqueIndex("system_cs_number_unique").on(t.csNumber), index("systems_by_site").on(t.siteId)],
);

/** One protected opening or area of a system. */
export const zones = sqliteTable(
  "zones",
  {
    systemId: text("system_id")
      .notNull()
      .references(() => systems.id),
    number: text("number").notNull(),
    name: text("name").notNull(),
    kind: text("kind").notNull().default(""),
    importHash: text("import_hash"),
  },
  (t) => [primaryKey({ columns: [t.systemId, t.number] })],
);

/** What the dealer's export calls its columns, once somebody has told us. */
export const importMappings = sqliteTable(
  "import_mappings",
  {
    file: text("file").notNull(),
    heading: text("heading").notNull(),
    field: text("field").notNull(),
    savedAt: integer("saved_at").notNull(),
  },
  (t) => [primaryKey({ columns: [t.file, t.heading] })],
);

/** One delivery of the dealer's records: what arrived and what became of it. */
export const imports = sqliteTable(
  "imports",
  {
    id: text("id").primaryKey(),
    by: text("by").notNull(),
    startedAt: integer("started_at").notNull(),
    finishedAt: integer("finished_at"),
    /** Counts per file, as the command and the API report them. */
    counts: text("counts", { mode: "json" }).$type<Record<string, ImportCounts>>(),
    wrongRowsKey: text("wrong_rows_key"),
  },
  (t) => [index("imports_by_start").on(t.startedAt)],
);

/** How many rows of one file were what. */
export type ImportCounts = { new: number; changed: number; unchanged: number; wrong: number };
