import { OfficeMoneyPage } from "../../views/office/money.tsx";
import { OfficePaymentPage } from "../../views/office/payment.tsx";
import type { Said } from "../../views/ui.tsx";
import { loadForStaff } from "../batch.ts";
import { applyCredits, applyCreditTo, takeCreditBack } from "../billing/apply-credits.ts";
import { giveCredit } from "../billing/give-credit.ts";
import { refundPayment } from "../billing/refund-payment.ts";
import { leftCents, refundRefusal } from "../billing/refund-rules.ts";
import { paymentNumber, paymentStatus } from "../billing/rules.ts";
import type { Context, Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { fields, goTo, look, page, saidIn } from "../http.ts";
import { isId, newId } from "../ids.ts";
import { type Cents, cents, parseCents } from "../money.ts";
import { accountNamed, backToAccount } from "./account-routes.tsx";
import { accountForOffice } from "./accounts.ts";
import {
  coveredForOffice,
  creditsForOffice,
  creditUsesForOffice,
  openForOffice,
  paymentForOffice,
  paymentsForOffice,
  refundsForOffice,
  returnsForOffice,
} from "./money.ts";

/** An account's money as the office moves it: credits, refunds, and what bank and books disagree about. */
export const officeMoney = new Hono<Env>();

const back = backToAccount("/money");

const LONGEST_REASON = 200;

officeMoney.get("/accounts/:number/money", async (c) => {
  const number = c.req.param("number");
  const { viewer, account, payments, credits, uses, open } = await loadForStaff(c, (staff) => ({
    account: accountForOffice(staff, number),
    payments: paymentsForOffice(staff, number),
    credits: creditsForOffice(staff, number),
    uses: creditUsesForOffice(staff, number),
    open: openForOffice(staff, number),
  }));
  const found = account[0];
  if (!found) throw new NotFound();
  const { now } = c.var.deps;
  return page(
    c,
    viewer,
    { title: found.name },
    <OfficeMoneyPage
      {...look(c)}
      formToken={viewer.formToken}
      account={found}
      payments={payments.map((one) => ({ ...one, name: paymentNumber(one), status: paymentStatus(one) }))}
      credits={credits}
      uses={uses}
      open={open}
      ids={{ credit: newId("crd", now), use: newId("use", now) }}
      said={saidIn(c, SAID)}
    />,
  );
});

officeMoney.post("/accounts/:number/credits", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const form = await fields(c);
  const amount = parseCents(form.get("amount") ?? "");
  const reason = reasonIn(form);
  const creditId = form.get("credit_id") ?? "";
  if (amount === null || amount <= 0) return back(c, account.number, "amount_unreadable");
  if (reason === "") return back(c, account.number, "reason_missing");
  if (!isId("crd", creditId)) return back(c, account.number, "changed");
  const given = { creditId, accountId: account.id, cents: amount, reason, by: viewer.user.id };
  const result = await giveCredit(c.var.deps, given);
  return back(c, account.number, result === "refused" ? "changed" : "credit_given");
});

officeMoney.post("/accounts/:number/credit-uses", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const form = await fields(c);
  const by = viewer.user.id;
  if (form.has("everything")) {
    const used = await applyCredits(c.var.deps, account.id, by, "asked");
    return back(c, account.number, used > 0 ? "credit_used" : "nothing_to_use");
  }
  const amount = parseCents(form.get("amount") ?? "");
  if (amount === null || amount <= 0) return back(c, account.number, "amount_unreadable");
  const id = form.get("use_id") ?? "";
  const use = {
    id,
    accountId: account.id,
    source: sourceIn(form),
    invoiceId: form.get("invoice") ?? "",
    cents: amount,
    by,
  };
  const result = isId("use", id) ? await applyCreditTo(c.var.deps, use) : "refused";
  return back(c, account.number, result === "refused" ? "changed" : "credit_used");
});

officeMoney.post("/accounts/:number/credit-uses/removal", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const form = await fields(c);
  const use = {
    accountId: account.id,
    source: sourceIn(form),
    invoiceId: form.get("invoice") ?? "",
    cents: cents(Number.parseInt(form.get("cents") ?? "", 10) || 0),
    by: viewer.user.id,
  };
  const result = await takeCreditBack(c.var.deps, use);
  return back(c, account.number, result === "done" ? "credit_taken_back" : "changed");
});

officeMoney.get("/payments/:id", async (c) => {
  const id = c.req.param("id");
  const { viewer, found, covered, refunds, returns } = await loadForStaff(c, (staff) => ({
    found: paymentForOffice(staff, id),
    covered: coveredForOffice(staff, id),
    refunds: refundsForOffice(staff, id),
    returns: returnsForOffice(staff, id),
  }));
  const payment = found[0];
  if (!payment) throw new NotFound();
  const { now, dealer } = c.var.deps;
  const left = leftCents(payment);
  const disputed = returns.some((one) => one.state !== "won");
  // Asked with all that is left and a reason, so that what is refused is the payment itself.
  const refusal = refundRefusal(payment, disputed, { cents: left, reason: "asked" }, now);
  return page(
    c,
    viewer,
    { title: `Payment ${paymentNumber(payment)}` },
    <OfficePaymentPage
      {...look(c)}
      timeZone={dealer.timeZone}
      formToken={viewer.formToken}
      payment={{ ...payment, name: paymentNumber(payment), status: paymentStatus(payment) }}
      covered={covered}
      refunds={refunds}
      returns={returns}
      leftCents={left}
      whyNot={refusal && SAID[refusal]!.words}
      refundId={newId("ref", now)}
      said={saidIn(c, SAID)}
    />,
  );
});

