import { describe, expect, test } from "vitest";
import { DAY } from "../../src/calendar.ts";
import { portal, type TestPortal } from "../setup.ts";

const RUTH = "ruth@cedarridge.example.com";

const linkIn = (text: string): string => /https:\/\/[^/]+(\/\S+)/.exec(text)![1]!;

async function waiting(t: TestPortal, id = "reg_1"): Promise<void> {
  await t.rows(
    `insert into registrations (id, account_id, email, name, state, created_at)
     select ?, id, 'glenn.new@example.com', 'Glen Abbott', 'waiting', ? from accounts where number = 'CR-10068'`,
    id,
    t.clock.now,
  );
}

describe("an invitation from the office", () => {
  test("goes to the address that was typed, and opens the account to its reader", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    const form = { email: "Imani@Example.com", name: "Imani Brooks", role: "owner" };
    const answer = await ruth.post("/office/accounts/CR-10105/invitations", form);
    expect(answer.headers.get("Location")).toBe("/office/accounts/CR-10105?said=invited");
    await t.runJobs();
    expect(t.outbox.map((mail) => mail.to)).toEqual(["imani@example.com"]);
    expect((await ruth.get("/office/accounts/CR-10105")).html).toMatch(/imani@example\.com[\s\S]*Invited/);
    const imani = t.browser();
    const link = linkIn(t.outbox[0]!.text);
    const password = "three small lanterns";
    const accepted = await imani.post(link, { password, again: password });
    expect(accepted.status).toBe(303);
    expect((await imani.get("/invoices")).status).toBe(200);
    expect((await ruth.get("/office/accounts/CR-10105")).html).toMatch(/imani@example\.com[\s\S]*Last signed in/);
  });

  test("that cannot be sent says why, and invites nobody", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    const said = async (form: Record<string, string>) => {
      const answer = await ruth.post("/office/accounts/CR-10021/invitations", form);
      const page = await ruth.get(answer.headers.get("Location")!);
      expect(page.html).toMatch(/class="notice problem"/);
      return answer.headers.get("Location")!.split("said=")[1];
    };
    expect(await said({ email: "no address", name: "Somebody", role: "viewer" })).toBe("not-email");
    expect(await said({ email: "x@example.com", name: "", role: "viewer" })).toBe("not-name");
    expect(await said({ email: "x@example.com", name: "See www.evil.test", role: "viewer" })).toBe("not-web_address");
    expect(await said({ email: "x@example.com", name: "Somebody", role: "boss" })).toBe("not-role");
    expect(await said({ email: "dana@example.com", name: "Dana", role: "viewer" })).toBe("not-active");
    await t.runJobs();
    expect(t.outbox).toEqual([]);
  });
});

describe("inviting everybody", () => {
  const invited = (t: TestPortal) => t.outbox.map((mail) => mail.to).sort();

  test("reaches each active customer with an e-mail of whom nobody has registered, once a week at most", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    const registered = await t.rows<{ email: string }>(
      "select email from accounts a where exists (select 1 from memberships where account_id = a.id and active_since is not null and role = 'owner')",
    );
    await t.rows(
      "update memberships set active_since = null where account_id in (select id from accounts where number in ('CR-10021', 'CR-10090', 'CR-10105'))",
    );
    const answer = await ruth.post("/office/invitations", {});
    expect(answer.headers.get("Location")).toBe("/office/accounts?inviting");
    await t.runJobs();
    // Wren's account is closed, Glenn has no e-mail, and the others have registered.
    expect(invited(t)).toEqual(["dana@example.com", "imani@example.com"]);
    expect(registered.length).toBeGreaterThan(4);
    await ruth.post("/office/invitations", {});
    await t.runJobs();
    expect(invited(t).length).toBe(2);
    t.clock.now += 8 * DAY;
    await ruth.post("/office/invitations", {});
    await t.runJobs();
    expect(invited(t).length).toBe(4);
  });

  test("goes on page by page, and a job that comes twice invites nobody twice", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    await t.rows(
      `insert into accounts (id, number, name, email, status, created_at)
       with recursive n(i) as (select 1 union all select i + 1 from n where i < 60)
       select 'acc_many' || i, 'M-' || i, 'Many ' || char(64 + i % 26 + 1), 'many' || i || '@example.com', 'active', 0 from n`,
    );
    await ruth.post("/office/invitations", {});
    t.jobs.push(...t.jobs);
    await t.runJobs();
    const many = invited(t).filter((to) => to.startsWith("many"));
    expect(many.length).toBe(60);
    expect(new Set(many).size).toBe(60);
  });
});

describe("a registration that waits for the office", () => {
  test("is approved: the link goes to the address that is on file from now on", async () => {
    const t = await portal();
    await waiting(t);
    const ruth = await t.as(RUTH);
    const page = await ruth.get("/office/registrations");
    expect(page.html).toMatch(/Glenn Abbott \(CR-10068\)[\s\S]*glenn\.new@example\.com/);
    const answer = await ruth.post("/office/registrations/reg_1/decision", { decision: "approve" });
    expect(answer.headers.get("Location")).toBe("/office/registrations?said=approve");
    await t.runJobs();
    expect(t.outbox.map((mail) => mail.to)).toEqual(["glenn.new@example.com"]);
    expect(await t.row("select email from accounts where number = 'CR-10068'")).toEqual({
      email: "glenn.new@example.com",
    });
    const again = await ruth.post("/office/registrations/reg_1/decision", { decision: "refuse" });
    expect(again.headers.get("Location")).toBe("/office/registrations?said=decided");
    expect((await ruth.get("/office/registrations?said=approve")).html).toMatch(/Nobody waits\.[\s\S]*Approved/);
  });

  test("is refused: nobody is written to", async () => {
    const t = await portal();
    await waiting(t);
    const ruth = await t.as(RUTH);
    await ruth.post("/office/registrations/reg_1/decision", { decision: "refuse" });
    await t.runJobs();
    expect(t.outbox).toEqual([]);
    expect(await t.row("select email from accounts where number = 'CR-10068'")).toEqual({ email: null });
    const [decided] = await t.rows<{ by: string }>(
      "select u.email by from registrations r join users u on u.id = r.decided_by where r.state = 'refused'",
    );
    expect(decided).toEqual({ by: RUTH });
  });
});
