import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { assets, style } from "../../views/assets.gen.ts";
import { portal, type TestPortal } from "../setup.ts";
import { samplesOf } from "./people.ts";

/** The first burst that a server may send before it has heard back: ten segments. https://www.rfc-editor.org/rfc/rfc6928 */
const FIRST_BURST_BYTES = 14_000;
const PAGE_BYTES = 8_000;
const BEYOND_STYLE_BYTES = 3 * 1024;
const SCRIPT_BYTES = 20_000;

const gzipped = (text: string): number => gzipSync(text, { level: 9 }).length;

/** What a page costs: status line, headers with those that the edge adds, and the compressed body. */
function onTheWire(answer: Response & { html: string }): number {
  const headers = [...answer.headers, ["content-encoding", "gzip"], ["date", "Tue, 01 Dec 2026 15:00:00 GMT"]];
  const head = `HTTP/1.1 ${answer.status} OK\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join("")}\r\n`;
  return Buffer.byteLength(head) + gzipped(answer.html);
}

const figures: string[] = [];
afterAll(() => {
  process.stdout.write(`${figures.join("\n")}\n`);
});

/** Gives Priya as many open invoices as make two dozen, with a site each. */
async function manyOpen(t: TestPortal): Promise<void> {
  const { id, site, count } = await t.row<{ id: string; site: string; count: number }>(
    `select a.id, (select id from sites where account_id = a.id) site,
       (select count(*) from invoices where account_id = a.id and status = 'sent' and allocated_cents < total_cents) count
     from accounts a where number = 'CR-10052'`,
  );
  for (let n = count; n < 24; n++) {
    const month = String((n % 12) + 1).padStart(2, "0");
    await t.rows(
      `insert into invoices (id, account_id, site_id, number, kind, status, issued_on, due_on, total_cents)
       values (?, ?, ?, ?, 'recurring', 'sent', ?, ?, ?)`,
      `inv_00000000000000000${String(n).padStart(3, "0")}`,
      id,
      site,
      `INV-9${1000 + 37 * n}`,
      `2025-${month}-01`,
      `2025-${month}-21`,
      3995 + 13 * n,
    );
  }
}

describe("a page on a slow line", () => {
  test("fits the first burst, headers and all, also with two dozen open invoices", async () => {
    const t = await portal();
    await manyOpen(t);
    const priya = await t.as("priya@example.com");
    const { invoice, payment } = await samplesOf(t, "CR-10052");
    const due = await priya.get("/invoices");
    expect([...due.html.matchAll(/name="pay"/g)].length).toBe(24);
    const stranger = t.browser();
    const pages = {
      dashboard: await priya.get("/"),
      "invoices due (24)": due,
      "paid invoices": await priya.get("/invoices/paid"),
      "all invoices": await priya.get("/invoices/all"),
      invoice: await priya.get(`/invoices/${invoice}`),
      payments: await priya.get("/payments"),
      payment: await priya.get(`/payments/${payment}`),
      receipts: await priya.get("/receipts"),
      receipt: await priya.get(`/receipts/${payment}`),
      "sign in": await stranger.get("/sign-in"),
      "wrong password": await stranger.post("/sign-in", { email: "priya@example.com", password: "wrong" }),
      "contact us": await stranger.get("/contact-us"),
      "not found": await priya.get("/invoices/INV-0"),
      "refused form": await priya.post("/payments", {}, { Origin: "https://evil.test" }),
      office: await (await t.as("ruth@cedarridge.example.com")).get("/office"),
    };
    const styleBytes = gzipped(style);
    figures.push(`style sheet: ${styleBytes} bytes gzip of each page below`);
    for (const [name, page] of Object.entries(pages)) {
      const bytes = onTheWire(page);
      const beyondStyle = gzipped(page.html) - styleBytes;
      figures.push(`${name}: ${bytes} bytes with headers; the body is ${beyondStyle} beyond the style`);
      expect(page.headers.get("Content-Type"), name).toMatch(/^text\/html/);
      expect(bytes, name).toBeLessThanOrEqual(FIRST_BURST_BYTES);
      expect(bytes, name).toBeLessThanOrEqual(PAGE_BYTES);
      expect(beyondStyle, name).toBeLessThanOrEqual(BEYOND_STYLE_BYTES);
    }
  });

  test("asks for one script at most, and nothing from anywhere else", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const { invoice, payment } = await samplesOf(t, "CR-10052");
    for (const address of [
      "/",
      "/invoices",
      "/invoices/paid",
      `/invoices/${invoice}`,
      `/receipts/${payment}`,
      "/nowhere",
    ]) {
      const { html } = await priya.get(address);
      const loaded = [
        ...html.matchAll(
          /<(script|img|iframe|video|audio|source|embed|object|link)\b[^>]*?\b(?:src|href|data)="([^"]*)"/g,
        ),
      ].map(([, tag, url]) => `${tag} ${url}`);
      expect(
        loaded.filter((one) => !one.startsWith("script ")),
        address,
      ).toEqual(["link data:,"]);
      expect(
        loaded.filter((one) => one.startsWith("script ")),
        address,
      ).toEqual([`script ${assets["app.js"]}`]);
      expect(html, address).toMatch(/<script defer/);
      expect(html, address).not.toMatch(/@import|url\((?!data:)/);
    }
  });
});

test("the script is small, and cached for a year under a name that changes with it", () => {
  const folder = resolve(import.meta.dirname, "../../dist/static");
  const script = readFileSync(join(folder, assets["app.js"]));
  const bytes = brotliCompressSync(script, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }).length;
  figures.push(`script with htmx: ${bytes} bytes brotli`);
  expect(bytes).toBeLessThanOrEqual(SCRIPT_BYTES);
  expect(assets["app.js"]).toMatch(/^\/assets\/app\.[0-9a-f]{10}\.js$/);
  expect(readFileSync(join(folder, "_headers"), "utf8")).toMatch(
    /\/assets\/\*\n {2}Cache-Control: public, max-age=31536000, immutable/,
  );
  // `new Function` and `eval` are what the CSP would stop; htmx uses them only for what we do not write.
  expect(readFileSync(resolve(folder, "../../static/app.js"), "utf8")).not.toMatch(/\beval\(|new Function/);
});
