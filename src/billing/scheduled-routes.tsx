import { ScheduleLaterPage } from "../../views/billing/scheduled.tsx";
import { dateText } from "../../views/text/dates.ts";
import { methodText } from "../../views/ui.tsx";
import { loadForAccount, type Viewer } from "../batch.ts";
import type { LocalDate } from "../calendar.ts";
import type { Context, Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { addressOf, fields, goTo, look, page } from "../http.ts";
import { isId, newId } from "../ids.ts";
import { dollars, plainAmount } from "../money.ts";
import { MOST_INVOICES_PER_PAYMENT, openInvoices } from "./invoices.ts";
import { readPaymentForm } from "./pay-form.ts";
import type { ChosenMethod } from "./pay-invoices.ts";
import { savedMethods } from "./payments.ts";
import { type Plan, planPayment } from "./rules.ts";
import { cancelScheduled, laterDay, schedulePayment } from "./schedule-payment.ts";

/** Payments on a later day. */
export const scheduledRoutes = new Hono<Env>();

type Saved = Extract<ChosenMethod, { saved: unknown }>["saved"];

/** The words that somebody agrees to who puts a payment off: who, how much, from what, when. */
const termsOf = (c: Context, viewer: Viewer, plan: Plan, method: Saved, payOn: LocalDate): string => {
  const { t, language } = look(c);
  const on = dateText(payOn, language);
  return t.scheduled.terms(viewer.settings.name, dollars(plan.totalCents), methodText(method, t), on);
};

/** As many as an address can name. */
export const MOST_INVOICES_LATER = 100;

/** Where somebody reads what they would agree to, who wants to pay this on a later day. */
export function laterAddress(plan: Plan, methodId: string, payOn: LocalDate): string {
  const query = new URLSearchParams({ method: methodId, pay_on: payOn, shown_total: plainAmount(plan.totalCents) });
  for (const { number, amountCents } of plan.lines) {
    query.append("pay", number);
    query.append(`amount_${number}`, plainAmount(amountCents));
  }
  return `/scheduled-payments/new?${query}`;
}

/** What a form or an address asks for, if it still can be put off as it says; else what has changed. */
async function asked(c: Context, said: URLSearchParams) {
  const form = readPaymentForm(said);
  const { viewer, open, methods } = await loadForAccount(c, "pay", (account) => ({
    open: openInvoices(account, MOST_INVOICES_PER_PAYMENT),
    methods: savedMethods(account),
  }));
  const planned = planPayment(form, open, { ...viewer.settings, overpayment: false, mostExtraCents: 0 });
  const payOn = laterDay(form.payOn, c.var.deps.today);
  const method = methods.find((one) => one.id === form.method);
  if (!planned.ok || !planned.agreed || !payOn) return { viewer, changed: "invoice_changed" as const };
  if (!method) return { viewer, changed: "method_gone" as const };
  const { plan } = planned;
  return { viewer, changed: null, plan, payOn, method, terms: termsOf(c, viewer, plan, method, payOn) };
}

/** Shows what would be agreed to, word for word; nothing is put off until that is sent back. */
scheduledRoutes.get("/new", async (c) => {
  const wish = await asked(c, new URL(c.req.url).searchParams);
  if (wish.changed) return goTo(c, `/invoices?said=${wish.changed}`);
  return page(
    c,
    wish.viewer,
    { title: look(c).t.scheduled.title },
    <ScheduleLaterPage
      {...look(c)}
      formToken={wish.viewer.formToken}
      id={newId("sch", c.var.deps.now)}
      plan={wish.plan}
      methodId={wish.method.id}
      payOn={wish.payOn}
      terms={wish.terms}
    />,
  );
});

scheduledRoutes.post("/", async (c) => {
  const posted = await fields(c);
  const id = posted.get("scheduled_id") ?? "";
  if (!isId("sch", id)) throw new NotFound();
  const wish = await asked(c, posted);
  if (wish.changed) return goTo(c, `/invoices?said=${wish.changed}`);
  const made = await schedulePayment(c.var.deps, {
    id,
    accountId: wish.viewer.account.id,
    userId: wish.viewer.user.id,
    methodId: wish.method.id,
    plan: wish.plan,
    payOn: wish.payOn,
    terms: wish.terms,
    language: c.var.language,
    address: addressOf(c),
    userAgent: c.req.header("User-Agent") ?? "",
  });
  return goTo(c, made === "refused" ? "/invoices?said=invoice_changed" : "/payments?said=scheduled");
});

/** Takes it back, until the day before. */
scheduledRoutes.post("/:id/cancellation", async (c) => {
  const { viewer } = await loadForAccount(c, "pay", () => ({}));
  const { id: by } = viewer.user;
  const canceled = await cancelScheduled(c.var.deps, { id: c.req.param("id"), accountId: viewer.account.id, by });
  return goTo(c, `/payments?said=${canceled ? "canceled" : "too_late"}`);
});
