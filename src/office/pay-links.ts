import { sql } from "drizzle-orm";
import { accounts, invoices, payLinks } from "../../db/schema.ts";
import type { Instant } from "../calendar.ts";
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

/** Links of a customer that work, the newest first. */
export const payLinksForOffice = read((db, staff: StaffScope, number: Given<string>, now: Given<Instant>) =>
  db
    .select({
      id: payLinks.id,
      number: invoices.number,
      createdAt: payLinks.createdAt,
      expiresAt: payLinks.expiresAt,
    })
    .from(accounts)
    .innerJoin(
      invoices,
      sql`${invoices.accountId} = ${accounts.id} and ${invoices.status} = 'sent' and ${invoices.allocatedCents} < ${invoices.totalCents}`,
    )
    .innerJoin(payLinks, sql`${payLinks.invoiceId} = ${invoices.id}`)
    .where(
      sql`${staff} and ${accounts.number} = ${number} and ${payLinks.revokedAt} is null and ${payLinks.expiresAt} > ${now}`,
    )
    .orderBy(sql`${payLinks.createdAt} desc`)
    .limit(100),
);
