import type { Outgoing } from "../ports.ts";

/** What a receiver may take at most; https://github.com/standard-webhooks/standard-webhooks says 15 to 30 seconds. */
const TIMEOUT_MS = 10_000;

/**
 * Messages to the dealer's own software, signed as Standard Webhooks has it: `v1,` and the HMAC-SHA-256 of id, time and
 * body, with the secret's bytes behind `whsec_`. Only https and only addresses of the open internet; a redirect is a refusal,
 * because it could lead elsewhere. Names that lead inside are the resolver's business: a Worker has no inside to reach.
 */
export const outgoingWebhooks = (send: typeof fetch = fetch): Outgoing => ({
  mayReach,
  async post({ url, id, at, body, secret }) {
    if (!mayReach(url)) return { result: "refused", reason: "the address is not one on the open internet" };
    try {
      const response = await send(url, {
        method: "POST",
        redirect: "manual",
        headers: {
          "content-type": "application/json",
          "user-agent": "Keyholder",
          "webhook-id": id,
          "webhook-timestamp": String(at),
          "webhook-signature": `v1,${await signature(secret, `${id}.${at}.${body}`)}`,
        },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.body?.cancel();
      if (response.ok) return { result: "taken" };
      // A redirect that is not followed has status 0 in browsers' fetch, and its own here.
      return { result: "refused", reason: `answered ${response.status}` };
    } catch (error) {
      const late = error instanceof Error && error.name === "TimeoutError";
      return { result: "refused", reason: late ? "no answer within 10 seconds" : "could not be reached" };
    }
  },
});

async function signature(secret: string, text: string): Promise<string> {
  const bytes = Uint8Array.from(atob(secret.replace(/^whsec_/, "")), (character) => character.charCodeAt(0));
  const key = await crypto.subtle.importKey("raw", bytes, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  const signed = await crypto.subtle.sign("HMAC", key, new TextEncoder().encode(text));
  return btoa(String.fromCharCode(...new Uint8Array(signed)));
}

/** The URL parser has brought every way to write an IPv4 address (`0x7f.1`, `2130706433`) into four numbers by now. */
function mayReach(text: string): boolean {
  const url = URL.canParse(text) ? new URL(text) : null;
  if (url?.protocol !== "https:" || url.username !== "" || url.password !== "") return false;
  if (url.port !== "" && url.port !== "8443") return false;
  const host = url.hostname.replace(/\.$/, "");
  if (host.startsWith("[")) return false;
  const numbers = /^(\d+)\.(\d+)\.\d+\.\d+$/.exec(host);
  if (numbers) return !isPrivate(Number(numbers[1]), Number(numbers[2]));
  return host.includes(".") && !/\.(localhost|local|internal|home|lan|test|invalid|example|onion|arpa)$/.test(host);
}

/** https://www.iana.org/assignments/iana-ipv4-special-registry; whole /16 blocks, which leaves nobody out. */
const isPrivate = (a: number, b: number): boolean =>
  a === 0 ||
  a === 10 ||
  a === 127 ||
  a >= 224 ||
  (a === 100 && b >= 64 && b <= 127) ||
  (a === 169 && b === 254) ||
  (a === 172 && b >= 16 && b <= 31) ||
  (a === 192 && (b === 0 || b === 168)) ||
  (a === 198 && (b === 18 || b === 19 || b === 51)) ||
  (a === 203 && b === 0);
