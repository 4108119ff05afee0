import { badParameter, missing, type StripeFailure } from "./stripe-failure.ts";
import type { Fields } from "./stripe-fields.ts";
import type { Bank } from "./stripe-state.ts";

/** What the front door hands to a route: whose account, and the fields it may read. */
export type Asked = { bank: Bank; fields: Fields; failure?: StripeFailure };

const KINDS = ["card", "us_bank_account"] as const;

/**
 * The kinds that may pay: both, or those that are allowed. Since 2026-09-30 they can no longer be listed otherwise.
 * https://docs.stripe.com/changelog/endive/2026-09-30/removes-the-payment-method-types-parameter-from-payment-intents-and-setup-intents
 */
export function kinds(fields: Fields): string[] {
  if (fields.list("payment_method_types")) {
    throw badParameter(
      "payment_method_types",
      "payment_method_types is no longer supported. Use allowed_payment_method_types.",
      "payment_method_types_no_longer_supported",
    );
  }
  const allowed = fields.list("allowed_payment_method_types") ?? [...KINDS];
  if (allowed.some((type) => !KINDS.some((kind) => kind === type)) || allowed.length === 0) {
    throw badParameter("allowed_payment_method_types", "The stand-in knows card and us_bank_account.");
  }
  return allowed;
}

/** The customer that the request names, if it names one; it must exist. */
export function customerNamed(bank: Bank, fields: Fields): string | null {
  const id = fields.text("customer");
  if (!id) return null;
  if (!bank.book.customers[id]) throw missing("customer", id, "customer");
  return id;
}

/** Refuses every currency but US dollars. */
export function usd(fields: Fields): void {
  if (fields.required("currency").toLowerCase() !== "usd") throw badParameter("currency", "Only usd is known here.");
}
