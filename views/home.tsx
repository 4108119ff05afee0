import type { Viewer } from "../src/batch.ts";
import type { StopReason } from "../src/billing/autopay-rules.ts";
import type { PaymentStatus } from "../src/billing/rules.ts";
import { dollars } from "../src/money.ts";
import { type Asked, Question } from "./billing/autopay.tsx";
import type { ListedPayment } from "./billing/payments.tsx";
import { type Scheduled, ScheduledList } from "./billing/scheduled.tsx";
import { dateText } from "./text/dates.ts";
import { Badge, DateOf, type Look, Money, methodText, Notice, telephone } from "./ui.tsx";

export type HomeProps = Look & {
  viewer: Viewer;
  mayPay: boolean;
  due: {
    payableCents: number;
    heldCents: number;
    pastDueCents: number;
    nextDueOn: string | null;
    ages: { age: "1-30" | "31-60" | "61-90" | "90+"; cents: number }[];
  };
  creditCents: number;
  /** Null while it is off; `askedOffOn`: they want it off, and the office has not decided. */
  autopay: { draftDay: number; kind: string; brand: string; lastFour: string; askedOffOn: string | null } | null;
  /** What ended autopay, where nobody wished for that. */
  ended: { reason: StopReason; kind: string; brand: string; lastFour: string } | null;
  /** A draft that waits for the customer's yes. */
  question: Asked | null;
  /** What autopay draws on, if its bank has blocked it or its last day is near or past. */
  ending: {
    methodId: string;
    kind: string;
    brand: string;
    lastFour: string;
    how: "expiring" | "expired" | "blocked";
    lastDay: string | null;
  } | null;
  waiting: { id: string; amountCents: number; status: PaymentStatus }[];
  /** Bank accounts that wait for their small deposits to be typed in. */
  verifying: { id: string; brand: string; lastFour: string }[];
  /** Payments that were put off to a later day. */
  scheduled: Scheduled[];
  today: string;
  payments: ListedPayment[];
};

