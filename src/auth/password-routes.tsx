import {
  AddAccountPage,
  DeadLinkPage,
  ForgotPasswordPage,
  LinkSentPage,
  SetPasswordPage,
} from "../../views/auth/passwords.tsx";
import { loadPublic, type Settings } from "../batch.ts";
import type { Context, Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { addressOf, commonPasswords, fields, goTo, look, page, tokenForForms } from "../http.ts";
import { sha256 } from "../ids.ts";
import { acceptInvitation } from "./accept-invitation.ts";
import { deviceOf } from "./devices.ts";
import type { PasswordProblem } from "./password-rules.ts";
import { sessionToken, setSessionCookie } from "./sessions.ts";
import { forgotPassword, setPassword } from "./set-password.ts";
import { type LinkInHand, linkInHand } from "./tokens.ts";

export const passwordRoutes = new Hono<Env>();

passwordRoutes.get("/forgot-password", async (c) => {
  const { settings } = await loadPublic(c, () => ({}));
  return forgotPage(c, settings, "", null);
});

passwordRoutes.post("/forgot-password", async (c) => {
  const email = ((await fields(c)).get("email") ?? "").slice(0, 254);
  const asked = await forgotPassword(c.var.deps, { email, address: addressOf(c) });
  const { settings } = await loadPublic(c, () => ({}));
  if (!asked.ok) {
    c.header("Retry-After", String(asked.retryInSeconds));
    return forgotPage(c, settings, email, look(c).t.signIn.tooMany(Math.ceil(asked.retryInSeconds / 60)));
  }
  // After the answer: a queue that takes its time must not tell who exists.
  c.executionCtx.waitUntil(asked.announce());
  const { t } = look(c);
  return page(c, settings, { title: t.access.forgot.sentTitle }, <LinkSentPage {...look(c)} dealer={settings} />);
});

passwordRoutes.get("/passwords/:token", async (c) => {
  const { link, settings } = await linkOf(c, c.req.param("token"));
  if (!link) return deadLinkPage(c, settings);
  return addsAccount(link) ? addPage(c, settings, link) : setPage(c, settings, link, null);
});

passwordRoutes.post("/passwords/:token", async (c) => {
  const { link, settings } = await linkOf(c, c.req.param("token"));
  if (!link) return deadLinkPage(c, settings);
  if (addsAccount(link)) {
    const accepted = await acceptInvitation(c.var.deps, link, sessionToken(c));
    if (accepted === "dead") return deadLinkPage(c, settings);
    return goTo(c, accepted === "signed_in" ? "/" : "/sign-in?accepted&next=%2Faccounts");
  }
  const form = await fields(c);
  const done = await setPassword(c.var.deps, link, {
    password: form.get("password") ?? "",
    again: form.get("again") ?? "",
    common: await commonPasswords(c),
    device: deviceOf(c.req.header("User-Agent")),
    oldToken: sessionToken(c),
  });
  if (!done.ok) return done.problem === "dead" ? deadLinkPage(c, settings) : setPage(c, settings, link, done.problem);
  if (!done.token) return goTo(c, "/sign-in?password-set");
  setSessionCookie(c, done.token);
  return goTo(c, done.staffOnly ? "/office" : "/");
});

/** The link an address names, if it works and is for a password. */
async function linkOf(c: Context, secret: string): Promise<{ link: LinkInHand | null; settings: Settings }> {
  const hash = await sha256(secret);
  const { found, settings } = await loadPublic(c, () => ({ found: linkInHand(null, hash, c.var.deps.now) }));
  const link = found[0] as LinkInHand | undefined;
  const forPassword = link && ["password", "registration", "temporary"].includes(link.purpose);
  return { link: forPassword ? link : null, settings };
}

/** Whether a registration is by somebody who has a password: it adds an account to their sign-in and leaves that be. */
const addsAccount = (link: LinkInHand): link is LinkInHand & { accountId: string } =>
  link.purpose === "registration" && link.hasPassword && link.accountId !== null;

async function addPage(c: Context, settings: Settings, link: LinkInHand): Promise<Response> {
  const props = { ...look(c), dealer: settings, formToken: tokenForForms(c), action: c.req.path };
  const title = look(c).t.register.add.title;
  return page(c, settings, { title }, <AddAccountPage {...props} {...link} />);
}

async function forgotPage(c: Context, settings: Settings, email: string, problem: string | null): Promise<Response> {
  const props = { ...look(c), dealer: settings, formToken: tokenForForms(c), email, problem };
  const title = look(c).t.access.forgot.title;
  return page(c, settings, { title, status: problem ? 429 : 200 }, <ForgotPasswordPage {...props} />);
}

async function setPage(c: Context, settings: Settings, link: LinkInHand, problem: PasswordProblem | null) {
  const props = {
    ...look(c),
    dealer: settings,
    formToken: tokenForForms(c),
    action: c.req.path,
    email: link.userEmail,
    problem,
  };
  const title = look(c).t.access.password.title;
  return page(c, settings, { title, status: problem ? 422 : 200 }, <SetPasswordPage {...props} />);
}

async function deadLinkPage(c: Context, settings: Settings): Promise<Response> {
  const props = { ...look(c), dealer: settings, formToken: tokenForForms(c) };
  const title = look(c).t.access.password.deadTitle;
  return page(c, settings, { title, status: 410 }, <DeadLinkPage {...props} />);
}
