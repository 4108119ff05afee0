import { join, resolve } from "node:path";
import { migrate } from "drizzle-orm/libsql/migrator";
import { openDatabase } from "../db/client.ts";
import { BadConfig, readConfig } from "../src/config.ts";

// `npm run migrate`: brings every dealer's database to the newest schema, one after the other, as named in the
// environment's DEALERS. Forward only; running it again changes nothing.

try {
  const { dealers } = readConfig(process.env);
  for (const dealer of dealers) {
    await migrate(openDatabase(dealer.database_url, dealer.database_token ?? null), {
      migrationsFolder: join(resolve(import.meta.dirname, ".."), "db", "migrations"),
    });
    console.log(`${dealer.slug} is up to date.`);
  }
} catch (problem) {
  console.error(problem instanceof BadConfig ? problem.message : problem);
  process.exitCode = 1;
}
