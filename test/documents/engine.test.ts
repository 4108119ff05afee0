import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";
import { transformSync } from "esbuild";
import { describe, expect, test } from "vitest";
import { CEDAR_RIDGE } from "../../db/cast.ts";
import * as engine from "../../src/documents/engine.gen.js";
import { invoice, receipt } from "./samples.ts";

/** What the engine is built from, whole. */
type Glyph = { id: number; codePoints: number[]; isMark: boolean; advanceWidth: number };
type Font = engine.Font & {
  availableFeatures: string[];
  postscriptName: string;
  bbox: object;
  layout(text: string): { glyphs: Glyph[]; positions: object[]; advanceWidth: number };
  createSubset(): { includeGlyph(id: number): number; encode(): Uint8Array };
};
const whole = (await import("fontkit" as string)) as { create(bytes: Uint8Array): Font };

const WEIGHTS = ["regular", "bold"];
const fileOf = (weight: string) => readFileSync(`static/fonts/noto-sans-${weight}.ttf`);
const ours = (weight: string) => engine.create(fileOf(weight)) as Font;
const theirs = (weight: string) => whole.create(fileOf(weight));

const textsIn = (value: unknown): string[] => {
  if (typeof value === "string") return [value];
  return value && typeof value === "object" ? Object.values(value).flatMap(textsIn) : [];
};

const NAMES = [
  "Nguyễn Thị Phượng, Antonín Dvořák, José Núñez, Łukasz Żółć, Siobhán Ó Briain, Gülşah Iğdır, Ștefan Țepeș",
  "Adébáyọ̀ Ọláìyá, Ελένη Παπαδοπούλου, Иван Щербаков, eễ ́Ēḗ aặ",
  "AVATAR Ty. WAY, To-Ya “Ly’s” 1/7 $1,184.50 ◌ \ufffd 100 % – — …",
];
const LETTERS = [
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789.,:;-–'’“”/ &()$ÁČĐÉŁŐŘŠŤỲáčđéłőřšťỳễ",
];

describe.each(WEIGHTS)("the %s font", (weight) => {
  test("has the letters, names and measures that it has for all of fontkit", () => {
    const [mine, full] = [ours(weight), theirs(weight)];
    expect(mine.characterSet).toEqual(full.characterSet);
    expect(mine.characterSet.length).toBeGreaterThan(900);
    for (const letter of full.characterSet) {
      const { id, advanceWidth, isMark } = full.glyphForCodePoint(letter) as Glyph;
      expect(mine.glyphForCodePoint(letter)).toMatchObject({ id, advanceWidth, isMark, codePoints: [letter] });
    }
    for (const measure of [
      "postscriptName",
      "unitsPerEm",
      "ascent",
      "descent",
      "lineGap",
      "capHeight",
      "xHeight",
      "italicAngle",
    ]) {
      expect([measure, mine[measure as "postscriptName"]]).toEqual([measure, full[measure as "postscriptName"]]);
    }
    expect({ ...mine.bbox }).toEqual({ ...full.bbox });
  });

  test("sets names, words and every pair of letters as all of fontkit does, kerned and with their accents", () => {
    const [mine, full] = [ours(weight), theirs(weight)];
    const pairs = LETTERS.map((letter) => LETTERS.map((next) => letter + next).join(""));
    const set = (font: Font, text: string) => {
      const { glyphs, positions, advanceWidth } = font.layout(text);
      return {
        glyphs: glyphs.map(({ id, codePoints }) => ({ id, codePoints })),
        positions: positions.map((one) => ({ ...one })),
        advanceWidth,
      };
    };
    for (const text of [...NAMES, ...pairs, ...new Set(textsIn([CEDAR_RIDGE, invoice(), receipt()]))]) {
      expect(set(mine, text), text).toEqual(set(full, text));
    }
    const plain = (text: string) => [...text].reduce((width, letter) => width + mine.layout(letter).advanceWidth, 0);
    expect(mine.layout("Ty").advanceWidth).toBeLessThan(plain("Ty"));
    expect(mine.layout("Ọ̀").positions[1]).toMatchObject({ xAdvance: 0 });
  });

  test("is cut down to the same bytes, to any of its letters or all", () => {
    const all = ours(weight).characterSet;
    for (const letters of [[...NAMES.join("")].map((letter) => letter.codePointAt(0)!), all]) {
      const [mine, full] = [ours(weight), theirs(weight)].map((font) => {
        const subset = font.createSubset();
        for (const letter of letters) subset.includeGlyph((font.glyphForCodePoint(letter) as Glyph).id);
        return Buffer.from(subset.encode()).toString("base64");
      });
      expect(mine).toBe(full);
    }
  });

  test("places its accents itself, and substitutes nothing", () => {
    expect(theirs(weight).availableFeatures).toEqual(["kern", "mark"]);
  });
});

describe("what is left out", () => {
  const document = () => {
    engine.registerStdFonts(engine.Helvetica, engine.HelveticaBold);
    return new engine.PDFDocument({ font: "Helvetica" });
  };
  const refused = /left out of the PDF engine by dev\/build-pdf-engine\.ts/;

  test("refuses by name what an option or a value asks for", () => {
    expect(() => new engine.PDFDocument({ font: "", userPassword: "secret" })).toThrow(refused);
    expect(() => new engine.PDFDocument({ font: "", subset: "PDF/A-1" })).toThrow(refused);
    expect(() => document().text("more than one line")).toThrow(refused);
    expect(() => document().fillColor("red")).toThrow(refused);
    expect(() => document().linearGradient(0, 0, 1, 1)).toThrow(refused);
    expect(() => document().path("M 0 0")).toThrow(refused);
  });

  test("is no method any more", () => {
    const gone = ["image", "link", "table", "list", "addBookmark", "initForm", "file", "heightOfString"] as const;
    for (const name of gone)
      expect([name, (document() as unknown as Record<string, unknown>)[name]]).toEqual([name, undefined]);
    expect(() => document().text("x", 0, 0, { lineBreak: false, link: "https://portal.example" })).toThrow(TypeError);
  });

  test("is missed by a font that needs it", () => {
    const bytes = new Uint8Array(fileOf("regular"));
    const at = Buffer.from(bytes).indexOf("gasp");
    bytes.set(Buffer.from("morx"), at);
    expect(() => engine.create(bytes)).toThrow(refused);
    expect(() => ours("regular").layout("سلام")).not.toThrow();
  });
});

test("the engine weighs at most 37 kB", () => {
  const { code } = transformSync(readFileSync("src/documents/engine.gen.js", "utf8"), { minify: true, format: "esm" });
  expect(gzipSync(code, { level: 9 }).length).toBeLessThan(37 * 1024);
});
