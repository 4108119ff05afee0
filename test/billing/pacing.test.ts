import { describe, expect, test } from "vitest";
import { queueJobs } from "../../src/adapters/queue.ts";
import { stripePayments } from "../../src/adapters/stripe.ts";
import { depsAt } from "../../src/dealer.ts";
import { type Job, jobsOf, run } from "../../src/jobs.ts";
import { cents } from "../../src/money.ts";
import { VendorTrouble } from "../../src/ports.ts";
import { writeCrowd } from "../bench/autopay-customers.ts";
import { portal, type TestPortal } from "../setup.ts";
import { bankTotals } from "./aftermath.ts";
import { beat, days, invoice, tenOn, triesOf } from "./drafting.ts";

/** How fast the bank is asked, and what becomes of a draft when that is still too fast. */

const TODAY = "2026-12-07";

/** As many customers with a draft on this day as it takes to be too many; nobody else's is due. */
async function crowded(count: number): Promise<TestPortal> {
  const t = await portal({ now: tenOn(TODAY) });
  await t.rows("update drafts set next_try_on = null, state = 'canceled' where next_try_on is not null");
  await t.rows("insert into events (key, action, by, at) values ('bench', 'bench', 'bench', 0)");
  await writeCrowd(t.db, { from: 1, count, today: t.deps().today, now: t.clock.now, next: "due", addresses: false });
  return t;
}

type Coming = { job: Job; at: number };

/**
 * Hours of a queue that keeps its delays, without the drafts themselves: when each job comes due, from the cron's beats
 * on. What is listed stays to be made unless `made` says so.
 */
async function hours(t: TestPortal, count: number, made: (draftId: string) => Promise<unknown>): Promise<Coming[]> {
  const began = t.clock.now;
  const coming: Coming[] = Array.from({ length: count }, (_, hour) => ({
    job: jobsOf("7 * * * *", ["cedar-ridge"]).find(({ type }) => type === "drafts.list")!,
    at: began + hour * 3600,
  }));
  const came: Coming[] = [];
  while (coming.length > 0) {
    coming.sort((a, b) => a.at - b.at);
    const { job, at } = coming.shift()!;
    came.push({ job, at });
    if (job.type === "draft.make") await made(job.draftId);
    if (job.type !== "drafts.list" && job.type !== "drafts.page") continue;
    const deps = depsAt(t.deps(), at);
    const send = async (jobs: Job[], perSecond = Number.POSITIVE_INFINITY) => {
      const queue = { sendBatch: async (all: { body: Job; delaySeconds: number }[]) => void messages.push(...all) };
      const messages: { body: Job; delaySeconds: number }[] = [];
      await queueJobs(queue as unknown as Queue<Job>).send(jobs, perSecond);
      coming.push(...messages.map(({ body, delaySeconds }) => ({ job: body, at: at + delaySeconds })));
    };
    await run({ ...deps, ports: { ...deps.ports, jobs: { send } } }, job);
  }
  return came;
}

const draftsAmong = (came: Coming[]) =>
  came.flatMap(({ job, at }) => (job.type === "draft.make" ? [{ id: job.draftId, at }] : []));

function mostInASecond(came: Coming[]): number {
  const seconds = new Map<number, number>();
  for (const { at } of draftsAmong(came)) seconds.set(at, (seconds.get(at) ?? 0) + 1);
  return Math.max(...seconds.values());
}

describe("drafts are made at the bank's pace", () => {
  test("25 a second, each once, one page after the other", async () => {
    const t = await crowded(1_201);
    const began = t.clock.now;
    const drafts = draftsAmong(await hours(t, 1, async () => {}));
    expect(new Set(drafts.map(({ id }) => id)).size).toBe(1_201);
    expect(drafts).toHaveLength(1_201);
    expect(drafts.at(-1)!.at - began).toBe(Math.floor(1_200 / 25));
    expect(drafts.filter(({ at }) => at === began)).toHaveLength(25);
    expect(drafts.filter(({ at }) => at === began + 20)).toHaveLength(25);
  });

  test("at the pace that the office has set", async () => {
    const t = await crowded(90);
    await t.rows("update money_settings set bank_requests_per_second = 7");
    const came = await hours(t, 1, async () => {});
    expect(draftsAmong(came)).toHaveLength(90);
    expect(mostInASecond(came)).toBe(7);
  });

  test("what an hour is too short for, the next hour's list finds, and no two lists are on their way at once", async () => {
    const t = await crowded(4_000);
    await t.rows("update money_settings set bank_requests_per_second = 1");
    const began = t.clock.now;
    const made = "update drafts set state = 'empty', next_try_on = null where id = ?";
    const came = await hours(t, 2, (id) => t.rows(made, id));
    expect(mostInASecond(came)).toBe(1);
    const drafts = draftsAmong(came);
    expect(new Set(drafts.map(({ id }) => id)).size).toBe(4_000);
    expect(drafts).toHaveLength(4_000);
    const firstHour = drafts.filter(({ at }) => at < began + 3600);
    expect(firstHour).toHaveLength(3_500);
  });
});

