import { dateText, timeText } from "../text/dates.ts";
import { FormToken, type Look, methodText, type Said } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";

type Whose = { accountNumber: string; accountName: string };

type Method = Whose & {
  id: string;
  kind: string;
  brand: string;
  lastFour: string;
  backsAutopay: boolean;
};

type Props = Look & {
  timeZone: string;
  formToken: string;
  waiting: (Method & { requestedAt: number })[];
  /** Bank accounts whose small deposits are not typed in yet. */
  verifying: (Whose & { brand: string; lastFour: string; startedAt: number })[];
  ending: (Method & { lastDay: string })[];
  customersRemove: boolean;
  mayChange: boolean;
  said: Said | null;
};

/** What customers want off, cards that end within the month, and who may take methods off. */
export const OfficeMethodsPage = (p: Props) => (
  <OfficeFrame title="Cards and accounts" here="/office/payment-methods" said={p.said}>
    <h2>To be removed</h2>
    {p.waiting.length === 0 ? (
      <p class="card">Nobody has asked.</p>
    ) : (
      p.waiting.map((method) => (
        <form method="post" action={`/office/payment-methods/${method.id}/removal`} class="card stack">
          <FormToken token={p.formToken} />
          <h3>
            <Customer {...method} />
          </h3>
          <p>
            {methodText(method, p.t)}, asked {timeText(method.requestedAt, p.timeZone, p.language)}.
            {method.backsAutopay && " Autopay draws on it."}
          </p>
          <p class="actions">
            <button type="submit" name="decision" value="remove">
              Remove it
            </button>{" "}
            <button type="submit" name="decision" value="keep" class="second">
              Keep it and write to them
            </button>
          </p>
        </form>
      ))
    )}
    {p.verifying.length > 0 && (
      <>
        <h2 id="deposits">Wait for their small deposits</h2>
        <table class="list lines">
          <thead>
            <tr>
              <th scope="col">Customer</th>
              <th scope="col">Account</th>
              <th scope="col">Since</th>
            </tr>
          </thead>
          <tbody>
            {p.verifying.map((one) => (
              <tr>
                <th scope="row">
                  <Customer {...one} />
                </th>
                <td>{methodText({ ...one, kind: "bank" }, p.t)}</td>
                <td data-label="Since">{timeText(one.startedAt, p.timeZone, p.language)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </>
    )}
    <h2>Cards that end soon</h2>
    {p.ending.length === 0 ? (
      <p class="card">None within 30 days.</p>
    ) : (
      <table class="list lines">
        <thead>
          <tr>
            <th scope="col">Customer</th>
            <th scope="col">Card</th>
            <th scope="col">Last day</th>
            <th scope="col">Autopay</th>
          </tr>
        </thead>
        <tbody>
          {p.ending.map((method) => (
            <tr>
              <th scope="row">
                <Customer {...method} />
              </th>
              <td>{methodText(method, p.t)}</td>
              <td data-label="Last day">{dateText(method.lastDay, p.language)}</td>
              <td>{method.backsAutopay ? "Autopay draws on it" : ""}</td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    <h2>Who takes them off</h2>
    <form method="post" action="/office/payment-methods/rule" class="card stack">
      <FormToken token={p.formToken} />
      <p>
        <label class="tick">
          <input type="checkbox" name="at_once" value="1" checked={p.customersRemove} disabled={!p.mayChange} />{" "}
          Customers remove a card or bank account by themselves, unless autopay or a payment needs it
        </label>{" "}
        <small>Otherwise they ask, and it waits here.</small>
      </p>
      {p.mayChange ? (
        <p>
          <button type="submit" class="second">
            Save
          </button>
        </p>
      ) : (
        <p>Only the owner changes this.</p>
      )}
    </form>
  </OfficeFrame>
);

const Customer = ({ accountNumber, accountName }: Whose) => (
  <a href={`/office/accounts/${encodeURIComponent(accountNumber)}`}>
    {accountName} ({accountNumber})
  </a>
);
