import { readFileSync } from "node:fs";
import { create } from "fontkit";
import { expect, test } from "vitest";
import * as ours from "../../src/documents/unicode.ts";

// What the bundle leaves out, as fontkit itself has it.
const theirs = (await import("unicode-properties" as string)) as typeof ours;

test("what fontkit asks of a character is answered for every letter of our fonts as its own tables answer it", () => {
  for (const file of ["noto-sans-regular.ttf", "noto-sans-bold.ttf"]) {
    const { characterSet } = create(readFileSync(`static/fonts/${file}`));
    expect(characterSet.length).toBeGreaterThan(500);
    for (const letter of characterSet) {
      const name = `U+${letter.toString(16)}`;
      expect(`${name} ${ours.isDigit(letter)}`).toBe(`${name} ${theirs.isDigit(letter)}`);
      expect(`${name} ${ours.isMark(letter)}`).toBe(`${name} ${theirs.isMark(letter)}`);
      expect(`${name} ${ours.getScript(letter)}`).toBe(`${name} ${theirs.getScript(letter)}`);
    }
  }
});

test("the fonts place their accents themselves, so that nobody asks for classes of them", () => {
  for (const file of ["noto-sans-regular.ttf", "noto-sans-bold.ttf"]) {
    const font = create(readFileSync(`static/fonts/${file}`)) as unknown as { availableFeatures: string[] };
    expect(font.availableFeatures).toContain("mark");
  }
});
