import { eq, sql } from "drizzle-orm";
import { accounts, autopay, invoices, messages, payLinks, paymentMethods } from "../../db/schema.ts";
import { draftedOn } from "../billing/drafted-on.ts";
import type { LocalDate } from "../calendar.ts";
import { type Given, read } from "../reads.ts";

/** The invoice that a letter with a pay link is about; its secret is worked out when the letter is written. */
export type LetterPayLink = {
  number: string;
  dueOn: string;
  owedCents: number;
  /** What of that is on its way already. */
  heldCents: number;
  totalCents: number;
  /** The first of its lines, with what each comes to without tax. */
  lines: { description: string; cents: number }[];
  /** How many more there are. */
  moreLines: number;
  taxCents: number;
  /** When autopay draws it by itself, and from what; null where somebody has to pay it. */
  draft: { on: LocalDate; method: { kind: string; brand: string; lastFour: string } } | null;
  secret: string;
};

/** More lines than this are for the invoice itself. */
const LINES_SHOWN = 12;

/** A row of `payLinkOfMessage` as its letter needs it. */
export function letterPayLink(row: Row, today: LocalDate): Omit<LetterPayLink, "secret"> {
  const { standing, method, taken, lines, ...invoice } = row;
  const on =
    standing &&
    method &&
    draftedOn(today, invoice, { ...standing, methodKind: method.kind, taken: JSON.parse(taken) as string[] });
  return {
    ...invoice,
    lines: JSON.parse(lines) as LetterPayLink["lines"],
    draft: on ? { on, method } : null,
  };
}

type Row = ReturnType<typeof payLinkOfMessage>["_"]["result"][number];

/** The pay link that a message brings. No row for other messages. */
export const payLinkOfMessage = read((db, _: null, messageId: Given<string>) =>
  db
    .select({
      id: payLinks.id,
      number: invoices.number,
      status: invoices.status,
      kind: invoices.kind,
      dueOn: invoices.dueOn,
      owedCents: sql<number>`${invoices.totalCents} - ${invoices.allocatedCents}`,
      heldCents: invoices.heldCents,
      totalCents: invoices.totalCents,
      cardPayments: sql<boolean>`${invoices.cardPayments} and ${accounts.cardPayments}`.mapWith(Boolean),
      lines: sql<string>`(select json_group_array(json_object('description', description, 'cents', amount_cents)) from
        (select description, amount_cents from invoice_lines where invoice_id = ${invoices.id} order by position limit ${LINES_SHOWN}))`,
      moreLines: sql<number>`(select max(0, count(*) - ${LINES_SHOWN}) from invoice_lines where invoice_id = ${invoices.id})`,
      taxCents: sql<number>`(select coalesce(sum(tax_cents), 0) from invoice_lines where invoice_id = ${invoices.id})`,
      standing: {
        works:
          sql<boolean>`${autopay.stoppedAt} is null and ${autopay.stopRequestedAt} is null and ${paymentMethods.removedAt} is null
          and ${paymentMethods.removalRequestedAt} is null and ${paymentMethods.blocked} is null`.mapWith(Boolean),
        draftDay: autopay.draftDay,
        monitoring: autopay.monitoring,
        othersUpToCents: autopay.othersUpToCents,
        askAboveCents: autopay.askAboveCents,
        firstDraftOn: autopay.firstDraftOn,
        openCents: sql<number>`(select coalesce(sum(i.total_cents - i.allocated_cents), 0) from invoices i
          where i.account_id = ${accounts.id} and i.status = 'sent' and i.allocated_cents < i.total_cents)`,
        announcedOn: sql<string | null>`(select d.draft_on from draft_items t join drafts d on d.id = t.draft_id
          where t.invoice_id = ${invoices.id} and d.state in ('announced', 'charging') limit 1)`,
        inTheirHands: sql<boolean>`exists (select 1 from draft_items t join drafts d on d.id = t.draft_id
          where t.invoice_id = ${invoices.id} and d.state in ('asking', 'failed'))`.mapWith(Boolean),
      },
      taken: sql<string>`(select json_group_array(substr(d.id, -7)) from drafts d where d.account_id = ${accounts.id})`,
      method: { kind: paymentMethods.kind, brand: paymentMethods.brand, lastFour: paymentMethods.lastFour },
    })
    .from(messages)
    .innerJoin(payLinks, eq(payLinks.id, messages.subjectId))
    .innerJoin(invoices, eq(invoices.id, payLinks.invoiceId))
    .innerJoin(accounts, eq(accounts.id, invoices.accountId))
    .leftJoin(autopay, eq(autopay.accountId, accounts.id))
    .leftJoin(paymentMethods, eq(paymentMethods.id, autopay.paymentMethodId))
    .where(eq(messages.id, messageId)),
);
