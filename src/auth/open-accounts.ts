import { sql } from "drizzle-orm";
import type { Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newRegistrationKey } from "./registration-keys.ts";
import type { LinkInHand } from "./tokens.ts";

/**
 * Opens what a link is for to its user: an invitation's account; a registration's, whose key may be used up with it, and
 * with it the others that have the same e-mail on file, where that is all that the dealer asks for.
 */
export function openAccounts({ now }: Deps, { purpose, userId, accountId, email }: LinkInHand): Write[] {
  if (accountId === null) return [];
  const itself = sql`account_id = ${accountId}`;
  const others = sql`(select register_by_email from access_settings) = 1
    and account_id in (select id from accounts where lower(email) = ${email})`;
  const which = purpose === "invitation" ? itself : sql`(${itself} or ${others})`;
  return [
    sql`update memberships set active_since = ${now} where user_id = ${userId} and active_since is null and ${which}`,
    ...(purpose === "invitation"
      ? []
      : [
          sql`update accounts set registration_key = ${newRegistrationKey()}
              where id = ${accountId} and (select key_used_once from access_settings) = 1`,
        ]),
  ];
}
