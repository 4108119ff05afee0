import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { bundle, eagerPart } from "./bundle.ts";
import { coldStart } from "./cold-start.ts";
import { interleaved, median, ratio } from "./medians.ts";
import { withRig } from "./rig.ts";

/** What the Worker weighs, with and without what is loaded when it is asked for, and how long its first answer takes. */
const ROUNDS = Number(process.env.ROUNDS ?? 9);

const kib = (bytes: Uint8Array) => (gzipSync(bytes, { level: 9 }).length / 1024).toFixed(1);
const whole = bundle("portal", "src/worker.ts");
console.log(`bundle: ${kib(readFileSync(whole.file))} kB gzip, target at most 320`);
console.log(
  `without what is imported lazily (office, jobs, vendors, PDFs): ${kib(await eagerPart("src/worker.ts"))} kB, target at most 180`,
);

await withRig({}, async ({ variables, databases }) => {
  const bare = bundle("bare", "test/bench/bare-worker.ts");
  const found = await interleaved(ROUNDS, {
    bare: () => coldStart(bare, { DATABASES: databases }, "/"),
    portal: () => coldStart(whole, variables, "/sign-in"),
  });
  const [first, least] = [median(found.portal), median(found.bare)];
  console.log(`first answer: ${first.toFixed(0)} ms from the start of workerd, bare ${least.toFixed(0)} ms`);
  console.log(`ratio ${ratio(found.portal, found.bare).toFixed(2)}, target at most 2`);
  console.log("again: node test/bench/weight.ts");
});
