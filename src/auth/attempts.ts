import { and, gte, inArray, type SQL, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { attempts } from "../../db/schema.ts";
import { commit, readAll, type Write } from "../batch.ts";
import { DAY, HOUR, MINUTE } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId, sha256 } from "../ids.ts";

/**
 * How often something may be tried, and within what time. The office reads `kind` and what was aimed at, so that it can
 * tell a customer's own mistakes from a stranger's guesses.
 */
export const LIMITS = {
  "sign-in:email": { allowed: 10, seconds: 15 * MINUTE },
  "sign-in:address": { allowed: 60, seconds: 15 * MINUTE },
  "second-step:user": { allowed: 10, seconds: 15 * MINUTE },
  "register:address": { allowed: 10, seconds: HOUR },
  "register:account": { allowed: 5, seconds: HOUR },
  "register:email": { allowed: 5, seconds: HOUR },
  "forgot:address": { allowed: 20, seconds: HOUR },
  "forgot:email": { allowed: 5, seconds: HOUR },
  "pay-link:address": { allowed: 30, seconds: HOUR },
  "invite:account": { allowed: 20, seconds: DAY },
  "invite:email": { allowed: 5, seconds: DAY },
} as const;

export type Limit = keyof typeof LIMITS;

/** One thing to count: the limit it falls under, and whom it is aimed at or where it comes from. */
export type Try = { limit: Limit; of: string };

/** The row in which a try is counted. */
const tryKey = async ({ limit, of }: Try): Promise<string> => `${limit}:${await sha256(plain(of))}`;

const plain = (of: string): string => of.trim().toLowerCase();

/**
 * Counts tries before anything is looked at, so that a hundred at once are no more than a hundred in a row. Refused once
 * any of them is over its limit, with the seconds until the last of those is let go.
 */
export async function countTries(
  deps: Deps,
  action: string,
  tries: Try[],
): Promise<{ ok: true; id: string } | { ok: false; retryInSeconds: number }> {
  const { db, now } = deps;
  const id = newId("try", now);
  const keys = await Promise.all(tries.map(tryKey));
  const change = { key: `${action}.tried:${id}`, action: `${action}.tried`, accountId: null, by: "nobody" };
  const tried = await commit(db, now, change, [
    ...tries.map((one, i) => count(one, keys[i]!, now)),
    sql`insert into guards (tries_left) select 0 where exists (select 1 from attempts where key in ${keys} and count > allowed)`,
  ]);
  if (tried.result !== "refused") return { ok: true, id };
  const { ends } = await readAll(db, { ends: endsOf(db, keys) });
  return { ok: false, retryInSeconds: Math.max(now + MINUTE, ...ends.map((row) => row.at)) - now };
}

const endsOf = (db: Db, keys: string[]) =>
  db
    .select({ at: attempts.endsAt })
    .from(attempts)
    .where(and(inArray(attempts.key, keys), gte(attempts.count, attempts.allowed)));

/** Forgets what was counted: somebody proved who they are, or the office lifted it. */
export const forgetTries = async (tries: Try[]): Promise<Write> =>
  sql`delete from attempts where key in ${await Promise.all(tries.map(tryKey))}`;

/** Takes back one try that turned out to be right. */
export const takeBack = async (one: Try): Promise<Write> =>
  sql`update attempts set count = count - 1 where key = ${await tryKey(one)} and count > 0`;

function count({ limit, of }: Try, key: string, now: number): Write {
  const { allowed, seconds } = LIMITS[limit];
  return sql`insert into attempts (key, about, count, allowed, ends_at)
      values (${key}, ${about(limit, plain(of))}, 1, ${allowed}, ${now + seconds})
      on conflict (key) do update set
        count = case when ends_at <= ${now} then 1 else count + 1 end,
        allowed = excluded.allowed,
        ends_at = case when ends_at <= ${now} then excluded.ends_at else ends_at end`;
}

/** Whom the office would know: nobody, where the try was aimed at somebody who is not there. */
function about(limit: Limit, of: string): SQL {
  if (limit.endsWith(":email")) return sql`(select email from users where email = ${of})`;
  if (limit.endsWith(":user")) return sql`(select email from users where id = ${of})`;
  if (limit === "invite:account") return sql`(select number from accounts where id = ${of})`;
  if (limit.endsWith(":account"))
    return sql`(select number from accounts where plain_number = ${of.toUpperCase()} limit 1)`;
  return sql`null`;
}
