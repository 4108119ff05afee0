import type { LocalDate } from "../calendar.ts";
import { type Consents, type DraftableInvoice, mayDraft } from "./autopay-rules.ts";
import { nextDraftDays } from "./draft-day-rules.ts";

/** An account's autopay as far as it tells when one of its invoices is drafted. */
export type Standing = Consents & {
  /** It is on, nobody has asked to stop it, and its method can be charged. */
  works: boolean;
  methodKind: "card" | "bank";
  draftDay: number;
  firstDraftOn: string | null;
  /** Above this the customer is asked first. */
  askAboveCents: number | null;
  /** What the account has to pay in all: the next draft is no more. */
  openCents: number;
  /** Months that have their draft already: `2026-12`. */
  taken: readonly string[];
  /** The day of the draft that the invoice was announced for. */
  announcedOn: string | null;
  /** A draft for the invoice waits for the customer's yes, or has failed. */
  inTheirHands: boolean;
};

/** The day on which autopay draws an invoice without anybody doing anything; null where somebody has to pay it. */
export function draftedOn(
  today: LocalDate,
  invoice: Pick<DraftableInvoice, "kind" | "totalCents" | "cardPayments">,
  standing: Standing,
): LocalDate | null {
  const { works, methodKind, askAboveCents, openCents, inTheirHands } = standing;
  if (!works || inTheirHands || !mayDraft(invoice, standing, methodKind)) return null;
  if (standing.announcedOn !== null) return standing.announcedOn as LocalDate;
  if (askAboveCents !== null && openCents > askAboveCents) return null;
  const from = standing.firstDraftOn as LocalDate | null;
  return nextDraftDays(today, standing.draftDay, from, standing.taken, 1)[0] ?? null;
}
