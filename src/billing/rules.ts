import { daysBetween, type LocalDate } from "../calendar.ts";
import { type Cents, cents, parseCents, plainAmount, sum } from "../money.ts";

/** The money columns of an invoice, as every rule here sees it. */
export type InvoiceMoney = { totalCents: number; allocatedCents: number; heldCents: number };

/** What is still owed: settled money taken off. A payment under way does not lower it. */
export const balance = (invoice: InvoiceMoney): Cents => cents(invoice.totalCents - invoice.allocatedCents);

/** What can be paid now: the balance less what payments under way have spoken for. */
export const payableNow = (invoice: InvoiceMoney): Cents => cents(balance(invoice) - invoice.heldCents);

export type InvoiceStatus = "open" | "partly_paid" | "past_due" | "processing" | "paid";

/**
 * The one word an invoice is in. Partly paid but not yet due is never past due; money under way counts as paid
 * while it is under way. `today` is the dealer's local date.
 */
export function invoiceStatus(invoice: InvoiceMoney & { dueOn: string }, today: LocalDate): InvoiceStatus {
  if (balance(invoice) <= 0) return "paid";
  if (payableNow(invoice) <= 0) return "processing";
  if (invoice.dueOn < today) return "past_due";
  return invoice.allocatedCents > 0 || invoice.heldCents > 0 ? "partly_paid" : "open";
}

/** What falls due on one day: all of it, what payments hold of it, and of that what is really under way. Cents. */
type OpenDay = { dueOn: string; owedCents: number; heldCents: number; underWayCents: number };

const AGES = [
  { age: "1-30", from: 1, to: 30 },
  { age: "31-60", from: 31, to: 60 },
  { age: "61-90", from: 61, to: 90 },
  { age: "90+", from: 91, to: Number.POSITIVE_INFINITY },
] as const;

/**
 * What an account owes: to pay now, of that past due, also by days late; what is under way; what of the first stands in
 * a checkout that was not finished; and the next day on which something is due. Cents.
 */
export function amountsDue(days: readonly OpenDay[], today: LocalDate) {
  const open = days.map((day) => ({
    ...day,
    payableCents: day.owedCents - day.underWayCents,
    late: daysBetween(day.dueOn as LocalDate, today),
  }));
  const payable = (of: typeof open) => sum(of.map((day) => day.payableCents));
  const next = open.filter(({ late, payableCents }) => late <= 0 && payableCents > 0).map(({ dueOn }) => dueOn);
  return {
    payableCents: payable(open),
    heldCents: sum(open.map((day) => day.underWayCents)),
    unfinishedCents: sum(open.map((day) => day.heldCents - day.underWayCents)),
    pastDueCents: payable(open.filter(({ late }) => late > 0)),
    ages: AGES.map(({ age, from, to }) => ({
      age,
      cents: payable(open.filter(({ late }) => late >= from && late <= to)),
    })).filter((bucket) => bucket.cents > 0),
    nextDueOn: next.sort()[0] ?? null,
  };
}

export type PaymentStatus =
  | "action"
  | "checking"
  | "processing"
  | "settled"
  | "failed"
  | "returned"
  | "refunded"
  | "partly_refunded";

/** The one word a payment is in. A settled payment that went back is named for where its money is. */
export function paymentStatus(payment: {
  state: "pending" | "processing" | "settled" | "failed";
  amountCents: number;
  refundedCents: number;
  returnedCents: number;
  stripeCheckoutId: string | null;
  checks: number;
  reviewReason: string | null;
}): PaymentStatus {
  if (payment.state !== "settled" && payment.reviewReason !== null) return "checking";
  // A checkout waits for its customer, unless the vendor could not say whether they have finished it.
  if (payment.state === "pending") return payment.stripeCheckoutId && payment.checks === 0 ? "action" : "checking";
  if (payment.state !== "settled") return payment.state;
  if (payment.returnedCents > 0) return "returned";
  if (payment.refundedCents >= payment.amountCents) return "refunded";
  return payment.refundedCents > 0 ? "partly_refunded" : "settled";
}

