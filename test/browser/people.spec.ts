import { sql } from "drizzle-orm";
import { CAST_PASSWORD } from "../../db/cast.ts";
import { openDatabase } from "../../db/client.ts";
import { en } from "../../views/text/en.ts";
import { expect, look, signIn, type Town, test } from "./town.ts";

/** Who else may see an account, asked by its owner; what is a customer's own; and what the office sees of both. */

const linkIn = async (town: Town, to: string): Promise<string> => {
  let link = "";
  await expect(async () => {
    const letter = (await town.mails(to)).find(({ text }) => text.includes("/invitations/"));
    expect(letter).toBeDefined();
    link = /https?:\/\/\S+\/invitations\/[\w-]+/.exec(letter!.text)![0];
  }).toPass({ timeout: 60_000 });
  return link;
};

test("an owner invites a colleague, who accepts without script and sees what the role shows, and no more", async ({
  page,
  browser,
  town,
}) => {
  const { url } = town.cedarRidge;
  const email = `nora.${Date.now()}@harborstreetdental.example.com`;
  await signIn(page, town.cedarRidge, "amara@harborstreetdental.example.com");
  await page.goto(`${url}/users`);
  await look(page, "users");
  const form = page.getByRole("region", { name: en.people.users.addTitle });
  await form.getByLabel(en.people.email).fill(email);
  await form.getByLabel(en.people.name, { exact: true }).fill("Nora Bright");
  await form.getByRole("radio", { name: en.people.roles.service }).check();
  await form.getByRole("button", { name: en.people.users.add }).click();
  await expect(page.getByText(email).first()).toBeVisible();

  const context = await browser.newContext({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });
  const theirs = await context.newPage();
  const link = await linkIn(town, email);
  await page.goto(link);
  await look(page, "invitation");
  await theirs.goto(link);
  await theirs.getByLabel(en.access.password.new).fill("a kettle and two cups");
  await theirs.getByLabel(en.access.password.again).fill("a kettle and two cups");
  await theirs.getByRole("button", { name: en.people.invitation.passwordButton }).click();
  await expect(theirs.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(theirs).not.toHaveURL(/invitations/);
  await expect(theirs.getByText("$")).toHaveCount(0);
  expect((await theirs.request.get(`${url}/invoices`)).status()).toBe(403);
  await context.close();
  await signIn(page, town.cedarRidge, email, "a kettle and two cups");
  await look(page, "dashboard-service");
});

test("a customer's own pages", async ({ page, town }) => {
  const { url } = town.cedarRidge;
  await signIn(page, town.cedarRidge, "dana@example.com");
  for (const [path, name] of [
    ["/profile", "profile"],
    ["/accounts", "accounts"],
    ["/profile/two-step", "two-step"],
    ["/profile/identities", "identities"],
  ] as const) {
    await page.goto(url + path);
    await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
    await look(page, name);
  }
});

test("the office finds a customer, sees who may sign in, and lifts a lockout", async ({ page, town }) => {
  const { url, staff } = town.cedarRidge;
  await openDatabase(town.database, null).run(sql`delete from attempts`);
  for (let n = 0; n < 11; n++)
    await page.request.post(`${url}/sign-in`, {
      form: { email: "priya@example.com", password: "a guess" },
      headers: { Origin: url },
    });
  await signIn(page, town.cedarRidge, staff[0]!.email, CAST_PASSWORD);
  for (const [path, name] of [
    ["/office", "office-worklist"],
    ["/office/accounts?q=harbor", "office-customers"],
    ["/office/accounts/CR-10047", "office-customer"],
    ["/office/registrations", "office-registrations"],
    ["/office/contact-changes", "office-contact-changes"],
    ["/office/access", "office-access"],
  ] as const) {
    await page.goto(url + path);
    await look(page, name);
  }
  await page.goto(`${url}/office/lockouts`);
  await look(page, "office-lockouts");
  const row = page.getByRole("row").filter({ hasText: "priya@example.com" });
  await row.getByRole("button", { name: "Let them try again" }).click();
  await expect(page.getByText("priya@example.com")).toHaveCount(0);
});
