import { describe, expect, test } from "vitest";
import { addMethod, onFile } from "../billing/adding.ts";
import { formOn, portal, type TestBrowser } from "../setup.ts";

const RUTH = "ruth@cedarridge.example.com";
const DENTAL = "amara@harborstreetdental.example.com";
const HERE = "/office/accounts/CR-10047/agreements";

/** Turns autopay on, drawing on one method, from somewhere. */
async function enrol(browser: TestBrowser, method: string): Promise<void> {
  const choices = new URLSearchParams({ method, day: "5", monitoring: "1", others: "", ask: "" });
  const form = formOn((await browser.get(`/autopay/enrolment?${choices}`)).html, "/autopay");
  form.set("agree", "yes");
  form.set("name", "Amara <b>Diallo</b>");
  await browser.post("/autopay", form, { "User-Agent": "Lynx/2.9", "CF-Connecting-IP": "203.0.113.7" });
}

const asShown = (text: string): string =>
  text.replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;").replaceAll("'", "&#39;");

describe("what a customer has agreed to", () => {
  test("is shown to the office word for word, with all that a bank asks for", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    expect((await ruth.get(HERE)).html).toContain("Nothing yet.");
    const amara = await t.as(DENTAL);
    await addMethod(t, amara, "bank");
    const [bank] = await onFile(t, "CR-10047");
    t.clock.now += 60;
    await enrol(amara, bank!.id);
    expect((await ruth.get(HERE)).html).toContain("on its way to amara@harborstreetdental.example.com");
    await t.runJobs();
    const page = await ruth.get(HERE);
    const kept = await t.rows<Record<string, string>>(
      "select g.*, m.id message from agreements g left join messages m on m.dedupe_key = 'autopay_authorization:' || g.id where payment_method_id = ? order by at desc",
      bank!.id,
    );
    expect(kept.map(({ kind }) => kind)).toEqual(["autopay", "method"]);
    expect(page.html.indexOf("To autopay")).toBeLessThan(page.html.indexOf("To keep a card or bank account on file"));
    for (const { text, text_hash, id, mandate_id } of kept) {
      for (const paragraph of text!.split("\n")) expect(page.html).toContain(asShown(paragraph));
      expect(mandate_id).toMatch(/^mandate_/);
      for (const fact of [text_hash, id, mandate_id]) expect(page.html).toContain(fact!);
    }
    for (const fact of [
      "Amara &lt;b&gt;Diallo&lt;/b&gt;",
      "amara@harborstreetdental.example.com",
      "203.0.113.7",
      "Lynx/2.9",
      "2026-12-01T15:01:00Z",
      "English",
      `account ending 6789 (${bank!.stripe_payment_method_id})`,
      `message ${kept[0]!.message}, mail mail_${kept[0]!.message}`,
    ])
      expect(page.html).toContain(fact);
    expect(page.html.match(/<dd>Holds<\/dd>/g)).toHaveLength(2);
    expect((await ruth.get("/office/accounts/CR-10047")).html).toContain(`href="${HERE}"`);
  });

  test("says what has ended, been replaced, or come to nothing", async () => {
    const t = await portal();
    const amara = await t.as(DENTAL);
    await addMethod(t, amara, "bank");
    const [bank] = await onFile(t, "CR-10047");
    await enrol(amara, bank!.id);
    t.clock.now += 60;
    await enrol(amara, bank!.id);
    const ruth = await t.as(RUTH);
    expect((await ruth.get(HERE)).html).toContain("Replaced by a later one");
    t.clock.now += 60;
    await amara.post("/autopay/stopping", { sure: "yes" });
    const page = await ruth.get(HERE);
    expect(page.html).toContain("<dd>Ended Dec 1, 2026, 10:02 AM</dd>");
  });

  test("goes on page by page, the newest first, none twice and none left out", async () => {
    const t = await portal();
    await t.rows(
      `with recursive n(i) as (select 1 union all select i + 1 from n where i < 45)
       insert into agreements (id, account_id, user_id, kind, text, text_hash, language, address, user_agent, at)
       select 'agr_x' || (i + 100), (select id from accounts where number = 'CR-10047'), (select id from users where email = ?), 'method',
         'words ' || (i + 100) || '.', 'hash', 'en', 'x', 'x', 1796137200 - i / 3 from n`,
      DENTAL,
    );
    const ruth = await t.as(RUTH);
    const seen: string[] = [];
    for (let path: string | undefined = HERE; path; ) {
      const { html }: { html: string } = await ruth.get(path);
      seen.push(...[...html.matchAll(/<p>words (\d+)\.<\/p>/g)].map((match) => match[1]!));
      path = /href="([^"]+)" rel="next"/.exec(html)?.[1]?.replaceAll("&amp;", "&");
    }
    expect(seen).toHaveLength(45);
    expect(new Set(seen).size).toBe(45);
  });
});
