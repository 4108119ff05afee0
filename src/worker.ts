import promiseLimit from "promise-limit";
import { type Db, openDatabase } from "../db/client.ts";
import { onKeptStreams } from "../db/kept-streams.ts";
import { onOneLine } from "../db/one-line.ts";
import { r2Files } from "./adapters/files.ts";
import { inTurn, type Turns } from "./adapters/in-turn.ts";
import { outgoingWebhooks } from "./adapters/outgoing.ts";
import { queueJobs } from "./adapters/queue.ts";
import { twilioSms } from "./adapters/sms.ts";
import { whenAsked } from "./adapters/when-asked.ts";
import { portal } from "./app.tsx";
import { HOUR, type Instant } from "./calendar.ts";
import { BadConfig, type Bindings, type Config, type DealerConfig, readConfig } from "./config.ts";
import { type Dealer, type Deps, dealerBySlug, dealerFor, dealerOf, depsFor } from "./dealer.ts";
import type { Job } from "./jobs.ts";
import { type Ports, VendorTrouble } from "./ports.ts";

/** The only place where adapters are chosen and wired: what Cloudflare calls. */

/** How many jobs of a batch are done at once: the more, the more of their changes travel to the database together. */
const JOBS_AT_ONCE = 24;
/**
 * An invocation has six connections, and one of them is its database's.
 * https://developers.cloudflare.com/workers/platform/limits/#simultaneous-open-connections
 */
const VENDORS_AT_ONCE = 5;
/** https://developers.cloudflare.com/queues/platform/limits/ */
const LONGEST_DELAY_SECONDS = 12 * HOUR;

const log = (entry: Record<string, string | number>) => console.log(JSON.stringify(entry));

const machineNow = (): Instant => Math.floor(Date.now() / 1000);

/** The time. On a developer's machine the town may have moved it. */
async function clock(config: Config): Promise<Instant> {
  const now = machineNow();
  if (!config.clockUrl) return now;
  const { offset_seconds } = await (await fetch(config.clockUrl)).json<{ offset_seconds: number }>();
  return now + offset_seconds;
}

/** What is halted is looked after by a person; its jobs come again meanwhile. */
const HALTED_JOBS_WAIT_SECONDS = HOUR;

/** Nobody may pay by records that are not whole. A webhook that is answered so comes again for three days. */
const shut = () =>
  new Response(
    "This portal is closed for a short while, and nothing is charged. Please come back later.\n" +
      "Este portal está cerrado por un momento y no se cobra nada. Vuelva más tarde, por favor.\n",
    { status: 503, headers: { "Retry-After": String(HOUR), "Content-Type": "text/plain; charset=utf-8" } },
  );

type World = { dealer: Dealer; ports: Ports; ask: typeof fetch };
const worlds = new WeakMap<DealerConfig, World>();

/** A dealer and its vendors, once per isolate: nothing of them belongs to a request, and they are slow to make. */
function worldOf(env: Bindings, config: Config, dealer: DealerConfig): World {
  const known = worlds.get(dealer);
  if (known) return known;
  const ports = {
    payments: whenAsked(async () => {
      const { stripePayments } = await import("./adapters/stripe.ts");
      return stripePayments({
        secretKey: dealer.stripe_secret_key,
        webhookSecret: dealer.stripe_webhook_secret,
        apiBase: config.stripeApiBase,
      });
    }),
    email: whenAsked(async () => {
      const { resendEmail } = await import("./adapters/resend.ts");
      return resendEmail(config.resend);
    }),
    sms: twilioSms({ ...config.sms, fromNumber: dealer.sms_number }),
    files: r2Files(env.FILES),
    jobs: queueJobs(env.JOBS),
    outgoing: outgoingWebhooks(),
    identities: whenAsked(async () => {
      const { identityProviders } = await import("./adapters/identity-providers.ts");
      return identityProviders(config.providers, machineNow);
    }),
    clock: { now: machineNow },
  };
  const world = { dealer: dealerOf(dealer), ports, ask: onKeptStreams(fetch, machineNow) };
  worlds.set(dealer, world);
  return world;
}

/** The database's client belongs to its request: a Worker may not wait for what another request has begun. */
function depsOf(env: Bindings, config: Config, from: DealerConfig, now: Instant): Deps {
  const { dealer, ports, ask } = worldOf(env, config, from);
  return depsFor(dealer, databaseOf(from, ask), ports, config.signingSecret, now);
}

/** For the jobs of one batch, which are done at once: they share a line to the database, and take turns at the vendors. */
function depsOfJobs(env: Bindings, config: Config, from: DealerConfig, turns: Turns, now: Instant): Deps {
  const { dealer, ports } = worldOf(env, config, from);
  return depsFor(dealer, databaseOf(from, onOneLine(fetch)), inTurn(ports, turns), config.signingSecret, now);
}

