import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import { pathToFileURL } from "node:url";
import { Command as Program } from "commander";
import type { Command, CommandContext } from "../../src/commands/command.ts";
import { code, codeBlock, page, table } from "./markdown.ts";

const SOURCES = join(import.meta.dirname, "..", "..", "src");

/** Names of the commands in the order in which main.ts lists them. */
export function listedCommands(): readonly string[] {
  const main = readFileSync(join(SOURCES, "main.ts"), "utf8");
  return [...main.matchAll(/name: "([a-z-]+)", load:/g)].map(([, name]) => name!);
}

/** Every command that a file of src/commands exports, in the order of main.ts; those that it does not list come last. */
export async function commands(): Promise<readonly Command[]> {
  const files = globSync("commands/*.ts", { cwd: SOURCES }).filter((file) => !file.endsWith(".test.ts"));
  const found: Command[] = [];
  for (const file of files.sort()) {
    const exported: Record<string, unknown> = await import(pathToFileURL(join(SOURCES, file)).href);
    found.push(...Object.values(exported).filter(isCommand));
  }
  const order = listedCommands();
  const rank = ({ name }: Command) => (order.indexOf(name) + order.length + 1) % (order.length + 1);
  return found.sort((a, b) => rank(a) - rank(b));
}

/** docs/reference/commands.md */
export async function commandsPage(): Promise<string> {
  const all = await commands();
  const rows = all.map(({ name, summary }) => [`[${code(name)}](#portcullis-${name})`, summary]);
  const sections = all.map((command) => {
    const program = silentProgram();
    command.register(program, UNUSED);
    return program.commands.map((one) => sectionOf(one, `portcullis ${one.name()}`, 2)).join("\n\n");
  });
  return page("Commands", INTRODUCTION, table(["Command", "What it does"], rows), ...sections);
}

const INTRODUCTION = `In a checkout: \`npm run -s portcullis -- ARGS\`; installed: \`portcullis ARGS\`. Exit codes that mean the same everywhere: 0 well, 1 refused,
64 usage, 69 no server, 70 a bug, 77 not allowed, 78 configuration, 130 interrupted.

Only \`serve\` and \`restore\` open the data folder. Commands that speak to a running server find it and its token by \`--data\` or by \`--url\` and
\`--token-file\`; without these by PORTCULLIS_URL, PORTCULLIS_TOKEN and PORTCULLIS_TOKEN_FILE; without these in the data folder. Results
are on standard output, everything else on standard error; colours and progress appear on terminals only, and NO_COLOR turns colours off.`;

function sectionOf(command: Program, title: string, level: number): string {
  const parts = [`${"#".repeat(level)} ${title}`, codeBlock(helpOf(command), "text")];
  for (const one of command.commands) parts.push(sectionOf(one, `${title} ${one.name()}`, level + 1));
  return parts.join("\n\n");
}

function helpOf(command: Program): string {
  let text = "";
  command.configureOutput({ writeOut: (part) => void (text += part) });
  command.outputHelp();
  return text;
}

/** A program of fixed width, so that help does not depend on the terminal. */
function silentProgram(): Program {
  return new Program("portcullis").configureOutput({
    getOutHelpWidth: () => 110,
    getOutHasColors: () => false,
    writeOut: () => {},
  });
}

/** Registering uses nothing of the process. */
const UNUSED: CommandContext = {
  stdout: new PassThrough(),
  stderr: new PassThrough(),
  interrupted: new AbortController().signal,
  finish() {},
};

function isCommand(value: unknown): value is Command {
  return typeof value === "object" && value !== null && "register" in value && "summary" in value && "name" in value;
}
