import { asc, eq, sql } from "drizzle-orm";
import {
  accounts,
  agreements,
  autopay,
  draftItems,
  drafts,
  holds,
  invoices,
  messages,
  paymentMethods,
  payments,
  scheduledItems,
  scheduledPayments,
  settings,
  tokens,
  users,
} from "../../db/schema.ts";
import { coveredSinceNotice } from "../billing/less-than-announced.ts";
import type { LocalDate } from "../calendar.ts";
import { type Given, read } from "../reads.ts";

/** What a letter is made of, asked for by its message. */

/** What the event of another draft day says, which its letter names as its subject. */
const changedDay = <T>(name: "day" | "from") =>
  sql<T | null>`(select detail ->> ${name} from events where key = 'autopay.day:' || ${messages.subjectId})`;

/** A message with all that it may be about, each where it is. */
export const messageFacts = read((db, _: null, messageId: Given<string>) =>
  db
    .select({
      message: messages,
      payment: payments,
      token: { id: tokens.id, purpose: tokens.purpose, email: tokens.email },
      account: { name: accounts.name, number: accounts.number },
      userName: users.name,
      // Who has said it nowhere else has agreed in a language.
      language: sql<"en" | "es" | null>`coalesce(${users.language},
        (select language from agreements g where g.id = ${autopay.agreementId} and g.user_id = ${messages.userId}))`,
      settings,
      // Of a letter about a return, which is once for each of them.
      returnedCents: sql<
        number | null
      >`(select amount_cents from returns where id = substr(${messages.dedupeKey}, length(${messages.kind}) + 2))`,
      // Of a letter that says why autopay stays on.
      kept: {
        reason: sql<
          string | null
        >`(select detail ->> 'reason' from events where key = 'autopay.kept:' || ${messages.subjectId})`,
        askedAt: sql<
          number | null
        >`(select detail ->> 'askedAt' from events where key = 'autopay.kept:' || ${messages.subjectId})`,
      },
      scheduled: { payOn: scheduledPayments.payOn },
      autopay: {
        draftDay: autopay.draftDay,
        flag: autopay.flag,
        // Of a letter about another draft day: what the office set, and from when it counts.
        newDay: changedDay<number>("day"),
        newDayFrom: changedDay<LocalDate>("from"),
      },
      draft: {
        draftOn: drafts.draftOn,
        maxCents: drafts.maxCents,
        tries: drafts.tries,
        nextTryOn: drafts.nextTryOn,
        failureCode: drafts.failureCode,
        paidSinceCents: coveredSinceNotice(messages.subjectId, "payment"),
        creditedSinceCents: coveredSinceNotice(messages.subjectId, "credit"),
      },
      agreement: { text: agreements.text, name: agreements.name, at: agreements.at, language: agreements.language },
      method: { kind: paymentMethods.kind, brand: paymentMethods.brand, lastFour: paymentMethods.lastFour },
    })
    .from(messages)
    .innerJoin(settings, eq(settings.id, 1))
    .leftJoin(payments, eq(payments.id, messages.subjectId))
    .leftJoin(tokens, eq(tokens.id, messages.subjectId))
    .leftJoin(accounts, eq(accounts.id, messages.accountId))
    .leftJoin(users, eq(users.id, messages.userId))
    .leftJoin(autopay, eq(autopay.accountId, messages.accountId))
    .leftJoin(scheduledPayments, eq(scheduledPayments.id, messages.subjectId))
    .leftJoin(agreements, sql`${agreements.id} = coalesce(${scheduledPayments.agreementId}, ${messages.subjectId})`)
    .leftJoin(
      drafts,
      sql`${drafts.id} = coalesce((select draft_id from draft_payments where payment_id = ${messages.subjectId}), ${messages.subjectId})`,
    )
    .leftJoin(
      paymentMethods,
      sql`${paymentMethods.id} = coalesce(${drafts.paymentMethodId}, ${agreements.paymentMethodId}, ${autopay.paymentMethodId})`,
    )
    .where(eq(messages.id, messageId)),
);

const stillToPay = sql<number>`case when ${messages.kind} <> 'draft_unpaid' then covered.amount_cents
  when ${invoices.status} <> 'sent' then 0
  else min(covered.amount_cents, ${invoices.totalCents} - ${invoices.allocatedCents} - ${invoices.heldCents}) end`;

/**
 * The invoices of the payment, made or to come, or of the draft that a message is about; of one that says what was left
 * unpaid, as far as it still is.
 */
export const coveredBy = read((db, _: null, messageId: Given<string>) =>
  db
    .select({ number: invoices.number, amountCents: stillToPay })
    .from(
      sql`(select invoice_id, amount_cents from ${holds} where payment_id = (select subject_id from messages where id = ${messageId})
           union all
           select invoice_id, max_cents from ${draftItems} where draft_id = (select subject_id from messages where id = ${messageId})
           union all
           select invoice_id, amount_cents from ${scheduledItems} where scheduled_payment_id = (select subject_id from messages where id = ${messageId})) covered`,
    )
    .innerJoin(invoices, sql`${invoices.id} = covered.invoice_id`)
    .innerJoin(messages, eq(messages.id, messageId))
    .where(sql`${stillToPay} > 0`)
    .orderBy(asc(invoices.dueOn), asc(invoices.number))
    .limit(500),
);
