import { sql } from "drizzle-orm";
import { check, index, integer, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";

/** The audit trail. The key is the verb and the thing, `payment.started:pay_…`, so doing it twice collides. */
export const events = sqliteTable(
  "events",
  {
    key: text("key").primaryKey(),
    action: text("action").notNull(),
    accountId: text("account_id"),
    /** A user's id, or the machine's name: `stripe`, `sweep`, `import`. */
    by: text("by").notNull(),
    at: integer("at").notNull(),
    detail: text("detail", { mode: "json" }).$type<Record<string, string | number | boolean | null>>(),
    /** Which call made it: one whose answer was lost tells by it whether the change that stands is its own. */
    callId: text("call_id"),
  },
  (t) => [index("events_by_account").on(t.accountId, t.at)],
);

/**
 * Never keeps a row. A statement that must have found something is followed by an insert here that fails its named
 * CHECK when it did not, and so rolls the whole batch back.
 */
export const guards = sqliteTable(
  "guards",
  {
    invoicePayable: integer("invoice_payable"),
    paymentOpen: integer("payment_open"),
    methodUsable: integer("method_usable"),
    rowsMatched: integer("rows_matched"),
    triesLeft: integer("tries_left"),
    linkUsable: integer("link_usable"),
    ownerLeft: integer("owner_left"),
  },
  (t) => [
    check("invoice_payable", sql`${t.invoicePayable} is null or ${t.invoicePayable} = 1`),
    check("payment_open", sql`${t.paymentOpen} is null or ${t.paymentOpen} = 1`),
    check("method_usable", sql`${t.methodUsable} is null or ${t.methodUsable} = 1`),
    check("rows_matched", sql`${t.rowsMatched} is null or ${t.rowsMatched} = 1`),
    check("tries_left", sql`${t.triesLeft} is null or ${t.triesLeft} = 1`),
    check("link_usable", sql`${t.linkUsable} is null or ${t.linkUsable} = 1`),
    check("owner_left", sql`${t.ownerLeft} is null or ${t.ownerLeft} = 1`),
  ],
);

/** What dealers differ in. One row. */
export const settings = sqliteTable(
  "settings",
  {
    id: integer("id").primaryKey(),
    name: text("name").notNull(),
    phone: text("phone").notNull(),
    email: text("email").notNull(),
    line1: text("line1").notNull(),
    city: text("city").notNull(),
    state: text("state").notNull(),
    zip: text("zip").notNull(),
    licence: text("licence").notNull().default(""),
    /** Lines of the remit-to address, one a line. */
    remitTo: text("remit_to").notNull(),
    accent: text("accent").notNull().default("#0f766e"),
    partialPayments: integer("partial_payments", { mode: "boolean" }).notNull().default(true),
    minimumPaymentCents: integer("minimum_payment_cents").notNull().default(100),
    overpayment: integer("overpayment", { mode: "boolean" }).notNull().default(false),
    cardPayments: integer("card_payments", { mode: "boolean" }).notNull().default(true),
    bankPayments: integer("bank_payments", { mode: "boolean" }).notNull().default(true),
    importStatus: text("import_status", { enum: ["sent", "unsent"] })
      .notNull()
      .default("sent"),
  },
  (t) => [
    check("settings_one_row", sql`${t.id} = 1`),
    check("settings_accent_hex", sql`${t.accent} glob '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'`),
    check("settings_minimum_payment", sql`${t.minimumPaymentCents} >= 50`),
  ],
);

/** The outbox. Ids only: the words are written when it is sent. A row is a promise to send once. */
export const messages = sqliteTable(
  "messages",
  {
    id: text("id").primaryKey(),
    /** What this message is, once: `receipt:pay_…`. */
    dedupeKey: text("dedupe_key").notNull(),
    accountId: text("account_id"),
    userId: text("user_id"),
    channel: text("channel", { enum: ["email", "sms"] }).notNull(),
    kind: text("kind").notNull(),
    subjectId: text("subject_id").notNull(),
    address: text("address").notNull(),
    state: text("state", { enum: ["waiting", "sending", "sent", "failed", "unclear"] })
      .notNull()
      .default("waiting"),
    queuedAt: integer("queued_at").notNull(),
    firstTriedAt: integer("first_tried_at"),
    leaseUntil: integer("lease_until"),
    tries: integer("tries").notNull().default(0),
    sentAt: integer("sent_at"),
    vendorId: text("vendor_id"),
    failure: text("failure"),
  },
  (t) => [
    uniqueIndex("message_dedupe_unique").on(t.dedupeKey),
    index("messages_to_send").on(t.id, t.leaseUntil).where(sql`state in ('waiting', 'sending')`),
    check("message_channel_known", sql`${t.channel} in ('email', 'sms')`),
    check("message_state_known", sql`${t.state} in ('waiting', 'sending', 'sent', 'failed', 'unclear')`),
  ],
);

/** Webhooks seen, so that each is obeyed once. */
export const stripeEvents = sqliteTable(
  "stripe_events",
  {
    id: text("id").primaryKey(),
    type: text("type").notNull(),
    objectId: text("object_id").notNull(),
    receivedAt: integer("received_at").notNull(),
    appliedAt: integer("applied_at"),
  },
  (t) => [index("stripe_events_to_apply").on(t.id, t.receivedAt).where(sql`applied_at is null`)],
);

/** Things a person on staff must look at. */
export const worklist = sqliteTable(
  "worklist",
  {
    id: text("id").primaryKey(),
    kind: text("kind", {
      enum: [
        "payment_disagreed",
        "payment_unclear",
        "message_failed",
        "job_gave_up",
        "books_wrong",
        "registration_waiting",
        "registration_differs",
        "contact_changed",
        "removal_requested",
        "stop_requested",
        "method_expiring",
        "draft_failed",
        "payment_returned",
        "refund_failed",
        "reckoning_differs",
        "webhook_failed",
        "drafts_halted",
      ],
    }).notNull(),
    accountId: text("account_id"),
    subjectId: text("subject_id").notNull(),
    detail: text("detail").notNull().default(""),
    openedAt: integer("opened_at").notNull(),
    closedAt: integer("closed_at"),
  },
  (t) => [
    index("worklist_open").on(t.openedAt, t.id).where(sql`closed_at is null`),
    check(
      "worklist_kind_known",
      sql`${t.kind} in ('payment_disagreed', 'payment_unclear', 'message_failed', 'job_gave_up', 'books_wrong', 'registration_waiting', 'registration_differs', 'contact_changed', 'removal_requested', 'stop_requested', 'method_expiring', 'draft_failed', 'payment_returned', 'refund_failed', 'reckoning_differs', 'webhook_failed', 'drafts_halted')`,
    ),
  ],
);
