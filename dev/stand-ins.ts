import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createEmulator } from "emulate";
import type { Ports } from "./ports.ts";
import { serve } from "./serve.ts";
import { stripeStandIn } from "./stripe.ts";

/** A dealer as the outside knows it. */
export type OutsideDealer = {
  name: string;
  /** Where its portal stands. */
  url: string;
  smsNumber: string;
  stripeSecretKey: string;
  stripeWebhookSecret: string;
};

/** The outside's addresses; `keep` writes what must outlive a stop. */
export type Outside = {
  stripe: string;
  resend: string;
  twilio: string;
  google: string;
  keep: () => void;
  /** Does something of which the bank tells the portal nothing. */
  quietly: (work: () => Promise<void>) => Promise<void>;
  stop: () => Promise<void>;
};

/** The carrier's account and Google's client, which the Worker's variables name too. */
export const CARRIER = { accountSid: "AC00000000000000000000000000000001", authToken: "town_auth_token" };
const GOOGLE = { clientId: "keyholder.apps.example.com", clientSecret: "town_google_secret" };

/** How often the bank looks whether something has come due, or an event is still to be delivered. */
const BANK_ROUND_MS = 300;

/**
 * Starts what stands in for Google, Resend, Twilio (`emulate`) and Stripe (ours), each on its port. The bank goes by
 * `now` and keeps its books in `bankFile`.
 */
export async function startOutside(p: {
  ports: Ports;
  dealers: OutsideDealer[];
  googleUsers: { email: string; name: string }[];
  bankFile: string;
  now: () => number;
}): Promise<Outside> {
  const { ports, dealers } = p;
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const emulators = await Promise.all([
    createEmulator({ service: "resend", port: ports.resend, baseUrl: at(ports.resend) }),
    createEmulator({
      service: "twilio",
      port: ports.twilio,
      baseUrl: at(ports.twilio),
      seed: {
        twilio: {
          account: { sid: CARRIER.accountSid, auth_token: CARRIER.authToken, friendly_name: "The town's carrier" },
          phone_numbers: dealers.map(({ name, smsNumber, url }) => ({
            phone_number: smsNumber,
            friendly_name: name,
            sms_url: `${url}/webhooks/sms`,
          })),
        },
      },
    }),
    createEmulator({
      service: "google",
      port: ports.google,
      baseUrl: at(ports.google),
      seed: {
        google: {
          users: p.googleUsers,
          oauth_clients: [
            {
              client_id: GOOGLE.clientId,
              client_secret: GOOGLE.clientSecret,
              redirect_uris: dealers.map(({ url }) => `${url}/google/callback`),
            },
          ],
        },
      },
    }),
  ]);

  const bank = stripeStandIn({
    now: p.now,
    origin: at(ports.stripe),
    accounts: dealers.map(({ name, url, stripeSecretKey, stripeWebhookSecret }) => ({
      name,
      secretKey: stripeSecretKey,
      webhooks: [{ url: `${url}/webhooks/stripe`, secret: stripeWebhookSecret }],
    })),
  });
  if (existsSync(p.bankFile)) bank.loadState(readFileSync(p.bankFile, "utf8"));
  const served = await serve(bank.fetch, ports.stripe);
  let kept = "";
  const keep = () => {
    const state = bank.saveState();
    if (state === kept) return;
    kept = state;
    writeFileSync(p.bankFile, state);
  };
  const rounds = setInterval(() => {
    bank
      .drainWebhooks()
      .then(keep)
      .catch((problem: unknown) => console.error(problem));
  }, BANK_ROUND_MS);
  return {
    stripe: served.url,
    resend: at(ports.resend),
    twilio: at(ports.twilio),
    google: at(ports.google),
    keep,
    async quietly(work) {
      bank.setDelivery({ mode: "dropped" });
      await work().finally(() => bank.setDelivery({ mode: "normal" }));
    },
    async stop() {
      clearInterval(rounds);
      await served.close();
      keep();
      await Promise.all(emulators.map((emulator) => emulator.close()));
    },
  };
}
