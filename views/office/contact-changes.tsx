import { timeText } from "../text/dates.ts";
import { type Look, More, phoneText } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";

const FIELDS: Record<string, string> = {
  phone: "Phone",
  mobile: "Mobile phone",
  email: "E-mail",
  line1: "Address, line 1",
  line2: "Address, line 2",
  city: "City",
  state: "State",
  zip: "ZIP code",
  paperless: "Paperless",
};

export type OfficeContactChangesProps = Look & {
  timeZone: string;
  changes: {
    number: string;
    name: string;
    field: string;
    before: string;
    after: string;
    at: number;
    by: string | null;
  }[];
  /** Where the next page begins; null on the last. */
  before: string | null;
};

export const OfficeContactChangesPage = ({ language, timeZone, changes, before }: OfficeContactChangesProps) => (
  <OfficeFrame title="Contact changes" here="/office/contact-changes">
    <p>
      What customers changed about how you reach them, newest first.{" "}
      <a href="/office/contact-changes.csv">Download as a spreadsheet</a>
    </p>
    {changes.length === 0 ? (
      <p class="card">No customer has changed anything yet.</p>
    ) : (
      <table class="list lines">
        <thead>
          <tr>
            <th scope="col">Customer</th>
            <th scope="col">What</th>
            <th scope="col">Before</th>
            <th scope="col">After</th>
            <th scope="col">When</th>
            <th scope="col">By</th>
          </tr>
        </thead>
        <tbody>
          {changes.map((change) => (
            <tr>
              <th scope="row">
                <a href={`/office/accounts/${encodeURIComponent(change.number)}`}>{change.number}</a> {change.name}
              </th>
              <td>{FIELDS[change.field] ?? change.field}</td>
              <td data-label="Before">{phoneText(change.before) || "nothing"}</td>
              <td data-label="After">{phoneText(change.after) || "nothing"}</td>
              <td data-label="When">{timeText(change.at, timeZone, language)}</td>
              <td data-label="By">{change.by ?? ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    {before && <More href={`/office/contact-changes?before=${before}`}>Earlier changes</More>}
  </OfficeFrame>
);
