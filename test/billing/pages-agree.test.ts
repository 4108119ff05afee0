import { describe, expect, test } from "vitest";
import { CEDAR_RIDGE } from "../../db/cast.ts";
import { dollars } from "../../src/money.ts";
import { readPdf } from "../documents/read-pdf.ts";
import { portal, type TestBrowser, type TestPortal } from "../setup.ts";
import { timePasses } from "./aftermath.ts";
import { follow, openInvoicesOf, pay, typeAccount, typeCard } from "./customer.ts";

/** Every amount on a piece of a page, as it stands there. */
const amountsIn = (html: string): string[] => html.replace(/<[^>]+>/g, " ").match(/-?\$[\d,]+\.\d\d/g) ?? [];

/** The amounts of each row of a page's table, by the text of the row's link. */
const rowsOf = (html: string): Record<string, string[]> =>
  Object.fromEntries(
    html
      .split("<tr")
      .slice(1)
      .flatMap((row) => {
        const link = /<a href="([^"]+)">/.exec(row)?.[1];
        return link ? [[link, amountsIn(row.slice(0, row.indexOf("</tr>")))]] : [];
      }),
  );

const sectionOf = (html: string, labelledBy: string): string =>
  new RegExp(`<section[^>]*aria-labelledby="${labelledBy}".*?</section>`, "s").exec(html)![0];

async function pdfText(browser: TestBrowser, path: string): Promise<string> {
  const answer = await browser.get(path);
  expect(answer.status).toBe(200);
  return (await readPdf(new Uint8Array(await answer.arrayBuffer()))).text;
}

type Money = { number: string; total: number; covered: number; held: number; due_on: string };
type Paid = { id: string; amount: number; state: string; returned: number };

/** An account's money from the rows alone, by another road than the portal's: no cumulative column is read. */
async function moneyOf(t: TestPortal, account: string) {
  const invoices = await t.rows<Money>(
    `select number, due_on,
        (select sum(amount_cents + tax_cents) from invoice_lines where invoice_id = i.id) total,
        coalesce((select sum(amount_cents) from allocations where invoice_id = i.id), 0) covered,
        coalesce((select sum(h.amount_cents) from holds h join payments p on p.id = h.payment_id
          where h.invoice_id = i.id and (p.state = 'processing' or (p.state = 'pending' and p.stripe_checkout_id is null))), 0) held
      from invoices i where status = 'sent' and account_id = (select id from accounts where number = ?)`,
    account,
  );
  const payments = await t.rows<Paid>(
    `select id, amount_cents amount, state, coalesce((select sum(amount_cents) from returns where payment_id = p.id), 0) returned
       from payments p where account_id = (select id from accounts where number = ?)`,
    account,
  );
  const { credit } = await t.row<{ credit: number }>(
    `select (select coalesce(sum(amount_cents), 0) from payments where state = 'settled' and account_id = a.id)
          + (select coalesce(sum(amount_cents), 0) from credits where account_id = a.id)
          - (select coalesce(sum(r.amount_cents), 0) from returns r join payments p on p.id = r.payment_id where p.account_id = a.id)
          - (select coalesce(sum(l.amount_cents), 0) from allocations l join invoices i on i.id = l.invoice_id where i.account_id = a.id) credit
       from accounts a where number = ?`,
    account,
  );
  return { invoices, payments, credit };
}

const sumOf = <Row>(rows: Row[], cents: (row: Row) => number) => rows.reduce((total, row) => total + cents(row), 0);

