import { migrate } from "drizzle-orm/libsql/migrator";
import Stripe from "stripe";
import type { CastDealer } from "../db/cast.ts";
import { type Db, openDatabase } from "../db/client.ts";
import { settings } from "../db/schema.ts";
import { type SeedVendor, seedDealer } from "../db/seed.ts";
import { identityProviders } from "../src/adapters/identity-providers.ts";
import { outgoingWebhooks } from "../src/adapters/outgoing.ts";
import { resendEmail } from "../src/adapters/resend.ts";
import { twilioSms } from "../src/adapters/sms.ts";
import { stripePayments } from "../src/adapters/stripe.ts";
import { readAll } from "../src/batch.ts";
import type { Config, DealerConfig } from "../src/config.ts";
import { dealerOf, depsFor } from "../src/dealer.ts";
import type { Ports } from "../src/ports.ts";
import { seedVendor } from "./seed-vendor.ts";

/**
 * Brings a dealer's database to the newest schema and, when there is nobody in it, writes the cast: with the portal's own
 * verbs and the real adapters, against whatever bank the configuration names. Answers the open database.
 */
export async function prepareDatabase(p: {
  config: Config;
  dealer: DealerConfig;
  cast: CastDealer;
  migrations: string;
  now: number;
  /** Runs the seeding without the bank telling the portal, which is not there yet. */
  quietly: (work: () => Promise<void>) => Promise<void>;
}): Promise<Db> {
  const { config, dealer, cast, migrations, now, quietly } = p;
  const db = openDatabase(dealer.database_url, dealer.database_token ?? null);
  await migrate(db, { migrationsFolder: migrations }).catch((cause: unknown) => {
    const words = cause instanceof Error ? cause.message : String(cause);
    throw new Error(`The data of last time does not fit this version; npm start -- --fresh forgets it. (${words})`, {
      cause,
    });
  });
  const { settled } = await readAll(db, { settled: db.select().from(settings).limit(1) });
  if (settled.length === 0) {
    const ports = portsOf(config, dealer);
    const deps = depsFor(dealerOf(dealer), db, ports, config.signingSecret, now);
    await quietly(() => seedDealer(deps, cast, vendor(config, dealer)));
  }
  return db;
}

/** The Worker's ports, as far as there is a world outside of the Worker. */
function portsOf(config: Config, dealer: DealerConfig): Ports {
  const stripe = { secretKey: dealer.stripe_secret_key, webhookSecret: dealer.stripe_webhook_secret };
  return {
    payments: stripePayments({ ...stripe, apiBase: config.stripeApiBase }),
    email: resendEmail(config.resend),
    sms: twilioSms({ ...config.sms, fromNumber: dealer.sms_number }),
    files: { put: async () => {}, read: async () => null },
    // A nudge only: the sweeps find what matters.
    jobs: { send: async () => {} },
    // The seed signs nobody in.
    identities: identityProviders({}, () => 0),
    outgoing: outgoingWebhooks(),
    clock: { now: () => 0 },
  };
}

/** The developer's way to Stripe, or to its stand-in. https://docs.stripe.com/testing */
function vendor(config: Config, dealer: DealerConfig): SeedVendor {
  const bank = config.stripeApiBase;
  const address = bank ? new URL(bank) : null;
  const stripe = new Stripe(dealer.stripe_secret_key, {
    telemetry: false,
    ...(address ? { host: address.hostname, port: address.port, protocol: "http" as const } : {}),
  });
  const settleNow = async (intentId: string) => {
    const answer = await fetch(`${bank}/_bank/payments/${intentId}/settle`, { method: "POST" });
    if (!answer.ok) throw new Error(`The bank's stand-in did not clear ${intentId}: ${await answer.text()}`);
  };
  return seedVendor(stripe, bank ? settleNow : null);
}
