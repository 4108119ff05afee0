import { LEGIBLE, legibleChance } from "../ids.ts";

const ALPHABET = LEGIBLE.toUpperCase();

/** A key with which a customer registers: nine characters of chance (45 bits) and a check character. */
export function newRegistrationKey(): string {
  const body = legibleChance(9).toUpperCase();
  return body + checkCharacter(body);
}

/**
 * Whether a key is one that we made, not mistyped: any one wrong character and most swapped neighbours are noticed.
 * Keys that a back office made need not have a check character, so this refuses nobody; it only helps to say why.
 */
export const isOurKey = (key: string): boolean =>
  /^[0-9A-HJKMNP-TV-Z]{10}$/.test(key) && checkCharacter(key.slice(0, 9)) === key[9];

/** Luhn's sum, over 32 characters: https://en.wikipedia.org/wiki/Luhn_mod_N_algorithm */
function checkCharacter(body: string): string {
  let total = 0;
  for (let i = 0; i < body.length; i++) {
    const doubled = ALPHABET.indexOf(body[body.length - 1 - i]!) * (i % 2 === 0 ? 2 : 1);
    total += Math.floor(doubled / 32) + (doubled % 32);
  }
  return ALPHABET[(32 - (total % 32)) % 32]!;
}
