import { entryText, StatementPage, type StatementProps } from "../../views/billing/statement.tsx";
import { loadForAccount } from "../batch.ts";
import type { LocalDate } from "../calendar.ts";
import type { Context, Env } from "../context.ts";
import { fontsFrom, letterheadOf, pdfAnswer } from "../documents/answer.ts";
import { Hono } from "../hono.ts";
import { look, page } from "../http.ts";
import { cents, sum } from "../money.ts";
import { openDays } from "./invoices.ts";
import { cursorOf, pageOf, readCursor } from "./pages.ts";
import {
  addressedTo,
  askedFor,
  balanceNow,
  balancesOf,
  ENTRIES_PER_PAGE,
  entriesOf,
  openDaysOf,
  openItemsOf,
  setAsideOf,
  sumsOf,
} from "./statement.ts";
import { statementFile } from "./statement-file.ts";
import { ageOf, ages, type PeriodProblem, readPeriod, running, type StatementKind } from "./statement-rules.ts";

export const statementRoutes = new Hono<Env>();

/** A PDF of more would use up a request's processor time; a spreadsheet is lighter. */
const ENTRIES_PER_PDF = 1000;
const ENTRIES_PER_CSV = 10_000;

statementRoutes.get("/statement", async (c) => {
  const found = await statementFor(c, ENTRIES_PER_PAGE, readCursor(c.req.query("after")));
  return statementPage(c, found, found.problem);
});

statementRoutes.get("/statement.pdf", async (c) => {
  const found = await statementFor(c, ENTRIES_PER_PDF, null);
  const { statement, viewer, addressee } = found;
  if (!statement || found.last) return statementPage(c, found, found.problem ?? "too_long", ENTRIES_PER_PDF);
  const { t, language } = statement;
  const { statementPdf } = await import("../documents/statement.ts");
  const dated = <Row extends object>(row: Row) => row as Row & { on: LocalDate; issuedOn: LocalDate; dueOn: LocalDate };
  const bytes = await statementPdf(
    {
      language,
      dealer: letterheadOf(viewer.settings),
      remitTo: viewer.settings.remitTo.split("\n"),
      portal: new URL(c.var.deps.dealer.origin).host,
      billTo: { name: addressee.name, address: addressLines(addressee) },
      customerNumber: addressee.number,
      from: statement.from as LocalDate,
      to: statement.to as LocalDate,
      lists:
        statement.kind === "open_item"
          ? {
              kind: "open_item",
              items: statement.items.map((item) => ({
                ...dated(item),
                age: t.statement.age[item.age],
                totalCents: cents(item.totalCents),
                openCents: cents(item.openCents),
              })),
            }
          : {
              kind: "balance_forward",
              openingCents: cents(statement.openingCents),
              entries: statement.entries.map((entry) => ({
                on: dated(entry).on,
                what: entryText(entry, t),
                cents: cents(entry.cents),
                balanceCents: cents(entry.balanceCents),
              })),
            },
      closingCents: cents(statement.closingCents),
      unappliedCents: cents(statement.unappliedCents),
      setAsideCents: cents(statement.setAsideCents),
      underWayCents: cents(statement.underWayCents ?? 0),
      ages: [
        ...statement.ages.map(({ age, cents: open }) => ({ label: t.statement.age[age], cents: cents(open) })),
        ...(statement.unappliedCents === 0
          ? []
          : [{ label: t.statement.unapplied, cents: cents(0 - statement.unappliedCents) }]),
      ],
      pastDue: statement.ages.some(({ age, cents: open }) => age !== "current" && open > 0),
      issuedAt: Date.parse(`${statement.to}T12:00:00Z`) / 1000,
    },
    fontsFrom(c),
  );
  return pdfAnswer(c, bytes, `statement-${addressee.number}-${statement.to}`);
});

