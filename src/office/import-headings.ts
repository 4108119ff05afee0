/** A thing an import wants to know, and what back offices call its column. */
export type Field = {
  name: string;
  /** As it stands in a question: "the invoice number". */
  means: string;
  /** Synonyms, written as `plain` writes them. */
  words: string[];
  needed?: true;
};

/** Somebody's word for it that a heading means a field; `file` is a kind of file (`invoices`), `field` may be `ignore`. */
export type Mapping = { file: string; heading: string; field: string };

/** What could not be matched, and so has to be asked: no column for something needed, or several for one thing. */
export type Question = {
  file: string;
  kind: string;
  field: string;
  means: string;
  /** The headings that might be meant. */
  headings: string[];
  sentence: string;
};

/** Which column holds which field, and the headings that hold nothing we keep. */
export type Columns = { at: Map<string, number>; unused: string[] };

/** Headings of a file of wrong rows that has been corrected and sent back. */
const OUR_OWN = ["file", "row", "column", "wrong because"];

/**
 * Finds each field's column by what somebody has told us, else by synonyms. Never guesses: what is missing, and what
 * two columns could mean, comes back as questions.
 */
export function matchHeadings(
  file: { name: string; kind: string },
  headings: string[],
  fields: Field[],
  mappings: Mapping[],
): { columns: Columns; questions: Question[] } {
  const told = new Map(mappings.filter((m) => m.file === file.kind).map((m) => [plain(m.heading), m.field]));
  const found = new Map<string, number[]>();
  const unused: string[] = [];
  for (const [i, heading] of headings.entries()) {
    const field = told.get(plain(heading)) ?? fieldFor(heading, fields)?.name;
    if (field !== undefined && fields.some((f) => f.name === field)) found.set(field, [...(found.get(field) ?? []), i]);
    else if (field !== "ignore" && !OUR_OWN.includes(plain(heading))) unused.push(heading);
  }
  const at = new Map<string, number>();
  const questions: Question[] = [];
  for (const field of fields) {
    const all = found.get(field.name) ?? [];
    const named = all.filter((i) => told.get(plain(headings[i]!)) === field.name);
    const candidates = named.length > 0 ? named : all;
    if (candidates.length === 1) at.set(field.name, candidates[0]!);
    else if (candidates.length > 1)
      questions.push(
        ambiguous(
          file,
          field,
          candidates.map((i) => headings[i]!),
        ),
      );
    else if (field.needed) questions.push(missing(file, field, unused));
  }
  return { columns: { at, unused }, questions };
}

/** The field of this kind of file that a heading means by itself, if any. */
export const fieldFor = (heading: string, fields: Field[]): Field | undefined => {
  const words = plain(heading);
  return fields.find((field) => field.words.includes(words));
};

const EXAMPLE = (file: string, heading: string, field: string) => `--map "${file}:${heading}=${field}"`;

const missing = (file: { name: string; kind: string }, field: Field, headings: string[]): Question => ({
  file: file.name,
  kind: file.kind,
  field: field.name,
  means: field.means,
  headings,
  sentence:
    headings.length === 0
      ? `${file.name} has no column for ${field.means}.`
      : `${file.name} has no column that is clearly ${field.means}. It may be one of ${headings.map((h) => `"${h}"`).join(", ")}; say which, as in ${EXAMPLE(file.name, headings[0]!, field.name)}.`,
});

const ambiguous = (file: { name: string; kind: string }, field: Field, headings: string[]): Question => ({
  file: file.name,
  kind: file.kind,
  field: field.name,
  means: field.means,
  headings,
  sentence: `${file.name} has several columns that could be ${field.means}: ${headings.map((h) => `"${h}"`).join(", ")}; say which, as in ${EXAMPLE(file.name, headings[0]!, field.name)}.`,
});

const SHORT: Record<string, string> = {
  no: "number",
  num: "number",
  nbr: "number",
  acct: "account",
  cust: "customer",
  inv: "invoice",
  pmt: "payment",
  addr: "address",
  desc: "description",
  qty: "quantity",
  amt: "amount",
  svc: "service",
  dt: "date",
  mail: "email",
};

/** A heading or a file's name without case, punctuation and abbreviations: `Cust. #`, `CustomerNo` → `customer number`. */
export const plain = (heading: string): string =>
  heading
    .normalize("NFKC")
    .replace(/([a-z])([A-Z])/g, "$1 $2")
    .toLowerCase()
    .replaceAll("e-mail", "email")
    .replaceAll("#", " number ")
    .replace(/[^\p{L}\p{N}]+/gu, " ")
    .trim()
    .split(" ")
    .map((word) => (Object.hasOwn(SHORT, word) ? SHORT[word]! : word))
    .join(" ");
