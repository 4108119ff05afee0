/** What a charge of a test method comes to. A card answers at once, a bank after days. */
type Fate =
  | { outcome: "succeeds" }
  | { outcome: "declines"; code: string; declineCode?: string; message: string }
  | { outcome: "fails"; code: string; networkCode?: "R02" | "R03" | "R05" | "R10"; reason?: BlockReason }
  | { outcome: "stays" }
  | { outcome: "is_disputed"; reason: string };

type BlockReason = "bank_account_closed" | "bank_account_invalid_details" | "debit_not_authorized";

export type TestMethod = {
  token: string;
  kind: "card" | "us_bank_account";
  number: string;
  brand: string;
  funding: "credit" | "debit";
  label: string;
  fate: Fate;
  /** `always`; `until_set_up`: not off session once a setup or a saving payment was authenticated. */
  authentication?: "always" | "until_set_up";
  /** Refused already when it is attached to a customer. */
  refusedOnAttach?: boolean;
};

const DECLINED = "Your card was declined.";

const card = (token: string, number: string, label: string, more: Partial<TestMethod> = {}): TestMethod => ({
  token,
  kind: "card",
  number,
  brand: "visa",
  funding: "credit",
  label,
  fate: { outcome: "succeeds" },
  ...more,
});

const declining = (
  token: string,
  number: string,
  label: string,
  fate: Omit<Fate & { outcome: "declines" }, "outcome">,
) => card(token, number, label, { fate: { outcome: "declines", ...fate }, refusedOnAttach: true });

const bank = (token: string, number: string, label: string, fate: Fate = { outcome: "succeeds" }): TestMethod => ({
  token,
  kind: "us_bank_account",
  number,
  brand: "STRIPE TEST BANK",
  funding: "debit",
  label,
  fate,
});

/** The routing number of every test bank account. */
export const TEST_ROUTING_NUMBER = "110000000";

/**
 * Stripe's test cards and bank accounts with their documented outcomes.
 * https://docs.stripe.com/testing https://docs.stripe.com/payments/ach-direct-debit/accept-a-payment#test-integration
 */
export const TEST_METHODS: readonly TestMethod[] = [
  card("pm_card_visa", "4242424242424242", "Visa, succeeds"),
  card("pm_card_visa_debit", "4000056655665556", "Visa debit, succeeds", { funding: "debit" }),
  card("pm_card_mastercard", "5555555555554444", "Mastercard, succeeds", { brand: "mastercard" }),
  card("pm_card_amex", "378282246310005", "American Express, succeeds", { brand: "amex" }),
  card("pm_card_discover", "6011111111111117", "Discover, succeeds", { brand: "discover" }),
  declining("pm_card_chargeDeclined", "4000000000000002", "Declined", {
    code: "card_declined",
    declineCode: "generic_decline",
    message: DECLINED,
  }),
  declining("pm_card_chargeDeclinedInsufficientFunds", "4000000000009995", "Declined: insufficient funds", {
    code: "card_declined",
    declineCode: "insufficient_funds",
    message: "Your card has insufficient funds.",
  }),
  declining("pm_card_chargeDeclinedLostCard", "4000000000009987", "Declined: lost card", {
    code: "card_declined",
    declineCode: "lost_card",
    message: DECLINED,
  }),
  declining("pm_card_chargeDeclinedStolenCard", "4000000000009979", "Declined: stolen card", {
    code: "card_declined",
    declineCode: "stolen_card",
    message: DECLINED,
  }),
  declining("pm_card_chargeDeclinedExpiredCard", "4000000000000069", "Declined: expired card", {
    code: "expired_card",
    message: "Your card has expired.",
  }),
  declining("pm_card_chargeDeclinedIncorrectCvc", "4000000000000127", "Declined: wrong security code", {
    code: "incorrect_cvc",
    message: "Your card's security code is incorrect.",
  }),
  declining("pm_card_chargeDeclinedProcessingError", "4000000000000119", "Declined: processing error", {
    code: "processing_error",
    message: "An error occurred while processing your card. Try again in a little bit.",
  }),
  card("pm_card_chargeCustomerFail", "4000000000000341", "Can be saved, then declines", {
    fate: { outcome: "declines", code: "card_declined", declineCode: "generic_decline", message: DECLINED },
  }),
  card("pm_card_authenticationRequiredOnSetup", "4000002500003155", "3-D Secure, later payments without", {
    authentication: "until_set_up",
  }),
  card("pm_card_authenticationRequired", "4000002760003184", "3-D Secure every time", { authentication: "always" }),
  card(
    "pm_card_authenticationRequiredChargeDeclinedInsufficientFunds",
    "4000008260003178",
    "3-D Secure, then insufficient funds",
    {
      authentication: "always",
      fate: {
        outcome: "declines",
        code: "card_declined",
        declineCode: "insufficient_funds",
        message: "Your card has insufficient funds.",
      },
    },
  ),
  card("pm_card_createDispute", "4000000000000259", "Succeeds, then disputed as fraud", {
    fate: { outcome: "is_disputed", reason: "fraudulent" },
  }),
  bank("pm_usBankAccount_success", "000123456789", "Clears after 4 business days"),
  bank("pm_usBankAccount_noAccount", "000111111116", "Fails: no such account", {
    outcome: "fails",
    code: "no_account",
    networkCode: "R03",
    reason: "bank_account_invalid_details",
  }),
  bank("pm_usBankAccount_accountClosed", "000111111113", "Fails: account closed", {
    outcome: "fails",
    code: "account_closed",
    networkCode: "R02",
    reason: "bank_account_closed",
  }),
  bank("pm_usBankAccount_insufficientFunds", "000222222227", "Fails: insufficient funds", {
    outcome: "fails",
    code: "insufficient_funds",
  }),
  bank("pm_usBankAccount_debitNotAuthorized", "000333333335", "Fails: debits not authorized", {
    outcome: "fails",
    code: "debit_not_authorized",
    networkCode: "R10",
    reason: "debit_not_authorized",
  }),
  bank("pm_usBankAccount_weeklyLimitExceeded", "000777777771", "Fails: weekly limit", {
    outcome: "fails",
    code: "charge_exceeds_weekly_limit",
  }),
  bank("pm_usBankAccount_dispute", "000555555559", "Clears, then comes back", {
    outcome: "is_disputed",
    reason: "insufficient_funds",
  }),
  bank("pm_usBankAccount_processing", "000000000009", "Stays in processing", { outcome: "stays" }),
];

/** The test method behind a magic id (`pm_card_visa`), if there is one. */
export const testMethod = (token: string): TestMethod | undefined => TEST_METHODS.find((one) => one.token === token);

/** The test card or account with a number as typed, spaces and dashes aside. */
export function testMethodNumbered(kind: TestMethod["kind"], typed: string): TestMethod | undefined {
  const digits = typed.replace(/[\s-]/g, "");
  return TEST_METHODS.find((one) => one.kind === kind && one.number === digits);
}
