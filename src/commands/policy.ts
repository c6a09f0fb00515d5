import type { Command as Program } from "commander";
import { z } from "zod";
import { policySchema } from "../config.ts";
import { refuse } from "../errors.ts";
import { oneLine, writeTable } from "../lib/table.ts";
import { loadSettings } from "../load-config.ts";
import { openFeeds } from "../policy/feeds.ts";
import { askFor } from "./ask-for.ts";
import { type Command, type CommandContext, EXIT } from "./command.ts";
import { readPast, serverTime } from "./moments.ts";
import { addConnectionOptions, type ConnectionOptions, connect } from "./server-connection.ts";

/** What the feeds let through, and what another policy would have let through. */
export const policy: Command = {
  name: "policy",
  summary: "show the policy of each feed, replay the past under another, check a file",
  register(program, context) {
    const group = program.command("policy").description(policy.summary).addHelpText("after", HELP);
    addConnectionOptions(group.command("show").description("show the policy in force"))
      .option("--feed <NAME>", "one feed (default: every feed)")
      .option("--json", "print JSON")
      .action(async (options: ShowOptions) => show(options, context));
    declareReplay(group, context);
    group
      .command("check")
      .argument("<file>", "configuration file")
      .description("check a configuration file and its rules, without a server")
      .option("--json", "print JSON")
      .addHelpText("after", "\nExit codes: 0 valid, 78 not valid (the message names the line).")
      .action(async (file: string, options: { readonly json?: true }) => check(file, options, context));
  },
};

interface ShowOptions extends ConnectionOptions {
  readonly feed?: string;
  readonly json?: true;
}

interface ReplayOptions extends ShowOptions {
  readonly since: string;
  readonly set: readonly string[];
}

const HELP = `
A policy is set in the configuration file, under [policy] for every feed and under [feeds.NAME.policy] for one.

Examples:
  portcullis policy show
  portcullis policy replay --since 30d --set mode=enforce --set cooldown=7d
  portcullis policy check portcullis.toml`;

const REPLAY_HELP = `
Every request in the ledger is decided again at its own time, with the verdicts, advisories and exceptions known today. Nothing
changes. Settings that --set does not name are those in force; a list is given with commas or with several --set.

Settings: ${Object.keys(policySchema.shape).join(", ")}

Exit codes: 0 whatever was found, 64 usage, 69 no server, 77 not an administrator's token.

Examples:
  portcullis policy replay --since 30d
  portcullis policy replay --since 7d --feed strict --set hold_at=0.3
  portcullis policy replay --since 2026-05-01 --set 'deny=pkg:npm/left-pad@<1.3.0' --json`;

function declareReplay(group: Program, context: CommandContext): void {
  addConnectionOptions(group.command("replay").description("what would this policy have withheld?"))
    .option("--since <WHEN>", "from when on: 30d, 12h or a date", "30d")
    .option("--feed <NAME>", "one feed (default: every feed)")
    .option("--set <KEY=VALUE>", "a setting that differs; may be given several times", gather, [])
    .option("--json", "print JSON")
    .addHelpText("after", REPLAY_HELP)
    .action(async (options: ReplayOptions) => replay(options, context));
}

function gather(value: string, before: readonly string[]): readonly string[] {
  return [...before, value];
}

const showSchema = z.object({
  feeds: z.array(z.object({ feed: z.string(), hash: z.string(), policy: z.record(z.string(), z.unknown()) })),
});

async function show(options: ShowOptions, { stdout, finish }: CommandContext): Promise<void> {
  const { feeds } = await askFor(await connect(options), showSchema, "GET", "/policy");
  const shown = feeds.filter(({ feed }) => options.feed === undefined || feed.startsWith(`${options.feed}/`));
  if (shown.length === 0) throw refuse("FEED_NOT_FOUND", { feed: options.feed ?? "" });
  stdout.write(options.json ? `${JSON.stringify({ feeds: shown })}\n` : writePolicies(shown));
  finish(EXIT.ok);
}

/** Feeds with one policy together; what is not as by default is marked. */
function writePolicies(feeds: z.infer<typeof showSchema>["feeds"]): string {
  const defaults: Readonly<Record<string, unknown>> = policySchema.parse({});
  return [...Map.groupBy(feeds, ({ hash }) => hash)]
    .map(([hash, alike]) => {
      const rows = Object.entries(alike[0]!.policy).map(([key, value]) => {
        const text = JSON.stringify(value);
        return [`  ${key}`, text, text === JSON.stringify(defaults[key]) ? "" : "(set)"];
      });
      const names = alike.map(({ feed }) => feed).join(", ");
      return `${names}\n${writeTable(["  SETTING", "VALUE", ""], rows)}  policy ${hash.slice(0, 12)}\n`;
    })
    .join("\n");
}

