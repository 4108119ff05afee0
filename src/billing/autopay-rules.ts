import type { LocalDate } from "../calendar.ts";
import { type Cents, cents, sum } from "../money.ts";

/** What a draft may take, and what becomes of one that did not go through. Pure: no clock, no database. */

/** Neither cards nor banks move less. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
const LEAST_DRAFT_CENTS = 50;

/** An open invoice as a draft looks at it; `payableCents` is what no payment under way has spoken for. */
export type DraftableInvoice = {
  id: string;
  number: string;
  kind: "recurring" | "service" | "install" | "late_fee" | "other";
  issuedOn: string;
  totalCents: number;
  payableCents: number;
  /** Off: from a bank account only. */
  cardPayments: boolean;
};

/** What the customer has said yes to: monitoring charges, and other invoices up to an amount each. */
export type Consents = { monitoring: boolean; othersUpToCents: number };

/** Whether an invoice may be drafted: the customer said so, and the dealer takes such a method for it. */
export const mayDraft = (
  invoice: Pick<DraftableInvoice, "kind" | "totalCents" | "cardPayments">,
  { monitoring, othersUpToCents }: Consents,
  method: "card" | "bank",
): boolean =>
  (method === "bank" || invoice.cardPayments) &&
  (invoice.kind === "recurring" ? monitoring : invoice.totalCents <= othersUpToCents);

type DraftItem = { invoiceId: string; number: string; cents: Cents };
export type DraftAmount = { items: DraftItem[]; totalCents: Cents };

/** Amounts with their total; nothing at all where it comes to less than a bank moves. */
function totalled(items: readonly DraftItem[]): DraftAmount {
  const left = items.filter((item) => item.cents > 0);
  const totalCents = sum(left.map((item) => item.cents));
  return totalCents < LEAST_DRAFT_CENTS ? { items: [], totalCents: cents(0) } : { items: left, totalCents };
}

/** A method that cannot be charged at all must not hide, as one that may not be used for an invoice does, what is due. */
export const kindToDraft = ({ kind, usable }: { kind: "card" | "bank"; usable: boolean }): "card" | "bank" =>
  usable ? kind : "bank";

/** What is to be announced of an account's open invoices; none that is newer than `until`, where that is given. */
export const toAnnounce = (
  invoices: readonly DraftableInvoice[],
  consents: Consents,
  method: "card" | "bank",
  until: LocalDate | null,
): DraftAmount =>
  totalled(
    invoices
      .filter((invoice) => (until === null || invoice.issuedOn <= until) && mayDraft(invoice, consents, method))
      .map(({ id, number, payableCents }) => ({ invoiceId: id, number, cents: cents(payableCents) })),
  );

/** What a draft takes on its day: of each invoice no more than was announced, and no more than is still open. */
export const toDraft = (
  announced: readonly (DraftableInvoice & { maxCents: number })[],
  consents: Consents,
  method: "card" | "bank",
): DraftAmount =>
  totalled(
    announced
      .filter((invoice) => mayDraft(invoice, consents, method))
      .map(({ id, number, payableCents, maxCents }) => ({
        invoiceId: id,
        number,
        cents: cents(Math.min(payableCents, maxCents)),
      })),
  );

/** Days from one declined try of a card to the next: day 3, 7 and 14 after the first. */
const CARD_TRIES_AFTER_DAYS = [3, 4, 7];
/** A bank account without money is tried once more by itself; again only when the customer says so. */
const BANK_TRIES_AFTER_DAYS = [5];
/** A try that never reached the bank counts for nothing. */
const AGAIN_AFTER_TROUBLE_DAYS = 1;
const MOST_TRIES = 8;

/** Whose bank has said that this card will never do. https://docs.stripe.com/billing/revenue-recovery/smart-retries */
const HARD_DECLINES = new Set([
  "incorrect_number",
  "lost_card",
  "pickup_card",
  "stolen_card",
  "revocation_of_authorization",
  "revocation_of_all_authorizations",
  "highest_risk_level",
  "transaction_not_allowed",
  "expired_card",
  "restricted_card",
  "fraudulent",
]);

/** No bank had a say: our own charge was left lying and has been canceled. */
const NEVER_TRIED = new Set(["canceled", "abandoned"]);

/** `wait`: tried again by itself. `method`: another card or account is needed. `confirm`: the bank wants the customer. */
export type AfterFailure = { next: "wait"; days: number; quietly: boolean } | { next: "method" | "confirm" | "over" };

/** What becomes of a draft whose try number so many (from 1) has failed: the ladder for a card, one step for a bank. */
export function afterFailure(kind: "card" | "bank", code: string, tryNumber: number): AfterFailure {
  if (NEVER_TRIED.has(code) && tryNumber < MOST_TRIES)
    return { next: "wait", days: AGAIN_AFTER_TROUBLE_DAYS, quietly: true };
  if (code === "authentication_required") return { next: "confirm" };
  if (kind === "card" && HARD_DECLINES.has(code)) return { next: "method" };
  if (kind === "bank" && !["insufficient_funds", "R01", "R09"].includes(code)) return { next: "method" };
  const days = (kind === "card" ? CARD_TRIES_AFTER_DAYS : BANK_TRIES_AFTER_DAYS)[tryNumber - 1];
  return days === undefined ? { next: "over" } : { next: "wait", days, quietly: false };
}

/**
 * Reasons for which a bank has taken a debit back, or will, that end the permission to draft: Nacha's return codes, the
 * vendor's words for the same, and what a card's holder says when they never agreed. Without money (R01, R09) it stands.
 * https://docs.stripe.com/payments/ach-direct-debit/blocked-bank-accounts https://docs.stripe.com/disputes/categories
 */
const ENDS_PERMISSION = new Set([
  ...["R02", "R03", "R04", "R05", "R07", "R08", "R10", "R11", "R16", "R20", "R29", "R31"],
  ...["account_closed", "no_account", "debit_not_authorized", "bank_account_unusable"],
  ...["incorrect_account_details", "bank_cannot_process", "customer_initiated"],
  ...["bank_account_closed", "bank_account_frozen", "bank_account_invalid_details", "bank_account_restricted"],
  ...["tokenized_account_number_deactivated"],
  ...["fraudulent", "unrecognized", "subscription_canceled"],
]);

/** Whether a debit that failed or came back for this reason switches autopay off. */
export const endsPermission = (code: string): boolean => ENDS_PERMISSION.has(code);

/** What comes next for a draft that has not gone through, as it is recorded. */
export function nextOfFailed(
  draft: { tries: number; nextTryOn: string | null; failureCode: string | null },
  kind: "card" | "bank",
): AfterFailure["next"] {
  if (draft.nextTryOn !== null) return "wait";
  const { next } = afterFailure(kind, draft.failureCode ?? "", draft.tries);
  return next === "wait" ? "over" : next;
}

/** Why autopay went off by itself, as its customer is told: their bank's word, no cards any more, or the method is gone. */
export type StopReason = "bank" | "cards_off" | "gone";

/** The same from what is kept of it. */
export const stopReason = (flag: string): StopReason =>
  flag === "cards_off" ? "cards_off" : ["detached", "customer_deleted", "no_method"].includes(flag) ? "gone" : "bank";
