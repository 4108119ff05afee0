import { describe, expect, test } from "vitest";
import { CEDAR_RIDGE } from "../../db/cast.ts";
import type { Purpose } from "../../src/auth/tokens.ts";
import type { Settings } from "../../src/batch.ts";
import { palette } from "../../src/colours.ts";
import { dealerOf } from "../../src/dealer.ts";
import type { LinkLetterKind, NoticeKind } from "../../src/messaging/promise-letter.ts";
import type { LetterFacts } from "../../src/messaging/send.ts";
import { composeLetter } from "../../views/mail.tsx";
import { testDealer } from "../templates.ts";

const SECRET = "a-secret_0123456789012345678901234567890123";
const PHONE = CEDAR_RIDGE.settings.phone;
const DEALER = CEDAR_RIDGE.settings.name;

/** Each kind of letter with a link, what its link is for, and where that leads. */
const LINKS: Record<LinkLetterKind, { purpose: Purpose; path: string }> = {
  registration: { purpose: "registration", path: `/passwords/${SECRET}` },
  temporary_password: { purpose: "temporary", path: "/sign-in" },
  password_reset: { purpose: "password", path: `/passwords/${SECRET}` },
  invitation: { purpose: "invitation", path: `/invitations/${SECRET}` },
  email_confirmation: { purpose: "email", path: `/email-addresses/${SECRET}` },
};

/** Each notice, and a word of what happened in each language. */
const NOTICES: Record<NoticeKind, { en: RegExp; es: RegExp }> = {
  password_changed: { en: /password .* was just changed/, es: /cambiar la contraseña/ },
  email_changing: { en: /use another e-mail address/, es: /usar otra dirección/ },
  email_changed: { en: /with another e-mail address/, es: /con otra dirección/ },
  two_step_on: { en: /also asks for a code/, es: /también se pide un código/ },
  two_step_off: { en: /no longer asks for a code/, es: /ya no se pide un código/ },
  provider_linked: { en: /can now also sign in/, es: /ahora también puede entrar/i },
  provider_unlinked: { en: /no longer signs you in/, es: /ya no le deja entrar/ },
};

type Kind = LinkLetterKind | NoticeKind;
const KINDS = [...Object.keys(LINKS), ...Object.keys(NOTICES)] as Kind[];
const LANGUAGES = ["en", "es", null] as const;
const ALL = KINDS.flatMap((kind) => LANGUAGES.map((language) => ({ kind, language })));

const isLink = (kind: Kind): kind is LinkLetterKind => Object.hasOwn(LINKS, kind);

function letter(kind: Kind, language: LetterFacts["language"], more: Partial<LetterFacts> = {}) {
  const link = isLink(kind)
    ? {
        purpose: LINKS[kind].purpose,
        secret: SECRET,
        email: "new@example.com",
        temporaryPassword: kind === "temporary_password" ? "ab12-cd34-ef56" : null,
      }
    : null;
  return composeLetter({
    kind,
    language,
    settings: CEDAR_RIDGE.settings as Settings,
    dealer: dealerOf(testDealer(CEDAR_RIDGE)),
    recipient: "Priya Raman",
    account: { name: "Priya Raman", number: "CR-10052" },
    payment: null,
    method: null,
    autopay: null,
    link,
    lines: [],
    ...more,
  });
}

/** What a reader of the HTML part sees. */
const readable = (html: string) =>
  html
    .replace(/<title>.*?<\/title>/s, "")
    .replace(/<[^>]+>/g, " ")
    .replaceAll("&#39;", "'")
    .replaceAll("&quot;", '"')
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")
    .replace(/\s+/g, " ");

const linksIn = (html: string) => [...html.matchAll(/href="([^"]+)"/g)].map((match) => match[1]!);