/** Walks every page that shows this account's money, and compares each amount with the rows. */
async function expectPagesToAgree(t: TestPortal, browser: TestBrowser, account: string) {
  const { invoices, payments, credit } = await moneyOf(t, account);
  const open = invoices.filter((one) => one.covered < one.total);
  const payable = (one: Money) => one.total - one.covered - one.held;
  const due = sumOf(open, payable);
  const held = sumOf(open, (one) => one.held);
  const pastDue = sumOf(
    open.filter((one) => one.due_on < "2026-12-01"),
    payable,
  );

  const home = (await browser.get("/")).html;
  expect(amountsIn(sectionOf(home, "balance"))[0]).toBe(dollars(due));
  expect(amountsIn(sectionOf(home, "credit"))[0]).toBe(dollars(credit));
  if (held > 0) expect(sectionOf(home, "balance")).toContain(dollars(held));
  if (t.clock.now < Date.parse("2026-12-02") / 1000) {
    expect(/badge past_due/.test(sectionOf(home, "balance"))).toBe(pastDue > 0);
    if (pastDue > 0) {
      expect(sectionOf(home, "balance")).toContain(dollars(pastDue));
      const ages = /<dl class="ages".*?<\/dl>/s.exec(home)![0];
      const inCents = amountsIn(ages).map((amount) => Math.round(Number(amount.replace(/[$,]/g, "")) * 100));
      expect(sumOf(inCents, (cents) => cents)).toBe(pastDue);
    }
  }

  const dueRows = rowsOf((await browser.get("/invoices")).html);
  expect(Object.keys(dueRows).sort()).toEqual(open.map((one) => `/invoices/${one.number}`).sort());
  for (const one of open) expect(dueRows[`/invoices/${one.number}`]).toContain(dollars(one.total - one.covered));

  const listed: Record<string, string[]> = {};
  let path: string | undefined = "/invoices/all";
  while (path) {
    const { html }: { html: string } = await browser.get(path);
    Object.assign(listed, rowsOf(html));
    path = /href="(\/invoices\/all\?before=[^"]+)"/.exec(html)?.[1]?.replaceAll("&amp;", "&");
  }
  expect(Object.keys(listed)).toHaveLength(invoices.length);
  for (const one of invoices) {
    const shown = listed[`/invoices/${one.number}`]!;
    expect(shown).toContain(dollars(one.total));
    expect(shown.at(-1)).toBe(dollars(one.total - one.covered));
  }
  const paidRows = rowsOf((await browser.get("/invoices/paid")).html);
  for (const link of Object.keys(paidRows)) expect(open.map((one) => `/invoices/${one.number}`)).not.toContain(link);

  // Every open invoice, and the newest paid one, as page and as PDF.
  const newestPaid = invoices.filter((one) => one.covered >= one.total).at(-1);
  for (const one of newestPaid ? [...open, newestPaid] : open) {
    const { html } = await browser.get(`/invoices/${one.number}`);
    const sums = amountsIn(/<dl class="sums".*?<\/dl>/s.exec(html)![0]);
    expect(sums).toContain(dollars(one.total));
    expect(sums.at(-1)).toBe(dollars(payable(one)));
    const text = await pdfText(browser, `/invoices/${one.number}.pdf`);
    expect(text).toContain(dollars(one.total));
    expect(text).toContain(dollars(payable(one)));
    if (one.held > 0) expect(text).toContain(dollars(-one.held));
  }

  const history = rowsOf((await browser.get("/payments")).html);
  const receipts = rowsOf((await browser.get("/receipts")).html);
  for (const one of payments) {
    const shown = history[`/payments/${one.id}`];
    if (shown) expect(shown).toEqual([dollars(one.amount)]);
    const receipt = receipts[`/receipts/${one.id}`];
    if (receipt) expect([one.state, receipt]).toEqual(["settled", [dollars(one.amount)]]);
  }
  // The receipts of what was paid here, and of the last cheque.
  const withReceipt = payments.filter((one) => one.state === "settled");
  for (const one of withReceipt.slice(-2)) {
    const covered = await t.rows<{ number: string; cents: number; remains: number }>(
      `select i.number, sum(case when l.amount_cents > 0 then l.amount_cents else 0 end) cents,
          (select sum(amount_cents + tax_cents) from invoice_lines where invoice_id = i.id)
            - (select sum(amount_cents) from allocations where invoice_id = i.id) remains
        from allocations l join invoices i on i.id = l.invoice_id where l.payment_id = ? group by i.id`,
      one.id,
    );
    const { html } = await browser.get(`/receipts/${one.id}`);
    const rows = rowsOf(html);
    const text = await pdfText(browser, `/receipts/${one.id}.pdf`);
    expect(text).toContain(dollars(one.amount));
    for (const line of covered) {
      expect(rows[`/invoices/${line.number}`]).toEqual([dollars(line.cents), dollars(line.remains)]);
      expect(text).toContain(`${dollars(line.remains)} ${dollars(line.cents)}`);
    }
    const credited = one.amount - sumOf(covered, (line) => line.cents);
    if (credited > 0) {
      expect(html).toContain(dollars(credited));
      expect(text).toContain(dollars(credited));
    }
    if (one.returned > 0) expect(html).toContain(dollars(-one.returned));
  }
}

describe("every page says the same to the cent", () => {
  const cast = CEDAR_RIDGE.accounts.filter((account) => account.registered && account.email);

  test.for(cast.map((account) => [account.name, account] as const))("for %s", async ([, account]) => {
    const t = await portal();
    await t.db.$client.execute("update settings set overpayment = 1");
    const browser = await t.as(account.email!);
    await expectPagesToAgree(t, browser, account.number);
    const [due] = (await openInvoicesOf(t, account.number)).filter((one) => one.held_cents === 0);
    if (!due) return;

    // A part by card, a part by bank that takes days, and one that is opened at the checkout and left.
    const part = pay(browser, { invoices: { [due.number]: "12.34" }, method: "new_card" });
    await follow(browser, await typeCard(t, (await part).answer.headers.get("Location")!));
    await expectPagesToAgree(t, browser, account.number);
    const byBank = await pay(browser, { invoices: { [due.number]: "5.67" }, method: "new_bank" });
    await follow(browser, await typeAccount(t, byBank.answer.headers.get("Location")!));
    await expectPagesToAgree(t, browser, account.number);
    await pay(browser, { invoices: { [due.number]: null }, method: "new_card" });
    await expectPagesToAgree(t, browser, account.number);
    // Everything and a little more, so that some of it stays as credit.
    const all = await openInvoicesOf(t, account.number);
    const owed =
      sumOf(all, (one) => one.total_cents - one.allocated_cents) -
      sumOf(await held(t, account.number), (one) => one.cents);
    const more = await pay(browser, { total: dollars(owed + 100).slice(1), method: "new_card" });
    await follow(browser, await typeCard(t, more.answer.headers.get("Location")!));
    await expectPagesToAgree(t, browser, account.number);
    await timePasses(t);
    await expectPagesToAgree(t, await t.as(account.email!), account.number);
  });
});

const held = (t: TestPortal, account: string) =>
  t.rows<{ cents: number }>(
    `select amount_cents cents from payments where state = 'processing' and account_id = (select id from accounts where number = ?)`,
    account,
  );
