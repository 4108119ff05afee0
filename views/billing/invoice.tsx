import type { Viewer } from "../../src/batch.ts";
import type { InvoiceStatus } from "../../src/billing/rules.ts";
import { dollars } from "../../src/money.ts";
import { dateText } from "../text/dates.ts";
import { DateOf, Fact, type Look, Money, methodText } from "../ui.tsx";
import { InvoiceBadge, invoicePath } from "./invoices.tsx";

export type InvoiceProps = Look & {
  viewer: Viewer;
  mayPay: boolean;
  invoice: {
    number: string;
    issuedOn: string;
    dueOn: string;
    memo: string;
    status: InvoiceStatus;
    totalCents: number;
    balanceCents: number;
    payableCents: number;
    heldCents: number;
    account: {
      number: string;
      name: string;
      line1: string;
      line2: string;
      city: string;
      state: string;
      zip: string;
      registrationKey: string | null;
    };
    site: { name: string; line1: string; city: string; state: string; zip: string } | null;
  };
  lines: {
    description: string;
    serviceFromOn: string | null;
    serviceToOn: string | null;
    quantity: string;
    unitCents: number;
    amountCents: number;
  }[];
  subtotalCents: number;
  taxes: { name: string; cents: number }[];
  applied: {
    on: string;
    cents: number;
    paymentId: string | null;
    from: "payment" | "credit";
    /** Why it came off again; null for what was put on. */
    off: "refunded" | "returned" | "moved" | null;
    kind: string | null;
    brand: string | null;
    lastFour: string | null;
    creditReason: string | null;
  }[];
};

export const InvoicePage = (props: InvoiceProps) => {
  const { t, language, invoice, lines, taxes, applied, viewer } = props;
  const { settings } = viewer;
  return (
    <>
      <h1>
        {t.invoice.title(invoice.number)} <InvoiceBadge t={t} language={language} invoice={invoice} />
      </h1>
      <p class="actions">
        {props.mayPay && invoice.payableCents > 0 && (
          <a class="button" href={`/invoices?pay=${encodeURIComponent(invoice.number)}#pay`}>
            {t.invoice.payButton(dollars(invoice.payableCents))}
          </a>
        )}{" "}
        <a class="button second" href={`${invoicePath(invoice.number)}.pdf`}>
          {t.invoice.pdf}
        </a>
      </p>
      <div class="card paper">
        <dl class="facts">
          <Fact name={t.invoices.date}>
            <DateOf on={invoice.issuedOn} language={language} />
          </Fact>
          <Fact name={t.invoices.dueOn}>
            <DateOf on={invoice.dueOn} language={language} />
          </Fact>
          <Fact name={t.invoice.billTo}>
            {invoice.account.name}
            <br />
            {[invoice.account.line1, invoice.account.line2].filter(Boolean).join(", ")}
            <br />
            {invoice.account.city}, {invoice.account.state} {invoice.account.zip}
          </Fact>
          {invoice.site && (
            <Fact name={t.invoice.serviceAt}>
              {invoice.site.name}
              <br />
              {invoice.site.line1}
              <br />
              {invoice.site.city}, {invoice.site.state} {invoice.site.zip}
            </Fact>
          )}
        </dl>
        <table class="list">
          <thead>
            <tr>
              <th scope="col">{t.invoice.description}</th>
              <th scope="col">{t.invoice.period}</th>
              <th scope="col" class="amount">
                {t.invoice.quantity}
              </th>
              <th scope="col" class="amount">
                {t.invoice.rate}
              </th>
              <th scope="col" class="amount">
                {t.invoice.amount}
              </th>
            </tr>
          </thead>
          <tbody>
            {lines.map((line) => (
              <tr>
                <th scope="row">{line.description}</th>
                <td class="w">
                  {line.serviceFromOn && line.serviceToOn
                    ? `${dateText(line.serviceFromOn, language)} – ${dateText(line.serviceToOn, language)}`
                    : ""}
                </td>
                <td data-label={t.invoice.quantity} class="amount sw">
                  {line.quantity}
                </td>
                <td data-label={t.invoice.rate} class="amount se">
                  <Money cents={line.unitCents} />
                </td>
                <td class="amount ne">
                  <Money cents={line.amountCents} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
        <dl class="sums">
          <dt>{t.invoice.subtotal}</dt>
          <dd>
            <Money cents={props.subtotalCents} />
          </dd>
          {taxes.map((tax) => (
            <>
              <dt>{tax.name}</dt>
              <dd>
                <Money cents={tax.cents} />
              </dd>
            </>
          ))}
          <dt>{t.invoice.total}</dt>
          <dd>
            <Money cents={invoice.totalCents} />
          </dd>
          {applied.map((line) => (
            <>
              <dt>
                <DateOf on={line.on} language={language} />{" "}
                {line.paymentId ? (
                  <a href={`/payments/${line.paymentId}`}>
                    {line.off === "returned"
                      ? t.invoice.takenBack
                      : line.off
                        ? t.refunds.off[line.off]
                        : methodText(
                            { kind: line.kind ?? "", brand: line.brand ?? "", lastFour: line.lastFour ?? "" },
                            t,
                          )}
                  </a>
                ) : (
                  <>
                    {t.invoice.credit(line.creditReason ?? "")}
                    {line.off && ` (${t.refunds.off.moved})`}
                  </>
                )}
              </dt>
              <dd>
                <Money cents={-line.cents} />
              </dd>
            </>
          ))}
          {invoice.heldCents > 0 && (
            <>
              <dt>{t.invoice.processing}</dt>
              <dd>
                <Money cents={-invoice.heldCents} />
              </dd>
            </>
          )}
          <dt class="last">{t.invoice.balance}</dt>
          <dd class="last">
            <Money cents={invoice.payableCents} />
          </dd>
        </dl>
        {invoice.memo && (
          <p class="memo">
            <b>{t.invoice.memo}:</b> {invoice.memo}
          </p>
        )}
        <section class="stub">
          <div>
            <p class="soft">{t.invoice.mail}</p>
            <address>
              {settings.remitTo.split("\n").map((line) => (
                <>
                  {line}
                  <br />
                </>
              ))}
            </address>
          </div>
          <p>
            {t.invoice.customerNumber}: <b>{invoice.account.number}</b>
            {invoice.account.registrationKey && (
              <>
                <br />
                {t.invoice.registrationKey}: <b>{invoice.account.registrationKey}</b>
              </>
            )}
          </p>
        </section>
      </div>
    </>
  );
};
