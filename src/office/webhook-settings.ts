import { and, eq, sql } from "drizzle-orm";
import { moneySettings } from "../../db/schema.ts";
import { commit } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { read, type StaffScope } from "../reads.ts";

/** Where the dealer's software hears of money, and the secret that signs it. */
export const webhookSettings = read((db, staff: StaffScope) =>
  db
    .select({ url: moneySettings.webhookUrl, secret: moneySettings.webhookSecret })
    .from(moneySettings)
    .where(and(eq(moneySettings.id, 1), sql`${staff}`)),
);

/** A new secret as Standard Webhooks writes it: 32 random bytes. */
const newWebhookSecret = (): string =>
  `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(32))))}`;

/**
 * Names the address, or takes it away with "". The first one brings a secret. Without an address nothing that waits is
 * delivered any more. False where the address is none that we may reach; then nothing has changed.
 */
export async function setWebhook({ db, now, ports }: Deps, url: string, by: string): Promise<boolean> {
  if (url !== "" && !ports.outgoing.mayReach(url)) return false;
  const change = {
    key: `webhook.set:${newId("evt", now)}`,
    action: "webhook.set",
    accountId: null,
    by,
    detail: { url },
  };
  await commit(db, now, change, [
    sql`update money_settings set webhook_url = ${url || null}, webhook_secret = coalesce(webhook_secret, ${newWebhookSecret()}) where id = 1`,
    ...(url === "" ? [sql`delete from webhook_deliveries where state <> 'sent'`] : []),
  ]);
  return true;
}

/** Makes a new secret; what is sent from now on is signed with it. */
export async function renewWebhookSecret({ db, now }: Deps, by: string): Promise<void> {
  const change = { key: `webhook.secret:${newId("evt", now)}`, action: "webhook.secret", accountId: null, by };
  await commit(db, now, change, [
    db.update(moneySettings).set({ webhookSecret: newWebhookSecret() }).where(eq(moneySettings.id, 1)),
  ]);
}

/** Sends a message that says it is a test, once, now. Returns what came of it, in words for the office. */
export async function testWebhook(
  { now, ports, dealer }: Deps,
  to: { url: string; secret: string },
): Promise<{ ok: boolean; words: string }> {
  const body = JSON.stringify({ type: "test", timestamp: now, data: { dealer: dealer.slug } });
  const answer = await ports.outgoing.post({ ...to, id: newId("test", now), at: now, body });
  return answer.result === "taken"
    ? { ok: true, words: "It was taken." }
    : { ok: false, words: `It was not taken: ${answer.reason}.` };
}
