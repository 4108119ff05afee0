import type { OpenItem, StatementEntry, StatementProps } from "../../views/billing/statement.tsx";
import type { Text } from "../../views/text/language.ts";
import { plainAmount } from "../money.ts";
import { csvFile } from "../office/csv.ts";
import { paymentNumber } from "./rules.ts";

/** A statement for a spreadsheet, in the customer's words; `what` says what an entry is. */
export function statementFile(s: StatementProps, t: Text, what: (entry: StatementEntry) => string): string {
  const { headings, opening, closing, unapplied, date, amount, balance } = t.statement;
  if (s.kind === "open_item") {
    const row = (item: OpenItem) => [
      item.number,
      item.issuedOn,
      item.dueOn,
      plainAmount(item.totalCents),
      plainAmount(item.totalCents - item.openCents),
      plainAmount(item.openCents),
      t.statement.age[item.age],
    ];
    const sum = (label: string, cents: number) => [label, null, null, null, null, plainAmount(cents), null];
    return csvFile(
      [
        t.statement.invoice,
        headings.invoiceOn,
        headings.dueOn,
        t.statement.billed,
        headings.paid,
        t.statement.open,
        t.statement.late,
      ],
      [
        ...s.items.map(row),
        ...(s.unappliedCents !== 0 ? [sum(unapplied, 0 - s.unappliedCents)] : []),
        ...(s.setAsideCents !== 0 ? [sum(t.statement.setAside, 0 - s.setAsideCents)] : []),
        sum(closing(s.to), s.closingCents),
      ],
    );
  }
  const row = (entry: StatementEntry) => [
    entry.on,
    t.statement.csvType[entry.kind],
    entry.kind === "payment" || entry.kind === "refund" || entry.kind === "return"
      ? paymentNumber(entry)
      : entry.number,
    what(entry),
    entry.dueOn,
    plainAmount(entry.cents),
    plainAmount(entry.balanceCents),
  ];
  return csvFile(
    [date, headings.type, headings.number, headings.description, headings.dueOn, amount, balance],
    [
      [null, null, null, opening(s.from), null, null, plainAmount(s.openingCents)],
      ...s.entries.map(row),
      [null, null, null, closing(s.to), null, null, plainAmount(s.closingCents)],
    ],
  );
}
