import { describe, expect, test } from "vitest";
import { DAY } from "../../src/calendar.ts";
import { everythingIn } from "../house/people.ts";
import { formOn, portal, type TestBrowser, type TestPortal } from "../setup.ts";
import { expectBankAndBooksAgree, timePasses } from "./aftermath.ts";
import { follow, invoiceRow, openInvoicesOf, paymentRow, typeAccount, typeCard } from "./customer.ts";

const OFFICE = "/office/accounts/CR-10047/pay-links";

/** The office makes a link for the first invoice that Harbor Street Dental has to pay. */
async function linkMade(t: TestPortal) {
  const ruth = await t.as("ruth@cedarridge.example.com");
  const [invoice] = await openInvoicesOf(t, "CR-10047");
  const form = formOn((await ruth.get(OFFICE)).html, OFFICE);
  form.set("invoice", invoice!.number);
  const answer = await ruth.post(OFFICE, form);
  expect(answer.status).toBe(200);
  const address = /<code>(https:\/\/cedar-ridge\.test\/pay\/[\w-]{43})<\/code>/.exec(answer.html)![1]!;
  return { ruth, form, invoice: invoice!, path: new URL(address).pathname, id: form.get("link_id")! };
}

const owedOn = (invoice: { total_cents: number; allocated_cents: number }) =>
  invoice.total_cents - invoice.allocated_cents;

/** Presses Pay on the link's page as it stands. */
async function press(browser: TestBrowser, path: string, method = "card") {
  const page = await browser.get(path);
  const form = formOn(page.html, path);
  form.set("method", method);
  return { form, paymentId: form.get("payment_id")!, answer: await browser.post(path, form) };
}

