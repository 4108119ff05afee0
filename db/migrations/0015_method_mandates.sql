ALTER TABLE `payment_methods` ADD `mandate_id` text;
--> statement-breakpoint
UPDATE `payment_methods` SET `mandate_id` = (SELECT g.`mandate_id` FROM `agreements` g WHERE g.`account_id` = `payment_methods`.`account_id` AND g.`payment_method_id` = `payment_methods`.`id` AND g.`mandate_id` IS NOT NULL ORDER BY g.`at` LIMIT 1) WHERE `kind` = 'bank';
