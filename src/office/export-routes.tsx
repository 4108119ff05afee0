import { OfficeExportPage } from "../../views/office/export.tsx";
import { OfficeWebhookPage } from "../../views/office/webhook.tsx";
import type { Said } from "../../views/ui.tsx";
import { loadForStaff } from "../batch.ts";
import type { Context, Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { fields, goTo, look, page, saidIn } from "../http.ts";
import { csvFile } from "./csv.ts";
import { deliverFailedAgain } from "./deliver-line.ts";
import {
  asRow,
  FILE_HEADINGS,
  fetchWaiting,
  LINES_PER_FILE,
  LINES_PER_PAGE,
  latestLines,
  linesOfFetch,
  linesWaiting,
} from "./export.ts";
import { renewWebhookSecret, setWebhook, testWebhook, webhookSettings } from "./webhook-settings.ts";

/** Money that moved here, on its way into the dealer's accounting: by file, and by webhook. */
export const exportRoutes = new Hono<Env>();

/** After every line. */
const LAST = Number.MAX_SAFE_INTEGER;

exportRoutes.get("/export", async (c) => {
  const before = whole(c.req.query("before")) ?? LAST;
  const { viewer, found, waiting } = await loadForStaff(c, (staff) => ({
    found: latestLines(staff, before, LINES_PER_PAGE + 1),
    waiting: linesWaiting(staff, LINES_PER_FILE),
  }));
  const lines = found.slice(0, LINES_PER_PAGE);
  return page(
    c,
    viewer,
    { title: "Export" },
    <OfficeExportPage
      {...look(c)}
      timeZone={c.var.deps.dealer.timeZone}
      formToken={viewer.formToken}
      lines={lines}
      waiting={waiting[0]?.count ?? 0}
      failed={waiting[0]?.failed ?? 0}
      before={found.length > lines.length ? lines.at(-1)!.id : null}
    />,
  );
});

/** Takes what is new, and leads to the file that holds just that. */
exportRoutes.post("/export", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  const fetchId = await fetchWaiting(c.var.deps, viewer.user.id);
  return goTo(c, `/office/export.csv?fetch=${fetchId}`);
});

exportRoutes.get("/export.csv", async (c) => {
  const { timeZone } = c.var.deps.dealer;
  const fetched = /^\w{1,40}$/.exec(c.req.query("fetch") ?? "")?.[0] ?? null;
  const { found } = await loadForStaff(c, (staff) => ({
    found: fetched === null ? latestLines(staff, LAST, LINES_PER_FILE) : linesOfFetch(staff, fetched, LINES_PER_FILE),
  }));
  const rows = found.map((line) => asRow(line, timeZone));
  return c.body(csvFile(FILE_HEADINGS, rows), 200, {
    "Content-Type": "text/csv; charset=utf-8",
    "Content-Disposition": `attachment; filename="export-${fetched ?? c.var.deps.today}.csv"`,
  });
});

exportRoutes.post("/export/deliveries", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  await deliverFailedAgain(c.var.deps, viewer.user.id);
  return goTo(c, "/office/export");
});

exportRoutes.get("/webhook", async (c) => {
  return webhookPage(c, saidIn(c, SAID), null);
});

exportRoutes.post("/webhook", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  // The page tells the others so, and has no button for them.
  if (viewer.staffRole !== "owner") return goTo(c, "/office/webhook");
  const url = ((await fields(c)).get("url") ?? "").trim().slice(0, 500);
  if (await setWebhook(c.var.deps, url, viewer.user.id))
    return goTo(c, `/office/webhook?said=${url ? "saved" : "off"}`);
  return webhookPage(c, { kind: "problem", words: NOT_REACHABLE }, url);
});

exportRoutes.post("/webhook/secret", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  if (viewer.staffRole !== "owner") return goTo(c, "/office/webhook");
  await renewWebhookSecret(c.var.deps, viewer.user.id);
  return goTo(c, "/office/webhook?said=secret");
});

exportRoutes.post("/webhook/test", async (c) => {
  const { viewer, settings } = await loadForStaff(c, (staff) => ({ settings: webhookSettings(staff) }));
  const { url, secret } = settings[0]!;
  if (viewer.staffRole !== "owner" || !url || !secret) return goTo(c, "/office/webhook");
  const { ok, words } = await testWebhook(c.var.deps, { url, secret });
  return webhookPage(c, { kind: ok ? "good" : "problem", words }, null, ok ? 200 : 422);
});

const SAID: Record<string, Said> = {
  saved: { kind: "good", words: "Saved. From now on each movement of money is sent there." },
  off: { kind: "good", words: "Off. Nothing is sent any more." },
  secret: { kind: "good", words: "There is a new secret. What is sent from now on is signed with it." },
};

const NOT_REACHABLE =
  "That is no address that we can send to. It must begin with https:// and be on the open internet, on port 443 or 8443.";

async function webhookPage(c: Context, said: Said | null, typed: string | null, status?: 200 | 422) {
  const { viewer, settings } = await loadForStaff(c, (staff) => ({ settings: webhookSettings(staff) }));
  const mayChange = viewer.staffRole === "owner";
  return page(
    c,
    viewer,
    { title: "Webhook", status: status ?? (typed === null ? 200 : 422) },
    <OfficeWebhookPage
      formToken={viewer.formToken}
      url={typed ?? settings[0]?.url ?? ""}
      secret={mayChange ? (settings[0]?.secret ?? null) : null}
      active={settings[0]?.url !== null}
      mayChange={mayChange}
      said={said}
    />,
  );
}

/** A whole number of an address, or null. */
const whole = (text: string | undefined): number | null => (/^\d{1,15}$/.test(text ?? "") ? Number(text) : null);
