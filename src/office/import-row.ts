import { createHash } from "node:crypto";
import { EMAIL } from "../auth/contact-rules.ts";
import { type LocalDate, parseDate } from "../calendar.ts";
import { type Cents, parseCents } from "../money.ts";
import { withoutApostrophe } from "./csv.ts";

/** What is wrong with a row: a field's name (empty when it is the row as a whole) and a reason in words. */
export type Problem = { field: string; reason: string };

/** The longest text a cell may hold where nothing else is said. */
const LONGEST = 200;

/** One row of a file, read field by field. What cannot be read is said in `problems`; nothing throws. */
export class Row {
  readonly number: number;
  readonly problems: Problem[] = [];
  readonly #cells: string[];
  readonly #at: Map<string, number>;

  constructor(number: number, cells: string[], at: Map<string, number>) {
    this.number = number;
    this.#cells = cells;
    this.#at = at;
  }

  /** Says that a field of this row is wrong; the first word on a field stands. */
  refuse(field: string, reason: string): void {
    if (!this.problems.some((problem) => problem.field === field)) this.problems.push({ field, reason });
  }

  /** A text without stray spaces and control characters; empty when there is none. */
  text(field: string, longest = LONGEST): string {
    const at = this.#at.get(field);
    const value = at === undefined ? "" : tidy(this.#cells[at] ?? "");
    if (value.length > longest) this.refuse(field, `is longer than ${longest} characters`);
    return value;
  }

  /** A text that may run over several lines and in which nobody's card number is kept. */
  freeText(field: string): string {
    return withoutCardNumbers(this.text(field, 2000));
  }

  /** A text that must be there. */
  needed(field: string): string {
    const value = this.text(field);
    if (value === "") this.refuse(field, "is empty");
    return value;
  }

  /** An amount of money, or null when the cell is empty or unreadable. */
  money(field: string): Cents | null {
    const value = this.text(field);
    // Databases write money with four decimals: 44.9500. Zeros after the cents change nothing.
    const parsed = value === "" ? null : parseCents(value.replace(/(\.\d\d)0+(\)?)$/, "$1$2"));
    if (value !== "" && parsed === null) this.refuse(field, `${quote(value)} is not an amount of money`);
    return parsed;
  }

  neededMoney(field: string): Cents {
    if (this.text(field) === "") this.refuse(field, "is empty");
    return this.money(field) ?? (0 as Cents);
  }

  /** A calendar day, or null when the cell is empty or there is no such day. A time of midnight after it is dropped. */
  date(field: string): LocalDate | null {
    const value = this.text(field);
    if (value === "") return null;
    const day = dayOf(value);
    if (day === null) {
      const looksLikeOne = /^\d{1,2}\/\d{1,2}\/\d{4}$|^\d{4}-\d{2}-\d{2}$/.test(value);
      this.refuse(field, looksLikeOne ? `there is no day ${value}` : `${quote(value)} is not a date like 11/30/2026`);
    }
    return day;
  }

  neededDate(field: string): LocalDate {
    if (this.text(field) === "") this.refuse(field, "is empty");
    return this.date(field) ?? ("1970-01-01" as LocalDate);
  }

  /** An e-mail address as typed, or null. Strict: one address, nothing around it. */
  email(field: string): string | null {
    const value = this.text(field, 254);
    if (value !== "" && !EMAIL.test(value)) this.refuse(field, `${quote(value)} is not an e-mail address`);
    return value === "" ? null : value;
  }
}

/** The days read last: an export names the same few hundred over and over, and reading one is what takes longest. */
const days = new Map<string, LocalDate | null>();

function dayOf(text: string): LocalDate | null {
  const known = days.get(text);
  if (known !== undefined) return known;
  if (days.size > 10_000) days.clear();
  const day = parseDate(text.replace(/[ T](?:0?0:00(?::00(?:\.0+)?)?|12:00(?::00)? ?AM)$/i, ""));
  days.set(text, day);
  return day;
}

/** Fingerprint of a row as it was understood: two rows that mean the same have the same one. */
export const fingerprint = (meaning: unknown): string =>
  createHash("sha256").update(JSON.stringify(meaning)).digest("base64url").slice(0, 22);

/** Somebody's text inside a sentence of ours: short, on one line, without card numbers. */
export function quote(text: string): string {
  const line = withoutCardNumbers(tidy(text).replace(/\s+/g, " "));
  return `"${line.length > 40 ? `${line.slice(0, 39)}…` : line}"`;
}

/** A list of words that all mean one thing; `_` stands for a space. */
export const synonyms = <T>(meaning: T, words: string): Record<string, T> =>
  Object.fromEntries(words.split(" ").map((word) => [word.replaceAll("_", " "), meaning]));

/** What a word means by such lists, case and punctuation aside. */
export function meaningOf<T>(lists: Record<string, T>, text: string): T | undefined {
  const word = text
    .toLowerCase()
    .replace(/[^a-z]+/g, " ")
    .trim();
  return Object.hasOwn(lists, word) ? lists[word] : undefined;
}

function tidy(cell: string): string {
  if (/^[!-&(-<>-~][ -~]*$/.test(cell)) return cell.trimEnd();
  // ="00123" is how some programs keep a spreadsheet from eating zeros.
  const plain = withoutApostrophe(cell.trim()).replace(/^="([^"]*)"$/, "$1");
  return plain.normalize("NFC").replaceAll("\t", " ").replace(CONTROL, "").trim();
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what has to go
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

/** A text with all but the last four digits of every card number in it struck out (PCI DSS 3.4). */
export const withoutCardNumbers = (text: string): string =>
  text.replace(/(?<![\d.])\d(?:[ -]?\d){12,18}(?!\d)/g, (found) => {
    const digits = found.replace(/\D/g, "");
    return isCardNumber(digits) ? `${"*".repeat(digits.length - 4)}${digits.slice(-4)}` : found;
  });

/** https://en.wikipedia.org/wiki/Luhn_algorithm */
function isCardNumber(digits: string): boolean {
  let total = 0;
  for (let i = 0; i < digits.length; i++) {
    const digit = Number(digits[digits.length - 1 - i]);
    total += i % 2 === 0 ? digit : digit * 2 > 9 ? digit * 2 - 9 : digit * 2;
  }
  return total % 10 === 0;
}
