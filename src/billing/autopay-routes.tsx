import { type AutopayChoices, ChoicesPage, ReviewPage } from "../../views/billing/agree-to-autopay.tsx";
import { AuthorizationPage, AutopayPage } from "../../views/billing/autopay.tsx";
import { autopayWords } from "../../views/billing/autopay-words.ts";
import { timeText } from "../../views/text/dates.ts";
import { may } from "../auth/roles.ts";
import { loadForAccount, type Viewer } from "../batch.ts";
import { type LocalDate, localDate, plusDays } from "../calendar.ts";
import type { Context, Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { addressOf, fields, goTo, look, nameSaid, page } from "../http.ts";
import { isId, newId, sha256 } from "../ids.ts";
import { sum } from "../money.ts";
import type { AccountScope } from "../reads.ts";
import { agreeToAutopay } from "./agree-to-autopay.ts";
import {
  autopayAgreements,
  autopayRow,
  autopayRules,
  invoicesToDraft,
  latestDrafts,
  recurringMonths,
} from "./autopay.ts";
import { beginning, checkChoices, choicesOf, readChoices } from "./autopay-form.ts";
import { nextOfFailed, stopReason, toAnnounce } from "./autopay-rules.ts";
import { lastDayToChange } from "./draft-day-rules.ts";
import { forecast, usualCharges } from "./forecast.ts";
import { kindsTaken } from "./method-rules.ts";
import { methodsOnFile } from "./payment-methods.ts";
import { requestStop, stopAutopay } from "./stop-autopay.ts";

export const autopayRoutes = new Hono<Env>();

/** How many coming drafts the page foresees. */
const FORECAST_DRAFTS = 12;
/** What recurs shows in the invoices of so many days: those of a year, and the one before. */
const USUAL_DAYS = 740;
/** Drafts of so many days ago still matter: their next try, and that their month has had one. */
const DRAFTS_DAYS = 45;

/** What every page about autopay is made from. */
const asked = (c: Context) => (account: AccountScope) => ({
  rows: autopayRow(account),
  rules: autopayRules(account),
  methods: methodsOnFile(account),
  open: invoicesToDraft(account),
  months: recurringMonths(account, plusDays(c.var.deps.today, -USUAL_DAYS)),
  drafts: latestDrafts(account, plusDays(c.var.deps.today, -DRAFTS_DAYS)),
});
const load = (c: Context, right: "see" | "pay") => loadForAccount(c, right, asked(c));
type Loaded = Awaited<ReturnType<typeof load>>;

const standing = ({ rows }: Loaded) => (rows[0] && rows[0].stoppedAt === null ? rows[0] : null);

/** What ended autopay, where nobody wished for that. */
function endedBySomething({ rows }: Loaded) {
  const row = rows[0];
  return row && row.stoppedAt !== null && row.flag !== null ? { ...row, reason: stopReason(row.flag) } : null;
}

/** Methods that can be drafted: charged with nobody there, for this customer, today. */
function readyMethods({ viewer, rules, methods }: Loaded) {
  const kinds = kindsTaken(viewer.settings, rules[0]!);
  return methods.filter((method) => !method.blocked && !method.removalRequestedAt && kinds.includes(method.kind));
}

/** The day, where it is not the customer's to choose: the office's word for this account goes before the dealer's rule. */
const fixedDay = ({ rules }: Loaded): number | null => {
  const { officeDay, draftDayRule, usualDay } = rules[0]!;
  return officeDay ?? (draftDayRule === "fixed" ? usualDay : null);
};

autopayRoutes.get("/", async (c) => {
  const loaded = await load(c, "see");
  const { viewer, rules, open, months, drafts } = loaded;
  const { today, now, dealer } = c.var.deps;
  const on = standing(loaded);
  const shown = drafts
    .map((draft) => {
      const changeUntilOn = lastDayToChange(draft.draftOn as LocalDate);
      const failed = draft.state === "failed" && draft.openCents > 0;
      const next = failed ? nextOfFailed(draft, draft.kind) : null;
      return { ...draft, changeUntilOn, tooNear: changeUntilOn < today, next };
    })
    .filter((draft) =>
      draft.state === "asking"
        ? draft.draftOn >= today && draft.openCents > 0
        : draft.next !== null || draft.state === "announced" || draft.state === "charging",
    );
  const { t } = look(c);
  const { said } = t.autopay;
  const name = nameSaid(c, said);
  return page(
    c,
    viewer,
    { title: t.autopay.title },
    <AutopayPage
      {...look(c)}
      formToken={viewer.formToken}
      mayPay={may(viewer.role, "pay")}
      on={
        on && {
          ...on,
          stopRequestedOn: on.stopRequestedAt === null ? null : localDate(on.stopRequestedAt, dealer.timeZone),
        }
      }
      ended={endedBySomething(loaded)}
      hasAgreed={on?.agreementId != null}
      hasMethod={readyMethods(loaded).length > 0}
      stopping={rules[0]!.stopping}
      openCents={sum(open.map((invoice) => invoice.payableCents))}
      drafts={shown}
      forecast={
        on
          ? forecast({
              today,
              day: on.draftDay,
              from: on.firstDraftOn as LocalDate | null,
              taken: drafts.map((draft) => draft.id.slice(-7)),
              openCents: notYetAnnounced(loaded, on),
              usual: on.monitoring ? usualCharges(months) : null,
              count: FORECAST_DRAFTS - shown.filter((draft) => draft.state !== "failed").length,
            })
          : []
      }
      paymentId={newId("pay", now)}
      said={name && { kind: GOOD_NEWS.has(name) ? "good" : "problem", words: said[name] }}
    />,
  );
});

const GOOD_NEWS = new Set(["on", "changed", "off", "asked", "yes", "nothing"]);

/** What of the open invoices is not in a draft yet, and may be in the next. */
function notYetAnnounced({ open, drafts }: Loaded, on: NonNullable<ReturnType<typeof standing>>): number {
  const { totalCents } = toAnnounce(open, on, on.kind, null);
  const announced = drafts.filter((draft) => draft.state === "announced" || draft.state === "asking");
  return Math.max(0, totalCents - sum(announced.map((draft) => draft.openCents)));
}

/** Both steps before anything is agreed to: the choices, and once they can stand, the words. Neither changes anything. */
autopayRoutes.get("/enrolment", async (c) => {
  const loaded = await load(c, "pay");
  const query = new URL(c.req.url).searchParams;
  if (query.has("method") && !query.has("back"))
    return review(c, loaded, readChoices(query), { name: "", problem: null });
  const choices = query.has("back")
    ? readChoices(query)
    : choicesOf(
        standing(loaded),
        readyMethods(loaded).find((method) => method.isDefault)?.id ?? "",
        loaded.rules[0]!.usualDay,
      );
  return choose(c, loaded, choices, null);
});

type Problems = ReturnType<typeof look>["t"]["autopay"]["form"]["problems"];

function choose(
  c: Context,
  loaded: Loaded,
  choices: AutopayChoices,
  problem: keyof Problems | null,
): Promise<Response> {
  const { t } = look(c);
  const isOn = standing(loaded) !== null;
  return page(
    c,
    loaded.viewer,
    { title: isOn ? t.autopay.form.changeTitle : t.autopay.form.title, status: problem ? 422 : 200 },
    <ChoicesPage
      {...look(c)}
      choices={choices}
      methods={readyMethods(loaded)}
      fixedDay={fixedDay(loaded)}
      isOn={isOn}
      problem={problem && t.autopay.form.problems[problem]}
    />,
  );
}

type Wish = Extract<ReturnType<typeof wishOf>, { ok: true }>["wish"];
const wishOf = (loaded: Loaded, choices: AutopayChoices) =>
  checkChoices(choices, readyMethods(loaded), fixedDay(loaded));

/** The words for a wish as of today; what is shown is what is kept. */
function wordsFor(c: Context, loaded: Loaded, wish: Wish, nextOn: LocalDate): string {
  const { name, phone } = (loaded.viewer satisfies Viewer).settings;
  const usual = usualCharges(loaded.months);
  const { t, language } = look(c);
  return autopayWords({ ...wish, dealer: { name, phone }, usual, firstDraftOn: nextOn }, t, language);
}

async function review(
  c: Context,
  loaded: Loaded,
  choices: AutopayChoices,
  typed: { name: string; problem: "agree" | "name" | "changed" | "method_gone" | null },
): Promise<Response> {
  const checked = wishOf(loaded, choices);
  if (!checked.ok) return choose(c, loaded, choices, checked.problem);
  const { today, now } = c.var.deps;
  const { nextOn } = beginning(today, checked.wish.draftDay, standing(loaded), loaded.drafts);
  const words = wordsFor(c, loaded, checked.wish, nextOn);
  const { t } = look(c);
  return page(
    c,
    loaded.viewer,
    { title: t.autopay.review.title, status: typed.problem ? 422 : 200 },
    <ReviewPage
      {...look(c)}
      formToken={loaded.viewer.formToken}
      agreementId={newId("agr", now)}
      choices={choices}
      words={words}
      wordsHash={await sha256(words)}
      firstDraftOn={nextOn}
      isOn={standing(loaded) !== null}
      openCents={sum(loaded.open.map((invoice) => invoice.payableCents))}
      name={typed.name}
      problem={typed.problem && t.autopay.review.problems[typed.problem]}
    />,
  );
}

/** Agrees to autopay, or to a change of it: exactly to the words that were on the person's screen. */
autopayRoutes.post("/", async (c) => {
  const form = await fields(c);
  const loaded = await load(c, "pay");
  const choices = readChoices(form);
  const checked = wishOf(loaded, choices);
  if (!checked.ok) return choose(c, loaded, choices, checked.problem);
  const { wish } = checked;
  const name = (form.get("name") ?? "").trim().slice(0, 100);
  const again = (problem: "agree" | "name" | "changed" | "method_gone") =>
    review(c, loaded, choices, { name, problem });
  const agreementId = form.get("agreement_id") ?? "";
  if (!isId("agr", agreementId)) return again("changed");
  if (form.get("agree") !== "yes") return again("agree");
  if (name === "") return again("name");
  const on = standing(loaded);
  // The button pressed twice: the first press has done it.
  if (on?.agreementId === agreementId) return goTo(c, "/autopay?said=on");
  const { firstDraftOn, nextOn } = beginning(c.var.deps.today, wish.draftDay, on, loaded.drafts);
  const text = wordsFor(c, loaded, wish, nextOn);
  if (form.get("words") !== (await sha256(text))) return again("changed");
  const { method, ...rest } = wish;
  const result = await agreeToAutopay(c.var.deps, {
    ...rest,
    agreementId,
    accountId: loaded.viewer.account.id,
    userId: loaded.viewer.user.id,
    methodId: method.id,
    firstDraftOn,
    text,
    language: look(c).language,
    name,
    address: addressOf(c),
    userAgent: c.req.header("User-Agent") ?? "",
  });
  if (result === "method_gone") return again("method_gone");
  return goTo(c, `/autopay?said=${on ? "changed" : "on"}`);
});

/** Stops autopay, or asks for it where the dealer wants to decide. */
autopayRoutes.post("/stopping", async (c) => {
  const { viewer, rows, rules } = await load(c, "pay");
  if ((await fields(c)).get("sure") !== "yes" || !rows[0] || rows[0].stoppedAt !== null) return goTo(c, "/autopay");
  const { account, user } = viewer;
  if (rules[0]!.stopping === "switch") await stopAutopay(c.var.deps, account.id, user.id);
  else await requestStop(c.var.deps, account.id, user.id);
  return goTo(c, `/autopay?said=${rules[0]!.stopping === "switch" ? "off" : "asked"}`);
});

autopayRoutes.get("/authorization", async (c) => {
  const { viewer, agreements } = await loadForAccount(c, "see", (account) => ({
    agreements: autopayAgreements(account),
  }));
  const { t, language } = look(c);
  const { timeZone } = c.var.deps.dealer;
  return page(
    c,
    viewer,
    { title: t.autopay.copy.title },
    <AuthorizationPage
      {...look(c)}
      agreements={agreements.map((one) => ({ ...one, at: timeText(one.at, timeZone, language) }))}
    />,
  );
});
