import { base64url } from "../ids.ts";

/** Apple takes no longer than six months; this one is used at once. */
const LIFETIME_SECONDS = 5 * 60;

/**
 * What Apple takes for a client's secret: a token that the client signs itself, by ES256. `privateKey` is PKCS #8 in
 * base64. https://developer.apple.com/documentation/accountorganizationaldatasharing/creating-a-client-secret
 */
export async function appleSecret(
  signer: { clientId: string; teamId: string; keyId: string; privateKey: string },
  now: number,
): Promise<string> {
  const { clientId, teamId, keyId, privateKey } = signer;
  const curve = { name: "ECDSA", namedCurve: "P-256" };
  const der = Uint8Array.from(atob(privateKey), (character) => character.charCodeAt(0));
  const key = await crypto.subtle.importKey("pkcs8", der, curve, false, ["sign"]);
  const head = { alg: "ES256", kid: keyId };
  const claims = {
    iss: teamId,
    iat: now,
    exp: now + LIFETIME_SECONDS,
    aud: "https://appleid.apple.com",
    sub: clientId,
  };
  const bytes = new TextEncoder();
  const said = [head, claims].map((part) => base64url(bytes.encode(JSON.stringify(part)))).join(".");
  const signature = await crypto.subtle.sign({ name: "ECDSA", hash: "SHA-256" }, key, bytes.encode(said));
  return `${said}.${base64url(new Uint8Array(signature))}`;
}
