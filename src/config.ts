import * as v from "valibot";
import type { ProviderClients } from "./adapters/identity-providers.ts";

/** What the Worker is bound to; the names stand in wrangler.toml and `.dev.vars.example`. */
export type Bindings = {
  ENVIRONMENT: string;
  DEALERS: string;
  SIGNING_SECRET: string;
  RESEND_API_KEY: string;
  TWILIO_ACCOUNT_SID: string;
  TWILIO_AUTH_TOKEN: string;
  STRIPE_API_BASE?: string;
  RESEND_API_BASE?: string;
  TWILIO_API_BASE?: string;
  CLOCK_URL?: string;
  COMPRESS?: string;
  GOOGLE_CLIENT_ID?: string;
  GOOGLE_CLIENT_SECRET?: string;
  GOOGLE_BASE?: string;
  MICROSOFT_CLIENT_ID?: string;
  MICROSOFT_CLIENT_SECRET?: string;
  MICROSOFT_TENANT?: string;
  MICROSOFT_BASE?: string;
  APPLE_CLIENT_ID?: string;
  APPLE_TEAM_ID?: string;
  APPLE_KEY_ID?: string;
  APPLE_PRIVATE_KEY?: string;
  APPLE_BASE?: string;
  ASSETS: Fetcher;
  FILES: R2Bucket;
  JOBS: Queue;
  SIGN_IN_LIMIT: RateLimit;
};

// The library's own messages quote what they were given, and here that may be a secret: every schema brings its words.
const missingOr = (words: string) => (issue: v.BaseIssue<unknown>) =>
  issue.received === "undefined" ? "is missing" : words;
const text = v.pipe(v.string(missingOr("is not text")), v.minLength(1, "is empty"));
const url = v.pipe(text, v.url("is not a URL"));
const zone = v.pipe(text, v.check(isTimeZone, "is not an IANA time zone"));

const dealerEntries = {
  slug: v.pipe(text, v.regex(/^[a-z0-9-]+$/, "may hold a-z, 0-9 and - only")),
  /** Host names that lead here, without port. */
  hosts: v.pipe(v.array(v.pipe(text, v.toLowerCase()), missingOr("is not a list")), v.minLength(1, "names no host")),
  /** The address in mails and redirects; never taken from a request. */
  origin: url,
  time_zone: zone,
  database_url: url,
  database_token: v.optional(text),
  mail_from: text,
  sms_number: text,
  stripe_secret_key: v.pipe(text, v.regex(/^(sk|rk)_(test|live)_/, "is not a Stripe secret key")),
  stripe_webhook_secret: v.pipe(text, v.startsWith("whsec_", "is not a Stripe webhook secret")),
  /** Shut while its records are put back (docs/restore.md): no page, no webhook, no cron, and its jobs wait. */
  halted: v.optional(v.boolean("is neither true nor false")),
};
const dealerConfig = v.object(dealerEntries, missingOr("is not an object"));

const entries = {
  ENVIRONMENT: v.picklist(["production", "development", "test"], "is none of production, development, test"),
  DEALERS: v.pipe(
    text,
    v.parseJson(undefined, "is not JSON"),
    v.array(dealerConfig, "is not a list"),
    v.minLength(1, "names no dealer"),
  ),
  SIGNING_SECRET: v.pipe(text, v.minLength(32, "is shorter than 32 characters")),
  RESEND_API_KEY: text,
  TWILIO_ACCOUNT_SID: text,
  TWILIO_AUTH_TOKEN: text,
  STRIPE_API_BASE: v.optional(url),
  RESEND_API_BASE: v.optional(url),
  TWILIO_API_BASE: v.optional(url),
  CLOCK_URL: v.optional(url),
  COMPRESS: v.optional(v.picklist(["worker", "edge"], "is neither worker nor edge")),
  GOOGLE_CLIENT_ID: v.optional(text),
  GOOGLE_CLIENT_SECRET: v.optional(text),
  GOOGLE_BASE: v.optional(url),
  MICROSOFT_CLIENT_ID: v.optional(text),
  MICROSOFT_CLIENT_SECRET: v.optional(text),
  /** A directory's id, or `common`, `organizations`, `consumers`. */
  MICROSOFT_TENANT: v.optional(v.pipe(text, v.regex(/^[\w.-]+$/, "is not a tenant"))),
  MICROSOFT_BASE: v.optional(url),
  APPLE_CLIENT_ID: v.optional(text),
  APPLE_TEAM_ID: v.optional(text),
  APPLE_KEY_ID: v.optional(text),
  /** What stands in Apple's `.p8` file, with or without its first and last line. */
  APPLE_PRIVATE_KEY: v.optional(
    v.pipe(
      text,
      v.transform((pem) => pem.replace(/-----[A-Z ]+-----|\\n|\s/g, "")),
      v.regex(/^[A-Za-z0-9+/]{80,}={0,2}$/, "is not a private key"),
    ),
  ),
  APPLE_BASE: v.optional(url),
};
const shape = v.object(entries, missingOr("is not an object"));

/** The names of every variable that `readConfig` reads; `.dev.vars.example` and wrangler.toml name the same ones. */
export const VARIABLES = Object.keys(entries);

