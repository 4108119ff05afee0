import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { invoices, paymentMethods, payments } from "./ledger.ts";
import { accounts, users } from "./people.ts";

/** Standing arrangements: what a customer agreed to once, and what happens by itself from then on. */

/** How money moves by itself, which dealers differ in. One row; most pages do not read it. */
export const moneySettings = sqliteTable(
  "money_settings",
  {
    id: integer("id").primaryKey(),
    /** Whether customers take a card off themselves; otherwise they ask, and the office does. */
    customersRemoveMethods: integer("customers_remove_methods", { mode: "boolean" }).notNull().default(false),
    draftDayRule: text("draft_day_rule", { enum: ["fixed", "customer"] })
      .notNull()
      .default("customer"),
    /** The day when it is fixed, and the one that is proposed when the customer picks. */
    draftDay: integer("draft_day").notNull().default(1),
    stoppingAutopay: text("stopping_autopay", { enum: ["switch", "request"] })
      .notNull()
      .default("switch"),
    applyCredit: text("apply_credit", { enum: ["automatic", "by_hand"] })
      .notNull()
      .default("automatic"),
    statementKind: text("statement_kind", { enum: ["open_item", "balance_forward"] })
      .notNull()
      .default("open_item"),
    /** New invoices are mailed from here. Off: the dealer's own software does that. */
    mailInvoices: integer("mail_invoices", { mode: "boolean" }).notNull().default(true),
    /** Requests a second to one of the vendor's endpoints; Stripe raises its limits for those who ask. https://docs.stripe.com/rate-limits */
    bankRequestsPerSecond: integer("bank_requests_per_second").notNull().default(25),
    /** A day whose drafts come to no more than this is never out of the ordinary. */
    ordinaryDayCents: integer("ordinary_day_cents").notNull().default(500_000),
    /** Where the dealer's software hears of money, and the secret that signs it. Null: nowhere. */
    webhookUrl: text("webhook_url"),
    webhookSecret: text("webhook_secret"),
  },
  (t) => [
    check("money_settings_one_row", sql`${t.id} = 1`),
    check("money_settings_draft_day", sql`${t.draftDay} between 1 and 28`),
    check("money_settings_draft_day_rule_known", sql`${t.draftDayRule} in ('fixed', 'customer')`),
    check("money_settings_stopping_known", sql`${t.stoppingAutopay} in ('switch', 'request')`),
    check("money_settings_apply_credit_known", sql`${t.applyCredit} in ('automatic', 'by_hand')`),
    check("money_settings_statement_kind_known", sql`${t.statementKind} in ('open_item', 'balance_forward')`),
    check("money_settings_pace", sql`${t.bankRequestsPerSecond} between 1 and 1000`),
  ],
);

/**
 * What a customer agreed to, word for word, with how we know: 12 CFR 1005.10(b), Nacha, the card networks. Kept for two
 * years after the last debit; never changed.
 */
export const agreements = sqliteTable(
  "agreements",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    kind: text("kind", { enum: ["method", "autopay", "scheduled"] }).notNull(),
    text: text("text").notNull(),
    textHash: text("text_hash").notNull(),
    language: text("language", { enum: ["en", "es"] }).notNull(),
    /** The name that was typed, where one is asked for. */
    name: text("name").notNull().default(""),
    /** Where it was given from: the address and the browser as they said. */
    address: text("address").notNull(),
    userAgent: text("user_agent").notNull(),
    paymentMethodId: text("payment_method_id").references(() => paymentMethods.id),
    mandateId: text("mandate_id"),
    at: integer("at").notNull(),
  },
  (t) => [
    index("agreements_by_account").on(t.accountId, t.at),
    check("agreement_kind_known", sql`${t.kind} in ('method', 'autopay', 'scheduled')`),
  ],
);

/** A customer was sent to add a method; what came of it is asked like a payment's outcome. */
export const setups = sqliteTable(
  "setups",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    agreementId: text("agreement_id")
      .notNull()
      .references(() => agreements.id),
    /** `verifying`: the bank account waits for its two small deposits. */
    state: text("state", { enum: ["open", "verifying", "done", "failed"] })
      .notNull()
      .default("open"),
    stripeCheckoutId: text("stripe_checkout_id"),
    stripeSetupIntentId: text("stripe_setup_intent_id"),
    /** The new one is to be the usual one. */
    makeDefault: integer("make_default", { mode: "boolean" }).notNull().default(false),
    paymentMethodId: text("payment_method_id").references(() => paymentMethods.id),
    /** What may be shown of an account that is not verified yet. */
    brand: text("brand").notNull().default(""),
    lastFour: text("last_four").notNull().default(""),
    failureCode: text("failure_code"),
    startedAt: integer("started_at").notNull(),
    /** When the sweep asks next; null once it is over. */
    checkAt: integer("check_at"),
    checks: integer("checks").notNull().default(0),
  },
  (t) => [
    uniqueIndex("setup_checkout_unique").on(t.stripeCheckoutId),
    uniqueIndex("setup_intent_unique").on(t.stripeSetupIntentId),
    index("setups_by_account").on(t.accountId, t.startedAt),
    index("setups_to_check").on(t.id, t.checkAt).where(sql`state in ('open', 'verifying')`),
    check("setup_state_known", sql`${t.state} in ('open', 'verifying', 'done', 'failed')`),
  ],
);

