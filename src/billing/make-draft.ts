import { sql } from "drizzle-orm";
import { commit, mustHaveChanged, readAll, type Write } from "../batch.ts";
import { type LocalDate, localDate } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { idFor } from "../ids.ts";
import { letterAboutAutopay } from "../messaging/promise-letter.ts";
import { openWorklist } from "../office/worklist.ts";
import { applyCredits } from "./apply-credits.ts";
import { type DraftAmount, kindToDraft, toDraft } from "./autopay-rules.ts";
import { inTimeFor, noticeAllows, tooLateToDraft } from "./draft-day-rules.ts";
import { announcedInvoices, draftToMake } from "./drafts.ts";
import { type PayResult, payInvoices } from "./pay-invoices.ts";

/** Makes announced drafts, on their day or when their customer says so. */

const reading = (deps: Deps, draftId: string) =>
  readAll(deps.db, { found: draftToMake(null, draftId), invoices: announcedInvoices(null, draftId) });
type Read = Awaited<ReturnType<typeof reading>>;
type Draft = Read["found"][number];

/**
 * A draft as it stands, after what the customer has to their credit was used first. `bankOnly`: something of it is open,
 * and all of that may be taken from a bank account alone, which its method is not.
 */
async function current(
  deps: Deps,
  draftId: string,
): Promise<{ row: Draft; amount: DraftAmount; bankOnly: boolean } | null> {
  let read = await reading(deps, draftId);
  if (read.found[0]?.billed.hasCredit && ["announced", "failed"].includes(read.found[0].draft.state)) {
    await applyCredits(deps, read.found[0].draft.accountId, "autopay");
    read = await reading(deps, draftId);
  }
  const row = read.found[0];
  if (!row) return null;
  const amount = toDraft(read.invoices, row.autopay, kindToDraft(row.method));
  const bankOnly = amount.totalCents === 0 && toDraft(read.invoices, row.autopay, "bank").totalCents > 0;
  return { row, amount, bankOnly };
}

/**
 * Makes a draft whose day has come, or tries again what was declined: charges what is still open of what was announced,
 * by the same way as any payment, with nobody there. Twice is once, early and late are looked at afresh. Without a
 * recorded notice it refuses to take another amount than the last time, and any amount where none was owed to anybody.
 * One that its customer was asked about ends unmade when its day is over.
 * Throws DatabaseTrouble and VendorTrouble: then
 * it is tried again as the same payment.
 */
export async function makeDraft(deps: Deps, draftId: string): Promise<void> {
  const now = await current(deps, draftId);
  if (!now) return;
  const { draft, autopay, method, lastCents } = now.row;
  if (draft.state === "asking" && draft.draftOn < deps.today) {
    return now.amount.totalCents > 0 || now.bankOnly ? notMade(deps, draft, "unanswered") : nothingLeft(deps, draft);
  }
  if (!["announced", "failed"].includes(draft.state) || draft.nextTryOn === null || draft.nextTryOn > deps.today)
    return;
  const late = tooLateToDraft(draft.nextTryOn as LocalDate, deps.today);
  if (waitsForTheOffice(deps, draft, autopay.stopRequestedAt)) {
    if (!late) return;
    if (now.bankOnly || now.amount.totalCents > 0) return notMade(deps, draft, "asked_to_stop");
  }
  if (now.bankOnly) return notMade(deps, draft, "bank_only");
  if (now.amount.totalCents === 0) return nothingLeft(deps, draft);
  if (late) return notMade(deps, draft, "missed");
  if (!method.usable) return notMade(deps, draft, "no_method");
  const first = draft.tries === 0;
  if (first && !now.row.announced) return notMade(deps, draft, "nobody_told");
  if (first && now.amount.totalCents !== lastCents && !noticeWasGiven(deps, draft)) {
    return notMade(deps, draft, "no_notice");
  }
  const paymentId = await idFor("pay", draft.announcedAt, `${draftId}:${draft.tries + 1}:${now.amount.totalCents}`);
  // Whatever it came to: what was not started is listed again within the hour.
  await charge(deps, now.row, now.amount, paymentId, null);
}

/** Their wish to stop came in time for this draft, and nobody has decided it: until then nothing is drawn. */
const waitsForTheOffice = (deps: Deps, draft: Draft["draft"], requestedAt: number | null): boolean =>
  requestedAt !== null && inTimeFor(draft.draftOn as LocalDate, localDate(requestedAt, deps.dealer.timeZone));

