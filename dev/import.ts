import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { createInterface } from "node:readline/promises";
import { parseArgs, parseEnv } from "node:util";
import { createClient } from "@libsql/client";
import { type Db, databaseOf, openDatabase } from "../db/client.ts";
import { DatabaseTrouble } from "../src/batch.ts";
import { BadConfig, type DealerConfig, readConfig } from "../src/config.ts";
import { dealerBySlug } from "../src/dealer.ts";
import { type ImportFile, type ImportReport, importFields, runImport } from "../src/office/import.ts";
import { decodeText, openTable } from "../src/office/import-csv.ts";
import { FILE_ORDER, kindOfFile } from "../src/office/import-files.ts";
import { fieldFor, type Mapping, type Question } from "../src/office/import-headings.ts";
import { asJson } from "../src/office/import-report.ts";

const HELP = `npm run import -- DIR [--apply] [--json] [--dealer SLUG] [--map "FILE:HEADING=FIELD"]… [--wrong FILE]

Compares the dealer's exports in DIR (CSV: ${FILE_ORDER.join(", ")}) with the portal and says
what is new, changed, unchanged and wrong. Nothing is written unless --apply is given.

  --apply         load the new and changed rows; what is wrong stays out
  --json          print the counts and the wrong rows as JSON, and nothing else
  --dealer SLUG   whose records these are (the first dealer in DEALERS where nothing is said)
  --map           say what a column is, as in --map "invoices.csv:Inv No=number"; FIELD ignore leaves it out.
                  Kept for later imports once it has been used with --apply
  --wrong FILE    where to write the wrong rows (wrong-rows.csv)`;

/** How many wrong rows of a file are shown; all of them go to the file of wrong rows. */
const SHOWN = 20;

/** A sentence for the person at the keyboard: no stack, exit 1. */
class Stop extends Error {}

const realNow = () => Math.floor(Date.now() / 1000);

