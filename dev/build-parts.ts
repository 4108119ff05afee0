import { existsSync, readFileSync, realpathSync, writeFileSync } from "node:fs";
import { join, relative, resolve } from "node:path";
import { build, type Plugin } from "esbuild";

/** Writes the parts of packages that we use, where these are so made that a bundler must take them whole. */

const root = resolve(import.meta.dirname, "..");
// As esbuild names them, wherever the packages really are.
const inPackages = (path: string) => realpathSync(join(root, "node_modules", path));

/** A package, what we have of it, and what stands in for some of its modules, made from their text. */
type Parts = {
  from: string;
  entry: string;
  to: string;
  instead: Record<string, (text: string) => string>;
  external?: string[];
};

const refusal = (part: string) => `throw new Error("${part}: left out by dev/build-parts.ts")`;

/** Leaves a module's names, each of which refuses to be called or made. */
function refusing(text: string): string {
  const exported = [...text.matchAll(/^export \{([^}]*)\}|^export (?:async )?(?:function\*?|class|const|var) (\w+)/gm)];
  const names = exported.flatMap(([, list, name]) => name ?? list!.split(",").map((one) => one.trim())).filter(Boolean);
  return names.map((name) => `export function ${name}() { ${refusal(name)}; }`).join("\n");
}

