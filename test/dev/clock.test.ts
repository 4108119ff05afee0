import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { onTownWall, openClock, TOWN_BEGINS, townTime } from "../../dev/clock.ts";

let folder: string;
let file: string;
let real: number;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "clock-"));
  file = join(folder, "clock.json");
  real = 1_800_000_000;
});
afterEach(() => rmSync(folder, { recursive: true }));

const open = () => openClock(file, () => real);

test("a fresh town begins on 1 December 2026 at ten in New York, and its clock ticks", () => {
  const clock = open();
  expect(new Date(clock.now() * 1000).toISOString()).toBe("2026-12-01T15:00:00.000Z");
  real += 61;
  expect(clock.now()).toBe(TOWN_BEGINS + 61);
});

test("the clock is kept", () => {
  open().step(5 * 86_400);
  expect(JSON.parse(readFileSync(file, "utf8"))).toEqual({ offset_seconds: TOWN_BEGINS + 5 * 86_400 - real });
  real += 10;
  expect(open().now()).toBe(TOWN_BEGINS + 5 * 86_400 + 10);
});

test("it is set to a date and time on the town's wall, in winter and in summer", () => {
  const clock = open();
  clock.set(townTime("2026-12-24T09:30"));
  expect(new Date(clock.now() * 1000).toISOString()).toBe("2026-12-24T14:30:00.000Z");
  expect(onTownWall(clock.now())).toBe("2026-12-24T09:30");
  expect(new Date(townTime("2026-07-04T09:30") * 1000).toISOString()).toBe("2026-07-04T13:30:00.000Z");
  expect(() => townTime("yesterday")).toThrow();
});

test("it goes back to the beginning when asked", () => {
  const clock = open();
  clock.step(86_400);
  clock.reset();
  expect(clock.now()).toBe(TOWN_BEGINS);
  expect(clock.offsetSeconds()).toBe(TOWN_BEGINS - real);
});

test("a file that holds no clock is named", () => {
  writeFileSync(file, '{"offset_seconds":"soon"}');
  expect(open).toThrow(`${file} does not hold a clock; delete it.`);
});
