import { describe, expect, test } from "vitest";
import { isOutOfTheOrdinary } from "../../src/billing/draft-day-rules.ts";
import { jobsOf } from "../../src/jobs.ts";
import { portal, type TestPortal } from "../setup.ts";
import { beat, day, days, draftsOf, invoice, tenOn, triesOf, work } from "./drafting.ts";

/** A day whose drafts come to much more than any lately is not drawn until the office says so. */

const DANA = "CR-10021";
const MAYA = "CR-10034";
const FIFTH = "2027-01-05";
const PAGE = `/office/draft-days/${FIFTH}`;
const LETTING_GO = `${PAGE}/letting-go`;
const DANAS_CENTS = 4798;

/** Dana's draft of the fifth is due at ten in the morning, at a dealer to whom nothing is ordinary as yet. */
async function onTheFifth(most: Record<string, number> = {}, ordinaryCents = 0): Promise<TestPortal> {
  const t = await portal();
  await t.rows(
    "update autopay set stopped_at = 1 where account_id <> (select id from accounts where number = ?)",
    DANA,
  );
  await days(t, "2026-12-23", "2027-01-04");
  await t.rows("delete from events where action = 'drafts.weighed'");
  await t.rows("update money_settings set ordinary_day_cents = ?", ordinaryCents);
  for (const [on, cents] of Object.entries(most)) await event(t, "drafts.weighed", on, cents);
  t.clock.now = tenOn(FIFTH);
  return t;
}

const event = (t: TestPortal, action: string, on: string, cents: number) =>
  t.rows(
    `insert into events (key, action, by, at, detail) values (?, ?, 'autopay', 0, json_object('cents', ?))`,
    `${action}:${on}`,
    action,
    on && cents,
  );

/** The states of the tries of Dana's draft of the fifth. */
async function drawn(t: TestPortal): Promise<string[]> {
  const draft = (await draftsOf(t, DANA)).find(({ draft_on }) => draft_on === FIFTH)!;
  return (await triesOf(t, draft.id)).map(({ state }) => state);
}

/** An account's draft of the sixth, for an invoice of its own, with its notice sent. */
async function dueTomorrow(t: TestPortal, number: string, invoice: string, cents: number): Promise<string> {
  await t.rows(
    "update autopay set stopped_at = null where account_id = (select id from accounts where number = ?)",
    number,
  );
  const { id } = await t.row<{ id: string }>(
    `insert into drafts (id, account_id, draft_on, payment_method_id, max_cents, state, announced_at, notice_sent_at, next_try_on)
     select 'drf_' || substr(a.id, 5) || '_2027-01', a.id, '2027-01-06', p.payment_method_id, ?, 'announced', n.at, n.at, '2027-01-06'
     from accounts a join autopay p on p.account_id = a.id, (select ${tenOn("2026-12-24")} at) n where a.number = ? returning id`,
    cents,
    number,
  );
  await t.rows(
    "insert into draft_items (draft_id, invoice_id, max_cents) values (?, 'inv_' || ?, ?)",
    id,
    invoice,
    cents,
  );
  await t.rows(
    `insert into messages (id, dedupe_key, channel, kind, subject_id, address, state, queued_at)
     values ('msg_' || ?1, 'draft_announced:' || ?1, 'email', 'draft_announced', ?1, 'maya@example.com', 'sent', 0)`,
    id,
  );
  return id;
}

const halts = (t: TestPortal) =>
  t.rows<{ subject_id: string; detail: string; open: number }>(
    "select subject_id, detail, closed_at is null open from worklist where kind = 'drafts_halted' order by subject_id",
  );

describe("a day is out of the ordinary", () => {
  test.for([
    [1_200_000, 400_000, 500_000, true],
    [600_000, 400_000, 500_000, false],
    [600_001, 400_000, 500_000, true],
    [150, 100, 0, false],
    [151, 100, 0, true],
    [500_000, 0, 500_000, false],
    [500_001, 0, 500_000, true],
    [0, 0, 0, false],
  ] as const)("with %i cents after at most %i, up to %i always ordinary: %o", ([cents, most, ordinary, answer]) => {
    expect(isOutOfTheOrdinary(cents, most, ordinary)).toBe(answer);
  });
});

