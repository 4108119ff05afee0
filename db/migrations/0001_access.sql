CREATE TABLE `access_settings` (
	`id` integer PRIMARY KEY NOT NULL,
	`register_by_key` integer DEFAULT true NOT NULL,
	`register_by_email` integer DEFAULT true NOT NULL,
	`register_asks_name` integer DEFAULT true NOT NULL,
	`register_asks_phone` integer DEFAULT false NOT NULL,
	`strict_name_match` integer DEFAULT false NOT NULL,
	`first_password` text DEFAULT 'link' NOT NULL,
	`key_used_once` integer DEFAULT false NOT NULL,
	`staff_two_step` integer DEFAULT false NOT NULL,
	CONSTRAINT "access_settings_one_row" CHECK("access_settings"."id" = 1),
	CONSTRAINT "access_settings_first_password_known" CHECK("access_settings"."first_password" in ('link', 'temporary'))
);
--> statement-breakpoint
CREATE TABLE `contact_changes` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`user_id` text,
	`field` text NOT NULL,
	`before` text NOT NULL,
	`after` text NOT NULL,
	`at` integer NOT NULL,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `contact_changes_by_account` ON `contact_changes` (`account_id`,`at`);--> statement-breakpoint
CREATE TABLE `identities` (
	`provider` text NOT NULL,
	`subject` text NOT NULL,
	`user_id` text NOT NULL,
	`email` text NOT NULL,
	`linked_at` integer NOT NULL,
	PRIMARY KEY(`provider`, `subject`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "identity_provider_known" CHECK("identities"."provider" in ('google', 'microsoft', 'apple'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `identity_once_per_provider` ON `identities` (`user_id`,`provider`);--> statement-breakpoint
CREATE TABLE `recovery_codes` (
	`user_id` text NOT NULL,
	`hash` text NOT NULL,
	`used_at` integer,
	PRIMARY KEY(`user_id`, `hash`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `registrations` (
	`id` text PRIMARY KEY NOT NULL,
	`account_id` text NOT NULL,
	`email` text NOT NULL,
	`name` text DEFAULT '' NOT NULL,
	`phone` text DEFAULT '' NOT NULL,
	`differs` text DEFAULT '' NOT NULL,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	`decided_at` integer,
	`decided_by` text,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "registration_state_known" CHECK("registrations"."state" in ('waiting', 'sent', 'approved', 'refused'))
);
--> statement-breakpoint
CREATE INDEX `registrations_by_account` ON `registrations` (`account_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `registrations_to_decide` ON `registrations` (`created_at`,`id`) WHERE state = 'waiting';--> statement-breakpoint
CREATE INDEX `registrations_by_time` ON `registrations` (`created_at`,`id`);--> statement-breakpoint
CREATE TABLE `sign_ins` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`at` integer NOT NULL,
	`how` text NOT NULL,
	`device` text NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "sign_in_how_known" CHECK("sign_ins"."how" in ('password', 'link', 'google', 'microsoft', 'apple'))
);
--> statement-breakpoint
CREATE INDEX `sign_ins_by_user` ON `sign_ins` (`user_id`,`at`);--> statement-breakpoint
CREATE TABLE `tokens` (
	`id` text PRIMARY KEY NOT NULL,
	`purpose` text NOT NULL,
	`hash` text NOT NULL,
	`user_id` text NOT NULL,
	`account_id` text,
	`email` text NOT NULL,
	`created_at` integer NOT NULL,
	`expires_at` integer NOT NULL,
	`ended_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`account_id`) REFERENCES `accounts`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "token_purpose_known" CHECK("tokens"."purpose" in ('registration', 'temporary', 'password', 'invitation', 'email'))
);
--> statement-breakpoint
CREATE UNIQUE INDEX `token_unique` ON `tokens` (`hash`);--> statement-breakpoint
CREATE INDEX `tokens_by_user` ON `tokens` (`user_id`,`purpose`);--> statement-breakpoint
CREATE INDEX `tokens_by_account` ON `tokens` (`account_id`,`purpose`);--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_worklist` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`account_id` text,
	`subject_id` text NOT NULL,
	`detail` text DEFAULT '' NOT NULL,
	`opened_at` integer NOT NULL,
	`closed_at` integer,
	CONSTRAINT "worklist_kind_known" CHECK("__new_worklist"."kind" in ('payment_disagreed', 'payment_unclear', 'message_failed', 'job_gave_up', 'books_wrong', 'registration_waiting', 'registration_differs', 'contact_changed'))
);
--> statement-breakpoint
INSERT INTO `__new_worklist`("id", "kind", "account_id", "subject_id", "detail", "opened_at", "closed_at") SELECT "id", "kind", "account_id", "subject_id", "detail", "opened_at", "closed_at" FROM `worklist`;--> statement-breakpoint
DROP TABLE `worklist`;--> statement-breakpoint
ALTER TABLE `__new_worklist` RENAME TO `worklist`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `worklist_open` ON `worklist` (`opened_at`,`id`) WHERE closed_at is null;--> statement-breakpoint
ALTER TABLE `accounts` ADD `paperless` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `accounts` ADD `master_account_id` text REFERENCES accounts(id);--> statement-breakpoint
CREATE INDEX `accounts_by_master` ON `accounts` (`master_account_id`) WHERE master_account_id is not null;--> statement-breakpoint
CREATE INDEX `accounts_by_email` ON `accounts` (`email`);--> statement-breakpoint
ALTER TABLE `attempts` ADD `about` text;--> statement-breakpoint
ALTER TABLE `attempts` ADD `allowed` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `attempts_locked` ON `attempts` (`ends_at`,`key`) WHERE count >= allowed;--> statement-breakpoint
ALTER TABLE `memberships` ADD `active_since` integer;--> statement-breakpoint
ALTER TABLE `sessions` ADD `device` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `users` ADD `totp_secret` text;--> statement-breakpoint
ALTER TABLE `users` ADD `two_step_since` integer;--> statement-breakpoint
ALTER TABLE `users` ADD `totp_step` integer;--> statement-breakpoint
CREATE TABLE `__new_guards` (
	`invoice_payable` integer,
	`payment_open` integer,
	`method_usable` integer,
	`rows_matched` integer,
	`tries_left` integer,
	`link_usable` integer,
	`owner_left` integer,
	CONSTRAINT "invoice_payable" CHECK("__new_guards"."invoice_payable" is null or "__new_guards"."invoice_payable" = 1),
	CONSTRAINT "payment_open" CHECK("__new_guards"."payment_open" is null or "__new_guards"."payment_open" = 1),
	CONSTRAINT "method_usable" CHECK("__new_guards"."method_usable" is null or "__new_guards"."method_usable" = 1),
	CONSTRAINT "rows_matched" CHECK("__new_guards"."rows_matched" is null or "__new_guards"."rows_matched" = 1),
	CONSTRAINT "tries_left" CHECK("__new_guards"."tries_left" is null or "__new_guards"."tries_left" = 1),
	CONSTRAINT "link_usable" CHECK("__new_guards"."link_usable" is null or "__new_guards"."link_usable" = 1),
	CONSTRAINT "owner_left" CHECK("__new_guards"."owner_left" is null or "__new_guards"."owner_left" = 1)
);
--> statement-breakpoint
DROP TABLE `guards`;--> statement-breakpoint
ALTER TABLE `__new_guards` RENAME TO `guards`;--> statement-breakpoint
INSERT INTO `access_settings` (`id`) VALUES (1);--> statement-breakpoint
UPDATE `memberships` SET `active_since` = `created_at`;--> statement-breakpoint
DELETE FROM `attempts`;
