import { OfficeMoneySettingsPage } from "../../views/office/money-settings.tsx";
import type { Said } from "../../views/ui.tsx";
import { loadForStaff } from "../batch.ts";
import type { Env } from "../context.ts";
import { Hono } from "../hono.ts";
import { fields, goTo, page, saidIn } from "../http.ts";
import { parseCents } from "../money.ts";
import { changeMoneySettings, moneySettingsOf } from "./money-settings.ts";

/** What the dealer decides about invoice mails, credit, statements, the pace of drafts and how much of them is usual. */
export const officeMoneySettings = new Hono<Env>();

officeMoneySettings.get("/", async (c) => {
  const { viewer, settings } = await loadForStaff(c, (staff) => ({ settings: moneySettingsOf(staff) }));
  return page(
    c,
    viewer,
    { title: "Money settings" },
    <OfficeMoneySettingsPage
      formToken={viewer.formToken}
      settings={settings[0]!}
      mayChange={viewer.staffRole === "owner"}
      said={saidIn(c, SAID)}
    />,
  );
});

officeMoneySettings.post("/", async (c) => {
  const { viewer } = await loadForStaff(c, () => ({}));
  // The page tells the others so, and has no button for them.
  if (viewer.staffRole !== "owner") return goTo(c, "/office/money-settings");
  const form = await fields(c);
  const pace = (form.get("pace") ?? "").trim();
  if (!/^([1-9]\d{0,2}|1000)$/.test(pace)) return goTo(c, "/office/money-settings?said=no-pace");
  const ordinary = parseCents(form.get("ordinary") ?? "");
  if (ordinary === null || ordinary < 0) return goTo(c, "/office/money-settings?said=no-amount");
  const to = {
    applyCredit: form.get("credit") === "by_hand" ? ("by_hand" as const) : ("automatic" as const),
    statementKind: form.get("statement") === "balance_forward" ? ("balance_forward" as const) : ("open_item" as const),
    bankRequestsPerSecond: Number(pace),
    mailInvoices: form.get("mail") === "1",
    ordinaryDayCents: ordinary,
  };
  await changeMoneySettings(c.var.deps, to, viewer.user.id);
  return goTo(c, "/office/money-settings?said=saved");
});

const SAID: Record<string, Said> = {
  saved: { kind: "good", words: "Saved. It holds from now on." },
  "no-amount": { kind: "problem", words: "Type an amount, like 5,000.00. Nothing has changed." },
  "no-pace": { kind: "problem", words: "Requests a second are a number from 1 to 1,000. Nothing has changed." },
};
