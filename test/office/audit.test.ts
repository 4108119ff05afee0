import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { ACTIONS } from "../../views/office/event-words.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";

const RUTH = "ruth@cedarridge.example.com";

type Event = { key: string; action: string; at: number; by?: string; account?: string; detail?: object };

/** Adds events by hand, the oldest first. */
async function happened(t: TestPortal, events: Event[]): Promise<void> {
  for (const { key, action, at, by = "sweep", account = "", detail } of events)
    await t.rows(
      "insert into events (key, action, account_id, by, at, detail) values (?, ?, (select id from accounts where number = ?), ?, ?, nullif(?, ''))",
      key,
      action,
      account,
      by,
      at,
      detail ? JSON.stringify(detail) : "",
    );
}

const userId = async (t: TestPortal, email: string) =>
  (await t.row<{ id: string }>("select id from users where email = ?", email)).id;

/** The rows of the table, cell by cell, as they are read. */
const rowsOn = (html: string): string[][] =>
  [...(/<tbody>([\s\S]*?)<\/tbody>/.exec(html)?.[1] ?? "").matchAll(/<tr>([\s\S]*?)<\/tr>/g)].map((row) =>
    [...row[1]!.matchAll(/<t[hd][^>]*>([\s\S]*?)<\/t[hd]>/g)].map((cell) =>
      cell[1]!
        .replace(/<[^>]+>/g, "")
        .replaceAll("&#39;", "'")
        .trim(),
    ),
  );

/** All rows of a list, page by page. */
async function everyRow(browser: TestBrowser, path: string): Promise<string[][]> {
  const all: string[][] = [];
  for (let next: string | undefined = path, pages = 0; next; pages++) {
    expect(pages).toBeLessThan(50);
    const { html }: { html: string } = await browser.get(next);
    all.push(...rowsOn(html));
    next = /href="([^"]+)" rel="next"/.exec(html)?.[1]?.replaceAll("&amp;", "&");
  }
  return all;
}

