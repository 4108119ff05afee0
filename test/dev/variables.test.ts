import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { expect, test } from "vitest";
import { portalOf, workerVariables } from "../../dev/dealers.ts";
import { portsFrom } from "../../dev/ports.ts";
import { readConfig, VARIABLES } from "../../src/config.ts";

const example: Record<string, string | undefined> = parseEnv(
  readFileSync(join(import.meta.dirname, "../../.dev.vars.example"), "utf8"),
);

const ports = portsFrom({}, 2);
const at = (port: number) => `http://127.0.0.1:${port}`;
const inTown = (stripe: { secretKey: string; webhookSecret: string } | null) =>
  workerVariables({
    ports,
    outside: {
      stripe: at(ports.stripe),
      resend: at(ports.resend),
      twilio: at(ports.twilio),
      google: at(ports.google),
      microsoft: at(ports.microsoft),
      apple: at(ports.apple),
    },
    town: at(ports.town),
    databases: ports.databases.map(at),
    stripe,
  });

test("the example names every variable, and is a configuration that can be read", () => {
  expect(Object.keys(example).sort()).toEqual([...VARIABLES].sort());
  expect(readConfig(example).dealers.map(({ slug }) => slug)).toEqual(["cedar-ridge", "bluebonnet"]);
});

test("the example says what npm start sets", () => {
  expect({ ENVIRONMENT: "development", COMPRESS: "edge", ...inTown(null) }).toEqual(example);
});

test("with a Stripe account of one's own, the bank in the town is left alone", () => {
  const config = readConfig({
    ENVIRONMENT: "development",
    ...inTown({ secretKey: "sk_test_mine", webhookSecret: "whsec_mine" }),
  });
  expect(config.stripeApiBase).toBeNull();
  expect(config.dealers.map((dealer) => dealer.stripe_secret_key)).toEqual(["sk_test_mine", "sk_test_mine"]);
});

test("scripts are told the cast, and a password only of those who have one", () => {
  const { dealers } = portalOf(at(ports.town), ports);
  expect(dealers.map(({ url }) => url)).toEqual(["http://localhost:8787", "http://127.0.0.1:8787"]);
  const customers = Object.fromEntries(dealers.flatMap((dealer) => dealer.customers).map((one) => [one.number, one]));
  expect(customers["CR-10021"]).toMatchObject({
    email: "dana@example.com",
    password: expect.any(String),
    systems: ["CR1021"],
  });
  expect(customers["CR-10068"]).toMatchObject({ email: null, password: null });
  expect(customers["CR-10105"]).toMatchObject({ email: "imani@example.com", password: null });
});