const fileSchema = z.object({
  feed: z.string(),
  purl: z.string(),
  filename: z.string(),
  code: z.string(),
  sentence: z.string(),
  requests: z.number(),
  subjects: z.array(z.string()),
});
const replaySchema = z.object({
  requests: z.number(),
  files: z.number(),
  withheld: z.array(fileSchema),
  offered: z.array(fileSchema),
});

async function replay(options: ReplayOptions, { stdout, finish }: CommandContext): Promise<void> {
  const changes = readChanges(options.set);
  const connection = await connect(options);
  const since = readPast("--since", options.since, await serverTime(connection));
  const query = { since, changes, ...(options.feed !== undefined && { feed: options.feed }) };
  const told = await askFor(connection, replaySchema, "POST", "/policy/replay", query);
  stdout.write(options.json ? `${JSON.stringify(told)}\n` : writeReplay(told, options));
  finish(EXIT.ok);
}

function writeReplay({ requests, files, withheld, offered }: z.infer<typeof replaySchema>, options: ReplayOptions) {
  const which = options.set.length > 0 ? `with ${options.set.join(" ")}` : "under the policy in force";
  const looked = `${count(requests, "request")} for ${count(files, "file")} since ${options.since}, ${which}:\n`;
  return (
    oneLine(looked.trimEnd()) +
    "\n" +
    section("Served then, withheld under it", withheld) +
    section("Withheld then, offered under it", offered)
  );
}

function section(title: string, files: readonly z.infer<typeof fileSchema>[]): string {
  if (files.length === 0) return `\n${title}: nothing\n`;
  const rows = files.map((file) => [
    file.feed,
    file.purl,
    String(file.requests),
    file.subjects.slice(0, 3).join(", ") + (file.subjects.length > 3 ? ` and ${file.subjects.length - 3} more` : ""),
    file.sentence,
  ]);
  const columns = ["FEED", "RELEASE", { title: "REQUESTS", align: "right" }, "ASKED BY", "WHY"] as const;
  return `\n${title}: ${count(files.length, "file")}\n${writeTable(columns, rows)}`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

interface SettingSchema {
  readonly type?: string;
}

/** `key=value` texts as settings of a policy, by the types of its schema; the server checks the values. Throws USAGE. */
export function readChanges(texts: readonly string[]): Record<string, unknown> {
  const { properties = {} } = z.toJSONSchema(policySchema, { io: "input" }) as {
    properties?: Readonly<Record<string, SettingSchema>>;
  };
  const changes: Record<string, unknown> = {};
  for (const text of texts) {
    const [, key = "", value = ""] = /^([^=]*)=(.*)$/s.exec(text) ?? [];
    const schema = Object.hasOwn(properties, key) ? properties[key] : undefined;
    if (!schema) {
      const why = `--set ${text}: write KEY=VALUE with one of ${Object.keys(properties).join(", ")}`;
      throw refuse("USAGE", { why });
    }
    changes[key] = readValue(text, value, schema, changes[key]);
  }
  return changes;
}

function readValue(text: string, value: string, { type }: SettingSchema, before: unknown): unknown {
  if (type === "array") {
    const items = value.split(",").flatMap((item) => item.trim() || []);
    return [...(Array.isArray(before) ? before : []), ...items];
  }
  if (type === "boolean") {
    if (value !== "true" && value !== "false") throw refuse("USAGE", { why: `--set ${text}: true or false` });
    return value === "true";
  }
  if (type !== "number" && type !== "integer") return value;
  if (!/^\d+(\.\d+)?$/.test(value)) throw refuse("USAGE", { why: `--set ${text}: a number such as 0.4` });
  return Number(value);
}

async function check(
  file: string,
  { json }: { readonly json?: true },
  { stdout, finish }: CommandContext,
): Promise<void> {
  const { config } = await loadSettings({ config: file });
  const feeds = [...new Set(openFeeds(config).all.map(({ name }) => name))];
  const names = feeds.join(", ");
  stdout.write(json ? `${JSON.stringify({ file, valid: true, feeds })}\n` : `${file} is valid; feeds: ${names}\n`);
  finish(EXIT.ok);
}