/** The dashboard. What needs the customer comes first. */
export const HomePage = (props: HomeProps) => {
  const { t, language, viewer, waiting, payments } = props;
  return (
    <>
      <Hello {...props} />
      {viewer.account.status === "inactive" && <Notice kind="note">{t.home.inactive}</Notice>}
      {(waiting.length > 0 || props.verifying.length > 0 || props.ending || props.question) && (
        <section aria-labelledby="needs-you">
          <h2 id="needs-you">{t.home.needsYou}</h2>
          {props.question && (
            <Question
              t={t}
              language={language}
              mayPay={props.mayPay}
              formToken={viewer.formToken}
              draft={props.question}
            />
          )}
          {props.ending && <Ending {...props} ending={props.ending} />}
          {props.verifying.map((one) => (
            <Notice kind="note">
              {t.methods.verifying(methodText({ ...one, kind: "bank" }, t))}{" "}
              <a href={`/payment-methods/${one.id}/continuation`}>{t.methods.verify}</a>
            </Notice>
          ))}
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
      <div class="home">
        <BalanceDue {...props} />
        <section class="card" aria-labelledby="credit">
          <h2 id="credit">{t.home.credit}</h2>
          <p class="figure small">
            <Money cents={props.creditCents} />
          </p>
          {props.creditCents > 0 && <p>{t.home.creditNote}</p>}
          <a href="/credits">{t.refunds.credits.link}</a>
        </section>
        <section class="card" aria-labelledby="autopay">
          <h2 id="autopay">{t.home.autopay}</h2>
          <p class="figure small">{props.autopay ? t.home.autopayOn : t.home.autopayOff}</p>
          {props.autopay && <p>{t.home.autopayNote(methodText(props.autopay, t), props.autopay.draftDay)}</p>}
          {props.autopay?.askedOffOn && <p>{t.autopay.home.askedOff(dateText(props.autopay.askedOffOn, language))}</p>}
          {props.ended && (
            <p>{t.autopay.ended(t.autopay.letters.autopay_stopped[props.ended.reason](methodText(props.ended, t)))}</p>
          )}
          <a href="/autopay">{props.autopay ? t.autopay.home.see : t.autopay.home.setUp}</a>
        </section>
      </div>
      <ScheduledList
        t={t}
        language={language}
        scheduled={props.scheduled}
        formToken={viewer.formToken}
        mayPay={viewer.role === "owner" || viewer.role === "billing"}
        today={props.today}
      />
      <section aria-labelledby="payments">
        <h2 id="payments">{t.home.lastPayments}</h2>
        {payments.length === 0 ? (
          <p class="card">{t.home.noPayments}</p>
        ) : (
          <ul class="rows">
            {payments.map((payment) => (
              <li>
                <a href={`/payments/${payment.id}`}>
                  <DateOf on={payment.paidOn} language={language} />
                </a>{" "}
                <span>{methodText(payment, t)}</span>{" "}
                <Badge kind={payment.status}>{t.payments.statuses[payment.status]}</Badge>{" "}
                <Money cents={payment.amountCents} />
              </li>
            ))}
          </ul>
        )}
        {payments.length > 0 && (
          <a class="button second" href="/payments">
            {t.home.allPayments}
          </a>
        )}
      </section>
    </>
  );
};

const Ending = ({ t, language, mayPay, ending }: HomeProps & { ending: NonNullable<HomeProps["ending"]> }) => {
  const { home } = t.methods;
  const name = methodText(ending, t);
  return (
    <Notice kind="note">
      {ending.how === "blocked"
        ? home.blocked(name)
        : ending.how === "expired"
          ? home.ended(name)
          : home.ends(name, dateText(ending.lastDay ?? "", language))}{" "}
      {mayPay && <a href={`/payment-methods/new?instead=${ending.methodId}`}>{home.add}</a>}
    </Notice>
  );
};

/** The dashboard of somebody whose role shows no money. */
export const HomeWithoutMoney = (props: Look & { viewer: Viewer }) => {
  const { t, viewer } = props;
  return (
    <>
      <Hello {...props} />
      <div class="card">
        <p>{t.people.home.lead}</p>
        <p>
          <a href={telephone(viewer.settings.phone)}>{t.footer.help(viewer.settings.phone)}</a>
        </p>
        <a class="button" href="/contact-us">
          {t.nav.contact}
        </a>
      </div>
    </>
  );
};

const Hello = ({ t, viewer }: Look & { viewer: Viewer }) => (
  <>
    <h1>{t.home.title}</h1>
    <p class="soft">
      {t.home.hello(viewer.user.name)}
      <br />
      {viewer.account.name !== viewer.user.name && `${viewer.account.name} · `}
      <span class="whole">{t.home.number(viewer.account.number)}</span>
    </p>
  </>
);

const BalanceDue = ({ t, language, due }: HomeProps) => (
  <section class="card due" aria-labelledby="balance">
    <div>
      <h2 id="balance">{t.home.balance}</h2>
      <p class="figure">
        <Money cents={due.payableCents} /> {due.pastDueCents > 0 && <Badge kind="past_due">{t.home.pastDue}</Badge>}
      </p>
      {due.payableCents === 0 && due.heldCents === 0 && <p>{t.home.nothingDue}</p>}
      {due.heldCents > 0 && <p>{t.home.onTheWay(dollars(due.heldCents))}</p>}
      {due.nextDueOn && <p>{t.home.next(dateText(due.nextDueOn, language))}</p>}
      <a class={due.payableCents > 0 ? "button" : "button second"} href="/invoices">
        {due.payableCents > 0 ? t.home.payButton : t.home.viewButton}
      </a>
    </div>
    {due.ages.length > 0 && (
      <div>
        <p class="bad">{t.home.pastDueAmount(dollars(due.pastDueCents))}</p>
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
      </div>
    )}
  </section>
);
