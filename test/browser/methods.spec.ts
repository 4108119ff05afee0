import { en } from "../../views/text/en.ts";
import { chooseFirst, expect, look, signIn, test } from "./town.ts";

test.use({ mayVisit: ["bank"], viewport: { width: 360, height: 740 } });

/** What the stand-in tells scripts of a payment. */
type BankPayment = { id: string; payment_id: string | null; status: string };

test("Tomas' bank wants to see him: he goes there and comes back paid, or comes back and is told why not", async ({
  page,
  town,
}) => {
  const dealer = town.cedarRidge;
  await signIn(page, dealer, "tomas@example.com");
  await chooseFirst(page, dealer, "5.00");
  await page.getByRole("button", { name: "Pay $5.00" }).click();
  await expect(page.getByText(en.payment.bank)).toBeVisible();
  await look(page, "payment-at-bank");
  await page.getByRole("link", { name: "Continue to your bank" }).click();
  await expect(page).toHaveURL(new RegExp(`^${town.bank}/3ds/`));
  await look(page, "bank-3d-secure");
  await page.getByRole("button", { name: "Fail" }).click();
  await expect(page.getByText(en.payment.failed)).toBeVisible();
  await expect(page.getByText(en.payment.reasons.authentication_failed)).toBeVisible();
  await look(page, "payment-declined");

  await page.getByRole("link", { name: "Choose invoices and try again" }).click();
  await chooseFirst(page, dealer, "6.00");
  await page.getByRole("button", { name: "Pay $6.00" }).click();
  await page.getByRole("link", { name: "Continue to your bank" }).click();
  await page.getByRole("button", { name: "Complete" }).click();
  await expect(page.getByText(en.payment.settled("$6.00"))).toBeVisible();
});

test("a declined card is told on the bank's page with the reason; who turns back can go on or cancel", async ({
  page,
  town,
}) => {
  const dealer = town.cedarRidge;
  await signIn(page, dealer, "theo@harborstreetdental.example.com");
  await chooseFirst(page, dealer, "20.00");
  await page.getByRole("radio", { name: "A new card" }).check();
  await page.getByRole("button", { name: "Pay $20.00" }).click();
  await page.getByLabel("Or a test case").selectOption({ label: "Declined: insufficient funds (…9995)" });
  await page.getByRole("button", { name: "Pay $20.00" }).click();
  await expect(page.getByRole("alert")).toHaveText("Your card has insufficient funds.");
  await look(page, "bank-declined");

  await page.getByRole("link", { name: "Cancel" }).click();
  await expect(page.getByText(en.payment.action)).toBeVisible();
  await look(page, "payment-not-finished");
  await page.goto(`${dealer.url}/`);
  await expect(page.getByText(en.home.unfinished("$20.00"))).toBeVisible();
  await look(page, "dashboard-unfinished");
  await page.goto(`${dealer.url}/invoices`);
  await expect(page.getByText(en.pay.unfinished)).toBeVisible();
  await look(page, "invoices-due-unfinished");
  await page.goto(`${dealer.url}/`);
  await page.getByRole("link", { name: "Finish or cancel it" }).click();
  await page.getByRole("link", { name: "Continue to payment" }).click();
  await expect(page).toHaveURL(new RegExp(`^${town.bank}/c/pay/`));
  await page.goBack();
  await page.getByRole("button", { name: "Cancel this payment" }).click();
  await expect(page.getByRole("heading", { name: "Invoices due" })).toBeVisible();
  await page.goto(`${dealer.url}/payments`);
  await expect(page.locator("tbody tr").first()).toContainText("Not paid");
});

test("Northgate pays from its bank account: on its way, then cleared, then a receipt; another one bounces", async ({
  page,
  town,
}) => {
  const dealer = town.cedarRidge;
  const email = "office@northgatestorage.example.com";
  const debitOf = async (paymentId: string): Promise<string> => {
    const all = (await (await fetch(`${town.bank}/_bank/payments`)).json()) as BankPayment[];
    return all.find((one) => one.payment_id === paymentId)?.id ?? "";
  };
  await signIn(page, dealer, email);
  await page.goto(`${dealer.url}/payments`);
  await page.getByRole("row").filter({ hasText: "Returned by the bank" }).getByRole("link").click();
  await expect(page.getByText(en.payment.returned)).toBeVisible();
  await look(page, "payment-returned");

  await chooseFirst(page, dealer, "30.00");
  await page.getByRole("button", { name: "Pay $30.00" }).click();
  await expect(page.getByText(en.payment.processingNote)).toBeVisible();
  await look(page, "payment-processing");
  const [address, paymentId] = [page.url(), page.url().split("/").at(-1) ?? ""];
  await page.goto(`${dealer.url}/`);
  await expect(page.getByText(en.home.onTheWay("$30.00"))).toBeVisible();
  await look(page, "dashboard-processing");
  await page.goto(`${dealer.url}/invoices`);
  await expect(page.getByText(en.invoices.processing("$30.00"))).toBeVisible();
  await look(page, "invoices-due-processing");

  await fetch(`${town.bank}/_bank/payments/${await debitOf(paymentId)}/settle`, { method: "POST" });
  await expect(async () => {
    await page.goto(address);
    await expect(page.getByText(en.payment.settled("$30.00"))).toBeVisible({ timeout: 500 });
  }).toPass();
  await page.getByRole("link", { name: "See the receipt" }).click();
  await expect(page.getByText("STRIPE TEST BANK account ending 6789")).toBeVisible();
  await expect(async () => {
    const subjects = (await town.mails(email)).map(({ subject }) => subject);
    expect(subjects).toContain(en.mail.payment_submitted.subject("$30.00"));
    expect(subjects).toContain("Receipt: $30.00 received");
  }).toPass({ timeout: 60_000 });

  await chooseFirst(page, dealer, "31.00");
  await page.getByRole("button", { name: "Pay $31.00" }).click();
  await expect(page.getByText(en.payment.processing("$31.00"))).toBeVisible();
  const second = page.url();
  await fetch(`${town.bank}/_bank/payments/${await debitOf(second.split("/").at(-1) ?? "")}/fail`, { method: "POST" });
  await expect(async () => {
    await page.goto(second);
    await expect(page.getByText(en.payment.reasons.insufficient_funds)).toBeVisible({
      timeout: 500,
    });
  }).toPass();
});

test("an outcome nobody knows yet is being checked, never called failed, and found out", async ({ page, town }) => {
  const dealer = town.cedarRidge;
  const faults = async (plan: Record<string, string>) =>
    fetch(`${town.bank}/_bank/faults`, {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(plan),
    });
  await signIn(page, dealer, "dana@example.com");
  await chooseFirst(page, dealer, "7.00");
  await faults({ match: "POST /v1/payment_intents/*/confirm", kind: "cut_after", times: "" });
  await faults({ match: "GET /v1/payment_intents/*", kind: "down", times: "" });
  try {
    await page.getByRole("button", { name: "Pay $7.00" }).click();
    await expect(page.getByText(en.payment.checking)).toBeVisible({ timeout: 40_000 });
    await look(page, "payment-checking");
    await expect(page.getByText("failed")).toHaveCount(0);
  } finally {
    await fetch(`${town.bank}/_bank/faults/clear`, { method: "POST" });
  }
  await expect(page.getByText(en.payment.settled("$7.00"))).toBeVisible({ timeout: 20_000 });
});