/** What each provider needs: all of it, or nothing. */
const PROVIDERS_NEED = {
  GOOGLE: ["GOOGLE_CLIENT_ID", "GOOGLE_CLIENT_SECRET"],
  MICROSOFT: ["MICROSOFT_CLIENT_ID", "MICROSOFT_CLIENT_SECRET", "MICROSOFT_TENANT"],
  APPLE: ["APPLE_CLIENT_ID", "APPLE_TEAM_ID", "APPLE_KEY_ID", "APPLE_PRIVATE_KEY"],
} as const;

const STAND_INS = [
  "STRIPE_API_BASE",
  "RESEND_API_BASE",
  "TWILIO_API_BASE",
  "CLOCK_URL",
  "GOOGLE_BASE",
  "MICROSOFT_BASE",
  "APPLE_BASE",
] as const;

export type DealerConfig = v.InferOutput<typeof dealerConfig>;

export type Config = {
  environment: "production" | "development" | "test";
  dealers: DealerConfig[];
  /** What the links in mails are made with and authenticator apps' secrets are kept under: when it changes, both end. */
  signingSecret: string;
  /** Those that somebody may sign in with. */
  providers: ProviderClients;
  resend: { key: string; apiBase: string | null };
  sms: { accountSid: string; authToken: string; apiBase: string | null };
  stripeApiBase: string | null;
  /** Development only: where the town keeps the moved clock. */
  clockUrl: string | null;
  /** Whether the Worker compresses pages itself; at Cloudflare the edge does. */
  compress: boolean;
};

export class BadConfig extends Error {
  readonly problems: string[];
  constructor(problems: string[]) {
    super(`The configuration is not usable:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
    this.problems = problems;
  }
}

const read = new WeakMap<object, Config>();

/**
 * The checked configuration, remembered per env object. Throws BadConfig listing every problem by name, never by value.
 * A stand-in's address or a test key in production is a problem, and so is a live key anywhere else.
 */
export function readConfig(env: object): Config {
  const known = read.get(env);
  if (known) return known;
  const parsed = v.safeParse(shape, env);
  if (!parsed.success) {
    throw new BadConfig(parsed.issues.map((issue) => `${v.getDotPath(issue) ?? "config"} ${issue.message}`));
  }
  const vars = parsed.output;
  const production = vars.ENVIRONMENT === "production";
  const problems: string[] = [];
  for (const name of STAND_INS) {
    if (production && vars[name]) problems.push(`${name} must not be set in production`);
  }
  for (const [provider, needed] of Object.entries(PROVIDERS_NEED)) {
    const missing = needed.filter((name) => !vars[name]);
    const meant = missing.length < needed.length || vars[`${provider as keyof typeof PROVIDERS_NEED}_BASE`];
    if (meant) problems.push(...missing.map((name) => `${name} is missing, and the rest of ${provider} is there`));
  }
  for (const [i, dealer] of vars.DEALERS.entries()) {
    const live = dealer.stripe_secret_key.includes("_live_");
    if (production && !live) problems.push(`DEALERS.${i}.stripe_secret_key is a test key`);
    if (!production && live) problems.push(`DEALERS.${i}.stripe_secret_key is a live key outside production`);
    if (production && !dealer.origin.startsWith("https://")) problems.push(`DEALERS.${i}.origin is not https`);
  }
  const hosts = vars.DEALERS.flatMap((dealer) => dealer.hosts);
  if (new Set(hosts).size !== hosts.length) problems.push("DEALERS names one host twice");
  const slugs = vars.DEALERS.map((dealer) => dealer.slug);
  if (new Set(slugs).size !== slugs.length) problems.push("DEALERS names one slug twice");
  if (problems.length > 0) throw new BadConfig(problems);
  const config: Config = {
    environment: vars.ENVIRONMENT,
    dealers: vars.DEALERS,
    signingSecret: vars.SIGNING_SECRET,
    providers: providersOf(vars),
    resend: { key: vars.RESEND_API_KEY, apiBase: vars.RESEND_API_BASE ?? null },
    sms: {
      accountSid: vars.TWILIO_ACCOUNT_SID,
      authToken: vars.TWILIO_AUTH_TOKEN,
      apiBase: vars.TWILIO_API_BASE ?? null,
    },
    stripeApiBase: vars.STRIPE_API_BASE ?? null,
    clockUrl: vars.CLOCK_URL ?? null,
    compress: vars.COMPRESS === "worker",
  };
  read.set(env, config);
  return config;
}

function providersOf(vars: v.InferOutput<typeof shape>): ProviderClients {
  const { GOOGLE_CLIENT_ID, MICROSOFT_CLIENT_ID, APPLE_CLIENT_ID } = vars;
  return {
    ...(GOOGLE_CLIENT_ID && {
      google: {
        clientId: GOOGLE_CLIENT_ID,
        clientSecret: vars.GOOGLE_CLIENT_SECRET!,
        apiBase: vars.GOOGLE_BASE ?? null,
      },
    }),
    ...(MICROSOFT_CLIENT_ID && {
      microsoft: {
        clientId: MICROSOFT_CLIENT_ID,
        clientSecret: vars.MICROSOFT_CLIENT_SECRET!,
        tenant: vars.MICROSOFT_TENANT!,
        apiBase: vars.MICROSOFT_BASE ?? null,
      },
    }),
    ...(APPLE_CLIENT_ID && {
      apple: {
        clientId: APPLE_CLIENT_ID,
        teamId: vars.APPLE_TEAM_ID!,
        keyId: vars.APPLE_KEY_ID!,
        privateKey: vars.APPLE_PRIVATE_KEY!,
        apiBase: vars.APPLE_BASE ?? null,
      },
    }),
  };
}

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en-US", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
