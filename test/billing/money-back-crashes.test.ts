import { describe, expect, test } from "vitest";
import { FAULT_KINDS } from "../../dev/stripe-faults.ts";
import { MINUTE } from "../../src/calendar.ts";
import { jobsOf } from "../../src/jobs.ts";
import { portal, type TestPortal } from "../setup.ts";
import { lettersAbout, runJobsOnce, sweep } from "./aftermath.ts";
import { invoiceRow } from "./customer.ts";
import { type Blow, DATABASE_BLOWS, World } from "./moments.ts";
import {
  atBank,
  expectSameSums,
  heldByBank,
  intentOf,
  moneyOf,
  OLDEST,
  officeForm,
  priyaPays,
  returnedBefore,
  work,
} from "./money-back.ts";

/**
 * Whatever breaks at whatever call while a credit is given or used by hand, or while a bank takes a payment back and
 * gives it again: it happens once, the books add up, and each letter goes out once. The moments are found by counting
 * the calls of an undisturbed walk, then each is struck in every way.
 */
type Plan = { call: number; blow: Blow } | null;
type Story = {
  name: string;
  /** Everything up to the press, or to what the bank does; answers what is struck. */
  ready: (t: TestPortal) => Promise<() => Promise<unknown>>;
  /** What must be true in the end. */
  end: (t: TestPortal) => Promise<void>;
};

const MONEY = "/office/accounts/CR-10052/money";
const POSTS = "/office/accounts/CR-10052";

/** Ruth presses a button of the money page; where that comes to nothing, she presses the same button again. */
async function press(t: TestPortal, action: string, fields: Record<string, string>): Promise<() => Promise<unknown>> {
  const ruth = await t.as("ruth@cedarridge.example.com");
  const form = officeForm((await ruth.get(MONEY)).html, `${POSTS}/${action}`, fields);
  return async () => {
    const { status } = await ruth.post(`${POSTS}/${action}`, form);
    if (status !== 303) throw new Error(`answered ${status}`);
  };
}

const creditsOf = (t: TestPortal) =>
  t.rows<{ id: string; amount_cents: number; allocated_cents: number }>(
    "select id, amount_cents, allocated_cents from credits where by is not null",
  );

const given = { reason: "late visit" };

let paid = "";
let seeded = { returned: 0 };

const STORIES: Story[] = [
  {
    name: "a credit is given",
    ready: (t) => press(t, "credits", { ...given, amount: "12.00" }),
    async end(t) {
      expect(await creditsOf(t)).toMatchObject([{ amount_cents: 1200, allocated_cents: 1200 }]);
      expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 1200 });
      expect(await t.rows("select amount_cents from ledger_lines where kind = 'credit'")).toEqual([
        { amount_cents: 1200 },
      ]);
    },
  },
  {
    name: "a credit is used by hand",
    async ready(t) {
      await t.rows("update money_settings set apply_credit = 'by_hand'");
      await (await press(t, "credits", { ...given, amount: "12.00" }))();
      const [credit] = await creditsOf(t);
      const { id } = await t.row<{ id: string }>("select id from invoices where number = ?", OLDEST);
      return press(t, "credit-uses", { source: `credit:${credit!.id}`, invoice: id, amount: "7.00" });
    },
    async end(t) {
      expect(await creditsOf(t)).toMatchObject([{ amount_cents: 1200, allocated_cents: 700 }]);
      expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 700 });
    },
  },
  {
    name: "a bank takes a payment back",
    async ready(t) {
      seeded = await returnedBefore(t);
      paid = await priyaPays(t);
      await t.webhooks();
      await atBank(t, `payments/${await intentOf(t, paid)}/bounce`, { reason: "fraudulent" });
      return () => t.webhooks();
    },
    async end(t) {
      expect(await moneyOf(t, paid)).toMatchObject({ allocated_cents: 0, returned_cents: 4265 });
      expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 0, held_cents: 0 });
      expect(await lettersAbout(t, paid)).toEqual([
        "Receipt: $42.65 received",
        "Your bank took back a payment of $42.65",
      ]);
      expect(await work(t)).toMatchObject([{ kind: "payment_returned", subject_id: paid }]);
      await expectSameSums(t, seeded);
    },
  },
  {
    name: "a bank gives a payment again",
    async ready(t) {
      seeded = await returnedBefore(t);
      paid = await priyaPays(t);
      await t.webhooks();
      await atBank(t, `payments/${await intentOf(t, paid)}/bounce`, { reason: "fraudulent" });
      await t.webhooks();
      await atBank(t, `disputes/${heldByBank(t, "disputes").at(-1)!.id}/won`);
      return () => t.webhooks();
    },
    async end(t) {
      expect(await moneyOf(t, paid)).toMatchObject({ allocated_cents: 4265, returned_cents: 0 });
      expect(await invoiceRow(t, OLDEST)).toMatchObject({ allocated_cents: 4265, held_cents: 0 });
      expect((await lettersAbout(t, paid)).slice(1)).toEqual([
        "Your bank took back a payment of $42.65",
        "Your payment of $42.65 counts again",
      ]);
      expect(await work(t)).toEqual([]);
      await expectSameSums(t, seeded);
    },
  },
];

async function live(story: Story, plan: Plan) {
  const t = await portal();
  await t.rows("update messages set state = 'sent'");
  // Priya comes with a credit that waits.
  await t.rows("delete from credits where allocated_cents = 0");
  const acts = await story.ready(t);
  const world = new World(t);
  world.begin(plan);
  for (let tries = 1; tries <= 2; tries++) {
    try {
      await world.alive(acts);
      break;
    } catch {
      // The Worker died, or answered with an error page: what it was about to do is lost with it.
      t.jobs.splice(0);
      world.heal();
    }
  }
  world.end();
  for (const wait of [3 * MINUTE, 30 * MINUTE]) {
    t.clock.now += wait;
    await t.bank.drainWebhooks();
    await runJobsOnce(t);
    await sweep(t);
  }
  t.jobs.push(...jobsOf("0 8 * * *", ["cedar-ridge"]).filter((job) => job.type === "credits.sweep"));
  await runJobsOnce(t);
  return { t, calls: world.calls };
}

// How a letter goes out, and how an event is kept, is struck where payments are.
const ELSEWHERE = /^commit (message|stripe)\.|^read of (1?\d{2}|[6-9]) tables/;
const struckAlready = new Set<string>();

for (const story of STORIES) {
  const { t, calls } = await live(story, null);
  await story.end(t);
  const moments = calls.flatMap(({ name, to }, i) => {
    if (struckAlready.has(`${story.name} ${name}`) || ELSEWHERE.test(name)) return [];
    struckAlready.add(`${story.name} ${name}`);
    const blows: readonly Blow[] = to === "database" ? DATABASE_BLOWS : [...FAULT_KINDS, "dies_before", "dies_after"];
    return blows.map((blow) => ({ call: i + 1, name, blow }));
  });
  describe(`while ${story.name}`, () => {
    test.for(moments)("$blow at call $call, $name", async (plan) => {
      const struck = await live(story, plan);
      await story.end(struck.t);
    });
  });
}
