import { WorkItemPage } from "../../views/office/work-item.tsx";
import type { Said } from "../../views/ui.tsx";
import { loadForStaff } from "../batch.ts";
import { figuresIn } from "../billing/reckoning-rules.ts";
import { takeBanksWord } from "../billing/take-banks-word.ts";
import type { Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { fields, goTo, look, page, saidIn } from "../http.ts";
import { closeWork, mayClose } from "./close-work.ts";
import { workItem } from "./worklist.ts";

/** One thing that a person must look at: what it is about, what settles it, and that it is done. */
export const officeWorklist = new Hono<Env>();

officeWorklist.post("/closing", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  await closeWork(c.var.deps, (await fields(c)).get("id") ?? "", viewer.user.id);
  return goTo(c, "/office");
});

officeWorklist.get("/:id", async (c) => {
  const id = c.req.param("id");
  const { viewer, found } = await loadForStaff(c, (staff) => ({ found: workItem(staff, id) }));
  const item = found[0];
  if (!item) throw new NotFound();
  return page(
    c,
    viewer,
    { title: "Worklist" },
    <WorkItemPage
      {...look(c)}
      timeZone={c.var.deps.dealer.timeZone}
      formToken={viewer.formToken}
      item={{ ...item, mayClose: mayClose(item.kind) }}
      figures={figuresIn(item.detail)}
      mayAskBank={item.closedAt === null && mayAskAbout(item)}
      said={saidIn(c, SAID)}
    />,
  );
});

/** What asking the bank afresh can settle: nothing about a refund or a return that it does not know. */
const ASKABLE = ["reckoning_differs", "payment_disagreed", "payment_unclear"];
const mayAskAbout = (item: { kind: string; subjectId: string; paymentId: string | null }): boolean =>
  ASKABLE.includes(item.kind) && item.paymentId === item.subjectId;

officeWorklist.post("/:id/bank", async (c) => {
  const id = c.req.param("id");
  const { viewer, found } = await loadForStaff(c, (staff) => ({ found: workItem(staff, id) }));
  const item = found[0];
  if (!item?.paymentId || !mayAskAbout(item)) throw new NotFound();
  const word = await takeBanksWord(c.var.deps, item.paymentId, viewer.user.id);
  return goTo(c, `/office/worklist/${encodeURIComponent(id)}?said=bank_${word}`);
});

/** What asking came to, by the word that the address carries. */
const SAID: Record<string, Said> = {
  bank_agreed: { kind: "good", words: "Both say the same now." },
  bank_differs: {
    kind: "problem",
    words: "They still differ. This needs a person: look at the payment at the card company, then here.",
  },
  bank_away: {
    kind: "problem",
    words: "The card company gave no answer. Nothing was changed. Try again in a few minutes.",
  },
  bank_unknown: { kind: "problem", words: "There is no such payment in our books, so nothing can be taken over." },
};
