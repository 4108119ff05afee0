import { createInterface } from "node:readline/promises";
import { importCommand } from "./import-command.ts";

process.exitCode = await importCommand(
  {
    folder: process.cwd(),
    env: process.env,
    say: (text) => console.log(text),
    complain: (text) => console.error(text),
    progress: process.stderr,
    ask: process.stdin.isTTY ? ask : null,
  },
  process.argv.slice(2),
);

async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  try {
    return await terminal.question(question);
  } finally {
    terminal.close();
  }
}
