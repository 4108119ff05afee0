import { type LocalDate, plusDays } from "../../src/calendar.ts";
import type { Job } from "../../src/jobs.ts";
import { jobsOf, run } from "../../src/jobs.ts";
import type { TestPortal } from "../setup.ts";

/** How tests about drafts let days go by: the hourly cron, the sweeps, the mail and the bank. */

const CEDAR = "cedar-ridge";

/** 10:07 in New York on a day, which is 15:07 UTC in winter and 14:07 in summer; past the morning hour in both. */
export const tenOn = (date: string): number => Date.parse(`${date}T15:07:00Z`) / 1000;

/** Does what waits, in whatever order it came; what fails is lost, as in the worst of queues. */
export async function work(t: TestPortal): Promise<void> {
  for (let job = t.jobs.shift(); job; job = t.jobs.shift()) {
    try {
      await run(t.depsOf(job.dealer), job);
    } catch {
      // The next hour's list, or a sweep, finds it again.
    }
  }
}

/** One beat of a cron line and all that it sets off. */
export async function beat(t: TestPortal, line: "7 * * * *" | "*/5 * * * *"): Promise<void> {
  t.jobs.push(...jobsOf(line, [CEDAR]));
  await work(t);
}

/** A day: the hourly cron once in the morning, the bank's own doings, the sweeps. */
export async function day(t: TestPortal, date: string): Promise<void> {
  t.clock.now = tenOn(date);
  await t.bank.tick();
  await t.bank.drainWebhooks();
  await work(t);
  await beat(t, "7 * * * *");
  await beat(t, "*/5 * * * *");
  await t.bank.drainWebhooks();
  await work(t);
}

/** Day after day, both ends among them. */
export async function days(t: TestPortal, from: string, to: string): Promise<void> {
  for (let date = from; date <= to; date = plusDays(date as LocalDate, 1)) await day(t, date);
}

export type DraftRow = {
  id: string;
  account_id: string;
  draft_on: string;
  max_cents: number;
  state: string;
  notice_sent_at: number | null;
  tries: number;
  next_try_on: string | null;
  failure_code: string | null;
  payment_method_id: string;
};

/** An account's drafts, oldest first. */
export const draftsOf = (t: TestPortal, number: string) =>
  t.rows<DraftRow>(
    "select d.* from drafts d join accounts a on a.id = d.account_id where a.number = ? order by draft_on",
    number,
  );

/** What a draft's tries came to: amounts and states in their order. */
export const triesOf = (t: TestPortal, draftId: string) =>
  t.rows<{ amount_cents: number; state: string; paid_on: string; failure_code: string | null }>(
    `select p.amount_cents, p.state, p.paid_on, p.failure_code from draft_payments dp join payments p on p.id = dp.payment_id
      where dp.draft_id = ? order by dp.try_number`,
    draftId,
  );

/** An invoice that an account gets. */
export async function invoice(
  t: TestPortal,
  number: string,
  wish: { number: string; cents: number; on: string; kind?: string },
): Promise<void> {
  await t.rows(
    `insert into invoices (id, account_id, number, kind, status, issued_on, due_on, total_cents)
     select 'inv_' || ?, id, ?, ?, 'sent', ?, ?, ? from accounts where number = ?`,
    wish.number,
    wish.number,
    wish.kind ?? "recurring",
    wish.on,
    plusDays(wish.on as LocalDate, 20),
    wish.cents,
    number,
  );
}

/** The subjects of the letters that went to an address, in their order. */
export const subjectsTo = (t: TestPortal, address: string): string[] =>
  t.outbox.filter((mail) => mail.to === address).map((mail) => mail.subject);

/** Does one job now, as the queue would. */
export const doJob = (t: TestPortal, job: Job) => run(t.depsOf(job.dealer), job);