statementRoutes.get("/statement.csv", async (c) => {
  const found = await statementFor(c, ENTRIES_PER_CSV, null);
  const { statement, addressee } = found;
  if (!statement || found.last) return statementPage(c, found, found.problem ?? "too_long", ENTRIES_PER_CSV);
  const { t } = statement;
  const name = `statement-${addressee.number.replace(/[^\w.-]+/g, "_")}-${statement.to}.csv`;
  return c.body(
    statementFile(statement, t, (entry) => entryText(entry, t)),
    200,
    {
      "Content-Type": "text/csv; charset=utf-8",
      "Content-Disposition": `attachment; filename="${name}"`,
    },
  );
});

type Found = Awaited<ReturnType<typeof statementFor>>;

/** One load for page, paper and file, so that all say the same; `limit` entries of it, from a cursor on. */
async function statementFor(c: Context, limit: number, after: ReturnType<typeof readCursor>) {
  const { today, now, dealer } = c.var.deps;
  const typed = { from: (c.req.query("from") ?? "").slice(0, 20), to: (c.req.query("to") ?? "").slice(0, 20) };
  const read = readPeriod(typed, today);
  const fallback = readPeriod({ from: "", to: "" }, today);
  const period = read.ok ? read.period : fallback.ok ? fallback.period : { from: today, to: today, whole: true };
  const asked = askedFor(period, dealer.timeZone, now);
  const { viewer, to, entries, items, sums, balance, days, setAside, due } = await loadForAccount(
    c,
    "see",
    (account) => ({
      to: addressedTo(account),
      entries: entriesOf(account, asked, after, limit),
      items: openItemsOf(account, asked, after, limit),
      sums: sumsOf(account, asked, after),
      balance: balanceNow(account),
      days: openDaysOf(account, asked),
      setAside: setAsideOf(account, asked),
      due: openDays(account),
    }),
  );
  const addressee = to[0]!;
  const kind = (["open_item", "balance_forward"] as const).find((one) => one === c.req.query("kind")) ?? addressee.kind;
  const listed = pageOf(entries, limit);
  const open = pageOf(items, limit);
  const { billedCents, paidCents, creditedCents } = sums[0]!;
  const { openingCents, broughtCents, closingCents } = balancesOf(sums[0]!, balance[0]!.cents);
  const openCents = sum(days.map((day) => day.openCents));
  const setAsideCents = setAside[0]!.cents;
  const statement: StatementProps = {
    ...look(c),
    kind,
    from: period.from,
    to: period.to,
    openingCents,
    broughtCents,
    closingCents,
    billedCents,
    paidCents,
    creditedCents,
    entries: running(listed.rows, broughtCents),
    items: open.rows.map((item) => ({ ...item, age: ageOf(item.dueOn, period.to) })),
    ages: ages(days, period.to),
    unappliedCents: openCents - setAsideCents - closingCents,
    setAsideCents,
    underWayCents: period.whole ? sum(due.map((day) => day.underWayCents)) : null,
  };
  const last =
    kind === "open_item"
      ? open.last && cursorOf(open.last.dueOn, open.last.number)
      : listed.last && cursorOf(listed.last.on, listed.last.key);
  return {
    viewer,
    addressee,
    kind,
    last,
    typed: read.ok ? { from: period.from, to: period.to } : typed,
    problem: read.ok ? null : read.problem,
    statement: read.ok ? statement : null,
  };
}

function statementPage(
  c: Context,
  { viewer, kind, last, typed, statement }: Found,
  problem: PeriodProblem | "too_long" | null,
  limit = ENTRIES_PER_PAGE,
): Promise<Response> {
  const { t, language } = look(c);
  const query = new URLSearchParams({ ...typed, kind }).toString();
  return page(
    c,
    viewer,
    { title: t.statement.title, status: problem ? 422 : 200 },
    <StatementPage
      t={t}
      language={language}
      typed={{ ...typed, kind }}
      problem={
        problem === "too_long" ? t.statement.problems.too_long(String(limit)) : problem && t.statement.problems[problem]
      }
      statement={problem ? null : statement}
      more={last && `/statement?${query}&after=${last}`}
      query={query}
    />,
  );
}

const addressLines = (address: Found["addressee"] & { kind: StatementKind }): string[] =>
  [
    address.line1,
    address.line2,
    [address.city, [address.state, address.zip].filter(Boolean).join(" ")].filter(Boolean).join(", "),
  ].filter(Boolean);
