import { stat } from "node:fs/promises";
import { resolve } from "node:path";
import { ECOSYSTEM_IDS, type EcosystemId } from "../catalog/model.ts";
import { Refusal, refuse } from "../errors.ts";
import { openProgress } from "../lib/progress.ts";
import { surroundingsOfProcess } from "../load-config.ts";
import { type Command, type CommandContext, EXIT } from "./command.ts";
import { CLIENTS, reportClient } from "./doctor/clients.ts";
import { openMachine } from "./doctor/machine.ts";
import type { Client } from "./doctor/model.ts";
import { npmReplaces } from "./doctor/npm.ts";
import { openProber } from "./doctor/probe.ts";
import { reportProject } from "./doctor/project.ts";
import { type ClientReport, type Report, worst } from "./doctor/report.ts";
import { writeReport } from "./doctor/text.ts";
import { addConnectionOptions, type ConnectionOptions, connect, type ServerConnection } from "./server-connection.ts";
import { askStatus, type ServerStatus } from "./status.ts";

/** Whether each client on this machine really goes through the gate, and what in a project leads past it. */
export const doctor: Command = {
  name: "doctor",
  summary: "find out whether each client on this machine really goes through the gate",
  register(program, context) {
    addConnectionOptions(program.command("doctor").argument("[dir]", "project folder", ".").description(doctor.summary))
      .option(
        "--only <CLIENTS>",
        `these clients, and files of their ecosystems, alone: pip,npm (of ${names().join(", ")})`,
      )
      .option("--feed <NAME>", "the feed that fixes point at", "default")
      .option("--json", "print JSON")
      .addHelpText("after", HELP)
      .action(async (dir: string, options: DoctorOptions) => run(dir, options, context));
  },
};

interface DoctorOptions extends ConnectionOptions {
  readonly only?: string;
  readonly feed: string;
  readonly json?: true;
}

const HELP = `
Each client is asked where it installs from, with your variables and settings and those of the project; then that address is asked
for an index document, and only an answer that the gate itself gave counts. Lock files and settings in the project that name other
addresses are listed, and git and http dependencies. Nothing is installed, and nothing of the project is run: its files are read.

through    every address of the client leads to the gate
bypasses   at least one does not; the line below it says what to do
unknown    it could not be told, which is not the same as well

Exit codes: 0 all through, 1 something bypasses the gate, 3 nothing is known to bypass it but something could not be told,
64 usage, 69 no server.

Examples:
  portcullis doctor
  portcullis doctor ~/src/shop --url https://gate.example.invalid
  portcullis doctor --only npm,pnpm --json`;

const UNTOLD = 3;

async function run(dir: string, options: DoctorOptions, context: CommandContext): Promise<void> {
  const clients = readOnly(options.only);
  const folder = await readFolder(dir);
  const connection = await connect(options);
  const progress = openProgress(context.stderr);
  try {
    progress.say(`asking the gate at ${connection.url}`);
    await requireReady(connection.url);
    const report = await examine(folder, clients, options.feed, connection, (text) => progress.say(text));
    progress.close();
    context.stdout.write(options.json ? `${JSON.stringify(report)}\n` : writeReport(report, context.stdout));
    context.finish({ through: EXIT.ok, bypasses: EXIT.refused, unknown: UNTOLD }[report.verdict]);
  } finally {
    progress.close();
  }
}

function names(): string[] {
  return CLIENTS.flatMap(({ programs }) => programs[0]!);
}

function readOnly(text: string | undefined): readonly Client[] {
  if (text === undefined) return CLIENTS;
  return text.split(",").map((name) => {
    const client = CLIENTS.find(({ programs }) => programs.includes(name.trim()));
    if (!client) throw refuse("USAGE", { why: `--only: ${name} is none of ${names().join(", ")}` });
    return client;
  });
}

async function readFolder(dir: string): Promise<string> {
  const folder = resolve(dir);
  const found = await stat(folder).catch(() => undefined);
  if (!found?.isDirectory()) throw refuse("USAGE", { why: `${dir} is no folder` });
  return folder;
}

const READY_MS = 10_000;

