DROP INDEX `ledger_lines_by_fetch`;--> statement-breakpoint
ALTER TABLE `ledger_lines` ADD `fetch_id` text;--> statement-breakpoint
CREATE INDEX `ledger_lines_by_fetch` ON `ledger_lines` (`fetch_id`,`id`);--> statement-breakpoint
ALTER TABLE `events` ADD `call_id` text;--> statement-breakpoint
UPDATE `ledger_lines` SET `fetch_id` = 'at_' || `fetched_at` WHERE `fetched_at` IS NOT NULL;