/** Standing permission to draft a payment method each month. One row an account; its history is in the events. */
export const autopay = sqliteTable(
  "autopay",
  {
    accountId: text("account_id")
      .primaryKey()
      .references(() => accounts.id),
    paymentMethodId: text("payment_method_id")
      .notNull()
      .references(() => paymentMethods.id),
    draftDay: integer("draft_day").notNull(),
    /** What may be drafted: monitoring charges, and other invoices up to an amount each; 0 for none of those. */
    monitoring: integer("monitoring", { mode: "boolean" }).notNull().default(true),
    othersUpToCents: integer("others_up_to_cents").notNull().default(0),
    /** The customer wants to be asked first above this; null for no ceiling. */
    askAboveCents: integer("ask_above_cents"),
    agreementId: text("agreement_id").references(() => agreements.id),
    startedAt: integer("started_at").notNull(),
    /** Drafts before this day belong to an earlier arrangement, or to none. */
    firstDraftOn: text("first_draft_on"),
    changedAt: integer("changed_at"),
    stopRequestedAt: integer("stop_requested_at"),
    stoppedAt: integer("stopped_at"),
    /** Why the last drafts failed, while nobody has seen to it. */
    flag: text("flag"),
  },
  (t) => [
    index("autopay_by_day").on(t.draftDay, t.accountId).where(sql`stopped_at is null`),
    index("autopay_by_method").on(t.paymentMethodId).where(sql`stopped_at is null`),
    index("autopay_to_stop").on(t.stopRequestedAt, t.accountId).where(sql`stop_requested_at is not null`),
    check("autopay_draft_day", sql`${t.draftDay} between 1 and 28`),
    check("autopay_covers_something", sql`${t.monitoring} = 1 or ${t.othersUpToCents} > 0`),
    check("autopay_ceiling_positive", sql`${t.askAboveCents} is null or ${t.askAboveCents} > 0`),
  ],
);

/**
 * One month's draft of one account: announced with a frozen amount, then made. `max_cents` is the most that may be taken;
 * later invoices wait, payments and credits lower it.
 */
export const drafts = sqliteTable(
  "drafts",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    draftOn: text("draft_on").notNull(),
    paymentMethodId: text("payment_method_id")
      .notNull()
      .references(() => paymentMethods.id),
    maxCents: integer("max_cents").notNull(),
    /** `asking`: above the customer's ceiling, waits for their yes. `empty`: by its day nothing was left to draw. */
    state: text("state", {
      enum: ["announced", "asking", "charging", "settled", "failed", "empty", "canceled"],
    }).notNull(),
    announcedAt: integer("announced_at").notNull(),
    /** When the notice went out; without it nothing is drawn that differs from the last draft. */
    noticeSentAt: integer("notice_sent_at"),
    /** The ladder: which try comes next, and when. */
    tries: integer("tries").notNull().default(0),
    nextTryOn: text("next_try_on"),
    failureCode: text("failure_code"),
  },
  (t) => [
    uniqueIndex("draft_once_a_day").on(t.accountId, t.draftOn),
    // With amount and state, so that a day's drafts are added up from the index alone.
    index("drafts_to_make")
      .on(t.nextTryOn, t.id, t.maxCents, t.state)
      .where(sql`state in ('announced', 'failed') and next_try_on is not null`),
    index("drafts_to_answer").on(t.id, t.draftOn).where(sql`state = 'asking'`),
    check("draft_positive", sql`typeof(${t.maxCents}) = 'integer' and ${t.maxCents} > 0`),
    check(
      "draft_state_known",
      sql`${t.state} in ('announced', 'asking', 'charging', 'settled', 'failed', 'empty', 'canceled')`,
    ),
  ],
);

