import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DEALERS } from "../../dev/dealers.ts";
import { freePorts } from "../../dev/ports.ts";
import { startTown } from "../../dev/start-town.ts";

/** Starts a town for this run alone, on free ports and in a folder of its own; the tests find it through the environment. */
export default async function globalSetup(): Promise<() => Promise<void>> {
  const dir = mkdtempSync(join(tmpdir(), "keyholder-browser-"));
  const ports = await freePorts(DEALERS.length);
  const town = await startTown({ ports, dir, env: {} });
  process.env.TOWN_FOLDER = dir;
  process.env.TOWN_BANK = `http://127.0.0.1:${ports.stripe}`;
  process.env.TOWN_PROVIDERS = [ports.google, ports.microsoft, ports.apple]
    .map((port) => `http://127.0.0.1:${port}`)
    .join(" ");
  process.env.TOWN_DATABASE = `http://127.0.0.1:${ports.databases[0]}`;
  return async () => {
    await town.stop();
    rmSync(dir, { recursive: true, force: true });
  };
}
