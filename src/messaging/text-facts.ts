import { eq, sql } from "drizzle-orm";
import { invoices, messages, payLinks, settings } from "../../db/schema.ts";
import type { Instant } from "../calendar.ts";
import { type Given, read } from "../reads.ts";

/** What a text with a pay link is made of; the words are added when it is sent. */
export type TextFacts = {
  language: "en" | "es";
  dealer: string;
  number: string;
  owedCents: number;
  dueOn: string;
  /** The whole link. */
  address: string;
};

/** What a text is about, asked for by its message. No row for a letter. */
export const textOfMessage = read((db, _: null, messageId: Given<string>, now: Given<Instant>) =>
  db
    .select({
      linkId: payLinks.id,
      works:
        sql<boolean>`${payLinks.revokedAt} is null and ${payLinks.expiresAt} > ${now} and ${invoices.status} = 'sent'
        and ${invoices.allocatedCents} < ${invoices.totalCents}`.mapWith(Boolean),
      dealer: settings.name,
      number: invoices.number,
      owedCents: sql<number>`${invoices.totalCents} - ${invoices.allocatedCents}`,
      dueOn: invoices.dueOn,
      // As whoever pays for the account has said, its owner first; else as somebody agreed to autopay.
      language: sql<"en" | "es">`coalesce(
        (select u.language from accounts a join memberships m on m.account_id in (a.id, a.master_account_id) join users u on u.id = m.user_id
          where a.id = ${invoices.accountId} and m.role in ('owner', 'billing') and m.active_since is not null and u.language is not null
          order by m.role = 'owner' desc, m.active_since, m.user_id limit 1),
        (select g.language from autopay p join agreements g on g.id = p.agreement_id where p.account_id = ${invoices.accountId}), 'en')`,
    })
    .from(messages)
    .innerJoin(settings, eq(settings.id, 1))
    .innerJoin(payLinks, eq(payLinks.id, messages.subjectId))
    .innerJoin(invoices, eq(invoices.id, payLinks.invoiceId))
    .where(sql`${messages.id} = ${messageId} and ${messages.channel} = 'sms'`),
);

export type TextRow = ReturnType<typeof textOfMessage>["_"]["result"][number];
