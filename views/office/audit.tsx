import { timeText } from "../text/dates.ts";
import { type Look, Money, More } from "../ui.tsx";
import { type ActionGroup, actionText, type Detail, detailText, GROUPS, whoText } from "./event-words.ts";
import { OfficeFrame } from "./frame.tsx";

type Event = {
  key: string;
  action: string;
  at: number;
  by: string;
  byName: string | null;
  detail: Detail | null;
  aboutUser: string | null;
  number: string | null;
  name: string | null;
};

type Props = Look & {
  timeZone: string;
  events: Event[];
  staff: { id: string; name: string }[];
  group: ActionGroup | null;
  number: string;
  who: string;
  /** All of that as an address has it. */
  query: string;
  /** Where the next page begins; null on the last. */
  before: string | null;
};

/** Everything that was done, the newest first: what, about whom, by whom, how much, and why. */
export const OfficeAuditPage = (p: Props) => (
  <OfficeFrame title="Audit trail" here="/office/audit">
    <form method="get" action="/office/audit" class="card facts">
      <p>
        <label>
          About{" "}
          <select name="group">
            <option value="">everything</option>
            {Object.entries(GROUPS).map(([group, words]) => (
              <option value={group} selected={group === p.group}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </p>
      <p>
        <label>
          Customer number <input name="account" value={p.number} maxlength={60} />
        </label>
      </p>
      <p>
        <label>
          By{" "}
          <select name="who">
            {whoToChoose(p).map(([who, words]) => (
              <option value={who} selected={who === p.who}>
                {words}
              </option>
            ))}
          </select>
        </label>
      </p>
      <p>
        <button type="submit" class="second">
          Show
        </button>
      </p>
    </form>
    <p>
      <a href={`/office/audit.csv?${p.query}`}>Download as a spreadsheet</a>, the latest 10,000 of them
    </p>
    {p.events.length === 0 ? (
      <p class="card">{p.before ? "Nothing like that among the latest 20,000 events." : "Nothing like that."}</p>
    ) : (
      <table class="list lines">
        <thead>
          <tr>
            <th scope="col">What</th>
            <th scope="col">Customer</th>
            <th scope="col">When</th>
            <th scope="col">Who</th>
            <th scope="col" class="amount">
              Amount
            </th>
            <th scope="col">Why, and more</th>
          </tr>
        </thead>
        <tbody>
          {p.events.map((event) => (
            <OneEvent {...p} event={event} />
          ))}
        </tbody>
      </table>
    )}
    {p.before && (
      <More href={`/office/audit?${p.query}&before=${encodeURIComponent(p.before)}`}>
        {p.events.length === 0 ? "Look further back" : "Earlier"}
      </More>
    )}
  </OfficeFrame>
);

const OneEvent = ({ event, timeZone, language }: Props & { event: Event }) => {
  const { cents, reason, more } = detailText(event.detail, event.aboutUser);
  // One that was not started has no page.
  const payment = event.action === "payment.not_started" ? null : /:(pay_[0-9a-z]+)(?::|$)/.exec(event.key)?.[1];
  return (
    <tr>
      <th scope="row">
        {payment && event.number ? (
          <a href={`/office/payments/${payment}`}>{actionText(event.action)}</a>
        ) : (
          actionText(event.action)
        )}
      </th>
      <td>
        {event.number && (
          <>
            <a href={`/office/accounts/${encodeURIComponent(event.number)}`}>{event.number}</a> {event.name}
          </>
        )}
      </td>
      <td data-label="When">{timeText(event.at, timeZone, language)}</td>
      <td data-label="Who">
        <a href={`/office/audit?who=${encodeURIComponent(event.by)}`}>{whoText(event.by, event.byName)}</a>
      </td>
      <td class="amount">{cents !== null && <Money cents={cents} />}</td>
      <td>{[reason, more].filter(Boolean).join("; ")}</td>
    </tr>
  );
};

/** Kinds of people, who works here, and whoever is chosen now. */
function whoToChoose({ staff, who, events }: Props): [who: string, words: string][] {
  const known: [string, string][] = [
    ["", "anybody"],
    ["staff", "our staff"],
    ["customers", "customers"],
    ["machine", "no person"],
    ...staff.map(({ id, name }): [string, string] => [id, name]),
  ];
  if (known.some(([one]) => one === who)) return known;
  return [...known, [who, whoText(who, events[0]?.byName ?? (who.startsWith("usr_") ? "This user" : null))]];
}
