import { eq, sql } from "drizzle-orm";
import { CAST_PASSWORD } from "../../db/cast.ts";
import { openDatabase } from "../../db/client.ts";
import { accounts, invoiceLines, invoices } from "../../db/schema.ts";
import { en } from "../../views/text/en.ts";
import { expect, look, openFirst, signIn, test } from "./town.ts";

test("pages before sign-in, and pages that are none", async ({ page, town }) => {
  const { url } = town.cedarRidge;
  await page.goto(`${url}/sign-in`);
  await look(page, "sign-in");
  await page.getByLabel("E-mail").fill("priya@example.com");
  await page.getByLabel("Password").fill("not hers");
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("alert")).toHaveText(en.signIn.wrong);
  await look(page, "sign-in-refused");
  await page.goto(`${url}/contact-us`);
  await look(page, "contact-us");
  await page.goto(`${url}/nowhere`);
  await look(page, "not-found");
});

test("every page of a customer with past-due invoices", async ({ page, town }) => {
  const { url } = town.cedarRidge;
  await signIn(page, town.cedarRidge, "priya@example.com");
  await look(page, "dashboard");
  for (const [path, name] of [
    ["/invoices", "invoices-due"],
    ["/invoices/paid", "invoices-paid"],
    ["/invoices/all", "invoices-all"],
    ["/payments", "payments"],
    ["/receipts", "receipts"],
    ["/contact-us", "contact-us-signed-in"],
  ] as const) {
    await page.goto(url + path);
    await look(page, name);
  }
  await page.goto(`${url}/invoices`);
  await openFirst(page);
  await look(page, "invoice");
  await page.getByRole("link", { name: "Pay $" }).click();
  await expect(page).toHaveURL(/\/invoices\?pay=/);
  await expect(page.locator("tbody").getByRole("checkbox").first()).toBeChecked();
  await look(page, "invoices-due-one-ticked");
  await page.goto(`${url}/receipts`);
  await openFirst(page);
  await look(page, "receipt-imported");
  await page.emulateMedia({ media: "print" });
  await look(page, "print-receipt");
  await page.goto(`${url}/invoices`);
  await openFirst(page);
  await look(page, "print-invoice");
});

test.describe("in Spanish", () => {
  test.use({ locale: "es-US" });

  test("a customer of two sites with a bank payment on its way", async ({ page, town }) => {
    const { url } = town.cedarRidge;
    await page.goto(`${url}/sign-in`);
    await look(page, "es-sign-in");
    await page.getByRole("textbox").first().fill("maya@example.com");
    await page.locator("[type=password]").fill(CAST_PASSWORD);
    await page.getByRole("main").getByRole("button").click();
    await expect(page).not.toHaveURL(/sign-in/);
    for (const [path, name] of [
      ["/", "es-dashboard"],
      ["/invoices", "es-invoices-due"],
      ["/invoices/all", "es-invoices-all"],
      ["/payments", "es-payments"],
      ["/receipts", "es-receipts"],
      ["/contact-us", "es-contact-us"],
    ] as const) {
      await page.goto(url + path);
      await look(page, name);
    }
    await page.goto(`${url}/invoices/all`);
    await openFirst(page);
    await look(page, "es-invoice");
    await page.goto(`${url}/payments`);
    await openFirst(page);
    await look(page, "es-payment");
    await page.goto(`${url}/receipts`);
    await openFirst(page);
    await look(page, "es-receipt");
  });
});

test("a customer who may only look, and one whose account is closed", async ({ page, town }) => {
  const { url } = town.cedarRidge;
  await signIn(page, town.cedarRidge, "ines@harborstreetdental.example.com");
  await page.goto(`${url}/invoices`);
  await expect(page.getByText(en.pay.readOnly)).toBeVisible();
  await look(page, "invoices-due-viewer");
  await page.getByRole("button", { name: "Sign out", exact: true }).click();
  await expect(page.getByText(en.signIn.signedOut)).toBeVisible();

  await signIn(page, town.cedarRidge, "wren@example.com");
  await look(page, "dashboard-closed");
  await page.goto(`${url}/invoices`);
  await look(page, "invoices-due-none");
});

test("a customer on autopay, another dealer's colours, and the office", async ({ page, town }) => {
  await signIn(page, town.cedarRidge, "dana@example.com");
  await look(page, "dashboard-autopay");
  await signIn(page, town.bluebonnet, "dana@example.com");
  await look(page, "bluebonnet-dashboard");
  await page.goto(`${town.bluebonnet.url}/invoices`);
  await look(page, "bluebonnet-invoices-due");
  const { email, password } = town.cedarRidge.staff[0]!;
  await signIn(page, town.cedarRidge, email, password);
  await expect(page.getByRole("heading", { name: "Worklist" })).toBeVisible();
  await look(page, "office");
});

test("a new customer has empty lists; one with 27 open invoices has them in two pages", async ({ page, town }) => {
  const { url } = town.cedarRidge;
  const give = (number: string, email: string) =>
    fetch(`${town.town}/passwords`, {
      method: "POST",
      body: new URLSearchParams({ dealer: town.cedarRidge.name, number, email, password: "a-longer-one" }),
    });
  await give("CR-10105", "imani@example.com");
  await signIn(page, town.cedarRidge, "imani@example.com", "a-longer-one");
  for (const [path, name] of [
    ["/", "dashboard-new"],
    ["/invoices", "invoices-due-one"],
    ["/invoices/paid", "invoices-paid-none"],
    ["/payments", "payments-none"],
    ["/receipts", "receipts-none"],
  ] as const) {
    await page.goto(url + path);
    await look(page, name);
  }

  await give("CR-10068", "glenn@example.com");
  const db = openDatabase(town.database, null);
  const [glenn] = await db.select().from(accounts).where(eq(accounts.number, "CR-10068"));
  for (let month = 0; month < 26; month++) {
    const id = `inv_browser_${month}`;
    const issuedOn = `${2024 + Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, "0")}-01`;
    const dueOn = issuedOn.replace(/01$/, "21");
    await db.insert(invoices).values({
      id,
      accountId: glenn!.id,
      siteId: sql`(select id from sites where account_id = ${glenn!.id} limit 1)`,
      number: `GA-${1000 + month}`,
      kind: "recurring",
      status: "sent",
      issuedOn,
      dueOn,
      totalCents: 3197,
    });
    await db.insert(invoiceLines).values({
      invoiceId: id,
      position: 1,
      description: "Monitoring",
      quantityThousandths: 1000,
      unitCents: 3197,
      amountCents: 3197,
    });
  }
  await signIn(page, town.cedarRidge, "glenn@example.com", "a-longer-one");
  await page.goto(`${url}/invoices`);
  await expect(page.locator("tbody tr")).toHaveCount(25);
  await look(page, "invoices-due-25");
  // On a phone the total and the way to the button are in sight from the first invoice on.
  await page.setViewportSize({ width: 360, height: 740 });
  await page.evaluate("window.scrollTo(0, 0)");
  await page.locator("tbody").getByRole("checkbox").first().check();
  await expect(page.getByText("Total to pay: $31.97")).toBeInViewport();
  await page.getByRole("link", { name: "Go to payment" }).click();
  await expect(page.getByRole("button", { name: "Pay $31.97" })).toBeInViewport();
  await page.getByRole("link", { name: "Next invoices" }).click();
  await expect(page.locator("tbody tr")).toHaveCount(2);
  await look(page, "invoices-due-second-page");
});
