import { type Answered, type Asked, LEFT_OUT, withTexts } from "./hrana.ts";

/** A stream that the server keeps open for us. Whoever has its `baton` may go on with it; it is null while somebody does. */
type Stream = { baton: string | null; url: string; usedAt: number };

/** The server has a connection for each stream, 128 in all unless told otherwise: one isolate must not take them all. */
const MOST_KEPT = 16;
/** The server ends what nobody has used for ten seconds. https://github.com/tursodatabase/libsql/blob/main/libsql-server/src/hrana/http/stream.rs */
const KEPT_SECONDS = 8;

/**
 * A `fetch` for the database clients of one isolate: what is a single statement, as a page is, goes over a stream that an
 * earlier request has left open, for to open one costs the server as much as a page does (it reads the whole schema).
 * Transactions go as they would without it. Requests share batons and nothing else, so none waits for another's answer.
 *
 * A stream that the server has ended meanwhile has done nothing with what it was asked. That is asked again by itself: a
 * second trip, when a database was started anew. Whatever else goes wrong is told as it is.
 */
export function onKeptStreams(send: typeof fetch, now: () => number): typeof fetch {
  let streams: Stream[] = [];

  return async (input, init) => {
    const request = new Request(input, init);
    const { url, headers } = request;
    const body = await request.text();
    const post = (to: string, text: string) => send(new Request(to, { method: "POST", headers, body: text }));

    const { requests } = JSON.parse(body) as Asked;
    const questions = withTexts(requests).filter(({ type }) => !LEFT_OUT.has(type));
    const closes = requests.at(-1)?.type === "close";
    if (!closes || questions.length !== 1 || questions[0]!.type !== "execute") return post(url, body);

    streams = streams.filter(({ usedAt }) => usedAt > now() - KEPT_SECONDS);
    let stream = streams.findLast(({ baton }) => baton !== null);
    if (!stream && streams.length === MOST_KEPT) return post(url, body);
    if (!stream) {
      stream = { baton: null, url, usedAt: now() };
      streams.push(stream);
    }
    const { baton } = stream;
    stream.baton = null;
    const response = await post(stream.url, JSON.stringify({ baton, requests: questions }));
    if (baton !== null && response.status >= 400 && response.status < 500) {
      streams = [];
      return post(url, body);
    }
    if (!response.ok) return response;

    const answered = await response.json<Answered>();
    stream.baton = answered.baton;
    stream.usedAt = now();
    if (answered.base_url !== null) stream.url = new URL("v2/pipeline", answered.base_url).href;
    const results = requests.map(({ type }) =>
      LEFT_OUT.has(type) ? { type: "ok", response: { type } } : answered.results[0]!,
    );
    // It was read already, and a page's rows are too many to be written out for the client only to read them again.
    return Object.assign(response, { json: async () => ({ baton: null, base_url: null, results }) });
  };
}
