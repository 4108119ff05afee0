import type { Age, StatementKind } from "../../src/billing/statement-rules.ts";
import { dateText } from "../text/dates.ts";
import type { Text } from "../text/language.ts";
import { DateOf, Fact, type Look, Money, More, methodText, Notice } from "../ui.tsx";
import { invoicePath } from "./invoices.tsx";

export type StatementEntry = {
  on: string;
  kind: "invoice" | "payment" | "credit" | "refund" | "return";
  id: string;
  number: string | null;
  dueOn: string | null;
  method: { kind: string; brand: string; lastFour: string };
  note: string;
  cents: number;
  balanceCents: number;
};

export type OpenItem = {
  number: string;
  issuedOn: string;
  dueOn: string;
  totalCents: number;
  openCents: number;
  age: Age;
};

/** Everything that a statement says, on a page, on paper or in a file. */
export type StatementProps = Look & {
  kind: StatementKind;
  from: string;
  to: string;
  openingCents: number;
  /** The balance before the first entry that is shown. */
  broughtCents: number;
  closingCents: number;
  billedCents: number;
  paidCents: number;
  creditedCents: number;
  entries: StatementEntry[];
  items: OpenItem[];
  ages: { age: Age; cents: number }[];
  unappliedCents: number;
  setAsideCents: number;
  /** Null where the statement ends before today. */
  underWayCents: number | null;
};

/** What one entry is, in words. */
export function entryText(entry: StatementEntry, t: Text): string {
  const { entry: words } = t.statement;
  if (entry.kind === "invoice") return words.invoice(entry.number ?? "");
  if (entry.kind === "credit") return words.credit(entry.note);
  return words[entry.kind](methodText(entry.method, t));
}

const entryPath = (entry: StatementEntry): string => {
  if (entry.kind === "invoice") return invoicePath(entry.number ?? "");
  return entry.kind === "credit" ? "/credits" : `/payments/${entry.id}`;
};

type PageProps = Look & {
  typed: { from: string; to: string; kind: StatementKind };
  problem: string | null;
  /** Null where nothing can be shown. */
  statement: StatementProps | null;
  more: string | null;
  /** What the two files are asked for with. */
  query: string;
};

/** The account's history between two days, and what was open at the end of it. */
export const StatementPage = ({ t, language, typed, problem, statement, more, query }: PageProps) => (
  <>
    <h1>{t.statement.title}</h1>
    {problem && (
      <Notice kind="problem" answers>
        {problem}
      </Notice>
    )}
    <form method="get" action="/statement" class="card facts stack">
      <label>
        {t.statement.from} <input type="date" name="from" value={typed.from} required />
      </label>{" "}
      <label>
        {t.statement.to} <input type="date" name="to" value={typed.to} required />
      </label>{" "}
      <label>
        {t.statement.kind}{" "}
        <select name="kind">
          {(["open_item", "balance_forward"] as const).map((kind) => (
            <option value={kind} selected={typed.kind === kind}>
              {t.statement.kinds[kind]}
            </option>
          ))}
        </select>
      </label>{" "}
      <button type="submit">{t.statement.show}</button>
    </form>
    {statement && (
      <>
        <Sums {...statement} />
        {statement.kind === "open_item" ? <Items {...statement} /> : <Entries {...statement} />}
        {more && <More href={more}>{statement.kind === "open_item" ? t.statement.moreOpen : t.statement.more}</More>}
        <h2>{t.statement.aging(dateText(statement.to, language))}</h2>
        <dl class="card facts">
          {statement.ages.map(({ age, cents }) => (
            <Fact name={t.statement.age[age]}>
              <Money cents={cents} />
            </Fact>
          ))}
          {statement.unappliedCents !== 0 && (
            <Fact name={t.statement.unapplied}>
              <Money cents={0 - statement.unappliedCents} />
            </Fact>
          )}
        </dl>
        <p class="actions">
          <a class="button second" href={`/statement.pdf?${query}`}>
            {t.statement.pdf}
          </a>{" "}
          <a class="button second" href={`/statement.csv?${query}`}>
            {t.statement.csv}
          </a>
        </p>
      </>
    )}
  </>
);

