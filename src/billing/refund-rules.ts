import { DAY, type Instant } from "../calendar.ts";
import { type Cents, cents } from "../money.ts";

/** A bank takes no credit for a debit older than this. https://docs.stripe.com/payments/ach-direct-debit#refunds */
const BANK_REFUND_SECONDS = 180 * DAY;

/** Why a refund is not made; each has its sentence on the office's page. */
export type RefundRefusal =
  | "not_here"
  | "taken_back"
  | "amount_unreadable"
  | "more_than_left"
  | "bank_only_whole"
  | "bank_too_old"
  | "reason_missing";

type Refundable = {
  origin: "portal" | "import";
  kind: string;
  state: string;
  amountCents: number;
  refundedCents: number;
  returnedCents: number;
  creditedCents: number;
  closedAt: Instant | null;
};

/** What of a payment can still be given back: neither refunded, nor taken back, nor given as credit instead. */
export const leftCents = (
  p: Pick<Refundable, "amountCents" | "refundedCents" | "returnedCents" | "creditedCents">,
): Cents => cents(Math.max(0, p.amountCents - p.refundedCents - p.returnedCents - p.creditedCents));

/**
 * Whether so much of a payment can go back to where it came from. A bank debit only whole and for 180 days; nothing
 * while its bank has taken some of it back, or the customer would have it twice.
 */
export function refundRefusal(
  payment: Refundable,
  disputed: boolean,
  wish: { cents: number | null; reason: string },
  now: Instant,
): RefundRefusal | null {
  if (payment.origin !== "portal" || payment.state !== "settled") return "not_here";
  if (disputed) return "taken_back";
  if (wish.cents === null || wish.cents <= 0) return "amount_unreadable";
  if (wish.cents > leftCents(payment)) return "more_than_left";
  if (payment.kind === "bank" && wish.cents !== payment.amountCents) return "bank_only_whole";
  if (payment.kind === "bank" && now - (payment.closedAt ?? 0) > BANK_REFUND_SECONDS) return "bank_too_old";
  return wish.reason.trim() === "" ? "reason_missing" : null;
}
