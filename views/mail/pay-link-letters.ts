import type { LetterPayLink } from "../../src/messaging/pay-link-facts.ts";
import { dollars } from "../../src/money.ts";
import { dateText } from "../text/dates.ts";
import { type Text, textIn } from "../text/language.ts";
import { methodText } from "../ui.tsx";
import type { LetterIn, LetterWords } from "./letter-page.tsx";

/** What a letter with a pay link says: which invoice, how much, and that the link opens nothing else. */
export function payLinkWords({ payLink, settings, language }: LetterIn): LetterWords {
  if (!payLink) throw new Error("a letter of the kind invoice_link has a link");
  const words = textIn(language).payLink.letter;
  return {
    subject: words.subject(payLink.number, settings.name),
    paragraphs: [words.lead(payLink.number, dollars(payLink.owedCents), dateText(payLink.dueOn, language))],
    link: { path: `/pay/${payLink.secret}`, words: words.button },
    after: [words.keep],
    why: words.why(settings.name),
  };
}

/**
 * What a letter with a new invoice says: how much, by when, what for, and how to pay it; or that nothing is to do, where
 * autopay draws it or it has been paid.
 */
export function invoiceWords({ payLink, account, settings, language }: LetterIn): LetterWords {
  if (!payLink || !account) throw new Error("a letter of the kind invoice_sent is about an invoice");
  const t = textIn(language);
  const words = t.payLink.sent;
  const { number, draft, owedCents, heldCents, totalCents } = payLink;
  const amount = dollars(owedCents === 0 ? totalCents : owedCents);
  const due = dateText(payLink.dueOn, language);
  const nothingToDo = draft
    ? words.drafted(dateText(draft.on, language), methodText(draft.method, t))
    : owedCents === 0
      ? words.paid
      : heldCents === owedCents
        ? words.underWay
        : null;
  const subject = words.subject(number, settings.name, amount, due);
  const lead = words.lead(number, account.name, amount, due);
  const shared = { subject, table: figures(payLink, words, t.mail), why: words.why(settings.name, account.name) };
  const invoicePath = `/invoices/${encodeURIComponent(number)}`;
  if (nothingToDo) return { ...shared, paragraphs: [lead, nothingToDo], link: { path: invoicePath, words: words.see } };
  return {
    ...shared,
    paragraphs: [lead],
    link: { path: `/pay/${payLink.secret}`, words: words.button },
    otherLink: { path: invoicePath, words: words.signIn },
    after: [words.keep],
  };
}

function figures(
  invoice: LetterPayLink,
  words: Text["payLink"]["sent"],
  mail: Text["mail"],
): NonNullable<LetterWords["table"]> {
  const { lines, moreLines, taxCents, totalCents, owedCents } = invoice;
  const shown = lines.reduce((sum, line) => sum + line.cents, 0);
  const rows: [string, string][] = lines.map(({ description, cents }) => [description || words.what, dollars(cents)]);
  if (moreLines > 0) rows.push([words.more(moreLines), dollars(totalCents - taxCents - shown)]);
  if (taxCents !== 0) rows.push([words.tax, dollars(taxCents)]);
  const paid = totalCents - owedCents;
  if (paid > 0) rows.push([words.paidBefore, dollars(-paid)]);
  return { heads: [words.what, mail.amount], rows, total: [paid > 0 ? words.left : mail.total, dollars(owedCents)] };
}
