import type { Cursor } from "./invoices.ts";

/** Cuts off the one row too many that says there is more; `last` is where the next page begins. */
export function pageOf<Row>(found: readonly Row[], size: number): { rows: Row[]; last: Row | null } {
  const rows = found.slice(0, size);
  return { rows, last: found.length > size ? rows.at(-1)! : null };
}

/** A cursor as it stands in an address. */
export const cursorOf = (on: string, id: string): string => encodeURIComponent(`${on}~${id}`);

/** The cursor of an address, or null for anything that is not one. */
export function readCursor(text: string | undefined): Cursor | null {
  const match = /^(\d{4}-\d{2}-\d{2})~(.{1,100})$/.exec(text ?? "");
  return match ? { on: match[1]!, id: match[2]! } : null;
}
