import { eq, inArray, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { accounts, registrations, users } from "../../db/schema.ts";
import { commit, readAll, type Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import type { PromisedLetter } from "../messaging/promise-letter.ts";
import { openWorklist } from "../office/worklist.ts";
import { countTries } from "./attempts.ts";
import { accountsToOpen, isRegistered, promiseRegistration, promiseReset, waysIn } from "./promise-registration.ts";
import { differences, plainNumber, sameKey, sameZip } from "./registration-rules.ts";

/** What somebody types who wants to see an account: what stands on its invoice, or just their e-mail. */
type ByKey = { by: "key"; number: string; key: string; zip: string; email: string; name: string; phone: string };
export type Asked = ByKey | { by: "email"; email: string };

/** What an answer would tell about accounts: none of it is told, only written to the e-mail on file. */
type Found = { accountId: string | null; writes: Write[]; letter: PromisedLetter | null };
const NOTHING: Found = { accountId: null, writes: [], letter: null };

/**
 * Lets somebody ask for a way in to an account. The letter goes to the e-mail on file; where there is none, the office
 * decides. Whether account, key and e-mail exist, agree or are registered already shows neither in the answer nor in the
 * number of trips. `announce` is for after the answer.
 */
export async function register(
  deps: Deps,
  asked: Asked,
  from: { address: string; language: "en" | "es" },
): Promise<{ ok: true; announce: () => Promise<void> } | { ok: false; retryInSeconds: number }> {
  const email = asked.email.trim().toLowerCase();
  const tried = await countTries(deps, "registration", [
    { limit: "register:address", of: from.address },
    { limit: "register:email", of: email },
    ...(asked.by === "key" ? [{ limit: "register:account" as const, of: plainNumber(asked.number) }] : []),
  ]);
  if (!tried.ok) return tried;
  const { accountId, writes, letter } =
    asked.by === "key"
      ? await openByKey(deps, { ...asked, email }, from.language)
      : await openByEmail(deps, email, from.language);
  const change = { key: `registration.asked:${tried.id}`, action: "registration.asked", accountId, by: "nobody" };
  await commit(deps.db, deps.now, { ...change, detail: { way: asked.by } }, writes);
  return { ok: true, announce: async () => letter?.announce() };
}

/** Key, number and ZIP decide. What else differs is for the office to read, unless the dealer wants it to decide too. */
async function openByKey(deps: Deps, asked: ByKey, language: "en" | "es"): Promise<Found> {
  const { db, now } = deps;
  const number = plainNumber(asked.number);
  const { ways, found, waiting } = await readAll(db, {
    ways: waysIn(null),
    found: accountsToOpen(db).where(eq(accounts.plainNumber, number)),
    waiting: waitingFor(db, number),
  });
  const { registerByKey, strictNameMatch, firstPassword } = ways[0]!;
  const account = found.find((one) => sameKey(one.registrationKey, asked.key) && sameZip(one.zip, asked.zip));
  if (!account || !registerByKey) return NOTHING;
  const differs = differences(account, asked);
  if (strictNameMatch && differs.some((what) => what !== "e-mail")) return NOTHING;
  if (account.email && account.userId && isRegistered(account))
    return { accountId: account.id, ...(await promiseReset(deps, account.userId, account.email)) };

  const { email, name, phone } = asked;
  const id = newId("reg", now);
  const note = (state: "sent" | "waiting") =>
    db
      .insert(registrations)
      .values({ id, accountId: account.id, email, name, phone, differs: differs.join(", "), state, createdAt: now });
  if (!account.email) {
    const before = waiting.find((one) => one.accountId === account.id && one.email === email);
    const listed = openWorklist(now, "registration_waiting", account.id, before?.id ?? id, email);
    return { accountId: account.id, writes: before ? [listed] : [note("waiting"), listed], letter: null };
  }
  const how = { email: account.email, firstPassword, language };
  const { writes, letter } = await promiseRegistration(deps, account, how);
  const listed = openWorklist(now, "registration_differs", account.id, id, differs.join(", "));
  return {
    accountId: account.id,
    writes: [...writes, note("sent"), ...(differs.length > 0 ? [listed] : [])],
    letter,
  };
}

/** The e-mail decides: it opens every account that has it on file. */
async function openByEmail(deps: Deps, email: string, language: "en" | "es"): Promise<Found> {
  const { db, now } = deps;
  const { ways, found, known } = await readAll(db, {
    ways: waysIn(null),
    found: accountsToOpen(db).where(sql`lower(${accounts.email}) = ${email}`),
    known: db
      .select({ id: users.id })
      .from(users)
      .where(sql`${users.email} = ${email} and ${users.passwordHash} is not null`),
  });
  const { registerByEmail, firstPassword } = ways[0]!;
  if (!registerByEmail) return NOTHING;
  const closed = found.filter((one) => !isRegistered(one));
  const [account, ...others] = closed;
  if (!account) {
    const user = known[0];
    return user ? { accountId: found[0]?.id ?? null, ...(await promiseReset(deps, user.id, email)) } : NOTHING;
  }
  const alsoOpens = others.map((one) => one.id);
  const { writes, letter } = await promiseRegistration(deps, account, { email, firstPassword, language, alsoOpens });
  const id = newId("reg", now);
  const note = db.insert(registrations).values({ id, accountId: account.id, email, state: "sent", createdAt: now });
  return { accountId: account.id, writes: [...writes, note], letter };
}

/** Those who wait for the office already. */
const waitingFor = (db: Db, number: string) =>
  db
    .select({ id: registrations.id, accountId: registrations.accountId, email: registrations.email })
    .from(registrations)
    .where(
      sql`${inArray(
        registrations.accountId,
        db.select({ id: accounts.id }).from(accounts).where(eq(accounts.plainNumber, number)),
      )} and ${registrations.state} = 'waiting'`,
    );
