import { getCookie, setCookie } from "hono/cookie";
import type { Child } from "hono/jsx";
import { assets } from "../views/assets.gen.ts";
import { type Frame, Layout, styleOf } from "../views/layout.tsx";
import { type Language, type Text, textIn } from "../views/text/language.ts";
import { RIGHTS } from "./auth/roles.ts";
import { sessionToken } from "./auth/sessions.ts";
import type { Settings, StaffViewer, UserViewer, Viewer } from "./batch.ts";
import { DAY } from "./calendar.ts";
import { palette } from "./colours.ts";
import type { Context } from "./context.ts";
import { formToken, isFormToken } from "./form-token.ts";
import { newSecret } from "./ids.ts";

/** More than any of our forms ever holds: 500 invoices with amounts. */
export const LONGEST_FORM_BYTES = 128 * 1024;

/** What the sentences and formats of this request's answer are in. */
export const look = (c: Context): { t: Text; language: "en" | "es" } => ({
  t: textIn(c.var.language),
  language: c.var.language,
});

/**
 * The language for whoever has not said it in their profile: what the link at the foot of a page asks for, which the
 * browser then remembers, else what the browser prefers, which `c` holds before.
 */
export function spokenLanguage(c: Context): Language {
  const asked = ours(c.req.query("lang"));
  if (asked && c.req.method === "GET") {
    const { secure } = c.var.deps.dealer;
    setCookie(c, "language", asked, { path: "/", httpOnly: true, sameSite: "Lax", secure, maxAge: 365 * DAY });
  }
  return asked ?? ours(getCookie(c, "language")) ?? c.var.language;
}

const ours = (language: string | undefined): Language | null =>
  language === "en" || language === "es" ? language : null;

/** This page in the other language, with all else that its address says. */
function inOtherLanguage(c: Context): string {
  const { searchParams } = new URL(c.req.url);
  searchParams.set("lang", c.var.language === "en" ? "es" : "en");
  return `?${searchParams}`;
}

type PageOptions = {
  title: string;
  status?: 200 | 403 | 404 | 409 | 410 | 413 | 422 | 429 | 500 | 503;
  again?: Frame["again"];
};

/** A whole page: frame, headers and all. `who` is whoever `load…` found, or just the dealer's settings, or nobody. */
export async function page(
  c: Context,
  who: Viewer | StaffViewer | UserViewer | Settings | null,
  options: PageOptions,
  children: Child,
): Promise<Response> {
  const settings = who === null ? null : "settings" in who ? who.settings : who;
  const frame: Frame = {
    ...look(c),
    title: options.title,
    path: c.req.path,
    inPlace: isHtmx(c),
    host: new URL(c.var.deps.dealer.origin).host,
    again: options.again,
    otherLanguage: inOtherLanguage(c),
    dealer: settings && {
      name: settings.name,
      phone: settings.phone,
      licence: settings.licence,
      accent: palette(settings.accent).accent,
    },
    viewer: who && "settings" in who ? framedViewer(who) : null,
  };
  const styleHash = frame.inPlace ? null : await styleHashOf(frame.dealer?.accent);
  c.header("Content-Security-Policy", contentSecurityPolicy(c, styleHash));
  if (frame.inPlace && (options.status ?? 200) >= 400) {
    // A form expected a fragment and gets an error's page: that takes the place of the whole, not of the form.
    c.header("HX-Retarget", "body");
    c.header("HX-Reswap", "outerHTML show:top");
  }
  return c.html(Layout({ ...frame, children }), options.status ?? 200);
}

function framedViewer(viewer: Viewer | StaffViewer | UserViewer): NonNullable<Frame["viewer"]> {
  const account = "account" in viewer ? viewer.account : null;
  const role = "role" in viewer ? viewer.role : null;
  return {
    name: viewer.user.name,
    formToken: viewer.formToken,
    accountName: account?.name ?? null,
    rights: role ? RIGHTS[role] : [],
    hasMoreAccounts: viewer.hasMoreAccounts,
    isStaff: "staffRole" in viewer && viewer.staffRole !== null,
  };
}

/**
 * Chrome holds redirects after a form to `form-action` too, so the vendor's checkout stands there. The bank's 3-D Secure
 * pages cannot be listed; one reaches them by a link from the payment's own page.
 */
function contentSecurityPolicy(c: Context, styleHash: string | null): string {
  const checkout = c.var.config.stripeApiBase
    ? new URL(c.var.config.stripeApiBase).origin
    : "https://checkout.stripe.com";
  return [
    "default-src 'none'",
    "script-src 'self'",
    `style-src '${styleHash ?? "none"}'`,
    "img-src 'self' data:",
    "connect-src 'self'",
    `form-action 'self' ${checkout}`,
    "base-uri 'none'",
    "frame-ancestors 'none'",
  ].join("; ");
}

