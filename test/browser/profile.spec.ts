import { sql } from "drizzle-orm";
import { CAST_PASSWORD } from "../../db/cast.ts";
import { openDatabase } from "../../db/client.ts";
import { en } from "../../views/text/en.ts";
import { es } from "../../views/text/es.ts";
import { expect, look, signIn, test } from "./town.ts";

/** What somebody changes about themselves, on a telephone. */
test.use({ viewport: { width: 360, height: 740 } });

const words = en.profile;

test("contact details are changed, and the office reads what they were", async ({ page, town }) => {
  const { url, staff } = town.cedarRidge;
  await signIn(page, town.cedarRidge, "tomas@example.com");
  await page.getByRole("link", { name: "Signed in as" }).click();
  await look(page, "profile");
  await page.getByRole("link", { name: words.contact.change }).click();
  await look(page, "profile-contact");
  await page.getByLabel(words.contact.phone, { exact: true }).fill("12");
  await page.getByLabel(words.contact.line2).fill("Apt. 4");
  await page.getByRole("button", { name: words.save }).click();
  await expect(page.getByRole("alert")).toHaveText(words.contact.problems.phone);
  await expect(page.getByLabel(words.contact.line2)).toHaveValue("Apt. 4");
  await look(page, "profile-contact-refused");
  await page.getByLabel(words.contact.phone, { exact: true }).fill("614.555.0199");
  await page.getByRole("button", { name: words.save }).click();
  await expect(page.getByRole("status")).toHaveText(words.contact.saved);
  await expect(page.getByText("(614) 555-0199")).toBeVisible();

  await signIn(page, town.cedarRidge, staff[0]!.email, CAST_PASSWORD);
  await page.goto(`${url}/office/contact-changes`);
  await expect(page.getByRole("row").filter({ hasText: "Apt. 4" })).toContainText("CR-10073");
  await look(page, "office-contact-changes");
});

test("another address is asked for, confirmed from the mail, and signs in", async ({ page, town }) => {
  const { url } = town.cedarRidge;
  const email = `wren.${Date.now()}@example.org`;
  await signIn(page, town.cedarRidge, "wren@example.com");
  await page.goto(`${url}/profile/email`);
  await page.getByLabel(words.email.new).fill(email);
  await page.getByLabel(words.email.password).fill(CAST_PASSWORD);
  await page.getByRole("button", { name: words.email.button }).click();
  await expect(page.getByRole("status")).toContainText(email);
  await look(page, "profile-email-asked");
  let link = "";
  await expect(async () => {
    const [letter] = await town.mails(email);
    link = /https?:\/\/\S+\/email-addresses\/[\w-]+/.exec(letter!.text)![0];
  }).toPass({ timeout: 60_000 });
  await page.goto(link);
  await look(page, "email-address");
  await page.getByRole("button", { name: words.email.confirmButton }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(words.email.doneTitle);
  await look(page, "email-address-changed");
  await page.goto(link);
  await look(page, "email-address-dead");
  await signIn(page, town.cedarRidge, email);
  // The next test knows Wren by the old one.
  const db = openDatabase(town.database, null);
  await db.run(sql`update users set email = 'wren@example.com' where email = ${email}`);
});

test("a language is chosen before sign-in and kept in the profile; other devices are signed out", async ({
  page,
  browser,
  town,
}) => {
  const { url } = town.cedarRidge;
  await page.goto(`${url}/sign-in`);
  await page.getByRole("link", { name: es.language }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(es.signIn.title);
  await look(page, "es-sign-in-chosen");
  await page.getByRole("link", { name: en.language }).click();
  const context = await browser.newContext();
  const other = await context.newPage();
  await signIn(other, town.cedarRidge, "office@northgatestorage.example.com");
  await signIn(page, town.cedarRidge, "office@northgatestorage.example.com");
  await page.goto(`${url}/profile/sessions`);
  await look(page, "profile-sessions");
  await page.getByRole("button", { name: words.sessions.others }).click();
  await expect(page.getByRole("status")).toHaveText(words.sessions.ended);
  await other.goto(`${url}/profile`);
  await expect(other).toHaveURL(/sign-in/);
  await context.close();
  await page.goto(`${url}/profile/language`);
  await page.getByRole("radio", { name: es.language }).check();
  await look(page, "profile-language");
  await page.getByRole("button", { name: words.save }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText(es.profile.title);
  await look(page, "es-profile");
});
