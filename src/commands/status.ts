import { z } from "zod";
import { writeDuration } from "../lib/duration.ts";
import { writeTable } from "../lib/table.ts";
import { askFor } from "./ask-for.ts";
import { type Command, type CommandContext, EXIT } from "./command.ts";
import { addConnectionOptions, type ConnectionOptions, connect, type ServerConnection } from "./server-connection.ts";

/** Whether the server runs, as what, with which feeds, and how busy it is. */
export const status: Command = {
  name: "status",
  summary: "say whether the server runs, with which feeds, and how busy it is",
  register(program, context) {
    addConnectionOptions(program.command("status").description(status.summary))
      .option("--json", "print JSON")
      .addHelpText("after", HELP)
      .action(async (options: StatusOptions) => run(options, context));
  },
};

interface StatusOptions extends ConnectionOptions {
  readonly json?: true;
}

const HELP = `
Exit codes: 0 it runs, 69 no server answers, 77 it wants a token.

Examples:
  portcullis status
  portcullis status --url https://gate.example.invalid --json`;

const statusSchema = z.object({
  version: z.string(),
  engine: z.string(),
  feeds: z.array(z.object({ feed: z.string(), base: z.string(), mode: z.string(), upstream: z.string().nullable() })),
  inspections: z.object({ waiting: z.number(), running: z.number(), meanMs: z.number() }),
  standings: z.array(z.object({ feed: z.string(), state: z.string(), count: z.number() })),
});
/** What a server says of itself at `/api/v1/status`. */
export type ServerStatus = z.infer<typeof statusSchema>;

/** Asks a server what it is. Throws SERVER_UNREACHABLE, TOKEN_REQUIRED or TOKEN_INVALID. */
export async function askStatus(connection: ServerConnection): Promise<ServerStatus> {
  return askFor(connection, statusSchema, "GET", "/status");
}

async function run(options: StatusOptions, { stdout, finish }: CommandContext): Promise<void> {
  const connection = await connect(options);
  const told = await askStatus(connection);
  stdout.write(options.json ? `${JSON.stringify({ url: connection.url, ...told })}\n` : write(connection.url, told));
  finish(EXIT.ok);
}

const STATES = ["visible", "pending", "held", "blocked"] as const;

function write(url: string, { version, engine, feeds, inspections, standings }: ServerStatus): string {
  const count = (feed: string, state: string) =>
    String(standings.find((one) => one.feed === feed && one.state === state)?.count ?? 0);
  const rows = feeds.map(({ feed, mode, upstream, base }) => [
    feed,
    mode,
    upstream ?? "none",
    ...STATES.map((state) => count(feed, state)),
    base,
  ]);
  const numbers = STATES.map((state) => ({ title: state.toUpperCase(), align: "right" }) as const);
  const { running, waiting, meanMs } = inspections;
  return (
    `Portcullis ${version} (engine ${engine}) runs at ${url}\n` +
    `Inspections: ${running} running, ${waiting} waiting, ${writeDuration(meanMs)} on average\n\n` +
    writeTable(["FEED", "MODE", "UPSTREAM", ...numbers, "ADDRESS"], rows)
  );
}
