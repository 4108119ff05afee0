import { DAY, HOUR, MINUTE, plusDays } from "../../src/calendar.ts";
import { CRON, jobsOf, run } from "../../src/jobs.ts";
import { atTheBank, fillIn, openInvoicesOf } from "../billing/customer.ts";
import { formOn, type TestBrowser } from "../setup.ts";
import type { Town } from "./town.ts";

/** Something that may happen next. What it does depends on the town and its own chance alone, so that it can be left out. */
export type Deed = {
  name: string;
  often: number;
  /** The bank waits for an answer while this is done: it may get a bad one, but not none for ever. */
  awaited?: true;
  does: (town: Town) => Promise<void>;
};

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

const timePasses: Deed = {
  name: "time passes",
  often: 20,
  async does({ t, chance }) {
    t.clock.now += chance.one([1, 30, MINUTE, 10 * MINUTE, HOUR, 8 * HOUR, DAY, DAY, DAY, 3 * DAY, 7 * DAY]);
    await t.bank.tick();
  },
};

/** The cron fires, sometimes twice, and the queue does as queues do: out of order, twice, or not at all. */
const cronFires: Deed = {
  name: "the cron fires",
  often: 20,
  async does({ t, chance }) {
    // Each line fires on its own, late or not at all, as the clock is moved past it.
    for (const line of Object.keys(CRON).filter(() => chance.percent(60))) {
      t.jobs.push(...jobsOf(line, ["cedar-ridge"]));
      if (chance.percent(10)) t.jobs.push(...jobsOf(line, ["cedar-ridge"]));
    }
  },
};

const queueWorks: Deed = {
  name: "the queue brings jobs",
  often: 35,
  async does({ t, chance }) {
    for (let n = chance.below(12); n > 0 && t.jobs.length > 0; n--) {
      const [job] = t.jobs.splice(chance.percent(70) ? 0 : chance.below(t.jobs.length), 1);
      if (chance.percent(3)) continue;
      if (chance.percent(8)) t.jobs.push(job!);
      try {
        await run(t.depsOf(job!.dealer), job!);
      } catch {
        // As after a throw in the Worker: the queue brings it again.
        if (chance.percent(80)) t.jobs.push(job!);
      }
    }
  },
};

const webhooksArrive: Deed = {
  name: "webhooks arrive",
  often: 20,
  awaited: true,
  async does({ t, chance }) {
    t.bank.setDelivery(
      chance.one([
        { mode: "normal" },
        { mode: "normal" },
        { mode: "twice" },
        { mode: "out_of_order" },
        { mode: "dropped" },
        { mode: "late", seconds: 3600 },
      ]),
    );
    await t.bank.drainWebhooks();
  },
};

/** An event of any age comes once more. */
const webhookAgain: Deed = {
  name: "a webhook comes again",
  often: 6,
  awaited: true,
  async does({ t, chance }) {
    const events = (await (await t.bank.fetch(new Request("https://bank.test/_bank/events"))).json()) as {
      id: string;
    }[];
    if (events.length === 0) return;
    await t.bank.fetch(
      new Request(`https://bank.test/_bank/events/${chance.one(events).id}/deliver`, { method: "POST" }),
    );
    await t.bank.drainWebhooks();
  },
};

/** A customer's bank takes back what it paid. */
const bankTakesBack: Deed = {
  name: "a bank takes a payment back",
  often: 5,
  async does({ t, chance }) {
    const settled = await t.rows<{ intent: string }>(
      `select stripe_payment_intent_id intent from payments where state = 'settled' and returned_cents = 0 and refunded_cents = 0
         and stripe_payment_intent_id is not null and origin = 'portal' order by id`,
    );
    if (settled.length === 0) return;
    await t.bank.fetch(
      new Request(`https://bank.test/_bank/payments/${chance.one(settled).intent}/bounce`, {
        method: "POST",
        headers: { "Content-Type": "application/json" },
        body: JSON.stringify({
          reason: chance.one(["insufficient_funds", "bank_cannot_process", "incorrect_account_details"]),
        }),
      }),
    );
  },
};

