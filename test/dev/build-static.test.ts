import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { buildStatic } from "../../dev/build-static.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "static-"));
  mkdirSync(join(folder, "static", "fonts"), { recursive: true });
  source("app.css", "body {\n  color: light-dark(black, white);\n  content: 'Núñez </style>';\n}\n");
  source("app.js", "const longName = document.querySelector('form');\nlongName.dataset.ready = 'yes, it is';\n");
  source("fonts/noto.ttf", "not really a font");
  source("fonts/README.md", "About the font");
  source("robots.txt", "User-agent: *\n");
});
afterEach(() => rmSync(folder, { recursive: true }));

const source = (name: string, text: string) => writeFileSync(join(folder, "static", name), text);
const built = (name: string) => join(folder, "dist", name);
const build = (to = "dist") =>
  buildStatic({ from: join(folder, "static"), to: join(folder, to), module: join(folder, `${to}.gen.ts`) });
const filesOf = (to: string) =>
  readdirSync(join(folder, to), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => [entry.name, readFileSync(join(entry.parentPath, entry.name), "base64")])
    .sort();

test("every file but the style sheet and the notes is served under a name that holds its fingerprint", () => {
  const { assets } = build();
  expect(assets).toEqual({
    "app.js": expect.stringMatching(/^\/assets\/app\.[0-9a-f]{10}\.js$/),
    "fonts/noto.ttf": expect.stringMatching(/^\/assets\/noto\.[0-9a-f]{10}\.ttf$/),
  });
  expect(readFileSync(built(assets["fonts/noto.ttf"]!), "utf8")).toBe("not really a font");
  expect(readFileSync(built("robots.txt"), "utf8")).toBe("User-agent: *\n");
  expect(readdirSync(join(folder, "dist", "assets"))).toHaveLength(2);
});

test("htmx and our script, minified, are one file", () => {
  const script = readFileSync(built(build().assets["app.js"]!), "utf8");
  const htmx = readFileSync(join(import.meta.dirname, "../../node_modules/htmx.org/dist/htmx.min.js"), "utf8");
  expect(script.startsWith(htmx)).toBe(true);
  expect(script.slice(htmx.length)).toContain("yes, it is");
  expect(script.slice(htmx.length)).not.toContain("longName");
});

test("the style is what the views are given, and cannot end its element", async () => {
  const { style, assets } = build();
  expect(style).toContain("Núñez");
  expect(style).not.toContain("</style");
  expect(await import(join(folder, "dist.gen.ts"))).toMatchObject({ style, assets });
});

test("the same source gives the same bytes, and a second build writes nothing", () => {
  build();
  build("again");
  expect(filesOf("again")).toEqual(filesOf("dist"));
  const before = statSync(join(folder, "dist.gen.ts")).mtimeMs;
  build();
  expect(statSync(join(folder, "dist.gen.ts")).mtimeMs).toBe(before);
});

test("a changed file has a new name, and the old one is gone", () => {
  const before = build().assets["app.js"]!;
  source("app.js", "document.title = 'changed';\n");
  const after = build().assets["app.js"]!;
  expect(after).not.toBe(before);
  expect(readdirSync(join(folder, "dist", "assets"))).not.toContain(before.replace("/assets/", ""));
});

test("fingerprinted files are kept by browsers for a year", () => {
  build();
  expect(readFileSync(built("_headers"), "utf8")).toContain(
    "/assets/*\n  Cache-Control: public, max-age=31536000, immutable\n",
  );
});

test("without a style sheet there is no build", () => {
  rmSync(join(folder, "static", "app.css"));
  expect(() => build()).toThrow("app.css is missing");
});
