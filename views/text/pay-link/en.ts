/** A link through which one invoice is paid, in English. */
export const payLink = {
  title: (number: string) => `Pay invoice ${number}`,
  from: "From",
  owed: "To pay",
  due: "Due",
  invoice: "Invoice",
  underWay: (amount: string) => `A payment of ${amount} for it is on its way. You need not do anything about that.`,
  changed: "The amount has just changed. Look at it, then press Pay again. Nothing was charged.",
  deadTitle: "This link does not work any more",
  dead: "The invoice has been paid, or the link has run out or was withdrawn.",
  signIn: "Sign in to see your invoices",
  letter: {
    subject: (number: string, dealer: string) => `Pay invoice ${number} from ${dealer}`,
    lead: (number: string, amount: string, due: string) =>
      `Invoice ${number} has ${amount} to pay. It is due on ${due}. With this link you can pay it without signing in.`,
    button: "See and pay the invoice",
    keep: "The link is for this invoice only. Whoever has it can see and pay the invoice, and nothing else of yours.",
    why: (dealer: string) => `${dealer} sent you this because you asked for a way to pay.`,
  },
  /** The letter with an invoice that has just been sent. */
  sent: {
    subject: (number: string, dealer: string, amount: string, due: string) =>
      `Invoice ${number} from ${dealer}: ${amount}, due ${due}`,
    lead: (number: string, account: string, amount: string, due: string) =>
      `Here is invoice ${number} for ${account}: ${amount}, due on ${due}.`,
    button: "Pay this invoice",
    drafted: (date: string, method: string) =>
      `You need not do anything: autopay will draft it on ${date} from ${method}. We write to you again before that.`,
    underWay: "A payment for it is on its way. You need not do anything.",
    paid: "It is paid already. You need not do anything.",
    see: "See the invoice",
    what: "What for",
    more: (count: number) => (count === 1 ? "1 more line" : `${count} more lines`),
    tax: "Tax",
    paidBefore: "Paid or credited",
    left: "To pay",
    signIn: "Or sign in to see it with all the others",
    keep: "The link is for this invoice only. Whoever has this mail can see and pay the invoice, and nothing else of yours.",
    why: (dealer: string, account: string) => `${dealer} sent you this because you pay for the account of ${account}.`,
  },
  /** What stands in a text between the name of the dealer and the link: the first that fits. */
  text: {
    inFull: (number: string, amount: string, due: string) => `Invoice ${number}, ${amount}, due ${due}. Pay:`,
    shorter: (number: string, amount: string) => `Invoice ${number}, ${amount}. Pay:`,
    brief: (number: string) => `Pay invoice ${number}:`,
    shortest: "Pay:",
    stop: "Reply STOP to stop.",
  },
};
