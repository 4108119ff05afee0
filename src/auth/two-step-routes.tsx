import { RecoveryCodesPage, SecondStepPage, TwoStepPage, type TwoStepState } from "../../views/auth/two-step.tsx";
import { loadForUser, loadPublic, type UserViewer } from "../batch.ts";
import { MINUTE } from "../calendar.ts";
import type { Context, Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { fields, goTo, look, page, tokenForForms } from "../http.ts";
import { deviceOf } from "./devices.ts";
import { openAppSecret, ownSecondStep } from "./second-step.ts";
import { sessionToken, setSessionCookie } from "./sessions.ts";
import { type FirstStep, takeSecondStep } from "./take-second-step.ts";
import { takeTicket, ticketInHand } from "./tickets.ts";
import { type CodeRefused, renewRecoveryCodes, startTwoStep, turnOffTwoStep, turnOnTwoStep } from "./two-step.ts";

export const twoStepRoutes = new Hono<Env>();

twoStepRoutes.get("/sign-in/second-step", async (c) => {
  const first = await ticketInHand<FirstStep>(c, "second_step");
  return first ? secondStepPage(c, null) : goTo(c, "/sign-in");
});

twoStepRoutes.post("/sign-in/second-step", async (c) => {
  const first = await ticketInHand<FirstStep>(c, "second_step");
  if (!first) return goTo(c, "/sign-in");
  const taken = await takeSecondStep(c.var.deps, first, {
    code: (await fields(c)).get("code") ?? "",
    device: deviceOf(c.req.header("User-Agent")),
    oldToken: sessionToken(c),
  });
  if (!taken.ok && taken.reason !== "dead") return secondStepPage(c, taken);
  takeTicket(c, "second_step");
  if (!taken.ok) return goTo(c, "/sign-in");
  setSessionCookie(c, taken.token);
  return goTo(c, taken.staffOnly && first.next === "/" ? "/office" : first.next);
});

twoStepRoutes.get("/profile/two-step", async (c) => {
  const notice = c.req.query("off") === undefined ? null : look(c).t.ways.twoStep.nowOff;
  return twoStepPage(c, await own(c), notice, null);
});

twoStepRoutes.post("/profile/two-step", async (c) => {
  const { viewer } = await own(c);
  await startTwoStep(c.var.deps, viewer.user.id);
  return goTo(c, "/profile/two-step");
});

twoStepRoutes.post("/profile/two-step/confirmation", async (c) => {
  const mine = await own(c);
  const { viewer, second } = mine;
  const on = await turnOnTwoStep(c.var.deps, viewer.user, second, viewer.sessionId, await codeIn(c));
  return on.ok ? codesPage(c, viewer, on.codes) : twoStepPage(c, mine, null, on);
});

twoStepRoutes.post("/profile/two-step/recovery-codes", async (c) => {
  const mine = await own(c);
  const renewed = await renewRecoveryCodes(c.var.deps, mine.viewer.user, mine.second, await codeIn(c));
  return renewed.ok ? codesPage(c, mine.viewer, renewed.codes) : twoStepPage(c, mine, null, renewed);
});

twoStepRoutes.post("/profile/two-step/removal", async (c) => {
  const mine = await own(c);
  const { viewer, second } = mine;
  const off = await turnOffTwoStep(c.var.deps, viewer.user, second, viewer.sessionId, await codeIn(c));
  return off.ok ? goTo(c, "/profile/two-step?off") : twoStepPage(c, mine, null, off);
});

const codeIn = async (c: Context): Promise<string> => (await fields(c)).get("code") ?? "";

async function own(c: Context) {
  const { viewer, found } = await loadForUser(c, "enter", (user) => ({ found: ownSecondStep(user) }));
  return { viewer, second: found[0]! };
}

/** Says why a code was refused, in a sentence and a status. */
function refusal(c: Context, refused: CodeRefused): { problem: string; status: 422 | 429 } {
  const words = look(c).t.ways.secondStep;
  if (refused.reason === "wrong") return { problem: words.wrong, status: 422 };
  c.header("Retry-After", String(refused.retryInSeconds));
  return { problem: words.tooMany(Math.ceil(refused.retryInSeconds / MINUTE)), status: 429 };
}

async function secondStepPage(c: Context, refused: CodeRefused | null): Promise<Response> {
  const { problem, status } = refused ? refusal(c, refused) : { problem: null, status: 200 as const };
  const { settings } = await loadPublic(c, () => ({}));
  const props = { ...look(c), dealer: settings, formToken: tokenForForms(c), problem };
  return page(c, settings, { title: look(c).t.ways.secondStep.title, status }, <SecondStepPage {...props} />);
}

async function twoStepPage(
  c: Context,
  { viewer, second }: Awaited<ReturnType<typeof own>>,
  notice: string | null,
  refused: CodeRefused | null,
): Promise<Response> {
  const { problem, status } = refused ? refusal(c, refused) : { problem: null, status: 200 as const };
  const props = {
    ...look(c),
    formToken: viewer.formToken,
    now: await stateOf(c, viewer, second),
    staffMust: second.staffMust && viewer.staffRole !== null,
    isStaff: viewer.staffRole !== null,
    notice,
    problem,
  };
  return page(c, viewer, { title: look(c).t.ways.twoStep.title, status }, <TwoStepPage {...props} />);
}

async function stateOf(
  c: Context,
  viewer: UserViewer,
  { appSecret, since, codesLeft }: Awaited<ReturnType<typeof own>>["second"],
): Promise<TwoStepState> {
  if (since !== null) return { state: "on", codesLeft };
  const secret = appSecret && (await openAppSecret(c.var.deps, viewer.user.id, appSecret));
  if (!secret) return { state: "off" };
  const { appAddress, qrPath } = await import("./one-time-codes.ts");
  const address = appAddress(secret, viewer.settings.name, viewer.user.email);
  return { state: "starting", secret: secret.replace(/(.{4})(?=.)/g, "$1 "), address, qr: qrPath(address) };
}

async function codesPage(c: Context, viewer: UserViewer, codes: string[]): Promise<Response> {
  const props = { ...look(c), codes, isStaff: viewer.staffRole !== null };
  return page(c, viewer, { title: look(c).t.ways.twoStep.codesTitle }, <RecoveryCodesPage {...props} />);
}
