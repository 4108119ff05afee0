import { CreditsPage } from "../../views/billing/credits.tsx";
import { loadForAccount } from "../batch.ts";
import { plusDays } from "../calendar.ts";
import type { Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { look, page } from "../http.ts";
import { creditRule, creditsOf, creditUses, leftOvers, leftOverUses } from "./credits.ts";
import { accountCredit } from "./invoices.ts";

/** How far back payments are looked at for what they left over. */
const LOOK_BACK_DAYS = 1100;

export const creditRoutes = new Hono<Env>();

creditRoutes.get("/", async (c) => {
  const since = plusDays(c.var.deps.today, -LOOK_BACK_DAYS);
  const { viewer, credit, credits, rests, used, usedRests, rule } = await loadForAccount(c, "see", (account) => ({
    credit: accountCredit(account),
    credits: creditsOf(account),
    rests: leftOvers(account, since),
    used: creditUses(account),
    usedRests: leftOverUses(account, since),
    rule: creditRule(null),
  }));
  const uses = [...used, ...usedRests];
  const usesOf = (id: string) => uses.filter((use) => use.sourceId === id);
  const entries = [
    ...credits.map(({ reason, ...one }) => ({ ...one, reason, method: null, uses: usesOf(one.id) })),
    ...rests.map(({ kind, brand, lastFour, ...one }) => ({
      ...one,
      reason: null,
      method: { kind, brand, lastFour },
      uses: usesOf(one.id),
    })),
  ].sort((a, b) => (a.on < b.on ? 1 : a.on > b.on ? -1 : a.id < b.id ? 1 : -1));
  return page(
    c,
    viewer,
    { title: look(c).t.refunds.credits.title },
    <CreditsPage
      {...look(c)}
      leftCents={credit[0]?.cents ?? 0}
      rule={rule[0]?.applyCredit ?? "automatic"}
      entries={entries}
    />,
  );
});
