import { describe, expect, test } from "vitest";
import { BadConfig, type Config, readConfig, VARIABLES } from "../src/config.ts";
import { dealerFor } from "../src/dealer.ts";
import { portal } from "./setup.ts";

const dealer = (slug: string, more: object = {}) => ({
  slug,
  hosts: [`${slug}.example.com`],
  origin: `https://${slug}.example.com`,
  time_zone: "America/New_York",
  database_url: "libsql://books.example.com",
  mail_from: "billing@example.com",
  sms_number: "+16145550100",
  stripe_secret_key: "sk_test_ours",
  stripe_webhook_secret: "whsec_ours",
  ...more,
});

const env = (more: object = {}, ...dealers: object[]) => ({
  ENVIRONMENT: "development",
  DEALERS: JSON.stringify(dealers.length > 0 ? dealers : [dealer("one"), dealer("two")]),
  SIGNING_SECRET: "a signing secret of more than 32 characters",
  RESEND_API_KEY: "re_ours",
  TWILIO_ACCOUNT_SID: "AC1",
  TWILIO_AUTH_TOKEN: "ours",
  ...more,
});

const live = { stripe_secret_key: "sk_live_ours" };
const production = { ENVIRONMENT: "production" };

/** What a configuration gets wrong, sorted; nothing when it can be read. */
function problemsOf(variables: object): string[] {
  try {
    readConfig(variables);
    return [];
  } catch (problem) {
    expect(problem).toBeInstanceOf(BadConfig);
    return [...(problem as BadConfig).problems].sort();
  }
}

describe("a configuration", () => {
  test("that is whole is read once per env object", () => {
    const variables = env({ STRIPE_API_BASE: "http://127.0.0.1:9000", COMPRESS: "worker" });
    const config = readConfig(variables);
    expect(config).toMatchObject({
      environment: "development",
      stripeApiBase: "http://127.0.0.1:9000",
      clockUrl: null,
      compress: true,
      resend: { key: "re_ours", apiBase: null },
    } satisfies Partial<Config>);
    expect(config.dealers.map(({ slug }) => slug)).toEqual(["one", "two"]);
    expect(readConfig(variables)).toBe(config);
    expect(readConfig({ ...variables })).not.toBe(config);
  });

  test("that is empty names every variable that is missing, all at once", () => {
    const optional = ["STRIPE_API_BASE", "RESEND_API_BASE", "TWILIO_API_BASE", "CLOCK_URL", "COMPRESS"];
    const needed = VARIABLES.filter(
      (name) => !optional.includes(name) && !/^(GOOGLE|MICROSOFT|APPLE)_/.test(name),
    ).sort();
    expect(problemsOf({})).toEqual(needed.map((name) => `${name} is missing`));
    const { hosts, origin, ...incomplete } = dealer("one");
    expect([hosts, origin, problemsOf(env({}, incomplete))]).toEqual([
      ["one.example.com"],
      "https://one.example.com",
      ["DEALERS.0.hosts is missing", "DEALERS.0.origin is missing"],
    ]);
  });

  test("names every problem of every dealer at once, and never a value", () => {
    const bad = dealer("one", {
      slug: "One!",
      hosts: [],
      origin: "secret-origin",
      time_zone: "Mars/Secret",
      database_url: "secret-books",
      stripe_secret_key: "pk_secret_value",
      stripe_webhook_secret: "secret-hook",
    });
    const variables = env({ ENVIRONMENT: "secret-stage", RESEND_API_KEY: "", COMPRESS: "secret" }, dealer("two"), bad);
    const problems = problemsOf(variables);
    expect(problems).toEqual([
      "COMPRESS is neither worker nor edge",
      "DEALERS.1.database_url is not a URL",
      "DEALERS.1.hosts names no host",
      "DEALERS.1.origin is not a URL",
      "DEALERS.1.slug may hold a-z, 0-9 and - only",
      "DEALERS.1.stripe_secret_key is not a Stripe secret key",
      "DEALERS.1.stripe_webhook_secret is not a Stripe webhook secret",
      "DEALERS.1.time_zone is not an IANA time zone",
      "ENVIRONMENT is none of production, development, test",
      "RESEND_API_KEY is empty",
    ]);
    expect(() => readConfig(variables)).toThrow(/^The configuration is not usable:\n {2}ENVIRONMENT is none/);
  });

  test("whose dealers cannot be read says so, and not what stands there", () => {
    for (const [text, problem] of [
      ['[{"secret', "DEALERS is not JSON"],
      ["[]", "DEALERS names no dealer"],
      ['"secret"', "DEALERS is not a list"],
      ['["secret"]', "DEALERS.0 is not an object"],
      ["null", "DEALERS is not a list"],
    ] as const)
      expect(problemsOf(env({ DEALERS: text })), text).toEqual([problem]);
    const wrongKinds = dealer("one", { hosts: "secret", origin: ["secret"], stripe_secret_key: { secret: "secret" } });
    expect(problemsOf(env({ RESEND_API_KEY: ["secret"] }, wrongKinds))).toEqual([
      "DEALERS.0.hosts is not a list",
      "DEALERS.0.origin is not text",
      "DEALERS.0.stripe_secret_key is not text",
      "RESEND_API_KEY is not text",
    ]);
  });

  test("cannot name one host or one slug twice, whatever its case", () => {
    const twice = [dealer("one"), dealer("one", { hosts: ["ONE.example.com"] })];
    expect(problemsOf(env({}, ...twice))).toEqual(["DEALERS names one host twice", "DEALERS names one slug twice"]);
  });
});

