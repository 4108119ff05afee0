import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import type { Child } from "./children.ts";

/** The folders of this process's own towns. */
const claimed = new Set<string>();

type Running = { pid: number; children: number[] };

/**
 * Keeps two towns out of one folder, and clears away what a town that was killed left behind: `file` names the process
 * and its children. Throws one sentence when the folder's town is still running.
 */
export async function claimFolder(
  file: string,
): Promise<{ children: (children: Child[]) => void; release: () => void }> {
  const refuse = (pid: number) => {
    throw new Error(
      `npm start is already running here (process ${pid}): stop it first, or set DEV_DIR to another folder.`,
    );
  };
  if (claimed.has(file)) refuse(process.pid);
  const last = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as Running) : null;
  if (last && last.pid !== process.pid && /start\.ts|vitest|playwright/.test(commandOf(last.pid))) refuse(last.pid);
  for (const pid of last?.children ?? []) {
    // Numbers are used again, so it must still be one of ours.
    if (/sqld|wrangler/.test(commandOf(pid))) await kill(pid);
  }
  const write = (children: number[]) =>
    writeFileSync(file, JSON.stringify({ pid: process.pid, children } satisfies Running));
  write([]);
  claimed.add(file);
  return {
    children: (children) => write(children.map((child) => child.pid)),
    release: () => {
      rmSync(file, { force: true });
      claimed.delete(file);
    },
  };
}

/** What a process was started with, or nothing when it is gone. Small Linux images have no `ps`, macOS has no `/proc`. */
function commandOf(pid: number): string {
  if (existsSync("/proc/self/cmdline")) {
    const file = `/proc/${pid}/cmdline`;
    return existsSync(file) ? readFileSync(file, "utf8").replaceAll("\0", " ") : "";
  }
  return spawnSync("ps", ["-o", "command=", "-p", String(pid)], { encoding: "utf8" }).stdout ?? "";
}

/** Kills a process group and waits, for a second at most, until it is gone and its ports are free. */
async function kill(group: number) {
  try {
    process.kill(-group, "SIGKILL");
    for (let round = 0; round < 20; round++) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      process.kill(-group, 0);
    }
  } catch {
    // It is gone.
  }
}
