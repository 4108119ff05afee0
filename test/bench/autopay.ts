// A day on which many customers are drawn from, through the queue of the built Worker, over sqld and a bank that is asked
// over HTTP:
//
//   node test/bench/autopay.ts [10000 100000]
//
// The numbers are customers with a draft on the same day, each in a database of its own; the growth is the last one's cost
// to the first one's. The pace is taken off for everything but the line that measures it: by then it is a setting.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { migrate } from "drizzle-orm/libsql/migrator";
import { unstable_readConfig } from "wrangler";
import { type Db, openDatabase } from "../../db/client.ts";
import { startChild } from "../../dev/children.ts";
import { brokenPromises } from "../../src/billing/books.ts";
import { localDate, plusDays } from "../../src/calendar.ts";
import type { Job } from "../../src/jobs.ts";
import type { Heard } from "./autopay-bank.ts";
import { type Crowd, writeCrowd, writeDealer } from "./autopay-customers.ts";
import { bundle } from "./bundle.ts";
import { type Link, openLink } from "./link.ts";
import { behind, bindings, DIRECT, databaseIn, slugOf, variablesFor } from "./rig.ts";
import { cpuOf, type Running, startWorker, type Triggers } from "./workerd.ts";

const root = resolve(import.meta.dirname, "../..");
const SIZES = process.argv.slice(2).map(Number);
if (SIZES.length === 0) SIZES.push(10_000);
const BANK_MS = 300;
const STUCK_MS = 120_000;
/** To hand over more by hand takes longer than they take. */
const MOST_TO_BRING_AGAIN = 10_000;
/** As fast as the setting allows: more than this machine draws. */
const NO_PACE = 1_000;

type Town = {
  db: Db;
  worker: Running;
  /** The database's processor time, and this process's own, which is the queue's. */
  databaseCpuMs: () => number;
  bank: { tell: (wish?: Record<string, string>) => Promise<Heard>; cpuMs: () => number };
  link: Link;
  today: ReturnType<typeof localDate>;
  now: number;
};

const now = Math.floor(Date.now() / 1000);
/** Where it is eleven in the morning: drafts are made from nine on. POSIX counts west. */
const west = new Date().getUTCHours() - 11;
const timeZone = `Etc/GMT${west < 0 ? "" : "+"}${west}`;

/** The queue as wrangler.toml has it. */
const [jobs] = unstable_readConfig({ config: join(root, "wrangler.toml") }).queues.consumers ?? [];
const batchSize = Number(jobs?.max_batch_size);
const TRIGGERS: Triggers = [
  {
    type: "queue",
    name: "jobs",
    maxBatchSize: batchSize,
    maxBatchTimeout: jobs?.max_batch_timeout,
    maxRetries: jobs?.max_retries,
  },
];

