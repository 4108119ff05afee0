import { describe, expect, test } from "vitest";
import { FAULT_KINDS } from "../../dev/stripe-faults.ts";
import { MINUTE } from "../../src/calendar.ts";
import { portal, type TestBrowser, type TestPortal } from "../setup.ts";
import {
  bankTotals,
  expectBankAndBooksAgree,
  expectNothingLeftOver,
  expectOneReceipt,
  sweep,
  timePasses,
} from "./aftermath.ts";
import {
  atTheBank,
  invoiceRow,
  openInvoicesOf,
  pay,
  paymentsOf,
  readyToPay,
  typeAccount,
  typeCard,
} from "./customer.ts";
import { type Blow, DATABASE_BLOWS, WorkerDied, World } from "./moments.ts";

/**
 * Whatever breaks at whatever call of a payment, nothing is lost, nothing is charged twice, and nobody is told an
 * untruth. The moments are found by counting the calls of an undisturbed payment, then each is struck in every way.
 */
type Story = {
  name: string;
  email: string;
  account: string;
  method?: "new_card" | "new_bank";
  atCheckout?: (t: TestPortal, url: string) => Promise<string>;
};

const STORIES: Story[] = [
  { name: "with the card on file", email: "priya@example.com", account: "CR-10052" },
  { name: "with the bank account on file", email: "office@northgatestorage.example.com", account: "CR-10081" },
  { name: "with a card that wants 3-D Secure", email: "tomas@example.com", account: "CR-10073" },
  {
    name: "with a new card at checkout",
    email: "amara@harborstreetdental.example.com",
    account: "CR-10047",
    method: "new_card",
    atCheckout: (t, url) => typeCard(t, url),
  },
  {
    name: "with a new bank account at checkout",
    email: "priya@example.com",
    account: "CR-10052",
    method: "new_bank",
    atCheckout: (t, url) => typeAccount(t, url),
  },
];

/** `patient` tries again when the portal fails; `gone` never comes back, and no webhook arrives either. */
type Person = "patient" | "gone";

class WalksAway extends Error {}

type Seen = { text: string; moved: number; captured: number };

async function live(story: Story, plan: { call: number; blow: Blow } | null, person: Person) {
  const t = await portal();
  const world = new World(t);
  const browser = await t.as(story.email);
  const [due] = await openInvoicesOf(t, story.account);
  const form = await readyToPay(browser, { invoices: { [due!.number]: null }, method: story.method });
  if (person === "gone") t.bank.setDelivery({ mode: "dropped" });
  const before = bankTotals(t);
  const since = () => {
    const now = bankTotals(t);
    const captured = now.captured - before.captured;
    return { captured, moved: captured + now.processing - before.processing };
  };
  const seen: Seen[] = [];

  /** One thing the person does. If the portal dies or errs under it, once more when all is well again. */
  const does = async (request: () => ReturnType<TestBrowser["get"]>) => {
    for (let tries = 1; ; tries++) {
      try {
        const page = await world.alive(request);
        seen.push({ text: page.html, ...since() });
        if (page.status < 500) return page;
      } catch (error) {
        if (!(error instanceof WorkerDied)) throw error;
      }
      world.heal();
      if (person === "gone" || tries === 2) throw new WalksAway();
    }
  };

  world.begin(plan);
  try {
    let at = (await does(() => browser.post("/payments", form))).headers.get("Location");
    for (let hops = 0; at && hops < 10; hops++) {
      const url = new URL(at, browser.origin).href;
      if (url.startsWith("https://bank.test/c/pay/")) at = await story.atCheckout!(t, url);
      else if (url.startsWith("https://bank.test/3ds/")) at = await atTheBank(t, url, { result: "complete" });
      else {
        const page = await does(() => browser.get(url));
        at = page.headers.get("Location") ?? /href="(\/payments\/\w+\/continuation)"/.exec(page.html)?.[1] ?? null;
      }
    }
  } catch (error) {
    if (!(error instanceof WalksAway)) throw error;
  }
  const personCalls = world.calls.length;
  for (let beat = 0; beat < 2; beat++) {
    await world
      .alive(() => sweep(t))
      .catch((error) => {
        if (!(error instanceof WorkerDied)) throw error;
      });
    world.heal();
    await t.bank.drainWebhooks();
    world.heal();
  }
  world.end();
  await timePasses(t, person === "patient");
  return { t, world, personCalls, browser, due: due!, seen, since };
}

