import { createHash } from "node:crypto";
import type { ProviderClients } from "../../src/adapters/identity-providers.ts";
import { newSecret } from "../../src/ids.ts";
import type { ProviderName } from "../../src/ports.ts";

/** The signing key that a P-256 key with the number one is: it opens nothing anywhere. */
const NOBODYS_KEY =
  "MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAGhRANCAARrF9Hy4SxCR/i85uVjpEDydwN9gS3rM6D0oTlF2JjClk/jQuL+Gn+bjufrSnwPnhYrzjNXazFezsu2QGg3v1H1";

/** Our clients at the three providers of the tests; the addresses are the providers' own. */
export const CLIENTS: ProviderClients = {
  google: { clientId: "google-client", clientSecret: "google-secret", apiBase: null },
  microsoft: { clientId: "microsoft-client", clientSecret: "microsoft-secret", tenant: "common", apiBase: null },
  apple: { clientId: "apple-client", teamId: "TEAM", keyId: "KEY", privateKey: NOBODYS_KEY, apiBase: null },
};

const DIRECTORY = "9188040d-6c67-4c5b-b112-36a304b66dad";

const ISSUERS: Record<ProviderName, string> = {
  google: "https://accounts.google.com",
  microsoft: `https://login.microsoftonline.com/${DIRECTORY}/v2.0`,
  apple: "https://appleid.apple.com",
};

const TOKEN_PAGES: Record<string, ProviderName> = {
  "https://oauth2.googleapis.com/token": "google",
  "https://login.microsoftonline.com/common/oauth2/v2.0/token": "microsoft",
  "https://appleid.apple.com/auth/token": "apple",
};

type Claims = Record<string, unknown>;

/** Everybody's claims at a provider: who they are, and what it says of their address. */
export const claimsOf = (provider: ProviderName, email: string, verified = true): Claims => {
  const subject = createHash("sha256").update(`${provider} ${email}`).digest("hex");
  const oid = `${subject.slice(0, 8)}-0000-4000-8000-${subject.slice(8, 20)}`;
  return {
    google: { sub: subject.slice(0, 21), email, email_verified: verified },
    microsoft: { sub: "pairwise", oid, tid: DIRECTORY, email, ...(verified && { xms_edov: true }) },
    apple: { sub: `001234.${subject.slice(0, 32)}.0001`, email, email_verified: String(verified) },
  }[provider];
};

/**
 * The three providers as the Worker meets them: `consent` is somebody pressing yes on the page that an address leads to,
 * `fetch` is their token pages, which are as strict as the real ones. `answer` makes them say something else.
 */
export function standInProviders(now: () => number) {
  const given = new Map<string, { provider: ProviderName; asked: URLSearchParams; claims: Claims }>();
  const stand = {
    answer: null as ((request: Request) => Response | Promise<Response>) | null,
    asked: [] as { url: string; form: URLSearchParams }[],
    consent(page: string, claims: Claims): { code: string; state: string } {
      const { host, searchParams: asked } = new URL(page);
      const provider = (["google", "microsoft", "apple"] as const).find((name) => host.includes(name))!;
      const code = newSecret();
      given.set(code, {
        provider,
        asked,
        claims: {
          iss: ISSUERS[provider],
          aud: asked.get("client_id"),
          nonce: asked.get("nonce"),
          iat: now(),
          exp: now() + 3600,
          ...claims,
        },
      });
      return { code, state: asked.get("state") ?? "" };
    },
    fetch: (async (url: string, init: RequestInit) => {
      const request = new Request(url, init);
      const form = new URLSearchParams(await request.clone().text());
      stand.asked.push({ url, form });
      if (stand.answer) return stand.answer(request);
      const refuse = (error: string) => Response.json({ error }, { status: 400 });
      const found = given.get(form.get("code") ?? "");
      if (!found || found.provider !== TOKEN_PAGES[url]) return refuse("invalid_grant");
      given.delete(form.get("code")!);
      const { provider, asked, claims } = found;
      const secret = form.get("client_secret");
      const known = provider === "apple" ? secret?.split(".").length === 3 : secret === `${provider}-secret`;
      if (!known || form.get("client_id") !== asked.get("client_id")) return refuse("invalid_client");
      if (form.get("redirect_uri") !== asked.get("redirect_uri")) return refuse("invalid_grant");
      const challenge = createHash("sha256")
        .update(form.get("code_verifier") ?? "")
        .digest("base64url");
      if (provider !== "apple" && asked.get("code_challenge") !== challenge) return refuse("invalid_grant");
      return Response.json({ token_type: "Bearer", access_token: "unused", id_token: tokenOf(claims) });
    }) as typeof fetch,
  };
  return stand;
}

/** A token with these claims. Nobody looks at the signature: it came straight from the provider. */
export const tokenOf = (claims: Claims): string =>
  [{ alg: "RS256", typ: "JWT" }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .concat("c2ln")
    .join(".");
