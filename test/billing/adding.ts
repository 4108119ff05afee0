import { expect } from "vitest";
import { formOn, type TestBrowser, type TestPortal } from "../setup.ts";
import { sweep } from "./aftermath.ts";
import { atTheBank } from "./customer.ts";

/** What a person types at the bank's page when they add a method. */
const ADDRESS = { line1: "1 Demonstration Way", city: "Springvale", state: "OH", postal_code: "45000" };

/** The form that adds a method, filled in and agreed to. */
export async function readyToAdd(
  browser: TestBrowser,
  kind: "card" | "bank",
  wish: { usual?: boolean; instead?: string } = {},
): Promise<URLSearchParams> {
  const page = await browser.get(`/payment-methods/new${wish.instead ? `?instead=${wish.instead}` : ""}`);
  expect(page.status).toBe(200);
  const form = formOn(page.html, "/payment-methods");
  form.set("kind", kind);
  form.set("agree", "yes");
  if (wish.usual) form.set("usual", "1");
  return form;
}

/** Sends it; answers the setup's id and the bank's page. */
export async function startAdding(
  browser: TestBrowser,
  kind: "card" | "bank" = "card",
  wish: Parameters<typeof readyToAdd>[2] = {},
) {
  const form = await readyToAdd(browser, kind, wish);
  const answer = await browser.post("/payment-methods", form);
  expect(answer.status).toBe(303);
  return { setupId: form.get("setup_id")!, url: answer.headers.get("Location")!, form };
}

/** Types a test card at the bank's page; answers where that leads back to. */
export const typeNewCard = (t: TestPortal, url: string, card = "pm_card_visa", more: Record<string, string> = {}) =>
  atTheBank(t, url, { kind: "card", card_case: card, ...ADDRESS, ...more });

/** The same with a bank account, verified at once or by small deposits. */
export const typeNewAccount = (t: TestPortal, url: string, verify: "" | "deposits" = "") =>
  atTheBank(t, url, { kind: "us_bank_account", account_case: "pm_usBankAccount_success", verify, ...ADDRESS });

/** Adds a method and comes back to the portal. */
export async function addMethod(t: TestPortal, browser: TestBrowser, kind: "card" | "bank" = "card", card?: string) {
  const { url, setupId } = await startAdding(browser, kind);
  const back = kind === "card" ? await typeNewCard(t, url, card) : await typeNewAccount(t, url);
  const answer = await browser.get(back);
  expect(answer.headers.get("Location")).toBe("/payment-methods?said=added");
  return setupId;
}

/** Types the small deposits in where the bank asks for them. */
export async function typeDeposits(t: TestPortal, url: string, first: number, second: number) {
  const body = new URLSearchParams({ first: String(first), second: String(second) });
  return t.bank.fetch(new Request(url, { method: "POST", body }));
}

export type MethodRow = {
  id: string;
  kind: string;
  brand: string;
  last_four: string;
  is_default: number;
  expires_month: number | null;
  expires_year: number | null;
  removal_requested_at: number | null;
  removed_at: number | null;
  detached_at: number | null;
  blocked: string | null;
  stripe_payment_method_id: string;
};

/** All rows of an account's methods, those off the books too, the oldest first. */
export const methodRows = (t: TestPortal, account: string) =>
  t.rows<MethodRow>(
    "select * from payment_methods where account_id = (select id from accounts where number = ?) order by saved_at, rowid",
    account,
  );

/** What is on file. */
export const onFile = async (t: TestPortal, account: string) =>
  (await methodRows(t, account)).filter((method) => method.removed_at === null);

/** What the bank remembers of a method. */
export const atBank = (t: TestPortal, token: string): { customer: string | null; billing_details: unknown } =>
  JSON.parse(t.bank.saveState()).books["cedar-ridge"].methods[token];

/** Letters about cards and bank accounts that have gone out, by their subjects; others' business makes letters too. */
export const subjects = (t: TestPortal) =>
  t.outbox
    .map((mail) => mail.subject)
    .filter((subject) => /on file|verif|expires soon|any more|is removed|guardada/.test(subject));

/** Time passes; sweeps run, and webhooks come or not. */
export async function later(t: TestPortal, seconds: number, webhooks = true): Promise<void> {
  t.clock.now += seconds;
  await t.bank.tick();
  if (webhooks) await t.bank.drainWebhooks();
  await sweep(t);
}

/** The form that takes a method off, as it stands on the page. */
export const removalForm = (html: string, id: string) => formOn(html, `/payment-methods/${id}/removal`);
