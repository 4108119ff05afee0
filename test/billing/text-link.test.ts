import { describe, expect, test } from "vitest";
import { DAY, HOUR, MINUTE } from "../../src/calendar.ts";
import type { SendResult } from "../../src/ports.ts";
import { formOn, portal, type TestPortal } from "../setup.ts";
import { sweep } from "./aftermath.ts";
import { openInvoicesOf } from "./customer.ts";
import { tenOn } from "./drafting.ts";

/** The office texts a pay link to whoever has just asked for it. */

const OFFICE = "/office/accounts/CR-10052/pay-links";
const TEXT = `${OFFICE}/text`;
const NUMBER = "+16145550152";
const WORDS = "They asked for this text just now, to (614) 555-0152";
const DAY_ONE = "2026-12-07";

/** The office has made a link for Priya's first invoice; it is ten in the morning. */
async function linkMade(now = tenOn(DAY_ONE)) {
  const t = await portal({ now });
  await t.rows("update messages set state = 'sent'");
  const ruth = await t.as("ruth@cedarridge.example.com");
  const [invoice] = await openInvoicesOf(t, "CR-10052");
  const form = formOn((await ruth.get(OFFICE)).html, OFFICE);
  form.set("invoice", invoice!.number);
  const made = await ruth.post(OFFICE, form);
  const address = /<code>(https:[^<]+)<\/code>/.exec(made.html)![1]!;
  const id = form.get("link_id")!;
  const wish = { link: id, number: NUMBER, asked: "1" };
  const press = async (more: Record<string, string> = {}) =>
    (await ruth.post(TEXT, { ...wish, ...more })).headers.get("Location")!.split("said=")[1];
  const page = async () => (await ruth.get(OFFICE)).html;
  const message = () =>
    t.row<{ state: string; failure: string | null; tries: number }>(
      "select * from messages where kind = 'invoice_text'",
    );
  return { t, ruth, id, invoice: invoice!, address, press, page, message };
}

/** How often the carrier was asked, whatever it said. */
function carrierSays(t: TestPortal, ...answers: SendResult[]): string[] {
  const asked: string[] = [];
  const usual = t.carrier.answer;
  t.carrier.answer = (text) => {
    asked.push(text.id);
    return answers.shift() ?? usual(text);
  };
  return asked;
}

const UNCLEAR: SendResult = { result: "never", reason: "unclear" };
const BUSY: SendResult = { result: "retry", retryInSeconds: null };

