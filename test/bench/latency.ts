import { openConnection } from "./connection.ts";
import { measured } from "./customers.ts";
import { interleaved, median, ratio } from "./medians.ts";
import { behind, type Rig, withRig } from "./rig.ts";
import type { Running } from "./workerd.ts";

/** How long a page takes when the database is far away, against one bare batch over the same line. */
const DELAYS_MS = [5, 20, 80];
const ROUNDS = Number(process.env.ROUNDS ?? 15);
const REQUESTS = 10;

await withRig({ delaysMs: DELAYS_MS }, async ({ portal, bare }: Rig) => {
  const { token } = measured(24, 24);
  console.log("delay ms   bare ms   dashboard   invoices due");
  for (const delayMs of DELAYS_MS) {
    const found = await interleaved(ROUNDS, {
      bare: await latency(bare, delayMs, "/"),
      dashboard: await latency(portal, delayMs, "/", token),
      due: await latency(portal, delayMs, "/invoices", token),
    });
    const [dashboard, due] = [ratio(found.dashboard, found.bare), ratio(found.due, found.bare)];
    console.log(
      `${String(delayMs).padStart(8)} ${median(found.bare).toFixed(1).padStart(9)} ${dashboard.toFixed(2).padStart(11)} ${due.toFixed(2).padStart(14)}`,
    );
  }
  console.log("target: at most 1.15 times the bare page at 20 ms\nagain: node test/bench/latency.ts");
});

/** The median of a few requests, one after the other. */
async function latency(worker: Running, delayMs: number, path: string, token?: string): Promise<() => Promise<number>> {
  const connection = await openConnection(worker.url, behind(delayMs));
  const headers: Record<string, string> = token ? { Cookie: `session=${token}` } : {};
  return async () => {
    const times: number[] = [];
    for (let i = 0; i < REQUESTS; i++) {
      const { status, ms } = await connection.ask({ path, headers });
      if (status !== 200) throw new Error(`${path} answered ${status}`);
      times.push(ms);
    }
    return median(times);
  };
}
