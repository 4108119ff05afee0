import { and, eq, isNull } from "drizzle-orm";
import { apiKeys, imports } from "../../db/schema.ts";
import { commit, readAll } from "../batch.ts";
import { isoTime } from "../calendar.ts";
import type { Env } from "../context.ts";
import type { Deps } from "../dealer.ts";
import { Hono } from "../hono.ts";
import { isId, sha256 } from "../ids.ts";
import { asAnswer, contactChangesAfter } from "../office/contact-changes.ts";
import { LINES_PER_ANSWER, asJson as lineAsJson, linesAfter, markFetched } from "../office/export.ts";
import { runImport } from "../office/import.ts";
import { decodeText } from "../office/import-csv.ts";
import type { ImportFile } from "../office/import-open.ts";
import { asJson } from "../office/import-report.ts";
import { VendorTrouble } from "../ports.ts";

/** What an isolate's 128 MB can take in at once, with room to spare; a larger dealer sends file by file, or uses the command. */
const LARGEST_BODY = 10 * 1024 * 1024;

/** Where the dealer's own programs come in, each with a bearer key. Every answer is JSON. */
export const api = new Hono<Env & { Variables: { apiKeyId: string } }>();

api.use(async (c, next) => {
  const { db, now } = c.var.deps;
  const secret = /^Bearer +([\w.~+/-]{16,200}=*)$/i.exec(c.req.header("Authorization") ?? "")?.[1];
  const { found } = secret ? await readAll(db, { found: keyOf(db, await sha256(secret)) }) : { found: [] };
  const key = found[0];
  if (!key) {
    c.header("WWW-Authenticate", 'Bearer realm="dealer"');
    return c.json({ error: "Send a key that the office gave you, as Authorization: Bearer and the key." }, 401);
  }
  // Once a minute is enough to tell a key in use from one to revoke.
  if ((key.lastUsedAt ?? 0) < now - 60) {
    const change = { key: `api_key.used:${key.id}:${now}`, action: "api_key.used", accountId: null, by: key.id };
    await commit(db, now, change, [db.update(apiKeys).set({ lastUsedAt: now }).where(eq(apiKeys.id, key.id))]);
  }
  c.set("apiKeyId", key.id);
  await next();
});

const keyOf = (db: Env["Variables"]["deps"]["db"], hash: string) =>
  db
    .select({ id: apiKeys.id, lastUsedAt: apiKeys.lastUsedAt })
    .from(apiKeys)
    .where(and(eq(apiKeys.hash, hash), isNull(apiKeys.revokedAt)));

/**
 * `POST /imports`: the dealer's exports, as `multipart/form-data` with any number of files, or one file as `text/csv` with
 * `?file=invoices.csv`. Says what is new, changed, unchanged and wrong; loads it with `?apply=1`. Sending the same again
 * changes nothing, so an unclear answer is no trouble.
 */
api.post("/imports", async (c) => {
  const { db, now, ports } = c.var.deps;
  const body = await limitedBody(c.req.raw);
  if (body === null)
    return c.json({ error: "That is more than 10 MB. Send the files one at a time, or in parts." }, 413);
  const files = await filesIn(c.req.header("Content-Type") ?? "", c.req.query("file") ?? "", body);
  if (typeof files === "string") return c.json({ error: files }, 400);
  const report = await runImport({ db, now }, files, {
    apply: c.req.query("apply") === "1",
    by: c.var.apiKeyId,
    async keepWrongRows(id, csv) {
      try {
        await ports.files.put(wrongRowsKey(id), new TextEncoder().encode(csv), "text/csv; charset=utf-8");
        return wrongRowsKey(id);
      } catch (error) {
        // The answer names every wrong row as well, so that the rows are not lost with the file.
        if (error instanceof VendorTrouble) return null;
        throw error;
      }
    },
  });
  if (!report.ok) return c.json({ error: report.sentences.join(" ") }, 422);
  if (report.id) await useCreditsSoon(c.var.deps);
  return c.json(report.id ? { id: report.id, ...asJson(report) } : asJson(report));
});

/** `GET /imports/:id/wrong-rows.csv`: the wrong rows of an import that was loaded, with reasons. */
api.get("/imports/:id/wrong-rows.csv", async (c) => {
  const { db, ports } = c.var.deps;
  const id = c.req.param("id");
  const { found } = isId("imp", id)
    ? await readAll(db, { found: db.select({ key: imports.wrongRowsKey }).from(imports).where(eq(imports.id, id)) })
    : { found: [] };
  const file = found[0]?.key ? await ports.files.read(found[0].key) : null;
  if (!file) return c.json({ error: "There is no such file: no import of that id, or it had no wrong rows." }, 404);
  return c.body(new Uint8Array(file.bytes).buffer, 200, {
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Disposition": `attachment; filename="wrong-rows-${id}.csv"`,
  });
});

