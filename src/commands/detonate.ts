import { basename, join, resolve } from "node:path";
import { InvalidArgumentError, Option } from "commander";
import type { VerdictWord } from "../catalog/model.ts";
import { withBuildTools } from "../detonation/build-tools.ts";
import { type Detonation, type DetonationOptions, detonate as detonateFile } from "../detonation/detonate.ts";
import { findPython, missingWalls } from "../detonation/probe.ts";
import type { Inspection } from "../inspection/model.ts";
import { openInspectorPool } from "../inspection/pool.ts";
import { printable } from "../inspection/run-detectors.ts";
import { silentLog } from "../lib/log.ts";
import { openProgress } from "../lib/progress.ts";
import { DEFAULT_LIMITS } from "../limits.ts";
import { surroundingsOfProcess } from "../load-config.ts";
import { type Command, type CommandContext, EXIT } from "./command.ts";
import { exitCodeOf, lineOf, resultOf } from "./inspect/result.ts";

/** Installs a package in a sandbox without a way out, and says what it did there. */
export const detonate: Command = {
  name: "detonate",
  summary: "install a package in a sandbox without a way out, and say what it did (Linux)",
  register(program, context) {
    program
      .command("detonate")
      .description(detonate.summary)
      .argument("<file...>", "sdists, wheels and npm tarballs")
      .addOption(new Option("--format <format>", "how to print the results").choices(["text", "jsonl"]).default("text"))
      .option("--seconds <number>", "seconds for each step", readSeconds, 120)
      .addHelpText("after", HELP)
      .action(async (files: string[], options: DetonateOptions) => run(files, options, context));
  },
};

interface DetonateOptions {
  readonly format: "text" | "jsonl";
  readonly seconds: number;
}

const HELP = `
This runs the package. It needs Linux with bubblewrap, strace and iproute2, tries its walls before anything else, and refuses to
run when one does not hold. In the sandbox there is no network but a sinkhole that answers every name and takes what it is sent,
none of this machine's files but the system's programs, and a home folder full of decoy secrets. A harmless package is run
first: only what goes beyond it is told.

An sdist or wheel is installed by the machine's pip without its dependencies, then imported; an npm tarball is unpacked, its
install scripts are run, then it is loaded. Nothing is built by node-gyp, and packages of NuGet are not run.

A decoy that was sent away makes it malicious; other findings of high severity make it suspicious. What cannot be installed is
unknown. A package may notice that it is watched and do nothing: clean here is no proof.

Exit codes: 0 clean, 1 suspicious, 2 malicious, 3 unknown, 64 usage, 69 this machine cannot.

Examples:
  portcullis detonate dist/tidy_colors-1.1.tar.gz
  portcullis detonate --format jsonl tidy-colors-1.0.1.tgz`;

function readSeconds(text: string): number {
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new InvalidArgumentError("It is a number from 1 to 9999.");
  return Number(text);
}

async function run(files: readonly string[], options: DetonateOptions, context: CommandContext): Promise<void> {
  const { env, home } = surroundingsOfProcess();
  const missing = missingWalls(env);
  if (missing.length > 0) {
    context.stderr.write(missing.map((why) => `portcullis: nothing was run: ${why}\n`).join(""));
    return context.finish(EXIT.unavailable);
  }
  const paths = files.map((file) => resolve(file));
  const pool = openInspectorPool({ size: 1, limits: DEFAULT_LIMITS, readable: paths, log: silentLog });
  const progress = openProgress(context.stderr);
  const counts: Record<VerdictWord, number> = { clean: 0, suspicious: 0, malicious: 0, unknown: 0 };
  try {
    const found = findPython(env);
    const tools = { cache: cacheFolder(env, home), env, say: (text: string) => progress.say(text) };
    const programs = { node: process.execPath, python: found && (await withBuildTools(found, tools)) };
    const baselines: DetonationOptions["baselines"] = new Map();
    for (const [at, path] of paths.entries()) {
      if (context.interrupted.aborted) break;
      const filename = basename(path);
      const inspection = await pool.inspect({ path }, { filename });
      const say = (text: string) => progress.say(`${text} (${at + 1} of ${paths.length})`);
      const done = await detonateInspected(path, inspection, {
        programs,
        stepMs: options.seconds * 1_000,
        interrupted: context.interrupted,
        baselines,
        say,
      });
      counts[done.verdict]++;
      progress.clear();
      context.stdout.write(write(files[at]!, inspection, done, options.format));
    }
    context.finish(exitCodeOf(counts));
  } finally {
    progress.close();
    await pool.close();
  }
}

/** Where programs keep what they can make again (XDG Base Directory Specification). */
function cacheFolder(env: Readonly<Record<string, string | undefined>>, home: string): string {
  return join(env["XDG_CACHE_HOME"] || join(home, ".cache"), "portcullis");
}

function detonateInspected(
  path: string,
  { facts, verdict }: Inspection,
  options: DetonationOptions,
): Promise<Detonation> | Detonation {
  if (facts !== undefined) return detonateFile({ path, filename: basename(path), facts }, options);
  return {
    verdict: "unknown",
    because: verdict.because ?? "it could not be read",
    findings: [],
    steps: [],
    events: [],
  };
}

const SCORES: Readonly<Record<VerdictWord, number>> = { clean: 0, suspicious: 0.6, malicious: 0.95, unknown: 1 };

function write(path: string, inspection: Inspection, done: Detonation, format: DetonateOptions["format"]): string {
  const { verdict: word, findings, because } = done;
  const verdict = { word, score: SCORES[word], contributions: [], ...(because === undefined ? {} : { because }) };
  const result = resultOf(path, { ...inspection, findings, verdict } as Inspection, undefined);
  if (format === "jsonl") return `${JSON.stringify(lineOf(result))}\n`;
  const reason = because === undefined ? [] : [`    ${printable(because, 1_000)}`];
  const found = findings.map(({ severity, says, detector }) => `    ${severity.padEnd(8)} ${says} (${detector})`);
  const steps = done.steps.map(
    ({ step, code, output }) => `    ${step} ended with ${code ?? "a signal"}${said(code, output)}`,
  );
  return [`${word.padEnd(10)} ${printable(path, 1_000)}`, ...reason, ...found, ...steps]
    .map((line) => `${line}\n`)
    .join("");
}

/** What a failing step said last. */
function said(code: number | null, output: string): string {
  const last = output.trim().split("\n").at(-1) ?? "";
  return code === 0 || last === "" ? "" : `: ${printable(last, 200)}`;
}
