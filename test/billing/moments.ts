import type { FaultKind } from "../../dev/stripe-faults.ts";
import type { TestPortal } from "../setup.ts";

/**
 * What may happen at one call of ours to the world.
 * To the database: `lost`: done, its answer lost. `away`: not done, nor anything after it. `lost_and_away`: done, and then away.
 * To either: the Worker `dies_before` or `dies_after` the call: nothing of that request ever runs again.
 * To the bank: the stand-in's own faults.
 */
export const DATABASE_BLOWS = ["lost", "away", "lost_and_away", "dies_before", "dies_after"] as const;
export type Blow = (typeof DATABASE_BLOWS)[number] | FaultKind;

export type Call = { to: "database" | "bank"; name: string };

/** Thrown into a person's hands when the Worker died under their request: the browser's own error page. */
export class WorkerDied extends Error {}

/** Counts every call that the portal makes to its database and bank, and strikes one of them. */
export class World {
  readonly calls: Call[] = [];
  #counting = false;
  #plan: { call: number; blow: Blow } | null = null;
  #away = false;
  #die: () => void = () => {};
  readonly #t: TestPortal;

  constructor(t: TestPortal) {
    this.#t = t;
    const client = t.db.$client as unknown as Record<"batch" | "execute", (...args: unknown[]) => Promise<unknown>>;
    const world = this;
    for (const way of ["batch", "execute"] as const) {
      const ask = Object.getPrototypeOf(client)[way] as (...args: unknown[]) => Promise<unknown>;
      client[way] = function (...args) {
        const call = { to: "database" as const, name: nameOf([args[0]].flat() as Statement[]) };
        return world.#through(call, () => ask.apply(this, args));
      };
    }
    const bank = t.bank.client;
    t.bank.client = (input, init) => {
      const { pathname } = new URL(new Request(input).url);
      const path = pathname.replace(/\/(pi|cs|cus|dp|pm)_\w+/g, "/*");
      const name = `${init?.method ?? "GET"} ${path}`;
      return this.#through({ to: "bank", name }, () => bank(input, init)) as Promise<Response>;
    };
  }

  /** From now on calls count; the call with this number (from 1) is struck. */
  begin(plan: { call: number; blow: Blow } | null): void {
    this.#counting = true;
    this.#plan = plan;
  }

  /** What happens from now on is neither counted nor struck. */
  end(): void {
    this.#counting = false;
    this.heal();
  }

  /** What was away is back. */
  heal(): void {
    this.#away = false;
    this.#t.bank.faults.clear();
  }

  /** Does something that a Worker does, until it is done or the Worker dies of it. */
  alive<T>(work: () => Promise<T>): Promise<T> {
    const death = new Promise<never>((_, reject) => {
      this.#die = () => reject(new WorkerDied());
    });
    return Promise.race([work(), death]);
  }

  async #through(call: Call, act: () => Promise<unknown>): Promise<unknown> {
    if (!this.#counting) return act();
    if (this.#away && call.to === "database") throw new TypeError("fetch failed");
    const number = this.calls.push(call);
    if (this.#plan?.call !== number) return act();
    const { blow } = this.#plan;
    switch (blow) {
      case "away":
        this.#away = true;
        throw new TypeError("fetch failed");
      case "lost":
        await act();
        throw new TypeError("fetch failed");
      case "lost_and_away":
        await act();
        this.#away = true;
        throw new TypeError("fetch failed");
      case "dies_after":
        await act();
        this.#die();
        return new Promise(() => {});
      case "dies_before":
        this.#die();
        return new Promise(() => {});
      default:
        this.#t.bank.faults.add({ match: call.name, kind: blow, seconds: 150 });
        return act();
    }
  }
}

/** What is asked of the database, in a word: the event that a commit leaves, or how much a read asks: that tells pages apart. */
type Statement = { sql: string; args: unknown[] };
function nameOf(statements: Statement[]): string {
  const event = statements[0]!.sql.startsWith('insert into "events"') ? String(statements[0]!.args[0]) : null;
  if (event) return `commit ${event.split(":")[0]}`;
  const tables = [...statements.at(-1)!.sql.matchAll(/\b(?:from|join) "?[a-z_]{3,}/g)];
  return `read of ${tables.length} tables`;
}
