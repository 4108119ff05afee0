import { eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { invoices, messages, payLinks } from "../../db/schema.ts";

/** The invoice that a letter with a pay link is about; its secret is worked out when the letter is written. */
export type LetterPayLink = { number: string; dueOn: string; owedCents: number; secret: string };

/** The pay link that a message brings. No row for other messages. */
export const payLinkOfMessage = (db: Db, messageId: string) =>
  db
    .select({
      id: payLinks.id,
      number: invoices.number,
      dueOn: invoices.dueOn,
      owedCents: sql<number>`${invoices.totalCents} - ${invoices.allocatedCents}`,
    })
    .from(messages)
    .innerJoin(payLinks, eq(payLinks.id, messages.subjectId))
    .innerJoin(invoices, eq(invoices.id, payLinks.invoiceId))
    .where(eq(messages.id, messageId));
