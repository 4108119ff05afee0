import { expect, test } from "vitest";
import { newRegistrationKey } from "../../src/auth/registration-keys.ts";

test("a key is ten characters that nobody misreads, each time another", () => {
  const keys = Array.from({ length: 500 }, newRegistrationKey);
  expect(new Set(keys).size).toBe(500);
  for (const key of keys) expect(key).toMatch(/^[0-9A-HJKMNP-TV-Z]{10}$/);
  // Every character is by chance: none of the ten stands still, or follows from the others.
  for (let i = 0; i < 10; i++) expect(new Set(keys.map((key) => key[i])).size).toBe(32);
});
