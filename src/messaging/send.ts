import type { agreements, drafts, paymentMethods, payments } from "../../db/schema.ts";
import { linkSecret, type Purpose, temporaryPassword } from "../auth/tokens.ts";
import { readAll, type Settings } from "../batch.ts";
import { type AfterFailure, nextOfFailed, type StopReason, stopReason } from "../billing/autopay-rules.ts";
import { lastDayToChange } from "../billing/draft-day-rules.ts";
import { type Less, lessThanAnnounced } from "../billing/less-than-announced.ts";
import { payLinkSecret } from "../billing/pay-links.ts";
import { HOUR, type Instant, type LocalDate } from "../calendar.ts";
import type { Dealer, Deps } from "../dealer.ts";
import type { Verdict } from "../jobs.ts";
import { coveredBy, messageFacts } from "./letter-facts.ts";
import { type LetterMethod, letterMethod, methodOfMessage } from "./method-facts.ts";
import { claim, finish, putOff, takeBack } from "./outbox.ts";
import { type LetterPayLink, letterPayLink, payLinkOfMessage } from "./pay-link-facts.ts";
import type { LetterKind } from "./promise-letter.ts";
import { type LetterRefund, refundOfMessage } from "./refund-facts.ts";
import { sendText } from "./send-text.ts";
import { type TextFacts, textOfMessage } from "./text-facts.ts";

/** The mail vendor remembers an idempotency key for 24 hours; an hour before that, repeating becomes a gamble. */
const SAFE_TO_REPEAT_SECONDS = 23 * HOUR;

/** What a letter is made of; the words are added when it is sent. */
export type LetterFacts = {
  kind: LetterKind;
  /** Null where nobody has said: then a letter about getting in, which may be somebody's first, is in both. */
  language: "en" | "es" | null;
  settings: Settings;
  dealer: Dealer;
  recipient: string;
  account: { name: string; number: string } | null;
  /** What a letter about a payment is about, and what that covered. */
  payment: typeof payments.$inferSelect | null;
  lines: { number: string; amountCents: number }[];
  /** What the payment's bank took back, or gave back again, in a letter about that. */
  returnedCents?: number | null;
  /** What a letter with a link in it links to. */
  link: LetterLink | null;
  /** What a letter about adding or keeping a card or bank account is about. */
  method: LetterMethod | null;
  /** What a letter about money that goes back is about. */
  refund?: LetterRefund;
  /** What a letter with a pay link brings. */
  payLink?: LetterPayLink;
  /** A payment that was put off: the day, what was agreed to, and what it comes from. */
  scheduled?: { payOn: string; agreement: Agreement; method: LetterAutopay["method"] };
  /** What a letter about autopay is about; of a payment, the draft that made it. */
  autopay: LetterAutopay | null;
};

type Agreement = Pick<typeof agreements.$inferSelect, "text" | "name" | "at" | "language">;

/** An account's autopay, the draft and the agreement that a letter names, and what the draft is taken from. */
type LetterAutopay = {
  /** `ended` where it went off by itself. `newDay` where the office has just set it, and the first date that it counts for. */
  account: {
    draftDay: number;
    ended: StopReason | null;
    newDay?: number | null;
    newDayFrom?: LocalDate | null;
  };
  draft:
    | (Pick<typeof drafts.$inferSelect, "draftOn" | "maxCents" | "nextTryOn" | "failureCode"> & {
        /** Of its payment: why that took less than was announced. */
        less: Less | null;
        /** The last day on which a change counts for it. */
        changeUntilOn: LocalDate;
        /** What follows if it has not gone through. */
        next: AfterFailure["next"];
      })
    | null;
  agreement: Agreement | null;
  /** Why the office keeps it on, and when the customer asked. */
  kept: { reason: string | null; askedAt: Instant | null };
  method: Pick<typeof paymentMethods.$inferSelect, "kind" | "brand" | "lastFour"> | null;
};

/** A link, and the temporary password that goes with one of that purpose. Neither is kept anywhere. */
export type LetterLink = { purpose: Purpose; secret: string; email: string; temporaryPassword: string | null };

export type Letter = { subject: string; html: string; text: string };

