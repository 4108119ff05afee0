import { vi } from "vitest";
import { FAULT_KINDS } from "../../dev/stripe-faults.ts";
import { brokenPromises } from "../../src/billing/books.ts";
import { DAY, localDate, plusDays } from "../../src/calendar.ts";
import { DATABASE_BLOWS, WorkerDied, World } from "../billing/moments.ts";
import type { TestPortal } from "../setup.ts";
import { TEST_NOW } from "../templates.ts";
import { chanceOf } from "./chance.ts";
import { CUSTOMERS_DO } from "./customers.ts";
import { OFFICE_DOES } from "./office.ts";
import { type AnyTown, comesToRest, type Deed, isTrouble, townAt, underWay } from "./town.ts";
import { WORLD_DOES } from "./world.ts";

const DEEDS: Deed[] = [...CUSTOMERS_DO, ...OFFICE_DOES, ...WORLD_DOES];

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

/** What happened in all lives so far, and how many days they lasted. */
export const seen = new Map<string, number>();

/** What was wrong, and after which step; null when nothing ever was. */
export type Wrong = { after: number; what: string };

/**
 * Lives a life: each step in turn, some with a call to database or bank struck while it happens, and after each the books
 * must hold. In the end everything heals, time passes, and bank and books must say the same to the cent.
 */
export async function live(seed: number, steps: readonly Step[]): Promise<Wrong | null> {
  const ids = chanceOf(seed ^ 0x5eed);
  const town = await townAt(chanceOf(seed ^ 0x3a11));
  const { t } = town;
  const fill = vi.spyOn(crypto, "getRandomValues").mockImplementation((bytes) => ids.fill(bytes as never));
  try {
    const world = new World(t);
    for (const [i, { deed, seed, struck }] of steps.entries()) {
      const chance = chanceOf(seed);
      const call = world.calls.length + 1 + chance.below(8);
      const blows = DATABASE_BLOWS.filter((blow) => !deed.awaited || !blow.startsWith("dies"));
      const blow = chance.one([...blows, ...FAULT_KINDS]);
      world.begin(struck ? { call, blow } : null);
      const what = await world
        .alive(() => deed.does({ ...town, chance }))
        .then(
          () => null,
          (error) =>
            error instanceof WorkerDied || isTrouble(error)
              ? null
              : `${deed.name}: ${error instanceof Error ? error.stack : error}`,
        );
      world.end();
      const broken = [...(what ? [what] : []), ...(await wrongNow(town))];
      if (broken.length > 0) return { after: i, what: broken.join("\n") };
    }
    const days = Math.round((t.clock.now - TEST_NOW) / DAY);
    await comesToRest(town);
    count("days", days);
    for (const { what, times } of await t.rows<{ what: string; times: number }>(WHAT_BECAME)) count(what, times);
    const last = (await wrongAtRest(town)).join("\n");
    return last ? { after: steps.length, what: last } : null;
  } finally {
    fill.mockRestore();
  }
}

/** What became of all that money went through, by kind and state; the cast's own payments were there before. */
const WHAT_BECAME = `
  select 'payment ' || state what, count(*) times from payments where origin = 'portal' and started_at > ${TEST_NOW} group by state
  union all select 'payment by autopay', count(*) from draft_payments
  union all select 'payment refused to autopay', count(*) from draft_payments join payments p on p.id = payment_id where p.state = 'failed'
  union all select 'draft ' || state, count(*) from drafts group by state
  union all select 'refund ' || state, count(*) from refunds group by state
  union all select 'return ' || state, count(*) from returns group by state
  union all select 'setup ' || state, count(*) from setups group by state
  union all select 'scheduled payment ' || state, count(*) from scheduled_payments group by state
  union all select 'credit given', count(*) from credits where by is not null
  union all select 'pay link used', count(*) from events where action = 'pay_link.tried'
  union all select 'work item', count(*) from worklist`;

const count = (what: string, times: number) => void seen.set(what, (seen.get(what) ?? 0) + times);

/** Broken promises, and what fell over at a door or in a job although nothing was away. */
async function wrongNow(town: AnyTown): Promise<string[]> {
  const { t, odd } = town;
  const { changes } = await t.row<{ changes: string }>(
    "select total_changes() || ' ' || data_version changes from pragma_data_version",
  );
  // What held before a deed that wrote nothing holds after it.
  const broken = changes === town.changes ? [] : await brokenPromises(t.db);
  town.changes = changes;
  return [
    ...broken.map(({ promise, ids }) => `${promise}: ${ids.join(", ")}`),
    ...odd,
    ...t.logs.filter(({ level, stack }) => level === "error" && stack !== "").map((entry) => JSON.stringify(entry)),
  ];
}

/** What is wrong when nothing moves any more: left hanging, other than the bank says, or drawn without a word. */
async function wrongAtRest(town: AnyTown): Promise<string[]> {
  const { t, mail } = town;
  const bank = t.bank.totals("sk_test_cedar_ridge");
  const ours = await t.row<{ settled: number; processing: number; refunded: number }>(
    `select coalesce(sum(iif(state = 'settled', amount_cents, 0)), 0) settled,
       coalesce(sum(iif(state = 'processing', amount_cents, 0)), 0) processing,
       (select coalesce(sum(amount_cents), 0) from refunds where state = 'settled') refunded
     from payments where origin = 'portal'`,
  );
  const differs = [
    ["settled", bank.captured, ours.settled],
    ["processing", bank.processing, ours.processing],
    ["refunded", bank.refunded, ours.refunded],
  ]
    .filter(([, theirs, mine]) => theirs !== mine)
    .map(([what, theirs, mine]) => `${what}: the bank says ${theirs}, the books say ${mine}`);
  const hanging = (await underWay(t)).map(({ what }) => what);
  return [...hanging, ...differs, ...(await drawnWithoutNotice(t, mail)), ...(await wrongNow(town))];
}

/**
 * Every first try of a draft for another amount than the last one was announced by a letter that the vendor had taken ten
 * days before. https://www.ecfr.gov/current/title-12/chapter-X/part-1005/subpart-A/section-1005.10#p-1005.10(d)
 */
async function drawnWithoutNotice(t: TestPortal, mail: AnyTown["mail"]): Promise<string[]> {
  const drawn = await t.rows<{
    id: string;
    draft_on: string;
    cents: number;
    last: number | null;
    letter: string | null;
  }>(
    `select d.id, d.draft_on, p.amount_cents cents, m.id letter,
       (select p2.amount_cents from drafts d2 join draft_payments dp2 on dp2.draft_id = d2.id join payments p2 on p2.id = dp2.payment_id
         where d2.account_id = d.account_id and d2.draft_on < d.draft_on and p2.state in ('settled', 'processing')
         order by d2.draft_on desc limit 1) last
     from drafts d join draft_payments dp on dp.draft_id = d.id and dp.try_number = 1 join payments p on p.id = dp.payment_id
       left join messages m on m.dedupe_key in ('draft_announced:' || d.id, 'draft_asking:' || d.id)`,
  );
  return drawn
    .filter(({ draft_on, cents, last, letter }) => {
      const at = letter === null ? undefined : mail.takenAt.get(letter);
      return cents !== last && (!at || localDate(at, t.deps().dealer.timeZone) > plusDays(draft_on as never, -10));
    })
    .map(({ id, cents }) => `draft ${id} of ${cents} cents was made without its notice`);
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
