import { OfficeMethodsPage } from "../../views/office/payment-methods.tsx";
import type { Said } from "../../views/ui.tsx";
import { loadForStaff } from "../batch.ts";
import { lastDay, monthsToWarn } from "../billing/method-rules.ts";
import { declineRemoval, removeMethod } from "../billing/remove-method.ts";
import type { Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { fields, goTo, look, page, saidIn } from "../http.ts";
import { changeMoneySettings, moneySettingsOf } from "./money-settings.ts";
import { cardsEnding, removalsWaiting, setupsVerifying } from "./payment-methods.ts";

/** Customers' cards and bank accounts: what they want off, and what ends soon. */
export const officeMethods = new Hono<Env>();

officeMethods.get("/", async (c) => {
  const { dealer, today } = c.var.deps;
  const { from, to } = monthsToWarn(today);
  const { viewer, waiting, verifying, ending, settings } = await loadForStaff(c, (staff) => ({
    waiting: removalsWaiting(staff),
    verifying: setupsVerifying(staff),
    ending: cardsEnding(staff, from.year, from.month, to.year, to.month),
    settings: moneySettingsOf(staff),
  }));
  return page(
    c,
    viewer,
    { title: "Cards and accounts" },
    <OfficeMethodsPage
      {...look(c)}
      timeZone={dealer.timeZone}
      formToken={viewer.formToken}
      waiting={waiting}
      verifying={verifying}
      ending={ending.map((card) => ({ ...card, lastDay: lastDay(card) ?? "" }))}
      customersRemove={settings[0]!.customersRemoveMethods}
      mayChange={viewer.staffRole === "owner"}
      said={saidIn(c, SAID)}
    />,
  );
});

const SAID: Record<string, Said> = {
  removed: { kind: "good", words: "It is removed, and the customer has been written to." },
  kept: { kind: "good", words: "It stays on file, and the customer has been asked to call." },
  saved: { kind: "good", words: "Saved." },
  autopay: { kind: "problem", words: "Autopay draws on it. The customer needs another method there first." },
  payment: { kind: "problem", words: "A payment from it is on its way or announced. Try again once that is over." },
  scheduled: { kind: "problem", words: "A payment that the customer planned draws on it." },
  asked: { kind: "problem", words: "Something was in its way a moment ago. Try once more." },
  gone: { kind: "problem", words: "That was decided before. Nothing has changed." },
};

officeMethods.post("/:id/removal", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  const decision = (await fields(c)).get("decision");
  if (decision !== "remove" && decision !== "keep") return goTo(c, "/office/payment-methods");
  const methodId = c.req.param("id");
  const by = viewer.user.id;
  const result = await (decision === "remove"
    ? removeMethod(c.var.deps, { methodId, accountId: null, by })
    : declineRemoval(c.var.deps, methodId, by));
  const said = result.ok ? (decision === "remove" ? "removed" : "kept") : result.problem;
  return goTo(c, `/office/payment-methods?said=${said}`);
});

officeMethods.post("/rule", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  // The page tells the others so, and has no button for them.
  if (viewer.staffRole !== "owner") return goTo(c, "/office/payment-methods");
  const to = { customersRemoveMethods: (await fields(c)).get("at_once") === "1" };
  await changeMoneySettings(c.var.deps, to, viewer.user.id);
  return goTo(c, "/office/payment-methods?said=saved");
});
