import { describe, expect, test } from "vitest";
import { brokenPromises } from "../../src/billing/books.ts";
import { portal, type TestPortal } from "../setup.ts";
import { day, days, draftsOf, invoice, subjectsTo, triesOf } from "./drafting.ts";

const DANA = "CR-10021";
const ADDRESS = "new.address@example.com";

/** Dana's autopay alone, whose January draft has been made; from then on there is nobody to tell. */
async function nobodyLeft(): Promise<TestPortal> {
  const t = await portal();
  await t.rows(
    "update autopay set stopped_at = 1 where account_id <> (select id from accounts where number = ?)",
    DANA,
  );
  await t.rows("update messages set state = 'sent'");
  await days(t, "2026-12-20", "2027-01-06");
  await t.rows("update accounts set email = null where number = ?", DANA);
  await t.rows("delete from memberships where account_id = (select id from accounts where number = ?)", DANA);
  await invoice(t, DANA, { number: "INV-NEXT", cents: 4798, on: "2027-01-10" });
  return t;
}

const draftOfFebruary = async (t: TestPortal) => (await draftsOf(t, DANA)).find((one) => one.id.endsWith("2027-02"));

const listed = (t: TestPortal) =>
  t.rows<{ id: string; detail: string }>(
    "select id, detail from worklist where kind = 'draft_failed' and closed_at is null",
  );

describe("where nobody can be told", () => {
  test("nothing is announced nor drawn, not even the amount of every month, and the office knows in time", async () => {
    const t = await nobodyLeft();
    await days(t, "2027-01-21", "2027-01-24");
    const [item, ...others] = await listed(t);
    expect(others).toEqual([]);
    expect(item!.detail).toContain("$47.98 is due by autopay on 2027-02-05, and nobody can be told");
    expect(item!.detail).toContain("by 2027-01-30");
    await days(t, "2027-01-25", "2027-02-12");
    expect(await draftOfFebruary(t)).toBeUndefined();
    expect(await listed(t)).toHaveLength(1);
    expect(await t.rows("select 1 from payments where started_at > ?", Date.parse("2027-01-07") / 1000)).toEqual([]);
  });

  test("it is announced as soon as there is an address, and leaves the worklist", async () => {
    const t = await nobodyLeft();
    await days(t, "2027-01-21", "2027-01-28");
    await t.rows("update accounts set email = ? where number = ?", ADDRESS, DANA);
    await day(t, "2027-01-29");
    expect(await draftOfFebruary(t)).toMatchObject({ state: "announced", draft_on: "2027-02-09" });
    expect(await listed(t)).toEqual([]);
    await days(t, "2027-01-30", "2027-02-09");
    expect(await draftOfFebruary(t)).toMatchObject({ state: "settled" });
    expect(subjectsTo(t, ADDRESS)).toEqual(["Autopay on Feb 9, 2027: up to $47.98", expect.stringMatching(/^Receipt/)]);
  });

  test("a draft that was announced to nobody is not made, whatever it comes to", async () => {
    const t = await nobodyLeft();
    await t.rows("update accounts set email = ? where number = ?", ADDRESS, DANA);
    await day(t, "2027-01-23");
    const draft = await draftOfFebruary(t);
    await t.rows("delete from messages where subject_id = ?", draft!.id);
    await t.rows("update accounts set email = null where number = ?", DANA);
    expect(await brokenPromises(t.db)).toEqual([{ promise: "a draft was announced to somebody", ids: [draft!.id] }]);
    await day(t, "2027-02-05");
    expect(await draftOfFebruary(t)).toMatchObject({ state: "canceled", failure_code: "nobody_told" });
    expect(await triesOf(t, draft!.id)).toEqual([]);
    expect((await listed(t))[0]!.detail).toContain("put an e-mail address on file or invite the customer");
    // What this test took away is put back: the books are looked at after it.
    await t.rows(
      `insert into messages (id, dedupe_key, account_id, channel, kind, subject_id, address, queued_at)
       select 'msg_put_back', 'draft_announced:' || id, account_id, 'email', 'draft_announced', id, 'x@example.com', 1 from drafts where id = ?`,
      draft!.id,
    );
  });
});

test("a receipt that can go to nobody is put before the office, which hands it over", async () => {
  const t = await nobodyLeft();
  await t.rows("update accounts set email = ? where number = ?", ADDRESS, DANA);
  await days(t, "2027-01-23", "2027-02-04");
  await t.rows("update accounts set email = null where number = ?", DANA);
  await day(t, "2027-02-05");
  const [payment] = await t.rows<{ payment_id: string }>(
    "select payment_id from draft_payments where draft_id like '%2027-02'",
  );
  const [item] = await t.rows<{ subject_id: string; detail: string }>(
    "select subject_id, detail from worklist where kind = 'message_failed' and closed_at is null",
  );
  expect(item).toMatchObject({ subject_id: payment!.payment_id, detail: expect.stringContaining("Hand it over") });
  expect(await brokenPromises(t.db)).toEqual([]);
  await t.rows("delete from worklist where subject_id = ?", payment!.payment_id);
  expect((await brokenPromises(t.db)).map(({ ids }) => ids)).toEqual([[payment!.payment_id]]);
  await t.rows(
    "insert into worklist (id, kind, subject_id, detail, opened_at) values ('message_failed:' || ?1, 'message_failed', ?1, '', 1)",
    payment!.payment_id,
  );
});
