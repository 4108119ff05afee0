import { parseArgs } from "node:util";
import { openDatabase } from "../db/client.ts";
import { stripePayments } from "../src/adapters/stripe.ts";
import { recoverRecords } from "../src/billing/recover-records.ts";
import { BadConfig, readConfig } from "../src/config.ts";
import { dealerBySlug, dealerOf, depsFor } from "../src/dealer.ts";

// `npm run recover -- DEALER INSTANT`: after a dealer's database was put back to an instant, brings the books up to date
// with what the bank did since, and sets aside the letters that waited. docs/restore.md says what comes before and after.

/** A sentence for the person at the keyboard. */
class Stop extends Error {}

try {
  const { positionals } = parseArgs({ allowPositionals: true });
  const [slug = "", instant = ""] = positionals;
  const restoredTo = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(instant) ? Date.parse(instant) / 1000 : Number.NaN;
  if (!Number.isFinite(restoredTo)) throw new Stop("npm run recover -- DEALER 2026-12-01T09:00:00Z");
  const config = readConfig(process.env);
  const dealer = dealerBySlug(config, slug);
  if (!dealer) throw new Stop(`There is no dealer ${slug} in DEALERS.`);
  const answer = await fetch(dealer.origin, { redirect: "manual" });
  if (answer.status !== 503)
    throw new Stop(`${dealer.origin} is open. Halt the dealer first (docs/restore.md, step 1).`);
  const { stripe_secret_key: secretKey, stripe_webhook_secret: webhookSecret } = dealer;
  const ports = {
    payments: stripePayments({ secretKey, webhookSecret, apiBase: config.stripeApiBase }),
    // What is promised meanwhile the sweeps find, once the dealer is open again.
    jobs: { send: async () => {} },
  };
  const db = openDatabase(dealer.database_url, dealer.database_token ?? null);
  const now = Math.floor(Date.now() / 1000);
  const done = await recoverRecords(
    depsFor(dealerOf(dealer), db, ports as never, config.signingSecret, now),
    restoredTo,
  );
  console.log(`Payments put back into the books: ${done.payments}
Letters that a person must decide about: ${done.unclear} (on the worklist)
What bank and books still disagree about: ${done.differences} (on the worklist)
Tell the dealer's accounting to forget its lines after ${done.lastLine} and to fetch them again.`);
} catch (problem) {
  console.error(problem instanceof BadConfig || problem instanceof Stop ? problem.message : problem);
  process.exitCode = 1;
}
