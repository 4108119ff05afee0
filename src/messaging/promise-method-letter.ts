import { sql } from "drizzle-orm";
import { rolesWith } from "../auth/roles.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { announce, type MethodLetterKind, type PromisedLetter, type SetupLetterKind } from "./promise-letter.ts";

/** Whether whoever began the setup `s` may still pay for its account. */
export const mayStillAdd = sql`exists (select 1 from memberships x join accounts a on x.account_id in (a.id, a.master_account_id)
  where a.id = s.account_id and x.user_id = s.user_id and x.active_since is not null and x.role in ${rolesWith("pay")})`;

/** To whoever is adding a method; once per setup and kind. `when` is a condition on the setup `s` as it stands before. */
export function letterAboutSetup(deps: Deps, setupId: string, kind: SetupLetterKind): PromisedLetter {
  const id = newId("msg", deps.now);
  return {
    promise: (when = sql`true`) =>
      sql`insert into messages (id, dedupe_key, account_id, user_id, channel, kind, subject_id, address, queued_at)
          select ${id}, ${`${kind}:${setupId}`}, s.account_id, s.user_id, 'email', ${kind}, s.id, u.email, ${deps.now}
          from setups s join users u on u.id = s.user_id where s.id = ${setupId} and ${when} on conflict do nothing`,
    announce: () => announce(deps, id),
  };
}

/**
 * To whoever added the method and may still pay, else to the account's owner, else to the address on file; once for each
 * `occasion`. `when` is a condition on the method `m` as it stands before.
 */
export function letterAboutMethod(
  deps: Deps,
  methodId: string,
  kind: MethodLetterKind,
  occasion: string,
): PromisedLetter {
  const id = newId("msg", deps.now);
  const mayPay = sql`exists (select 1 from memberships x where x.user_id = s.user_id
    and x.account_id in (a.id, a.master_account_id) and x.active_since is not null and x.role in ${rolesWith("pay")})`;
  return {
    promise: (when = sql`true`) =>
      sql`insert into messages (id, dedupe_key, account_id, user_id, channel, kind, subject_id, address, queued_at)
          select ${id}, ${`${kind}:${methodId}:${occasion}`}, a.id, u.id, 'email', ${kind}, m.id, coalesce(u.email, a.email), ${deps.now}
          from payment_methods m join accounts a on a.id = m.account_id
          left join users u on u.id = coalesce(
            (select s.user_id from setups s where s.account_id = a.id and s.payment_method_id = m.id and ${mayPay} order by s.started_at desc limit 1),
            (select user_id from memberships where account_id = a.id and role = 'owner' and active_since is not null order by active_since, user_id limit 1))
          where m.id = ${methodId} and coalesce(u.email, a.email) is not null and ${when} on conflict do nothing`,
    announce: () => announce(deps, id),
  };
}
