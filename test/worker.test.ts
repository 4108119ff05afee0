import { afterAll, beforeAll, expect, test } from "vitest";
import { CAST_PASSWORD } from "../db/cast.ts";
import { newId } from "../src/ids.ts";
import { CRON, type Job } from "../src/jobs.ts";
import { type BuiltWorker, startBuiltWorker } from "./built-worker.ts";
import { rawPdf, readPdf } from "./documents/read-pdf.ts";
import { formOn } from "./setup.ts";

/** What Cloudflare calls: fetch, scheduled, queue. The wiring, not the rules. */

let worker: BuiltWorker;

beforeAll(async () => {
  worker = await startBuiltWorker();
}, 180_000);

afterAll(() => worker?.stop());

/** Asks the Worker as a browser would; what it sets is sent again. */
function browser() {
  const cookies = new Map<string, string>();
  const ask = async (path: string, form?: URLSearchParams) => {
    const headers: Record<string, string> = { Cookie: [...cookies].map((pair) => pair.join("=")).join("; ") };
    if (form) Object.assign(headers, { Origin: worker.origin, "Content-Type": "application/x-www-form-urlencoded" });
    // Straight to the Worker: wrangler's own proxy would write its address over the form's origin.
    const response = await worker.server.getWorker().fetch(`${worker.origin}${path}`, {
      method: form ? "POST" : "GET",
      body: form?.toString(),
      headers,
      redirect: "manual",
    });
    for (const set of response.headers.getSetCookie()) {
      const [, name, value] = /^([^=]+)=([^;]*)/.exec(set)!;
      cookies.set(name!, value!);
    }
    return response;
  };
  return {
    get: (path: string) => ask(path),
    post: (path: string, form: Record<string, string> | URLSearchParams) => ask(path, new URLSearchParams(form)),
  };
}

async function signedIn(email: string) {
  const one = browser();
  const answer = await one.post("/sign-in", { email, password: CAST_PASSWORD });
  expect(answer.status).toBe(303);
  return one;
}

type Consumer = {
  queue(
    name: string,
    messages: { id: string; timestamp: Date; attempts: number; body: Job }[],
  ): Promise<{
    outcome: string;
    explicitAcks: string[];
    retryMessages: { msgId: string; delaySeconds?: number }[];
  }>;
};

/** Hands the Worker a batch as a queue does, and says what it answered for each message. */
async function deliver(queue: string, jobs: Job[]) {
  const consumer = (await worker.server.getWorker().getExport()) as unknown as Consumer;
  const messages = jobs.map((body, i) => ({ id: `message ${i}`, timestamp: new Date(), attempts: 1, body }));
  const { outcome, explicitAcks, retryMessages } = await consumer.queue(queue, messages);
  return { outcome, acknowledged: [...explicitAcks], again: [...retryMessages] };
}

test("a customer signs in and reads every page, each for one trip to the database", async () => {
  const priya = await signedIn("priya@example.com");
  const pages = ["/", "/invoices", "/invoices/paid", "/invoices/all", "/payments", "/receipts", "/contact-us"];
  for (const page of pages) {
    worker.trips.count = 0;
    const answer = await priya.get(page);
    expect(answer.status, page).toBe(200);
    expect(await answer.text(), page).toContain("Cedar Ridge Alarm");
    expect(worker.trips.count, page).toBe(1);
  }
  expect((await browser().get("/invoices")).headers.get("Location")).toBe("/sign-in?next=%2Finvoices");
  expect((await worker.server.fetch("https://nobody.test/")).status).toBe(404);
});

