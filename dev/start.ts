import { existsSync, readFileSync, watch } from "node:fs";
import { resolve } from "node:path";
import { parseEnv, styleText } from "node:util";
import { CAST_PASSWORD } from "../db/cast.ts";
import { buildStatic } from "./build-static.ts";
import { DEALERS } from "./dealers.ts";
import type { Portal } from "./portal.ts";
import { portsFrom } from "./ports.ts";
import { startTown } from "./start-town.ts";

// `npm start`: the whole product on this machine, until Ctrl-C. Exit code 1 with one sentence when it cannot be.

const HELP = `npm start              starts the portal and everything around it; the data of last time is kept
npm start -- --fresh   forgets that data first

PORT=8787              where the portal stands
TOWN_PORT=8788         where everything around it begins (nine ports)
DEV_DIR=.dev           where the data is kept
STRIPE_SECRET_KEY=sk_test_… STRIPE_WEBHOOK_SECRET=whsec_…   uses Stripe itself instead of the bank in the town`;

const bold = (text: string) => styleText("bold", text);
const dim = (text: string) => styleText("dim", text);

function summary(portal: Portal): string {
  const addresses = [
    ...portal.dealers.map((dealer): string[] => [dealer.url, dealer.name]),
    [portal.town, "The town: mailbox, telephone, bank, clock, cron"],
  ];
  const people = portal.dealers.map((dealer) => [
    ...dealer.customers.map(({ email, password, name, why }) => [email, password, `${name}: ${why}`]),
    ...othersAt(dealer.name),
    ...dealer.staff.map(({ email, password, role }) => [email, password, `Staff (${role})`]),
  ]);
  return [
    "",
    `${bold("Keyholder is running.")}  ${dim("Ctrl-C stops it.")}`,
    "",
    ...columns(addresses),
    ...portal.dealers.flatMap(({ name }, index) => [
      "",
      `  Who can sign in at ${bold(name)}:`,
      ...columns(people[index] ?? []),
    ]),
    "",
  ].join("\n");
}

/** Those of the cast who see an account beside its owner. */
const othersAt = (dealer: string) =>
  DEALERS.filter(({ name }) => name === dealer)
    .flatMap(({ cast }) => cast.accounts)
    .flatMap(({ name, others = [] }) =>
      others.map((one) => [one.email, CAST_PASSWORD, `${one.name}: ${name} (${one.role})`]),
    );

/** Rows with every column as wide as its widest cell. A row with an empty cell says nothing and is left out. */
function columns(rows: (string | null)[][]): string[] {
  const full = rows.filter((row): row is string[] => row.every(Boolean));
  const widths = full[0]?.map((_, column) => Math.max(...full.map((row) => row[column]!.length))) ?? [];
  return full.map(
    (row) =>
      `    ${row
        .map((cell, column) => cell.padEnd(widths[column]!))
        .join("   ")
        .trimEnd()}`,
  );
}

/** A style sheet or script that is saved is built again; wrangler sees what comes out and loads it. */
function rebuildStaticFiles() {
  let soon: NodeJS.Timeout | undefined;
  watch("static", { recursive: true }, () => {
    clearTimeout(soon);
    soon = setTimeout(() => {
      try {
        buildStatic();
      } catch (problem) {
        console.error(problem instanceof Error ? problem.message : problem);
      }
    }, 50);
  }).unref();
}

/**
 * Npm runs us in a shell and passes signals to that shell alone, or, killed outright, to nobody: then we are left with
 * another parent, or that shell is.
 */
function whenNpmIsGone(stop: () => void) {
  const above = () => `${process.ppid} ${shellsParent(process.ppid)}`;
  const before = above();
  setInterval(() => above() !== before && stop(), 500).unref();
}

/** The parent of a process that is a shell, where the system has `/proc`. Some shells give way to us; npm is then `ppid`. */
function shellsParent(pid: number): string {
  const file = `/proc/${pid}/stat`;
  const status = existsSync(file) ? readFileSync(file, "utf8") : "";
  return /^\d+ \((?:ba|da|a|z)?sh\) \S (\d+)/.exec(status)?.[1] ?? "";
}

async function main(args: string[]): Promise<number> {
  if (args.includes("--help")) {
    console.log(HELP);
    return 0;
  }
  const stranger = args.find((arg) => arg !== "--fresh");
  if (stranger) throw new Error(`There is no "${stranger}"; npm start -- --help says what there is.`);
  const ports = portsFrom(process.env, DEALERS.length);

  const stopAsked = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => stopAsked.abort());
  if (process.env.npm_lifecycle_event) whenNpmIsGone(() => stopAsked.abort());

  const stopped = new Promise<null>((tell) => stopAsked.signal.addEventListener("abort", () => tell(null)));
  const dir = resolve(process.env.DEV_DIR || ".dev");
  console.log(dim("Starting Keyholder …"));
  try {
    const town = await startTown({
      ports,
      dir,
      ownVariables: existsSync(".dev.vars") ? parseEnv(readFileSync(".dev.vars", "utf8")) : {},
      fresh: args.includes("--fresh"),
      quiet: false,
      signal: stopAsked.signal,
    });
    console.log(summary(town.portal));
    rebuildStaticFiles();
    const broken = await Promise.race([town.broken, stopped]);
    await town.stop();
    if (broken) throw new Error(broken);
  } catch (problem) {
    if (!stopAsked.signal.aborted) throw problem;
  }
  return 0;
}

main(process.argv.slice(2)).then(
  (code) => process.exit(code),
  (problem: unknown) => {
    const words = problem instanceof Error ? problem.message : String(problem);
    console.error(process.env.DEBUG ? problem : words);
    process.exit(1);
  },
);
