import type { InvoiceStatus } from "../../src/billing/rules.ts";
import { dollars } from "../../src/money.ts";
import { Badge, DateOf, Links, type Look, Money, More } from "../ui.tsx";

export type ListedInvoice = {
  id: string;
  number: string;
  issuedOn: string;
  dueOn: string;
  siteName: string | null;
  totalCents: number;
  balanceCents: number;
  heldCents: number;
  status: InvoiceStatus;
};

export type InvoicesProps = Look & { which: "due" | "paid" | "all"; invoices: ListedInvoice[]; more: string | null };

const HREF = { due: "/invoices", paid: "/invoices/paid", all: "/invoices/all" };

/** Due, paid or all: three addresses of one list, and the tick that older portals have. */
export const InvoiceTabs = ({ t, which }: Look & { which: "due" | "paid" | "all" }) => (
  <div class="tabs">
    <Links
      name={t.invoices.tabs}
      links={[
        [HREF.due, t.invoices.due],
        [HREF.paid, t.invoices.paid],
        [HREF.all, t.invoices.all],
      ]}
      here={HREF[which]}
    />
    {which !== "paid" && (
      <form method="get" action="/invoices">
        <label class="tick">
          <input type="checkbox" name="show" value="paid" checked={which === "all"} data-submits />{" "}
          {t.invoices.showPaid}
        </label>{" "}
        <button type="submit" class="plain no-script">
          {t.invoices.show}
        </button>
      </form>
    )}
  </div>
);

/** Paid or all invoices, newest first. */
export const InvoicesPage = ({ t, language, which, invoices, more }: InvoicesProps) => (
  <>
    <h1>{which === "paid" ? t.invoices.paidTitle : t.invoices.allTitle}</h1>
    <InvoiceTabs t={t} language={language} which={which} />
    {invoices.length === 0 ? (
      <p class="card">{which === "paid" ? t.invoices.nonePaid : t.invoices.noneAll}</p>
    ) : (
      <table class="list">
        <thead>
          <tr>
            <th scope="col">{t.invoices.number}</th>
            <th scope="col">{t.invoices.date}</th>
            <th scope="col">{t.invoices.site}</th>
            <th scope="col">{t.invoices.status}</th>
            <th scope="col" class="amount">
              {t.invoices.total}
            </th>
            {which === "all" && (
              <th scope="col" class="amount">
                {t.invoices.balance}
              </th>
            )}
          </tr>
        </thead>
        <tbody>
          {invoices.map((invoice) => (
            <tr>
              <th scope="row">
                <a href={invoicePath(invoice.number)}>{invoice.number}</a>
              </th>
              <td class="w" data-label={t.invoices.date}>
                <DateOf on={invoice.issuedOn} language={language} />
              </td>
              <td class="sw">{invoice.siteName ?? ""}</td>
              <td class="e">
                <InvoiceBadge t={t} language={language} invoice={invoice} />
              </td>
              <td class="amount ne">
                <Money cents={invoice.totalCents} />
              </td>
              {which === "all" && (
                <td data-label={t.invoices.balance} class="amount se">
                  <Money cents={invoice.balanceCents} />
                </td>
              )}
            </tr>
          ))}
        </tbody>
      </table>
    )}
    {more && <More href={more}>{t.invoices.more}</More>}
  </>
);

/** The status in words, and what is on its way if that is not all of it. */
export const InvoiceBadge = ({ t, invoice }: Look & { invoice: Pick<ListedInvoice, "status" | "heldCents"> }) => (
  <>
    <Badge kind={invoice.status}>{t.invoices.statuses[invoice.status]}</Badge>
    {invoice.heldCents > 0 && <small> {t.invoices.processing(dollars(invoice.heldCents))}</small>}
  </>
);

/** Dealers' numbers may hold anything that paper can. */
export const invoicePath = (number: string): string => `/invoices/${encodeURIComponent(number)}`;
