import { readFileSync } from "node:fs";
import { join } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { test as base, expect, type Locator, type Page } from "@playwright/test";
import { CAST_PASSWORD } from "../../db/cast.ts";
import type { Portal, PortalDealer } from "../../dev/portal.ts";

/** The town of this run, as a test sees it. */
export type Town = Portal & {
  cedarRidge: PortalDealer;
  bluebonnet: PortalDealer;
  /** The stand-in's own pages and control. */
  bank: string;
  /** Where Google, Microsoft and Apple are. */
  providers: string[];
  /** Cedar Ridge's database. */
  database: string;
  mails: (to: string) => Promise<Mail[]>;
};

type Mail = { subject: string; to: string; from: string; html: string; text: string };

/** Every test's `page` is watched: no script or style that the CSP refuses, no error, nothing from anywhere else. */
export const test = base.extend<
  {
    town: Town;
    /** Where a test means to go beside the portal. */
    mayVisit: ("bank" | "town" | "providers")[];
    /** Whether a test cuts the line itself, so that the browser complains. */
    mayFail: boolean;
  },
  { theTown: Town }
>({
  theTown: [
    // biome-ignore lint/correctness/noEmptyPattern: Playwright reads what a fixture needs from this pattern
    async ({}, use) => {
      const folder = process.env.TOWN_FOLDER ?? "";
      const portal = JSON.parse(readFileSync(join(folder, "portal.json"), "utf8")) as Portal;
      const [cedarRidge, bluebonnet] = portal.dealers as [PortalDealer, PortalDealer];
      await use({
        ...portal,
        cedarRidge,
        bluebonnet,
        bank: process.env.TOWN_BANK ?? "",
        providers: (process.env.TOWN_PROVIDERS ?? "").split(" "),
        database: process.env.TOWN_DATABASE ?? "",
        mails: async (to) => {
          const answer = await fetch(`${portal.town}/mail.json?to=${encodeURIComponent(to)}`);
          return (await answer.json()) as Mail[];
        },
      });
    },
    { scope: "worker" },
  ],
  town: async ({ theTown }, use) => use(theTown),
  mayVisit: [[], { option: true }],
  mayFail: [false, { option: true }],
  page: async ({ page, town, mayVisit, mayFail }, use) => {
    const problems: string[] = [];
    const homes = [...town.dealers.map((dealer) => dealer.url), ...mayVisit.flatMap((place) => town[place])];
    page.on("pageerror", (error) => problems.push(error.message));
    page.on("console", (message) => {
      if (mayFail) return;
      // Chromium reports what the CSP refused as an error; it also calls every 404 and 422 one, which ours are meant to be.
      if (
        /^Failed to load resource: the server responded with a status of 4\d\d|^Failed to load resource: .* 503/.test(
          message.text(),
        )
      )
        return;
      if (message.type() === "error" || message.type() === "warning") problems.push(message.text());
    });
    page.on("request", (request) => {
      const { origin, protocol } = new URL(request.url());
      if (protocol !== "data:" && !homes.includes(origin)) problems.push(`asked ${request.url()}`);
    });
    await use(page);
    expect(problems).toEqual([]);
  },
});

export { expect };

/** Signs in on the form and stops at the dashboard. */
export async function signIn(page: Page, dealer: PortalDealer, email: string, password = CAST_PASSWORD): Promise<void> {
  await page.goto(`${dealer.url}/sign-in`);
  await page.getByLabel("E-mail").fill(email);
  await page.getByLabel("Password").fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toBeVisible();
  await expect(page).not.toHaveURL(/sign-in/);
}

/** Opens what is due, ticks the first invoice and fills in this amount of it. */
export async function chooseFirst(page: Page, dealer: PortalDealer, amount: string): Promise<void> {
  await page.goto(`${dealer.url}/invoices`);
  const row = page
    .locator("tbody tr")
    .filter({ has: page.getByRole("checkbox") })
    .first();
  await row.getByRole("checkbox").check();
  await row.getByRole("textbox").fill(amount);
}

export const textOf = async (locator: Locator): Promise<string> => (await locator.textContent())?.trim() ?? "";

/** Opens the first row's page of a list. */
export async function openFirst(page: Page): Promise<void> {
  const from = page.url();
  await page.locator("tbody th a").first().click();
  await expect(page).not.toHaveURL(from);
}

/** `$1,234.50` as cents. */
export const centsOf = (text: string): number => Math.round(Number(text.replace(/[^\d.-]/g, "")) * 100);

export const dollarsOf = (cents: number): string =>
  (cents / 100).toLocaleString("en-US", { style: "currency", currency: "USD" });

/** The balance that the dashboard shows, in cents. */
export async function balanceOf(page: Page, dealer: PortalDealer): Promise<number> {
  await page.goto(`${dealer.url}/`);
  return centsOf(await textOf(page.getByRole("region", { name: "Balance due" }).locator(".figure .money")));
}

const SCREENSHOTS = join(import.meta.dirname, "screenshots");

/**
 * Looks at the page as it stands, on a phone and on a wide screen: nothing sticks out (at 320 pixels, and at twice the
 * size either), axe finds nothing, and a picture is kept.
 */
export async function look(page: Page, name: string): Promise<void> {
  await page.waitForLoadState();
  const before = page.viewportSize();
  for (const width of [320, 360, 640, 1280]) {
    await page.setViewportSize({ width, height: width < 600 ? 740 : 800 });
    const sticksOut = await page.evaluate("document.documentElement.scrollWidth - window.innerWidth");
    expect(sticksOut, `${name} at ${width} pixels`).toBeLessThanOrEqual(0);
    if (width !== 360 && width !== 1280) continue;
    const { violations } = await new AxeBuilder({ page })
      .setLegacyMode()
      .options({ resultTypes: ["violations"] })
      .analyze();
    expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
    // For eyes, of which CI has none.
    if (!process.env.CI) await page.screenshot({ path: join(SCREENSHOTS, `${name}-${width}.png`), fullPage: true });
  }
  if (before) await page.setViewportSize(before);
}
