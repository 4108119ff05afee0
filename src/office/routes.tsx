import { OfficePage } from "../../views/office/worklist.tsx";
import { loadForStaff } from "../batch.ts";
import type { Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { goTo, look, page } from "../http.ts";
import { officeAccess } from "./access-routes.tsx";
import { officeAccounts } from "./account-routes.tsx";
import { officeAgreements } from "./agreement-routes.tsx";
import { auditRoutes } from "./audit-routes.tsx";
import { officeAutopay } from "./autopay-routes.tsx";
import { mayClose } from "./close-work.ts";
import { contactChangesRoutes } from "./contact-changes-routes.tsx";
import { officeDraftDays } from "./draft-day-routes.tsx";
import { exportRoutes } from "./export-routes.tsx";
import { inviteEverybody } from "./invite-everybody.ts";
import { officeMethods } from "./method-routes.tsx";
import { officeMoney } from "./money-routes.tsx";
import { officeMoneySettings } from "./money-settings-routes.tsx";
import { officePayLinks } from "./pay-link-routes.tsx";
import { waitingCounts } from "./waiting.ts";
import { latestImports, openWork } from "./worklist.ts";
import { officeWorklist } from "./worklist-routes.tsx";

export const office = new Hono<Env>();

office.get("/", async (c) => {
  const { viewer, waiting, work, imports } = await loadForStaff(c, (staff, db) => ({
    waiting: waitingCounts(staff),
    work: openWork(db, staff),
    imports: latestImports(db, staff),
  }));
  return page(
    c,
    viewer,
    { title: "Office" },
    <OfficePage
      {...look(c)}
      timeZone={c.var.deps.dealer.timeZone}
      formToken={viewer.formToken}
      waiting={waiting[0]!}
      work={work.map((item) => ({ ...item, mayClose: mayClose(item.kind) }))}
      imports={imports}
    />,
  );
});

office.post("/invitations", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  await inviteEverybody(c.var.deps, viewer.user.id);
  return goTo(c, "/office/accounts?inviting");
});

office.route("/worklist", officeWorklist);
office.route("/accounts", officeAccounts);
office.route("/accounts", officeAgreements);
office.route("/", officeMoney);
office.route("/", officeAutopay);
office.route("/draft-days", officeDraftDays);
office.route("/payment-methods", officeMethods);
office.route("/money-settings", officeMoneySettings);
office.route("/", officeAccess);
office.route("/", contactChangesRoutes);
office.route("/", auditRoutes);
office.route("/", exportRoutes);
office.route("/", officePayLinks);
