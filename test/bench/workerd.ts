import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { Miniflare, type MiniflareOptions } from "miniflare";
import { type Bundle, compatibility } from "./bundle.ts";

type Worker = MiniflareOptions["workers"][number];
/** What a Worker is bound to, as miniflare says it. */
export type Bound = NonNullable<NonNullable<Worker["config"]>["env"]>;
/** What sets it off besides requests. */
export type Triggers = NonNullable<NonNullable<Worker["config"]>["triggers"]>;

/** A built Worker in a workerd of its own, at `url` with nothing in between. */
export type Running = {
  url: URL;
  /** Milliseconds of processor time this workerd has used so far. Linux only. */
  cpuMs: () => number;
  /** Mebibytes that this workerd keeps in memory now. Linux only. */
  memory: () => number;
  /** Puts messages into the queue that it is bound to by this name, as the Worker itself would. */
  enqueue: (binding: string, messages: readonly object[]) => Promise<void>;
  stop: () => Promise<void>;
};

/** Starts a bundle in workerd through miniflare, on free ports of 127.0.0.1. */
export async function startWorker(built: Bundle, env: Bound, triggers: Triggers = []): Promise<Running> {
  const others = workerds();
  const name = "worker";
  const main = basename(built.file);
  const worker: Worker = {
    config: {
      name,
      ...compatibility(),
      env,
      triggers,
      manifest: {
        mainModule: main,
        modulesRoot: "/",
        modules: { [main]: { type: "esm", contents: readFileSync(built.file, "utf8") } },
      },
    },
    dev: { unsafeDirectSockets: [{ host: "127.0.0.1", port: 0 }] },
  };
  const miniflare = new Miniflare({ host: "127.0.0.1", port: 0, logRequests: false, workers: [worker] });
  await miniflare.ready;
  // Not miniflare's own address: its router and its asset server would each be another Worker on the way.
  const url = await miniflare.unsafeGetDirectURL(name);
  const mine = workerds().filter((pid) => !others.includes(pid));
  return {
    url,
    cpuMs: () => mine.reduce((total, pid) => total + cpuOf(pid), 0),
    memory: () => mine.reduce((total, pid) => total + memoryOf(pid), 0),
    async enqueue(binding, messages) {
      const queue = await miniflare.getQueueProducer<object>(binding);
      await queue.sendBatch(messages.map((body) => ({ body })));
    },
    stop: () => miniflare.dispose(),
  };
}

/** The workerd processes that this one has started. */
function workerds(): number[] {
  return readdirSync("/proc")
    .map(Number)
    .filter((pid) => {
      const fields = Number.isInteger(pid) ? statOf(pid) : null;
      return fields?.name === "workerd" && fields.parent === process.pid;
    });
}

// https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html
function statOf(pid: number): { name: string; parent: number } | null {
  try {
    const [, name = "", rest = ""] = /\((.*)\) (.*)/s.exec(readFileSync(`/proc/${pid}/stat`, "utf8"))!;
    return { name, parent: Number(rest.split(" ")[1]) };
  } catch {
    return null;
  }
}

// https://man7.org/linux/man-pages/man5/proc_pid_status.5.html
const memoryOf = (pid: number): number =>
  Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0) / 1024;

/** What all threads of a process have run so far. https://docs.kernel.org/scheduler/sched-stats.html */
export function cpuOf(pid: number): number {
  const nanoseconds = readdirSync(`/proc/${pid}/task`).map((thread) => {
    const [ran] = readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "utf8").split(" ");
    return Number(ran);
  });
  return nanoseconds.reduce((total, ran) => total + ran, 0) / 1e6;
}
