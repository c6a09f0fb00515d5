import { once } from "node:events";
import { createWriteStream, type WriteStream } from "node:fs";
import { availableParallelism } from "node:os";
import { InvalidArgumentError, Option, type Command as Program } from "commander";
import { refuse } from "../errors.ts";
import { openInspectorPool } from "../inspection/pool.ts";
import { printable } from "../inspection/run-detectors.ts";
import { silentLog } from "../lib/log.ts";
import { openProgress } from "../lib/progress.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import type { Command, CommandContext } from "./command.ts";
import type { Before } from "./inspect/before.ts";
import { FORMATS, type Format, openWriter } from "./inspect/formats.ts";
import type { Registries } from "./inspect/registries.ts";
import { type Counts, exitCodeOf } from "./inspect/result.ts";
import { inspectAll, inspectBefore, readablePaths } from "./inspect/run.ts";
import { programVersion } from "./program.ts";

/** Inspects archives without a server: what a detector saw, a verdict for each, and an exit code for all. */
export const inspect: Command = {
  name: "inspect",
  summary: "inspect archives, folders, packages or lock files, without a server",
  register(program, context) {
    declare(program).action((targets: string[], options: InspectOptions) => run(targets, options, context));
  },
};

interface InspectOptions {
  readonly format: Format;
  readonly jobs?: number;
  readonly explain: boolean;
  readonly before?: string;
  readonly output?: string;
  readonly config?: string;
  readonly data?: string;
  readonly upstreamPypi?: string;
  readonly upstreamNpm?: string;
  readonly upstreamNuget?: string;
}

const HELP = `
TARGET is
  a file       an archive (known by its bytes, not its name), or a lock file by its name: package-lock.json,
               npm-shrinkwrap.json, yarn.lock, pnpm-lock.yaml, bun.lock, poetry.lock, pdm.lock, uv.lock, pylock.toml,
               Pipfile.lock, requirements.txt, packages.lock.json, project.assets.json, *.deps.json, packages.config
  a folder     every archive below it
  a package    pkg:npm/left-pad@1.3.0, pkg:pypi/six@1.16.0?file_name=six-1.16.0.tar.gz, pkg:nuget/Newtonsoft.Json@13.0.3
An unpacked package is no target: pack it first (npm pack, python -m build --sdist, dotnet pack), as an installer would get it.
Files and folders need no network. Packages and what lock files name are fetched from the registries that the clients of
this machine are configured for. Nothing is installed or run.

Exit codes: 0 all clean, 1 something suspicious, 2 something malicious, 3 something could not be inspected, 64 usage;
the worst wins in the order 2, 3, 1, 0.

Examples:
  portcullis inspect dist/*.whl
  portcullis inspect --format jsonl ./mirror > verdicts.jsonl
  portcullis inspect --explain pkg:npm/left-pad@1.3.0
  portcullis inspect --before pkg:npm/left-pad@1.2.0 pkg:npm/left-pad@1.3.0
  portcullis inspect --format html --output review.html --before dist/demo-1.0.tar.gz dist/demo-1.1.tar.gz
  portcullis inspect --format sarif package-lock.json > portcullis.sarif`;

function declare(program: Program): Program {
  return program
    .command("inspect")
    .description(inspect.summary)
    .argument("<target...>", "files, folders, package URLs, lock files")
    .addOption(new Option("--format <format>", "how to print the results").choices(FORMATS).default("text"))
    .option("--jobs <number>", "inspector processes at once (default: one per core)", readJobs)
    .option(
      "--explain",
      "print every finding with its source lines, what it contributed, and the whole account of the score",
      false,
    )
    .option("--before <release>", "the release before, a file or package, to say what changed")
    .option("--output <file>", "write the results there instead of printing them")
    .option("--config <file>", "configuration file, for the registries of packages and lock files")
    .option("--data <dir>", "data folder of the gate, whose registries are asked (default: ./data)")
    .option("--upstream-pypi <url>", "PyPI registry to fetch from (Simple index)")
    .option("--upstream-npm <url>", "npm registry to fetch from")
    .option("--upstream-nuget <url>", "NuGet registry to fetch from (service index)")
    .addHelpText("after", HELP);
}

