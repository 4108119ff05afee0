import { sql } from "drizzle-orm";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { announce, type PromisedLetter, type RefundLetterKind, whoPaid } from "./promise-letter.ts";

/** To whoever had the receipt of the payment that is refunded; once per refund and kind. `when` is any condition. */
export function letterAboutRefund(deps: Deps, refundId: string, kind: RefundLetterKind): PromisedLetter {
  const id = newId("msg", deps.now);
  return {
    promise: (when = sql`true`) =>
      sql`insert into messages (id, dedupe_key, account_id, user_id, channel, kind, subject_id, address, queued_at)
          select ${id}, ${`${kind}:${refundId}`}, p.account_id, u.id, 'email', ${kind}, r.id, coalesce(u.email, a.email), ${deps.now}
          from refunds r join payments p on p.id = r.payment_id join accounts a on a.id = p.account_id
          left join users u on u.id = ${whoPaid}
          where r.id = ${refundId} and coalesce(u.email, a.email) is not null and ${when}
          on conflict do nothing`,
    announce: () => announce(deps, id),
  };
}
