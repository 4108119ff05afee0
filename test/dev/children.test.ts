import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Child, startChild } from "../../dev/children.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "children-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const lives = (pid: number) => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

/** A program with a child of its own, which says that child's number; `then` is what it does afterwards. */
async function family(then: string): Promise<{ child: Child; grandchild: number; log: string }> {
  const log = join(folder, "log");
  const script = `
    const { pid } = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 1000)"], { stdio: "inherit" });
    console.log("grandchild " + pid);
    ${then}`;
  let heard = (_: string) => {};
  const line = new Promise<string>((resolve) => {
    heard = resolve;
  });
  const child = await startChild({
    name: "family",
    command: process.execPath,
    args: ["-e", script],
    log,
    onLine: heard,
  });
  return { child, grandchild: Number((await line).split(" ")[1]), log };
}

/** A killed process is gone once its parent, or the system in its place, has taken note. */
const untilGone = async (pid: number) => {
  for (let round = 0; lives(pid) && round < 100_000; round++) await new Promise(setImmediate);
  return !lives(pid) || readFileSync(`/proc/${pid}/stat`, "utf8").includes(") Z ");
};

test("stopping a program takes its own children along", async () => {
  const { child, grandchild, log } = await family("setInterval(() => {}, 1000);");
  expect([lives(child.pid), lives(grandchild)]).toEqual([true, true]);
  await child.stop();
  expect(lives(child.pid)).toBe(false);
  expect(await untilGone(grandchild)).toBe(true);
  expect(readFileSync(log, "utf8")).toContain(`grandchild ${grandchild}`);
});

test("a program that ends by itself is noticed, and leaves nobody behind", async () => {
  const { child, grandchild } = await family("process.exit(3);");
  await child.ended;
  expect(await untilGone(grandchild)).toBe(true);
});

test("a program that does not exist is an error at once", async () => {
  const none = startChild({ name: "none", command: join(folder, "none"), args: [], log: join(folder, "log") });
  await expect(none).rejects.toThrow("ENOENT");
});
