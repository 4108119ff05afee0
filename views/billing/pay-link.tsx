import type { PaymentStatus } from "../../src/billing/rules.ts";
import { dollars } from "../../src/money.ts";
import { dateText } from "../text/dates.ts";
import { Badge, Fact, FormToken, type Look, Money, methodText, Notice, Stuck } from "../ui.tsx";
import { BeingChecked, OnItsWay } from "./payments.tsx";

type Dealer = { name: string; phone: string };

type PayLinkProps = Look & {
  dealer: Dealer;
  formToken: string;
  action: string;
  paymentId: string;
  number: string;
  dueOn: string;
  owedCents: number;
  underWayCents: number;
  kinds: ("card" | "bank")[];
  problem: string | null;
};

/** One invoice for whoever holds its link: how much, when, and a way to pay it. */
export const PayLinkPage = (p: PayLinkProps) => {
  const { t, language } = p;
  return (
    <div class="narrow">
      <h1>{t.payLink.title(p.number)}</h1>
      {p.problem && (
        <Notice kind="problem" answers>
          {p.problem}
        </Notice>
      )}
      <dl class="card facts">
        <Fact name={t.payLink.from}>{p.dealer.name}</Fact>
        <Fact name={t.payLink.owed}>
          <b>
            <Money cents={p.owedCents} />
          </b>
        </Fact>
        <Fact name={t.payLink.due}>{dateText(p.dueOn, language)}</Fact>
      </dl>
      {p.underWayCents > 0 && <Notice kind="note">{t.payLink.underWay(dollars(p.underWayCents))}</Notice>}
      {p.owedCents > 0 && (
        <form method="post" action={p.action} class="card stack">
          <FormToken token={p.formToken} />
          <input type="hidden" name="payment_id" value={p.paymentId} />
          <input type="hidden" name="amount" value={String(p.owedCents)} />
          <fieldset>
            <legend>{t.pay.method}</legend>
            {p.kinds.map((kind) => (
              <p>
                <label class="tick">
                  <input type="radio" name="method" value={kind} required checked={p.kinds.length === 1} />{" "}
                  {kind === "card" ? t.pay.newCard : t.pay.newBank}
                </label>
              </p>
            ))}
          </fieldset>
          <p>
            <button type="submit">{t.pay.buttonTotal(dollars(p.owedCents))}</button>
          </p>
          <p>
            <small>
              {t.pay.newNote} {t.pay.terms(p.dealer.name)}
            </small>
          </p>
        </form>
      )}
      <Stuck t={t} phone={p.dealer.phone} />
    </div>
  );
};

/** A link that leads nowhere: paid, run out, withdrawn, mistyped; which of them is nobody's business. */
export const DeadPayLinkPage = ({ t, dealer, problem }: Look & { dealer: Dealer; problem: string | null }) => (
  <div class="narrow">
    <h1>{t.payLink.deadTitle}</h1>
    {problem && <Notice kind="problem">{problem}</Notice>}
    <p>{t.payLink.dead}</p>
    <p>
      <a href="/sign-in">{t.payLink.signIn}</a>
    </p>
    <Stuck t={t} phone={dealer.phone} />
  </div>
);

type LinkedPaymentProps = Look & {
  dealer: Dealer;
  /** Where the link itself leads. */
  here: string;
  payment: {
    id: string;
    invoice: string;
    amountCents: number;
    kind: string;
    brand: string;
    lastFour: string;
    status: PaymentStatus;
    reason: string | null;
  };
};

/** What came of one payment by link, and nothing more. */
export const LinkedPaymentPage = ({ t, dealer, here, payment }: LinkedPaymentProps) => (
  <div class="narrow">
    <h1>
      {t.payments.one} <Badge kind={payment.status}>{t.payments.statuses[payment.status]}</Badge>
    </h1>
    <Outcome t={t} here={here} payment={payment} />
    <dl class="card facts">
      <Fact name={t.payments.amount}>
        <Money cents={payment.amountCents} />
      </Fact>
      <Fact name={t.payLink.invoice}>{payment.invoice}</Fact>
      <Fact name={t.payment.paidWith}>{methodText(payment, t)}</Fact>
    </dl>
    <Stuck t={t} phone={dealer.phone} />
  </div>
);

const Outcome = ({ t, here, payment }: Pick<LinkedPaymentProps, "t" | "here" | "payment">) => {
  const amount = dollars(payment.amountCents);
  switch (payment.status) {
    case "settled":
    case "refunded":
    case "partly_refunded":
      return <Notice kind="good">{t.payment.settled(amount)}</Notice>;
    case "processing":
      return <OnItsWay t={t} amount={amount} />;
    case "checking":
      return <BeingChecked t={t} href={`${here}/payments/${payment.id}/return`} />;
    case "action":
    case "failed":
    case "returned":
      return (
        <Notice kind={payment.status === "action" ? "note" : "problem"}>
          <p>
            {payment.status === "action"
              ? t.payment.action
              : payment.status === "failed"
                ? t.payment.failed
                : t.payment.returned}
          </p>
          {payment.reason && <p>{payment.reason}</p>}
          <a class="button" href={here}>
            {t.payment.again}
          </a>
        </Notice>
      );
  }
};
