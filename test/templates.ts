import { writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { createClient } from "@libsql/client";
import { migrate } from "drizzle-orm/libsql/migrator";
import Stripe from "stripe";
import { CAST, type CastDealer } from "../db/cast.ts";
import { databaseOf } from "../db/client.ts";
import { seedDealer } from "../db/seed.ts";
import { seedVendor } from "../dev/seed-vendor.ts";
import { stripeStandIn } from "../dev/stripe.ts";
import type { Deliver } from "../dev/stripe-events.ts";
import { stripePayments } from "../src/adapters/stripe.ts";
import { dealerOf, depsFor } from "../src/dealer.ts";

/** The tests' day: the one on which the cast's invoices are 12, 41 and 95 days past due. 10:00 in New York. */
export const TEST_NOW = Date.parse("2026-12-01T15:00:00Z") / 1000;

/** What the tests' links are made with. */
export const SIGNING_SECRET = "a signing secret that opens tests only";

/** Hashing for real would cost every sign-in of every test a tenth of a second. */
const CHEAP = { n: 1024, r: 8, p: 1 };

export const testDealer = (dealer: CastDealer) => ({
  slug: dealer.slug,
  hosts: [`${dealer.slug}.test`],
  origin: `https://${dealer.slug}.test`,
  time_zone: dealer.slug === "bluebonnet" ? "America/Chicago" : "America/New_York",
  database_url: `http://${dealer.slug}.invalid`,
  mail_from: `billing@${dealer.slug}.example.com`,
  sms_number: "+16145550100",
  stripe_secret_key: `sk_test_${dealer.slug.replaceAll("-", "_")}`,
  stripe_webhook_secret: `whsec_${dealer.slug.replaceAll("-", "_")}`,
});

export const standInFor = (now: () => number, deliver: Deliver = async () => new Response("kept")) =>
  stripeStandIn({
    now,
    deliver,
    origin: "https://bank.test",
    seed: "tests",
    accounts: CAST.map((dealer) => {
      const { slug, origin, stripe_secret_key: secretKey, stripe_webhook_secret: secret } = testDealer(dealer);
      return { name: slug, secretKey, webhooks: [{ url: `${origin}/webhooks/stripe`, secret }] };
    }),
  });

/** Writes `<slug>.db` for both dealers and `bank.json` for the bank behind them. */
export async function writeTemplates(folder: string): Promise<void> {
  const bank = standInFor(() => TEST_NOW);
  for (const cast of CAST) {
    const config = testDealer(cast);
    const client = createClient({ url: `file:${join(folder, `${cast.slug}.db`)}` });
    const db = databaseOf(client);
    await migrate(db, { migrationsFolder: resolve("db/migrations") });
    const payments = stripePayments({
      secretKey: config.stripe_secret_key,
      webhookSecret: config.stripe_webhook_secret,
      apiBase: "https://bank.test",
      fetch: bank.client,
    });
    const deps = depsFor(
      dealerOf(config),
      db,
      { payments, jobs: { send: async () => {} } } as never,
      SIGNING_SECRET,
      TEST_NOW,
    );
    const stripe = new Stripe(config.stripe_secret_key, {
      httpClient: Stripe.createFetchHttpClient(bank.client),
      host: "bank.test",
      maxNetworkRetries: 0,
    });
    const clear = async (intentId: string) => {
      await bank.fetch(new Request(`https://bank.test/_bank/payments/${intentId}/settle`, { method: "POST" }));
    };
    await seedDealer(deps, cast, seedVendor(stripe, clear), CHEAP);
    await client.execute("pragma wal_checkpoint(truncate)");
    client.close();
  }
  // What the bank had to say while the stage was set is no test's business.
  await bank.drainWebhooks();
  writeFileSync(join(folder, "bank.json"), bank.saveState());
}