/**
 * Sends one promised message, at most once as far as anybody can know: the claim is a commit, a letter's own id is the
 * vendor's idempotency key, and after 23 hours of trouble a person decides instead of a repeat. A text is `sendText`'s.
 */
export async function sendMessage(
  deps: Deps,
  messageId: string,
  compose: { letter: (facts: LetterFacts) => Letter; text: (facts: TextFacts) => string },
): Promise<Verdict> {
  const { db, now } = deps;
  const {
    message: found,
    text,
    lines,
    method,
    refund,
    payLink,
  } = await readAll(db, {
    message: messageFacts(null, messageId),
    lines: coveredBy(null, messageId),
    method: methodOfMessage(null, messageId),
    refund: refundOfMessage(null, messageId),
    payLink: payLinkOfMessage(null, messageId),
    text: textOfMessage(null, messageId, now),
  });
  const row = found[0];
  if (!row || !["waiting", "sending"].includes(row.message.state)) return "done";
  const { message } = row;
  if (message.leaseUntil !== null && message.leaseUntil >= now) return "done";
  if (message.channel === "sms") return sendText(deps, message, text[0], compose.text);
  if (message.firstTriedAt !== null && now - message.firstTriedAt > SAFE_TO_REPEAT_SECONDS) {
    return finish(deps, message, "unclear", { failure: "no clear answer for 23 hours" });
  }

  const nothingToTell =
    (message.kind === "invoice_sent" && payLink[0]?.status !== "sent") ||
    (message.kind === "draft_unpaid" && lines.length === 0);
  if (nothingToTell && message.tries === 0) return takeBack(deps, message);

  if (!(await claim(deps, message))) return "done";

  const facts: LetterFacts = {
    kind: message.kind as LetterKind,
    language: row.language,
    settings: row.settings,
    dealer: deps.dealer,
    recipient: row.userName ?? row.account?.name ?? message.address,
    account: row.account,
    payment: row.payment,
    lines,
    returnedCents: row.returnedCents,
    link: row.token && (await linkOf(deps, row.token)),
    method: method[0] ? letterMethod(method[0]) : null,
    refund: refund[0],
    ...(row.scheduled && row.agreement
      ? { scheduled: { ...row.scheduled, agreement: row.agreement, method: row.method } }
      : {}),
    payLink: payLink[0] && {
      ...letterPayLink(payLink[0], deps.today),
      secret: payLinkSecret(deps.signingSecret, payLink[0].id),
    },
    autopay: row.autopay && {
      account: { ...row.autopay, ended: row.autopay.flag === null ? null : stopReason(row.autopay.flag) },
      draft: row.draft && {
        ...row.draft,
        changeUntilOn: lastDayToChange(row.draft.draftOn as LocalDate),
        next: nextOfFailed(row.draft, row.method?.kind ?? "card"),
        less: row.payment && lessThanAnnounced({ ...row.draft, ...row.payment, announcedCents: row.draft.maxCents }),
      },
      agreement: row.agreement,
      method: row.method,
      kept: row.kept,
    },
  };
  const letter = compose.letter(facts);
  const sent = await deps.ports.email.send({
    id: message.id,
    from: mailbox(row.settings.name, deps.dealer.mailFrom),
    replyTo: row.settings.email,
    to: message.address,
    ...letter,
  });
  if (sent.result === "sent") return finish(deps, message, "sent", { vendorId: sent.vendorId });
  if (sent.result === "never") return finish(deps, message, "failed", { failure: sent.reason });
  return putOff(deps, message, sent);
}

const linkOf = async (
  { signingSecret }: Deps,
  { id, purpose, email }: { id: string; purpose: Purpose; email: string },
): Promise<LetterLink> => ({
  purpose,
  email,
  secret: linkSecret(signingSecret, id),
  temporaryPassword: purpose === "temporary" ? temporaryPassword(signingSecret, id) : null,
});

/** A sender as RFC 5322 writes it; quoted, because companies' names hold commas and full stops. */
const mailbox = (name: string, address: string): string => `"${name.replace(/["\\\p{Cc}]+/gu, " ")}" <${address}>`;
