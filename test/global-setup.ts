import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TestProject } from "vitest/node";
import { buildParts } from "../dev/build-parts.ts";
import { buildPdfEngine } from "../dev/build-pdf-engine.ts";
import { buildStatic } from "../dev/build-static.ts";

declare module "vitest" {
  export interface ProvidedContext {
    templates: string;
  }
}

/** Once per run: static files, and both dealers' databases with the cast in them, for each test to copy. */
export default async function setup(project: TestProject): Promise<() => void> {
  buildStatic();
  await buildParts();
  await buildPdfEngine();
  // What it imports has been built just now.
  const { writeTemplates } = await import("./templates.ts");
  const folder = mkdtempSync(join(tmpdir(), "keyholder-"));
  await writeTemplates(folder);
  project.provide("templates", folder);
  return () => rmSync(folder, { recursive: true, force: true });
}
