import { eq } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { moneySettings } from "../../db/schema.ts";
import { MINUTE } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import type { Job } from "../jobs.ts";

/** How fast the machine asks the bank: a page of jobs at a time, spread over the seconds that they may take. */

/** How many of these jobs a second may bring; each asks an endpoint once or so. https://docs.stripe.com/rate-limits */
export const bankPace = (db: Db) =>
  db.select({ perSecond: moneySettings.bankRequestsPerSecond }).from(moneySettings).where(eq(moneySettings.id, 1));

/** A page goes on for so long after the cron's beat that began it; the next beat finds what was left. */
export const WITHIN_THE_HOUR_SECONDS = 55 * MINUTE;
export const WITHIN_FIVE_MINUTES_SECONDS = 4 * MINUTE;

/**
 * Hands on a page of jobs that ask the bank, at its pace, and with the last of them the page that comes `next`, unless
 * that one would run into the next beat's: two lists on their way at once would ask for twice as much. Throws VendorTrouble.
 */
export async function sendPaced<Page extends Job & { until?: number }>(
  deps: Deps,
  jobs: Job[],
  next: Page | null,
  pace: { perSecond: number; lastsSeconds: number },
): Promise<void> {
  const until = next?.until ?? deps.now + pace.lastsSeconds;
  const goesOn = next && deps.now + jobs.length / pace.perSecond < until;
  const all = goesOn ? [...jobs, { ...next, until }] : jobs;
  if (all.length > 0) await deps.ports.jobs.send(all, pace.perSecond);
}
