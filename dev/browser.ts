import { spawnSync } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { delimiter, join } from "node:path";
import { chromium } from "@playwright/test";

const COMMANDS = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome"];

const MAC = [
  "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
  "/Applications/Chromium.app/Contents/MacOS/Chromium",
];

const ADVICE = "Install Chromium or Chrome, or say where it is with CHROMIUM=/path/to/chromium.";

/**
 * A Chromium or Chrome on this machine: what CHROMIUM names, else one on the PATH or in the usual place, else the one
 * Playwright installed. Null when there is none. Throws when CHROMIUM names something that cannot be run.
 */
export function installedChromium(env: Record<string, string | undefined> = process.env): string | null {
  if (env.CHROMIUM) {
    if (!runnable(env.CHROMIUM)) throw new Error(`CHROMIUM=${env.CHROMIUM} cannot be run.`);
    return env.CHROMIUM;
  }
  const folders = [...(env.PATH ?? "").split(delimiter), "/usr/bin"].filter(Boolean);
  const candidates = [
    ...folders.flatMap((folder) => COMMANDS.map((name) => join(folder, name))),
    ...MAC,
    chromium.executablePath(),
  ];
  return candidates.find(runnable) ?? null;
}

/**
 * The browser that the tests drive, installed when there is none: Playwright's own, and where that cannot be downloaded,
 * Debian's package (as root or with sudo that asks nothing). Throws one sentence when nothing works.
 */
export function chromiumPath(): string {
  const installed = installedChromium();
  if (installed) return installed;
  console.error("No browser found; installing Chromium for the browser tests.");
  for (const install of [withPlaywright, withApt]) {
    if (!install()) continue;
    const path = installedChromium();
    if (path) return path;
  }
  throw new Error(`No browser could be installed here. ${ADVICE}`);
}

// A machine without a way out must not hang here: Playwright gives up after five minutes.
const withPlaywright = () => run("npx", ["playwright", "install", "chromium"], 300_000);

function withApt(): boolean {
  if (!existsSync("/usr/bin/apt-get")) return false;
  const root = process.getuid?.() === 0;
  if (!root && spawnSync("sudo", ["-n", "true"]).status !== 0) return false;
  const apt = (...args: string[]) =>
    root ? run("apt-get", args, 600_000) : run("sudo", ["-n", "apt-get", ...args], 600_000);
  return apt("update", "-q") && apt("install", "-q", "-y", "--no-install-recommends", "chromium");
}

function run(command: string, args: string[], timeout: number): boolean {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  // Standard output may be somebody's answer (`chromiumPath` in a script), so progress goes to the other one.
  return spawnSync(command, args, { stdio: ["ignore", 2, 2], timeout, env }).status === 0;
}

/** Whether it starts: a file may be there without the libraries it needs, or only say that it must be installed. */
function runnable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
  } catch {
    return false;
  }
  return spawnSync(path, ["--version"], { timeout: 30_000 }).status === 0;
}

if (import.meta.main) {
  try {
    console.log(chromiumPath());
  } catch (problem) {
    console.error(problem instanceof Error ? problem.message : problem);
    process.exit(1);
  }
}
