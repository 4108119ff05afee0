import { describe, expect, test } from "vitest";
import { CAST_PASSWORD } from "../../db/cast.ts";
import { MINUTE } from "../../src/calendar.ts";
import { newId, sha256 } from "../../src/ids.ts";
import { everythingIn } from "../house/people.ts";
import { formOn, portal, type TestPortal } from "../setup.ts";

const KEY = "key_aVeryLongSecretOfTheBackOffice_123456";

type Answer = {
  changes: { id: string; customer_number: string; field: string; before: string; after: string; at: string }[];
  next: string;
  more: boolean;
};

/** A portal whose office has a key for its software, and one that was revoked. */
async function withKey(): Promise<TestPortal> {
  const t = await portal();
  for (const [id, secret, revoked] of [
    ["key_1", KEY, 0],
    ["key_2", `${KEY}_old`, 1],
  ] as const) {
    await t.rows(
      "insert into api_keys (id, name, hash, created_at, revoked_at) values (?, 'Back office', ?, 1, nullif(?, 0))",
      id,
      await sha256(secret),
      revoked,
    );
  }
  return t;
}

const fetched = (t: TestPortal, query = "", key = KEY, dealer = "cedar-ridge") =>
  t.browser(dealer).get(`/api/v1/contact-changes${query}`, { Authorization: `Bearer ${key}` });

const answer = async (t: TestPortal, query = "") => JSON.parse((await fetched(t, query)).html) as Answer;

/** Dana changes something about herself. */
async function change(t: TestPortal, changed: Record<string, string>): Promise<void> {
  const dana = await t.as("dana@example.com");
  const form = formOn((await dana.get("/profile/contact")).html, "/profile/contact");
  for (const [name, value] of Object.entries(changed)) form.set(name, value);
  expect((await dana.post("/profile/contact", form)).status).toBe(303);
}

/** Changes as many customers might make, one a second. */
async function many(t: TestPortal, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, (_, n) => newId("con", t.clock.now - 10_000 + n));
  for (let n = 0; n < count; n += 100)
    await t.rows(
      `insert into contact_changes (id, account_id, field, before, after, at)
       select value, (select id from accounts where number = 'CR-10047'), 'zip', '45003', '4500' || (key % 10), ?
       from json_each(?)`,
      t.clock.now - 5_000,
      JSON.stringify(ids.slice(n, n + 100)),
    );
  return ids;
}

describe("contact changes for the dealer's software", () => {
  test("say whose, what, before, after and when", async () => {
    const t = await withKey();
    const at = new Date(t.clock.now * 1000).toISOString().replace(".000Z", "Z");
    await change(t, { phone: "614-555-0199", line2: `Apt. "4", =1+1 👩‍👩‍👧`, paperless: "yes" });
    t.clock.now += MINUTE;
    const { changes, next, more } = await answer(t);
    const plain = changes.map(({ id, ...rest }) => rest).sort((a, b) => (a.field < b.field ? -1 : 1));
    const of = { customer_number: "CR-10021", at };
    expect(plain).toEqual([
      { ...of, field: "line2", before: "", after: `Apt. "4", =1+1 👩‍👩‍👧` },
      { ...of, field: "paperless", before: "no", after: "yes" },
      { ...of, field: "phone", before: "+16145550121", after: "+16145550199" },
    ]);
    expect([next, more]).toEqual([changes[2]!.id, false]);
    // Nothing new: the same cursor, to be sent again.
    expect(await answer(t, `?after=${next}`)).toEqual({ changes: [], next, more: false });
    await change(t, { zip: "45009" });
    t.clock.now += MINUTE;
    const later = await answer(t, `?after=${next}`);
    expect(later.changes.map(({ field, after }) => [field, after])).toEqual([["zip", "45009"]]);
  });

  test("come 500 at a time in the order of their ids, each once", async () => {
    const t = await withKey();
    const ids = await many(t, 1_001);
    const seen: string[] = [];
    const sizes: number[] = [];
    let after = "";
    for (let more = true; more; ) {
      const page = await answer(t, after && `?after=${after}`);
      seen.push(...page.changes.map(({ id }) => id));
      sizes.push(page.changes.length);
      ({ next: after, more } = page);
    }
    expect(sizes).toEqual([500, 500, 1]);
    expect(seen).toEqual(ids);
  });

  test("are handed out once they are a minute old: one that is committed late is not passed by", async () => {
    const t = await withKey();
    await change(t, { zip: "45009" });
    expect((await answer(t)).changes).toEqual([]);
    t.clock.now += MINUTE - 1;
    expect((await answer(t)).changes).toEqual([]);
    t.clock.now += 1;
    expect((await answer(t)).changes).toHaveLength(1);
  });

  test("are answered to the dealer's own key alone, and to no cookie", async () => {
    const t = await withKey();
    await many(t, 3);
    expect((await fetched(t)).status).toBe(200);
    for (const key of ["", "x", "wrong_wrong_wrong_wrong", `${KEY}_old`, `${KEY} `.repeat(2)])
      expect((await fetched(t, "", key)).status, key).toBe(401);
    expect((await fetched(t, "", KEY, "bluebonnet")).status).toBe(401);
    const ruth = await t.as("ruth@cedarridge.example.com");
    expect((await ruth.get("/api/v1/contact-changes")).status).toBe(401);
  });

  test("after anything that is no cursor are refused with a sentence", async () => {
    const t = await withKey();
    await many(t, 3);
    for (const after of ["x", "con_", "0", "' or 1=1 --", "con_00000000000000000000%00", "acc_01kb3x9q0e4m8n2t7w5z"]) {
      const refused = await fetched(t, `?after=${encodeURIComponent(after)}`);
      expect([refused.status, after]).toEqual([400, after]);
      expect(JSON.parse(refused.html).error).toContain("`next` of the answer before");
    }
  });

  test("fetched, change nothing but when the key was used", async () => {
    const t = await withKey();
    await many(t, 3);
    await fetched(t);
    const before = await everythingIn(t);
    for (let n = 0; n < 3; n++) await fetched(t);
    expect(await everythingIn(t)).toBe(before);
  });
});

