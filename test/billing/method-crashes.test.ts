import { describe, expect, test } from "vitest";
import { FAULT_KINDS } from "../../dev/stripe-faults.ts";
import { HOUR, MINUTE } from "../../src/calendar.ts";
import { portal, type TestBrowser, type TestPortal } from "../setup.ts";
import { later, methodRows, readyToAdd, removalForm, typeNewCard } from "./adding.ts";
import { type Blow, DATABASE_BLOWS, WorkerDied, World } from "./moments.ts";

/**
 * Whatever breaks at whatever call while a card is added or removed: it is on file once or not at all, the vendor keeps
 * none that we do not know of, and nobody is told otherwise. The moments are found by counting the calls of an
 * undisturbed walk, then each is struck in every way.
 */
type Story = {
  name: string;
  account: string;
  email: string;
  /** The form as it stands before the last press. */
  ready: (t: TestPortal, browser: TestBrowser) => Promise<URLSearchParams>;
  walk: (t: TestPortal, does: Does, browser: TestBrowser, form: URLSearchParams) => Promise<void>;
};

type Answer = Awaited<ReturnType<TestBrowser["get"]>>;
type Does = (request: () => Promise<Answer>) => Promise<Answer>;

class WalksAway extends Error {}

const STORIES: Story[] = [
  {
    name: "adding a card",
    account: "CR-10047",
    email: "amara@harborstreetdental.example.com",
    ready: (_, browser) => readyToAdd(browser, "card"),
    async walk(t, does, browser, form) {
      const answer = await does(() => browser.post("/payment-methods", form));
      const back = await typeNewCard(t, answer.headers.get("Location")!);
      const said = await does(() => browser.get(back));
      await does(() => browser.get(said.headers.get("Location")!));
    },
  },
  {
    name: "removing a card",
    account: "CR-10052",
    email: "priya@example.com",
    async ready(t, browser) {
      await t.rows("update money_settings set customers_remove_methods = 1");
      const [card] = await methodRows(t, "CR-10052");
      const form = removalForm((await browser.get("/payment-methods")).html, card!.id);
      form.set("sure", "yes");
      form.set("card", card!.id);
      return form;
    },
    async walk(_, does, browser, form) {
      const said = await does(() => browser.post(`/payment-methods/${form.get("card")}/removal`, form));
      const location = said.headers.get("Location");
      if (location) await does(() => browser.get(location));
    },
  },
];

type Plan = { call: number; blow: Blow } | null;

async function live(story: Story, plan: Plan, patient: boolean) {
  const t = await portal();
  const world = new World(t);
  const browser = await t.as(story.email);
  const form = await story.ready(t, browser);
  const seen: string[] = [];
  const does: Does = async (request) => {
    for (let tries = 1; ; tries++) {
      try {
        const page = await world.alive(request);
        seen.push(page.html);
        if (page.status < 500) return page;
      } catch (error) {
        if (!(error instanceof WorkerDied)) throw error;
      }
      world.heal();
      if (!patient || tries === 2) throw new WalksAway();
    }
  };
  if (!patient) t.bank.setDelivery({ mode: "dropped" });
  world.begin(plan);
  try {
    await story.walk(t, does, browser, form);
  } catch (error) {
    if (!(error instanceof WalksAway)) throw error;
  }
  const calls = [...world.calls];
  for (let beat = 0; beat < 2; beat++) {
    await world
      .alive(() => later(t, 3 * MINUTE, patient))
      .catch((error) => {
        if (!(error instanceof WorkerDied)) throw error;
      });
    world.heal();
  }
  world.end();
  for (const wait of [HOUR, 2 * HOUR, 12 * HOUR]) await later(t, wait, patient);
  return { t, calls, seen, browser };
}

/** What the vendor keeps for the account's customer: nothing that is not on file here, and all of that. */
async function expectSameAtBank(t: TestPortal, account: string): Promise<void> {
  const { customer } = await t.row<{ customer: string | null }>(
    "select stripe_customer_id customer from accounts where number = ?",
    account,
  );
  const methods = Object.values(JSON.parse(t.bank.saveState()).books["cedar-ridge"].methods) as {
    id: string;
    customer: string | null;
  }[];
  const kept = methods.filter((method) => method.customer !== null && method.customer === customer);
  const onFile = (await methodRows(t, account)).filter((row) => row.removed_at === null);
  expect(kept.map((method) => method.id).sort()).toEqual(onFile.map((row) => row.stripe_payment_method_id).sort());
}

for (const story of STORIES) {
  const { calls } = await live(story, null, true);
  const struckAlready = new Set<string>();
  const moments = calls.flatMap(({ name, to }, i) => {
    // The second webhook is stored like the first.
    if (struckAlready.has(name)) return [];
    struckAlready.add(name);
    const blows: readonly Blow[] = to === "database" ? DATABASE_BLOWS : [...FAULT_KINDS, "dies_before", "dies_after"];
    return blows.map((blow) => ({ call: i + 1, name, blow }));
  });
  describe(story.name, () => {
    test.for(moments)("$call $name: $blow", async (plan) => {
      for (const patient of [true, false]) {
        const { t, seen, browser } = await live(story, plan, patient);
        const rows = (await methodRows(t, story.account)).filter((row) => row.removed_at === null);
        expect(await t.rows("select id from setups where state in ('open', 'verifying')")).toEqual([]);
        await expectSameAtBank(t, story.account);
        const told = seen.join("");
        if (story.name === "adding a card") {
          expect(rows.length).toBeLessThanOrEqual(1);
          if (/Your new payment method is on file/.test(told)) expect(rows).toHaveLength(1);
          // Whoever finds nothing on file adds it now, and it is there once.
          if (rows.length === 0) await story.walk(t, (request) => request(), browser, await story.ready(t, browser));
          expect((await methodRows(t, story.account)).filter((row) => row.removed_at === null)).toHaveLength(1);
        } else {
          if (patient || /It is removed/.test(told)) expect(rows).toEqual([]);
          for (const row of await methodRows(t, story.account))
            expect(row.removed_at === null).toBe(row.detached_at === null);
        }
      }
    });
  });
}
