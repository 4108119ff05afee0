import { sql } from "drizzle-orm";
import { accounts, invoices, messages, payLinks } from "../../db/schema.ts";
import type { Instant } from "../calendar.ts";
import { hasOptedOut, phoneOnFile } from "../messaging/promise-text.ts";
import { textFailure } from "../messaging/text-failures.ts";
import { type Given, read, type StaffScope } from "../reads.ts";

/** Invoices of a customer that a link can be made for, the oldest due first. */
export const payableForOffice = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select({
      number: invoices.number,
      dueOn: invoices.dueOn,
      owedCents: sql<number>`${invoices.totalCents} - ${invoices.allocatedCents}`,
    })
    .from(invoices)
    .innerJoin(accounts, sql`${accounts.id} = ${invoices.accountId}`)
    .where(
      sql`${staff} and ${accounts.number} = ${number} and ${invoices.status} = 'sent' and ${invoices.allocatedCents} < ${invoices.totalCents}`,
    )
    .orderBy(invoices.dueOn, invoices.number)
    .limit(50),
);

/** Links of a customer that work, the newest first, each with its last text. */
export const payLinksForOffice = read((db, staff: StaffScope, number: Given<string>, now: Given<Instant>) =>
  db
    .select({
      id: payLinks.id,
      number: invoices.number,
      createdAt: payLinks.createdAt,
      expiresAt: payLinks.expiresAt,
      text: {
        state: messages.state,
        /** Why it did not arrive, or may not have, in words. */
        problem: sql<string | null>`${messages.failure}`.mapWith(textFailure),
        at: sql<number>`coalesce(${messages.sentAt}, ${messages.queuedAt})`,
      },
    })
    .from(accounts)
    .innerJoin(
      invoices,
      sql`${invoices.accountId} = ${accounts.id} and ${invoices.status} = 'sent' and ${invoices.allocatedCents} < ${invoices.totalCents}`,
    )
    .innerJoin(payLinks, sql`${payLinks.invoiceId} = ${invoices.id}`)
    .leftJoin(
      messages,
      sql`${messages.id} = (select id from messages where dedupe_key > 'invoice_text:' || ${payLinks.id} || ':'
        and dedupe_key < 'invoice_text:' || ${payLinks.id} || ';' order by dedupe_key desc limit 1)`,
    )
    .where(
      sql`${staff} and ${accounts.number} = ${number} and ${payLinks.revokedAt} is null and ${payLinks.expiresAt} > ${now}`,
    )
    .orderBy(sql`${payLinks.createdAt} desc`)
    .limit(100),
);

/** The telephone on file that a customer's links are texted to, and whether it wants none. */
export const phoneForOffice = read((db, staff: StaffScope, number: Given<string>) =>
  db
    .select({ number: phoneOnFile(accounts), optedOut: hasOptedOut(phoneOnFile(accounts)) })
    .from(accounts)
    .where(sql`${staff} and ${accounts.number} = ${number}`)
    .limit(1),
);

/** `(614) 555-0121`: a US number as people write it. */
const written = (number: string): string => number.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "($1) $2-$3");

/** What the office says by its tick before a text goes out. It is kept with the text. */
export const askedForIt = (number: string): string => `They asked for this text just now, to ${written(number)}`;
