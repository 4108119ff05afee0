import { HomePage, type HomeProps, HomeWithoutMoney } from "../views/home.tsx";
import { may } from "./auth/roles.ts";
import { loadForAccount } from "./batch.ts";
import { openQuestion } from "./billing/autopay.ts";
import { stopReason } from "./billing/autopay-rules.ts";
import { accountCredit, openDays } from "./billing/invoices.ts";
import { expiry, lastDay } from "./billing/method-rules.ts";
import { setupsUnderWay } from "./billing/payment-methods.ts";
import { autopayOf, paymentHistory, pendingPayments } from "./billing/payments.ts";
import { amountsDue, paymentStatus } from "./billing/rules.ts";
import { scheduledOf } from "./billing/scheduled-payments.ts";
import { type LocalDate, localDate } from "./calendar.ts";
import type { Env } from "./context.ts";
import { Hono } from "./hono.ts";
import { look, page } from "./http.ts";

export const home = new Hono<Env>();

/** How many payments the dashboard lists; the rest stand under Payments. */
const LAST_PAYMENTS = 3;

home.get("/", async (c) => {
  const { today, dealer } = c.var.deps;
  const { viewer, open, credit, arrangement, questions, unfinished, adding, scheduled, payments } =
    await loadForAccount(c, "enter", (_, _db, money) => ({
      open: openDays(money),
      credit: accountCredit(money),
      arrangement: autopayOf(money),
      questions: openQuestion(money, today),
      unfinished: pendingPayments(money),
      adding: setupsUnderWay(money),
      scheduled: scheduledOf(money),
      payments: paymentHistory(money, null, LAST_PAYMENTS),
    }));
  const { title } = look(c).t.home;
  if (!may(viewer.role, "see")) return page(c, viewer, { title }, <HomeWithoutMoney {...look(c)} viewer={viewer} />);
  const waiting = unfinished.map((payment) => ({ ...payment, status: paymentStatus(payment) }));
  const mayPay = may(viewer.role, "pay");
  const last = payments.slice(0, LAST_PAYMENTS).map((payment) => ({ ...payment, status: paymentStatus(payment) }));
  const row = arrangement[0];
  const on = row?.stoppedAt === null ? row : undefined;
  return page(
    c,
    viewer,
    { title },
    <HomePage
      {...look(c)}
      viewer={viewer}
      mayPay={mayPay}
      due={amountsDue(open, today)}
      creditCents={credit[0]!.cents}
      autopay={
        on
          ? { ...on, askedOffOn: on.stopRequestedAt === null ? null : localDate(on.stopRequestedAt, dealer.timeZone) }
          : null
      }
      ended={row && !on && row.flag !== null ? { ...row, reason: stopReason(row.flag) } : null}
      question={questions[0] ?? null}
      ending={endingMethod(on, today)}
      waiting={waiting}
      verifying={mayPay ? adding.filter((one) => one.state === "verifying") : []}
      scheduled={scheduled}
      today={today}
      payments={last}
    />,
  );
});

type Standing = ReturnType<typeof autopayOf>["_"]["result"][number];

/** What autopay draws on, if that is about to stop working or has. */
function endingMethod(autopay: Standing | undefined, today: LocalDate): HomeProps["ending"] {
  if (!autopay) return null;
  const how = autopay.blocked !== null ? "blocked" : expiry(autopay, today);
  return how === "fine" ? null : { ...autopay, how, lastDay: lastDay(autopay) };
}