/** An empty town: bank, database, Worker. */
async function withTown(portal: ReturnType<typeof bundle>, work: (town: Town) => Promise<void>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "keyholder-bench-"));
  const stops: (() => Promise<void>)[] = [];
  try {
    let tell = (_url: string) => {};
    const url = new Promise<string>((resolve) => {
      tell = resolve;
    });
    const bank = await startChild({
      name: "the bank",
      command: process.execPath,
      args: [join(import.meta.dirname, "autopay-bank.ts")],
      log: join(folder, "bank.log"),
      onLine: (line) => tell(line),
    });
    stops.push(bank.stop);
    const database = await databaseIn(folder);
    stops.push(database.stop);
    const db = openDatabase(database.url, null);
    await migrate(db, { migrationsFolder: join(root, "db", "migrations") });
    await writeDealer(db, now);
    const link = await openLink(database.url, 0);
    stops.push(link.close);
    const databases = { [DIRECT]: database.url, [behind(0)]: link.url };
    const variables = { ...variablesFor(databases, await url, timeZone), RESEND_API_BASE: await url };
    const worker = await startWorker(portal, bindings(variables), TRIGGERS);
    stops.push(worker.stop);
    await work({
      db,
      worker,
      link,
      databaseCpuMs: () => cpuOf(database.child!.pid),
      bank: {
        tell: async (wish = {}) =>
          (
            await fetch(`${await url}/bench`, { method: "POST", body: new URLSearchParams(wish) })
          ).json() as Promise<Heard>,
        cpuMs: () => cpuOf(bank.pid),
      },
      today: localDate(now, timeZone),
      now,
    });
  } finally {
    for (const stop of stops.reverse()) await stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

const numberOf = async (db: Db, query: string): Promise<number> =>
  Number(Object.values((await db.$client.execute(`select count(*) from ${query}`)).rows[0]!)[0]);

const due = `select 1 from drafts where state in ('announced', 'failed') and next_try_on <= '${localDate(now, timeZone)}'`;
const toMake = `(${due} union all select 1 from payments where state in ('pending', 'processing'))`;
const toSend = "messages where state in ('waiting', 'sending')";

type Ran = {
  seconds: number;
  heard: Heard;
  cpuMs: number;
  databaseCpuMs: number;
  memory: number;
  trips: number;
  letters: number;
};

/** Waits until the Worker has nothing more to do, such as letters of the run before. */
async function quiet({ worker }: Town): Promise<void> {
  for (let before = Number.NEGATIVE_INFINITY; worker.cpuMs() - before > 20; await wait(1_500)) before = worker.cpuMs();
}

/** Sets jobs off and waits until nothing is left of what they were to find. */
async function run(town: Town, jobs: Job[], left = toMake): Promise<Ran> {
  await quiet(town);
  await town.bank.tell();
  town.link.trips();
  town.link.letters();
  const [cpu, databaseCpu] = [town.worker.cpuMs(), town.databaseCpuMs()];
  const started = performance.now();
  for (let i = 0; i < jobs.length; i += 100) await town.worker.enqueue("JOBS", jobs.slice(i, i + 100));
  const progress = { left: Number.POSITIVE_INFINITY, at: started };
  let memory = 0;
  for (let found = 1; found > 0; ) {
    // Counting is work for the database too, so it is not done more often than the result can show.
    await wait(Math.min(1_000, 50 + (performance.now() - started) / 50));
    found = await numberOf(town.db, left);
    memory = Math.max(memory, town.worker.memory());
    if (found !== progress.left) Object.assign(progress, { left: found, at: performance.now() });
    if (performance.now() - progress.at > STUCK_MS) throw new Error(`${found} are left, and nothing goes on`);
  }
  return {
    seconds: (performance.now() - started) / 1000,
    heard: await town.bank.tell(),
    cpuMs: town.worker.cpuMs() - cpu,
    databaseCpuMs: town.databaseCpuMs() - databaseCpu,
    memory,
    trips: town.link.trips(),
    letters: town.link.letters(),
  };
}

/** How many customers a town has; each crowd comes after the others. */
let customers = 0;
async function crowd(town: Town, count: number, wish: Partial<Crowd> = {}): Promise<void> {
  const { db, today } = town;
  await writeCrowd(db, { from: customers + 1, count, today, now, next: "due", addresses: false, ...wish });
  customers += count;
}

const pageOf = (host: string): Job => ({ type: "drafts.page", dealer: slugOf(host), on: "", after: "" });

const pace = (db: Db, perSecond: number) =>
  db.$client.execute({ sql: "update money_settings set bank_requests_per_second = ?", args: [perSecond] });

const count = (value: number): string => Math.round(value).toLocaleString("en-US");
const perMinute = (drafts: number, { seconds }: Ran): number => (drafts / seconds) * 60;

/** What a draft costs: processor time of Worker and database, and how busy all of it was. */
function costOf(drafts: number, ran: Ran): string {
  const each = (ms: number) => (ms / drafts).toFixed(1);
  const cores = (ran.cpuMs + ran.databaseCpuMs + ran.heard.cpuMs) / 1000 / ran.seconds;
  return `CPU ms a draft: Worker and queue ${each(ran.cpuMs)}, database ${each(ran.databaseCpuMs)}, bank ${each(ran.heard.cpuMs)} (${cores.toFixed(1)} cores busy); workerd ${count(ran.memory)} MiB`;
}

/** Everything must have been drawn once, and the books add up. */
async function check(town: Town, ran: Ran, drafts: number): Promise<void> {
  const { asked, twice } = ran.heard;
  const broken = await brokenPromises(town.db);
  if (broken.length > 0) throw new Error(JSON.stringify(broken).slice(0, 500));
  const made = await numberOf(town.db, "drafts where state = 'settled' and tries = 1 and draft_on = date('now')");
  if (twice > 0 || (asked["POST /v1/payment_intents/:id/confirm"] ?? 0) < drafts || made < drafts)
    console.log(`  NOT RIGHT: ${made} of ${drafts} settled, ${twice} confirmed twice`);
}

async function trips(town: Town): Promise<void> {
  const drafts = 500;
  const each = ({ trips, letters }: Ran) =>
    `${((trips - letters) / drafts).toFixed(2)}, and ${(letters / drafts).toFixed(2)} for`;
  await crowd(town, drafts, { addresses: true });
  const made = await run(town, [pageOf(behind(0))], `(select 1 from ${toMake} union all select 1 from ${toSend})`);
  await crowd(town, drafts, { addresses: true, next: "to_announce" });
  const draftOn = plusDays(town.today, 13);
  const page: Job = { type: "announcements.page", dealer: slugOf(behind(0)), draftOn, after: "" };
  const open = `autopay where draft_day = ${Number(draftOn.slice(8))} and account_id not in (select account_id from drafts where draft_on = '${draftOn}')`;
  const announced = await run(town, [page], `(select 1 from ${open} union all select 1 from ${toSend})`);
  console.log(`trips to the database for a draft: ${each(made)} its receipt; target at most 3`);
  console.log(`                    to announce it: ${each(announced)} its notice`);
}

/** As fast as it goes, and once more when it is done. */
async function asFastAsItGoes(town: Town, size: number): Promise<Ran> {
  await crowd(town, size);
  const ids = await town.db.$client.execute(due.replace("select 1", "select id"));
  const ran = await run(town, [pageOf(DIRECT)]);
  await check(town, ran, size);
  console.log(`${count(size)} drafts, bank at once: ${count(perMinute(size, ran))} a minute; ${costOf(size, ran)}`);
  // One more draft tells when the rest is through.
  await crowd(town, 1);
  const again = await run(town, [pageOf(DIRECT)]);
  console.log(`  its list once more: ${((100 * again.seconds) / ran.seconds).toFixed(1)} % of the time`);
  if (size > MOST_TO_BRING_AGAIN) return ran;
  await crowd(town, 1);
  const jobs = ids.rows.map((row): Job => ({ type: "draft.make", dealer: slugOf(DIRECT), draftId: String(row.id) }));
  const twice = await run(town, [...jobs, pageOf(DIRECT)]);
  console.log(`  every job once more: ${((100 * twice.seconds) / ran.seconds).toFixed(1)} % of the time`);
  return ran;
}

async function withReceipts(town: Town, drafts: number): Promise<void> {
  await crowd(town, drafts, { addresses: true });
  const ran = await run(town, [pageOf(DIRECT)], `(select 1 from ${toMake} union all select 1 from ${toSend})`);
  await check(town, ran, drafts);
  console.log(
    `${count(drafts)} drafts and their receipts, bank at once: ${count(perMinute(drafts, ran))} a minute; ${costOf(drafts, ran)}`,
  );
}

/**
 * Miniflare has one consumer, and by mistake two while one that it had waited with finds more than a batch. A batch that
 * is full from the start and a list of one page leave it at one, so that it is known how many connections there can be.
 */
async function slowly(town: Town): Promise<void> {
  const drafts = 480;
  await crowd(town, drafts);
  await town.bank.tell({ delayMs: String(BANK_MS) });
  const nobody = Array.from({ length: batchSize - 1 }, (): Job => ({ type: "books.check", dealer: "nobody" }));
  const ran = await run(town, [pageOf(DIRECT), ...nobody]);
  await town.bank.tell({ delayMs: "0" });
  const allowed = (ran.heard.mostAtOnce / (2 * BANK_MS)) * 60_000;
  const made = perMinute(drafts, ran);
  console.log(
    `${count(drafts)} drafts, bank in ${BANK_MS} ms: ${count(made)} a minute over ${ran.heard.mostAtOnce} connections, which allow ${count(allowed)}: ${(made / allowed).toFixed(2)}`,
  );
}

async function paced(town: Town): Promise<void> {
  const perSecond = 25;
  const drafts = 40 * perSecond;
  await crowd(town, drafts);
  await pace(town.db, perSecond);
  await town.bank.tell({ limit: String(2 * perSecond) });
  const ran = await run(town, [pageOf(DIRECT)]);
  await town.bank.tell({ limit: "1e9" });
  await pace(town.db, NO_PACE);
  const most = Math.max(...Object.values(ran.heard.mostASecond));
  console.log(
    `${count(drafts)} drafts at ${perSecond} a second: ${(drafts / ran.seconds).toFixed(1)} a second, at most ${most} in any second of the clock; ${ran.heard.tooMany} refused`,
  );
}

const portal = bundle("portal", "src/worker.ts");
const ran: Ran[] = [];
for (const [i, size] of SIZES.entries()) {
  customers = 0;
  await withTown(portal, async (town) => {
    await pace(town.db, NO_PACE);
    if (i === 0) await trips(town);
    ran.push(await asFastAsItGoes(town, size));
    if (i > 0) return;
    await withReceipts(town, Math.min(size, 2_000));
    await slowly(town);
    await paced(town);
  });
}
const cpu = (i: number) => (ran[i]!.cpuMs + ran[i]!.databaseCpuMs) / SIZES[i]!;
const time = (i: number) => ran[i]!.seconds / SIZES[i]!;
for (const i of SIZES.keys()) {
  if (i === 0) continue;
  console.log(
    `a draft of ${count(SIZES[i]!)} costs ${(cpu(i) / cpu(0)).toFixed(2)} times the processor time of one of ${count(SIZES[0]!)}, and ${(time(i) / time(0)).toFixed(2)} times the time; target at most 1.2`,
  );
}
console.log(
  "targets: at least 6,000 a minute with the bank at once, 0.8 of what the connections allow otherwise; a list once more at most 10 %\nagain: node test/bench/autopay.ts 10000 100000",
);
