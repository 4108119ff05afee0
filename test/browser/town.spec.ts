import { expect, look, signIn, test } from "./town.ts";

test.use({ mayVisit: ["town", "bank"] });

test("everybody whom the town lists with a password can sign in", async ({ town }) => {
  for (const dealer of town.dealers) {
    const people = [...dealer.customers, ...dealer.staff].filter(({ email, password }) => email && password);
    expect(people.length).toBeGreaterThan(1);
    for (const { email, password } of people) {
      const answer = await fetch(`${dealer.url}/sign-in`, {
        method: "POST",
        redirect: "manual",
        headers: { Origin: dealer.url },
        body: new URLSearchParams({ next: "/", email: email ?? "", password: password ?? "" }),
      });
      expect([email, answer.status]).toEqual([email, 303]);
    }
  }
});

test("the town's list for scripts has what issue and README promise", async ({ town }) => {
  for (const dealer of town.dealers) {
    expect(Object.keys(dealer)).toEqual(["name", "url", "apiKey", "smsNumber", "smsAuthToken", "customers", "staff"]);
    for (const customer of dealer.customers) {
      expect(Object.keys(customer)).toEqual(
        "name why number email password phone zip registrationKey systems".split(" "),
      );
    }
    for (const person of dealer.staff) expect(Object.keys(person)).toEqual(["role", "email", "password"]);
  }
});

test("the town's pages can be read, and a cron line run from there", async ({ page, town }) => {
  await signIn(page, town.cedarRidge, "dana@example.com");
  await page.goto(town.town);
  await look(page, "town");
  for (const name of await page.getByRole("button", { name: /^Run/ }).allInnerTexts()) {
    await page.getByRole("button", { name }).click();
    await expect(page.getByRole("status")).toContainText("Ran");
  }
  await page.goto(`${town.town}/telephone`);
  await look(page, "town-telephone");
  await page.goto(`${town.town}/mail`);
  await look(page, "town-mailbox");
  await page.goto(`${town.town}/bank`);
  await look(page, "town-bank");
});
