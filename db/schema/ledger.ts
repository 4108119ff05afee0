import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { accounts, users } from "./people.ts";
import { sites } from "./premises.ts";
import { events } from "./records.ts";

/**
 * Money asked for. The dealer's back office is the book of record.
 * `allocated_cents` is what settled payments and credits cover, `held_cents` what payments under way have spoken for.
 */
export const invoices = sqliteTable(
  "invoices",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    siteId: text("site_id").references(() => sites.id),
    number: text("number").notNull(),
    kind: text("kind", { enum: ["recurring", "service", "install", "late_fee", "other"] }).notNull(),
    /** Only `sent` is seen or counted by a customer; `void` vanishes. Open, partly paid and past due are derived. */
    status: text("status", { enum: ["unsent", "sent", "void"] }).notNull(),
    issuedOn: text("issued_on").notNull(),
    dueOn: text("due_on").notNull(),
    totalCents: integer("total_cents").notNull(),
    allocatedCents: integer("allocated_cents").notNull().default(0),
    heldCents: integer("held_cents").notNull().default(0),
    memo: text("memo").notNull().default(""),
    /** Off: from a bank account only. */
    cardPayments: integer("card_payments", { mode: "boolean" }).notNull().default(true),
    /** From when on its customer is to be told that it was sent; null once that is done, or where it is not to be. */
    announceAt: integer("announce_at"),
    importHash: text("import_hash"),
  },
  (t) => [
    uniqueIndex("invoice_number_unique").on(t.number),
    // Holds all that the sums of what is due need, so that many open invoices are read from the index alone.
    index("invoices_open")
      .on(t.accountId, t.dueOn, t.number, t.totalCents, t.allocatedCents, t.heldCents, t.id)
      .where(sql`status = 'sent' and allocated_cents < total_cents`),
    index("invoices_paid")
      .on(t.accountId, t.issuedOn, t.id)
      .where(sql`status = 'sent' and allocated_cents >= total_cents`),
    index("invoices_by_account").on(t.accountId, t.issuedOn, t.id),
    index("invoices_to_announce").on(t.id, t.announceAt).where(sql`announce_at is not null`),
    index("invoices_set_aside").on(t.accountId).where(sql`status = 'unsent' and allocated_cents > 0`),
    check(
      "invoice_not_overpaid",
      sql`${t.heldCents} >= 0 and ${t.allocatedCents} >= 0 and ${t.heldCents} + ${t.allocatedCents} <= ${t.totalCents}`,
    ),
    check(
      "invoice_whole_cents",
      sql`typeof(${t.totalCents}) = 'integer' and typeof(${t.allocatedCents}) = 'integer' and typeof(${t.heldCents}) = 'integer'`,
    ),
    check("invoice_void_is_empty", sql`${t.status} <> 'void' or (${t.allocatedCents} = 0 and ${t.heldCents} = 0)`),
    check("invoice_unsent_is_empty", sql`${t.status} <> 'unsent' or ${t.heldCents} = 0`),
    check("invoice_status_known", sql`${t.status} in ('unsent', 'sent', 'void')`),
    check("invoice_kind_known", sql`${t.kind} in ('recurring', 'service', 'install', 'late_fee', 'other')`),
  ],
);

/** One line of an invoice, with its own tax. */
export const invoiceLines = sqliteTable(
  "invoice_lines",
  {
    invoiceId: text("invoice_id")
      .notNull()
      .references(() => invoices.id),
    position: integer("position").notNull(),
    description: text("description").notNull(),
    serviceFromOn: text("service_from_on"),
    serviceToOn: text("service_to_on"),
    /** Thousandths, so that 1.5 hours stay whole numbers. */
    quantityThousandths: integer("quantity_thousandths").notNull(),
    unitCents: integer("unit_cents").notNull(),
    amountCents: integer("amount_cents").notNull(),
    taxName: text("tax_name"),
    taxCents: integer("tax_cents").notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.invoiceId, t.position] }),
    check("invoice_line_whole_cents", sql`typeof(${t.amountCents}) = 'integer' and typeof(${t.taxCents}) = 'integer'`),
  ],
);

