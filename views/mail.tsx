import { raw } from "hono/html";
import type { Letter, LetterFacts } from "../src/messaging/send.ts";
import { dollars } from "../src/money.ts";
import { dateText } from "./text/dates.ts";
import { textIn } from "./text/language.ts";
import { methodText } from "./ui.tsx";

/** A mail as people read it: one column, the reader's own font, and the same words as plain text. */
export function composeLetter(facts: LetterFacts): Letter {
  const { settings, payment, lines, dealer } = facts;
  const t = textIn(facts.language);
  const amount = dollars(payment.amountCents);
  const method = methodText(payment, t);
  const covered = lines.reduce((total, line) => total + line.amountCents, 0);
  const rows: [string, string][] = lines.map((line) => [line.number, dollars(line.amountCents)]);
  const credit = payment.amountCents - covered;
  if (credit > 0 && payment.state !== "failed") rows.push([t.mail.credit, dollars(credit)]);
  const { subject, paragraphs, link } = wordsOf(facts, amount, method);
  const sign = t.mail.sign(settings.name, settings.phone);
  const why = t.mail.why(settings.name);
  const url = `${dealer.origin}${link.path}`;
  const text = [
    t.mail.hello(facts.recipient),
    "",
    ...paragraphs,
    "",
    ...rows.map(([name, value]) => `${name}: ${value}`),
    `${t.mail.total}: ${amount}`,
    "",
    `${link.words}: ${url}`,
    "",
    sign,
    why,
  ].join("\n");
  const html = String(
    <LetterPage
      language={facts.language}
      subject={subject}
      dealer={settings.name}
      hello={t.mail.hello(facts.recipient)}
      paragraphs={paragraphs}
      heads={[t.mail.invoice, t.mail.amount]}
      rows={rows}
      total={[t.mail.total, amount]}
      link={{ words: link.words, url }}
      sign={sign}
      why={why}
      accent={settings.accent}
    />,
  );
  return { subject: oneLine(subject), html, text };
}

function wordsOf(
  facts: LetterFacts,
  amount: string,
  method: string,
): { subject: string; paragraphs: string[]; link: { path: string; words: string } } {
  const { mail } = textIn(facts.language);
  const { payment } = facts;
  switch (facts.kind) {
    case "receipt":
      return {
        subject: mail.receipt.subject(amount),
        paragraphs: [mail.receipt.lead(amount, dateText(payment.paidOn, facts.language), method)],
        link: { path: `/receipts/${payment.id}`, words: mail.button },
      };
    case "payment_submitted":
      return {
        subject: mail.payment_submitted.subject(amount),
        paragraphs: [mail.payment_submitted.lead(amount, method), mail.payment_submitted.note],
        link: { path: `/payments/${payment.id}`, words: mail.paymentButton },
      };
    case "payment_failed":
    case "payment_returned":
      return {
        subject: mail[facts.kind].subject(amount),
        paragraphs: [mail[facts.kind].lead(amount, method), mail[facts.kind].note],
        link: { path: "/invoices", words: mail.invoicesButton },
      };
    default:
      throw new Error(`no letter is written for ${facts.kind}`);
  }
}

/** A subject is a header: one line, no control characters. */
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, " ");

type PageProps = {
  language: string;
  subject: string;
  dealer: string;
  hello: string;
  paragraphs: string[];
  heads: [string, string];
  rows: [string, string][];
  total: [string, string];
  link: { words: string; url: string };
  sign: string;
  why: string;
  accent: string;
};

// Mail readers know no style sheets worth the name: the few styles stand on the elements.
const LetterPage = (p: PageProps) => (
  <>
    {raw("<!doctype html>")}
    <html lang={p.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>{p.subject}</title>
      </head>
      <body style="margin:0;padding:24px 12px;background:#f4f5f6;font:16px/1.5 system-ui,-apple-system,'Segoe UI',Roboto,sans-serif;color:#1d2327">
        <table
          role="presentation"
          cellpadding="0"
          cellspacing="0"
          width="100%"
          style="max-width:520px;margin:0 auto;background:#fff;border-radius:8px"
        >
          <tr>
            <td style={`padding:24px;border-top:4px solid ${p.accent};border-radius:8px`}>
              <p style="margin:0 0 20px;font-size:18px;font-weight:700">{p.dealer}</p>
              <p style="margin:0 0 16px">{p.hello}</p>
              {p.paragraphs.map((paragraph) => (
                <p style="margin:0 0 16px">{paragraph}</p>
              ))}
              <table cellpadding="0" cellspacing="0" width="100%" style="margin:0 0 20px;border-collapse:collapse">
                <tr>
                  {p.heads.map((head, i) => (
                    <th
                      style={`padding:6px 0;border-bottom:1px solid #d5d9dd;font-size:14px;font-weight:600;text-align:${i ? "right" : "left"}`}
                    >
                      {head}
                    </th>
                  ))}
                </tr>
                {p.rows.map(([name, value]) => (
                  <tr>
                    <td style="padding:6px 0;border-bottom:1px solid #eceef0">{name}</td>
                    <td style="padding:6px 0;border-bottom:1px solid #eceef0;text-align:right">{value}</td>
                  </tr>
                ))}
                <tr>
                  <td style="padding:8px 0;font-weight:700">{p.total[0]}</td>
                  <td style="padding:8px 0;font-weight:700;text-align:right">{p.total[1]}</td>
                </tr>
              </table>
              <p style="margin:0 0 24px">
                <a
                  href={p.link.url}
                  style={`display:inline-block;padding:10px 18px;background:${p.accent};color:#fff;border-radius:6px;text-decoration:none;font-weight:600`}
                >
                  {p.link.words}
                </a>
              </p>
              <p style="margin:0;color:#555d66;font-size:14px">
                {p.sign}
                <br />
                {p.why}
              </p>
            </td>
          </tr>
        </table>
      </body>
    </html>
  </>
);