/** The client for a runtime with `fetch`, which Node is too: what the tests run is what is deployed. */
const STRIPE: Parts = {
  from: inPackages("stripe/esm"),
  entry: `
    export { Stripe as StripeClient } from "./stripe.esm.worker.js";
    export * as errors from "./Error.js";`,
  to: "src/adapters/stripe-client.gen.js",
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

const RESEND: Parts = {
  from: inPackages("resend/dist"),
  entry: 'export { Resend as ResendClient } from "./index.mjs";',
  to: "src/adapters/resend-client.gen.js",
  instead: {
    "index.mjs": (text) =>
      making(["Emails"])(text)
        // For opening mail that came in, and for webhooks.
        .replace(/^import .*;\n/gm, "")
        .replace('import("@react-email/render")', "Promise.reject()"),
  },
};

/** Of arctic: addresses to sign in at, and reading a token. wrangler.toml puts this and what follows in the packages' place. */
const ARCTIC: Parts = {
  from: inPackages("arctic/dist"),
  entry: `
    export { CodeChallengeMethod, OAuth2Client } from "./client.js";
    export { decodeIdToken } from "./oidc.js";`,
  to: "src/adapters/arctic.gen.js",
  external: ["node:*"],
  instead: {
    "request.js": refusing,
    "../../@oslojs/crypto/dist/sha2/index.js": () => `
      import { createHash } from "node:crypto";
      export const sha256 = (bytes) => new Uint8Array(createHash("sha256").update(bytes).digest());`,
  },
};

/** Of papaparse: reading a text. */
const PAPAPARSE: Parts = {
  from: inPackages("papaparse"),
  entry: 'export { default } from "./papaparse.js";',
  to: "src/office/papaparse.gen.js",
  instead: {
    "papaparse.js": withoutFunctions([
      "getWorkerBlob",
      "JsonToCsv",
      "NetworkStreamer",
      "FileStreamer",
      "ReadableStreamStreamer",
      "DuplexStreamStreamer",
      "newWorker",
      "mainThreadReceivedMessage",
      "completeWorker",
      "workerThreadReceivedMessage",
    ]),
  },
};

/** Of drizzle: tables of texts and numbers, and statements. */
const DRIZZLE: Parts = {
  from: inPackages("drizzle-orm"),
  entry: `
    export {
      and, asc, Column, desc, eq, fillPlaceholders, getTableColumns, getTableName, gt, gte, inArray, is, isNotNull, isNull,
      lt, lte, or, SQL, sql,
    } from "./index.js";
    export { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "./sqlite-core/index.js";
    export { drizzle } from "./libsql/http/index.js";`,
  to: "db/drizzle.gen.js",
  external: ["@libsql/client/http"],
  instead: {
    "relations.js": refusing,
    "sqlite-core/query-builders/query.js": refusing,
    "sqlite-core/query-builders/count.js": refusing,
    "sqlite-core/columns/all.js": refusing,
    "sqlite-core/columns/blob.js": refusing,
    "sqlite-core/columns/custom.js": refusing,
    "sqlite-core/columns/numeric.js": refusing,
    "sqlite-core/columns/real.js": refusing,
    // Every value that stands in a statement is asked whether it is one of PostgreSQL's.
    "pg-core/columns/enum.js": () => "export const isPgEnum = () => false;",
  },
};

/** Of the protocol that libSQL speaks: version 2 over HTTP, in JSON. */
const HRANA: Parts = {
  from: inPackages("@libsql/hrana-client/lib-esm"),
  entry: `
    export { Batch, BatchCond, BatchStep } from "./batch.js";
    export * from "./errors.js";
    export { openHttp, openWs, Sql, Stmt } from "./index.js";
    export { Base64 } from "js-base64";`,
  to: "db/hrana.gen.js",
  instead: {
    "http/protobuf_decode.js": refusing,
    "http/protobuf_encode.js": refusing,
    "http/cursor.js": refusing,
    "encoding/protobuf/decode.js": refusing,
    "encoding/protobuf/encode.js": refusing,
    "ws/client.js": refusing,
    "../../../js-base64/base64.mjs": () => `
      export const Base64 = {
        fromUint8Array: (bytes) => Buffer.from(bytes).toString("base64"),
        toUint8Array: (text) => new Uint8Array(Buffer.from(text, "base64")),
      };`,
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
    if (unknown.length > 0) throw new Error(`a package has changed: it makes no ${unknown.join(", ")}`);
    const ifKept = (line: string, part: string) => (parts.has(part) && !kept.includes(part) ? "" : line);
    return text.replace(made, ifKept).replace(/^import \{ (\w+),? \} from .*\n/gm, ifKept);
  };
}

/** Leaves out a resource's descriptions of where its decimals are. */
function withoutSchemas(text: string): string {
  return text.replace(/^( +)(?:request|response)Schema: \{\n.*?^\1\},\n/gms, "");
}

/** Leaves of these functions of a file only that they refuse to be called. */
function withoutFunctions(names: readonly string[]): (text: string) => string {
  return (text) =>
    names.reduce((rest, name) => {
      const whole = new RegExp(`^\\tfunction ${name}\\([^)]*\\)\\s*\\{\\n.*?^\\t\\}\\n`, "ms");
      if (!whole.test(rest)) throw new Error(`a package has changed: it has no ${name}`);
      return rest.replace(whole, `function ${name}() { ${refusal(name)}; }\n`);
    }, text);
}

const modulesOf = ({ from, instead }: Parts): Plugin => ({
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
      if (unknown.length > 0) throw new Error(`a package has changed: nothing asks for ${unknown.join(", ")}`);
    });
  },
});

async function write(parts: Parts): Promise<void> {
  const { outputFiles } = await build({
    stdin: { contents: parts.entry, resolveDir: parts.from },
    plugins: [modulesOf(parts)],
    bundle: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    external: parts.external,
    banner: { js: "// Written by dev/build-parts.ts from a package; not kept in git." },
    write: false,
  });
  const file = join(root, parts.to);
  const found = outputFiles[0]!.text;
  if (!existsSync(file) || readFileSync(file, "utf8") !== found) writeFileSync(file, found);
}

/** Writes each of them, unless it stands there already. Throws when a package is no longer as this file knows it. */
export async function buildParts(): Promise<void> {
  await Promise.all([STRIPE, RESEND, ARCTIC, PAPAPARSE, DRIZZLE, HRANA].map(write));
}

if (import.meta.main) await buildParts();
