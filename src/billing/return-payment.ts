import { desc, eq, sql } from "drizzle-orm";
import { allocations, invoices, payments } from "../../db/schema.ts";
import { commit, readAll } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { letterAbout } from "../messaging/promise-letter.ts";
import { openWorklist } from "../office/worklist.ts";
import { disagree } from "./close-payment.ts";
import { ledgerLine } from "./ledger-lines.ts";
import { reversals } from "./rules.ts";

/** A return as its bank reports it; `returnId` is the vendor's dispute. */
export type Returned = { paymentId: string; returnId: string; cents: number; code: string };

/**
 * Takes a returned payment's money off its invoices again, which reopens them with their own due dates, and tells the
 * customer. Account credit goes first, then the invoice due last. Twice is once. `retry` when the payment is not
 * recorded as settled yet, or changed meanwhile. One that is recorded as failed goes to the worklist.
 */
export async function returnPayment(deps: Deps, returned: Returned): Promise<"done" | "retry"> {
  const { db, now } = deps;
  const { payment, covered } = await readAll(db, {
    payment: db
      .select({
        accountId: payments.accountId,
        state: payments.state,
        amountCents: payments.amountCents,
        allocatedCents: payments.allocatedCents,
        refundedCents: payments.refundedCents,
        returnedCents: payments.returnedCents,
      })
      .from(payments)
      .where(eq(payments.id, returned.paymentId)),
    covered: db
      .select({ invoiceId: allocations.invoiceId, amountCents: sql<number>`sum(${allocations.amountCents})` })
      .from(allocations)
      .innerJoin(invoices, eq(invoices.id, allocations.invoiceId))
      .where(eq(allocations.paymentId, returned.paymentId))
      .groupBy(allocations.invoiceId)
      .having(sql`sum(${allocations.amountCents}) > 0`)
      .orderBy(desc(invoices.dueOn), desc(invoices.number)),
  });
  const p = payment[0];
  if (p?.state === "failed") {
    await disagree(
      deps,
      { id: returned.paymentId, accountId: p.accountId },
      "recorded as failed, now its bank took it back",
    );
    return "done";
  }
  if (p?.state !== "settled") return "retry";

  const key = `payment.returned:${returned.returnId}`;
  const there = p.amountCents - p.refundedCents - p.returnedCents;
  const taken = Math.min(returned.cents, there);
  const undone = reversals(covered, taken - (there - p.allocatedCents));
  const undoneCents = undone.reduce((total, line) => total + line.amountCents, 0);
  const lines = JSON.stringify(undone.map((line) => [line.invoiceId, line.amountCents]));
  const change = {
    key,
    action: "payment.returned",
    accountId: p.accountId,
    by: "stripe",
    detail: { cents: taken, code: returned.code },
  };
  const letter = letterAbout(deps, returned.paymentId, "payment_returned");
  const result = await commit(db, now, change, [
    sql`insert into guards (rows_matched) select 0 where not exists
        (select 1 from payments where id = ${returned.paymentId} and allocated_cents = ${p.allocatedCents}
          and refunded_cents = ${p.refundedCents} and returned_cents = ${p.returnedCents})`,
    sql`insert into returns (id, payment_id, amount_cents, code, at) values (${returned.returnId}, ${returned.paymentId}, ${returned.cents}, ${returned.code}, ${now})`,
    sql`insert into allocations (invoice_id, payment_id, amount_cents, at, event_key)
        select json_extract(value, '$[0]'), ${returned.paymentId}, -json_extract(value, '$[1]'), ${now}, ${key} from json_each(${lines})`,
    sql`update invoices set allocated_cents = allocated_cents -
          (select json_extract(value, '$[1]') from json_each(${lines}) where json_extract(value, '$[0]') = invoices.id)
        where id in (select json_extract(value, '$[0]') from json_each(${lines}))`,
    sql`update payments set allocated_cents = allocated_cents - ${undoneCents}, returned_cents = returned_cents + ${taken}
        where id = ${returned.paymentId}`,
    ...(taken > 0 ? ledgerLine("return", returned.returnId, p.accountId, taken, now) : []),
    letter.promise(),
    // More came back than was still here: part had been refunded. The bank account is now short, and a person must look.
    ...(taken < returned.cents
      ? [
          openWorklist(
            now,
            "payment_disagreed",
            p.accountId,
            returned.paymentId,
            `returned ${returned.cents} cents, only ${taken} were left`,
          ),
        ]
      : []),
  ]);
  if (result.result === "done") await letter.announce();
  return result.result === "refused" ? "retry" : "done";
}
