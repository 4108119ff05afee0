import { sql } from "drizzle-orm";
import { commit, mustHaveChanged } from "../batch.ts";
import { daysBetween, type LocalDate, parseDate, plusDays } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId, sha256 } from "../ids.ts";
import { letterAboutScheduled } from "../messaging/promise-letter.ts";
import type { Plan } from "./rules.ts";

/** How far ahead a payment may be put: later, too much has changed for a yes that was given today. */
const MOST_DAYS_AHEAD = 60;

/** The first and the last day that a payment may be put off to. */
export const laterDays = (today: LocalDate): { first: LocalDate; last: LocalDate } => ({
  first: plusDays(today, 1),
  last: plusDays(today, MOST_DAYS_AHEAD),
});

/** The day that was typed, or null where it is not one that a payment may be put off to. */
export function laterDay(typed: string, today: LocalDate): LocalDate | null {
  const day = parseDate(typed);
  if (day === null) return null;
  const ahead = daysBetween(today, day);
  return ahead >= 1 && ahead <= MOST_DAYS_AHEAD ? day : null;
}

/** More than this of a browser's own description says nothing more. */
const LONGEST_USER_AGENT = 300;

/**
 * Puts a payment off to a later day, with what was agreed to word for word, of which its customer gets a copy. Once for each id (`sch_…`), which is minted
 * with the page that shows the words. `refused`: an invoice or the method has changed since; nothing was put off.
 */
export async function schedulePayment(
  deps: Deps,
  scheduled: {
    id: string;
    accountId: string;
    userId: string;
    methodId: string;
    plan: Plan;
    payOn: LocalDate;
    terms: string;
    language: "en" | "es";
    address: string;
    userAgent: string;
  },
): Promise<"done" | "already" | "refused"> {
  const { db, now } = deps;
  const { id, accountId, userId, methodId, plan, payOn, terms, language } = scheduled;
  const agreementId = newId("agr", now);
  const lines = JSON.stringify(plan.lines.map((line) => [line.invoiceId, line.amountCents]));
  const change = {
    key: `scheduled.made:${id}`,
    action: "scheduled.made",
    accountId,
    by: userId,
    detail: { cents: plan.totalCents, payOn },
  };
  const letter = letterAboutScheduled(deps, id, "scheduled_authorization");
  const made = await commit(db, now, change, [
    sql`insert into guards (method_usable) select 0 where not exists
        (select 1 from payment_methods where id = ${methodId} and account_id = ${accountId} and removed_at is null
           and blocked is null and removal_requested_at is null)`,
    sql`insert into agreements (id, account_id, user_id, kind, text, text_hash, language, address, user_agent, payment_method_id, mandate_id, at)
        values (${agreementId}, ${accountId}, ${userId}, 'scheduled', ${terms}, ${await sha256(terms)}, ${language},
          ${scheduled.address}, ${scheduled.userAgent.slice(0, LONGEST_USER_AGENT)}, ${methodId},
          (select mandate_id from payment_methods where id = ${methodId}), ${now})`,
    sql`insert into scheduled_payments (id, account_id, user_id, payment_method_id, agreement_id, pay_on, created_at)
        values (${id}, ${accountId}, ${userId}, ${methodId}, ${agreementId}, ${payOn}, ${now})`,
    sql`insert into scheduled_items (scheduled_payment_id, invoice_id, amount_cents)
        select ${id}, i.id, value ->> 1 from json_each(${lines})
        join invoices i on i.id = value ->> 0 and i.account_id = ${accountId} and i.status = 'sent'
          and i.total_cents - i.allocated_cents >= value ->> 1`,
    sql`insert into guards (invoice_payable) select 0
        where (select count(*) from scheduled_items where scheduled_payment_id = ${id}) <> ${plan.lines.length}`,
    letter.promise(),
  ]);
  if (made.result === "done") await letter.announce();
  return made.result;
}

/**
 * Takes back a payment that was put off, until the day before. False once it is too late, or it was over before. With a
 * `reason` it is the office that does it for its customer, who is written to.
 */
export async function cancelScheduled(
  deps: Deps,
  { id, accountId, by, reason }: { id: string; accountId: string; by: string; reason?: string },
): Promise<boolean> {
  const { db, now, today } = deps;
  const letter = reason === undefined ? null : letterAboutScheduled(deps, id, "scheduled_canceled");
  const detail = reason === undefined ? {} : { detail: { reason } };
  const change = { key: `scheduled.canceled:${id}`, action: "scheduled.canceled", accountId, by, ...detail };
  const canceled = await commit(db, now, change, [
    sql`update scheduled_payments set state = 'canceled'
        where id = ${id} and account_id = ${accountId} and state = 'waiting' and pay_on > ${today}`,
    mustHaveChanged("rows_matched"),
    ...(letter ? [letter.promise()] : []),
  ]);
  if (canceled.result === "done") await letter?.announce();
  return canceled.result !== "refused";
}