describe("a provider to sign in with", () => {
  const KEY = `-----BEGIN PRIVATE KEY-----\n${"MIGH".repeat(32)}\n-----END PRIVATE KEY-----\n`;
  const whole: Record<string, string> = {
    GOOGLE_CLIENT_ID: "google",
    GOOGLE_CLIENT_SECRET: "secret",
    MICROSOFT_CLIENT_ID: "microsoft",
    MICROSOFT_CLIENT_SECRET: "secret",
    MICROSOFT_TENANT: "common",
    APPLE_CLIENT_ID: "apple",
    APPLE_TEAM_ID: "TEAM",
    APPLE_KEY_ID: "KEY",
    APPLE_PRIVATE_KEY: KEY,
  };

  test("is on when all of it is there, and off when nothing is", () => {
    expect(readConfig(env()).providers).toEqual({});
    expect(readConfig(env({ ...whole, GOOGLE_BASE: "http://127.0.0.1:9000" })).providers).toEqual({
      google: { clientId: "google", clientSecret: "secret", apiBase: "http://127.0.0.1:9000" },
      microsoft: { clientId: "microsoft", clientSecret: "secret", tenant: "common", apiBase: null },
      apple: { clientId: "apple", teamId: "TEAM", keyId: "KEY", privateKey: "MIGH".repeat(32), apiBase: null },
    });
    expect(problemsOf(env({ ...whole, ...production }, dealer("one", live)))).toEqual([]);
  });

  test("that is half there is a problem, by the name of what is missing", () => {
    for (const name of Object.keys(whole)) {
      const { [name]: left, ...rest } = whole;
      const provider = name.split("_")[0];
      expect([left, problemsOf(env(rest))]).toEqual([
        left,
        [`${name} is missing, and the rest of ${provider} is there`],
      ]);
    }
    expect(problemsOf(env({ GOOGLE_BASE: "http://127.0.0.1:9000" }))).toEqual([
      "GOOGLE_CLIENT_ID is missing, and the rest of GOOGLE is there",
      "GOOGLE_CLIENT_SECRET is missing, and the rest of GOOGLE is there",
    ]);
  });

  test("takes Apple's key as its file has it, on one line, or with its line ends written out", () => {
    for (const key of [KEY, KEY.replaceAll("\n", "\\n"), "MIGH".repeat(32), KEY.replaceAll("\n", "\r\n")])
      expect(readConfig(env({ ...whole, APPLE_PRIVATE_KEY: key })).providers.apple?.privateKey).toBe("MIGH".repeat(32));
    for (const key of ["secret", "-----BEGIN PRIVATE KEY-----", "é".repeat(100)])
      expect(problemsOf(env({ ...whole, APPLE_PRIVATE_KEY: key }))).toEqual(["APPLE_PRIVATE_KEY is not a private key"]);
    expect(problemsOf(env({ ...whole, MICROSOFT_TENANT: "../common" }))).toEqual(["MICROSOFT_TENANT is not a tenant"]);
  });

  test("has no stand-in in production", () => {
    const bases = ["APPLE_BASE", "GOOGLE_BASE", "MICROSOFT_BASE"];
    const here = Object.fromEntries(bases.map((name) => [name, "http://127.0.0.1:9000"]));
    const problems = problemsOf(env({ ...whole, ...production, ...here }, dealer("one", live)));
    expect(problems).toEqual(bases.map((name) => `${name} must not be set in production`));
  });
});

describe("production", () => {
  test("runs with live keys and without stand-ins", () => {
    expect(problemsOf(env(production, dealer("one", live), dealer("two", { stripe_secret_key: "rk_live_x" })))).toEqual(
      [],
    );
  });

  test("refuses every stand-in's address, the moved clock, test keys and plain http", () => {
    const here = "http://127.0.0.1:9000";
    const standIns = { STRIPE_API_BASE: here, RESEND_API_BASE: here, TWILIO_API_BASE: here, CLOCK_URL: here };
    const plain = dealer("two", { ...live, origin: "http://two.example.com" });
    expect(problemsOf(env({ ...production, ...standIns }, dealer("one"), plain))).toEqual([
      "CLOCK_URL must not be set in production",
      "DEALERS.0.stripe_secret_key is a test key",
      "DEALERS.1.origin is not https",
      "RESEND_API_BASE must not be set in production",
      "STRIPE_API_BASE must not be set in production",
      "TWILIO_API_BASE must not be set in production",
    ]);
  });

  test("is the only place for a live key", () => {
    for (const ENVIRONMENT of ["development", "test"])
      expect(problemsOf(env({ ENVIRONMENT }, dealer("one", live)))).toEqual([
        "DEALERS.0.stripe_secret_key is a live key outside production",
      ]);
  });
});

describe("a host name", () => {
  test("leads to its dealer in any case, and to nobody else's", () => {
    const config = readConfig(env({}, dealer("one", { hosts: ["One.Example.com", "pay.one.test"] }), dealer("two")));
    expect(dealerFor(config, "one.example.com")?.slug).toBe("one");
    expect(dealerFor(config, "PAY.ONE.TEST")?.slug).toBe("one");
    for (const host of [
      "example.com",
      "evil.one.example.com",
      "one.example.com.evil.test",
      "one.example.com.",
      "",
      "__proto__",
    ])
      expect(dealerFor(config, host), host).toBeNull();
  });

  test("that no dealer has gets a plain page that says so, at every address", async () => {
    const t = await portal();
    const nobody = t.browser("nobody");
    for (const answer of [await nobody.get("/"), await nobody.get("/sign-in"), await nobody.post("/sign-in", {})]) {
      expect(answer.status).toBe(404);
      expect(answer.headers.get("Content-Type")).toMatch(/^text\/plain/);
      expect(answer.html).toBe("There is no portal at this address. Check the address your alarm company gave you.\n");
    }
    expect(t.trips.count).toBe(0);
  });
});
