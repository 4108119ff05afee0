import type { PaymentStatus } from "../../src/billing/rules.ts";
import { plainAmount } from "../../src/money.ts";
import { timeText } from "../text/dates.ts";
import { Badge, DateOf, Fact, FormToken, type Look, Money, methodText, Notice, type Said } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";
import { TakeOff } from "./take-off.tsx";

const REFUND_STATES = { pending: "On its way", settled: "Done", failed: "Failed" } as const;
const RETURN_STATES = { running: "Not decided yet", lost: "Final", won: "Won: the money is here again" } as const;

/** A payment as the office's lists show it. */
export type OfficePayment = {
  id: string;
  name: string;
  paidOn: string;
  kind: string;
  brand: string;
  lastFour: string;
  amountCents: number;
  allocatedCents: number;
  refundedCents: number;
  returnedCents: number;
  state: string;
  status: PaymentStatus;
};

type Props = Look & {
  timeZone: string;
  formToken: string;
  payment: OfficePayment & {
    creditedCents: number;
    accountNumber: string;
    accountName: string;
    failureCode: string | null;
    reviewReason: string | null;
  };
  covered: { invoiceId: string; invoice: string; dueOn: string; cents: number }[];
  refunds: {
    amountCents: number;
    reason: string;
    state: keyof typeof REFUND_STATES;
    failureCode: string | null;
    at: number;
    by: string;
  }[];
  returns: { amountCents: number; code: string; state: keyof typeof RETURN_STATES; at: number }[];
  /** What has neither been refunded nor taken back. */
  leftCents: number;
  /** Why nothing of it can be refunded, if so. */
  whyNot: string | null;
  /** For the form, so that a button pressed twice does one thing. */
  refundId: string;
  said: Said | null;
};

/** One payment as the office sees it: what it covers, what went back, and the way to give money back. */
export const OfficePaymentPage = (p: Props) => {
  const { payment, t, language } = p;
  return (
    <OfficeFrame title={`Payment ${payment.name}`} here="/office/accounts" said={p.said}>
      {payment.reviewReason && <Notice kind="problem">{payment.reviewReason}</Notice>}
      <dl class="card stack">
        <Fact name="Customer">
          <a href={`/office/accounts/${encodeURIComponent(payment.accountNumber)}/money`}>
            {payment.accountName} ({payment.accountNumber})
          </a>
        </Fact>
        <Fact name="State">
          <Badge kind={payment.status}>{t.payments.statuses[payment.status]}</Badge>{" "}
          {payment.failureCode?.replaceAll("_", " ")}
        </Fact>
        <Fact name="Amount">
          <Money cents={payment.amountCents} />
        </Fact>
        <Fact name="Date">
          <DateOf on={payment.paidOn} language={language} />
        </Fact>
        <Fact name="By">{methodText(payment, t)}</Fact>
        {payment.refundedCents > 0 && (
          <Fact name="Refunded">
            <Money cents={payment.refundedCents} />
          </Fact>
        )}
        {payment.returnedCents > 0 && (
          <Fact name="Taken back by the bank">
            <Money cents={payment.returnedCents} />
          </Fact>
        )}
        {payment.creditedCents > 0 && (
          <Fact name="Given as credit instead">
            <Money cents={payment.creditedCents} />
          </Fact>
        )}
      </dl>
      {p.covered.length > 0 && <Covered {...p} />}
      {p.refunds.length > 0 && <Refunds {...p} />}
      {p.returns.length > 0 && <Returns {...p} />}
      <h2>Give money back</h2>
      {p.whyNot && <p class="card">{p.whyNot}</p>}
      {payment.state === "settled" && p.leftCents > 0 && <Give {...p} />}
    </OfficeFrame>
  );
};

const Covered = ({ covered, payment, formToken, language }: Props) => (
  <>
    <h2>Covers</h2>
    <table class="list lines">
      <thead>
        <tr>
          <th scope="col">Invoice</th>
          <th scope="col">Due</th>
          <th scope="col">Amount</th>
          <th scope="col">
            <span class="soft">Do</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {covered.map((one) => (
          <tr>
            <th scope="row">{one.invoice}</th>
            <td data-label="Due">
              <DateOf on={one.dueOn} language={language} />
            </td>
            <td data-label="Amount">
              <Money cents={one.cents} />
            </td>
            <td>
              <TakeOff
                formToken={formToken}
                accountNumber={payment.accountNumber}
                source={`payment:${payment.id}`}
                {...one}
              />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </>
);

const Refunds = ({ refunds, timeZone, language }: Props) => (
  <>
    <h2>Refunds</h2>
    <table class="list lines">
      <thead>
        <tr>
          <th scope="col">Reason</th>
          <th scope="col">When</th>
          <th scope="col">By</th>
          <th scope="col">State</th>
          <th scope="col">Amount</th>
        </tr>
      </thead>
      <tbody>
        {refunds.map((one) => (
          <tr>
            <th scope="row">{one.reason || "Made at the card company"}</th>
            <td>{timeText(one.at, timeZone, language)}</td>
            <td data-label="By">{one.by}</td>
            <td data-label="State">
              {REFUND_STATES[one.state]}
              {one.failureCode && `: ${one.failureCode.replaceAll("_", " ")}`}
            </td>
            <td data-label="Amount">
              <Money cents={one.amountCents} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </>
);

const Returns = ({ returns, timeZone, language }: Props) => (
  <>
    <h2>Taken back by the bank</h2>
    <table class="list lines">
      <thead>
        <tr>
          <th scope="col">Why</th>
          <th scope="col">When</th>
          <th scope="col">State</th>
          <th scope="col">Amount</th>
        </tr>
      </thead>
      <tbody>
        {returns.map((one) => (
          <tr>
            <th scope="row">{one.code.replaceAll("_", " ")}</th>
            <td>{timeText(one.at, timeZone, language)}</td>
            <td data-label="State">{RETURN_STATES[one.state]}</td>
            <td data-label="Amount">
              <Money cents={one.amountCents} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  </>
);

const Give = ({ payment, covered, leftCents, whyNot, refundId, formToken }: Props) => (
  <form method="post" action={`/office/payments/${payment.id}/refunds`} class="card stack">
    <FormToken token={formToken} />
    <input type="hidden" name="refund_id" value={refundId} />
    <p>
      <label>
        Amount{" "}
        <input
          name="amount"
          value={plainAmount(leftCents)}
          inputmode="decimal"
          size={9}
          maxlength={16}
          required
          aria-describedby="most"
        />
      </label>{" "}
      <small id="most">
        At most {plainAmount(leftCents)}.
        {payment.kind === "bank" && " A bank debit only whole; a part as account credit."}
      </small>
    </p>
    <p>
      <label>
        Reason <input name="reason" maxlength={200} required />
      </label>{" "}
      <small>The customer reads it.</small>
    </p>
    {whyNot === null && covered.length > 0 && (
      <>
        <p>
          <label>
            Take it from{" "}
            <select name="from">
              <option value="">unused, then due last</option>
              {covered.map((one) => (
                <option value={one.invoiceId}>{one.invoice}</option>
              ))}
            </select>
          </label>
        </p>
        <p>
          <label class="tick">
            <input type="checkbox" name="cover" value="1" checked /> Keep its invoices paid with a credit
          </label>{" "}
          <small>Without it they are due again, with their old due dates.</small>
        </p>
      </>
    )}
    <p>
      {whyNot === null && (
        <button type="submit" name="to" value="method">
          Refund
        </button>
      )}{" "}
      <button type="submit" name="to" value="credit" class="second">
        As account credit instead
      </button>
    </p>
  </form>
);
