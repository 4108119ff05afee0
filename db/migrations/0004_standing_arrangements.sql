CREATE TABLE `agreements` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`user_id` text NOT NULL,
	`kind` text NOT NULL,
	`text` text NOT NULL,
	`text_hash` text NOT NULL,
	`language` text NOT NULL,
	`name` text DEFAULT '' NOT NULL,
	`address` text NOT NULL,
	`user_agent` text NOT NULL,
	`payment_method_id` text,
	`mandate_id` text,
	`at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`payment_method_id`) REFERENCES `payment_methods`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "agreement_kind_known" CHECK("agreements"."kind" in ('method', 'autopay', 'scheduled'))
);
--> statement-breakpoint
CREATE INDEX `agreements_by_account` ON `agreements` (`account_id`,`at`);--> statement-breakpoint
CREATE TABLE `draft_items` (
	`draft_id` text NOT NULL,
	`invoice_id` text NOT NULL,
	`max_cents` integer NOT NULL,
	PRIMARY KEY(`draft_id`, `invoice_id`),
	FOREIGN KEY (`draft_id`) REFERENCES `drafts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "draft_item_positive" CHECK("draft_items"."max_cents" > 0)
);
--> statement-breakpoint
CREATE INDEX `draft_items_by_invoice` ON `draft_items` (`invoice_id`);--> statement-breakpoint
CREATE TABLE `draft_payments` (
	`draft_id` text NOT NULL,
	`try_number` integer NOT NULL,
	`payment_id` text NOT NULL,
	PRIMARY KEY(`draft_id`, `try_number`),
	FOREIGN KEY (`draft_id`) REFERENCES `drafts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`payment_id`) REFERENCES `payments`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `draft_payment_unique` ON `draft_payments` (`payment_id`);--> statement-breakpoint
CREATE TABLE `drafts` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`draft_on` text NOT NULL,
	`payment_method_id` text NOT NULL,
	`max_cents` integer NOT NULL,
	`state` text NOT NULL,
	`announced_at` integer NOT NULL,
	`notice_sent_at` integer,
	`tries` integer DEFAULT 0 NOT NULL,
	`next_try_on` text,
	`failure_code` text,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`payment_method_id`) REFERENCES `payment_methods`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "draft_positive" CHECK(typeof("drafts"."max_cents") = 'integer' and "drafts"."max_cents" > 0),
	CONSTRAINT "draft_state_known" CHECK("drafts"."state" in ('announced', 'asking', 'charging', 'settled', 'failed', 'empty', 'canceled'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `draft_once_a_day` ON `drafts` (`account_id`,`draft_on`);--> statement-breakpoint
CREATE INDEX `drafts_to_make` ON `drafts` (`next_try_on`,`id`) WHERE state in ('announced', 'failed') and next_try_on is not null;--> statement-breakpoint
CREATE TABLE `ledger_lines` (
	`id` integer PRIMARY KEY AUTOINCREMENT NOT NULL,
	`kind` text NOT NULL,
	`subject_id` text NOT NULL,
	`account_id` text NOT NULL,
	`amount_cents` integer NOT NULL,
	`at` integer NOT NULL,
	`fetched_at` integer,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "ledger_line_kind_known" CHECK("ledger_lines"."kind" in ('payment', 'refund', 'return', 'credit'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `ledger_line_once` ON `ledger_lines` (`kind`,`subject_id`);--> statement-breakpoint
CREATE TABLE `money_settings` (
	`id` integer PRIMARY KEY NOT NULL,
	`customers_remove_methods` integer DEFAULT false NOT NULL,
	`draft_day_rule` text DEFAULT 'customer' NOT NULL,
	`draft_day` integer DEFAULT 1 NOT NULL,
	`stopping_autopay` text DEFAULT 'switch' NOT NULL,
	`apply_credit` text DEFAULT 'automatic' NOT NULL,
	`statement_kind` text DEFAULT 'open_item' NOT NULL,
	`bank_requests_per_second` integer DEFAULT 25 NOT NULL,
	`webhook_url` text,
	`webhook_secret` text,
	CONSTRAINT "money_settings_one_row" CHECK("money_settings"."id" = 1),
	CONSTRAINT "money_settings_draft_day" CHECK("money_settings"."draft_day" between 1 and 28),
	CONSTRAINT "money_settings_draft_day_rule_known" CHECK("money_settings"."draft_day_rule" in ('fixed', 'customer')),
	CONSTRAINT "money_settings_stopping_known" CHECK("money_settings"."stopping_autopay" in ('switch', 'request')),
	CONSTRAINT "money_settings_apply_credit_known" CHECK("money_settings"."apply_credit" in ('automatic', 'by_hand')),
	CONSTRAINT "money_settings_statement_kind_known" CHECK("money_settings"."statement_kind" in ('open_item', 'balance_forward')),
	CONSTRAINT "money_settings_pace" CHECK("money_settings"."bank_requests_per_second" between 1 and 100)
);
--> statement-breakpoint
CREATE TABLE `pay_links` (
	`id` text PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`invoice_id` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`revoked_at` integer,
	FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `pay_link_unique` ON `pay_links` (`hash`);--> statement-breakpoint
CREATE INDEX `pay_links_by_invoice` ON `pay_links` (`invoice_id`,`created_at`);--> statement-breakpoint
CREATE TABLE `scheduled_items` (
	`scheduled_payment_id` text NOT NULL,
	`invoice_id` text NOT NULL,
	`amount_cents` integer NOT NULL,
	PRIMARY KEY(`scheduled_payment_id`, `invoice_id`),
	FOREIGN KEY (`scheduled_payment_id`) REFERENCES `scheduled_payments`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "scheduled_item_positive" CHECK("scheduled_items"."amount_cents" > 0)
);
--> statement-breakpoint
CREATE TABLE `scheduled_payments` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`user_id` text NOT NULL,
	`payment_method_id` text NOT NULL,
	`agreement_id` text NOT NULL,
	`pay_on` text NOT NULL,
	`state` text DEFAULT 'waiting' NOT NULL,
	`payment_id` text,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`payment_method_id`) REFERENCES `payment_methods`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`agreement_id`) REFERENCES `agreements`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`payment_id`) REFERENCES `payments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "scheduled_payment_state_known" CHECK("scheduled_payments"."state" in ('waiting', 'started', 'canceled', 'failed'))
);
--> statement-breakpoint
CREATE INDEX `scheduled_payments_by_account` ON `scheduled_payments` (`account_id`,`pay_on`);--> statement-breakpoint
CREATE INDEX `scheduled_payments_to_make` ON `scheduled_payments` (`pay_on`,`id`) WHERE state = 'waiting';--> statement-breakpoint
CREATE TABLE `setups` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`user_id` text NOT NULL,
	`agreement_id` text NOT NULL,
	`state` text DEFAULT 'open' NOT NULL,
	`stripe_checkout_id` text,
	`stripe_setup_intent_id` text,
	`payment_method_id` text,
	`brand` text DEFAULT '' NOT NULL,
	`last_four` text DEFAULT '' NOT NULL,
	`failure_code` text,
	`started_at` integer NOT NULL,
	`check_at` integer,
	`checks` integer DEFAULT 0 NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`agreement_id`) REFERENCES `agreements`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`payment_method_id`) REFERENCES `payment_methods`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "setup_state_known" CHECK("setups"."state" in ('open', 'verifying', 'done', 'failed'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `setup_checkout_unique` ON `setups` (`stripe_checkout_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `setup_intent_unique` ON `setups` (`stripe_setup_intent_id`);--> statement-breakpoint
CREATE INDEX `setups_by_account` ON `setups` (`account_id`,`started_at`);--> statement-breakpoint
CREATE INDEX `setups_to_check` ON `setups` (`id`,`check_at`) WHERE state in ('open', 'verifying');--> statement-breakpoint
CREATE TABLE `webhook_deliveries` (
	`ledger_line_id` integer PRIMARY KEY NOT NULL,
	`state` text DEFAULT 'waiting' NOT NULL,
	`tries` integer DEFAULT 0 NOT NULL,
	`next_try_at` integer NOT NULL,
	FOREIGN KEY (`ledger_line_id`) REFERENCES `ledger_lines`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "webhook_delivery_state_known" CHECK("webhook_deliveries"."state" in ('waiting', 'sent', 'failed'))
);
--> statement-breakpoint
CREATE INDEX `webhook_deliveries_to_send` ON `webhook_deliveries` (`next_try_at`,`ledger_line_id`) WHERE state = 'waiting';--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_worklist` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`account_id` text,
	`subject_id` text NOT NULL,
	`detail` text DEFAULT '' NOT NULL,
	`opened_at` integer NOT NULL,
	`closed_at` integer,
	CONSTRAINT "worklist_kind_known" CHECK("__new_worklist"."kind" in ('payment_disagreed', 'payment_unclear', 'message_failed', 'job_gave_up', 'books_wrong', 'registration_waiting', 'registration_differs', 'contact_changed', 'removal_requested', 'stop_requested', 'method_expiring', 'draft_failed', 'payment_returned', 'refund_failed', 'reckoning_differs', 'webhook_failed'))
);
--> statement-breakpoint
INSERT INTO `__new_worklist`("id", "kind", "account_id", "subject_id", "detail", "opened_at", "closed_at") SELECT "id", "kind", "account_id", "subject_id", "detail", "opened_at", "closed_at" FROM `worklist`;--> statement-breakpoint
DROP TABLE `worklist`;--> statement-breakpoint
ALTER TABLE `__new_worklist` RENAME TO `worklist`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `worklist_open` ON `worklist` (`opened_at`,`id`) WHERE closed_at is null;--> statement-breakpoint
CREATE TABLE `__new_autopay` (
	`account_id` text PRIMARY KEY NOT NULL,
	`payment_method_id` text NOT NULL,
	`draft_day` integer NOT NULL,
	`monitoring` integer DEFAULT true NOT NULL,
	`others_up_to_cents` integer DEFAULT 0 NOT NULL,
	`ask_above_cents` integer,
	`agreement_id` text,
	`started_at` integer NOT NULL,
	`first_draft_on` text,
	`changed_at` integer,
	`stop_requested_at` integer,
	`stopped_at` integer,
	`flag` text,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`payment_method_id`) REFERENCES `payment_methods`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`agreement_id`) REFERENCES `agreements`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "autopay_draft_day" CHECK("__new_autopay"."draft_day" between 1 and 28),
	CONSTRAINT "autopay_covers_something" CHECK("__new_autopay"."monitoring" = 1 or "__new_autopay"."others_up_to_cents" > 0),
	CONSTRAINT "autopay_ceiling_positive" CHECK("__new_autopay"."ask_above_cents" is null or "__new_autopay"."ask_above_cents" > 0)
);
--> statement-breakpoint
INSERT INTO `__new_autopay`("account_id", "payment_method_id", "draft_day", "started_at", "stopped_at") SELECT "account_id", "payment_method_id", "draft_day", "started_at", "stopped_at" FROM `autopay`;--> statement-breakpoint
DROP TABLE `autopay`;--> statement-breakpoint
ALTER TABLE `__new_autopay` RENAME TO `autopay`;--> statement-breakpoint
CREATE INDEX `autopay_by_day` ON `autopay` (`draft_day`,`account_id`) WHERE stopped_at is null;--> statement-breakpoint
CREATE INDEX `autopay_by_method` ON `autopay` (`payment_method_id`) WHERE stopped_at is null;--> statement-breakpoint
ALTER TABLE `credits` ADD `by` text;--> statement-breakpoint
ALTER TABLE `invoices` ADD `card_payments` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `payment_methods` ADD `removal_requested_at` integer;--> statement-breakpoint
ALTER TABLE `payment_methods` ADD `blocked` text;--> statement-breakpoint
CREATE INDEX `payment_methods_by_expiry` ON `payment_methods` (`expires_year`,`expires_month`,`id`) WHERE removed_at is null;--> statement-breakpoint
ALTER TABLE `refunds` ADD `check_at` integer;--> statement-breakpoint
ALTER TABLE `refunds` ADD `failure_code` text;--> statement-breakpoint
CREATE INDEX `refunds_to_check` ON `refunds` (`id`,`check_at`) WHERE state = 'pending';--> statement-breakpoint
ALTER TABLE `accounts` ADD `card_payments` integer DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE `accounts` ADD `draft_day` integer;--> statement-breakpoint
INSERT INTO `money_settings` (`id`) VALUES (1);
