PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_worklist` (
	`id` text PRIMARY KEY NOT NULL,
	`kind` text NOT NULL,
	`account_id` text,
	`subject_id` text NOT NULL,
	`detail` text DEFAULT '' NOT NULL,
	`opened_at` integer NOT NULL,
	`closed_at` integer,
	CONSTRAINT "worklist_kind_known" CHECK("__new_worklist"."kind" in ('payment_disagreed', 'payment_unclear', 'message_failed', 'job_gave_up', 'books_wrong', 'registration_waiting', 'registration_differs', 'contact_changed', 'removal_requested', 'stop_requested', 'method_expiring', 'draft_failed', 'payment_returned', 'refund_failed', 'reckoning_differs', 'webhook_failed', 'drafts_halted'))
);
--> statement-breakpoint
INSERT INTO `__new_worklist`("id", "kind", "account_id", "subject_id", "detail", "opened_at", "closed_at") SELECT "id", "kind", "account_id", "subject_id", "detail", "opened_at", "closed_at" FROM `worklist`;--> statement-breakpoint
DROP TABLE `worklist`;--> statement-breakpoint
ALTER TABLE `__new_worklist` RENAME TO `worklist`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `worklist_open` ON `worklist` (`opened_at`,`id`) WHERE closed_at is null;--> statement-breakpoint
DROP INDEX `drafts_to_make`;--> statement-breakpoint
CREATE INDEX `drafts_to_make` ON `drafts` (`next_try_on`,`id`,`max_cents`) WHERE state in ('announced', 'failed') and next_try_on is not null;--> statement-breakpoint
ALTER TABLE `money_settings` ADD `ordinary_day_cents` integer DEFAULT 500000 NOT NULL;