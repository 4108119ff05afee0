import { expect } from "vitest";
import { formOn, type TestBrowser, type TestPortal } from "../setup.ts";

/** What a person does on the page of invoices due: amounts by invoice number, null where the amount stays as it stands. */
export type Wish = {
  invoices?: Record<string, string | null>;
  total?: string;
  everything?: boolean;
  /** The id of a saved method, `new_card` or `new_bank`; the one already chosen when not given. */
  method?: string;
  save?: boolean;
};

/** The paying form of a page, filled in as the person wishes. */
export function fillIn(html: string, wish: Wish): URLSearchParams {
  const form = formOn(html, "/payments");
  for (const [number, amount] of Object.entries(wish.invoices ?? {})) {
    if (!html.includes(`name="pay" value="${number}"`)) throw new Error(`${number} cannot be ticked on this page`);
    if (!form.getAll("pay").includes(number)) form.append("pay", number);
    if (amount !== null) form.set(`amount_${number}`, amount);
  }
  if (wish.total !== undefined) form.set("total", wish.total);
  if (wish.method) form.set("method", wish.method);
  if (wish.save) form.set("save", "1");
  if (wish.everything) form.set("everything", /name="everything" value="([\d.]+)"/.exec(html)![1]!);
  return form;
}

/** Opens the invoices due, fills the form in and has the total worked out: the form as it stands before the last press. */
export async function readyToPay(browser: TestBrowser, wish: Wish): Promise<URLSearchParams> {
  const page = await browser.get("/invoices");
  expect(page.status).toBe(200);
  const form = fillIn(page.html, wish);
  if (wish.everything) return form;
  const check = await browser.post("/payments", form);
  expect(check.status).toBe(200);
  expect(check.html).toMatch(/Nothing has been charged yet|Todavía no se ha cobrado nada/);
  return formOn(check.html, "/payments");
}

/** All of it, as without script: fill in, look at the total, press Pay. */
export async function pay(browser: TestBrowser, wish: Wish) {
  const form = await readyToPay(browser, wish);
  return { form, paymentId: form.get("payment_id")!, answer: await browser.post("/payments", form) };
}

/** From now on whoever comes to the bank waits there until so many have come: each has read what is due, none has held it. */
export function meetAtTheBank(t: TestPortal, count: number): void {
  const bank = t.bank.client;
  let arrived = 0;
  let open = () => {};
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  t.bank.client = async (input, init) => {
    if (++arrived === count) open();
    await all;
    return bank(input, init);
  };
}

/** Follows redirects within the portal to the page at their end. */
export async function follow(browser: TestBrowser, location: string | null) {
  let answer = await browser.get(new URL(location!, browser.origin).href);
  for (let hops = 0; answer.status === 303 && hops < 5; hops++) {
    answer = await browser.get(new URL(answer.headers.get("Location")!, browser.origin).href);
  }
  return answer;
}

/** Submits a form of the bank's own pages; answers where it sends the browser. */
export async function atTheBank(t: TestPortal, url: string, fields: Record<string, string>): Promise<string> {
  const answer = await t.bank.fetch(new Request(url, { method: "POST", body: new URLSearchParams(fields) }));
  expect(answer.status).toBe(303);
  return new URL(answer.headers.get("Location")!, url).href;
}

/** Types a test card, or a test bank account, at the hosted checkout. */
export const typeCard = (t: TestPortal, url: string, card = "pm_card_visa") =>
  atTheBank(t, url, { kind: "card", card_case: card });
export const typeAccount = (t: TestPortal, url: string, account = "pm_usBankAccount_success") =>
  atTheBank(t, url, { kind: "us_bank_account", account_case: account });

/** Makes an account's saved method behave like another of the bank's test cards or accounts. */
export async function methodBecomes(t: TestPortal, accountNumber: string, token: string): Promise<void> {
  const { id } = await t.row<{ id: string }>(
    `select stripe_payment_method_id id from payment_methods m join accounts a on a.id = m.account_id where a.number = ?`,
    accountNumber,
  );
  const state = JSON.parse(t.bank.saveState());
  state.books["cedar-ridge"].traits[id].token = token;
  t.bank.loadState(JSON.stringify(state));
}

export type InvoiceRow = {
  id: string;
  number: string;
  due_on: string;
  total_cents: number;
  allocated_cents: number;
  held_cents: number;
};

/** An account's open invoices, oldest due first. */
export const openInvoicesOf = (t: TestPortal, accountNumber: string) =>
  t.rows<InvoiceRow>(
    `select i.id, i.number, due_on, total_cents, allocated_cents, held_cents from invoices i join accounts a on a.id = i.account_id
      where a.number = ? and i.status = 'sent' and allocated_cents < total_cents order by due_on, i.number`,
    accountNumber,
  );

export const invoiceRow = (t: TestPortal, number: string) =>
  t.row<InvoiceRow>(
    "select id, number, due_on, total_cents, allocated_cents, held_cents from invoices where number = ?",
    number,
  );

export type PaymentRow = {
  id: string;
  state: string;
  amount_cents: number;
  allocated_cents: number;
  returned_cents: number;
  failure_code: string | null;
  review_reason: string | null;
  check_at: number | null;
  checks: number;
  kind: string;
  brand: string;
  last_four: string;
  stripe_payment_intent_id: string | null;
  stripe_checkout_id: string | null;
};

export const paymentRow = (t: TestPortal, id: string) => t.row<PaymentRow>("select * from payments where id = ?", id);

/** The payments an account has made in the portal, oldest first. Two members of the cast come with one. */
export const paymentsOf = (t: TestPortal, accountNumber: string) =>
  t.rows<PaymentRow>(
    `select p.* from payments p join accounts a on a.id = p.account_id
      where a.number = ? and p.origin = 'portal' order by p.started_at, p.id`,
    accountNumber,
  );
