import { sql } from "drizzle-orm";
import { type Change, commit, mustHaveChanged, readAll, type Write } from "../batch.ts";
import { HOUR, type Instant } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { letterAbout } from "../messaging/promise-letter.ts";
import { dollars } from "../money.ts";
import { openWorklist } from "../office/worklist.ts";
import type { VendorReturn } from "../ports.ts";
import { moveMoney, movesBack, movesOff, placedMoney, stillHere, takenOff, unchanged } from "./allocations.ts";
import { disagree } from "./close-payment.ts";
import { correctingLine, ledgerLine } from "./ledger-lines.ts";
import { stopAutopayBecause } from "./stop-autopay.ts";

/** A return as its bank reports it; `returnId` is the vendor's dispute. */
export type Returned = VendorReturn & { paymentId: string };

/**
 * Brings a return to where its bank says it is, in any order and any number of times. Taken: off the invoices again,
 * which reopens them with their own due dates; account credit goes first, then the invoice due last. Won: back where it
 * was. `retry` when the payment is not recorded as settled yet, or changed meanwhile. What contradicts the books goes to
 * the worklist; `heardAt` is when the news came, because news that are overtaken by newer ones contradict nothing.
 */
export async function returnPayment(
  deps: Deps,
  returned: Returned,
  heardAt: Instant = deps.now,
): Promise<"done" | "retry"> {
  const { db, now } = deps;
  const { payment, covered, taken } = await readAll(db, placedMoney(db, returned.paymentId));
  const p = payment[0];
  const before = taken.find((one) => one.id === returned.returnId);
  if (p?.state === "failed") {
    await disagree(deps, p, "recorded as failed, now its bank took it back");
    return "done";
  }
  if (p?.state !== "settled") return "retry";
  if (!before)
    return returned.state === "won" ? noteWon(deps, p.accountId, returned) : take(deps, returned, p, covered);
  if (before.amountCents !== returned.cents || (before.state === "won" && returned.state !== "won")) {
    if (now - heardAt < HOUR) return "retry";
    const had = `${dollars(before.amountCents)} taken back, ${before.state}`;
    await disagree(
      deps,
      p,
      `recorded as ${had}, the vendor now says ${dollars(returned.cents)}, ${returned.state} (${returned.returnId})`,
    );
    return "done";
  }
  if (before.state === returned.state || returned.state === "running") return "done";
  const change = { action: `payment.return_${returned.state}`, accountId: p.accountId, by: "stripe" };
  const key = `${change.action}:${returned.returnId}`;
  return returned.state === "lost"
    ? lose(deps, { ...change, key }, returned)
    : win(deps, { ...change, key }, p, before);
}

type Placed = { accountId: string } & Parameters<typeof unchanged>[0];

async function take(
  deps: Deps,
  returned: Returned,
  p: Placed,
  covered: { invoiceId: string; amountCents: number }[],
): Promise<"done" | "retry"> {
  const { db, now } = deps;
  const { returnId, paymentId, cents, code, state } = returned;
  const key = `payment.returned:${returnId}`;
  const taken = Math.min(cents, stillHere(p));
  const change = {
    key,
    action: "payment.returned",
    accountId: p.accountId,
    by: "stripe",
    detail: { cents: taken, code },
  };
  const letter = letterAbout(deps, paymentId, "payment_returned", returnId);
  const autopay = stopAutopayBecause(deps, p.accountId, code, paymentId);
  const result = await commit(db, now, change, [
    unchanged(p),
    sql`insert into returns (id, payment_id, amount_cents, taken_cents, code, state, at)
        values (${returnId}, ${paymentId}, ${cents}, ${taken}, ${code}, ${state}, ${now})`,
    ...moveMoney(movesOff(p, covered, taken), key, now),
    sql`update payments set returned_cents = returned_cents + ${taken} where id = ${paymentId}`,
    ...(taken > 0 ? ledgerLine("return", returnId, p.accountId, taken, now) : []),
    letter.promise(),
    ...autopay.writes,
    openWorklist(
      now,
      "payment_returned",
      p.accountId,
      paymentId,
      `${dollars(taken)}: ${code.replaceAll("_", " ")}${state === "running" ? "; can still be answered at the card company" : ""}`,
    ),
    // More came back than was still here: part had been refunded. The bank account is now short, and a person must look.
    ...(taken < cents
      ? [
          openWorklist(
            now,
            "payment_disagreed",
            p.accountId,
            paymentId,
            `returned ${cents} cents, only ${taken} were left`,
          ),
        ]
      : []),
  ]);
  if (result.result === "done") {
    await letter.announce();
    await autopay.announce();
  }
  return result.result === "refused" ? "retry" : "done";
}

/** Taken and given back before we heard of it: noted, so that older news of it change nothing. */
async function noteWon(deps: Deps, accountId: string, returned: Returned): Promise<"done" | "retry"> {
  const { db, now } = deps;
  const { returnId, paymentId, cents, code } = returned;
  const change = { key: `payment.returned:${returnId}`, action: "payment.return_won", accountId, by: "stripe" };
  const { result } = await commit(db, now, change, [
    sql`insert into returns (id, payment_id, amount_cents, code, state, at)
        values (${returnId}, ${paymentId}, ${cents}, ${code}, 'won', ${now})`,
  ]);
  return result === "done" ? "done" : "retry";
}

async function lose(deps: Deps, change: Change, { returnId, paymentId }: Returned): Promise<"done" | "retry"> {
  const { result } = await commit(deps.db, deps.now, change, [
    sql`update returns set state = 'lost' where id = ${returnId} and state = 'running'`,
    mustHaveChanged("rows_matched"),
    openWorklist(
      deps.now,
      "payment_returned",
      change.accountId,
      paymentId,
      "the card's bank has decided for the customer",
    ),
  ]);
  return result === "refused" ? "retry" : "done";
}

/** The money is here again: back onto the invoices that it came off, as far as they owe it; the rest is account credit. */
async function win(
  deps: Deps,
  change: Change,
  p: Placed,
  { id, takenCents }: { id: string; takenCents: number },
): Promise<"done" | "retry"> {
  const { db, now } = deps;
  const { off } = await readAll(db, { off: takenOff(db, p.id, `payment.returned:${id}`) });
  const letter = letterAbout(deps, p.id, "payment_restored", id);
  const writes: Write[] = [
    unchanged(p),
    sql`update returns set state = 'won', taken_cents = 0 where id = ${id} and state <> 'won' and taken_cents = ${takenCents}`,
    mustHaveChanged("rows_matched"),
    sql`update payments set returned_cents = returned_cents - ${takenCents} where id = ${p.id}`,
    ...moveMoney(movesBack(p.id, off, takenCents), change.key, now),
    ...correctingLine("return", id, "won", p.accountId, takenCents, now),
    sql`update worklist set closed_at = ${now} where id = ${`payment_returned:${p.id}`} and closed_at is null`,
    letter.promise(),
  ];
  const { result } = await commit(db, now, { ...change, detail: { cents: takenCents } }, writes);
  if (result === "done") await letter.announce();
  return result === "refused" ? "retry" : "done";
}
