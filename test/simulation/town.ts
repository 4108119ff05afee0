import { vi } from "vitest";
import { FAULT_KINDS } from "../../dev/stripe-faults.ts";
import { brokenPromises } from "../../src/billing/books.ts";
import { DAY } from "../../src/calendar.ts";
import { CRON, jobsOf } from "../../src/jobs.ts";
import { runJobsOnce } from "../billing/aftermath.ts";
import { DATABASE_BLOWS, WorkerDied, World } from "../billing/moments.ts";
import { portal, type TestBrowser, type TestPortal } from "../setup.ts";
import { type Chance, chanceOf } from "./chance.ts";
import { DEEDS, type Deed } from "./deeds.ts";

/** The dealer's world as deeds see it. */
export type Town = {
  t: TestPortal;
  chance: Chance;
  customers: { account: string; browser: TestBrowser }[];
  office: TestBrowser;
};

const CUSTOMERS = [
  ["CR-10052", "priya@example.com"],
  ["CR-10021", "dana@example.com"],
  ["CR-10081", "office@northgatestorage.example.com"],
  ["CR-10073", "tomas@example.com"],
  ["CR-10047", "amara@harborstreetdental.example.com"],
] as const;

/** One deed of a life, and its own chance: so a life can be lived again without some of its deeds. */
export type Step = { deed: Deed; seed: number; struck: boolean };

/** What will be tried in the life of a seed. */
export function stepsOf(seed: number, deeds: number): Step[] {
  const chance = chanceOf(seed);
  const all = DEEDS.reduce((total, { often }) => total + often, 0);
  // Some lives are without trouble: then everything must come to its end by itself.
  const trouble = chance.one([0, 15, 30, 45]);
  return Array.from({ length: deeds }, () => {
    let at = chance.below(all);
    const deed = DEEDS.find(({ often }) => {
      at -= often;
      return at < 0;
    })!;
    return { deed, seed: chance.below(2 ** 31), struck: chance.percent(trouble) };
  });
}

/** What was wrong, and after which step; null when nothing ever was. */
export type Wrong = { after: number; what: string };

/**
 * Lives a life: each step in turn, some with a call to database or bank struck while it happens, and after each the books
 * must hold. In the end everything heals, time passes, and bank and books must say the same to the cent.
 */
export async function live(seed: number, steps: readonly Step[]): Promise<Wrong | null> {
  const ids = chanceOf(seed ^ 0x5eed);
  const fill = vi.spyOn(crypto, "getRandomValues").mockImplementation((bytes) => ids.fill(bytes as never));
  const t = await portal();
  try {
    const customers: Town["customers"] = [];
    for (const [account, email] of CUSTOMERS) customers.push({ account, browser: await t.as(email) });
    const office = await t.as("ruth@cedarridge.example.com");
    const world = new World(t);
    for (const [i, { deed, seed, struck }] of steps.entries()) {
      const chance = chanceOf(seed);
      const call = world.calls.length + 1 + chance.below(8);
      const blows = DATABASE_BLOWS.filter((blow) => !deed.awaited || !blow.startsWith("dies"));
      const blow = chance.one([...blows, ...FAULT_KINDS]);
      world.begin(struck ? { call, blow } : null);
      const what = await world
        .alive(() => deed.does({ t, chance, customers, office }))
        .then(
          () => null,
          (error) => (expected(error) ? null : `${deed.name}: ${error instanceof Error ? error.stack : error}`),
        );
      world.end();
      const broken = what ?? (await wrongWith(t));
      if (broken) return { after: i, what: broken };
    }
    const last = await comesToRest(t);
    return last ? { after: steps.length, what: last } : null;
  } finally {
    await t.settle().catch(() => {});
    fill.mockRestore();
  }
}

/** Deeds are done through the doors, which answer for all trouble; what gets past them is that the Worker died, or is away. */
const expected = (error: unknown): boolean =>
  error instanceof WorkerDied || (error instanceof TypeError && error.message === "fetch failed");

async function wrongWith(t: TestPortal): Promise<string | null> {
  const broken = await brokenPromises(t.db);
  return broken.length > 0 ? broken.map(({ promise, ids }) => `${promise}: ${ids.join(", ")}`).join("\n") : null;
}

/** As long as a bank debit, its return and a refund take one after the other. */
const QUIET_DAYS = 20;

/** All trouble is over, autopay ends, and some weeks go by in which every cron fires and every webhook arrives. */
async function comesToRest(t: TestPortal): Promise<string | null> {
  t.mail.answer = (m) => ({ result: "sent", vendorId: `mail_${m.id}` });
  t.bank.setDelivery({ mode: "normal" });
  await t.rows("update autopay set stopped_at = ? where stopped_at is null", t.clock.now);
  for (let day = 0; day < QUIET_DAYS; day++) {
    t.clock.now += day === 0 ? 0 : DAY;
    await t.bank.tick();
    await t.bank.drainWebhooks();
    for (const line of Object.keys(CRON)) t.jobs.push(...jobsOf(line, ["cedar-ridge"]));
    await runJobsOnce(t);
  }
  const bank = t.bank.totals("sk_test_cedar_ridge");
  const ours = await t.row<{ settled: number; processing: number; refunded: number; hanging: number }>(
    `select coalesce(sum(iif(state = 'settled', amount_cents, 0)), 0) settled,
       coalesce(sum(iif(state = 'processing', amount_cents, 0)), 0) processing,
       (select coalesce(sum(amount_cents), 0) from refunds where state = 'settled') refunded,
       coalesce(sum(state = 'pending' and review_reason is null), 0) hanging
     from payments where origin = 'portal'`,
  );
  const differs = [
    ["settled", bank.captured, ours.settled],
    ["processing", bank.processing, ours.processing],
    ["refunded", bank.refunded, ours.refunded],
    ["payments left hanging", 0, ours.hanging],
  ]
    .filter(([, theirs, mine]) => theirs !== mine)
    .map(([what, theirs, mine]) => `${what}: the bank says ${theirs}, the books say ${mine}`);
  return [...differs, (await wrongWith(t)) ?? ""].filter(Boolean).join("\n") || null;
}

/** The same life with as few deeds as still go wrong: halves are left out first, then single deeds. */
export async function shrink(seed: number, steps: readonly Step[], close: () => Promise<void>): Promise<Step[]> {
  let left = [...steps];
  for (let size = Math.ceil(left.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let from = 0; from < left.length; ) {
      const fewer = [...left.slice(0, from), ...left.slice(from + size)];
      const stillWrong = (await live(seed, fewer)) !== null;
      await close();
      if (stillWrong) left = fewer;
      else from += size;
    }
  }
  return left;
}
