import { sql } from "drizzle-orm";
import type { ledgerLines } from "../../db/schema.ts";
import type { Write } from "../batch.ts";
import type { Instant } from "../calendar.ts";

export type LedgerLineKind = (typeof ledgerLines.$inferSelect)["kind"];

/** Which way a line moves what the customer owes: payments and credits lower it, money that goes back raises it again. */
const SIGN: Record<LedgerLineKind, 1 | -1> = { payment: 1, credit: 1, refund: -1, return: -1 };

/**
 * Tells the dealer's accounting of money, in the commit that moves it: a settled payment of ours, a settled refund, a
 * return, a credit that the office gave. `cents` is more than zero whatever the kind; the line of a refund or a return is
 * kept below zero. Once for each kind and subject. Where the dealer has named an address, its delivery is promised as well.
 */
export const ledgerLine = (
  kind: LedgerLineKind,
  subjectId: string,
  accountId: string,
  cents: number,
  at: Instant,
): Write[] => lineOf(kind, subjectId, accountId, SIGN[kind] * cents, at);

/**
 * Corrects an earlier line, because `what` has changed it since: a refund that came back, a dispute that was won. Signed
 * cents. The subject is the earlier line's, then a colon and what happened.
 */
export const correctingLine = (
  kind: "refund" | "return",
  subjectId: string,
  what: string,
  accountId: string,
  signedCents: number,
  at: Instant,
): Write[] => (signedCents === 0 ? [] : lineOf(kind, `${subjectId}:${what}`, accountId, signedCents, at));

const lineOf = (
  kind: LedgerLineKind,
  subjectId: string,
  accountId: string,
  signedCents: number,
  at: Instant,
): Write[] => [
  sql`insert into ledger_lines (kind, subject_id, account_id, amount_cents, at)
      values (${kind}, ${subjectId}, ${accountId}, ${signedCents}, ${at})`,
  sql`insert into webhook_deliveries (ledger_line_id, next_try_at)
      select l.id, ${at} from ledger_lines l join money_settings m on m.id = 1 and m.webhook_url is not null
      where l.kind = ${kind} and l.subject_id = ${subjectId}`,
];