describe("the audit trail", () => {
  test("shows what was done about no customer in particular: settings, the webhook's secret, the worklist, the export", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    t.clock.now += 60;
    await ruth.post("/office/payment-methods/rule", { at_once: "1" });
    await ruth.post("/office/webhook/secret", {});
    await t.rows(
      "insert into worklist (id, kind, subject_id, opened_at) values ('job_gave_up:x', 'job_gave_up', 'x', ?)",
      t.clock.now,
    );
    await ruth.post("/office/worklist/closing", { id: "job_gave_up:x" });
    await ruth.post("/office/export", {});
    const rows = rowsOn((await ruth.get("/office/audit?group=office&who=staff")).html);
    expect(rows.map(([what, customer, when, who]) => [what, customer, when, who])).toEqual(
      ["Export fetched", "Taken off the worklist", "New webhook secret", "Money settings changed"].map((what) => [
        what,
        "",
        "Dec 1, 2026, 10:01 AM",
        "Ruth Calloway",
      ]),
    );
    expect(rows[3]![5]).toBe("customers remove methods: yes");
    expect(rows[1]![5]).toBe("work: job_gave_up:x");
  });

  test("says how much and why, on the customer's own page too", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    const here = "/office/accounts/CR-10052";
    const form = formOn((await ruth.get(`${here}/money`)).html, `${here}/credits`);
    form.set("amount", "12.50");
    form.set("reason", "goodwill");
    await ruth.post(`${here}/credits`, form);
    for (const path of [`/office/audit?account=CR-10052&who=staff`, here]) {
      const credit = rowsOn((await ruth.get(path)).html.split("Lately").at(-1)!).find(
        ([what]) => what === "Credit given",
      )!;
      expect(credit).toContain("Ruth Calloway");
      expect(credit).toContain("$12.50");
      expect(credit.at(-1)).toContain("goodwill");
    }
  });

  test("is asked for by what it is about, whom, and who did it", async () => {
    const t = await portal();
    const [dana, ruthId] = [await userId(t, "dana@example.com"), await userId(t, RUTH)];
    const at = t.clock.now + 10;
    await happened(t, [
      { key: "a", action: "refund.started", at, by: ruthId, account: "CR-10021", detail: { cents: 500, reason: "x" } },
      { key: "b", action: "session.started", at, by: dana },
      {
        key: "c",
        action: "user.role_changed",
        at,
        by: dana,
        account: "CR-10021",
        detail: { user: dana, role: "owner" },
      },
      { key: "d", action: "message.sent", at, by: "queue", account: "CR-10021" },
      { key: "e", action: "refund.started", at, by: ruthId, account: "CR-10052", detail: { cents: 700, reason: "y" } },
    ]);
    const ruth = await t.as(RUTH);
    const newest = async (query: string) =>
      rowsOn((await ruth.get(`/office/audit?${query}`)).html).map(([what]) => what);
    expect((await newest("")).slice(0, 4)).toEqual(["Signed in", "Tried to sign in", "Refund started", "Message sent"]);
    expect((await newest("who=staff&group=payments")).slice(0, 2)).toEqual(["Refund started", "Refund started"]);
    expect((await newest("who=customers")).slice(0, 2)).toEqual(["User's role changed", "Signed in"]);
    expect((await newest("who=machine&group=machine"))[0]).toBe("Message sent");
    expect(await newest(`who=${dana}&group=people`)).toEqual(["User's role changed", "Signed in"]);
    const ofDana = rowsOn((await ruth.get("/office/audit?account=CR-10021")).html);
    expect(ofDana.slice(0, 3).map(([what]) => what)).toEqual(["Message sent", "User's role changed", "Refund started"]);
    expect(ofDana[1]!.at(-1)).toBe("about Dana Okafor, role: owner");
    expect(ofDana.every(([, whose]) => whose!.startsWith("CR-10021"))).toBe(true);
    expect((await ruth.get("/office/audit?account=CR-99999")).html).toContain("Nothing like that.");
    expect((await ruth.get(`/office/audit?who=${dana}`)).html).toMatch(
      /<option value="usr_\w+" selected="">Dana Okafor/,
    );
  });

  test("goes on page by page, nothing twice and nothing left out, for everybody and for one customer", async () => {
    const t = await portal();
    const at = t.clock.now;
    await happened(
      t,
      Array.from({ length: 120 }, (_, i) => ({
        key: `x${i}`,
        action: "credit.given",
        at: at + Math.floor(i / 50),
        account: "CR-10052",
        detail: { cents: 10_000 + i },
      })),
    );
    t.clock.now += 60;
    const ruth = await t.as(RUTH);
    for (const path of ["/office/audit", "/office/audit?account=CR-10052", "/office/audit?group=payments"]) {
      const amounts = (await everyRow(ruth, path)).map((row) => row[4]!).filter((amount) => /^\$10[01]\./.test(amount));
      expect(amounts, path).toHaveLength(120);
      expect(new Set(amounts).size, path).toBe(120);
      expect(amounts[0], path).toBe("$101.19");
    }
  });

  test("looks through so much at a time and no more, says so, and goes on from there", async () => {
    const t = await portal();
    await happened(t, [{ key: "old", action: "master.set", at: t.clock.now, detail: { master: "CR-1" } }]);
    await t.rows(
      "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20100) insert into events (key, action, by, at) select 'n' || i, 'stripe.event', 'stripe', ? from n",
      t.clock.now,
    );
    const ruth = await t.as(RUTH);
    const first = await ruth.get("/office/audit?group=people&who=sweep");
    expect(first.html).toContain("Nothing like that among the latest 20,000 events.");
    expect((await everyRow(ruth, "/office/audit?group=people&who=sweep")).map(([what]) => what)).toContain(
      "Master account set",
    );
  });

  test("is a file for a spreadsheet too", async () => {
    const t = await portal();
    await happened(t, [
      {
        key: "refund.started:ref_1",
        action: "refund.started",
        at: t.clock.now,
        by: await userId(t, RUTH),
        account: "CR-10052",
        detail: { cents: 123456, reason: '=1+1 "twice"' },
      },
    ]);
    const ruth = await t.as(RUTH);
    const file = await ruth.get("/office/audit.csv?account=CR-10052&who=staff");
    expect(file.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    const [headings, row, ...rest] = file.html.replace("\uFEFF", "").trim().split("\r\n");
    expect(headings).toBe("At (UTC),What,Customer number,Customer,Who,Amount,Reason,More,Event");
    expect(row).toBe(
      `2026-12-01T15:00:00Z,Refund started,CR-10052,Priya Raman,Ruth Calloway,1234.56,"'=1+1 ""twice""",,refund.started:ref_1`,
    );
    expect(rest).toEqual([]);
  });

  test("has words for every action that the code writes, under one heading each", () => {
    const files = (readdirSync("src", { recursive: true }) as string[]).filter((name) => /\.tsx?$/.test(name));
    const written = files.flatMap((name) =>
      [...readFileSync(join("src", name), "utf8").matchAll(/\baction: "([a-z_.]+)"/g)].map((match) => match[1]!),
    );
    expect(written.length).toBeGreaterThan(70);
    const known = Object.values(ACTIONS).flatMap((group) => Object.keys(group));
    expect(new Set(known).size).toBe(known.length);
    expect([...new Set(written)].filter((action) => !known.includes(action))).toEqual([]);
  });
});
