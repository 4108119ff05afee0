/** Money that waits on an account, and money that goes back. */
export const refunds = {
  letters: {
    reason: (reason: string) => `Reason: ${reason}`,
    refund_made: {
      subject: (amount: string) => `Your refund of ${amount}`,
      lead: (amount: string, method: string) => `We have sent ${amount} back to ${method}.`,
      note: (_phone: string) =>
        "Banks take a few days: up to 10 for a card, up to 3 business days for a bank account. You need not do anything.",
    },
    refund_failed: {
      subject: (amount: string) => `Your refund of ${amount} did not arrive`,
      lead: (amount: string, method: string) => `We sent ${amount} back to ${method}, but the bank did not take it.`,
      note: (phone: string) =>
        `The money is on your account with us again. We will find another way. Questions? Call ${phone}.`,
    },
    payment_restored: {
      subject: (amount: string) => `Your payment of ${amount} counts again`,
      lead: (amount: string, method: string) =>
        `Your bank has given us your payment of ${amount} from ${method} again.`,
      note: "The invoices that it paid are paid again. You need not do anything.",
    },
  },
  /** Why money came off an invoice again. */
  off: { refunded: "Refunded", moved: "Taken off again" },
  sent: { heading: "Refunds", states: { pending: "On its way", settled: "Sent", failed: "Did not arrive" } },
  credits: {
    title: "Credits",
    lead: "Money on your account, and what it was used for.",
    left: "Left to use",
    none: "There are no credits on your account.",
    payment: (method: string) => `Left over from a payment: ${method}`,
    amount: "Amount",
    rest: "Left",
    usedFor: "Used for",
    unused: "Not used yet",
    link: "See your credits",
    automatic: "We use it for your oldest open invoice by itself, before anything is charged.",
    by_hand: "Call us to use it for an invoice.",
  },
  ahead: {
    title: "Pay ahead",
    lead: "Nothing is due now. You can pay ahead: the money waits on your account as credit for the next invoice.",
    most: (amount: string) => `At most ${amount} at a time.`,
  },
};
