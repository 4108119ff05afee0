import { type Field, fieldFor, plain } from "./import-headings.ts";
import type { KindName } from "./import-kind.ts";

/** The order in which files are read, whatever order they come in: what is referred to comes first. */
export const FILE_ORDER: KindName[] = ["customers", "sites", "systems", "zones", "invoices", "payments", "credits"];

/** What back offices call their exports, written as `plain` writes it. */
const NAMES: Record<KindName, string[]> = {
  customers: ["customers", "customer", "accounts", "clients", "subscribers"],
  sites: ["sites", "site", "locations", "premises"],
  systems: ["systems", "system", "alarm systems", "panels"],
  zones: ["zones", "zone", "points"],
  invoices: ["invoices", "invoice", "invoice lines", "invoice details", "invoice items"],
  payments: ["payments", "payment", "receipts", "customer payments", "payment applications"],
  credits: ["credits", "credit", "credit memos", "credit notes", "customer credits"],
};

/** Exports that are not records of this import. */
const NOT_OURS = [
  "call list",
  "contacts",
  "signals",
  "events",
  "work orders",
  "tickets",
  "proposals",
  "quotes",
  "estimates",
];

const NOISE = new Set(["export", "exports", "report", "all", "ar", "the", "latest", "new", "csv", "data"]);

/**
 * What kind of records a file holds: by its name, else by its headings when exactly one kind knows them all and
 * has everything it needs. Null when it is none of them, or cannot be told.
 */
export function kindOfFile(name: string, headings: string[], fields: Record<KindName, Field[]>): KindName | null {
  const words = plain(bareName(name).replace(/\d+/g, " "))
    .split(" ")
    .filter((word) => !NOISE.has(word))
    .join(" ");
  const byName = FILE_ORDER.find((kind) => NAMES[kind].includes(words));
  if (byName || NOT_OURS.includes(words)) return byName ?? null;
  const fitting = FILE_ORDER.filter((kind) => {
    const meant = headings.map((heading) => fieldFor(heading, fields[kind])?.name);
    return !meant.includes(undefined) && fields[kind].every((field) => !field.needed || meant.includes(field.name));
  });
  return fitting.length === 1 ? fitting[0]! : null;
}

/** A file's name without folders and ending: names come from outside and are only ever shown. */
const bareName = (name: string): string => fileName(name).replace(/\.[a-z]{1,4}$/i, "");

/** The last part of a path, however its folders are written. */
export const fileName = (path: string): string =>
  (path.split(/[\\/]/).at(-1) ?? "").replace(/\p{Cc}+/gu, " ").slice(0, 100) || "file.csv";
