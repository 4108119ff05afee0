import { timeText } from "../text/dates.ts";
import { FormToken, type Look, type Said } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";

type Registration = {
  id: string;
  number: string;
  accountName: string;
  email: string;
  name: string;
  phone: string;
  differs: string;
  createdAt: number;
};

const STATES = { waiting: "Waits for you", sent: "Link sent", approved: "Approved", refused: "Refused" } as const;

/** Who asked to be let in: those the office decides about, and everybody lately. */
export const OfficeRegistrationsPage = ({
  timeZone,
  language,
  formToken,
  waiting,
  latest,
  said,
}: Look & {
  timeZone: string;
  formToken: string;
  waiting: Registration[];
  latest: (Registration & { state: keyof typeof STATES; onFile: string | null })[];
  said: Said | null;
}) => (
  <OfficeFrame title="Registrations" here="/office/registrations" said={said}>
    <h2>Waiting for you</h2>
    {waiting.length === 0 ? (
      <p class="card">Nobody waits.</p>
    ) : (
      waiting.map((one) => (
        <form method="post" action={`/office/registrations/${one.id}/decision`} class="card stack">
          <FormToken token={formToken} />
          <h3>
            <a href={`/office/accounts/${encodeURIComponent(one.number)}`}>
              {one.accountName} ({one.number})
            </a>
          </h3>
          <p>
            {one.name || "Somebody"} knows the key, the customer number and the ZIP, and gives the e-mail{" "}
            <strong>{one.email}</strong>
            {one.phone && ` and the phone ${one.phone}`}. No e-mail is on file.
            {one.differs && ` Differs from the records: ${one.differs}.`}
          </p>
          <p>
            <small>
              Asked {timeText(one.createdAt, timeZone, language)}. Call the number on file before you approve.
            </small>
          </p>
          <p class="actions">
            <button type="submit" name="decision" value="approve">
              Approve and send the link
            </button>{" "}
            <button type="submit" name="decision" value="refuse" class="second">
              Refuse
            </button>
          </p>
        </form>
      ))
    )}
    <h2>Lately</h2>
    {latest.length === 0 ? (
      <p class="card">Nobody has registered yet.</p>
    ) : (
      <table class="list lines">
        <thead>
          <tr>
            <th scope="col">Customer</th>
            <th scope="col">When</th>
            <th scope="col">Typed</th>
            <th scope="col">State</th>
          </tr>
        </thead>
        <tbody>
          {latest.map((one) => (
            <tr>
              <th scope="row">
                <a href={`/office/accounts/${encodeURIComponent(one.number)}`}>{one.accountName}</a>
              </th>
              <td>{timeText(one.createdAt, timeZone, language)}</td>
              <td>
                {[one.name, one.email, one.phone].filter(Boolean).join(", ")}
                {one.differs && ` (differs: ${one.differs})`}
              </td>
              <td>{STATES[one.state]}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
  </OfficeFrame>
);
