import { once } from "node:events";
import { InvalidArgumentError, Option } from "commander";
import { z } from "zod";
import { openProgress } from "../lib/progress.ts";
import { writeTable } from "../lib/table.ts";
import { askFor } from "./ask-for.ts";
import { type Command, type CommandContext, EXIT } from "./command.ts";
import { readPast, serverTime, writeMoment } from "./moments.ts";
import { addConnectionOptions, type ConnectionOptions, connect, type ServerConnection } from "./server-connection.ts";

/** Who was given which file, and what was withheld from whom. */
export const ledger: Command = {
  name: "ledger",
  summary: "who was given which file, and what was withheld from whom",
  register(program, context) {
    addConnectionOptions(program.command("ledger").description(ledger.summary))
      .option("--since <WHEN>", "from when on: 24h, 30d or a date", "24h")
      .option("--until <WHEN>", "until when (default: now)")
      .option("--feed <NAME/ECOSYSTEM>", "one feed, such as default/npm")
      .option("--project <NAME>", "one project, by its normalised name")
      .option("--subject <NAME>", "one person or CI job, such as ci:web-ci")
      .option("--sha256 <HEX>", "one file, whatever its name")
      .addOption(
        new Option("--outcome <OUTCOME>", "what became of the request").choices(["served", "withheld", "deferred"]),
      )
      .option("--limit <N>", "most rows to print, the latest ones", readLimit, 1_000)
      .option("--json", "print one JSON document")
      .option("--jsonl", "print one JSON object a line, all rows, oldest first")
      .addHelpText("after", HELP)
      .action(async (options: LedgerOptions) => run(options, context));
  },
};

interface LedgerOptions extends ConnectionOptions {
  readonly since: string;
  readonly until?: string;
  readonly feed?: string;
  readonly project?: string;
  readonly subject?: string;
  readonly sha256?: string;
  readonly outcome?: string;
  readonly limit: number;
  readonly json?: true;
  readonly jsonl?: true;
}

const HELP = `
Every request for a file is recorded before it is answered: served, withheld, or deferred (told to come back, because the file is
being inspected). The subject is the token's person or CI job.

Exit codes: 0 whatever was found, 64 usage, 69 no server, 77 not an administrator's token.

Examples:
  portcullis ledger
  portcullis ledger --since 7d --outcome withheld
  portcullis ledger --project left-pad --since 2026-05-01 --json
  portcullis ledger --since 30d --jsonl > ledger.jsonl`;

function readLimit(text: string): number {
  if (!/^[1-9]\d{0,5}$/.test(text)) throw new InvalidArgumentError("It is a number from 1 to 999999.");
  return Number(text);
}

const rowSchema = z.looseObject({
  at: z.number(),
  subject: z.string(),
  client: z.string(),
  feed: z.string(),
  project: z.string(),
  version: z.string(),
  filename: z.string(),
  outcome: z.string(),
  code: z.string(),
});
type Row = z.infer<typeof rowSchema>;
const pageSchema = z.object({ rows: z.array(rowSchema), next: z.number().optional() });

async function run(options: LedgerOptions, context: CommandContext): Promise<void> {
  const { stdout, stderr, finish } = context;
  const connection = await connect(options);
  const now = await serverTime(connection);
  const query = new URLSearchParams({ limit: "1000", since: String(readPast("--since", options.since, now)) });
  if (options.until !== undefined) query.set("until", String(readPast("--until", options.until, now)));
  for (const name of ["feed", "project", "subject", "sha256", "outcome"] as const)
    if (options[name] !== undefined) query.set(name, options[name]);
  let seen = 0;
  let last: Row[] = [];
  for await (const rows of pages(connection, query, context)) {
    seen += rows.length;
    if (!options.jsonl) last = [...last, ...rows].slice(-options.limit);
    else if (!stdout.write(rows.map((row) => `${JSON.stringify(row)}\n`).join(""))) await once(stdout, "drain");
  }
  if (options.json) stdout.write(`${JSON.stringify({ total: seen, rows: last })}\n`);
  else if (!options.jsonl)
    stdout.write(last.length > 0 ? writeRows(last) : `Nothing in the ledger since ${options.since}.\n`);
  if (last.length < seen && !options.jsonl)
    stderr.write(`portcullis: the latest ${last.length} of ${seen} rows; --limit ${seen} or --jsonl give all\n`);
  finish(EXIT.ok);
}

async function* pages(
  connection: ServerConnection,
  query: URLSearchParams,
  { stderr, interrupted }: CommandContext,
): AsyncGenerator<readonly Row[]> {
  const progress = openProgress(stderr);
  let seen = 0;
  try {
    while (!interrupted.aborted) {
      const page = await askFor(connection, pageSchema, "GET", `/ledger?${query}`);
      seen += page.rows.length;
      progress.say(`${seen} rows read`);
      progress.clear();
      yield page.rows;
      if (page.next === undefined) return;
      query.set("after", String(page.next));
    }
  } finally {
    progress.close();
  }
}

function writeRows(rows: readonly Row[]): string {
  return writeTable(
    ["AT", "SUBJECT", "CLIENT", "FEED", "FILE", "OUTCOME", "WHY"],
    rows.map((row) => [
      writeMoment(row.at),
      row.subject,
      row.client,
      row.feed,
      row.filename,
      row.outcome,
      row.outcome === "served" ? "" : row.code,
    ]),
  );
}
