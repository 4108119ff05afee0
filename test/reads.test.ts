import { and, eq, sql } from "drizzle-orm";
import { expect, test } from "vitest";
import { accounts, invoices, memberships, sites, users } from "../db/schema.ts";
import { pageStatement, type Read, read, statementOf } from "../src/reads.ts";
import { portal } from "./setup.ts";

// What drizzle itself makes of an answer is the measure; pages use a quicker way to the same.
const questions: Record<string, Read> = {
  "one table": read((db, _: null) => db.select().from(accounts).orderBy(accounts.id))(null),
  "objects, columns and SQL": read((db, _: null) =>
    db
      .select({
        number: invoices.number,
        account: { id: accounts.id, status: accounts.status },
        late: sql<boolean>`${invoices.dueOn} < '2026-12-01'`.mapWith(Boolean),
        cents: sql<number>`${invoices.totalCents} - ${invoices.allocatedCents}`,
      })
      .from(invoices)
      .innerJoin(accounts, eq(accounts.id, invoices.accountId))
      .orderBy(invoices.id),
  )(null),
  "a join that finds nothing": read((db, _: null) =>
    db
      .select({
        user: { id: users.id, email: users.email, twoStepSince: users.twoStepSince },
        member: { role: memberships.role, since: memberships.activeSince },
        mixed: { id: users.id, role: memberships.role },
        site: { city: sites.city, id: sites.id },
        none: { one: sql<number | null>`null` },
      })
      .from(users)
      .leftJoin(memberships, and(eq(memberships.userId, users.id), eq(memberships.role, "owner")))
      .leftJoin(sites, eq(sites.accountId, memberships.accountId))
      .orderBy(users.id, memberships.accountId, sites.id),
  )(null),
  "a whole joined table": read((db, _: null) =>
    db
      .select()
      .from(users)
      .leftJoin(memberships, eq(memberships.userId, users.id))
      .orderBy(users.id, memberships.accountId),
  )(null),
};

test.each(Object.entries(questions))("a page's rows are what drizzle would make of them: %s", async (_, question) => {
  const t = await portal();
  const alone = statementOf(question);
  const expected = alone.answer(await t.db.$client.execute(alone as never));
  const page = pageStatement([question, question], []);
  const answers = page.answer(await t.db.$client.execute(page as never));
  expect(answers).toEqual([expected, expected]);
  expect(JSON.stringify(answers[0])).toBe(JSON.stringify(expected));
  expect(expected).not.toEqual([]);
});

test("an object that holds rows of a join shows nothing as null, and only where drizzle does", async () => {
  const t = await portal();
  const page = pageStatement([questions["a join that finds nothing"]!], []);
  const [rows] = page.answer(await t.db.$client.execute(page as never)) as [Record<string, unknown>[]];
  expect(rows.some((row) => row.member === null && row.site === null)).toBe(true);
  expect(rows.every((row) => row.user !== null && row.mixed !== null && row.none !== null)).toBe(true);
});
