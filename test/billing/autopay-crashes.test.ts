import { expect, test } from "vitest";
import { FAULT_KINDS } from "../../dev/stripe-faults.ts";
import { portal, type TestPortal } from "../setup.ts";
import { bankTotals } from "./aftermath.ts";
import { beat, day, draftsOf, subjectsTo, tenOn, triesOf } from "./drafting.ts";
import { type Blow, DATABASE_BLOWS, WorkerDied, World } from "./moments.ts";

/**
 * Whatever breaks at whatever call while a draft is announced, noticed and made: it is announced once, drawn once, for
 * no more than announced, and the customer hears of each once. The moments are found by counting the calls of an
 * undisturbed month, then each is struck in every way.
 */

const DANA = "CR-10021";
const TO_DANA = "dana@example.com";

type Plan = { call: number; blow: Blow } | null;

/** The beat of a cron line under which the Worker may die; what is left is lost with it, as in the worst of queues. */
async function struckBeat(t: TestPortal, world: World, line: "7 * * * *" | "*/5 * * * *"): Promise<void> {
  await world
    .alive(() => beat(t, line))
    .catch((error) => {
      if (!(error instanceof WorkerDied)) throw error;
      t.jobs.splice(0);
    });
  world.heal();
}

/** A month in which one call is struck: announced on the 23rd of December, made on the 5th of January. */
async function month(plan: Plan, part: "announcing" | "making") {
  const t = await portal();
  await t.rows("update autopay set stopped_at = 1 where draft_day <> 5");
  // What the cast had under way is over before.
  await day(t, "2026-12-20");
  const world = new World(t);
  const before = bankTotals(t).captured;
  t.clock.now = tenOn("2026-12-23");
  if (part === "announcing") world.begin(plan);
  await struckBeat(t, world, "7 * * * *");
  if (part === "announcing") world.end();
  for (let hour = 1; hour <= 3; hour++) {
    t.clock.now += 3600;
    await beat(t, "7 * * * *");
    await beat(t, "*/5 * * * *");
  }
  await day(t, "2026-12-24");
  await day(t, "2026-12-25");
  t.clock.now = tenOn("2027-01-05");
  if (part === "making") world.begin(plan);
  await struckBeat(t, world, "7 * * * *");
  if (part === "making") world.end();
  // The rest of the day and the days after, as they go on by themselves.
  for (let hour = 1; hour <= 3; hour++) {
    t.clock.now += 3600;
    await beat(t, "7 * * * *");
    await beat(t, "*/5 * * * *");
    await t.bank.drainWebhooks();
    await beat(t, "*/5 * * * *");
  }
  for (const date of ["2027-01-06", "2027-01-07", "2027-01-08"]) await day(t, date);
  return { t, world, taken: bankTotals(t).captured - before };
}

const blowsAt = (to: "database" | "bank"): readonly Blow[] =>
  to === "database" ? DATABASE_BLOWS : [...FAULT_KINDS, "dies_before", "dies_after"];

async function expectOneDraft({ t, taken }: Awaited<ReturnType<typeof month>>): Promise<void> {
  const drafts = await draftsOf(t, DANA);
  expect(drafts).toMatchObject([{ draft_on: "2027-01-05", state: "settled", max_cents: 4798 }]);
  const settled = (await triesOf(t, drafts[0]!.id)).filter((one) => one.state === "settled");
  expect(settled).toMatchObject([{ amount_cents: 4798 }]);
  expect(taken).toBe(4798);
  const told = subjectsTo(t, TO_DANA);
  expect(told.filter((subject) => subject.startsWith("Autopay on"))).toHaveLength(1);
  expect(told.filter((subject) => subject.startsWith("Receipt"))).toHaveLength(1);
  expect(told).toHaveLength(2);
}

/** The calls of an undisturbed month, each name once, in every way. */
async function momentsOf(part: "announcing" | "making") {
  const { world } = await month(null, part);
  const moments: { call: number; name: string; blow: Blow }[] = [];
  for (const [i, { name, to }] of world.calls.entries()) {
    if (moments.some((one) => one.name === name)) continue;
    moments.push(...blowsAt(to).map((blow) => ({ call: i + 1, name, blow })));
  }
  return moments;
}

const announcing = await momentsOf("announcing");
const making = await momentsOf("making");

test("an undisturbed month is one draft, one notice, one receipt", async () => {
  expect(announcing.length).toBeGreaterThan(20);
  expect(making.length).toBeGreaterThan(20);
  await expectOneDraft(await month(null, "making"));
});

test.for(announcing)("while announcing, $blow at $name", async ({ call, blow }) => {
  await expectOneDraft(await month({ call, blow }, "announcing"));
});

test.for(making)("while making, $blow at $name", async ({ call, blow }) => {
  await expectOneDraft(await month({ call, blow }, "making"));
});
