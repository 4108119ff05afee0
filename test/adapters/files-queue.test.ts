import { convertV4MiniflareOptions, Miniflare } from "miniflare";
import { afterAll, beforeAll, expect, test } from "vitest";
import { r2Files } from "../../src/adapters/files.ts";
import { queueJobs } from "../../src/adapters/queue.ts";
import type { Job } from "../../src/jobs.ts";
import { VendorTrouble } from "../../src/ports.ts";

let worker: Miniflare;
let bucket: R2Bucket;

beforeAll(async () => {
  worker = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      script: "export default { fetch: () => new Response() }",
      compatibilityDate: "2026-11-02",
      r2Buckets: ["FILES"],
    }),
  );
  bucket = (await worker.getR2Bucket("FILES")) as unknown as R2Bucket;
});
afterAll(() => worker.dispose());

test("a file comes back byte for byte, with its type", async () => {
  const files = r2Files(bucket);
  const bytes = Uint8Array.from({ length: 70_000 }, (_, index) => index % 251);
  await files.put("invoices/INV-1/v1.pdf", bytes, "application/pdf");
  const stored = await files.read("invoices/INV-1/v1.pdf");
  expect(stored?.contentType).toBe("application/pdf");
  expect(Buffer.from(stored?.bytes ?? []).equals(Buffer.from(bytes))).toBe(true);
});

test("a file put again is the new one", async () => {
  const files = r2Files(bucket);
  await files.put("note", new TextEncoder().encode("old"), "text/plain");
  await files.put("note", new TextEncoder().encode("new"), "text/markdown");
  const stored = await files.read("note");
  expect(new TextDecoder().decode(stored?.bytes)).toBe("new");
  expect(stored?.contentType).toBe("text/markdown");
});

test("a file that is not there is null, and a bucket that fails is trouble", async () => {
  expect(await r2Files(bucket).read("nowhere")).toBeNull();
  const down = () => Promise.reject(new Error("10001: internal error"));
  const files = r2Files({ get: down, put: down } as unknown as R2Bucket);
  await expect(files.read("note")).rejects.toThrow(VendorTrouble);
  await expect(files.put("note", new Uint8Array(1), "text/plain")).rejects.toThrow("R2 gave no usable answer");
});

const checks = (count: number): Job[] =>
  Array.from({ length: count }, (_, index) => ({ type: "payment.check", dealer: "cedar", paymentId: `pay_${index}` }));

/** The one call our adapter makes of a queue, answered the way a queue does; keeps what it was given. */
function listeningQueue(failAt = Number.POSITIVE_INFINITY) {
  const calls: Job[][] = [];
  const sendBatch = async (messages: Iterable<{ body: Job }>) => {
    if (calls.length === failAt) throw new Error("Queue is overloaded");
    calls.push([...messages].map((message) => message.body));
  };
  return { calls, jobs: queueJobs({ sendBatch } as unknown as Queue<Job>) };
}

test("no jobs are no call, and jobs go a hundred to a call in their order", async () => {
  const { calls, jobs } = listeningQueue();
  await jobs.send([]);
  expect(calls).toEqual([]);
  await jobs.send(checks(250));
  expect(calls.map((call) => call.length)).toEqual([100, 100, 50]);
  expect(calls.flat()).toEqual(checks(250));
  await jobs.send(checks(100));
  expect(calls).toHaveLength(4);
});

test("a queue that fails is trouble, and nothing after it is sent", async () => {
  const { calls, jobs } = listeningQueue(1);
  await expect(jobs.send(checks(250))).rejects.toThrow(VendorTrouble);
  expect(calls).toHaveLength(1);
});

test("jobs travel through a real queue unchanged", async () => {
  const heard: Job[] = [];
  let tell = () => {};
  const all = new Promise<void>((resolve) => {
    tell = resolve;
  });
  const consumer = new Miniflare(
    convertV4MiniflareOptions({
      modules: true,
      compatibilityDate: "2026-11-02",
      script: `export default {
        async queue(batch, env) {
          await env.HEARD.fetch("http://test/", { method: "POST", body: JSON.stringify(batch.messages.map((m) => m.body)) });
        },
      };`,
      serviceBindings: {
        HEARD: async (request) => {
          heard.push(...((await request.json()) as Job[]));
          if (heard.length === 120) tell();
          return new Response() as never;
        },
      },
      queueProducers: { JOBS: "jobs" },
      queueConsumers: { jobs: { maxBatchSize: 100, maxBatchTimeout: 0 } },
    }),
  );
  try {
    const queue = await consumer.getQueueProducer<Job>("JOBS");
    await queueJobs(queue as unknown as Queue<Job>).send(checks(120));
    await all;
    expect(heard.map((job) => JSON.stringify(job)).sort()).toEqual(
      checks(120)
        .map((job) => JSON.stringify(job))
        .sort(),
    );
  } finally {
    await consumer.dispose();
  }
});
