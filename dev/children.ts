import { type ChildProcess, spawn } from "node:child_process";
import { createWriteStream } from "node:fs";

/** A program we started. `ended` resolves when it is gone, however that came about. */
export type Child = { name: string; pid: number; ended: Promise<void>; stop: () => Promise<void> };

/** How long a program may take to leave when asked, before it is killed. */
const GRACE_MS = 5_000;

/**
 * Starts a program in a process group of its own, so that stopping it takes its own children along and Ctrl-C in the
 * terminal reaches only us. Everything it prints goes to `log`; `onLine` also hears every line. Throws when there is no
 * such program.
 */
export async function startChild(program: {
  name: string;
  command: string;
  args: string[];
  log: string;
  env?: Record<string, string>;
  cwd?: string;
  onLine?: (line: string) => void;
}): Promise<Child> {
  const { name, command, args, log, env, cwd, onLine } = program;
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    detached: true,
  });
  await new Promise<void>((resolve, reject) => {
    child.once("spawn", resolve);
    child.once("error", reject);
  });
  // Should this process end without stopping it, it ends too.
  const last = () => signal(child, "SIGKILL");
  process.once("exit", last);
  const file = createWriteStream(log);
  for (const output of [child.stdout, child.stderr]) {
    let rest = "";
    output.setEncoding("utf8").on("data", (text: string) => {
      file.write(text);
      const lines = (rest + text).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onLine?.(line);
    });
  }
  child.once("close", () => file.end());
  const ended = new Promise<void>((resolve) => {
    child.once("exit", () => {
      process.off("exit", last);
      // Its own children share its group; those that outlived it go now.
      last();
      resolve();
    });
  });
  return { name, pid: child.pid ?? 0, ended, stop: () => stop(child, ended) };
}

async function stop(child: ChildProcess, ended: Promise<void>) {
  signal(child, "SIGTERM");
  const late = setTimeout(() => signal(child, "SIGKILL"), GRACE_MS);
  await ended;
  clearTimeout(late);
}

function signal(child: ChildProcess, name: "SIGTERM" | "SIGKILL") {
  try {
    process.kill(-(child.pid ?? 0), name);
  } catch (problem) {
    // The group is gone already, or the platform has none (Windows).
    if ((problem as NodeJS.ErrnoException).code !== "ESRCH") child.kill(name);
  }
}
