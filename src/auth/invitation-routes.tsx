import { DeadInvitationPage, InvitationPage } from "../../views/auth/invitations.tsx";
import { loadPublic, type Settings } from "../batch.ts";
import type { Context, Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { commonPasswords, fields, goTo, look, page, tokenForForms } from "../http.ts";
import { sha256 } from "../ids.ts";
import { acceptInvitation, invitationInHand } from "./accept-invitation.ts";
import { deviceOf } from "./devices.ts";
import type { PasswordProblem } from "./password-rules.ts";
import type { Role } from "./roles.ts";
import { sessionToken, setSessionCookie } from "./sessions.ts";
import { setPassword } from "./set-password.ts";
import { type LinkInHand, linkInHand } from "./tokens.ts";

export const invitationRoutes = new Hono<Env>();

invitationRoutes.get("/invitations/:token", async (c) => {
  const { invitation, settings } = await invitationOf(c);
  return invitation ? invitationPage(c, settings, invitation, null) : deadPage(c, settings);
});

invitationRoutes.post("/invitations/:token", async (c) => {
  const { invitation, settings } = await invitationOf(c);
  if (!invitation) return deadPage(c, settings);
  if (invitation.link.hasPassword) {
    const accepted = await acceptInvitation(c.var.deps, invitation.link, sessionToken(c));
    if (accepted === "dead") return deadPage(c, settings);
    return goTo(c, accepted === "signed_in" ? "/" : "/sign-in?accepted&next=%2Faccounts");
  }
  const form = await fields(c);
  const done = await setPassword(c.var.deps, invitation.link, {
    password: form.get("password") ?? "",
    again: form.get("again") ?? "",
    common: await commonPasswords(c),
    device: deviceOf(c.req.header("User-Agent")),
    oldToken: sessionToken(c),
    // The letter was in the inviter's language; this page is in the reader's own.
    language: c.var.language,
  });
  if (!done.ok)
    return done.problem === "dead" ? deadPage(c, settings) : invitationPage(c, settings, invitation, done.problem);
  if (!done.token) return goTo(c, "/sign-in?accepted");
  setSessionCookie(c, done.token);
  return goTo(c, "/");
});

type Invitation = { link: LinkInHand & { accountId: string }; role: Role; inviter: string | null };

/** The invitation that an address names, if it works. */
async function invitationOf(c: Context): Promise<{ invitation: Invitation | null; settings: Settings }> {
  const hash = await sha256(c.req.param("token") ?? "");
  const { now } = c.var.deps;
  const { found, about, settings } = await loadPublic(c, () => ({
    found: linkInHand(null, hash, now),
    about: invitationInHand(null, hash, now),
  }));
  const link = found[0] as LinkInHand | undefined;
  const { accountId } = link ?? { accountId: null };
  if (!link || accountId === null || !about[0]) return { invitation: null, settings };
  return { invitation: { link: { ...link, accountId }, ...about[0] }, settings };
}

async function invitationPage(
  c: Context,
  settings: Settings,
  { link, role, inviter }: Invitation,
  problem: PasswordProblem | null,
): Promise<Response> {
  return page(
    c,
    settings,
    { title: look(c).t.people.invitation.title, status: problem ? 422 : 200 },
    <InvitationPage
      {...look(c)}
      dealer={settings}
      formToken={tokenForForms(c)}
      action={c.req.path}
      inviter={inviter ?? settings.name}
      account={link.accountName ?? ""}
      email={link.userEmail}
      role={role}
      hasPassword={link.hasPassword}
      problem={problem}
    />,
  );
}

const deadPage = (c: Context, settings: Settings): Promise<Response> =>
  page(
    c,
    settings,
    { title: look(c).t.people.invitation.deadTitle, status: 410 },
    <DeadInvitationPage {...look(c)} dealer={settings} />,
  );
