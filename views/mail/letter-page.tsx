import { raw } from "hono/html";
import { palette } from "../../src/colours.ts";
import type { Letter, LetterFacts } from "../../src/messaging/send.ts";
import { type Language, textIn } from "../text/language.ts";

/** What a letter says, in the reader's language; everything about how it looks is the page's. */
export type LetterWords = {
  subject: string;
  /** Whom it greets, where that is not the user's name. */
  to?: string;
  paragraphs: string[];
  /** Something to read off and type, such as a temporary password. */
  code?: string;
  /** Figures, under their heads and over their total. */
  table?: { heads: [string, string]; rows: [string, string][]; total: [string, string] };
  link: { path: string; words: string } | null;
  /** Another way to the same, less loud. */
  otherLink?: { path: string; words: string };
  /** What stands under the link: how long it works, or what to do if it was not you. */
  after?: string[];
  why: string;
};

/** What a letter is made of, in one of its languages. */
export type LetterIn = LetterFacts & { language: Language };

/** A mail as people read it: one column, the reader's own font, and the same words as plain text, in each language. */
export function letterOf(facts: LetterFacts, parts: { language: Language; words: LetterWords }[]): Letter {
  const { settings, dealer } = facts;
  const { subject } = parts[0]!.words;
  const address = ({ words, path }: { words: string; path: string }) => ({ words, url: `${dealer.origin}${path}` });
  const complete = parts.map(({ language, words }): Part => {
    const t = textIn(language);
    return {
      ...words,
      language,
      hello: t.mail.hello(words.to ?? facts.recipient),
      sign: t.mail.sign(settings.name, settings.phone),
      link: words.link && address(words.link),
      otherLink: words.otherLink && address(words.otherLink),
    };
  });
  const html = String(
    <LetterPage subject={subject} dealer={settings.name} accent={palette(settings.accent).accent} parts={complete} />,
  );
  return { subject: oneLine(subject), html, text: complete.map(plainText).join("\n\n* * *\n\n") };
}

function plainText({ hello, paragraphs, code, table, link, otherLink, after = [], sign, why }: Part): string {
  const rows = table && [...table.rows, table.total].map(([name, value]) => `${name}: ${value}`).join("\n");
  const links = [link, otherLink].map((one) => one && `${one.words}: ${one.url}`);
  const blocks = [hello, ...paragraphs, code, rows, ...links, ...after, `${sign}\n${why}`];
  return blocks.filter((block) => block).join("\n\n");
}

/** A subject is a header: one line, no control characters. */
const oneLine = (text: string): string => text.replace(/\p{Cc}+/gu, " ");

/** A letter's words with all that goes around them. */
type Part = Omit<LetterWords, "link" | "otherLink"> & {
  language: Language;
  hello: string;
  link: { words: string; url: string } | null;
  otherLink?: { words: string; url: string };
  sign: string;
};

type PageProps = { subject: string; dealer: string; accent: string; parts: Part[] };

// Mail readers know no style sheets worth the name: the few styles stand on the elements.
const LetterPage = ({ subject, dealer, accent, parts }: PageProps) => (
  <>
    {raw("<!doctype html>")}
    <html lang={parts[0]!.language}>
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>{subject}</title>
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
            <td style={`padding:24px;border-top:4px solid ${accent};border-radius:8px`}>
              <p style="margin:0 0 20px;font-size:18px;font-weight:700">{dealer}</p>
              {parts.map((part, i) => (
                <>
                  {i > 0 && <hr style="margin:24px 0;border:0;border-top:1px solid #d5d9dd" />}
                  <PartOf {...part} accent={accent} />
                </>
              ))}
            </td>
          </tr>
        </table>
      </body>
    </html>
  </>
);

const PartOf = (p: Part & { accent: string }) => (
  <div lang={p.language}>
    <p style="margin:0 0 16px">{p.hello}</p>
    {p.paragraphs.map((paragraph) => (
      <p style="margin:0 0 16px">{paragraph}</p>
    ))}
    {p.code && (
      <p style="margin:0 0 20px;padding:12px;background:#f4f5f6;border-radius:6px;font:600 20px/1.3 ui-monospace,Menlo,Consolas,monospace;letter-spacing:1px">
        {p.code}
      </p>
    )}
    {p.table && <Figures {...p.table} />}
    {p.link && (
      <p style="margin:0 0 24px">
        <a
          href={p.link.url}
          style={`display:inline-block;padding:10px 18px;background:${p.accent};color:#fff;border-radius:6px;text-decoration:none;font-weight:600`}
        >
          {p.link.words}
        </a>
      </p>
    )}
    {p.otherLink && (
      <p style="margin:0 0 24px">
        <a href={p.otherLink.url} style={`color:${p.accent}`}>
          {p.otherLink.words}
        </a>
      </p>
    )}
    {p.after?.map((paragraph) => (
      <p style="margin:0 0 16px;font-size:14px">{paragraph}</p>
    ))}
    <p style="margin:0;color:#555d66;font-size:14px">
      {p.sign}
      <br />
      {p.why}
    </p>
  </div>
);

const Figures = ({ heads, rows, total }: NonNullable<LetterWords["table"]>) => (
  <table cellpadding="0" cellspacing="0" width="100%" style="margin:0 0 20px;border-collapse:collapse">
    <tr>
      {heads.map((head, i) => (
        <th
          style={`padding:6px 0;border-bottom:1px solid #d5d9dd;font-size:14px;font-weight:600;text-align:${i ? "right" : "left"}`}
        >
          {head}
        </th>
      ))}
    </tr>
    {rows.map(([name, value]) => (
      <tr>
        <td style="padding:6px 0;border-bottom:1px solid #eceef0">{name}</td>
        <td style="padding:6px 0 6px 12px;border-bottom:1px solid #eceef0;text-align:right;white-space:nowrap">
          {value}
        </td>
      </tr>
    ))}
    <tr>
      <td style="padding:8px 0;font-weight:700">{total[0]}</td>
      <td style="padding:8px 0 8px 12px;font-weight:700;text-align:right;white-space:nowrap">{total[1]}</td>
    </tr>
  </table>
);
