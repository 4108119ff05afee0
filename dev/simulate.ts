import { spawn } from "node:child_process";
import { availableParallelism } from "node:os";
import { buildParts } from "./build-parts.ts";
import { buildPdfEngine } from "./build-pdf-engine.ts";
import { buildStatic } from "./build-static.ts";

/**
 * Lives many lives of test/simulation.test.ts, as many at once as there are cores: `npm run simulate`, or from another seed
 * on with `FIRST_SEED=10001 SEEDS=500 npm run simulate`. Ends with 1 when one of them went wrong, and prints those.
 */
const FIRST = Number(process.env.FIRST_SEED ?? 1);
const SEEDS = Number(process.env.SEEDS ?? 10_000);
/** Lives of one process. */
const A_SHARE = 250;

/** Lives some lives; answers what was printed when one went wrong, else null. */
const share = (first: number, seeds: number) =>
  new Promise<string | null>((resolve) => {
    const child = spawn("vitest", ["run", "test/simulation.test.ts"], {
      env: { ...process.env, FIRST_SEED: String(first), SEEDS: String(seeds), NO_COLOR: "1" },
    });
    let said = "";
    const hear = (text: Buffer) => {
      said += text;
    };
    child.stdout.on("data", hear);
    child.stderr.on("data", hear);
    child.on("close", (code) => resolve(code === 0 ? null : said));
  });

buildStatic();
await buildParts();
await buildPdfEngine();
const started = performance.now();
const shares: [first: number, seeds: number][] = [];
for (let from = 0; from < SEEDS; from += A_SHARE) shares.push([FIRST + from, Math.min(A_SHARE, SEEDS - from)]);
let lived = 0;
await Promise.all(
  Array.from({ length: availableParallelism() }, async () => {
    for (let next = shares.shift(); next; next = shares.shift()) {
      const wrong = await share(...next);
      lived += next[1];
      const seconds = (performance.now() - started) / 1000;
      console.log(
        `${lived} of ${SEEDS} lives, ${(seconds / 60).toFixed(1)} min, ${(lived / seconds).toFixed(1)} a second`,
      );
      if (wrong === null) continue;
      console.log(wrong);
      process.exitCode = 1;
    }
  }),
);
console.log(process.exitCode ? "Some lives went wrong: see above." : `All ${SEEDS} lives went well.`);
