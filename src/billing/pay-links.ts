import { and, eq, sql } from "drizzle-orm";
import { accounts, holds, invoices, payLinks, payments } from "../../db/schema.ts";
import { countTries } from "../auth/attempts.ts";
import { DAY, type Instant } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { hmac } from "../ids.ts";
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
