import type { Child } from "hono/jsx";
import { dollars, plainAmount } from "../../src/money.ts";
import { dateText } from "../text/dates.ts";
import type { Text } from "../text/language.ts";
import { FormToken, type Look, Money, More, methodText, Notice } from "../ui.tsx";
import { InvoiceBadge, InvoiceTabs, invoicePath, type ListedInvoice } from "./invoices.tsx";

export type PayableInvoice = ListedInvoice & {
  payableCents: number;
  ticked: boolean;
  amount: string;
  amountProblem: boolean;
  /** Cards are switched off for this one. */
  bankOnly: boolean;
};

export type PayFormProps = Look & {
  invoices: PayableInvoice[];
  paymentId: string;
  formToken: string;
  dealerName: string;
  mayPay: boolean;
  /** What everything on this account comes to now; the button that pays it says so. */
  allCents: number;
  /** What the person sees as the total; submitted with the form, so that no other amount is ever taken. */
  totalCents: number;
  extraCents: number;
  total: string;
  methods: {
    id: string;
    kind: string;
    brand: string;
    lastFour: string;
    expiresMonth: number | null;
    expiresYear: number | null;
    isDefault: boolean;
  }[];
  newKinds: ("card" | "bank")[];
  method: string;
  save: boolean;
  /** The later day that was typed; null where no method on file could pay then. */
  payOn: string | null;
  partial: boolean;
  /** Where nothing is to be paid: the most that may be paid ahead; null where that is not offered. */
  aheadCents: number | null;
  unfinished: boolean;
  problem: string | null;
  /** The amounts were worked out just now; nothing is charged until they are sent back as shown. */
  check: boolean;
};

export type InvoicesDueProps = PayFormProps & { next: string | null; first: boolean };

export const InvoicesDuePage = (props: InvoicesDueProps) => (
  <>
    <h1>{props.t.invoices.dueTitle}</h1>
    <InvoiceTabs t={props.t} language={props.language} which="due" />
    {props.invoices.length === 0 && <p class="card">{props.t.invoices.none}</p>}
    {(props.invoices.length > 0 || (props.aheadCents !== null && props.mayPay)) && <PayForm {...props} />}
    {props.next && (
      <>
        <p>{props.t.invoices.moreDue(props.invoices.length)}</p>
        <More href={props.next}>{props.t.invoices.nextDue}</More>
      </>
    )}
    {!props.first && (
      <p>
        <a href="/invoices">{props.t.invoices.firstDue}</a>
      </p>
    )}
  </>
);

/** Invoices, amounts, method and the button on one page; drawn the same at first, after a refusal, and to check. */
export const PayForm = (props: PayFormProps) => {
  const { t, language, invoices, mayPay } = props;
  const payable = mayPay && props.allCents > 0;
  const ahead = mayPay && props.aheadCents !== null;
  // No autocompletion: a browser that goes back would put old ticks on what is now another invoice.
  return (
    <form
      method="post"
      action="/payments"
      autocomplete="off"
      id="pay"
      class={payable || ahead ? "checkout" : undefined}
      hx-post="/payments"
      hx-target="this"
      hx-swap="outerHTML show:top"
      hx-disable="findAll button"
      hx-sync="drop"
      data-offline={t.pay.offline}
    >
      <FormToken token={props.formToken} />
      <input type="hidden" name="payment_id" value={props.paymentId} />
      <input type="hidden" name="shown_total" value={plainAmount(props.totalCents)} />
      {props.problem && (
        <Notice kind="problem" answers>
          {props.problem}
        </Notice>
      )}
      {props.check && (
        <Notice kind="note" answers>
          {t.pay.check(dollars(props.totalCents))}
        </Notice>
      )}
      {props.unfinished && <Notice kind="note">{t.pay.unfinished}</Notice>}
      {!mayPay && <Notice kind="note">{t.pay.readOnly}</Notice>}
      {invoices.length > 0 && (
        <div>
          <table class="list due">
            <thead>
              <tr>
                {payable && <th scope="col">{t.invoices.pay}</th>}
                <th scope="col">{t.invoices.number}</th>
                <th scope="col">{t.invoices.date}</th>
                <th scope="col">{t.invoices.dueOn}</th>
                <th scope="col">{t.invoices.site}</th>
                <th scope="col">{t.invoices.status}</th>
                <th scope="col" class="amount">
                  {t.invoices.balance}
                </th>
                {payable && (
                  <th scope="col" class="amount">
                    {t.invoices.amount}
                  </th>
                )}
              </tr>
            </thead>
            <tbody>
              {invoices.map((invoice) => (
                <tr>
                  {payable && <Tick {...props} invoice={invoice} />}
                  <th scope="row">
                    <a href={invoicePath(invoice.number)}>{invoice.number}</a>
                  </th>
                  <td class="sw" data-label={t.invoices.date}>
                    {dateText(invoice.issuedOn, language)}
                  </td>
                  <td class="w" data-label={t.invoices.dueOn}>
                    {dateText(invoice.dueOn, language)}
                  </td>
                  <td class="se">{invoice.siteName ?? ""}</td>
                  <td class="e">
                    <InvoiceBadge t={t} language={language} invoice={invoice} />
                    {invoice.bankOnly && <small> {t.methods.pay.bankOnly}</small>}
                  </td>
                  <td class="amount ne">
                    <Money cents={invoice.balanceCents} />
                  </td>
                  {payable && <Amount {...props} invoice={invoice} />}
                </tr>
              ))}
            </tbody>
          </table>
          {payable && invoices.length >= LONG && (
            <p class="picked">
              <Sum of={`${t.pay.total}: {}`} none={t.pay.inAll(dollars(props.allCents))} cents={props.totalCents} />{" "}
              <a class="button second" href="#how">
                {t.pay.goToPay}
              </a>
            </p>
          )}
        </div>
      )}
      {(payable || ahead) && <HowToPay {...props} />}
    </form>
  );
};