const styleHashes = new Map<string | undefined, string>();

/** The hash of a page's one style element, worked out once for each dealer's colour. */
async function styleHashOf(accent: string | undefined): Promise<string> {
  let hash = styleHashes.get(accent);
  if (!hash) {
    const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(styleOf(accent)));
    hash = `sha256-${btoa(String.fromCharCode(...new Uint8Array(digest)))}`;
    styleHashes.set(accent, hash);
  }
  return hash;
}

/** Where a request comes from, for counting tries; Cloudflare says it. */
export const addressOf = (c: Context): string => c.req.header("CF-Connecting-IP") ?? "unknown";

let known: ReadonlySet<string> | null = null;

/** The passwords that anybody would guess first, from our own static files: they weigh too much for the Worker. */
export async function commonPasswords(c: Context): Promise<ReadonlySet<string>> {
  if (!known) {
    const response = await c.env.ASSETS.fetch(new URL(assets["common-passwords.txt"], c.var.deps.dealer.origin));
    if (!response.ok) throw new Error("the common passwords are not among the static files");
    known = new Set((await response.text()).trim().split("\n"));
  }
  return known;
}

const isHtmx = (c: Context): boolean => c.req.header("HX-Request") === "true";

/**
 * Answers a form: with script the fragment alone, which is swapped in place; without, the whole page. The only place
 * that tells the two apart, and only for POST, so that no address means two things.
 */
export async function pageOrFragment(
  c: Context,
  who: Viewer | StaffViewer | UserViewer,
  options: PageOptions,
  whole: (fragment: Child) => Child,
  fragment: Child,
): Promise<Response> {
  if (isHtmx(c)) return c.html(fragment as never, options.status ?? 200);
  return page(c, who, options, whole(fragment));
}

/** Sends the browser on after a form: 303, or the header that htmx follows, also to another origin. */
export function goTo(c: Context, url: string): Response {
  if (isHtmx(c)) return c.body(null, 200, { "HX-Redirect": url });
  return c.redirect(url, 303);
}

/** The name, of those of `sentences`, by which the address says what the form before this page came to. */
export function nameSaid<Name extends string>(c: Context, sentences: Readonly<Record<Name, unknown>>): Name | null {
  const name = c.req.query("said") ?? "";
  return Object.hasOwn(sentences, name) ? (name as Name) : null;
}

/** The same, and what stands under that name. */
export function saidIn<Sentence>(c: Context, sentences: Readonly<Record<string, Sentence>>): Sentence | null {
  const name = nameSaid(c, sentences);
  return name === null ? null : sentences[name]!;
}

/** An address within this portal that a sign-in may lead on to; anything else becomes the dashboard. */
export function safeNext(next: string | undefined): string {
  if (!next || !/^\/(?![/\\])/.test(next) || /[\p{Cc}\\]/u.test(next)) return "/";
  const url = new URL(next, "https://portal.invalid");
  // Parsing takes `/..` away, and what is left of `/..//evil.test` names another host.
  const ours = url.origin === "https://portal.invalid" && !url.pathname.startsWith("//");
  return ours ? url.pathname + url.search : "/";
}

/** A posted form's fields, in the order of the page. Names may repeat. */
export async function fields(c: Context): Promise<URLSearchParams> {
  return new URLSearchParams(await c.req.text());
}

/** A form's secret for a browser: the session's token, or before sign-in a cookie of its own. */
export function tokenForForms(c: Context): string {
  const session = sessionToken(c);
  if (session) return formToken(session);
  const name = formCookie(c);
  let secret = getCookie(c, name);
  if (!secret || !/^[\w-]{43}$/.test(secret)) {
    secret = newSecret();
    setCookie(c, name, secret, { path: "/", httpOnly: true, sameSite: "Lax", secure: c.var.deps.dealer.secure });
  }
  return formToken(secret);
}

const formCookie = (c: Context): string => (c.var.deps.dealer.secure ? "__Host-form" : "form");

/**
 * Whether a state-changing request was sent by one of our own pages. Where the browser says where it comes from, all it
 * says must be us; a browser that says nothing must bring the token of a form that we drew for it.
 */
export async function isOurs(c: Context): Promise<boolean> {
  const site = c.req.header("Sec-Fetch-Site");
  const origin = c.req.header("Origin");
  if (site === undefined && origin === undefined) {
    const type = c.req.header("Content-Type") ?? "";
    if (!type.startsWith("application/x-www-form-urlencoded")) return false;
    const token = (await fields(c)).get("form_token") ?? "";
    const secret = sessionToken(c) ?? getCookie(c, formCookie(c));
    return secret !== undefined && isFormToken(secret, token);
  }
  return (
    (site === undefined || site === "same-origin") && (origin === undefined || origin === c.var.deps.dealer.origin)
  );
}
