import { ContactPage } from "../../views/auth/contact.tsx";
import { ProfilePage } from "../../views/auth/profile.tsx";
import { LanguagePage, NamePage, PasswordPage, passwordProblemText } from "../../views/auth/profile-forms.tsx";
import { SessionsPage } from "../../views/auth/sessions.tsx";
import { loadForAccount, loadForUser, type Viewer } from "../batch.ts";
import type { Context, Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { commonPasswords, fields, goTo, look, page, saidIn } from "../http.ts";
import { changeContact } from "./change-contact.ts";
import { changePassword } from "./change-password.ts";
import { changeProfile, LONGEST_NAME } from "./change-profile.ts";
import { CONTACT_FIELDS, type Contact, contactChanges, oneLine } from "./contact-rules.ts";
import { endOtherSessions, endSession } from "./end-session.ts";
import { ownIdentities } from "./link-provider.ts";
import { contactOf, ownSessions, ownSignIns, ownUser, sessionHandle } from "./profile.ts";
import { may } from "./roles.ts";

/** What everybody who is signed in, customer or staff, sees and changes of themselves. */
export const profileRoutes = new Hono<Env>();

profileRoutes.get("/", async (c) => {
  const { viewer, own, sessions, linked, contact } = await loadForUser(c, "see", (user, account) => ({
    own: ownUser(user),
    sessions: ownSessions(user, c.var.deps.now),
    linked: ownIdentities(user),
    contact: contactOf(account),
  }));
  const { t } = look(c);
  const onFile = contact[0];
  const saved = { saved: t.profile.saved, contact: t.profile.contact.saved, password: t.profile.password.saved };
  return page(
    c,
    viewer,
    { title: t.profile.title },
    <ProfilePage
      {...look(c)}
      user={own[0]!}
      sessionCount={sessions.length}
      twoStep={own[0]!.twoStepSince !== null}
      linked={linked.map(({ provider }) => provider)}
      account={
        viewer.account && viewer.role && onFile
          ? { name: viewer.account.name, mayEdit: may(viewer.role, "edit"), contact: onFile }
          : null
      }
      saved={saidIn(c, saved)}
    />,
  );
});

profileRoutes.get("/name", async (c) => namePage(c, null));

profileRoutes.post("/name", async (c) => {
  const typed = oneLine((await fields(c)).get("name") ?? "");
  if (typed === "" || typed.length > LONGEST_NAME) return namePage(c, typed);
  const { own } = await loadForUser(c, "enter", (user) => ({ own: ownUser(user) }));
  await changeProfile(c.var.deps, own[0]!, { name: typed });
  return goTo(c, "/profile?said=saved");
});

/** `refused` is a name that will not do. */
async function namePage(c: Context, refused: string | null): Promise<Response> {
  const { viewer } = await loadForUser(c, "enter", () => ({}));
  const { t } = look(c);
  return page(
    c,
    viewer,
    { title: t.profile.name.title, status: refused === null ? 200 : 422 },
    <NamePage
      {...look(c)}
      formToken={viewer.formToken}
      name={refused ?? viewer.user.name}
      problem={refused === null ? null : t.profile.name.problem}
    />,
  );
}

profileRoutes.get("/language", async (c) => {
  const { viewer, own } = await loadForUser(c, "enter", (user) => ({ own: ownUser(user) }));
  return page(
    c,
    viewer,
    { title: look(c).t.profile.language.title },
    <LanguagePage {...look(c)} formToken={viewer.formToken} chosen={own[0]!.language} />,
  );
});

profileRoutes.post("/language", async (c) => {
  const { own } = await loadForUser(c, "enter", (user) => ({ own: ownUser(user) }));
  const chosen = (await fields(c)).get("language");
  if (chosen === "en" || chosen === "es" || chosen === "")
    await changeProfile(c.var.deps, own[0]!, { language: chosen || null });
  return goTo(c, "/profile?said=saved");
});

profileRoutes.get("/password", async (c) => passwordPage(c, null, 200));

profileRoutes.post("/password", async (c) => {
  const { viewer } = await loadForUser(c, "enter", () => ({}));
  const form = await fields(c);
  const done = await changePassword(c.var.deps, viewer.user, viewer.sessionId, {
    current: form.get("current") ?? "",
    password: form.get("password") ?? "",
    again: form.get("again") ?? "",
    common: await commonPasswords(c),
  });
  if (done.ok) return goTo(c, "/profile?said=password");
  const { t } = look(c);
  if (done.problem !== "too_many") return passwordPage(c, passwordProblemText(t, done.problem), 422);
  c.header("Retry-After", String(done.retryInSeconds));
  return passwordPage(c, t.signIn.tooMany(Math.ceil(done.retryInSeconds / 60)), 429);
});

async function passwordPage(c: Context, problem: string | null, status: 200 | 422 | 429): Promise<Response> {
  const { viewer, own } = await loadForUser(c, "enter", (user) => ({ own: ownUser(user) }));
  const { email, hasPassword } = own[0]!;
  const props = { ...look(c), formToken: viewer.formToken, email, hasPassword, problem };
  const words = look(c).t.profile.password;
  return page(c, viewer, { title: hasPassword ? words.title : words.set, status }, <PasswordPage {...props} />);
}

profileRoutes.get("/sessions", async (c) => {
  const { viewer, sessions, signIns } = await loadForUser(c, "enter", (user) => ({
    sessions: ownSessions(user, c.var.deps.now),
    signIns: ownSignIns(user),
  }));
  const words = look(c).t.profile.sessions;
  return page(
    c,
    viewer,
    { title: words.title },
    <SessionsPage
      {...look(c)}
      formToken={viewer.formToken}
      timeZone={c.var.deps.dealer.timeZone}
      sessions={sessions.map(({ id, device, createdAt }) => ({
        handle: id === viewer.sessionId ? null : sessionHandle(id),
        device,
        createdAt,
      }))}
      signIns={signIns}
      notice={c.req.query("ended") === undefined ? null : words.ended}
    />,
  );
});

profileRoutes.post("/sessions", async (c) => {
  const { viewer, sessions } = await loadForUser(c, "enter", (user) => ({
    sessions: ownSessions(user, c.var.deps.now),
  }));
  const end = (await fields(c)).get("end");
  const others = sessions.filter(({ id }) => id !== viewer.sessionId);
  const chosen = others.find(({ id }) => sessionHandle(id) === end);
  if (end === "others" && others.length > 0) await endOtherSessions(c.var.deps, viewer.user.id, viewer.sessionId);
  if (chosen) await endSession(c.var.deps, viewer.user.id, chosen.id);
  return goTo(c, "/profile/sessions?ended");
});

profileRoutes.get("/contact", async (c) => {
  const { viewer, contact } = await loadForAccount(c, "edit", (account) => ({ contact: contactOf(account) }));
  return contactPage(c, viewer, { typed: contact[0]!, shown: contact[0]!, problems: {} });
});

profileRoutes.post("/contact", async (c) => {
  const { viewer, contact } = await loadForAccount(c, "edit", (account) => ({ contact: contactOf(account) }));
  const onFile = contact[0]!;
  const form = await fields(c);
  const typed: Partial<Contact> = {};
  const shown = { ...onFile };
  for (const field of CONTACT_FIELDS) {
    typed[field] = form.get(field) ?? undefined;
    shown[field] = form.get(`was_${field}`) ?? onFile[field];
  }
  const { changes, problems } = contactChanges(typed, shown);
  if (Object.keys(problems).length > 0)
    return contactPage(c, viewer, { typed: { ...shown, ...withoutGaps(typed) }, shown, problems });
  await changeContact(c.var.deps, viewer.user.id, { ...viewer.account, contact: onFile }, changes);
  return goTo(c, "/profile?said=contact");
});

/** What was typed, cut to what a page may carry back. */
const withoutGaps = (typed: Partial<Contact>): Partial<Contact> =>
  Object.fromEntries(
    Object.entries(typed)
      .filter(([, text]) => text !== undefined)
      .map(([field, text]) => [field, text!.slice(0, 300)]),
  );

async function contactPage(
  c: Context,
  viewer: Viewer,
  form: Pick<Parameters<typeof ContactPage>[0], "typed" | "shown" | "problems">,
): Promise<Response> {
  const title = look(c).t.profile.contact.of(viewer.account.name);
  const status = Object.keys(form.problems).length > 0 ? 422 : 200;
  const props = { ...look(c), formToken: viewer.formToken, dealer: viewer.settings.name, account: viewer.account.name };
  return page(c, viewer, { title, status }, <ContactPage {...props} {...form} />);
}
