/**
 * What may go wrong with a request.
 * - `down`: the connection is cut before anything is done.
 * - `refused_500`: 500, nothing done, nothing saved under the key.
 * - `saved_500`: 500, nothing done, yet saved under the key and replayed.
 * - `acted_500`: it is done, and a 500 is saved under the key and replayed.
 * - `cut_after`: it is done and saved, and the connection is cut before the answer.
 * - `late`: the connection is cut, and it is done `seconds` later; until then its key is in use (409).
 * - `rate_limited`: 429, nothing done. `conflict`: 409, nothing done.
 */
export const FAULT_KINDS = [
  "down",
  "refused_500",
  "saved_500",
  "acted_500",
  "cut_after",
  "late",
  "rate_limited",
  "conflict",
] as const;

export type FaultKind = (typeof FAULT_KINDS)[number];

/**
 * `match` is a method and a path in which `*` is one or more characters (`POST /v1/checkout/sessions`, `GET /v1/*`), or
 * `*` alone for everything.
 */
export type Fault = { match: string; kind: FaultKind; times: number | null; seconds: number };

export type Faults = {
  /** Plans a fault for the next `times` matching requests (null: until cleared). Once when `times` is not given. */
  add(fault: { match: string; kind: FaultKind; times?: number | null; seconds?: number }): void;
  list(): Fault[];
  clear(): void;
  /** The fault that strikes this request, counted down. Earlier plans strike first. */
  strike(method: string, path: string): Fault | null;
};

const fits = (match: string, line: string): boolean => {
  const pattern = match
    .split("*")
    .map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&"))
    .join(".+");
  return new RegExp(`^${pattern}$`).test(line);
};

/** A list of planned faults; it lives in the array that is given, so that it can be saved. */
export function faultsIn(plans: Fault[]): Faults {
  return {
    add({ match, kind, times = 1, seconds = 60 }) {
      plans.push({ match, kind, times, seconds });
    },
    list: () => structuredClone(plans),
    clear() {
      plans.length = 0;
    },
    strike(method, path) {
      const fault = plans.find((one) => fits(one.match, `${method} ${path}`));
      if (!fault) return null;
      if (fault.times !== null) {
        fault.times -= 1;
        if (fault.times < 1) plans.splice(plans.indexOf(fault), 1);
      }
      return fault;
    },
  };
}