/** An open invoice as the paying rules need it, oldest due first. */
export type OpenInvoice = InvoiceMoney & { id: string; number: string; dueOn: string };

type PlanLine = { invoiceId: string; number: string; amountCents: Cents };

/** What one payment will cover, before anybody is asked for money. */
export type Plan = { lines: PlanLine[]; extraCents: Cents; totalCents: Cents };

/** Spreads an amount over invoices in the order given, each up to what is payable now; the rest is `extraCents`. */
export function spread(amountCents: Cents, invoices: readonly OpenInvoice[]): Plan {
  const lines: PlanLine[] = [];
  let rest: number = amountCents;
  for (const invoice of invoices) {
    const amount = Math.min(rest, payableNow(invoice));
    if (amount > 0) lines.push({ invoiceId: invoice.id, number: invoice.number, amountCents: cents(amount) });
    rest -= Math.max(amount, 0);
  }
  return { lines, extraCents: cents(rest), totalCents: amountCents };
}

/** Why a form cannot be paid as it stands; each has its sentence in `views/text/`. */
export type PlanProblem =
  | { code: "nothing_chosen" | "amount_unreadable" | "total_unreadable" | "amount_missing"; number?: string }
  | { code: "more_than_owed"; number: string; cents: Cents }
  | { code: "partial_not_allowed"; number: string; cents: Cents }
  | { code: "below_minimum"; cents: Cents }
  | { code: "more_than_all"; cents: Cents }
  | { code: "too_far_ahead"; cents: Cents };

/** The paying form as it was typed; invoices go by their numbers. */
export type PaymentForm = {
  ticked: readonly string[];
  amounts: Readonly<Record<string, string>>;
  total: string;
  everything: boolean;
  shownTotal: string;
};

export type PaymentRules = {
  partialPayments: boolean;
  minimumPaymentCents: number;
  overpayment: boolean;
  /** The most that may stay on the account as credit, where more is taken than is owed. */
  mostExtraCents: number;
};

/** What somebody without monitoring charges may pay ahead. */
const AHEAD_WITHOUT_CYCLE_CENTS = 500_00;

/** The most that is taken beyond what is owed: one usual cycle. */
export const mostAhead = (cycleCents: number | undefined): Cents =>
  cents(cycleCents && cycleCents > 0 ? cycleCents : AHEAD_WITHOUT_CYCLE_CENTS);

/** Neither cards nor banks move less. https://docs.stripe.com/currencies#minimum-and-maximum-charge-amounts */
export const LEAST_CHARGE_CENTS = 50;

/**
 * Turns the form into a plan. A total typed in fills the ticked invoices and then the others, oldest first;
 * otherwise each ticked invoice gets its own amount. `agreed` says whether the person has seen exactly these amounts:
 * without script the first press only shows them.
 */
