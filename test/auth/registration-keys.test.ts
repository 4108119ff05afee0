import { expect, test } from "vitest";
import { isOurKey, newRegistrationKey } from "../../src/auth/registration-keys.ts";

const ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

test("a key is ten characters that nobody misreads, each time another", () => {
  const keys = Array.from({ length: 500 }, newRegistrationKey);
  expect(new Set(keys).size).toBe(500);
  for (const key of keys) expect(isOurKey(key), key).toBe(true);
});

test("any one mistyped character is noticed", () => {
  const key = newRegistrationKey();
  for (let i = 0; i < 10; i++) {
    for (const other of ALPHABET) {
      if (other !== key[i]) expect(isOurKey(key.slice(0, i) + other + key.slice(i + 1))).toBe(false);
    }
  }
  expect(isOurKey(key.slice(0, 9))).toBe(false);
  expect(isOurKey(key.toLowerCase().replace(/\d/g, "i"))).toBe(false);
});
