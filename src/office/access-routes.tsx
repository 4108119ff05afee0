import { OfficeAccessPage } from "../../views/office/access-settings.tsx";
import { OfficeLockoutsPage } from "../../views/office/lockouts.tsx";
import { OfficeRegistrationsPage } from "../../views/office/registrations.tsx";
import type { Said } from "../../views/ui.tsx";
import { approveRegistration, refuseRegistration } from "../auth/decide-registration.ts";
import { loadForStaff } from "../batch.ts";
import type { Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { fields, goTo, look, page, saidIn } from "../http.ts";
import { accessSettingsOf, changeAccessSettings } from "./access-settings.ts";
import { registrationsForOffice, registrationsWaiting } from "./accounts.ts";
import { liftLockout, lockouts } from "./lockouts.ts";

/** Who gets in, and what keeps them out. */
export const officeAccess = new Hono<Env>();

officeAccess.get("/registrations", async (c) => {
  const { viewer, waiting, latest } = await loadForStaff(c, (staff) => ({
    waiting: registrationsWaiting(staff),
    latest: registrationsForOffice(staff),
  }));
  return page(
    c,
    viewer,
    { title: "Registrations" },
    <OfficeRegistrationsPage
      {...look(c)}
      timeZone={c.var.deps.dealer.timeZone}
      formToken={viewer.formToken}
      waiting={waiting}
      latest={latest}
      said={saidIn(c, SAID)}
    />,
  );
});

officeAccess.post("/registrations/:id/decision", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  const decision = (await fields(c)).get("decision");
  if (decision !== "approve" && decision !== "refuse") return goTo(c, "/office/registrations");
  const decide = decision === "approve" ? approveRegistration : refuseRegistration;
  const done = await decide(c.var.deps, { registrationId: c.req.param("id"), by: viewer.user.id });
  return goTo(c, `/office/registrations?said=${done === "done" ? decision : "decided"}`);
});

const SAID: Record<string, Said> = {
  approve: { kind: "good", words: "Approved. The link is on its way." },
  refuse: { kind: "good", words: "Refused. Nobody was written to." },
  decided: { kind: "problem", words: "That was decided before. Nothing has changed." },
};

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
      said={saidIn(c, SAVED)}
    />,
  );
});

const SAVED: Record<string, Said> = { saved: { kind: "good", words: "Saved. It holds from now on." } };

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
  return goTo(c, "/office/access?said=saved");
});
