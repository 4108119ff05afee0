import { Hono } from "hono";
import { HomePage } from "../views/home.tsx";
import { loadForAccount } from "./batch.ts";
import { accountCredit, openDays } from "./billing/invoices.ts";
import { autopayOf, paymentHistory, pendingPayments } from "./billing/payments.ts";
import { amountsDue, paymentStatus } from "./billing/rules.ts";
import type { Env } from "./context.ts";
import { look, page } from "./http.ts";

export const home = new Hono<Env>();

/** How many payments the dashboard lists; the rest stand under Payments. */
const LAST_PAYMENTS = 3;

home.get("/", async (c) => {
  const { today } = c.var.deps;
  const { viewer, open, credit, autopay, unfinished, payments } = await loadForAccount(c, "see", (account) => ({
    open: openDays(account),
    credit: accountCredit(account),
    autopay: autopayOf(account),
    unfinished: pendingPayments(account),
    payments: paymentHistory(account, null, LAST_PAYMENTS),
  }));
  const waiting = unfinished.map((payment) => ({ ...payment, status: paymentStatus(payment) }));
  const last = payments.slice(0, LAST_PAYMENTS).map((payment) => ({ ...payment, status: paymentStatus(payment) }));
  return page(
    c,
    viewer,
    { title: look(c).t.home.title },
    <HomePage
      {...look(c)}
      viewer={viewer}
      due={amountsDue(open, today)}
      creditCents={credit[0]!.cents}
      autopay={autopay[0] ?? null}
      waiting={waiting}
      payments={last}
    />,
  );
});
