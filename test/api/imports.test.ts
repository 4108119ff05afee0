import { Hono } from "hono";
import { expect, test } from "vitest";
import { api } from "../../src/api/routes.ts";
import type { Env } from "../../src/context.ts";
import type { Deps } from "../../src/dealer.ts";
import { sha256 } from "../../src/ids.ts";
import { VendorTrouble } from "../../src/ports.ts";
import { csv, dealerDatabase, NOW, sampleExport } from "../office/import-database.ts";

const KEY = "imp_aVeryLongSecretOfTheBackOffice_123456";

/** The API of one dealer, with a key of the back office and one that has been revoked. */
async function backOffice(files: Partial<Deps["ports"]["files"]> = {}) {
  const t = await dealerDatabase();
  for (const [id, secret, revoked] of [
    ["key_1", KEY, "null"],
    ["key_2", `${KEY}_old`, "1"],
  ] as const) {
    await t.execute(
      `insert into api_keys (id, name, hash, created_at, revoked_at) values ('${id}', 'Back office', '${await sha256(secret)}', 1, ${revoked})`,
    );
  }
  const kept = new Map<string, { bytes: Uint8Array; contentType: string }>();
  const ports = {
    jobs: { send: async () => {} },
    files: {
      put: async (key: string, bytes: Uint8Array, contentType: string) => void kept.set(key, { bytes, contentType }),
      read: async (key: string) => kept.get(key) ?? null,
      ...files,
    },
  };
  const app = new Hono<Env>();
  app.use(async (c, next) => {
    c.set("deps", { db: t.db, ports, dealer: { slug: "test" }, now: NOW, today: "2026-11-20" } as unknown as Deps);
    await next();
  });
  app.route("/api/v1", api);
  const send = (path: string, body: BodyInit | null, headers: Record<string, string> = {}) =>
    app.request(`/api/v1${path}`, {
      method: body === null ? "GET" : "POST",
      body,
      headers: { Authorization: `Bearer ${KEY}`, ...headers },
      ...(body instanceof ReadableStream ? { duplex: "half" } : {}),
    } as RequestInit);
  return { t, send, kept };
}

const form = (files: { name: string; text: string }[]) => {
  const data = new FormData();
  for (const { name, text } of files) data.append("files", new File([text], name, { type: "text/csv" }));
  return data;
};

test("without a key that stands there is no answer but 401, and nothing is read or written", async () => {
  const { t, send } = await backOffice();
  const before = await t.everything();
  for (const authorization of [
    "",
    "Bearer",
    "Bearer imp_wrong_wrong_wrong",
    `Bearer ${KEY}_old`,
    `Basic ${KEY}`,
    KEY,
    `Bearer ${KEY} x`,
  ]) {
    const answer = await send("/imports?apply=1", form(sampleExport()), { Authorization: authorization });
    expect([answer.status, await answer.json()], authorization).toEqual([
      401,
      { error: expect.stringContaining("Authorization: Bearer") },
    ]);
    expect(answer.headers.get("WWW-Authenticate")).toContain("Bearer");
  }
  expect((await send(`/imports?key=${KEY}`, form(sampleExport()), { Authorization: "" })).status).toBe(401);
  expect((await send("/imports", form(sampleExport()), { Authorization: "", Cookie: `key=${KEY}` })).status).toBe(401);
  expect((await send("/imports/imp_1/wrong-rows.csv", null, { Authorization: "" })).status).toBe(401);
  expect(await t.everything()).toEqual(before);
});

test("several files at once are compared, and loaded when asked; the key's use is noted", async () => {
  const { t, send } = await backOffice();
  const dry = await send("/imports", form(sampleExport()), { Authorization: `bearer ${KEY}` });
  expect(dry.status).toBe(200);
  const compared = (await dry.json()) as Record<string, unknown>;
  expect(Object.keys(compared)).toEqual(["files", "total", "skipped"]);
  expect(await t.rows("select * from accounts")).toEqual([]);
  expect(await t.rows("select last_used_at from api_keys where id = 'key_1'")).toEqual([{ last_used_at: NOW }]);

  const loaded = await send("/imports?apply=1", form(sampleExport()));
  const { id, ...report } = (await loaded.json()) as { id: string; files: Record<string, { wrongRows: unknown[] }> };
  expect(report).toEqual(compared);
  expect(report.files["customers.csv"]!.wrongRows[1]).toEqual({
    row: 15,
    column: "Email",
    reason: '"not-an-email" is not an e-mail address',
  });
  expect(await t.rows("select id, by from imports")).toEqual([{ id, by: "key_1" }]);

  const again = (await (await send("/imports?apply=1", form(sampleExport()))).json()) as { total: unknown };
  expect(again.total).toMatchObject({ new: 0, changed: 0, wrong: 7 });
});