const Sums = (s: StatementProps) => {
  const { t, language } = s;
  const words = t.statement;
  return (
    <dl class="card facts">
      {s.kind === "balance_forward" && (
        <>
          <Fact name={words.opening(dateText(s.from, language))}>
            <Money cents={s.openingCents} />
          </Fact>
          <Fact name={words.billed}>
            <Money cents={s.billedCents} />
          </Fact>
          <Fact name={words.paid}>
            <Money cents={s.paidCents} />
          </Fact>
          <Fact name={words.credited}>
            <Money cents={s.creditedCents} />
          </Fact>
        </>
      )}
      {s.kind === "open_item" && s.unappliedCents !== 0 && (
        <Fact name={words.unapplied}>
          <Money cents={0 - s.unappliedCents} />
          <br />
          <a href="/credits">{t.refunds.credits.link}</a>
        </Fact>
      )}
      {s.kind === "open_item" && s.setAsideCents !== 0 && (
        <Fact name={words.setAside}>
          <Money cents={0 - s.setAsideCents} />
        </Fact>
      )}
      <Fact name={words.closing(dateText(s.to, language))}>
        <b>
          <Money cents={s.closingCents} />
        </b>
      </Fact>
      {s.underWayCents !== null && s.underWayCents > 0 && (
        <Fact name={words.underWay}>
          <Money cents={0 - s.underWayCents} />
        </Fact>
      )}
    </dl>
  );
};

const Entries = ({ t, language, entries, broughtCents }: StatementProps) =>
  entries.length === 0 ? (
    <p class="card">{t.statement.nothing}</p>
  ) : (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">{t.statement.what}</th>
          <th scope="col">{t.statement.date}</th>
          <th scope="col" class="amount">
            {t.statement.amount}
          </th>
          <th scope="col" class="amount">
            {t.statement.balance}
          </th>
        </tr>
      </thead>
      <tbody>
        <tr>
          <th scope="row">{t.statement.brought}</th>
          <td class="w" />
          <td class="amount ne" />
          <td class="amount se" data-label={t.statement.balance}>
            <Money cents={broughtCents} />
          </td>
        </tr>
        {entries.map((entry) => (
          <tr>
            <th scope="row">
              <a href={entryPath(entry)}>{entryText(entry, t)}</a>
            </th>
            <td class="w">
              <DateOf on={entry.on} language={language} />
            </td>
            <td class="amount ne">
              <Money cents={entry.cents} />
            </td>
            <td class="amount se" data-label={t.statement.balance}>
              <Money cents={entry.balanceCents} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );

const Items = ({ t, language, items }: StatementProps) =>
  items.length === 0 ? (
    <p class="card">{t.statement.nothingOpen}</p>
  ) : (
    <table class="list">
      <thead>
        <tr>
          <th scope="col">{t.statement.invoice}</th>
          <th scope="col">{t.statement.due}</th>
          <th scope="col">{t.statement.late}</th>
          <th scope="col" class="amount">
            {t.statement.billed}
          </th>
          <th scope="col" class="amount">
            {t.statement.open}
          </th>
        </tr>
      </thead>
      <tbody>
        {items.map((item) => (
          <tr>
            <th scope="row">
              <a href={invoicePath(item.number)}>{item.number}</a>
            </th>
            <td class="w" data-label={t.statement.due}>
              <DateOf on={item.dueOn} language={language} />
            </td>
            <td class="e">{t.statement.age[item.age]}</td>
            <td class="amount se" data-label={t.statement.billed}>
              <Money cents={item.totalCents} />
            </td>
            <td class="amount ne">
              <Money cents={item.openCents} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
