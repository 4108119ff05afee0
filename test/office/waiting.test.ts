import { expect, test } from "vitest";
import { startAdding, typeNewAccount } from "../billing/adding.ts";
import { day } from "../billing/drafting.ts";
import { portal } from "../setup.ts";

const RUTH = "ruth@cedarridge.example.com";

test("what waits on other pages is counted on the office's first, each with the way there", async () => {
  const t = await portal();
  const ruth = await t.as(RUTH);
  expect((await ruth.get("/office")).html).not.toContain("small deposits");
  await t.rows("update money_settings set stopping_autopay = 'request'");
  await t.rows("update autopay set ask_above_cents = 100");
  await day(t, "2026-12-23");
  const dana = await t.as("dana@example.com");
  await dana.post("/autopay/stopping", { sure: "yes" });
  const priya = await t.as("priya@example.com");
  const { url } = await startAdding(priya, "bank");
  await priya.get(await typeNewAccount(t, url, "deposits"));
  await priya.post(
    `/payment-methods/${(await t.row<{ id: string }>("select m.id from payment_methods m join accounts a on a.id = m.account_id where a.number = 'CR-10052'")).id}/removal`,
    {},
  );
  const again = await t.as(RUTH);
  const { html } = await again.get("/office");
  for (const [href, words] of [
    ["/office/autopay", "1 customer wants to stop autopay"],
    ["/office/payment-methods", "1 card or account is to be removed"],
    ["/office/autopay#questions", "draft waits for a customer&#39;s yes|drafts wait for a customer&#39;s yes"],
    ["/office/payment-methods#deposits", "1 bank account waits for its small deposits"],
  ])
    expect(html).toMatch(new RegExp(`<a href="${href}">[^<]*(${words})</a>`));
  const autopay = await again.get("/office/autopay");
  expect(autopay.html).toContain('id="questions"');
  expect(autopay.html.split('id="questions"')[1]).toContain("Dana Okafor (CR-10021)");
  const methods = await again.get("/office/payment-methods");
  expect(methods.html.split('id="deposits"')[1]).toContain("STRIPE TEST BANK account ending 6789");
});
