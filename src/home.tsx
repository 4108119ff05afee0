import { Hono } from "hono";
import { HomePage } from "../views/home.tsx";
import { loadForAccount } from "./batch.ts";
import { accountCredit, amountsDue } from "./billing/invoices.ts";
import { autopayOf, paymentHistory, paymentsUnderWay } from "./billing/payments.ts";
import { paymentStatus } from "./billing/rules.ts";
import type { Env } from "./context.ts";
import { look, page } from "./http.ts";

export const home = new Hono<Env>();

/** How many payments the dashboard lists; the rest stand under Payments. */
const LAST_PAYMENTS = 3;

home.get("/", async (c) => {
  const { today } = c.var.deps;
  const { viewer, due, credit, autopay, underWay, payments } = await loadForAccount(c, "see", (account) => ({
    due: amountsDue(account, today),
    credit: accountCredit(account),
    autopay: autopayOf(account),
    underWay: paymentsUnderWay(account),
    payments: paymentHistory(account, null, LAST_PAYMENTS),
  }));
  const owed = due[0]!;
  const ages = [
    { age: "1-30" as const, cents: owed.days30Cents },
    { age: "31-60" as const, cents: owed.days60Cents },
    { age: "61-90" as const, cents: owed.days90Cents },
    { age: "90+" as const, cents: owed.daysMoreCents },
  ].filter((bucket) => bucket.cents > 0);
  const waiting = underWay
    .filter((payment) => payment.state === "pending")
    .map((payment) => ({ ...payment, status: paymentStatus(payment) }));
  const last = payments.slice(0, LAST_PAYMENTS).map((payment) => ({ ...payment, status: paymentStatus(payment) }));
  return page(
    c,
    viewer,
    { title: look(c).t.home.title },
    <HomePage
      {...look(c)}
      viewer={viewer}
      due={{ ...owed, ages }}
      creditCents={credit[0]!.cents}
      autopay={autopay[0] ?? null}
      waiting={waiting}
      payments={last}
    />,
  );
});
