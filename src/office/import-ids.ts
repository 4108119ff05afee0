import type { Instant } from "../calendar.ts";
import { newId } from "../ids.ts";

/** Makes the ids of one run. */
export type MakeId = (prefix: string) => string;

/**
 * Ids of the usual shape that sort in the order in which they are made. An import makes a million of them in one second
 * of `now`: with twelve characters of chance each would land on another page of every index, which costs three times
 * the time at 20,000 customers. Here five characters are chance and seven count.
 */
export function orderedIds(now: Instant): MakeId {
  const start = newId("", now).slice(1, 14);
  let made = 0;
  return (prefix) => `${prefix}_${start}${(++made).toString(16).padStart(7, "0")}`;
}
