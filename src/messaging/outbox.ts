import { and, asc, eq, gt, isNull, lt, or, sql } from "drizzle-orm";
import type { Db } from "../../db/client.ts";
import { messages } from "../../db/schema.ts";
import { type Change, commit, mustHaveChanged } from "../batch.ts";
import { SWEEP_SIZE } from "../billing/check-payment.ts";
import { HOUR, type Instant, MINUTE } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import type { Verdict } from "../jobs.ts";
import { openWorklist } from "../office/worklist.ts";
import type { LetterKind } from "./promise-letter.ts";
import { textFailure } from "./text-failures.ts";

/** The outbox: what was promised is claimed by one sender at a time, and comes to one end. */

/** A sender that dies holds its message for this long. */
const LEASE_SECONDS = 2 * MINUTE;

export type Message = typeof messages.$inferSelect;

/** Messages that wait for a sender, or whose sender has died, after a cursor. */
export const messagesToSend = (db: Db, now: Instant, after: string | null) =>
  db
    .select({ id: messages.id })
    .from(messages)
    .where(
      and(
        // The words of the partial index `messages_to_send`: with a `?` in them SQLite would not know it.
        sql`${messages.state} in ('waiting', 'sending')`,
        or(isNull(messages.leaseUntil), lt(messages.leaseUntil, now)),
        after ? gt(messages.id, after) : undefined,
      ),
    )
    .orderBy(asc(messages.id))
    .limit(SWEEP_SIZE);

const stepOf = ({ id, accountId }: Message, action: string, ...more: (string | number)[]): Change => ({
  key: [action, id, ...more].join(":"),
  action,
  accountId,
  by: "queue",
});

/** Takes a message in hand as the only sender. False when another has it, or it is over. Throws DatabaseTrouble. */
export async function claim({ db, now }: Deps, message: Message): Promise<boolean> {
  const { id, tries, firstTriedAt } = message;
  const change = stepOf(message, "message.tried", tries + 1);
  const claimed = await commit(db, now, change, [
    db
      .update(messages)
      .set({
        state: "sending",
        leaseUntil: now + LEASE_SECONDS,
        tries: tries + 1,
        firstTriedAt: firstTriedAt ?? now,
      })
      .where(and(eq(messages.id, id), eq(messages.tries, tries), sql`${messages.state} in ('waiting', 'sending')`)),
    mustHaveChanged("rows_matched"),
  ]);
  return claimed.result === "done";
}

/** The vendor has certainly not taken it: it waits until the vendor wants to be asked again. */
export async function putOff(
  { db, now }: Deps,
  message: Message,
  sent: { retryInSeconds: number | null },
): Promise<Verdict> {
  const wait = sent.retryInSeconds ?? Math.min(HOUR, 30 * 2 ** message.tries);
  await commit(db, now, stepOf(message, "message.waits", message.tries + 1), [
    db
      .update(messages)
      .set({ state: "waiting", leaseUntil: now + wait })
      .where(and(eq(messages.id, message.id), sql`${messages.state} = 'sending'`)),
  ]);
  return { retryInSeconds: wait + 1 };
}

/** Nobody has been told yet, and there is nothing left to tell: the row goes. */
export async function takeBack({ db, now }: Deps, message: Message): Promise<Verdict> {
  const { id, kind, tries } = message;
  await commit(db, now, { ...stepOf(message, "message.taken_back"), detail: { kind } }, [
    db.delete(messages).where(and(eq(messages.id, id), eq(messages.tries, tries), sql`${messages.state} = 'waiting'`)),
  ]);
  return "done";
}

/** The end of a message. What did not arrive for certain goes to the worklist. */
export async function finish(
  { db, now }: Deps,
  message: Message,
  state: "sent" | "failed" | "unclear",
  outcome: { vendorId?: string; failure?: string },
): Promise<Verdict> {
  const { failure = "" } = outcome;
  await commit(db, now, stepOf(message, `message.${state}`), [
    db
      .update(messages)
      .set({ state, sentAt: state === "sent" ? now : null, leaseUntil: null, ...outcome })
      .where(eq(messages.id, message.id)),
    ...(state === "sent" && NOTICES_OF_DRAFTS.includes(message.kind)
      ? [sql`update drafts set notice_sent_at = coalesce(notice_sent_at, ${now}) where id = ${message.subjectId}`]
      : []),
    ...(state === "sent"
      ? []
      : [
          openWorklist(
            now,
            "message_failed",
            message.accountId,
            message.id,
            message.channel === "sms" ? textFailure(failure) : failure,
          ),
        ]),
  ]);
  return "done";
}

/** Without one of these that has really gone out, a draft that differs from the last is not made. */
const NOTICES_OF_DRAFTS: string[] = ["draft_announced", "draft_asking"] satisfies LetterKind[];
