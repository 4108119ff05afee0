import { spawn } from "node:child_process";
import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../dev/ports.ts";
import { type Bundle, compatibility } from "./bundle.ts";
import { openConnection } from "./connection.ts";
import { DIRECT } from "./rig.ts";

// miniflare's own copy of the runtime.
const runtime = createRequire(import.meta.resolve("miniflare"))("workerd").default as string;

/**
 * Milliseconds from starting workerd, alone and with nothing around it, to the first answer of a Worker to `path`.
 * `bindings` are texts, or anything else that can be JSON.
 */
export async function coldStart(built: Bundle, bindings: Record<string, unknown>, path: string): Promise<number> {
  const folder = mkdtempSync(join(tmpdir(), "keyholder-cold-"));
  const { portal: port } = await freePorts(0);
  copyFileSync(built.file, join(folder, "worker.js"));
  writeFileSync(join(folder, "config.capnp"), config(bindings, port));
  const started = performance.now();
  const child = spawn(runtime, ["serve", "config.capnp"], { cwd: folder, stdio: "ignore" });
  const ended = new Promise((resolve) => child.once("exit", resolve));
  try {
    const status = await firstAnswer(new URL(`http://127.0.0.1:${port}`), path, started + 20_000);
    if (status !== 200) throw new Error(`${path} answered ${status}`);
    return performance.now() - started;
  } finally {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true });
  }
}

async function firstAnswer(at: URL, path: string, giveUp: number): Promise<number> {
  for (;;) {
    try {
      const connection = await openConnection(at, DIRECT);
      const { status } = await connection.ask({ path });
      connection.close();
      return status;
    } catch (problem) {
      if (performance.now() > giveUp) throw problem;
    }
  }
}

// https://github.com/cloudflare/workerd/blob/main/src/workerd/server/workerd.capnp
function config(bindings: Record<string, unknown>, port: number): string {
  const { compatibilityDate, compatibilityFlags } = compatibility();
  const bound = Object.entries(bindings).map(([name, value]) =>
    typeof value === "string"
      ? `(name = ${JSON.stringify(name)}, text = ${JSON.stringify(value)})`
      : `(name = ${JSON.stringify(name)}, json = ${JSON.stringify(JSON.stringify(value))})`,
  );
  return `using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [
    (name = "main", worker = (
      modules = [(name = "worker.js", esModule = embed "worker.js")],
      compatibilityDate = "${compatibilityDate}",
      compatibilityFlags = ${JSON.stringify(compatibilityFlags)},
      bindings = [${bound.join(", ")}]
    )),
    (name = "internet", network = (allow = ["public", "private", "local"]))
  ],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")]
);
`;
}