/** A saved card or bank account: a token and what may be shown of it. */
export const paymentMethods = sqliteTable(
  "payment_methods",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    kind: text("kind", { enum: ["card", "bank"] }).notNull(),
    brand: text("brand").notNull(),
    lastFour: text("last_four").notNull(),
    expiresMonth: integer("expires_month"),
    expiresYear: integer("expires_year"),
    fingerprint: text("fingerprint"),
    stripePaymentMethodId: text("stripe_payment_method_id").notNull(),
    /** The vendor's record of the permission under which a bank account is debited; cards have none. */
    mandateId: text("mandate_id"),
    isDefault: integer("is_default", { mode: "boolean" }).notNull().default(false),
    savedAt: integer("saved_at").notNull(),
    /** The customer asked for its removal, and the office has not done it yet. */
    removalRequestedAt: integer("removal_requested_at"),
    removedAt: integer("removed_at"),
    /** When the vendor let go of it; a removed one is swept until then. */
    detachedAt: integer("detached_at"),
    /** The bank will not let it be charged any more: a vendor's or a bank's word for why. */
    blocked: text("blocked"),
  },
  (t) => [
    uniqueIndex("payment_method_token_unique").on(t.stripePaymentMethodId),
    index("payment_methods_by_account").on(t.accountId),
    index("payment_methods_by_expiry").on(t.expiresYear, t.expiresMonth, t.id).where(sql`removed_at is null`),
    index("payment_methods_to_detach").on(t.id).where(sql`removed_at is not null and detached_at is null`),
    index("payment_methods_to_remove")
      .on(t.removalRequestedAt, t.id)
      .where(sql`removal_requested_at is not null and removed_at is null`),
    check("payment_method_kind_known", sql`${t.kind} in ('card', 'bank')`),
  ],
);

/**
 * One attempt to move money in. Refunded and returned are amounts, not states: a settled payment stays settled.
 * `review_reason` set means a person must look; the sweep no longer asks.
 */
export const payments = sqliteTable(
  "payments",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    origin: text("origin", { enum: ["portal", "import"] }).notNull(),
    /** The dealer's own number; null for payments made here. */
    number: text("number"),
    kind: text("kind", { enum: ["card", "bank", "check", "cash", "other"] }).notNull(),
    brand: text("brand").notNull().default(""),
    lastFour: text("last_four").notNull().default(""),
    paymentMethodId: text("payment_method_id").references(() => paymentMethods.id),
    amountCents: integer("amount_cents").notNull(),
    allocatedCents: integer("allocated_cents").notNull().default(0),
    refundedCents: integer("refunded_cents").notNull().default(0),
    returnedCents: integer("returned_cents").notNull().default(0),
    state: text("state", { enum: ["pending", "processing", "settled", "failed"] }).notNull(),
    failureCode: text("failure_code"),
    stripePaymentIntentId: text("stripe_payment_intent_id"),
    stripeCheckoutId: text("stripe_checkout_id"),
    saveMethod: integer("save_method", { mode: "boolean" }).notNull().default(false),
    startedBy: text("started_by").references(() => users.id),
    startedAt: integer("started_at").notNull(),
    /** The dealer's local date of the money: settled here, or as the back office says. */
    paidOn: text("paid_on").notNull(),
    closedAt: integer("closed_at"),
    /** When the sweep asks next, and how often it has asked. */
    checkAt: integer("check_at"),
    checks: integer("checks").notNull().default(0),
    reviewReason: text("review_reason"),
    /** When the nightly reckoning last found the vendor saying the same. */
    reckonedAt: integer("reckoned_at"),
    importHash: text("import_hash"),
  },
  (t) => [
    uniqueIndex("payment_number_unique").on(t.number),
    uniqueIndex("payment_intent_unique").on(t.stripePaymentIntentId),
    uniqueIndex("payment_checkout_unique").on(t.stripeCheckoutId),
    index("payments_by_account").on(t.accountId, t.paidOn, t.id),
    index("payments_to_check")
      .on(t.id, t.checkAt)
      .where(sql`state in ('pending', 'processing') and review_reason is null`),
    index("payments_under_way").on(t.accountId).where(sql`state in ('pending', 'processing')`),
    // The column stands on the left: SQLite turns a comparison round so, and knows the index only by the same words.
    index("payments_with_credit")
      .on(t.accountId)
      .where(sql`state = 'settled' and amount_cents > allocated_cents + refunded_cents + returned_cents`),
    check("payment_positive", sql`typeof(${t.amountCents}) = 'integer' and ${t.amountCents} > 0`),
    check(
      "payment_not_overallocated",
      sql`${t.allocatedCents} >= 0 and ${t.refundedCents} >= 0 and ${t.returnedCents} >= 0 and ${t.allocatedCents} + ${t.refundedCents} + ${t.returnedCents} <= ${t.amountCents}`,
    ),
    check(
      "payment_moves_money_once_settled",
      sql`${t.state} = 'settled' or (${t.allocatedCents} = 0 and ${t.refundedCents} = 0 and ${t.returnedCents} = 0)`,
    ),
    check("payment_state_known", sql`${t.state} in ('pending', 'processing', 'settled', 'failed')`),
    check("payment_kind_known", sql`${t.kind} in ('card', 'bank', 'check', 'cash', 'other')`),
  ],
);

/** What a payment of ours was started for. Written once; it counts in `held_cents` while the payment is under way. */
export const holds = sqliteTable(
  "holds",
  {
    paymentId: text("payment_id")
      .notNull()
      .references(() => payments.id),
    invoiceId: text("invoice_id")
      .notNull()
      .references(() => invoices.id),
    amountCents: integer("amount_cents").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.paymentId, t.invoiceId] }),
    index("holds_by_invoice").on(t.invoiceId),
    check("hold_positive", sql`typeof(${t.amountCents}) = 'integer' and ${t.amountCents} > 0`),
  ],
);

