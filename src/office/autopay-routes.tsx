import { OfficeAccountAutopayPage, OfficeAutopayPage } from "../../views/office/autopay.tsx";
import type { Said } from "../../views/ui.tsx";
import { loadForStaff } from "../batch.ts";
import { decideStop, stopAutopay } from "../billing/stop-autopay.ts";
import { type Instant, localDate } from "../calendar.ts";
import type { Context, Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { fields, goTo, look, page, saidIn } from "../http.ts";
import { backToAccount } from "./account-routes.tsx";
import {
  autopayForOffice,
  comingDrafts,
  draftsAsked,
  draftsForOffice,
  stopRequests,
  whileUndecided,
} from "./autopay.ts";
import { cancelDraft, setDraftDay } from "./change-autopay.ts";
import { changeMoneySettings, moneySettingsOf } from "./money-settings.ts";

/** Autopay as the office sees it: who wants to stop, what is drafted next, one customer's day and drafts. */
export const officeAutopay = new Hono<Env>();

const backTo = backToAccount("/autopay");
const wishedOn = (c: Context, at: Instant) => localDate(at, c.var.deps.dealer.timeZone);

officeAutopay.get("/autopay", async (c) => {
  const { viewer, requests, asked, coming, rules } = await loadForStaff(c, (staff) => ({
    requests: stopRequests(staff),
    asked: draftsAsked(staff),
    coming: comingDrafts(staff),
    rules: moneySettingsOf(staff),
  }));
  return page(
    c,
    viewer,
    { title: "Autopay" },
    <OfficeAutopayPage
      {...look(c)}
      timeZone={c.var.deps.dealer.timeZone}
      formToken={viewer.formToken}
      requests={requests.map((request) => ({
        ...request,
        coming: request.coming.map((draft) => whileUndecided(draft, wishedOn(c, request.requestedAt))),
      }))}
      asked={asked}
      coming={coming}
      rules={rules[0]!}
      mayChange={viewer.staffRole === "owner"}
      said={saidIn(c, SAID)}
    />,
  );
});

officeAutopay.post("/autopay/rules", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  // The page tells the others so, and has no button for them.
  if (viewer.staffRole !== "owner") return goTo(c, "/office/autopay");
  const form = await fields(c);
  const draftDay = dayIn(form.get("day"));
  if (draftDay === null) return goTo(c, "/office/autopay?said=no-day");
  const rules = {
    draftDayRule: form.get("rule") === "fixed" ? ("fixed" as const) : ("customer" as const),
    draftDay,
    stoppingAutopay: form.get("stopping") === "request" ? ("request" as const) : ("switch" as const),
  };
  await changeMoneySettings(c.var.deps, rules, viewer.user.id);
  return goTo(c, "/office/autopay?said=rules");
});

officeAutopay.get("/accounts/:number/autopay", async (c) => {
  const number = c.req.param("number");
  const { viewer, found, drafts } = await loadForStaff(c, (staff) => ({
    found: autopayForOffice(staff, number),
    drafts: draftsForOffice(staff, number),
  }));
  if (!found[0]) throw new NotFound();
  return page(
    c,
    viewer,
    { title: found[0].name },
    <OfficeAccountAutopayPage
      {...look(c)}
      timeZone={c.var.deps.dealer.timeZone}
      formToken={viewer.formToken}
      account={found[0]}
      drafts={drafts}
      undecided={
        found[0].stopRequestedAt === null
          ? []
          : drafts.flatMap(({ draftOn, maxCents, nextTryOn }) =>
              nextTryOn === null
                ? []
                : [whileUndecided({ draftOn, maxCents, nextTryOn }, wishedOn(c, found[0]!.stopRequestedAt!))],
            )
      }
      said={saidIn(c, SAID)}
    />,
  );
});

officeAutopay.post("/accounts/:number/autopay/day", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const typed = ((await fields(c)).get("day") ?? "").trim();
  const day = dayIn(typed);
  if (typed !== "" && day === null) return backTo(c, account.number, "no-day");
  await setDraftDay(c.var.deps, account.id, day, viewer.user.id);
  return backTo(c, account.number, "day");
});

officeAutopay.post("/accounts/:number/autopay/stopping", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const form = await fields(c);
  const decision = form.get("decision");
  const { id, stopRequestedAt } = account;
  const by = viewer.user.id;
  if (decision === "keep" && stopRequestedAt !== null) {
    const keepBecause = (form.get("reason") ?? "").trim().slice(0, LONGEST_REASON);
    if (keepBecause === "") return backTo(c, account.number, "no-reason");
    const done = await decideStop(c.var.deps, { id, stopRequestedAt }, { keepBecause }, by);
    return backTo(c, account.number, done ? "kept" : "over");
  }
  if (decision !== "stop") return backTo(c, account.number, "over");
  const done =
    stopRequestedAt === null
      ? await stopAutopay(c.var.deps, id, by)
      : await decideStop(c.var.deps, { id, stopRequestedAt }, { stop: true }, by);
  return backTo(c, account.number, done ? "stopped" : "over");
});

officeAutopay.post("/accounts/:number/autopay/draft", async (c) => {
  const { viewer, account } = await accountNamed(c);
  const draftId = ((await fields(c)).get("draft") ?? "").slice(0, 60);
  const done = await cancelDraft(c.var.deps, draftId, account.id, viewer.user.id);
  return backTo(c, account.number, done ? "called-off" : "over");
});

async function accountNamed(c: Context) {
  const number = c.req.param("number") ?? "";
  const { viewer, found } = await loadForStaff(c, (staff) => ({ found: autopayForOffice(staff, number) }));
  if (!found[0]) throw new NotFound();
  return { viewer, account: found[0] };
}

/** More does not fit a letter that anybody reads. */
const LONGEST_REASON = 300;

const dayIn = (typed: string | null): number | null =>
  /^([1-9]|1\d|2[0-8])$/.test(typed ?? "") ? Number(typed) : null;

const SAID: Record<string, Said> = {
  rules: { kind: "good", words: "Saved. It holds for whoever enrols from now on." },
  "no-day": { kind: "problem", words: "A draft day is a number from 1 to 28. Nothing has changed." },
  day: {
    kind: "good",
    words:
      "The draft day is saved, and a customer who has autopay is written to. A draft that is announced keeps its day.",
  },
  stopped: { kind: "good", words: "Autopay is off. The customer is written to." },
  kept: { kind: "good", words: "Autopay stays on. The customer is written to." },
  "no-reason": { kind: "problem", words: "Write why it stays on: the customer reads it. Nothing has changed." },
  "called-off": { kind: "good", words: "That draft is called off. The customer is written to." },
  over: { kind: "problem", words: "That was decided or made before. Nothing has changed." },
};
