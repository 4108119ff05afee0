import { plusDays } from "../../src/calendar.ts";
import { atTheBank, fillIn, openInvoicesOf } from "../billing/customer.ts";
import { formOn, type TestBrowser } from "../setup.ts";
import type { Deed, Town } from "./town.ts";

/** Test cards and accounts, and what becomes of them. */
const CARDS = [
  "pm_card_visa",
  "pm_card_visa",
  "pm_card_chargeDeclined",
  "pm_card_chargeDeclinedInsufficientFunds",
  "pm_card_authenticationRequired",
];
const ACCOUNTS = [
  "pm_usBankAccount_success",
  "pm_usBankAccount_success",
  "pm_usBankAccount_insufficientFunds",
  "pm_usBankAccount_accountClosed",
];

const ADDRESS = { line1: "1 Demonstration Way", city: "Springvale", state: "OH", postal_code: "45000" };

/** Follows where a payment leads: the bank's pages with some card or other, or nowhere, as people do. */
async function goOn({ t, chance }: Town, browser: TestBrowser, from: string | null): Promise<void> {
  let at = from;
  for (let hops = 0; at && hops < 6; hops++) {
    const url = new URL(at, browser.origin).href;
    if (chance.percent(15)) return;
    if (url.startsWith("https://bank.test/c/pay/")) {
      const page = await t.bank.fetch(new Request(url));
      if (page.status !== 200) return;
      const card = (await page.text()).includes('value="card"');
      at = await atTheBank(
        t,
        url,
        card
          ? { kind: "card", card_case: chance.one(CARDS) }
          : { kind: "us_bank_account", account_case: chance.one(ACCOUNTS) },
      ).catch(() => null);
    } else if (url.startsWith("https://bank.test/3ds/")) {
      at = await atTheBank(t, url, { result: chance.one(["complete", "complete", "fail"]) }).catch(() => null);
    } else if (url.startsWith(browser.origin)) {
      const page = await browser.get(url);
      at = page.headers.get("Location") ?? /href="(\/payments\/\w+\/continuation)"/.exec(page.html)?.[1] ?? null;
    } else return;
  }
}

/** Somebody pays some of what is due, with whatever they have; impatient ones press twice, or in two tabs at once. */
const pays: Deed = {
  name: "a customer pays",
  often: 30,
  async does(town) {
    const { t, chance } = town;
    const { browser, account } = chance.one(town.customers);
    const open = (await openInvoicesOf(t, account)).filter(
      (one) => one.total_cents - one.allocated_cents - one.held_cents >= 100,
    );
    const page = await browser.get("/invoices");
    if (page.status !== 200 || open.length === 0) return;
    const shown = open.filter(({ number }) => page.html.includes(`name="pay" value="${number}"`));
    if (shown.length === 0) return;
    const wanted = shown.slice(0, 1 + chance.below(3));
    const invoices = Object.fromEntries(
      wanted.map((one) => {
        const most = one.total_cents - one.allocated_cents - one.held_cents;
        const cents = chance.percent(60) ? most : 100 + chance.below(most - 99);
        return [one.number, (cents / 100).toFixed(2)];
      }),
    );
    const saved = /name="method" value="(pm_\w+)"/.exec(page.html)?.[1];
    const methods = [...(saved ? [saved, saved, saved] : []), "new_card", "new_bank"].filter((method) =>
      page.html.includes(`value="${method}"`),
    );
    if (methods.length === 0) return;
    const form = fillIn(page.html, { invoices, method: chance.one(methods), save: chance.percent(30) });
    const check = await browser.post("/payments", form);
    if (check.status !== 200) return;
    const ready = formOn(check.html, "/payments");
    const press = () => browser.post("/payments", ready);
    const [answer] = chance.percent(15) ? await Promise.all([press(), press()]) : [await press()];
    if (chance.percent(15)) await press();
    await goOn(town, browser, answer!.headers.get("Location"));
  },
};

/** Somebody looks at a payment that is not finished, goes on with it or gives it up. */
const comesBack: Deed = {
  name: "a customer comes back to a payment",
  often: 12,
  async does(town) {
    const { t, chance } = town;
    const { browser, account } = chance.one(town.customers);
    const pending = await t.rows<{ id: string }>(
      `select id from payments where state in ('pending', 'processing') and origin = 'portal'
         and account_id = (select id from accounts where number = ?) order by id`,
      account,
    );
    if (pending.length === 0) return;
    const { id } = chance.one(pending);
    if (chance.percent(30)) {
      const page = await browser.get(`/payments/${id}`);
      const token = /name="form_token" value="([^"]+)"/.exec(page.html)?.[1] ?? "";
      await browser.post(`/payments/${id}/cancellation`, { form_token: token });
    } else
      await goOn(
        town,
        browser,
        chance.one([`/payments/${id}`, `/payments/${id}/continuation`, `/payments/${id}/return`]),
      );
  },
};

const looksAround: Deed = {
  name: "a customer looks around",
  often: 6,
  async does({ chance, customers }) {
    const { browser } = chance.one(customers);
    await browser.get(chance.one(["/", "/invoices", "/invoices/paid", "/payments", "/receipts"]));
  },
};