describe("a pay link", () => {
  test("shows one invoice to whoever holds it, pays it at the vendor's checkout, and is over then", async () => {
    const t = await portal();
    const { path, invoice } = await linkMade(t);
    const stranger = t.browser();
    const before = await everythingIn(t);
    const page = await stranger.get(path);
    expect(page.status).toBe(200);
    expect(await everythingIn(t)).toBe(before);
    expect(page.html).toContain(invoice.number);
    expect(page.html).not.toContain("Harbor Street");
    expect(page.html).not.toContain("CR-10047");
    expect(page.headers.get("X-Robots-Tag")).toContain("noindex");
    expect(page.headers.get("Cache-Control")).toContain("no-store");
    expect(page.headers.get("Referrer-Policy")).toBe("same-origin");

    const { paymentId, answer } = await press(stranger, path);
    expect(answer.status).toBe(303);
    const back = await typeCard(t, answer.headers.get("Location")!);
    expect(new URL(back).pathname).toBe(`${path}/payments/${paymentId}/return`);
    const outcome = await follow(stranger, back);
    expect(outcome.status).toBe(200);
    expect(outcome.html).toContain('class="badge settled"');
    expect(outcome.html).not.toContain("Harbor Street");
    expect(await paymentRow(t, paymentId)).toMatchObject({ state: "settled", started_by: null });
    expect((await invoiceRow(t, invoice.number)).allocated_cents).toBe(invoice.total_cents);
    await t.webhooks();
    await t.runJobs();
    const { email } = await t.row<{ email: string }>("select email from accounts where number = 'CR-10047'");
    expect(t.outbox.filter((mail) => mail.text.includes(paymentId)).map((mail) => mail.to)).toEqual([email]);
    expect((await stranger.get(path)).status).toBe(410);
    expect((await stranger.get(`${path}/payments/${paymentId}`)).status).toBe(200);
    await expectBankAndBooksAgree(t);
  });

  test("that a stranger pays for an account without an address: its owner has the receipt", async () => {
    const t = await portal();
    const { path } = await linkMade(t);
    await t.rows("update accounts set email = null where number = 'CR-10047'");
    const stranger = t.browser();
    const { paymentId, answer } = await press(stranger, path);
    await follow(stranger, await typeCard(t, answer.headers.get("Location")!));
    await t.webhooks();
    await t.runJobs();
    const mails = t.outbox.filter((mail) => mail.text.includes(paymentId));
    expect(mails.map((mail) => mail.to)).toEqual(["amara@harborstreetdental.example.com"]);
  });

  test("pays from a bank account too; while that is on its way there is nothing to pay", async () => {
    const t = await portal();
    const { path, invoice } = await linkMade(t);
    const stranger = t.browser();
    const { answer } = await press(stranger, path, "bank");
    const outcome = await follow(stranger, await typeAccount(t, answer.headers.get("Location")!));
    expect(outcome.html).toContain("processing");
    const page = await stranger.get(path);
    expect(page.html).toContain("is on its way");
    expect(page.html).not.toContain('<form method="post"');
    await timePasses(t);
    expect((await invoiceRow(t, invoice.number)).allocated_cents).toBe(invoice.total_cents);
  });

  test("opens nothing else: no page, no other payment, no other dealer", async () => {
    const t = await portal();
    const { path } = await linkMade(t);
    const stranger = t.browser();
    await stranger.get(path);
    for (const other of ["/", "/invoices", "/payments", "/statement", "/office"])
      expect((await stranger.get(other)).status, other).toBe(303);
    for (const { id } of await t.rows<{ id: string }>("select id from payments where origin = 'portal'"))
      for (const at of ["", "/return"]) expect((await stranger.get(`${path}/payments/${id}${at}`)).status).toBe(404);
    expect((await t.browser("bluebonnet").get(path)).status).toBe(410);
  });

  test("is dead once it has run out or was withdrawn, and says no more than that", async () => {
    const t = await portal();
    const { path, ruth, id } = await linkMade(t);
    const stranger = t.browser();
    const late = await stranger.get(path);
    const form = formOn(late.html, path);
    form.set("method", "card");
    t.clock.now += 60 * DAY;
    expect((await stranger.get(path)).status).toBe(410);
    expect((await stranger.post(path, form)).status).toBe(410);
    t.clock.now -= 60 * DAY;
    expect((await stranger.get(path)).status).toBe(200);
    await ruth.post(`${OFFICE}/withdrawal`, { link: id });
    await ruth.post(`${OFFICE}/withdrawal`, { link: id });
    const dead = await stranger.get(path);
    expect(dead.status).toBe(410);
    expect(dead.html).not.toContain("INV-");
    expect((await stranger.post(path, form)).status).toBe(410);
    expect(
      await t.rows("select 1 from payments where started_by is null and origin = 'portal' and state = 'pending'"),
    ).toEqual([]);
  });

  test("cannot be guessed, nor altered, however often it is tried", async () => {
    const t = await portal();
    const { path } = await linkMade(t);
    const stranger = t.browser("cedar-ridge", { "CF-Connecting-IP": "203.0.113.7" });
    const secret = path.slice("/pay/".length);
    const before = await everythingIn(t);
    for (let n = 0; n < 1000; n++) {
      const guess = `${secret.slice(0, n % 43)}${secret[n % 43] === "A" ? "B" : "A"}${secret.slice((n % 43) + 1)}`;
      expect((await stranger.get(`/pay/${n < 43 ? guess : btoa(`guess ${n} of many more to come`)}`)).status).toBe(410);
    }
    expect(await everythingIn(t)).toBe(before);
    for (let n = 0; n < 30; n++) expect((await stranger.post(`/pay/guess-${n}`, {})).status).toBe(410);
    const refused = await stranger.post(path, {});
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get("Retry-After"))).toBeGreaterThan(0);
  }, 60_000);

  test("asked for more often than a person would is told to wait, by Cloudflare's own counter", async () => {
    const t = await portal();
    const { path } = await linkMade(t);
    const limited = await t.app.fetch(
      new Request(`https://cedar-ridge.test${path}`),
      { SIGN_IN_LIMIT: { limit: async () => ({ success: false }) } } as never,
      { waitUntil() {}, passThroughOnException() {}, props: {} } as never,
    );
    expect(limited.status).toBe(429);
    expect(await limited.text()).not.toContain("INV-");
  });

  test("takes exactly what it showed, once, however often Pay is pressed", async () => {
    const t = await portal();
    const { path, invoice } = await linkMade(t);
    const stranger = t.browser();
    const form = formOn((await stranger.get(path)).html, path);
    for (const [name, value] of [
      ["amount", "1"],
      ["method", "check"],
    ] as const) {
      const wrong = new URLSearchParams(form);
      wrong.set("method", "card");
      wrong.set(name, value);
      expect((await stranger.post(path, wrong)).status).toBe(422);
    }
    expect(
      (await stranger.post(path, { ...Object.fromEntries(form), payment_id: "pay_x", method: "card" })).status,
    ).toBe(404);
    form.set("method", "card");
    const answers = await Promise.all([
      stranger.post(path, form),
      stranger.post(path, form),
      stranger.post(path, form),
    ]);
    for (const answer of answers) expect(answer.status).toBe(303);
    const made = await t.rows<{ amount_cents: number }>(
      "select amount_cents from payments where id = ?",
      form.get("payment_id")!,
    );
    expect(made).toEqual([{ amount_cents: owedOn(invoice) }]);
    await typeCard(t, answers.map((one) => one.headers.get("Location")!).find((url) => url.includes("bank.test"))!);
    await timePasses(t);
    await expectBankAndBooksAgree(t);
  });

  test("left at the checkout lets go by itself, and a second try replaces the first", async () => {
    const t = await portal();
    const { path, invoice } = await linkMade(t);
    const stranger = t.browser();
    const first = await press(stranger, path);
    const second = await press(stranger, path);
    expect(second.answer.status).toBe(303);
    expect(await paymentRow(t, first.paymentId)).toMatchObject({ state: "failed" });
    await timePasses(t);
    expect(await paymentRow(t, second.paymentId)).toMatchObject({ state: "failed" });
    expect(await invoiceRow(t, invoice.number)).toMatchObject({
      held_cents: 0,
      allocated_cents: invoice.allocated_cents,
    });
  });

  test("takes nothing when the vendor is away, and says so; database trouble charges nothing either", async () => {
    const t = await portal();
    const { path, invoice } = await linkMade(t);
    const stranger = t.browser();
    t.bank.faults.add({ match: "POST /v1/checkout/sessions", kind: "down", times: null });
    const away = await press(stranger, path);
    expect(away.answer.status).toBe(503);
    expect(away.answer.html).toContain("Nothing was charged");
    t.bank.faults.clear();
    t.trouble.database = (statements) => (statements.includes("payment.started") ? "before" : null);
    const lost = await press(stranger, path);
    expect(lost.answer.status).toBe(503);
    t.trouble.database = null;
    await timePasses(t);
    expect((await invoiceRow(t, invoice.number)).allocated_cents).toBe(invoice.allocated_cents);
    await expectBankAndBooksAgree(t);
  });
});

