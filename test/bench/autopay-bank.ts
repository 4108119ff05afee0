// The bank and the post of `autopay.ts`, as a process of their own: they know as much of Stripe and Resend as a draft needs,
// answer after a while that can be set, and count. Not the stand-in of `dev/`, whose care would be measured with it.
import { createServer } from "node:http";
import type Stripe from "stripe";

/** What it was asked since the last time of asking. `mostASecond` is of any one second, by the clock. */
export type Heard = {
  asked: Record<string, number>;
  mostASecond: Record<string, number>;
  /** Intents that were confirmed more than once: none, ever. */
  twice: number;
  mostAtOnce: number;
  tooMany: number;
  cpuMs: number;
};

type Intent = Pick<Stripe.PaymentIntent, "id" | "amount" | "status"> & { confirms: number; paymentId: string };

const byKey = new Map<string, Intent>();
const intents = new Map<string, Intent>();
let delayMs = 0;
/** At most so many a second at one endpoint, then 429. */
let limit = Number.POSITIVE_INFINITY;

let heard: Heard;
let cpu = process.cpuUsage();
let seconds = new Map<string, number>();
let atOnce = 0;
function forget() {
  heard = { asked: {}, mostASecond: {}, twice: 0, mostAtOnce: 0, tooMany: 0, cpuMs: 0 };
  cpu = process.cpuUsage();
  seconds = new Map();
}
forget();

/** Counts a request; false when it is one too many. */
function counted(endpoint: string): boolean {
  const second = `${endpoint} ${Math.floor(Date.now() / 1000)}`;
  const sofar = (seconds.get(second) ?? 0) + 1;
  seconds.set(second, sofar);
  heard.asked[endpoint] = (heard.asked[endpoint] ?? 0) + 1;
  heard.mostASecond[endpoint] = Math.max(heard.mostASecond[endpoint] ?? 0, sofar);
  if (sofar > limit) heard.tooMany++;
  return sofar <= limit;
}

function created(key: string, form: URLSearchParams): Intent {
  const known = byKey.get(key);
  if (known) return known;
  const intent: Intent = {
    id: `pi_${byKey.size}`,
    amount: Number(form.get("amount")),
    status: "requires_confirmation",
    confirms: 0,
    paymentId: form.get("metadata[payment_id]") ?? "",
  };
  byKey.set(key, intent);
  intents.set(intent.id, intent);
  return intent;
}

const card = { brand: "visa", last4: "4242" };
const shown = ({ id, amount, status, paymentId }: Intent) => ({
  id,
  object: "payment_intent",
  amount,
  status,
  amount_received: status === "succeeded" ? amount : 0,
  metadata: { payment_id: paymentId },
  payment_method: { id: "pm_1", object: "payment_method", card },
  latest_charge: status === "succeeded" ? { payment_method_details: { card } } : null,
});

/** Answers a path; null for one that nobody has asked in a draft. */
function answer(method: string, path: string, headers: Record<string, unknown>, body: string): object | null {
  if (path === "/emails") return { id: "mail" };
  if (method === "POST" && path === "/v1/payment_intents")
    return shown(created(String(headers["idempotency-key"]), new URLSearchParams(body)));
  const intent = intents.get(path.split("/")[3] ?? "");
  if (!intent) return null;
  if (path.endsWith("/confirm")) {
    if (intent.confirms++ > 0) heard.twice++;
    intent.status = "succeeded";
  }
  return shown(intent);
}

const server = createServer((incoming, outgoing) => {
  const { method = "GET", url = "/", headers } = incoming;
  const path = url.split("?", 1)[0]!;
  const chunks: Buffer[] = [];
  const say = (status: number, found: object) => {
    const text = JSON.stringify(found);
    outgoing.writeHead(status, { "Content-Type": "application/json", "Content-Length": Buffer.byteLength(text) });
    outgoing.end(text);
  };
  incoming.on("data", (chunk: Buffer) => chunks.push(chunk));
  incoming.on("end", () => {
    const body = Buffer.concat(chunks).toString();
    if (path === "/bench") {
      const wish = new URLSearchParams(body);
      const { user, system } = process.cpuUsage(cpu);
      say(200, { ...heard, cpuMs: (user + system) / 1000 });
      forget();
      delayMs = Number(wish.get("delayMs") ?? delayMs);
      limit = Number(wish.get("limit") ?? limit);
      return;
    }
    const endpoint = `${method} ${path.replace(/pi_\d+/, ":id")}`;
    heard.mostAtOnce = Math.max(heard.mostAtOnce, ++atOnce);
    const reply = () => {
      atOnce--;
      const found = answer(method, path, headers, body);
      say(found ? 200 : 404, found ?? { error: { type: "invalid_request_error", code: "resource_missing" } });
    };
    if (path !== "/emails" && !counted(endpoint)) {
      atOnce--;
      say(429, { error: { type: "invalid_request_error", code: "rate_limit", message: "Too many requests." } });
    } else if (delayMs > 0 && path !== "/emails") setTimeout(reply, delayMs);
    else reply();
  });
});
server.listen(0, "127.0.0.1", () => {
  const { port } = server.address() as { port: number };
  console.log(`http://127.0.0.1:${port}`);
});
