import type { TextFacts } from "../src/messaging/text-facts.ts";
import { dollars } from "../src/money.ts";
import { dateText } from "./text/dates.ts";
import { textIn } from "./text/language.ts";

/** Texts that go to a telephone, in the 160 characters that are one message. */

/** More is two messages, and in characters that telephones do not all have (GSM 03.38) 70 are. https://www.twilio.com/docs/glossary/what-sms-character-limit */
const ONE_MESSAGE = 160;

/** The basic alphabet, without those that count as two. */
const GSM = /[@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !"#¤%&'()*+,\-./0-9:;<=>?¡A-ZÄÖÑÜ§¿a-zäöñüà]/;

const NEAREST: Record<string, string> = {
  "‘": "'",
  "’": "'",
  "“": '"',
  "”": '"',
  "–": "-",
  "—": "-",
  "…": "...",
  "[": "(",
  "]": ")",
  "{": "(",
  "}": ")",
  "|": "/",
  "\\": "/",
  "~": "-",
  "^": "",
  "`": "'",
  "€": "EUR",
  "\u00a0": " ",
};

/** A text in that alphabet: letters without their accents where they have to be, and nothing that no telephone has. */
export const onTelephones = (text: string): string =>
  Array.from(text.normalize("NFC"), (character) => {
    if (GSM.test(character)) return character;
    const plain = NEAREST[character] ?? character.normalize("NFD").replace(/\p{M}/gu, "");
    return Array.from(plain).every((one) => GSM.test(one)) ? plain : "";
  }).join("");

/** A text with a pay link: who writes, what for as far as it fits, the link, and how to stop. The link is never cut. */
export function composeText({ language, dealer, number, owedCents, dueOn, address }: TextFacts): string {
  const words = textIn(language).payLink.text;
  const amount = dollars(owedCents);
  const text = (name: string, what: string) => onTelephones(`${name}: ${what} ${address} ${words.stop}`);
  const whats = [
    words.inFull(number, amount, dateText(dueOn, language)),
    words.shorter(number, amount),
    words.brief(number),
    words.shortest,
  ];
  const fitting = whats.map((what) => text(dealer, what)).find(({ length }) => length <= ONE_MESSAGE);
  if (fitting) return fitting;
  // A name of which nothing is left tells nobody who writes: then it may be two messages.
  const room = Math.max(10, ONE_MESSAGE - text("", words.shortest).length);
  return text(onTelephones(dealer).slice(0, room).trim(), words.shortest);
}
