import { DAY, HOUR, MINUTE } from "../../src/calendar.ts";
import { CRON, jobsOf } from "../../src/jobs.ts";
import { beat, type Deed, NIGHTLY, tryJob } from "./town.ts";

const timePasses: Deed = {
  name: "time passes",
  often: 20,
  async does({ t, chance }) {
    t.clock.now += chance.one([1, 30, MINUTE, 10 * MINUTE, HOUR, 8 * HOUR, DAY]);
    await t.bank.tick();
  },
};

/** Some days go by as they mostly do: the cron fires, the queue works, webhooks arrive, but not always. */
const daysGoBy: Deed = {
  name: "days go by",
  often: 45,
  awaited: true,
  async does(town) {
    const { t, chance, nights } = town;
    for (let n = 1 + chance.below(4); n > 0; n--) {
      t.clock.now += chance.one([DAY, DAY, 2 * DAY, 3 * DAY, 3 * DAY]);
      // A night may be missed, but not so many that what the reckoning looks back upon is out of its sight.
      const night = t.clock.now - nights.last > 4 * DAY || chance.percent(25);
      if (night) nights.last = t.clock.now;
      const lines = Object.keys(CRON).filter((line) => (line === NIGHTLY ? night : chance.percent(85)));
      await beat(town, { webhooks: chance.percent(75), lines });
    }
  },
};

/** The cron fires, sometimes twice, and the queue does as queues do: out of order, twice, or not at all. */
const cronFires: Deed = {
  name: "the cron fires",
  often: 20,
  async does({ t, chance }) {
    // Each line fires on its own, late or not at all, as the clock is moved past it.
    for (const line of Object.keys(CRON).filter(() => chance.percent(60))) {
      t.jobs.push(...jobsOf(line, ["cedar-ridge"]));
      if (chance.percent(10)) t.jobs.push(...jobsOf(line, ["cedar-ridge"]));
    }
  },
};

const queueWorks: Deed = {
  name: "the queue brings jobs",
  often: 35,
  async does(town) {
    const { t, chance } = town;
    for (let n = chance.below(12); n > 0 && t.jobs.length > 0; n--) {
      const [job] = t.jobs.splice(chance.percent(70) ? 0 : chance.below(t.jobs.length), 1);
      if (chance.percent(3)) continue;
      if (chance.percent(8)) t.jobs.push(job!);
      // As after a throw in the Worker: the queue brings it again.
      if (!(await tryJob(town, job!)) && chance.percent(80)) t.jobs.push(job!);
    }
  },
};

const webhooksArrive: Deed = {
  name: "webhooks arrive",
  often: 20,
  awaited: true,
  async does({ t, chance }) {
    t.bank.setDelivery(
      chance.one([
        { mode: "normal" },
        { mode: "normal" },
        { mode: "twice" },
        { mode: "out_of_order" },
        { mode: "dropped" },
        { mode: "late", seconds: 3600 },
      ]),
    );
    await t.bank.drainWebhooks();
  },
};

/** An event of any age comes once more. */
const webhookAgain: Deed = {
  name: "a webhook comes again",
  often: 6,
  awaited: true,
  async does({ t, chance }) {
    const events = (await (await t.bank.fetch(new Request("https://bank.test/_bank/events"))).json()) as {
      id: string;
    }[];
    if (events.length === 0) return;
    await t.bank.fetch(
      new Request(`https://bank.test/_bank/events/${chance.one(events).id}/deliver`, { method: "POST" }),
    );
    await t.bank.drainWebhooks();
  },
};

/** A customer's bank takes back what it paid. */
const bankTakesBack: Deed = {
  name: "a bank takes a payment back",
  often: 5,
  async does({ t, chance }) {
    const settled = await t.rows<{ intent: string }>(
      `select stripe_payment_intent_id intent from payments where state = 'settled' and returned_cents = 0 and refunded_cents = 0
         and stripe_payment_intent_id is not null and origin = 'portal' order by id`,
    );
    if (settled.length === 0) return;
    await t.bank.fetch(
      new Request(`https://bank.test/_bank/payments/${chance.one(settled).intent}/bounce`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          reason: chance.one(["insufficient_funds", "bank_cannot_process", "incorrect_account_details"]),
        }),
      }),
    );
  },
};

/** A bank refuses money that was given back, or decides who wins a dispute. */
const bankDecides: Deed = {
  name: "a bank decides",
  often: 4,
  async does({ t, chance }) {
    const payments = (await (await t.bank.fetch(new Request("https://bank.test/_bank/payments"))).json()) as {
      open_dispute: string | null;
      last_refund: string | null;
    }[];
    const disputed = payments.find((one) => one.open_dispute);
    // Weeks later it has the money for good.
    const recent = await t.rows<{ id: string }>(
      "select stripe_refund_id id from refunds where at > ?",
      t.clock.now - 30 * DAY,
    );
    const refunded = payments.find((one) => recent.some(({ id }) => id === one.last_refund));
    const post = (path: string) => t.bank.fetch(new Request(`https://bank.test/_bank/${path}`, { method: "POST" }));
    if (disputed && chance.percent(60)) await post(`disputes/${disputed.open_dispute}/${chance.one(["won", "lost"])}`);
    else if (refunded) await post(`refunds/${refunded.last_refund}/fail`);
  },
};

/** The mail vendor refuses, or is slow, or gone, until it thinks better of it. */
const mailIsMoody: Deed = {
  name: "the mail vendor is moody",
  often: 5,
  async does({ chance, mail }) {
    mail.refuses = chance.one([0, 0, 50, 100]);
  },
};

/** What time, vendors and banks do. */
export const WORLD_DOES: Deed[] = [
  timePasses,
  daysGoBy,
  cronFires,
  queueWorks,
  webhooksArrive,
  webhookAgain,
  bankTakesBack,
  bankDecides,
  mailIsMoody,
];
