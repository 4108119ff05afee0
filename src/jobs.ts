import { composeLetter } from "../views/mail.tsx";
import { composeText } from "../views/telephone.ts";
import { pruneSessions } from "./auth/sign-in.ts";
import { commit, readAll } from "./batch.ts";
import { announceDraft } from "./billing/announce-draft.ts";
import { announceInvoices } from "./billing/announce-invoices.ts";
import { accountsWithCredit, applyCredits } from "./billing/apply-credits.ts";
import { checkBooks } from "./billing/check-books.ts";
import { checkPayment, paymentsToCheck, SWEEP_SIZE } from "./billing/check-payment.ts";
import { unansweredDrafts } from "./billing/drafts.ts";
import { checkSetup, setupsToCheck } from "./billing/finish-setup.ts";
import { listAnnouncements, listDrafts, listDraftsToMake } from "./billing/list-drafts.ts";
import { makeDraft } from "./billing/make-draft.ts";
import { makeScheduled } from "./billing/make-scheduled.ts";
import { bankPace, sendPaced, WITHIN_FIVE_MINUTES_SECONDS, WITHIN_THE_HOUR_SECONDS } from "./billing/pace.ts";
import { type ReckoningStep, reckon } from "./billing/reckon.ts";
import { checkRefund, refundsToCheck } from "./billing/refund-payment.ts";
import { detachMethod, methodsToDetach } from "./billing/remove-method.ts";
import { scheduledToMake } from "./billing/scheduled-payments.ts";
import { applyStripeEvent, eventsToApply } from "./billing/stripe-events.ts";
import { cardsToWarnAbout, methodAt, warnExpiring } from "./billing/warn-expiring.ts";
import type { LocalDate } from "./calendar.ts";
import type { Deps } from "./dealer.ts";
import { messagesToSend } from "./messaging/outbox.ts";
import { sendMessage } from "./messaging/send.ts";
import { deliveriesToMake, deliverLine } from "./office/deliver-line.ts";
import { sendInvitations } from "./office/invite-everybody.ts";
import { openWorklist } from "./office/worklist.ts";

/** A queue message: ids only, never an amount, an address or a text. `until` is when a paced list makes way for the next. */
export type Job =
  | { type: "payments.sweep"; dealer: string; after: string | null; until?: number }
  | { type: "payment.check"; dealer: string; paymentId: string }
  | { type: "messages.sweep"; dealer: string; after: string | null }
  | { type: "message.send"; dealer: string; messageId: string }
  | { type: "events.sweep"; dealer: string; after: string | null; until?: number }
  | { type: "setups.sweep"; dealer: string; after: string | null; until?: number }
  | { type: "setup.check"; dealer: string; setupId: string }
  | { type: "methods.sweep"; dealer: string; after: string | null; until?: number }
  | { type: "method.detach"; dealer: string; methodId: string }
  | { type: "methods.expiring"; dealer: string; after: string | null }
  | { type: "method.expiring"; dealer: string; methodId: string }
  | { type: "refunds.sweep"; dealer: string; after: string | null; until?: number }
  | { type: "refund.check"; dealer: string; refundId: string }
  | { type: "credits.sweep"; dealer: string; after: string | null }
  | { type: "credits.apply"; dealer: string; accountId: string }
  | { type: "payments.reckon"; dealer: string; after: ReckoningStep | null }
  | { type: "invoices.announce"; dealer: string; after: string | null }
  | { type: "drafts.list"; dealer: string }
  | { type: "announcements.page"; dealer: string; draftOn: string; after: string }
  | { type: "draft.announce"; dealer: string; accountId: string; draftOn: string }
  | { type: "drafts.page"; dealer: string; on: string; after: string; until?: number }
  | { type: "drafts.unanswered"; dealer: string; after: string | null }
  | { type: "draft.make"; dealer: string; draftId: string }
  | { type: "scheduled.sweep"; dealer: string; after: string | null; until?: number }
  | { type: "scheduled.make"; dealer: string; scheduledId: string }
  | { type: "deliveries.sweep"; dealer: string; after: string | null }
  | { type: "delivery.make"; dealer: string; lineId: number }
  | { type: "stripe.event"; dealer: string; eventId: string }
  | { type: "invitations.send"; dealer: string; by: string; after: string }
  | { type: "books.check"; dealer: string }
  | { type: "sessions.prune"; dealer: string };

