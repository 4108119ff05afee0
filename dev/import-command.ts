import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join, resolve } from "node:path";
import { parseArgs, parseEnv } from "node:util";
import { createClient } from "@libsql/client";
import { type Db, databaseOf, openDatabase } from "../db/client.ts";
import { DatabaseTrouble } from "../src/batch.ts";
import { BadConfig, type DealerConfig, readConfig } from "../src/config.ts";
import { dealerBySlug } from "../src/dealer.ts";
import { type ImportReport, runImport } from "../src/office/import.ts";
import { decodeText, openTable } from "../src/office/import-csv.ts";
import { FILE_ORDER, kindOfFile } from "../src/office/import-files.ts";
import { fieldFor, type Mapping, type Question } from "../src/office/import-headings.ts";
import { IMPORT_FIELDS, type ImportFile } from "../src/office/import-open.ts";
import { asJson } from "../src/office/import-report.ts";
import { progressOn, remarks, table } from "./import-print.ts";

const HELP = `npm run import -- DIR [--apply] [--json] [--dealer SLUG] [--map "FILE:HEADING=FIELD"]… [--wrong FILE]

Compares the dealer's exports in DIR (CSV: ${FILE_ORDER.join(", ")}) with the portal and says
what is new, changed, unchanged and wrong. Nothing is written unless --apply is given.

  --apply         load the new and changed rows; what is wrong stays out
  --json          print the counts and the wrong rows as JSON, and nothing else
  --dealer SLUG   whose records these are (the first dealer in DEALERS where nothing is said)
  --map           say what a column is, as in --map "invoices.csv:Inv No=number"; FIELD ignore leaves it out.
                  Kept for later imports once it has been used with --apply
  --wrong FILE    where to write the wrong rows (wrong-rows.csv)`;

/** Where a command runs: its folder and variables, where its words go, and whom it can ask (nobody: null). */
export type Desk = {
  folder: string;
  env: Record<string, string | undefined>;
  say(text: string): void;
  complain(text: string): void;
  progress: Pick<NodeJS.WriteStream, "isTTY" | "write">;
  ask: ((question: string) => Promise<string>) | null;
};

/** A sentence for the person at the keyboard: no stack, exit 1. */
class Stop extends Error {}

const realNow = () => Math.floor(Date.now() / 1000);

/** `npm run import`. Answers the exit code: 0, or 1 after one clear sentence. */
export async function importCommand(desk: Desk, args: string[]): Promise<0 | 1> {
  try {
    await importRecords(desk, args);
    return 0;
  } catch (error) {
    desk.complain(inWords(error));
    return 1;
  }
}

async function importRecords(desk: Desk, args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args);
  if (values.help) return desk.say(HELP);
  if (positionals.length !== 1) throw new Stop(`Say which folder the exports are in.\n\n${HELP}`);
  const files = readFiles(desk, positionals[0]!);
  const say = values.json ? () => {} : desk.say;
  const dealer = chosenDealer(desk, values.dealer);
  say(`Dealer: ${dealer.slug}${values.dealer ? "" : " (the first in DEALERS; --dealer chooses another)"}\n`);
  const db = open(dealer);
  const mappings = (values.map ?? []).map((text) => mappingFrom(text, files));

  const run = async (apply: boolean): Promise<ImportReport> => {
    for (;;) {
      const progress = progressOn(desk.progress, apply ? "loading" : "comparing");
      const options = { apply, by: "import", mappings, progress: progress.rows };
      const report = await runImport({ db, now: realNow(), clock: realNow }, files, options);
      progress.end();
      if (report.ok) return report;
      const answers = desk.ask && !values.json ? await answered(desk.ask, report.questions) : [];
      if (answers.length === 0) throw new Stop(report.sentences.join("\n"));
      mappings.push(...answers);
    }
  };

  // A program that asks for JSON has nobody who would read a dry run before the loading.
  if (values.apply && !values.json) say(`To load:\n${table(await run(false))}\n`);
  const report = await run(values.apply ?? false);
  if (values.json) desk.say(JSON.stringify(asJson(report)));
  say(values.apply ? `Loaded:\n${table(report)}` : table(report));
  say(remarks(report));
  if (report.total.wrong > 0) {
    const path = values.wrong ?? "wrong-rows.csv";
    writeFileSync(resolve(desk.folder, path), report.wrongRows);
    say(`The wrong rows are in ${path}, with the reasons.`);
  }
  if (!values.apply) say("Nothing has been written. Add --apply to load it.");
}