const noticeWasGiven = (deps: Deps, draft: Draft["draft"]): boolean =>
  draft.noticeSentAt !== null &&
  noticeAllows(localDate(draft.noticeSentAt, deps.dealer.timeZone), draft.draftOn as LocalDate);

/** A draft that the customer says to try now, being there themselves. */
export type TriedNow = PayResult | { result: "late" | "nothing" };

/**
 * Tries a draft once more because its customer has pressed the button, who is there for whatever their bank wants to
 * know. `paymentId` was minted with the button, so that pressing it twice is once. `late`: it is no longer one to try.
 */
export async function tryDraftNow(
  deps: Deps,
  tried: { draftId: string; accountId: string; userId: string; paymentId: string },
): Promise<TriedNow> {
  const now = await current(deps, tried.draftId);
  if (now?.row.draft.accountId !== tried.accountId || now.row.draft.state !== "failed") return { result: "late" };
  if (now.amount.totalCents === 0) return { result: "nothing" };
  if (!now.row.method.usable) return { result: "refused", refusal: "method_gone" };
  return charge(deps, now.row, now.amount, tried.paymentId, tried.userId);
}

/** Prepared, held, confirmed and closed as every payment is; the draft's own step stands in the commit that holds. */
function charge(deps: Deps, row: Draft, amount: DraftAmount, paymentId: string, userId: string | null) {
  const { draft, method, billed, language } = row;
  const tryNumber = draft.tries + 1;
  return payInvoices(deps, {
    paymentId,
    plan: {
      lines: amount.items.map((item) => ({ invoiceId: item.invoiceId, number: item.number, amountCents: item.cents })),
      extraCents: 0 as DraftAmount["totalCents"],
      totalCents: amount.totalCents,
    },
    method: { saved: method },
    account: billed,
    userId,
    language,
    unfinished: [],
    also: [
      sql`update drafts set state = 'charging', tries = ${tryNumber}, next_try_on = null
          where id = ${draft.id} and state = ${draft.state} and tries = ${draft.tries} and payment_method_id = ${method.id}`,
      mustHaveChanged("rows_matched"),
      sql`insert into draft_payments (draft_id, try_number, payment_id) values (${draft.id}, ${tryNumber}, ${paymentId})`,
    ],
  });
}

const stillToMake = (draft: Draft["draft"], set: { state: "empty" | "canceled"; code: string | null }): Write =>
  sql`update drafts set state = ${set.state}, failure_code = ${set.code}, next_try_on = null
      where id = ${draft.id} and state = ${draft.state} and tries = ${draft.tries}`;

/** Paid or credited before its day: nothing is drawn and nothing said. */
async function nothingLeft({ db, now }: Deps, draft: Draft["draft"]): Promise<void> {
  const change = { key: `draft.empty:${draft.id}`, action: "draft.empty", accountId: draft.accountId, by: "autopay" };
  await commit(db, now, change, [stillToMake(draft, { state: "empty", code: null }), mustHaveChanged("rows_matched")]);
}

/** A draft that must not be made any more: the customer, who counts on it, is told, and the office where it must act. */
async function notMade(deps: Deps, draft: Draft["draft"], code: keyof typeof NOT_MADE): Promise<void> {
  const { db, now } = deps;
  const { id, accountId } = draft;
  const letter = letterAboutAutopay(deps, { kind: "draft_not_made", subjectId: id, accountId });
  const change = { key: `draft.not_made:${id}`, action: "draft.not_made", accountId, by: "autopay", detail: { code } };
  const work = NOT_MADE[code];
  const done = await commit(db, now, change, [
    stillToMake(draft, { state: "canceled", code }),
    mustHaveChanged("rows_matched"),
    ...(work ? [openWorklist(now, "draft_failed", accountId, id, work)] : []),
    // Nobody has decided: where the wish is off the list, it is back.
    ...(code === "asked_to_stop" ? [openWorklist(now, "stop_requested", accountId, accountId, STILL_UNDECIDED)] : []),
    letter.promise(),
  ]);
  if (done.result === "done") await letter.announce();
}

const STILL_UNDECIDED = "a draft was not made, because this is not decided";

/** What the office is told of it; null where it has nothing to do, or has it on its list already. */
const NOT_MADE = {
  asked_to_stop: null,
  unanswered: null,
  no_notice: "no notice went out ten days before, so nothing was drawn",
  nobody_told:
    "nobody could be told of it, so nothing was drawn: put an e-mail address on file or invite the customer, and ask them to pay what is open",
  missed: "its day was missed, so nothing was drawn",
  no_method: "the card or bank account can no longer be used",
  bank_only: "its invoices are paid from a bank account only, and autopay draws on a card",
};
