import { expanded } from "./stripe-answers.ts";
import { api } from "./stripe-api.ts";
import type { Asked } from "./stripe-api-fields.ts";
import { API_VERSION } from "./stripe-events.ts";
import { badParameter, type ErrorBody, StripeFailure } from "./stripe-failure.ts";
import type { Fault } from "./stripe-faults.ts";
import { Fields } from "./stripe-fields.ts";
import { type Bank, type KeptAnswer, type KeptRequest, newId } from "./stripe-state.ts";

/** Stripe keeps keys "at least 24 hours"; here exactly so long, so that nobody relies on more. */
const KEY_LIFE_SECONDS = 86_400;

type Answer = { status: number; body: string };

const errorAnswer = (status: number, error: ErrorBody): Answer => ({
  status,
  body: JSON.stringify({ error }, null, 2),
});

const OUR_FAULT = errorAnswer(500, {
  type: "api_error",
  message: "An unknown error occurred. The stand-in was told to.",
});

const IN_USE = errorAnswer(409, {
  type: "idempotency_error",
  code: "idempotency_key_in_use",
  message: "There is currently another in-progress request using this Idempotent Key.",
});

const respond = (answer: Answer, requestId: string, more: Record<string, string> = {}): Response =>
  new Response(answer.body, {
    status: answer.status,
    headers: { "content-type": "application/json", "request-id": requestId, "stripe-version": API_VERSION, ...more },
  });

/** The bank whose secret key came with the request, or the 401 to send. */
export function bankFor(banks: Bank[], request: Request): Bank | Response {
  const header = request.headers.get("authorization") ?? "";
  const [scheme, value = ""] = header.split(" ");
  const key = scheme?.toLowerCase() === "basic" ? (atob(value).split(":")[0] ?? "") : value;
  const bank = banks.find((one) => one.secretKey === key);
  if (bank) return bank;
  const message = key ? `Invalid API Key provided: ${key.slice(0, 7)}****` : "You did not provide an API key.";
  return respond(errorAnswer(401, { type: "invalid_request_error", message }), "req_none");
}

/** One request to the API: faults, idempotency keys, the work itself, expansion. A cut connection is Response.error(). */
export async function serveApi(bank: Bank, request: Request, fault: Fault | null): Promise<Response> {
  const url = new URL(request.url);
  const asked: KeptRequest = {
    method: request.method,
    path: url.pathname,
    body: request.method === "GET" ? url.search.slice(1) : await request.text(),
    idempotencyKey: request.method === "POST" ? request.headers.get("idempotency-key") : null,
  };
  const requestId = newId(bank, "req", 14);
  switch (fault?.kind) {
    case "down":
      return Response.error();
    case "refused_500":
      return respond(OUR_FAULT, requestId);
    case "conflict":
      return respond(IN_USE, requestId);
    case "rate_limited": {
      const error = { type: "invalid_request_error", code: "rate_limit", message: "Too many requests." } as const;
      return respond(errorAnswer(429, error), requestId);
    }
  }
  const known = knownAnswer(bank, asked, requestId);
  if (known) return fault?.kind === "cut_after" ? Response.error() : known;
  const kept = claimKey(bank, asked, requestId);
  if (fault?.kind === "late") {
    bank.book.due.push({ at: bank.now() + fault.seconds, does: "request", request: asked });
    return Response.error();
  }
  if (fault?.kind === "saved_500") {
    if (kept) kept.answer = OUR_FAULT;
    return respond(OUR_FAULT, requestId);
  }
  const answer = await carryOut(bank, asked, requestId);
  if (fault?.kind === "acted_500") {
    if (kept) kept.answer = OUR_FAULT;
    return respond(OUR_FAULT, requestId);
  }
  return fault?.kind === "cut_after" ? Response.error() : respond(answer, requestId);
}

const questionOf = ({ method, path, body }: KeptRequest): string => {
  const parameters = new URLSearchParams(body);
  parameters.sort();
  return `${method} ${path}?${parameters}`;
};

/** What an idempotency key already answers: the saved answer, a mismatch, or "in use". Null for a new key. */
function knownAnswer(bank: Bank, asked: KeptRequest, requestId: string): Response | null {
  const key = asked.idempotencyKey;
  if (!key) return null;
  if (key.length > 255) {
    const { body } = badParameter("idempotency_key", "Idempotency keys may hold 255 characters.");
    return respond(errorAnswer(400, body), requestId);
  }
  const kept = bank.book.keys[key];
  if (kept && bank.now() - kept.at >= KEY_LIFE_SECONDS && kept.answer) delete bank.book.keys[key];
  else if (kept) {
    if (kept.asked !== questionOf(asked)) {
      const message = `Keys for idempotent requests can only be used with the same parameters they were first used with. Try using a key other than '${key}' if you meant to execute a different request.`;
      return respond(errorAnswer(400, { type: "idempotency_error", message }), requestId);
    }
    if (!kept.answer) return respond(IN_USE, requestId);
    return respond(kept.answer, requestId, { "idempotent-replayed": "true", "original-request": kept.requestId });
  }
  return null;
}

function claimKey(bank: Bank, asked: KeptRequest, requestId: string): KeptAnswer | null {
  if (!asked.idempotencyKey) return null;
  const kept: KeptAnswer = { at: bank.now(), asked: questionOf(asked), requestId, answer: null };
  bank.book.keys[asked.idempotencyKey] = kept;
  return kept;
}

/** Does the work of a request whose key is claimed, and saves the answer under it unless the request was invalid. */
export async function carryOut(bank: Bank, asked: KeptRequest, requestId: string): Promise<Answer> {
  const { answer, save } = await work(bank, asked, requestId);
  const key = asked.idempotencyKey;
  const kept = key ? bank.book.keys[key] : undefined;
  if (key && kept) {
    if (save) kept.answer = answer;
    else delete bank.book.keys[key];
  }
  return answer;
}

async function work(bank: Bank, asked: KeptRequest, requestId: string): Promise<{ answer: Answer; save: boolean }> {
  try {
    const fields = Fields.from(asked.body);
    const paths = fields.list("expand") ?? [];
    const env: Asked = { bank, fields };
    bank.request = { id: requestId, idempotency_key: asked.idempotencyKey };
    const response = await api.fetch(new Request(`http://stripe${asked.path}`, { method: asked.method }), env);
    const object = (await response.json()) as object;
    const shown = response.ok ? expanded(bank, object, paths) : object;
    const answer = { status: response.status, body: JSON.stringify(shown, null, 2) };
    return { answer, save: response.ok || env.failure?.saved === true };
  } catch (problem) {
    if (problem instanceof StripeFailure) return { answer: errorAnswer(problem.status, problem.body), save: false };
    throw problem;
  } finally {
    bank.request = { id: null, idempotency_key: null };
  }
}