function readArguments(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: {
        apply: { type: "boolean" },
        json: { type: "boolean" },
        dealer: { type: "string" },
        map: { type: "string", multiple: true },
        wrong: { type: "string" },
        help: { type: "boolean" },
      },
    });
  } catch (error) {
    throw new Stop(`${(error as Error).message}\n\n${HELP}`);
  }
}

function readFiles({ folder }: Desk, given: string): ImportFile[] {
  const path = resolve(folder, given);
  if (!existsSync(path)) throw new Stop(`There is no ${given}.`);
  const inside = statSync(path).isDirectory() ? readdirSync(path).sort() : null;
  const names = inside?.map((name) => join(path, name)) ?? [path];
  const files = names.filter((name) => /\.(csv|tsv|txt)$/i.test(name) && statSync(name).isFile());
  if (files.length === 0) throw new Stop(`There is no CSV file in ${given}.`);
  return files.map((name) => ({ name: basename(name), text: decodeText(readFileSync(name)) }));
}

/** The environment goes over .dev.vars, which goes over what the town of `npm start` runs with. */
function chosenDealer({ folder, env }: Desk, slug: string | undefined): DealerConfig {
  const from = (name: string) => {
    const path = resolve(folder, name);
    return existsSync(path) ? parseEnv(readFileSync(path, "utf8")) : {};
  };
  const town = from(join(env.DEV_DIR || ".dev", "portal.env"));
  try {
    const config = readConfig({ ENVIRONMENT: "development", ...town, ...from(".dev.vars"), ...given(env) });
    const dealer = slug === undefined ? config.dealers[0]! : dealerBySlug(config, slug);
    if (dealer) return dealer;
    throw new Stop(`There is no dealer ${slug}; there is ${config.dealers.map((one) => one.slug).join(", ")}.`);
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error;
    throw new Stop(`${error.message}\nRun npm start once, or write .dev.vars (see .dev.vars.example).`);
  }
}

/** Variables that say something: an empty one is as good as none. */
const given = (env: Desk["env"]) => Object.fromEntries(Object.entries(env).filter(([, value]) => value));

const open = ({ database_url: url, database_token: token }: DealerConfig): Db =>
  url.startsWith("file:") ? databaseOf(createClient({ url })) : openDatabase(url, token ?? null);

function mappingFrom(text: string, files: ImportFile[]): Mapping {
  const match = /^([^:]+):(.+)=([^=]+)$/.exec(text);
  if (!match) throw new Stop(`--map "${text}" is not FILE:HEADING=FIELD, as in --map "invoices.csv:Inv No=number".`);
  const [file, heading, wanted] = [match[1]!.trim(), match[2]!.trim(), match[3]!.trim()];
  const kind = kindOfFile(file, headingsOf(files.find((one) => one.name === file)), IMPORT_FIELDS);
  if (!kind) throw new Stop(`--map "${text}": ${file} is none of ${FILE_ORDER.join(", ")}.`);
  const fields = IMPORT_FIELDS[kind];
  const field =
    wanted === "ignore" ? wanted : (fields.find((one) => one.name === wanted) ?? fieldFor(wanted, fields))?.name;
  if (!field)
    throw new Stop(
      `--map "${text}": there is no field ${wanted} in ${kind}; there is ${fields.map((one) => one.name).join(", ")}.`,
    );
  return { file: kind, heading, field };
}

function headingsOf(file: ImportFile | undefined): string[] {
  const table = openTable(file?.text ?? "");
  return "unreadable" in table ? [] : table.headings;
}

/** Asks which column is meant. No answers when somebody does not know one. */
async function answered(ask: NonNullable<Desk["ask"]>, questions: Question[]): Promise<Mapping[]> {
  const answers: Mapping[] = [];
  for (const { file, kind, field, means, headings } of questions) {
    if (headings.length === 0) return [];
    const list = headings.map((heading, i) => `  ${i + 1}  ${heading}`).join("\n");
    const answer = await ask(`Which column of ${file} is ${means}?\n${list}\nNumber (Enter: none of them): `);
    const heading = headings[Number(answer.trim()) - 1];
    if (heading === undefined) return [];
    answers.push({ file: kind, heading, field });
  }
  return answers;
}

function inWords(error: unknown): string {
  if (error instanceof Stop) return error.message;
  if (error instanceof DatabaseTrouble) {
    return "The database gave no answer. What was loaded until then stays; run the same command again to go on.";
  }
  if (error instanceof Error && /no such table/.test(error.message))
    return "The database has no tables yet: run npm run migrate first.";
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