type Moment = { call: number; name: string; blow: Blow; people: Person[] };

const struckAlready = new Set<string>();

/**
 * The calls of an undisturbed payment, each name once: the second webhook is stored like the first. What comes after the
 * person has gone is the same in every story, so the first story strikes it for all.
 */
async function momentsOf(story: Story): Promise<Moment[]> {
  const { world, personCalls } = await live(story, null, "patient");
  const moments: Moment[] = [];
  for (const [i, { name, to }] of world.calls.entries()) {
    const once = i < personCalls ? `${story.name}: ${name}` : name;
    if (struckAlready.has(once)) continue;
    struckAlready.add(once);
    // Without webhooks, what they set off is not called.
    const people: Person[] = i < personCalls ? ["patient", "gone"] : ["patient"];
    const blows: readonly Blow[] = to === "database" ? DATABASE_BLOWS : [...FAULT_KINDS, "dies_before", "dies_after"];
    for (const blow of blows) {
      // A webhook's request is the bank's to repeat: to it, death and an error are one.
      if (name !== "commit stripe.event" || !blow.startsWith("dies")) moments.push({ call: i + 1, name, blow, people });
    }
  }
  return moments;
}

for (const story of STORIES) {
  const moments = await momentsOf(story);
  describe(`paying ${story.name}`, () => {
    test.for(moments)("$name: $blow", async (plan) => {
      for (const person of plan.people) {
        const { t, browser, due, seen, since } = await live(story, plan, person);
        expectTruth(seen, since());
        // Whoever finds the invoice still open pays it now. In the end it is paid once.
        if ((await invoiceRow(t, due.number)).allocated_cents < due.total_cents) {
          expect(since().moved).toBe(0);
          t.clock.now += 5 * MINUTE;
          const { answer } = await pay(browser, { invoices: { [due.number]: null }, method: story.method });
          const url = new URL(answer.headers.get("Location")!, browser.origin).href;
          if (story.atCheckout) await story.atCheckout(t, url);
          const [last] = (await paymentsOf(t, story.account)).slice(-1);
          if (story.account === "CR-10073") {
            const bank = await browser.get(`/payments/${last!.id}/continuation`);
            await atTheBank(t, bank.headers.get("Location")!, { result: "complete" });
          }
          await timePasses(t, person === "patient");
        }
        expect(await invoiceRow(t, due.number)).toMatchObject({ allocated_cents: due.total_cents, held_cents: 0 });
        expect(since().moved).toBe(due.total_cents - due.allocated_cents);
        await expectBankAndBooksAgree(t);
        await expectNothingLeftOver(t);
        const settled = (await paymentsOf(t, story.account)).filter((one) => one.state === "settled");
        await expectOneReceipt(t, settled.at(-1)!.id);
      }
    });
  });
}

/** No page said that nothing was charged, or that it failed, when money had moved, nor the last one when it still would. */
function expectTruth(seen: Seen[], end: { moved: number }): void {
  for (const [i, page] of seen.entries()) {
    const denies = /Nothing was charged|did not go through/.test(page.text);
    if (denies || /Nothing has been charged/.test(page.text)) expect(page.moved).toBe(0);
    if (denies && i === seen.length - 1) expect(end.moved).toBe(0);
    if (/We received/.test(page.text)) expect(page.captured).toBeGreaterThan(0);
    if (/We have your bank payment/.test(page.text)) expect(page.moved).toBeGreaterThan(0);
  }
}
