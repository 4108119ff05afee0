import { connect, type Socket } from "node:net";

export type Asked = { path: string; method?: "GET" | "POST"; headers?: Record<string, string>; body?: string };
export type Answered = { status: number; headers: Headers; body: Buffer; ms: number };

/**
 * One kept-alive HTTP connection, one question at a time. Written out over a plain socket, because the generator shares
 * the machine with what it measures and Node's own client costs as much as a page does.
 */
export type Connection = { ask: (asked: Asked) => Promise<Answered>; close: () => void };

/** Connects to a Worker as if its host name were `host`, and again when the Worker has closed what was idle. */
export async function openConnection(at: URL, host: string): Promise<Connection> {
  let socket = await dial(at);
  async function ask(asked: Asked): Promise<Answered> {
    if (socket.closed || socket.readableEnded) socket = await dial(at);
    return exchange(socket, host, asked);
  }
  return { ask, close: () => socket.destroy() };
}

async function dial(at: URL): Promise<Socket> {
  const socket = connect({ host: at.hostname, port: Number(at.port), noDelay: true });
  await new Promise<void>((connected, failed) => {
    socket.once("connect", connected);
    socket.once("error", failed);
  });
  // Read also while nothing is asked, or its end would go unheard.
  return socket.resume().on("error", () => {});
}

function exchange(socket: Socket, host: string, { path, method = "GET", headers = {}, body = "" }: Asked) {
  return new Promise<Answered>((resolve, reject) => {
    let received: Buffer = Buffer.alloc(0);
    let head: { status: number; headers: Headers; starts: number; ends: number } | null = null;
    const started = performance.now();
    const done = () => {
      socket.off("data", hear);
      socket.off("error", fail);
      socket.off("close", closed);
    };
    const hear = (chunk: Buffer) => {
      received = received.length === 0 ? chunk : Buffer.concat([received, chunk]);
      head ??= headOf(received);
      if (!head || received.length < head.ends) return;
      done();
      const { status, headers, starts } = head;
      resolve({ status, headers, body: received.subarray(starts), ms: performance.now() - started });
    };
    const fail = (problem: Error) => {
      done();
      reject(problem);
    };
    const closed = () => fail(new Error(`the connection was closed before ${path} was answered`));
    socket.on("data", hear);
    socket.on("error", fail);
    socket.on("close", closed);
    const length = method === "POST" ? `Content-Length: ${Buffer.byteLength(body)}\r\n` : "";
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
    socket.write(`${method} ${path} HTTP/1.1\r\nHost: ${host}\r\n${lines.join("")}${length}\r\n${body}`);
  });
}

/** Where an answer begins and ends, once its headers are complete. Everything asked for here has a length. */
function headOf(received: Buffer): { status: number; headers: Headers; starts: number; ends: number } | null {
  const end = received.indexOf("\r\n\r\n");
  if (end < 0) return null;
  const [first = "", ...lines] = received.toString("latin1", 0, end).split("\r\n");
  const headers = new Headers(lines.map((line) => line.split(/:\s*/, 2) as [string, string]));
  const status = Number(first.split(" ")[1]);
  const length = headers.get("content-length");
  if (length === null && headers.get("transfer-encoding") === "chunked")
    throw new Error("an answer of no stated length cannot be measured here");
  const starts = end + 4;
  return { status, headers, starts, ends: starts + Number(length ?? 0) };
}
