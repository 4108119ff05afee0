import { timeText } from "../text/dates.ts";
import { FormToken, type Look } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";
import { Waiting, type WaitingCounts } from "./waiting.tsx";

/** What waits for a person, in words. */
export const WORK_KINDS = {
  payment_disagreed: "The card company and our books disagree about a payment",
  payment_unclear: "A payment's outcome is unknown",
  message_failed: "A message could not be delivered",
  job_gave_up: "A background job gave up",
  books_wrong: "The books do not add up",
  registration_waiting: "Somebody without an e-mail on file wants to register",
  registration_differs: "Somebody registered whose details differ from the records",
  contact_changed: "A customer changed their contact details",
  removal_requested: "A customer asks to have a card or bank account removed",
  stop_requested: "A customer asks to stop autopay",
  method_expiring: "What autopay draws on stops working",
  draft_failed: "An autopay draft did not go through",
  payment_returned: "A bank took a payment back",
  refund_failed: "A refund did not go through",
  reckoning_differs: "The card company and our books differ",
  webhook_failed: "The dealer's own software did not take what it was sent",
  drafts_halted: "A day's drafts are held back: they come to more than usual",
} as const;

/** Where a customer's wish is decided, which the worklist cannot close. */
export const decidedAt = ({ kind, accountNumber }: { kind: string; accountNumber: string | null }): string =>
  kind === "stop_requested" && accountNumber
    ? `/office/accounts/${encodeURIComponent(accountNumber)}/autopay`
    : "/office/payment-methods";

export type OfficeProps = Look & {
  timeZone: string;
  formToken: string;
  /** What waits on other pages. */
  waiting: WaitingCounts;
  work: {
    id: string;
    accountNumber: string | null;
    kind: keyof typeof WORK_KINDS;
    subjectId: string;
    detail: string;
    openedAt: number;
    mayClose: boolean;
  }[];
  imports: {
    id: string;
    by: string;
    startedAt: number;
    finishedAt: number | null;
    counts: Record<string, { new: number; changed: number; unchanged: number; wrong: number }> | null;
  }[];
};

export const OfficePage = ({ language, timeZone, formToken, waiting, work, imports }: OfficeProps) => (
  <OfficeFrame title="Worklist" here="/office">
    <Waiting counts={waiting} />
    {work.length === 0 ? (
      <p class="card">{Object.values(waiting).some(Boolean) ? "Nothing else waits." : "Nothing waits for you."}</p>
    ) : (
      <table class="list lines">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Which</th>
            <th scope="col">Detail</th>
            <th scope="col">Since</th>
            <th scope="col">
              <span class="soft">Done?</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {work.map((item) => (
            <tr>
              <th scope="row">
                <a href={`/office/worklist/${encodeURIComponent(item.id)}`}>{WORK_KINDS[item.kind]}</a>
              </th>
              <td data-label="Which">
                {item.accountNumber ? (
                  <a href={`/office/accounts/${encodeURIComponent(item.accountNumber)}`}>{item.accountNumber}</a>
                ) : (
                  item.subjectId
                )}
              </td>
              <td>{item.detail}</td>
              <td data-label="Since">{timeText(item.openedAt, timeZone, language)}</td>
              <td>
                {item.mayClose ? (
                  <form method="post" action="/office/worklist/closing">
                    <FormToken token={formToken} />
                    <input type="hidden" name="id" value={item.id} />
                    <button type="submit" class="plain">
                      Close
                    </button>
                  </form>
                ) : (
                  <a href={decidedAt(item)}>Decide</a>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    <h2 id="imports">Last imports</h2>
    {imports.length === 0 ? (
      <p class="card">No records have been imported yet.</p>
    ) : (
      <table class="list">
        <thead>
          <tr>
            <th scope="col">When</th>
            <th scope="col">File</th>
            <th scope="col" class="amount">
              New
            </th>
            <th scope="col" class="amount">
              Changed
            </th>
            <th scope="col" class="amount">
              Unchanged
            </th>
            <th scope="col" class="amount">
              Wrong
            </th>
          </tr>
        </thead>
        <tbody>
          {imports.flatMap((one) =>
            Object.entries(one.counts ?? {}).map(([file, counts]) => (
              <tr>
                <th scope="row">{timeText(one.startedAt, timeZone, language)}</th>
                <td class="ne">{file}</td>
                <td data-label="New" class="amount w">
                  {counts.new}
                </td>
                <td data-label="Changed" class="amount e">
                  {counts.changed}
                </td>
                <td data-label="Unchanged" class="amount sw">
                  {counts.unchanged}
                </td>
                <td data-label="Wrong" class="amount se">
                  {counts.wrong}
                </td>
              </tr>
            )),
          )}
        </tbody>
      </table>
    )}
  </OfficeFrame>
);