function readJobs(text: string): number {
  if (!/^[1-9]\d{0,2}$/.test(text)) throw new InvalidArgumentError("It is a number from 1 to 999.");
  return Number(text);
}

async function run(targets: readonly string[], options: InspectOptions, context: CommandContext): Promise<void> {
  const limits = DEFAULT_LIMITS;
  const jobs = options.jobs ?? availableParallelism();
  const readable = readablePaths(options.before === undefined ? targets : [...targets, options.before]);
  const pool = openInspectorPool({ size: jobs, warm: 1, limits, readable, log: silentLog });
  let registries: Promise<Registries> | undefined;
  const open = async () => (await import("./inspect/registries.ts")).openRegistries(options, limits);
  const stop = () => void pool.close();
  context.interrupted.addEventListener("abort", stop);
  try {
    const finding = { limits, registries: () => (registries ??= open()) };
    const before = options.before === undefined ? undefined : inspectBefore(options.before, pool, finding);
    const isReview = options.format === "html";
    const running = {
      ...finding,
      ...((options.explain || isReview) && { review: {} }),
      ...(before && { before: before.catch((error: unknown) => sayMissing(options.before!, error, context)) }),
      diff: isReview,
    };
    const counts = await print(inspectAll(targets, pool, jobs, running), options, context);
    context.finish(total(counts) === 0 ? nothingFound(targets, context) : exitCodeOf(counts));
  } finally {
    context.interrupted.removeEventListener("abort", stop);
    await Promise.all([pool.close(), registries?.then((opened) => opened.close()).catch(() => {})]);
  }
}

/** What cannot be compared with is no reason to say less about the release itself. */
function sayMissing(target: string, error: unknown, { stderr }: CommandContext): readonly Before[] {
  const because = error instanceof Error ? error.message : String(error);
  stderr.write(`portcullis: ${printable(target, 300)} cannot be compared with: ${printable(because, 300)}\n`);
  return [];
}

async function print(
  results: ReturnType<typeof inspectAll>,
  { format, explain, output }: InspectOptions,
  { stdout: terminal, stderr, interrupted }: CommandContext,
): Promise<Counts> {
  const stdout = output === undefined ? terminal : await openOutput(output);
  const started = performance.now();
  const counts: Counts = { clean: 0, suspicious: 0, malicious: 0, unknown: 0 };
  const writer = await openWriter(format, { explain, isColoured: isColoured(stdout), version: programVersion() });
  const progress = openProgress(stderr);
  const write = async (text: string) => {
    if (text === "") return;
    progress.clear();
    if (!stdout.write(text)) await once(stdout, "drain");
  };
  try {
    for await (const result of results) {
      if (interrupted.aborted) break;
      counts[result.verdict]++;
      await write(writer.result(result));
      progress.say(`inspected ${total(counts)}, ${total(counts) - counts.clean} not clean; ${result.path}`);
    }
    if (!interrupted.aborted) await write(writer.end({ counts, ms: performance.now() - started }));
  } finally {
    progress.close();
    if (stdout !== terminal) await new Promise<void>((resolve) => stdout.end(resolve));
  }
  return counts;
}

async function openOutput(path: string): Promise<WriteStream> {
  const stream = createWriteStream(path);
  await once(stream, "open").catch((error: Error) => {
    throw refuse("USAGE", { why: error.message });
  });
  return stream;
}

function nothingFound(targets: readonly string[], { stderr }: CommandContext): number {
  stderr.write(`portcullis: there is no archive in ${targets.join(", ")}, so nothing was inspected\n`);
  return exitCodeOf({ clean: 0, suspicious: 0, malicious: 0, unknown: 1 });
}

function total({ clean, suspicious, malicious, unknown }: Counts): number {
  return clean + suspicious + malicious + unknown;
}

/** Colours for people only; NO_COLOR and FORCE_COLOR (https://no-color.org) are Node's own to read. */
function isColoured(stream: CommandContext["stdout"]): boolean {
  const { isTTY, hasColors } = stream as { isTTY?: boolean; hasColors?: () => boolean };
  return isTTY === true && hasColors?.call(stream) === true;
}
