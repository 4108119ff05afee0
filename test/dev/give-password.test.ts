import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { migrate } from "drizzle-orm/libsql/migrator";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Db, openDatabase } from "../../db/client.ts";
import { accounts } from "../../db/schema.ts";
import { TOWN_BEGINS } from "../../dev/clock.ts";
import { type Database, startDatabase } from "../../dev/database.ts";
import { givePassword } from "../../dev/give-password.ts";
import { passwordMatches } from "../../src/auth/passwords.ts";

let folder: string;
let database: Database;
let db: Db;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "password-"));
  database = await startDatabase({ sqld: null, dir: folder, name: "cedar", port: 0 });
  db = openDatabase(database.url, null);
  await migrate(db, { migrationsFolder: join(import.meta.dirname, "../../db/migrations") });
  const account = { createdAt: TOWN_BEGINS, status: "active" as const };
  await db.insert(accounts).values([
    { ...account, id: "acc_1", number: "CR-1", name: "Imani Brooks", email: "Imani@example.com" },
    { ...account, id: "acc_2", number: "CR-2", name: "Glenn Abbott" },
  ]);
});
afterEach(async () => {
  await database.stop();
  rmSync(folder, { recursive: true });
});

const give = (number: string, email: string, password = "correct horse") =>
  givePassword(db, TOWN_BEGINS, { number, email, password });
const people = async () =>
  (
    await db.$client.execute(
      "select u.email, u.password_hash, m.account_id, m.role from users u join memberships m on m.user_id = u.id order by 1, 3",
    )
  ).rows;

test("a customer of an import can sign in with the e-mail on file", async () => {
  expect(await give("CR-1", "")).toBe("Imani Brooks can sign in with imani@example.com and that password.");
  const [imani] = await people();
  expect(imani).toMatchObject({ email: "imani@example.com", account_id: "acc_1", role: "owner" });
  expect(await passwordMatches("correct horse", String(imani?.password_hash))).toBe(true);
});

test("given again, the new password counts and nobody is doubled; a second account joins the same user", async () => {
  await give("CR-1", "");
  await give("CR-1", "", "battery staple");
  await give("CR-2", "imani@example.com", "battery staple");
  const all = await people();
  expect(all.map((one) => one.account_id)).toEqual(["acc_1", "acc_2"]);
  expect(await passwordMatches("battery staple", String(all[0]?.password_hash))).toBe(true);
  expect(await passwordMatches("correct horse", String(all[0]?.password_hash))).toBe(false);
});

test("what is missing is said", async () => {
  expect(await give("CR-9", "")).toBe("This dealer has no customer CR-9.");
  expect(await give("CR-2", "")).toBe("Glenn Abbott has no e-mail on file; give one.");
  expect(await give("CR-1", "", "short")).toBe("A password has at least 8 characters.");
  expect(await people()).toEqual([]);
});
