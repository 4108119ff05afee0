import { createHmac } from "node:crypto";
import { Secret, TOTP } from "otpauth/bare";
import { encode } from "uqr";

/** The codes that an authenticator app shows: RFC 6238 with what every app can do, six digits of SHA-1 every 30 seconds. */

const PERIOD_SECONDS = 30;

/** A telephone's clock may be off by this many codes, either way. */
const WINDOW = 1;

const hmac = (algorithm: string, key: Uint8Array, message: Uint8Array): Uint8Array =>
  createHmac(algorithm, key).update(message).digest();

const app = (secret: string, issuer = "", label = ""): TOTP =>
  new TOTP({ secret: Secret.fromBase32(secret), issuer, label, algorithm: "SHA1", period: PERIOD_SECONDS, hmac });

/** A new secret for an app, 160 bits in base 32. */
export const newAppSecret = (): string => new Secret({ size: 20 }).base32;

/** What the app reads from the QR code. https://github.com/google/google-authenticator/wiki/Key-Uri-Format */
export const appAddress = (secret: string, dealer: string, email: string): string =>
  app(secret, dealer, email).toString();

/** The 30-second step since 1970 that a code belongs to, if it is one of those about now; else null. */
export function stepOf(secret: string, code: string, now: number): number | null {
  const off = app(secret).validate({ token: code, timestamp: now * 1000, window: WINDOW });
  return off === null ? null : Math.floor(now / PERIOD_SECONDS) + off;
}

/** A QR code as one SVG path, its dark modules drawn row by row, with the four light ones around it that readers need. */
export function qrPath(text: string): { size: number; path: string } {
  const { size, data } = encode(text, { ecc: "L", border: 4 });
  const path = data
    .map((row, y) => {
      const dark = row.map((module) => (module ? "x" : ".")).join("");
      return [...dark.matchAll(/x+/g)]
        .map(({ 0: run, index }) => `M${index} ${y}h${run.length}v1h-${run.length}z`)
        .join("");
    })
    .join("");
  return { size, path };
}
