import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createEmulator } from "emulate";
import type { CastDealer } from "../db/cast.ts";
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
  microsoft: string;
  apple: string;
  keep: () => void;
  /** Does something of which the bank tells the portal nothing. */
  quietly: (work: () => Promise<void>) => Promise<void>;
  stop: () => Promise<void>;
};

/** The carrier's account, and the providers' clients, which the Worker's variables name too. */
export const CARRIER = { accountSid: "AC00000000000000000000000000000001", authToken: "town_auth_token" };
export const GOOGLE = { clientId: "keyholder.apps.example.com", clientSecret: "town_google_secret" };
export const MICROSOFT = {
  clientId: "00000000-0000-4000-8000-00000000cafe",
  clientSecret: "town_microsoft_secret",
  tenant: "common",
};
export const APPLE = {
  clientId: "com.example.keyholder",
  teamId: "TOWN000001",
  keyId: "TOWNKEY001",
  // The key whose number is one: anybody can work it out, and it opens nothing.
  privateKey:
    "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGhRANCAARrF9Hy4SxCR/i85uVjpEDydwN9gS3rM6D0oTlF2JjClk/jQuL+Gn+bjufrSnwPnhYrzjNXazFezsu2QGg3v1H1",
};

/** Somebody with an account at the providers. Only Google's stand-in can be told that an address is not verified. */
type Person = { name: string; email: string; email_verified?: boolean };

/** A dealer's customers as the providers know them; one whose address is not verified, and one who is nobody's customer. */
export const peopleElsewhere = ({ accounts }: CastDealer): Person[] => [
  ...accounts.flatMap(({ name, email }) => (email ? [{ name, email }] : [])),
  ...accounts.flatMap(({ others = [] }) =>
    others.slice(0, 1).map(({ name, email }) => ({ name, email, email_verified: false })),
  ),
  { name: "Nobody Here", email: "nobody@elsewhere.example.com" },
];

/** How often the bank looks whether something has come due, or an event is still to be delivered. */
const BANK_ROUND_MS = 300;

/**
 * Starts what stands in for Google, Microsoft, Apple, Resend, Twilio (`emulate`) and Stripe (ours), each on its port. The
 * bank goes by `now` and keeps its books in `bankFile`. At the providers, `people` are made anew each time.
 */
export async function startOutside(p: {
  ports: Ports;
  dealers: OutsideDealer[];
  people: Person[];
  bankFile: string;
  now: () => number;
}): Promise<Outside> {
  const { ports, dealers } = p;
  const at = (port: number) => `http://127.0.0.1:${port}`;
  const returnsTo = (provider: string) => dealers.map(({ url }) => `${url}/${provider}/callback`);
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
          users: p.people,
          oauth_clients: [
            {
              client_id: GOOGLE.clientId,
              client_secret: GOOGLE.clientSecret,
              name: "Keyholder",
              redirect_uris: returnsTo("google"),
            },
          ],
        },
      },
    }),
    createEmulator({
      service: "microsoft",
      port: ports.microsoft,
      baseUrl: at(ports.microsoft),
      seed: {
        microsoft: {
          users: p.people,
          oauth_clients: [
            {
              client_id: MICROSOFT.clientId,
              client_secret: MICROSOFT.clientSecret,
              name: "Keyholder",
              redirect_uris: returnsTo("microsoft"),
            },
          ],
        },
      },
    }),
    createEmulator({
      service: "apple",
      port: ports.apple,
      baseUrl: at(ports.apple),
      seed: {
        apple: {
          users: p.people,
          oauth_clients: [
            {
              client_id: APPLE.clientId,
              team_id: APPLE.teamId,
              key_id: APPLE.keyId,
              name: "Keyholder",
              redirect_uris: returnsTo("apple"),
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
    microsoft: at(ports.microsoft),
    apple: at(ports.apple),
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
