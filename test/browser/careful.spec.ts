import { en } from "../../views/text/en.ts";
import { balanceOf, centsOf, chooseFirst, dollarsOf, expect, look, signIn, test, textOf } from "./town.ts";

test.use({ viewport: { width: 360, height: 740 } });

/** The dealer's own twin of Dana, whom no other file pays as. */
const DANA = "dana@example.com";

test("two clicks are one payment, and Back shows what is due now", async ({ page, town }) => {
  const dealer = town.bluebonnet;
  await signIn(page, dealer, DANA);
  await page.goto(`${dealer.url}/invoices`);
  const owed = page.locator("tbody tr").first().locator(".ne");
  const beforeCents = centsOf(await textOf(owed));
  await page.goto(`${dealer.url}/payments`);
  const before = await page.locator("tbody tr").count();
  await chooseFirst(page, dealer, "3.00");
  await page.getByRole("button", { name: "Pay $3.00" }).dblclick();
  await expect(page.getByText(en.payment.settled("$3.00"))).toBeVisible();
  await page.reload();
  await expect(page.getByText(en.payment.settled("$3.00"))).toBeVisible();

  await page.goBack();
  await expect(page.getByRole("heading", { name: "Invoices due" })).toBeVisible();
  await expect(owed).toHaveText(dollarsOf(beforeCents - 300));
  await expect(page.getByRole("checkbox", { name: /^Pay invoice/ }).first()).not.toBeChecked();
  await page.goto(`${dealer.url}/payments`);
  await expect(page.locator("tbody tr")).toHaveCount(before + 1);
});

test("two tabs with the same invoice: the second is told that it changed, and nothing is charged twice", async ({
  page,
  town,
}) => {
  const dealer = town.bluebonnet;
  await signIn(page, dealer, DANA);
  const owedCents = await balanceOf(page, dealer);
  const part = (Math.ceil(owedCents / 2) / 100 + 0.01).toFixed(2);
  const other = await page.context().newPage();
  await chooseFirst(page, dealer, part);
  await chooseFirst(other, dealer, part);
  await page.getByRole("button", { name: `Pay $${part}` }).click();
  await expect(page.getByText(en.payment.settled(`$${part}`))).toBeVisible();
  await other.getByRole("button", { name: `Pay $${part}` }).click();
  const problem = other.getByRole("alert").filter({ visible: true });
  await expect(problem).toContainText("to pay. Lower its amount.");
  await expect(problem).toBeFocused();
  await expect(other.locator("[aria-invalid]")).toHaveValue(part);
  expect(await balanceOf(page, dealer)).toBe(owedCents - Math.round(Number(part) * 100));
});

test("what the form will not take comes back in its place, with the focus on the reason", async ({ page, town }) => {
  const dealer = town.bluebonnet;
  await signIn(page, dealer, DANA);
  await page.goto(`${dealer.url}/invoices`);
  await page.getByRole("button", { name: "Pay invoices" }).click();
  await expect(page.getByRole("alert").filter({ visible: true })).toBeFocused();
  await expect(page.getByText(en.pay.problems.nothing_chosen)).toBeVisible();
  await look(page, "invoices-due-refusal");

  await page.locator("tbody").getByRole("textbox").first().fill("a lot");
  await page.locator("tbody").getByRole("checkbox").first().check();
  await page.getByRole("button", { name: /^Pay/ }).first().click();
  await expect(page.getByText("is not one we can read")).toBeVisible();
  await expect(page.locator("tbody").getByRole("textbox").first()).toHaveValue("a lot");

  await page.getByRole("textbox", { name: "Or type one total" }).fill("9999");
  await page.getByRole("button", { name: "Pay $9,999.00" }).click();
  await expect(page.locator("#pay > .notice")).toBeFocused();
  await look(page, "invoices-due-check");
  expect(page.url()).toBe(`${dealer.url}/invoices`);
});

