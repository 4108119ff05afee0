import type { Child } from "hono/jsx";
import type { PaymentStatus } from "../../src/billing/rules.ts";
import { dollars } from "../../src/money.ts";
import type { Text } from "../text/language.ts";
import { Badge, DateOf, Fact, FormToken, type Look, Money, More, methodText, Notice } from "../ui.tsx";
import { invoicePath } from "./invoices.tsx";

export type ListedPayment = {
  id: string;
  paidOn: string;
  kind: string;
  brand: string;
  lastFour: string;
  amountCents: number;
  status: PaymentStatus;
};

/** Payments or receipts: the same columns, the one leading to the payment, the other to its receipt. */
export const PaymentsPage = ({
  t,
  language,
  of,
  payments,
  more,
  children,
}: Look & { of: "payments" | "receipts"; payments: ListedPayment[]; more: string | null; children?: Child }) => (
  <>
    <h1>{of === "payments" ? t.payments.title : t.receipt.list}</h1>
    {children}
    {payments.length === 0 ? (
      <p class="card">{of === "payments" ? t.payments.none : t.receipt.none}</p>
    ) : (
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{t.payments.date}</th>
            <th scope="col">{t.payments.type}</th>
            <th scope="col">{t.payments.lastFour}</th>
            <th scope="col">{t.payments.status}</th>
            <th scope="col" class="amount">
              {t.payments.amount}
            </th>
          </tr>
        </thead>
        <tbody>
          {payments.map((payment) => (
            <tr>
              <th scope="row">
                <a href={`/${of}/${payment.id}`}>
                  <DateOf on={payment.paidOn} language={language} />
                </a>
              </th>
              <td class="first">{methodText({ ...payment, lastFour: "" }, t)}</td>
              <td class="w">{payment.lastFour}</td>
              <td class="e">
                <Badge kind={payment.status}>{t.payments.statuses[payment.status]}</Badge>
              </td>
              <td class="amount ne">
                <Money cents={payment.amountCents} />
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    )}
    {more && <More href={more}>{of === "payments" ? t.payments.more : t.receipt.more}</More>}
  </>
);

export type PaymentProps = Look & {
  phone: string;
  formToken: string;
  mayPay: boolean;
  payment: ListedPayment & {
    number: string;
    creditCents: number;
    needsReview: boolean;
    reason: string | null;
    atBank: boolean;
  };
  lines: { number: string; amountCents: number }[];
  refunds: { amountCents: number; reason: string; state: "pending" | "settled" | "failed"; on: string }[];
};

/** One payment and what is to be done about it, if anything. */
export const PaymentPage = (props: PaymentProps) => {
  const { t, language, payment, lines } = props;
  return (
    <>
      <h1>
        {t.payments.one} <Badge kind={payment.status}>{t.payments.statuses[payment.status]}</Badge>
      </h1>
      <WhatNow {...props} />
      <dl class="card facts">
        <Fact name={t.payments.amount}>
          <Money cents={payment.amountCents} />
        </Fact>
        <Fact name={t.payments.date}>
          <DateOf on={payment.paidOn} language={language} />
        </Fact>
        <Fact name={t.payment.paidWith}>{methodText(payment, t)}</Fact>
        <Fact name={t.payment.number}>{payment.number}</Fact>
      </dl>
      {(lines.length > 0 || payment.creditCents > 0) && (
        <>
          <h2>{t.payment.covers}</h2>
          <ul class="rows">
            {lines.map((line) => (
              <li>
                <a href={invoicePath(line.number)}>{line.number}</a> <Money cents={line.amountCents} />
              </li>
            ))}
            {payment.creditCents > 0 && (
              <li>
                <a href="/credits">{t.payment.credit}</a> <Money cents={payment.creditCents} />
              </li>
            )}
          </ul>
        </>
      )}
      {props.refunds.length > 0 && (
        <>
          <h2>{t.refunds.sent.heading}</h2>
          <ul class="rows">
            {props.refunds.map((refund) => (
              <li>
                <DateOf on={refund.on} language={language} /> <span>{refund.reason}</span>{" "}
                <span>{t.refunds.sent.states[refund.state]}</span> <Money cents={refund.amountCents} />
              </li>
            ))}
          </ul>
        </>
      )}
    </>
  );
};

/** The bank has it, and takes its days. */
export const OnItsWay = ({ t, amount }: { t: Text; amount: string }) => (
  <Notice kind="good">
    <p>{t.payment.processing(amount)}</p>
    <p>{t.payment.processingNote}</p>
  </Notice>
);

/** Nobody can say yet whether the money moved; the address asks. */
export const BeingChecked = ({ t, href }: { t: Text; href: string }) => (
  <Notice kind="note">
    <p>{t.payment.checking}</p>
    <p>{t.payment.checkingNote}</p>
    <a class="button second" href={href}>
      {t.payment.checkNow}
    </a>
  </Notice>
);

const WhatNow = ({ t, payment, phone, formToken, mayPay }: PaymentProps) => {
  const amount = dollars(payment.amountCents);
  if (payment.needsReview) {
    return (
      <Notice kind="note">
        <p>{t.payment.review}</p>
        <p>{t.payment.reviewNote(phone)}</p>
      </Notice>
    );
  }
  switch (payment.status) {
    case "settled":
    case "refunded":
    case "partly_refunded":
      return (
        <Notice kind="good">
          <p>{t.payment.settled(amount)}</p>
          <a class="button" href={`/receipts/${payment.id}`}>
            {t.payment.receipt}
          </a>
        </Notice>
      );
    case "processing":
      return <OnItsWay t={t} amount={amount} />;
    case "action":
      return (
        <Notice kind="note">
          <p>{payment.atBank ? t.payment.bank : t.payment.action}</p>
          <p>{payment.atBank ? t.payment.bankNote : t.payment.actionNote}</p>
          {mayPay && (
            <form class="actions" method="post" action={`/payments/${payment.id}/cancellation`}>
              <FormToken token={formToken} />
              <a class="button" href={`/payments/${payment.id}/continuation`}>
                {payment.atBank ? t.payment.bankButton : t.payment.actionButton}
              </a>{" "}
              <button type="submit" class="second">
                {t.payment.cancel}
              </button>
            </form>
          )}
        </Notice>
      );
    case "checking":
      return <BeingChecked t={t} href={`/payments/${payment.id}/return`} />;
    case "failed":
    case "returned":
      return (
        <Notice kind="problem">
          <p>{payment.status === "failed" ? t.payment.failed : t.payment.returned}</p>
          <p>{payment.status === "failed" ? payment.reason : t.payment.returnedNote}</p>
          <a class="button" href="/invoices">
            {t.payment.again}
          </a>
        </Notice>
      );
  }
};
