import { type SQL, sql } from "drizzle-orm";
import { commit, mustHaveChanged, type Write } from "../batch.ts";
import { type LocalDate, localDate } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { letterAboutAutopay } from "../messaging/promise-letter.ts";
import { openWorklist } from "../office/worklist.ts";
import { endsPermission } from "./autopay-rules.ts";
import { firstDraftToChange } from "./draft-day-rules.ts";

/** Ends what an account has agreed to, or asks the office to. */

/**
 * Switches autopay off, with every draft from a day on and whatever waits for a yes; `flag` says why where it was not the
 * customer's wish.
 */
function ending({ now }: Deps, accountId: string, from: LocalDate, flag: string | null): Write[] {
  return [
    sql`update drafts set state = 'canceled', next_try_on = null
        where account_id = ${accountId} and (state = 'asking' or state = 'announced' and draft_on >= ${from})`,
    // What was tried before keeps its end; only the next tries of it go.
    sql`update drafts set next_try_on = null
        where account_id = ${accountId} and state = 'failed' and next_try_on >= ${from}`,
    sql`update autopay set stopped_at = ${now}, stop_requested_at = null, flag = ${flag}
        where account_id = ${accountId} and stopped_at is null`,
  ];
}

/**
 * What belongs into the commit that records a failed or returned debit, where its code ends the permission to draft:
 * autopay off, drafts canceled, a letter. Nothing for other codes, for accounts without autopay, and where the payment
 * came from another method than autopay drafts. `announce` hurries the letter once that is done.
 */
export function stopAutopayBecause(
  deps: Deps,
  accountId: string,
  code: string,
  paymentId: string,
): { writes: Write[]; announce: () => Promise<void> } {
  if (!endsPermission(code)) return { writes: [], announce: async () => {} };
  return stopAutopayIf(
    deps,
    accountId,
    code,
    drawsOn(accountId, sql`(select payment_method_id from payments where id = ${paymentId})`),
  );
}

/** Whether an account's autopay draws on a method, by its id. */
const drawsOn = (accountId: string, methodId: SQL): SQL =>
  sql`exists (select 1 from autopay where account_id = ${accountId} and stopped_at is null and payment_method_id = ${methodId})`;

/**
 * The same for a commit after which a method can be charged no more, whatever the reason: `cards_off` where the office has
 * switched cards off, `detached` where the vendor has let go of it, else its bank's word. The office hears of it too.
 */
export function stopAutopayOn(
  deps: Deps,
  method: { id: string; accountId: string },
  reason: string,
): { writes: Write[]; announce: () => Promise<void> } {
  const { id, accountId } = method;
  const concerned = drawsOn(accountId, sql`${id}`);
  const stop = stopAutopayIf(deps, accountId, reason, concerned);
  const detail = `autopay drew on it and is off now: ${reason.replaceAll("_", " ")}`;
  const work = sql`insert into worklist (id, kind, account_id, subject_id, detail, opened_at)
      select ${`method_expiring:${id}`}, 'method_expiring', ${accountId}, ${id}, ${detail}, ${deps.now} where ${concerned}
      on conflict (id) do update set closed_at = null, opened_at = excluded.opened_at, detail = excluded.detail`;
  return { writes: [work, ...stop.writes], announce: stop.announce };
}

/** Ends everything and owes the letter, where a condition holds at that moment. */
function stopAutopayIf(
  deps: Deps,
  accountId: string,
  reason: string,
  concerned: SQL,
): { writes: Write[]; announce: () => Promise<void> } {
  const letter = letterAboutAutopay(deps, {
    kind: "autopay_stopped",
    subjectId: newId("evt", deps.now),
    accountId,
  });
  return {
    writes: [
      letter.promise(concerned),
      ...ending(deps, accountId, "" as LocalDate, reason).map((write) => onlyIf(write, concerned)),
    ],
    announce: letter.announce,
  };
}

/** A change that is made under one more condition. */
const onlyIf = (write: Write, condition: SQL): Write => sql`${write as SQL} and ${condition}`;

/**
 * Switches autopay off at the wish of a customer or the office. What was wished for in time counts for a draft; one that
 * was too near on `wishedOn` still goes out. Returns whether it was on.
 */
export async function stopAutopay(deps: Deps, accountId: string, by: string, wishedOn = deps.today): Promise<boolean> {
  const { db, now } = deps;
  const stop = newId("evt", now);
  const letter = letterAboutAutopay(deps, { kind: "autopay_stopped", subjectId: stop, accountId });
  const change = { key: `autopay.stopped:${stop}`, action: "autopay.stopped", accountId, by };
  const done = await commit(db, now, change, [
    ...ending(deps, accountId, firstDraftToChange(wishedOn), null),
    mustHaveChanged("rows_matched"),
    letter.promise(),
    requestDone(deps, accountId),
  ]);
  if (done.result === "done") await letter.announce();
  return done.result === "done";
}

/** Where the dealer wants to decide: notes the wish, once, and puts it on the office's list. */
export async function requestStop(deps: Deps, accountId: string, by: string): Promise<void> {
  const { db, now } = deps;
  const change = {
    key: `autopay.stop_requested:${newId("evt", now)}`,
    action: "autopay.stop_requested",
    accountId,
    by,
  };
  await commit(db, now, change, [
    sql`update autopay set stop_requested_at = ${now}
        where account_id = ${accountId} and stopped_at is null and stop_requested_at is null`,
    mustHaveChanged("rows_matched"),
    openWorklist(now, "stop_requested", accountId, accountId, ""),
  ]);
}

/**
 * The office decides a wish to stop: grants it as of the day it was asked for, or keeps autopay on and writes to the
 * customer why. Returns whether there was one to decide.
 */
export async function decideStop(
  deps: Deps,
  account: { id: string; stopRequestedAt: number },
  decision: { stop: true } | { keepBecause: string },
  by: string,
): Promise<boolean> {
  const { db, now, dealer } = deps;
  const { id: accountId, stopRequestedAt: askedAt } = account;
  if ("stop" in decision) return stopAutopay(deps, accountId, by, localDate(askedAt, dealer.timeZone));
  const kept = newId("evt", now);
  const letter = letterAboutAutopay(deps, { kind: "autopay_kept", subjectId: kept, accountId });
  const detail = { reason: decision.keepBecause, askedAt };
  const change = { key: `autopay.kept:${kept}`, action: "autopay.kept", accountId, by, detail };
  const done = await commit(db, now, change, [
    sql`update autopay set stop_requested_at = null where account_id = ${accountId} and stop_requested_at = ${askedAt}`,
    mustHaveChanged("rows_matched"),
    requestDone(deps, accountId),
    letter.promise(),
  ]);
  if (done.result === "done") await letter.announce();
  return done.result === "done";
}

const requestDone = ({ now }: Deps, accountId: string): Write =>
  sql`update worklist set closed_at = ${now} where id = ${`stop_requested:${accountId}`} and closed_at is null`;
