/** A queue message: ids only, never an amount, an address or a text. */
export type Job =
  | { type: "payments.sweep"; dealer: string; after: string | null }
  | { type: "payment.check"; dealer: string; paymentId: string }
  | { type: "messages.sweep"; dealer: string; after: string | null }
  | { type: "message.send"; dealer: string; messageId: string }
  | { type: "stripe.event"; dealer: string; eventId: string }
  | { type: "books.assert"; dealer: string }
  | { type: "sessions.prune"; dealer: string };
