import { SignInPage } from "../../views/auth/sign-in.tsx";
import { loadPublic, type Settings } from "../batch.ts";
import type { Context, Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { addressOf, fields, goTo, look, page, safeNext, tokenForForms } from "../http.ts";
import type { ProviderName } from "../ports.ts";
import { deviceOf } from "./devices.ts";
import { clearSessionCookie, sessionToken, setSessionCookie } from "./sessions.ts";
import { signIn, signOut } from "./sign-in.ts";
import type { FirstStep } from "./take-second-step.ts";
import { giveTicket } from "./tickets.ts";

export const auth = new Hono<Env>();

auth.get("/sign-in", async (c) => {
  const { settings } = await loadPublic(c, () => ({}));
  const { t } = look(c);
  const notice =
    c.req.query("signed-out") !== undefined
      ? t.signIn.signedOut
      : c.req.query("password-set") !== undefined
        ? t.access.password.saved
        : c.req.query("accepted") !== undefined
          ? t.people.invitation.accepted
          : c.req.query("next")
            ? t.signIn.ended
            : null;
  return signInPage(c, settings, { next: safeNext(c.req.query("next")), email: "", problem: null, notice }, 200);
});

auth.post("/sign-in", async (c) => {
  const form = await fields(c);
  const email = (form.get("email") ?? "").slice(0, 254);
  const next = safeNext(form.get("next") ?? undefined);
  const address = addressOf(c);
  const { success } = await c.env.SIGN_IN_LIMIT.limit({ key: address });
  const { t } = look(c);
  const refuse = async (problem: string, status: 422 | 429) => {
    const { settings } = await loadPublic(c, () => ({}));
    return signInPage(c, settings, { next, email, problem, notice: null }, status);
  };
  if (!success) return refuse(t.signIn.tooMany(1), 429);
  const password = form.get("password") ?? "";
  const result = await signIn(c.var.deps, {
    email,
    password,
    address,
    device: deviceOf(c.req.header("User-Agent")),
    oldToken: sessionToken(c),
  });
  if (result.ok && result.token === null) {
    await giveTicket<FirstStep>(c, "second_step", { userId: result.userId, how: "password", next, link: null });
    return goTo(c, "/sign-in/second-step");
  }
  if (result.ok) {
    setSessionCookie(c, result.token);
    return goTo(c, result.staffOnly && next === "/" ? "/office" : next);
  }
  if (result.reason === "temporary") return goTo(c, `/passwords/${result.link}`);
  if (result.reason === "wrong") return refuse(t.signIn.wrong, 422);
  c.header("Retry-After", String(result.retryInSeconds));
  return refuse(t.signIn.tooMany(Math.ceil(result.retryInSeconds / 60)), 429);
});

auth.post("/sign-out", async (c) => {
  const token = sessionToken(c);
  const everywhere = (await fields(c)).get("everywhere") === "1";
  if (token) await signOut(c.var.deps, token, everywhere);
  clearSessionCookie(c);
  return goTo(c, "/sign-in?signed-out");
});

async function signInPage(
  c: Context,
  settings: Settings,
  form: { next: string; email: string; problem: string | null; notice: string | null },
  status: 200 | 422 | 429,
): Promise<Response> {
  const token = tokenForForms(c);
  const providers = Object.keys(c.var.config.providers) as ProviderName[];
  return page(
    c,
    settings,
    { title: look(c).t.signIn.title, status },
    <SignInPage {...look(c)} dealer={settings} formToken={token} providers={providers} {...form} />,
  );
}
