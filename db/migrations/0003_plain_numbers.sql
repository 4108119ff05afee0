DROP INDEX `accounts_by_email`;--> statement-breakpoint
ALTER TABLE `accounts` ADD `plain_number` text GENERATED ALWAYS AS (upper(replace(replace(number, '-', ''), ' ', ''))) VIRTUAL;--> statement-breakpoint
CREATE INDEX `accounts_by_plain_number` ON `accounts` (`plain_number`);--> statement-breakpoint
CREATE INDEX `accounts_by_email` ON `accounts` (lower("email"));