import { InvalidArgumentError } from "commander";
import { z } from "zod";
import { writeTable } from "../lib/table.ts";
import { askFor } from "./ask-for.ts";
import { type Command, type CommandContext, EXIT } from "./command.ts";
import { writeMoment } from "./moments.ts";
import { addConnectionOptions, type ConnectionOptions, connect } from "./server-connection.ts";

/** Releases that belong together: the same program renamed, or the same addresses. */
export const campaigns: Command = {
  name: "campaigns",
  summary: "releases that belong together: the same program renamed, or the same addresses",
  register(program, context) {
    addConnectionOptions(program.command("campaigns").description(campaigns.summary))
      .option("--limit <N>", "most campaigns to print, those with the newest releases", readLimit, 50)
      .option("--json", "print JSON, with up to 100 releases of each")
      .addHelpText("after", HELP)
      .action(async (options: CampaignOptions) => run(options, context));
  },
};

interface CampaignOptions extends ConnectionOptions {
  readonly limit: number;
  readonly json?: true;
}

const HELP = `
A release that is not clean is put together with those whose malicious or suspicious files have the same shape (names, texts,
comments and layout may differ), and with those that have an address, wallet, mail address or embedded program in common which no
clean project has; across ecosystems. Clean releases are in no campaign.

Exit codes: 0 whatever was found, 64 usage, 69 no server, 77 not an administrator's token.

Examples:
  portcullis campaigns
  portcullis campaigns --json | jq '.campaigns[0].members[].name'`;

function readLimit(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError("It is a number from 1 to 999.");
  return Number(text);
}

const memberSchema = z.looseObject({ ecosystem: z.string(), name: z.string(), version: z.string() });
const answerSchema = z.object({
  campaigns: z.array(
    z.looseObject({
      id: z.number(),
      releases: z.number(),
      ecosystems: z.array(z.string()),
      firstSeenAt: z.number(),
      lastSeenAt: z.number(),
      members: z.array(memberSchema),
      indicators: z.array(z.looseObject({ indicator: z.string(), releases: z.number() })),
    }),
  ),
});
type Campaign = z.infer<typeof answerSchema>["campaigns"][number];

async function run(options: CampaignOptions, { stdout, finish }: CommandContext): Promise<void> {
  const told = await askFor(await connect(options), answerSchema, "GET", `/campaigns?limit=${options.limit}`);
  if (options.json) stdout.write(`${JSON.stringify(told)}\n`);
  else stdout.write(told.campaigns.length > 0 ? writeCampaigns(told.campaigns) : "No two releases belong together.\n");
  finish(EXIT.ok);
}

/** Names and indicators shown of each. */
const SHOWN = 3;

function writeCampaigns(found: readonly Campaign[]): string {
  return writeTable(
    [{ title: "ID", align: "right" }, { title: "RELEASES", align: "right" }, "FIRST", "LAST", "WHICH", "IN COMMON"],
    found.map(({ id, releases, firstSeenAt, lastSeenAt, members, indicators }) => [
      String(id),
      String(releases),
      writeMoment(firstSeenAt),
      writeMoment(lastSeenAt),
      some(
        members.map(({ ecosystem, name, version }) => `${ecosystem}:${name}@${version}`),
        releases,
      ),
      indicators.length === 0
        ? "code"
        : some(
            indicators.map(({ indicator }) => indicator),
            indicators.length,
          ),
    ]),
  );
}

function some(words: readonly string[], all: number): string {
  const shown = words.slice(0, SHOWN).map((word) => word.replace(/[^\x20-\x7e]/g, "?").slice(0, 60));
  return all > shown.length ? `${shown.join(", ")} and ${all - shown.length} more` : shown.join(", ");
}
