import type { Command as Program } from "commander";
import { z } from "zod";
import { refuse } from "../errors.ts";
import { writeTable } from "../lib/table.ts";
import { askFor } from "./ask-for.ts";
import { type Command, type CommandContext, EXIT } from "./command.ts";
import { readFuture, serverTime, writeMoment } from "./moments.ts";
import { addConnectionOptions, type ConnectionOptions, connect } from "./server-connection.ts";

/** Permissions despite a finding: each with author, reason and end, bound to versions and one detector. */
export const exceptions: Command = {
  name: "exceptions",
  summary: "let one withheld version through for a time, with a reason",
  register(program, context) {
    const group = program.command("exceptions").description(exceptions.summary).addHelpText("after", HELP);
    addConnectionOptions(group.command("list").description("list exceptions in force"))
      .option("--all", "also those that have ended")
      .option("--json", "print JSON")
      .action(async (options: ListOptions) => list(options, context));
    declareAdd(group, context);
    addConnectionOptions(group.command("remove").argument("<id>", "as listed").description("end an exception at once"))
      .option("--json", "print JSON")
      .action(async (id: string, options: JsonOptions) => remove(id, options, context));
  },
};

interface JsonOptions extends ConnectionOptions {
  readonly json?: true;
}

interface ListOptions extends JsonOptions {
  readonly all?: true;
}

interface AddOptions extends JsonOptions {
  readonly feed: string;
  readonly detector: string;
  readonly expires: string;
  readonly reason: string;
}

const HELP = `
An exception is bound to versions and to one detector or reason code: what another detector finds still withholds. It ends by
itself. * stands for every detector, but for no reason code: known-malware, blocked-url, vulnerable, cooldown and unknown are each
to be named.

Examples:
  portcullis exceptions list
  portcullis exceptions add pkg:npm/left-pad@1.3.0 --detector install-hook-fetches --expires 30d --reason 'read the script, SEC-12'
  portcullis exceptions remove 4`;

const ADD_HELP = `
The page that a refusal in the terminal links to gives this command with PURL, feed and detector filled in.

Exit codes: 0 recorded, 1 refused (the sentence says why), 64 usage, 69 no server, 77 not an administrator's token.

Examples:
  portcullis exceptions add pkg:npm/left-pad@1.3.0 --feed default --detector cooldown --expires 7d --reason 'needed today, SEC-9'
  portcullis exceptions add 'pkg:pypi/six@>=1.16,<1.18' --detector setup-starts-process --expires 2026-12-31 --reason 'calls git'`;

function declareAdd(group: Program, context: CommandContext): void {
  addConnectionOptions(group.command("add").description("let versions through for a time"))
    .argument("<purl>", "package URL with a version or a range: pkg:npm/left-pad@1.3.0")
    .requiredOption("--detector <ID>", "the detector or reason code that is not to count, * for every detector")
    .requiredOption("--expires <WHEN>", "when it ends, within a year: 30d, 12h or a date")
    .requiredOption("--reason <TEXT>", "why, for whoever reads it later")
    .option("--feed <NAME>", "the feed that it is for, * for all", "default")
    .option("--json", "print JSON")
    .addHelpText("after", ADD_HELP)
    .action(async (purl: string, options: AddOptions) => add(purl, options, context));
}

const listSchema = z.object({
  exceptions: z.array(
    z.object({
      id: z.number(),
      feed: z.string(),
      purl: z.string(),
      versions: z.string(),
      detector: z.string(),
      reason: z.string(),
      author: z.string(),
      createdAt: z.number(),
      expiresAt: z.number(),
      revokedAt: z.number().nullable(),
    }),
  ),
});

async function list(options: ListOptions, { stdout, finish }: CommandContext): Promise<void> {
  const connection = await connect(options);
  const told = await askFor(connection, listSchema, "GET", "/exceptions");
  const now = await serverTime(connection);
  const stateOf = ({ revokedAt, expiresAt }: (typeof told.exceptions)[number]) =>
    revokedAt !== null ? "removed" : expiresAt > now ? "in force" : "expired";
  const shown = options.all ? told.exceptions : told.exceptions.filter((one) => stateOf(one) === "in force");
  const rows = shown.map((one) => [
    String(one.id),
    stateOf(one),
    one.feed,
    `${one.purl}@${one.versions}`,
    one.detector,
    writeMoment(one.expiresAt),
    one.author,
    one.reason,
  ]);
  const titles = [
    { title: "ID", align: "right" },
    "STATE",
    "FEED",
    "RELEASES",
    "DETECTOR",
    "UNTIL",
    "BY",
    "REASON",
  ] as const;
  const none = `There is no exception${options.all ? "" : " in force"}.\n`;
  stdout.write(
    options.json ? `${JSON.stringify({ exceptions: shown })}\n` : rows.length > 0 ? writeTable(titles, rows) : none,
  );
  finish(EXIT.ok);
}

const addedSchema = z.object({ id: z.number(), stillWithheld: z.array(z.string()).default([]) });

async function add(purl: string, options: AddOptions, { stdout, finish }: CommandContext): Promise<void> {
  const { feed, detector, reason, expires, json } = options;
  const connection = await connect(options);
  const expiresAt = readFuture("--expires", expires, await serverTime(connection));
  const wanted = { purl, feed, detector, reason, expiresAt };
  const { id, stillWithheld } = await askFor(connection, addedSchema, "POST", "/exceptions", wanted);
  const where = feed === "*" ? "every feed" : `the feed ${feed}`;
  const what = detector === "*" ? "no detector withholds" : `${detector} no longer withholds`;
  stdout.write(
    json
      ? `${JSON.stringify({ id, purl, feed, detector, reason, expiresAt, stillWithheld })}\n`
      : `Exception ${id}: on ${where} ${what} ${purl} until ${writeMoment(expiresAt)}.\n` +
          stillWithheld.map((sentence) => `Something else withholds: ${sentence}\n`).join("") +
          `End it sooner with: portcullis exceptions remove ${id}\n`,
  );
  finish(EXIT.ok);
}

async function remove(id: string, options: JsonOptions, { stdout, finish }: CommandContext): Promise<void> {
  if (!/^\d{1,15}$/.test(id))
    throw refuse("USAGE", { why: `${id} is no number of an exception; see: portcullis exceptions list` });
  await (await connect(options)).ask("DELETE", `/exceptions/${id}`);
  stdout.write(options.json ? `${JSON.stringify({ removed: Number(id) })}\n` : `Exception ${id} has ended.\n`);
  finish(EXIT.ok);
}
