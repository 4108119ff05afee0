import type Stripe from "stripe";

/** The `error` object of Stripe's answers. https://docs.stripe.com/api/errors */
export type ErrorBody = {
  type: "api_error" | "card_error" | "idempotency_error" | "invalid_request_error";
  message: string;
  code?: string;
  param?: string;
  decline_code?: string;
  advice_code?: string;
  charge?: string;
  payment_intent?: Stripe.PaymentIntent;
  payment_method?: Stripe.PaymentMethod;
  setup_intent?: Stripe.SetupIntent;
};

/** An answer other than success. `saved`: the work had begun, so an idempotency key replays this answer. */
export class StripeFailure extends Error {
  readonly status: number;
  readonly body: ErrorBody;
  readonly saved: boolean;
  constructor(status: number, body: ErrorBody, saved: boolean) {
    super(body.message);
    this.status = status;
    this.body = body;
    this.saved = saved;
  }
}

/** 400 for a parameter; never saved under an idempotency key. */
export const badParameter = (param: string, message: string, code?: string): StripeFailure =>
  new StripeFailure(400, { type: "invalid_request_error", message, param, ...(code ? { code } : {}) }, false);

/** 404 (or 400 when named by a parameter) for an object that this account does not have. */
export const missing = (what: string, id: string, param = "id"): StripeFailure =>
  new StripeFailure(
    param === "id" ? 404 : 400,
    { type: "invalid_request_error", code: "resource_missing", message: `No such ${what}: '${id}'`, param },
    false,
  );

/** 400 because the object's state does not allow it; saved, since the work had begun. */
export const wrongState = (code: string, message: string, more: Partial<ErrorBody> = {}): StripeFailure =>
  new StripeFailure(400, { type: "invalid_request_error", code, message, ...more }, true);

/** 402: the bank or the card network said no. Saved. */
export const declined = (body: Omit<ErrorBody, "type">): StripeFailure =>
  new StripeFailure(402, { type: "card_error", ...body }, true);
