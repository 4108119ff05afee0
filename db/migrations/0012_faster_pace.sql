PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_money_settings` (
	`id` integer PRIMARY KEY NOT NULL,
	`customers_remove_methods` integer DEFAULT false NOT NULL,
	`draft_day_rule` text DEFAULT 'customer' NOT NULL,
	`draft_day` integer DEFAULT 1 NOT NULL,
	`stopping_autopay` text DEFAULT 'switch' NOT NULL,
	`apply_credit` text DEFAULT 'automatic' NOT NULL,
	`statement_kind` text DEFAULT 'open_item' NOT NULL,
	`mail_invoices` integer DEFAULT true NOT NULL,
	`bank_requests_per_second` integer DEFAULT 25 NOT NULL,
	`webhook_url` text,
	`webhook_secret` text,
	CONSTRAINT "money_settings_one_row" CHECK("__new_money_settings"."id" = 1),
	CONSTRAINT "money_settings_draft_day" CHECK("__new_money_settings"."draft_day" between 1 and 28),
	CONSTRAINT "money_settings_draft_day_rule_known" CHECK("__new_money_settings"."draft_day_rule" in ('fixed', 'customer')),
	CONSTRAINT "money_settings_stopping_known" CHECK("__new_money_settings"."stopping_autopay" in ('switch', 'request')),
	CONSTRAINT "money_settings_apply_credit_known" CHECK("__new_money_settings"."apply_credit" in ('automatic', 'by_hand')),
	CONSTRAINT "money_settings_statement_kind_known" CHECK("__new_money_settings"."statement_kind" in ('open_item', 'balance_forward')),
	CONSTRAINT "money_settings_pace" CHECK("__new_money_settings"."bank_requests_per_second" between 1 and 1000)
);
--> statement-breakpoint
INSERT INTO `__new_money_settings`("id", "customers_remove_methods", "draft_day_rule", "draft_day", "stopping_autopay", "apply_credit", "statement_kind", "mail_invoices", "bank_requests_per_second", "webhook_url", "webhook_secret") SELECT "id", "customers_remove_methods", "draft_day_rule", "draft_day", "stopping_autopay", "apply_credit", "statement_kind", "mail_invoices", "bank_requests_per_second", "webhook_url", "webhook_secret" FROM `money_settings`;--> statement-breakpoint
DROP TABLE `money_settings`;--> statement-breakpoint
ALTER TABLE `__new_money_settings` RENAME TO `money_settings`;--> statement-breakpoint
PRAGMA foreign_keys=ON;