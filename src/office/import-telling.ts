import { sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { type Instant, type LocalDate, localDate, MINUTE, plusDays } from "../calendar.ts";

/** Which invoices of an import are news to their customers: told of from `at` on, none that was issued before a day. */
export type Telling = { at: Instant; issuedFrom: LocalDate };

/** An older invoice is history that comes late, not news. */
const NEWS_FOR_DAYS = 14;
/** By then the rest of the import is in: a payment or a credit for the invoice counts before anybody is asked to pay. */
const TOLD_AFTER_SECONDS = 15 * MINUTE;

/**
 * Whether an import that begins now brings news. The first load of a dealer's records does not, also one that was cut
 * short and begins again; nor does any where the dealer's own software mails the invoices.
 */
export const bringsNews = (db: Db) =>
  db.all<{ news: number }>(sql`
    select mail_invoices and exists (select 1 from invoices)
      and (exists (select 1 from imports where finished_at is not null) or not exists (select 1 from imports)) news
    from money_settings where id = 1`);

/** What is told of an import that begins now. Customers read the day in any zone: a day more or less is no matter. */
export const tellingFrom = (now: Instant): Telling => ({
  at: now + TOLD_AFTER_SECONDS,
  issuedFrom: plusDays(localDate(now, "UTC"), -NEWS_FOR_DAYS),
});
