import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { installedChromium } from "../../dev/browser.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "browser-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const program = (name: string, exit: number) => {
  const path = join(folder, name);
  writeFileSync(path, `#!/bin/sh\nexit ${exit}\n`);
  chmodSync(path, 0o755);
  return path;
};

test("the browser that CHROMIUM names is taken, whatever else is there", () => {
  program("chromium", 0);
  const chosen = program("my-browser", 0);
  expect(installedChromium({ CHROMIUM: chosen, PATH: folder })).toBe(chosen);
});

test("a browser that CHROMIUM names and that does not start is a mistake to hear of", () => {
  const path = program("broken", 1);
  expect(() => installedChromium({ CHROMIUM: path })).toThrow(`CHROMIUM=${path} cannot be run.`);
});

test("a browser on the PATH is found, and one that only says it must be installed is passed over", () => {
  program("chromium", 1);
  const works = program("google-chrome", 0);
  expect(installedChromium({ PATH: folder })).toBe(works);
});