async function main(args: string[]): Promise<void> {
  const { values, positionals } = readArguments(args);
  if (values.help) return void console.log(HELP);
  if (positionals.length !== 1) throw new Stop(`Say which folder the exports are in.\n\n${HELP}`);
  const files = readFiles(positionals[0]!);
  const say = values.json ? () => {} : (text: string) => console.log(text);
  const dealer = chosenDealer(values.dealer);
  say(`Dealer: ${dealer.slug}${values.dealer ? "" : " (the first in DEALERS; --dealer chooses another)"}\n`);
  const db = open(dealer);
  const mappings = (values.map ?? []).map((text) => mappingFrom(text, files));

  const run = async (apply: boolean) => {
    const progress = progressOn(process.stderr, apply ? "loading" : "comparing");
    const report = await runImport({ db, now: realNow(), clock: realNow }, files, {
      apply,
      by: "import",
      mappings,
      progress: progress.rows,
    });
    progress.end();
    return report;
  };
  const settled = async (apply: boolean): Promise<ImportReport> => {
    for (;;) {
      const report = await run(apply);
      if (report.ok) return report;
      const answers = process.stdin.isTTY && !values.json ? await ask(report.questions) : [];
      if (answers.length === 0) throw new Stop(report.sentences.join("\n"));
      mappings.push(...answers);
    }
  };

  // Nobody reads a dry run before the loading when it is a program that asked.
  let report = await settled(Boolean(values.json && values.apply));
  if (values.apply && !values.json) {
    say(table(report));
    say("");
    report = await settled(true);
  }
  if (values.json) console.log(JSON.stringify(asJson(report)));
  say(values.apply ? `Loaded:\n${table(report)}` : table(report));
  say(remarks(report));
  if (report.total.wrong > 0) {
    const path = values.wrong ?? "wrong-rows.csv";
    writeFileSync(path, report.wrongRows);
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

function readFiles(path: string): ImportFile[] {
  if (!existsSync(path)) throw new Stop(`There is no ${path}.`);
  const names = statSync(path).isDirectory()
    ? readdirSync(path)
        .sort()
        .map((name) => join(path, name))
    : [path];
  const files = names.filter((name) => /\.(csv|tsv|txt)$/i.test(name) && statSync(name).isFile());
  if (files.length === 0) throw new Stop(`There is no CSV file in ${path}.`);
  return files.map((name) => ({ name: basename(name), text: decodeText(readFileSync(name)) }));
}

/** The environment goes over .dev.vars, which goes over what the town of `npm start` runs with. */
function chosenDealer(slug: string | undefined): DealerConfig {
  const from = (path: string) => (existsSync(path) ? parseEnv(readFileSync(path, "utf8")) : {});
  const town = from(join(process.env.DEV_DIR || ".dev", "portal.env"));
  try {
    const config = readConfig({ ENVIRONMENT: "development", ...town, ...from(".dev.vars"), ...process.env });
    const dealer = slug === undefined ? config.dealers[0]! : dealerBySlug(config, slug);
    if (dealer) return dealer;
    throw new Stop(`There is no dealer ${slug}; there is ${config.dealers.map((one) => one.slug).join(", ")}.`);
  } catch (error) {
    if (!(error instanceof BadConfig)) throw error;
    throw new Stop(`${error.message}\nRun npm start once, or write .dev.vars (see .dev.vars.example).`);
  }
}

const open = ({ database_url: url, database_token: token }: DealerConfig): Db =>
  url.startsWith("file:") ? databaseOf(createClient({ url })) : openDatabase(url, token ?? null);

function mappingFrom(text: string, files: ImportFile[]): Mapping {
  const match = /^([^:]+):(.+)=([^=]+)$/.exec(text);
  if (!match) throw new Stop(`--map "${text}" is not FILE:HEADING=FIELD, as in --map "invoices.csv:Inv No=number".`);
  const [file, heading, wanted] = [match[1]!.trim(), match[2]!.trim(), match[3]!.trim()];
  const kind = kindOfFile(file, headingsOf(files.find((one) => one.name === file)), fieldsByKind());
  if (!kind) throw new Stop(`--map "${text}": ${file} is none of ${FILE_ORDER.join(", ")}.`);
  const fields = importFields(kind);
  const field =
    wanted === "ignore" ? wanted : (fields.find((one) => one.name === wanted) ?? fieldFor(wanted, fields))?.name;
  if (!field)
    throw new Stop(
      `--map "${text}": there is no field ${wanted} in ${kind}; there is ${fields.map((one) => one.name).join(", ")}.`,
    );
  return { file: kind, heading, field };
}

const fieldsByKind = () => ({
  customers: importFields("customers"),
  sites: importFields("sites"),
  systems: importFields("systems"),
  zones: importFields("zones"),
  invoices: importFields("invoices"),
  payments: importFields("payments"),
  credits: importFields("credits"),
});

function headingsOf(file: ImportFile | undefined): string[] {
  const table = openTable(file?.text ?? "");
  return "unreadable" in table ? [] : table.headings;
}

/** Asks which column is meant. No answers when somebody does not know one. */
async function ask(questions: Question[]): Promise<Mapping[]> {
  const answers: Mapping[] = [];
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    for (const { file, kind, field, means, headings } of questions) {
      if (headings.length === 0) return [];
      const list = headings.map((heading, i) => `  ${i + 1}  ${heading}`).join("\n");
      const answer = await terminal.question(
        `Which column of ${file} is ${means}?\n${list}\nNumber (Enter: none of them): `,
      );
      const heading = headings[Number(answer.trim()) - 1];
      if (heading === undefined) return [];
      answers.push({ file: kind, heading, field });
    }
  } finally {
    terminal.close();
  }
  return answers;
}

function table({ files, total }: ImportReport): string {
  const lines = [
    ["File", "New", "Changed", "Unchanged", "Wrong"],
    ...[...files, { name: "Total", counts: total }].map(({ name, counts }) => [
      name,
      ...[counts.new, counts.changed, counts.unchanged, counts.wrong].map(number),
    ]),
  ];
  const widths = lines[0]!.map((_, i) => Math.max(...lines.map((line) => line[i]!.length)));
  return lines
    .map((line) => line.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]!) : cell.padStart(widths[i]! + 2))).join(""))
    .join("\n");
}

const number = (value: number): string => value.toLocaleString("en-US");

function remarks({ files, skipped }: ImportReport): string {
  const parts: string[] = [];
  for (const { name, wrongRows } of files) {
    if (wrongRows.length === 0) continue;
    const shown = wrongRows
      .slice(0, SHOWN)
      .map(
        ({ row, column, reason }) =>
          `  row ${row}${column === "" || reason.startsWith(column) ? "" : `, ${column}`}: ${reason}`,
      );
    const more = wrongRows.length > SHOWN ? [`  and ${number(wrongRows.length - SHOWN)} more`] : [];
    parts.push([`\nWrong in ${name} (the heading row is row 1):`, ...shown, ...more].join("\n"));
  }
  for (const { name, unused } of files)
    if (unused.length > 0) parts.push(`\nColumns of ${name} that nothing is done with: ${unused.join(", ")}.`);
  if (skipped.length > 0) parts.push(`\nFiles that are not part of this import: ${skipped.join(", ")}.`);
  return parts.join("\n");
}

/** Says how far it is: on a terminal in one line that is written over, elsewhere every five seconds. */
function progressOn(stream: NodeJS.WriteStream, doing: string) {
  const every = stream.isTTY ? 100 : 5_000;
  let last = Date.now();
  return {
    rows(file: string, rows: number, ofRows: number): void {
      if (Date.now() - last < every) return;
      last = Date.now();
      const text = `${doing} ${file}: ${number(rows)} of ${number(ofRows)} rows`;
      stream.write(stream.isTTY ? `\r\u001B[K${text}` : `${text}\n`);
    },
    end(): void {
      if (stream.isTTY) stream.write("\r\u001B[K");
    },
  };
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

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(inWords(error));
  process.exitCode = 1;
});
