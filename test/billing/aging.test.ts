import { expect, test } from "vitest";
import { type LocalDate, plusDays } from "../../src/calendar.ts";
import { dollars } from "../../src/money.ts";
import { portal } from "../setup.ts";

const TODAY = "2026-12-01" as LocalDate;

test("what is past due is aged by its due date; due today is current, and a bucket ends with its last day", async () => {
  const t = await portal();
  const { id } = await t.row<{ id: string }>("select id from accounts where number = 'CR-10105'");
  await t.rows("delete from invoice_lines where invoice_id in (select id from invoices where account_id = ?)", id);
  await t.rows("delete from invoices where account_id = ?", id);
  await t.rows("update users set password_hash = (select password_hash from users where email = 'dana@example.com')");
  await t.rows("update memberships set active_since = 0 where account_id = ?", id);
  const days = [-1, 0, 1, 30, 31, 60, 61, 90, 91, 4000];
  for (const [n, late] of days.entries()) {
    await t.rows(
      `insert into invoices (id, account_id, number, kind, status, issued_on, due_on, total_cents)
       values (?, ?, ?, 'recurring', 'sent', ?, ?, ?)`,
      `inv_${n}`,
      id,
      `AGE-${n}`,
      plusDays(TODAY, -late - 20),
      plusDays(TODAY, -late),
      2 ** n * 100,
    );
  }
  const page = (await (await t.as("imani@example.com")).get("/")).html;
  const shown = [...page.matchAll(/<dt>([^<]*)<\/dt><dd><span class="money">([^<]*)<\/span><\/dd>/g)].map((match) => [
    match[1],
    match[2],
  ]);
  const of = (...ns: number[]) => dollars(ns.reduce((total, n) => total + 2 ** n * 100, 0));
  expect(shown).toEqual([
    ["1–30 days", of(2, 3)],
    ["31–60 days", of(4, 5)],
    ["61–90 days", of(6, 7)],
    ["Over 90 days", of(8, 9)],
  ]);
  expect(page).toContain(of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9));
  expect(page).toContain(`${of(2, 3, 4, 5, 6, 7, 8, 9)} is past due`);
});
