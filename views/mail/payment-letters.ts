import type { PaymentLetterKind } from "../../src/messaging/promise-letter.ts";
import { dollars } from "../../src/money.ts";
import { lessText } from "../billing/receipt.tsx";
import { dateText } from "../text/dates.ts";
import { textIn } from "../text/language.ts";
import { methodText } from "../ui.tsx";
import type { LetterIn, LetterWords } from "./letter-page.tsx";

/** What a letter about a payment says: how much, by what, and which invoices it covers. */
export function paymentWords(facts: LetterIn, kind: PaymentLetterKind): LetterWords {
  const { payment, lines, language } = facts;
  if (!payment) throw new Error(`a letter of the kind ${kind} is about a payment`);
  const t = textIn(language);
  const cents = facts.returnedCents ?? payment.amountCents;
  const amount = dollars(cents);
  const method = methodText(payment, t);
  const covered = lines.reduce((total, line) => total + line.amountCents, 0);
  const rows: [string, string][] = lines.map((line) => [line.number, dollars(line.amountCents)]);
  const credit = payment.amountCents - covered;
  if (credit > 0 && payment.state !== "failed") rows.push([t.mail.credit, dollars(credit)]);
  const less = lessText(facts.autopay?.draft?.less ?? null, t);
  const paragraphs = {
    receipt: () => [t.mail.receipt.lead(amount, dateText(payment.paidOn, language), method), ...(less ? [less] : [])],
    payment_submitted: () => [t.mail.payment_submitted.lead(amount, method), t.mail.payment_submitted.note],
    payment_failed: () => [t.mail.payment_failed.lead(amount, method), t.mail.payment_failed.note],
    payment_returned: () => [t.mail.payment_returned.lead(amount, method), t.mail.payment_returned.note],
    payment_restored: () => [
      t.refunds.letters.payment_restored.lead(amount, method),
      t.refunds.letters.payment_restored.note,
    ],
  };
  const links = {
    receipt: { path: `/receipts/${payment.id}`, words: t.mail.button },
    payment_submitted: { path: `/payments/${payment.id}`, words: t.mail.paymentButton },
    payment_failed: { path: "/invoices", words: t.mail.invoicesButton },
    payment_returned: { path: "/invoices", words: t.mail.invoicesButton },
    payment_restored: { path: `/payments/${payment.id}`, words: t.mail.paymentButton },
  };
  return {
    subject: (kind === "payment_restored" ? t.refunds.letters[kind] : t.mail[kind]).subject(amount),
    paragraphs: paragraphs[kind](),
    // What part of a payment covers, no letter can say.
    ...(cents === payment.amountCents
      ? { table: { heads: [t.mail.invoice, t.mail.amount], rows, total: [t.mail.total, amount] } }
      : {}),
    link: links[kind],
    why: t.mail.why(facts.settings.name),
  };
}