test("a sweep that asks the bank is spread as well, and makes way for the next", async () => {
  const t = await crowded(350);
  await t.rows("update money_settings set bank_requests_per_second = 1");
  await t.rows(`insert into payments (id, account_id, origin, kind, amount_cents, state, started_at, paid_on, check_at)
    select 'pay_late' || number, id, 'portal', 'card', 100, 'pending', 0, '${TODAY}', 0 from accounts where number like 'B-%' limit 350`);
  await t.rows("update payments set check_at = null where check_at is not null and id not like 'pay_late%'");
  const sent: { job: Job; after: number }[] = [];
  let later = 0;
  const deps = t.deps();
  const send = async (jobs: Job[], perSecond = Number.NaN) =>
    void sent.push(...jobs.map((job, i) => ({ job, after: later + Math.floor(i / perSecond) })));
  const page = async (job: Job, after: number) => {
    later = after;
    await run({ ...depsAt(deps, deps.now + after), ports: { ...deps.ports, jobs: { send } } }, job);
  };
  await page({ type: "payments.sweep", dealer: "cedar-ridge", after: null }, 0);
  for (const { job, after } of sent) if (job.type === "payments.sweep") await page(job, after);
  const checks = sent.filter(({ job }) => job.type === "payment.check");
  expect(checks.map(({ after }) => after)).toEqual(Array.from({ length: 300 }, (_, i) => i));
  await t.rows("update payments set state = 'failed', check_at = null where id like 'pay_late%'");
});

describe("when Stripe says that it is asked too much", () => {
  const FIFTH = "2027-01-05";

  /** Three with autopay on the fifth, announced and due: two cards and a bank account. */
  async function onTheFifth() {
    const t = await portal();
    await t.rows(`insert into autopay (account_id, payment_method_id, draft_day, started_at)
      select account_id, id, 5, 0 from payment_methods where last_four = '4444'`);
    await t.rows("update autopay set draft_day = 5, first_draft_on = null, others_up_to_cents = 0");
    await t.rows("update drafts set state = 'canceled', next_try_on = null where next_try_on is not null");
    for (const number of ["CR-10021", "CR-10034", "CR-10052"])
      await invoice(t, number, { number: `N-${number}`, cents: 4500, on: "2026-12-20" });
    await days(t, "2026-12-20", "2027-01-04");
    t.clock.now = tenOn(FIFTH);
    const due = await t.rows<{ id: string }>("select id from drafts where next_try_on = ?", FIFTH);
    expect(due).toHaveLength(3);
    return { t, due: due.map(({ id }) => id), before: bankTotals(t).captured };
  }

  /** All made once, by their first try, and nothing is said of a failure. */
  async function expectAllMade({ t, due, before }: Awaited<ReturnType<typeof onTheFifth>>) {
    let drawn = 0;
    for (const id of due) {
      const tries = await triesOf(t, id);
      expect(tries).toMatchObject([{ state: "settled" }]);
      drawn += tries[0]!.amount_cents;
    }
    expect(bankTotals(t).captured - before).toBe(drawn);
    expect(await t.rows("select id from worklist where kind = 'draft_failed'")).toEqual([]);
    const sorry = "('draft_failed', 'draft_not_made', 'payment_failed')";
    expect(await t.rows(`select id from messages where kind in ${sorry} and queued_at >= ${tenOn(FIFTH)}`)).toEqual([]);
  }

  test.each(["POST /v1/payment_intents", "POST /v1/payment_intents/*/confirm", "*"])(
    "a quarter of an hour of it at %s loses no draft and fails none",
    async (match) => {
      const storm = await onTheFifth();
      const { t } = storm;
      t.bank.faults.add({ match, kind: "rate_limited", times: null });
      await beat(t, "7 * * * *");
      const sweepsOf = async (minutes: number) => {
        for (const end = t.clock.now + minutes * 60; t.clock.now < end; ) {
          t.clock.now += 300;
          await beat(t, "*/5 * * * *");
        }
      };
      await sweepsOf(15);
      expect(bankTotals(t).captured).toBe(storm.before);
      t.bank.faults.clear();
      await sweepsOf(45);
      await beat(t, "7 * * * *");
      await sweepsOf(60);
      await days(t, "2027-01-06", "2027-01-12");
      await expectAllMade(storm);
    },
  );

  test("it is asked again when it said, and not before", async () => {
    const answers = [{ "retry-after": "17" }, { "retry-after": "soon" }, {}] as Record<string, string>[];
    const payments = stripePayments({
      secretKey: "sk_test_busy",
      webhookSecret: "whsec_busy",
      apiBase: "https://bank.test",
      fetch: async () =>
        Response.json(
          { error: { type: "invalid_request_error", code: "rate_limit" } },
          { status: 429, headers: answers.shift() },
        ),
    });
    const charge = {
      paymentId: "pay_a",
      cents: cents(100),
      customerId: "cus_a",
      paymentMethodId: "pm_a",
      description: "",
    };
    for (const retryInSeconds of [17, null, null]) {
      const trouble = await payments.prepareCharge(charge).catch((error) => error);
      expect(trouble).toBeInstanceOf(VendorTrouble);
      expect(trouble).toMatchObject({ retryInSeconds });
    }
    expect(answers).toEqual([]);
  });
});