/** `done` acknowledges; `retryInSeconds` asks for it again; `gaveUp` acknowledges and tells a person why. */
export type Verdict = "done" | { retryInSeconds: number } | { gaveUp: string };

type Sweep =
  | "payments.sweep"
  | "messages.sweep"
  | "events.sweep"
  | "refunds.sweep"
  | "credits.sweep"
  | "setups.sweep"
  | "deliveries.sweep"
  | "scheduled.sweep"
  | "methods.sweep"
  | "methods.expiring"
  | "drafts.unanswered";

/** What each cron line of wrangler.toml starts, for every dealer. UTC. */
export const CRON: Record<
  string,
  (Sweep | "invoices.announce" | "drafts.list" | "payments.reckon" | "books.check" | "sessions.prune")[]
> = {
  "*/5 * * * *": [
    "payments.sweep",
    "messages.sweep",
    "events.sweep",
    "refunds.sweep",
    "setups.sweep",
    "methods.sweep",
    "deliveries.sweep",
    "invoices.announce",
  ],
  "7 * * * *": ["drafts.list", "scheduled.sweep"],
  "0 8 * * *": ["credits.sweep", "payments.reckon", "books.check", "sessions.prune", "methods.expiring"],
};

/** The jobs that a cron line starts; nothing here grows with the number of customers. */
export const jobsOf = (cron: string, dealers: readonly string[]): Job[] =>
  (CRON[cron] ?? []).flatMap((type) =>
    dealers.map((dealer) =>
      type === "drafts.list" || type === "books.check" || type === "sessions.prune"
        ? { type, dealer }
        : { type, dealer, after: null },
    ),
  );

/** Does one job. Throws for a bug, or when database or vendor are away: the queue then brings the job again. */
export async function run(deps: Deps, job: Job): Promise<Verdict> {
  switch (job.type) {
    case "payments.sweep":
      return sweep(deps, job, paymentsToCheck(deps.db, deps.now, job.after), (id) => ({
        type: "payment.check",
        dealer: job.dealer,
        paymentId: id,
      }));
    case "messages.sweep":
      return sweep(deps, job, messagesToSend(deps.db, deps.now, job.after), (id) => ({
        type: "message.send",
        dealer: job.dealer,
        messageId: id,
      }));
    case "events.sweep":
      return sweep(deps, job, eventsToApply(deps.db, deps.now, job.after), (id) => ({
        type: "stripe.event",
        dealer: job.dealer,
        eventId: id,
      }));
    case "setups.sweep":
      return sweep(deps, job, setupsToCheck(deps.db, deps.now, job.after), (id) => ({
        type: "setup.check",
        dealer: job.dealer,
        setupId: id,
      }));
    case "scheduled.sweep":
      return sweep(deps, job, scheduledToMake(deps.db, deps.today, job.after), (id) => ({
        type: "scheduled.make",
        dealer: job.dealer,
        scheduledId: id,
      }));
    case "scheduled.make":
      await makeScheduled(deps, job.scheduledId);
      return "done";
    case "deliveries.sweep":
      return sweep(deps, job, deliveriesToMake(deps.db, deps.now, job.after), (id) => ({
        type: "delivery.make",
        dealer: job.dealer,
        lineId: Number(id),
      }));
    case "methods.sweep":
      return sweep(deps, job, methodsToDetach(deps.db, job.after), (id) => ({
        type: "method.detach",
        dealer: job.dealer,
        methodId: id,
      }));
    case "methods.expiring":
      return sweep(deps, job, cardsToWarnAbout(deps.db, deps.today, job.after), (place) => ({
        type: "method.expiring",
        dealer: job.dealer,
        methodId: methodAt(place),
      }));
    case "setup.check":
      await checkSetup(deps, job.setupId);
      return "done";
    case "delivery.make":
      await deliverLine(deps, job.lineId);
      return "done";
    case "method.detach":
      await detachMethod(deps, job.methodId);
      return "done";
    case "method.expiring":
      await warnExpiring(deps, job.methodId);
      return "done";
    case "refunds.sweep":
      return sweep(deps, job, refundsToCheck(deps.db, deps.now, job.after), (id) => ({
        type: "refund.check",
        dealer: job.dealer,
        refundId: id,
      }));
    case "credits.sweep":
      return sweep(deps, job, accountsWithCredit(deps.db, job.after), (id) => ({
        type: "credits.apply",
        dealer: job.dealer,
        accountId: id,
      }));
    case "refund.check":
      await checkRefund(deps, job.refundId);
      return "done";
    case "credits.apply":
      await applyCredits(deps, job.accountId, "sweep");
      return "done";
    case "payments.reckon": {
      const after = await reckon(deps, job.after);
      if (after) await deps.ports.jobs.send([{ ...job, after }]);
      return "done";
    }
    case "invoices.announce": {
      const after = await announceInvoices(deps, job.after);
      if (after !== null) await deps.ports.jobs.send([{ ...job, after }]);
      return "done";
    }
    case "payment.check":
      await checkPayment(deps, job.paymentId, "sweep");
      return "done";
    case "drafts.list":
      await listDrafts(deps);
      return "done";
    case "announcements.page":
      await listAnnouncements(deps, job);
      return "done";
    case "draft.announce":
      await announceDraft(deps, job.accountId, job.draftOn as LocalDate);
      return "done";
    case "drafts.page":
      await listDraftsToMake(deps, job);
      return "done";
    case "drafts.unanswered":
      return sweep(deps, job, unansweredDrafts(deps.db, deps.today, job.after), (id) => ({
        type: "draft.make",
        dealer: job.dealer,
        draftId: id,
      }));
    case "draft.make":
      await makeDraft(deps, job.draftId);
      return "done";
    case "stripe.event":
      return applyStripeEvent(deps, job.eventId);
    case "message.send":
      return sendMessage(deps, job.messageId, { letter: composeLetter, text: composeText });
    case "invitations.send":
      return sendInvitations(deps, job);
    case "books.check":
      await checkBooks(deps);
      return "done";
    case "sessions.prune":
      await pruneSessions(deps);
      return "done";
  }
}

