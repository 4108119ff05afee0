DROP INDEX `ledger_lines_to_fetch`;--> statement-breakpoint
CREATE INDEX `ledger_lines_by_fetch` ON `ledger_lines` (`fetched_at`,`id`);--> statement-breakpoint
DROP INDEX `webhook_deliveries_to_send`;--> statement-breakpoint
CREATE INDEX `webhook_deliveries_failed` ON `webhook_deliveries` (`ledger_line_id`) WHERE state = 'failed';--> statement-breakpoint
CREATE INDEX `webhook_deliveries_to_send` ON `webhook_deliveries` (`ledger_line_id`,`next_try_at`) WHERE state = 'waiting';