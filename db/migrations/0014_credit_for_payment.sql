ALTER TABLE `credits` ADD `payment_id` text REFERENCES payments(id);--> statement-breakpoint
CREATE INDEX `credits_by_payment` ON `credits` (`payment_id`) WHERE payment_id is not null;--> statement-breakpoint
UPDATE `credits` SET `payment_id` = (SELECT detail ->> 'paymentId' FROM `events` WHERE `key` = 'credit.given:' || `credits`.`id`) WHERE `by` IS NOT NULL;