describe("the office", () => {
  test("sees the address once, gets the same link when it presses twice, and may mail it", async () => {
    const t = await portal();
    const { ruth, form, path, id } = await linkMade(t);
    expect((await ruth.post(OFFICE, form)).html).toContain(path);
    expect(await t.rows("select id from pay_links")).toHaveLength(1);
    expect((await ruth.get(OFFICE)).html).not.toContain(path);
    await ruth.post(`${OFFICE}/letter`, { link: id });
    await ruth.post(`${OFFICE}/letter`, { link: id });
    await t.runJobs();
    const letters = t.outbox.filter((mail) => mail.text.includes(path));
    expect(letters).toHaveLength(1);
    expect(letters[0]!.subject).toContain("Pay invoice");
    expect(letters[0]!.text).toContain("factura");
    await ruth.post(`${OFFICE}/withdrawal`, { link: id });
    t.clock.now += DAY;
    const refused = await ruth.post(`${OFFICE}/letter`, { link: id });
    expect(refused.headers.get("Location")).toContain("said=not-mailed");
  });

  test("makes none for what is paid or another's, nor withdraws or mails another customer's", async () => {
    const t = await portal();
    const { ruth, form, id, path } = await linkMade(t);
    const paid = await t.row<{ number: string }>(
      "select i.number from invoices i join accounts a on a.id = i.account_id where a.number = 'CR-10047' and allocated_cents = total_cents limit 1",
    );
    const [others] = await openInvoicesOf(t, "CR-10052");
    for (const invoice of [paid.number, others!.number, "", "' or 1=1"]) {
      const fresh = formOn((await ruth.get(OFFICE)).html, OFFICE);
      fresh.set("invoice", invoice);
      expect((await ruth.post(OFFICE, fresh)).headers.get("Location")).toContain("said=no-invoice");
    }
    form.set("link_id", "x");
    expect((await ruth.post(OFFICE, form)).status).toBe(303);
    const other = "/office/accounts/CR-10052/pay-links";
    await ruth.post(`${other}/withdrawal`, { link: id });
    await ruth.post(`${other}/letter`, { link: id });
    expect((await t.browser().get(path)).status).toBe(200);
    expect(await t.rows("select 1 from messages where kind = 'invoice_link'")).toEqual([]);
  });
});
