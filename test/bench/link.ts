import { Agent, createServer, request } from "node:http";
import { setTimeout as wait } from "node:timers/promises";

/** The line between a Worker and its database: it counts what passes and takes its time. */
export type Link = {
  url: string;
  /** Requests since the last time of asking. */
  trips: () => number;
  /** How many of them were about letters, and not yet asked for. */
  letters: () => number;
  close: () => Promise<void>;
};

/** Stands in front of a database server, with `delayMs` added to every trip there and back. */
export async function openLink(database: string, delayMs: number): Promise<Link> {
  const agent = new Agent({ keepAlive: true });
  const { hostname, port } = new URL(database);
  let count = 0;
  let letters = 0;
  const server = createServer(async (incoming, outgoing) => {
    count++;
    if (delayMs > 0) await wait(delayMs);
    const { method, url: path, headers } = incoming;
    const onward = request({ agent, hostname, port, method, path, headers }, (answer) => {
      outgoing.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(outgoing);
    });
    onward.once("error", () => outgoing.destroy());
    incoming.pipe(onward);
    let body = "";
    incoming.setEncoding("utf8").on("data", (part: string) => {
      body += part;
    });
    // Sending a letter is written with drizzle's quotes; promising one in another change is not.
    incoming.once("end", () => {
      if (body.includes('\\"messages\\"')) letters++;
    });
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const address = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${address.port}`,
    trips() {
      const passed = count;
      count = 0;
      return passed;
    },
    letters() {
      const passed = letters;
      letters = 0;
      return passed;
    },
    async close() {
      const closed = new Promise<void>((done) => server.close(() => done()));
      server.closeAllConnections();
      agent.destroy();
      await closed;
    },
  };
}