describe("a pay link by text", () => {
  test("goes to the number on file, says what it is, and opens the invoice's page", async () => {
    const { t, press, page, invoice, address } = await linkMade();
    expect(await page()).toMatch(/<input type="checkbox" name="asked" value="1" required(="")?\/?>/);
    expect(await press()).toBe("text-promised");
    await t.runJobs();
    expect(t.texts).toEqual([
      { id: expect.stringMatching(/^msg_/), to: NUMBER, text: expect.stringContaining(invoice.number), statusTo: null },
    ]);
    const { text } = t.texts[0]!;
    expect(text).toContain("Cedar Ridge");
    expect(text).toContain(` ${address} `);
    expect(text).toContain("Reply STOP to stop.");
    expect(text.length).toBeLessThanOrEqual(160);
    expect((await t.browser().get(new URL(address).pathname)).status).toBe(200);
    expect(await page()).toMatch(/Texted Dec 7, 2026, 10:07/);
    expect(t.outbox.filter((mail) => mail.text.includes(address))).toEqual([]);
  });

  test("leaves who said that they asked, when, in which words, and to which number", async () => {
    const { t, press, id } = await linkMade();
    await press();
    const ruth = await t.row<{ id: string }>("select id from users where email = 'ruth@cedarridge.example.com'");
    const [event] = await t.rows<{ by: string; at: number; detail: string }>(
      "select by, at, detail from events where action = 'pay_link.texted'",
    );
    expect(event).toMatchObject({ by: ruth.id, at: tenOn(DAY_ONE) });
    expect(JSON.parse(event!.detail)).toEqual({ link: id, number: NUMBER, words: WORDS });
  });

  test("is not sent without the tick, nor to another number, another's link, a withdrawn one or a paid one", async () => {
    const { t, ruth, press, id, invoice } = await linkMade();
    expect(await press({ asked: "" })).toBe("not-asked");
    expect(await press({ number: "+16145550199" })).toBe("text-refused");
    expect(await press({ link: "plk_00000000000000000000" })).toBe("text-refused");
    const other = await ruth.post("/office/accounts/CR-10021/pay-links/text", {
      link: id,
      number: "+16145550121",
      asked: "1",
    });
    expect(other.headers.get("Location")).toContain("said=text-refused");
    await t.rows("update pay_links set revoked_at = 1");
    expect(await press()).toBe("text-refused");
    await t.rows("update pay_links set revoked_at = null, expires_at = 1");
    expect(await press()).toBe("text-refused");
    await t.rows(`update pay_links set expires_at = ${t.clock.now + DAY}`);
    await t.rows("update invoices set status = 'unsent' where number = ?", invoice.number);
    expect(await press()).toBe("text-refused");
    await t.runJobs();
    expect(t.texts).toEqual([]);
    expect(await t.rows("select key from events where action = 'pay_link.texted'")).toEqual([]);
    await t.rows("update invoices set status = 'sent' where number = ?", invoice.number);
  });

  test("goes to the mobile number where there is one, and nowhere where no number is a US one", async () => {
    const { t, ruth, press } = await linkMade();
    await t.rows("update accounts set mobile = '+16145550999' where number = 'CR-10052'");
    expect((await ruth.get(OFFICE)).html).toContain("(614) 555-0999");
    expect(await press()).toBe("text-refused");
    for (const [mobile, phone] of [
      ["ask Tom", "555-0101"],
      [null, null],
      ["+4930123456", "+1614555015"],
    ] as const) {
      await t.db.$client.execute({
        sql: "update accounts set mobile = ?, phone = ? where number = 'CR-10052'",
        args: [mobile, phone],
      });
      const page = (await ruth.get(OFFICE)).html;
      expect(page).not.toContain("Text the link");
      expect(page).toContain("no telephone on file");
      expect(await press({ number: "" })).toBe("text-refused");
    }
    await t.rows("update accounts set mobile = '+16145550999' where number = 'CR-10052'");
    expect(await press({ number: "+16145550999" })).toBe("text-promised");
  });

  test("goes out once a day, however often it is pressed or brought", async () => {
    const { t, press } = await linkMade();
    const asked = carrierSays(t);
    const answers = await Promise.all([press(), press(), press()]);
    expect(answers.sort()).toEqual(["text-promised", "text-today_already", "text-today_already"]);
    const job = t.jobs.find(({ type }) => type === "message.send")!;
    t.jobs.push(job, job, job);
    await t.runJobs();
    await sweep(t);
    t.clock.now += HOUR;
    expect(await press()).toBe("text-today_already");
    await sweep(t);
    expect(asked).toHaveLength(1);
    t.clock.now += DAY;
    expect(await press()).toBe("text-promised");
    await t.runJobs();
    expect(asked).toHaveLength(2);
  });

  test("is in the language of whoever pays: the owner's, else who agreed to autopay, else English", async () => {
    const { t, press } = await linkMade();
    await t.rows("update users set language = 'es' where email = 'priya@example.com'");
    await press();
    await t.runJobs();
    expect(t.texts[0]!.text).toContain("Responda STOP para cancelar.");
    expect(t.texts[0]!.text).toMatch(/: (Factura|Pague)/);
  });
});

describe("at night", () => {
  const at = (time: string) => Date.parse(`${DAY_ONE}T${time}-05:00`) / 1000;

  test.for([
    ["07:59:59", "text-quiet_hours"],
    ["08:00:00", "text-promised"],
    ["20:59:59", "text-promised"],
    ["21:00:00", "text-quiet_hours"],
    ["00:00:00", "text-quiet_hours"],
  ] as const)("%s by the dealer's clock: %s", async ([time, said]) => {
    const { t, press } = await linkMade(at(time));
    expect(await press()).toBe(said);
    await t.runJobs();
    expect(t.texts).toHaveLength(said === "text-promised" ? 1 : 0);
  });

  test("what was promised by day and held up is not sent any more, and the office is told", async () => {
    const { t, press, page, message } = await linkMade(at("20:59:00"));
    carrierSays(t, BUSY);
    await press();
    await t.runJobs();
    t.clock.now += 5 * MINUTE;
    await sweep(t);
    expect(t.texts).toEqual([]);
    expect(await message()).toMatchObject({ state: "failed" });
    expect(await page()).toContain("was not sent: it would have come at night");
    t.clock.now = at("09:00:00") + DAY;
    await sweep(t);
    expect(t.texts).toEqual([]);
    expect(await press()).toBe("text-promised");
    await t.runJobs();
    expect(t.texts).toHaveLength(1);
  });
});

