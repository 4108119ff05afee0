import { comeDue, totals as sums, type Totals } from "./stripe-bank-debits.ts";
import { control } from "./stripe-control.ts";
import { bankFor, carryOut, serveApi } from "./stripe-door.ts";
import { type Deliver, deliverByHttp, deliverDue } from "./stripe-events.ts";
import { type Fault, type Faults, faultsIn } from "./stripe-faults.ts";
import { pages } from "./stripe-pages.ts";
import { type Bank, type Book, type DeliveryMode, emptyBook } from "./stripe-state.ts";

type StandInOptions = {
  /** UTC seconds. Time only passes here; nothing has a timer of its own. */
  now: () => number;
  /** Where the hosted pages are reached from a browser, without a final slash. */
  origin: string;
  /** One account per dealer. `name` is what the control page calls it. */
  accounts: { name: string; secretKey: string; webhooks: { url: string; secret: string }[] }[];
  /** How an event reaches its address; over HTTP when not given. */
  deliver?: Deliver;
  /** Same seed, same ids. By default a new one each time, so that a forgotten bank never repeats an id. */
  seed?: string;
};

export type StripeStandIn = {
  /** API, hosted pages and control, for an HTTP server. A cut connection answers `Response.error()`. */
  fetch: (request: Request) => Promise<Response>;
  /** The same for a client in this process: a cut connection rejects, as `fetch` does. */
  client: typeof fetch;
  faults: Faults;
  /** How events travel from now on. Redelivery is always plain. */
  setDelivery: (mode: DeliveryMode) => void;
  /** Does what has come due by the clock: debits, expiries, late requests. Every request does this first. */
  tick: () => Promise<void>;
  /** Ticks, then delivers every event that is due, and those that causes. Answers how many deliveries it made. */
  drainWebhooks: () => Promise<number>;
  /** One account's own sums in cents. Throws for an unknown key. */
  totals: (secretKey: string) => Totals;
  /** Everything remembered, as JSON. */
  saveState: () => string;
  /** Takes up a saved state; accounts are matched by name, and those it does not know start empty. */
  loadState: (json: string) => void;
};

type Saved = { books: Record<string, Book>; faults: Fault[]; delivery: DeliveryMode };

/** A stateful bank that speaks the part of Stripe's API the portal uses, as strictly as Stripe or more so. */
export function stripeStandIn(options: StandInOptions): StripeStandIn {
  const seed = options.seed ?? crypto.randomUUID();
  const plans: Fault[] = [];
  const faults = faultsIn(plans);
  const deliver = options.deliver ?? deliverByHttp;
  // While something overdue is being done, the clock shows when it was due.
  let moment: number | null = null;
  const now = () => moment ?? options.now();
  const banks: Bank[] = options.accounts.map(({ name, secretKey, webhooks }) => ({
    name,
    secretKey,
    webhooks,
    origin: options.origin,
    now,
    book: emptyBook(seed),
    delivery: { mode: "normal" },
    request: { id: null, idempotency_key: null },
  }));

  async function tick(): Promise<void> {
    for (const bank of banks) {
      for (;;) {
        const due = bank.book.due.filter((one) => one.at <= options.now()).sort((a, b) => a.at - b.at)[0];
        if (!due) break;
        bank.book.due.splice(bank.book.due.indexOf(due), 1);
        if (due.does === "request") await carryOut(bank, due.request, "req_late");
        else {
          moment = due.at;
          try {
            comeDue(bank, due);
          } finally {
            moment = null;
          }
        }
      }
    }
  }

  let draining: Promise<number> | null = null;
  async function drain(): Promise<number> {
    await tick();
    let made = 0;
    for (const bank of banks) made += await deliverDue(bank, deliver);
    return made;
  }
  // One at a time: two drains would deliver the same event twice.
  function drainWebhooks(): Promise<number> {
    draining ??= drain().finally(() => {
      draining = null;
    });
    return draining;
  }

  function setDelivery(mode: DeliveryMode): void {
    for (const bank of banks) bank.delivery = mode;
  }

  async function answer(request: Request): Promise<Response> {
    await tick();
    const { pathname } = new URL(request.url);
    if (pathname.startsWith("/_bank")) return control.fetch(request, { banks, faults, setDelivery, drainWebhooks });
    if (!pathname.startsWith("/v1/")) return pages.fetch(request, { banks });
    const bank = bankFor(banks, request);
    if (bank instanceof Response) return bank;
    return serveApi(bank, request, faults.strike(request.method, pathname));
  }

  return {
    fetch: answer,
    async client(input, init) {
      const response = await answer(new Request(input, init));
      if (response.type === "error") throw new TypeError("fetch failed");
      return response;
    },
    faults,
    setDelivery,
    tick,
    drainWebhooks,
    totals(secretKey) {
      const bank = banks.find((one) => one.secretKey === secretKey);
      if (!bank) throw new Error("The stand-in keeps no account with this key.");
      return sums(bank);
    },
    saveState() {
      const books = Object.fromEntries(banks.map((bank) => [bank.name, bank.book]));
      const saved: Saved = { books, faults: plans, delivery: banks[0]?.delivery ?? { mode: "normal" } };
      return JSON.stringify(saved);
    },
    loadState(json) {
      const saved = JSON.parse(json) as Saved;
      for (const bank of banks) bank.book = { ...emptyBook(seed), ...saved.books[bank.name] };
      plans.splice(0, plans.length, ...saved.faults);
      setDelivery(saved.delivery);
    },
  };
}
