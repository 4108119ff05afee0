import { eq } from "drizzle-orm";
import { users } from "../../db/schema.ts";
import { commit, readAll } from "../batch.ts";
import type { Deps } from "../dealer.ts";
import type { Identity } from "../ports.ts";
import { countTries, forgetTries } from "./attempts.ts";
import { linking } from "./link-provider.ts";
import { codeFrom, secondStepOf, useCode } from "./second-step.ts";
import { type How, signingIn, startSession } from "./start-session.ts";
import type { Ticket } from "./tickets.ts";
import { type CodeRefused, codeTry } from "./two-step.ts";

/** Who has proven the first step, how, and where to next; `link` is an identity that the second step makes theirs. */
export type FirstStep = { userId: string; how: How; next: string; link: Identity | null };

export type SecondStepTaken =
  | { ok: true; token: string; staffOnly: boolean }
  /** `dead`: this first step has led to a session already, or there is no second step for it any more. */
  | { ok: false; reason: "dead" }
  | CodeRefused;

/**
 * Signs in whoever has taken the first step and types a code of the app or of the paper. Every try counts against the
 * user; a code opens once, and so does a first step.
 */
export async function takeSecondStep(
  deps: Deps,
  first: Ticket<FirstStep>,
  input: { code: string; device: string; oldToken: string | null },
): Promise<SecondStepTaken> {
  const { db, now } = deps;
  const { userId, how } = first;
  const code = codeFrom(input.code);
  if (!code) return { ok: false, reason: "wrong" };
  const tried = await countTries(deps, "second-step", [codeTry(userId)]);
  if (!tried.ok) return { ok: false, reason: "too_many", retryInSeconds: tried.retryInSeconds };
  const { found, steps } = await readAll(db, {
    found: signingIn(db).where(eq(users.id, userId)),
    steps: secondStepOf(db, userId),
  });
  const [user, second] = [found[0], steps[0]];
  if (!user || !second || second.since === null) return { ok: false, reason: "dead" };
  const used = await useCode(deps, second, code);
  if (!used) return { ok: false, reason: "wrong" };
  const link = first.link && linking(deps, user, first.link, first.id);
  const { token, writes } = await startSession(deps, { ...input, userId, accountId: user.accountId, how });
  const change = {
    key: `session.started:${first.id}`,
    action: "session.started",
    accountId: user.accountId,
    by: userId,
    detail: { how, linked: link !== null },
  };
  const done = await commit(db, now, change, [
    ...used,
    ...writes,
    ...(link?.writes ?? []),
    await forgetTries([codeTry(userId)]),
  ]);
  if (done.result === "already") return { ok: false, reason: "dead" };
  if (done.result === "refused") return { ok: false, reason: done.constraint === "rows_matched" ? "wrong" : "dead" };
  await link?.announce();
  return { ok: true, token, staffOnly: user.accountId === null && user.staffRole !== null };
}
