import { existsSync, readFileSync, writeFileSync } from "node:fs";

/** The town's clock runs as fast as the real one, this many seconds ahead of it (or behind). */
export type Clock = {
  /** UTC seconds. */
  now: () => number;
  offsetSeconds: () => number;
  set: (at: number) => void;
  step: (seconds: number) => void;
  reset: () => void;
};

/** Where the town's people keep their calendar. */
export const TOWN_ZONE = "America/New_York";

/** When a fresh town begins: 1 December 2026, ten in the morning. The cast's invoices are dated around it. */
export const TOWN_BEGINS = townTime("2026-12-01T10:00");

/** The clock kept in a file; a new one begins at TOWN_BEGINS. `real` is the machine's own clock, in UTC seconds. */
export function openClock(file: string, real: () => number = () => Math.floor(Date.now() / 1000)): Clock {
  let offset = existsSync(file) ? kept(file) : TOWN_BEGINS - real();
  const keep = (seconds: number) => {
    offset = seconds;
    writeFileSync(file, `${JSON.stringify({ offset_seconds: offset })}\n`);
  };
  keep(offset);
  return {
    now: () => real() + offset,
    offsetSeconds: () => offset,
    set: (at) => keep(at - real()),
    step: (seconds) => keep(offset + seconds),
    reset: () => keep(TOWN_BEGINS - real()),
  };
}

function kept(file: string): number {
  const { offset_seconds } = JSON.parse(readFileSync(file, "utf8")) as { offset_seconds: unknown };
  if (!Number.isSafeInteger(offset_seconds)) throw new Error(`${file} does not hold a clock; delete it.`);
  return offset_seconds as number;
}

/** UTC seconds of a date and time on the town's wall (`2026-12-01T10:00`, as a form field writes it). Throws on any other text. */
export function townTime(text: string): number {
  const wanted = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}$/.test(text) ? Date.parse(`${text}Z`) / 1000 : Number.NaN;
  if (Number.isNaN(wanted)) throw new RangeError(`not a date and time: ${text}`);
  // How far the wall is from UTC depends on the instant sought; the first guess is at most an hour off.
  const guess = wanted - aheadOfUtc(wanted);
  return wanted - aheadOfUtc(guess);
}

/** `2026-12-01T10:00`: what the town's wall clock shows at an instant. */
export function onTownWall(at: number): string {
  return new Date((at + aheadOfUtc(at)) * 1000).toISOString().slice(0, 16);
}

/** Seconds by which the wall clock is ahead of UTC at an instant; negative in New York. */
function aheadOfUtc(at: number): number {
  const offset = new Intl.DateTimeFormat("en-US", { timeZone: TOWN_ZONE, timeZoneName: "longOffset" });
  const name = offset.formatToParts(at * 1000).find(({ type }) => type === "timeZoneName")?.value ?? "GMT";
  const [, sign, hours, minutes] = /^GMT([+-])(\d{2}):(\d{2})$/.exec(name) ?? ["", "+", "0", "0"];
  return (sign === "-" ? -1 : 1) * (Number(hours) * 3600 + Number(minutes) * 60);
}