test("totals are live: a tick, an amount, and one total that fills the oldest first", async ({ page, town }) => {
  const dealer = town.cedarRidge;
  await signIn(page, dealer, "office@northgatestorage.example.com");
  await page.goto(`${dealer.url}/invoices`);
  const rows = page.locator("tbody tr");
  const amounts = rows.getByRole("textbox");
  const ticks = rows.getByRole("checkbox");
  const total = page.locator("output");
  await expect(total).toHaveText("$0.00");
  await expect(page.getByRole("button", { name: "Pay invoices" })).toBeVisible();

  await amounts.nth(1).fill("1.50");
  await expect(ticks.nth(1)).toBeChecked();
  await expect(total).toHaveText("$1.50");
  await ticks.nth(1).uncheck();
  await expect(total).toHaveText("$0.00");

  const first = await amounts.nth(0).inputValue();
  await page.getByRole("textbox", { name: "Or type one total" }).fill(`${Number(first) + 2}`);
  await expect(ticks.nth(0)).toBeChecked();
  await expect(ticks.nth(1)).toBeChecked();
  await expect(amounts.nth(0)).toHaveValue(first);
  await expect(amounts.nth(1)).toHaveValue("2.00");
  await amounts.nth(1).fill("3");
  await expect(page.getByRole("textbox", { name: "Or type one total" })).toHaveValue("");
  await expect(total).toHaveText(dollarsOf(Math.round((Number(first) + 3) * 100)));
});

test.describe("a line that breaks", () => {
  test.use({ mayFail: true });

  test("while paying says so, and paying again pays once", async ({ page, town }) => {
    const dealer = town.bluebonnet;
    await signIn(page, dealer, DANA);
    const beforeCents = await balanceOf(page, dealer);
    await chooseFirst(page, dealer, "2.00");
    // The portal gets the form and acts; its answer never arrives.
    await page.route("**/payments", async (route) => {
      await route.fetch({ maxRedirects: 0 });
      await route.abort("connectionreset");
    });
    await page.getByRole("button", { name: "Pay $2.00" }).click();
    await expect(page.getByText(en.pay.offline)).toBeVisible();
    await page.unroute("**/payments");
    await page.getByRole("button", { name: "Pay $2.00" }).click();
    await expect(page.getByText(en.payment.settled("$2.00"))).toBeVisible();
    expect(await balanceOf(page, dealer)).toBe(beforeCents - 200);
  });
});

test("the card company being away is told in the form; nothing is charged and what was typed still stands", async ({
  page,
  town,
}) => {
  const dealer = town.bluebonnet;
  await signIn(page, dealer, DANA);
  await chooseFirst(page, dealer, "4.00");
  await fetch(`${town.bank}/_bank/faults`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: JSON.stringify({ match: "POST /v1/*", kind: "down", times: "" }),
  });
  try {
    await page.getByRole("button", { name: "Pay $4.00" }).click();
    await expect(page.getByText(en.pay.refusals.vendor_away)).toBeVisible({
      timeout: 40_000,
    });
  } finally {
    await fetch(`${town.bank}/_bank/faults/clear`, { method: "POST" });
  }
  await look(page, "invoices-due-vendor-away");
  await page.getByRole("button", { name: "Pay $4.00" }).click();
  await expect(page.getByText(en.payment.settled("$4.00"))).toBeVisible();
});

test("an error's page and the sign-in page take the place of the whole, not of the form", async ({ page, town }) => {
  const dealer = town.bluebonnet;
  await signIn(page, dealer, DANA);
  await chooseFirst(page, dealer, "1.00");
  await page.evaluate(`document.querySelector("[name=payment_id]").value = "nonsense"`);
  await page.getByRole("button", { name: "Pay $1.00" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(en.errors.notFound);
  await expect(page.getByRole("main")).toHaveCount(1);
  await expect(page).toHaveTitle(new RegExp(en.errors.notFound));

  await chooseFirst(page, dealer, "1.00");
  await page.context().clearCookies();
  await page.getByRole("button", { name: "Pay $1.00" }).click();
  await expect(page.getByRole("heading", { name: "Sign in" })).toBeVisible();
});

test("a page that the browser kept in memory is loaded again", async ({ page, town }) => {
  const dealer = town.bluebonnet;
  await signIn(page, dealer, DANA);
  await page.goto(`${dealer.url}/invoices`);
  const loaded = page.waitForEvent("load");
  await page.evaluate(`window.dispatchEvent(new PageTransitionEvent("pageshow", { persisted: true }))`);
  await loaded;
});
