import type { Job } from "../jobs.ts";
import { type Jobs, VendorTrouble } from "../ports.ts";

/** The most messages one `sendBatch` takes. https://developers.cloudflare.com/queues/platform/limits/ */
const BATCH = 100;

/**
 * Jobs as messages of a Cloudflare queue, in order, a hundred to a call; with a pace, delayed by whole seconds. Throws
 * VendorTrouble at the first call that fails. https://developers.cloudflare.com/queues/configuration/batching-retries/#delay-messages
 */
export function queueJobs(queue: Queue<Job>): Jobs {
  return {
    async send(jobs, perSecond = Number.POSITIVE_INFINITY) {
      const messages = jobs.map((body, i) => ({ body, delaySeconds: Math.floor(i / perSecond) }));
      for (let start = 0; start < messages.length; start += BATCH) {
        try {
          await queue.sendBatch(messages.slice(start, start + BATCH));
        } catch (cause) {
          throw new VendorTrouble("Queues", cause);
        }
      }
    },
  };
}
