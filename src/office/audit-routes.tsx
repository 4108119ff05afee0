import { OfficeAuditPage } from "../../views/office/audit.tsx";
import { ACTIONS, type ActionGroup, actionText, detailText, whoText } from "../../views/office/event-words.ts";
import { loadForStaff } from "../batch.ts";
import { isoTime } from "../calendar.ts";
import type { Context, Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { look, page } from "../http.ts";
import { plainAmount } from "../money.ts";
import {
  auditReads,
  EVENTS_PER_FILE,
  EVENTS_PER_PAGE,
  LOOKED_THROUGH,
  LOOKED_THROUGH_FOR_FILE,
  placeIn,
  placeText,
  staffNames,
} from "./audit.ts";
import { csvFile } from "./csv.ts";

/** What was done here, by whom, and when. */
export const auditRoutes = new Hono<Env>();

auditRoutes.get("/audit", async (c) => {
  const { group, number, who, filter, before } = askedFor(c);
  const { viewer, found, last, staff } = await loadForStaff(c, (scope) => ({
    ...auditReads(scope, filter, before, { limit: EVENTS_PER_PAGE + 1, through: LOOKED_THROUGH }),
    staff: staffNames(scope),
  }));
  const events = found.slice(0, EVENTS_PER_PAGE);
  const next = found.length > events.length ? events.at(-1)! : (last[0] ?? null);
  return page(
    c,
    viewer,
    { title: "Audit trail" },
    <OfficeAuditPage
      {...look(c)}
      timeZone={c.var.deps.dealer.timeZone}
      events={events}
      staff={staff}
      group={group}
      number={number}
      who={who}
      query={queryOf(group, number, who)}
      before={next && placeText(next)}
    />,
  );
});

auditRoutes.get("/audit.csv", async (c) => {
  const { filter, before } = askedFor(c);
  const { found } = await loadForStaff(c, (scope) =>
    auditReads(scope, filter, before, { limit: EVENTS_PER_FILE, through: LOOKED_THROUGH_FOR_FILE }),
  );
  const rows = found.map((event) => {
    const { cents, reason, more } = detailText(event.detail, event.aboutUser);
    return [
      isoTime(event.at),
      actionText(event.action),
      event.number,
      event.name,
      whoText(event.by, event.byName),
      cents === null ? "" : plainAmount(cents),
      reason,
      more,
      event.key,
    ];
  });
  return c.body(csvFile(HEADINGS, rows), 200, {
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Disposition": `attachment; filename="audit-${c.var.deps.today}.csv"`,
  });
});

const HEADINGS = ["At (UTC)", "What", "Customer number", "Customer", "Who", "Amount", "Reason", "More", "Event"];

/** What an address asks for; what it says wrongly is not asked. */
function askedFor(c: Context) {
  const asked = c.req.query("group") ?? "";
  const group = Object.hasOwn(ACTIONS, asked) ? (asked as ActionGroup) : null;
  const number = (c.req.query("account") ?? "").trim().slice(0, 60);
  const who = (c.req.query("who") ?? "").slice(0, 60);
  const actions = group === null ? [] : Object.keys(ACTIONS[group]);
  return { group, number, who, filter: { actions, number, who }, before: placeIn(c.req.query("before")) };
}

/** The same as an address has it, without where the page begins. */
const queryOf = (group: string | null, account: string, who: string): string =>
  new URLSearchParams({ group: group ?? "", account, who }).toString();
