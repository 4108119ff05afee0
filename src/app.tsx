import { bodyLimit } from "hono/body-limit";
import { secureHeaders } from "hono/secure-headers";
import { ErrorPage } from "../views/errors.tsx";
import { preferredLanguage } from "../views/text/language.ts";
import { accountRoutes } from "./auth/account-routes.tsx";
import { emailRoutes } from "./auth/email-routes.tsx";
import { invitationRoutes } from "./auth/invitation-routes.tsx";
import { passwordRoutes } from "./auth/password-routes.tsx";
import { profileRoutes } from "./auth/profile-routes.tsx";
import { providerRoutes } from "./auth/provider-routes.tsx";
import { registerRoutes } from "./auth/register-routes.tsx";
import { auth } from "./auth/routes.tsx";
import { twoStepRoutes } from "./auth/two-step-routes.tsx";
import { userRoutes } from "./auth/user-routes.tsx";
import { DatabaseTrouble, NotAllowed, SignInNeeded } from "./batch.ts";
import { autopayRoutes } from "./billing/autopay-routes.tsx";
import { creditRoutes } from "./billing/credit-routes.tsx";
import { draftRoutes } from "./billing/draft-routes.tsx";
import { invoiceRoutes } from "./billing/invoice-routes.tsx";
import { methodRoutes } from "./billing/method-routes.tsx";
import { payLinkRoutes } from "./billing/pay-link-routes.tsx";
import { paymentRoutes } from "./billing/payment-routes.tsx";
import { receiptRoutes } from "./billing/receipt-routes.tsx";
import { scheduledRoutes } from "./billing/scheduled-routes.tsx";
import { statementRoutes } from "./billing/statement-routes.tsx";
import type { Bindings, Config } from "./config.ts";
import type { Context, Env } from "./context.ts";
import type { Deps } from "./dealer.ts";
import { NotFound } from "./errors.ts";
import { home } from "./home.tsx";
import { Hono } from "./hono.ts";
import { goTo, isOurs, LONGEST_FORM_BYTES, look, page, spokenLanguage } from "./http.ts";
import { messaging } from "./messaging/routes.tsx";

/** What a request needs before anything else: its dealer and the world. Null when no dealer has this host name. */
export type Wire = (env: Bindings, hostname: string) => Promise<{ config: Config; deps: Deps } | null>;

/** Writes one line about a request that failed: ids and names, nothing personal. */
export type Log = (entry: Record<string, string | number>) => void;

/** Vendors' events are a few kilobytes. */
const LONGEST_WEBHOOK_BYTES = 512 * 1024;

/** What no customer asks for: loaded with the first request for it, so that a customer's first page need not wait for it. */
export const APART: Record<string, (app: Hono<Env>) => Promise<unknown>> = {
  "/office/*": async (app) => app.route("/office", (await import("./office/routes.tsx")).office),
  "/api/*": async (app) => app.route("/api/v1", (await import("./api/routes.ts")).api),
  "/webhooks/*": async (app) => app.route("/webhooks", (await import("./webhooks.ts")).webhooks),
};

const onlyReads = (c: Context): boolean => c.req.method === "GET" || c.req.method === "HEAD";

/** The whole portal: every address, in the same frame. */
export function portal(wire: Wire, log: Log): Hono<Env> {
  const app = new Hono<Env>();

  for (const [addresses, enter] of Object.entries(APART)) {
    // The app, never its promise: a Worker may not wait for what another request began.
    let apart: Hono<Env> | null = null;
    app.all(addresses, async (c) => {
      if (!apart) {
        const made = framed(new Hono<Env>(), wire, log);
        await enter(made);
        apart = made;
      }
      return apart.fetch(c.req.raw, c.env, c.executionCtx);
    });
  }

  framed(app, wire, log);
  app.route("/", home);
  app.route("/", auth);
  app.route("/", passwordRoutes);
  app.route("/", providerRoutes);
  app.route("/", twoStepRoutes);
  app.route("/profile", profileRoutes);
  app.route("/", emailRoutes);
  app.route("/", registerRoutes);
  app.route("/", invitationRoutes);
  app.route("/users", userRoutes);
  app.route("/accounts", accountRoutes);
  app.route("/", messaging);
  app.route("/invoices", invoiceRoutes);
  app.route("/payments", paymentRoutes);
  app.route("/payment-methods", methodRoutes);
  app.route("/pay", payLinkRoutes);
  app.route("/scheduled-payments", scheduledRoutes);
  app.route("/receipts", receiptRoutes);
  app.route("/autopay", autopayRoutes);
  app.route("/autopay/drafts", draftRoutes);
  app.route("/credits", creditRoutes);
  app.route("/", statementRoutes);
  return app;
}

