import { sql } from "drizzle-orm";
import { sites, systems as systemsTable } from "../../db/schema.ts";
import { readAll } from "../batch.ts";
import { type Item, type Kind, oneOf, type Run, type Settled, sortOut, touched } from "./import-kind.ts";
import { fingerprint } from "./import-row.ts";
import { notKnown } from "./import-sites.ts";

export type System = Item & {
  csNumber: string;
  site: string;
  kind: string;
  panel: string;
  installedOn: string | null;
  monitoredSinceOn: string | null;
  services: string[];
  communication: string;
  warrantyUntilOn: string | null;
};

/** Panels, one row each. */
export const systems: Kind<System> = {
  name: "systems",
  keyField: "cs_number",
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
      ],
    },
    {
      name: "site",
      means: "the site number",
      needed: true,
      words: ["site number", "site", "site id", "site code", "location number", "location id"],
    },
    { name: "type", means: "the type of system", words: ["system type", "type", "kind"] },
    { name: "panel", means: "the panel", words: ["panel", "panel type", "panel model", "control panel"] },
    {
      name: "installed",
      means: "the day it was installed",
      words: ["installed", "installed on", "install date", "installation date", "date installed"],
    },
    {
      name: "monitored_since",
      means: "the day monitoring began",
      words: ["monitored since", "monitoring since", "monitoring start", "monitoring start date", "in service date"],
    },
    {
      name: "services",
      means: "the services",
      words: ["services", "service", "monitoring services", "monitored services"],
    },
    {
      name: "communication",
      means: "how the panel communicates",
      words: ["communication", "communication type", "communicator", "comm type"],
    },
    {
      name: "warranty_until",
      means: "the end of the warranty",
      words: ["warranty until", "warranty end", "warranty expires", "warranty expiration", "warranty end date"],
    },
  ],
  key: (row) => row.text("cs_number", 40),
  title: (item) => `System ${item.csNumber}`,
  read: (row, key) => ({
    key,
    rows: [row.number],
    hash: "",
    csNumber: key,
    site: row.needed("site"),
    kind: row.text("type"),
    panel: row.text("panel"),
    installedOn: row.date("installed"),
    monitoredSinceOn: row.date("monitored_since"),
    services: row
      .text("services", 500)
      .split(/[;,|\n]/)
      .map((word) => word.trim())
      .filter((word) => word !== ""),
    communication: row.text("communication"),
    warrantyUntilOn: row.date("warranty_until"),
  }),
  add: null,
  finish(item) {
    const { key, rows, hash, ...meaning } = item;
    item.hash = fingerprint(meaning);
    return [];
  },
};

/** Systems of a batch. */
export async function settleSystems(items: System[], run: Run): Promise<Settled> {
  const { places, found } = await readAll(run.db, {
    places: run.db
      .select({ id: sites.id, number: sites.number })
      .from(sites)
      .where(
        oneOf(
          sites.number,
          items.map((item) => item.site),
        ),
      ),
    found: run.db
      .select({ id: systemsTable.id, csNumber: systemsTable.csNumber, importHash: systemsTable.importHash })
      .from(systemsTable)
      .where(
        oneOf(
          systemsTable.csNumber,
          items.map((item) => item.csNumber),
        ),
      ),
  });
  const siteId = new Map(places.map((site) => [site.number, site.id]));
  const byNumber = new Map(found.map((system) => [system.csNumber, system]));
  const { verdicts, fresh, changed } = sortOut(
    items,
    (item) => byNumber.get(item.csNumber),
    (item) => (siteId.has(item.site) || run.world?.sites.has(item.site) ? null : notKnown("site", "Site", item.site)),
  );
  for (const item of fresh) run.world?.systems.add(item.csNumber);
  const added = JSON.stringify(fresh.map((item) => ({ ...item, id: run.newId("sys"), siteId: siteId.get(item.site) })));
  const edited = JSON.stringify(
    changed.map(({ item, was }) => ({ ...item, id: was.id, was: was.importHash, siteId: siteId.get(item.site) })),
  );
  const writes = [];
  if (fresh.length > 0) {
    writes.push(
      sql`insert into systems (id, site_id, cs_number, kind, panel, installed_on, monitored_since_on, services, communication,
          warranty_until_on, import_hash)
        select value ->> 'id', value ->> 'siteId', value ->> 'csNumber', value ->> 'kind', value ->> 'panel', value ->> 'installedOn',
          value ->> 'monitoredSinceOn', value -> 'services', value ->> 'communication', value ->> 'warrantyUntilOn', value ->> 'hash'
        from json_each(${added})`,
    );
  }
  if (changed.length > 0) {
    writes.push(
      sql`update systems set site_id = value ->> 'siteId', kind = value ->> 'kind', panel = value ->> 'panel',
          installed_on = value ->> 'installedOn', monitored_since_on = value ->> 'monitoredSinceOn', services = value -> 'services',
          communication = value ->> 'communication', warranty_until_on = value ->> 'warrantyUntilOn', import_hash = value ->> 'hash'
        from json_each(${edited}) where systems.id = value ->> 'id' and systems.import_hash is (value ->> 'was')`,
      touched(changed.length),
    );
  }
  return { verdicts, writes };
}
