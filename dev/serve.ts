import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { buffer } from "node:stream/consumers";

/** A web-standard handler, such as a Hono app's `fetch`. */
export type Handler = (request: Request) => Response | Promise<Response>;

/** A server on the loopback interface. `close` also ends connections that are still open. */
export type Served = { url: string; port: number; close: () => Promise<void> };

/**
 * Serves a web-standard handler on 127.0.0.1 through Node's own HTTP server; port 0 takes a free one.
 * A handler that throws answers 500; one that answers `Response.error()` has the connection cut, as a vendor that
 * goes away does. Rejects with Node's error (`EADDRINUSE`) when the port is taken.
 */
export function serve(handler: Handler, port: number): Promise<Served> {
  const server = createServer((incoming, outgoing) => {
    answer(handler, incoming, outgoing).catch((problem: unknown) => {
      console.error(problem);
      if (!outgoing.headersSent) outgoing.writeHead(500, { "content-type": "text/plain" });
      outgoing.end("The stand-in failed; its console says why.\n");
    });
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      const taken = typeof address === "object" && address ? address.port : port;
      const close = () =>
        new Promise<void>((closed) => {
          server.close(() => closed());
          server.closeAllConnections();
        });
      resolve({ url: `http://127.0.0.1:${taken}`, port: taken, close });
    });
  });
}

async function answer(handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse) {
  const headers = new Headers();
  for (const [name, values] of Object.entries(incoming.headersDistinct)) {
    for (const value of values ?? []) headers.append(name, value);
  }
  const method = incoming.method ?? "GET";
  const hasBody = method !== "GET" && method !== "HEAD";
  const url = `http://${incoming.headers.host ?? "127.0.0.1"}${incoming.url ?? "/"}`;
  const response = await handler(new Request(url, { method, headers, body: hasBody ? await buffer(incoming) : null }));
  if (response.type === "error") {
    incoming.socket.destroy();
    return;
  }
  outgoing.statusCode = response.status;
  for (const [name, value] of response.headers) {
    if (name !== "set-cookie") outgoing.setHeader(name, value);
  }
  const cookies = response.headers.getSetCookie();
  if (cookies.length > 0) outgoing.setHeader("set-cookie", cookies);
  outgoing.end(Buffer.from(await response.arrayBuffer()));
}

/**
 * Asks an address again and again until it answers with success. Rejects when `until` ends first, or after `seconds`.
 */
export async function untilAnswered(url: string, { seconds, until }: { seconds: number; until: Promise<void> }) {
  let gone = false;
  void until.then(() => {
    gone = true;
  });
  for (const giveUp = performance.now() + seconds * 1000; performance.now() < giveUp && !gone; ) {
    const response = await fetch(url, { signal: AbortSignal.timeout(5_000) }).catch(() => null);
    if (response?.ok) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`${url} does not answer`);
}
