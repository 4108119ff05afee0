import type Stripe from "stripe";
import { emit } from "./stripe-events.ts";
import { wrongState } from "./stripe-failure.ts";
import { block, endMandate, traitsOf } from "./stripe-methods.ts";
import { type Bank, idOf, newId } from "./stripe-state.ts";

/** How long a dealer has to answer a card dispute. */
const ANSWER_SECONDS = 7 * 86_400;

const NO_EVIDENCE: Stripe.Dispute.Evidence = {
  access_activity_log: null,
  billing_address: null,
  cancellation_policy: null,
  cancellation_policy_disclosure: null,
  cancellation_rebuttal: null,
  customer_communication: null,
  customer_email_address: null,
  customer_name: null,
  customer_purchase_ip: null,
  customer_signature: null,
  duplicate_charge_documentation: null,
  duplicate_charge_explanation: null,
  duplicate_charge_id: null,
  enhanced_evidence: {},
  product_description: null,
  receipt: null,
  refund_policy: null,
  refund_policy_disclosure: null,
  refund_refusal_explanation: null,
  service_date: null,
  service_documentation: null,
  shipping_address: null,
  shipping_carrier: null,
  shipping_date: null,
  shipping_documentation: null,
  shipping_tracking_number: null,
  uncategorized_file: null,
  uncategorized_text: null,
};

/**
 * Takes settled money back. For a bank debit that is final: the first one ends the mandate, the second blocks the
 * account. For a card the dealer may answer. https://docs.stripe.com/payments/ach-direct-debit#disputed-payments
 */
export function dispute(
  bank: Bank,
  charge: Stripe.Charge,
  reason: string,
  amount = charge.amount_captured,
): Stripe.Dispute {
  if (charge.status !== "succeeded") throw wrongState("charge_not_disputable", "Only settled charges come back.");
  if (charge.disputed) throw wrongState("charge_disputed", "This charge is already disputed.");
  const byBank = charge.payment_method_details?.type === "us_bank_account";
  const made = {
    id: newId(bank, byBank ? "dp" : "du"),
    object: "dispute",
    amount,
    balance_transactions: [],
    charge: charge.id,
    created: bank.now(),
    currency: charge.currency,
    enhanced_eligibility_types: [],
    evidence: NO_EVIDENCE,
    evidence_details: {
      due_by: byBank ? null : bank.now() + ANSWER_SECONDS,
      enhanced_eligibility: {},
      has_evidence: false,
      past_due: false,
      submission_count: 0,
      submission_method: "not_submitted",
    },
    intended_submission_method: null,
    is_charge_refundable: false,
    livemode: false,
    metadata: {},
    payment_intent: idOf(charge.payment_intent),
    reason,
    status: byBank ? "lost" : "needs_response",
  } satisfies Partial<Stripe.Dispute> as Stripe.Dispute;
  bank.book.disputes[made.id] = made;
  charge.disputed = true;
  emit(bank, "charge.dispute.created", made);
  emit(bank, "charge.dispute.funds_withdrawn", made);
  if (byBank) {
    emit(bank, "charge.dispute.closed", made);
    if (charge.payment_method) {
      endMandate(bank, charge.payment_method);
      const traits = traitsOf(bank, charge.payment_method);
      traits.bounces += 1;
      if (traits.bounces > 1) {
        block(bank, charge.payment_method, { network_code: "R29", reason: "bank_account_restricted" });
      }
    }
  }
  return made;
}

/** The network decides a card's dispute. Won: the money comes back. */
export function decide(bank: Bank, disputeId: string, verdict: "won" | "lost"): Stripe.Dispute {
  const made = bank.book.disputes[disputeId];
  if (!made || made.status === "won" || made.status === "lost")
    throw wrongState("dispute_closed", "There is no such dispute that is still open.");
  made.status = "under_review";
  emit(bank, "charge.dispute.updated", made);
  made.status = verdict;
  emit(bank, "charge.dispute.closed", made);
  if (verdict === "won") emit(bank, "charge.dispute.funds_reinstated", made);
  return made;
}
