import { Hono } from "hono";
import { OfficeAccessPage } from "../../views/office/access-settings.tsx";
import { OfficeLockoutsPage } from "../../views/office/lockouts.tsx";
import { loadForStaff } from "../batch.ts";
import type { Env } from "../context.ts";
import { fields, goTo, look, page } from "../http.ts";
import { accessSettingsOf, changeAccessSettings } from "./access-settings.ts";
import { liftLockout, lockouts } from "./lockouts.ts";

/** Who gets in, and what keeps them out. */
export const officeAccess = new Hono<Env>();

officeAccess.get("/lockouts", async (c) => {
  const { viewer, locked } = await loadForStaff(c, (staff) => ({ locked: lockouts(staff, c.var.deps.now) }));
  const { timeZone } = c.var.deps.dealer;
  return page(
    c,
    viewer,
    { title: "Lockouts" },
    <OfficeLockoutsPage {...look(c)} timeZone={timeZone} formToken={viewer.formToken} locked={locked} />,
  );
});

officeAccess.post("/lockouts/lifting", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  await liftLockout(c.var.deps, (await fields(c)).get("key") ?? "", viewer.user.id);
  return goTo(c, "/office/lockouts");
});

officeAccess.get("/access", async (c) => {
  const { viewer, settings } = await loadForStaff(c, (staff) => ({ settings: accessSettingsOf(staff) }));
  return page(
    c,
    viewer,
    { title: "Ways in" },
    <OfficeAccessPage
      {...look(c)}
      formToken={viewer.formToken}
      settings={settings[0]!}
      mayChange={viewer.staffRole === "owner"}
      saved={c.req.query("saved") !== undefined}
    />,
  );
});

officeAccess.post("/access", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  // The page tells the others so, and has no button for them.
  if (viewer.staffRole !== "owner") return goTo(c, "/office/access");
  const form = await fields(c);
  const on = (name: string) => form.get(name) === "1";
  const to = {
    registerByKey: on("registerByKey"),
    registerByEmail: on("registerByEmail"),
    registerAsksName: on("registerAsksName"),
    registerAsksPhone: on("registerAsksPhone"),
    strictNameMatch: on("strictNameMatch"),
    keyUsedOnce: on("keyUsedOnce"),
    staffTwoStep: on("staffTwoStep"),
    firstPassword: form.get("firstPassword") === "temporary" ? ("temporary" as const) : ("link" as const),
  };
  await changeAccessSettings(c.var.deps, to, viewer.user.id);
  return goTo(c, "/office/access?saved");
});