describe("a day that comes to more than one and a half times the most of three months", () => {
  test("is not drawn, hour after hour, and the office has both figures once", async () => {
    const t = await onTheFifth({ "2026-11-05": 3000, "2026-12-05": 1000 });
    for (const hour of [0, 1, 2]) {
      t.clock.now = tenOn(FIFTH) + hour * 3600;
      await beat(t, "7 * * * *");
    }
    expect(await drawn(t)).toEqual([]);
    expect(await halts(t)).toEqual([
      {
        subject_id: FIFTH,
        detail: "$47.98 would be drawn on January 5; the most in the last three months was $30.00",
        open: 1,
      },
    ]);
    await day(t, "2027-01-06");
    expect(await drawn(t)).toEqual([]);
    expect(await halts(t)).toHaveLength(1);
  });

  test("is drawn with the next list once the office lets it go, which the audit trail tells", async () => {
    const t = await onTheFifth({ "2026-12-05": 3000 });
    await beat(t, "7 * * * *");
    const ben = await t.as("ben@cedarridge.example.com");
    const worklist = await ben.get("/office");
    const item = /href="(\/office\/worklist\/drafts_halted[^"]+)"/.exec(worklist.html)![1]!;
    expect((await ben.get(item)).html).toContain(`href="${PAGE}"`);
    const page = await ben.get(PAGE);
    expect(page.html).toContain("$47.98");
    expect(page.html).toContain("$30.00");
    expect(page.html).toContain(`action="${LETTING_GO}"`);
    for (let press = 1; press <= 2; press++)
      expect((await ben.post(LETTING_GO, {})).headers.get("Location")).toBe(`${PAGE}?said=let-go`);
    const after = await ben.get(PAGE);
    expect(after.html).not.toContain(`action="${LETTING_GO}"`);
    expect(after.html).toContain("Ben");
    expect(await halts(t)).toMatchObject([{ open: 0 }]);
    expect(await t.rows("select by from events where action = 'drafts.let_go'")).toEqual([
      await t.row("select id by from users where email = 'ben@cedarridge.example.com'"),
    ]);
    expect(await drawn(t)).toEqual([]);
    t.clock.now += 3600;
    await beat(t, "7 * * * *");
    expect(await drawn(t)).toEqual(["settled"]);
    await beat(t, "7 * * * *");
    expect(await drawn(t)).toEqual(["settled"]);
    expect(await halts(t)).toMatchObject([{ open: 0 }]);
  });

  test("ends as missed when the office leaves it, and cannot be let go any more then", async () => {
    const t = await onTheFifth({ "2026-12-05": 3000 });
    await days(t, FIFTH, "2027-01-10");
    expect(await drawn(t)).toEqual([]);
    const ben = await t.as("ben@cedarridge.example.com");
    await day(t, "2027-01-11");
    expect((await draftsOf(t, DANA)).find(({ draft_on }) => draft_on === FIFTH)).toMatchObject({
      state: "canceled",
      failure_code: "missed",
    });
    expect((await ben.get(PAGE)).html).not.toContain(`action="${LETTING_GO}"`);
    expect((await ben.post(LETTING_GO, {})).headers.get("Location")).toBe(`${PAGE}?said=over`);
    await day(t, "2027-01-12");
    expect(await drawn(t)).toEqual([]);
  });

  test("holds up no other day", async () => {
    const t = await onTheFifth({ "2026-12-05": 3000 });
    await beat(t, "7 * * * *");
    await invoice(t, MAYA, { number: "N-1", cents: 2000, on: "2026-12-01" });
    const draft = await dueTomorrow(t, MAYA, "N-1", 2000);
    await day(t, "2027-01-06");
    expect(await drawn(t)).toEqual([]);
    expect((await triesOf(t, draft)).map(({ amount_cents }) => amount_cents)).toEqual([2000]);
    expect(
      await t.rows("select key from events where action in ('drafts.weighed', 'drafts.halted') order by key"),
    ).toEqual([
      { key: `drafts.halted:${FIFTH}` },
      { key: "drafts.weighed:2026-12-05" },
      { key: "drafts.weighed:2027-01-06" },
    ]);
  });

  test("stays halted though less of it is left", async () => {
    const t = await onTheFifth({ "2026-12-05": 3000 });
    await beat(t, "7 * * * *");
    for (const table of ["drafts", "draft_items"])
      await t.rows(`update ${table} set max_cents = 100 where max_cents = ${DANAS_CENTS}`);
    await beat(t, "7 * * * *");
    expect(await drawn(t)).toEqual([]);
  });

  test("is halted when its second page is brought by a queue that knows nothing of it", async () => {
    const t = await onTheFifth({ "2026-12-05": 3000 });
    await beat(t, "7 * * * *");
    t.jobs.push({ type: "drafts.page", dealer: "cedar-ridge", on: "2027-01-04", after: "drf_" });
    await work(t);
    expect(await drawn(t)).toEqual([]);
  });

  test("is not listed either while the database does not say what it comes to, nor keeps that it is halted", async () => {
    const t = await onTheFifth({ "2026-12-05": 3000 });
    for (const away of ["ordinary_day_cents", "drafts.halted:"]) {
      t.trouble.database = (statements) => (statements.includes(away) ? "before" : null);
      await beat(t, "7 * * * *");
      t.trouble.database = null;
      expect(await drawn(t)).toEqual([]);
    }
    await beat(t, "7 * * * *");
    expect(await halts(t)).toHaveLength(1);
  });
});

