import type { Viewer } from "../src/batch.ts";
import type { PaymentStatus } from "../src/billing/rules.ts";
import { dollars } from "../src/money.ts";
import type { ListedPayment } from "./billing/payments.tsx";
import { dateText } from "./text/dates.ts";
import { Badge, DateOf, type Look, Money, methodText, Notice } from "./ui.tsx";

export type HomeProps = Look & {
  viewer: Viewer;
  due: {
    payableCents: number;
    heldCents: number;
    pastDueCents: number;
    nextDueOn: string | null;
    ages: { age: "1-30" | "31-60" | "61-90" | "90+"; cents: number }[];
  };
  creditCents: number;
  autopay: { draftDay: number; kind: string; brand: string; lastFour: string } | null;
  waiting: { id: string; amountCents: number; status: PaymentStatus }[];
  payments: ListedPayment[];
};

/** The dashboard. What needs the customer comes first. */
export const HomePage = ({ t, language, viewer, due, creditCents, autopay, waiting, payments }: HomeProps) => (
  <>
    <h1>{t.home.title}</h1>
    <p>
      {t.home.hello(viewer.user.name)} · {viewer.account.name} · {viewer.account.number}
    </p>
    {viewer.account.status === "inactive" && <Notice kind="note">{t.home.inactive}</Notice>}
    {waiting.length > 0 && (
      <section aria-labelledby="needs-you">
        <h2 id="needs-you">{t.home.needsYou}</h2>
        {waiting.map((payment) => (
          <Notice kind="note">
            {payment.status === "action"
              ? t.home.unfinished(dollars(payment.amountCents))
              : t.home.checking(dollars(payment.amountCents))}{" "}
            <a href={`/payments/${payment.id}`}>{payment.status === "action" ? t.home.finish : t.home.see}</a>
          </Notice>
        ))}
      </section>
    )}
    <section class="card due" aria-labelledby="balance">
      <h2 id="balance">{t.home.balance}</h2>
      <p class="figure">
        <Money cents={due.payableCents} /> {due.pastDueCents > 0 && <Badge kind="past_due">{t.home.pastDue}</Badge>}
      </p>
      {due.pastDueCents > 0 && <p>{t.home.pastDueAmount(dollars(due.pastDueCents))}</p>}
      {due.payableCents === 0 && due.heldCents === 0 && <p>{t.home.nothingDue}</p>}
      {due.heldCents > 0 && <p>{t.home.onTheWay(dollars(due.heldCents))}</p>}
      {due.nextDueOn && <p>{t.home.next(dateText(due.nextDueOn, language))}</p>}
      <p>
        <a class="button" href="/invoices">
          {due.payableCents > 0 ? t.home.payButton : t.home.viewButton}
        </a>
      </p>
      {due.ages.length > 0 && (
        <dl class="ages" aria-label={t.home.aging}>
          {due.ages.map(({ age, cents }) => (
            <div>
              <dt>{t.home.age[age]}</dt>
              <dd>
                <Money cents={cents} />
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
    <div class="pair">
      <section class="card" aria-labelledby="credit">
        <h2 id="credit">{t.home.credit}</h2>
        <p class="figure small">
          <Money cents={creditCents} />
        </p>
        {creditCents > 0 && <p>{t.home.creditNote}</p>}
      </section>
      <section class="card" aria-labelledby="autopay">
        <h2 id="autopay">{t.home.autopay}</h2>
        <p>{autopay ? t.home.autopayOn(methodText(autopay, t), autopay.draftDay) : t.home.autopayOff}</p>
      </section>
    </div>
    <section aria-labelledby="payments">
      <h2 id="payments">{t.home.lastPayments}</h2>
      {payments.length === 0 ? (
        <p>{t.home.noPayments}</p>
      ) : (
        <ul class="rows">
          {payments.map((payment) => (
            <li>
              <a href={`/payments/${payment.id}`}>
                <DateOf on={payment.paidOn} language={language} />
              </a>
              <span>{methodText(payment, t)}</span>
              <Badge kind={payment.status}>{t.payments.statuses[payment.status]}</Badge>
              <Money cents={payment.amountCents} />
            </li>
          ))}
        </ul>
      )}
      <p>
        <a href="/payments">{t.home.allPayments}</a>
      </p>
    </section>
  </>
);
