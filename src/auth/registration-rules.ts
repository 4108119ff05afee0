/** What proves that somebody is an account's own: compared as people type, not as machines print. */

/** A customer number as the database keeps it for finding: without blanks and dashes of any kind, in capitals. */
export const plainNumber = (typed: string): string => plain(typed).slice(0, 40);

const plain = (typed: string): string => typed.replace(/[\s\p{Pd}]+/gu, "").replace(/[a-z]/g, (a) => a.toUpperCase());

/** Whether two keys are the same to somebody who reads one off paper: O is 0, I and L are 1. False where there is none. */
export const sameKey = (onFile: string | null, typed: string): boolean =>
  readKindly(onFile ?? "") !== "" && readKindly(onFile ?? "") === readKindly(typed);

// https://www.crockford.com/base32.html
const readKindly = (key: string): string => plain(key).replaceAll("O", "0").replace(/[IL]/g, "1");

/** Whether two ZIP codes agree in their first five characters. False where there is none on file. */
export const sameZip = (onFile: string, typed: string): boolean =>
  plain(onFile) !== "" && plain(onFile).slice(0, 5) === plain(typed).slice(0, 5);

type OnFile = {
  name: string;
  firstName: string;
  lastName: string;
  phone: string | null;
  mobile: string | null;
  email: string | null;
};

/** What of the typed does not agree with the records. What was not typed, or is not on file, differs from nothing. */
export function differences(
  onFile: OnFile,
  typed: { name: string; phone: string; email: string },
): ("name" | "phone" | "e-mail")[] {
  const { firstName, lastName } = onFile;
  const names = [`${firstName}${lastName}`, `${lastName}${firstName}`, onFile.name];
  const phones = [onFile.phone, onFile.mobile].filter((number) => number !== null);
  return [
    ...(agrees(names, typed.name, letters) ? [] : ["name" as const]),
    ...(agrees(phones, typed.phone, lastDigits) ? [] : ["phone" as const]),
    ...(agrees([onFile.email ?? ""], typed.email, (email) => email.toLowerCase()) ? [] : ["e-mail" as const]),
  ];
}

function agrees(onFile: string[], typed: string, essence: (text: string) => string): boolean {
  const known = onFile.map(essence).filter((text) => text !== "");
  return typed.trim() === "" || known.length === 0 || known.includes(essence(typed));
}

/** A name without case, accents, blanks and punctuation. */
const letters = (name: string): string =>
  name
    .normalize("NFD")
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]/gu, "");

/** A US telephone number without its country code and however it is written. */
const lastDigits = (phone: string): string => phone.replace(/\D/g, "").slice(-10);
