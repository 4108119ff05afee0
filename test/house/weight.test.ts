import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { bundle, eagerPart } from "../bench/bundle.ts";

/** What the Worker weighs, as `npm run bench` prints it: minified and compressed, in units of 1,024 bytes. */
const WHOLE_KB = 337;
const EAGER_KB = 179;

const weight = (bytes: Uint8Array) => gzipSync(bytes, { level: 9 }).length / 1024;

test("the Worker weighs what it may, and so does the part that a first page waits for", async () => {
  expect(weight(readFileSync(bundle("weighed", "src/worker.ts").file))).toBeLessThanOrEqual(WHOLE_KB);
  expect(weight(await eagerPart("src/worker.ts"))).toBeLessThanOrEqual(EAGER_KB);
});
