import { AddressChangedPage, ConfirmAddressPage, DeadAddressLinkPage } from "../../views/auth/email-address.tsx";
import { EmailPage } from "../../views/auth/profile-forms.tsx";
import { loadForUser, loadPublic, type Settings } from "../batch.ts";
import type { Context, Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { addressOf, fields, goTo, look, page, tokenForForms } from "../http.ts";
import { sha256 } from "../ids.ts";
import { askForEmailChange, changeEmail } from "./change-email.ts";
import { addressToConfirm } from "./profile.ts";
import { sessionToken } from "./sessions.ts";
import { type LinkInHand, linkInHand } from "./tokens.ts";

/** Another address to sign in with: asked for in the profile, confirmed by a link in a mail. */
export const emailRoutes = new Hono<Env>();

emailRoutes.get("/profile/email", async (c) => emailPage(c, { typed: "", problem: null, status: 200 }));

emailRoutes.post("/profile/email", async (c) => {
  const { viewer } = await loadForUser(c, "enter", () => ({}));
  const form = await fields(c);
  const typed = (form.get("email") ?? "").slice(0, 300);
  const asked = await askForEmailChange(c.var.deps, viewer.user, {
    email: typed,
    password: form.get("current") ?? "",
    address: addressOf(c),
  });
  if (asked.ok) {
    c.executionCtx.waitUntil(asked.announce());
    return goTo(c, "/profile/email");
  }
  const { t } = look(c);
  if (asked.problem !== "too_many")
    return emailPage(c, { typed, problem: t.profile.email.problems[asked.problem], status: 422 });
  c.header("Retry-After", String(asked.retryInSeconds));
  return emailPage(c, { typed, problem: t.signIn.tooMany(Math.ceil(asked.retryInSeconds / 60)), status: 429 });
});

async function emailPage(
  c: Context,
  { typed, problem, status }: { typed: string; problem: string | null; status: 200 | 422 | 429 },
): Promise<Response> {
  const { viewer, waiting } = await loadForUser(c, "enter", (user) => ({
    waiting: addressToConfirm(user, c.var.deps.now),
  }));
  const form = { formToken: viewer.formToken, now: viewer.user.email, typed, problem };
  const title = look(c).t.profile.email.title;
  return page(
    c,
    viewer,
    { title, status },
    <EmailPage {...look(c)} {...form} waitingFor={waiting[0]?.email ?? null} />,
  );
}

emailRoutes.get("/email-addresses/:token", async (c) => {
  const { link, settings } = await linkOf(c, c.req.param("token"));
  return link ? confirmPage(c, settings, link, null) : deadPage(c, settings);
});

emailRoutes.post("/email-addresses/:token", async (c) => {
  const { link, settings } = await linkOf(c, c.req.param("token"));
  if (!link) return deadPage(c, settings);
  const token = sessionToken(c);
  const done = await changeEmail(c.var.deps, link, token && (await sha256(token)));
  const { t } = look(c);
  if (!done.ok)
    return done.problem === "dead" ? deadPage(c, settings) : confirmPage(c, settings, link, t.profile.email.taken);
  const props = { ...look(c), dealer: settings, email: link.email };
  return page(c, settings, { title: t.profile.email.doneTitle }, <AddressChangedPage {...props} />);
});

/** The link an address names, if it works and is for an e-mail address. */
async function linkOf(c: Context, secret: string): Promise<{ link: LinkInHand | null; settings: Settings }> {
  const hash = await sha256(secret);
  const { found, settings } = await loadPublic(c, () => ({ found: linkInHand(null, hash, c.var.deps.now) }));
  const link = found[0] as LinkInHand | undefined;
  return { link: link?.purpose === "email" ? link : null, settings };
}

async function confirmPage(c: Context, settings: Settings, link: LinkInHand, problem: string | null) {
  const form = { dealer: settings, formToken: tokenForForms(c), action: c.req.path, email: link.email, problem };
  const title = look(c).t.profile.email.confirmTitle;
  return page(
    c,
    settings,
    { title, status: problem === null ? 200 : 409 },
    <ConfirmAddressPage {...look(c)} {...form} />,
  );
}

async function deadPage(c: Context, settings: Settings): Promise<Response> {
  const { t } = look(c);
  const props = { ...look(c), dealer: settings };
  return page(c, settings, { title: t.access.password.deadTitle, status: 410 }, <DeadAddressLinkPage {...props} />);
}
