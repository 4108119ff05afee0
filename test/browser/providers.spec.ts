import type { Page } from "@playwright/test";
import { Secret, TOTP } from "otpauth";
import { expect, look, signIn, test, textOf } from "./town.ts";

const PHONE = { width: 360, height: 740 };
const NAMES = { google: "Google", microsoft: "Microsoft", apple: "Apple" } as const;

/** Goes out from the sign-in page and presses yes at the provider. */
async function consent(page: Page, name: string, email: string): Promise<void> {
  await page.getByRole("link", { name: `Sign in with ${name}` }).click();
  await page.getByRole("button", { name: email }).click();
}

for (const javaScriptEnabled of [true, false]) {
  test.describe(javaScriptEnabled ? "with JavaScript" : "without JavaScript", () => {
    // Apple's page sends its answer on by script, and has a button for browsers that have none.
    test.use({ javaScriptEnabled, viewport: PHONE, mayVisit: ["providers"] });

    test("Google and Apple let in whose address they verified, and Microsoft whoever linked it before", async ({
      page,
      town,
    }) => {
      const dealer = town.cedarRidge;
      const email = javaScriptEnabled ? "priya@example.com" : "dana@example.com";
      for (const provider of ["google", "apple"] as const) {
        await page.goto(`${dealer.url}/invoices`);
        if (javaScriptEnabled && provider === "google") await look(page, "sign-in");
        await consent(page, NAMES[provider], email);
        if (!javaScriptEnabled && provider === "apple") await page.getByRole("button").click();
        await expect(page).toHaveURL(`${dealer.url}/invoices`);
        await expect(page.getByRole("heading", { name: "Invoices due" })).toBeVisible();
        await page.getByRole("button", { name: "Sign out", exact: true }).click();
      }
      await consent(page, "Microsoft", email);
      await expect(page.getByRole("heading", { name: "We found no sign-in for this address" })).toBeVisible();
      if (javaScriptEnabled) await look(page, "provider-unknown");

      await signIn(page, dealer, email);
      await page.goto(`${dealer.url}/profile/identities`);
      await page.getByRole("link", { name: "Link Microsoft" }).click();
      await page.getByRole("button", { name: email }).click();
      await expect(page.getByText("You can sign in with it from now on.")).toBeVisible();
      if (javaScriptEnabled) await look(page, "identities");
      await page.getByRole("button", { name: "Sign out", exact: true }).click();
      await consent(page, "Microsoft", email);
      await expect(page).toHaveURL(`${dealer.url}/`);
      await expect(page.getByRole("heading", { level: 1 })).toBeVisible();

      await page.goto(`${dealer.url}/profile/identities`);
      for (const name of ["Google", "Microsoft", "Apple"])
        await page.getByRole("button", { name: `Remove ${name}` }).click();
      await expect(page.getByRole("button", { name: /Remove/ })).toHaveCount(0);
    });

    test("an address that Google has not verified, and one that nobody here has, open nothing", async ({
      page,
      town,
    }) => {
      const dealer = town.cedarRidge;
      for (const email of ["theo@harborstreetdental.example.com", "nobody@elsewhere.example.com"]) {
        await page.goto(`${dealer.url}/sign-in`);
        await consent(page, "Google", email);
        await expect(page.getByRole("heading", { name: "We found no sign-in for this address" })).toBeVisible();
        await expect(page.getByText(email)).toBeVisible();
        await page.goto(`${dealer.url}/`);
        await expect(page).toHaveURL(`${dealer.url}/sign-in`);
      }
    });
  });
}

test.describe("on a telephone", () => {
  test.use({ viewport: PHONE });

  test("somebody sets up two-step sign-in, signs in with it, and turns it off", async ({ page, town }) => {
    const dealer = town.cedarRidge;
    const email = dealer.customers.find(({ password }) => password)!.email!;
    await signIn(page, dealer, email);
    await page.goto(`${dealer.url}/profile/two-step`);
    await look(page, "two-step-off");
    await page.getByRole("button", { name: "Set it up" }).click();
    await expect(page.getByRole("img", { name: /QR code/ })).toBeVisible();
    await look(page, "two-step-starting");
    const secret = (await textOf(page.locator("code"))).replaceAll(" ", "");
    const app = new TOTP({ secret: Secret.fromBase32(secret) });
    await page.getByRole("textbox", { name: "Code" }).fill(app.generate());
    await page.getByRole("button", { name: "Turn on" }).click();
    await expect(page.getByRole("heading", { name: "Keep these recovery codes" })).toBeVisible();
    await look(page, "recovery-codes");
    const codes = await page.locator("code").allTextContents();
    expect(codes.length).toBe(10);
    await page.getByRole("link", { name: "I have kept them" }).click();
    await look(page, "two-step-on");
    await page.getByRole("button", { name: "Sign out", exact: true }).click();

    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password").fill(dealer.customers.find((one) => one.email === email)!.password!);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page.getByRole("heading", { name: "One more step" })).toBeVisible();
    await look(page, "second-step");
    await page.getByRole("textbox", { name: "Code" }).fill("000000");
    await page.getByRole("button", { name: "Go on" }).click();
    await expect(page.getByRole("alert")).toContainText("That code is not right");
    await page.getByRole("textbox", { name: "Code" }).fill(codes[0]!);
    await page.getByRole("button", { name: "Go on" }).click();
    await expect(page).toHaveURL(`${dealer.url}/`);

    await page.goto(`${dealer.url}/profile/two-step`);
    await expect(page.getByText("9 recovery codes are left.")).toBeVisible();
    await page.getByLabel("A code from your app, or a recovery code").fill(codes[1]!);
    await page.getByRole("button", { name: "Turn off" }).click();
    await expect(page.getByText("Two-step sign-in is off. Other devices are signed out.")).toBeVisible();
  });
});
