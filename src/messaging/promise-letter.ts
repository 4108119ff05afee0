import { type SQL, type SQLWrapper, sql } from "drizzle-orm";
import type { Write } from "../batch.ts";
import type { Instant } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { openWorklist } from "../office/worklist.ts";
import { VendorTrouble } from "../ports.ts";

/** Letters about a payment. */
export type PaymentLetterKind =
  | "receipt"
  | "payment_submitted"
  | "payment_failed"
  | "payment_returned"
  | "payment_restored";

/** Letters about money that goes back. */
export type RefundLetterKind = "refund_made" | "refund_failed";

/** Letters about adding a card or bank account. */
export type SetupLetterKind = "method_added" | "method_verifying" | "method_still_verifying" | "method_not_verified";

/** Letters about a card or bank account on file. */
export type MethodLetterKind = "method_expiring" | "method_blocked" | "method_removed" | "method_kept";

/** Letters with a link that does one thing. */
export type LinkLetterKind =
  | "registration"
  | "temporary_password"
  | "password_reset"
  | "invitation"
  | "email_confirmation";

/** Letters that tell a user what was changed about their sign-in, in case it was not them. */
export type NoticeKind =
  | "password_changed"
  | "email_changing"
  | "email_changed"
  | "two_step_on"
  | "two_step_off"
  | "provider_linked"
  | "provider_unlinked";

/**
 * Letters about autopay: what was agreed to, that it is off, on another day or stays on, and what happens to one month's
 * draft.
 */
export type AutopayLetterKind =
  | "autopay_authorization"
  | "autopay_stopped"
  | "autopay_day_changed"
  | "autopay_kept"
  | "draft_announced"
  | "draft_asking"
  | "draft_failed"
  | "draft_unpaid"
  | "draft_not_made";

/** Letters about a payment that was put off to a later day: what was agreed to, and that it did not come about. */
export type ScheduledLetterKind =
  | "scheduled_authorization"
  | "scheduled_canceled"
  | "scheduled_not_needed"
  | "scheduled_not_made";

/** Letters with a link through which one invoice is paid: asked for, or because it has just been sent. */
type PayLinkLetterKind = "invoice_link" | "invoice_sent";

export type LetterKind =
  | PayLinkLetterKind
  | ScheduledLetterKind
  | PaymentLetterKind
  | RefundLetterKind
  | SetupLetterKind
  | MethodLetterKind
  | LinkLetterKind
  | NoticeKind
  | AutopayLetterKind;

/** A letter: `promise` goes into the commit that owes it, `announce` hurries it once that is done. */
export type PromisedLetter = { promise: (when?: SQL) => Write; announce: () => Promise<void> };

/**
 * To whoever started the payment, for a draft whoever agreed to autopay, else to the account, which without an address is
 * its owner; once per payment and kind,
 * or once for each `occasion` of what can happen to a payment again. `when` is a condition on the payment `p` as it stands
 * before the commit's later statements.
 */
export function letterAbout(
  deps: Deps,
  paymentId: string,
  kind: PaymentLetterKind,
  occasion = paymentId,
): PromisedLetter {
  const id = newId("msg", deps.now);
  return {
    promise: (when = sql`true`) =>
      sql`insert into messages (id, dedupe_key, account_id, user_id, channel, kind, subject_id, address, queued_at)
          select ${id}, ${`${kind}:${occasion}`}, p.account_id, u.id, 'email', ${kind}, p.id, coalesce(u.email, a.email), ${deps.now}
          from payments p join accounts a on a.id = p.account_id
          left join users u on u.id = ${whoPaid}
          where p.id = ${paymentId} and coalesce(u.email, a.email) is not null and ${when}
          on conflict do nothing`,
    announce: () => announce(deps, id),
  };
}

/** The receipt of a payment that has settled. Where nobody has an address that it could go to, the office hands it over. */
export function receiptOf(
  deps: Deps,
  payment: { id: string; accountId: string },
): { writes: Write[]; announce: () => Promise<void> } {
  const { id, accountId } = payment;
  const letter = letterAbout(deps, id, "receipt");
  return {
    writes: [
      letter.promise(),
      openWorklist(
        deps.now,
        "message_failed",
        accountId,
        id,
        "a receipt that can go to nobody: no e-mail address is on file and nobody signs in. Hand it over, and put an address on file",
        sql`not exists (select 1 from messages where dedupe_key = ${`receipt:${id}`})`,
      ),
    ],
    announce: letter.announce,
  };
}

/**
 * To a user, about the link (`tok_…`) or the event (any id of its own) that `subjectId` names; once for each. `address` is
 * where it goes, which need not be where the user signs in with.
 */
