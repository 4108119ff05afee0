ALTER TABLE `refunds` ADD `reckoned_at` integer;--> statement-breakpoint
ALTER TABLE `returns` ADD `reckoned_at` integer;