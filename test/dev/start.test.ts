import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:http";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { freePorts, type Ports, refuseBusyPorts } from "../../dev/ports.ts";
import { startTown } from "../../dev/start-town.ts";

// A start is a dozen processes; on a busy machine that takes its time.
vi.setConfig({ testTimeout: 180_000 });

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "town-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

/** `npm start`, as npm runs it; answers how it ended and what it said on the way. */
function start(
  env: Record<string, string>,
  ...args: string[]
): { program: ChildProcess; ended: Promise<[number | null, string, string]> } {
  const program = spawn(process.execPath, ["dev/start.ts", ...args], {
    cwd: join(import.meta.dirname, "../.."),
    env: { ...process.env, DEV_DIR: dir, NO_COLOR: "1", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const code = new Promise<number | null>((resolve) => program.once("exit", resolve));
  return { program, ended: Promise.all([code, text(program.stdout!), text(program.stderr!)]) };
}

const where = (ports: Ports) => ({ PORT: String(ports.portal), TOWN_PORT: String(ports.town) });

test.each([
  [{ PORT: "eight" }, [], "PORT=eight is not a port; give a number from 1024 to 65535.\n"],
  [{ STRIPE_SECRET_KEY: "sk_test_1" }, [], "STRIPE_SECRET_KEY and STRIPE_WEBHOOK_SECRET must be set together.\n"],
  [{}, ["--fast"], 'There is no "--fast"; npm start -- --help says what there is.\n'],
])("%o %o is refused in one sentence", async (env, args, sentence) => {
  const [code, , said] = await start(env, ...args).ended;
  expect([code, said]).toEqual([1, sentence]);
});

test("a busy port is one sentence, and nothing of ours keeps running", async () => {
  const server = createServer();
  const port = await new Promise<number>((resolve) =>
    server.listen(0, "127.0.0.1", () => resolve((server.address() as { port: number }).port)),
  );
  const ports = await freePorts(2);
  const [code, , said] = await start({ PORT: String(port), TOWN_PORT: String(ports.town) }).ended;
  server.close();
  expect(code).toBe(1);
  expect(said).toMatch(
    /^Port \d+, which .* needs, is taken by another program: stop that, or choose another with [A-Z_]+=\d+ npm start\.\n$/,
  );
});

test("a live key is refused before anything starts that could use it", async () => {
  const ports = await freePorts(2);
  const keys = { STRIPE_SECRET_KEY: "sk_live_1", STRIPE_WEBHOOK_SECRET: "whsec_1" };
  const [code, , said] = await start({ ...keys, PORT: String(ports.portal), TOWN_PORT: "20500" }).ended;
  expect(code).toBe(1);
  expect(said).toContain("is a live key outside production");
  expect(said).not.toContain("sk_live_1");
});

/** Asks the portal under a host name of our choosing, as a browser would by its address. */
const titleAt = (port: number, host: string) =>
  new Promise<string>((resolve, reject) => {
    const ask = request(
      { host: "127.0.0.1", port, path: "/sign-in", headers: { host: `${host}:${port}` } },
      async (answer) => {
        const page = await text(answer);
        resolve(/<title>(.*?)<\/title>/.exec(page)?.[1] ?? `${answer.statusCode}`);
      },
    );
    ask.on("error", reject).end();
  });

test("the town starts, keeps what it knows, and leaves nothing behind", async () => {
  const ports = await freePorts(2);
  const town = `http://127.0.0.1:${ports.town}`;
  const first = await startTown({ ports, dir, env: {} });
  try {
    expect(await titleAt(ports.portal, "localhost")).toContain("Cedar Ridge Alarm &amp; Life Safety");
    expect(await titleAt(ports.portal, "127.0.0.1")).toContain("Bluebonnet Security Co.");
    expect(await titleAt(ports.portal, "elsewhere.example")).toBe("404");
    expect(JSON.parse(readFileSync(join(dir, "portal.json"), "utf8"))).toEqual(first.portal);
    await expect(startTown({ ports, dir, env: {} })).rejects.toThrow("npm start is already running here");

    const ran = await fetch(`${town}/cron`, { method: "POST", body: new URLSearchParams({ line: "*/5 * * * *" }) });
    expect(await ran.text()).toContain("Ran */5 * * * *.");
    await fetch(`${town}/clock`, { method: "POST", body: new URLSearchParams({ step: "5" }) });
  } finally {
    await first.stop();
  }
  await expect(refuseBusyPorts(ports)).resolves.toBeUndefined();

  const second = await startTown({ ports, dir, env: {} });
  try {
    expect(await (await fetch(town)).text()).toContain("Sunday, December 6, 2026");
    expect(await titleAt(ports.portal, "localhost")).toContain("Cedar Ridge");
  } finally {
    await second.stop();
  }
  await expect(refuseBusyPorts(ports)).resolves.toBeUndefined();
});

test("asked to end while it starts, it ends with everything it had started", async () => {
  const ports = await freePorts(2);
  writeFileSync(join(dir, "old"), "of an earlier town");
  const { program, ended } = start({ ...where(ports), TOWN_PORT: "20600" }, "--fresh");
  program.stdout!.once("data", () => program.kill("SIGTERM"));
  const [code, , said] = await ended;
  expect([code, said]).toEqual([0, ""]);
  await expect(
    refuseBusyPorts({ ...ports, town: 20600, stripe: 20601, databases: [20605, 20606] }),
  ).resolves.toBeUndefined();
});
