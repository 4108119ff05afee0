import { InvoicePage, type InvoiceProps } from "../../views/billing/invoice.tsx";
import { InvoicesPage } from "../../views/billing/invoices.tsx";
import { InvoicesDuePage } from "../../views/billing/pay-invoices.tsx";
import { methodText } from "../../views/ui.tsx";
import { may } from "../auth/roles.ts";
import { loadForAccount } from "../batch.ts";
import { type LocalDate, localDate } from "../calendar.ts";
import type { Context, Env } from "../context.ts";
import { fontsFrom, letterheadOf, pdfAnswer } from "../documents/answer.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { look, page } from "../http.ts";
import { newId } from "../ids.ts";
import { type Cents, cents, sum } from "../money.ts";
import { cycleSince, usualCycle } from "./credits.ts";
import {
  INVOICES_PER_PAGE,
  invoiceByNumber,
  linesOf,
  moneyOn,
  openDays,
  openInvoices,
  paidInvoices,
  sentInvoices,
} from "./invoices.ts";
import { kindsTaken } from "./method-rules.ts";
import { cursorOf, pageOf, readCursor } from "./pages.ts";
import { invoicesDue } from "./pay-form.ts";
import { billedAccount, savedMethods } from "./payments.ts";
import { amountsDue, balance, invoiceStatus, mostAhead, payableNow } from "./rules.ts";

export const invoiceRoutes = new Hono<Env>();

/** Sentences that another page may leave here for this one to show, by name. */
const SAID = ["invoice_changed", "method_gone", "payment_over", "vendor_away", "records_away", "unclear"] as const;

invoiceRoutes.get("/", async (c) => {
  if (c.req.query("show") === "paid") return c.redirect("/invoices/all");
  const after = readCursor(c.req.query("after"));
  const { today, now } = c.var.deps;
  const { viewer, open, days, methods, billed, cycle } = await loadForAccount(c, "see", (account) => ({
    open: openInvoices(account, INVOICES_PER_PAGE, after && { dueOn: after.on, number: after.id }),
    days: openDays(account),
    methods: savedMethods(account),
    billed: billedAccount(account),
    cycle: usualCycle(account, cycleSince(today)),
  }));
  const { rows, last } = pageOf(open, INVOICES_PER_PAGE);
  const due = amountsDue(days, today);
  const { t } = look(c);
  const said = SAID.find((code) => code === c.req.query("said"));
  const props = invoicesDue({
    look: look(c),
    viewer,
    today,
    paymentId: newId("pay", now),
    open: rows,
    unfinished: due.unfinishedCents > 0,
    allCents: due.payableCents,
    mostExtraCents: mostAhead(cycle[0]?.cents),
    methods,
    kinds: kindsTaken(viewer.settings, billed[0]!),
    form: {
      ticked: c.req.queries("pay") ?? [],
      amounts: {},
      total: "",
      everything: false,
      shownTotal: "",
      method: "",
      save: false,
    },
    plan: null,
    problem: said ? t.pay.refusals[said] : null,
    check: false,
    next: last ? `/invoices?after=${cursorOf(last.dueOn, last.number)}` : null,
    first: after === null,
  });
  return page(c, viewer, { title: t.invoices.dueTitle }, <InvoicesDuePage {...props} />);
});

invoiceRoutes.get("/paid", (c) => history(c, "paid"));
invoiceRoutes.get("/all", (c) => history(c, "all"));

async function history(c: Context, which: "paid" | "all"): Promise<Response> {
  const before = readCursor(c.req.query("before"));
  const { viewer, found } = await loadForAccount(c, "see", (account) => ({
    found: which === "paid" ? paidInvoices(account, before) : sentInvoices(account, before),
  }));
  const { rows, last } = pageOf(found, INVOICES_PER_PAGE);
  const { t } = look(c);
  const invoices = rows.map((invoice) => ({
    ...invoice,
    balanceCents: balance(invoice),
    status: invoiceStatus(invoice, c.var.deps.today),
  }));
  const more = last ? `/invoices/${which}?before=${cursorOf(last.issuedOn, last.id)}` : null;
  const title = which === "paid" ? t.invoices.paidTitle : t.invoices.allTitle;
  return page(c, viewer, { title }, <InvoicesPage {...look(c)} which={which} invoices={invoices} more={more} />);
}

