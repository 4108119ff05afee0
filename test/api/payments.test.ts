import { expect, test } from "vitest";
import { sha256 } from "../../src/ids.ts";
import { pay } from "../billing/customer.ts";
import { portal, type TestPortal } from "../setup.ts";

const KEY = "exp_aVeryLongSecretOfTheAccounting_123456";

type Answer = {
  lines: { id: number; kind: string; amount_cents: number; fetched_at: string; customer_number: string }[];
  next: number;
  more: boolean;
};

async function accounting() {
  const t = await portal();
  for (const [id, secret, revoked] of [
    ["key_1", KEY, "null"],
    ["key_2", `${KEY}_old`, "1"],
  ] as const)
    await t.rows(
      `insert into api_keys (id, name, hash, created_at, revoked_at) values ('${id}', 'Accounting', '${await sha256(secret)}', 1, ${revoked})`,
    );
  const ask = (query: string, key = KEY) =>
    t.fetch(
      new Request(`https://cedar-ridge.test/api/v1/payments${query}`, { headers: { Authorization: `Bearer ${key}` } }),
    );
  const lines = async (query: string) => {
    const answer = await ask(query);
    expect(answer.status).toBe(200);
    return (await answer.json()) as Answer;
  };
  return { t, ask, lines };
}

/** Somebody pays ten dollars so many times. */
async function paidTimes(t: TestPortal, times: number): Promise<void> {
  const priya = await t.as("priya@example.com");
  for (let n = 0; n < times; n++) expect((await pay(priya, { total: "10.00" })).answer.status).toBe(303);
}

test("each line is handed out once, in order, as long as one goes on after the last", async () => {
  const { t, lines } = await accounting();
  const had = (await lines("")).next;
  await paidTimes(t, 3);
  const first = await lines(`?after=${had}&limit=2`);
  expect(first.lines).toHaveLength(2);
  expect(first.more).toBe(true);
  const rest = await lines(`?after=${first.next}&limit=2`);
  expect(rest.lines).toHaveLength(1);
  expect(rest.more).toBe(false);
  const ids = [...first.lines, ...rest.lines].map((line) => line.id);
  expect(new Set(ids).size).toBe(3);
  expect(ids).toEqual([...ids].sort((a, b) => a - b));
  expect(await lines(`?after=${rest.next}`)).toEqual({ lines: [], next: rest.next, more: false });
  for (const line of first.lines)
    expect(line).toMatchObject({ kind: "payment", customer_number: "CR-10052", amount_cents: 1000 });
});

test("a line keeps the time at which it was first fetched, and only what was handed out is marked", async () => {
  const { t, lines } = await accounting();
  const { next: had } = await lines("");
  await paidTimes(t, 2);
  const [line] = (await lines(`?after=${had}&limit=1`)).lines;
  expect(await t.rows("select id from ledger_lines where fetched_at is null")).toHaveLength(1);
  t.clock.now += 3600;
  expect((await lines(`?after=${had}&limit=1`)).lines[0]).toEqual(line);
});

test("the lines add up to what the payments, refunds and returns of the books say", async () => {
  const { t, lines } = await accounting();
  await paidTimes(t, 2);
  const all = await lines("");
  const { sum } = await t.row<{ sum: number }>(
    `select (select sum(amount_cents - returned_cents) from payments where origin = 'portal' and state = 'settled')
       - (select coalesce(sum(amount_cents), 0) from refunds where state = 'settled') + (select coalesce(sum(amount_cents), 0) from credits where by is not null) sum`,
  );
  expect(all.lines.reduce((total, line) => total + line.amount_cents, 0)).toBe(sum);
});

test("nobody else is answered, and a bad question is said to be one", async () => {
  const { t, ask } = await accounting();
  const before = await t.rows("select id, fetched_at from ledger_lines");
  expect((await ask("", `${KEY}_old`)).status).toBe(401);
  expect((await ask("", "")).status).toBe(401);
  expect((await t.fetch(new Request("https://cedar-ridge.test/api/v1/payments"))).status).toBe(401);
  for (const query of ["?after=x", "?after=-1", "?limit=0", "?limit=501", "?limit=1e3", "?after=1%20or%201=1"])
    expect((await ask(query)).status, query).toBe(400);
  expect(await t.rows("select id, fetched_at from ledger_lines")).toEqual(before);
  const other = await t.fetch(
    new Request("https://bluebonnet.test/api/v1/payments", { headers: { Authorization: `Bearer ${KEY}` } }),
  );
  expect(other.status).toBe(401);
});
