import { describe, expect, test } from "vitest";
import { CRON, jobsOf } from "../src/jobs.ts";
import { DOORS, methodOf } from "./house/doors.ts";
import { knock, samplesOf } from "./house/people.ts";
import { portal, type TestPortal } from "./setup.ts";

/**
 * How SQLite goes about everything that pages and sweeps ask. It plans without looking at sizes (sqld cannot `analyze`),
 * so what it does on the cast's few rows is what it does on a thousand customers' two years.
 */

/** Tables that stay small, what lives within one statement only, and indexes that hold nothing but work still to do. */
const MAY_SCAN =
  /^SCAN (settings|staff|in_view|staff_in_view|user_in_view|seen|credits_left|\(subquery-\d+\)|covered|e|json_each VIRTUAL TABLE|j VIRTUAL TABLE|imports USING INDEX imports_by_start|accounts USING COVERING INDEX accounts_to_find|\w+ USING( COVERING)? INDEX (worklist_open|payments_to_check|refunds_to_check|credits_unused|payments_with_credit|setups_to_check|payment_methods_to_detach|payment_methods_to_remove|autopay_to_stop|drafts_to_answer|drafts_to_answer|autopay_to_stop|messages_to_send|stripe_events_to_apply|webhook_deliveries_to_send|scheduled_payments_to_make|webhook_deliveries_failed|registrations_to_decide|registrations_by_time))/;

type Asked = { sql: string; args: (string | number)[] };

/** Every statement that is sent while something is done. */
async function askedBy(t: TestPortal, work: () => Promise<unknown>): Promise<Asked[]> {
  const asked: Asked[] = [];
  t.trouble.database = (statements) => {
    asked.push(...([JSON.parse(statements)].flat() as Asked[]));
    return null;
  };
  await work();
  t.trouble.database = null;
  return asked.filter(({ sql }) => /^\s*(with|select)\b/i.test(sql));
}

async function plansOf(t: TestPortal, asked: readonly Asked[]): Promise<string[]> {
  const plans: string[] = [];
  for (const { sql, args } of asked) {
    const steps = await t.rows<{ detail: string }>(`explain query plan ${sql}`, ...args);
    plans.push(...steps.map(({ detail }) => detail));
  }
  return plans;
}

/** What reads more than it must: a whole table, one account's whole history, or rows sorted into an index first. */
const slowSteps = (plans: readonly string[]): string[] =>
  plans.filter(
    (step) =>
      (step.startsWith("SCAN ") && !step.startsWith("SCAN CONSTANT") && !MAY_SCAN.test(step)) ||
      /^SEARCH (invoices|payments|allocations|events) .*_by_account \(account_id=\?\)$/.test(step) ||
      step.includes("AUTOMATIC"),
  );

/**
 * Where a column is compared to a `?` and some partial index names it with a literal, SQLite looks at the value to see
 * whether the index fits, and for that reads the whole statement again once it is bound: twice the work, for one `?`.
 * https://sqlite.org/partialindex.html, `sqlite3_reprepare`
 */
const readTwice = (asked: readonly Asked[]): string[] =>
  asked.flatMap(({ sql }) => sql.match(/\b(state|status)"? ?(=|<>|is|is not|in) ?\(?\?/g) ?? []);

describe("how the database finds what is asked", () => {
  test("no page reads a whole table, nor more of one account's history than it shows", async () => {
    const t = await portal();
    for (const email of ["priya@example.com", "ruth@cedarridge.example.com"]) {
      const browser = await t.as(email);
      const samples = await samplesOf(t, "CR-10052");
      for (const [name, door] of Object.entries(DOORS)) {
        // Signing out would close the doors that follow.
        if (name === "POST /sign-out") continue;
        const query = methodOf(name) === "GET" ? (door.queries?.[0] ?? "") : "";
        const asked = await askedBy(t, () => knock(browser, name, door, samples, query));
        expect(slowSteps(await plansOf(t, asked)), `${name} for ${email}`).toEqual([]);
        expect(readTwice(asked), `${name} for ${email}`).toEqual([]);
      }
    }
  });

  test("what is due comes from the index of open invoices alone, and credit from that of payments left over", async () => {
    const t = await portal();
    const priya = await t.as("priya@example.com");
    const plans = await plansOf(t, await askedBy(t, () => priya.get("/")));
    expect(plans).toContain("SEARCH invoices USING COVERING INDEX invoices_open (account_id=?)");
    expect(plans).toContain("SEARCH payments USING INDEX payments_with_credit (account_id=?)");
    expect(plans).toContain("SEARCH payments USING INDEX payments_under_way (account_id=?)");
    const paid = await plansOf(t, await askedBy(t, () => priya.get("/invoices/paid")));
    expect(paid).toContain("SEARCH invoices USING INDEX invoices_paid (account_id=? AND (issued_on,id)<(?,?))");
  });

  test("no sweep reads what is done", async () => {
    const t = await portal();
    const nightly = ["books.check"];
    for (const line of Object.keys(CRON)) {
      for (const job of jobsOf(line, ["cedar-ridge"])) {
        // The books are recomputed whole, once a night.
        if (nightly.includes(job.type)) continue;
        t.jobs.push(job);
        const asked = await askedBy(t, () => t.runJobs());
        expect(slowSteps(await plansOf(t, asked)), job.type).toEqual([]);
        expect(readTwice(asked), job.type).toEqual([]);
      }
    }
  });

  test("would be caught reading too much", async () => {
    const t = await portal();
    const plans = await plansOf(t, [
      { sql: "select * from payments where last_four = '4242'", args: [] },
      { sql: "select sum(amount_cents) from payments where account_id = ?", args: ["acc"] },
    ]);
    expect(slowSteps(plans)).toEqual(plans);
  });
});
