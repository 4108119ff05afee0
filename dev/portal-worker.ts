import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type Child, startChild } from "./children.ts";
import { untilAnswered } from "./serve.ts";

/** Lines of wrangler's that say nothing to a developer here. */
const NOISE = [
  /^\s*$/,
  /^ ⛅️|^─+|^⎔|^Using secrets|^Your Worker has access|^Binding +Resource|^env\./,
  /^\[wrangler:info\]/,
  /Scheduled Workers are not automatically triggered|To manually trigger a scheduled|cdn-cgi\/local\/scheduled|For more details, see/,
  /^Cloudflare collects anonymous telemetry|there is a newer version of Wrangler|^If you think this is a bug|^🪵/,
  /^\{"(?!level":"error")/,
];

/**
 * Runs the Worker under `wrangler dev` on 127.0.0.1 with these variables. Resolves when it answers a page; throws a sentence when it has not within a minute. Everything that
 * wrangler and the Worker say is in `log`; what looks like trouble is printed too.
 */
export async function startPortal(p: {
  root: string;
  dir: string;
  port: number;
  variables: Record<string, string>;
  quiet: boolean;
}): Promise<Child> {
  const { root, dir, port, variables, quiet } = p;
  const envFile = join(dir, "portal.env");
  const lines = Object.entries(variables).map(([name, value]) => {
    const quote = value.includes("'") ? "`" : "'";
    return `${name}=${quote}${value}${quote}\n`;
  });
  writeFileSync(envFile, lines.join(""));
  const log = join(dir, "portal.log");
  let buildFailed = () => {};
  const failed = new Promise<void>((tell) => {
    buildFailed = tell;
  });
  const child = await startChild({
    name: "the portal (wrangler dev)",
    command: process.execPath,
    args: [
      join(root, "node_modules", "wrangler", "bin", "wrangler.js"),
      "dev",
      ...["--config", join(root, "wrangler.toml")],
      ...["--ip", "127.0.0.1", "--port", String(port), "--inspector-port", "0"],
      ...["--env-file", envFile],
      ...["--persist-to", join(dir, "worker")],
      "--show-interactive-dev-session=false",
    ],
    cwd: root,
    env: {
      WRANGLER_SEND_METRICS: "false",
      WRANGLER_HIDE_BANNER: "true",
      CLOUDFLARE_CF_FETCH_ENABLED: "false",
      WRANGLER_WRITE_LOGS: "false",
      FORCE_COLOR: "0",
    },
    log,
    onLine: (line) => {
      // wrangler would wait for the source to be mended; nobody may be there to do it.
      if (line.includes("Build failed with")) buildFailed();
      if (!quiet && !NOISE.some((noise) => noise.test(line))) console.error(line);
    },
  });
  try {
    const until = Promise.race([child.ended, failed]);
    await untilAnswered(`http://127.0.0.1:${port}/sign-in`, { seconds: 180, until });
    await untilAnswered(`http://localhost:${port}/sign-in`, { seconds: 10, until });
  } catch {
    await child.stop();
    throw new Error(`The portal did not start; ${log} says why.${quiet ? `\n${lastLines(log)}` : ""}`);
  }
  return child;
}

/** The cron lines that wrangler.toml names. */
export function cronLines(root: string): string[] {
  const toml = readFileSync(join(root, "wrangler.toml"), "utf8");
  const list = /^crons\s*=\s*\[([^\]]*)\]/m.exec(toml)?.[1] ?? "";
  return [...list.matchAll(/"([^"]+)"/g)].map((match) => match[1] ?? "");
}

/** Runs a cron line in the Worker now. Answers what went wrong, or null. https://developers.cloudflare.com/workers/configuration/cron-triggers/ */
export async function runCron(portal: string, line: string): Promise<string | null> {
  const response = await fetch(`${portal}/cdn-cgi/local/scheduled?cron=${encodeURIComponent(line)}`).catch(() => null);
  if (!response) return "The portal does not answer at this moment.";
  const answer = await response.text();
  if (response.ok && answer === "ok") return null;
  return `The portal answered ${response.status} to ${line}: ${answer.slice(0, 200)}`;
}

const lastLines = (file: string) =>
  readFileSync(file, "utf8")
    .split("\n")
    .filter((line) => !NOISE.some((noise) => noise.test(line)))
    .slice(-12)
    .join("\n");
