import type { Viewer } from "../../src/batch.ts";
import type { Less } from "../../src/billing/less-than-announced.ts";
import { dollars } from "../../src/money.ts";
import type { Text } from "../text/language.ts";
import { DateOf, Fact, type Look, Money, methodText } from "../ui.tsx";
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
    creditCents: number;
    refundedCents: number;
    returnedCents: number;
    amountCents: number;
  };
  lines: { number: string; dueOn: string; amountCents: number; remainsCents: number }[];
  less: string | null;
};

/** Why a draft has taken less than its notice said, in words; null where it has not. */
export function lessText(less: Less | null, t: Text): string | null {
  const { lead, ...because } = t.autopay.less;
  return less && lead(dollars(less.announcedCents), dollars(less.amountCents), because[less.because]);
}

/** One per payment, made to be printed. */
export const ReceiptPage = ({ t, language, viewer, receipt, lines, less }: ReceiptProps) => (
  <>
    <h1>
      {t.receipt.title} {receipt.number}
    </h1>
    <p class="actions">
      <a class="button second" href={`/receipts/${receipt.id}.pdf`}>
        {t.receipt.pdf}
      </a>
    </p>
    <div class="card paper">
      <dl class="facts">
        <Fact name={t.receipt.amount}>
          <b>
            <Money cents={receipt.amountCents} />
          </b>
        </Fact>
        <Fact name={t.receipt.on}>
          <DateOf on={receipt.paidOn} language={language} />
        </Fact>
        <Fact name={t.receipt.with}>{methodText(receipt, t)}</Fact>
        <Fact name={t.receipt.received}>
          {viewer.account.name}
          <br />
          {viewer.account.number}
        </Fact>
        {receipt.refundedCents > 0 && (
          <Fact name={t.receipt.refunded}>
            <Money cents={-receipt.refundedCents} />
          </Fact>
        )}
        {receipt.returnedCents > 0 && (
          <Fact name={t.receipt.returned}>
            <Money cents={-receipt.returnedCents} />
          </Fact>
        )}
      </dl>
      {less && <p>{less}</p>}
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
                <td data-label={t.receipt.applied} class="amount ne">
                  <Money cents={line.amountCents} />
                </td>
                <td data-label={t.receipt.remains} class="amount e">
                  <Money cents={line.remainsCents} />
                </td>
              </tr>
            ))}
            {receipt.creditCents > 0 && (
              <tr>
                <th scope="row">
                  <a href="/credits">{t.receipt.credit}</a>
                </th>
                <td data-label={t.receipt.applied} class="amount ne">
                  <Money cents={receipt.creditCents} />
                </td>
                <td class="e" />
              </tr>
            )}
          </tbody>
        </table>
      )}
      <p>
        {t.receipt.thanks} {viewer.settings.name}, <span class="whole">{viewer.settings.phone}</span>
      </p>
    </div>
  </>
);
