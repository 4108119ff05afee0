import { eq, sql } from "drizzle-orm";
import { accounts, sites as sitesTable } from "../../db/schema.ts";
import { readAll } from "../batch.ts";
import { phone } from "./import-customers.ts";
import { type Item, type Kind, oneOf, type Run, type Settled, sortOut, touched } from "./import-kind.ts";
import { fingerprint, quote } from "./import-row.ts";

export type Site = Item & {
  number: string;
  customer: string;
  name: string;
  line1: string;
  city: string;
  state: string;
  zip: string;
  phone: string | null;
  permitNumber: string | null;
  permitExpiresOn: string | null;
};

/** Protected premises, one row each. */
export const sites: Kind<Site> = {
  name: "sites",
  keyField: "number",
  fields: [
    {
      name: "number",
      means: "the site number",
      needed: true,
      words: ["site number", "site", "site id", "site code", "location number", "location id"],
    },
    {
      name: "customer",
      means: "the customer number",
      needed: true,
      words: [
        "customer number",
        "customer",
        "customer id",
        "customer code",
        "account number",
        "account id",
        "subscriber number",
      ],
    },
    { name: "name", means: "the site's name", words: ["site name", "name", "location name", "location"] },
    {
      name: "line1",
      means: "the address",
      words: ["address 1", "address", "address line 1", "site address", "site address 1", "street"],
    },
    { name: "city", means: "the city", words: ["city", "site city", "town"] },
    { name: "state", means: "the state", words: ["state", "site state", "province"] },
    { name: "zip", means: "the ZIP code", words: ["zip", "zip code", "site zip", "postal code", "postcode"] },
    {
      name: "phone",
      means: "the telephone number",
      words: ["phone", "phone number", "phone 1", "telephone", "site phone"],
    },
    {
      name: "permit_number",
      means: "the alarm permit",
      words: ["alarm permit", "permit", "permit number", "alarm permit number"],
    },
    {
      name: "permit_expires",
      means: "the day the permit expires",
      words: ["permit expires", "permit expiration", "permit expiration date", "permit expiry"],
    },
  ],
  key: (row) => row.text("number", 40),
  title: (item) => `Site ${item.number}`,
  read(row, key) {
    const line1 = row.text("line1");
    return {
      key,
      rows: [row.number],
      hash: "",
      number: key,
      customer: row.needed("customer"),
      name: row.text("name") || line1 || key,
      line1,
      city: row.text("city"),
      state: row.text("state"),
      zip: row.text("zip", 20),
      phone: phone(row.text("phone", 40)),
      permitNumber: row.text("permit_number", 60) || null,
      permitExpiresOn: row.date("permit_expires"),
    };
  },
  add: null,
  finish(item) {
    const { key, rows, hash, ...meaning } = item;
    item.hash = fingerprint(meaning);
    return [];
  },
};

/** The reason for a reference that leads nowhere. */
export const notKnown = (field: string, what: string, number: string) => ({
  field,
  reason: `${what} ${quote(number).slice(1, -1)} is not known: it is neither in the portal nor among the good rows of this import`,
});

/** Sites of a batch. */
export async function settleSites(items: Site[], run: Run): Promise<Settled> {
  const { owners, found } = await readAll(run.db, {
    owners: run.db
      .select({ id: accounts.id, number: accounts.number })
      .from(accounts)
      .where(
        oneOf(
          accounts.number,
          items.map((item) => item.customer),
        ),
      ),
    found: run.db
      .select({
        id: sitesTable.id,
        number: sitesTable.number,
        importHash: sitesTable.importHash,
        customer: accounts.number,
      })
      .from(sitesTable)
      .innerJoin(accounts, eq(accounts.id, sitesTable.accountId))
      .where(
        oneOf(
          sitesTable.number,
          items.map((item) => item.number),
        ),
      ),
  });
  const accountId = new Map(owners.map((account) => [account.number, account.id]));
  const byNumber = new Map(found.map((site) => [site.number, site]));
  const { verdicts, fresh, changed } = sortOut(
    items,
    (item) => byNumber.get(item.number),
    (item) =>
      accountId.has(item.customer) || run.world?.accounts.has(item.customer)
        ? null
        : notKnown("customer", "Customer", item.customer),
  );
  for (const item of [...fresh, ...changed.map((change) => change.item)])
    run.world?.sites.set(item.number, item.customer);
  const added = JSON.stringify(
    fresh.map((item) => ({ ...item, id: run.newId("site"), accountId: accountId.get(item.customer) })),
  );
  const edited = JSON.stringify(
    changed.map(({ item, was }) => ({
      ...item,
      id: was.id,
      was: was.importHash,
      accountId: accountId.get(item.customer),
    })),
  );
  const writes = [];
  if (fresh.length > 0) {
    writes.push(
      sql`insert into sites (id, account_id, number, name, line1, city, state, zip, phone, permit_number, permit_expires_on, import_hash)
        select value ->> 'id', value ->> 'accountId', value ->> 'number', value ->> 'name', value ->> 'line1', value ->> 'city',
          value ->> 'state', value ->> 'zip', value ->> 'phone', value ->> 'permitNumber', value ->> 'permitExpiresOn', value ->> 'hash'
        from json_each(${added})`,
    );
  }
  if (changed.length > 0) {
    writes.push(
      sql`update sites set account_id = value ->> 'accountId', name = value ->> 'name', line1 = value ->> 'line1', city = value ->> 'city',
          state = value ->> 'state', zip = value ->> 'zip', phone = value ->> 'phone', permit_number = value ->> 'permitNumber',
          permit_expires_on = value ->> 'permitExpiresOn', import_hash = value ->> 'hash'
        from json_each(${edited}) where sites.id = value ->> 'id' and sites.import_hash is (value ->> 'was')`,
      touched(changed.length),
    );
  }
  return { verdicts, writes };
}
