import { defineConfig } from "vitest/config";
import { BaseSequencer, type TestSpecification } from "vitest/node";
import { aliases } from "./dev/aliases.ts";

/** The longest file first: begun last, it would keep one core waiting for the other. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const others = await super.sort(files);
    const isLong = (file: TestSpecification) => file.moduleId.endsWith("/test/simulation.test.ts");
    return [...others.filter(isLong), ...others.filter((file) => !isLong(file))];
  }
}

// Our own sources are tested on the parts of packages that are deployed.
const alias = Object.entries(aliases()).map(([name, replacement]) => ({ find: new RegExp(`^${name}$`), replacement }));

export default defineConfig({
  resolve: { alias },
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/browser/**"],
    globalSetup: ["test/global-setup.ts"],
    testTimeout: 60_000,
    // By itself vitest leaves a core idle, which is half of a small machine.
    maxWorkers: "100%",
    hookTimeout: 60_000,
    sequence: { sequencer: LongestFirst },
  },
});
