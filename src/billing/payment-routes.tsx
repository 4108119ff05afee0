import { InvoicesDuePage, PayForm } from "../../views/billing/pay-invoices.tsx";
import { PaymentPage, PaymentsPage } from "../../views/billing/payments.tsx";
import { ScheduledList, ScheduledSaid } from "../../views/billing/scheduled.tsx";
import { dateText } from "../../views/text/dates.ts";
import { may } from "../auth/roles.ts";
import { loadForAccount } from "../batch.ts";
import { localDate } from "../calendar.ts";
import type { Context, Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { fields, goTo, look, nameSaid, page, pageOrFragment } from "../http.ts";
import { isId, newId } from "../ids.ts";
import { sum } from "../money.ts";
import { cancelPayment, checkUnderWay } from "./check-payment.ts";
import { cycleSince, usualCycle } from "./credits.ts";
import { failureReason } from "./failure-reasons.ts";
import { INVOICES_PER_PAGE, MOST_INVOICES_PER_PAYMENT, openInvoices } from "./invoices.ts";
import { kindsTaken } from "./method-rules.ts";
import { cursorOf, pageOf, readCursor } from "./pages.ts";
import { invoicesDue, problemText, readPaymentForm } from "./pay-form.ts";
import { type ChosenMethod, payInvoices, refOf } from "./pay-invoices.ts";
import {
  billedAccount,
  invoicesOf,
  PAYMENTS_PER_PAGE,
  paymentById,
  paymentHistory,
  receipts,
  refundsOf,
  savedMethods,
  unfinishedCheckouts,
} from "./payments.ts";
import { mostAhead, payableNow, paymentNumber, paymentStatus, planPayment } from "./rules.ts";
import { laterDay, laterDays } from "./schedule-payment.ts";
import { scheduledOf } from "./scheduled-payments.ts";
import { laterAddress, MOST_INVOICES_LATER } from "./scheduled-routes.tsx";

export const paymentRoutes = new Hono<Env>();

paymentRoutes.get("/", (c) => listPayments(c, "payments"));

/** Payments or receipts: the same list, of all or of the settled ones. */
export async function listPayments(c: Context, of: "payments" | "receipts"): Promise<Response> {
  const before = readCursor(c.req.query("before"));
  const { viewer, found, scheduled } = await loadForAccount(c, "see", (account) => ({
    found: of === "payments" ? paymentHistory(account, before) : receipts(account, before),
    scheduled: scheduledOf(account),
  }));
  const { rows, last } = pageOf(found, PAYMENTS_PER_PAGE);
  const { t } = look(c);
  const payments = rows.map((payment) => ({ ...payment, status: paymentStatus(payment) }));
  const more = last ? `/${of}?before=${cursorOf(last.paidOn, last.id)}` : null;
  const title = of === "payments" ? t.payments.title : t.receipt.list;
  const waiting = of === "payments" && !before && (
    <>
      <ScheduledSaid {...look(c)} said={nameSaid(c, t.scheduled.said)} />
      <ScheduledList
        {...look(c)}
        scheduled={scheduled}
        formToken={viewer.formToken}
        mayPay={may(viewer.role, "pay")}
        today={c.var.deps.today}
      />
    </>
  );
  return page(
    c,
    viewer,
    { title },
    <PaymentsPage {...look(c)} of={of} payments={payments} more={more}>
      {waiting}
    </PaymentsPage>,
  );
}

/** Pays invoices. Nothing is taken that the person has not seen as the total: until then the form only comes back. */
paymentRoutes.post("/", async (c) => {
  const form = readPaymentForm(await fields(c));
  if (!isId("pay", form.paymentId)) throw new NotFound();
  const { viewer, open, unfinished, methods, billed, cycle, existing } = await loadForAccount(c, "pay", (account) => ({
    open: openInvoices(account, MOST_INVOICES_PER_PAYMENT),
    unfinished: unfinishedCheckouts(account),
    methods: savedMethods(account),
    billed: billedAccount(account),
    cycle: usualCycle(account, cycleSince(c.var.deps.today)),
    existing: paymentById(account, form.paymentId),
  }));
  if (existing.length > 0) return goTo(c, `/payments/${form.paymentId}`);

  const { t, language } = look(c);
  const kinds = kindsTaken(viewer.settings, billed[0]!);
  const mostExtraCents = mostAhead(cycle[0]?.cents);
  const planned = planPayment(form, open, { ...viewer.settings, mostExtraCents });
  const named = new Set([...form.ticked, ...(planned.ok ? planned.plan.lines.map((line) => line.number) : [])]);
  const again = (
    status: 200 | 422 | 503,
    more: { paymentId?: string; problem?: string; problemNumber?: string; check?: boolean },
  ): Promise<Response> => {
    const props = invoicesDue({
      look: look(c),
      viewer,
      today: c.var.deps.today,
      paymentId: more.paymentId ?? form.paymentId,
      open: open.filter((invoice, i) => i < INVOICES_PER_PAGE || named.has(invoice.number)),
      unfinished: unfinished.length > 0,
      allCents: sum(open.map(payableNow)),
      mostExtraCents,
      methods,
      kinds,
      form,
      plan: planned.ok ? planned.plan : null,
      problem: more.problem ?? null,
      problemNumber: more.problemNumber,
      check: more.check ?? false,
      next: null,
      first: true,
    });
    return pageOrFragment(
      c,
      viewer,
      { title: t.invoices.dueTitle, status },
      () => <InvoicesDuePage {...props} />,
      <PayForm {...props} />,
    );
  };

  if (!planned.ok) {
    const { problem } = planned;
    return again(422, {
      problem: problemText(problem, t),
      problemNumber: "number" in problem ? problem.number : undefined,
    });
  }
  if (!planned.agreed) return again(200, { check: true });
  const method = chosenMethod(form, methods);
  if (!method) return again(422, { problem: t.pay.problems.choose_method });
  const chosen = new Set(planned.plan.lines.map((line) => line.invoiceId));
  const kind = "saved" in method ? method.saved.kind : method.new;
  if (!kinds.includes(kind)) {
    return again(422, { problem: kind === "card" ? t.methods.pay.bankOnlyAccount : t.pay.problems.choose_method });
  }
  const bankOnly = open.find((invoice) => chosen.has(invoice.id) && !invoice.cardPayments);
  if (kind === "card" && bankOnly) {
    return again(422, { problem: t.methods.pay.bankOnlyInvoice(bankOnly.number), problemNumber: bankOnly.number });
  }

  if (form.payOn !== "") {
    const day = laterDay(form.payOn, c.var.deps.today);
    const { first, last } = laterDays(c.var.deps.today);
    const { problems } = t.scheduled;
    if (!day) return again(422, { problem: problems.day(dateText(first, language), dateText(last, language)) });
    if ("new" in method || planned.plan.extraCents > 0) return again(422, { problem: problems.saved });
    if (planned.plan.lines.length > MOST_INVOICES_LATER) return again(422, { problem: problems.many });
    return goTo(c, laterAddress(planned.plan, method.saved.id, day));
  }

  const inTheWay = new Map(
    unfinished.filter(({ invoiceId }) => chosen.has(invoiceId)).map((checkout) => [checkout.id, checkout]),
  );
  const result = await payInvoices(c.var.deps, {
    paymentId: form.paymentId,
    plan: planned.plan,
    method,
    account: billed[0]!,
    userId: viewer.user.id,
    language,
    unfinished: [...inTheWay.values()],
  });
  switch (result.result) {
    case "started":
    case "already":
      return goTo(c, `/payments/${form.paymentId}`);
    case "at_bank":
      return goTo(c, `/payments/${form.paymentId}?at=bank`);
    case "elsewhere":
      return goTo(c, result.url);
    case "paying":
      return goTo(c, `/payments/${result.paymentId}`);
    case "unclear":
      return goTo(c, "/invoices?said=unclear");
    case "refused":
      // What was typed can stand, unless it is the invoices that changed. The old payment id is spent either way.
      if (result.refusal === "vendor_away" || result.refusal === "records_away") {
        return again(503, { paymentId: newId("pay", c.var.deps.now), problem: t.pay.refusals[result.refusal] });
      }
      return goTo(c, `/invoices?said=${result.refusal}`);
  }
});

/** The method that the form names: one on file, or a new one of either kind. */
function chosenMethod(
  form: { method: string; save: boolean },
  methods: Extract<ChosenMethod, { saved: unknown }>["saved"][],
): ChosenMethod | null {
  const saved = methods.find((method) => method.id === form.method);
  if (saved) return { saved };
  const kind = (["card", "bank"] as const).find((name) => form.method === `new_${name}`);
  return kind ? { new: kind, save: form.save } : null;
}

paymentRoutes.get("/:id", async (c) => {
  const id = c.req.param("id");
  const { viewer, found, lines, refunds } = await loadForAccount(c, "see", (account) => ({
    found: paymentById(account, id),
    lines: invoicesOf(account, id),
    refunds: refundsOf(account, id),
  }));
  const payment = found[0];
  if (!payment) throw new NotFound();
  const { t } = look(c);
  const covered = sum(lines.map((line) => line.amountCents));
  const atBank = payment.state === "pending" && c.req.query("at") === "bank";
  const status = atBank ? "action" : paymentStatus(payment);
  const shown = {
    ...payment,
    status,
    number: paymentNumber(payment),
    creditCents: status === "failed" ? 0 : Math.max(payment.amountCents - covered, 0),
    needsReview: payment.reviewReason !== null,
    reason: payment.state === "failed" ? t.payment.reasons[failureReason(payment.failureCode)] : null,
    atBank,
  };
  const again =
    status === "checking" && payment.reviewReason === null
      ? { seconds: CHECK_AGAIN_SECONDS, href: `/payments/${id}/return` }
      : undefined;
  const body = (
    <PaymentPage
      {...look(c)}
      phone={viewer.settings.phone}
      formToken={viewer.formToken}
      mayPay={may(viewer.role, "pay")}
      payment={shown}
      lines={lines}
      refunds={refunds.map(({ at, ...one }) => ({ ...one, on: localDate(at, c.var.deps.dealer.timeZone) }))}
    />
  );
  return page(c, viewer, { title: t.payments.one, again }, body);
});

/** How often a page about an unclear payment looks again. */
const CHECK_AGAIN_SECONDS = 8;

/**
 * Where the vendor sends people back to, and what "look again" asks. It only learns the truth, however often it is
 * called, so a GET may do it.
 */
paymentRoutes.get("/:id/return", async (c) => {
  const payment = await ownPayment(c, "see");
  const state = await checkUnderWay(c.var.deps, payment, "return");
  const atBank = state === "action" && payment.stripeCheckoutId === null;
  return c.redirect(`/payments/${payment.id}${atBank ? "?at=bank" : ""}`, 303);
});

/** On to wherever the payment waits for its customer: the checkout, or the bank's own page. */
paymentRoutes.get("/:id/continuation", async (c) => {
  const payment = await ownPayment(c, "pay");
  const outcome = await c.var.deps.ports.payments.outcome(refOf(payment));
  return c.redirect(outcome.state === "action" ? outcome.url : `/payments/${payment.id}/return`, 303);
});

/** Gives up a payment that has not moved money, and lets go of its invoices. */
paymentRoutes.post("/:id/cancellation", async (c) => {
  const payment = await ownPayment(c, "pay");
  const givenUp = await cancelPayment(c.var.deps, payment, "customer");
  return goTo(c, givenUp ? "/invoices" : `/payments/${payment.id}`);
});

async function ownPayment(c: Context, right: "see" | "pay") {
  const { found } = await loadForAccount(c, right, (account) => ({
    found: paymentById(account, c.req.param("id") ?? ""),
  }));
  const payment = found[0];
  if (!payment) throw new NotFound();
  return payment;
}
