import { CodeChallengeMethod, decodeIdToken, OAuth2Client } from "arctic";
import { type Identity, type IdentityProviders, type ProviderName, VendorTrouble } from "../ports.ts";
import { appleSecret } from "./apple-secret.ts";

/** A provider that takes longer to name somebody is given up on. */
const TIMEOUT_MS = 10_000;

/** Our client at each provider that is configured; `apiBase` is a stand-in's, `privateKey` PKCS #8 in base64. */
export type ProviderClients = {
  google?: { clientId: string; clientSecret: string; apiBase: string | null };
  microsoft?: { clientId: string; clientSecret: string; tenant: string; apiBase: string | null };
  apple?: { clientId: string; teamId: string; keyId: string; privateKey: string; apiBase: string | null };
};

type Claims = Record<string, unknown>;

type Provider = {
  clientId: string;
  secret: (now: number) => Promise<string>;
  authorize: string;
  token: string;
  scopes: string[];
  /** What else the provider's page is told. */
  asks: Record<string, string>;
  /** Apple knows no PKCE. */
  pkce: boolean;
  issuers: (claims: Claims) => string[];
  person: (claims: Claims) => Omit<Identity, "provider">;
};

/**
 * Google, Microsoft and Apple. arctic makes the address of the consent page and reads the token; the code is traded here,
 * because arctic's own call has no timeout and stand-ins' addresses have no place in it. The token comes straight from
 * the provider over TLS, which OpenID Connect Core 3.1.3.7 takes in place of its signature; issuer, audience, expiry and
 * nonce are checked. `now` is the machine's clock, which the providers go by.
 */
export function identityProviders(
  clients: ProviderClients,
  now: () => number,
  fetcher: typeof fetch = fetch,
): IdentityProviders {
  const providers: Partial<Record<ProviderName, Provider>> = {
    google: clients.google && google(clients.google),
    microsoft: clients.microsoft && microsoft(clients.microsoft),
    apple: clients.apple && apple(clients.apple),
  };
  const known = (name: ProviderName): Provider => {
    const provider = providers[name];
    if (!provider) throw new Error(`${name} is not configured`);
    return provider;
  };
  return {
    async consentPage({ provider: name, returnTo, state, nonce, verifier }) {
      const { clientId, authorize, scopes, asks, pkce } = known(name);
      const client = new OAuth2Client(clientId, null, returnTo);
      const url = pkce
        ? client.createAuthorizationURLWithPKCE(authorize, state, CodeChallengeMethod.S256, verifier, scopes)
        : client.createAuthorizationURL(authorize, state, scopes);
      for (const [key, value] of Object.entries({ nonce, ...asks })) url.searchParams.set(key, value);
      return url.href;
    },

    async whoConsented({ provider: name, returnTo, code, nonce, verifier }) {
      const provider = known(name);
      const form = new URLSearchParams({
        grant_type: "authorization_code",
        code,
        redirect_uri: returnTo,
        client_id: provider.clientId,
        client_secret: await provider.secret(now()),
        ...(provider.pkce && { code_verifier: verifier }),
      });
      const token = await idToken(name, provider.token, form, fetcher);
      if (token === null) return null;
      const claims = claimsOf(name, token);
      const ours =
        claims.aud === provider.clientId &&
        claims.nonce === nonce &&
        typeof claims.exp === "number" &&
        claims.exp > now() &&
        provider.issuers(claims).some((issuer) => issuer === claims.iss);
      const person = provider.person(claims);
      if (!ours || !/^[\w.:-]{1,255}$/.test(person.subject)) return null;
      return { provider: name, ...person };
    },
  };
}

