import { sql } from "drizzle-orm";
import { accounts } from "../../db/schema.ts";
import { usNumber } from "../auth/contact-rules.ts";
import { newRegistrationKey } from "../auth/registration-keys.ts";
import { readAll } from "../batch.ts";
import { type Item, type Kind, oneOf, type Run, type Settled, sortOut, touched } from "./import-kind.ts";
import { fingerprint, meaningOf, quote, type Row, synonyms } from "./import-row.ts";

export type Customer = Item & {
  number: string;
  name: string;
  firstName: string;
  lastName: string;
  email: string | null;
  phone: string | null;
  mobile: string | null;
  line1: string;
  line2: string;
  city: string;
  state: string;
  zip: string;
  status: "active" | "inactive";
  salespersonEmail: string | null;
  registrationKey: string | null;
};

const STATUS = {
  ...synonyms("active" as const, "active a current yes"),
  ...synonyms("inactive" as const, "inactive i no cancelled canceled closed terminated"),
};

/** Customers, one row each: the accounts of this portal. */
export const customers: Kind<Customer> = {
  name: "customers",
  keyField: "number",
  fields: [
    {
      name: "number",
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
    {
      name: "name",
      means: "the account name",
      needed: true,
      words: ["account name", "name", "customer name", "company", "company name", "bill to name", "bill to"],
    },
    { name: "first_name", means: "the first name", words: ["first name", "first", "given name", "contact first name"] },
    {
      name: "last_name",
      means: "the last name",
      words: ["last name", "last", "surname", "family name", "contact last name"],
    },
    { name: "email", means: "the e-mail address", words: ["email", "email address", "bill email", "billing email"] },
    {
      name: "phone",
      means: "the telephone number",
      words: ["phone", "phone number", "phone 1", "telephone", "home phone", "main phone", "bill phone"],
    },
    {
      name: "mobile",
      means: "the mobile number",
      words: ["mobile", "mobile phone", "mobile number", "cell", "cell phone", "phone 2"],
    },
    {
      name: "line1",
      means: "the first line of the address",
      words: [
        "bill address 1",
        "bill address",
        "billing address",
        "billing address 1",
        "address 1",
        "address",
        "address line 1",
        "street",
      ],
    },
    {
      name: "line2",
      means: "the second line of the address",
      words: ["bill address 2", "billing address 2", "address 2", "address line 2"],
    },
    { name: "city", means: "the city", words: ["city", "bill city", "billing city", "town"] },
    { name: "state", means: "the state", words: ["state", "bill state", "billing state", "province"] },
    {
      name: "zip",
      means: "the ZIP code",
      words: ["zip", "zip code", "bill zip", "billing zip", "postal code", "postcode"],
    },
    { name: "status", means: "the status", words: ["status", "customer status", "account status", "active"] },
    {
      name: "salesperson_email",
      means: "the salesperson's e-mail address",
      words: ["salesperson email", "sales rep email", "salesman email", "rep email"],
    },
    {
      name: "registration_key",
      means: "the registration key",
      words: ["registration key", "registration code", "portal key", "web key"],
    },
  ],
  key: (row) => row.text("number", 40),
  title: (item) => `Customer ${item.number}`,
  read(row, key) {
    const firstName = row.text("first_name");
    const lastName = row.text("last_name");
    const name = row.text("name") || `${firstName} ${lastName}`.trim();
    if (name === "") row.refuse("name", "is empty");
    return {
      key,
      rows: [row.number],
      hash: "",
      number: key,
      name,
      firstName,
      lastName,
      email: row.email("email"),
      phone: phone(row.text("phone", 40)),
      mobile: phone(row.text("mobile", 40)),
      line1: row.text("line1"),
      line2: row.text("line2"),
      city: row.text("city"),
      state: row.text("state"),
      zip: row.text("zip", 20),
      status: status(row),
      salespersonEmail: row.email("salesperson_email"),
      registrationKey: row.text("registration_key", 40) || null,
    };
  },
  add: null,
  finish(item) {
    const { key, rows, hash, ...meaning } = item;
    item.hash = fingerprint(meaning);
    return [];
  },
};

function status(row: Row): "active" | "inactive" {
  const word = row.text("status");
  const known = meaningOf(STATUS, word);
  if (word !== "" && !known) row.refuse("status", `${quote(word)} is neither Active nor Inactive`);
  return known ?? "active";
}

/** A US number as E.164; anything else as it was typed, because a customer is not refused over a telephone number. */
export const phone = (typed: string): string | null => (typed === "" ? null : (usNumber(typed) ?? typed));

/**
 * Accounts of a batch. A new one with an e-mail can be signed in to by that address (once a password is set); a later
 * change of the e-mail changes the account only, never who may sign in.
 */
export async function settleCustomers(items: Customer[], run: Run): Promise<Settled> {
  const { found } = await readAll(run.db, {
    found: run.db
      .select({ id: accounts.id, number: accounts.number, importHash: accounts.importHash })
      .from(accounts)
      .where(
        oneOf(
          accounts.number,
          items.map((item) => item.number),
        ),
      ),
  });
  const byNumber = new Map(found.map((account) => [account.number, account]));
  const { verdicts, fresh, changed } = sortOut(
    items,
    (item) => byNumber.get(item.number),
    () => null,
  );
  for (const item of items) run.world?.accounts.add(item.number);
  const added = JSON.stringify(fresh.map((item) => newAccount(item, run)));
  const edited = JSON.stringify(changed.map(({ item, was }) => ({ ...item, id: was.id, was: was.importHash })));
  const writes = [];
  if (fresh.length > 0) {
    writes.push(
      sql`insert into accounts (id, number, name, first_name, last_name, email, phone, mobile, line1, line2, city, state, zip,
          status, salesperson_email, registration_key, created_at, import_hash)
        select value ->> 'id', value ->> 'number', value ->> 'name', value ->> 'firstName', value ->> 'lastName', value ->> 'email',
          value ->> 'phone', value ->> 'mobile', value ->> 'line1', value ->> 'line2', value ->> 'city', value ->> 'state',
          value ->> 'zip', value ->> 'status', value ->> 'salespersonEmail', value ->> 'registrationKey', ${run.now}, value ->> 'hash'
        from json_each(${added})`,
      sql`insert into users (id, email, name, created_at)
        select value ->> 'userId', value ->> 'userEmail', value ->> 'userName', ${run.now}
        from json_each(${added}) where value ->> 'userEmail' is not null
        on conflict (email) do nothing`,
      // Whoever registered with this address before need not do so again.
      sql`insert into memberships (user_id, account_id, role, created_at, active_since)
        select users.id, value ->> 'id', 'owner', ${run.now}, iif(users.password_hash is null, null, ${run.now})
        from json_each(${added}) join users on users.email = value ->> 'userEmail'`,
    );
  }
  if (changed.length > 0) {
    writes.push(
      sql`update accounts set name = value ->> 'name', first_name = value ->> 'firstName', last_name = value ->> 'lastName',
          email = value ->> 'email', phone = value ->> 'phone', mobile = value ->> 'mobile', line1 = value ->> 'line1',
          line2 = value ->> 'line2', city = value ->> 'city', state = value ->> 'state', zip = value ->> 'zip',
          status = value ->> 'status', salesperson_email = value ->> 'salespersonEmail',
          registration_key = coalesce(value ->> 'registrationKey', registration_key), import_hash = value ->> 'hash'
        from json_each(${edited}) where accounts.id = value ->> 'id' and accounts.import_hash is (value ->> 'was')`,
      touched(changed.length),
    );
  }
  return { verdicts, writes };
}

/** An account as it is inserted, with the user who may see it. */
const newAccount = (item: Customer, run: Run) => ({
  ...item,
  id: run.newId("acc"),
  registrationKey: item.registrationKey ?? newRegistrationKey(),
  userId: run.newId("usr"),
  userEmail: item.email?.toLowerCase() ?? null,
  userName: `${item.firstName} ${item.lastName}`.trim() || item.name,
});
