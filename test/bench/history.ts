import { gzipSync } from "node:zlib";
import { openConnection } from "./connection.ts";
import { type Customer, MEASURED, measured } from "./customers.ts";
import { interleaved, median, ratio } from "./medians.ts";
import { DIRECT, withRig } from "./rig.ts";

/** The same page for customers with 24, 240 and 2,400 invoices: neither time nor bytes may grow with history. */
const ROUNDS = Number(process.env.ROUNDS ?? 15);
const REQUESTS = 10;
const PAGES = { dashboard: "/", "invoices due": "/invoices", "paid invoices": "/invoices/paid" };

await withRig({}, async ({ portal }) => {
  const connection = await openConnection(portal.url, DIRECT);
  const ask = async (path: string, { token }: Customer) => {
    const answer = await connection.ask({ path, headers: { Cookie: `session=${token}` } });
    if (answer.status !== 200) throw new Error(`${path} answered ${answer.status}`);
    return answer;
  };
  console.log("page            customer        p50 ms   of 24's   gzip bytes   of 24's");
  for (const [name, path] of Object.entries(PAGES)) {
    const times = await interleaved(
      ROUNDS,
      Object.fromEntries(
        MEASURED.map((customer) => [
          customer.name,
          async () => {
            const found: number[] = [];
            for (let i = 0; i < REQUESTS; i++) found.push((await ask(path, customer)).ms);
            return median(found);
          },
        ]),
      ),
    );
    for (const customer of MEASURED) {
      const few = measured(24, customer.open === 3 ? 3 : 24);
      const [bytes, least] = [await ask(path, customer), await ask(path, few)].map(({ body }) => gzipSync(body).length);
      const mine = times[customer.name]!;
      console.log(
        `${name.padEnd(15)} ${customer.name.padEnd(14)} ${median(mine).toFixed(2).padStart(7)} ${ratio(mine, times[few.name]!).toFixed(2).padStart(9)} ${String(bytes).padStart(12)} ${(bytes! / least!).toFixed(3).padStart(9)}`,
      );
    }
  }
  console.log("targets: at most 1.1 times the p50 and 1.05 times the bytes\nagain: node test/bench/history.ts");
  connection.close();
});
