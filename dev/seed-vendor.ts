import type Stripe from "stripe";
import type { SeedVendor } from "../db/seed.ts";

/** The seed's hands at Stripe, or at its stand-in: customers who have typed in a test card or a test bank account. */
export function seedVendor(stripe: Stripe, clear: SeedVendor["clear"]): SeedVendor {
  return {
    clear,
    async savedMethod({ accountId, name, email, token }) {
      const customer = await stripe.customers.create({
        name,
        email: email ?? undefined,
        metadata: { account_id: accountId },
      });
      // A bank account needs a mandate before it can be charged; a set-up intent gives it one, and attaches either kind.
      const setup = await stripe.setupIntents.create({
        customer: customer.id,
        payment_method: token,
        allowed_payment_method_types: [token.includes("Bank") ? "us_bank_account" : "card"],
        confirm: !token.includes("authenticationRequired"),
        usage: "off_session",
        ...(token.includes("Bank")
          ? { mandate_data: { customer_acceptance: { type: "offline" as const, offline: {} } } }
          : {}),
      });
      const method = token.includes("authenticationRequired")
        ? await stripe.paymentMethods.attach(token, { customer: customer.id })
        : await stripe.paymentMethods.retrieve(String(setup.payment_method));
      const { card, us_bank_account: bank } = method;
      return {
        customerId: customer.id,
        paymentMethodId: method.id,
        kind: bank ? "bank" : "card",
        brand: bank?.bank_name ?? card?.brand ?? "",
        lastFour: bank?.last4 ?? card?.last4 ?? "",
        expiresMonth: card?.exp_month ?? null,
        expiresYear: card?.exp_year ?? null,
        mandateId: setup.mandate === null ? null : String(setup.mandate),
      };
    },
  };
}
