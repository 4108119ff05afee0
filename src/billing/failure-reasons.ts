import type { Text } from "../../views/text/language.ts";

/** A reason why a payment did not go through, by the name of its sentence. */
export type FailureReason = keyof Text["payment"]["reasons"];

// Stripe's decline and failure codes: https://docs.stripe.com/declines/codes and
// https://docs.stripe.com/payments/ach-direct-debit. Thieves must not learn that a card is reported, so lost and stolen
// share one careful sentence.
const REASONS: Record<string, FailureReason> = {
  generic_decline: "card_declined",
  card_declined: "card_declined",
  do_not_honor: "card_declined",
  insufficient_funds: "insufficient_funds",
  expired_card: "expired_card",
  incorrect_cvc: "incorrect_cvc",
  invalid_cvc: "incorrect_cvc",
  incorrect_number: "incorrect_number",
  invalid_number: "incorrect_number",
  lost_card: "lost_or_stolen",
  stolen_card: "lost_or_stolen",
  pickup_card: "lost_or_stolen",
  restricted_card: "lost_or_stolen",
  fraudulent: "lost_or_stolen",
  authentication_required: "authentication_failed",
  payment_intent_authentication_failure: "authentication_failed",
  checkout_expired: "not_finished",
  canceled: "not_finished",
  abandoned: "not_finished",
  no_account: "no_account",
  account_closed: "account_closed",
  bank_account_unusable: "account_closed",
  debit_not_authorized: "debit_not_authorized",
  card_velocity_exceeded: "limit",
  withdrawal_count_limit_exceeded: "limit",
  charge_exceeds_source_limit: "limit",
  charge_exceeds_weekly_limit: "limit",
  processing_error: "try_later",
  issuer_not_available: "try_later",
  try_again_later: "try_later",
};

/** The sentence behind a vendor's code; a code we do not know gets the general one. */
export const failureReason = (code: string | null): FailureReason =>
  code !== null && Object.hasOwn(REASONS, code) ? REASONS[code]! : "other";