test("static files come from the edge, for a year", async () => {
  const html = await (await browser().get("/sign-in")).text();
  const script = /<script defer="?[^>]*src="([^"]+)"/.exec(html)![1]!;
  const file = await worker.server.fetch(`${worker.origin}${script}`);
  expect(file.status).toBe(200);
  expect(file.headers.get("Cache-Control")).toBe("public, max-age=31536000, immutable");
  expect((await file.text()).length).toBeGreaterThan(10_000);
});

test("PDFs spell a name: in a font that every reader has, and beyond Latin-1 with the typeface from the static files", async () => {
  const priya = await signedIn("priya@example.com");
  const linked = async (page: string, link: RegExp) => link.exec(await (await priya.get(page)).text())![1]!;
  const documents = [
    await linked("/invoices/all", /href="(\/invoices\/INV-\d+)"/),
    await linked("/receipts", /href="(\/receipts\/pay_\w+)"/),
    "/statement",
  ];
  for (const [name, font] of [
    ["José Núñez", "/BaseFont /Helvetica-Bold"],
    ["Thủy Nguyễn-Dvořák Ọ̀yá", "+NotoSans-Bold"],
  ] as const) {
    await worker.db.$client.execute({ sql: "update accounts set name = ? where number = 'CR-10052'", args: [name] });
    for (const document of documents) {
      worker.trips.count = 0;
      const answer = await priya.get(`${document}.pdf`);
      expect([answer.status, answer.headers.get("Content-Type")], document).toEqual([200, "application/pdf"]);
      expect(worker.trips.count, document).toBe(1);
      const bytes = new Uint8Array(await answer.arrayBuffer());
      expect((await readPdf(bytes)).text, document).toContain(name);
      expect(rawPdf(bytes), document).toContain(font);
    }
  }
});

test("a payment goes to the bank, and its receipt by the queue to the mail", async () => {
  const priya = await signedIn("priya@example.com");
  const page = await (await priya.get("/invoices")).text();
  const form = formOn(page, "/payments");
  form.append("pay", /name="pay" value="([\w-]+)"/.exec(page)![1]!);
  const check = await (await priya.post("/payments", form)).text();
  worker.trips.count = 0;
  const paid = await priya.post("/payments", formOn(check, "/payments"));
  expect(paid.status).toBe(303);
  // One to read, one to hold, one to close.
  expect(worker.trips.count).toBe(3);
  const thanks = await (await priya.get(paid.headers.get("Location")!)).text();
  const amount = /We received (\$[\d.]+)\./.exec(thanks)![1]!;
  const receipt = await worker.mail(/^Receipt: /);
  expect(receipt.subject).toBe(`Receipt: ${amount} received`);
  expect([receipt.to].flat()).toEqual(["priya@example.com"]);
  expect(receipt.html).toContain(`${worker.origin}/receipts/pay_`);
});

test("a cron line starts its jobs, and they find what was left to do", async () => {
  // The seed's bank payment promised a letter that nobody was told to send.
  const { rows } = await worker.db.$client.execute(
    "select count(*) n from messages where kind = 'payment_submitted' and state = 'waiting'",
  );
  expect(rows[0]!.n).toBeGreaterThan(0);
  const [often] = Object.keys(CRON);
  const { outcome } = await worker.server
    .getWorker()
    .scheduled({ cron: often!, scheduledTime: new Date(worker.now * 1000) });
  expect(outcome).toBe("ok");
  expect([(await worker.mail(/pago bancario/)).to].flat()).toEqual(["maya@example.com"]);
});

test("each message of a batch is answered for itself", async () => {
  const { rows } = await worker.db.$client.execute(
    "select id, account_id from payments where origin = 'import' limit 1",
  );
  const broken = newId("msg", worker.now);
  await worker.db.$client.execute({
    sql: `insert into messages (id, dedupe_key, account_id, channel, kind, subject_id, address, queued_at)
          values (?, 'broken', ?, 'email', 'a kind that nobody wrote', ?, 'glenn@example.com', ?)`,
    args: [broken, rows[0]!.account_id!, rows[0]!.id!, worker.now],
  });
  const dealer = "cedar-ridge";
  const answers = await deliver("keyholder-jobs", [
    { type: "books.check", dealer },
    { type: "message.send", dealer, messageId: broken },
    { type: "books.check", dealer: "a dealer who has left" },
    { type: "message.send", dealer, messageId: "msg_00000000000000000000" },
  ]);
  expect(answers.outcome).toBe("ok");
  expect(answers.acknowledged.sort()).toEqual(["message 0", "message 2", "message 3"]);
  expect(answers.again).toEqual([{ msgId: "message 1", delaySeconds: expect.any(Number) }]);
  const [again] = answers.again;
  expect(again!.delaySeconds).toBeGreaterThanOrEqual(30);
  expect(again!.delaySeconds).toBeLessThan(60);
  const logged = worker.server.getLogs().map(({ message }) => message);
  expect(logged.filter((line) => line.includes("no letter is written for")).length).toBe(1);
  expect(logged.join()).not.toMatch(/glenn@|@example\.com|re_a_key/);
});

test("what the jobs of a batch ask of the database at one moment travels together", async () => {
  const jobs = Array.from(
    { length: 24 },
    (): Job => ({ type: "credits.apply", dealer: "cedar-ridge", accountId: "nobody" }),
  );
  worker.trips.count = 0;
  await deliver("keyholder-jobs", jobs.slice(0, 1));
  const alone = worker.trips.count;
  worker.trips.count = 0;
  expect((await deliver("keyholder-jobs", jobs)).acknowledged).toHaveLength(24);
  expect(alone).toBe(1);
  expect(worker.trips.count).toBeLessThanOrEqual(6);
});

test("a message that the queue gave up becomes something a person sees", async () => {
  const job: Job = { type: "payment.check", dealer: "cedar-ridge", paymentId: "pay_00000000000000000000" };
  expect(await deliver("keyholder-dead", [job])).toEqual({ outcome: "ok", acknowledged: ["message 0"], again: [] });
  const ruth = await signedIn("ruth@cedarridge.example.com");
  const office = await (await ruth.get("/office")).text();
  expect(office).toContain("A background job gave up");
  expect(office).toContain("pay_00000000000000000000");
});

test("a dealer that is halted is shut for pages and webhooks, and its jobs wait without a look at its database", async () => {
  await worker.restart({ DEALERS: JSON.stringify([{ ...worker.dealer, halted: true }]) });
  worker.trips.count = 0;
  const page = await browser().get("/");
  expect([page.status, page.headers.get("Retry-After")]).toEqual([503, "3600"]);
  expect(await page.text()).toContain("nothing is charged");
  expect((await browser().post("/webhooks/stripe", {})).status).toBe(503);
  const dealer = worker.dealer.slug;
  for (const queue of ["keyholder-jobs", "keyholder-dead"]) {
    const answers = await deliver(queue, [
      { type: "books.check", dealer },
      { type: "books.check", dealer: "a dealer who has left" },
    ]);
    expect(answers).toEqual({
      outcome: "ok",
      acknowledged: ["message 1"],
      again: [{ msgId: "message 0", delaySeconds: 3600 }],
    });
  }
  for (const cron of Object.keys(CRON)) {
    const at = new Date(worker.now * 1000);
    expect((await worker.server.getWorker().scheduled({ cron, scheduledTime: at })).outcome).toBe("ok");
  }
  expect(worker.trips.count).toBe(0);
});

test("with variables that cannot be, every request is a plain 500, and the log names them without a value", async () => {
  worker.server.clearLogs();
  await worker.restart({ ENVIRONMENT: "production", COMPRESS: "zip" });
  const answer = await worker.server.fetch(`${worker.origin}/sign-in`);
  expect(answer.status).toBe(500);
  expect(await answer.text()).toBe("The portal is not set up correctly.\n");
  const logged = worker.server
    .getLogs()
    .map(({ message }) => message)
    .join();
  expect(logged).toContain("COMPRESS is neither worker nor edge");
  expect(logged).not.toMatch(/re_a_key|sk_test_worker|whsec_worker|zip/);
});
