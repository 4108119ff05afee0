import type { Viewer } from "../../src/batch.ts";
import { DateOf, type Look, Money, methodText } from "../ui.tsx";
import { invoicePath } from "./invoices.tsx";

export type ReceiptProps = Look & {
  viewer: Viewer;
  receipt: {
    id: string;
    number: string;
    paidOn: string;
    kind: string;
    brand: string;
    lastFour: string;
    amountCents: number;
    creditCents: number;
    refundedCents: number;
    returnedCents: number;
  };
  lines: { number: string; dueOn: string; amountCents: number; remainsCents: number }[];
};

/** One per payment, made to be printed. */
export const ReceiptPage = ({ t, language, viewer, receipt, lines }: ReceiptProps) => (
  <>
    <h1>
      {t.receipt.title} {receipt.number}
    </h1>
    <p class="actions">
      <a class="button second" href={`/receipts/${receipt.id}.pdf`}>
        {t.receipt.pdf}
      </a>
    </p>
    <dl class="card facts">
      <dt>{t.receipt.received}</dt>
      <dd>
        {viewer.account.name} ({viewer.account.number})
      </dd>
      <dt>{t.receipt.on}</dt>
      <dd>
        <DateOf on={receipt.paidOn} language={language} />
      </dd>
      <dt>{t.receipt.with}</dt>
      <dd>{methodText(receipt, t)}</dd>
      <dt>{t.receipt.amount}</dt>
      <dd>
        <Money cents={receipt.amountCents} />
      </dd>
      {receipt.refundedCents > 0 && (
        <>
          <dt>{t.receipt.refunded}</dt>
          <dd>
            <Money cents={-receipt.refundedCents} />
          </dd>
        </>
      )}
      {receipt.returnedCents > 0 && (
        <>
          <dt>{t.receipt.returned}</dt>
          <dd>
            <Money cents={-receipt.returnedCents} />
          </dd>
        </>
      )}
    </dl>
    {(lines.length > 0 || receipt.creditCents > 0) && (
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{t.receipt.invoice}</th>
            <th scope="col" class="amount">
              {t.receipt.applied}
            </th>
            <th scope="col" class="amount">
              {t.receipt.remains}
            </th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr>
              <th scope="row">
                <a href={invoicePath(line.number)}>{line.number}</a>
              </th>
              <td data-label={t.receipt.applied} class="amount">
                <Money cents={line.amountCents} />
              </td>
              <td data-label={t.receipt.remains} class="amount">
                <Money cents={line.remainsCents} />
              </td>
            </tr>
          ))}
          {receipt.creditCents > 0 && (
            <tr>
              <th scope="row">{t.receipt.credit}</th>
              <td data-label={t.receipt.applied} class="amount">
                <Money cents={receipt.creditCents} />
              </td>
              <td />
            </tr>
          )}
        </tbody>
      </table>
    )}
    <p>
      {t.receipt.thanks} {viewer.settings.name}, {viewer.settings.phone}
    </p>
  </>
);
