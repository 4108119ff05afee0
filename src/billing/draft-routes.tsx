import { loadForAccount } from "../batch.ts";
import type { Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { fields, goTo } from "../http.ts";
import { isId } from "../ids.ts";
import { agreeToDraft } from "./agree-to-autopay.ts";
import { draftIdOf } from "./drafts.ts";
import { tryDraftNow } from "./make-draft.ts";

/** What a customer does about one month's draft; they see it on the autopay page. */
export const draftRoutes = new Hono<Env>();

/** Says yes to a draft above the ceiling. */
draftRoutes.post("/:month/agreement", async (c) => {
  const { viewer } = await loadForAccount(c, "pay", () => ({}));
  const { account, user } = viewer;
  const agreed = await agreeToDraft(c.var.deps, draftIdOf(account.id, c.req.param("month")), account.id, user.id);
  return goTo(c, `/autopay?said=${agreed ? "yes" : "passed"}`);
});

/** Tries a draft again with its customer there, whose bank may want to see them. */
draftRoutes.post("/:month/payment", async (c) => {
  const paymentId = (await fields(c)).get("payment_id") ?? "";
  if (!isId("pay", paymentId)) throw new NotFound();
  const { viewer } = await loadForAccount(c, "pay", () => ({}));
  const result = await tryDraftNow(c.var.deps, {
    draftId: draftIdOf(viewer.account.id, c.req.param("month")),
    accountId: viewer.account.id,
    userId: viewer.user.id,
    paymentId,
  });
  switch (result.result) {
    case "started":
    case "already":
      return goTo(c, `/payments/${paymentId}`);
    case "at_bank":
      return goTo(c, `/payments/${paymentId}?at=bank`);
    case "late":
    case "nothing":
      return goTo(c, `/autopay?said=${result.result}`);
    case "unclear":
      return goTo(c, "/invoices?said=unclear");
    case "refused": {
      const { refusal } = result;
      const away = refusal === "records_away" || refusal === "vendor_away";
      return goTo(c, `/autopay?said=${away ? "vendor_away" : refusal === "method_gone" ? refusal : "late"}`);
    }
    case "elsewhere":
    case "paying":
      throw new Error(`a draft is made from a method on file, not ${result.result}`);
  }
});
