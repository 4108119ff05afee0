ALTER TABLE `payment_methods` ADD `detached_at` integer;--> statement-breakpoint
CREATE INDEX `payment_methods_to_detach` ON `payment_methods` (`id`) WHERE removed_at is not null and detached_at is null;--> statement-breakpoint
CREATE INDEX `payment_methods_to_remove` ON `payment_methods` (`removal_requested_at`,`id`) WHERE removal_requested_at is not null and removed_at is null;--> statement-breakpoint
ALTER TABLE `setups` ADD `make_default` integer DEFAULT false NOT NULL;