export function planPayment(
  form: PaymentForm,
  open: readonly OpenInvoice[],
  rules: PaymentRules,
): { ok: true; plan: Plan; agreed: boolean } | { ok: false; problem: PlanProblem } {
  const payable = open.filter((invoice) => payableNow(invoice) > 0);
  const ticked = payable.filter((invoice) => form.ticked.includes(invoice.number));
  const refuse = (problem: PlanProblem) => ({ ok: false as const, problem });

  let plan: Plan;
  if (form.everything) {
    plan = spread(sum(payable.map(payableNow)), payable);
  } else if (form.total.trim() !== "") {
    const total = parseCents(form.total);
    if (total === null || total <= 0) return refuse({ code: "total_unreadable" });
    plan = spread(total, [...ticked, ...payable.filter((invoice) => !ticked.includes(invoice))]);
  } else {
    const lines: PlanLine[] = [];
    for (const invoice of ticked) {
      const typed = form.amounts[invoice.number] ?? "";
      if (typed.trim() === "") return refuse({ code: "amount_missing", number: invoice.number });
      const amount = parseCents(typed);
      if (amount === null || amount <= 0) return refuse({ code: "amount_unreadable", number: invoice.number });
      if (amount > payableNow(invoice))
        return refuse({ code: "more_than_owed", number: invoice.number, cents: payableNow(invoice) });
      lines.push({ invoiceId: invoice.id, number: invoice.number, amountCents: amount });
    }
    plan = { lines, extraCents: cents(0), totalCents: sum(lines.map((line) => line.amountCents)) };
  }

  if (plan.totalCents <= 0) return refuse({ code: "nothing_chosen" });
  if (plan.extraCents > 0 && !rules.overpayment) {
    return refuse({ code: "more_than_all", cents: cents(plan.totalCents - plan.extraCents) });
  }
  if (plan.extraCents > rules.mostExtraCents) {
    return refuse({ code: "too_far_ahead", cents: cents(plan.totalCents - plan.extraCents + rules.mostExtraCents) });
  }
  if (!rules.partialPayments) {
    const short = plan.lines.find((line) => line.amountCents < payableNow(invoiceOf(payable, line)));
    if (short)
      return refuse({
        code: "partial_not_allowed",
        number: short.number,
        cents: payableNow(invoiceOf(payable, short)),
      });
  }
  const all = sum(payable.map(payableNow));
  const least = cents(Math.max(LEAST_CHARGE_CENTS, Math.min(rules.minimumPaymentCents, all)));
  if (plan.totalCents < least) return refuse({ code: "below_minimum", cents: least });
  return {
    ok: true,
    plan,
    agreed: form.everything ? form.shownTotal === plainAmount(plan.totalCents) : agrees(form, plan),
  };
}

const invoiceOf = (open: readonly OpenInvoice[], line: PlanLine): OpenInvoice =>
  open.find((invoice) => invoice.id === line.invoiceId)!;

/** Whether the amounts on the person's screen were the plan's, to the cent. */
function agrees(form: PaymentForm, plan: Plan): boolean {
  if (form.shownTotal !== plainAmount(plan.totalCents)) return false;
  if (form.ticked.length !== plan.lines.length) return false;
  return plan.lines.every(
    (line) => form.ticked.includes(line.number) && parseCents(form.amounts[line.number] ?? "") === line.amountCents,
  );
}

/** How much of each allocation must be undone to free an amount: the newest due first, so that old debts stay paid. */
export function reversals(
  allocated: readonly { invoiceId: string; amountCents: number }[],
  neededCents: number,
): { invoiceId: string; amountCents: Cents }[] {
  const undone: { invoiceId: string; amountCents: Cents }[] = [];
  let rest = neededCents;
  for (const line of allocated) {
    const amount = Math.min(rest, line.amountCents);
    if (amount > 0) undone.push({ invoiceId: line.invoiceId, amountCents: cents(amount) });
    rest -= Math.max(amount, 0);
  }
  return undone;
}

/** Why the database can refuse a payment, in the customer's terms. Every named constraint of the ledger has one. */
export type PaymentRefusal = "invoice_changed" | "method_gone" | "payment_over";

const REFUSALS: Record<string, PaymentRefusal> = {
  invoice_not_overpaid: "invoice_changed",
  invoice_payable: "invoice_changed",
  method_usable: "method_gone",
  payment_open: "payment_over",
};

/** The refusal behind a constraint's name; null means the constraint guards against a bug, not against a customer. */
export const refusalOf = (constraint: string): PaymentRefusal | null =>
  Object.hasOwn(REFUSALS, constraint) ? REFUSALS[constraint]! : null;

/** The number people know a payment by: the dealer's own, or for ours the last eight letters of its id. */
export const paymentNumber = (payment: { id: string; number: string | null }): string =>
  payment.number ?? `P-${payment.id.slice(-8).toUpperCase()}`;
