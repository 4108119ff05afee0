import { expect } from "vitest";
import type { RefundWish } from "../../src/billing/refund-payment.ts";
import { refundPayment } from "../../src/billing/refund-payment.ts";
import { newId } from "../../src/ids.ts";
import { cents } from "../../src/money.ts";
import { formOn, type TestPortal } from "../setup.ts";
import { bankTotals } from "./aftermath.ts";
import { pay } from "./customer.ts";

export const OLDEST = "INV-40022";

/** Priya pays an invoice of $42.65 with her card on file. */
export async function priyaPays(t: TestPortal, wish: Parameters<typeof pay>[1] = { invoices: { [OLDEST]: null } }) {
  const { paymentId } = await pay(await t.as("priya@example.com"), wish);
  return paymentId;
}

/** A bank debit of Northgate's that has cleared. */
export async function northgatePays(t: TestPortal): Promise<string> {
  const browser = await t.as("office@northgatestorage.example.com");
  const { paymentId } = await pay(browser, { invoices: { "INV-70024": null } });
  await atBank(t, `payments/${await intentOf(t, paymentId)}/settle`);
  await t.webhooks();
  return paymentId;
}

export const refundWish = (t: TestPortal, paymentId: string, amount: number, more: Partial<RefundWish> = {}) => ({
  refundId: newId("ref", t.clock.now),
  paymentId,
  cents: cents(amount),
  reason: "charged twice",
  fromInvoiceId: null,
  coverWithCredit: false,
  by: "usr_test",
  ...more,
});

export const giveBack = (t: TestPortal, paymentId: string, amount: number, more: Partial<RefundWish> = {}) =>
  refundPayment(t.deps(), refundWish(t, paymentId, amount, more));

export const intentOf = async (t: TestPortal, paymentId: string): Promise<string> => {
  const state = JSON.parse(t.bank.saveState()).books["cedar-ridge"];
  const intents = Object.values<{ id: string; metadata: Record<string, string> }>(state.intents);
  return intents.find((intent) => intent.metadata.payment_id === paymentId)!.id;
};

/** All that the bank holds of a kind, in the order that it came about. */
export const heldByBank = <T = { id: string; status: string; amount: number }>(
  t: TestPortal,
  what: "refunds" | "disputes",
): T[] => Object.values(JSON.parse(t.bank.saveState()).books["cedar-ridge"][what]);

/** Something that happens at the bank: `payments/pi_…/bounce`. */
export async function atBank(t: TestPortal, path: string, fields: Record<string, string> = {}): Promise<void> {
  const request = new Request(`https://bank.test/_bank/${path}`, { method: "POST", body: new URLSearchParams(fields) });
  const answer = await t.bank.fetch(request);
  expect(`${path} ${answer.status}`).toBe(`${path} 200`);
}

/** Asks the bank for a refund behind our back, as in its own dashboard. */
export async function refundAtBank(t: TestPortal, paymentId: string, amount: number): Promise<void> {
  const body = new URLSearchParams({ payment_intent: await intentOf(t, paymentId), amount: String(amount) });
  const answer = await t.bank.fetch(
    new Request("https://bank.test/v1/refunds", {
      method: "POST",
      body,
      headers: { Authorization: "Bearer sk_test_cedar_ridge" },
    }),
  );
  expect(answer.status).toBe(200);
}

type Back = { amount_cents: number; allocated_cents: number; refunded_cents: number; returned_cents: number };

/** Where a payment's money is. */
export const moneyOf = (t: TestPortal, paymentId: string) =>
  t.row<Back>(
    "select amount_cents, allocated_cents, refunded_cents, returned_cents from payments where id = ?",
    paymentId,
  );

export const refundRow = (t: TestPortal, refundId: string) =>
  t.row<{
    state: string;
    generation: number;
    failure_code: string | null;
    stripe_refund_id: string | null;
    check_at: number | null;
  }>("select state, generation, failure_code, stripe_refund_id, check_at from refunds where id = ?", refundId);

export const work = (t: TestPortal) =>
  t.rows<{ kind: string; subject_id: string; detail: string }>(
    "select kind, subject_id, detail from worklist where closed_at is null order by kind, id",
  );

/** The bank's own sums and ours are the same: taken, given back, and what came back by itself. Ours know of one more return. */
export async function expectSameSums(t: TestPortal, seeded: { returned: number }): Promise<void> {
  const sums = await t.row<{ captured: number; refunded: number; returned: number }>(
    `select sum(amount_cents) captured, sum(refunded_cents) refunded, (select coalesce(sum(amount_cents), 0) from returns where state <> 'won') returned
       from payments where origin = 'portal' and state = 'settled'`,
  );
  const { captured, refunded, disputed } = bankTotals(t);
  expect(sums).toEqual({ captured, refunded, returned: disputed + seeded.returned });
}

/** The cast comes with one debit that its bank took back, of which this bank has kept no dispute. */
export const returnedBefore = async (t: TestPortal): Promise<{ returned: number }> =>
  t.row<{ returned: number }>("select coalesce(sum(amount_cents), 0) returned from returns");

/** The form of an office page, filled in. */
export function officeForm(html: string, action: string, fields: Record<string, string>): URLSearchParams {
  const form = formOn(html, action);
  for (const [name, value] of Object.entries(fields)) form.set(name, value);
  return form;
}