/** The dealer's back office sends an invoice: most for monitoring, some for work, now and then a large one. */
const invoiceArrives: Deed = {
  name: "an invoice arrives",
  often: 10,
  async does({ t, chance, customers }) {
    const { account } = chance.one(customers);
    const today = t.deps().today;
    const number = `SIM-${t.clock.now}-${chance.below(1e9)}`;
    await t.rows(
      `insert into invoices (id, account_id, number, kind, status, issued_on, due_on, total_cents)
       select ?, id, ?, ?, 'sent', ?, ?, ? from accounts where number = ?`,
      `inv_${number}`,
      number,
      chance.one(["recurring", "recurring", "recurring", "service"]),
      today,
      plusDays(today, chance.one([0, 10, 20])),
      chance.one([4495, 4798, 13_485, 100, 25_000]),
      account,
    );
  },
};

/** Somebody lets the dealer draft what is due each month, changes that, or has had enough of it. */
const autopay: Deed = {
  name: "a customer turns autopay on or off",
  often: 8,
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

/** The office gives money back, to where it came from or as credit; sometimes two people do, for the same payment. */
const refunds: Deed = {
  name: "the office gives money back",
  often: 8,
  async does({ t, chance, office }) {
    const settled = await t.rows<{ id: string; cents: number }>(
      `select id, amount_cents cents from payments where state = 'settled' and origin = 'portal' order by id`,
    );
    if (settled.length === 0) return;
    const { id, cents } = chance.one(settled);
    const page = await office.get(`/office/payments/${id}`);
    const address = `/office/payments/${id}/refunds`;
    if (!page.html.includes(`action="${address}"`)) return;
    const give = () => {
      const form = formOn(page.html, address);
      form.set("amount", ((chance.percent(40) ? cents : 1 + chance.below(cents)) / 100).toFixed(2));
      form.set("reason", "Charged for a visit that did not happen");
      form.set("to", chance.one(["method", "method", "credit"]));
      return office.post(address, form);
    };
    if (chance.percent(20)) await Promise.all([give(), give()]);
    else await give();
  },
};

/** The office gives a credit. */
const credits: Deed = {
  name: "the office gives a credit",
  often: 4,
  async does({ chance, customers, office }) {
    const { account } = chance.one(customers);
    const page = await office.get(`/office/accounts/${account}/money`);
    const address = `/office/accounts/${account}/credits`;
    if (!page.html.includes(`action="${address}"`)) return;
    const form = formOn(page.html, address);
    form.set("amount", chance.one(["5.00", "25.00", "500.00"]));
    form.set("reason", "For the trouble");
    await office.post(address, form);
    if (chance.percent(30)) await office.post(address, form);
  },
};

/** A bank refuses money that was given back, or decides who wins a dispute. */
const bankDecides: Deed = {
  name: "a bank decides",
  often: 4,
  async does({ t, chance }) {
    const payments = (await (await t.bank.fetch(new Request("https://bank.test/_bank/payments"))).json()) as {
      open_dispute: string | null;
      last_refund: string | null;
    }[];
    const disputed = payments.find((one) => one.open_dispute);
    const refunded = payments.find((one) => one.last_refund);
    const post = (path: string) => t.bank.fetch(new Request(`https://bank.test/_bank/${path}`, { method: "POST" }));
    if (disputed && chance.percent(60)) await post(`disputes/${disputed.open_dispute}/${chance.one(["win", "lose"])}`);
    else if (refunded) await post(`refunds/${refunded.last_refund}/fail`);
  },
};

/** The mail vendor refuses, or is slow, for a while. */
const mailIsMoody: Deed = {
  name: "the mail vendor is moody",
  often: 5,
  async does({ t, chance }) {
    const calm = (id: string) => ({ result: "sent" as const, vendorId: `mail_${id}` });
    const moody = chance.percent(50);
    t.mail.answer = (m) => (moody && chance.percent(50) ? { result: "retry", retryInSeconds: null } : calm(m.id));
  },
};

/** All that may happen. */
export const DEEDS: Deed[] = [
  pays,
  comesBack,
  looksAround,
  timePasses,
  cronFires,
  queueWorks,
  webhooksArrive,
  webhookAgain,
  bankTakesBack,
  bankDecides,
  invoiceArrives,
  autopay,
  refunds,
  credits,
  mailIsMoody,
];
