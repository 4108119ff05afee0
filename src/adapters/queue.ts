import type { Job } from "../jobs.ts";
import { type Jobs, VendorTrouble } from "../ports.ts";

/** The most messages one `sendBatch` takes. https://developers.cloudflare.com/queues/platform/limits/ */
const BATCH = 100;

/** Jobs as messages of a Cloudflare queue, in order, a hundred to a call. Throws VendorTrouble at the first call that fails. */
export function queueJobs(queue: Queue<Job>): Jobs {
  return {
    async send(jobs) {
      for (let start = 0; start < jobs.length; start += BATCH) {
        try {
          await queue.sendBatch(jobs.slice(start, start + BATCH).map((body) => ({ body })));
        } catch (cause) {
          throw new VendorTrouble("Queues", cause);
        }
      }
    },
  };
}
