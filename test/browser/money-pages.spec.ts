import { expect, look, signIn, test } from "./town.ts";

/** The pages of standing arrangements and of money that goes back, each on a telephone and on a wide screen. */

test("a customer's payment methods, autopay, statement, credits and later payments", async ({ page, town }) => {
  const { url } = town.cedarRidge;
  await signIn(page, town.cedarRidge, "dana@example.com");
  for (const [path, name] of [
    ["/payment-methods", "payment-methods"],
    ["/payment-methods/new", "payment-methods-new"],
    ["/autopay", "autopay"],
    ["/autopay/enrolment", "autopay-enrolment"],
    ["/autopay/authorization", "autopay-authorization"],
    ["/statement", "statement"],
    ["/statement?from=2026-06-01&to=2026-09-30&kind=balance_forward", "statement-balance-forward"],
    ["/credits", "credits"],
    ["/", "dashboard"],
    ["/payments", "payments"],
  ] as const) {
    await page.goto(url + path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await look(page, name);
  }
  await signIn(page, town.cedarRidge, "priya@example.com");
  for (const [path, name] of [
    ["/credits", "credits-some"],
    ["/autopay", "autopay-off"],
    ["/statement", "statement-past-due"],
  ] as const) {
    await page.goto(url + path);
    await look(page, name);
  }
  await page.goto(`${url}/autopay/enrolment`);
  await page.getByRole("button", { name: "Continue" }).or(page.locator("form[method=get] button")).first().click();
  await look(page, "autopay-agreement");
});

test("the office's money", async ({ page, town }) => {
  const { url, staff } = town.cedarRidge;
  await signIn(page, town.cedarRidge, staff[0]!.email, staff[0]!.password);
  for (const [path, name] of [
    ["/office/payment-methods", "office-payment-methods"],
    ["/office/autopay", "office-autopay"],
    ["/office/accounts/CR-10021/autopay", "office-customer-autopay"],
    ["/office/accounts/CR-10052/pay-links", "office-pay-links"],
    ["/office/export", "office-export"],
    ["/office/webhook", "office-webhook"],
    ["/office/money-settings", "office-money-settings"],
    ["/office/access", "office-access"],
    ["/office", "office"],
    ["/office/accounts/CR-10081", "office-customer"],
    ["/office/accounts/CR-10081/money", "office-money"],
  ] as const) {
    await page.goto(url + path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await look(page, name);
  }
  await page.locator('main a[href^="/office/payments/"]').first().click();
  await look(page, "office-payment");
  await page.goto(`${url}/office/accounts/CR-10052/money`);
  await page.getByRole("button", { name: "Use everything, oldest first" }).click();
  await expect(page.getByText("The credit is used.")).toBeFocused();
  await look(page, "office-money-credit");
  await page.locator("main").getByRole("link", { name: "PAY-", exact: false }).first().click();
  await look(page, "office-payment-settled");
});

test("a pay link, by somebody who has not signed in", async ({ page, browser, town }) => {
  const { url, staff } = town.cedarRidge;
  await signIn(page, town.cedarRidge, staff[0]!.email, staff[0]!.password);
  await page.goto(`${url}/office/accounts/CR-10052/pay-links`);
  await page.locator("main form button").first().click();
  const address = /https?:\/\/[^\s"<]+\/pay\/[\w-]+/.exec(await page.content())?.[0] ?? "";
  expect(address).toContain(url);
  await look(page, "office-pay-link-made");
  const context = await browser.newContext();
  const theirs = await context.newPage();
  await theirs.goto(address);
  await look(theirs, "pay-link");
  await theirs.goto(`${url}/invoices`);
  await expect(theirs).toHaveURL(/sign-in/);
  await theirs.goto(`${url}/pay/${"A".repeat(43)}`);
  await look(theirs, "pay-link-dead");
  await context.close();
});
