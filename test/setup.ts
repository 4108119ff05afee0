import { copyFileSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Client, createClient } from "@libsql/client";
import { afterEach, expect, inject } from "vitest";
import { CAST, CAST_PASSWORD } from "../db/cast.ts";
import { type Db, databaseOf } from "../db/client.ts";
import { identityProviders } from "../src/adapters/identity-providers.ts";
import { outgoingWebhooks } from "../src/adapters/outgoing.ts";
import { stripePayments } from "../src/adapters/stripe.ts";
import { portal as buildPortal, type Log } from "../src/app.tsx";
import { brokenPromises } from "../src/billing/books.ts";
import type { Bindings, Config, DealerConfig } from "../src/config.ts";
import { type Deps, dealerBySlug, dealerFor, dealerOf, depsFor } from "../src/dealer.ts";
import { type Job, run, type Verdict } from "../src/jobs.ts";
import type { Email, Ports, SendResult, Sms } from "../src/ports.ts";
import { CLIENTS, standInProviders } from "./auth/provider-stand-in.ts";
import { keepPrepared } from "./prepared.ts";
import { SIGNING_SECRET, standInFor, TEST_NOW, testDealer } from "./templates.ts";

keepPrepared();

type SentMail = Parameters<Email["send"]>[0];
type SentText = Parameters<Sms["send"]>[0];

/** A whole portal in this process: two dealers on real libSQL files, the stand-in bank, an outbox, a queue, a clock. */
export type TestPortal = Awaited<ReturnType<typeof portal>>;

const open: { databases: Record<string, Db>; close: () => void }[] = [];

/** Closes everything without a look at the books: for a test that has found them wrong itself. */
export async function closeAll(): Promise<void> {
  for (const t of open.splice(0)) t.close();
}

/** Every test leaves books that add up, and no file behind. */
afterEach(async () => {
  for (const t of open.splice(0)) {
    try {
      for (const db of Object.values(t.databases)) expect(await brokenPromises(db)).toEqual([]);
    } finally {
      t.close();
    }
  }
});

