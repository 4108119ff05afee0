import { expect, test } from "vitest";
import { cutOut } from "../../dev/build-pdf-engine.ts";

const TEXT = "one();\ntwo();\nthree();\ntwo();\n";

test("a stretch is cut out, or something stands in its place", () => {
  expect(cutOut(TEXT, [{ from: "one();\n", upTo: "three" }])).toBe("three();\ntwo();\n");
  expect(cutOut(TEXT, [{ from: "three()", instead: "never()" }])).toBe("one();\ntwo();\nnever();\ntwo();\n");
});

test.each([
  ["is not there", { from: "four();\n" }],
  ["has no end", { from: "one();\n", upTo: "four" }],
  ["is there twice", { from: "two();\n" }],
])("a stretch that %s is no longer the one that was meant", (_, cut) => {
  expect(() => cutOut(TEXT, [cut])).toThrow(/a package has changed/);
});
