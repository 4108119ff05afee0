import { spawnSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { PLANTS } from "../test/simulation/plants.ts";

/**
 * Shows that the simulation bites: `node dev/plant-bugs.ts`, or `node dev/plant-bugs.ts refund` for those with that word.
 * Each bug is planted in a copy of the source and lives are lived until one goes wrong. Ends with 1 when a bug survives.
 */
const SEEDS = Number(process.env.SEEDS ?? 300);
const NEEDED = ["package.json", "tsconfig.json", "vitest.config.ts", "db", "dev", "src", "static", "test", "views"];

const wanted = process.argv[2] ?? "";
for (const { name, changes } of PLANTS.filter((plant) => plant.name.includes(wanted))) {
  const copy = mkdtempSync(join(tmpdir(), "keyholder-plant-"));
  try {
    for (const one of NEEDED) cpSync(one, join(copy, one), { recursive: true });
    symlinkSync(resolve("node_modules"), join(copy, "node_modules"));
    for (const { file, from, to } of changes) {
      const source = readFileSync(join(copy, file), "utf8");
      if (source.split(from).length !== 2) throw new Error(`${name}: not once in ${file}: ${from}`);
      writeFileSync(
        join(copy, file),
        source.replace(from, () => to),
      );
    }
    const run = spawnSync("vitest", ["run", "test/simulation.test.ts", "--bail=1", "--reporter=verbose"], {
      cwd: copy,
      encoding: "utf8",
      env: { ...process.env, SEEDS: String(SEEDS), NO_COLOR: "1" },
    });
    const [, found] = /(seed \d+ after[^\n]*(?:\n[^\n]+){0,6})/.exec(run.stdout) ?? [];
    if (!found) process.exitCode = 1;
    console.log(
      `${name}: ${found ?? `survived ${SEEDS} lives\n${run.stdout.slice(-2000)}${run.stderr.slice(-500)}`}\n`,
    );
  } finally {
    rmSync(copy, { recursive: true, force: true });
  }
}
