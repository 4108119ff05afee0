import type { Child } from "hono/jsx";
import { dollars } from "../src/money.ts";
import { dateText } from "./text/dates.ts";
import type { Language, Text } from "./text/language.ts";

/** What every page is drawn with. */
export type Look = { t: Text; language: Language };

/** An amount, kept on one line and in figures of one width. */
export const Money = ({ cents }: { cents: number }) => <span class="money">{dollars(cents)}</span>;

export const DateOf = ({ on, language }: { on: string; language: Language }) => (
  <time datetime={on}>{dateText(on, language)}</time>
);

/** A status in words, with a colour that never says more than the word. */
export const Badge = ({ kind, children }: { kind: string; children: Child }) => (
  <span class={`badge ${kind}`}>{children}</span>
);

/** What the form before this page came to: good news or not, in words. */
export type Said = { kind: "problem" | "good" | "note"; words: string };

/**
 * Something the person should read first. `problem` is announced at once by screen readers. One that answers what the
 * person just did is `answers`: the focus goes there, with script and without.
 */
export const Notice = ({ kind, answers, children }: { kind: Said["kind"]; answers?: boolean; children: Child }) => (
  <div
    class={`notice ${kind}`}
    role={kind === "problem" ? "alert" : "status"}
    tabindex={answers ? -1 : undefined}
    autofocus={answers}
  >
    {children}
  </div>
);

/** What a form came to, on the page that it leads to. */
export const SaidNotice = ({ said }: { said: Said | null | undefined }) =>
  said && (
    <Notice kind={said.kind} answers>
      {said.words}
    </Notice>
  );

/** Ways to go, the one that leads here marked. A list, so that text browsers keep them apart. */
export const Links = ({
  name,
  links,
  here,
}: {
  name: string;
  links: [href: string, words: string][];
  here: string;
}) => (
  <nav aria-label={name}>
    <ul>
      {links.map(([href, words]) => (
        <li>
          <a href={href} aria-current={here === href ? "page" : undefined}>
            {words}
          </a>
        </li>
      ))}
    </ul>
  </nav>
);

/** One entry of a list of facts: its name above, itself below. */
export const Fact = ({ name, children }: { name: string; children: Child }) => (
  <div>
    <dt>{name}</dt>
    <dd>{children}</dd>
  </div>
);

/** A page of history that goes on: a plain link, which the script turns into more rows in place. */
export const More = ({ href, children }: { href: string; children: Child }) => (
  <p>
    <a class="button second" href={href} rel="next">
      {children}
    </a>
  </p>
);

/** The hidden proof that a form was drawn by us for this browser. */
export const FormToken = ({ token }: { token: string }) => <input type="hidden" name="form_token" value={token} />;

type Method = { kind: string; brand: string; lastFour: string };

/** A way of paying in words: `Visa ending 4242`, `Check 1044`, `Cash`. */
export function methodText({ kind, brand, lastFour }: Method, t: Text): string {
  const key = brand.toLowerCase();
  const name = Object.hasOwn(t.pay.brands, key) ? t.pay.brands[key]! : brand;
  if (kind === "check" && lastFour) return t.pay.checkNumber(lastFour);
  const kindName = t.pay.kinds[kind as keyof typeof t.pay.kinds] ?? t.pay.kinds.other;
  if (!lastFour) return name || kindName;
  return kind === "bank"
    ? t.pay.bankEnding(name || kindName, lastFour)
    : t.pay.methodEnding(name || kindName, lastFour);
}

/** Help for whoever cannot get in: a person, by telephone. */
export const Stuck = ({ t, phone }: { t: Text; phone: string }) => (
  <p>
    <a href={telephone(phone)}>{t.signIn.stuck(phone)}</a> · <a href="/contact-us">{t.contact.title}</a>
  </p>
);

/** A telephone number as people here read it: a US one with its area code apart, any other as it is kept. */
export const phoneText = (kept: string): string => kept.replace(/^\+1(\d{3})(\d{3})(\d{4})$/, "($1) $2-$3");

/** A telephone number as a link that a phone can call. */
export const telephone = (phone: string): string => `tel:${phone.replace(/[^+\d]/g, "")}`;
