import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { basename, extname, join, relative, resolve } from "node:path";
import { build } from "esbuild";
import { aliases } from "../../dev/aliases.ts";

const root = resolve(import.meta.dirname, "../..");

/** A Worker as wrangler uploads it: one file. */
export type Bundle = { file: string };

/** The static files' folder that goes with the portal's bundle. */
export const STATIC = join(root, "dist", "static");

/** Bundles and minifies a Worker exactly as a deployment does, without uploading it. `name` is its folder in `dist/bench`. */
export function bundle(name: string, entry: string): Bundle {
  execFileSync(process.execPath, [join(root, "dev", "build-static.ts")]);
  const folder = join(root, "dist", "bench", name);
  const wrangler = join(root, "node_modules", "wrangler", "bin", "wrangler.js");
  execFileSync(process.execPath, [wrangler, "deploy", join(root, entry), "--dry-run", "--minify", "--outdir", folder], {
    cwd: root,
    stdio: ["ignore", "ignore", "pipe"],
    env: { ...process.env, WRANGLER_SEND_METRICS: "false" },
  });
  return { file: join(folder, `${basename(entry, extname(entry))}.js`) };
}

const toml = () => readFileSync(join(root, "wrangler.toml"), "utf8");

/**
 * The part of a Worker that runs before anything is imported lazily, minified. wrangler puts lazy parts into the same
 * file, to be run when they are asked for; here esbuild keeps them apart, so that each can be weighed.
 */
export async function eagerPart(entry: string): Promise<Uint8Array> {
  const { outputFiles, metafile } = await build({
    absWorkingDir: root,
    entryPoints: [entry],
    outdir: join(root, "dist", "bench", "parts"),
    bundle: true,
    splitting: true,
    minify: true,
    format: "esm",
    target: "es2024",
    conditions: ["workerd", "worker", "browser"],
    mainFields: ["browser", "module", "main"],
    external: ["node:*", "cloudflare:*", "crypto", "fs", "stream", "zlib"],
    alias: aliases(),
    metafile: true,
    write: false,
    logLevel: "error",
  });
  const outputs = new Map(outputFiles.map(({ path, contents }) => [relative(root, path), contents]));
  const eager = new Set<string>();
  const add = (path: string) => {
    if (eager.has(path)) return;
    eager.add(path);
    for (const one of metafile.outputs[path]!.imports)
      if (one.kind === "import-statement" && !one.external) add(one.path);
  };
  add(Object.entries(metafile.outputs).find(([, one]) => one.entryPoint === entry)![0]);
  return Buffer.concat([...eager].map((path) => outputs.get(path)!));
}

/** What wrangler.toml says of the runtime. */
export function compatibility(): { compatibilityDate: string; compatibilityFlags: string[] } {
  const compatibilityDate = /^compatibility_date = "([^"]+)"/m.exec(toml())![1]!;
  const flags = /^compatibility_flags = \[([^\]]*)\]/m.exec(toml())![1]!;
  return { compatibilityDate, compatibilityFlags: [...flags.matchAll(/"([^"]+)"/g)].map((match) => match[1]!) };
}
