import { sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { rolesWith } from "../auth/roles.ts";
import { commit, readAll } from "../batch.ts";
import type { Instant } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId, sha256 } from "../ids.ts";
import { applyCredits } from "./apply-credits.ts";
import { LIFETIME_SECONDS, payLinkSecret } from "./pay-links.ts";

/** How many invoices one run takes; more go to another. Each may be read by several people. */
const INVOICES_AT_ONCE = 50;

/**
 * Owes the mails about invoices that the back office has newly sent: one for each, to everybody who may pay for its
 * account, or to the account's own address where nobody has a sign-in; each with a link that pays it. What has been
 * paid, withdrawn or told of meanwhile is left out, and waiting credit is used first. Answers where to go on, null when
 * all is done. Twice is once. Throws DatabaseTrouble.
 */
export async function announceInvoices(deps: Deps, after: string | null): Promise<string | null> {
  const { db, now } = deps;
  const { page } = await readAll(db, { page: invoicesToAnnounce(db, now, after) });
  if (page.length === 0) return null;
  const inCredit = new Set(page.filter((invoice) => invoice.hasCredit).map((invoice) => invoice.accountId));
  for (const accountId of inCredit) await applyCredits(deps, accountId, "sweep");

  const ids = JSON.stringify(page.map((invoice) => invoice.id));
  const { readers } = await readAll(db, { readers: whoReads(db, ids) });
  const links = new Map<string, { id: string; hash: string; invoiceId: string }>();
  for (const { invoiceId } of readers) {
    if (links.has(invoiceId)) continue;
    const id = newId("plk", now);
    links.set(invoiceId, { id, hash: await sha256(payLinkSecret(deps.signingSecret, id)), invoiceId });
  }
  const letters = readers.map((reader) => ({
    ...reader,
    id: newId("msg", now),
    linkId: links.get(reader.invoiceId)!.id,
    key: `invoice_sent:${reader.invoiceId}:${reader.userId ?? ""}`,
  }));
  const change = {
    key: `invoices.announced:${newId("evt", now)}`,
    action: "invoices.announced",
    accountId: null,
    by: "sweep",
    detail: { invoices: links.size, letters: letters.length },
  };
  await commit(db, now, change, [
    sql`insert into pay_links (id, hash, invoice_id, created_at, expires_at)
        select value ->> 'id', value ->> 'hash', i.id, ${now}, ${now + LIFETIME_SECONDS}
        from json_each(${JSON.stringify([...links.values()])}) join invoices i on i.id = value ->> 'invoiceId' and ${isToPay}
          and i.announce_at is not null`,
    sql`insert into messages (id, dedupe_key, account_id, user_id, channel, kind, subject_id, address, queued_at)
        select value ->> 'id', value ->> 'key', value ->> 'accountId', value ->> 'userId', 'email', 'invoice_sent', l.id,
          value ->> 'address', ${now}
        from json_each(${JSON.stringify(letters)}) join pay_links l on l.id = value ->> 'linkId' where true
        on conflict do nothing`,
    sql`update invoices set announce_at = null where id in (select value from json_each(${ids}))`,
  ]);
  return page.length === INVOICES_AT_ONCE ? page.at(-1)!.id : null;
}

const isToPay = sql`i.status = 'sent' and i.allocated_cents < i.total_cents`;

/** A page of invoices whose customers are to be told by now, after a cursor. */
const invoicesToAnnounce = (db: Db, now: Instant, after: string | null) =>
  db.all<{ id: string; accountId: string; hasCredit: number }>(sql`
    select id, account_id "accountId",
      exists (select 1 from credits c where c.account_id = invoices.account_id and c.amount_cents > c.allocated_cents)
      or exists (select 1 from payments p where p.account_id = invoices.account_id and p.state = 'settled'
        and p.amount_cents > p.allocated_cents + p.refunded_cents + p.returned_cents) "hasCredit"
    from invoices where announce_at is not null and announce_at <= ${now} and id > ${after ?? ""}
    order by id limit ${INVOICES_AT_ONCE}`);

/** Who is to be told of which of these invoices, as far as there is still something to pay and nobody was told before. */
const whoReads = (db: Db, ids: string) =>
  db.all<{ invoiceId: string; accountId: string; userId: string | null; address: string }>(sql`
    select i.id "invoiceId", i.account_id "accountId", u.id "userId", coalesce(u.email, a.email) address
    from invoices i join accounts a on a.id = i.account_id
    join money_settings on money_settings.id = 1 and mail_invoices
    left join memberships m on m.account_id in (a.id, a.master_account_id) and m.active_since is not null
      and m.role in ${rolesWith("pay")}
    left join users u on u.id = m.user_id
    where i.id in (select value from json_each(${ids})) and ${isToPay} and i.announce_at is not null
      and coalesce(u.email, a.email) is not null
      and not exists (select 1 from messages
        where dedupe_key >= 'invoice_sent:' || i.id || ':' and dedupe_key < 'invoice_sent:' || i.id || ';')
    group by i.id, u.id order by i.id, u.id`);
