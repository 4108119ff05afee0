import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { CAST_PASSWORD } from "../../db/cast.ts";
import { DatabaseTrouble } from "../../src/batch.ts";
import { DAY } from "../../src/calendar.ts";
import { CRON, type Job, jobsOf, run } from "../../src/jobs.ts";
import { VendorTrouble } from "../../src/ports.ts";
import { portal, type TestBrowser, type TestPortal } from "../setup.ts";
import type { Chance } from "./chance.ts";

/** The dealer's world as deeds see it. */
export type Town = {
  t: TestPortal;
  chance: Chance;
  customers: Customer[];
  office: TestBrowser;
  mail: Mail;
  /** When the nightly cron last fired for certain. */
  nights: { last: number };
  /** How far the books had come when they were last looked at. */
  changes: string;
  /** What jobs fell over that is nobody's trouble but their own. */
  odd: string[];
};
/** A town before a deed has brought its chance. */
export type AnyTown = Omit<Town, "chance">;
type Customer = { account: string; browser: TestBrowser };

/** Of how many in a hundred letters the vendor wants to hear another time, and when it took which. */
type Mail = { refuses: number; takenAt: Map<string, number> };

/** Something that may happen next. What it does depends on the town and its own chance alone, so that it can be left out. */
export type Deed = {
  name: string;
  often: number;
  /** The bank waits for an answer while this is done: it may get a bad one, but not none for ever. */
  awaited?: true;
  does: (town: Town) => Promise<void>;
};

const OFFICE = "ruth@cedarridge.example.com";
const CUSTOMERS = {
  "CR-10052": "priya@example.com",
  "CR-10021": "dana@example.com",
  "CR-10081": "office@northgatestorage.example.com",
  "CR-10073": "tomas@example.com",
  "CR-10047": "amara@harborstreetdental.example.com",
};

type Stage = { folder: string; cookies: Map<string, Map<string, string>> };

let stage: Stage | null = null;

/** Everybody signs in once: each life begins on a copy of the world as it is then. */
async function setStage(): Promise<Stage> {
  const t = await portal();
  const cookies = new Map<string, Map<string, string>>();
  for (const email of [OFFICE, ...Object.values(CUSTOMERS)]) cookies.set(email, (await t.as(email)).cookies);
  await t.settle();
  const folder = mkdtempSync(join(tmpdir(), "keyholder-stage-"));
  for (const [slug, db] of Object.entries(t.databases)) {
    await db.$client.execute({ sql: "vacuum into ?", args: [join(folder, `${slug}.db`)] });
  }
  writeFileSync(join(folder, "bank.json"), t.bank.saveState());
  return { folder, cookies };
}

/** Takes the stage down. */
export function strikeStage(): void {
  if (stage) rmSync(stage.folder, { recursive: true, force: true });
  stage = null;
}

/** A town in which nothing has happened yet. `chance` decides whatever is left to it outside the deeds. */
export async function townAt(chance: Chance): Promise<AnyTown> {
  stage ??= await setStage();
  const { folder, cookies } = stage;
  const t = await portal({ templates: folder });
  const mail: Mail = { refuses: 0, takenAt: new Map() };
  t.mail.answer = ({ id }) => {
    if (chance.percent(mail.refuses)) return { result: "retry", retryInSeconds: null };
    if (!mail.takenAt.has(id)) mail.takenAt.set(id, t.clock.now);
    return { result: "sent", vendorId: `mail_${id}` };
  };
  const browserOf = (email: string) => stayingSignedIn(t, email, cookies.get(email)!);
  const customers = Object.entries(CUSTOMERS).map(([account, email]) => ({ account, browser: browserOf(email) }));
  return { t, customers, office: browserOf(OFFICE), mail, nights: { last: t.clock.now }, changes: "", odd: [] };
}

/** A browser whose owner signs in again when the portal has forgotten them, as it does after a month. */
function stayingSignedIn(t: TestPortal, email: string, cookies: Map<string, string>): TestBrowser {
  const browser = t.browser();
  for (const [name, value] of cookies) browser.cookies.set(name, value);
  const { get } = browser;
  browser.get = async (...asked) => {
    const answer = await get(...asked);
    if (!answer.headers.get("Location")?.startsWith("/sign-in")) return answer;
    await browser.post("/sign-in", { email, password: CAST_PASSWORD });
    return get(...asked);
  };
  return browser;
}

/** What the cron starts at night is most of its work. */
export const NIGHTLY = "0 8 * * *";

/** Webhooks arrive, some lines of the cron fire, and what they bring is done once or lost. */
export async function beat(town: AnyTown, what: { webhooks: boolean; lines: string[] }): Promise<void> {
  const { t } = town;
  await t.bank.tick();
  if (what.webhooks) await t.bank.drainWebhooks();
  for (const line of what.lines) t.jobs.push(...jobsOf(line, ["cedar-ridge"]));
  for (let job = t.jobs.shift(); job; job = t.jobs.shift()) await tryJob(town, job);
}

/** Does a job; false when it threw, as the queue would see it. */
export async function tryJob({ t, odd }: AnyTown, job: Job): Promise<boolean> {
  try {
    await run(t.depsOf(job.dealer), job);
    return true;
  } catch (error) {
    if (!isTrouble(error)) odd.push(`${job.type}: ${error instanceof Error ? error.stack : error}`);
    return false;
  }
}

/** A vendor or the database that is away, as far as anybody can tell. */
export const isTrouble = (error: unknown): boolean =>
  error instanceof DatabaseTrouble ||
  error instanceof VendorTrouble ||
  (error instanceof TypeError && error.message === "fetch failed");

/** As long as a bank debit, its return and a refund may take one after the other; with nothing under way, less. */
const QUIET_DAYS = [0, 1, 1, 1, 2, 2, 3, 3, 3, 3, 3, 4, 4];

/** All trouble is over, autopay ends, and days go by in which every cron fires and every webhook arrives. */
export async function comesToRest(town: AnyTown): Promise<void> {
  const { t, mail } = town;
  mail.refuses = 0;
  t.bank.setDelivery({ mode: "normal" });
  await t.rows("update autopay set stopped_at = ? where stopped_at is null", t.clock.now);
  for (const days of QUIET_DAYS) {
    t.clock.now += days * DAY;
    await beat(town, { webhooks: true, lines: Object.keys(CRON).filter((line) => days !== 1 || line !== NIGHTLY) });
    if (days > 1 && (await underWay(t)).length === 0) return;
  }
}

/** What has not come to its end and is not waiting for a person either. */
export const underWay = (t: TestPortal): Promise<{ what: string }[]> =>
  t.rows(
    `select 'payment ' || id || ' is ' || state what from payments
       where state in ('pending', 'processing') and review_reason is null
     union all select 'refund ' || id || ' is pending' from refunds where state = 'pending'
     union all select 'setup ' || id || ' is ' || state from setups where state in ('open', 'verifying')
     union all select 'letter ' || dedupe_key || ' is ' || state from messages where state in ('waiting', 'sending')
     union all select 'event ' || id || ' is not applied' from stripe_events where applied_at is null`,
  );