describe("what is usual", () => {
  const enough = Math.ceil((DANAS_CENTS * 2) / 3);

  test.for([
    ["a day that was just enough", { "2026-12-05": enough }, true],
    ["a cent less", { "2026-12-05": enough - 1 }, false],
    ["a day exactly three months ago", { "2026-10-05": enough }, true],
    ["a day before that", { "2026-10-04": enough }, false],
    ["the day itself", { [FIFTH]: enough }, false],
    ["nothing", {}, false],
  ] as const)("%s", async ([, most, goes]) => {
    const t = await onTheFifth(most);
    await beat(t, "7 * * * *");
    expect(await drawn(t)).toEqual(goes ? ["settled"] : []);
  });

  test("is not what was halted, unless the office let it go", async () => {
    for (const letGo of [false, true]) {
      const t = await onTheFifth();
      await event(t, "drafts.halted", "2026-12-05", 90_000);
      if (letGo) await event(t, "drafts.let_go", "2026-12-05", 0);
      await beat(t, "7 * * * *");
      expect(await drawn(t)).toEqual(letGo ? ["settled"] : []);
    }
  });

  test("is anything up to what the office says, also for a dealer who has drawn nothing yet", async () => {
    const t = await onTheFifth({}, DANAS_CENTS);
    await beat(t, "7 * * * *");
    expect(await drawn(t)).toEqual(["settled"]);
    expect(await t.rows("select key, by, detail from events where action = 'drafts.weighed'")).toEqual([
      {
        key: `drafts.weighed:${FIFTH}`,
        by: "autopay",
        detail: JSON.stringify({ cents: DANAS_CENTS, mostCents: 0, count: 1 }),
      },
    ]);
  });

  test("is told in words where nothing was drawn yet", async () => {
    const t = await onTheFifth({}, DANAS_CENTS - 1);
    await beat(t, "7 * * * *");
    expect(await halts(t)).toMatchObject([
      { detail: "$47.98 would be drawn on January 5; nothing was in the last three months" },
    ]);
  });
});

test("weighing is one trip an hour, which reads the index of what is due and nothing of any draft", async () => {
  const t = await onTheFifth({}, 1e9);
  const asked: string[] = [];
  t.trouble.database = (statements) => {
    asked.push(statements);
    return null;
  };
  await beat(t, "7 * * * *");
  t.trouble.database = null;
  const weighing = asked.filter((statements) => statements.includes("ordinary_day_cents"));
  expect(weighing).toHaveLength(1);
  const [{ sql, args }] = JSON.parse(weighing[0]!) as [{ sql: string; args: string[] }];
  const plan = (await t.db.$client.execute({ sql: `explain query plan ${sql}`, args })).rows.map(
    ({ detail }) => detail,
  );
  expect(plan).toContainEqual(expect.stringMatching(/SEARCH drafts USING COVERING INDEX drafts_to_make/));
  expect(plan.filter((step) => String(step).startsWith("SCAN"))).toEqual([]);
  expect(jobsOf("7 * * * *", ["cedar-ridge"]).filter(({ type }) => type === "drafts.list")).toHaveLength(1);
});
