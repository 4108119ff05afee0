import { lessText, ReceiptPage, type ReceiptProps } from "../../views/billing/receipt.tsx";
import { methodText } from "../../views/ui.tsx";
import { loadForAccount } from "../batch.ts";
import { type LocalDate, localDate } from "../calendar.ts";
import type { Context, Env } from "../context.ts";
import { fontsFrom, letterheadOf, pdfAnswer } from "../documents/answer.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { look, page } from "../http.ts";
import { cents, sum } from "../money.ts";
import { lessThanAnnounced } from "./less-than-announced.ts";
import { listPayments } from "./payment-routes.tsx";
import { invoicesOf, paymentById, refundsOf } from "./payments.ts";
import { balance, paymentNumber } from "./rules.ts";

export const receiptRoutes = new Hono<Env>();

receiptRoutes.get("/", (c) => listPayments(c, "receipts"));

receiptRoutes.get("/:file{.+\\.pdf}", async (c) => {
  const { props, refunds, closedAt, returnedAt } = await receiptProps(c, c.req.param("file").slice(0, -".pdf".length));
  const { receipt, viewer, lines } = props;
  const { receiptPdf } = await import("../documents/receipt.ts");
  const bytes = await receiptPdf(
    {
      language: props.language,
      dealer: letterheadOf(viewer.settings),
      receivedFrom: { name: viewer.account.name, address: [] },
      customerNumber: viewer.account.number,
      number: receipt.number,
      paidOn: receipt.paidOn as LocalDate,
      method: methodText(receipt, props.t),
      amountCents: cents(receipt.amountCents),
      status:
        returnedAt === null
          ? { state: "settled" }
          : { state: "returned", on: localDate(returnedAt, c.var.deps.dealer.timeZone), reason: null },
      refunds: refunds
        .filter((refund) => refund.state !== "failed")
        .map((refund) => ({
          on: localDate(refund.at, c.var.deps.dealer.timeZone),
          amountCents: cents(refund.amountCents),
        })),
      invoices: lines.map((line) => ({
        number: line.number,
        dueOn: line.dueOn as LocalDate,
        appliedCents: cents(line.amountCents),
        remainingCents: cents(line.remainsCents),
      })),
      creditCents: cents(receipt.creditCents),
      note: props.less,
      issuedAt: closedAt,
    },
    fontsFrom(c),
  );
  return pdfAnswer(c, bytes, `receipt-${receipt.number}`);
});

receiptRoutes.get("/:id", async (c) => {
  const { props } = await receiptProps(c, c.req.param("id"));
  return page(
    c,
    props.viewer,
    { title: `${props.t.receipt.title} ${props.receipt.number}` },
    <ReceiptPage {...props} />,
  );
});

type RefundSent = { amountCents: number; state: string; at: number };

/** One load for the page and its PDF. Only settled payments have a receipt. */
async function receiptProps(
  c: Context,
  id: string,
): Promise<{ props: ReceiptProps; refunds: RefundSent[]; closedAt: number; returnedAt: number | null }> {
  const { viewer, found, lines, refunds } = await loadForAccount(c, "see", (account) => ({
    found: paymentById(account, id),
    lines: invoicesOf(account, id),
    refunds: refundsOf(account, id),
  }));
  const payment = found[0];
  if (payment?.state !== "settled") throw new NotFound();
  const covered = sum(lines.map((line) => line.amountCents));
  const receipt = {
    ...payment,
    number: paymentNumber(payment),
    creditCents: Math.max(payment.amountCents - covered, 0),
  };
  const shown = lines.map((line) => ({ ...line, remainsCents: balance(line) }));
  const { returnedAt, closedAt } = payment;
  const props = { ...look(c), viewer, receipt, lines: shown, less: lessText(lessThanAnnounced(payment), look(c).t) };
  return { props, refunds, closedAt: closedAt ?? payment.startedAt, returnedAt };
}