invoiceRoutes.get("/:file{.+\\.pdf}", async (c) => {
  const props = await invoiceProps(c, c.req.param("file").slice(0, -".pdf".length));
  const { invoice, viewer } = props;
  const { dealer, today } = c.var.deps;
  const { invoicePdf } = await import("../documents/invoice.ts");
  const bytes = await invoicePdf(
    {
      language: props.language,
      dealer: letterheadOf(viewer.settings),
      remitTo: viewer.settings.remitTo.split("\n"),
      portal: new URL(dealer.origin).host,
      billTo: { name: invoice.account.name, address: addressLines(invoice.account) },
      customerNumber: invoice.account.number,
      registrationKey: invoice.account.registrationKey,
      registerAt: `${dealer.origin}/register`,
      number: invoice.number,
      invoiceOn: invoice.issuedOn as LocalDate,
      dueOn: invoice.dueOn as LocalDate,
      terms: null,
      purchaseOrder: null,
      site: invoice.site && { name: invoice.site.name, address: addressLines(invoice.site) },
      lines: props.lines.map((line) => ({
        description: line.description,
        servedFrom: line.serviceFromOn as LocalDate | null,
        servedTo: line.serviceToOn as LocalDate | null,
        quantity: line.quantity,
        rateCents: cents(line.unitCents),
        amountCents: cents(line.amountCents),
      })),
      subtotalCents: cents(props.subtotalCents),
      taxes: props.taxes.map((tax) => ({ jurisdiction: tax.name, rate: null, amountCents: cents(tax.cents) })),
      totalCents: cents(invoice.totalCents),
      entries: props.applied.map((line) => ({
        kind: line.off === "refunded" ? "refund" : line.off === "returned" ? "returnedPayment" : line.from,
        on: line.on as LocalDate,
        note: line.paymentId
          ? methodText({ kind: line.kind ?? "", brand: line.brand ?? "", lastFour: line.lastFour ?? "" }, props.t)
          : line.creditReason,
        amountCents: cents(line.cents),
      })),
      balanceCents: cents(invoice.balanceCents),
      pendingCents: cents(invoice.heldCents),
      pastDue: invoice.status === "past_due",
      memo: invoice.memo || null,
      issuedAt: Date.parse(`${invoice.issuedOn}T12:00:00Z`) / 1000,
    },
    fontsFrom(c),
  );
  return pdfAnswer(c, bytes, `invoice-${invoice.number}-${today}`);
});

invoiceRoutes.get("/:number", async (c) => {
  const props = await invoiceProps(c, c.req.param("number"));
  return page(c, props.viewer, { title: props.t.invoice.title(props.invoice.number) }, <InvoicePage {...props} />);
});

/** One load for the page and its PDF, so that both say the same. */
async function invoiceProps(c: Context, number: string): Promise<InvoiceProps> {
  const { today, dealer } = c.var.deps;
  const { viewer, found, lines, money } = await loadForAccount(c, "see", (account) => ({
    found: invoiceByNumber(account, number),
    lines: linesOf(account, number),
    money: moneyOn(account, number),
  }));
  const row = found[0];
  if (!row) throw new NotFound();
  const taxes = new Map<string, Cents>();
  for (const line of lines) {
    if (line.taxCents !== 0) taxes.set(line.taxName ?? "", sum([taxes.get(line.taxName ?? "") ?? 0, line.taxCents]));
  }
  const { t } = look(c);
  return {
    ...look(c),
    viewer,
    mayPay: may(viewer.role, "pay"),
    invoice: { ...row, status: invoiceStatus(row, today), balanceCents: balance(row), payableCents: payableNow(row) },
    lines: lines.map((line) => ({ ...line, quantity: quantityText(line.quantityThousandths) })),
    subtotalCents: sum(lines.map((line) => line.amountCents)),
    taxes: [...taxes].map(([name, tax]) => ({ name: name || t.invoice.tax, cents: tax })),
    applied: money.map((line) => ({
      on: line.amountCents < 0 ? localDate(line.at, dealer.timeZone) : (line.paidOn ?? line.creditOn ?? today),
      cents: line.amountCents,
      paymentId: line.paymentId,
      from: line.paymentId ? "payment" : "credit",
      off: line.amountCents < 0 ? (TAKEN_OFF[line.change] ?? "moved") : null,
      kind: line.kind,
      brand: line.brand,
      lastFour: line.lastFour,
      creditReason: line.creditReason,
    })),
  };
}

/** Why money came off an invoice again, by the change that did it. */
const TAKEN_OFF: Record<string, "refunded" | "returned"> = {
  "refund.started": "refunded",
  "payment.returned": "returned",
};

const quantityText = (thousandths: number): string => String(thousandths / 1000);

const addressLines = (address: { line1: string; line2?: string; city: string; state: string; zip: string }): string[] =>
  [
    address.line1,
    address.line2 ?? "",
    [address.city, [address.state, address.zip].filter(Boolean).join(" ")].filter(Boolean).join(", "),
  ].filter(Boolean);
