import { type SQL, sql } from "drizzle-orm";
import type { Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { VendorTrouble } from "../ports.ts";

export type LetterKind = "receipt" | "payment_submitted" | "payment_failed" | "payment_returned";

/** A letter about a payment: `promise` goes into the commit that owes it, `announce` hurries it once that is done. */
export type PromisedLetter = { promise: (when?: SQL) => Write; announce: () => Promise<void> };

/**
 * To whoever started the payment, else to the account; once per payment and kind. `when` is a condition on the payment
 * `p` as it stands before the commit's later statements. Losing the announcement is harmless: the sweep finds the row.
 */
export function letterAbout(deps: Deps, paymentId: string, kind: LetterKind): PromisedLetter {
  const id = newId("msg", deps.now);
  return {
    promise: (when = sql`true`) =>
      sql`insert into messages (id, dedupe_key, account_id, user_id, channel, kind, subject_id, address, queued_at)
          select ${id}, ${`${kind}:${paymentId}`}, p.account_id, p.started_by, 'email', ${kind}, p.id, coalesce(u.email, a.email), ${deps.now}
          from payments p join accounts a on a.id = p.account_id left join users u on u.id = p.started_by
          where p.id = ${paymentId} and coalesce(u.email, a.email) is not null and ${when}
          on conflict do nothing`,
    async announce() {
      try {
        await deps.ports.jobs.send([{ type: "message.send", dealer: deps.dealer.slug, messageId: id }]);
      } catch (error) {
        if (!(error instanceof VendorTrouble)) throw error;
      }
    },
  };
}
