import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, posix, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { BANS, ENTRIES, KEPT_BEHIND, RULES } from "./imports.ts";

const root = resolve(import.meta.dirname, "../..");

const files = ["src", "views", "db", "dev", "test", "static"]
  .flatMap((folder) => readdirSync(join(root, folder), { recursive: true }).map((name) => `${folder}/${name}`))
  .map((file) => file.replaceAll("\\", "/"))
  .filter((file) => /\.(tsx?|js|css)$/.test(file) && !/\.gen\.(ts|js)$/.test(file))
  .sort();

const textOf = (file: string): string => readFileSync(join(root, file), "utf8");

type Import = { from: string; what: string; typeOnly: boolean };

/** Every import and re-export of a file; relative ones as paths from the root. */
function importsOf(file: string, text: string): Import[] {
  const found: Import[] = [];
  const add = (target: string, typeOnly: boolean) => {
    const what = target.startsWith(".") ? posix.normalize(posix.join(dirname(file), target)) : target;
    found.push({ from: file, what, typeOnly });
  };
  for (const [, type, names, target] of text.matchAll(
    /^(?:import|export)\s+(type\s+)?(?:([^;"']*?)\s+from\s+)?["']([^"']+)["']/gm,
  )) {
    const list = /\{([^}]*)\}/.exec(names ?? "")?.[1];
    const allTypes =
      list !== undefined &&
      !/^\s*\w+\s*,/.test(names!) &&
      list.split(",").every((name) => !name.trim() || /^\s*type\s/.test(name));
    add(target!, type !== undefined || allTypes);
  }
  for (const [, target] of text.matchAll(/\bimport\(\s*["']([^"']+)["']/g)) add(target!, false);
  return found;
}

const ours = files.filter((file) => /^(src|views|db)\/.*\.tsx?$/.test(file));
const imports = ours.flatMap((file) => importsOf(file, textOf(file)));

describe("who imports whom", () => {
  test("every file has a row in the table, and every row a file", () => {
    expect(ours.length).toBeGreaterThan(50);
    expect(ours.filter((file) => !RULES.some((rule) => rule.files.test(file)))).toEqual([]);
    const firsts = new Set(ours.map((file) => RULES.find((rule) => rule.files.test(file))));
    expect(RULES.filter((rule) => !firsts.has(rule)).map((rule) => String(rule.files))).toEqual([]);
  });

  test("is as the table says", () => {
    const wrong = imports.flatMap(({ from, what, typeOnly }) => {
      const rule = RULES.find(({ files }) => files.test(from))!;
      const may = typeOnly ? [...rule.may, ...(rule.types ?? [/./])] : rule.may;
      return may.some((pattern) => pattern.test(what)) ? [] : [`${from} imports ${what}: ${rule.because}`];
    });
    expect(wrong).toEqual([]);
  });

  test("nothing that runs at the customer's imports what stands in for the world, or a test", () => {
    expect(imports.filter(({ what }) => /^(dev|test)\//.test(what))).toEqual([]);
    expect(imports.filter(({ what }) => what === "src/worker.ts")).toEqual([]);
  });

  test("vendors stay behind the files that know them", () => {
    for (const [name, where] of Object.entries(KEPT_BEHIND)) {
      const users = imports.filter(({ what }) => what === name || what.startsWith(`${name}/`));
      expect(users.filter(({ from }) => !where.test(from)).map(({ from }) => `${from} imports ${name}`)).toEqual([]);
    }
  });

  test("relative imports carry their extension and lead to a file", () => {
    const everywhere = files.filter((file) => /\.tsx?$/.test(file)).flatMap((file) => importsOf(file, textOf(file)));
    const built = files.filter((file) => file.endsWith(".gen.d.ts")).map((file) => file.replace(/\.d\.ts$/, ".js"));
    const known = new Set([...files, ...built, "views/assets.gen.ts", "package.json"]);
    expect(everywhere.filter(({ what }) => /^(src|views|db|dev|test)\//.test(what) && !known.has(what))).toEqual([]);
  });

  test("every file is imported by another, or says why not", () => {
    const used = new Set(imports.map(({ what }) => what));
    expect(ours.filter((file) => !used.has(file) && !(file in ENTRIES))).toEqual([]);
    expect(Object.keys(ENTRIES).filter((file) => used.has(file) && file !== "views/assets.gen.ts")).toEqual([]);
  });

  test("the reader of imports reads them all", () => {
    // Put together here, so that it is no import of this file's.
    const dynamic = `${"im"}port("./j.ts")`;
    const text = `${"im"}port a from "./a.ts";
${"im"}port type { B } from "./b.ts";
${"im"}port { type C, type D } from "./c.ts";
${"im"}port { type E, f } from "../f.ts";
${"im"}port {
  g,
} from "g";
${"im"}port "./h.ts";
${"ex"}port * from "./i.ts";
const j = await ${dynamic};`;
    expect(importsOf("src/x/y.ts", text).map(({ what, typeOnly }) => `${what}${typeOnly ? " (type)" : ""}`)).toEqual([
      "src/x/a.ts",
      "src/x/b.ts (type)",
      "src/x/c.ts (type)",
      "src/f.ts",
      "g",
      "src/x/h.ts",
      "src/x/i.ts",
      "src/x/j.ts",
    ]);
  });
});

describe("words that must not stand here", () => {
  /** Code without its comments; what is inside quotes stays. */
  const withoutComments = (text: string): string =>
    text.replace(/\/\*[\s\S]*?\*\//g, (comment) => comment.replace(/[^\n]/g, " ")).replace(/(^|\s)\/\/.*$/gm, "$1");

  for (const { word, where, but, instead } of BANS) {
    test(`${word.source}: write ${instead}`, () => {
      const places = files
        .filter((file) => where.test(file) && !but?.test(file) && file !== "test/house/imports.ts")
        .flatMap((file) =>
          // A promise to do it later stands in comments most of all.
          (where.source === "." ? textOf(file) : withoutComments(textOf(file)))
            .split("\n")
            .flatMap((line, i) => (word.test(line) ? [`${file}:${i + 1} ${line.trim()}`] : [])),
        );
      expect(places, `write ${instead}`).toEqual([]);
    });
  }

  test("the one other place that reads the clock is where Lucia is put into the request's time", () => {
    const lines = textOf("src/auth/sessions.ts")
      .split("\n")
      .filter((line) => /Date\.now\(|new Date\(\)/.test(line));
    expect(lines).toEqual(["const realNow = (): Instant => Math.floor(Date.now() / 1000);"]);
  });
});