export function letterTo(
  deps: Deps,
  letter: {
    kind: LinkLetterKind | NoticeKind;
    subjectId: string;
    userId: string;
    accountId: string | null;
    address: string;
  },
): PromisedLetter {
  const { kind, subjectId, userId, accountId, address } = letter;
  const id = newId("msg", deps.now);
  return {
    promise: (when = sql`true`) =>
      sql`insert into messages (id, dedupe_key, account_id, user_id, channel, kind, subject_id, address, queued_at)
          select ${id}, ${`${kind}:${subjectId}`}, ${accountId}, ${userId}, 'email', ${kind}, ${subjectId}, ${address}, ${deps.now}
          where ${when} on conflict do nothing`,
    announce: () => announce(deps, id),
  };
}

/** The owner of the account `a`, where that has no address of its own. */
const ownerInstead = sql`case when a.email is null then (select m.user_id from memberships m
  where m.account_id in (a.id, a.master_account_id) and m.role = 'owner' and m.active_since is not null
  order by m.active_since, m.user_id limit 1) end`;

/**
 * The user `u` who agreed to autopay for the account `a`, as long as they may still see it. Nobody else has said in
 * which language they read, or at which address; but where the account has no address either, its owner is told.
 */
const whoAgreed = sql`coalesce((select g.user_id from autopay o join agreements g on g.id = o.agreement_id
  join memberships m on m.user_id = g.user_id and m.account_id in (a.id, a.master_account_id)
  where o.account_id = a.id and m.active_since is not null limit 1), ${ownerInstead})`;

/**
 * The user who is told of a payment `p` of the account `a` and of what becomes of it: whoever started it or put it off,
 * for a draft whoever agreed to autopay. Null where the account's own address is all there is.
 */
export const whoPaid = sql`coalesce(p.started_by, (select user_id from scheduled_payments where payment_id = p.id),
  case when exists (select 1 from draft_payments where payment_id = p.id) then ${whoAgreed} else ${ownerInstead} end)`;

/** Whether a letter about an account's autopay would go to anybody. */
export const someoneToTell = (accountId: SQLWrapper): SQL<boolean> =>
  sql`exists (select 1 from accounts a where a.id = ${accountId} and coalesce(a.email, ${whoAgreed}) is not null)`.mapWith(
    Boolean,
  );

/**
 * To whoever agreed to autopay, else to the account; once for each subject, and not before an instant where one is
 * given. `when` is a condition on the account `a` as it stands before the commit's later statements.
 */
export function letterAboutAutopay(
  deps: Deps,
  letter: { kind: AutopayLetterKind; subjectId: string; accountId: string; notBefore?: Instant },
): PromisedLetter {
  const { kind, subjectId, accountId, notBefore = null } = letter;
  const id = newId("msg", deps.now);
  return {
    promise: (when = sql`true`) =>
      sql`insert into messages (id, dedupe_key, account_id, user_id, channel, kind, subject_id, address, queued_at, lease_until)
          select ${id}, ${`${kind}:${subjectId}`}, a.id, u.id, 'email', ${kind}, ${subjectId}, coalesce(u.email, a.email), ${deps.now}, ${notBefore}
          from accounts a left join users u on u.id = ${whoAgreed}
          where a.id = ${accountId} and coalesce(u.email, a.email) is not null and ${when}
          on conflict do nothing`,
    announce: () => announce(deps, id),
  };
}

/** To whoever put a payment off to a later day; once for each and kind. */
export function letterAboutScheduled(deps: Deps, scheduledId: string, kind: ScheduledLetterKind): PromisedLetter {
  const id = newId("msg", deps.now);
  return {
    promise: () =>
      sql`insert into messages (id, dedupe_key, account_id, user_id, channel, kind, subject_id, address, queued_at)
          select ${id}, ${`${kind}:${scheduledId}`}, s.account_id, s.user_id, 'email', ${kind}, s.id, u.email, ${deps.now}
          from scheduled_payments s join users u on u.id = s.user_id where s.id = ${scheduledId} on conflict do nothing`,
    announce: () => announce(deps, id),
  };
}

/** To an account's own address, with a pay link that works; once a day for each. Nothing where there is no address. */
export function letterWithPayLink(
  deps: Deps,
  { linkId, accountId }: { linkId: string; accountId: string },
): PromisedLetter {
  const id = newId("msg", deps.now);
  return {
    promise: () =>
      sql`insert into messages (id, dedupe_key, account_id, channel, kind, subject_id, address, queued_at)
          select ${id}, ${`invoice_link:${linkId}:${deps.today}`}, a.id, 'email', 'invoice_link', l.id, a.email, ${deps.now}
          from pay_links l join invoices i on i.id = l.invoice_id join accounts a on a.id = i.account_id
          where l.id = ${linkId} and a.id = ${accountId} and a.email is not null and l.revoked_at is null and l.expires_at > ${deps.now}
            and i.status = 'sent' and i.allocated_cents < i.total_cents`,
    announce: () => announce(deps, id),
  };
}

/** Hurries a message that has been promised. Losing this is harmless: the sweep finds the row. */
export async function announce({ ports, dealer }: Deps, messageId: string): Promise<void> {
  try {
    await ports.jobs.send([{ type: "message.send", dealer: dealer.slug, messageId }]);
  } catch (error) {
    if (!(error instanceof VendorTrouble)) throw error;
  }
}
