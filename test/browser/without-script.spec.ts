import type { Browser, Page } from "@playwright/test";
import { en } from "../../views/text/en.ts";
import { balanceOf, expect, look, signIn, type Town, test, textOf } from "./town.ts";

// The last of the files, because it takes the town's clock into January.
test.use({ javaScriptEnabled: false, mayVisit: ["bank", "town"], viewport: { width: 360, height: 740 } });

const EMAIL = "tomas@example.com";

/** Sets the town's clock, as its page does. */
async function itIs(page: Page, town: Town, at: string): Promise<void> {
  await page.goto(town.town);
  await page.getByLabel("Date and time").fill(at);
  await page.getByRole("button", { name: "Set" }).click();
  await expect(page.getByRole("status")).toContainText("It is now");
}

async function runCron(page: Page, town: Town, line: string): Promise<void> {
  await page.goto(town.town);
  await page.getByRole("button", { name: `Run ${line} now` }).click();
  await expect(page.getByRole("status")).toContainText("Ran");
}

/** The letters that Tomas has got; the queue takes a moment. */
async function isWrittenTo(town: Town, subject: string | RegExp): Promise<string> {
  let found = "";
  await expect(async () => {
    const mails = await town.mails(EMAIL);
    const mail = mails.find((one) =>
      typeof subject === "string" ? one.subject === subject : subject.test(one.subject),
    );
    expect(mail, `${mails.map((one) => one.subject)}`).toBeDefined();
    found = mail!.text;
  }).toPass({ timeout: 60_000 });
  return found;
}

/** Looks at the page with eyes that need script, in the same session. */
async function seen(browser: Browser, page: Page, name: string): Promise<void> {
  const context = await browser.newContext({
    javaScriptEnabled: true,
    storageState: await page.context().storageState(),
  });
  const theirs = await context.newPage();
  await theirs.goto(page.url());
  await look(theirs, name);
  await context.close();
}

/** The open invoices with their due dates. */
async function whatIsDue(page: Page, url: string): Promise<string[]> {
  await page.goto(`${url}/invoices`);
  const rows = await page.locator("tbody tr").allInnerTexts();
  return rows.map((row) => `${/INV-\d+/.exec(row)?.[0]} due ${/[A-Z][a-z]{2} \d{1,2}, \d{4}/.exec(row)?.[0]}`);
}

test("a bank account is added, autopay drafts from it, the bank takes it back, and the invoice is due again", async ({
  page,
  browser,
  town,
}) => {
  const dealer = town.cedarRidge;
  await signIn(page, dealer, EMAIL);
  const owed = await balanceOf(page, dealer);
  const before = await whatIsDue(page, dealer.url);
  expect(before.length).toBeGreaterThan(0);

  await page.goto(`${dealer.url}/payment-methods/new`);
  await page.getByRole("radio", { name: en.methods.new.bank }).check();
  await page.getByRole("checkbox", { name: en.methods.new.agree }).check();
  await page.getByRole("button", { name: en.methods.new.button }).click();
  await page.getByRole("button", { name: "Save" }).click();
  await expect(page.getByText(en.methods.said.added)).toBeVisible();
  await seen(browser, page, "payment-methods-added");

  await page.goto(`${dealer.url}/autopay/enrolment`);
  await page.getByRole("radio", { name: /bank/i }).check();
  await page.getByLabel(en.autopay.form.day).selectOption("5");
  await page.getByRole("button", { name: en.autopay.form.go }).click();
  await expect(page.getByText(en.autopay.review.first("Jan 5, 2027"))).toBeVisible();
  await page.getByRole("checkbox", { name: en.autopay.review.agree }).check();
  await page.getByLabel(en.autopay.review.name).fill("Tomas Lindqvist");
  await page.getByRole("button", { name: en.autopay.review.submit }).click();
  await expect(page.getByText(en.autopay.said.on)).toBeVisible();
  await page.getByRole("link", { name: "Read your authorization" }).click();
  const words = await textOf(page.locator(".card p").first());
  expect(words).toContain("on day 5 of each month");
  const copy = await isWrittenTo(town, en.autopay.letters.autopay_authorization.subject);
  expect(copy.replace(/\s+/g, " ")).toContain(words.slice(0, 120));

  await itIs(page, town, "2026-12-23T12:07");
  await runCron(page, town, "7 * * * *");
  await isWrittenTo(town, /^Autopay on Jan 5, 2027: up to \$/);
  await page.goto(`${dealer.url}/autopay`);
  await expect(page.getByText(/^Announced: up to/)).toBeVisible();
  await seen(browser, page, "autopay-announced");

  await itIs(page, town, "2027-01-05T12:07");
  await runCron(page, town, "7 * * * *");
  await signIn(page, dealer, EMAIL);
  await expect(async () => {
    await page.goto(`${dealer.url}/autopay`);
    await expect(page.getByText(/^On its way: up to/)).toBeVisible({ timeout: 500 });
  }).toPass();
  await seen(browser, page, "autopay-charging");
  await page.goto(`${town.town}/bank`);
  const debit = page.getByRole("row").filter({ hasText: "Tomas Lindqvist" }).filter({ hasText: "processing" });
  await debit.getByRole("button", { name: "Settle" }).click();
  await isWrittenTo(town, /^Receipt: /);
  expect(await balanceOf(page, dealer)).toBeLessThan(owed);

  await page.goto(`${town.town}/bank`);
  const settled = page.getByRole("row").filter({ hasText: "Tomas Lindqvist" }).filter({ hasText: "succeeded" }).first();
  await settled.getByRole("button", { name: "Bounce" }).click();
  const told = await isWrittenTo(town, /^Your bank took back /);
  expect(told).toMatch(/INV-/);
  expect(await balanceOf(page, dealer)).toBe(owed);
  expect(await whatIsDue(page, dealer.url)).toEqual(before);
  await page.goto(`${dealer.url}/payments`);
  await page.getByRole("row").filter({ hasText: "Returned by the bank" }).getByRole("link").first().click();
  await expect(page.getByText(en.payment.returned)).toBeVisible();
  await seen(browser, page, "payment-draft-returned");
  await page.goto(`${dealer.url}/autopay`);
  await seen(browser, page, "autopay-returned");
});
