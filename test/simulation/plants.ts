/**
 * Classic ways in which money goes wrong, each as changes to our own source. `node dev/plant-bugs.ts` makes them in a copy,
 * one at a time, and lives lives there until one goes wrong. A plant that no life finds is a hole in the simulation.
 */
export type Plant = { name: string; changes: { file: string; from: string; to: string }[] };

export const PLANTS: Plant[] = [
  {
    name: "a key is used for two payments",
    changes: [
      {
        file: "src/adapters/stripe.ts",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
        from: "idempotencyKey: `pi:${paymentId}`",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
        to: "idempotencyKey: `pi:${customerId}:${cents}`",
      },
      // With another payment's words and name on it Stripe would refuse the key by itself.
      {
        file: "src/adapters/stripe.ts",
        from: "            description,\n            metadata: { payment_id: paymentId },\n          },\n          { idempotencyKey: `pi:",
        to: "            metadata: { payment_id: customerId },\n          },\n          { idempotencyKey: `pi:",
      },
    ],
  },
  {
    name: "a hold is not released",
    changes: [
      {
        file: "src/billing/close-payment.ts",
        from: `mustHaveChanged("payment_open"),
    sql\`update invoices set
          held_cents = held_cents - (select`,
        to: `mustHaveChanged("payment_open"),
    sql\`update invoices set
          held_cents = held_cents - 0 * (select`,
      },
    ],
  },
  {
    name: "an event is applied twice",
    changes: [
      // The commit that settles no longer knows that it was made.
      {
        file: "src/billing/close-payment.ts",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
        from: "  const key = `payment.closed:${payment.id}`;\n  const receipt",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
        to: "  const key = `payment.closed:${payment.id}:${newId('msg', now)}`;\n  const receipt",
      },
      {
        file: "src/billing/close-payment.ts",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
        from: "where id = ${payment.id} and state in ('pending', 'processing')`,\n      mustHaveChanged(\"payment_open\"),\n      sql`update invoices set",
        // biome-ignore lint/suspicious/noTemplateCurlyInString: source text
        to: 'where id = ${payment.id}`,\n      mustHaveChanged("payment_open"),\n      sql`update invoices set',
      },
      // The database would refuse it three times, and is told not to.
      {
        file: "db/migrations/0004_standing_arrangements.sql",
        from: "CREATE UNIQUE INDEX `ledger_line_once`",
        to: "CREATE INDEX `ledger_line_once`",
      },
      {
        file: "db/migrations/0000_foundation.sql",
        from: `CHECK("invoices"."held_cents" >= 0 and "invoices"."allocated_cents" >= 0 and "invoices"."held_cents" + "invoices"."allocated_cents" <= "invoices"."total_cents")`,
        to: "CHECK(true)",
      },
    ],
  },
  {
    name: "a notice is skipped",
    changes: [
      {
        file: "src/billing/make-draft.ts",
        from: "  draft.noticeSentAt !== null &&\n",
        to: "  draft.noticeSentAt === null ||\n",
      },
    ],
  },
  {
    name: "a refund has no bounds",
    changes: [
      {
        file: "src/billing/refund-rules.ts",
        from: "p.amountCents - p.refundedCents - p.returnedCents - p.creditedCents",
        to: "p.amountCents",
      },
      // The commit itself would refuse it, and the database, and are told not to.
      {
        file: "src/billing/allocations.ts",
        from: "where c.payment_id = p.id) > p.amount_cents)",
        to: "where c.payment_id = p.id) > 100 * p.amount_cents)",
      },
      {
        file: "db/migrations/0000_foundation.sql",
        from: `and "payments"."allocated_cents" + "payments"."refunded_cents" + "payments"."returned_cents" <= "payments"."amount_cents"`,
        to: "",
      },
    ],
  },
  {
    name: "what nobody answered is called failed",
    changes: [
      {
        file: "src/billing/close-payment.ts",
        from: '} else if (outcome.state === "failed") {\n    await recorded(deps, payment, "failed", await fail(deps, payment, outcome.code, outcome.with, by));',
        to: '} else if (outcome.state === "failed" || outcome.state === "unknown") {\n    await recorded(deps, payment, "failed", await fail(deps, payment, "unknown", null, by));',
      },
    ],
  },
];