/** From so many invoices on, the total keeps in sight while one scrolls through them on a phone. */
const LONG = 3;

/** Words with an amount in them, which the script keeps up to date; other words while nothing is chosen. */
const Sum = ({ of, none, cents }: { of: string; none: string; cents: number }) => (
  <span data-sum={of} data-none={none}>
    {cents > 0 ? of.replace("{}", dollars(cents)) : none}
  </span>
);

type RowProps = PayFormProps & { invoice: PayableInvoice };

const Tick = ({ t, invoice }: RowProps) => (
  <td class="ticks">
    {invoice.payableCents > 0 && (
      <label class="hit">
        <input
          type="checkbox"
          name="pay"
          value={invoice.number}
          checked={invoice.ticked}
          aria-label={t.invoices.payThis(invoice.number)}
        />
      </label>
    )}
  </td>
);

const Amount = ({ t, invoice, partial }: RowProps) => (
  <td data-label={t.invoices.amount} class="amount s">
    {invoice.payableCents > 0 && (
      <input
        name={`amount_${invoice.number}`}
        value={invoice.amount}
        inputmode="decimal"
        size={9}
        maxlength={16}
        readonly={!partial}
        data-cents={invoice.amount === plainAmount(invoice.payableCents) ? undefined : invoice.payableCents}
        aria-label={t.invoices.amountFor(invoice.number)}
        aria-invalid={invoice.amountProblem ? "true" : undefined}
      />
    )}
  </td>
);

const HowToPay = (props: PayFormProps) => {
  const { t } = props;
  return (
    <div class="card stack pay" id="how">
      {props.aheadCents !== null && (
        <>
          <h2>{t.refunds.ahead.title}</h2>
          <p>{t.refunds.ahead.lead}</p>
        </>
      )}
      {(props.partial || props.aheadCents !== null) && (
        <p>
          <label>
            {props.aheadCents === null ? t.pay.totalBox : t.payments.amount}{" "}
            <input
              name="total"
              value={props.total}
              inputmode="decimal"
              size={9}
              maxlength={16}
              aria-describedby="total-hint"
            />
          </label>{" "}
          <small id="total-hint">
            {props.aheadCents === null ? t.pay.totalHint : t.refunds.ahead.most(dollars(props.aheadCents))}
          </small>
        </p>
      )}
      <fieldset>
        <legend>{t.pay.method}</legend>
        {props.methods.map((method) => (
          <Choice value={method.id} chosen={props.method}>
            {methodText(method, t)} <small>{aboutMethod(method, t)}</small>
          </Choice>
        ))}
        {props.newKinds.map((kind) => (
          <Choice value={`new_${kind}`} chosen={props.method}>
            {kind === "card" ? t.pay.newCard : t.pay.newBank}
          </Choice>
        ))}
        {props.newKinds.length > 0 && (
          <div class="new">
            <small>{t.pay.newNote}</small>
            <div>
              <label class="tick">
                <input type="checkbox" name="save" value="1" checked={props.save} /> {t.pay.save}
              </label>
            </div>
          </div>
        )}
      </fieldset>
      <p class="total">
        {t.pay.total}{" "}
        <output data-sum="{}" data-none={dollars(0)}>
          {props.totalCents > 0 ? dollars(props.totalCents) : "—"}
        </output>
        {props.totalCents === 0 && <small class="no-script"> {t.pay.totalLater}</small>}
      </p>
      {props.extraCents > 0 && <p>{t.pay.extra(dollars(props.extraCents))}</p>}
      {props.payOn !== null && (
        <p>
          <label>
            {t.scheduled.on} <input type="date" name="pay_on" value={props.payOn} />
          </label>{" "}
          <small>{t.scheduled.onHint}</small>
        </p>
      )}
      <p>
        <button type="submit">
          <Sum of={t.pay.buttonTotal("{}")} none={t.pay.button} cents={props.totalCents} />
        </button>
      </p>
      {/* After the method, so that nobody pays everything with a card they did not mean. */}
      {props.totalCents !== props.allCents && props.allCents > 0 && (
        <p>
          <button type="submit" name="everything" value={plainAmount(props.allCents)} class="second">
            {t.pay.everything(dollars(props.allCents))}
          </button>
        </p>
      )}
      <small>
        {t.pay.terms(props.dealerName)} <a href="/payment-methods/new">{t.methods.pay.add}</a> ·{" "}
        <a href="/autopay">{t.autopay.title}</a>
      </small>
    </div>
  );
};

const Choice = ({ value, chosen, children }: { value: string; chosen: string; children: Child }) => (
  <div>
    <label class="tick">
      <input type="radio" name="method" value={value} checked={value === chosen} required /> <span>{children}</span>
    </label>
  </div>
);

const aboutMethod = (method: PayFormProps["methods"][number], t: Text): string =>
  [
    method.expiresMonth !== null && method.expiresYear !== null
      ? t.pay.expires(String(method.expiresMonth).padStart(2, "0"), method.expiresYear)
      : "",
    method.isDefault ? t.pay.isDefault : "",
  ]
    .filter(Boolean)
    .join(", ");
