import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";

const root = resolve(import.meta.dirname, "..");

/** The packages in whose place `wrangler.toml` puts files of ours, and the whole paths of these. */
export function aliases(): Record<string, string> {
  const lines = /^\[alias\]\n((?:".+\n)*)/m.exec(readFileSync(join(root, "wrangler.toml"), "utf8"))?.[1] ?? "";
  const pairs = [...lines.matchAll(/^"(.+)" = "(.+)"$/gm)];
  return Object.fromEntries(pairs.map(([, name, file]) => [name!, join(root, file!)]));
}
