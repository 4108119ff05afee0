import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";
import { afterAll, describe, expect, test } from "vitest";
import { ACCOUNTS_PER_PAGE } from "../../src/auth/accounts.ts";
import { MOST_USERS } from "../../src/auth/invite-user.ts";
import { newId, sha256 } from "../../src/ids.ts";
import { assets, style } from "../../views/assets.gen.ts";
import { portal, type TestPortal } from "../setup.ts";
import { liveLink, samplesOf } from "./people.ts";

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

/** Gives Priya's account as many users as one has, and Priya as many accounts as a page lists. */
async function manyPeople(t: TestPortal): Promise<void> {
  const { account, user } = await t.row<{ account: string; user: string }>(
    "select a.id account, user_id user from accounts a join memberships on account_id = a.id where number = 'CR-10052'",
  );
  for (let n = 1; n < MOST_USERS; n++) {
    await t.rows(
      "insert into users (id, email, name, created_at) values (?, ?, ?, 0)",
      newId("usr", n),
      `person.${n * 7919}@example.com`,
      `Person ${n * 31}`,
    );
    await t.rows(
      "insert into memberships (user_id, account_id, role, created_at, active_since) select id, ?, 'viewer', 0, nullif(?, 0) from users where name = ?",
      account,
      n % 3,
      `Person ${n * 31}`,
    );
  }
  for (let n = 1; n <= ACCOUNTS_PER_PAGE; n++) {
    const id = newId("acc", n);
    await t.rows(
      "insert into accounts (id, number, name, status, created_at) values (?, ?, ?, 'active', 0)",
      id,
      `CR-2${n * 37}`,
      `Property at ${n * 13} Main St`,
    );
    await t.rows(
      "insert into memberships (user_id, account_id, role, created_at, active_since) values (?, ?, 'billing', 9e9, 0)",
      user,
      id,
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
      "payment methods": await priya.get("/payment-methods"),
      "new payment method": await priya.get("/payment-methods/new"),
      receipt: await priya.get(`/receipts/${payment}`),
      "sign in": await stranger.get("/sign-in"),
      "wrong password": await stranger.post("/sign-in", { email: "priya@example.com", password: "wrong" }),
      "contact us": await stranger.get("/contact-us"),
      "not found": await priya.get("/invoices/INV-0"),
      "refused form": await priya.post("/payments", {}, { Origin: "https://evil.test" }),
      office: await (await t.as("ruth@cedarridge.example.com")).get("/office"),
    };
    figures.push(`style sheet: ${gzipped(style)} bytes gzip of each page below`);
    weigh(pages);
  });

  test("also with as many users and accounts as there can be on one", async () => {
    const t = await portal();
    await manyPeople(t);
    const priya = await t.as("priya@example.com");
    const { id } = await t.row<{ id: string }>("select id from users where name = 'Person 31'");
    const users = await priya.get("/users");
    expect([...users.html.matchAll(/"\/users\/usr_/g)].length).toBe(MOST_USERS);
    weigh({
      [`users (${MOST_USERS})`]: users,
      "refused user": await priya.post("/users", { email: "nobody", name: "Nobody", role: "viewer" }),
      user: await priya.get(`/users/${id}`),
      [`accounts (${ACCOUNTS_PER_PAGE})`]: await priya.get("/accounts"),
      invitation: await t.browser().get(`/invitations/${await liveLink(t, "invitation")}`),
      "dead invitation": await t.browser().get("/invitations/x"),
    });
  });

  test("also with all that somebody changed, and everywhere that they are signed in", async () => {
    const t = await portal();
    const { account, user } = await t.row<{ account: string; user: string }>(
      "select a.id account, user_id user from accounts a join memberships on account_id = a.id where number = 'CR-10052'",
    );
    for (let n = 1; n <= 50; n++) {
      await t.rows(
        "insert into sessions (id, user_id, account_id, device, created_at, expires_at) values (?, ?, ?, ?, ?, 9e9)",
        await sha256(`session ${n}`),
        user,
        account,
        `Firefox on ${["Android", "Windows", "Mac"][n % 3]}`,
        t.clock.now - n * 7919,
      );
      await t.rows(
        "insert into sign_ins (id, user_id, at, how, device) values (?, ?, ?, 'password', 'Safari on iPhone')",
        newId("sgn", n),
        user,
        t.clock.now - n * 6007,
      );
      await t.rows(
        "insert into contact_changes (id, account_id, user_id, field, before, after, at) values (?, ?, ?, 'line1', ?, ?, ?)",
        newId("con", n),
        account,
        user,
        `${n * 37} Larkspur Lane`,
        `${n * 53} Quarry Hill Road`,
        t.clock.now - n * 5003,
      );
    }
    const priya = await t.as("priya@example.com");
    const ruth = await t.as("ruth@cedarridge.example.com");
    weigh({
      profile: await priya.get("/profile?said=contact"),
      "devices (50)": await priya.get("/profile/sessions"),
      "contact details": await priya.get("/profile/contact"),
      "refused contact details": await priya.post("/profile/contact", { phone: "1", state: "x", zip: "x", line1: "" }),
      "change of password": await priya.get("/profile/password"),
      "change of address": await priya.get("/profile/email"),
      "contact changes (50)": await ruth.get("/office/contact-changes"),
    });
  });

  function weigh(pages: Record<string, Response & { html: string }>): void {
    const styleBytes = gzipped(style);
    for (const [name, page] of Object.entries(pages)) {
      const bytes = onTheWire(page);
      const beyondStyle = gzipped(page.html) - styleBytes;
      figures.push(`${name}: ${bytes} bytes with headers; the body is ${beyondStyle} beyond the style`);
      expect(page.headers.get("Content-Type"), name).toMatch(/^text\/html/);
      expect(bytes, name).toBeLessThanOrEqual(FIRST_BURST_BYTES);
      expect(bytes, name).toBeLessThanOrEqual(PAGE_BYTES);
      expect(beyondStyle, name).toBeLessThanOrEqual(BEYOND_STYLE_BYTES);
    }
  }

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