describe("every letter about getting in", () => {
  test.for(ALL)("$kind in $language has a subject of one line that names the dealer", ({ kind, language }) => {
    const { subject } = letter(kind, language);
    expect(subject).toContain(DEALER);
    expect(subject).not.toMatch(/\p{Cc}/u);
    expect(subject.length).toBeLessThan(90);
  });

  test.for(ALL)("$kind in $language leads to one place, the same in both its parts", ({ kind, language }) => {
    const { html, text } = letter(kind, language);
    const url = `https://cedar-ridge.test${isLink(kind) ? LINKS[kind].path : "/profile"}`;
    expect([...new Set(linksIn(html))]).toEqual([url]);
    expect([...new Set(text.match(/https?:\/\/\S+/g))]).toEqual([url]);
    expect(linksIn(html)).toHaveLength(language ? 1 : 2);
    expect(html).not.toMatch(/<img|<script|<form|src=|url\(/);
    const shown = readable(html);
    for (const line of text.split("\n").filter((one) => one !== "" && one !== "* * *" && !one.includes("https://")))
      expect(shown).toContain(line);
  });

  test.for(ALL)("$kind in $language says whom to call, what it is about, and little else", ({ kind, language }) => {
    const { text } = letter(kind, language);
    const halves = text.split("\n\n* * *\n\n");
    expect(halves).toHaveLength(language ? 1 : 2);
    for (const half of halves) {
      expect(half).toContain(PHONE);
      expect(half).toContain(DEALER);
      expect(half.split(/\s+/).length).toBeLessThan(130);
      expect(half).not.toMatch(/undefined|null|\[object/);
    }
  });

  test.for(KINDS)("%s is in the language of whoever reads it, and in both where nobody has said", (kind) => {
    const [english, spanish, both] = [letter(kind, "en"), letter(kind, "es"), letter(kind, null)];
    expect(english.text).toMatch(/^Hello /);
    expect(spanish.text).toMatch(/^Hola, /);
    expect(spanish.text).not.toMatch(/\b(you|your|password|link|address|sign in)\b/i);
    expect(english.text).not.toMatch(/[áéíóúñ¿¡]/);
    expect(both.text).toBe(`${english.text}\n\n* * *\n\n${spanish.text}`);
    expect(both.subject).toBe(english.subject);
    expect(english.html).toContain('<html lang="en">');
    expect(spanish.html).toContain('<html lang="es">');
    expect(both.html).toMatch(/<html lang="en">[\s\S]*<div lang="en">[\s\S]*<hr[\s\S]*<div lang="es">/);
  });

  test.for(KINDS)("%s shows names as they are, whatever is in them", (kind) => {
    const hostile = `<b onmouseover="alert(1)">Dvořák & "Söhne"</b>\r\nBcc: a@evil.example`;
    const { html, subject } = letter(kind, null, {
      recipient: hostile,
      account: { name: `\u202e${hostile}👩‍👩‍👧`, number: "CR-10052" },
      settings: { ...CEDAR_RIDGE.settings, name: hostile } as Settings,
    });
    expect(html).not.toMatch(/<b[ >]|onmouseover="/);
    expect(html).toContain("&lt;b onmouseover");
    expect(subject).not.toMatch(/[\r\n]/);
  });

  test("has a button that can be read on it, whatever the dealer's colour", () => {
    const { html } = letter("password_reset", "en", {
      settings: { ...CEDAR_RIDGE.settings, accent: "#ffee00" } as Settings,
    });
    expect(html).not.toContain("#ffee00");
    expect(html).toContain(`background:${palette("#ffee00").accent};color:#fff`);
  });
});

describe("a letter with a link", () => {
  test.for(Object.keys(LINKS) as LinkLetterKind[])("%s says how long it works and what if nobody asked", (kind) => {
    const { text } = letter(kind, "en");
    expect(text).toMatch(/(works once|It works once), for (one day|three days|14 days)\./);
    expect(text).toMatch(/If you (did not ask for this|do not know what this is), do nothing/);
  });

  test("is not made without one", () => {
    expect(() => letter("registration", "en", { link: null })).toThrow("has a link");
  });

  test("with a temporary password shows it, as it is typed", () => {
    const { text, html } = letter("temporary_password", "en");
    expect(text).toContain("\n\nab12-cd34-ef56\n\n");
    expect(readable(html)).toContain(" ab12-cd34-ef56 ");
  });

  test("to a new address does not name the user: it may have been mistyped", () => {
    for (const language of LANGUAGES) {
      const { html, text } = letter("email_confirmation", language, { account: null });
      expect(html + text).not.toContain("Priya");
      expect(text).toContain("new@example.com");
    }
  });

  test("to somebody invited says to which account, as far as that is known", () => {
    expect(letter("invitation", "en").text).toContain("the account of Priya Raman with");
    expect(letter("invitation", "en", { account: null }).text).toContain("to see an account with");
  });
});

describe("a notice", () => {
  test.for(Object.keys(NOTICES) as NoticeKind[])("%s says what was changed, and to call at once", (kind) => {
    expect(letter(kind, "en").text).toMatch(NOTICES[kind].en);
    expect(letter(kind, "es").text).toMatch(NOTICES[kind].es);
    expect(letter(kind, "en").text).toContain(`If this was not you, call us at once: ${PHONE}.`);
    expect(letter(kind, "es").text).toContain(`Si no fue usted, llámenos de inmediato: ${PHONE}.`);
  });
});