/** Somebody lets the dealer draft what is due each month, changes that, or has had enough of it. */
const autopay: Deed = {
  name: "a customer turns autopay on or off",
  often: 20,
  async does({ chance, customers }) {
    const { browser } = chance.one(customers);
    if (chance.percent(25)) {
      const page = await browser.get("/autopay");
      if (!page.html.includes('action="/autopay/stopping"')) return;
      const form = formOn(page.html, "/autopay/stopping");
      form.set("sure", "yes");
      await browser.post("/autopay/stopping", form);
      return;
    }
    const form = await browser.get("/autopay/enrolment");
    const method = /name="method" value="(pm_\w+)"/.exec(form.html)?.[1];
    if (!method) return;
    const choices = new URLSearchParams({
      method,
      day: String(1 + chance.below(28)),
      monitoring: "1",
      others: chance.one(["", "300.00"]),
      ask: chance.one(["", "", "60.00"]),
    });
    const review = await browser.get(`/autopay/enrolment?${choices}`);
    if (!review.html.includes('method="post" action="/autopay"')) return;
    const agreed = formOn(review.html, "/autopay");
    agreed.set("agree", "yes");
    agreed.set("name", "Somebody");
    await browser.post("/autopay", agreed);
    if (chance.percent(20)) await browser.post("/autopay", agreed);
  },
};

/** Somebody adds a card or a bank account, some by small deposits, some giving up halfway. */
const addsMethod: Deed = {
  name: "a customer adds a payment method",
  often: 8,
  async does(town) {
    const { t, chance } = town;
    const { browser } = chance.one(town.customers);
    const page = await browser.get("/payment-methods/new");
    if (!page.html.includes('action="/payment-methods"')) return;
    const form = formOn(page.html, "/payment-methods");
    const kind = chance.one(["card", "bank"]);
    form.set("kind", kind);
    form.set("agree", "yes");
    if (chance.percent(40)) form.set("usual", "1");
    const answer = await browser.post("/payment-methods", form);
    if (chance.percent(10)) await browser.post("/payment-methods", form);
    const url = answer.headers.get("Location");
    if (!url?.startsWith("https://bank.test/") || chance.percent(15)) return;
    const typed: Record<string, string> =
      kind === "card"
        ? { kind: "card", card_case: chance.one(CARDS) }
        : { kind: "us_bank_account", account_case: chance.one(ACCOUNTS), verify: chance.one(["", "", "deposits"]) };
    const back = await atTheBank(t, url, { ...typed, ...ADDRESS }).catch(() => null);
    if (back?.startsWith(browser.origin) && chance.percent(80)) await browser.get(back);
  },
};

/** Somebody takes a method off, or asks the office to, whatever stands on it. */
const removesMethod: Deed = {
  name: "a customer removes a payment method",
  often: 3,
  async does({ chance, customers }) {
    const { browser } = chance.one(customers);
    const page = await browser.get("/payment-methods");
    const removals = [...page.html.matchAll(/action="(\/payment-methods\/\w+\/removal)"/g)].map(([, path]) => path!);
    if (removals.length === 0) return;
    const path = chance.one(removals);
    await browser.post(path, formOn(page.html, path));
  },
};

/** Somebody puts what is due off to a later day, or thinks better of it. */
const putsOff: Deed = {
  name: "a customer puts a payment off",
  often: 6,
  async does({ t, chance, customers }) {
    const { browser } = chance.one(customers);
    if (chance.percent(20)) {
      const page = await browser.get("/payments");
      const path = /action="(\/scheduled-payments\/\w+\/cancellation)"/.exec(page.html)?.[1];
      if (path) await browser.post(path, formOn(page.html, path));
      return;
    }
    const page = await browser.get("/invoices");
    const method = /name="method" value="(pm_\w+)"/.exec(page.html)?.[1];
    if (!method || !page.html.includes('name="pay"')) return;
    const check = await browser.post("/payments", fillIn(page.html, { total: chance.one(["10.00", "47.98"]), method }));
    if (check.status !== 200 || !check.html.includes('action="/payments"')) return;
    const later = formOn(check.html, "/payments");
    later.set("pay_on", plusDays(t.deps().today, 1 + chance.below(14)));
    const words = (await browser.post("/payments", later)).headers.get("Location");
    if (!words?.startsWith("/scheduled-payments/new")) return;
    const agreement = await browser.get(words);
    if (!agreement.html.includes('action="/scheduled-payments"')) return;
    const agreed = formOn(agreement.html, "/scheduled-payments");
    await browser.post("/scheduled-payments", agreed);
    if (chance.percent(20)) await browser.post("/scheduled-payments", agreed);
  },
};

/** Whoever holds the link that the office made pays by it, without signing in. */
const paysByLink: Deed = {
  name: "somebody pays by a link",
  often: 5,
  async does(town) {
    const { t, chance, customers, office } = town;
    const { account } = chance.one(customers);
    const [invoice] = await openInvoicesOf(t, account);
    const address = `/office/accounts/${account}/pay-links`;
    const page = await office.get(address);
    if (!invoice || !page.html.includes(`action="${address}"`)) return;
    const form = formOn(page.html, address);
    form.set("invoice", invoice.number);
    const made = await office.post(address, form);
    const path = /<code>https:\/\/cedar-ridge\.test(\/pay\/[\w-]{43})<\/code>/.exec(made.html)?.[1];
    if (!path) return;
    const stranger: TestBrowser = t.browser();
    const shown = await stranger.get(path);
    if (!shown.html.includes(`action="${path}"`)) return;
    const pay = formOn(shown.html, path);
    pay.set("method", chance.one(["card", "bank"]));
    const answer = await stranger.post(path, pay);
    await goOn(town, stranger, answer.headers.get("Location"));
  },
};

/** What customers do. */
export const CUSTOMERS_DO: Deed[] = [
  pays,
  comesBack,
  looksAround,
  autopay,
  addsMethod,
  removesMethod,
  putsOff,
  paysByLink,
];
