import { timeText } from "../text/dates.ts";
import { FormToken, type Look, Money, More, Notice } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";

const KINDS = { payment: "Payment", refund: "Refund", return: "Taken back", credit: "Credit" };

type Props = Look & {
  timeZone: string;
  formToken: string;
  lines: {
    id: number;
    kind: keyof typeof KINDS;
    customer: string;
    name: string;
    cents: number;
    at: number;
    fetchedAt: number | null;
    fetchId: string | null;
  }[];
  /** How many nobody has fetched, and how many the dealer's software did not take. */
  waiting: number;
  failed: number;
  /** Where the next page begins; null on the last. */
  before: number | null;
};

/** What moved money here, for the dealer's accounting, with when each line was fetched. */
export const OfficeExportPage = (p: Props) => (
  <OfficeFrame title="Export" here="/office/export">
    <p>
      Payments made here, refunds, debits that banks took back, and credits that you gave, for your accounting. Each is
      one line, once. Your software can fetch them (<code>GET /api/v1/payments</code>) or{" "}
      <a href="/office/webhook">be told</a>.
    </p>
    {p.failed > 0 && (
      <Notice kind="problem">
        <p>Your software did not take {p.failed} of them.</p>
        <form method="post" action="/office/export/deliveries">
          <FormToken token={p.formToken} />
          <button type="submit" class="second">
            Send them again
          </button>
        </form>
      </Notice>
    )}
    <form method="post" action="/office/export" class="actions">
      <FormToken token={p.formToken} />
      <button type="submit" disabled={p.waiting === 0}>
        {p.waiting === 0 ? "Nothing new to fetch" : `Fetch what is new (${p.waiting})`}
      </button>{" "}
      <a class="button second" href="/office/export.csv">
        Download all
      </a>
    </form>
    {p.lines.length === 0 ? (
      <p class="card">No money has moved here yet.</p>
    ) : (
      <table class="list lines">
        <thead>
          <tr>
            <th scope="col">Customer</th>
            <th scope="col">What</th>
            <th scope="col">When</th>
            <th scope="col">Fetched</th>
            <th scope="col" class="amount">
              Amount
            </th>
          </tr>
        </thead>
        <tbody>
          {p.lines.map((line) => (
            <tr>
              <th scope="row">
                <a href={`/office/accounts/${encodeURIComponent(line.customer)}`}>{line.customer}</a> {line.name}
              </th>
              <td>{KINDS[line.kind]}</td>
              <td data-label="When">{timeText(line.at, p.timeZone, p.language)}</td>
              <td data-label="Fetched">
                {line.fetchedAt === null ? (
                  "not yet"
                ) : (
                  <a href={`/office/export.csv?fetch=${line.fetchId ?? ""}`}>
                    {timeText(line.fetchedAt, p.timeZone, p.language)}
                  </a>
                )}
              </td>
              <td class="amount">
                <Money cents={line.cents} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    {p.before !== null && <More href={`/office/export?before=${p.before}`}>Earlier lines</More>}
  </OfficeFrame>
);
