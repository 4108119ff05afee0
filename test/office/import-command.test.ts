import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { type Desk, importCommand } from "../../dev/import-command.ts";
import { csv, type DealerDatabase, dealerDatabase, sampleExport } from "./import-database.ts";

/** The command's variables: two dealers, the second with a database that nobody has migrated. */
function variables(t: DealerDatabase): Record<string, string> {
  const dealers = ["cedar", "other"].map((slug) => ({
    slug,
    hosts: [`${slug}.example.com`],
    origin: `http://${slug}.example.com`,
    time_zone: "America/New_York",
    database_url: slug === "cedar" ? t.url : `file:${join(t.folder, "other.db")}`,
    mail_from: "billing@example.com",
    sms_number: "+16145550100",
    stripe_secret_key: "sk_test_x",
    stripe_webhook_secret: "whsec_x",
  }));
  return {
    DEALERS: JSON.stringify(dealers),
    SIGNING_SECRET: "a signing secret that nothing here uses",
    RESEND_API_KEY: "re_x",
    TWILIO_ACCOUNT_SID: "AC0",
    TWILIO_AUTH_TOKEN: "x",
  };
}

/** Runs the command in a folder of its own; `answers` is what the person at the keyboard types. */
async function command(
  t: DealerDatabase,
  args: string[],
  more: { env?: Record<string, string>; answers?: string[] } = {},
) {
  const said = { out: "", err: "", asked: "" };
  const desk: Desk = {
    folder: t.folder,
    env: { ...variables(t), ...more.env },
    say: (text) => {
      said.out += `${text}\n`;
    },
    complain: (text) => {
      said.err += `${text}\n`;
    },
    progress: { isTTY: false, write: () => true },
    ask: more.answers
      ? async (question) => {
          said.asked += question;
          return more.answers!.shift() ?? "";
        }
      : null,
  };
  return { code: await importCommand(desk, args), ...said };
}

function folder(t: DealerDatabase, name: string, files: { name: string; text: string }[]): string {
  mkdirSync(join(t.folder, name));
  for (const file of files) writeFileSync(join(t.folder, name, file.name), `\uFEFF${file.text}`);
  return name;
}

test("is a command of its own: JSON and nothing else on stdout, the exit code says how it went", async () => {
  const t = await dealerDatabase();
  const dir = folder(t, "export", sampleExport());
  for (const [args, code] of [
    [[dir, "--json"], 0],
    [["nowhere", "--json"], 1],
  ] as const) {
    const ran = spawnSync(process.execPath, [resolve("dev/import.ts"), ...args], {
      cwd: t.folder,
      env: { PATH: process.env.PATH, ...variables(t) },
      encoding: "utf8",
    });
    expect(ran.status).toBe(code);
    if (code === 0)
      expect([JSON.parse(ran.stdout).total, ran.stderr]).toEqual([
        expect.objectContaining({ changed: 0, wrong: 7 }),
        "",
      ]);
    else expect([ran.stdout, ran.stderr]).toEqual(["", "There is no nowhere.\n"]);
  }
}, 60_000);

test("compares first and writes nothing, then loads; as JSON it says nothing else", async () => {
  const t = await dealerDatabase();
  const dir = folder(t, "export", sampleExport());
  const dry = await command(t, [dir]);
  expect([dry.code, dry.err]).toEqual([0, ""]);
  expect(dry.out).toContain("Dealer: cedar (the first in DEALERS");
  expect(dry.out).toMatch(/^File +New +Changed +Unchanged +Wrong$/m);
  expect(dry.out).toMatch(/^customers\.csv +12 +0 +0 +2$/m);
  expect(dry.out).toContain('row 15, Email: "not-an-email" is not an e-mail address');
  expect(dry.out).toContain(
    "Files that are not part of this import: call_list.csv, proposals.csv, signals.csv, work_orders.csv.",
  );
  expect(dry.out).toContain("Nothing has been written. Add --apply to load it.");
  expect(readFileSync(join(t.folder, "wrong-rows.csv"), "utf8").trim().split("\r\n")).toHaveLength(8);
  expect(await t.rows("select * from accounts")).toEqual([]);

  const loaded = await command(t, [dir, "--apply", "--json", "--wrong", "bad.csv"]);
  expect([loaded.code, loaded.err]).toEqual([0, ""]);
  const report = JSON.parse(loaded.out);
  expect(Object.keys(report)).toEqual(["files", "total", "skipped"]);
  expect(report.files["customers.csv"]).toEqual({
    new: 12,
    changed: 0,
    unchanged: 0,
    wrong: 2,
    wrongRows: [
      { row: 14, column: "Customer #", reason: "Customer # is empty" },
      { row: 15, column: "Email", reason: '"not-an-email" is not an e-mail address' },
    ],
  });
  expect(existsSync(join(t.folder, "bad.csv"))).toBe(true);
  expect(await t.rows("select count(*) n from accounts")).toEqual([{ n: 12 }]);

  const again = await command(t, [dir, "--apply", "--dealer", "cedar"]);
  expect(again.out).toMatch(/^Loaded:$/m);
  expect(again.out).toMatch(new RegExp(`^Total +0 +0 +${report.total.new} +7$`, "m"));
});

