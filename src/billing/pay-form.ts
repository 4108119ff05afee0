import type { InvoicesDueProps, PayableInvoice } from "../../views/billing/pay-invoices.tsx";
import type { Text } from "../../views/text/language.ts";
import { may } from "../auth/roles.ts";
import type { Viewer } from "../batch.ts";
import type { LocalDate } from "../calendar.ts";
import { dollars, parseCents, plainAmount, sum } from "../money.ts";
import type { MethodKind } from "../ports.ts";
import {
  balance,
  invoiceStatus,
  type OpenInvoice,
  type PaymentForm,
  type Plan,
  type PlanProblem,
  payableNow,
} from "./rules.ts";

/** An open invoice with what its row shows. */
export type DueInvoice = OpenInvoice & { issuedOn: string; siteName: string | null; cardPayments: boolean };

type Method = InvoicesDueProps["methods"][number];

/** What the page of invoices due shows. With a plan, its amounts stand in the form; else what was typed. */
export function invoicesDue(p: {
  look: { t: Text; language: "en" | "es" };
  viewer: Viewer;
  today: LocalDate;
  paymentId: string;
  open: readonly DueInvoice[];
  /** Whether some of them stand in a checkout that was opened and not finished. */
  unfinished: boolean;
  allCents: number;
  /** The most that stays on the account as credit. */
  mostExtraCents: number;
  methods: readonly Method[];
  /** The kinds that this customer may pay with; methods of another are not offered. */
  kinds: MethodKind[];
  form: PaymentForm & { method: string; save: boolean; payOn?: string };
  plan: Plan | null;
  problem: string | null;
  problemNumber?: string;
  check: boolean;
  next: string | null;
  first: boolean;
}): InvoicesDueProps {
  const { kinds } = p;
  const methods = p.methods.filter((method) => kinds.some((kind) => kind === method.kind));
  const invoices = p.open.map((invoice): PayableInvoice => {
    const line = p.plan?.lines.find((planned) => planned.invoiceId === invoice.id);
    const ticked = p.plan ? line !== undefined : p.form.ticked.includes(invoice.number);
    const typed = p.form.amounts[invoice.number];
    return {
      ...invoice,
      balanceCents: balance(invoice),
      payableCents: payableNow(invoice),
      status: invoiceStatus(invoice, p.today),
      ticked,
      amount: line
        ? plainAmount(line.amountCents)
        : p.plan || typed === undefined
          ? plainAmount(payableNow(invoice))
          : typed,
      amountProblem: p.problemNumber === invoice.number,
      bankOnly: !invoice.cardPayments && kinds.includes("card"),
    };
  });
  const totalCents = p.plan
    ? p.plan.totalCents
    : sum(invoices.filter((invoice) => invoice.ticked).map((invoice) => Math.max(parseCents(invoice.amount) ?? 0, 0)));
  return {
    ...p.look,
    invoices,
    paymentId: p.paymentId,
    formToken: p.viewer.formToken,
    dealerName: p.viewer.settings.name,
    mayPay: may(p.viewer.role, "pay"),
    allCents: p.allCents,
    totalCents,
    extraCents: p.plan?.extraCents ?? 0,
    total: p.plan ? (p.plan.extraCents > 0 ? plainAmount(p.plan.totalCents) : "") : p.form.total,
    methods,
    newKinds: kinds,
    method: p.form.method || (methods[0]?.id ?? (kinds.length === 1 ? `new_${kinds[0]}` : "")),
    save: p.form.save,
    payOn: methods.length > 0 ? (p.form.payOn ?? "") : null,
    partial: p.viewer.settings.partialPayments,
    aheadCents: p.viewer.settings.overpayment && p.allCents === 0 && p.first ? p.mostExtraCents : null,
    unfinished: p.unfinished,
    problem: p.problem,
    check: p.check,
    next: p.next,
    first: p.first,
  };
}

/** The form as it was posted. */
export function readPaymentForm(
  form: URLSearchParams,
): PaymentForm & { paymentId: string; method: string; save: boolean; payOn: string } {
  const amounts: Record<string, string> = Object.create(null);
  for (const [name, value] of form)
    if (name.startsWith("amount_")) amounts[name.slice("amount_".length)] = value.slice(0, 32);
  return {
    paymentId: form.get("payment_id") ?? "",
    ticked: [...new Set(form.getAll("pay"))],
    amounts,
    total: (form.get("total") ?? "").slice(0, 32),
    everything: form.has("everything"),
    shownTotal: form.get("everything") ?? form.get("shown_total") ?? "",
    method: form.get("method") ?? "",
    save: form.get("save") === "1",
    payOn: (form.get("pay_on") ?? "").trim().slice(0, 20),
  };
}

/** The sentence for a form that cannot be paid as it stands. */
export function problemText(problem: PlanProblem, t: Text): string {
  const { problems } = t.pay;
  switch (problem.code) {
    case "nothing_chosen":
    case "total_unreadable":
      return problems[problem.code];
    case "amount_missing":
    case "amount_unreadable":
      return problems[problem.code](problem.number ?? "");
    case "more_than_owed":
    case "partial_not_allowed":
      return problems[problem.code](problem.number, dollars(problem.cents));
    case "below_minimum":
    case "more_than_all":
    case "too_far_ahead":
      return problems[problem.code](dollars(problem.cents));
  }
}
