import { describe, expect, test } from "vitest";
import { portal } from "../setup.ts";

const RUTH = "ruth@cedarridge.example.com";
const BEN = "ben@cedarridge.example.com";
const HERE = "/office/money-settings";
const columns = "select apply_credit, statement_kind, bank_requests_per_second from money_settings";
const USUAL = { apply_credit: "automatic", statement_kind: "open_item", bank_requests_per_second: 25 };

describe("the money settings", () => {
  test("are the owner's to change, and everybody's in the office to read", async () => {
    const t = await portal();
    const ben = await t.as(BEN);
    const page = await ben.get(HERE);
    expect(page.html).toContain("Only the owner can change these.");
    expect(page.html).not.toContain(">Save<");
    const wish = { credit: "by_hand", statement: "balance_forward", pace: "40", ordinary: "7,500" };
    expect((await ben.post(HERE, wish)).headers.get("Location")).toBe(HERE);
    expect(await t.row(columns)).toEqual(USUAL);

    const ruth = await t.as(RUTH);
    expect((await ruth.post(HERE, wish)).headers.get("Location")).toBe(`${HERE}?said=saved`);
    const wanted = { apply_credit: "by_hand", statement_kind: "balance_forward", bank_requests_per_second: 40 };
    expect(await t.row(columns)).toEqual(wanted);
    expect(await t.rows("select by, detail from events where action = 'money_settings.changed'")).toEqual([
      {
        by: expect.stringMatching(/^usr_/),
        detail: JSON.stringify({
          applyCredit: "by_hand",
          statementKind: "balance_forward",
          bankRequestsPerSecond: 40,
          mailInvoices: false,
          ordinaryDayCents: 750_000,
        }),
      },
    ]);
    const saved = (await ruth.get(`${HERE}?said=saved`)).html;
    expect(saved).toContain("Saved. It holds from now on.");
    expect(saved).toMatch(/value="by_hand" checked/);
    expect(saved).toMatch(/value="balance_forward" checked/);
    expect(saved).toMatch(/name="pace" value="40"/);
    expect(saved).toMatch(/name="ordinary" value="7500.00"/);
  });

  test.for(["0", "1001", "", "2.5", "-1", "x", "1e3"])("take no pace of %o", async (pace) => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    const answer = await ruth.post(HERE, { credit: "by_hand", statement: "balance_forward", pace });
    expect(answer.headers.get("Location")).toBe(`${HERE}?said=no-pace`);
    expect(await t.row(columns)).toEqual(USUAL);
  });

  test.for(["", "-1", "much", "1.234", "10000000.01"])("take no ordinary day of %o", async (ordinary) => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    const answer = await ruth.post(HERE, { credit: "by_hand", statement: "balance_forward", pace: "25", ordinary });
    expect(answer.headers.get("Location")).toBe(`${HERE}?said=no-amount`);
    expect(await t.row(columns)).toEqual(USUAL);
  });

  test.for(["1", "1000"])("take a pace of %s", async (pace) => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    await ruth.post(HERE, { pace, ordinary: "5000" });
    expect(await t.row(columns)).toEqual({ ...USUAL, bank_requests_per_second: Number(pace) });
  });

  test("decide what a statement opens as, and whether credit waits", async () => {
    const t = await portal();
    const ruth = await t.as(RUTH);
    const dana = await t.as("dana@example.com");
    expect((await dana.get("/statement")).html).toMatch(/value="open_item" selected/);
    await ruth.post(HERE, { credit: "by_hand", statement: "balance_forward", pace: "25", ordinary: "0" });
    expect((await dana.get("/statement")).html).toMatch(/value="balance_forward" selected/);

    const money = await ruth.get("/office/accounts/CR-10021/money");
    const credit = { credit_id: /name="credit_id" value="([^"]+)"/.exec(money.html)![1]!, amount: "5.00", reason: "x" };
    await ruth.post("/office/accounts/CR-10021/credits", credit);
    await t.runJobs();
    expect(await t.row("select allocated_cents from credits where reason = 'x'")).toEqual({ allocated_cents: 0 });
  });
});
