import { OfficeContactChangesPage } from "../../views/office/contact-changes.tsx";
import { loadForStaff } from "../batch.ts";
import type { Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { look, page } from "../http.ts";
import {
  asRow,
  CHANGES_PER_PAGE,
  FILE_HEADINGS,
  fileOfContactChanges,
  pageOfContactChanges,
} from "./contact-changes.ts";
import { csvFile } from "./csv.ts";

/** What customers changed about how they are reached. */
export const contactChangesRoutes = new Hono<Env>();

contactChangesRoutes.get("/contact-changes", async (c) => {
  const { viewer, found } = await loadForStaff(c, (staff) => ({
    found: pageOfContactChanges(staff, c.req.query("before")),
  }));
  const changes = found.slice(0, CHANGES_PER_PAGE);
  return page(
    c,
    viewer,
    { title: "Contact changes" },
    <OfficeContactChangesPage
      {...look(c)}
      timeZone={c.var.deps.dealer.timeZone}
      changes={changes}
      before={found.length > changes.length ? changes.at(-1)!.id : null}
    />,
  );
});

contactChangesRoutes.get("/contact-changes.csv", async (c) => {
  const { found } = await loadForStaff(c, (staff) => ({ found: fileOfContactChanges(staff) }));
  return c.body(csvFile(FILE_HEADINGS, found.map(asRow)), 200, {
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Disposition": `attachment; filename="contact-changes-${c.var.deps.today}.csv"`,
  });
});
