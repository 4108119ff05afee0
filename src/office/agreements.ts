import { and, desc, eq, sql } from "drizzle-orm";
import { agreements, autopay, messages, paymentMethods, scheduledPayments, setups, users } from "../../db/schema.ts";
import { type Given, read, type StaffScope } from "../reads.ts";

/** What a customer has agreed to, with all that shows it: what a dealer needs when a bank asks for proof. */

/** How many stand on a page; each is long. */
export const AGREEMENTS_PER_PAGE = 20;

/** A place between two agreements, as an address has it; anything else is the place before the newest. */
export function placeIn(text: string | undefined): { at: number; id: string } {
  const match = /^(\d{1,12})~(agr_\w{1,60})$/.exec(text ?? "");
  return match ? { at: Number(match[1]), id: match[2]! } : { at: Number.MAX_SAFE_INTEGER, id: "" };
}

/** One account's agreements before a place, the newest first, each with the message that took its copy to the customer. */
export const agreementsForOffice = read(
  (
    db,
    staff: StaffScope,
    number: Given<string>,
    beforeAt: Given<number>,
    beforeId: Given<string>,
    limit: Given<number>,
  ) =>
    db
      .select({
        id: agreements.id,
        kind: agreements.kind,
        text: agreements.text,
        textHash: agreements.textHash,
        language: agreements.language,
        name: agreements.name,
        address: agreements.address,
        userAgent: agreements.userAgent,
        mandateId: agreements.mandateId,
        at: agreements.at,
        userName: users.name,
        userEmail: users.email,
        method: {
          kind: paymentMethods.kind,
          brand: paymentMethods.brand,
          lastFour: paymentMethods.lastFour,
          token: paymentMethods.stripePaymentMethodId,
          removedAt: paymentMethods.removedAt,
        },
        /** Of autopay: whether this is what it runs by, and when it was stopped. */
        isCurrent: sql<boolean>`${autopay.agreementId} is not null`.mapWith(Boolean),
        stoppedAt: autopay.stoppedAt,
        /** Of a payment on a later day: what has become of it. */
        scheduled: sql<
          "waiting" | "started" | "canceled" | "failed" | null
        >`(select s.state from ${scheduledPayments} s where s.account_id = ${agreements.accountId} and s.agreement_id = ${agreements.id})`,
        copy: {
          id: messages.id,
          state: messages.state,
          address: messages.address,
          sentAt: messages.sentAt,
          vendorId: messages.vendorId,
        },
      })
      .from(agreements)
      .innerJoin(users, eq(users.id, agreements.userId))
      .leftJoin(paymentMethods, eq(paymentMethods.id, agreements.paymentMethodId))
      .leftJoin(autopay, and(eq(autopay.accountId, agreements.accountId), eq(autopay.agreementId, agreements.id)))
      .leftJoin(
        messages,
        sql`${messages.dedupeKey} = case ${agreements.kind}
          when 'autopay' then 'autopay_authorization:' || ${agreements.id}
          when 'scheduled' then 'scheduled_authorization:' || (select s.id from ${scheduledPayments} s
            where s.account_id = ${agreements.accountId} and s.agreement_id = ${agreements.id})
          else 'method_added:' || (select s.id from ${setups} s
            where s.account_id = ${agreements.accountId} and s.agreement_id = ${agreements.id}) end`,
      )
      .where(
        sql`${staff} and ${agreements.accountId} = (select id from accounts where number = ${number})
          and (${agreements.at}, ${agreements.id}) < (${beforeAt}, ${beforeId})`,
      )
      .orderBy(desc(agreements.at), desc(agreements.id))
      .limit(limit),
);
