import { type Connection, openConnection } from "./connection.ts";
import { measured } from "./customers.ts";
import { interleaved, median, ratio } from "./medians.ts";
import { DIRECT, withRig } from "./rig.ts";
import type { Running } from "./workerd.ts";

/** Requests per second and processor time per request, against a bare Hono page with one batch of one row. */
const CONNECTIONS = 16;
const ROUNDS = Number(process.env.ROUNDS ?? 7);
const SECONDS = 2;
const WARM_UP_SECONDS = 8;

await withRig({}, async ({ portal, bare }) => {
  const { token } = measured(24, 3);
  const pages = {
    bare: await load(bare, "/"),
    dashboard: await load(portal, "/", token),
    "invoices due": await load(portal, "/invoices", token),
  };
  const cpu: Record<string, number[]> = Object.fromEntries(Object.keys(pages).map((name) => [name, []]));
  const things = Object.entries(pages).map(([name, run]) => [
    name,
    async () => {
      const { perSecond, cpuMs } = await run();
      cpu[name]!.push(cpuMs);
      return perSecond;
    },
  ]);
  const rates = await interleaved(ROUNDS, Object.fromEntries(things) as Record<string, () => Promise<number>>);
  // The first round is a warm-up there, so it is here.
  for (const values of Object.values(cpu)) values.shift();
  console.log("page           per second   of bare   CPU ms   above bare");
  for (const [name, values] of Object.entries(rates)) {
    const above = median(cpu[name]!) - median(cpu.bare!);
    console.log(
      `${name.padEnd(14)} ${median(values).toFixed(0).padStart(10)} ${ratio(values, rates.bare!).toFixed(2).padStart(9)} ${median(cpu[name]!).toFixed(3).padStart(8)} ${above.toFixed(3).padStart(12)}`,
    );
  }
  console.log("targets: at least 0.75 of bare; at most 0.6 ms above it\nagain: node test/bench/rate.ts");
});

type Load = () => Promise<{ perSecond: number; cpuMs: number }>;

/** A page under as much load as some connections make that never wait. */
async function load(worker: Running, path: string, token?: string): Promise<Load> {
  const connections = await Promise.all(Array.from({ length: CONNECTIONS }, () => openConnection(worker.url, DIRECT)));
  // As they come from Cloudflare's edge, which numbers every request, and from a browser.
  const headers: Record<string, string> = { "CF-Ray": "8f00b4a5-RAY", "Accept-Language": "en-US,en;q=0.9" };
  if (token) headers.Cookie = `session=${token}`;
  // A program that has run a few thousand times is no longer the one that was started.
  const warm = performance.now() + WARM_UP_SECONDS * 1000;
  await Promise.all(connections.map((connection) => askUntil(connection, path, headers, warm)));
  return async () => {
    const started = performance.now();
    const [cpuBefore, until] = [worker.cpuMs(), started + SECONDS * 1000];
    const counts = await Promise.all(connections.map((connection) => askUntil(connection, path, headers, until)));
    const requests = counts.reduce((total, count) => total + count, 0);
    const seconds = (performance.now() - started) / 1000;
    return { perSecond: requests / seconds, cpuMs: (worker.cpuMs() - cpuBefore) / requests };
  };
}

async function askUntil(connection: Connection, path: string, headers: Record<string, string>, until: number) {
  let count = 0;
  while (performance.now() < until) {
    const { status } = await connection.ask({ path, headers });
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    count++;
  }
  return count;
}
