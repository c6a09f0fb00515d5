import { join } from "node:path";
import type { Command as Program } from "commander";
import { ECOSYSTEM_IDS } from "../catalog/model.ts";
import { builtInList, type PopularList } from "../inspection/names/popular.ts";
import { archiveBounds } from "../inspection/unpack.ts";
import { openBudget } from "../lib/archives/budget.ts";
import { readArchive } from "../lib/archives/read.ts";
import { writeTable } from "../lib/table.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { type Command, type CommandContext, EXIT } from "./command.ts";
import type { Registries } from "./inspect/registries.ts";
import { keepList, keptList } from "./names/kept.ts";
import { doubtAbout, listOf, type NamesSource, SOURCES } from "./names/sources.ts";

/** The lists of popular names that names are compared with. */
export const names: Command = {
  name: "names",
  summary: "list the lists of popular names, or fetch newer ones",
  register(program, context) {
    const group = program.command("names").description(names.summary).addHelpText("after", HELP);
    group
      .command("list", { isDefault: true })
      .description("list what names are compared with, and of which day it is")
      .option("--data <DIR>", "data folder", "data")
      .action(async (options: { data: string }) => list(options.data, context));
    declareRefresh(group, context);
  },
};

interface RefreshOptions {
  readonly data: string;
  readonly into?: string;
  readonly force?: true;
  readonly config?: string;
  readonly upstreamPypi?: string;
  readonly upstreamNpm?: string;
}

const HELP = `
The lists come with the program. "refresh" takes newer ones out of two packages on the registries that this machine is configured for
(npm-high-impact for npm, guarddog for PyPI; nothing of them is installed or run) and puts them into DATA/names, where the next start
of the server finds them. The list for NuGet is kept by hand with the program.

Examples:
  portcullis names
  portcullis names refresh
  portcullis names refresh --into src/inspection/names/popular`;

function declareRefresh(group: Program, context: CommandContext): void {
  group
    .command("refresh")
    .description("fetch newer lists")
    .option("--data <DIR>", "data folder", "data")
    .option("--into <DIR>", "write the lists into this folder instead of DATA/names")
    .option("--force", "believe a list although it has little in common with the one in use")
    .option("--config <FILE>", "configuration file, for the registries")
    .option("--upstream-pypi <URL>", "PyPI registry to fetch from (Simple index)")
    .option("--upstream-npm <URL>", "npm registry to fetch from")
    .addHelpText("after", "\nExit codes: 0 all fetched, 1 some list could not be had or is not believed, 64 usage.")
    .action(async (options: RefreshOptions) => refresh(options, context));
}

async function list(data: string, { stdout, finish }: CommandContext): Promise<void> {
  const rows = [];
  for (const ecosystem of ECOSYSTEM_IDS) {
    const [kept, own] = [await keptList(data, ecosystem), builtInList(ecosystem)];
    const used = kept !== undefined && kept.asOf > own.asOf ? kept : own;
    rows.push([ecosystem, used.asOf, String(used.names.split(" ").length), used.source, used.licence]);
  }
  stdout.write(writeTable(["ECOSYSTEM", "AS OF", { title: "NAMES", align: "right" }, "FROM", "LICENCE"], rows));
  finish(EXIT.ok);
}

async function refresh(options: RefreshOptions, { stdout, stderr, finish }: CommandContext): Promise<void> {
  const { openRegistries } = await import("./inspect/registries.ts");
  const registries = await openRegistries({ ...options, upstreamNuget: "none" }, DEFAULT_LIMITS);
  let failed = 0;
  try {
    for (const source of SOURCES)
      try {
        const inUse = (await keptList(options.data, source.ecosystem)) ?? builtInList(source.ecosystem);
        const fetched = await fetchList(registries, source);
        const doubt = options.force ? undefined : doubtAbout(fetched, inUse);
        if (doubt !== undefined) throw new Error(`${doubt}; if it is right, use --force`);
        await keepList(options.into ?? join(options.data, "names"), fetched);
        stdout.write(
          `${source.ecosystem}: ${fetched.names.split(" ").length} names of ${fetched.asOf} from ${fetched.source}\n`,
        );
      } catch (error) {
        failed++;
        stderr.write(`portcullis: ${source.ecosystem}: ${source.name}: ${(error as Error).message}\n`);
      }
  } finally {
    await registries.close();
  }
  finish(failed === 0 ? EXIT.ok : EXIT.refused);
}

async function fetchList(registries: Registries, source: NamesSource): Promise<PopularList> {
  const files = await registries.files(source.registry, { type: source.registry, name: source.name }, []);
  const file = files.find(({ filename }) => source.filename.test(filename));
  if (file === undefined) throw new Error("the registry has no file of it that holds a list");
  const bytes = await file.fetch();
  const archive = readArchive(bytes, openBudget(archiveBounds(DEFAULT_LIMITS), bytes.length));
  return listOf(source, file.listed.version, archive, file.listed.publishedAt ?? 0);
}
