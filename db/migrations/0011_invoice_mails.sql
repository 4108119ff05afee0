ALTER TABLE `invoices` ADD `announce_at` integer;--> statement-breakpoint
CREATE INDEX `invoices_to_announce` ON `invoices` (`id`,`announce_at`) WHERE announce_at is not null;--> statement-breakpoint
ALTER TABLE `money_settings` ADD `mail_invoices` integer DEFAULT true NOT NULL;--> statement-breakpoint
CREATE INDEX `refunds_by_time` ON `refunds` (`at`,`id`);--> statement-breakpoint
CREATE INDEX `returns_by_time` ON `returns` (`at`,`id`);