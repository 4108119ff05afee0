import { badParameter, missing } from "./stripe-failure.ts";
import type { Fields } from "./stripe-fields.ts";
import { type Bank, type Book, idOf } from "./stripe-state.ts";

/** Fields that hold an id and may be asked for whole, and where that object is kept. */
const EXPANDABLE: Record<string, (book: Book) => Record<string, { id: string }>> = {
  charge: (book) => book.charges,
  customer: (book) => book.customers,
  latest_charge: (book) => book.charges,
  mandate: (book) => book.mandates,
  payment_intent: (book) => book.intents,
  payment_method: (book) => book.methods,
  setup_intent: (book) => book.setupIntents,
};

type Tree = { [name: string]: unknown };
const isTree = (value: unknown): value is Tree => typeof value === "object" && value !== null;

/** A copy of a stored object (or list) with the asked fields replaced by the objects they name, at most four deep. */
export function expanded(bank: Bank, object: object, paths: readonly string[]): object {
  const copy = structuredClone(object);
  for (const path of paths) {
    const steps = path.split(".");
    if (steps.length > 4) throw badParameter("expand", "You cannot expand more than 4 levels of a property.");
    expandAt(bank, copy, steps, path);
  }
  return copy;
}

function expandAt(bank: Bank, at: unknown, steps: readonly string[], path: string): void {
  const [step, ...rest] = steps;
  if (step === undefined || !isTree(at)) return;
  if (step === "data" && Array.isArray(at.data)) {
    for (const item of at.data) expandAt(bank, item, rest, path);
    return;
  }
  const kept = EXPANDABLE[step];
  if (!(step in at) || (!kept && rest.length === 0)) {
    throw badParameter("expand", `This property cannot be expanded (${path}).`);
  }
  const value = at[step];
  if (kept && typeof value === "string") at[step] = structuredClone(kept(bank.book)[value] ?? value);
  expandAt(bank, at[step], rest, path);
}

/** The object with an id, or the 404 to throw. */
export function found<T>(objects: Record<string, T>, id: string, what: string): T {
  const object = Object.hasOwn(objects, id) ? objects[id] : undefined;
  if (!object) throw missing(what, id);
  return object;
}

type Listed = { id: string; created?: number; customer?: string | { id: string } | null };

/** One page of a list, newest first, filtered by `created` and by `customer` where asked. */
export function page<T extends Listed>(
  url: string,
  objects: Record<string, T>,
  fields: Fields,
  keep?: (one: T) => boolean,
) {
  const limit = fields.whole("limit") ?? 10;
  if (limit < 1 || limit > 100) throw badParameter("limit", "Invalid limit: must be between 1 and 100.");
  const after = fields.text("starting_after");
  const before = fields.text("ending_before");
  const inTime = createdWithin(fields);
  const all = Object.values(objects)
    .reverse()
    .filter((one) => inTime(one.created ?? 0) && (!keep || keep(one)));
  const cursor = after ?? before;
  const place = cursor === undefined ? -1 : all.findIndex((one) => one.id === cursor);
  if (cursor !== undefined && place === -1) throw missing("object", cursor, after ? "starting_after" : "ending_before");
  const rest = before === undefined ? all.slice(place + 1) : all.slice(0, place);
  const data = before === undefined ? rest.slice(0, limit) : rest.slice(-limit);
  return { object: "list" as const, data, has_more: rest.length > data.length, url };
}

function createdWithin(fields: Fields): (created: number) => boolean {
  const range = fields.child("created");
  if (!range) return () => true;
  const least = range.whole("gte") ?? (range.whole("gt") ?? Number.NEGATIVE_INFINITY) + 1;
  const most = range.whole("lte") ?? (range.whole("lt") ?? Number.POSITIVE_INFINITY) - 1;
  return (created) => created >= least && created <= most;
}

/** A filter for lists that can be narrowed to one customer. */
export function ofCustomer<T extends Listed>(fields: Fields): (one: T) => boolean {
  const customer = fields.text("customer");
  return (one) => customer === undefined || idOf(one.customer) === customer;
}
