import { CAST, CAST_PASSWORD, type CastDealer } from "../db/cast.ts";
import type { Portal, PortalDealer } from "./portal.ts";
import type { Ports } from "./ports.ts";
import { APPLE, CARRIER, GOOGLE, MICROSOFT, type Outside, type OutsideDealer } from "./stand-ins.ts";

/** A dealer of the cast and its place in the town: a host name that needs no hosts file, a telephone number. */
export type TownDealer = {
  cast: CastDealer;
  slug: string;
  name: string;
  host: string;
  timeZone: string;
  smsNumber: string;
  mailFrom: string;
};

const PLACES = [
  {
    host: "localhost",
    timeZone: "America/New_York",
    smsNumber: "+16145550100",
    mailFrom: "billing@cedarridge.example.com",
  },
  {
    host: "127.0.0.1",
    timeZone: "America/Chicago",
    smsNumber: "+15125550100",
    mailFrom: "billing@bluebonnet.example.com",
  },
] as const;

/** Everybody who has a portal in this town. */
export const DEALERS: TownDealer[] = PLACES.map((place, index) => {
  const cast = CAST[index]!;
  return { cast, slug: cast.slug, name: cast.settings.name, ...place };
});

export const portalUrl = (dealer: TownDealer, ports: Ports): string => `http://${dealer.host}:${ports.portal}`;

// Names, not secrets: they open nothing but the stand-in's two books.
const stripeKeys = (dealer: TownDealer) => ({
  secretKey: `sk_test_${dealer.slug.replaceAll("-", "_")}`,
  webhookSecret: `whsec_${dealer.slug.replaceAll("-", "_")}`,
});

/** A Stripe test account of the developer's own, in place of the stand-in. */
export type OwnStripe = { secretKey: string; webhookSecret: string };

/** `STRIPE_SECRET_KEY` and `STRIPE_WEBHOOK_SECRET`, when both are set. Throws when there is only one of them. */
export function ownStripe(env: Record<string, string | undefined>): OwnStripe | null {
  const { STRIPE_SECRET_KEY: secretKey, STRIPE_WEBHOOK_SECRET: webhookSecret } = env;
  if (!secretKey && !webhookSecret) return null;
  if (!secretKey || !webhookSecret)
    throw new Error("STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET must be set together.");
  return { secretKey, webhookSecret };
}

/** A dealer as the stand-ins know it. */
export const outsideDealer = (dealer: TownDealer, ports: Ports): OutsideDealer => ({
  name: dealer.name,
  url: portalUrl(dealer, ports),
  smsNumber: dealer.smsNumber,
  stripeSecretKey: stripeKeys(dealer).secretKey,
  stripeWebhookSecret: stripeKeys(dealer).webhookSecret,
});

/** The Worker's variables in this town; `src/config.ts` reads them. */
export function workerVariables(p: {
  ports: Ports;
  outside: Pick<Outside, "stripe" | "resend" | "twilio" | "google" | "microsoft" | "apple">;
  town: string;
  databases: string[];
  stripe: OwnStripe | null;
}): Record<string, string> {
  const dealers = DEALERS.map((dealer, index) => ({
    slug: dealer.slug,
    hosts: [dealer.host],
    origin: portalUrl(dealer, p.ports),
    time_zone: dealer.timeZone,
    database_url: p.databases[index],
    mail_from: dealer.mailFrom,
    sms_number: dealer.smsNumber,
    stripe_secret_key: (p.stripe ?? stripeKeys(dealer)).secretKey,
    stripe_webhook_secret: (p.stripe ?? stripeKeys(dealer)).webhookSecret,
  }));
  return {
    DEALERS: JSON.stringify(dealers),
    SIGNING_SECRET: "the signing secret of a town of invented people",
    RESEND_API_KEY: "re_town",
    TWILIO_ACCOUNT_SID: CARRIER.accountSid,
    TWILIO_AUTH_TOKEN: CARRIER.authToken,
    ...(p.stripe ? {} : { STRIPE_API_BASE: p.outside.stripe }),
    RESEND_API_BASE: p.outside.resend,
    TWILIO_API_BASE: p.outside.twilio,
    GOOGLE_CLIENT_ID: GOOGLE.clientId,
    GOOGLE_CLIENT_SECRET: GOOGLE.clientSecret,
    GOOGLE_BASE: p.outside.google,
    MICROSOFT_CLIENT_ID: MICROSOFT.clientId,
    MICROSOFT_CLIENT_SECRET: MICROSOFT.clientSecret,
    MICROSOFT_TENANT: MICROSOFT.tenant,
    MICROSOFT_BASE: p.outside.microsoft,
    APPLE_CLIENT_ID: APPLE.clientId,
    APPLE_TEAM_ID: APPLE.teamId,
    APPLE_KEY_ID: APPLE.keyId,
    APPLE_PRIVATE_KEY: APPLE.privateKey,
    APPLE_BASE: p.outside.apple,
    CLOCK_URL: `${p.town}/clock`,
  };
}

/** What scripts are told of this town. */
export const portalOf = (town: string, ports: Ports): Portal => ({
  town,
  dealers: DEALERS.map((dealer): PortalDealer => {
    const { accounts, apiKey, staff } = dealer.cast;
    return {
      name: dealer.name,
      url: portalUrl(dealer, ports),
      apiKey,
      smsNumber: dealer.smsNumber,
      smsAuthToken: CARRIER.authToken,
      customers: accounts.map(({ name, why, number, email, registered, phone, zip, registrationKey, sites }) => ({
        name,
        why,
        number,
        email,
        password: registered && email ? CAST_PASSWORD : null,
        phone,
        zip,
        registrationKey,
        systems: sites.map((site) => site.csNumber),
      })),
      staff: staff.map(({ role, email }) => ({ role, email, password: CAST_PASSWORD })),
    };
  }),
});
