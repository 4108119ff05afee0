import type { Instant } from "./calendar.ts";
import type { Job } from "./jobs.ts";
import type { Cents } from "./money.ts";

/** Where the world begins. Types only: what a feature may ask of it, in our words. `src/adapters/` answers. */
export type Ports = {
  payments: Payments;
  email: Email;
  sms: Sms;
  files: Files;
  jobs: Jobs;
  identities: IdentityProviders;
  outgoing: Outgoing;
  /** The world's own clock, which telephones go by, wherever a town has moved ours. */
  clock: { now: () => Instant };
};

/** Thrown by a port that could not reach its vendor, or got no clear answer, where the caller must not guess. */
export class VendorTrouble extends Error {
  readonly vendor: string;
  /** When the vendor wants to be asked again, if it said. */
  readonly retryInSeconds: number | null;
  constructor(vendor: string, cause: unknown, retryInSeconds: number | null = null) {
    super(`${vendor} gave no usable answer`, { cause });
    this.vendor = vendor;
    this.retryInSeconds = retryInSeconds;
  }
}

export type MethodKind = "card" | "bank";

/** A card or bank account as it may be shown: `visa`, `4242`; `STRIPE TEST BANK`, `6789`. */
export type PaidWith = { kind: MethodKind; brand: string; lastFour: string };

/** A method the customer agreed to keep for later payments. */
export type SavedMethod = PaidWith & {
  paymentMethodId: string;
  fingerprint: string | null;
  expiresMonth: number | null;
  expiresYear: number | null;
};

/** The same when it has just been given, with the vendor's record of the permission to debit it; cards have none. */
export type GivenMethod = SavedMethod & { mandateId: string | null };

/**
 * Where one attempt to move money stands, asked fresh.
 * - `unconfirmed`: exists, nobody has confirmed it; no money can move until somebody does.
 * - `action`: the customer has a page to visit (`url`): the hosted checkout, or the bank's 3-D Secure.
 * - `processing`: a bank debit on its way; days.
 * - `settled`: the money is ours.
 * - `failed`: it did not move **and can no longer move**: the attempt has been canceled or expired at the vendor.
 * - `unknown`: no clear answer; ask again later, never treat as failed.
 */
export type ChargeOutcome =
  | { state: "unconfirmed" }
  | { state: "action"; url: string }
  | { state: "processing"; with: PaidWith | null; saved: GivenMethod | null }
  | { state: "settled"; cents: Cents; with: PaidWith | null; saved: GivenMethod | null }
  | { state: "failed"; code: string; with: PaidWith | null }
  | { state: "unknown" };

/** The two ways an attempt stands at the vendor: a PaymentIntent of ours, or a hosted checkout. */
export type ChargeRef = { paymentId: string; intentId: string | null; checkoutId: string | null };

/** What a webhook's fresh object says about one of our payments. */
export type PaymentNews =
  | { paymentId: string; kind: "outcome"; outcome: ChargeOutcome }
  | ({ paymentId: string; kind: "returned" } & VendorReturn)
  | { paymentId: string; kind: "refunded"; refunds: VendorRefund[] };

/** Money that a customer's bank took back. `running` until a card's dispute is decided; what is `won` is ours again. */
export type VendorReturn = { returnId: string; cents: Cents; code: string; state: "running" | "lost" | "won" };

/** Money given back, as the vendor has it. `refundId` is ours; null for one that was made at the vendor by hand. */
export type VendorRefund = {
  vendorId: string;
  refundId: string | null;
  cents: Cents;
  state: "pending" | "settled" | "failed";
  code: string | null;
};

/**
 * Where giving money back stands.
 * - `made`: the vendor has it, in whatever state.
 * - `refused`: a definite no; nothing was given back, and by this request nothing will be.
 * - `absent`: the vendor knows of none with our id (yet).
 * - `spent`: none, and none can come of this generation: the vendor keeps an error as its answer.
 * - `unknown`: no clear answer; ask again later.
 */
export type RefundOutcome =
  | { state: "made"; refund: VendorRefund }
  | { state: "refused"; code: string }
  | { state: "absent" }
  | { state: "spent" }
  | { state: "unknown" };

/**
 * One of our payments as the vendor's list has it. `refundedCents` is without what failed; `customerId` is null where the
 * vendor has deleted the customer; `description` names the invoices that it was begun for.
 */
