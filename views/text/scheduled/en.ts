/** Payments on a later day, in English. */
export const scheduled = {
  title: "Pay on a later day",
  on: "Pay on a later day instead",
  onHint: "With a saved card or bank account. Leave it empty to pay now.",
  terms: (dealer: string, amount: string, method: string, date: string) =>
    `I allow ${dealer} to take ${amount} once, on or just after ${date}, from my ${method}, for the invoices above. If less is still to pay by then, only that is taken. I can cancel until the day before.`,
  agree: (amount: string) => `Agree to pay ${amount} then`,
  back: "Back to the invoices",
  waiting: "Payments to come",
  cancel: "Cancel it",
  said: {
    scheduled:
      "Your payment will be made on that day. You can cancel it until the day before. A copy of what you agreed to is on its way by e-mail.",
    canceled: "Canceled. Nothing will be taken.",
    too_late: "It is too late to cancel that, or it is over already. Call us if you need help.",
  },
  problems: {
    day: (first: string, last: string) => `Choose a day from ${first} to ${last}.`,
    many: "That is too many invoices for one payment on a later day. Choose fewer, or pay now.",
    saved: "A later day needs a saved card or bank account. Choose one, or leave the day empty to pay now.",
  },
  letters: {
    scheduled_authorization: {
      subject: (amount: string, date: string) => `You will pay ${amount} on ${date}`,
      lead: (date: string, amount: string, method: string) =>
        `As you asked, we will take ${amount} from ${method} on ${date}, for the invoices below. You can cancel until the day before.`,
      button: "See or cancel it",
      agreedOn: (date: string) => `Keep this copy of what you agreed to (${date}):`,
    },
    scheduled_canceled: {
      subject: "A payment to come is canceled",
      lead: (date: string) =>
        `Our office has canceled the payment that you had put off to ${date}, as you asked. Nothing will be taken. Your invoices are still open.`,
    },
    scheduled_not_needed: {
      subject: "Nothing was taken: your invoices are paid",
      lead: (date: string) =>
        `You had put off a payment to ${date}. By then nothing was left to pay on those invoices, so nothing was taken.`,
    },
    scheduled_not_made: {
      subject: "Your payment was not made",
      lead: (date: string) =>
        `You had put off a payment to ${date}. It could not be made: the card or bank account can no longer be used for it, or the day has passed. Nothing was taken. Please pay another way.`,
    },
    button: "See your invoices",
  },
};
