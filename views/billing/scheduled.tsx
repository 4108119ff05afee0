import { dollars, plainAmount } from "../../src/money.ts";
import { DateOf, FormToken, type Look, Money, methodText, Notice } from "../ui.tsx";
import { invoicePath } from "./invoices.tsx";

type Plan = { lines: { number: string; amountCents: number }[]; totalCents: number };

/** The last look before a payment is put off: what would be agreed to, word for word. */
export const ScheduleLaterPage = ({
  t,
  formToken,
  id,
  plan,
  methodId,
  payOn,
  terms,
}: Look & { formToken: string; id: string; plan: Plan; methodId: string; payOn: string; terms: string }) => (
  <div class="narrow">
    <h1>{t.scheduled.title}</h1>
    <ul class="rows">
      {plan.lines.map((line) => (
        <li>
          <a href={invoicePath(line.number)}>{line.number}</a> <Money cents={line.amountCents} />
        </li>
      ))}
    </ul>
    <form method="post" action="/scheduled-payments" class="card stack">
      <FormToken token={formToken} />
      <input type="hidden" name="scheduled_id" value={id} />
      <input type="hidden" name="pay_on" value={payOn} />
      <input type="hidden" name="method" value={methodId} />
      <input type="hidden" name="shown_total" value={plainAmount(plan.totalCents)} />
      {plan.lines.map((line) => (
        <>
          <input type="hidden" name="pay" value={line.number} />
          <input type="hidden" name={`amount_${line.number}`} value={plainAmount(line.amountCents)} />
        </>
      ))}
      <p>{terms}</p>
      <button type="submit">{t.scheduled.agree(dollars(plan.totalCents))}</button>
      <p>
        <a href="/invoices">{t.scheduled.back}</a>
      </p>
    </form>
  </div>
);

export type Scheduled = {
  id: string;
  payOn: string;
  kind: string;
  brand: string;
  lastFour: string;
  amountCents: number;
};

/** Payments that wait for their day, each with a way back until the day before. */
export const ScheduledList = ({
  t,
  language,
  scheduled,
  formToken,
  mayPay,
  today,
}: Look & { scheduled: Scheduled[]; formToken: string; mayPay: boolean; today: string }) =>
  scheduled.length === 0 ? null : (
    <section aria-labelledby="scheduled">
      <h2 id="scheduled">{t.scheduled.waiting}</h2>
      <ul class="rows">
        {scheduled.map((one) => (
          <li>
            <DateOf on={one.payOn} language={language} /> <span>{methodText(one, t)}</span>{" "}
            <Money cents={one.amountCents} />
            {mayPay && one.payOn > today && (
              <form method="post" action={`/scheduled-payments/${one.id}/cancellation`}>
                <FormToken token={formToken} />
                <button type="submit" class="plain">
                  {t.scheduled.cancel}
                </button>
              </form>
            )}
          </li>
        ))}
      </ul>
    </section>
  );

/** What a form about a payment on a later day came to. */
export const ScheduledSaid = ({ t, said }: Look & { said: "scheduled" | "canceled" | "too_late" | null }) =>
  said && (
    <Notice kind={said === "too_late" ? "problem" : "good"} answers>
      {t.scheduled.said[said]}
    </Notice>
  );
