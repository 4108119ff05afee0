import type { SendResult, Sms } from "../ports.ts";

/** Twilio usually answers in half a second; a send that takes longer than this is unclear. */
const TIMEOUT_MS = 15_000;

/** "Authenticate": Twilio did not take our credentials, so the text itself may still go once they are put right. */
const NOT_SIGNED_IN = 401;

/**
 * Texts through Twilio's REST interface, and through carriers that copy it (`apiBase`).
 * Twilio keeps no idempotency keys, so `retry` is said only where Twilio certainly did not take the text (429, our
 * credentials refused). A timeout, a broken connection or a 5xx is `never` with the reason `unclear`: the text may be
 * on its way, and the status callback tells. Every other refusal is `never` with Twilio's error code as the reason
 * (`21610`: this number has opted out). https://www.twilio.com/docs/api/errors
 */
export function twilioSms(account: {
  accountSid: string;
  authToken: string;
  fromNumber: string;
  apiBase: string | null;
}): Sms {
  const { accountSid, authToken, fromNumber, apiBase } = account;
  const messages = `${apiBase ?? "https://api.twilio.com"}/2010-04-01/Accounts/${accountSid}/Messages.json`;
  const authorization = `Basic ${btoa(`${accountSid}:${authToken}`)}`;
  return {
    async send({ to, text, statusTo }) {
      try {
        const response = await fetch(messages, {
          method: "POST",
          headers: { authorization },
          body: new URLSearchParams({
            From: fromNumber,
            To: to,
            Body: text,
            ...(statusTo ? { StatusCallback: statusTo } : {}),
          }),
          signal: AbortSignal.timeout(TIMEOUT_MS),
        });
        return await answered(response);
      } catch {
        return { result: "never", reason: "unclear" };
      }
    },
    async readWebhook(url, form, signature) {
      if (!(await signedBy(authToken, url, form, signature))) return null;
      const { MessageSid, From, To, Body } = form;
      if (!MessageSid || !From || !To || Body === undefined) return null;
      return { id: MessageSid, from: From, to: To, text: Body };
    },
  };
}

async function answered(response: Response): Promise<SendResult> {
  const { status } = response;
  if (status === 429 || status === NOT_SIGNED_IN) {
    const after = response.headers.get("retry-after") ?? "";
    await response.body?.cancel();
    return { result: "retry", retryInSeconds: /^\d{1,6}$/.test(after) ? Number(after) : null };
  }
  const body = (await response.json().catch(() => null)) as { sid?: string; code?: number } | null;
  if (response.ok && body?.sid) return { result: "sent", vendorId: body.sid };
  if (status >= 400 && status < 500) return { result: "never", reason: String(body?.code ?? `http ${status}`) };
  return { result: "never", reason: "unclear" };
}

/**
 * Whether a request came from the holder of the auth token: base64(HMAC-SHA1(token, URL + every name and value,
 * sorted by name)). `verify` compares in constant time. https://www.twilio.com/docs/usage/security
 */
async function signedBy(authToken: string, url: string, form: Record<string, string>, signature: string) {
  const bytes = new TextEncoder();
  const claimed = fromBase64(signature);
  if (!claimed) return false;
  const names = Object.keys(form).sort();
  const signed = url + names.map((name) => name + form[name]).join("");
  const algorithm = { name: "HMAC", hash: "SHA-1" };
  const key = await crypto.subtle.importKey("raw", bytes.encode(authToken), algorithm, false, ["verify"]);
  return crypto.subtle.verify("HMAC", key, claimed, bytes.encode(signed));
}

function fromBase64(text: string) {
  try {
    return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  } catch {
    return null;
  }
}