const databaseOf = (dealer: DealerConfig, ask: typeof fetch): Db =>
  openDatabase(dealer.database_url, dealer.database_token ?? null, ask);

const app = portal(async (env, hostname) => {
  const config = readConfig(env);
  const dealer = dealerFor(config, hostname);
  return dealer && { config, deps: depsOf(env, config, dealer, await clock(config)) };
}, log);

/** At Cloudflare the edge compresses; where there is none, the runtime does when the header asks for it. */
function compressed(request: Request, response: Response, config: Config): Response {
  const type = response.headers.get("Content-Type") ?? "";
  if (
    !config.compress ||
    !/^text\/|^application\/json/.test(type) ||
    !/\bgzip\b/.test(request.headers.get("Accept-Encoding") ?? "")
  )
    return response;
  const headers = new Headers(response.headers);
  headers.set("Content-Encoding", "gzip");
  headers.append("Vary", "Accept-Encoding");
  return new Response(response.body, { status: response.status, headers });
}

export default {
  async fetch(request, env, ctx): Promise<Response> {
    try {
      const config = readConfig(env);
      if (dealerFor(config, new URL(request.url).hostname)?.halted) return shut();
      return compressed(request, await app.fetch(request, env, ctx), config);
    } catch (error) {
      if (!(error instanceof BadConfig)) throw error;
      log({ level: "error", error: error.name, message: error.message });
      return new Response("The portal is not set up correctly.\n", { status: 500 });
    }
  },

  async scheduled(controller, env): Promise<void> {
    const { jobsOf } = await import("./jobs.ts");
    const config = readConfig(env);
    const jobs = jobsOf(
      controller.cron,
      config.dealers.filter((dealer) => !dealer.halted).map((dealer) => dealer.slug),
    );
    await queueJobs(env.JOBS).send(jobs);
  },

  async queue(batch, env): Promise<void> {
    const config = readConfig(env);
    const now = await clock(config);
    const turns = promiseLimit<unknown>(VENDORS_AT_ONCE);
    const known = new Map<string, Deps>();
    for (const slug of new Set(batch.messages.map((message) => message.body.dealer))) {
      const dealer = dealerBySlug(config, slug);
      if (dealer && !dealer.halted) known.set(slug, depsOfJobs(env, config, dealer, turns, now));
    }
    const waiting = batch.messages.values();
    const work = async () => {
      for (const message of waiting) {
        const deps = known.get(message.body.dealer);
        if (deps) await handle(message, batch.queue, deps);
        else if (dealerBySlug(config, message.body.dealer)) message.retry({ delaySeconds: HALTED_JOBS_WAIT_SECONDS });
        else message.ack();
      }
    };
    await Promise.all(Array.from({ length: JOBS_AT_ONCE }, work));
  },
} satisfies ExportedHandler<Bindings, Job>;

/** Does one message's job and acknowledges it, or asks for it again. Never throws: the others of its batch go on. */
async function handle(message: Message<Job>, queue: string, deps: Deps) {
  try {
    // Loaded with the first batch: no page does a job.
    const { buryJob, run } = await import("./jobs.ts");
    if (queue.endsWith("-dead")) {
      await buryJob(deps, message.body, "tried as often as the queue allows");
      return message.ack();
    }
    const verdict = await run(deps, message.body);
    if (verdict !== "done" && "retryInSeconds" in verdict) {
      return message.retry({ delaySeconds: Math.min(verdict.retryInSeconds, LONGEST_DELAY_SECONDS) });
    }
    if (verdict !== "done") await buryJob(deps, message.body, verdict.gaveUp);
    message.ack();
  } catch (error) {
    const { name, message: text, stack } = error instanceof Error ? error : new Error(String(error));
    log({
      level: "error",
      job: message.body.type,
      dealer: deps.dealer.slug,
      error: name,
      message: text.slice(0, 300),
      stack: (stack ?? "").slice(0, 2000),
    });
    const asked = error instanceof VendorTrouble ? (error.retryInSeconds ?? 0) : 0;
    message.retry({ delaySeconds: Math.min(asked + backOff(message.attempts), LONGEST_DELAY_SECONDS) });
  }
}

/** Twice as long each time up to an hour, half of it by chance: what failed together must not come back together. */
function backOff(attempts: number): number {
  const [chance = 0] = crypto.getRandomValues(new Uint8Array(1));
  return Math.floor(Math.min(30 * 2 ** (attempts - 1), HOUR / 2) * (1 + chance / 256));
}
