import { sql } from "drizzle-orm";
import { openDatabase } from "../../db/client.ts";
import { en } from "../../views/text/en.ts";
import { expect, look, type Town, test, textOf } from "./town.ts";

const IMANI = "imani@example.com";
const PASSWORD = "an umbrella in the hall";

/** On a telephone, and without any script: the paper invoice in one hand. */
test.use({ javaScriptEnabled: false, viewport: { width: 360, height: 740 } });

/** Makes Imani new again, whoever registered her before, and hands out the letters that reach her from now on. */
async function newcomer(town: Town) {
  const db = openDatabase(town.database, null);
  await db.run(sql`update users set password_hash = null where email = ${IMANI}`);
  await db.run(
    sql`update memberships set active_since = null where user_id = (select id from users where email = ${IMANI})`,
  );
  await db.run(sql`delete from attempts`);
  const before = new Set((await town.mails(IMANI)).map(({ text }) => text));
  return async (subject: string) => {
    let text = "";
    await expect(async () => {
      const letter = (await town.mails(IMANI)).find((mail) => mail.subject.includes(subject) && !before.has(mail.text));
      expect(letter, subject).toBeDefined();
      text = letter!.text;
    }).toPass({ timeout: 60_000 });
    return text;
  };
}

const linkIn = (text: string, origin: string): string => {
  const link = /https?:\/\/\S+\/passwords\/[\w-]+/.exec(text)?.[0] ?? "";
  expect(link.startsWith(origin), link).toBe(true);
  return link;
};

test("with only the paper invoice and a nickname, a new customer is looking at it within two minutes", async ({
  page,
  town,
}) => {
  const dealer = town.cedarRidge;
  const letter = await newcomer(town);
  const started = Date.now();
  await page.goto(`${dealer.url}/sign-in`);
  await page.getByRole("link", { name: en.register.link }).click();
  const form = page.getByRole("form", { name: en.register.byKey.title });
  await form.getByLabel("Customer number").fill("cr10105");
  await form.getByLabel("Registration key").fill("k8v4 g2qr mx");
  await form.getByLabel("ZIP code").fill("45003");
  await form.getByLabel("First name").fill("Immy");
  await form.getByLabel("Last name").fill("Brooks");
  await form.getByLabel("E-mail").fill(IMANI);
  await form.getByRole("button", { name: "Register" }).click();
  await expect(page.getByRole("heading", { name: en.register.sentTitle })).toBeVisible();
  await expect(page.getByText("cr10105")).toBeVisible();

  const link = linkIn(await letter("account online"), dealer.url);
  // A scanner looks three times first.
  for (let n = 0; n < 3; n++) expect((await page.request.get(link)).status()).toBe(200);
  await page.goto(link);
  await page.getByLabel(en.access.password.new).fill(PASSWORD);
  await page.getByLabel(en.access.password.again).fill(PASSWORD);
  await page.getByRole("button", { name: en.access.password.button }).click();
  await page.getByRole("link", { name: "Make a payment & view invoices" }).click();
  const number = await textOf(page.locator("tbody th a").first());
  await page.locator("tbody th a").first().click();
  await expect(page.getByRole("heading", { level: 1 })).toContainText(number);
  expect(Date.now() - started).toBeLessThan(120_000);

  // The link is used up, and says where to go from there.
  await page.goto(link);
  await expect(page.getByRole("heading", { name: en.access.password.deadTitle })).toBeVisible();
});

test("with the code on the invoice, number and key are filled in; a box left empty is named", async ({
  page,
  town,
}) => {
  const letter = await newcomer(town);
  await page.goto(`${town.cedarRidge.url}/register?customer=CR-10105&key=K8V4G2QRMX`);
  const form = page.getByRole("form", { name: en.register.byKey.title });
  await expect(form.getByLabel("Customer number")).toHaveValue("CR-10105");
  await expect(form.getByLabel("Registration key")).toHaveValue("K8V4G2QRMX");
  await expect(form.getByLabel("ZIP code")).toHaveValue("");
  await form.getByLabel("ZIP code").fill("45003");
  await form.getByLabel("First name").fill("Imani");
  await form.getByLabel("Last name").fill("Brooks");
  await form.getByLabel("E-mail").fill("imani@example");
  await form.getByRole("button", { name: "Register" }).click();
  await expect(page.getByRole("alert")).toHaveText(en.register.missing.email);
  await form.getByLabel("E-mail").fill(IMANI);
  await form.getByRole("button", { name: "Register" }).click();
  await expect(page.getByRole("heading", { name: en.register.sentTitle })).toBeVisible();
  // Or the next test would take this letter for its own.
  await letter("account online");
});

test("with the e-mail on file, one box is enough", async ({ page, town }) => {
  const dealer = town.cedarRidge;
  const letter = await newcomer(town);
  await page.goto(`${dealer.url}/register`);
  const form = page.getByRole("form", { name: en.register.byEmail.title });
  await form.getByLabel("E-mail").fill(IMANI);
  await form.getByRole("button", { name: en.register.byEmail.button }).click();
  await expect(page.getByRole("heading", { name: en.register.sentTitle })).toBeVisible();
  await page.goto(linkIn(await letter("account online"), dealer.url));
  await page.getByLabel(en.access.password.new).fill(PASSWORD);
  await page.getByLabel(en.access.password.again).fill("something else");
  await page.getByRole("button", { name: en.access.password.button }).click();
  await expect(page.getByRole("alert")).toHaveText(en.access.password.problems.different);
  await page.getByLabel(en.access.password.new).fill(PASSWORD);
  await page.getByLabel(en.access.password.again).fill(PASSWORD);
  await page.getByRole("button", { name: en.access.password.button }).click();
  await expect(page).toHaveURL(`${dealer.url}/`);
  await expect(page.getByText("CR-10105")).toBeVisible();
});

test.describe("looked at", () => {
  // axe is a script.
  test.use({ javaScriptEnabled: true });

  test("on a telephone and on a wide screen", async ({ page, town }) => {
    const { url } = town.cedarRidge;
    const letter = await newcomer(town);
    await page.goto(`${url}/register?customer=CR-10105&key=K8V4G2QRMX`);
    await look(page, "register");
    const form = page.getByRole("form", { name: en.register.byKey.title });
    await form.getByLabel("ZIP code").fill("45003");
    await form.getByLabel("First name").fill("Imani");
    await form.getByLabel("Last name").fill("Brooks");
    await form.getByLabel("E-mail").fill("imani@example");
    await form.getByRole("button", { name: "Register" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await look(page, "register-refused");
    await form.getByLabel("E-mail").fill(IMANI);
    await form.getByRole("button", { name: "Register" }).click();
    await expect(page.getByRole("heading", { name: en.register.sentTitle })).toBeVisible();
    await look(page, "register-sent");
    const link = linkIn(await letter("account online"), url);
    await page.goto(link);
    await look(page, "password-new");
    await page.goto(`${link.slice(0, -1)}`);
    await look(page, "password-link-dead");
    await page.goto(`${url}/forgot-password`);
    await look(page, "password-forgotten");
  });
});
