import { z } from "zod";
import { writeTable } from "../lib/table.ts";
import { askFor } from "./ask-for.ts";
import { type Command, type CommandContext, EXIT } from "./command.ts";
import { writeMoment } from "./moments.ts";
import { addConnectionOptions, type ConnectionOptions, connect } from "./server-connection.ts";

/** The lists of known malware, vulnerabilities and URLs that the server reads. */
export const advisories: Command = {
  name: "advisories",
  summary: "list the advisory sources, or read one now",
  register(program, context) {
    const group = program.command("advisories").description(advisories.summary).addHelpText("after", HELP);
    addConnectionOptions(group.command("list").description("list sources, when each was read, and its circuit breaker"))
      .option("--json", "print JSON")
      .action(async (options: JsonOptions) => list(options, context));
    addConnectionOptions(group.command("sync").argument("<name>", "as listed").description("read a source now"))
      .option("--force", "believe this reading although it opens the circuit breaker")
      .option("--json", "print JSON")
      .addHelpText("after", SYNC_HELP)
      .action(async (name: string, options: SyncOptions) => sync(name, options, context));
  },
};

interface JsonOptions extends ConnectionOptions {
  readonly json?: true;
}

interface SyncOptions extends JsonOptions {
  readonly force?: true;
}

const HELP = `
Sources are declared in the configuration under [[advisories]]. A source that suddenly calls much of what is in use malware is
not believed: its circuit breaker opens, and what it said before goes on to count until somebody looks. Addresses on a URL list that
established projects refer to do not count, and open it too.

Examples:
  portcullis advisories list
  portcullis advisories sync osv
  portcullis advisories sync osv --force`;

const SYNC_HELP = `
Exit codes: 0 read, 1 its circuit breaker opened (or there is no such source), 64 usage, 69 no server or the source cannot be
reached, 77 not an administrator's token.`;

const listSchema = z.object({
  sources: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      location: z.string(),
      entries: z.number(),
      importedAt: z.number().nullable(),
      tripped: z.string().nullable(),
      trippedAt: z.number().nullable(),
    }),
  ),
});

async function list(options: JsonOptions, { stdout, finish }: CommandContext): Promise<void> {
  const told = await askFor(await connect(options), listSchema, "GET", "/advisories/sources");
  const rows = told.sources.map((source) => [
    source.name,
    source.kind,
    String(source.entries),
    source.importedAt === null ? "not yet" : writeMoment(source.importedAt),
    source.tripped === null ? "closed" : `open since ${writeMoment(source.trippedAt)}: ${source.tripped}`,
    source.location,
  ]);
  const titles = ["NAME", "KIND", { title: "ENTRIES", align: "right" }, "READ", "BREAKER", "FROM"] as const;
  const none = "No advisory source has been read; declare them in the configuration under [[advisories]].\n";
  stdout.write(options.json ? `${JSON.stringify(told)}\n` : rows.length > 0 ? writeTable(titles, rows) : none);
  finish(EXIT.ok);
}

const syncSchema = z.object({
  source: z.string(),
  entries: z.number(),
  unread: z.number(),
  tripped: z.string().optional(),
});

async function sync(name: string, options: SyncOptions, { stdout, stderr, finish }: CommandContext): Promise<void> {
  const path = `/advisories/sources/${encodeURIComponent(name)}/sync`;
  const told = await askFor(await connect(options), syncSchema, "POST", path, { force: options.force === true });
  const { entries, unread, tripped } = told;
  if (options.json) stdout.write(`${JSON.stringify(told)}\n`);
  else if (tripped === undefined)
    stdout.write(`${name} has ${entries} entries${unread > 0 ? `; ${unread} could not be read` : ""}.\n`);
  else
    stderr.write(
      `portcullis: ${name} was read but is not believed: ${tripped}\n` +
        `  If it is right: portcullis advisories sync ${name} --force\n`,
    );
  finish(tripped === undefined ? EXIT.ok : EXIT.refused);
}