officeMoney.post("/payments/:id/refunds", async (c) => {
  const id = c.req.param("id");
  const { viewer, found } = await loadForStaff(c, (staff) => ({ found: paymentForOffice(staff, id) }));
  const payment = found[0];
  if (!payment) throw new NotFound();
  const form = await fields(c);
  const refundId = form.get("refund_id") ?? "";
  if (!isId("ref", refundId)) return goTo(c, `/office/payments/${id}?said=changed`);
  const wish = {
    refundId,
    paymentId: id,
    cents: parseCents(form.get("amount") ?? ""),
    reason: reasonIn(form),
    fromInvoiceId: form.get("from") || null,
    coverWithCredit: form.get("cover") === "1",
    by: viewer.user.id,
  };
  if (form.get("to") === "credit") return goTo(c, `/office/payments/${id}?said=${await asCredit(c, payment, wish)}`);
  const made = await refundPayment(c.var.deps, wish);
  const said = made.result === "refused" ? made.refusal : `refund_${made.result}`;
  return goTo(c, `/office/payments/${id}?said=${said}`);
});

/** Instead of money: a credit, of no more than what of the payment is still here. */
async function asCredit(
  c: Context,
  payment: { accountId: string; state: string } & Parameters<typeof leftCents>[0],
  wish: { refundId: string; paymentId: string; cents: Cents | null; reason: string; by: string },
): Promise<string> {
  if (payment.state !== "settled") return "not_settled";
  if (wish.cents === null || wish.cents <= 0) return "amount_unreadable";
  if (wish.cents > leftCents(payment)) return "more_than_left";
  if (wish.reason === "") return "reason_missing";
  const given = await giveCredit(c.var.deps, {
    creditId: wish.refundId.replace(/^ref_/, "crd_"),
    accountId: payment.accountId,
    cents: wish.cents,
    reason: wish.reason,
    by: wish.by,
    paymentId: wish.paymentId,
  });
  return given === "refused" ? "changed" : "credit_given";
}

const reasonIn = (form: URLSearchParams): string =>
  (form.get("reason") ?? "")
    .replace(/[\p{Cc}\s]+/gu, " ")
    .trim()
    .slice(0, LONGEST_REASON);

/** `credit:crd_…` or `payment:pay_…`. */
function sourceIn(form: URLSearchParams): { kind: "credit" | "payment"; id: string } {
  const [kind, id = ""] = (form.get("source") ?? "").split(":");
  return { kind: kind === "credit" ? "credit" : "payment", id };
}

/** What a form came to, by the word that the address carries. */
const SAID: Record<string, Said> = {
  credit_given: { kind: "good", words: "The credit is given. Where credit is used by itself, it has been." },
  credit_used: { kind: "good", words: "The credit is used." },
  nothing_to_use: { kind: "note", words: "There was nothing to use, or nothing to use it for." },
  credit_taken_back: { kind: "good", words: "It is off the invoice again, and unused." },
  changed: {
    kind: "problem",
    words: "Something changed meanwhile, or it does not fit. Nothing was done. Look at the amounts and try again.",
  },
  amount_unreadable: { kind: "problem", words: "Write the amount like 44.95. Nothing was done." },
  reason_missing: { kind: "problem", words: "Type a reason: the customer reads it. Nothing was done." },
  more_than_left: { kind: "problem", words: "That is more than is left of this payment. Nothing was done." },
  bank_only_whole: {
    kind: "problem",
    words: "A bank debit can only be refunded whole. Give the part as account credit instead. Nothing was done.",
  },
  bank_too_old: {
    kind: "problem",
    words: "A bank takes no refund of a debit older than 180 days. Give it as account credit instead.",
  },
  not_here: {
    kind: "note",
    words: "Only payments that were made in this portal and have settled can be refunded from here.",
  },
  not_settled: {
    kind: "problem",
    words: "This payment has not settled, so there is no money of it to give back. Nothing was done.",
  },
  taken_back: {
    kind: "problem",
    words: "The customer's bank has taken this payment back. With a refund they would have it twice.",
  },
  refund_made: { kind: "good", words: "The refund is on its way, and the customer is told." },
  refund_already: { kind: "note", words: "This refund was made before. Nothing more was done." },
  refund_unclear: {
    kind: "note",
    words:
      "We cannot say yet whether the card company has taken the refund. Do not make another: we keep asking, and it shows below.",
  },
  refund_failed: {
    kind: "problem",
    words: "The card company said no. Nothing went back, and the money is where it was.",
  },
};
