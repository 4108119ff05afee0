import { sql } from "drizzle-orm";
import { commit, mustHaveChanged, type Write } from "../batch.ts";
import type { LocalDate } from "../calendar.ts";
import type { Deps } from "../dealer.ts";
import { sha256 } from "../ids.ts";
import { letterAboutAutopay } from "../messaging/promise-letter.ts";
import { VendorTrouble } from "../ports.ts";
import { draftDaysToAnnounce, firstDraftToChange } from "./draft-day-rules.ts";

/** What a customer agrees to: autopay itself, a change of it, and a draft above their ceiling. */

export type AgreeToAutopay = {
  /** Minted when the words were drawn, so that agreeing twice is once. */
  agreementId: string;
  accountId: string;
  userId: string;
  methodId: string;
  draftDay: number;
  monitoring: boolean;
  othersUpToCents: number;
  askAboveCents: number | null;
  firstDraftOn: LocalDate;
  /** The words as they were shown, the name that was typed, and where from. */
  text: string;
  language: "en" | "es";
  name: string;
  address: string;
  userAgent: string;
};

/** More than this of a browser's own description says nothing more. */
const LONGEST_USER_AGENT = 300;

/**
 * Turns autopay on, or replaces what was agreed to before. Drafts that are announced already follow as far as they may:
 * the method for those that are far enough away, the ceiling for all. `method_gone`: nothing was written.
 */
export async function agreeToAutopay(deps: Deps, input: AgreeToAutopay): Promise<"done" | "method_gone"> {
  const { db, now, today } = deps;
  const { agreementId, accountId, methodId, askAboveCents } = input;
  const letter = letterAboutAutopay(deps, { kind: "autopay_authorization", subjectId: agreementId, accountId });
  const change = {
    key: `autopay.agreed:${agreementId}`,
    action: "autopay.agreed",
    accountId,
    by: input.userId,
    detail: {
      day: input.draftDay,
      monitoring: input.monitoring,
      othersUpToCents: input.othersUpToCents,
      askAboveCents,
    },
  };
  const done = await commit(db, now, change, [
    sql`insert into guards (method_usable) select 0 where not exists (select 1 from payment_methods
        where id = ${methodId} and account_id = ${accountId} and removed_at is null and removal_requested_at is null and blocked is null
          and (kind = 'bank' or (select card_payments from accounts where id = ${accountId})))`,
    sql`insert into agreements (id, account_id, user_id, kind, text, text_hash, language, name, address, user_agent, payment_method_id, mandate_id, at)
        values (${agreementId}, ${accountId}, ${input.userId}, 'autopay', ${input.text}, ${await sha256(input.text)}, ${input.language},
          ${input.name}, ${input.address}, ${input.userAgent.slice(0, LONGEST_USER_AGENT)}, ${methodId},
          (select mandate_id from payment_methods where id = ${methodId}), ${now})`,
    sql`insert into autopay (account_id, payment_method_id, draft_day, monitoring, others_up_to_cents, ask_above_cents, agreement_id, started_at, first_draft_on)
        values (${accountId}, ${methodId}, ${input.draftDay}, ${input.monitoring ? 1 : 0}, ${input.othersUpToCents}, ${askAboveCents},
          ${agreementId}, ${now}, ${input.firstDraftOn})
        on conflict (account_id) do update set payment_method_id = excluded.payment_method_id, draft_day = excluded.draft_day,
          monitoring = excluded.monitoring, others_up_to_cents = excluded.others_up_to_cents, ask_above_cents = excluded.ask_above_cents,
          agreement_id = excluded.agreement_id, first_draft_on = excluded.first_draft_on, changed_at = ${now},
          started_at = iif(stopped_at is null, started_at, excluded.started_at),
          stop_requested_at = null, stopped_at = null, flag = null`,
    ...draftsFollow(input, today, firstDraftToChange(today)),
    sql`update worklist set closed_at = ${now} where id = ${`stop_requested:${accountId}`} and closed_at is null`,
    letter.promise(),
  ]);
  if (done.result === "refused" && done.constraint === "method_usable") return "method_gone";
  if (done.result === "refused") throw new Error(`agreeing to autopay broke ${done.constraint}`);
  if (done.result === "done") {
    await letter.announce();
    await announceSoon(deps, accountId, input.firstDraftOn);
  }
  return "done";
}

/** What is announced, asked or waits for another try, under what is now agreed to. */
const draftsFollow = ({ accountId, methodId, askAboveCents }: AgreeToAutopay, today: string, from: string): Write[] => [
  sql`update drafts set payment_method_id = ${methodId} where account_id = ${accountId}
        and (state in ('announced', 'asking') and draft_on >= ${from} or state = 'failed')`,
  sql`update drafts set state = 'asking', next_try_on = null where account_id = ${accountId} and state = 'announced'
        and max_cents > ${askAboveCents} and not exists (select 1 from events where key = 'draft.agreed:' || drafts.id)`,
  sql`update drafts set state = 'announced', next_try_on = draft_on where account_id = ${accountId} and state = 'asking'
        and draft_on >= ${today} and max_cents <= coalesce(${askAboveCents}, max_cents)`,
];

/** Where the first draft has its notice due today, it is not left to tomorrow's list. Losing this is harmless. */
async function announceSoon({ ports, dealer, today }: Deps, accountId: string, draftOn: LocalDate): Promise<void> {
  if (!draftDaysToAnnounce(today).includes(draftOn)) return;
  try {
    await ports.jobs.send([{ type: "draft.announce", dealer: dealer.slug, accountId, draftOn }]);
  } catch (error) {
    if (!(error instanceof VendorTrouble)) throw error;
  }
}

/** The customer says yes to a draft above their ceiling. False when there is none that waits for it. */
export async function agreeToDraft(deps: Deps, draftId: string, accountId: string, by: string): Promise<boolean> {
  const { db, now, today } = deps;
  const change = { key: `draft.agreed:${draftId}`, action: "draft.agreed", accountId, by };
  const done = await commit(db, now, change, [
    sql`update drafts set state = 'announced', next_try_on = draft_on
        where id = ${draftId} and account_id = ${accountId} and state = 'asking' and draft_on >= ${today}`,
    mustHaveChanged("rows_matched"),
  ]);
  return done.result !== "refused";
}
