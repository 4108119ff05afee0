import { sql } from "drizzle-orm";
import { commit, mustHaveChanged, readAll } from "../batch.ts";
import type { LocalDate } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { letterAboutAutopay } from "../messaging/promise-letter.ts";
import { openWorklist } from "../office/worklist.ts";
import { applyCredits } from "./apply-credits.ts";
import { toAnnounce } from "./autopay-rules.ts";
import { announcedFor, dayIn, lastDayOfNotice, monthOf, noticeAllows } from "./draft-day-rules.ts";
import { autopayToAnnounce, draftableInvoices, draftIdOf } from "./drafts.ts";

/**
 * Announces the draft that an account has on a day: freezes which invoices and how much of each at most, and owes the
 * customer the notice. Above their ceiling it only asks. Twice is once; nothing due writes and says nothing; whatever
 * changed since it was listed is looked at afresh. Throws DatabaseTrouble.
 */
export async function announceDraft(deps: Deps, accountId: string, scheduledOn: LocalDate): Promise<void> {
  const { db, now, today } = deps;
  const read = () => readAll(db, { found: autopayToAnnounce(db, accountId), open: draftableInvoices(db, accountId) });
  let { found, open } = await read();
  const { autopay, method, billed } = found[0] ?? {};
  if (!autopay || !method || !billed) return;
  if (autopay.draftDay !== dayIn(scheduledOn) || scheduledOn < (autopay.firstDraftOn ?? "")) return;
  if (billed.hasCredit) {
    await applyCredits(deps, accountId, "autopay");
    ({ found, open } = await read());
  }

  const draftId = draftIdOf(accountId, monthOf(scheduledOn));
  const until = noticeAllows(today, scheduledOn) ? null : lastDayOfNotice(scheduledOn);
  const { items, totalCents } = toAnnounce(open, autopay, method.kind, until);
  if (totalCents === 0) return;
  if (!method.usable) return cannotDraft(deps, accountId, draftId);

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
        from autopay where account_id = ${accountId} and stopped_at is null and draft_day = ${autopay.draftDay}
          and agreement_id is ${autopay.agreementId} and payment_method_id = ${method.id}`,
    mustHaveChanged("rows_matched"),
    sql`insert into draft_items (draft_id, invoice_id, max_cents)
        select ${draftId}, value ->> 0, value ->> 1 from json_each(${lines})`,
    letter.promise(),
  ]);
  if (done.result === "done") await letter.announce();
}

/** There is something to draft, and nothing to draft it from: a person must look, once a month. */
async function cannotDraft({ db, now }: Deps, accountId: string, draftId: string): Promise<void> {
  const change = { key: `draft.no_method:${draftId}`, action: "draft.no_method", accountId, by: "autopay" };
  await commit(db, now, change, [
    sql`update autopay set flag = 'no_method' where account_id = ${accountId} and stopped_at is null`,
    openWorklist(now, "draft_failed", accountId, draftId, "the card or bank account can no longer be used"),
  ]);
}
