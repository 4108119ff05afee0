import { NewMethodPage } from "../../views/billing/new-method.tsx";
import { PaymentMethodsPage } from "../../views/billing/payment-methods.tsx";
import { loadForAccount, type Viewer } from "../batch.ts";
import type { Context, Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { addressOf, fields, goTo, look, nameSaid, page } from "../http.ts";
import { isId, newId, sha256 } from "../ids.ts";
import { addMethod } from "./add-method.ts";
import { makeUsual } from "./change-method.ts";
import { lookAtSetup } from "./finish-setup.ts";
import { expiry, kindsTaken, lastDay } from "./method-rules.ts";
import { methodOnFile, methodRules, methodsOnFile, setupOf, setupsUnderWay } from "./payment-methods.ts";
import { billedAccount } from "./payments.ts";
import { type RemovalResult, removeMethod, requestRemoval, withdrawRemoval } from "./remove-method.ts";

export const methodRoutes = new Hono<Env>();

methodRoutes.get("/", async (c) => {
  const { viewer, methods, adding, rules } = await loadForAccount(c, "pay", (account) => ({
    methods: methodsOnFile(account),
    adding: setupsUnderWay(account),
    rules: methodRules(account),
  }));
  const { t } = look(c);
  const { said } = t.methods;
  const { cardPayments, customersRemoveMethods } = rules[0]!;
  const name = nameSaid(c, said);
  const kinds = kindsTaken(viewer.settings, { cardPayments });
  return page(
    c,
    viewer,
    { title: t.methods.title },
    <PaymentMethodsPage
      {...look(c)}
      formToken={viewer.formToken}
      methods={methods.map((method) => ({
        ...method,
        lastDay: lastDay(method),
        expiry: expiry(method, c.var.deps.today),
        taken: kinds.includes(method.kind),
      }))}
      adding={adding}
      cardsOff={viewer.settings.cardPayments && !cardPayments}
      mayAdd={kinds.length > 0}
      removesAtOnce={customersRemoveMethods}
      said={name && { kind: GOOD_NEWS.has(name) ? "good" : "note", words: said[name] }}
    />,
  );
});

const GOOD_NEWS = new Set(["added", "verifying", "usual", "removed", "requested", "withdrawn"]);

methodRoutes.get("/new", async (c) => {
  const instead = c.req.query("instead") ?? "";
  const { viewer, billed, old } = await loadForAccount(c, "pay", (account) => ({
    billed: billedAccount(account),
    old: methodOnFile(account, instead),
  }));
  const usual = old[0]?.isDefault ?? false;
  return newMethodPage(c, viewer, billed[0]!, { kind: "", usual, autopay: old[0]?.backsAutopay ?? false });
});

methodRoutes.post("/", async (c) => {
  const form = await fields(c);
  const setupId = form.get("setup_id") ?? "";
  if (!isId("set", setupId)) throw new NotFound();
  const { viewer, billed } = await loadForAccount(c, "pay", (account) => ({ billed: billedAccount(account) }));
  const account = billed[0]!;
  const { language } = look(c);
  const typed = {
    kind: form.get("kind") ?? "",
    usual: form.get("usual") === "1",
    autopay: form.get("autopay") === "1",
  };
  const again = (problem: Problem, status: 422 | 503 = 422) =>
    newMethodPage(c, viewer, account, typed, problem, status);

  const kind = kindsTaken(viewer.settings, account).find((name) => name === typed.kind);
  if (!kind) return again("kind");
  const terms = termsFor(c, viewer);
  if (form.get("terms") !== (await sha256(terms))) return again("terms_changed");
  if (form.get("agree") !== "yes") return again("agree");
  const result = await addMethod(c.var.deps, {
    setupId,
    kind,
    makeDefault: typed.usual,
    account,
    userId: viewer.user.id,
    language,
    terms,
    address: addressOf(c),
    userAgent: c.req.header("User-Agent") ?? "",
  });
  switch (result.result) {
    case "elsewhere":
      return goTo(c, result.url);
    case "over":
      return goTo(c, "/payment-methods?said=over");
    case "refused":
      return again(result.refusal, 503);
  }
});

type Problem = keyof ReturnType<typeof look>["t"]["methods"]["new"]["problems"];

/** The agreement as one text: what is shown is what is kept. */
function termsFor(c: Context, { settings }: Viewer): string {
  return look(c).t.methods.terms(settings.name, settings.phone).join("\n");
}

async function newMethodPage(
  c: Context,
  viewer: Viewer,
  account: { cardPayments: boolean },
  typed: { kind: string; usual: boolean; autopay: boolean },
  problem: Problem | null = null,
  status: 200 | 422 | 503 = 200,
): Promise<Response> {
  const { t } = look(c);
  const terms = termsFor(c, viewer);
  return page(
    c,
    viewer,
    { title: t.methods.new.title, status },
    <NewMethodPage
      {...look(c)}
      formToken={viewer.formToken}
      setupId={newId("set", c.var.deps.now)}
      kinds={kindsTaken(viewer.settings, account)}
      cardsOff={viewer.settings.cardPayments && !account.cardPayments}
      typed={typed}
      terms={terms.split("\n")}
      termsHash={await sha256(terms)}
      problem={problem && t.methods.new.problems[problem]}
    />,
  );
}

/**
 * Where the vendor sends people back to. It only learns the truth, however often it is called, so a GET may do it.
 */
methodRoutes.get("/:id/return", async (c) => {
  const setup = await ownSetup(c);
  const state = await lookAtSetup(c.var.deps, setup, "return");
  return goTo(c, `/payment-methods?said=${SAID_OF[state]}`);
});

const SAID_OF = {
  done: "added",
  verifying: "verifying",
  open: "not_finished",
  failed: "not_finished",
  unknown: "checking",
} as const;

/** On to wherever adding waits for its owner: the vendor's page, or the one where small deposits are typed in. */
methodRoutes.get("/:id/continuation", async (c) => {
  const setup = await ownSetup(c);
  const outcome = await c.var.deps.ports.payments.setupOutcome(setup.stripeCheckoutId!);
  const waits = outcome.state === "open" || outcome.state === "verifying";
  return c.redirect(waits ? outcome.url : `/payment-methods/${setup.id}/return`, 303);
});

methodRoutes.post("/:id/default", async (c) => {
  const { viewer, method } = await ownMethod(c);
  const done = await makeUsual(c.var.deps, {
    accountId: viewer.account.id,
    methodId: method.id,
    by: viewer.user.id,
  });
  return goTo(c, `/payment-methods?said=${done ? "usual" : "not_usual"}`);
});

/** Takes a method off, or asks the office to, as the dealer has it. */
methodRoutes.post("/:id/removal", async (c) => {
  const { viewer, method, atOnce } = await ownMethod(c);
  const which = { methodId: method.id, accountId: viewer.account.id, by: viewer.user.id };
  if (atOnce && (await fields(c)).get("sure") !== "yes") return goTo(c, "/payment-methods?said=unsure");
  const result = await (atOnce ? removeMethod : requestRemoval)(c.var.deps, which);
  return goTo(c, `/payment-methods?said=${result.ok ? (atOnce ? "removed" : "requested") : SAID_WHY[result.problem]}`);
});

/** Takes that wish back, as long as the office has not granted it. */
methodRoutes.post("/:id/removal/withdrawal", async (c) => {
  const { viewer, method } = await ownMethod(c);
  const which = { methodId: method.id, accountId: viewer.account.id, by: viewer.user.id };
  const kept = await withdrawRemoval(c.var.deps, which);
  return goTo(c, `/payment-methods?said=${kept ? "withdrawn" : "nothing_to_withdraw"}`);
});

const SAID_WHY: Record<Extract<RemovalResult, { ok: false }>["problem"], string> = {
  autopay: "in_autopay",
  payment: "in_payment",
  scheduled: "in_scheduled",
  gone: "gone",
  asked: "asked",
};

async function ownSetup(c: Context) {
  const id = c.req.param("id") ?? "";
  const { found } = await loadForAccount(c, "pay", (account) => ({ found: setupOf(account, id) }));
  const setup = found[0];
  if (!setup) throw new NotFound();
  return setup;
}

async function ownMethod(c: Context) {
  const id = c.req.param("id") ?? "";
  const { viewer, found, rules } = await loadForAccount(c, "pay", (account) => ({
    found: methodOnFile(account, id),
    rules: methodRules(account),
  }));
  const method = found[0];
  if (!method) throw new NotFound();
  return { viewer, method, atOnce: rules[0]!.customersRemoveMethods };
}