test("a column it does not know is asked for in a sentence, and --map answers for good", async () => {
  const t = await dealerDatabase();
  const dir = folder(t, "export", [csv("customers.csv", "Kunde,Account Name,Dog", "1,Ada,Rex")]);
  const lost = await command(t, [dir, "--apply"]);
  expect(lost.code).toBe(1);
  expect(lost.err.trim()).toBe(
    'customers.csv has no column that is clearly the customer number. It may be one of "Kunde", "Dog"; say which, as in --map "customers.csv:Kunde=number".',
  );
  const told = await command(t, [dir, "--apply", "--map", "customers.csv:Kunde=Customer #"]);
  expect([told.code, told.err]).toEqual([0, ""]);
  expect(told.out).toContain("Columns of customers.csv that nothing is done with: Dog.");
  expect((await command(t, [dir, "--json"])).out).toContain('"unchanged":1');
});

test("somebody at a terminal is asked, and may not know", async () => {
  const t = await dealerDatabase();
  const dir = folder(t, "export", [csv("customers.csv", "Kunde,Account Name,Dog", "1,Ada,Rex")]);
  const unsure = await command(t, [dir, "--apply"], { answers: [""] });
  expect([unsure.code, await t.rows("select * from accounts")]).toEqual([1, []]);
  const asked = await command(t, [dir, "--apply"], { answers: ["1"] });
  expect(asked.asked).toBe(
    "Which column of customers.csv is the customer number?\n  1  Kunde\n  2  Dog\nNumber (Enter: none of them): ",
  );
  expect(asked.code).toBe(0);
  expect(await t.rows("select number from accounts")).toEqual([{ number: "1" }]);
  expect((await command(t, [dir])).code).toBe(0);
});

test("the town of npm start is the dealer where nothing else is said", async () => {
  const t = await dealerDatabase();
  const dir = folder(t, "export", [csv("customers.csv", "Customer #,Name", "1,Ada")]);
  mkdirSync(join(t.folder, ".dev"));
  const lines = Object.entries(variables(t)).map(([name, value]) => `${name}='${value}'\n`);
  const nothing = Object.fromEntries(Object.keys(variables(t)).map((name) => [name, ""]));
  expect((await command(t, [dir], { env: nothing })).err).toContain("Run npm start once, or write .dev.vars");
  writeFileSync(join(t.folder, ".dev", "portal.env"), lines.join(""));
  expect((await command(t, [dir, "--json"], { env: nothing })).code).toBe(0);
});

test("whatever is missing is one clear sentence and exit code 1", async () => {
  const t = await dealerDatabase();
  const dir = folder(t, "export", [csv("customers.csv", "Customer #,Name", "1,Ada")]);
  folder(t, "empty", []);
  const cases: [string[], Record<string, string>, string][] = [
    [[], {}, "Say which folder the exports are in."],
    [["nowhere"], {}, "There is no nowhere."],
    [["empty"], {}, "There is no CSV file in empty."],
    [[dir, "--dealer", "who"], {}, "There is no dealer who; there is cedar, other."],
    [[dir, "--map", "nonsense"], {}, '--map "nonsense" is not FILE:HEADING=FIELD'],
    [[dir, "--map", "customers.csv:Name=shoe"], {}, "there is no field shoe in customers; there is number, name,"],
    [[dir, "--quick"], {}, "Unknown option '--quick'"],
    [[dir], { DEALERS: "[]" }, "DEALERS names no dealer"],
    [[dir, "--dealer", "other"], {}, "The database has no tables yet: run npm run migrate first."],
  ];
  for (const [args, env, sentence] of cases) {
    const answer = await command(t, args, { env });
    expect(answer.err).toContain(sentence);
    expect(answer.err).not.toMatch(/\n +at /);
    expect([answer.code, answer.out.replace(/^Dealer.*\n\n/, "")], sentence).toEqual([1, ""]);
  }
});
