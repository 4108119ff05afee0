import { sql } from "drizzle-orm";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import type { LocalDate } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { newId } from "../ids.ts";
import { letterAboutAutopay } from "../messaging/promise-letter.ts";
import { type Cents, dollars } from "../money.ts";
import { openWorklist } from "../office/worklist.ts";
import { applyCredits } from "./apply-credits.ts";
import { kindToDraft, toAnnounce } from "./autopay-rules.ts";
import { announcedFor, dayIn, lastDayOfNotice, lastDayToAnnounce, monthOf, noticeAllows } from "./draft-day-rules.ts";
import { autopayToAnnounce, draftableInvoices, draftIdOf } from "./drafts.ts";
import { stopAutopayOn } from "./stop-autopay.ts";

/**
 * Announces the draft that an account has on a day: freezes which invoices and how much of each at most, and owes the
 * customer the notice. Above their ceiling it only asks. Twice is once; nothing due writes and says nothing; whatever
 * changed since it was listed is looked at afresh. Where nobody can be told there is no draft, and the office hears of it
 * while it can still be mended. Throws DatabaseTrouble.
 */
export async function announceDraft(deps: Deps, accountId: string, scheduledOn: LocalDate): Promise<void> {
  const { db, now, today } = deps;
  const read = () => readAll(db, { found: autopayToAnnounce(db, accountId), open: draftableInvoices(db, accountId) });
  let { found, open } = await read();
  const { autopay, method, billed, told } = found[0] ?? {};
  if (!autopay || !method || !billed) return;
  if (autopay.draftDay !== dayIn(scheduledOn) || scheduledOn < (autopay.firstDraftOn ?? "")) return;
  if (billed.hasCredit) {
    await applyCredits(deps, accountId, "autopay");
    ({ found, open } = await read());
  }

  const draftId = draftIdOf(accountId, monthOf(scheduledOn));
  const until = noticeAllows(today, scheduledOn) ? null : lastDayOfNotice(scheduledOn);
  const { items, totalCents } = toAnnounce(open, autopay, kindToDraft(method), until);
  if (totalCents === 0) return;
  if (!method.usable) return cannotDraft(deps, { id: method.id, accountId });
  if (!told) return nobodyToTell(deps, { draftId, accountId, scheduledOn, totalCents });

  const draftOn = announcedFor(today, scheduledOn);
  const asks = autopay.askAboveCents !== null && totalCents > autopay.askAboveCents;
  const letter = letterAboutAutopay(deps, {
    kind: asks ? "draft_asking" : "draft_announced",
    subjectId: draftId,
    accountId,
  });
  const lines = JSON.stringify(items.map((item) => [item.invoiceId, item.cents]));
  const change = {
    key: `draft.announced:${draftId}`,
    action: "draft.announced",
    accountId,
    by: "autopay",
    detail: { on: draftOn, cents: totalCents },
  };
  const done = await commit(db, now, change, [
    // An earlier question that nobody has answered is overtaken.
    sql`update drafts set state = 'canceled' where account_id = ${accountId} and state = 'asking'`,
    sql`insert into drafts (id, account_id, draft_on, payment_method_id, max_cents, state, announced_at, next_try_on)
        select ${draftId}, account_id, ${draftOn}, payment_method_id, ${totalCents}, ${asks ? "asking" : "announced"}, ${now},
          ${asks ? null : draftOn}
        from autopay where account_id = ${accountId} and stopped_at is null and stop_requested_at is null and draft_day = ${autopay.draftDay}
          and agreement_id is ${autopay.agreementId} and payment_method_id = ${method.id}`,
    mustHaveChanged("rows_matched"),
    sql`insert into draft_items (draft_id, invoice_id, max_cents)
        select ${draftId}, value ->> 0, value ->> 1 from json_each(${lines})`,
    letter.promise(),
    // Whoever was there to be told a moment ago has to be so now.
    mustHaveChanged("rows_matched"),
    sql`update worklist set closed_at = ${now} where id = ${`draft_failed:${draftId}`} and closed_at is null`,
  ]);
  if (done.result === "done") await letter.announce();
}

/** Said once a month: as soon as there is somebody to tell, the next hour's list announces the draft after all. */
async function nobodyToTell(
  { db, now }: Deps,
  draft: { draftId: string; accountId: string; scheduledOn: LocalDate; totalCents: Cents },
): Promise<void> {
  const { draftId, accountId, scheduledOn, totalCents } = draft;
  const change = { key: `draft.nobody_told:${draftId}`, action: "draft.nobody_told", accountId, by: "autopay" };
  await commit(db, now, { ...change, detail: { on: scheduledOn, cents: totalCents } }, [
    openWorklist(
      now,
      "draft_failed",
      accountId,
      draftId,
      `${dollars(totalCents)} is due by autopay on ${scheduledOn}, and nobody can be told: no e-mail address is on file and nobody signs in. Put an address on file or invite the customer by ${lastDayToAnnounce(scheduledOn)}, and it is announced. Without that nothing is drawn, and the invoices stay open`,
    ),
  ]);
}

/** There is something to draft, and nothing to draft it from: autopay ends, and its customer and the office hear of it. */
async function cannotDraft(deps: Deps, method: { id: string; accountId: string }): Promise<void> {
  const { db, now } = deps;
  const { accountId } = method;
  const stop = stopAutopayOn(deps, method, "no_method");
  const change = { key: `autopay.ended:${newId("evt", now)}`, action: "autopay.ended", accountId, by: "autopay" };
  await commit(db, now, change, stop.writes);
  await stop.announce();
}
