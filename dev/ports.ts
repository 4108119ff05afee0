import { createServer } from "node:net";

/** Where each part of the town listens on this machine. */
export type Ports = {
  portal: number;
  town: number;
  stripe: number;
  resend: number;
  twilio: number;
  google: number;
  microsoft: number;
  apple: number;
  /** One per dealer. */
  databases: number[];
};

const BESIDE = ["town", "stripe", "resend", "twilio", "google", "microsoft", "apple"] as const;

/**
 * The ports that the environment asks for: the portal at `PORT` (8787), everything else from `TOWN_PORT` (the next one)
 * upwards. Throws a sentence for a person when one of them is no port.
 */
export function portsFrom(env: Record<string, string | undefined>, dealers: number): Ports {
  const portal = portIn(env, "PORT", 8787);
  const first = portIn(env, "TOWN_PORT", portal + 1);
  const last = first + BESIDE.length + dealers - 1;
  if (last > 65_535) throw new Error(`TOWN_PORT=${first} leaves no room: ${last} is no port.`);
  if (portal >= first && portal <= last)
    throw new Error(`TOWN_PORT=${first} needs ${first} to ${last}, and PORT is among them.`);
  return numbered(portal, first, dealers);
}

function portIn(env: Record<string, string | undefined>, name: string, fallback: number): number {
  const text = env[name];
  if (text === undefined || text === "") return fallback;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port < 1024 || port > 65_535) throw new Error(`${name}=${text} is not a port; give a number from 1024 to 65535.`);
  return port;
}

const numbered = (portal: number, first: number, dealers: number): Ports =>
  laidOut([portal, ...Array.from({ length: BESIDE.length + dealers }, (_, index) => first + index)]);

/** The portal's port, those beside it, and the rest for databases. */
function laidOut([portal, ...others]: number[]): Ports {
  const beside = Object.fromEntries(BESIDE.map((name, index) => [name, others[index]!]));
  return {
    portal: portal!,
    ...(beside as Record<(typeof BESIDE)[number], number>),
    databases: others.slice(BESIDE.length),
  };
}

/** Ports that nobody uses at this moment. */
export async function freePorts(dealers: number): Promise<Ports> {
  const held = await Promise.all(Array.from({ length: 1 + BESIDE.length + dealers }, () => hold(0, "127.0.0.1")));
  await Promise.all(held.map((one) => one.release()));
  return laidOut(held.map((one) => one.port));
}

/** Throws one sentence that names the first port somebody else has, and says what to do. */
export async function refuseBusyPorts(ports: Ports): Promise<void> {
  const wanted: [string, number, "PORT" | "TOWN_PORT"][] = [
    ["the portal", ports.portal, "PORT"],
    ...BESIDE.map((name): [string, number, "TOWN_PORT"] => [NAMES[name], ports[name], "TOWN_PORT"]),
    ...ports.databases.map((port): [string, number, "TOWN_PORT"] => ["a database", port, "TOWN_PORT"]),
  ];
  for (const [what, port, variable] of wanted) {
    if (await isFree(port)) continue;
    const elsewhere = variable === "PORT" ? port + 100 : port + 200;
    throw new Error(
      `Port ${port}, which ${what} needs, is taken by another program: stop that, or choose another with ${variable}=${elsewhere} npm start.`,
    );
  }
}

const NAMES: Record<(typeof BESIDE)[number], string> = {
  town: "the town page",
  stripe: "the bank",
  resend: "the mailbox",
  twilio: "the telephone",
  google: "Google's stand-in",
  microsoft: "Microsoft's stand-in",
  apple: "Apple's stand-in",
};

/** "localhost" may mean either address, so a program on one of them is in the way on both. */
async function isFree(port: number): Promise<boolean> {
  for (const address of ["127.0.0.1", "::1"]) {
    try {
      await (await hold(port, address)).release();
    } catch (problem) {
      if ((problem as NodeJS.ErrnoException).code === "EADDRINUSE") return false;
    }
  }
  return true;
}

function hold(port: number, address: string): Promise<{ port: number; release: () => Promise<void> }> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, address, () => {
      const at = server.address();
      const taken = typeof at === "object" && at ? at.port : port;
      resolve({ port: taken, release: () => new Promise((done) => server.close(() => done())) });
    });
  });
}
