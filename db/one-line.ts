import {
  type Answered,
  type Asked,
  type Condition,
  LEFT_OUT,
  type Question,
  type Result,
  type Step,
  type StepResults,
  withTexts,
} from "./hrana.ts";

/** Somebody who waits for answers to what they have asked, which go into `results` one by one. */
type Waiting = {
  request: Request;
  questions: Question[];
  results: Result[];
  answer: (response: Response) => void;
  fail: (error: unknown) => void;
};

/**
 * A `fetch` for a database client of whom many things are asked at once, as by the jobs of one batch: one trip is under
 * way at a time, and what is asked meanwhile goes together with the next. Changes that go together are one transaction on
 * the disk, and each a savepoint in it: each is made whole or not at all, whatever becomes of the others. A trip whose
 * answer is lost is lost for all of them, as it would have been for each.
 *
 * To open a connection costs the server more than most of what is asked over it, and to close a transaction more than
 * what is written in it: `node test/bench/autopay.ts` shows both. Transactions that stay open between trips are refused.
 */
export function onOneLine(send: typeof fetch): typeof fetch {
  let waiting: Waiting[] = [];
  let underWay = false;

  async function go() {
    if (underWay) return;
    underWay = true;
    while (waiting.length > 0) {
      const together = waiting;
      waiting = [];
      await trip(together, send);
    }
    underWay = false;
  }

  return async (input, init) => {
    const request = new Request(input, init);
    const asked = await request.clone().json<Asked>();
    if (asked.requests.at(-1)?.type !== "close") throw new Error("a transaction that stays open needs its own line");
    const answer = new Promise<Response>((answer, fail) => {
      waiting.push({ request, questions: withTexts(asked.requests), results: [], answer, fail });
    });
    void go();
    return answer;
  };
}

/** Asks for all of them over one connection, and hands each the answers to its own questions. */
async function trip(all: Waiting[], send: typeof fetch): Promise<void> {
  const { url, headers } = all[0]!.request;
  try {
    const calls = callsFor(all);
    const requests = [...calls.map((call) => call.question), { type: "close" }];
    const body = JSON.stringify({ baton: null, requests });
    const response = await send(new Request(url, { method: "POST", headers, body }));
    if (!response.ok) {
      const text = await response.text();
      for (const { answer } of all) answer(new Response(text, response));
      return;
    }
    const { results } = await response.json<Answered>();
    calls.forEach((call, i) => {
      call.tell(results[i]!);
    });
    for (const { results, answer } of all) answer(Response.json({ baton: null, base_url: null, results }));
  } catch (error) {
    for (const { fail } of all) fail(error);
  }
}

/** One question to the server, and whom its answer is told. */
type Call = { question: Question; tell: (result: Result) => void };
/** A batch that goes together with others. */
type Part = { steps: Step[]; tell: (result: Result) => void };

function callsFor(all: Waiting[]): Call[] {
  const calls: Call[] = [];
  const reads: Part[] = [];
  const writes: Part[] = [];
  for (const { questions, results } of all) {
    questions.forEach((question, at) => {
      const tell = (result: Result) => {
        results[at] = result;
      };
      const steps = question.type === "batch" ? question.batch.steps : [];
      const begin = steps[0]?.stmt.sql;
      if (begin === BEGIN_READ) reads.push({ steps, tell });
      else if (begin === BEGIN_WRITE) writes.push({ steps, tell });
      else if (question.type === "execute" || question.type === "batch") calls.push({ question, tell });
      else if (LEFT_OUT.has(question.type)) tell({ type: "ok", response: { type: question.type } });
      else throw new Error(`${question.type} needs a line of its own`);
    });
  }
  if (reads.length > 0) calls.push(together(reads, BEGIN_READ));
  if (writes.length > 0) calls.push(together(writes, BEGIN_WRITE));
  return calls;
}

// As @libsql/client begins its batches: then come the statements, COMMIT, and ROLLBACK if that did not go well.
const BEGIN_READ = "BEGIN TRANSACTION READONLY";
const BEGIN_WRITE = "BEGIN IMMEDIATE";

const ok = (step: number): Condition => ({ type: "ok", step });
const not = (cond: Condition): Condition => ({ type: "not", cond });

/**
 * Several batches in one transaction: each goes on only as far as it goes well, and takes back what it did otherwise.
 * Should the server have ended the transaction meanwhile, nothing more is done: outside it, it would stand by itself.
 */
function together(parts: Part[], begin: string): Call {
  const steps: Step[] = [];
  const say = (sql: string, condition?: Condition): number => steps.push({ stmt: { sql }, condition }) - 1;
  const began = say(begin);
  let stillOpen: Condition = ok(began);
  const places = parts.map(({ steps: own }) => {
    let last = begin === BEGIN_WRITE ? say("SAVEPOINT part", stillOpen) : began;
    const statements = own.slice(1, -2).map(({ stmt }) => {
      last = steps.push({ stmt, condition: ok(last) }) - 1;
      return last;
    });
    if (begin === BEGIN_WRITE) {
      last = say("RELEASE part", ok(last));
      const back = say("ROLLBACK TO part", not(ok(last)));
      stillOpen = { type: "or", conds: [ok(last), ok(say("RELEASE part", ok(back)))] };
    }
    return { statements, last };
  });
  const committed = say("COMMIT", stillOpen);
  say("ROLLBACK", not(ok(committed)));

  const tell = (result: Result) => {
    parts.forEach((part, i) => {
      const { statements, last } = places[i]!;
      part.tell(result.type === "error" ? result : partOf(result, began, statements, last, committed));
    });
  };
  return { question: { type: "batch", batch: { steps } }, tell };
}

/** The answer that one of the batches would have had by itself. */
function partOf(
  { response }: Extract<Result, { type: "ok" }>,
  began: number,
  statements: number[],
  last: number,
  committed: number,
): Result {
  const { step_results: results, step_errors: errors } = response.result as StepResults;
  const own = [began, ...statements];
  // What one was refused for by another's change never was, if that was not kept: none of them can be believed.
  if (results[began] !== null && results[committed] === null) {
    // The client looks no further than the first of the statements, or without any at the commit, that went wrong.
    const [, ...rest] = own.map(() => null);
    const told = { step_results: [results[began], ...rest, null, null], step_errors: [null, NOT_KEPT, ...rest, null] };
    return { type: "ok", response: { type: "batch", result: told } };
  }
  const wentWell = own.every((step) => results[step] !== null);
  const kept = wentWell && results[last] !== null && results[committed] !== null;
  const result: StepResults = {
    step_results: [...own.map((step) => results[step]!), kept ? results[committed]! : null, null],
    step_errors: [...own.map((step) => errors[step]!), wentWell && !kept ? NOT_KEPT : null, null],
  };
  return { type: "ok", response: { type: "batch", result } };
}

const NOT_KEPT = { message: "the transaction ended before it was committed", code: "TRANSACTION_CLOSED" };
