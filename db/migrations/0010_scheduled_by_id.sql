DROP INDEX `scheduled_payments_to_make`;--> statement-breakpoint
CREATE INDEX `scheduled_payments_to_make` ON `scheduled_payments` (`id`,`pay_on`) WHERE state = 'waiting';