/** Every table, in reading order. */

export * from "./schema/access.ts";
export * from "./schema/ledger.ts";
export * from "./schema/people.ts";
export * from "./schema/premises.ts";
export * from "./schema/records.ts";
export * from "./schema/standing.ts";
