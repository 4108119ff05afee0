import { eq, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { recoveryCodes, users } from "../../db/schema.ts";
import { mustHaveChanged, type Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { base64url, fromBase64url, inFours, legibleChance, sha256 } from "../ids.ts";
import { read, type UserScope } from "../reads.ts";

/** The second step of signing in: what is kept of it, and how a code is used up. */

/** A user's second step. `appSecret` is as it is kept; `since` is null while it does not count yet. */
export type SecondStep = { userId: string; appSecret: string | null; since: number | null; lastStep: number | null };

const columns = {
  userId: users.id,
  appSecret: users.totpSecret,
  since: users.twoStepSince,
  lastStep: users.totpStep,
};

/** The second step of whoever is signed in, how many recovery codes are left, and whether the dealer asks it of staff. */
export const ownSecondStep = read((db, user: UserScope) =>
  db
    .select({
      ...columns,
      codesLeft: sql<number>`(select count(*) from recovery_codes where user_id = ${users.id} and used_at is null)`,
      staffMust: sql<boolean>`(select staff_two_step from access_settings where id = 1)`.mapWith(Boolean),
    })
    .from(users)
    .where(eq(users.id, user)),
);

/** The second step of somebody who has taken the first. */
export const secondStepOf = (db: Db, userId: string) => db.select(columns).from(users).where(eq(users.id, userId));

/** A code as it was typed, without what eyes and fingers add; null when it can be neither the app's nor the paper's. */
export function codeFrom(typed: string): string | null {
  const code = typed.replace(/[\s-]/g, "").toLowerCase();
  return /^(\d{6}|[0-9a-z]{12})$/.test(code) ? code : null;
}

/**
 * Writes that use up a code that was typed: the app's, of now or a neighbouring half minute, or one of the recovery
 * codes. Null when it is wrong already; the commit is refused (`rows_matched`) when it was used before, also just now.
 */
export async function useCode(deps: Deps, second: SecondStep, code: string): Promise<Write[] | null> {
  const { now } = deps;
  if (code.length === 6) {
    const step = await appStep(deps, second, code);
    if (step === null) return null;
    return [
      sql`update users set totp_step = ${step}
          where id = ${second.userId} and totp_secret = ${second.appSecret} and (totp_step is null or totp_step < ${step})`,
      mustHaveChanged("rows_matched"),
    ];
  }
  if (second.since === null) return null;
  return [
    sql`update recovery_codes set used_at = ${now}
        where user_id = ${second.userId} and hash = ${await sha256(code)} and used_at is null`,
    mustHaveChanged("rows_matched"),
  ];
}

async function appStep(deps: Deps, { userId, appSecret }: SecondStep, code: string): Promise<number | null> {
  const secret = appSecret && (await openAppSecret(deps, userId, appSecret));
  if (!secret) return null;
  const { stepOf } = await import("./one-time-codes.ts");
  return stepOf(secret, code, deps.ports.clock.now());
}

/** Ten new codes for paper, 60 bits each, and the writes that put them in the place of the old ones. */
export async function newRecoveryCodes(deps: Deps, userId: string): Promise<{ codes: string[]; writes: Write[] }> {
  const { db } = deps;
  const codes = Array.from({ length: 10 }, () => legibleChance(12));
  const rows = await Promise.all(codes.map(async (code) => ({ userId, hash: await sha256(code) })));
  return {
    codes: codes.map(inFours),
    writes: [sql`delete from recovery_codes where user_id = ${userId}`, db.insert(recoveryCodes).values(rows)],
  };
}

/** An app's secret as it is kept: AES-GCM under a key of our own, good for this user alone. */
export async function sealAppSecret(deps: Deps, userId: string, secret: string): Promise<string> {
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const bytes = new TextEncoder();
  const sealed = await crypto.subtle.encrypt(
    { name: "AES-GCM", iv, additionalData: bytes.encode(userId) },
    await appKey(deps),
    bytes.encode(secret),
  );
  return `${base64url(iv)}.${base64url(new Uint8Array(sealed))}`;
}

/** The secret again; null when it was kept under another key, or for somebody else. */
export async function openAppSecret(deps: Deps, userId: string, kept: string): Promise<string | null> {
  const [iv, sealed] = kept.split(".").map(fromBase64url);
  if (!iv || !sealed) return null;
  try {
    const opened = await crypto.subtle.decrypt(
      { name: "AES-GCM", iv, additionalData: new TextEncoder().encode(userId) },
      await appKey(deps),
      sealed,
    );
    return new TextDecoder().decode(opened);
  } catch {
    return null;
  }
}

async function appKey({ signingSecret }: Deps): Promise<CryptoKey> {
  const bytes = new TextEncoder();
  const secret = await crypto.subtle.importKey("raw", bytes.encode(signingSecret), "HKDF", false, ["deriveKey"]);
  return crypto.subtle.deriveKey(
    { name: "HKDF", hash: "SHA-256", salt: new Uint8Array(), info: bytes.encode("authenticator secrets") },
    secret,
    { name: "AES-GCM", length: 256 },
    false,
    ["encrypt", "decrypt"],
  );
}