async function requireReady(url: string): Promise<void> {
  let why: string;
  try {
    const answer = await fetch(`${url.replace(/\/+$/, "")}/readyz`, { signal: AbortSignal.timeout(READY_MS) });
    await answer.body?.cancel();
    if (answer.ok) return;
    why = `it answers ${answer.status} at /readyz, so it is not ready`;
  } catch (error) {
    const { message, cause } = error as Error & { cause?: Error };
    why = cause?.message || message;
  }
  throw refuse("SERVER_UNREACHABLE", { url, why });
}

async function examine(
  folder: string,
  wanted: readonly Client[],
  feed: string,
  connection: ServerConnection,
  say: (text: string) => void,
): Promise<Report> {
  const machine = openMachine(surroundingsOfProcess(), folder);
  const status = await readStatus(connection);
  const bases = basesOf(connection.url, status, feed);
  const roots = [connection.url, ...(status?.feeds.map(({ base }) => rootOf(base)) ?? [])];
  const probe = openProber(roots);
  say("asking the clients on this machine");
  const asked = await Promise.all(wanted.map((client) => reportClient(client, machine, probe, bases)));
  const clients = asked.filter((client) => client !== undefined);
  say(`reading ${folder}`);
  const proven = clients.flatMap(({ sources }) =>
    sources.flatMap((one) => (one.verdict === "through" && one.url !== null ? rootOf(one.url) : [])),
  );
  const told = new Set(clients.flatMap(({ sources }) => sources.map(({ from }) => from)));
  const project = await reportProject({
    machine,
    probe,
    bases,
    roots: [...roots, ...proven],
    ecosystems: new Set(wanted.map(({ ecosystem }) => ecosystem)),
    told,
    npmReplaces: memo(() => npmReplaces(machine)),
  });
  const verdicts = [...clients, ...project.files].map(({ verdict }) => verdict);
  return {
    server: { url: connection.url, ready: true },
    verdict: clients.length === 0 ? worst([...verdicts, "unknown"]) : worst(verdicts),
    clients,
    folder,
    filesRead: project.filesRead,
    files: project.files,
    notes: [
      ...feedNotes(clients, status),
      ...(clients.length === 0 ? ["no client that doctor knows is on the PATH"] : []),
    ],
  };
}

/** What the server tells of its feeds; undefined when it wants a token for that, which doctor can do without. */
async function readStatus(connection: ServerConnection): Promise<ServerStatus | undefined> {
  try {
    return await askStatus(connection);
  } catch (error) {
    if (error instanceof Refusal && (error.status === 401 || error.status === 403)) return undefined;
    throw error;
  }
}

function basesOf(url: string, status: ServerStatus | undefined, feed: string): Record<EcosystemId, string> {
  const path = feed === "default" ? "" : `/f/${feed}`;
  if (status && !status.feeds.some((one) => one.feed.startsWith(`${feed}/`))) throw refuse("FEED_NOT_FOUND", { feed });
  const entries = ECOSYSTEM_IDS.map((id) => {
    const told = status?.feeds.find((one) => one.feed === `${feed}/${id}`)?.base;
    return [id, told ?? `${url.replace(/\/+$/, "")}${path}/${id}`];
  });
  return Object.fromEntries(entries) as Record<EcosystemId, string>;
}

/** The server's URL in that of a feed or of something below it. */
function rootOf(url: string): string {
  return url.replace(/(\/f\/[a-z0-9-]+)?\/(pypi|npm|nuget)(\/.*)?$/, "");
}

/** A feed may let everything through, or not be there: then going through the gate protects nobody, or gives nothing. */
function feedNotes(clients: readonly ClientReport[], status: ServerStatus | undefined): string[] {
  if (!status) return [];
  const used = new Set(clients.flatMap(({ sources }) => sources.flatMap(({ feed }) => feed ?? [])));
  return [...used].flatMap((feed) => {
    const mode = status.feeds.find((one) => one.feed === feed)?.mode;
    if (mode === undefined) return `the gate has no feed ${feed}, so nothing can be installed from there`;
    return mode === "enforce" ? [] : `the feed ${feed} has mode ${mode}: ${MODES[mode] ?? "it may withhold nothing"}`;
  });
}

const MODES: Readonly<Record<string, string>> = {
  off: "nothing is withheld for what inspection finds",
  audit: "what inspection finds is recorded, and everything is offered",
};

function memo<Value>(make: () => Promise<Value>): () => Promise<Value> {
  let made: Promise<Value> | undefined;
  return () => (made ??= make());
}
