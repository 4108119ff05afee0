import { sql } from "drizzle-orm";
import { commit, mustHaveChanged } from "../batch.ts";
import { LIFETIME_SECONDS, payLinkSecret } from "../billing/pay-links.ts";
import type { Deps } from "../dealer.ts";
import { sha256 } from "../ids.ts";
import { letterWithPayLink } from "../messaging/promise-letter.ts";
import { isQuietHour, textWithPayLink } from "../messaging/promise-text.ts";

/** What the office does with pay links: makes, withdraws, mails and texts them. */

/**
 * Makes a link for an open invoice of the account. The id is minted with the office's form, so that pressing twice is one
 * link. False where the account has no such invoice to pay.
 */
export async function makePayLink(
  { db, now, signingSecret }: Deps,
  link: { id: string; accountId: string; invoice: string; by: string },
): Promise<boolean> {
  const { id, accountId, invoice, by } = link;
  const hash = await sha256(payLinkSecret(signingSecret, id));
  const change = { key: `pay_link.made:${id}`, action: "pay_link.made", accountId, by, detail: { invoice } };
  const made = await commit(db, now, change, [
    sql`insert into pay_links (id, hash, invoice_id, created_at, expires_at)
        select ${id}, ${hash}, id, ${now}, ${now + LIFETIME_SECONDS} from invoices
        where account_id = ${accountId} and number = ${invoice} and status = 'sent' and allocated_cents < total_cents`,
    mustHaveChanged("rows_matched"),
  ]);
  return made.result !== "refused";
}

/** Withdraws a link of the account. Twice is once. */
export async function withdrawPayLink(
  { db, now }: Deps,
  link: { id: string; accountId: string; by: string },
): Promise<void> {
  const { id, accountId, by } = link;
  await commit(db, now, { key: `pay_link.withdrawn:${id}`, action: "pay_link.withdrawn", accountId, by }, [
    sql`update pay_links set revoked_at = ${now} where id = ${id} and revoked_at is null
        and invoice_id in (select id from invoices where account_id = ${accountId})`,
    mustHaveChanged("rows_matched"),
  ]);
}

/** Mails a link that works to the account's address, once a day at most. False where there is none or nothing to send. */
export async function mailPayLink(deps: Deps, link: { id: string; accountId: string; by: string }): Promise<boolean> {
  const { db, now, today } = deps;
  const { id, accountId, by } = link;
  const letter = letterWithPayLink(deps, { linkId: id, accountId });
  const change = { key: `pay_link.mailed:${id}:${today}`, action: "pay_link.mailed", accountId, by };
  const mailed = await commit(db, now, change, [letter.promise(), mustHaveChanged("rows_matched")]);
  if (mailed.result === "done") await letter.announce();
  return mailed.result !== "refused";
}

/**
 * Texts a link that works to the account's telephone, once a day at most, because they have just asked for it: what the
 * office has ticked stands in the event, word for word, with the number. `refused`: it is not their number (any more), they
 * want no texts, or the link does not work.
 */
export async function textPayLink(
  deps: Deps,
  link: { id: string; accountId: string; number: string; words: string; by: string },
): Promise<"promised" | "today_already" | "quiet_hours" | "refused"> {
  const { db, now, today, dealer } = deps;
  const { id, accountId, number, words, by } = link;
  if (isQuietHour(now, dealer.timeZone)) return "quiet_hours";
  const text = textWithPayLink(deps, { linkId: id, accountId, number });
  const key = `pay_link.texted:${id}:${today}`;
  const change = { key, action: "pay_link.texted", accountId, by, detail: { link: id, number, words } };
  const { result } = await commit(db, now, change, [text.promise(), mustHaveChanged("rows_matched")]);
  if (result === "done") await text.announce();
  return result === "done" ? "promised" : result === "already" ? "today_already" : "refused";
}
