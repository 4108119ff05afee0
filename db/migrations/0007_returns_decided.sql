ALTER TABLE `payments` ADD `reckoned_at` integer;--> statement-breakpoint
PRAGMA foreign_keys=OFF;--> statement-breakpoint
CREATE TABLE `__new_returns` (
	`id` text PRIMARY KEY NOT NULL,
	`payment_id` text NOT NULL,
	`amount_cents` integer NOT NULL,
	`taken_cents` integer DEFAULT 0 NOT NULL,
	`code` text NOT NULL,
	`state` text DEFAULT 'lost' NOT NULL,
	`at` integer NOT NULL,
	FOREIGN KEY (`payment_id`) REFERENCES `payments`(`id`) ON UPDATE no action ON DELETE no action,
	CONSTRAINT "return_positive" CHECK("__new_returns"."amount_cents" > 0),
	CONSTRAINT "return_takes_no_more_than_itself" CHECK("__new_returns"."taken_cents" between 0 and "__new_returns"."amount_cents"),
	CONSTRAINT "return_won_is_back" CHECK("__new_returns"."state" <> 'won' or "__new_returns"."taken_cents" = 0),
	CONSTRAINT "return_state_known" CHECK("__new_returns"."state" in ('running', 'lost', 'won'))
);
--> statement-breakpoint
INSERT INTO `__new_returns`("id", "payment_id", "amount_cents", "taken_cents", "code", "state", "at") SELECT r.id, r.payment_id, r.amount_cents, min(r.amount_cents, p.returned_cents), r.code, CASE p.kind WHEN 'card' THEN 'running' ELSE 'lost' END, r.at FROM `returns` r JOIN `payments` p ON p.id = r.payment_id;--> statement-breakpoint
DROP TABLE `returns`;--> statement-breakpoint
ALTER TABLE `__new_returns` RENAME TO `returns`;--> statement-breakpoint
PRAGMA foreign_keys=ON;--> statement-breakpoint
CREATE INDEX `returns_by_payment` ON `returns` (`payment_id`);--> statement-breakpoint
CREATE INDEX `credits_unused` ON `credits` (`account_id`) WHERE amount_cents > allocated_cents;