import { describe, expect, test } from "vitest";
import { LIMITS } from "../../src/auth/attempts.ts";
import { portal } from "../setup.ts";

const RUTH = "ruth@cedarridge.example.com";
const BEN = "ben@cedarridge.example.com";
const keyOf = "select registration_key key from accounts where number = ?";

describe("a lockout", () => {
  test("is seen by the office with the name of whom it keeps out, and lifted", async () => {
    const t = await portal();
    const wrong = { email: "Dana@example.com", password: "not the password" };
    for (let n = 0; n <= LIMITS["sign-in:email"].allowed; n++) await t.browser().post("/sign-in", wrong);
    const ruth = await t.as(RUTH);
    const page = await ruth.get("/office/lockouts");
    expect(page.html).toMatch(/Wrong passwords for one sign-in[\s\S]*dana@example\.com/);
    const right = { email: "dana@example.com", password: "porch-light-42" };
    expect((await t.browser().post("/sign-in", right)).status).toBe(429);
    const key = /name="key" value="(sign-in:email:[0-9a-f]+)"/.exec(page.html)![1]!;
    expect((await ruth.post("/office/lockouts/lifting", { key })).status).toBe(303);
    expect((await t.browser().post("/sign-in", right)).status).toBe(303);
    expect((await ruth.get("/office/lockouts")).html).not.toContain("dana@example.com");
    const [event] = await t.rows<{ by: string; detail: string }>(
      "select u.email by, detail from events join users u on u.id = by where action = 'lockout.lifted'",
    );
    expect(event!.by).toBe(RUTH);
    expect(event!.detail).toContain(key);
  });

  test("of somebody who is not there names nobody", async () => {
    const t = await portal();
    for (let n = 0; n <= LIMITS["sign-in:email"].allowed; n++)
      await t.browser().post("/sign-in", { email: "<b>stranger</b>@example.com", password: "guess" });
    const page = await (await t.as(RUTH)).get("/office/lockouts");
    expect(page.html).toContain("nobody we know");
    expect(page.html).not.toContain("stranger");
  });

  test("that has ended is not shown", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    for (let n = 0; n <= LIMITS["sign-in:email"].allowed; n++)
      await t.browser().post("/sign-in", { email: "dana@example.com", password: "guess" });
    t.clock.now += LIMITS["sign-in:email"].seconds + 1;
    expect((await ruth.get("/office/lockouts")).html).toContain("Nobody is locked out.");
  });
});

describe("a registration key", () => {
  test("stands in red with its customer, and a new one takes its place", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    const { key: before } = await t.row<{ key: string }>(keyOf, "CR-10105");
    expect((await ruth.get("/office/accounts/CR-10105")).html).toContain(`<strong class="key">${before}</strong>`);
    const answer = await ruth.post("/office/accounts/CR-10105/registration-key", {});
    expect(answer.headers.get("Location")).toBe("/office/accounts/CR-10105?said=key");
    const { key: after } = await t.row<{ key: string }>(keyOf, "CR-10105");
    expect(after).not.toBe(before);
    expect(after).toMatch(/^[0-9A-Z]{10}$/);
    const page = await ruth.get("/office/accounts/CR-10105?said=key");
    expect(page.html).toContain(after);
    expect(page.html).toContain("The old one no longer works.");
    expect(page.html).toMatch(/New registration key[\s\S]*Ruth Calloway/);
  });
});

