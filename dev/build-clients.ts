import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

/** Writes the parts of Stripe's and Resend's clients that our adapters use: less than half of what they weigh. */

const root = resolve(import.meta.dirname, "..");
// As esbuild names them, wherever the packages really are.
const inPackages = (path: string) => realpathSync(join(root, "node_modules", path));

/** A client's package, what our adapter has of it, and what stands in for some of its modules, made from their text. */
type Client = { from: string; entry: string; to: string; instead: Record<string, (text: string) => string> };

const refusal = (part: string) => `throw new Error("${part}: left out by dev/build-clients.ts")`;

/** The client for a runtime with `fetch`, which Node is too: what the tests run is what is deployed. */
const STRIPE: Client = {
  from: inPackages("stripe/esm"),
  entry: `
    export { Stripe as StripeClient } from "./stripe.esm.worker.js";
    export * as errors from "./Error.js";`,
  to: "stripe-client.gen.js",
  instead: {
    "stripe.core.js": making([
      "ChargeResource",
      "Checkout",
      "CustomerResource",
      "DisputeResource",
      "MandateResource",
      "PaymentIntentResource",
      "PaymentMethodResource",
      "RefundResource",
      "SetupIntentResource",
    ]),
    "resources.js": () => "export {};",
    // Fractions of a cent and exchange rates, which nothing here reads, stay the text that they are on the wire.
    "V2Coercion.js": () => `
      export const coerceV2RequestData = (data) => data;
      export const coerceV2ResponseData = (data) => data;`,
    "resources/Checkout/Sessions.js": withoutSchemas,
    "resources/Customers.js": withoutSchemas,
    "Decimal.js": () => "export const Decimal = undefined;",
    "StripeEventNotificationHandler.js": () => `
      export class StripeEventNotificationHandler {
        constructor() { ${refusal("Stripe's event notifications")}; }
        static withoutVerification() { ${refusal("Stripe's event notifications")}; }
      }`,
  },
};

const RESEND: Client = {
  from: inPackages("resend/dist"),
  entry: 'export { Resend as ResendClient } from "./index.mjs";',
  to: "resend-client.gen.js",
  instead: {
    "index.mjs": (text) =>
      making(["Emails"])(text)
        // For opening mail that came in, and for webhooks.
        .replace(/^import .*;\n/gm, "")
        .replace('import("@react-email/render")', "Promise.reject()"),
  },
};

/**
 * Leaves out the lines that make a part of the client, unless it is one of these, and those that import it. Asking for it
 * is then a TypeError, and does not compile.
 */
function making(kept: readonly string[]): (text: string) => string {
  return (text) => {
    const made = /^\s+this\.\w+ = new ([\w$]+)\((?:this|resend)\);\n/gm;
    const parts = new Set([...text.matchAll(made)].map(([, part]) => part!));
    const unknown = kept.filter((part) => !parts.has(part));
    if (unknown.length > 0) throw new Error(`a client has changed: it makes no ${unknown.join(", ")}`);
    const ifKept = (line: string, part: string) => (parts.has(part) && !kept.includes(part) ? "" : line);
    return text.replace(made, ifKept).replace(/^import \{ (\w+),? \} from .*\n/gm, ifKept);
  };
}

/** Leaves out a resource's descriptions of where its decimals are. */
function withoutSchemas(text: string): string {
  return text.replace(/^( +)(?:request|response)Schema: \{\n.*?^\1\},\n/gms, "");
}

const modulesOf = ({ from, instead }: Client): Plugin => ({
  name: "modules",
  setup(building) {
    const met = new Set<string>();
    building.onLoad({ filter: /\.m?js$/ }, ({ path }) => {
      const name = relative(from, path).replaceAll("\\", "/");
      met.add(name);
      const text = readFileSync(path, "utf8");
      return { contents: instead[name]?.(text) ?? text };
    });
    building.onEnd(() => {
      const unknown = Object.keys(instead).filter((name) => !met.has(name));
      if (unknown.length > 0) throw new Error(`a client has changed: nothing asks for ${unknown.join(", ")}`);
    });
  },
});

async function write(client: Client): Promise<void> {
  const { outputFiles } = await build({
    stdin: { contents: client.entry, resolveDir: client.from },
    plugins: [modulesOf(client)],
    bundle: true,
    format: "esm",
    target: "es2024",
    banner: { js: "// Written by dev/build-clients.ts from a package; not kept in git." },
    write: false,
  });
  const file = join(root, "src/adapters", client.to);
  const found = outputFiles[0]!.text;
  if (!existsSync(file) || readFileSync(file, "utf8") !== found) writeFileSync(file, found);
}

/**
 * Writes `src/adapters/*-client.gen.js`, unless they stand there already. Throws when a client is no longer as this file
 * knows it.
 */
export async function buildClients(): Promise<void> {
  await Promise.all([write(STRIPE), write(RESEND)]);
}

if (import.meta.main) await buildClients();