/** What a draft was announced for, invoice by invoice: no more of each than this. */
export const draftItems = sqliteTable(
  "draft_items",
  {
    draftId: text("draft_id")
      .notNull()
      .references(() => drafts.id),
    invoiceId: text("invoice_id")
      .notNull()
      .references(() => invoices.id),
    maxCents: integer("max_cents").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.draftId, t.invoiceId] }),
    index("draft_items_by_invoice").on(t.invoiceId),
    check("draft_item_positive", sql`${t.maxCents} > 0`),
  ],
);

/** The payments that a draft has made: one for each try. */
export const draftPayments = sqliteTable(
  "draft_payments",
  {
    draftId: text("draft_id")
      .notNull()
      .references(() => drafts.id),
    tryNumber: integer("try_number").notNull(),
    paymentId: text("payment_id")
      .notNull()
      .references(() => payments.id),
  },
  (t) => [primaryKey({ columns: [t.draftId, t.tryNumber] }), uniqueIndex("draft_payment_unique").on(t.paymentId)],
);

/** A payment that the customer wants to be made on a later day, once. */
export const scheduledPayments = sqliteTable(
  "scheduled_payments",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    paymentMethodId: text("payment_method_id")
      .notNull()
      .references(() => paymentMethods.id),
    agreementId: text("agreement_id")
      .notNull()
      .references(() => agreements.id),
    payOn: text("pay_on").notNull(),
    state: text("state", { enum: ["waiting", "started", "canceled", "failed"] })
      .notNull()
      .default("waiting"),
    paymentId: text("payment_id").references(() => payments.id),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [
    index("scheduled_payments_by_account").on(t.accountId, t.payOn),
    index("scheduled_payments_to_make").on(t.id, t.payOn).where(sql`state = 'waiting'`),
    check("scheduled_payment_state_known", sql`${t.state} in ('waiting', 'started', 'canceled', 'failed')`),
  ],
);

/** What a scheduled payment is for, at most so much of each invoice. */
export const scheduledItems = sqliteTable(
  "scheduled_items",
  {
    scheduledPaymentId: text("scheduled_payment_id")
      .notNull()
      .references(() => scheduledPayments.id),
    invoiceId: text("invoice_id")
      .notNull()
      .references(() => invoices.id),
    amountCents: integer("amount_cents").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.scheduledPaymentId, t.invoiceId] }),
    check("scheduled_item_positive", sql`${t.amountCents} > 0`),
  ],
);

/** A link with which one invoice is seen and paid without signing in. Its secret is made from the id, as a token's is. */
export const payLinks = sqliteTable(
  "pay_links",
  {
    id: text("id").primaryKey(),
    hash: text("hash").notNull(),
    invoiceId: text("invoice_id")
      .notNull()
      .references(() => invoices.id),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
    revokedAt: integer("revoked_at"),
  },
  (t) => [uniqueIndex("pay_link_unique").on(t.hash), index("pay_links_by_invoice").on(t.invoiceId, t.createdAt)],
);

/**
 * What the dealer's accounting is told: money in, money back, money taken back, credit given, each once and in order. The
 * id is the cursor.
 */
export const ledgerLines = sqliteTable(
  "ledger_lines",
  {
    id: integer("id").primaryKey({ autoIncrement: true }),
    kind: text("kind", { enum: ["payment", "refund", "return", "credit"] }).notNull(),
    subjectId: text("subject_id").notNull(),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    amountCents: integer("amount_cents").notNull(),
    at: integer("at").notNull(),
    /** When the dealer's software first fetched it. */
    fetchedAt: integer("fetched_at"),
    /** The fetch that it was handed out by: with those of the same it is one file. */
    fetchId: text("fetch_id"),
  },
  (t) => [
    uniqueIndex("ledger_line_once").on(t.kind, t.subjectId),
    index("ledger_lines_by_fetch").on(t.fetchId, t.id),
    check("ledger_line_kind_known", sql`${t.kind} in ('payment', 'refund', 'return', 'credit')`),
  ],
);

/** A ledger line on its way to the dealer's software. */
export const webhookDeliveries = sqliteTable(
  "webhook_deliveries",
  {
    ledgerLineId: integer("ledger_line_id")
      .primaryKey()
      .references(() => ledgerLines.id),
    state: text("state", { enum: ["waiting", "sent", "failed"] })
      .notNull()
      .default("waiting"),
    tries: integer("tries").notNull().default(0),
    nextTryAt: integer("next_try_at").notNull(),
  },
  (t) => [
    index("webhook_deliveries_to_send").on(t.ledgerLineId, t.nextTryAt).where(sql`state = 'waiting'`),
    index("webhook_deliveries_failed").on(t.ledgerLineId).where(sql`state = 'failed'`),
    check("webhook_delivery_state_known", sql`${t.state} in ('waiting', 'sent', 'failed')`),
  ],
);
