/** How people are reached, as they type it and as it is kept. */

/** One e-mail address and nothing around it. Strict: what a mail program would have to quote is no address to us. */
export const EMAIL =
  /^[a-z0-9_%'-][a-z0-9_%'+&-]*(?:\.[a-z0-9_%'+&-]+)*@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;

const LONGEST_EMAIL = 254;

/** An e-mail address in small letters, or null when it is none. */
export function emailAddress(typed: string): string | null {
  const address = typed.trim().toLowerCase();
  return address.length <= LONGEST_EMAIL && EMAIL.test(address) ? address : null;
}

/**
 * A US telephone number as E.164, or null when it is something else. For one country's ten digits a library of all the
 * world's plans weighs too much: 30 kB gzipped.
 */
export function usNumber(typed: string): string | null {
  const national = /^(?:\+?1)?([2-9]\d{2}[2-9]\d{6})$/.exec(typed.replace(/[\s().-]/g, ""))?.[1];
  return national ? `+1${national}` : null;
}

/** A text of one line: what is invisible in it, or turns the text after it round, becomes a blank. */
export const oneLine = (typed: string): string =>
  typed
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cs}\u2028-\u202e\u2066-\u2069]+/gu, " ")
    .replace(/\s+/g, " ")
    .trim();

/** What a customer may change of an account, by the names that the export gives it. */
export const CONTACT_FIELDS = [
  "phone",
  "mobile",
  "email",
  "line1",
  "line2",
  "city",
  "state",
  "zip",
  "paperless",
] as const;

export type ContactField = (typeof CONTACT_FIELDS)[number];

/** An account's contact details as text; nothing is the empty text, `paperless` is `yes` or `no`. */
export type Contact = Record<ContactField, string>;

export type ContactProblem = "phone" | "email" | "needed" | "long" | "state" | "zip" | "paperless";

/** The longest text of each field that people write freely. */
const LONGEST: Partial<Record<ContactField, number>> = { phone: 40, mobile: 40, line1: 100, line2: 100, city: 60 };

/**
 * What a form changes of what it showed: fields that read the same are not in it, so an old form overwrites nothing that
 * it did not change. A field that the form lacks is one that it did not change.
 */
export function contactChanges(
  typed: Partial<Contact>,
  shown: Contact,
): { changes: Partial<Contact>; problems: Partial<Record<ContactField, ContactProblem>> } {
  const changes: Partial<Contact> = {};
  const problems: Partial<Record<ContactField, ContactProblem>> = {};
  for (const field of CONTACT_FIELDS) {
    if (typed[field] === undefined) continue;
    const text = oneLine(typed[field]);
    const read = readField(field, text);
    // What came from the dealer's own records need not be as we would have it.
    if (text === shown[field] || read.value === shown[field]) continue;
    if (read.problem) problems[field] = read.problem;
    else changes[field] = read.value;
  }
  const after = { ...shown, ...changes };
  if (after.paperless === "yes" && after.email === "" && (changes.paperless || changes.email !== undefined))
    problems[changes.paperless ? "paperless" : "email"] = "paperless";
  return { changes, problems };
}

type ReadField = { value: string; problem?: undefined } | { value: null; problem: ContactProblem };

function readField(field: ContactField, text: string): ReadField {
  const or = (value: string | null, problem: ContactProblem): ReadField =>
    value === null ? { value, problem } : { value };
  if (text.length > (LONGEST[field] ?? LONGEST_EMAIL)) return { value: null, problem: "long" };
  switch (field) {
    case "phone":
    case "mobile":
      return or(text === "" ? "" : telephoneNumber(text), "phone");
    case "email":
      return or(text === "" ? "" : emailAddress(text), "email");
    case "line2":
      return { value: text };
    case "line1":
    case "city":
      return or(text === "" ? null : text, "needed");
    case "state":
      return or(/^[a-z]{2}$/i.test(text) ? text.toUpperCase() : null, "state");
    case "zip":
      return or(/^\d{5}(-\d{4})?$/.test(text) ? text : null, "zip");
    case "paperless":
      return { value: text === "yes" ? "yes" : "no" };
  }
}

/** A US number as E.164; one with an extension, or of another country, as it was typed. */
function telephoneNumber(text: string): string | null {
  const digits = text.replace(/\D/g, "").length;
  const legible = /^\+?[\d\s()./-]+(?:(?:x|ext\.?)\s*\d{1,6})?$/i.test(text) && digits >= 10 && digits <= 20;
  return usNumber(text) ?? (legible ? text : null);
}
