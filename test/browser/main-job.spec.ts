import { en } from "../../views/text/en.ts";
import { readPdf } from "../documents/read-pdf.ts";
import { balanceOf, centsOf, dollarsOf, expect, look, signIn, test, textOf } from "./town.ts";

const PHONE = { width: 360, height: 740 };

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    test.use({ javaScriptEnabled, viewport: PHONE, mayVisit: ["bank"] });

    test("Priya pays one invoice in full and another in part, and has a receipt", async ({ page, town }) => {
      const dealer = town.cedarRidge;
      const partCents = javaScriptEnabled ? 1000 : 1111;
      await signIn(page, dealer, "priya@example.com");
      await expect(page.getByText("Past Due", { exact: true })).toBeVisible();
      const beforeCents = await balanceOf(page, dealer);
      await page.getByRole("link", { name: "Make a payment & view invoices" }).click();
      await expect(page.getByRole("heading", { name: "Invoices due" })).toBeVisible();

      const [first, second] = [page.locator("tbody tr").nth(0), page.locator("tbody tr").nth(1)];
      const [whole, part] = [await textOf(first.locator("th")), await textOf(second.locator("th"))];
      const wholeCents = centsOf(await textOf(first.locator("td.ne")));
      const partOwedCents = centsOf(await textOf(second.locator("td.ne")));
      const totalCents = wholeCents + partCents;
      const total = dollarsOf(totalCents);
      await first.getByRole("checkbox").check();
      await second.getByRole("checkbox").check();
      await second.getByRole("textbox").fill((partCents / 100).toFixed(2));
      await expect(page.getByRole("radio", { name: /Mastercard ending 4444/ })).toBeChecked();
      if (javaScriptEnabled) {
        await expect(page.getByRole("status").filter({ hasText: "$" })).toHaveText(total);
      } else {
        await page.getByRole("button", { name: "Pay invoices" }).click();
        await expect(page.getByText(en.pay.check(total))).toBeVisible();
      }
      await page.getByRole("button", { name: `Pay ${total}`, exact: true }).click();

      await expect(page.getByText(en.payment.settled(total))).toBeVisible();
      await expect(page.getByRole("listitem").filter({ hasText: whole })).toContainText(dollarsOf(wholeCents));
      await expect(page.getByRole("listitem").filter({ hasText: part })).toContainText(dollarsOf(partCents));
      if (javaScriptEnabled) await look(page, "payment-settled");

      await page.getByRole("link", { name: "See the receipt" }).click();
      const remains = dollarsOf(partOwedCents - partCents);
      await expect(page.getByRole("row").filter({ hasText: whole })).toContainText("$0.00");
      await expect(page.getByRole("row").filter({ hasText: part })).toContainText(remains);
      await expect(page.getByText("Mastercard ending 4444")).toBeVisible();
      if (javaScriptEnabled) await look(page, "receipt");

      const pdf = await page.getByRole("link", { name: "Download PDF" }).getAttribute("href");
      const file = await page.request.get(`${dealer.url}${pdf}`);
      expect(file.headers()["content-type"]).toBe("application/pdf");
      const { text } = await readPdf(new Uint8Array(await file.body()));
      for (const figure of [total, whole, part, dollarsOf(wholeCents), dollarsOf(partCents), remains, "4444"])
        expect(text).toContain(figure);

      await expect(async () => {
        const mail = (await town.mails("priya@example.com")).find(({ subject }) => subject.includes(total));
        expect(mail?.subject).toBe(`Receipt: ${total} received`);
        expect(mail?.from).toContain(dealer.name);
        expect(mail?.text).toContain(`${whole}: ${dollarsOf(wholeCents)}`);
        expect(mail?.text).toContain(`${part}: ${dollarsOf(partCents)}`);
        expect(mail?.text).toContain(`${dealer.url}/receipts/`);
      }).toPass({ timeout: 60_000 });

      expect(await balanceOf(page, dealer)).toBe(beforeCents - totalCents);
      await page.goto(`${dealer.url}/payments`);
      await expect(page.locator("tbody tr").first()).toContainText(total);
      await page.goto(`${dealer.url}/invoices/paid`);
      await expect(page.getByRole("link", { name: whole })).toBeVisible();
    });

    test("Amara pays with a new card on the bank's own page, and saves it only when she says so", async ({
      page,
      town,
    }) => {
      const dealer = town.cedarRidge;
      const amount = javaScriptEnabled ? "100.00" : "50.00";
      const card = javaScriptEnabled ? "4242 4242 4242 4242" : "5555 5555 5555 4444";
      const pay = async (save: boolean) => {
        await page.goto(`${dealer.url}/invoices`);
        const row = page.locator("tbody tr").first();
        await row.getByRole("checkbox").check();
        await row.getByRole("textbox").fill(amount);
        await page.getByRole("radio", { name: "A new card" }).check();
        if (save) await page.getByRole("checkbox", { name: "Save it for next time" }).check();
        else await expect(page.getByRole("checkbox", { name: "Save it for next time" })).not.toBeChecked();
        if (!javaScriptEnabled) await page.getByRole("button", { name: "Pay invoices" }).click();
        await page.getByRole("button", { name: `Pay $${amount}` }).click();
        await expect(page).toHaveURL(new RegExp(`^${town.bank}/c/pay/`));
      };
      const atBank = async () => {
        await page.getByLabel("Card number").fill(card);
        await page.getByRole("button", { name: `Pay $${amount}` }).click();
        await expect(page.getByText(en.payment.settled(`$${amount}`))).toBeVisible();
        await page.goto(`${dealer.url}/invoices`);
      };
      const methods = page.getByRole("radio", { name: `ending ${card.slice(-4)}` });
      await signIn(page, dealer, "amara@harborstreetdental.example.com");

      await pay(false);
      if (javaScriptEnabled) await look(page, "bank-checkout");
      await atBank();
      await expect(methods).toHaveCount(0);

      await pay(true);
      await atBank();
      await expect(methods).toHaveCount(1);
    });
  });
}