describe("contact changes for the office", () => {
  test("stand on a page, newest first, fifty at a time", async () => {
    const t = await withKey();
    const ruth = await t.as("ruth@cedarridge.example.com");
    expect((await ruth.get("/office/contact-changes")).html).toContain("No customer has changed anything yet.");
    await many(t, 120);
    await change(t, { phone: "614-555-0199" });
    const first = (await ruth.get("/office/contact-changes")).html;
    expect(first).toMatch(
      /CR-10021[\s\S]*\(614\) 555-0121[\s\S]*\(614\) 555-0199[\s\S]*dana@example\.com[\s\S]*CR-10047/,
    );
    const rows = (html: string) => [...html.matchAll(/<th scope="row">/g)].length;
    const next = (html: string) => /href="(\/office\/contact-changes\?before=[^"]+)"/.exec(html)?.[1];
    const second = (await ruth.get(next(first)!)).html;
    const third = (await ruth.get(next(second)!)).html;
    expect([first, second, third].map(rows)).toEqual([50, 50, 21]);
    expect(next(third)).toBe(undefined);
    for (const before of ["x", "con_", "'", "%00"])
      expect(rows((await ruth.get(`/office/contact-changes?before=${before}`)).html), before).toBe(50);
  });

  test("are a file for spreadsheets, in which no text is run", async () => {
    const t = await withKey();
    await change(t, {
      line1: `=HYPERLINK("http://evil.example")`,
      line2: "+cmd|' /C calc'!A0",
      city: "Springvale, Ohio",
    });
    const ruth = await t.as("ruth@cedarridge.example.com");
    const file = await ruth.get("/office/contact-changes.csv");
    expect(file.status).toBe(200);
    expect(file.headers.get("Content-Type")).toBe("text/csv; charset=utf-8");
    expect(file.headers.get("Content-Disposition")).toBe('attachment; filename="contact-changes-2026-12-01.csv"');
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(await file.arrayBuffer());
    expect(text.startsWith("\uFEFFChanged at (UTC),Customer number,Customer,Field,Before,After,By\r\n")).toBe(true);
    const lines = text.trim().split("\r\n");
    expect(lines).toHaveLength(4);
    expect(text).toContain(
      `CR-10021,Dana Okafor,line1,14 Larkspur Ln,"'=HYPERLINK(""http://evil.example"")",dana@example.com`,
    );
    expect(text).toContain(`line2,,"'+cmd|' /C calc'!A0",dana@example.com`);
    expect(text).toContain(`city,Springvale,"Springvale, Ohio",dana@example.com`);
  });

  test("are not for customers", async () => {
    const t = await withKey();
    const browser = t.browser();
    await browser.post("/sign-in", { email: "dana@example.com", password: CAST_PASSWORD });
    for (const path of ["/office/contact-changes", "/office/contact-changes.csv"])
      expect((await browser.get(path)).status, path).toBe(404);
  });
});
