import { createHash } from "node:crypto";
import type Stripe from "stripe";
import type { TestMethod } from "./stripe-test-methods.ts";

/** Something the bank will do by itself once its clock reaches `at` (UTC seconds). */
export type Due = { at: number } & (
  | { does: "clear"; intentId: string }
  | { does: "dispute"; chargeId: string; reason: string }
  | { does: "expire"; sessionId: string }
  | { does: "refund"; refundId: string }
  | { does: "deposits_expire"; setupId: string }
  | { does: "request"; request: KeptRequest }
);

/** A request whose sender has gone away, to be carried out later: the late effect. */
export type KeptRequest = { method: string; path: string; body: string; idempotencyKey: string | null };

/** What is remembered under an idempotency key; `answer` is null while the first request is still at work. */
export type KeptAnswer = {
  at: number;
  asked: string;
  requestId: string;
  answer: { status: number; body: string } | null;
};

/** One event on its way to one endpoint (its place in the account's list). */
export type Delivery = {
  id: string;
  eventId: string;
  endpoint: number;
  at: number;
  since: number;
  attempts: number;
  state: "waiting" | "delivered" | "dropped" | "given up";
};

/** All that one account's bank remembers: plain JSON, objects in the shape of the API with ids unexpanded. */
export type Book = {
  seed: string;
  counter: number;
  customers: Record<string, Stripe.Customer>;
  methods: Record<string, Stripe.PaymentMethod>;
  mandates: Record<string, Stripe.Mandate>;
  setupIntents: Record<string, Stripe.SetupIntent>;
  intents: Record<string, Stripe.PaymentIntent>;
  charges: Record<string, Stripe.Charge>;
  refunds: Record<string, Stripe.Refund>;
  disputes: Record<string, Stripe.Dispute>;
  sessions: Record<string, Stripe.Checkout.Session>;
  events: Record<string, Stripe.Event>;
  deliveries: Delivery[];
  due: Due[];
  keys: Record<string, KeptAnswer>;
  /** What a method does when it is charged, and what has become of it. */
  /** Customers who were deleted; kept states of before know of none. */
  deletedCustomers?: Record<string, true>;
  traits: Record<string, Traits>;
  /** The checkout session that made an intent. */
  sessionOf: Record<string, string>;
  /** What a checkout gives to the intent it makes when the customer submits. */
  sessionPlans: Record<string, SessionPlan>;
  /** The mandate under which a bank account may be debited, by method. */
  mandateOf: Record<string, string>;
};

export type Traits = {
  token: TestMethod["token"];
  setUp: boolean;
  usedUp: boolean;
  bounces: number;
  /** How often wrong small deposits were typed in. */
  wrongDeposits?: number;
};

export type SessionPlan = {
  itemName: string;
  description: string | null;
  metadata: Record<string, string>;
  save: boolean;
};

/** One Stripe account at work: its book, the clock, and where its events go. */
export type Bank = {
  name: string;
  secretKey: string;
  webhooks: { url: string; secret: string }[];
  origin: string;
  now: () => number;
  book: Book;
  delivery: DeliveryMode;
  /** The API request being carried out, for the events it causes. */
  request: { id: string | null; idempotency_key: string | null };
};

/** How events travel; `late` by that many seconds. */
export type DeliveryMode =
  | { mode: "normal" | "twice" | "out_of_order" | "dropped" }
  | { mode: "late"; seconds: number };

/** A book with nothing in it. The same seed makes the same ids in the same order. */
export const emptyBook = (seed: string): Book => ({
  seed,
  counter: 0,
  customers: {},
  methods: {},
  mandates: {},
  setupIntents: {},
  intents: {},
  charges: {},
  refunds: {},
  disputes: {},
  sessions: {},
  events: {},
  deliveries: [],
  due: [],
  keys: {},
  traits: {},
  sessionOf: {},
  sessionPlans: {},
  mandateOf: {},
});

/** A fresh id such as `pi_8fK…`, different in every account. */
export function newId(bank: Bank, prefix: string, length = 24): string {
  bank.book.counter += 1;
  const digest = createHash("sha512")
    .update(`${bank.book.seed}:${bank.name}:${prefix}:${bank.book.counter}`)
    .digest("base64");
  return `${prefix}_${digest.replace(/[^A-Za-z0-9]/g, "").slice(0, length)}`;
}

/** The id in a field that may hold an id or an expanded object. */
export const idOf = (value: string | { id: string } | null | undefined): string | null =>
  value == null ? null : typeof value === "string" ? value : value.id;
