import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, inject, test } from "vitest";
import { recoverRecords } from "../../src/billing/recover-records.ts";
import { DAY, HOUR, MINUTE } from "../../src/calendar.ts";
import { portal, type TestPortal } from "../setup.ts";
import { bankTotals, expectBankAndBooksAgree, sweep, timePasses } from "./aftermath.ts";
import { invoiceRow, pay } from "./customer.ts";
import { days } from "./drafting.ts";
import { expectSameSums, giveBack, OLDEST, priyaPays, returnedBefore, work } from "./money-back.ts";

/** A copy of Cedar Ridge's database as it is now, which a later portal can be put back to. */
async function snapshot(t: TestPortal): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "keyholder-restore-"));
  cpSync(inject("templates"), folder, { recursive: true });
  rmSync(join(folder, "cedar-ridge.db"));
  await t.db.$client.execute(`vacuum into '${join(folder, "cedar-ridge.db")}'`);
  return folder;
}

/** The same dealer, with the records of the snapshot and the bank as it is today. */
async function putBack(t: TestPortal, folder: string): Promise<TestPortal> {
  writeFileSync(join(folder, "bank.json"), t.bank.saveState());
  const later = await portal({ now: t.clock.now, templates: folder });
  rmSync(folder, { recursive: true });
  return later;
}

const read = (t: TestPortal) => t.outbox.map((mail) => `${mail.to}: ${mail.subject}`).sort();

test("put back by the runbook, bank and books agree, and nobody is sent anything twice", async () => {
  const before = await portal();
  await before.rows("update messages set state = 'sent'");
  await before.rows("update autopay set stopped_at = 1");
  const seeded = await returnedBefore(before);
  // Settled before; one that waits for its receipt; a bank debit on its way.
  const early = await priyaPays(before, { total: "10.00" });
  await before.runJobs();
  await priyaPays(before, { total: "11.00" });
  before.jobs.splice(0);
  const north = await before.as("office@northgatestorage.example.com");
  const { paymentId: debit } = await pay(north, { invoices: { "INV-70024": null } });
  await before.webhooks();
  before.clock.now += HOUR;
  const copy = await snapshot(before);
  const restoredTo = before.clock.now;

  // What is lost: receipts, a payment of all that an invoice owes, a refund, and a debit that clears.
  before.clock.now += 5 * MINUTE;
  await sweep(before);
  const lost = await priyaPays(before);
  await giveBack(before, early, 500);
  await before.webhooks();
  before.clock.now += 6 * DAY;
  await timePasses(before);
  const paid = await invoiceRow(before, OLDEST);
  expect(read(before)).toContain("priya@example.com: Receipt: $11.00 received");

  const t = await putBack(before, copy);
  const states = () => t.rows<{ id: string; state: string }>("select id, state from payments");
  expect((await states()).some(({ id }) => id === lost)).toBe(false);
  const done = await recoverRecords(t.deps(), restoredTo);
  expect(done).toMatchObject({ payments: 1, differences: 0 });
  expect(done.unclear).toBeGreaterThan(0);
  // Until it is opened again nothing has gone out, and what waited is for a person.
  expect(t.outbox).toEqual([]);
  expect((await work(t)).filter((one) => one.kind === "message_failed")).toHaveLength(done.unclear);
  expect(await t.row("select state, started_by from payments where id = ?", lost)).toMatchObject({ state: "settled" });
  expect((await states()).find(({ id }) => id === debit)?.state).toBe("settled");
  expect(await invoiceRow(t, OLDEST)).toEqual(paid);
  await expectBankAndBooksAgree(t);
  await expectSameSums(t, seeded);

  // Again is nothing more; and open again, the webhooks of days come once more, and the crons run.
  expect(await recoverRecords(t.deps(), restoredTo)).toMatchObject({ payments: 0, unclear: 0, differences: 0 });
  const sums = bankTotals(t);
  t.jobs.push({ type: "payments.reckon", dealer: "cedar-ridge", after: null });
  await t.webhooks();
  await timePasses(t);
  expect(bankTotals(t)).toEqual(sums);
  await expectBankAndBooksAgree(t);
  expect(read(t).filter((one) => read(before).includes(one))).toEqual([]);
  expect((await work(t)).filter((one) => one.kind === "reckoning_differs")).toEqual([]);
});

test("a draft that was made in the time that is lost is not made again", async () => {
  const before = await portal();
  await before.rows("update messages set state = 'sent'");
  await before.rows(
    "update autopay set stopped_at = 1 where account_id <> (select id from accounts where number = 'CR-10021')",
  );
  await days(before, "2026-12-23", "2027-01-04");
  const copy = await snapshot(before);
  const restoredTo = before.clock.now;
  await days(before, "2027-01-05", "2027-01-06");
  const { captured } = bankTotals(before);
  const t = await putBack(before, copy);
  expect(await recoverRecords(t.deps(), restoredTo)).toMatchObject({ payments: 1, differences: 0 });
  await days(t, "2027-01-06", "2027-01-12");
  expect(bankTotals(t).captured).toBe(captured);
  expect(
    await t.row("select state from drafts where account_id = (select id from accounts where number = 'CR-10021')"),
  ).toEqual({
    state: "empty",
  });
  expect(read(t).filter((one) => /Receipt/.test(one))).toEqual([]);
  await expectBankAndBooksAgree(t);
});

test("what the bank has of somebody whom the records do not know is for a person, with both figures", async () => {
  const before = await portal();
  const copy = await snapshot(before);
  const restoredTo = before.clock.now;
  const lost = await priyaPays(before);
  const t = await putBack(before, copy);
  await t.rows("update accounts set stripe_customer_id = null where number = 'CR-10052'");
  expect(await recoverRecords(t.deps(), restoredTo)).toMatchObject({ payments: 0, differences: 1 });
  expect((await work(t)).find((one) => one.kind === "reckoning_differs")).toMatchObject({
    subject_id: lost,
    detail: expect.stringMatching(/^Bank: \$42\.65 settled, pi_\w+\.\nBooks: no such payment\.$/),
  });
});