export type VendorPayment = {
  paymentId: string;
  intentId: string;
  customerId: string | null;
  description: string;
  startedAt: Instant;
  state: "open" | "processing" | "settled" | "failed";
  cents: Cents;
  refundedCents: Cents;
};

/**
 * Where adding a method stands, asked fresh; no money moves by it.
 * - `open`: the customer has not finished the vendor's page at `url`.
 * - `verifying`: a bank account waits until its owner has typed the small deposits in at `url`.
 * - `done`: the method is attached to the customer and may be charged.
 * - `failed`: abandoned, expired, or the account could not be verified; nothing was attached.
 * - `unknown`: no clear answer; ask again later.
 */
export type SetupOutcome =
  | { state: "open"; url: string }
  | { state: "verifying"; url: string; brand: string; lastFour: string }
  | { state: "done"; saved: GivenMethod }
  | { state: "failed"; code: string }
  | { state: "unknown" };

/** What a webhook's fresh object says about adding a method, or about one that is kept. */
export type MethodNews =
  | { kind: "setup"; setupId: string; outcome: SetupOutcome }
  | { kind: "refreshed"; saved: SavedMethod; blocked: string | null }
  | { kind: "unusable"; paymentMethodId: string; reason: string }
  | { kind: "customer_gone"; customerId: string };

export type Payments = {
  /** The vendor's customer for an account; asked twice it is the same one (for a day). Throws VendorTrouble. */
  createCustomer(p: { accountId: string; name: string; email: string | null }): Promise<string>;
  /** An unconfirmed charge of a saved method; moves no money. Same payment id, same charge. Throws VendorTrouble. */
  prepareCharge(p: {
    paymentId: string;
    cents: Cents;
    customerId: string;
    paymentMethodId: string;
    description: string;
  }): Promise<{ intentId: string }>;
  /**
   * Confirms a prepared charge. `returnTo` is where the customer's bank sends them back to; null when nobody is there,
   * who agreed beforehand: a bank that wants to see them then declines. Never throws: `unknown` when there was no clear
   * answer, `unconfirmed` when the vendor is asked too much just now and has done nothing.
   */
  confirmCharge(p: { paymentId: string; intentId: string; returnTo: string | null }): Promise<ChargeOutcome>;
  /**
   * A hosted checkout for one payment with a new card or bank account, open until `expiresAt`.
   * Same payment id, same checkout. Throws VendorTrouble.
   */
  openCheckout(p: {
    paymentId: string;
    cents: Cents;
    customerId: string;
    description: string;
    kinds: MethodKind[];
    save: boolean;
    returnTo: string;
    language: "en" | "es";
    expiresAt: Instant;
  }): Promise<{ checkoutId: string; url: string }>;
  /** Asks where an attempt stands. A declined attempt is canceled before it is called failed. Never throws. */
  outcome(ref: ChargeRef): Promise<ChargeOutcome>;
  /** Cancels an attempt that has not moved money. Answers `failed` once it is certain, else the truth. Never throws. */
  cancel(ref: ChargeRef): Promise<ChargeOutcome>;
  /**
   * A hosted page that takes a card or a bank account for later, with its billing address, open until `expiresAt`; charges
   * nothing. Same setup id, same page. Throws VendorTrouble.
   */
  openSetup(p: {
    setupId: string;
    customerId: string;
    kind: MethodKind;
    returnTo: string;
    language: "en" | "es";
    expiresAt: Instant;
  }): Promise<{ checkoutId: string; setupIntentId: string | null; url: string }>;
  /** Asks where adding a method stands. Never throws. */
  setupOutcome(checkoutId: string): Promise<SetupOutcome>;
  /** Makes the vendor forget a method, so that it can never be charged again. Twice is once. Throws VendorTrouble. */
  detachMethod(paymentMethodId: string): Promise<void>;
  /** Fetches what an event says about adding or keeping a method, fresh. Null when nothing. Throws VendorTrouble. */
  methodNews(event: { type: string; objectId: string }): Promise<MethodNews | null>;
  /**
   * Gives money back to where it came from. Our refund's id and its generation are the idempotency key, so the same is
   * made once (for a day). Never throws.
   */
  refund(p: { refundId: string; generation: number; charge: ChargeRef; cents: Cents }): Promise<RefundOutcome>;
  /** Asks where a refund stands, by the vendor's id or, where we do not know it, by ours. Never throws. */
  refundOutcome(p: { refundId: string; vendorId: string | null; charge: ChargeRef }): Promise<RefundOutcome>;
  /** One payment as the vendor has it, with its refunds. Null when it knows none. Throws VendorTrouble. */
  look(charge: ChargeRef): Promise<(VendorPayment & { refunds: VendorRefund[] }) | null>;
  /** A page of our payments that were begun since, newest first. `next` leads on. Throws VendorTrouble. */
  listPayments(since: Instant, cursor: string | null): Promise<{ found: VendorPayment[]; next: string | null }>;
  /** The same of the refunds, or of the returns, that were made since: as news. Throws VendorTrouble. */
  listNews(
    of: "refunds" | "returns",
    since: Instant,
    cursor: string | null,
  ): Promise<{ found: PaymentNews[]; next: string | null }>;
  /** Checks a webhook's signature on its raw body. Null when it is not from the vendor. */
  readWebhook(
    body: string,
    signature: string,
    now: Instant,
  ): Promise<{ id: string; type: string; objectId: string } | null>;
  /** Fetches what an event is about, fresh. Null when it is none of ours. Throws VendorTrouble. */
  news(event: { type: string; objectId: string }): Promise<PaymentNews | null>;
};