/** Money the dealer gives back without cash. */
export const credits = sqliteTable(
  "credits",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    number: text("number"),
    reason: text("reason").notNull(),
    /** The user's id of whoever in the office gave it; null for one from the back office. */
    by: text("by"),
    /** The payment of which it was given instead of a refund. */
    paymentId: text("payment_id").references(() => payments.id),
    issuedOn: text("issued_on").notNull(),
    amountCents: integer("amount_cents").notNull(),
    allocatedCents: integer("allocated_cents").notNull().default(0),
    importHash: text("import_hash"),
  },
  (t) => [
    uniqueIndex("credit_number_unique").on(t.number),
    index("credits_by_account").on(t.accountId, t.issuedOn, t.id),
    index("credits_by_payment").on(t.paymentId).where(sql`payment_id is not null`),
    index("credits_unused").on(t.accountId).where(sql`amount_cents > allocated_cents`),
    check("credit_positive", sql`typeof(${t.amountCents}) = 'integer' and ${t.amountCents} > 0`),
    check("credit_not_overallocated", sql`${t.allocatedCents} >= 0 and ${t.allocatedCents} <= ${t.amountCents}`),
  ],
);

/** How much of a payment or credit covers an invoice. Append-only and signed: taking money off again is a new row. */
export const allocations = sqliteTable(
  "allocations",
  {
    id: integer("id").primaryKey(),
    invoiceId: text("invoice_id")
      .notNull()
      .references(() => invoices.id),
    paymentId: text("payment_id").references(() => payments.id),
    creditId: text("credit_id").references(() => credits.id),
    amountCents: integer("amount_cents").notNull(),
    at: integer("at").notNull(),
    eventKey: text("event_key")
      .notNull()
      .references(() => events.key),
  },
  (t) => [
    index("allocations_by_invoice").on(t.invoiceId),
    index("allocations_by_payment").on(t.paymentId),
    index("allocations_by_credit").on(t.creditId),
    check("allocation_has_one_source", sql`(${t.paymentId} is null) <> (${t.creditId} is null)`),
    check("allocation_not_zero", sql`typeof(${t.amountCents}) = 'integer' and ${t.amountCents} <> 0`),
  ],
);

/**
 * A settled payment that the bank took back. `id` is the vendor's dispute. A card's can be answered: `running` until the
 * network decides, and what was `won` is here again.
 */
export const returns = sqliteTable(
  "returns",
  {
    id: text("id").primaryKey(),
    paymentId: text("payment_id")
      .notNull()
      .references(() => payments.id),
    amountCents: integer("amount_cents").notNull(),
    /** What of it was still here to be taken: refunds had gone before. Nothing once it is won. */
    takenCents: integer("taken_cents").notNull().default(0),
    code: text("code").notNull(),
    state: text("state", { enum: ["running", "lost", "won"] })
      .notNull()
      .default("lost"),
    at: integer("at").notNull(),
    /** When the nightly reckoning last found the vendor listing it. */
    reckonedAt: integer("reckoned_at"),
  },
  (t) => [
    index("returns_by_payment").on(t.paymentId),
    index("returns_by_time").on(t.at, t.id),
    check("return_positive", sql`${t.amountCents} > 0`),
    check("return_takes_no_more_than_itself", sql`${t.takenCents} between 0 and ${t.amountCents}`),
    check("return_won_is_back", sql`${t.state} <> 'won' or ${t.takenCents} = 0`),
    check("return_state_known", sql`${t.state} in ('running', 'lost', 'won')`),
  ],
);

/** Money given back to the method it came from. */
export const refunds = sqliteTable(
  "refunds",
  {
    id: text("id").primaryKey(),
    paymentId: text("payment_id")
      .notNull()
      .references(() => payments.id),
    amountCents: integer("amount_cents").notNull(),
    reason: text("reason").notNull(),
    state: text("state", { enum: ["pending", "settled", "failed"] }).notNull(),
    generation: integer("generation").notNull().default(0),
    /** When the sweep asks next; null once it is over. */
    checkAt: integer("check_at"),
    failureCode: text("failure_code"),
    stripeRefundId: text("stripe_refund_id"),
    by: text("by").notNull(),
    at: integer("at").notNull(),
    /** When the nightly reckoning last found the vendor listing it. */
    reckonedAt: integer("reckoned_at"),
  },
  (t) => [
    index("refunds_by_payment").on(t.paymentId),
    index("refunds_by_time").on(t.at, t.id),
    index("refunds_to_check").on(t.id, t.checkAt).where(sql`state = 'pending'`),
    uniqueIndex("refund_vendor_unique").on(t.stripeRefundId),
    check("refund_positive", sql`typeof(${t.amountCents}) = 'integer' and ${t.amountCents} > 0`),
    check("refund_state_known", sql`${t.state} in ('pending', 'settled', 'failed')`),
  ],
);