describe("at the carrier", () => {
  test("a number that has opted out is said so and never texted again, from whichever account", async () => {
    const { t, ruth, press, page } = await linkMade();
    const asked = carrierSays(t, { result: "never", reason: "21610" });
    await press();
    await t.runJobs();
    const after = await page();
    expect(after).toContain("was not sent: this number has opted out of texts");
    expect(after).toContain("has opted out of texts. E-mail the link");
    expect(after).not.toContain("Text the link");
    expect(await t.rows("select detail from worklist where kind = 'message_failed'")).toEqual([
      { detail: "this number has opted out of texts" },
    ]);
    t.clock.now += DAY;
    expect(await press()).toBe("text-refused");
    await t.rows("update accounts set phone = ? where number = 'CR-10021'", NUMBER);
    expect((await ruth.get("/office/accounts/CR-10021/pay-links")).html).toContain("has opted out of texts");
    await t.runJobs();
    expect(asked).toHaveLength(1);
  });

  test("an unclear answer is a person's to look at, and is never repeated", async () => {
    const { t, press, page, message } = await linkMade();
    const asked = carrierSays(t, UNCLEAR);
    await press();
    await t.runJobs();
    expect(await message()).toMatchObject({ state: "unclear", tries: 1 });
    expect(await page()).toContain("may have arrived");
    for (const wait of [3 * MINUTE, HOUR, DAY]) {
      t.clock.now += wait;
      await sweep(t);
    }
    expect(asked).toHaveLength(1);
    expect(await t.rows("select kind from worklist where kind = 'message_failed'")).toHaveLength(1);
  });

  test.for(["before", "after"] as const)(
    "a sender that dies %s it has sent leaves it unclear, never twice",
    async (moment) => {
      const { t, press, message } = await linkMade();
      const asked = carrierSays(t);
      await press();
      if (moment === "before")
        t.carrier.answer = () => {
          throw new Error("the Worker is gone");
        };
      else t.trouble.database = (statements) => (statements.includes("message.sent:") ? "before" : null);
      await expect(t.runJobs()).rejects.toThrow();
      t.trouble.database = null;
      carrierSays(t);
      await sweep(t);
      expect(await message()).toMatchObject({ state: "sending", tries: 1 });
      for (const wait of [3 * MINUTE, HOUR]) {
        t.clock.now += wait;
        await sweep(t);
      }
      expect(t.texts).toHaveLength(moment === "before" ? 0 : 1);
      expect(asked).toHaveLength(moment === "before" ? 0 : 1);
      expect(await message()).toMatchObject({ state: "unclear", tries: 1 });
    },
  );

  test("what it has certainly not taken is sent later, once", async () => {
    const { t, press, message } = await linkMade();
    const asked = carrierSays(t, BUSY, BUSY);
    await press();
    await t.runJobs();
    expect(await message()).toMatchObject({ state: "waiting" });
    for (let n = 0; n < 4; n++) {
      t.clock.now += 5 * MINUTE;
      await sweep(t);
    }
    expect(asked).toHaveLength(3);
    expect(t.texts).toHaveLength(1);
    expect(await message()).toMatchObject({ state: "sent" });
  });

  test("another refusal is told with its reason", async () => {
    for (const [reason, words] of [
      ["21614", "this number cannot get texts"],
      ["30099", "the carrier refused it (30099)"],
    ] as const) {
      const { t, press, page } = await linkMade();
      carrierSays(t, { result: "never", reason });
      await press();
      await t.runJobs();
      expect(await page()).toContain(`was not sent: ${words}.`);
      expect(await page()).toContain("Text the link");
    }
  });
});

test("a link that was paid or withdrawn before its text went out is not texted", async () => {
  const { t, ruth, press, id } = await linkMade();
  await press();
  await ruth.post(`${OFFICE}/withdrawal`, { link: id });
  await t.runJobs();
  expect(t.texts).toEqual([]);
  expect(await t.rows("select id from messages where kind = 'invoice_text'")).toEqual([]);
  expect(await t.rows("select action from events where action = 'message.taken_back'")).toHaveLength(1);
});
