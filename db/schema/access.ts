import { sql } from "drizzle-orm";
import { check, index, integer, primaryKey, sqliteTable, text, uniqueIndex } from "drizzle-orm/sqlite-core";
import { accounts, users } from "./people.ts";

/**
 * A link in a mail that lets its reader do one thing, once. The secret in the link is worked out from the id when the
 * mail is written; only its SHA-256 is kept.
 */
export const tokens = sqliteTable(
  "tokens",
  {
    id: text("id").primaryKey(),
    /** `registration` and `temporary` set a first password, `password` a new one. */
    purpose: text("purpose", {
      enum: ["registration", "temporary", "password", "invitation", "email"],
    }).notNull(),
    hash: text("hash").notNull(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    /** What a registration or an invitation opens; null where the purpose is the user's alone. */
    accountId: text("account_id").references(() => accounts.id),
    /** Where it was sent; for `email` the new address. */
    email: text("email").notNull(),
    createdAt: integer("created_at").notNull(),
    expiresAt: integer("expires_at").notNull(),
    /** Used, replaced by a newer one, or withdrawn. */
    endedAt: integer("ended_at"),
  },
  (t) => [
    uniqueIndex("token_unique").on(t.hash),
    index("tokens_by_user").on(t.userId, t.purpose),
    index("tokens_by_account").on(t.accountId, t.purpose),
    check("token_purpose_known", sql`${t.purpose} in ('registration', 'temporary', 'password', 'invitation', 'email')`),
  ],
);

/** Somebody asked to be let in to an account, and what became of it. */
export const registrations = sqliteTable(
  "registrations",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    /** As it was typed; where the account has an e-mail on file, the link went there instead. */
    email: text("email").notNull(),
    name: text("name").notNull().default(""),
    phone: text("phone").notNull().default(""),
    /** What did not agree with the records, for the office to read: `name`, `phone`, `e-mail`. */
    differs: text("differs").notNull().default(""),
    state: text("state", { enum: ["waiting", "sent", "approved", "refused"] }).notNull(),
    createdAt: integer("created_at").notNull(),
    decidedAt: integer("decided_at"),
    /** The user's id of whoever decided. */
    decidedBy: text("decided_by"),
  },
  (t) => [
    index("registrations_by_account").on(t.accountId, t.createdAt),
    index("registrations_to_decide").on(t.createdAt, t.id).where(sql`state = 'waiting'`),
    index("registrations_by_time").on(t.createdAt, t.id),
    check("registration_state_known", sql`${t.state} in ('waiting', 'sent', 'approved', 'refused')`),
  ],
);

/** A user as Google, Microsoft or Apple knows them. */
export const identities = sqliteTable(
  "identities",
  {
    provider: text("provider", { enum: ["google", "microsoft", "apple"] }).notNull(),
    /** The provider's own unchanging name for the person: `sub`, at Microsoft `tid` and `oid`. */
    subject: text("subject").notNull(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    /** The address there, to tell two of them apart. */
    email: text("email").notNull(),
    linkedAt: integer("linked_at").notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.provider, t.subject] }),
    uniqueIndex("identity_once_per_provider").on(t.userId, t.provider),
    check("identity_provider_known", sql`${t.provider} in ('google', 'microsoft', 'apple')`),
  ],
);

/** Codes on paper for somebody whose telephone is gone; each opens once, and only its SHA-256 is kept. */
export const recoveryCodes = sqliteTable(
  "recovery_codes",
  {
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    hash: text("hash").notNull(),
    usedAt: integer("used_at"),
  },
  (t) => [primaryKey({ columns: [t.userId, t.hash] })],
);

/** Every time somebody signed in: what the user and the office are shown. */
export const signIns = sqliteTable(
  "sign_ins",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => users.id),
    at: integer("at").notNull(),
    how: text("how", { enum: ["password", "link", "google", "microsoft", "apple"] }).notNull(),
    device: text("device").notNull(),
  },
  (t) => [
    index("sign_ins_by_user").on(t.userId, t.at),
    check("sign_in_how_known", sql`${t.how} in ('password', 'link', 'google', 'microsoft', 'apple')`),
  ],
);

/** What customers changed about themselves, for the office to read and its software to fetch. The id is the cursor. */
export const contactChanges = sqliteTable(
  "contact_changes",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id")
      .notNull()
      .references(() => accounts.id),
    userId: text("user_id").references(() => users.id),
    /** The column of `accounts`, by the name that the export gives it: `phone`, `line1`, `paperless`. */
    field: text("field").notNull(),
    before: text("before").notNull(),
    after: text("after").notNull(),
    at: integer("at").notNull(),
  },
  (t) => [index("contact_changes_by_account").on(t.accountId, t.at)],
);

/** How people get in, which dealers differ in. One row; pages after sign-in do not read it. */
export const accessSettings = sqliteTable(
  "access_settings",
  {
    id: integer("id").primaryKey(),
    registerByKey: integer("register_by_key", { mode: "boolean" }).notNull().default(true),
    registerByEmail: integer("register_by_email", { mode: "boolean" }).notNull().default(true),
    registerAsksName: integer("register_asks_name", { mode: "boolean" }).notNull().default(true),
    registerAsksPhone: integer("register_asks_phone", { mode: "boolean" }).notNull().default(false),
    /** A name or telephone number that differs from the records: refused, or only noted for the office. */
    strictNameMatch: integer("strict_name_match", { mode: "boolean" }).notNull().default(false),
    firstPassword: text("first_password", { enum: ["link", "temporary"] })
      .notNull()
      .default("link"),
    keyUsedOnce: integer("key_used_once", { mode: "boolean" }).notNull().default(false),
    staffTwoStep: integer("staff_two_step", { mode: "boolean" }).notNull().default(false),
  },
  (t) => [
    check("access_settings_one_row", sql`${t.id} = 1`),
    check("access_settings_first_password_known", sql`${t.firstPassword} in ('link', 'temporary')`),
  ],
);
