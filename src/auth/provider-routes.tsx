import { IdentitiesPage, type ProviderTrouble, ProviderTroublePage } from "../../views/auth/providers.tsx";
import { loadForUser, loadPublic } from "../batch.ts";
import { localDate } from "../calendar.ts";
import type { Context, Env } from "../context.ts";
import { NotFound } from "../errors.ts";
import { Hono } from "../hono.ts";
import { fields, goTo, look, page, safeNext, saidIn } from "../http.ts";
import { newSecret, sameText } from "../ids.ts";
import { type Identity, type ProviderName, VendorTrouble } from "../ports.ts";
import { deviceOf } from "./devices.ts";
import { linkProvider, ownIdentities, ownPassword, unlinkProvider } from "./link-provider.ts";
import { sessionToken, setSessionCookie } from "./sessions.ts";
import { signInWithProvider } from "./sign-in-with-provider.ts";
import type { FirstStep } from "./take-second-step.ts";
import { giveTicket, type Ticket, takeTicket, ticketInHand } from "./tickets.ts";

export const providerRoutes = new Hono<Env>();

/** What is held until the browser is back from a provider. `userId` is whoever links it to their sign-in; else null. */
type Trip = {
  provider: ProviderName;
  state: string;
  nonce: string;
  verifier: string;
  next: string;
  userId: string | null;
};

for (const provider of ["google", "microsoft", "apple"] as const) {
  providerRoutes.get(`/${provider}`, (c) => setOut(c, provider));
  providerRoutes.get(`/${provider}/callback`, (c) => comeBack(c, provider));
}

// Apple has the browser post its answer, and then it brings none of our cookies. What changes something is the GET that
// follows, with them; this only turns the form into an address.
providerRoutes.post("/apple/callback", async (c) => {
  const form = await fields(c);
  const told = ["code", "state", "error"].map((name): [string, string] => [
    name,
    (form.get(name) ?? "").slice(0, 2000),
  ]);
  return goTo(c, `/apple/callback?${new URLSearchParams(told)}`);
});

providerRoutes.get("/profile/identities", async (c) => {
  const { t } = look(c);
  const said = { linked: t.ways.identities.done, removed: t.ways.identities.removed };
  return identitiesPage(c, await ownWays(c), { notice: saidIn(c, said), problem: null });
});

providerRoutes.post("/profile/identities/:provider/removal", async (c) => {
  const ways = await ownWays(c);
  const { viewer, identities } = ways;
  const provider = c.req.param("provider");
  const linked = identities.find((identity) => identity.provider === provider);
  if (!linked) return goTo(c, "/profile/identities");
  const { ok } = await unlinkProvider(c.var.deps, viewer.user, linked.provider);
  if (ok) return goTo(c, "/profile/identities?said=removed");
  return identitiesPage(c, ways, { notice: null, problem: look(c).t.ways.identities.lastWay });
});

const returnTo = (c: Context, provider: ProviderName): string => `${c.var.deps.dealer.origin}/${provider}/callback`;

async function setOut(c: Context, provider: ProviderName): Promise<Response> {
  if (!c.var.config.providers[provider]) throw new NotFound();
  const linking = c.req.query("link") !== undefined;
  const userId = linking ? (await loadForUser(c, "enter", () => ({}))).viewer.user.id : null;
  const next = safeNext(c.req.query("next"));
  const trip: Trip = { provider, state: newSecret(), nonce: newSecret(), verifier: newSecret(), next, userId };
  await giveTicket(c, "provider", trip);
  return goTo(c, await c.var.deps.ports.identities.consentPage({ ...trip, returnTo: returnTo(c, provider) }));
}

async function comeBack(c: Context, provider: ProviderName): Promise<Response> {
  if (!c.var.config.providers[provider]) throw new NotFound();
  const trip = await ticketInHand<Trip>(c, "provider");
  const state = c.req.query("state") ?? "";
  if (!trip || trip.provider !== provider || !sameText(trip.state, state))
    return troublePage(c, provider, "stale", null);
  takeTicket(c, "provider");
  const code = c.req.query("code");
  if (!code) return troublePage(c, provider, "cancelled", trip);
  const user = trip.userId === null ? null : await whoBegan(c, trip.userId);
  if (user === "gone") return troublePage(c, provider, "stale", null);
  let identity: Identity | null;
  try {
    const { identities } = c.var.deps.ports;
    identity = await identities.whoConsented({ ...trip, code, returnTo: returnTo(c, provider) });
  } catch (trouble) {
    if (!(trouble instanceof VendorTrouble)) throw trouble;
    return troublePage(c, provider, "noAnswer", trip);
  }
  if (!identity) return troublePage(c, provider, "refused", trip);
  if (!user) return signInAs(c, identity, trip);
  const linked = await linkProvider(c.var.deps, user, identity, trip.id);
  return linked.ok ? goTo(c, "/profile/identities?said=linked") : troublePage(c, provider, linked.reason, trip);
}

async function signInAs(c: Context, identity: Identity, trip: Ticket<Trip>): Promise<Response> {
  const { provider, next } = trip;
  const result = await signInWithProvider(c.var.deps, identity, {
    tripId: trip.id,
    device: deviceOf(c.req.header("User-Agent")),
    oldToken: sessionToken(c),
  });
  if (!result.ok) return troublePage(c, provider, result.reason, trip, identity.email);
  if (result.token === null) {
    const { userId, link } = result;
    await giveTicket<FirstStep>(c, "second_step", { userId, how: provider, next, link });
    return goTo(c, "/sign-in/second-step");
  }
  setSessionCookie(c, result.token);
  return goTo(c, result.staffOnly && next === "/" ? "/office" : next);
}

/** Who began to link, if they are still signed in: whoever is here in their place did not ask for it. */
async function whoBegan(c: Context, userId: string): Promise<{ id: string; email: string } | "gone"> {
  if (!sessionToken(c)) return "gone";
  const { viewer } = await loadForUser(c, "enter", () => ({}));
  return viewer.user.id === userId ? viewer.user : "gone";
}

async function troublePage(
  c: Context,
  provider: ProviderName,
  trouble: ProviderTrouble,
  trip: Trip | null,
  email = "",
): Promise<Response> {
  const { settings } = await loadPublic(c, () => ({}));
  const { t } = look(c);
  const title = t.ways.trouble.title(t.ways.providers[provider]);
  const status = trouble === "noAnswer" ? 503 : 422;
  const about = { provider, trouble, email, next: trip?.next ?? "/", linking: trip !== null && trip.userId !== null };
  return page(c, settings, { title, status }, <ProviderTroublePage {...look(c)} dealer={settings} {...about} />);
}

const ownWays = (c: Context) =>
  loadForUser(c, "enter", (user) => ({ identities: ownIdentities(user), password: ownPassword(user) }));

async function identitiesPage(
  c: Context,
  { viewer, identities, password }: Awaited<ReturnType<typeof ownWays>>,
  said: { notice: string | null; problem: string | null },
): Promise<Response> {
  const { timeZone } = c.var.deps.dealer;
  const props = {
    ...look(c),
    ...said,
    formToken: viewer.formToken,
    providers: Object.keys(c.var.config.providers) as ProviderName[],
    identities: identities.map(({ provider, email, linkedAt }) => ({
      provider,
      email,
      linkedOn: localDate(linkedAt, timeZone),
    })),
    hasPassword: password[0]?.has ?? false,
  };
  const status = said.problem ? 422 : 200;
  return page(c, viewer, { title: look(c).t.ways.identities.title, status }, <IdentitiesPage {...props} />);
}
