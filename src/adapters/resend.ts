import type { Email, SendResult } from "../ports.ts";
import { ResendClient } from "./resend-client.gen.js";

/** Resend answers in well under a second; past this the mail is tried again under the same key. */
const TIMEOUT_MS = 15_000;

/** Resend refused our key, not the mail: it goes out once the key is put right. */
const KEY_TROUBLE = new Set(["missing_api_key", "restricted_api_key", "invalid_api_key"]);

/**
 * Mail through Resend. `id` is its idempotency key, remembered for 24 hours, so an unclear send may be repeated.
 * 429, 5xx, a key Resend does not take, and no answer within 15 seconds are `retry`; every other refusal is `never`.
 * A reason is Resend's error name and sentence with addresses removed.
 * https://resend.com/docs/api-reference/errors https://resend.com/docs/dashboard/emails/idempotency-keys
 */
export function resendEmail({ key, apiBase }: { key: string; apiBase: string | null }): Email {
  const resend = new ResendClient(key, apiBase ? { baseUrl: apiBase } : {});
  return {
    async send({ id, from, replyTo, to, subject, html, text }) {
      try {
        const { data, error, headers } = await resend.emails.send(
          { from, to, subject, html, text, ...(replyTo ? { replyTo } : {}) },
          { idempotencyKey: id, signal: AbortSignal.timeout(TIMEOUT_MS) },
        );
        return error ? refused(error, headers) : { result: "sent", vendorId: data.id };
      } catch {
        return { result: "retry", retryInSeconds: null };
      }
    },
  };
}

function refused(
  error: { name: string; message: string; statusCode: number | null },
  headers: Record<string, string> | null,
): SendResult {
  const status = error.statusCode;
  if (status === null || status === 408 || status === 429 || status >= 500 || KEY_TROUBLE.has(error.name)) {
    return { result: "retry", retryInSeconds: wholeSeconds(headers?.["retry-after"]) };
  }
  // Another attempt with this key is being worked on at this moment; its result is remembered.
  if (error.name === "concurrent_idempotent_requests") return { result: "retry", retryInSeconds: null };
  return { result: "never", reason: `${error.name}: ${error.message.replace(/\S+@\S+/g, "(address)")}`.slice(0, 200) };
}

function wholeSeconds(text: string | undefined): number | null {
  return text && /^\d{1,6}$/.test(text) ? Number(text) : null;
}
