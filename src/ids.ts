import { createHmac } from "node:crypto";
import type { Instant } from "./calendar.ts";

/** Crockford's base 32, in small letters: none that is taken for another. https://www.crockford.com/base32.html */
const LEGIBLE = "0123456789abcdefghjkmnpqrstvwxyz";

/** Bytes as text that is read and typed without mistakes: one character, five bits, for each. */
export const legible = (bytes: Uint8Array): string => Array.from(bytes, (byte) => LEGIBLE[byte % 32]).join("");

/** The same of so many bytes of chance. */
export const legibleChance = (length: number): string => legible(crypto.getRandomValues(new Uint8Array(length)));

/** A text of them in groups of four, as it is shown. */
export const inFours = (text: string): string => text.replace(/(.{4})(?=.)/g, "$1-");

/** A prefixed id that sorts by time: `pay_01kb3x9q0e4m8n2t7w5z`. Eight characters of seconds, twelve (60 bits) of chance. */
export const newId = (prefix: string, now: Instant): string => idsSince(prefix, now) + legibleChance(12);

/** What sorts before every such id made from then on, and after every earlier one. */
export function idsSince(prefix: string, then: Instant): string {
  let time = "";
  for (let rest = Math.floor(then), n = 0; n < 8; n++, rest = Math.floor(rest / 32)) time = LEGIBLE[rest % 32] + time;
  return `${prefix}_${time}`;
}

/** An id of the same shape that is always the same for the same text: what was done by it once is found again. */
export async function idFor(prefix: string, now: Instant, text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return idsSince(prefix, now) + legible(new Uint8Array(digest, 0, 12));
}

/** Whether a text that came from outside has the shape of such an id. */
export const isId = (prefix: string, text: string): boolean => new RegExp(`^${prefix}_[${LEGIBLE}]{20}$`).test(text);

/** A secret for a cookie or a key: 32 random bytes, base64url. */
export function newSecret(): string {
  return base64url(crypto.getRandomValues(new Uint8Array(32)));
}

/** SHA-256 as hex: how secrets are kept. */
export async function sha256(text: string): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** HMAC-SHA-256 of a text, base64url. Every page makes one: Web Crypto, which imports a key first, takes four times as long. */
export const hmac = (secret: string, text: string): string =>
  createHmac("sha256", secret).update(text).digest("base64url");

/** Compares two texts in a time that does not depend on where they differ. */
export function sameText(a: string, b: string): boolean {
  if (a.length !== b.length) return false;
  let difference = 0;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i);
  return difference === 0;
}

/** Bytes as text that may stand in an address or a cookie. */
export const base64url = (bytes: Uint8Array): string =>
  btoa(String.fromCharCode(...bytes))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replaceAll("=", "");

/** Reads that again; null when it is nothing of the kind. */
export function fromBase64url(text: string): Uint8Array<ArrayBuffer> | null {
  try {
    const binary = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
    return Uint8Array.from(binary, (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
