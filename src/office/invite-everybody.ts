import { and, asc, eq, gt, isNotNull, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { accounts } from "../../db/schema.ts";
import { inviteUser } from "../auth/invite-user.ts";
import { commit, readAll } from "../batch.ts";
import { DAY, type Instant } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import type { Job, Verdict } from "../jobs.ts";

/** Invitations sent by one job: each is a few trips, and an invocation has only so many. */
const PAGE_SIZE = 50;

/** Nobody is sent a second invitation sooner. */
const AGAIN_AFTER_SECONDS = 7 * DAY;

/** Starts inviting every active customer with an e-mail on file of whom nobody has registered. `by` is who on staff asks. */
export async function inviteEverybody(deps: Deps, by: string): Promise<void> {
  const { db, now, dealer, ports } = deps;
  const change = { key: `everybody.invited:${newId("evt", now)}`, action: "everybody.invited", accountId: null, by };
  await commit(db, now, change, []);
  await ports.jobs.send([{ type: "invitations.send", dealer: dealer.slug, by, after: "" }]);
}

/** Invites a page of them and hands the rest on. Brought twice, it invites nobody twice. */
export async function sendInvitations(deps: Deps, job: Extract<Job, { type: "invitations.send" }>): Promise<Verdict> {
  const { rows } = await readAll(deps.db, { rows: toInvite(deps.db, deps.now, job.after) });
  for (const { id, email, name } of rows) {
    const invited = await inviteUser(deps, { accountId: id, email: email!, name, role: "owner", by: job.by });
    if (invited.ok) await invited.announce();
  }
  if (rows.length === PAGE_SIZE) await deps.ports.jobs.send([{ ...job, after: rows.at(-1)!.id }]);
  return "done";
}

const toInvite = (db: Db, now: Instant, after: string) =>
  db
    .select({
      id: accounts.id,
      email: accounts.email,
      name: sql<string>`coalesce(nullif(trim(first_name || ' ' || last_name), ''), name)`,
    })
    .from(accounts)
    .where(
      and(
        gt(accounts.id, after),
        eq(accounts.status, "active"),
        isNotNull(accounts.email),
        sql`not exists (select 1 from memberships m where m.account_id = accounts.id and m.active_since is not null)`,
        sql`not exists (select 1 from tokens k where k.account_id = accounts.id and k.purpose in ('invitation', 'registration', 'temporary')
              and k.created_at > ${now - AGAIN_AFTER_SECONDS})`,
      ),
    )
    .orderBy(asc(accounts.id))
    .limit(PAGE_SIZE);