/**
 * `GET /contact-changes?after=con_…`: what customers changed about how they are reached, 500 at most, in the order of their
 * ids. Keep `next` and send it as `after` the next time; without it the answer begins with the first change. `more` says
 * that the next 500 wait already. A change is handed out once it is a minute old.
 */
api.get("/contact-changes", async (c) => {
  const { db, now } = c.var.deps;
  const after = c.req.query("after") ?? "";
  if (after !== "" && !isId("con", after))
    return c.json({ error: "`after` is the `next` of the answer before, or nothing." }, 400);
  const { found } = await readAll(db, { found: contactChangesAfter(db, after, now) });
  return c.json(asAnswer(found, after));
});

/**
 * `GET /payments?after=17&limit=100`: money that moved in the portal (payments, refunds, debits taken back, credits that
 * the office gave), each as one line, once, 500 at most, in the order of their ids. Keep `next` and send it as `after` the
 * next time; without it the answer begins with the first line. `more` says that further lines wait already. A line's
 * `fetched_at` is when it was first handed out.
 */
api.get("/payments", async (c) => {
  const { db, now, dealer } = c.var.deps;
  const [after = "0", limit = String(LINES_PER_ANSWER)] = [c.req.query("after") || undefined, c.req.query("limit")];
  if (!/^\d{1,15}$/.test(after))
    return c.json({ error: "`after` is the `next` of the answer before, or nothing." }, 400);
  const most = /^\d{1,4}$/.test(limit) ? Number(limit) : 0;
  if (most < 1 || most > LINES_PER_ANSWER)
    return c.json({ error: `\`limit\` is a number from 1 to ${LINES_PER_ANSWER}, or nothing.` }, 400);
  const { found } = await readAll(db, { found: linesAfter(db, Number(after), most + 1) });
  const lines = found.slice(0, most);
  const next = lines.at(-1)?.id ?? Number(after);
  if (lines.some((line) => line.fetchedAt === null))
    await markFetched({ db, now }, { after: Number(after), last: next, by: c.var.apiKeyId });
  return c.json({
    lines: lines.map((line) => ({
      ...lineAsJson(line, dealer.timeZone),
      fetched_at: isoTime(line.fetchedAt ?? now),
    })),
    next,
    more: found.length > lines.length,
  });
});

const wrongRowsKey = (id: string): string => `imports/${id}/wrong-rows.csv`;

/** A request's body, or null as soon as it is larger than we take, whatever its headers say. */
async function limitedBody(request: Request): Promise<Uint8Array<ArrayBuffer> | null> {
  if (Number(request.headers.get("Content-Length") ?? 0) > LARGEST_BODY) return null;
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of request.body ?? []) {
    size += chunk.length;
    if (size > LARGEST_BODY) return null;
    chunks.push(chunk);
  }
  const body = new Uint8Array(size);
  for (let at = 0; chunks.length > 0; ) {
    const chunk = chunks.shift()!;
    body.set(chunk, at);
    at += chunk.length;
  }
  return body;
}

/** The files of a body, or a sentence when there are none to be had from it. */
async function filesIn(type: string, name: string, body: Uint8Array<ArrayBuffer>): Promise<ImportFile[] | string> {
  if (/^(text|application)\/csv\b/i.test(type)) return [{ name, text: decodeText(body) }];
  if (!/^multipart\/form-data\b/i.test(type))
    return "Send the exports as multipart/form-data, or one of them as text/csv.";
  try {
    const form = await new Response(body, { headers: { "Content-Type": type } }).formData();
    const files: ImportFile[] = [];
    for (const value of form.values()) {
      if (typeof value !== "string")
        files.push({ name: value.name, text: decodeText(new Uint8Array(await value.arrayBuffer())) });
    }
    return files.length > 0 ? files : "There is no file in this form.";
  } catch (error) {
    if (error instanceof TypeError) return "The form cannot be read.";
    throw error;
  }
}

/** New invoices may use waiting credit. Losing this is harmless: the night does the same. */
async function useCreditsSoon({ ports, dealer }: Deps): Promise<void> {
  try {
    await ports.jobs.send([{ type: "credits.sweep", dealer: dealer.slug, after: null }]);
  } catch (error) {
    if (!(error instanceof VendorTrouble)) throw error;
  }
}
