CREATE INDEX `ledger_lines_to_fetch` ON `ledger_lines` (`id`) WHERE fetched_at is null;--> statement-breakpoint
INSERT INTO `ledger_lines` (`kind`, `subject_id`, `account_id`, `amount_cents`, `at`)
SELECT kind, subject_id, account_id, cents, at FROM (
	SELECT 'payment' AS kind, id AS subject_id, account_id, amount_cents AS cents, coalesce(closed_at, started_at) AS at
		FROM payments WHERE origin = 'portal' AND state = 'settled'
	UNION ALL
	SELECT 'refund', r.id, p.account_id, -r.amount_cents, r.at FROM refunds r JOIN payments p ON p.id = r.payment_id WHERE r.state = 'settled'
	UNION ALL
	SELECT 'return', r.id, p.account_id, -min(r.amount_cents, p.returned_cents), r.at FROM returns r JOIN payments p ON p.id = r.payment_id WHERE p.returned_cents > 0
	UNION ALL
	SELECT 'credit', c.id, c.account_id, c.amount_cents, coalesce(e.at, unixepoch(c.issued_on)) FROM credits c
		LEFT JOIN events e ON e.key = 'credit.given:' || c.id WHERE c.by IS NOT NULL
) ORDER BY at, kind, subject_id;
