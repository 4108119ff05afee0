import { eq, sql } from "drizzle-orm";
import { systems, zones as zonesTable } from "../../db/schema.ts";
import { readAll } from "../batch.ts";
import { type Item, type Kind, oneOf, type Run, type Settled, sortOut, touched } from "./import-kind.ts";
import { fingerprint } from "./import-row.ts";
import { notKnown } from "./import-sites.ts";

export type Zone = Item & { csNumber: string; number: string; name: string; kind: string };

/** Zones, one row each; a zone's number is its own within its system only. */
export const zones: Kind<Zone> = {
  name: "zones",
  keyField: "number",
  fields: [
    {
      name: "cs_number",
      means: "the central-station number",
      needed: true,
      words: [
        "cs number",
        "cs account",
        "cs account number",
        "cs id",
        "central station number",
        "central station account",
        "monitoring number",
        "monitoring account number",
        "system number",
        "system",
      ],
    },
    {
      name: "number",
      means: "the zone number",
      needed: true,
      words: ["zone", "zone number", "zone id", "point", "point number"],
    },
    {
      name: "name",
      means: "the zone's name",
      needed: true,
      words: ["name", "zone name", "description", "zone description", "location"],
    },
    { name: "type", means: "the type of zone", words: ["type", "zone type", "kind"] },
  ],
  key(row) {
    const number = row.text("number", 40);
    return number === "" ? "" : `${row.text("cs_number", 40)}\t${number}`;
  },
  title: (item) => `Zone ${item.number} of ${item.csNumber}`,
  read: (row, key) => ({
    key,
    rows: [row.number],
    hash: "",
    csNumber: row.needed("cs_number"),
    number: row.text("number"),
    name: row.needed("name"),
    kind: row.text("type"),
  }),
  add: null,
  finish(item) {
    const { key, rows, hash, ...meaning } = item;
    item.hash = fingerprint(meaning);
    return [];
  },
};

/** Zones of a batch. */
export async function settleZones(items: Zone[], run: Run): Promise<Settled> {
  const csNumbers = items.map((item) => item.csNumber);
  const { panels, found } = await readAll(run.db, {
    panels: run.db
      .select({ id: systems.id, csNumber: systems.csNumber })
      .from(systems)
      .where(oneOf(systems.csNumber, csNumbers)),
    found: run.db
      .select({ csNumber: systems.csNumber, number: zonesTable.number, importHash: zonesTable.importHash })
      .from(zonesTable)
      .innerJoin(systems, eq(systems.id, zonesTable.systemId))
      .where(oneOf(systems.csNumber, csNumbers)),
  });
  const systemId = new Map(panels.map((system) => [system.csNumber, system.id]));
  const byKey = new Map(found.map((zone) => [`${zone.csNumber}\t${zone.number}`, zone]));
  const { verdicts, fresh, changed } = sortOut(
    items,
    (item) => byKey.get(item.key),
    (item) =>
      systemId.has(item.csNumber) || run.world?.systems.has(item.csNumber)
        ? null
        : notKnown("cs_number", "System", item.csNumber),
  );
  const added = JSON.stringify(fresh.map((item) => ({ ...item, systemId: systemId.get(item.csNumber) })));
  const edited = JSON.stringify(
    changed.map(({ item, was }) => ({ ...item, was: was.importHash, systemId: systemId.get(item.csNumber) })),
  );
  const writes = [];
  if (fresh.length > 0) {
    writes.push(
      sql`insert into zones (system_id, number, name, kind, import_hash)
        select value ->> 'systemId', value ->> 'number', value ->> 'name', value ->> 'kind', value ->> 'hash' from json_each(${added})`,
    );
  }
  if (changed.length > 0) {
    writes.push(
      sql`update zones set name = value ->> 'name', kind = value ->> 'kind', import_hash = value ->> 'hash'
        from json_each(${edited})
        where zones.system_id = value ->> 'systemId' and zones.number = value ->> 'number' and zones.import_hash is (value ->> 'was')`,
      touched(changed.length),
    );
  }
  return { verdicts, writes };
}