test("the wrong rows of a loaded import are kept as a file for whoever has the key", async () => {
  const { send, kept } = await backOffice();
  const { id } = (await (await send("/imports?apply=1", form(sampleExport()))).json()) as { id: string };
  const file = await send(`/imports/${id}/wrong-rows.csv`, null);
  expect(file.status).toBe(200);
  expect(file.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
  expect(file.headers.get("Content-Disposition")).toBe(`attachment; filename="wrong-rows-${id}.csv"`);
  const text = await file.text();
  expect(text.trim().split("\r\n")).toHaveLength(8);
  expect(text).toContain("payments.csv,29,Applied,");
  expect([...kept.keys()]).toEqual([`imports/${id}/wrong-rows.csv`]);
  for (const other of ["imp_00000000000000000000", "..%2F..%2Fsecret", "x"]) {
    expect((await send(`/imports/${other}/wrong-rows.csv`, null)).status, other).toBe(404);
  }
});

test("an import without wrong rows has no such file, and one whose file cannot be kept is loaded all the same", async () => {
  const good = [csv("customers.csv", "Customer #,Name", "1,Ada")];
  const bad = [csv("customers.csv", "Customer #,Name,Email", "2,Ben,nonsense", "3,Cid,")];
  const first = await backOffice();
  const { id } = (await (await first.send("/imports?apply=1", form(good))).json()) as { id: string };
  expect((await first.send(`/imports/${id}/wrong-rows.csv`, null)).status).toBe(404);
  const second = await backOffice({ put: () => Promise.reject(new VendorTrouble("R2", null)) });
  const answer = await second.send("/imports?apply=1", form(bad));
  expect(await answer.json()).toMatchObject({ total: { new: 1, wrong: 1 } });
  expect(await second.t.rows("select number from accounts")).toEqual([{ number: "3" }]);
});

test("one file may come as it is, named in the address or told by its headings", async () => {
  const { t, send } = await backOffice();
  const body = "Customer #,Account Name\r\n1,Núñez\r\n";
  const named = await send("/imports?file=customers.csv&apply=1", body, { "Content-Type": "text/csv; charset=utf-8" });
  expect(await named.json()).toMatchObject({ files: { "customers.csv": { new: 1 } }, skipped: [] });
  const told = await send("/imports", body, { "Content-Type": "text/csv" });
  expect(await told.json()).toMatchObject({ files: { "file.csv": { unchanged: 1 } } });
  const path = await send("/imports?file=..%2F..%2Fcustomers.csv", body, { "Content-Type": "text/csv" });
  expect(await path.json()).toMatchObject({ files: { "customers.csv": { unchanged: 1 } } });
  expect(await t.rows("select name from accounts")).toEqual([{ name: "Núñez" }]);
});

test("what cannot be imported is refused with a sentence", async () => {
  const { t, send } = await backOffice();
  const cases: [BodyInit, Record<string, string>, number, string][] = [
    ["{}", { "Content-Type": "application/json" }, 400, "multipart/form-data"],
    ["nonsense", { "Content-Type": "multipart/form-data; boundary=x" }, 400, "cannot be read"],
    [new FormData(), {}, 400, "no file"],
    ["PK\u0003\u0004", { "Content-Type": "text/csv" }, 422, "is a workbook"],
    ["Account,Event\n1,2\n", { "Content-Type": "text/csv" }, 422, "nothing to import in file.csv"],
    [form([csv("invoices.csv", "Rechnung,Betrag", "1,2")]), {}, 422, "no column that is clearly the invoice number"],
  ];
  for (const [body, headers, status, words] of cases) {
    const answer = await send("/imports?apply=1", body, headers);
    expect([answer.status, await answer.json()], words).toEqual([status, { error: expect.stringContaining(words) }]);
  }
  expect(await t.rows("select * from imports")).toEqual([]);
});

test("more than 10 MB is refused by what it says and by what it is, without reading to the end", async () => {
  const { t, send } = await backOffice();
  const said = await send("/imports", "x", { "Content-Type": "text/csv", "Content-Length": String(26 * 1024 * 1024) });
  expect(said.status).toBe(413);
  const block = new Uint8Array(1024 * 1024).fill(65);
  for (const headers of [{}, { "Content-Length": "5" }] as Record<string, string>[]) {
    let sent = 0;
    const endless = new ReadableStream({
      pull(controller) {
        sent++;
        controller.enqueue(block);
      },
    });
    const answer = await send("/imports", endless, { "Content-Type": "text/csv", ...headers });
    expect([answer.status, await answer.json()]).toEqual([413, { error: expect.stringContaining("10 MB") }]);
    expect(sent).toBeLessThan(30);
  }
  expect(await t.rows("select * from imports")).toEqual([]);
});