/** Puts around an app what every request needs: middleware in order, and what happens when something goes wrong. */
function framed(app: Hono<Env>, wire: Wire, log: Log): Hono<Env> {
  app.use(
    secureHeaders({
      strictTransportSecurity: "max-age=31536000; includeSubDomains",
      xFrameOptions: "DENY",
      // Not `no-referrer`: under that a browser sends its forms with `Origin: null`, and our own check would refuse them.
      referrerPolicy: "same-origin",
      crossOriginOpenerPolicy: "same-origin",
      crossOriginResourcePolicy: "same-origin",
      // For browsers that are gone, or at their default already; each answer is spared their weight.
      originAgentCluster: false,
      xDnsPrefetchControl: false,
      xDownloadOptions: false,
      xPermittedCrossDomainPolicies: false,
      xXssProtection: false,
      permissionsPolicy: { camera: [], microphone: [], geolocation: [], payment: [], usb: [] },
    }),
  );

  app.use(async (c, next) => {
    c.set("requestId", c.req.header("CF-Ray") ?? crypto.randomUUID());
    c.set("language", preferredLanguage(c.req.header("Accept-Language")));
    c.header("Cache-Control", "private, no-store");
    c.header("Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'");
    const wired = await wire(c.env, new URL(c.req.url).hostname);
    if (!wired)
      return c.text("There is no portal at this address. Check the address your alarm company gave you.\n", 404);
    c.set("config", wired.config);
    c.set("deps", wired.deps);
    c.set("language", spokenLanguage(c));
    await next();
  });

  app.use(async (c, next) => {
    // The API takes whole exports and has its own limit.
    if (onlyReads(c as Context) || c.req.path.startsWith("/api/")) return next();
    const maxSize = c.req.path.startsWith("/webhooks/") ? LONGEST_WEBHOOK_BYTES : LONGEST_FORM_BYTES;
    return bodyLimit({ maxSize, onError: (limited) => refuse(limited as Context, "tooLarge", 413) })(c, next);
  });

  app.use(async (c, next) => {
    // Apple's page posts its answer; that only leads on to an address, where the state is looked at.
    if (onlyReads(c as Context) || /^\/(webhooks\/|api\/|apple\/callback$)/.test(c.req.path) || (await isOurs(c)))
      return next();
    return refuse(c, "stale", 403);
  });

  app.notFound((c) => refuse(c as Context, "notFound", 404));

  app.onError((error, c: Context) => {
    if (error instanceof SignInNeeded) return goTo(c, signInAddress(c));
    if (error instanceof NotFound) return refuse(c, "notFound", 404);
    if (error instanceof NotAllowed) {
      if (error.home) return goTo(c, error.home);
      return c.req.path.startsWith("/office") ? refuse(c, "notFound", 404) : refuse(c, "notAllowed", 403);
    }
    const away = error instanceof DatabaseTrouble;
    log({
      level: "error",
      request_id: c.var.requestId,
      dealer: c.var.deps?.dealer.slug ?? "none",
      method: c.req.method,
      path: c.req.path.replace(/_[0-9a-z]{20}\b|(?<=\/)[\w-]{43}(?=$|\/)/g, "_…"),
      error: error.name,
      message: error.message.slice(0, 300),
      cause: error.cause instanceof Error ? error.cause.message.slice(0, 300) : "",
      stack: away ? "" : (error.stack ?? "").slice(0, 2000),
    });
    // Without a configuration there is nothing to draw a page with.
    if (!c.var.config) return c.text(`${look(c).t.errors.broken} ${c.var.requestId}\n`, 500);
    if (away) c.header("Retry-After", "60");
    return away ? refuse(c, "away", 503) : refuse(c, "broken", 500);
  });

  return app;
}

type Trouble = "notFound" | "notAllowed" | "broken" | "away" | "tooLarge" | "stale";

/** A plain page with a sentence, what to do, and the request's number. Machines get the sentence alone. */
async function refuse(c: Context, trouble: Trouble, status: 403 | 404 | 413 | 500 | 503): Promise<Response> {
  const { t } = look(c);
  const title = t.errors[trouble];
  if (/^\/(webhooks|api)\//.test(c.req.path)) return c.json({ error: title, request_id: c.var.requestId }, status);
  const notes: string[] = [t.errors[`${trouble}Note`]];
  if (trouble === "away" && c.req.method !== "GET") notes.push(t.errors.awayPaying);
  return page(
    c,
    null,
    { title, status },
    <ErrorPage {...look(c)} title={title} notes={notes} requestId={c.var.requestId} />,
  );
}

/** Sign in first, then on to where one was going; a form that was lost on the way is not sent again. */
function signInAddress(c: Context): string {
  const url = new URL(c.req.url);
  if (c.req.method !== "GET" || url.pathname === "/") return "/sign-in";
  return `/sign-in?next=${encodeURIComponent(url.pathname + url.search)}`;
}
