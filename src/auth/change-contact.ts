import { sql } from "drizzle-orm";
import { commit, type Write } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { openWorklist } from "../office/worklist.ts";
import { CONTACT_FIELDS, type Contact, type ContactField } from "./contact-rules.ts";

/**
 * Writes what a customer changed about their account: the account itself, what was there before for the office's software
 * to fetch, and one line for the office to see. What reads the same already is left alone; nothing changed writes nothing.
 */
export async function changeContact(
  deps: Deps,
  userId: string,
  account: { id: string; number: string; contact: Contact },
  changes: Partial<Contact>,
): Promise<void> {
  const { db, now } = deps;
  const fields = CONTACT_FIELDS.filter(
    (field) => changes[field] !== undefined && changes[field] !== account.contact[field],
  );
  if (fields.length === 0) return;
  await commit(
    db,
    now,
    {
      key: `contact.changed:${newId("evt", now)}`,
      action: "contact.changed",
      accountId: account.id,
      by: userId,
      detail: { fields: fields.join(" ") },
    },
    [
      ...fields.flatMap((field) => contactWrites(deps, userId, account.id, field, changes[field]!)),
      ...officeWrites(deps, account),
    ],
  );
}

/** One field of an account set to a text, and the row that tells of it; neither when it reads so already. */
export function contactWrites(
  { now }: Deps,
  userId: string,
  accountId: string,
  field: ContactField,
  after: string,
): Write[] {
  const column = sql.identifier(field);
  const [reads, value] =
    field === "paperless"
      ? [sql`iif(paperless, 'yes', 'no')`, after === "yes" ? 1 : 0]
      : [sql`coalesce(${column}, '')`, after === "" && MAY_BE_NULL.includes(field) ? null : after];
  return [
    // Before the account is written to, so that what stood there is what is told.
    sql`insert into contact_changes (id, account_id, user_id, field, before, after, at)
        select ${newId("con", now)}, id, ${userId}, ${field}, ${reads}, ${after}, ${now}
        from accounts where id = ${accountId} and ${reads} <> ${after}`,
    sql`update accounts set ${column} = ${value} where id = ${accountId}`,
  ];
}

const MAY_BE_NULL: ContactField[] = ["phone", "mobile", "email"];

/** The account on the office's list, once until somebody has seen to it, with every field that was changed since. */
export const officeWrites = ({ now }: Deps, account: { id: string; number: string }): Write[] => [
  openWorklist(now, "contact_changed", account.id, account.number, ""),
  sql`update worklist set detail = (
        select group_concat(distinct field) from contact_changes where account_id = ${account.id} and at >= opened_at)
      where id = ${`contact_changed:${account.number}`}`,
];