describe("a customer", () => {
  test("is found by any part of the name, the number or the e-mail, whatever is typed", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    for (const q of ["okafor", "CR-10021", "10021", "DANA@EXAMPLE"])
      expect((await ruth.get(`/office/accounts?q=${encodeURIComponent(q)}`)).html, q).toContain(
        `href="/office/accounts/CR-10021"`,
      );
    for (const q of ["%", "_", "' or 1=1 --", "\u202egnp", "😀", "x".repeat(5000)]) {
      const page = await ruth.get(`/office/accounts?q=${encodeURIComponent(q)}`);
      expect(page.status, q).toBe(200);
      expect(page.html).toContain("No customer has that");
    }
    expect((await ruth.get("/office/accounts")).html).not.toContain("CR-10021");
    expect((await ruth.get("/office/accounts/CR-99999")).status).toBe(404);
  });

  test("shows who may sign in and when they last did", async () => {
    const t = await portal();
    await t.as("theo@harborstreetdental.example.com");
    const page = await (await t.as(RUTH)).get("/office/accounts/CR-10047");
    expect(page.html).toMatch(/Theo Marsh[\s\S]*Billing[\s\S]*Last signed in/);
    expect(page.html).toMatch(/Ines Duarte[\s\S]*Active, not signed in yet/);
    expect((await (await t.as(RUTH)).get("/office/accounts/CR-10105")).html).toContain("Not registered");
  });

  test("is put under a master, taken out again, and never under itself or in a chain", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    const put = async (number: string, master: string) =>
      (await ruth.post(`/office/accounts/${number}/master`, { master })).headers.get("Location");
    const masterOf = (number: string) =>
      t.row<{ master: string | null }>(
        "select (select number from accounts m where m.id = a.master_account_id) master from accounts a where number = ?",
        number,
      );
    expect(await put("CR-10081", " CR-10047 ")).toMatch(/said=master$/);
    expect(await masterOf("CR-10081")).toEqual({ master: "CR-10047" });
    expect((await ruth.get("/office/accounts/CR-10047")).html).toContain("Northgate Storage LLC (CR-10081)");
    expect((await ruth.get("/office/accounts/CR-10081")).html).toContain(`name="master" value="CR-10047"`);
    for (const [number, master] of [
      ["CR-10047", "CR-10047"],
      ["CR-10047", "CR-10021"],
      ["CR-10021", "CR-10081"],
      ["CR-10021", "BB-20001"],
      ["CR-10021", "' or 1=1 --"],
    ] as const) {
      expect(await put(number, master), `${number} under ${master}`).toMatch(/said=no-master$/);
      expect(await masterOf(number)).toEqual({ master: null });
    }
    expect(await put("CR-10081", "")).toMatch(/said=master$/);
    expect(await masterOf("CR-10081")).toEqual({ master: null });
  });
});

describe("the ways in", () => {
  const row = "select * from access_settings";

  test("are the owner's to change, and everybody's in the office to read", async () => {
    const t = await portal();
    const before = await t.row(row);
    const ben = await t.as(BEN);
    const page = await ben.get("/office/access");
    expect(page.html).toContain("Only the owner can change these.");
    expect(page.html).not.toContain(">Save<");
    const refused = await ben.post("/office/access", { staffTwoStep: "1" });
    expect(refused.headers.get("Location")).toBe("/office/access");
    expect(await t.row(row)).toEqual(before);
    const ruth = await t.as(RUTH);
    const answer = await ruth.post("/office/access", {
      registerByKey: "1",
      keyUsedOnce: "1",
      firstPassword: "temporary",
    });
    expect(answer.headers.get("Location")).toBe("/office/access?said=saved");
    expect(await t.row(row)).toEqual({
      id: 1,
      register_by_key: 1,
      register_by_email: 0,
      register_asks_name: 0,
      register_asks_phone: 0,
      strict_name_match: 0,
      first_password: "temporary",
      key_used_once: 1,
      staff_two_step: 0,
    });
    const saved = await ruth.get("/office/access?said=saved");
    expect(saved.html).toMatch(/name="keyUsedOnce" value="1" checked/);
    expect(saved.html).toMatch(/value="temporary" checked/);
  });

  test("take nothing for a choice that is not one", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    await ruth.post("/office/access", { registerByKey: "yes", firstPassword: "<script>", id: "2" });
    expect(await t.row(row)).toMatchObject({ id: 1, register_by_key: 0, first_password: "link" });
  });
});

describe("the worklist", () => {
  test("lets a thing be closed, and lists it again when it happens again", async () => {
    const t = await portal();
    t.mail.answer = () => ({ result: "never", reason: "mailbox unknown" });
    const insert = `insert into messages (id, dedupe_key, account_id, channel, kind, subject_id, address, queued_at)
      select 'msg_1', 'x', account_id, 'email', 'receipt', id, 'gone@example.com', 0 from payments where state = 'settled' limit 1`;
    await t.rows(insert);
    const send = async () => {
      await t.rows("update messages set state = 'waiting' where id = 'msg_1'");
      t.jobs.push({ type: "message.send", dealer: "cedar-ridge", messageId: "msg_1" });
      await t.runJobs();
    };
    await send();
    const ruth = await t.as(RUTH);
    const listed = await ruth.get("/office");
    expect(listed.html).toContain("A message could not be delivered");
    const id = /name="id" value="([^"]+)"/.exec(listed.html)![1]!;
    expect((await ruth.post("/office/worklist/closing", { id })).status).toBe(303);
    expect((await ruth.post("/office/worklist/closing", { id })).status).toBe(303);
    expect((await ruth.get("/office")).html).toContain("Nothing waits for you.");
    expect((await ruth.post("/office/worklist/closing", { id: "nothing" })).status).toBe(303);
  });
});
