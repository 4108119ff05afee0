import { plainAmount } from "../../src/money.ts";
import { Badge, DateOf, FormToken, type Look, Money, methodText, type Said } from "../ui.tsx";
import { OfficeFrame } from "./frame.tsx";
import type { OfficePayment } from "./payment.tsx";
import { TakeOff } from "./take-off.tsx";

type Credit = {
  id: string;
  number: string | null;
  reason: string;
  by: string;
  issuedOn: string;
  amountCents: number;
  allocatedCents: number;
};
type Use = { creditId: string; invoiceId: string; invoice: string; cents: number };
type Open = {
  id: string;
  number: string;
  dueOn: string;
  totalCents: number;
  allocatedCents: number;
  heldCents: number;
};

type Props = Look & {
  formToken: string;
  account: { number: string; name: string };
  payments: OfficePayment[];
  credits: Credit[];
  uses: Use[];
  open: Open[];
  /** For the forms, so that a button pressed twice does one thing. */
  ids: { credit: string; use: string };
  said: Said | null;
};

const restOf = (p: OfficePayment): number =>
  p.state === "settled" ? p.amountCents - p.allocatedCents - p.refundedCents - p.returnedCents : 0;

/** One customer's money: what came, what waits to be used, what is open, and the forms that move it. */
export const OfficeMoneyPage = (p: Props) => {
  const here = `/office/accounts/${encodeURIComponent(p.account.number)}`;
  const sources = [
    ...p.credits
      .filter((one) => one.amountCents > one.allocatedCents)
      .map((one) => ({
        value: `credit:${one.id}`,
        words: one.reason.slice(0, 24),
        rest: one.amountCents - one.allocatedCents,
      })),
    ...p.payments
      .filter((one) => restOf(one) > 0)
      .map((one) => ({ value: `payment:${one.id}`, words: `Payment ${one.name}`, rest: restOf(one) })),
  ];
  return (
    <OfficeFrame title={`Money of ${p.account.name}`} here="/office/accounts" said={p.said}>
      <p>
        <a href={here}>{p.account.number}</a>
      </p>
      <h2>Payments</h2>
      {p.payments.length === 0 ? <p class="card">None yet.</p> : <Payments {...p} />}
      <h2>Credits</h2>
      {p.credits.length === 0 ? <p class="card">None yet.</p> : <Credits {...p} />}
      <form method="post" action={`${here}/credits`} class="card stack">
        <FormToken token={p.formToken} />
        <input type="hidden" name="credit_id" value={p.ids.credit} />
        <h3>Give a credit</h3>
        <p>
          <label>
            Amount <input name="amount" inputmode="decimal" size={9} maxlength={16} required />
          </label>
        </p>
        <p>
          <label>
            Reason <input name="reason" maxlength={200} required />
          </label>{" "}
          <small>The customer reads it.</small>
        </p>
        <p>
          <button type="submit" class="second">
            Give credit
          </button>
        </p>
      </form>
      <h2>Open invoices</h2>
      {p.open.length === 0 ? <p class="card">Nothing is open.</p> : <OpenInvoices {...p} />}
      {sources.length > 0 && p.open.length > 0 && <UseCredit {...p} here={here} sources={sources} />}
    </OfficeFrame>
  );
};

const Payments = ({ payments, t, language }: Props) => (
  <table class="list">
    <thead>
      <tr>
        <th scope="col">Payment</th>
        <th scope="col">Date</th>
        <th scope="col">By</th>
        <th scope="col">State</th>
        <th scope="col" class="amount">
          Amount
        </th>
        <th scope="col" class="amount">
          Unused
        </th>
      </tr>
    </thead>
    <tbody>
      {payments.map((one) => (
        <tr>
          <th scope="row">
            <a href={`/office/payments/${one.id}`}>{one.name}</a>
          </th>
          <td class="sw">
            <DateOf on={one.paidOn} language={language} />
          </td>
          <td class="w">{methodText(one, t)}</td>
          <td class="e">
            <Badge kind={one.status}>{t.payments.statuses[one.status]}</Badge>
          </td>
          <td class="amount ne">
            <Money cents={one.amountCents} />
          </td>
          <td class="amount se" data-label="Unused">
            {restOf(one) > 0 && <Money cents={restOf(one)} />}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

const Credits = ({ credits, uses, account, formToken, language }: Props) => (
  <table class="list lines">
    <thead>
      <tr>
        <th scope="col">Reason</th>
        <th scope="col">Date</th>
        <th scope="col">By</th>
        <th scope="col">Amount</th>
        <th scope="col">Used for</th>
      </tr>
    </thead>
    <tbody>
      {credits.map((one) => (
        <tr>
          <th scope="row">{one.reason}</th>
          <td>
            <DateOf on={one.issuedOn} language={language} />
          </td>
          <td data-label="By">{one.by}</td>
          <td data-label="Amount">
            <Money cents={one.amountCents} />
            {one.amountCents > one.allocatedCents && (
              <>
                , unused <Money cents={one.amountCents - one.allocatedCents} />
              </>
            )}
          </td>
          <td>
            {uses
              .filter((use) => use.creditId === one.id)
              .map((use) => (
                <>
                  {use.invoice} <Money cents={use.cents} />{" "}
                  <TakeOff formToken={formToken} accountNumber={account.number} source={`credit:${one.id}`} {...use} />
                </>
              ))}
          </td>
        </tr>
      ))}
    </tbody>
  </table>
);

const OpenInvoices = ({ open, language }: Props) => (
  <table class="list lines">
    <thead>
      <tr>
        <th scope="col">Invoice</th>
        <th scope="col">Due</th>
        <th scope="col">Balance</th>
        <th scope="col">On its way</th>
      </tr>
    </thead>
    <tbody>
      {open.map((one) => (
        <tr>
          <th scope="row">{one.number}</th>
          <td data-label="Due">
            <DateOf on={one.dueOn} language={language} />
          </td>
          <td data-label="Balance">
            <Money cents={one.totalCents - one.allocatedCents} />
          </td>
          <td data-label="On its way">{one.heldCents > 0 && <Money cents={one.heldCents} />}</td>
        </tr>
      ))}
    </tbody>
  </table>
);

type Source = { value: string; words: string; rest: number };

const UseCredit = ({ here, formToken, ids, open, sources }: Props & { here: string; sources: Source[] }) => (
  <>
    <h2>Use credit</h2>
    <form method="post" action={`${here}/credit-uses`} class="card stack">
      <FormToken token={formToken} />
      <input type="hidden" name="use_id" value={ids.use} />
      <p>
        <label>
          Of{" "}
          <select name="source">
            {sources.map((one) => (
              <option value={one.value}>
                {plainAmount(one.rest)}: {one.words}
              </option>
            ))}
          </select>
        </label>
      </p>
      <p>
        <label>
          For{" "}
          <select name="invoice">
            {open.map((one) => (
              <option value={one.id}>
                {one.number}: {plainAmount(one.totalCents - one.allocatedCents - one.heldCents)}
              </option>
            ))}
          </select>
        </label>
      </p>
      <p>
        <label>
          Amount <input name="amount" inputmode="decimal" size={9} maxlength={16} />
        </label>
      </p>
      <p>
        <button type="submit" class="second">
          Use this much
        </button>{" "}
        <button type="submit" class="second" name="everything" value="1">
          Use everything, oldest first
        </button>
      </p>
    </form>
  </>
);
