import { RegisterPage, type RegisterProblem, RegistrationSentPage } from "../../views/auth/register.tsx";
import { loadPublic, type Settings } from "../batch.ts";
import type { Context, Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { addressOf, fields, look, page, tokenForForms } from "../http.ts";
import { emailAddress } from "./contact-rules.ts";
import { waysIn } from "./promise-registration.ts";
import { type Asked, register } from "./register.ts";

export const registerRoutes = new Hono<Env>();

/** The form's boxes and how much of each is read. */
const LONGEST = { number: 40, key: 40, zip: 20, email: 254, first_name: 60, last_name: 60, phone: 40 } as const;
export type RegisterForm = Record<keyof typeof LONGEST, string>;
export type WaysIn = { byKey: boolean; byEmail: boolean; asksName: boolean; asksPhone: boolean; strict: boolean };

registerRoutes.get("/register", async (c) => {
  const { settings, ways } = await load(c);
  // The letter of an invoice's QR code: all but the ZIP.
  const scanned = new URLSearchParams({ number: c.req.query("customer") ?? "", key: c.req.query("key") ?? "" });
  const form = typed(scanned);
  return registerPage(c, settings, ways, form.number || form.key ? "key" : "email", form, null);
});

registerRoutes.post("/register", async (c) => {
  const { settings, ways } = await load(c);
  const sent = await fields(c);
  const form = typed(sent);
  const by = sent.get("by") === "key" ? "key" : "email";
  const missing = missingIn(form, by, ways);
  if (missing) return registerPage(c, settings, ways, by, form, { field: missing });
  const { number, key, zip, email, phone } = form;
  const name = `${form.first_name} ${form.last_name}`.trim();
  const asked: Asked = by === "key" ? { by, number, key, zip, email, name, phone } : { by, email };
  const done = await register(c.var.deps, asked, { address: addressOf(c), language: c.var.language });
  if (!done.ok) {
    c.header("Retry-After", String(done.retryInSeconds));
    return registerPage(c, settings, ways, by, form, { minutes: Math.ceil(done.retryInSeconds / 60) });
  }
  // After the answer: a queue that takes its time must not tell who is on file.
  c.executionCtx.waitUntil(done.announce());
  const title = look(c).t.register.sentTitle;
  return page(c, settings, { title }, <RegistrationSentPage {...look(c)} dealer={settings} by={by} form={form} />);
});

async function load(c: Context): Promise<{ settings: Settings; ways: WaysIn }> {
  const { settings, ways } = await loadPublic(c, () => ({ ways: waysIn(null) }));
  const { registerByKey, registerByEmail, registerAsksName, registerAsksPhone, strictNameMatch } = ways[0]!;
  return {
    settings,
    ways: {
      byKey: registerByKey,
      byEmail: registerByEmail,
      asksName: registerAsksName,
      asksPhone: registerAsksPhone,
      strict: strictNameMatch,
    },
  };
}

/** What was typed: one line each, no longer than anybody's name or number. */
function typed(sent: URLSearchParams): RegisterForm {
  const one = (name: keyof RegisterForm) =>
    (sent.get(name) ?? "")
      .replace(/\p{Cc}+/gu, " ")
      .trim()
      .slice(0, LONGEST[name]);
  return {
    number: one("number"),
    key: one("key"),
    zip: one("zip"),
    email: one("email"),
    first_name: one("first_name"),
    last_name: one("last_name"),
    phone: one("phone"),
  };
}

/** The first box that was left empty, or holds what cannot be an e-mail address; null when all is there. */
function missingIn(form: RegisterForm, by: "key" | "email", ways: WaysIn): keyof RegisterForm | null {
  const needed: (keyof RegisterForm)[] =
    by === "email"
      ? []
      : [
          "number",
          "key",
          "zip",
          ...(ways.asksName ? (["first_name", "last_name"] as const) : []),
          ...(ways.asksPhone ? (["phone"] as const) : []),
        ];
  return needed.find((name) => form[name] === "") ?? (emailAddress(form.email) === null ? "email" : null);
}

async function registerPage(
  c: Context,
  settings: Settings,
  ways: WaysIn,
  by: "key" | "email",
  form: RegisterForm,
  problem: RegisterProblem | null,
): Promise<Response> {
  const props = { ...look(c), dealer: settings, formToken: tokenForForms(c), ways, by, form, problem };
  const status = problem === null ? 200 : "minutes" in problem ? 429 : 422;
  return page(c, settings, { title: look(c).t.register.title, status }, <RegisterPage {...props} />);
}
