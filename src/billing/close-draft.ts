import { eq, sql } from "drizzle-orm";
import { draftPayments, payments } from "../../db/schema.ts";
import { readAll, type Write } from "../batch.ts";
import { DAY, plusDays } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { letterAboutAutopay, type PromisedLetter } from "../messaging/promise-letter.ts";
import { openWorklist } from "../office/worklist.ts";
import { afterFailure } from "./autopay-rules.ts";
import { stopAutopayBecause } from "./stop-autopay.ts";

/** What a payment's end means for the draft that it is a try of: in the same commit, so that the two never differ. */

const draftOf = (paymentId: string) => sql`(select draft_id from draft_payments where payment_id = ${paymentId})`;

/** With a settled payment its draft is settled, and what was flagged about it is over. Nothing for other payments. */
export const draftSettled = ({ now }: Deps, payment: { id: string; accountId: string }): Write[] => [
  sql`update drafts set state = 'settled', next_try_on = null, failure_code = null where id = ${draftOf(payment.id)}`,
  sql`update autopay set flag = null where account_id = ${payment.accountId} and stopped_at is null and ${draftOf(payment.id)} is not null`,
  sql`update worklist set closed_at = ${now} where id = 'draft_failed:' || ${draftOf(payment.id)} and closed_at is null`,
];

export type FailedDraft = {
  writes: Write[];
  /** What the customer is owed; null where they were there themselves, and where nothing was tried. */
  letter: PromisedLetter | null;
  announce: () => Promise<void>;
};

/**
 * What a failed payment's commit says about its draft: tried again on a day of the ladder, or never, and who is told.
 * Null for a payment that is no draft's. Throws DatabaseTrouble.
 */
export async function draftFailed(
  deps: Deps,
  payment: { id: string; accountId: string },
  code: string,
): Promise<FailedDraft | null> {
  const { db, now, today } = deps;
  const { found } = await readAll(db, {
    found: db
      .select({
        draftId: draftPayments.draftId,
        tryNumber: draftPayments.tryNumber,
        kind: payments.kind,
        startedBy: payments.startedBy,
      })
      .from(draftPayments)
      .innerJoin(payments, eq(payments.id, draftPayments.paymentId))
      .where(eq(draftPayments.paymentId, payment.id)),
  });
  const draft = found[0];
  if (!draft) return null;
  const { draftId, tryNumber } = draft;
  const after = afterFailure(draft.kind === "bank" ? "bank" : "card", code, tryNumber);
  const nextTryOn = after.next === "wait" ? plusDays(today, after.days) : null;
  const stop = stopAutopayBecause(deps, payment.accountId, code, payment.id);
  // Day 15: what nobody has paid by then is brought up once more.
  const dayAfter = letterAboutAutopay(deps, {
    kind: "draft_unpaid",
    subjectId: draftId,
    accountId: payment.accountId,
    notBefore: now + DAY,
  });
  const quietly = after.next === "wait" && after.quietly;
  return {
    letter:
      draft.startedBy !== null || quietly
        ? null
        : letterAboutAutopay(deps, { kind: "draft_failed", subjectId: payment.id, accountId: payment.accountId }),
    announce: stop.announce,
    writes: [
      sql`update drafts set state = 'failed', failure_code = ${code}, next_try_on = case
            when exists (select 1 from autopay where account_id = drafts.account_id and stopped_at is null) then ${nextTryOn} end
          where id = ${draftId} and state = 'charging'`,
      ...(nextTryOn === null
        ? [
            sql`update autopay set flag = ${code} where account_id = ${payment.accountId} and stopped_at is null`,
            openWorklist(now, "draft_failed", payment.accountId, draftId, code),
          ]
        : []),
      ...(after.next === "over" && draft.kind === "card" ? [dayAfter.promise()] : []),
      ...stop.writes,
    ],
  };
}
