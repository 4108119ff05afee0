CREATE TABLE `allocations` (
	`id` integer PRIMARY KEY NOT NULL,
	`invoice_id` text NOT NULL,
	`payment_id` text,
	`credit_id` text,
	`amount_cents` integer NOT NULL,
	`at` integer NOT NULL,
	`event_key` text NOT NULL,
	FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`payment_id`) REFERENCES `payments`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`credit_id`) REFERENCES `credits`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`event_key`) REFERENCES `events`(`key`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "allocation_has_one_source" CHECK(("allocations"."payment_id" is null) <> ("allocations"."credit_id" is null)),
	CONSTRAINT "allocation_not_zero" CHECK(typeof("allocations"."amount_cents") = 'integer' and "allocations"."amount_cents" <> 0)
);
--> statement-breakpoint
CREATE INDEX `allocations_by_invoice` ON `allocations` (`invoice_id`);--> statement-breakpoint
CREATE INDEX `allocations_by_payment` ON `allocations` (`payment_id`);--> statement-breakpoint
CREATE INDEX `allocations_by_credit` ON `allocations` (`credit_id`);--> statement-breakpoint
CREATE TABLE `autopay` (
	`account_id` text PRIMARY KEY NOT NULL,
	`payment_method_id` text NOT NULL,
	`draft_day` integer NOT NULL,
	`started_at` integer NOT NULL,
	`stopped_at` integer,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`payment_method_id`) REFERENCES `payment_methods`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "autopay_draft_day" CHECK("autopay"."draft_day" between 1 and 28)
);
--> statement-breakpoint
CREATE TABLE `credits` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`number` text,
	`reason` text NOT NULL,
	`issued_on` text NOT NULL,
	`amount_cents` integer NOT NULL,
	`allocated_cents` integer DEFAULT 0 NOT NULL,
	`import_hash` text,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "credit_positive" CHECK(typeof("credits"."amount_cents") = 'integer' and "credits"."amount_cents" > 0),
	CONSTRAINT "credit_not_overallocated" CHECK("credits"."allocated_cents" >= 0 and "credits"."allocated_cents" <= "credits"."amount_cents")
);
--> statement-breakpoint
CREATE UNIQUE INDEX `credit_number_unique` ON `credits` (`number`);--> statement-breakpoint
CREATE INDEX `credits_by_account` ON `credits` (`account_id`,`issued_on`,`id`);--> statement-breakpoint
CREATE TABLE `holds` (
	`payment_id` text NOT NULL,
	`invoice_id` text NOT NULL,
	`amount_cents` integer NOT NULL,
	PRIMARY KEY(`payment_id`, `invoice_id`),
	FOREIGN KEY (`payment_id`) REFERENCES `payments`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "hold_positive" CHECK(typeof("holds"."amount_cents") = 'integer' and "holds"."amount_cents" > 0)
);
--> statement-breakpoint
CREATE INDEX `holds_by_invoice` ON `holds` (`invoice_id`);--> statement-breakpoint
CREATE TABLE `invoice_lines` (
	`invoice_id` text NOT NULL,
	`position` integer NOT NULL,
	`description` text NOT NULL,
	`service_from_on` text,
	`service_to_on` text,
	`quantity_thousandths` integer NOT NULL,
	`unit_cents` integer NOT NULL,
	`amount_cents` integer NOT NULL,
	`tax_name` text,
	`tax_cents` integer DEFAULT 0 NOT NULL,
	PRIMARY KEY(`invoice_id`, `position`),
	FOREIGN KEY (`invoice_id`) REFERENCES `invoices`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "invoice_line_whole_cents" CHECK(typeof("invoice_lines"."amount_cents") = 'integer' and typeof("invoice_lines"."tax_cents") = 'integer')
);
--> statement-breakpoint
CREATE TABLE `invoices` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`site_id` text,
	`number` text NOT NULL,
	`kind` text NOT NULL,
	`status` text NOT NULL,
	`issued_on` text NOT NULL,
	`due_on` text NOT NULL,
	`total_cents` integer NOT NULL,
	`allocated_cents` integer DEFAULT 0 NOT NULL,
	`held_cents` integer DEFAULT 0 NOT NULL,
	`memo` text DEFAULT '' NOT NULL,
	`import_hash` text,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`site_id`) REFERENCES `sites`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "invoice_not_overpaid" CHECK("invoices"."held_cents" >= 0 and "invoices"."allocated_cents" >= 0 and "invoices"."held_cents" + "invoices"."allocated_cents" <= "invoices"."total_cents"),
	CONSTRAINT "invoice_whole_cents" CHECK(typeof("invoices"."total_cents") = 'integer' and typeof("invoices"."allocated_cents") = 'integer' and typeof("invoices"."held_cents") = 'integer'),
	CONSTRAINT "invoice_void_is_empty" CHECK("invoices"."status" <> 'void' or ("invoices"."allocated_cents" = 0 and "invoices"."held_cents" = 0)),
	CONSTRAINT "invoice_unsent_is_empty" CHECK("invoices"."status" <> 'unsent' or "invoices"."held_cents" = 0),
	CONSTRAINT "invoice_status_known" CHECK("invoices"."status" in ('unsent', 'sent', 'void')),
	CONSTRAINT "invoice_kind_known" CHECK("invoices"."kind" in ('recurring', 'service', 'install', 'late_fee', 'other'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `invoice_number_unique` ON `invoices` (`number`);--> statement-breakpoint
CREATE INDEX `invoices_open` ON `invoices` (`account_id`,`due_on`,`number`,`total_cents`,`allocated_cents`,`held_cents`,`id`) WHERE status = 'sent' and allocated_cents < total_cents;--> statement-breakpoint
CREATE INDEX `invoices_paid` ON `invoices` (`account_id`,`issued_on`,`id`) WHERE status = 'sent' and allocated_cents >= total_cents;--> statement-breakpoint
CREATE INDEX `invoices_by_account` ON `invoices` (`account_id`,`issued_on`,`id`);--> statement-breakpoint
CREATE TABLE `payment_methods` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`kind` text NOT NULL,
	`brand` text NOT NULL,
	`last_four` text NOT NULL,
	`expires_month` integer,
	`expires_year` integer,
	`fingerprint` text,
	`stripe_payment_method_id` text NOT NULL,
	`is_default` integer DEFAULT false NOT NULL,
	`saved_at` integer NOT NULL,
	`removed_at` integer,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "payment_method_kind_known" CHECK("payment_methods"."kind" in ('card', 'bank'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `payment_method_token_unique` ON `payment_methods` (`stripe_payment_method_id`);--> statement-breakpoint
CREATE INDEX `payment_methods_by_account` ON `payment_methods` (`account_id`);--> statement-breakpoint
CREATE TABLE `payments` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`origin` text NOT NULL,
	`number` text,
	`kind` text NOT NULL,
	`brand` text DEFAULT '' NOT NULL,
	`last_four` text DEFAULT '' NOT NULL,
	`payment_method_id` text,
	`amount_cents` integer NOT NULL,
	`allocated_cents` integer DEFAULT 0 NOT NULL,
	`refunded_cents` integer DEFAULT 0 NOT NULL,
	`returned_cents` integer DEFAULT 0 NOT NULL,
	`state` text NOT NULL,
	`failure_code` text,
	`stripe_payment_intent_id` text,
	`stripe_checkout_id` text,
	`save_method` integer DEFAULT false NOT NULL,
	`started_by` text,
	`started_at` integer NOT NULL,
	`paid_on` text NOT NULL,
	`closed_at` integer,
	`check_at` integer,
	`checks` integer DEFAULT 0 NOT NULL,
	`review_reason` text,
	`import_hash` text,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`payment_method_id`) REFERENCES `payment_methods`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`started_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "payment_positive" CHECK(typeof("payments"."amount_cents") = 'integer' and "payments"."amount_cents" > 0),
	CONSTRAINT "payment_not_overallocated" CHECK("payments"."allocated_cents" >= 0 and "payments"."refunded_cents" >= 0 and "payments"."returned_cents" >= 0 and "payments"."allocated_cents" + "payments"."refunded_cents" + "payments"."returned_cents" <= "payments"."amount_cents"),
	CONSTRAINT "payment_moves_money_once_settled" CHECK("payments"."state" = 'settled' or ("payments"."allocated_cents" = 0 and "payments"."refunded_cents" = 0 and "payments"."returned_cents" = 0)),
	CONSTRAINT "payment_state_known" CHECK("payments"."state" in ('pending', 'processing', 'settled', 'failed')),
	CONSTRAINT "payment_kind_known" CHECK("payments"."kind" in ('card', 'bank', 'check', 'cash', 'other'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `payment_number_unique` ON `payments` (`number`);--> statement-breakpoint
CREATE UNIQUE INDEX `payment_intent_unique` ON `payments` (`stripe_payment_intent_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `payment_checkout_unique` ON `payments` (`stripe_checkout_id`);--> statement-breakpoint
CREATE INDEX `payments_by_account` ON `payments` (`account_id`,`paid_on`,`id`);--> statement-breakpoint
CREATE INDEX `payments_to_check` ON `payments` (`id`,`check_at`) WHERE state in ('pending', 'processing') and review_reason is null;--> statement-breakpoint
CREATE INDEX `payments_under_way` ON `payments` (`account_id`) WHERE state in ('pending', 'processing');--> statement-breakpoint
CREATE INDEX `payments_with_credit` ON `payments` (`account_id`) WHERE state = 'settled' and amount_cents > allocated_cents + refunded_cents + returned_cents;--> statement-breakpoint
CREATE TABLE `refunds` (
	`id` text PRIMARY KEY NOT NULL,
	`payment_id` text NOT NULL,
	`amount_cents` integer NOT NULL,
	`reason` text NOT NULL,
	`state` text NOT NULL,
	`generation` integer DEFAULT 0 NOT NULL,
	`stripe_refund_id` text,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	FOREIGN KEY (`payment_id`) REFERENCES `payments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "refund_positive" CHECK(typeof("refunds"."amount_cents") = 'integer' and "refunds"."amount_cents" > 0),
	CONSTRAINT "refund_state_known" CHECK("refunds"."state" in ('pending', 'settled', 'failed'))
);
--> statement-breakpoint
CREATE INDEX `refunds_by_payment` ON `refunds` (`payment_id`);--> statement-breakpoint
CREATE UNIQUE INDEX `refund_vendor_unique` ON `refunds` (`stripe_refund_id`);--> statement-breakpoint
CREATE TABLE `returns` (
	`id` text PRIMARY KEY NOT NULL,
	`payment_id` text NOT NULL,
	`amount_cents` integer NOT NULL,
	`code` text NOT NULL,
	`at` integer NOT NULL,
	FOREIGN KEY (`payment_id`) REFERENCES `payments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "return_positive" CHECK("returns"."amount_cents" > 0)
);
--> statement-breakpoint
CREATE INDEX `returns_by_payment` ON `returns` (`payment_id`);--> statement-breakpoint
CREATE TABLE `accounts` (
	`id` text PRIMARY KEY NOT NULL,
	`number` text NOT NULL,
	`name` text NOT NULL,
	`first_name` text DEFAULT '' NOT NULL,
	`last_name` text DEFAULT '' NOT NULL,
	`email` text,
	`phone` text,
	`mobile` text,
	`line1` text DEFAULT '' NOT NULL,
	`line2` text DEFAULT '' NOT NULL,
	`city` text DEFAULT '' NOT NULL,
	`state` text DEFAULT '' NOT NULL,
	`zip` text DEFAULT '' NOT NULL,
	`status` text NOT NULL,
	`salesperson_email` text,
	`registration_key` text,
	`stripe_customer_id` text,
	`created_at` integer NOT NULL,
	`import_hash` text,
	CONSTRAINT "account_status_known" CHECK("accounts"."status" in ('active', 'inactive'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `account_number_unique` ON `accounts` (`number`);--> statement-breakpoint
CREATE UNIQUE INDEX `account_stripe_customer_unique` ON `accounts` (`stripe_customer_id`);--> statement-breakpoint
CREATE TABLE `api_keys` (
	`id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`hash` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	`revoked_at` integer
);
--> statement-breakpoint
CREATE UNIQUE INDEX `api_key_unique` ON `api_keys` (`hash`);--> statement-breakpoint
CREATE TABLE `attempts` (
	`key` text PRIMARY KEY NOT NULL,
	`count` integer NOT NULL,
	`ends_at` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `attempts_by_end` ON `attempts` (`ends_at`);--> statement-breakpoint
CREATE TABLE `memberships` (
	`user_id` text NOT NULL,
	`account_id` text NOT NULL,
	`role` text NOT NULL,
	`created_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `account_id`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "membership_role_known" CHECK("memberships"."role" in ('owner', 'billing', 'service', 'viewer'))
);
--> statement-breakpoint
CREATE INDEX `memberships_by_account` ON `memberships` (`account_id`);--> statement-breakpoint
CREATE TABLE `sessions` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`account_id` text,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `sessions_by_user` ON `sessions` (`user_id`);--> statement-breakpoint
CREATE INDEX `sessions_by_expiry` ON `sessions` (`expires_at`);--> statement-breakpoint
CREATE TABLE `staff` (
	`user_id` text PRIMARY KEY NOT NULL,
	`role` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "staff_role_known" CHECK("staff"."role" in ('owner', 'office'))
);
--> statement-breakpoint
CREATE TABLE `users` (
	`id` text PRIMARY KEY NOT NULL,
	`email` text NOT NULL,
	`name` text NOT NULL,
	`password_hash` text,
	`language` text,
	`created_at` integer NOT NULL,
	CONSTRAINT "user_email_lower" CHECK("users"."email" = lower("users"."email")),
	CONSTRAINT "user_language_known" CHECK("users"."language" in ('en', 'es'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `user_email_unique` ON `users` (`email`);--> statement-breakpoint
CREATE TABLE `import_mappings` (
	`file` text NOT NULL,
	`heading` text NOT NULL,
	`field` text NOT NULL,
	`saved_at` integer NOT NULL,
	PRIMARY KEY(`file`, `heading`)
);
--> statement-breakpoint
CREATE TABLE `imports` (
	`id` text PRIMARY KEY NOT NULL,
	`by` text NOT NULL,
	`started_at` integer NOT NULL,
	`finished_at` integer,
	`counts` text,
	`wrong_rows_key` text
);
--> statement-breakpoint
CREATE INDEX `imports_by_start` ON `imports` (`started_at`);--> statement-breakpoint
CREATE TABLE `sites` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`number` text NOT NULL,
	`name` text NOT NULL,
	`line1` text DEFAULT '' NOT NULL,
	`city` text DEFAULT '' NOT NULL,
	`state` text DEFAULT '' NOT NULL,
	`zip` text DEFAULT '' NOT NULL,
	`phone` text,
	`permit_number` text,
	`permit_expires_on` text,
	`import_hash` text,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `site_number_unique` ON `sites` (`number`);--> statement-breakpoint
CREATE INDEX `sites_by_account` ON `sites` (`account_id`);--> statement-breakpoint
CREATE TABLE `systems` (
	`id` text PRIMARY KEY NOT NULL,
	`site_id` text NOT NULL,
	`cs_number` text NOT NULL,
	`kind` text DEFAULT '' NOT NULL,
	`panel` text DEFAULT '' NOT NULL,
	`installed_on` text,
	`monitored_since_on` text,
	`services` text DEFAULT '[]' NOT NULL,
	`communication` text DEFAULT '' NOT NULL,
	`warranty_until_on` text,
	`import_hash` text,
	FOREIGN KEY (`site_id`) REFERENCES `sites`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `system_cs_number_unique` ON `systems` (`cs_number`);--> statement-breakpoint
CREATE INDEX `systems_by_site` ON `systems` (`site_id`);--> statement-breakpoint
CREATE TABLE `zones` (
	`system_id` text NOT NULL,
	`number` text NOT NULL,
	`name` text NOT NULL,
	`kind` text DEFAULT '' NOT NULL,
	`import_hash` text,
	PRIMARY KEY(`system_id`, `number`),
	FOREIGN KEY (`system_id`) REFERENCES `systems`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `events` (
	`key` text PRIMARY KEY NOT NULL,
	`action` text NOT NULL,
	`account_id` text,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	`detail` text
);
--> statement-breakpoint
CREATE INDEX `events_by_account` ON `events` (`account_id`,`at`);--> statement-breakpoint
CREATE TABLE `guards` (
	`invoice_payable` integer,
	`payment_open` integer,
	`method_usable` integer,
	`rows_matched` integer,
	`tries_left` integer,
	CONSTRAINT "invoice_payable" CHECK("guards"."invoice_payable" is null or "guards"."invoice_payable" = 1),
	CONSTRAINT "payment_open" CHECK("guards"."payment_open" is null or "guards"."payment_open" = 1),
	CONSTRAINT "method_usable" CHECK("guards"."method_usable" is null or "guards"."method_usable" = 1),
	CONSTRAINT "rows_matched" CHECK("guards"."rows_matched" is null or "guards"."rows_matched" = 1),
	CONSTRAINT "tries_left" CHECK("guards"."tries_left" is null or "guards"."tries_left" = 1)
);
--> statement-breakpoint
CREATE TABLE `messages` (
	`id` text PRIMARY KEY NOT NULL,
	`dedupe_key` text NOT NULL,
	`account_id` text,
	`user_id` text,
	`channel` text NOT NULL,
	`kind` text NOT NULL,
	`subject_id` text NOT NULL,
	`address` text NOT NULL,
	`state` text DEFAULT 'waiting' NOT NULL,
	`queued_at` integer NOT NULL,
	`first_tried_at` integer,
	`lease_until` integer,
	`tries` integer DEFAULT 0 NOT NULL,
	`sent_at` integer,
	`vendor_id` text,
	`failure` text,
	CONSTRAINT "message_channel_known" CHECK("messages"."channel" in ('email', 'sms')),
	CONSTRAINT "message_state_known" CHECK("messages"."state" in ('waiting', 'sending', 'sent', 'failed', 'unclear'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `message_dedupe_unique` ON `messages` (`dedupe_key`);--> statement-breakpoint
CREATE INDEX `messages_to_send` ON `messages` (`id`,`lease_until`) WHERE state in ('waiting', 'sending');--> statement-breakpoint
CREATE TABLE `settings` (
	`id` integer PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`phone` text NOT NULL,
	`email` text NOT NULL,
	`line1` text NOT NULL,
	`city` text NOT NULL,
	`state` text NOT NULL,
	`zip` text NOT NULL,
	`licence` text DEFAULT '' NOT NULL,
	`remit_to` text NOT NULL,
	`accent` text DEFAULT '#0f766e' NOT NULL,
	`partial_payments` integer DEFAULT true NOT NULL,
	`minimum_payment_cents` integer DEFAULT 100 NOT NULL,
	`overpayment` integer DEFAULT false NOT NULL,
	`card_payments` integer DEFAULT true NOT NULL,
	`bank_payments` integer DEFAULT true NOT NULL,
	`import_status` text DEFAULT 'sent' NOT NULL,
	CONSTRAINT "settings_one_row" CHECK("settings"."id" = 1),
	CONSTRAINT "settings_accent_hex" CHECK("settings"."accent" glob '#[0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f][0-9a-f]'),
	CONSTRAINT "settings_minimum_payment" CHECK("settings"."minimum_payment_cents" >= 50)
);
--> statement-breakpoint
CREATE TABLE `stripe_events` (
	`id` text PRIMARY KEY NOT NULL,
	`type` text NOT NULL,
	`object_id` text NOT NULL,
	`received_at` integer NOT NULL,
	`applied_at` integer
);
--> statement-breakpoint
CREATE INDEX `stripe_events_to_apply` ON `stripe_events` (`id`,`received_at`) WHERE applied_at is null;--> statement-breakpoint
CREATE TABLE `worklist` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`account_id` text,
	`subject_id` text NOT NULL,
	`detail` text DEFAULT '' NOT NULL,
	`opened_at` integer NOT NULL,
	`closed_at` integer,
	CONSTRAINT "worklist_kind_known" CHECK("worklist"."kind" in ('payment_disagreed', 'payment_unclear', 'message_failed', 'job_gave_up', 'books_wrong'))
);
--> statement-breakpoint
CREATE INDEX `worklist_open` ON `worklist` (`opened_at`,`id`) WHERE closed_at is null;