/** The token, or null when the provider does not take the code. https://www.rfc-editor.org/rfc/rfc6749#section-5.2 */
async function idToken(name: ProviderName, url: string, form: URLSearchParams, fetcher: typeof fetch) {
  let status: number;
  let answer: Claims | null;
  try {
    const response = await fetcher(url, {
      method: "POST",
      body: form,
      headers: { Accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    status = response.status;
    answer = (await response.json()) as Claims | null;
  } catch (cause) {
    throw new VendorTrouble(name, cause);
  }
  if (status === 200 && typeof answer?.id_token === "string") return answer.id_token;
  if (answer?.error === "invalid_grant") return null;
  const said = /^[a-z_]{1,40}$/.exec(String(answer?.error))?.[0];
  // Ours to put right, so it is an error that is logged: the provider does not take our credentials.
  if (said === "invalid_client" || said === "unauthorized_client") throw new Error(`${name} says ${said}`);
  throw new VendorTrouble(name, new Error(`status ${status}, ${said ?? "no error named"}`));
}

function claimsOf(name: ProviderName, token: string): Claims {
  try {
    return decodeIdToken(token) as Claims;
  } catch (cause) {
    throw new VendorTrouble(name, cause);
  }
}

const textOf = (claim: unknown): string => (typeof claim === "string" ? claim : "");
const emailOf = ({ email }: Claims): string => textOf(email).trim().toLowerCase().slice(0, 254);
const isTrue = (claim: unknown): boolean => claim === true || claim === "true" || claim === 1 || claim === "1";

/** https://developers.google.com/identity/openid-connect/openid-connect */
function google({ clientId, clientSecret, apiBase }: NonNullable<ProviderClients["google"]>): Provider {
  return {
    clientId,
    secret: async () => clientSecret,
    authorize: `${apiBase ?? "https://accounts.google.com"}/o/oauth2/v2/auth`,
    token: apiBase ? `${apiBase}/oauth2/token` : "https://oauth2.googleapis.com/token",
    scopes: ["openid", "email"],
    asks: { prompt: "select_account" },
    pkce: true,
    issuers: () => (apiBase ? [apiBase] : ["https://accounts.google.com", "accounts.google.com"]),
    person: (claims) => ({
      subject: textOf(claims.sub),
      email: emailOf(claims),
      emailVerified: isTrue(claims.email_verified),
    }),
  };
}

/**
 * Somebody is a directory and an object in it; the e-mail is whatever that directory's owner typed, unless `xms_edov`
 * says that its domain is theirs. https://learn.microsoft.com/entra/identity-platform/id-token-claims-reference
 */
function microsoft({ clientId, clientSecret, tenant, apiBase }: NonNullable<ProviderClients["microsoft"]>): Provider {
  const root = apiBase ?? `https://login.microsoftonline.com/${tenant}`;
  const isId = (text: string) => /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i.test(text);
  return {
    clientId,
    secret: async () => clientSecret,
    authorize: `${root}/oauth2/v2.0/authorize`,
    token: `${root}/oauth2/v2.0/token`,
    scopes: ["openid", "email", "profile"],
    asks: { prompt: "select_account" },
    pkce: true,
    issuers({ tid }) {
      const directory = textOf(tid);
      if (!isId(directory) || (isId(tenant) && directory.toLowerCase() !== tenant.toLowerCase())) return [];
      return [`${apiBase ?? "https://login.microsoftonline.com"}/${directory}/v2.0`];
    },
    person: (claims) => ({
      subject: isId(textOf(claims.oid)) ? `${textOf(claims.tid)}:${textOf(claims.oid)}` : "",
      email: emailOf(claims),
      emailVerified: isTrue(claims.xms_edov),
    }),
  };
}

/** Answers by a form that the browser posts. https://developer.apple.com/documentation/signinwithapplerestapi */
function apple({ clientId, apiBase, ...signer }: NonNullable<ProviderClients["apple"]>): Provider {
  const root = apiBase ?? "https://appleid.apple.com";
  return {
    clientId,
    secret: (now) => appleSecret({ clientId, ...signer }, now),
    authorize: `${root}/auth/authorize`,
    token: `${root}/auth/token`,
    scopes: ["email"],
    asks: { response_mode: "form_post" },
    pkce: false,
    issuers: () => [root],
    person: (claims) => ({
      subject: textOf(claims.sub),
      email: emailOf(claims),
      emailVerified: isTrue(claims.email_verified),
    }),
  };
}
