import { DraftDayPage } from "../../views/office/draft-day.tsx";
import type { Said } from "../../views/ui.tsx";
import { loadForStaff } from "../batch.ts";
import { tooLateToDraft } from "../billing/draft-day-rules.ts";
import { letDraftsGo } from "../billing/halt-drafts.ts";
import { parseDate } from "../calendar.ts";
import type { Context, Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { goTo, look, page, saidIn } from "../http.ts";
import { haltedDay } from "./draft-days.ts";

/** A day whose drafts come to more than usual, which waits for the office. */
export const officeDraftDays = new Hono<Env>();

officeDraftDays.get("/:on", async (c) => {
  const { viewer, on, day } = await dayNamed(c);
  const { dealer, today } = c.var.deps;
  return page(
    c,
    viewer,
    { title: "Halted drafts" },
    <DraftDayPage
      {...look(c)}
      timeZone={dealer.timeZone}
      formToken={viewer.formToken}
      on={on}
      day={day}
      isOver={tooLateToDraft(on, today)}
      said={saidIn(c, SAID)}
    />,
  );
});

officeDraftDays.post("/:on/letting-go", async (c) => {
  const { viewer, on } = await dayNamed(c);
  const done = await letDraftsGo(c.var.deps, { on, by: viewer.user.id });
  return goTo(c, `/office/draft-days/${on}?said=${done ? "let-go" : "over"}`);
});

async function dayNamed(c: Context) {
  const on = parseDate(c.req.param("on") ?? "");
  const { viewer, found } = await loadForStaff(c, (staff) => ({ found: haltedDay(staff, on ?? "") }));
  const day = found[0];
  if (!on || !day) throw new NotFound();
  return { viewer, on, day };
}

const SAID: Record<string, Said> = {
  "let-go": { kind: "good", words: "Let go. The drafts are made from the next full hour on, by day." },
  over: { kind: "problem", words: "That day is too long ago. Its drafts are not made any more." },
};
