import { createHash } from "node:crypto";
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, extname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { transformSync } from "esbuild";
import { buildParts } from "./build-parts.ts";
import { buildPdfEngine } from "./build-pdf-engine.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Where the build reads and writes; tests bring their own folders. */
type Places = { from: string; to: string; module: string; htmx: string };

const ours: Places = {
  from: join(root, "static"),
  to: join(root, "dist", "static"),
  module: join(root, "views", "assets.gen.ts"),
  htmx: join(root, "node_modules", "htmx.org", "dist", "htmx.min.js"),
};

/** Browsers and crawlers ask for these by name, so they keep it. */
const KEEP_NAME = new Set(["favicon.ico", "robots.txt"]);

/** Stands inline in every page, so it is no file of its own. */
const STYLE = "app.css";

/** Ours and htmx travel as one file: a second one would cost a slow line a second connection. */
const SCRIPT = "app.js";

// The Worker does not see requests for these files, so what it says of every page is said here.
const HEADERS = `/assets/*
  Cache-Control: public, max-age=31536000, immutable
/*
  X-Content-Type-Options: nosniff
  Cross-Origin-Resource-Policy: same-origin
`;

/**
 * Builds what is served as it is: every file of `static/` under `/assets/` with a fingerprint in its name, the script
 * minified and behind htmx, and `views/assets.gen.ts`, which tells the views those names and the minified style sheet.
 * The same input gives the same bytes; a file that did not change is not written again. Returns the module's values.
 * Throws when `static/app.css` is missing or cannot be parsed.
 */
export function buildStatic(places: Partial<Places> = {}): {
  assets: Record<string, string>;
  style: string;
} {
  const { from, to, module, htmx } = { ...ours, ...places };
  if (!existsSync(join(from, STYLE))) throw new Error(`${join(from, STYLE)} is missing; every page needs it.`);
  const style = minified(join(from, STYLE), "css").trim();

  const assets: Record<string, string> = {};
  const written = new Set<string>();
  const put = (path: string, bytes: Uint8Array | string) => {
    write(join(to, path), bytes);
    written.add(path);
  };
  const fingerprinted = (name: string, bytes: Uint8Array | string) => {
    const print = createHash("sha256").update(bytes).digest("hex").slice(0, 10);
    const extension = extname(name);
    const path = `/assets/${basename(name, extension)}.${print}${extension}`;
    assets[name] = path;
    put(path.slice(1), bytes);
  };
  for (const name of filesIn(from)) {
    if (name === STYLE || extname(name) === ".md") continue;
    const bytes = name === SCRIPT ? script(htmx, join(from, name)) : readFileSync(join(from, name));
    if (KEEP_NAME.has(name)) put(name, bytes);
    else fingerprinted(name, bytes);
  }
  put("_headers", HEADERS);
  for (const name of filesIn(to)) if (!written.has(name)) rmSync(join(to, name));

  write(
    module,
    `// Written by dev/build-static.ts from static/ whenever that changes; not kept in git.

/** The style sheet, minified: the text of every page's one \`<style>\`. */
export const style = ${JSON.stringify(style)};

/** Where each file of static/ is served; cached for a year. The script holds htmx too. */
export const assets = ${JSON.stringify(assets, null, 2)} as const;
`,
  );
  return { assets, style };
}

const script = (htmx: string, ours: string) => `${readFileSync(htmx, "utf8")}\n${minified(ours, "js")}`;

function minified(file: string, loader: "css" | "js"): string {
  const source = readFileSync(file, "utf8");
  // In a function of its own a script's names cannot meet htmx's, and become shorter.
  const format = loader === "js" ? "iife" : undefined;
  return transformSync(source, { loader, format, minify: true, charset: "utf8", sourcefile: file }).code;
}

/** Paths below a folder, with `/`, in an order that does not depend on the disk. */
function filesIn(folder: string): string[] {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const names = entries
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
  return names.map((name) => name.replaceAll("\\", "/")).sort();
}

function write(file: string, content: Uint8Array | string) {
  const bytes = Buffer.from(content);
  if (existsSync(file) && readFileSync(file).equals(bytes)) return;
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, bytes);
}

if (import.meta.main) {
  buildStatic();
  await buildParts();
  await buildPdfEngine();
}
