import { defineConfig } from "@playwright/test";
import { chromiumPath } from "./dev/browser.ts";

// Every process of a run reads this file; only the first looks for the browser.
process.env.CHROMIUM ||= chromiumPath();

export default defineConfig({
  testDir: "test/browser",
  testMatch: "*.spec.ts",
  globalSetup: "./test/browser/global-setup.ts",
  // One town, in which the tests of a file follow each other; two cores have enough to do with it.
  workers: 1,
  retries: 0,
  forbidOnly: true,
  // Generous: an idle machine needs a tenth of it, a busy one must not fail.
  timeout: 120_000,
  expect: { timeout: 10_000 },
  reporter: [["list"]],
  outputDir: "test-results",
  use: {
    locale: "en-US",
    trace: "retain-on-failure",
    launchOptions: {
      executablePath: process.env.CHROMIUM,
      // Chromium's own sandbox does not start for root.
      args: process.getuid?.() === 0 ? ["--no-sandbox"] : [],
    },
  },
});
