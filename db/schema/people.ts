import { sql } from "drizzle-orm";
import {
  type AnySQLiteColumn,
  check,
  index,
  integer,
  primaryKey,
  sqliteTable,
  text,
  uniqueIndex,
} from "drizzle-orm/sqlite-core";

/** Who is billed. `number` is the dealer's own customer number and the key of every import. */
export const accounts = sqliteTable(
  "accounts",
  {
    id: text("id").primaryKey(),
    number: text("number").notNull(),
    /** Without dashes and blanks, in capitals: people type the number as they please. */
    plainNumber: text("plain_number").generatedAlwaysAs(sql`upper(replace(replace(number, '-', ''), ' ', ''))`),
    name: text("name").notNull(),
    firstName: text("first_name").notNull().default(""),
    lastName: text("last_name").notNull().default(""),
    email: text("email"),
    phone: text("phone"),
    mobile: text("mobile"),
    line1: text("line1").notNull().default(""),
    line2: text("line2").notNull().default(""),
    city: text("city").notNull().default(""),
    state: text("state").notNull().default(""),
    zip: text("zip").notNull().default(""),
    status: text("status", { enum: ["active", "inactive"] }).notNull(),
    salespersonEmail: text("salesperson_email"),
    /** Printed at the bottom of the invoice, so it cannot be a hash; it opens nothing without number and ZIP. */
    registrationKey: text("registration_key"),
    paperless: integer("paperless", { mode: "boolean" }).notNull().default(false),
    /** The account that this one belongs to: a chain's, a property manager's. Its users see this one too. */
    masterAccountId: text("master_account_id").references((): AnySQLiteColumn => accounts.id),
    /** Off: this customer pays from a bank account only. */
    cardPayments: integer("card_payments", { mode: "boolean" }).notNull().default(true),
    /** The draft day that the office has set for this customer, over the dealer's rule. */
    draftDay: integer("draft_day"),
    stripeCustomerId: text("stripe_customer_id"),
    createdAt: integer("created_at").notNull(),
    /** Fingerprint of the row as last imported: an unchanged row never overwrites what was edited here. */
    importHash: text("import_hash"),
  },
  (t) => [
    uniqueIndex("account_number_unique").on(t.number),
    uniqueIndex("account_stripe_customer_unique").on(t.stripeCustomerId),
    index("accounts_by_master").on(t.masterAccountId).where(sql`master_account_id is not null`),
    index("accounts_by_plain_number").on(t.plainNumber),
    index("accounts_by_email").on(sql`lower(${t.email})`),
    // All that the office's search reads, so that it reads a small index whole and not the table.
    index("accounts_to_find").on(t.name, t.number, t.email, t.status),
    check("account_status_known", sql`${t.status} in ('active', 'inactive')`),
  ],
);

/** Someone who signs in. The e-mail, in lower case, is the user name. */
export const users = sqliteTable(
  "users",
  {
    id: text("id").primaryKey(),
    email: text("email").notNull(),
    name: text("name").notNull(),
    /** PHC string; null until a password is set. */
    passwordHash: text("password_hash"),
    /** The secret of an authenticator app, encrypted; it counts once `twoStepSince` is set. */
    totpSecret: text("totp_secret"),
    twoStepSince: integer("two_step_since"),
    /** The last 30-second step whose code was used: each opens once. */
    totpStep: integer("totp_step"),
    language: text("language", { enum: ["en", "es"] }),
    createdAt: integer("created_at").notNull(),
  },
  (t) => [
    uniqueIndex("user_email_unique").on(t.email),
    check("user_email_lower", sql`${t.email} = lower(${t.email})`),
    check("user_language_known", sql`${t.language} in ('en', 'es')`),
  ],
);

/** What a user may see of an account. */
export const memberships = sqliteTable(
  "memberships",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    role: text("role", { enum: ["owner", "billing", "service", "viewer"] }).notNull(),
    createdAt: integer("created_at").notNull(),
    /** Since when it opens anything; null while an invitation has not been accepted. */
    activeSince: integer("active_since"),
  },
  (t) => [
    primaryKey({ columns: [t.userId, t.accountId] }),
    index("memberships_by_account").on(t.accountId),
    check("membership_role_known", sql`${t.role} in ('owner', 'billing', 'service', 'viewer')`),
  ],
);

/** Who of the users works for the dealer. */
export const staff = sqliteTable(
  "staff",
  {
    userId: text("user_id")
      .primaryKey()
      .references(() => users.id),
    role: text("role", { enum: ["owner", "office"] }).notNull(),
  },
  (t) => [check("staff_role_known", sql`${t.role} in ('owner', 'office')`)],
);

/** A signed-in browser. `id` is the SHA-256 of the cookie's token, so a stolen table opens nothing. */
export const sessions = sqliteTable(
  "sessions",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    /** The account in view; null for staff who have none. */
    accountId: text("account_id").references(() => accounts.id),
    /** The browser in words, `Firefox on Android`, so that its owner knows it again. */
    device: text("device").notNull().default(""),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
  },
  (t) => [index("sessions_by_user").on(t.userId), index("sessions_by_expiry").on(t.expiresAt)],
);

/** Counts tries of something that must not be guessed, within a window. */
export const attempts = sqliteTable(
  "attempts",
  {
    /** The kind of try and the SHA-256 of whom it was aimed at or where it came from: strangers' typing leaves no trace. */
    key: text("key").primaryKey(),
    /** The e-mail of the user or the number of the account that it was aimed at, where there is one: for the office. */
    about: text("about"),
    count: integer("count").notNull(),
    /** At this many further ones are refused, and the office can lift that. */
    allowed: integer("allowed").notNull().default(0),
    endsAt: integer("ends_at").notNull(),
  },
  (t) => [
    index("attempts_by_end").on(t.endsAt),
    index("attempts_locked").on(t.endsAt, t.key).where(sql`count >= allowed`),
  ],
);

/** A key with which the dealer's back office calls the API; only its SHA-256 is kept. */
export const apiKeys = sqliteTable(
  "api_keys",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    hash: text("hash").notNull(),
    createdAt: integer("created_at").notNull(),
    lastUsedAt: integer("last_used_at"),
    revokedAt: integer("revoked_at"),
  },
  (t) => [uniqueIndex("api_key_unique").on(t.hash)],
);