export async function portal(options: { now?: number; files?: Ports["files"]; templates?: string } = {}) {
  const folder = mkdtempSync(join(tmpdir(), "keyholder-test-"));
  const templates = options.templates ?? inject("templates");
  const clock = { now: options.now ?? TEST_NOW };
  const bank = standInFor(
    () => clock.now,
    (url, body, signature) =>
      fetch(new Request(url, { method: "POST", body, headers: { "Stripe-Signature": signature } })),
  );
  bank.loadState(readFileSync(join(templates, "bank.json"), "utf8"));
  const trips = { count: 0 };
  const trouble: { database: ((statements: string) => "before" | "after" | null) | null } = { database: null };
  const databases: Record<string, Db> = {};
  const clients: Client[] = [];
  for (const { slug } of CAST) {
    copyFileSync(join(templates, `${slug}.db`), join(folder, `${slug}.db`));
    const client = createClient({ url: `file:${join(folder, `${slug}.db`)}` });
    // Nothing of a test need outlive a power cut. Its file is not locked: several jobs at once have a connection each.
    for (const pragma of ["synchronous = off", "journal_mode = memory"]) await client.execute(`pragma ${pragma}`);
    clients.push(client);
    databases[slug] = databaseOf(watched(client, trips, trouble));
  }
  const outbox: SentMail[] = [];
  const mail: { answer: (m: SentMail) => SendResult } = {
    answer: (m) => ({ result: "sent", vendorId: `mail_${m.id}` }),
  };
  const texts: SentText[] = [];
  const carrier: { answer: (text: SentText) => SendResult } = {
    answer: ({ id }) => ({ result: "sent", vendorId: `SM_${id}` }),
  };
  const world = { aheadSeconds: 0 };
  const providers = standInProviders(() => clock.now + world.aheadSeconds);
  const jobs: Job[] = [];
  /** The dealer's own software, as far as it hears of money. */
  const receiver: { answer: (request: Request) => Response | Promise<Response> } = {
    answer: () => new Response("taken"),
  };
  const logs: Parameters<Log>[0][] = [];
  const kept = new Map<string, { bytes: Uint8Array; contentType: string }>();

  const config: Config = {
    environment: "test",
    dealers: CAST.map(testDealer),
    signingSecret: SIGNING_SECRET,
    providers: CLIENTS,
    resend: { key: "re_test", apiBase: null },
    sms: { accountSid: "AC0", authToken: "test", apiBase: null },
    stripeApiBase: "https://bank.test",
    clockUrl: null,
    compress: false,
  };
  const portsOf = (dealer: DealerConfig): Ports => ({
    payments: stripePayments({
      secretKey: dealer.stripe_secret_key,
      webhookSecret: dealer.stripe_webhook_secret,
      apiBase: "https://bank.test",
      fetch: (...args) => bank.client(...args),
    }),
    email: {
      async send(m) {
        const answer = mail.answer(m);
        if (answer.result === "sent" && !outbox.some((sent) => sent.id === m.id)) outbox.push(m);
        return answer;
      },
    },
    sms: {
      async send(text) {
        const answer = carrier.answer(text);
        if (answer.result === "sent") texts.push(text);
        return answer;
      },
      readWebhook: async () => null,
    },
    files: options.files ?? {
      put: async (key, bytes, contentType) => void kept.set(key, { bytes, contentType }),
      read: async (key) => kept.get(key) ?? null,
    },
    jobs: { send: async (more) => void jobs.push(...more) },
    outgoing: outgoingWebhooks(async (url, init) => receiver.answer(new Request(String(url), init))),
    identities: identityProviders(config.providers, () => clock.now + world.aheadSeconds, providers.fetch),
    clock: { now: () => clock.now + world.aheadSeconds },
  });
  // As in an isolate of the Worker: the vendors' clients are made once.
  const ports = new Map(config.dealers.map((dealer) => [dealer.slug, portsOf(dealer)]));
  const depsOf = (slug: string): Deps => {
    const dealer = dealerOf(dealerBySlug(config, slug)!);
    return depsFor(dealer, databases[slug]!, ports.get(slug)!, SIGNING_SECRET, clock.now);
  };
  const app = buildPortal(
    async (_env, hostname) => {
      const dealer = dealerFor(config, hostname);
      return dealer && { config, deps: depsOf(dealer.slug) };
    },
    (entry) => logs.push(entry),
  );
  const waiting: Promise<unknown>[] = [];
  const bindings = {
    ASSETS: { fetch: async (url: URL) => new Response(readFileSync(join("dist/static", new URL(url).pathname))) },
    SIGN_IN_LIMIT: { limit: async () => ({ success: true }) },
  } as unknown as Bindings;
  const context = {
    waitUntil: (work: Promise<unknown>) => void waiting.push(work),
    passThroughOnException() {},
    props: {},
  };
  const fetch = (request: Request) => app.fetch(request, bindings, context as never) as Promise<Response>;

  /** Does every job that waits, and those that they bring, until it is quiet. Retries are left to the caller. */
  const runJobs = async (): Promise<Verdict[]> => {
    const verdicts: Verdict[] = [];
    for (let job = jobs.shift(); job; job = jobs.shift()) verdicts.push(await run(depsOf(job.dealer), job));
    return verdicts;
  };

  const t = {
    app,
    bank,
    carrier,
    clock,
    config,
    databases,
    db: databases["cedar-ridge"]!,
    deps: () => depsOf("cedar-ridge"),
    depsOf,
    jobs,
    kept,
    logs,
    mail,
    outbox,
    providers,
    receiver,
    texts,
    trips,
    world,
    trouble,
    runJobs,
    fetch,
    /** Brings the bank's webhooks in, and does what they ask. */
    async webhooks(): Promise<void> {
      await bank.drainWebhooks();
      await runJobs();
    },
    /** A browser that nobody has signed in with. */
    browser: (dealer = "cedar-ridge", headers: Record<string, string> = {}) =>
      browserOf(fetch, `https://${dealer}.test`, headers),
    /** A browser in which somebody of the cast has signed in. */
    async as(email: string, dealer = "cedar-ridge") {
      const browser = t.browser(dealer);
      const answer = await browser.post("/sign-in", { email, password: CAST_PASSWORD });
      expect(answer.status).toBe(303);
      return browser;
    },
    /** One row of the dealer's books, by any condition. */
    async row<T = Record<string, never>>(query: string, ...args: (string | number)[]): Promise<T> {
      const found = await clients[0]!.execute({ sql: query, args });
      return found.rows[0] as unknown as T;
    },
    async rows<T = Record<string, never>>(query: string, ...args: (string | number)[]): Promise<T[]> {
      const found = await clients[0]!.execute({ sql: query, args });
      return found.rows.map((row) => ({ ...row })) as unknown as T[];
    },
    settle: () => Promise.all(waiting.splice(0)),
    close() {
      for (const client of clients) client.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  open.push(t);
  return t;
}

/** Counts the trips, and breaks them on request: before the database acted, or after, with the answer lost. */
function watched(
  client: Client,
  trips: { count: number },
  trouble: { database: ((statements: string) => "before" | "after" | null) | null },
): Client {
  return new Proxy(client, {
    get(target, name) {
      if (name !== "batch" && name !== "execute")
        return Reflect.get(target, name).bind?.(target) ?? Reflect.get(target, name);
      return async (...args: unknown[]) => {
        trips.count++;
        const moment = trouble.database?.(JSON.stringify(args[0])) ?? null;
        if (moment === "before") throw new TypeError("fetch failed");
        const answer = await (Reflect.get(target, name) as (...args: unknown[]) => Promise<unknown>).apply(
          target,
          args,
        );
        if (moment === "after") throw new TypeError("fetch failed");
        return answer;
      };
    },
  });
}

/** A browser as far as requests go: cookies, where a form came from, and no script. */
function browserOf(fetch: (request: Request) => Promise<Response>, origin: string, headers: Record<string, string>) {
  const cookies = new Map<string, string>();
  const send = async (path: string, init: RequestInit & { headers?: Record<string, string> } = {}) => {
    const request = new Request(new URL(path, origin), {
      redirect: "manual",
      ...init,
      headers: {
        Cookie: [...cookies].map(([name, value]) => `${name}=${value}`).join("; "),
        ...headers,
        ...init.headers,
      },
    });
    const response = await fetch(request);
    for (const cookie of response.headers.getSetCookie()) {
      const [pair = ""] = cookie.split(";");
      const at = pair.indexOf("=");
      if (/max-age=0/i.test(cookie)) cookies.delete(pair.slice(0, at));
      else cookies.set(pair.slice(0, at), pair.slice(at + 1));
    }
    return Object.assign(response, { html: await response.clone().text() });
  };
  return {
    cookies,
    origin,
    send,
    get: (path: string, more: Record<string, string> = {}) => send(path, { headers: more }),
    post: (
      path: string,
      fields: Record<string, string | string[]> | URLSearchParams,
      more: Record<string, string> = {},
    ) => {
      const body =
        fields instanceof URLSearchParams
          ? fields
          : new URLSearchParams(
              Object.entries(fields).flatMap(([name, value]) =>
                [value].flat().map((one) => [name, one] as [string, string]),
              ),
            );
      return send(path, {
        method: "POST",
        body,
        headers: { Origin: origin, "Sec-Fetch-Site": "same-origin", ...more },
      });
    },
  };
}
export type TestBrowser = ReturnType<typeof browserOf>;

/** The fields of a page's form as a browser would send them: what is ticked, chosen or typed, and nothing else. */
export function formOn(html: string, action: string): URLSearchParams {
  const form = new RegExp(`<form[^>]*action="${action.replaceAll("/", "\\/")}"[^>]*>([\\s\\S]*?)</form>`).exec(
    html,
  )?.[1];
  if (form === undefined) throw new Error(`no form leads to ${action}`);
  const fields = new URLSearchParams();
  for (const [tag] of form.matchAll(/<input[^>]*>/g)) {
    const attribute = (name: string) => new RegExp(`\\s${name}="([^"]*)"`).exec(tag)?.[1];
    const type = attribute("type") ?? "text";
    const checked = /\schecked(=|\s|\/|>)/.test(tag);
    if ((type === "checkbox" || type === "radio") && !checked) continue;
    const name = attribute("name");
    if (name) fields.append(name, (attribute("value") ?? "").replaceAll("&amp;", "&").replaceAll("&quot;", '"'));
  }
  return fields;
}
