import { and, eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { accounts, contactChanges, memberships, registrations, users } from "../../db/schema.ts";
import { commit, mustHaveChanged, readAll, type Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { promiseRegistration, waysIn } from "./promise-registration.ts";

/** What became of it: `decided` when it was decided before, or never asked. */
type Decision = "done" | "decided";

/**
 * The office lets somebody in whose account has no e-mail on file: the one that they typed becomes that, and the letter
 * goes there. `by` is the user's id of whoever approves. Throws DatabaseTrouble.
 */
export async function approveRegistration(
  deps: Deps,
  { registrationId, by }: { registrationId: string; by: string },
): Promise<Decision> {
  const { db, now } = deps;
  const { found, ways } = await readAll(db, { found: waiting(db, registrationId), ways: waysIn(null) });
  const asked = found[0];
  if (!asked) return "decided";
  const { writes, letter } = await promiseRegistration(deps, asked, {
    email: asked.email,
    firstPassword: ways[0]!.firstPassword,
    language: null,
  });
  const onFile = { accountId: asked.id, field: "email", before: "", after: asked.email, at: now };
  const done = await decide(deps, { registrationId, by, state: "approved", accountId: asked.id }, [
    ...(asked.onFile === null
      ? [
          sql`update accounts set email = ${asked.email} where id = ${asked.id} and email is null`,
          db.insert(contactChanges).values({ id: newId("chg", now), ...onFile }),
        ]
      : []),
    ...writes,
  ]);
  if (done === "done") await letter.announce();
  return done;
}

/** The office does not let somebody in. Nobody is written to: the e-mail is a stranger's until it is approved. */
export async function refuseRegistration(
  deps: Deps,
  { registrationId, by }: { registrationId: string; by: string },
): Promise<Decision> {
  const { found } = await readAll(deps.db, { found: waiting(deps.db, registrationId) });
  if (!found[0]) return "decided";
  return decide(deps, { registrationId, by, state: "refused", accountId: found[0].id }, []);
}

async function decide(
  { db, now }: Deps,
  p: { registrationId: string; by: string; state: "approved" | "refused"; accountId: string },
  writes: Write[],
): Promise<Decision> {
  const { registrationId: id, by, state, accountId } = p;
  const change = { key: `registration.${state}:${id}`, action: `registration.${state}`, accountId, by };
  const { result } = await commit(db, now, change, [
    sql`update registrations set state = ${state}, decided_at = ${now}, decided_by = ${by}
        where id = ${id} and state = 'waiting'`,
    mustHaveChanged("rows_matched"),
    sql`update worklist set closed_at = ${now} where id = ${`registration_waiting:${id}`} and closed_at is null`,
    ...writes,
  ]);
  return result === "done" ? "done" : "decided";
}

/** A registration that waits, the account it is about, and whoever signs in with its e-mail already. */
const waiting = (db: Db, registrationId: string) =>
  db
    .select({
      id: accounts.id,
      name: accounts.name,
      firstName: accounts.firstName,
      lastName: accounts.lastName,
      onFile: accounts.email,
      email: registrations.email,
      userId: users.id,
      hasPassword: sql<boolean>`${users.passwordHash} is not null`.mapWith(Boolean),
      active: sql<boolean>`${memberships.activeSince} is not null`.mapWith(Boolean),
    })
    .from(registrations)
    .innerJoin(accounts, eq(accounts.id, registrations.accountId))
    .leftJoin(users, eq(users.email, registrations.email))
    .leftJoin(memberships, and(eq(memberships.userId, users.id), eq(memberships.accountId, accounts.id)))
    .where(and(eq(registrations.id, registrationId), sql`${registrations.state} = 'waiting'`));
