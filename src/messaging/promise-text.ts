import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import { type Instant, localHour } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { announce, type PromisedLetter } from "./promise-letter.ts";
import { OPTED_OUT } from "./text-failures.ts";

/** Texts to telephones: only what somebody has just asked for. */

/** A US number as it is kept, E.164. */
const US_NUMBER = `+1${"[0-9]".repeat(10)}`;

/** Where a text to an account goes: to its mobile number, else to its other one, if that is a US one. */
export const phoneOnFile = ({ mobile, phone }: Record<"mobile" | "phone", SQLWrapper>): SQL<string | null> =>
  sql`case when ${mobile} glob ${US_NUMBER} then ${mobile} when ${phone} glob ${US_NUMBER} then ${phone} end`;

/** Whether the carrier has told us that a number wants no more texts. No text of ours goes there any more. */
export const hasOptedOut = (number: SQLWrapper): SQL<boolean> =>
  sql`exists (select 1 from messages where dedupe_key >= 'invoice_text:' and dedupe_key < 'invoice_text;'
    and address = ${number} and failure = ${OPTED_OUT})`.mapWith(Boolean);

const FIRST_HOUR = 8;
const LAST_HOUR = 20;

/** Before eight in the morning and from nine in the evening on nobody is texted. 47 CFR 64.1200(c)(1) */
export const isQuietHour = (now: Instant, timeZone: string): boolean => {
  const hour = localHour(now, timeZone);
  return hour < FIRST_HOUR || hour > LAST_HOUR;
};

/**
 * To an account's telephone, with a pay link that works; once a day for each. Nothing where that is not its number (any
 * more), or the number has opted out.
 */
export function textWithPayLink(
  deps: Deps,
  { linkId, accountId, number }: { linkId: string; accountId: string; number: string },
): PromisedLetter {
  const id = newId("msg", deps.now);
  const onFile = phoneOnFile({ mobile: sql`a.mobile`, phone: sql`a.phone` });
  return {
    promise: () =>
      sql`insert into messages (id, dedupe_key, account_id, channel, kind, subject_id, address, queued_at)
          select ${id}, ${`invoice_text:${linkId}:${deps.today}`}, a.id, 'sms', 'invoice_text', l.id, ${onFile}, ${deps.now}
          from pay_links l join invoices i on i.id = l.invoice_id join accounts a on a.id = i.account_id
          where l.id = ${linkId} and a.id = ${accountId} and ${onFile} = ${number} and not ${hasOptedOut(sql`${number}`)}
            and l.revoked_at is null and l.expires_at > ${deps.now} and i.status = 'sent' and i.allocated_cents < i.total_cents`,
    announce: () => announce(deps, id),
  };
}
