import { and, eq, sql } from "drizzle-orm";
import { accounts, holds, invoices, payLinks, payments } from "../../db/schema.ts";
import { countTries } from "../auth/attempts.ts";
import { commit, mustHaveChanged } from "../batch.ts";
import { DAY, type Instant } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { hmac, sha256 } from "../ids.ts";
import { letterWithPayLink } from "../messaging/promise-letter.ts";
import { isQuietHour, textWithPayLink } from "../messaging/promise-text.ts";
import { type Given, read } from "../reads.ts";
import { underWay } from "./close-payment.ts";
import { underWayCents } from "./invoices.ts";

/** Links through which one invoice is seen and paid without signing in, and nothing else. */

/** How long a link works, unless it is paid or withdrawn before. */
export const LIFETIME_SECONDS = 60 * DAY;

/** The secret that stands in the link: made from its id and our own secret, so that it is kept nowhere. */
export const payLinkSecret = (signingSecret: string, linkId: string): string =>
  hmac(signingSecret, `pay link ${linkId}`);

export const payLinkAddress = ({ signingSecret, dealer }: Deps, linkId: string): string =>
  `${dealer.origin}/pay/${payLinkSecret(signingSecret, linkId)}`;

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

/** Counts a press of Pay from one address before anything is looked at. */
export const countPress = (deps: Deps, address: string) =>
  countTries(deps, "pay_link", [{ limit: "pay-link:address", of: address }]);

/** The invoice behind a secret, with whether the link still works: nobody has withdrawn it, and something is owed. */
export const payLinkInHand = read((db, _: null, hash: Given<string>, now: Given<Instant>) =>
  db
    .select({
      id: payLinks.id,
      works:
        sql<boolean>`${payLinks.revokedAt} is null and ${payLinks.expiresAt} > ${now} and ${invoices.status} = 'sent'
        and ${invoices.allocatedCents} < ${invoices.totalCents}`.mapWith(Boolean),
      invoiceId: invoices.id,
      number: invoices.number,
      dueOn: invoices.dueOn,
      totalCents: invoices.totalCents,
      allocatedCents: invoices.allocatedCents,
      heldCents: underWayCents,
      cards: sql<boolean>`${invoices.cardPayments} and ${accounts.cardPayments}`.mapWith(Boolean),
      account: {
        id: accounts.id,
        name: accounts.name,
        email: accounts.email,
        stripeCustomerId: accounts.stripeCustomerId,
      },
    })
    .from(payLinks)
    .innerJoin(invoices, eq(invoices.id, payLinks.invoiceId))
    .innerJoin(accounts, eq(accounts.id, invoices.accountId))
    .where(eq(payLinks.hash, hash))
    .limit(1),
);

/** Checkouts that were opened and not finished and hold the link's invoice: a payment by the link gives them up. */
export const unfinishedOnLink = read((db, _: null, hash: Given<string>) =>
  db
    .select(underWay)
    .from(payLinks)
    .innerJoin(holds, eq(holds.invoiceId, payLinks.invoiceId))
    .innerJoin(payments, eq(payments.id, holds.paymentId))
    .where(
      and(
        eq(payLinks.hash, hash),
        sql`${payments.state} = 'pending' and ${payments.stripeCheckoutId} is not null and ${payments.checks} = 0`,
      ),
    )
    .limit(20),
);

/** A payment that was started through the link, and no other. Whoever paid sees what came of it, works the link or not. */
export const paymentByLink = read((db, _: null, hash: Given<string>, paymentId: Given<string>) =>
  db
    .select({
      ...underWay,
      kind: payments.kind,
      brand: payments.brand,
      lastFour: payments.lastFour,
      paidOn: payments.paidOn,
      refundedCents: payments.refundedCents,
      returnedCents: payments.returnedCents,
      failureCode: payments.failureCode,
      reviewReason: payments.reviewReason,
      invoice: invoices.number,
    })
    .from(payLinks)
    .innerJoin(invoices, eq(invoices.id, payLinks.invoiceId))
    .innerJoin(payments, eq(payments.id, paymentId))
    .where(
      and(
        eq(payLinks.hash, hash),
        sql`exists (select 1 from events where key = 'payment.started:' || ${payments.id} and "by" = ${payLinks.id})`,
      ),
    ),
);