/** `sent`, `retry` (later, perhaps after `retryInSeconds`), or `never` (it cannot be delivered; `reason` says why). */
export type SendResult =
  | { result: "sent"; vendorId: string }
  | { result: "retry"; retryInSeconds: number | null }
  | { result: "never"; reason: string };

export type Email = {
  /** Sends one mail. `id` is the idempotency key: the same id within a day is the same mail. Never throws. */
  send(m: {
    id: string;
    from: string;
    replyTo: string | null;
    to: string;
    subject: string;
    html: string;
    text: string;
  }): Promise<SendResult>;
};

export type InboundText = { id: string; from: string; to: string; text: string };

export type Sms = {
  /** Sends one text. The carrier keeps no idempotency keys, so the caller must not repeat an unclear send. Never throws. */
  send(m: { id: string; to: string; text: string; statusTo: string | null }): Promise<SendResult>;
  /** Checks the carrier's signature over the public URL and the form. Null when it is not the carrier's. */
  readWebhook(url: string, form: Record<string, string>, signature: string): Promise<InboundText | null>;
};

type StoredFile = { bytes: Uint8Array; contentType: string };

export type Files = {
  put(key: string, bytes: Uint8Array, contentType: string): Promise<void>;
  read(key: string): Promise<StoredFile | null>;
};

export type Jobs = {
  /**
   * Enqueues, a hundred at a time; with `perSecond`, so many come due in each second from now on, in their order. A nudge
   * only: whatever matters is also a row that a sweep finds. Throws VendorTrouble.
   */
  send(jobs: Job[], perSecond?: number): Promise<void>;
};

export type ProviderName = "google" | "microsoft" | "apple";

/** A person as a provider knows them. `subject` never changes; `email` is empty where the provider tells none. */
export type Identity = { provider: ProviderName; subject: string; email: string; emailVerified: boolean };

/** What a sign-in with a provider holds until the browser is back: `state` for the answer, `nonce` for the token. */
type ProviderTrip = { provider: ProviderName; returnTo: string; nonce: string; verifier: string };

export type IdentityProviders = {
  /** The provider's own page, where the person says yes. */
  consentPage(trip: ProviderTrip & { state: string }): Promise<string>;
  /**
   * Trades the code that came back for who it was. Null when the provider does not know the code (any more), or when its
   * token is not for us, not for this trip or too old. Throws VendorTrouble when there is no usable answer.
   */
  whoConsented(trip: ProviderTrip & { code: string }): Promise<Identity | null>;
};

export type Outgoing = {
  /** Whether an address is one that we send to: https, on the open internet, without a password in it. */
  mayReach(url: string): boolean;
  /**
   * Posts a signed message (Standard Webhooks) to the dealer's own software; the same `id` is the same message. `taken` for
   * 2xx, else `refused` with what came instead, in words for the office. Never throws.
   */
  post(m: {
    url: string;
    secret: string;
    id: string;
    at: Instant;
    body: string;
  }): Promise<{ result: "taken" } | { result: "refused"; reason: string }>;
};
