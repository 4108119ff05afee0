import { type Cents, dollars } from "../money.ts";

/** Two accounts of the same money, in words. */
export type Figures = { bank: string; books: string };

/** Both, as the worklist keeps them. */
export const differing = ({ bank, books }: Figures): string => `Bank: ${bank}.\nBooks: ${books}.`;

/** Takes such words apart again; null for any others. */
export function figuresIn(detail: string): Figures | null {
  const found = /^Bank: (.*)\.\nBooks: (.*)\.$/s.exec(detail);
  return found ? { bank: found[1]!, books: found[2]! } : null;
}

/** A payment as the books have it. `unsent` counts its refunds of which the vendor may not know yet. */
export type OurPayment = {
  id: string;
  accountId: string;
  state: "pending" | "processing" | "settled" | "failed";
  amountCents: number;
  refundedCents: number;
  intentId: string | null;
  unsent: number;
};

type TheirPayment = {
  intentId: string;
  state: "open" | "processing" | "settled" | "failed";
  cents: Cents;
  refundedCents: Cents;
};

/** Whether both say the same: no money, money on its way, or so much money of which so much went back. */
export function sameMoney(theirs: TheirPayment, ours: OurPayment | null): boolean {
  const moved = theirs.state === "settled" || theirs.state === "processing";
  // An intent that was prepared and given up moves nothing, whoever's payment it names.
  if (!ours || (ours.intentId !== null && ours.intentId !== theirs.intentId)) return !moved;
  if (ours.state === "pending") return theirs.state !== "settled";
  if (ours.state === "failed") return !moved;
  if (ours.state === "processing") return theirs.state === "processing" || theirs.state === "open";
  // A checkout's earlier tries stand beside the one that went through.
  if (!moved) return ours.intentId === null;
  const refundsAgree = ours.refundedCents === theirs.refundedCents || ours.unsent > 0;
  return theirs.state === "settled" && theirs.cents === ours.amountCents && refundsAgree;
}

const figure = (state: string, cents: number, refundedCents: number): string =>
  `${dollars(cents)} ${state}${refundedCents > 0 ? `, ${dollars(refundedCents)} of it refunded` : ""}`;

/** Both figures of a payment in words; `twice` when the bank has charged for it once more. */
export const figuresOf = (theirs: TheirPayment | null, ours: OurPayment | null, twice: boolean): Figures => ({
  bank: theirs
    ? `${figure(theirs.state, theirs.cents, theirs.refundedCents)}${twice ? ", a second time" : ""}, ${theirs.intentId}`
    : "no such payment",
  books: ours ? figure(ours.state, ours.amountCents, ours.refundedCents) : "no such payment",
});