/** Those whose jobs ask the bank: how long each may go on for. */
const PACED: Partial<Record<Sweep, number>> = {
  "payments.sweep": WITHIN_FIVE_MINUTES_SECONDS,
  "events.sweep": WITHIN_FIVE_MINUTES_SECONDS,
  "setups.sweep": WITHIN_FIVE_MINUTES_SECONDS,
  "methods.sweep": WITHIN_FIVE_MINUTES_SECONDS,
  "refunds.sweep": WITHIN_FIVE_MINUTES_SECONDS,
  "scheduled.sweep": WITHIN_THE_HOUR_SECONDS,
};

/** Hands a page of ids on as jobs of their own, and the rest to another sweep. */
async function sweep(
  deps: Deps,
  job: Extract<Job, { type: Sweep }>,
  page: Parameters<typeof readAll>[1][string],
  one: (id: string) => Job,
): Promise<Verdict> {
  const { rows, pace } = (await readAll(deps.db, { rows: page, pace: bankPace(deps.db) })) as {
    rows: { id: string }[];
    pace: { perSecond: number }[];
  };
  const jobs = rows.map((row) => one(row.id));
  const next = rows.length === SWEEP_SIZE ? { ...job, after: rows.at(-1)!.id } : null;
  const lastsSeconds = PACED[job.type];
  if (lastsSeconds) await sendPaced(deps, jobs, next, { ...pace[0]!, lastsSeconds });
  else if (jobs.length > 0) await deps.ports.jobs.send(next ? [...jobs, next] : jobs);
  return "done";
}

/** A job that the queue has given up on becomes a row that a person sees. */
export async function buryJob(deps: Deps, job: Job, reason: string): Promise<void> {
  const { db, now } = deps;
  const subject = JSON.stringify(job);
  await commit(db, now, { key: `job.gave_up:${now}:${subject}`, action: "job.gave_up", accountId: null, by: "queue" }, [
    openWorklist(now, "job_gave_up", null, subject, reason),
  ]);
}
