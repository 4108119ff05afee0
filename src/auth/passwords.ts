import { randomBytes, scrypt, timingSafeEqual } from "node:crypto";
import { LONGEST_PASSWORD } from "./password-rules.ts";

/**
 * scrypt with 16 MiB and about 110 ms: the strongest of OWASP's list that thirty sign-ins at once survive in 128 MB.
 * https://cheatsheetseries.owasp.org/cheatsheets/Password_Storage_Cheat_Sheet.html
 */
export const STANDARD_COST = { n: 16384, r: 8, p: 5 };

type Cost = typeof STANDARD_COST;

/** A password as a PHC string that carries its own cost, so that the cost can be raised later. */
export async function hashPassword(password: string, cost: Cost = STANDARD_COST): Promise<string> {
  const salt = randomBytes(16);
  const key = await derive(password, salt, cost);
  return `$scrypt$n=${cost.n},r=${cost.r},p=${cost.p}$${unpadded(salt)}$${unpadded(key)}`;
}

/**
 * Whether the password is the one. An unknown user (`null`) takes as long as a wrong password, so that time does not
 * tell who exists.
 */
export async function passwordMatches(password: string, hash: string | null): Promise<boolean> {
  const match = /^\$scrypt\$n=(\d+),r=(\d+),p=(\d+)\$([\w+/]+)\$([\w+/]+)$/.exec(hash ?? DUMMY);
  if (!match || password.length > LONGEST_PASSWORD) return false;
  const cost = { n: Number(match[1]), r: Number(match[2]), p: Number(match[3]) };
  const expected = Buffer.from(match[5]!, "base64");
  const key = await derive(password, Buffer.from(match[4]!, "base64"), cost);
  return timingSafeEqual(key, expected) && hash !== null;
}

/** Nobody's password; only its cost matters. */
const DUMMY = `$scrypt$n=${STANDARD_COST.n},r=${STANDARD_COST.r},p=${STANDARD_COST.p}$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA`;

const derive = (password: string, salt: Uint8Array, cost: Cost): Promise<Buffer> =>
  new Promise((resolve, reject) => {
    scrypt(
      password.normalize("NFKC"),
      salt,
      32,
      { N: cost.n, r: cost.r, p: cost.p, maxmem: 64 * 1024 * 1024 },
      (error, key) => (error ? reject(error) : resolve(key)),
    );
  });

const unpadded = (bytes: Uint8Array): string => Buffer.from(bytes).toString("base64").replaceAll("=", "");
